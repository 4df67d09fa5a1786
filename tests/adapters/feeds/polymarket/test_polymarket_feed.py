"""The live feed's adapters against the sandbox world over HTTP. What they say is compared with the world itself."""

from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import polars as pl
import pytest

from adapters.feeds.polymarket import data_api
from adapters.feeds.polymarket.polymarket_feed import PolymarketFeed
from data_contracts import Activity, HolderPosition, Instrument, PolymarketMarket, Trade
from data_contracts.errors import Refused
from data_contracts.frames import rows_of, schema_of
from domain.copying.leader_holdings import held_before, moves_of
from sandbox import markets as sandbox_markets
from sandbox.books import book_at
from sandbox.data_api import LAG_S
from sandbox.positions import SPLIT_HUNDREDTHS, splits
from sandbox.trading import Trade as WorldTrade
from sandbox.trading import transaction_hash
from sandbox.world import World
from tasks.fast_check import breaches

Build = Callable[..., Any]


def instant(at_s: float) -> datetime:
    return datetime.fromtimestamp(at_s, UTC)


def world_trades(world: World, after_s: float, until_s: float) -> list[WorldTrade]:
    """What the Data API may show: whole seconds, more than its floor of 0.01 shares, and not the last seconds."""
    snapshot = world.at(until_s)
    return [trade for _, trade in snapshot.trades() if after_s < int(trade.at_s) <= until_s and trade.hundredths >= 1]


def identity(trade: Trade) -> tuple[Any, ...]:
    return trade.tx_hash, trade.wallet, trade.token_id, trade.side.value, trade.shares, trade.price, trade.traded_at


def world_identity(trade: WorldTrade) -> tuple[Any, ...]:
    side, token_id = ("BUY" if trade.is_buy else "SELL"), trade.market.token_ids[trade.outcome]
    shares, price = Decimal(trade.hundredths) / 100, Decimal(trade.price_millis) / 1000
    return transaction_hash(trade), trade.wallet.address, token_id, side, shares, price, instant(int(trade.at_s))


@pytest.fixture
def small_pages(monkeypatch: pytest.MonkeyPatch) -> int:
    """Seven trades a page: page boundaries fall in the middle of transactions."""
    monkeypatch.setattr(data_api, "PAGE", 7)
    return 7


def test_the_walk_finds_every_trade_exactly_once_makers_included(feed: PolymarketFeed, world: World, clock: Any, small_pages: int) -> None:
    now_s = clock.now_s - LAG_S
    after_s = now_s - 600
    expected = world_trades(world, after_s, now_s)
    trades = rows_of(feed.walk(instant(after_s), instant(now_s), max_pages=1000).trades, Trade)
    assert len(expected) > 10 * small_pages
    assert Counter(map(identity, trades)) == Counter(map(world_identity, expected))
    assert {trade.is_taker for trade in expected} == {True, False}
    assert len({trade.trade_id for trade in trades}) == len(trades)


