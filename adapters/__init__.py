"""The outside world, one system a file. Translates, decides nothing."""
