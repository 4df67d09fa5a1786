"""The same topics on worlds of memecoins."""
