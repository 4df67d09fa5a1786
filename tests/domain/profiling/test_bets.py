"""What counts as a bet, and what a wallet's bets say of it."""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import polars as pl
import pytest

from data_contracts import Bet, EdgeState, Form, Grade, WalletSkill
from data_contracts.frames import schema_of
from domain.decay.edge_states import edge_state
from domain.profiling.bets import bets_of
from domain.profiling.grading import grade_bets, grade_of

ALICE, BOB = ("0x" + digit * 40 for digit in "ab")


def trades(as_of: datetime, *rows: tuple[float, str, str, str, str]) -> pl.DataFrame:
    """(hours before as_of, wallet, token, side, price)."""
    names = ("at", "wallet", "token_id", "side", "price")
    frame = pl.DataFrame([dict(zip(names, row, strict=True)) for row in rows])
    return frame.with_columns(
        pl.col("price").cast(pl.Decimal(18, 10)),
        pl.col("token_id").alias("market_id"),
        pl.Series("traded_at", [as_of - timedelta(hours=row[0]) for row in rows]),
    )


def markets(as_of: datetime, **payouts: str | None) -> pl.DataFrame:
    """All of one event, but for token `d`. Over an hour ago, unless there is no payout."""
    rows = [
        {"token_id": token, "event": "" if token == "d" else "final", "payout": payout, "ended_at": as_of - timedelta(hours=1)}
        for token, payout in payouts.items()
    ]
    return pl.DataFrame(rows).with_columns(pl.col("payout").cast(pl.Decimal(18, 6)), pl.col("token_id").alias("market_id"))


def test_a_bet_is_the_first_purchase_whatever_follows(as_of: datetime) -> None:
    """Bought at 0.50, sold, bought again at 0.30: averaged it would look like a bet at 0.40 that won."""
    seen = trades(as_of, (9, ALICE, "a", "BUY", "0.50"), (8, ALICE, "a", "SELL", "0.40"), (7, ALICE, "a", "BUY", "0.30"))
    (bet,) = bets_of(seen, markets(as_of, a="1"), as_of).to_dicts()
    assert (bet["price"], bet["payoff"], bet["bought_at"]) == (Decimal("0.50"), 1, as_of - timedelta(hours=9))


def test_what_is_not_over_or_was_never_bought_is_no_bet(as_of: datetime) -> None:
    seen = trades(as_of, (9, ALICE, "a", "BUY", "0.50"), (9, ALICE, "b", "SELL", "0.50"), (9, ALICE, "c", "BUY", "0.50"))
    assert bets_of(seen, markets(as_of, a=None, b="1", c="0"), as_of)["token_id"].to_list() == ["c"]
    assert bets_of(seen, markets(as_of, a="1", b="1", c="0"), as_of - timedelta(hours=2)).height == 0


def test_a_market_without_an_event_is_one_of_its_own(as_of: datetime) -> None:
    seen = trades(as_of, (9, ALICE, "a", "BUY", "0.50"), (9, ALICE, "d", "BUY", "0.50"))
    assert bets_of(seen, markets(as_of, a="1", d="1"), as_of)["event"].to_list() == ["final", "d"]


@pytest.fixture
def season(as_of: datetime) -> pl.DataFrame:
    """60 games at 0.50: Alice has them all right, Bob every other."""
    rows = [(200 - game, wallet, f"g{game}", "BUY", "0.50") for game in range(60) for wallet in (ALICE, BOB)]
    won = {f"g{game}": "1" for game in range(60)}
    frame = bets_of(trades(as_of, *rows), markets(as_of, **won).with_columns(pl.col("token_id").alias("event")), as_of)
    lost = (pl.col("wallet") == BOB) & (pl.int_range(pl.len()) % 4 < 2)
    return frame.with_columns(pl.when(lost).then(pl.lit(0).cast(pl.Decimal(18, 6))).otherwise(pl.col("payoff")).alias("payoff"))


