"""What only Solana's rules know of orders: signing, landing, and what a transaction would do."""
