"""What a wallet has shown, whether it was skill or luck, and what copying it would bring."""
