"""What is posted to us: intents of others, transactions that webhooks bring."""
