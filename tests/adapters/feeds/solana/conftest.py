"""Recorded answers of Solana's services, where WALLETFLOW_ORACLES points to them."""

from tests.domain.solana.conftest import recorded

__all__ = ["recorded"]
