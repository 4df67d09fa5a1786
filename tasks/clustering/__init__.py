"""Which wallets belong to one owner."""
