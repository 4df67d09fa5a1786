"""What a new house starts with."""

from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from adapters.connect import in_memory, open_results
from data_contracts import Currency, Strategy, Venue
from domain.copying.policy import Policy, policy_of_record
from tasks.operating.first_strategies import put_first_strategies
from tests.flows.conftest import ORIGIN, T0, Tape


@pytest.fixture
def recording(tmp_path: Path) -> Path:
    tape = Tape(tmp_path / "tape")
    tape.trade(0, "0x" + "b" * 40, "BUY", "1000", "0.40")
    return tape.write()


@pytest.mark.parametrize(
    ("node", "venues"),
    [(None, [Venue.POLYMARKET] * 2), (SecretStr("http://127.0.0.1:1/solana"), [Venue.POLYMARKET] * 2 + [Venue.SOLANA] * 2)],
)
def test_a_strategy_of_a_chain_is_there_where_a_node_is_named(recording: Path, node: Any, venues: list[Venue]) -> None:
    """Without one its venue could not be reached, and an alert would say so for ever."""
    with in_memory(recording) as settings:
        settings = settings.model_copy(update={"solana_rpc_url": node})
        put_first_strategies(settings, T0)
        rows = open_results(settings).rows(Strategy)
        assert sorted(row.venue for row in rows) == venues
        assert put_first_strategies(settings, ORIGIN) == []
        for row in rows:
            assert policy_of_record(row.policy) == (Policy.of_record(row.policy), ())
            assert (row.balance, row.stake_currency) == ((50, Currency.SOL) if row.venue is Venue.SOLANA else (10_000, Currency.USD))
