"""Order books: a second outcome mirrors the first, the best prices touch the ticks, and nothing depends on who asks."""

from hypothesis import given
from hypothesis import strategies as st

from sandbox.books import LEVELS, book_at, quote_at
from sandbox.markets import LIVE, Market, draw_markets

MARKETS = draw_markets(seed=11, chunk=0, starts_s=1_795_262_400.0, era=LIVE, latest_close_s=float("inf"))
instants = st.tuples(st.sampled_from(MARKETS), st.floats(0, 1)).map(
    lambda pair: (pair[0], pair[0].opens_s + pair[1] * (pair[0].closes_s - pair[0].opens_s))
)


@given(instants)
def test_the_spread_is_one_to_three_ticks(instant: tuple[Market, float]) -> None:
    market, at_s = instant
    quote = quote_at(market, at_s)
    assert market.tick_millis <= quote.ask - quote.bid <= 3 * market.tick_millis
    assert 0 < quote.bid < quote.ask < 1000


@given(instants)
def test_a_bid_for_one_outcome_is_an_offer_of_the_other(instant: tuple[Market, float]) -> None:
    first, second = (book_at(instant[0], outcome, instant[1]) for outcome in (0, 1))
    assert [(1000 - level.price_millis, level.hundredths) for level in first.bids] == second.asks
    assert [(1000 - level.price_millis, level.hundredths) for level in first.asks] == second.bids


@given(instants)
def test_levels_are_a_tick_apart_and_hold_two_hundred_to_two_thousand_shares(instant: tuple[Market, float]) -> None:
    market, at_s = instant
    book = book_at(market, 0, at_s)
    for levels, step in ((book.bids, -market.tick_millis), (book.asks, market.tick_millis)):
        prices = [level.price_millis for level in levels]
        assert prices == list(range(prices[0], prices[0] + len(prices) * step, step))
        assert 1 <= len(levels) <= LEVELS
        assert all(20_000 <= level.hundredths <= 200_000 for level in levels)


def test_asking_twice_gives_the_same_book() -> None:
    market = MARKETS[0]
    assert book_at(market, 0, market.opens_s + 60) == book_at(market, 0, market.opens_s + 60)
