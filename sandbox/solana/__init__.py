"""A make-believe Solana: coins that are launched on curves, bought by a crowd, rugged or graduated, in the services' own wire formats."""
