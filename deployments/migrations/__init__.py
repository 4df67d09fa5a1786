"""Alembic's scripts. A new one: `walletflow migrate --draft "what changes"`."""
