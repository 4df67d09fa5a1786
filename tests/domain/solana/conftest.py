"""Recorded answers of Solana's services, where WALLETFLOW_ORACLES points to them."""

import json
import os
from pathlib import Path
from typing import Any

import pytest

ORACLES = Path(os.environ.get("WALLETFLOW_ORACLES", "none")) / "solana"


@pytest.fixture(scope="session")
def recorded() -> Any:
    """A recorded answer by its path below oracles/solana."""
    if not ORACLES.is_dir():
        pytest.skip("WALLETFLOW_ORACLES points to no recordings")
    return lambda path: json.loads((ORACLES / path).read_text())