def test_who_is_always_right_is_graded_a_and_who_is_not_is_no_better_than_luck(season: pl.DataFrame, as_of: datetime) -> None:
    bets, skills = grade_bets(season, as_of)
    alice, bob = skills.to_dicts()
    assert (alice["grade"], alice["bets"], alice["events"]) == (Grade.A, 60, 60)
    assert alice["edge_low"] <= alice["edge"] <= alice["edge_high"]
    assert alice["luck_if_chosen"] < 0.01 < 0.4 < bob["luck_if_chosen"]
    assert (bets.schema, skills.schema) == (schema_of(Bet), schema_of(WalletSkill))


def test_each_grade_says_how_many_bets_it_would_take(season: pl.DataFrame, as_of: datetime) -> None:
    """All at 0.50, each game an event of its own: both need what `walletflow bets-needed` says of a share of those who know.

    That share lies between 1 and 50 % whatever two wallets show: (log(99) + log(9)) / 0.0303 = 224.2 and log(9) / 0.0303 = 72.5 bets.
    """
    needed = grade_bets(season, as_of)[1]["bets_needed"].to_list()
    assert needed[0] == needed[1]
    assert 73 <= needed[0] <= 225


def test_of_no_bets_nothing_is_said(season: pl.DataFrame, as_of: datetime) -> None:
    assert [frame.height for frame in grade_bets(season.head(0), as_of)] == [0, 0]


@pytest.mark.parametrize(
    ("skilled", "grade"), [(0.95, "A"), (0.9499, "B"), (0.80, "B"), (0.5, "C"), (0.2, "D"), (0.05, "E"), (0.0499, "F")]
)
def test_a_grade_begins_at_its_boundary(skilled: float, grade: str) -> None:
    assert grade_of(skilled) == grade


@pytest.mark.parametrize("skilled", [float("nan"), -0.01, 1.01])
def test_what_is_no_probability_has_no_grade(skilled: float) -> None:
    with pytest.raises(ValueError, match="is no probability"):
        grade_of(skilled)


def state_of(bets: pl.DataFrame, as_of: datetime, before: EdgeState | None = None) -> Any:
    return edge_state(bets, 0.8, before, as_of, as_of)


def test_a_wallet_that_stops_knowing_rings_and_says_why(season: pl.DataFrame, as_of: datetime) -> None:
    """A loss at 0.50 adds log(1 + 0.5 x (e^0.8 - 1)) = 0.48: after 60 right ones the tenth wrong one makes 4.8, the threshold is 4.6."""
    alice = grade_bets(season, as_of)[0].filter(pl.col("wallet") == ALICE)
    good = state_of(alice, as_of)
    assert (good.form, good.statistic, good.losses_in_a_row, good.win_rate) == (Form.IN_FORM, 0, 0, 1.0)
    worse = pl.concat([alice, alice.head(20).with_columns(pl.lit(0).cast(pl.Decimal(18, 6)).alias("payoff"))])
    later = as_of + timedelta(days=1)
    faded = edge_state(worse, 0.1, good, as_of, later)
    assert faded is not None
    assert (faded.form, faded.changed_at, faded.losses_in_a_row) == (Form.FADED, later, 20)
    assert faded.edge == 0.8  # what it had when it was first watched, not what is left
    assert "the edge is gone by its bets up to number 70" in faded.why
    assert "rings in 4.0% of 100 bets" in faded.why


def test_a_look_that_changes_nothing_renews_the_newest_row(season: pl.DataFrame, as_of: datetime) -> None:
    alice = grade_bets(season, as_of)[0].filter(pl.col("wallet") == ALICE)
    later = as_of + timedelta(hours=1)
    again = state_of(alice, later, state_of(alice, as_of))
    assert (again.changed_at, again.checked_at) == (as_of, later)


def test_who_has_no_edge_to_lose_is_not_watched(season: pl.DataFrame, as_of: datetime) -> None:
    assert edge_state(grade_bets(season, as_of)[0], 0.05, None, as_of, as_of) is None
    assert edge_state(season.head(0), 0.8, None, as_of, as_of) is None
