"""Who and what might be worth looking at: wallets, tokens, the venue's own addresses."""
