"""What comes in: trades, markets, holders, books."""
