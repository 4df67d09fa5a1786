"""What a person asks on the command line of strategies, positions, orders and signals; and whom he follows."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import count
from pathlib import Path

import polars as pl
import pytest
from click.testing import Result
from typer.testing import CliRunner

from adapters.connect import open_results
from adapters.settings import load_settings
from adapters.stores.results import Write
from data_contracts import Fill, Kind, Leader, LeaderStanding, LeaderWord, OrderStatus, Reason, Side, Strategy, Verdict
from data_contracts.errors import Refused
from deployments.command_line import app
from domain.copying.policy import FollowPolicy, Policy
from domain.ids import row_id
from flows.leader_standing import set_leader_standing
from notebooks.queries.performance import BY
from tasks.operating.strategies import put_strategy
from tasks.profiling.leaders import choose_leaders
from tasks.steps import bare_steps
from tests.ledger_rows import LEADER, a_fill, a_position, an_order, signal_row

AT = datetime(2026, 11, 3, 12, tzinfo=UTC)
OTHER = "0x" + "c" * 40
_memories = count()


def run(*arguments: str) -> Result:
    return CliRunner().invoke(app(arguments), arguments, catch_exceptions=False)


@pytest.fixture(autouse=True)
def house(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """One strategy that names one wallet, in memory."""
    monkeypatch.setenv("WALLETFLOW_HOME", str(tmp_path))
    number = next(_memories)
    for store in ("POSTGRES", "CLICKHOUSE", "GRAPH"):
        monkeypatch.setenv(f"WALLETFLOW_{store}_URL", f"memory:results-commands{number}")
    with bare_steps():
        policy = Policy(follow=FollowPolicy(wallets=(LEADER,), top=0))
        put_strategy("one", Kind.MIRROR, policy, Decimal(1_000), True, load_settings(), AT)
        choose_leaders(load_settings(), AT)


def keep(*rows: object) -> None:
    open_results(load_settings()).write([Write(type(row), [row], "put") for row in rows])


def followed() -> tuple[str, ...]:
    return tuple(row.wallet for row in open_results(load_settings()).rows(Leader, dropped_at=None))


def named() -> tuple[str, ...]:
    return Policy.of_record(open_results(load_settings()).rows(Strategy)[0].policy).follow.wallets


def test_a_strategy_is_a_line_with_what_it_holds_in_its_own_currency() -> None:
    keep(a_position(AT, cost="40", realized_pnl=Decimal("-3.5"), fees=Decimal("0.25")))
    (line,) = json.loads(run("strategies", "--json").output)
    wanted = {"strategy": "one", "may": "ACTIVE", "open": "1", "cost": "40.00 USD", "realized": "-3.50 USD", "fees": "0.25 USD"}
    assert line.items() >= wanted.items()


def test_a_position_that_is_closed_is_shown_when_asked_for() -> None:
    keep(a_position(AT, shares="0", cost="0", lots="[]", closed_at=AT))
    assert run("positions").output.startswith("Nothing yet.")
    assert json.loads(run("positions", "--closed", "--json").output)[0]["closed (UTC)"] == "2026-11-03 12:00:00"


def test_what_is_open_and_all_fees_are_added_up_below_the_positions() -> None:
    """Of all of them, though only one line is shown."""
    keep(a_position(AT, cost="40", fees=Decimal("0.25")), a_position(AT, cost="2.5", token_id="no", fees=Decimal(1)))
    keep(a_position(AT, "0", "0", token_id="over", fees=Decimal(3), realized_pnl=Decimal(-7), closed_at=AT))
    _head, shown, last = run("positions", "--last", "1").output.splitlines()
    assert "0.25 USD" in shown
    assert last == "In all 42.50 USD at cost in 2 open positions; 4.25 USD of fees and -7.00 USD realized, closed ones too"


def sold(days_ago: int, usd: str, coin: str = "yes") -> list[Fill]:
    """100 bought for 40 USD and sold for so much, with a fee of 1 each way."""
    at, of = datetime.now(UTC) - timedelta(days=days_ago, hours=1), {"token_id": coin, "market_id": f"market of {coin}"}
    buy, sale = (an_order(at, f"{side} {coin}", side=side, **of) for side in Side)
    return [a_fill(buy, fee=Decimal(1)), a_fill(sale, fee=Decimal(1), notional=Decimal(usd), after_s=9)]


def test_profit_is_told_by_what_one_asks_and_adds_up() -> None:
    """50 - 1 - 41 = 8 and 32 - 1 - 41 = -10."""
    keep(*sold(0, "50"), *sold(9, "32", "no"))
    assert [line["realized_usd"] for line in json.loads(run("profit", "--json", "--by", "market").output)] == [8, -10]
    for by in BY:
        lines = json.loads(run("profit", "--json", "--by", by).output)
        assert (sum(line["realized_usd"] for line in lines), sum(line["fees_usd"] for line in lines)) == (-2, 4)
        assert run("profit", "--by", by).output.splitlines()[-1].split()[:7] == ["all", "-2.00", "USD", "4.00", "USD", "2", "1"]
    (line,) = json.loads(run("profit", "--json", "--days", "9").output)
    assert (line["strategy"], line["realized_usd"], line["positions"]) == ("one", 8, 1)


def test_what_realized_nothing_says_where_to_look() -> None:
    keep(sold(0, "50")[0])
    assert run("profit").output.startswith("Nothing was realized yet")
    assert json.loads(run("profit", "--json").output) == []


def test_an_order_is_named_so_that_it_can_be_explained() -> None:
    order = an_order(AT, signal_id=row_id("signal"), status=OrderStatus.DENIED, reason=Reason.SLIPPAGE_TOO_HIGH)
    keep(signal_row(AT), order)
    (line,) = json.loads(run("positions", "--orders", "--json").output)
    assert (line["order"], line["reason"]) == (order.order_id, "SLIPPAGE_TOO_HIGH")
    explained = run("explain", line["order"]).output
    assert "SLIPPAGE_TOO_HIGH: The price had moved too far from the leader's." in explained
    assert run("explain", row_id("signal")).output == explained


def test_what_nobody_is_called_is_refused_with_where_to_look() -> None:
    with pytest.raises(Refused, match="no signal, order, fill or trade is called nope"):
        run("explain", "nope")


def test_the_first_six_digits_of_an_id_are_enough_and_five_are_not() -> None:
    """A terminal of 80 columns had cut the id to `afbf74e8…`, and what it showed was refused."""
    order = an_order(AT, signal_id=row_id("signal"))
    keep(signal_row(AT), order)
    explained = run("explain", order.order_id).output
    assert run("explain", order.order_id[:6]).output == run("explain", f"{order.order_id[:9].upper()}…").output == explained
    with pytest.raises(Refused, match="is called"):
        run("explain", order.order_id[:5])


def test_a_beginning_that_several_share_names_them() -> None:
    first, second = (an_order(AT, order_id=f"abcdef{digit}" + "0" * 25, signal_id=row_id("signal")) for digit in "12")
    keep(signal_row(AT), first, second)
    with pytest.raises(Refused, match=f"abcdef is how several begin: {first.order_id}, {second.order_id}"):
        run("explain", "abcdef")


def test_a_wallet_is_followed_once_and_let_go_again() -> None:
    assert run("follow", OTHER, "--strategy", "one").output == f"one: follow.wallets 1 → 2, {OTHER} named\n"
    assert run("follow", OTHER.upper().replace("X", "x"), "--strategy", "one").output == f"one follows {OTHER} already\n"
    assert named() == (LEADER, OTHER)
    run("unfollow", LEADER, "--strategy", "one")
    assert named() == (OTHER,)


def test_a_strategy_shows_its_versions_and_goes_back_to_one() -> None:
    run("follow", OTHER, "--strategy", "one")
    found = json.loads(run("strategy", "one", "--history", "--json").output)
    assert {line["version"] for line in found} == {"1", "2"}
    assert found[-1] == {
        "version": "2",
        "since (UTC)": found[-1]["since (UTC)"],
        "what": "follow.wallets",
        "was": LEADER,
        "is": f"{LEADER}; {OTHER}",
        "why": f"follow {OTHER}",
    }
    assert json.loads(run("strategy", "one", "--back-to", "1", "--reason", "he lost", "--json").output)[0]["what"] == "follow.wallets"
    assert (named(), followed()) == ((LEADER,), (LEADER,))
    assert run("strategy", "one", "--history").output.splitlines()[-1].endswith("back to version 1: he lost")
    assert run("strategy", "one", "--back-to", "1").output == "one is what it was in version 1: nothing changed\n"


@pytest.mark.parametrize(
    ("asked", "says"),
    [
        (["one"], "say what of one: --history shows its versions, --back-to N"),
        (["one", "--history", "--back-to", "1"], "one of them at a time"),
        (["one", "--back-to", "9"], "one has no version 9: it has 1"),
        (["nine", "--history"], "nothing is on record of a strategy 'nine'"),
        (["nine", "--back-to", "1"], "none is on record of it"),
    ],
)
def test_a_version_nobody_has_is_refused(asked: list[str], says: str) -> None:
    with pytest.raises(Refused, match=says):
        run("strategy", *asked)


def test_a_leader_is_paused_blocked_and_released_and_the_reason_is_kept() -> None:
    assert run("pause-leader", LEADER, "--reason", "on holiday").output == f"{LEADER} is PAUSED in every strategy: on holiday\n"
    assert followed() == (LEADER,)
    run("block-leader", LEADER, "--strategy", "one", "--reason", "tips off")
    assert followed() == ()
    (line,) = json.loads(run("strategies", "--json").output)
    assert (line["follows"], line["held back"]) == ("0", "1")
    said = run("explain", LEADER).output
    assert "PAUSED in * since" in said
    assert "BLOCKED in one since" in said
    assert "tips off" in said
    assert "is PAUSED in every strategy" in run("release-leader", LEADER, "--strategy", "one", "--reason", "it was his wife").output
    assert run("release-leader", LEADER, "--reason", "back").output == f"{LEADER} is FREE in every strategy: nobody holds it back\n"
    assert followed() == (LEADER,)
    assert [word.why for word in open_results(load_settings()).rows(LeaderWord)] == ["on holiday", "back", "tips off", "it was his wife"]


def test_the_form_says_the_same_and_shows_what_holds(monkeypatch: pytest.MonkeyPatch) -> None:
    shown: list[dict[str, str]] = []
    monkeypatch.setattr("flows.leader_standing.report_lines", lambda lines, key, description: shown.extend(lines))
    with bare_steps():
        set_leader_standing.fn(LEADER, "BLOCKED", "tips off")
    assert followed() == ()
    assert [(line["strategy"], line["standing"], line["why"]) for line in shown] == [("*", "BLOCKED", "tips off")]
    form = set_leader_standing.parameters
    assert form.required == ["wallet", "standing", "why"]
    assert form.properties["standing"]["enum"] == ["PAUSED", "BLOCKED", "FREE"]
    assert all(field.get("description") for field in form.properties.values())


def test_who_is_blocked_is_not_followed_by_his_name() -> None:
    run("block-leader", OTHER, "--reason", "tips off")
    with pytest.raises(Refused, match=r"is blocked by a person: tips off\. `walletflow release-leader \S+ --reason TEXT` ends that"):
        run("follow", OTHER, "--strategy", "one")
    assert named() == (LEADER,)


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("--reason", "  "), "say why"),
        (("--reason", "tips off", "--strategy", "nobody"), "there is no strategy 'nobody'"),
    ],
)
def test_a_word_without_a_reason_or_of_a_strategy_there_is_not_is_refused(arguments: tuple[str, ...], says: str) -> None:
    with pytest.raises(Refused, match=says):
        run("pause-leader", LEADER, *arguments)
    assert open_results(load_settings()).rows(LeaderWord) == []


def test_a_signal_tells_what_a_person_had_said_when_it_was_judged() -> None:
    word = LeaderWord(strategy_id="*", wallet=LEADER, ordered_at=AT, standing=LeaderStanding.PAUSED, why="on holiday")
    later = replace(word, ordered_at=AT + timedelta(hours=1), why="and after it")
    keep(word, later, signal_row(AT, verdict=Verdict.SKIP, reason=Reason.LEADER_PAUSED, notional=Decimal(0)))
    explained = " ".join(run("explain", row_id("signal")).output.split())
    assert "PAUSED in every strategy since 2026-11-03 12:00:00 UTC: on holiday" in explained


def test_a_dry_run_follows_nobody() -> None:
    assert "Not stored" in run("follow", OTHER, "--strategy", "one", "--dry-run").output
    assert named() == (LEADER,)


def test_a_wallet_of_another_venue_is_not_followed() -> None:
    with pytest.raises(Refused, match="trades at solana, one at polymarket"):
        run("follow", "So11111111111111111111111111111111111111112", "--strategy", "one")


@pytest.mark.parametrize("ending", ["parquet", "csv", "jsonl"])
def test_a_table_is_written_to_a_file_of_the_kind_its_name_says(ending: str, tmp_path: Path) -> None:
    keep(a_position(AT, cost="40.000000001"))
    file = tmp_path / f"positions.{ending}"
    assert run("export", "positions", str(file)).output.startswith("1 rows of positions in ")
    read = {"parquet": pl.read_parquet, "csv": pl.read_csv, "jsonl": pl.read_ndjson}[ending]
    assert Decimal(str(read(file)["cost"][0])) == Decimal("40.000000001")


def test_a_file_of_no_known_kind_is_refused_before_anything_is_read(tmp_path: Path) -> None:
    with pytest.raises(Refused, match=r"must end with \.parquet, \.csv, \.jsonl"):
        run("export", "positions", str(tmp_path / "positions.xlsx"))
