"""In a notebook the same tables in two lines."""

from datetime import datetime

import polars as pl
import pytest
from pydantic import SecretStr

from data_contracts import Venue
from notebooks import results
from notebooks.queries.house import House
from tests.notebooks.conftest import filled
from tests.notebooks.seeded import SOL_WALLET, WALLET

EVERY = [name for name in vars(results) if not name.startswith("_") and hasattr(getattr(results, name), "__wrapped__")]


@pytest.fixture
def live(monkeypatch: pytest.MonkeyPatch, full_house: House) -> House:
    """The house that the environment names."""
    monkeypatch.setattr("notebooks.results.house_of", lambda replay: full_house)
    return full_house


@pytest.mark.usefixtures("live")
@pytest.mark.parametrize("name", sorted({*EVERY} - {"wallet"}))
def test_each_table_is_a_frame_with_rows(name: str) -> None:
    frame = getattr(results, name)()
    assert isinstance(frame, pl.DataFrame)
    assert frame.height


@pytest.mark.usefixtures("live")
def test_a_table_takes_the_same_filters_as_its_tab() -> None:
    assert results.signals(leader=WALLET).height == 2
    assert results.signals(venue=Venue.SOLANA)["leader"].to_list() == [SOL_WALLET]
    assert results.wallet(WALLET).skill["bets"][0] == 12
    assert results.performance(by="category").height == 1


def test_a_replay_has_a_house_of_its_own(monkeypatch: pytest.MonkeyPatch, now: datetime) -> None:
    """Its prefix may be given or not."""
    asked: list[str] = []
    monkeypatch.setattr("notebooks.results.house_of", lambda replay: asked.append(replay) or filled("replayed", now))
    results.signals(replay="autumn")
    assert asked == ["autumn"]


def test_without_an_address_it_says_which_one_to_set(now: datetime) -> None:
    from adapters.settings import Settings
    from data_contracts.errors import Unsafe

    with pytest.raises(Unsafe, match="WALLETFLOW_POSTGRES_URL is not set"):
        House(Settings(postgres_url=None, clickhouse_url=SecretStr("memory:x")), now).strategies_of()
