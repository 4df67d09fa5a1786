"""Recordings as others write them: pandas frames, times in any unit, winners in any words. Read where certain, else one line with the cure.

Found by trying: a winner that was none of its market's outcomes paid every outcome 0; times in seconds were 1970; a frame written by
pandas ended in a raw error of polars, or in a token named 7.1e+76.
"""

from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from adapters.feeds.recorded import RecordedFeed
from adapters.feeds.recorded_values import instant_of_number, spelt
from data_contracts import Trade
from data_contracts.errors import Refused
from data_contracts.frames import rows_of
from tasks.fast_check import breaches

NOON = datetime(2026, 11, 3, 12, tzinfo=UTC)
S = int(NOON.timestamp())
Write = Callable[..., RecordedFeed]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """A recording of two trades, YES and NO, as pandas writes it; columns may be given anew."""

    def written(markets: dict[str, Any] | None = None, **trades: Any) -> RecordedFeed:
        columns: dict[str, Any] = {
            "wallet": ["0x" + "a" * 40] * 2,
            "market_id": ["m"] * 2,
            "token_id": ["71", "72"],
            "outcome": ["Yes", "No"],
            "side": ["BUY"] * 2,
            "price": [0.4, 0.6],
            "shares": [100.0, 50.0],
            "traded_at": [NOON, NOON],
        }
        pd.DataFrame(columns | trades).to_parquet(tmp_path / "trades.parquet")
        pd.DataFrame({"market_id": ["m"], "winner": ["Yes"]} if markets is None else markets).to_parquet(tmp_path / "markets.parquet")
        return RecordedFeed(tmp_path)

    return written


def paid(feed: RecordedFeed) -> dict[str, Decimal | None]:
    return dict(feed.all_markets.select("outcome", "payout").iter_rows())


@pytest.mark.parametrize("winner", ["Yes", "yes", "YES", " Yes ", "Yes\n", "71"])
def test_a_winner_is_found_in_any_spelling_that_is_certain(write: Write, winner: str) -> None:
    assert paid(write({"market_id": ["m"], "winner": [winner]})) == {"Yes": 1, "No": 0}


@pytest.mark.parametrize("winner", [None, "", " ", "None", "nan", float("nan")])
def test_a_market_without_a_winner_is_not_resolved(write: Write, winner: Any) -> None:
    assert paid(write({"market_id": ["m"], "winner": [winner]})) == {"Yes": None, "No": None}


@pytest.mark.parametrize("winner", ["50-50", "50/50", "Invalid", "void", "CANCELLED"])
def test_a_void_pays_each_outcome_its_part(write: Write, winner: str) -> None:
    assert paid(write({"market_id": ["m"], "winner": [winner]})) == {"Yes": Decimal("0.5"), "No": Decimal("0.5")}


def test_a_void_of_three_outcomes_pays_a_third_though_two_were_traded(write: Write) -> None:
    assert set(paid(write({"market_id": ["m"], "winner": ["void"], "outcomes": [["Yes", "No", "Draw"]]})).values()) == {Decimal("0.333333")}


def test_an_outcome_named_like_a_void_or_like_nothing_wins_when_it_won(write: Write) -> None:
    feed = write({"market_id": ["m"], "winner": ["None"]}, outcome=["None", "Invalid"])
    assert paid(feed) == {"None": 1, "Invalid": 0}


def test_an_outcome_nobody_traded_may_win_when_the_market_is_known_to_have_it(write: Write) -> None:
    assert set(paid(write({"market_id": ["m"], "winner": ["Draw"], "outcomes": ['["Yes", "No", "Draw"]']})).values()) == {Decimal(0)}
    only_yes = write({"market_id": ["m"], "winner": ["No"]}, token_id=["71", "71"], outcome=["Yes", "Yes"])
    assert paid(only_yes) == {"Yes": 0}


@pytest.mark.parametrize("winner", ["Maybe", "Draw", "73", 0, 1, 1.0, True])
def test_a_winner_that_is_none_of_the_outcomes_is_refused_with_its_row_and_the_cure(write: Write, winner: Any) -> None:
    with pytest.raises(Refused, match=r"markets.parquet: winner, row 1 \(market m\): .*write .*'No' or 'Yes'") as refusal:
        _ = write({"market_id": ["m"], "winner": [winner]}).all_markets
    assert "\n" not in str(refusal.value)


