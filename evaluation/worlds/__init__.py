"""Worlds whose truth is known, drawn in numpy: thousands of wallets a second, without a venue. One kind of world a file."""
