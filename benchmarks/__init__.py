"""How fast it is, measured on demand. Timings are printed here and asserted nowhere."""
