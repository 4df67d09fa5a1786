"""In a notebook the same tables in two lines."""

import pkgutil
from datetime import datetime
from importlib import import_module
from inspect import isfunction, unwrap

import polars as pl
import pytest
from pydantic import SecretStr

from data_contracts import Venue
from notebooks import queries, results
from notebooks.queries.house import House
from tests.notebooks.conftest import filled
from tests.notebooks.seeded import SOL_WALLET, WALLET

EVERY = [name for name in vars(results) if not name.startswith("_") and hasattr(getattr(results, name), "__wrapped__")]


@pytest.fixture
def live(monkeypatch: pytest.MonkeyPatch, full_house: House) -> House:
    """The house that the environment names."""
    monkeypatch.setattr("notebooks.results.house_of", lambda replay: full_house)
    return full_house


OF_ONE = {"wallet", "cluster"}
WITHOUT_ROWS = {"random_leaders", "versions"}  # in this house: one wallet is rated, and nobody edited a strategy


@pytest.mark.usefixtures("live")
@pytest.mark.parametrize("name", sorted({*EVERY} - OF_ONE))
def test_each_table_is_a_frame_with_rows(name: str) -> None:
    frame = getattr(results, name)()
    assert isinstance(frame, pl.DataFrame)
    assert bool(frame.height) == (name not in WITHOUT_ROWS)


MADE_INTO_FRAMES = {"account", "random_leaders", "readings", "histories", "performance", "limits"}  # by a function of results.py
ADDRESSES = {"forms"}  # of the Prefect UI: links, no table


@pytest.mark.parametrize("module", [module.name for module in pkgutil.iter_modules(queries.__path__) if module.name != "house"])
def test_what_a_tab_asks_is_offered_in_a_notebook(module: str) -> None:
    """The README says "the same tables"; fourteen of them were not there."""
    asks = import_module(f"{queries.__name__}.{module}")
    public = [one for name, one in vars(asks).items() if isfunction(one) and one.__module__ == asks.__name__ and not name.startswith("_")]
    offered = {unwrap(getattr(results, name)) for name in EVERY}
    assert [one.__name__ for one in public if one not in offered and one.__name__ not in MADE_INTO_FRAMES | ADDRESSES] == []


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
