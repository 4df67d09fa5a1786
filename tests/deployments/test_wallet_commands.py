"""What a person is told of one wallet, and how many bets it takes to know."""

from dataclasses import replace
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from typer.testing import CliRunner

from adapters.connect import open_history, open_results
from adapters.settings import load_settings
from adapters.stores.results import Write
from data_contracts import Grade, Leader, WalletProfile, WalletSkill
from data_contracts.errors import Refused
from data_contracts.frames import frame_of
from deployments.command_line import app
from deployments.commands.wallet import RECORD
from tasks.operating.wallet_lines import judgement, wallet_lines
from tasks.steps import bare_steps

WALLET = "0x" + "ab" * 20
AT = datetime(2026, 11, 3, tzinfo=UTC)
_memories = count()


def run(*arguments: str) -> Result:
    return CliRunner().invoke(app(arguments), arguments, catch_exceptions=False)


@pytest.fixture(autouse=True)
def nothing_known(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("WALLETFLOW_HOME", str(tmp_path))
    for store in ("CLICKHOUSE", "POSTGRES"):
        monkeypatch.setenv(f"WALLETFLOW_{store}_URL", f"memory:wallet-commands{next(_memories)}")


def keep(*rows: Any) -> None:
    for row in rows:
        open_history(load_settings()).append(frame_of([row], type(row)), type(row))


def a_record() -> WalletProfile:
    return WalletProfile(
        wallet=WALLET, category="all", window_days=0, trades=80, closed_positions=12, oversold_positions=0, wins=9, win_rate=0.75,
        gains=400.0, losses=100.0, omega=4.0, realized_pnl=300.0, invested=1000.0, roi=0.3, max_drawdown=0.1, median_hold_s=60.0,
        median_notional=10.0, last_trade_at=AT, as_of=AT,
    )  # fmt: skip


def a_grade(**changes: Any) -> WalletSkill:
    fields: dict[str, Any] = {
        "wallet": WALLET, "bets": 12, "events": 11, "surplus": 0.1, "edge": 0.1, "edge_low": 0.0, "edge_high": 0.5, "skilled": 0.31,
        "luck_if_chosen": 0.69, "grade": Grade.D, "as_of": AT, "bets_needed": 208,
    }  # fmt: skip
    return WalletSkill(**(fields | changes))


def test_a_wallet_is_shown_with_its_record_and_what_it_would_take_to_know() -> None:
    """Typed in capitals, as an explorer shows it."""
    keep(a_record(), a_grade())
    lines = run("wallet", "0x" + "AB" * 20).output.splitlines()
    assert lines[0].split() == list(RECORD)
    assert lines[1].split() == ["all", "12", "0.75", "4.00", "0.30", "300.00", "–", "2026-11-03", "00:00"]
    assert lines[-1] == (
        "Grade D: knows something with 31.0%, by 12 bets in 11 events. "
        "To tell one who wins 62 of 100 even bets from luck takes 208 bets like its own."
    )


def test_a_grade_of_an_older_version_says_that_the_number_comes() -> None:
    keep(a_record(), a_grade(bets_needed=None))
    assert run("wallet", WALLET).output.endswith("takes a number of bets that the next wallet-profiling will say.\n")


def test_a_wallet_whose_bets_are_all_open_has_no_grade_and_is_told_where_to_look() -> None:
    keep(a_record())
    assert run("wallet", WALLET).output.endswith("What it would take: walletflow bets-needed\n")


def test_of_a_wallet_nobody_saw_nothing_is_known() -> None:
    result = run("wallet", WALLET)
    assert (result.exit_code, result.output) == (1, f"Nothing of {WALLET} is known: no trade of it was profiled yet.\n")


def test_what_is_no_wallet_is_refused_with_its_cure() -> None:
    with pytest.raises(Refused, match="lacks its beginning: write 0x"):
        run("wallet", "ab" * 20)


def test_bets_needed_by_edge_and_price() -> None:
    """At 0.50 and an edge of 0.5: 188, as by hand in tests/domain/profiling/test_bets_needed.py."""
    lines = run("bets-needed").output.splitlines()
    assert lines[1] == "edge  wins of 100 at 0.50  at 0.05  at 0.10  at 0.25  at 0.50  at 0.75  at 0.90  at 0.95"
    assert lines[4].split() == ["0.50", "62", "709", "390", "210", "188", "292", "662", "1,289"]


def test_where_more_know_something_fewer_bets_are_enough() -> None:
    """From 10 % to 90 % it is log(9) + log(9) = 4.39 nats instead of 5.67: 146 bets of 0.0303."""
    lines = run("bets-needed", "--prevalence", "0.1").output.splitlines()
    assert lines[4].split()[5] == "146"


@pytest.mark.parametrize("option", ["--prevalence", "--luck"])
@pytest.mark.parametrize("value", ["0", "1"])
def test_what_is_no_part_of_anything_is_refused(option: str, value: str) -> None:
    with pytest.raises(Refused, match="between 0 and 1"):
        run("bets-needed", option, value)


def test_who_follows_a_wallet_and_why_is_said() -> None:
    keep(a_record(), a_grade())
    followed = Leader(strategy_id="best", wallet=WALLET, why="named", chosen_at=AT, dropped_at=None)
    open_results(load_settings()).write([Write(Leader, [followed, replace(followed, strategy_id="left", dropped_at=AT)], "put")])
    assert "Followed by best since 2026-11-03 00:00: named" in run("wallet", WALLET).output
    assert "left" not in run("wallet", WALLET).output
    with bare_steps():
        lines = {line.what: line.said for line in wallet_lines(WALLET, load_settings())}
    assert lines["record, all"].startswith("80 trades, 12 closed positions: 75% won, +300.00 realized, omega 4.00; last trade 2026-11-03")
    assert lines["followed by"] == "best since 2026-11-03 00:00: named"


def test_a_coin_wallet_without_a_grade_is_not_sent_to_count_bets() -> None:
    """Of three closed positions was said that no bet had ended, and how many bets of even odds it takes."""
    assert "ranked yet beside others of the same coin" in judgement("So11111111111111111111111111111111111111112", None)
