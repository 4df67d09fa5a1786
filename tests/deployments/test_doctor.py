"""The doctor asks every venue of the table, whoever added it, and does not fail for one that nobody uses."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from adapters import connect
from adapters.connect import Place
from adapters.settings import LIVE_WORD, Settings
from data_contracts import Kind, Venue
from data_contracts.errors import Unsafe
from deployments import health
from deployments.findings import FAIL, OK, WARN, Finding
from deployments.health import examine, seals
from domain.copying.policy import Policy
from tasks.operating.strategies import put_strategy
from tasks.steps import bare_steps
from tests.second_venue import SecondFeed, SignedOrders

T0 = datetime(2026, 11, 3, tzinfo=UTC)


@pytest.fixture
def second(monkeypatch: pytest.MonkeyPatch) -> SecondFeed:
    """A second venue, and no check but those of venues."""
    feed = SecondFeed(T0, lag_s=40.0)
    monkeypatch.setattr(connect, "VENUES", connect.VENUES)
    monkeypatch.setitem(connect.VENUES, Venue.SOLANA, Place(lambda settings: feed, lambda settings: SignedOrders(feed)))
    for name in ("postgres", "ledger", "clickhouse", "graph", "prefect", "workers", "inbox", "clock", "disk"):
        monkeypatch.setattr(health, name, lambda settings: Finding(OK, ""))
    return feed


@pytest.fixture
def house() -> Settings:
    return Settings(postgres_url="memory:doctor", clickhouse_url="memory:doctor")  # type: ignore[arg-type]


def found(house: Settings) -> dict[str, str]:
    return {name: finding.verdict for name, finding in examine(house) if "solana" in name}


def test_each_venue_of_the_table_has_its_lines(second: SecondFeed, house: Settings) -> None:
    """Polymarket alone was asked: of another venue the doctor said nothing."""
    seen = {name: (finding.verdict, finding.seen) for name, finding in examine(house)}
    assert seen["feed solana"] == (WARN, "40 s behind")
    assert seen["venue solana"] == (OK, "live")
    assert seen["feed polymarket"][0] == FAIL  # it has no address here


def test_one_that_is_not_reached_fails_where_somebody_trades_there(
    second: SecondFeed, house: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    def nobody(settings: Settings) -> Any:
        raise Unsafe("WALLETFLOW_SOLANA_RPC_URL is not set")

    monkeypatch.setitem(connect.VENUES, Venue.SOLANA, Place(nobody, nobody))
    assert found(house) == {"feed solana": WARN, "venue solana": WARN}
    with bare_steps():
        put_strategy("sols", Kind.MIRROR, Policy(), 10, True, house, T0, Venue.SOLANA)  # type: ignore[arg-type]
    assert found(house) == {"feed solana": FAIL, "venue solana": FAIL}


def test_orders_without_a_seal_are_a_warning_and_a_fault_where_money_is_real(house: Settings, tmp_path: Path) -> None:
    key = tmp_path / "order.key"
    key.write_text("a seal\n")
    key.chmod(0o600)

    assert seals(house).verdict == WARN
    assert seals(house.model_copy(update={"live": LIVE_WORD})).verdict == FAIL
    assert seals(house.model_copy(update={"order_key_file": key, "live": LIVE_WORD})).verdict == OK
