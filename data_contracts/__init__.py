"""The words: one row class = one table. Imports nothing of ours."""
