"""A run's name tells what came of it: in a list of runs nobody opens each one."""

from collections.abc import Callable
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import polars as pl
import pytest

from data_contracts import SolanaToken, TokenLook
from data_contracts.errors import Refused
from data_contracts.frames import frame_of
from flows import account_limits, cluster_editing, trading_state
from tasks import clock
from tasks.operating import retention
from tasks.operating.retention import Gone
from tasks.operating.scoring import require_known
from tasks.steps import bare_steps
from tests.token_rows import a_look, a_token

NOW = datetime(2026, 11, 29, tzinfo=UTC)
WALLET, OTHER, THIRD = ("0x" + letter * 40 for letter in "abc")


class Told(list[str]):
    """The names, and the lines under the last run."""

    lines: list[dict[str, str]] = []


@pytest.fixture
def home(tape: Any, before_tape: Callable[[Any], Any], mirror: Any) -> Any:
    tape.trade(0, WALLET, "BUY", "1000", "0.40")
    home = before_tape(tape)
    home.follow([WALLET], mirror)
    return home


@pytest.fixture
def told(home: Any, monkeypatch: pytest.MonkeyPatch) -> Told:
    """Of the flows and steps here, without a run."""
    names = Told()
    for module in (account_limits, cluster_editing, trading_state, retention):
        monkeypatch.setattr(module, "name_run", names.append)
        monkeypatch.setattr(module, "report_lines", lambda lines, *_: setattr(names, "lines", lines))
        monkeypatch.setattr(module, "load_settings", lambda: home.settings, raising=False)
    return names


def test_a_resume_under_the_kill_switch_says_that_it_holds_all_the_same(home: Any, told: Told, monkeypatch: pytest.MonkeyPatch) -> None:
    """The name was "mirror ACTIVE", and nothing traded."""
    with bare_steps():
        trading_state.set_trading_state.fn("mirror", "ACTIVE")
        monkeypatch.setattr(trading_state, "load_settings", lambda: home.with_kill_switch("HALTED").settings)
        trading_state.set_trading_state.fn("mirror", "ACTIVE")
    assert told == ["mirror ACTIVE · holds ACTIVE", "mirror ACTIVE · holds HALTED, KILL_SWITCH"]


def test_a_run_for_limits_names_those_that_changed(told: Told) -> None:
    with bare_steps():
        account_limits.set_account_limits.fn(max_open_usd=5000, max_drawdown=0.2)
        account_limits.set_account_limits.fn(max_open_usd=5000)
        account_limits.set_account_limits.fn(lifted=["max_drawdown"])
    assert told == ["limits · max_open_usd 5000, max_drawdown 0.2", "limits · nothing changed", "limits · max_drawdown none"]


def test_a_stated_link_says_whom_it_made_one_owner_and_shows_them_all(told: Told, monkeypatch: pytest.MonkeyPatch) -> None:
    """It left nothing under its run, and the owner may be of more wallets than were stated."""
    clusters = {"another": ["0x" + "d" * 40], "his": [WALLET, OTHER, THIRD]}
    monkeypatch.setattr(cluster_editing, "link_wallets", lambda *_: clusters)
    cluster_editing.edit_clusters.fn((OTHER, THIRD), "one purse")
    assert told == ["link · 3 wallets of one owner now"]
    assert [line["stated now"] for line in told.lines] == ["", "yes", "yes"]


@pytest.mark.parametrize(("dry_run", "name"), [(True, "retention · 1,207 would go, dry run"), (False, "retention · 1,207 gone")])
def test_retention_says_how_much_went(told: Told, dry_run: bool, name: str) -> None:
    retention.report_gone([Gone("runs", None, 1_200), Gone("books", None, 7), Gone("logs", None, 0)], dry_run)
    assert told == [name]


def test_until_then_a_name_is_what_was_asked_with_long_ids_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    """It was "score" and 77 digits."""
    monkeypatch.setattr(clock, "flow_run", SimpleNamespace(parameters={"strategy_id": "mirror", "token_id": "4" * 77, "why": ""}))
    assert clock.asked_name("{strategy_id} out of {token_id}")() == "mirror out of 4444444444…"


def test_a_coin_that_nobody_knows_is_refused_and_not_looked_at_from_then_on(home: Any) -> None:
    """A mint with one letter wrong was kept as a look without a number in it."""
    nothing = dict.fromkeys(("price", "price_usd", "liquidity_usd", "holders"))
    blank, seen = (frame_of([a_look(NOW, **fields)], TokenLook) for fields in (nothing, nothing | {"holders": 3}))
    unnamed: pl.DataFrame = frame_of([], SolanaToken)
    with pytest.raises(Refused, match="nobody knows a coin mint"):
        require_known("mint", blank, unnamed, home.settings)
    require_known("mint", seen, unnamed, home.settings)
    require_known("mint", blank, frame_of([a_token(NOW)], SolanaToken), home.settings)
