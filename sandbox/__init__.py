"""A seeded market of simulated wallets that speaks the real wire formats over HTTP."""
