"""What Solana's services write, read into the domain's one form of a transaction."""