@pytest.mark.parametrize("units", [1, 1_000, 1_000_000, 1_000_000_000])
@pytest.mark.parametrize("kind", [int, float, str])
def test_a_time_is_read_by_its_magnitude(write: Write, units: int, kind: type) -> None:
    """Seconds were 1970, and broke no rule."""
    assert write(traded_at=[kind(S * units)] * 2).all_trades["traded_at"].to_list() == [NOON, NOON]


@pytest.mark.parametrize("units", [1, 1_000])
def test_parts_of_a_second_are_kept(units: int) -> None:
    assert instant_of_number((S + 0.25) * units) == NOON + timedelta(seconds=0.25)


@given(st.integers(10**15, 9 * 10**15))
def test_any_time_in_any_unit_is_the_same_time(micros: int) -> None:
    at = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=micros)
    assert instant_of_number(micros) == instant_of_number(micros * 1000) == at
    assert instant_of_number(micros // 1_000_000) == at.replace(microsecond=0)
    assert spelt(at.isoformat()) == at


@pytest.mark.parametrize(
    "times",
    [
        [NOON.replace(tzinfo=None)] * 2,
        [NOON.astimezone(timezone(timedelta(hours=-5)))] * 2,
        ["2026-11-03 12:00:00"] * 2,
        ["2026-11-03T07:00:00-05:00"] * 2,
        ["2026-11-03 12:00:00+00"] * 2,
    ],
    ids=["naive is UTC", "another zone", "text", "text of another zone", "a short zone"],
)
def test_times_as_pandas_writes_them(write: Write, times: list[Any]) -> None:
    assert write(traded_at=times).all_trades["traded_at"].to_list() == [NOON, NOON]


def test_a_time_that_cannot_be_read_is_named_with_its_row_and_the_others_stand(write: Write) -> None:
    feed = write(traded_at=[str(NOON), "yesterday"])
    assert [str(breach) for breach in breaches(feed.all_trades, Trade) if breach.column == "traded_at"] == ["traded_at is required"]


@pytest.mark.parametrize(
    ("columns", "line"),
    [
        ({"traded_at": [12345, 12346]}, "traded_at, row 1: 12345 is no time in s, ms, us or ns since 1970"),
        ({"traded_at": pd.Series([pd.NaT] * 2, dtype="datetime64[ns]")}, "traded_at, row 1: no row says when it happened"),
        ({"traded_at": ["soon", "later"]}, "traded_at, row 1: 'soon' is no time: write"),
        ({"token_id": [7.1e76, 7.2e76]}, "token_id, row 1: 7.1e\\+76 is a number and has lost the digits of a text: write it as text"),
        ({"price": ["0,4 USD", "cheap"]}, "price, row 1: '0,4 USD' is no number: write 0.4"),
    ],
)
def test_what_cannot_be_read_is_refused_in_one_line_with_column_row_and_cure(write: Write, columns: dict[str, Any], line: str) -> None:
    with pytest.raises(Refused, match=f"^trades.parquet: {line}") as refusal:
        _ = write(**columns).all_trades
    assert "\n" not in str(refusal.value)


@pytest.mark.parametrize("missing", ["winner", "market_id"])
def test_a_column_that_is_missing_is_named(write: Write, missing: str) -> None:
    markets = {"market_id": ["m"], "winner": ["Yes"]}
    del markets[missing]
    with pytest.raises(Refused, match=f"^markets.parquet: {missing}: there is no such column; add it"):
        _ = write(markets | {"question": ["?"]}).all_markets


def test_categories_and_numbers_as_text_are_what_they_stand_for(write: Write) -> None:
    wallets, prices = pd.Categorical(["0x" + "A" * 40, "0x" + "b" * 40]), ["0.4", " 0.6 "]
    trades = write(wallet=wallets, price=prices, shares=["100", "50"], side=["buy", "Sell "], token_id=[71, 72]).all_trades
    assert trades["wallet"].to_list() == ["0x" + "a" * 40, "0x" + "b" * 40]
    assert (trades["price"].to_list(), trades["side"].to_list()) == ([Decimal("0.4"), Decimal("0.6")], ["BUY", "SELL"])
    assert breaches(trades, Trade) == []


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    column=st.sampled_from(["wallet", "market_id", "token_id", "outcome", "side", "price", "shares", "traded_at"]),
    cells=st.lists(st.none() | st.text(st.characters(exclude_categories=["Cs"])), min_size=2, max_size=2)
    | st.lists(st.floats() | st.integers(-(2**62), 2**62), min_size=2, max_size=2),
)
def test_whatever_a_column_holds_its_rows_are_good_or_named_or_it_is_refused_in_a_line(write: Write, column: str, cells: list[Any]) -> None:
    with suppress(Refused):
        trades = write(**{column: cells}).all_trades
        bad = {breach.row for breach in breaches(trades, Trade)}
        assert trades.height == 2
        assert len(rows_of(trades[[row for row in range(2) if row not in bad]], Trade)) == 2 - len(bad)


