"""Resampling, mixtures, runs. No word of wallets in it."""
