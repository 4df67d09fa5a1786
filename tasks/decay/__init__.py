"""Whether a wallet still knows what it knew."""
