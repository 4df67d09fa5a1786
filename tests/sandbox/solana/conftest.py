"""The served small Solana, and its chain in this process."""

from tests.solana_sandbox import solana_sandbox

__all__ = ["solana_sandbox"]
