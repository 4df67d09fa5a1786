"""What only Polymarket's rules know."""