NOTHING_BUT_NAN = pd.Series([float("nan")] * 2)


def test_a_market_that_has_a_row_an_outcome_is_one_market(write: Write) -> None:
    """Each token stood twice then, broke its key and was set aside: nothing of the market was ever copied, and its winner never paid."""
    feed = write({"market_id": ["m", "m"], "token_id": ["71", "72"], "winner": [None, "Yes"], "resolved_at": [None, NOON]})
    assert feed.all_markets.select("token_id", "payout", "ended_at").rows() == [("71", 1, NOON), ("72", 0, NOON)]


def test_rows_of_one_market_that_name_two_winners_are_refused(write: Write) -> None:
    with pytest.raises(Refused, match=r"winner, row 2 \(market m\): 'No' is not what an earlier row of this market says"):
        _ = write({"market_id": ["m", "m"], "winner": ["Yes", "No"]}).all_markets


ODD_WINNERS = [["Maybe"], ["Draw"], ["73"], ["Yes", "No"]]


@pytest.mark.parametrize("winners", ODD_WINNERS)
def test_one_market_whose_winner_cannot_be_is_left_out_with_why_and_the_others_stand(write: Write, winners: list[str]) -> None:
    """It refused the whole recording, however many thousand markets it had."""
    markets = {"market_id": ["n"] * len(winners) + ["m"], "winner": [*winners, "Yes"]}
    feed = write(markets, market_id=["m", "n"])
    assert feed.all_markets.select("market_id", "payout").rows() == [("m", 1)]
    (left_out,) = feed.refused_markets
    assert (left_out.market_id, left_out.record["winner"]) == ("n", winners[-1])
    assert "(market n)" in left_out.why


def test_a_token_whose_outcome_is_spelt_in_two_ways_is_one_token(write: Write) -> None:
    assert write(token_id=["71", "71"], outcome=["Yes", "yes"]).all_markets.select("token_id", "payout").rows() == [("71", 1)]


@pytest.mark.parametrize("column", ["category", "event", "question", "resolved_at", "winner"])
def test_a_column_in_which_pandas_had_nothing_but_nan_is_empty(write: Write, column: str) -> None:
    """It was refused: a number that had lost the digits of a text."""
    markets = {"market_id": ["m"], "winner": ["Yes"]} | {column: [float("nan")]}
    assert write(markets).all_markets.height == 2


@pytest.mark.parametrize("column", ["tx_hash", "price", "token_id", "shares"])
def test_rows_of_a_column_of_nan_are_named_or_stand(write: Write, column: str) -> None:
    trades = write(**{column: NOTHING_BUT_NAN}).all_trades
    assert {breach.column for breach in breaches(trades, Trade)} <= {column, "notional"}


def test_a_recording_without_a_row_is_one(write: Write) -> None:
    names = ("wallet", "market_id", "token_id", "outcome", "side", "price", "shares", "traded_at")
    feed = write({"market_id": [], "winner": []}, **{name: [] for name in names})
    assert (feed.all_trades.height, feed.all_markets.height) == (0, 0)


@pytest.mark.parametrize("empty", ["", " ", "NaT", "None", "<NA>"])
def test_a_time_that_is_written_as_nothing_is_none(write: Write, empty: str) -> None:
    """A column of which nobody wrote anything else was refused."""
    feed = write({"market_id": ["m"], "winner": [""], "resolved_at": [empty]})
    assert feed.all_markets["ended_at"].to_list() == [None, None]


@pytest.mark.parametrize("time", ["9999-12-31T23:59:59-05:00", "0001-01-01T00:00:00+05:00"])
def test_a_time_that_no_clock_of_ours_can_show_is_none(write: Write, time: str) -> None:
    """It ended in an OverflowError."""
    assert write(traded_at=[time, str(NOON)]).all_trades["traded_at"].to_list()[-1] == NOON