def test_pages_of_any_size_give_the_same_rows(feed: PolymarketFeed, clock: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    window = instant(clock.now_s - 90), instant(clock.now_s)
    whole = feed.walk(*window, max_pages=1).trades
    for page in (1, 7, 50):
        monkeypatch.setattr(data_api, "PAGE", page)
        assert feed.walk(*window, max_pages=10_000).trades.equals(whole)


def test_reading_again_with_an_overlap_finds_the_same_ids(feed: PolymarketFeed, clock: Any) -> None:
    """Read up to noon, and up to a minute later from two minutes before noon: what both saw has the same ids."""
    noon = clock.now_s
    first = feed.walk(instant(noon - 600), instant(noon - LAG_S), max_pages=9).trades
    clock.now_s += 60
    second = feed.walk(instant(noon - 120), instant(noon + 60), max_pages=9).trades
    overlap = first.filter(pl.col("traded_at") > instant(noon - 120))
    assert overlap.height > 0
    assert second.height > overlap.height
    assert set(overlap["trade_id"]) <= set(second["trade_id"])
    both = pl.concat([first, second]).unique("trade_id").sort("traded_at", "trade_id")
    assert both.equals(feed.walk(instant(noon - 600), instant(noon + 60), max_pages=9).trades.sort("traded_at", "trade_id"))


def test_trades_keep_their_contract(feed: PolymarketFeed, clock: Any) -> None:
    frame = feed.walk(instant(clock.now_s - 3600), instant(clock.now_s), max_pages=50).trades
    assert frame.schema == schema_of(Trade)
    assert frame.height > 300
    assert breaches(frame, Trade) == []
    assert (frame["price"] * frame["shares"] - frame["notional"]).abs().max() <= Decimal("0.000001")  # type: ignore[operator]


def test_equal_fills_of_one_transaction_are_kept_and_told_apart(feed: PolymarketFeed, world: World, clock: Any) -> None:
    """One maker may fill an order in two equal halves: same hash, wallet, token, side, shares, price and second."""
    expected = Counter(world_identity(trade) for trade in world_trades(world, clock.now_s - 3600, clock.now_s - LAG_S))
    repeated = {key: count for key, count in expected.items() if count > 1}
    assert repeated
    trades = rows_of(feed.walk(instant(clock.now_s - 3600), instant(clock.now_s), max_pages=50).trades, Trade)
    for key, count in repeated.items():
        equal = [trade for trade in trades if identity(trade) == key]
        assert sorted(trade.ordinal for trade in equal) == list(range(count))
        assert len({trade.trade_id for trade in equal}) == count


def test_a_window_is_open_where_it_begins_and_closed_where_it_ends(feed: PolymarketFeed, clock: Any) -> None:
    every = feed.walk(instant(clock.now_s - 600), instant(clock.now_s), max_pages=9).trades
    times = every["traded_at"].unique().sort()
    window = feed.walk(times[3], times[9], max_pages=9).trades
    assert window["traded_at"].unique().sort().to_list() == times[4:10].to_list()


def test_a_walk_that_runs_out_of_pages_says_how_far_it_came_and_where_it_goes_on(
    feed: PolymarketFeed, clock: Any, small_pages: int
) -> None:
    """Slice by slice, the same rows as in one walk: no second is torn, or equal fills of it would get other ids."""
    after, until = instant(clock.now_s - 1800), instant(clock.now_s)
    whole = feed.walk(after, until, max_pages=10_000)
    assert (whole.complete_from, whole.cursor, whole.has_ended) == (after, "", False)
    slices, walk = [], feed.walk(after, until, max_pages=3)
    while walk.cursor:
        assert after < walk.complete_from < until
        slices.append(walk.trades.filter(pl.col("traded_at") <= until))
        until = walk.complete_from
        walk = feed.walk(after, until, max_pages=3, cursor=walk.cursor)
    slices.append(walk.trades.filter(pl.col("traded_at") <= until))
    assert len(slices) > 10
    order = ["traded_at", "sequence", "trade_id"]
    assert pl.concat(slices).sort(order).equals(whole.trades.sort(order))


def test_a_second_longer_than_the_pages_of_a_walk_does_not_stop_it(feed: PolymarketFeed, clock: Any, monkeypatch: Any) -> None:
    """One row a page and one page a walk: fills of one transaction share their second."""
    monkeypatch.setattr(data_api, "PAGE", 1)
    after, until = instant(clock.now_s - 60), instant(clock.now_s)
    walk, steps = feed.walk(after, until, max_pages=1), 0
    while walk.cursor:
        later = feed.walk(after, walk.complete_from, max_pages=1, cursor=walk.cursor)
        assert later.complete_from < walk.complete_from
        walk, steps = later, steps + 1
    assert steps > 10


def test_a_feed_that_lost_its_past_says_that_it_ended(feed: PolymarketFeed, clock: Any, spoil: Any) -> None:
    spoil(begins_s=clock.now_s - 60)
    walk = feed.walk(instant(clock.now_s - 600), instant(clock.now_s), max_pages=100)
    assert (walk.has_ended, walk.cursor) == (True, "")
    assert walk.trades["traded_at"].min() >= instant(clock.now_s - 60)


def test_a_cursor_that_expired_is_refused(feed: PolymarketFeed, clock: Any, spoil: Any, small_pages: int) -> None:
    after, until = instant(clock.now_s - 600), instant(clock.now_s)
    walk = feed.walk(after, until, max_pages=3)
    spoil(expire_cursors=True)
    with pytest.raises(Refused, match="expired"):
        feed.walk(after, walk.complete_from, max_pages=3, cursor=walk.cursor)


def test_it_confirms_what_is_older_than_its_lag(feed: PolymarketFeed, clock: Any, spoil: Any) -> None:
    assert feed.confirmed_until(instant(clock.now_s)) == instant(clock.now_s - LAG_S)
    spoil(lag_s=600)
    assert feed.confirmed_until(instant(clock.now_s)) == instant(clock.now_s - 600)


def test_a_world_younger_than_the_window_is_read_to_its_beginning(feed: PolymarketFeed, world: World, clock: Any) -> None:
    trades = feed.walk(instant(0), instant(clock.now_s), max_pages=1000).trades
    assert trades.height == len(world_trades(world, 0, clock.now_s - LAG_S))


def test_an_hour_without_trades_is_an_empty_frame(feed: PolymarketFeed, clock: Any) -> None:
    frame = feed.walk(instant(clock.now_s), instant(clock.now_s + 10), max_pages=1).trades
    assert frame.schema == schema_of(Trade)
    assert frame.is_empty()


def some_markets(
    world: World, now_s: float, wanted: Callable[[sandbox_markets.Market], bool], count: int = 3
) -> list[sandbox_markets.Market]:
    found = [market for market in world.at(now_s).markets() if wanted(market)][-count:]
    assert len(found) == count
    return found


def test_an_open_market_has_every_token_and_no_payout(feed: PolymarketFeed, world: World, clock: Any) -> None:
    """One token is asked for, the market's two come back, each with its own outcome and place."""
    (market,) = some_markets(world, clock.now_s, lambda market: market.open_at(clock.now_s), 1)
    told = feed.instruments([market.token_ids[1]], instant(clock.now_s))
    rows, words = rows_of(told[Instrument], Instrument), rows_of(told[PolymarketMarket], PolymarketMarket)
    assert {row.token_id: (row.outcome, row.outcome_index) for row in words} == {
        market.token_ids[0]: (market.outcomes[0], 0),
        market.token_ids[1]: (market.outcomes[1], 1),
    }
    for row in rows:
        assert (row.payout, row.ended_at) == (None, None)
        assert row.market_id == market.condition_id
        assert row.category == market.category.slug
        assert row.fee_rate == Decimal(str(market.category.fee_rate))
        assert row.price_increment == Decimal(market.tick_millis) / 1000
        assert row.min_shares == 5
        assert row.updated_at == instant(clock.now_s)
        assert row.ends_at is not None
        assert abs(row.ends_at - instant(market.closes_s)) < timedelta(seconds=1)
        assert row.entry_denial is None
    for row in words:
        assert (row.question, row.neg_risk, row.event) == (market.question, market.neg_risk, market.event.slug)


def test_a_resolved_market_pays_its_winner_one_and_the_other_nothing(feed: PolymarketFeed, world: World, clock: Any) -> None:
    (market,) = some_markets(world, clock.now_s, lambda market: market.resolved_at(clock.now_s), 1)
    rows = rows_of(feed.instruments([market.token_ids[0]], instant(clock.now_s))[Instrument], Instrument)
    assert {row.token_id: row.payout for row in rows} == {
        market.token_ids[market.winner]: Decimal(1),
        market.token_ids[1 - market.winner]: Decimal(0),
    }
    assert {row.ended_at for row in rows} == {instant(int(market.resolves_s))}


def test_between_its_close_and_its_resolution_a_market_pays_nobody(feed: PolymarketFeed, world: World, clock: Any) -> None:
    (market,) = some_markets(world, clock.now_s, lambda market: market.open_at(clock.now_s), 1)
    for now_s, paid in ((market.closes_s + 1, {None}), (market.resolves_s + 1, {Decimal(0), Decimal(1)})):
        clock.now_s = now_s
        assert {row.payout for row in rows_of(feed.instruments(market.token_ids, instant(now_s))[Instrument], Instrument)} == paid


def test_open_and_resolved_markets_are_asked_for_together(feed: PolymarketFeed, world: World, clock: Any) -> None:
    """More than a page of either: 120 resolved, and the open ones."""
    over = some_markets(world, clock.now_s, lambda market: market.resolved_at(clock.now_s), 120)
    trading = some_markets(world, clock.now_s, lambda market: market.open_at(clock.now_s), 20)
    wanted = {token_id for market in over + trading for token_id in market.token_ids}
    told = feed.instruments([market.token_ids[0] for market in over + trading], instant(clock.now_s))
    frame = told[Instrument]
    assert frame["token_id"].to_list() == sorted(wanted)
    assert frame["payout"].null_count() == 2 * 20
    assert [breach for row_class, rows in told.items() for breach in breaches(rows, row_class)] == []


def test_outcomes_need_not_be_yes_and_no(feed: PolymarketFeed, world: World, clock: Any) -> None:
    (market,) = some_markets(world, clock.now_s, lambda market: market.outcomes != ("Yes", "No"), 1)
    assert set(feed.instruments([market.token_ids[0]], instant(clock.now_s))[PolymarketMarket]["outcome"]) == set(market.outcomes)


def test_an_unknown_token_has_no_market(feed: PolymarketFeed, clock: Any) -> None:
    for tokens in (["1"], []):
        for row_class, frame in feed.instruments(tokens, instant(clock.now_s)).items():
            assert frame.is_empty()
            assert frame.schema == schema_of(row_class)


def test_books_come_best_price_first(feed: PolymarketFeed, world: World, clock: Any) -> None:
    (market,) = some_markets(world, clock.now_s, lambda market: market.open_at(clock.now_s), 1)
    books = feed.books(market.token_ids, instant(clock.now_s))
    for outcome, token_id in enumerate(market.token_ids):
        book, truth = books[token_id], book_at(market, outcome, clock.now_s)
        assert [(level.price, level.shares) for level in book.bids] == [(Decimal(p) / 1000, Decimal(h) / 100) for p, h in truth.bids]
        assert [(level.price, level.shares) for level in book.asks] == [(Decimal(p) / 1000, Decimal(h) / 100) for p, h in truth.asks]
        assert list(book.bids) == sorted(book.bids, key=lambda level: -level.price)
        assert list(book.asks) == sorted(book.asks, key=lambda level: level.price)
        assert book.bids[0].price < book.asks[0].price


def test_a_token_without_a_book_is_left_out(feed: PolymarketFeed, world: World, clock: Any) -> None:
    (trading,) = some_markets(world, clock.now_s, lambda market: market.open_at(clock.now_s), 1)
    (over,) = some_markets(world, clock.now_s, lambda market: market.resolved_at(clock.now_s), 1)
    assert set(feed.books([trading.token_ids[0], over.token_ids[0], "1"], instant(clock.now_s))) == {trading.token_ids[0]}
    assert feed.books([], instant(clock.now_s)) == {}


def test_holders_are_those_who_hold_with_what_they_paid(feed: PolymarketFeed, world: World, clock: Any) -> None:
    markets = some_markets(world, clock.now_s, lambda market: market.open_at(clock.now_s) and market.opens_s < clock.now_s - 600, 3)
    now_s, as_of = clock.now_s - LAG_S, instant(clock.now_s)
    frame = feed.holders([market.condition_id for market in markets], as_of)
    held: Counter[tuple[str, str]] = Counter()
    for market in markets:
        for trade in world.at(now_s).market_trades(market):
            if splits(trade.wallet, market) and (market.token_ids[0], trade.wallet.address) not in held:  # it began with complete sets
                held.update({(token_id, trade.wallet.address): SPLIT_HUNDREDTHS for token_id in market.token_ids})
            held[market.token_ids[trade.outcome], trade.wallet.address] += trade.hundredths * (1 if trade.is_buy else -1)
    holders = rows_of(frame, HolderPosition)
    assert holders
    for holder in holders:
        assert holder.shares == Decimal(held[holder.token_id, holder.wallet]) / 100
        assert holder.as_of == as_of
        assert abs(holder.cost - holder.shares * holder.avg_price) < Decimal("0.01") * holder.shares + Decimal("0.01")
    assert breaches(frame, HolderPosition) == []


def test_holders_of_nothing_are_no_rows(feed: PolymarketFeed, clock: Any) -> None:
    assert feed.holders([], instant(clock.now_s)).schema == schema_of(HolderPosition)
    assert feed.holders(["0x" + "0" * 64], instant(clock.now_s)).is_empty()


def test_a_holding_is_what_the_venue_says_and_up_to_when(feed: PolymarketFeed, world: World, clock: Any) -> None:
    """It knows of everything up to its last event; of what is not there, up to its lag."""
    (market,) = some_markets(world, clock.now_s, lambda market: market.open_at(clock.now_s) and market.opens_s < clock.now_s - 600, 1)
    as_of = instant(clock.now_s)
    holder = rows_of(feed.holders([market.condition_id], as_of), HolderPosition)[0]
    last = max(
        t.at_s for t in world.at(clock.now_s - LAG_S).market_trades(market) if world_identity(t)[1:3] == (holder.wallet, holder.token_id)
    )
    found = feed.holding(holder.wallet, market.condition_id, holder.token_id, as_of)
    assert found is not None
    assert (found.shares, found.known_at, found.asked_at) == (holder.shares, instant(int(last)), as_of)
    feed.confirmed_until(as_of)
    for wallet, token_id in ((holder.wallet, "1"), ("0x" + "0" * 40, holder.token_id)):
        nothing = feed.holding(wallet, market.condition_id, token_id, as_of)
        assert nothing is not None
        assert (nothing.shares, nothing.known_at) == (0, instant(clock.now_s - LAG_S))


def test_what_a_wallet_held_before_each_sale_is_what_the_world_knows(feed: PolymarketFeed, world: World, clock: Any, spoil: Any) -> None:
    """Answers that know of the sale, and answers that lag behind it; makers that began with complete sets; several sales in a minute."""
    now_s = clock.now_s
    recent = [t for _, t in world.at(now_s).trades() if now_s - 90 < t.at_s < now_s - LAG_S - 1 and not t.is_buy][:60]
    assert len(recent) > 20
    trades = rows_of(feed.walk(instant(now_s - 200), instant(now_s), max_pages=20).trades, Trade)
    for lag_s in (LAG_S, 60):
        spoil(lag_s=lag_s)
        assert feed.confirmed_until(instant(now_s)) == instant(now_s - lag_s)  # each cycle asks
        checked = 0
        for sale in list({world_identity(t)[1:3]: t for t in recent}.values())[:25]:
            mine = [trade for trade in trades if (trade.wallet, trade.token_id) == world_identity(sale)[1:3]]
            holding = feed.holding(sale.wallet.address, sale.market.condition_id, mine[0].token_id, instant(now_s))
            assert holding is not None
            told = rows_of(feed.activities([sale.wallet.address], instant(now_s - 200), instant(now_s)), Activity)
            moves = moves_of(trades, told, holding)
            for trade in mine:
                if trade.side == "SELL" and trade.traded_at > instant(now_s - 90):
                    assert held_before(trade, holding, moves) == true_holding(world, trade, now_s)
                    checked += 1
        assert checked > 20


def true_holding(world: World, sale: Trade, now_s: float) -> Decimal:
    """In the feed's order, of which the world's own is the source."""
    own = [t for _, t in world.at(now_s).trades() if world_identity(t)[1:3] == (sale.wallet, sale.token_id)][::-1]
    pair = [t for _, t in world.at(now_s).trades() if t.wallet.address == sale.wallet and t.market.condition_id == sale.market_id]
    split = SPLIT_HUNDREDTHS if splits(pair[0].wallet, pair[0].market) else 0
    before = 0
    places = {}
    for trade in own:
        key = world_identity(trade)
        places.setdefault(key, []).append(split + before)
        before += trade.hundredths if trade.is_buy else -trade.hundredths
    return Decimal(places[identity(sale)][sale.ordinal]) / 100


def test_a_wallets_activity_is_its_trades_and_more_and_a_trade_is_the_same_row_on_both_ways(
    feed: PolymarketFeed, world: World, clock: Any
) -> None:
    """The ids agree, so that what the feed of all wallets missed is seen by its absence."""
    after, until = instant(clock.now_s - 7200), instant(clock.now_s)
    trades = feed.walk(after, until, max_pages=50).trades
    wallets = trades["wallet"].value_counts(sort=True)["wallet"].head(3).to_list()
    told = feed.activities(wallets, after, until)
    assert breaches(told, Activity) == []
    own = trades.filter(pl.col("wallet").is_in(wallets))
    as_trades = told.filter(pl.col("type") == "TRADE")
    assert set(as_trades["activity_id"]) == set(own["trade_id"])
    for wallet in wallets:
        times = told.filter(pl.col("wallet") == wallet)["happened_at"]
        assert times.is_sorted()
        assert times.min() > after
        assert times.max() <= until


def test_sets_and_redemptions_name_the_market_and_no_token(feed: PolymarketFeed, world: World, clock: Any) -> None:
    makers = [wallet.address for wallet in world.crowd.makers]
    told = feed.activities(makers, instant(0), instant(clock.now_s)).filter(pl.col("type") != "TRADE")
    assert set(told["type"]) == {"SPLIT", "MERGE", "REDEEM"}
    assert set(told["token_id"]) == {""}
    assert told["market_id"].str.len_chars().min() == 66
    assert told["price"].null_count() == told["outcome_index"].null_count() == told.height
    assert (told["shares"] == told["usd"]).all()


def test_nobody_is_asked_about_nobody(feed: PolymarketFeed, clock: Any) -> None:
    assert feed.activities([], instant(0), instant(clock.now_s)).schema == schema_of(Activity)
    assert feed.activities(["0x" + "0" * 40], instant(0), instant(clock.now_s)).schema == schema_of(Activity)
