"""What a recording says of an instant is found by halving: the same as by looking at all of it, whatever was traded when."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from adapters.feeds.recorded_index import Books, Markets, Tape
from domain.copying.book import Book, Level

NOON = datetime(2026, 11, 3, 12, tzinfo=UTC)
LONG_AGO = datetime.min.replace(tzinfo=UTC)
seconds = st.integers(0, 9)
traded = st.lists(st.tuples(st.none() | seconds, st.sampled_from("ab"), st.integers(1, 99)), max_size=12)


def at(second: int) -> datetime:
    return NOON + timedelta(seconds=second)


def tape_of(rows: list[tuple[int | None, str, int]]) -> pl.DataFrame:
    """Trades (second, token, cents) in time order; a second that is None is no instant that could be read."""
    columns = {
        "traded_at": [None if second is None else at(second) for second, _, _ in rows],
        "token_id": [token for _, token, _ in rows],
        "market_id": [token.upper() for _, token, _ in rows],
        "cents": [cents for _, _, cents in rows],
    }
    schema = {"traded_at": pl.Datetime("us", "UTC"), "token_id": pl.String, "market_id": pl.String, "cents": pl.Int64}
    return pl.DataFrame(columns, schema=schema).sort("traded_at", maintain_order=True)


def book_of(token_id: str, trades: pl.DataFrame) -> Book:
    """At the price of the last of them."""
    level = (Level(Decimal(trades["cents"][-1]), Decimal(1)),)
    return Book(token_id, level, level)


@given(rows=traded, after=seconds, until=seconds)
def test_between_two_instants_are_the_trades_after_the_first_up_to_the_second(
    rows: list[tuple[int | None, str, int]], after: int, until: int
) -> None:
    trades = tape_of(rows)
    found = trades.filter((pl.col("traded_at") > at(after)) & (pl.col("traded_at") <= at(until)))
    assert Tape(trades).between(at(after), at(until)).equals(found)
    mine = trades.filter((pl.col("market_id") == "A") & (pl.col("traded_at") <= at(until)))
    assert Tape(trades).of_market("A").between(LONG_AGO, at(until)).equals(mine)


@given(rows=traded, asked=st.lists(seconds, min_size=1, max_size=4))
def test_a_book_is_that_of_the_last_trade_whichever_instant_is_asked_for_first(
    rows: list[tuple[int | None, str, int]], asked: list[int]
) -> None:
    trades = tape_of(rows).drop_nulls("traded_at")
    books = Books(trades, "traded_at", book_of)
    for second in asked:
        for token_id in "abc":
            seen = trades.filter((pl.col("token_id") == token_id) & (pl.col("traded_at") <= at(second)))
            assert books.last(token_id, at(second)) == (book_of(token_id, seen) if seen.height else None)


def test_what_is_known_of_a_market_changes_at_its_end_and_is_dated_as_it_is_asked_for() -> None:
    """a ends at second 5: until then nobody knows. Asked before, at and after it, and before it once more."""
    markets = pl.DataFrame({"token_id": ["a", "b", "other"], "market_id": ["A", "A", "B"], "ended_at": [at(5), at(5), None]})
    markets = markets.with_columns(pl.lit(NOON).alias("updated_at"))
    asked: list[datetime] = []

    def know(rows: pl.DataFrame, as_of: datetime) -> dict[type, pl.DataFrame]:
        asked.append(as_of)
        return {Book: rows.with_columns(pl.when(pl.col("ended_at") <= as_of).then("ended_at").alias("ended_at"))}

    index = Markets(markets, know)
    for second, ended_at in ((4, None), (5, at(5)), (9, at(5)), (3, None)):
        (frame,) = index.known({"a"}, at(second)).values()
        assert frame["token_id"].to_list() == ["a", "b"]  # of its market, too
        assert frame["ended_at"].to_list() == [ended_at] * 2
        assert frame["updated_at"].to_list() == [at(second)] * 2
    assert asked == [at(4), at(5)]