@pytest.mark.parametrize("value", [["71"], b"\xff\xfe", {"id": 71}])
def test_a_text_column_of_something_else_is_refused_in_a_line(write: Write, value: Any) -> None:
    """A list and bytes were raw errors of polars, a struct became a token named {71}."""
    with pytest.raises(Refused, match=r"^trades.parquet: token_id, row 1: .* is no text: write one text a row"):
        _ = write(token_id=[value, value]).all_trades
    with pytest.raises(Refused, match=r"^markets.parquet: category, row 1: .* is no text"):
        _ = write({"market_id": ["m"], "winner": ["Yes"], "category": [value]}).all_markets


def test_a_token_id_that_is_a_whole_decimal_has_kept_every_digit(write: Write) -> None:
    assert write(token_id=[Decimal("7" * 38), Decimal("8" * 38)]).all_trades["token_id"].to_list() == ["7" * 38, "8" * 38]


def test_blanks_around_a_wallet_and_its_capitals_mean_nothing(write: Write) -> None:
    trades = write(wallet=[" 0X" + "A" * 40, "0x" + "b" * 40 + "\n"]).all_trades
    assert trades["wallet"].to_list() == ["0x" + "a" * 40, "0x" + "b" * 40]


@pytest.mark.parametrize("nothing", ["nan", "None", "NaT", "<NA>", " "])
def test_what_pandas_writes_for_no_text_names_no_token_and_no_leader(write: Write, nothing: str) -> None:
    """`astype(str)`, our own cure for ids that became numbers, writes nan: those of all markets were one token, and one leader."""
    trades = write(wallet=[nothing, "0x" + "b" * 40], market_id=["m", "n"], token_id=[nothing, "72"]).all_trades
    assert trades.select("wallet", "token_id").rows() == [(None, None), ("0x" + "b" * 40, "72")]


@pytest.mark.parametrize("empty", [[None, None], ["nan", "nan"], NOTHING_BUT_NAN])
def test_a_column_in_which_nothing_stands_is_as_one_that_is_missing(write: Write, empty: Any) -> None:
    """Every row was set aside for a tx_hash, a notional or a token that a recording need not have at all."""
    trades = write(token_id=empty, tx_hash=empty, notional=empty).all_trades
    assert trades.select("token_id", "tx_hash", "notional").rows() == [("m:Yes", "", Decimal(40)), ("m:No", "", Decimal(30))]
    assert breaches(trades, Trade) == []


@pytest.mark.parametrize("given", [[None, 30.5], [None, Decimal("30.5")], [float("nan"), 30.5], [None, "30.5"]])
def test_a_row_that_does_not_say_its_notional_has_price_times_shares(write: Write, given: Any) -> None:
    assert write(notional=given).all_trades["notional"].to_list() == [Decimal(40), Decimal("30.5")]


@pytest.mark.parametrize("theirs", ["0x" + "AB" * 32, " 0x" + "ab" * 32, "0X" + "aB" * 32 + "\n"])
def test_a_market_spelt_otherwise_in_the_other_file_is_that_market(write: Write, theirs: str) -> None:
    """Its trades were in a market that nobody knows, nothing of it was copied or paid, and nobody was told."""
    feed = write({"market_id": [theirs], "winner": ["Yes"]}, market_id=["0x" + "ab" * 32] * 2, token_id=["71 ", "\t72"])
    assert feed.all_markets.select("token_id", "payout").rows() == [("71", 1), ("72", 0)]


def test_floats_of_half_the_size_are_read_by_their_shortest_digits_and_are_no_times(write: Write) -> None:
    """0.57 x 100.1 = 57.057; as float32 it was 57.056999. Of a time in seconds a float32 keeps the minutes."""
    small = {"price": pd.Series([0.57, 0.29], dtype="float32"), "shares": pd.Series([100.1, 5], dtype="float32")}
    assert write(**small).all_trades["notional"].to_list() == [Decimal("57.057"), Decimal("1.45")]
    with pytest.raises(Refused, match=r"^trades.parquet: traded_at, row 1: .* has lost the digits of a time"):
        _ = write(traded_at=pd.Series([S, S], dtype="float32")).all_trades


@pytest.mark.parametrize("written", ["2026-11-03 12:00:00.000 UTC", "2026-11-03 12:00:00 +0000 UTC", "2026-11-03 12:00:00 GMT"])
def test_a_time_that_names_the_zone_it_is_in(write: Write, written: str) -> None:
    """As Dune, BigQuery and Go write it: the recording was refused."""
    assert write(traded_at=[written] * 2).all_trades["traded_at"].to_list() == [NOON, NOON]
