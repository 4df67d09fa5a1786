"""Decision kinds: what do those who know think? One file a kind."""
