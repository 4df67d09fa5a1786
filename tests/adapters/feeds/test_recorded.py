"""Recordings: real ones, if the environment names them, and a tiny one of our own. What is not known yet is not told."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from adapters.feeds.polymarket.trade_rows import trade_frame
from adapters.feeds.recorded import RecordedFeed
from data_contracts import HolderPosition, Instrument, PolymarketMarket, Trade
from data_contracts.errors import Refused
from data_contracts.frames import rows_of, schema_of
from domain.copying.book import Book, Level
from domain.ids import row_id
from domain.polymarket.markets import described
from tasks.fast_check import breaches
from tests.markets import market_breaches

NOON = datetime(2026, 11, 3, 12, tzinfo=UTC)
ONE, TWO = "0x" + "1" * 40, "0x" + "2" * 40
MINUTE = timedelta(minutes=1)
Record = Callable[..., RecordedFeed]


def a_trade(minute: float, **changes: Any) -> dict[str, Any]:
    """100 YES bought at 0.40, so many minutes after noon."""
    fields = {
        "wallet": ONE,
        "market_id": "market",
        "token_id": "yes",
        "outcome": "Yes",
        "side": "BUY",
        "price": 0.4,
        "shares": 100.0,
        "notional": 40.0,
        "traded_at": NOON + timedelta(minutes=minute),
        "tx_hash": f"0x{minute}",
    }
    return fields | changes


def a_market(**changes: Any) -> dict[str, Any]:
    fields = {"market_id": "market", "question": "Will it?", "category": "politics", "winner": "Yes", "resolved_at": NOON + 60 * MINUTE}
    return fields | changes


def a_level(minute: float, side: str, price: float | None, shares: float, **changes: Any) -> dict[str, Any]:
    return {"token_id": "yes", "side": side, "price": price, "shares": shares, "as_of": NOON + timedelta(minutes=minute)} | changes


TRADES = [
    a_trade(0),
    a_trade(1, wallet=TWO, price=0.5, notional=50.0),
    a_trade(2, token_id="no", outcome="No", price=0.55, notional=55.0),
    a_trade(3, side="SELL", price=0.6, shares=30.0, notional=18.0),
    a_trade(4, price=0.7, notional=70.0),
]

MARKETS = [a_market()]


def written(
    directory: Path, trades: list[dict[str, Any]], markets: list[dict[str, Any]], books: list[dict[str, Any]] | None
) -> RecordedFeed:
    for name, rows in (("trades", trades), ("markets", markets), ("books", books)):
        (directory / f"{name}.parquet").unlink(missing_ok=True)
        if rows is not None:
            pl.DataFrame(rows, infer_schema_length=None).write_parquet(directory / f"{name}.parquet")
    return RecordedFeed(directory)


@pytest.fixture(scope="session")
def record(tmp_path_factory: pytest.TempPathFactory) -> Record:
    """Writes a recording and opens it."""

    def recorded(trades: Any = TRADES, markets: Any = MARKETS, books: Any = None) -> RecordedFeed:
        return written(tmp_path_factory.mktemp("recording"), list(trades), list(markets), books)

    return recorded


# What is read


def test_a_directory_without_trades_or_markets_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Refused, match=r"is no recording: it has no trades\.parquet"):
        RecordedFeed(tmp_path)
    pl.DataFrame(TRADES).write_parquet(tmp_path / "trades.parquet")
    with pytest.raises(Refused, match=r"it has no markets\.parquet"):
        RecordedFeed(tmp_path)


def test_every_row_is_read_and_keeps_its_contract(record: Record) -> None:
    feed = record()
    assert feed.all_trades.height == len(TRADES)
    assert feed.all_trades.schema == schema_of(Trade)
    assert breaches(feed.all_trades, Trade) == []
    assert market_breaches(feed.all_markets) == []


def test_rows_are_put_in_time_order_and_equal_instants_stay_as_they_stood(record: Record) -> None:
    feed = record([a_trade(1, tx_hash="c"), a_trade(0, tx_hash="b"), a_trade(0, tx_hash="a")])
    assert feed.all_trades["tx_hash"].to_list() == ["b", "a", "c"]


def test_the_same_trade_twice_is_kept_twice_and_reading_again_gives_the_same_ids(record: Record) -> None:
    first, second = record([a_trade(0), a_trade(0), a_trade(1)]), record([a_trade(0), a_trade(0), a_trade(1)])
    assert first.all_trades["ordinal"].to_list() == [0, 1, 0]
    assert first.all_trades["trade_id"].n_unique() == 3
    ids = [feed.all_trades.with_columns(pl.lit("").alias("source")) for feed in (first, second)]
    assert ids[0].drop("trade_id").equals(ids[1].drop("trade_id"))
    assert RecordedFeed(first._directory).all_trades.equals(first.all_trades)


def test_the_words_of_the_recordings_we_know_are_understood(record: Record) -> None:
    """No token, no transaction, no notional: a token an outcome, no hash, price times shares."""
    raw = {"ts": NOON, "wallet": ONE.upper().replace("X", "x"), "market_id": "senate", "outcome": "Democrat", "side": "SELL"}
    feed = record([raw | {"size": 10.0, "price": 0.25}], [{"market_id": "senate", "winner": "Democrat"}])
    (trade,) = rows_of(feed.all_trades, Trade)
    assert (trade.wallet, trade.market_id, trade.token_id, trade.tx_hash) == (ONE, "senate", "senate:Democrat", "")
    assert (trade.shares, trade.notional) == (Decimal(10), Decimal("2.5"))


def test_a_wallet_that_is_only_a_name_says_so(record: Record) -> None:
    feed = record([a_trade(0, wallet="TheWhale"), a_trade(1, wallet=ONE[:-1])])
    assert feed.all_trades["wallet"].to_list() == ["name:TheWhale", f"name:{ONE[:-1]}"]


@pytest.mark.parametrize(
    ("change", "broken"),
    [({"shares": 0.0}, "shares"), ({"price": 1.2}, "price"), ({"side": "swap"}, "side"), ({"outcome": None}, "outcome")],
)
def test_a_row_that_breaks_its_contract_is_read_and_named(record: Record, change: dict[str, Any], broken: str) -> None:
    feed = record([a_trade(0), a_trade(1, **change), a_trade(2)])
    assert feed.all_trades.height == 3
    assert {breach.column for breach in breaches(feed.all_trades, Trade)} >= {broken}
    assert {breach.row for breach in breaches(feed.all_trades, Trade)} == {1}


def test_accepted_rows_are_the_recording_from_then_on(record: Record) -> None:
    feed = record()
    feed.accept(feed.all_trades.filter(pl.col("wallet") == TWO))
    assert feed.trades(NOON - MINUTE, NOON + 9 * MINUTE).height == 1
    assert feed.holding(ONE, "market", "yes", NOON + 9 * MINUTE).shares == 0


@pytest.mark.parametrize(("after", "until", "found"), [(0, 2, [1, 2]), (-1, 0, [0]), (4, 9, []), (3.5, 4, [4])])
def test_a_window_is_open_where_it_begins_and_closed_where_it_ends(record: Record, after: float, until: float, found: list[int]) -> None:
    window = record().trades(NOON + after * MINUTE, NOON + until * MINUTE)
    assert [(at - NOON) // MINUTE for at in window["traded_at"]] == found


# Markets


def test_a_market_has_every_token_that_was_traded(record: Record) -> None:
    markets = described(*record().instruments(["no"], NOON).values())
    assert markets.select("token_id", "outcome", "category").rows() == [
        ("no", "No", "politics"),
        ("yes", "Yes", "politics"),
    ]


@pytest.mark.parametrize(("minute", "payouts"), [(59.99, [None, None]), (60, [0, 1]), (61, [0, 1])])
def test_a_resolution_is_told_from_its_own_instant_on(record: Record, minute: float, payouts: list[Any]) -> None:
    markets = record().instruments(["yes"], NOON + minute * MINUTE)[Instrument]
    assert markets["payout"].to_list() == payouts
    assert set(markets["ended_at"]) == ({NOON + 60 * MINUTE} if payouts[0] is not None else {None})


def test_a_market_without_a_resolution_time_resolved_at_its_last_trade(record: Record) -> None:
    feed = record(markets=[{"market_id": "market", "winner": "No"}])
    assert feed.instruments(["yes"], NOON + 3.99 * MINUTE)[Instrument]["payout"].to_list() == [None, None]
    assert feed.instruments(["yes"], NOON + 4 * MINUTE)[Instrument]["payout"].to_list() == [1, 0]


def test_a_market_nobody_won_pays_nobody(record: Record) -> None:
    feed = record(markets=[{"market_id": "market", "winner": None, "resolved_at": NOON}], trades=TRADES)
    assert feed.instruments(["yes"], NOON + 99 * MINUTE)[Instrument]["payout"].to_list() == [None, None]


def test_a_market_is_as_of_when_it_is_asked_for(record: Record) -> None:
    """Its last trade was its age once: an open market told when it would end, and was not asked for again until then."""
    assert set(record().instruments(["yes"], NOON)[Instrument]["updated_at"]) == {NOON}


@pytest.mark.parametrize("text", ["2026-11-03T13:00:00Z", "2026-11-03 13:00:00+00"])
def test_an_instant_may_be_written_as_gamma_writes_it(record: Record, text: str) -> None:
    feed = record(markets=[{"market_id": "market", "winner": "Yes", "closed_time": text, "end_date": text, "event_slug": "it"}])
    told = feed.instruments(["yes"], NOON + 60 * MINUTE)
    (market, _), (words, _) = rows_of(told[Instrument], Instrument), rows_of(told[PolymarketMarket], PolymarketMarket)
    assert (market.ended_at, market.ends_at, words.event) == (NOON + 60 * MINUTE, NOON + 60 * MINUTE, "it")


# Holders


def test_holders_hold_what_they_bought_less_what_they_sold_at_the_average_they_paid(record: Record) -> None:
    """ONE: 100 x 0.40 + 100 x 0.70 = 110 for 200, 0.55 a share; 30 sold leave 170, worth 0.55 x 170 = 93.5. The last price is 0.70."""
    holders = {(h.wallet, h.token_id): h for h in rows_of(record().holders(["market"], NOON + 9 * MINUTE), HolderPosition)}
    one = holders[ONE, "yes"]
    assert (one.shares, one.avg_price, one.cost) == (Decimal(170), Decimal("0.55"), Decimal("93.5"))
    assert one.current_value == Decimal(119)  # 170 x 0.70
    assert holders[TWO, "yes"].cost == 50
    assert holders[ONE, "no"].cost == 55


def test_who_sold_all_or_more_than_seen_bought_holds_nothing(record: Record) -> None:
    feed = record([a_trade(0), a_trade(1, side="SELL"), a_trade(2, wallet=TWO, side="SELL")])
    assert feed.holders(["market"], NOON + 9 * MINUTE).is_empty()
    assert feed.holders(["another"], NOON + 9 * MINUTE).schema == schema_of(HolderPosition)


@pytest.mark.parametrize(("minute", "held"), [(-1, 0), (0, 100), (2.99, 100), (3, 70), (4, 170)])
def test_a_holding_is_that_of_the_instant(record: Record, minute: float, held: float) -> None:
    at = NOON + minute * MINUTE
    holding = record().holding(ONE, "market", "yes", at)
    assert (holding.shares, holding.known_at) == (held, at)


def test_who_sold_more_than_the_recording_saw_it_buy_holds_nothing(record: Record) -> None:
    assert record([a_trade(0), a_trade(1, side="SELL", shares=300.0)]).holding(ONE, "market", "yes", NOON + 2 * MINUTE).shares == 0


# Books


def test_without_books_the_last_trade_is_the_book(record: Record) -> None:
    feed = record()
    level = (Level(Decimal("0.6"), Decimal(30)),)
    assert feed.books(["yes", "never"], NOON + 3 * MINUTE) == {"yes": Book("yes", level, level)}
    assert feed.books(["yes"], NOON - MINUTE) == {}


BOOKS = [
    a_level(0, "BUY", 0.39, 10),
    a_level(0, "SELL", 0.41, 20),
    a_level(5, "bid", 0.44, 7),
    a_level(5, "bid", 0.45, 5),
    a_level(5, "ask", 0.48, 3),
    a_level(5, "ask", 0.47, 1),
    a_level(6, "ask", 0.9, 1, token_id="no"),
]


def test_with_books_the_last_snapshot_counts_best_price_first(record: Record) -> None:
    book = record(books=BOOKS).books(["yes"], NOON + 7 * MINUTE)["yes"]
    assert book.bids == (Level(Decimal("0.45"), Decimal(5)), Level(Decimal("0.44"), Decimal(7)))
    assert book.asks == (Level(Decimal("0.47"), Decimal(1)), Level(Decimal("0.48"), Decimal(3)))


@pytest.mark.parametrize(("minute", "best_bid"), [(-0.01, None), (0, "0.39"), (4.99, "0.39"), (5, "0.45"), (99, "0.45")])
def test_a_snapshot_counts_from_its_own_instant_until_the_next(record: Record, minute: float, best_bid: str | None) -> None:
    """A level the next snapshot does not have is gone: nothing of the old one is left."""
    books = record(books=BOOKS).books(["yes"], NOON + minute * MINUTE)
    assert [str(level.price.normalize()) for book in books.values() for level in book.bids[:1]] == ([best_bid] if best_bid else [])


def test_with_books_a_token_without_a_snapshot_has_none(record: Record) -> None:
    """Its trades are no book: a recording with books fills nothing that its books do not show."""
    feed = record(books=BOOKS)
    assert set(feed.books(["yes", "no", "never"], NOON + 4 * MINUTE)) == {"yes"}
    assert set(feed.books(["yes", "no", "never"], NOON + 6 * MINUTE)) == {"yes", "no"}
    assert feed.books(["no"], NOON + 6 * MINUTE)["no"].bids == ()
    assert feed.books([], NOON + 6 * MINUTE) == {}


def test_a_level_that_cannot_be_read_is_no_level(record: Record) -> None:
    feed = record(books=[*BOOKS, a_level(5, "both", 0.46, 1), a_level(5, "bid", None, 1)])
    assert feed.books(["yes"], NOON + 5 * MINUTE) == record(books=BOOKS).books(["yes"], NOON + 5 * MINUTE)


def test_books_may_be_exact_and_their_instants_written(record: Record) -> None:
    exact = {
        "token_id": "yes",
        "side": "SELL",
        "price": Decimal("0.1234567891"),
        "shares": Decimal("0.000001"),
        "as_of": "2026-11-03 12:00:00Z",
    }
    (book,) = record(books=[exact]).books(["yes"], NOON).values()
    assert book.asks == (Level(Decimal("0.1234567891"), Decimal("0.000001")),)


# Nothing leaks from the future


def knowledge(feed: RecordedFeed, as_of: datetime) -> dict[str, Any]:
    """All that a feed tells at an instant of the tokens and markets traded by then."""
    seen = feed.trades(datetime.min.replace(tzinfo=UTC), as_of)
    tokens, conditions = seen["token_id"].unique().to_list(), seen["market_id"].unique().sort().to_list()
    # A token that is traded later is known to be there, and the outcomes are numbered: neither is any news.
    markets = described(*feed.instruments(tokens, as_of).values()).filter(pl.col("token_id").is_in(tokens)).drop("outcome_index")
    holders = feed.holders(conditions, as_of).sort("token_id", "wallet")
    return {"seen": seen, "markets": markets.to_dicts(), "holders": holders.to_dicts(), "books": feed.books(tokens, as_of)}


def assert_equally_known(one: dict[str, Any], other: dict[str, Any]) -> None:
    assert one["seen"].equals(other["seen"])
    assert one["markets"] == other["markets"]
    assert one["holders"] == other["holders"]
    assert one["books"] == other["books"]


@pytest.mark.parametrize("with_books", [False, True])
@pytest.mark.parametrize("minute", range(-1, 8))
def test_what_happens_later_changes_nothing_of_what_is_known(record: Record, minute: int, with_books: bool) -> None:
    as_of = NOON + minute * MINUTE
    whole = record(books=BOOKS if with_books else None)
    past = RecordedFeed(whole._directory)
    past.accept(whole.all_trades.filter(pl.col("traded_at") <= as_of))
    assert_equally_known(knowledge(past, as_of), knowledge(whole, as_of))


def test_what_happens_later_changes_nothing_in_a_real_recording(recording: Path) -> None:
    """At ten instants. The last trade of a market stays: one without a resolution time resolved then, by the named rule."""
    whole = RecordedFeed(recording)
    sound = whole.all_trades.filter(pl.col("shares") > 0)
    whole.accept(sound)
    last = pl.col("traded_at") == pl.col("traded_at").max().over("market_id")
    for place in range(0, sound.height, sound.height // 10):
        as_of = sound["traded_at"][place]
        past = RecordedFeed(recording)
        past.accept(sound.filter((pl.col("traded_at") <= as_of) | last))
        assert_equally_known(knowledge(past, as_of), knowledge(whole, as_of))


# Real recordings


def test_no_row_of_a_real_recording_is_lost(recording: Path) -> None:
    """Accepted and quarantined make what was read, and what was read is what the file holds."""
    feed = RecordedFeed(recording)
    bad = {breach.row for breach in breaches(feed.all_trades, Trade)}
    good = feed.all_trades.filter(~pl.int_range(pl.len()).is_in(list(bad)))
    assert feed.all_trades.height == pl.read_parquet(recording / "trades.parquet").height == good.height + len(bad)
    assert len(bad) / feed.all_trades.height < 0.05
    assert breaches(good, Trade) == []
    assert feed.all_trades["trade_id"].n_unique() == feed.all_trades.height


def test_the_money_of_a_real_recording_is_that_of_its_file(recording: Path) -> None:
    """To a millionth of a dollar a row."""
    feed, raw = RecordedFeed(recording), pl.read_parquet(recording / "trades.parquet")
    difference = abs(float(feed.all_trades["notional"].sum()) - raw["usd"].sum())
    assert difference <= raw.height * 0.000001


def test_the_markets_of_a_real_recording_keep_their_contract(recording: Path) -> None:
    feed = RecordedFeed(recording)
    assert market_breaches(feed.all_markets) == []
    assert feed.all_markets["token_id"].n_unique() == feed.all_markets.height
    won = feed.all_markets.filter(pl.col("payout") == 1).group_by("market_id").len()["len"]
    assert set(won) <= {1}


def test_a_trades_id_is_what_it_was_before_amounts_had_eighteen_decimals() -> None:
    """A house of an older version reads on where it stopped: with another id, a trade of its overlap would be judged, and copied, again."""
    digits = ("0xhash", "0xwallet", "yes", "BUY", "250.123456", "142.570370", "2026-11-03 12:00:00+00:00")
    raw = pl.DataFrame(
        {"tx_hash": ["0xhash"], "wallet": ["0xwallet"], "market_id": ["m"], "token_id": ["yes"], "outcome": ["Yes"], "side": ["BUY"]}
        | {"price": [0.57], "shares": [250.123456], "notional": [142.57037], "traded_at": [datetime(2026, 11, 3, 12, tzinfo=UTC)]}
    )
    assert trade_frame(raw, "polymarket")["trade_id"].to_list() == [row_id("polymarket", *digits, 0)]
