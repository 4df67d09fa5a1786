"""Single answers of the services: those we wrote down for the rare cases, and those recorded at the real ones."""

import itertools
import json
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl
import pytest
import tenacity.nap
from hypothesis import given
from hypothesis import strategies as st

from adapters.feeds.polymarket.clob import ClobBooks
from adapters.feeds.polymarket.data_api import DataApi
from adapters.feeds.polymarket.data_records import activities_of
from adapters.feeds.polymarket.data_records import trades_of as parsed
from adapters.feeds.polymarket.gamma import Gamma, category_of
from data_contracts import Activity, HolderPosition, Trade
from data_contracts.errors import Refused, Unavailable
from data_contracts.frames import rows_of
from domain.copying.book import Level
from tasks.fast_check import breaches
from tests.adapters.feeds.conftest import Unpaced
from tests.markets import market_breaches

AS_OF = datetime(2026, 11, 21, 12, tzinfo=UTC)
EVER = datetime(1970, 1, 1, tzinfo=UTC)
LAST_PAGE = {"limit": 1000, "offset": 0, "has_more": False, "next_cursor": None}


def a_record(**changes: Any) -> dict[str, Any]:
    """A trade as the Data API v2 writes it: 11 shares at 0.25."""
    record = {
        "proxy_wallet": "0x" + "Ab" * 20,
        "side": "BUY",
        "token_id": "123",
        "condition_id": "0x" + "c" * 64,
        "size": 11,
        "price": 0.25,
        "timestamp": 1_700_000_000,
        "outcome": "No",
        "transaction_hash": "0x" + "a" * 64,
    }
    return record | changes


def a_market(**changes: Any) -> dict[str, Any]:
    """An open market as Gamma writes it."""
    market = {
        "conditionId": "0xc",
        "question": "Will it?",
        "outcomes": '["Yes", "No"]',
        "outcomePrices": '["0.4", "0.6"]',
        "clobTokenIds": '["1", "2"]',
        "closed": False,
        "version": "v1",
        "orderPriceMinTickSize": 0.01,
        "orderMinSize": 5,
        "feeType": "sports_fees_v2",
        "feeSchedule": {"rate": 0.03, "exponent": 1},
        "events": [{"slug": "it"}],
        "endDate": "2026-12-01T00:00:00Z",
    }
    return market | changes


@pytest.fixture(autouse=True)
def nobody_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tenacity.nap.time, "sleep", lambda seconds: None)


def trades_of(answering: Any, *records: dict[str, Any]) -> Any:
    with answering({"data": list(records), "pagination": LAST_PAGE}) as (url, _):
        return DataApi(url).walk(EVER, AS_OF, max_pages=1).trades


def markets_of(answering: Any, *markets: dict[str, Any]) -> Any:
    with answering({"markets": list(markets)}) as (url, _):
        return Gamma(url).markets(["1"], AS_OF)


# Trades


def test_a_trade_of_the_wire_is_a_trade_in_our_words(answering: Any) -> None:
    (trade,) = rows_of(trades_of(answering, a_record()), Trade)
    assert trade.wallet == "0x" + "ab" * 20
    assert (trade.price, trade.shares, trade.notional) == (Decimal("0.25"), Decimal(11), Decimal("2.75"))
    assert trade.traded_at == datetime(2023, 11, 14, 22, 13, 20, tzinfo=UTC)
    assert (trade.source, trade.ordinal) == ("polymarket", 0)


@given(price=st.integers(1, 9999), shares=st.integers(1, 10**12))
def test_no_digit_of_a_price_or_of_shares_is_lost_on_the_way(price: int, shares: int) -> None:
    """Both are JSON numbers, and 0.29 is no binary number: 0.28999999999999998."""
    exact_price, exact_shares = Decimal(price) / 10_000, Decimal(shares) / 10**6
    frame = parsed([json.loads(json.dumps(a_record(price=float(exact_price), size=float(exact_shares))))], "test")
    assert frame["price"].to_list() == [exact_price]
    assert frame["shares"].to_list() == [exact_shares]


def test_a_trade_ahead_of_the_venues_own_clock_is_handed_on_and_one_that_is_merely_new_is_not(serve: Any) -> None:
    """The venue says 12:00:13: a trade of 12:00:14 is read the next time, one of 12:10:14 never happened."""
    noon = int(AS_OF.timestamp())
    records = [a_record(timestamp=noon + late) for late in (13 + 601, 13 + 600, 14, 0)]
    status = {"data": {"age_seconds": 13, "computed_at": "2026-11-21T12:00:00Z", "serving": {"lag_seconds": 0}}}
    page = {"data": records, "pagination": LAST_PAGE}
    with serve(lambda path, asked: (200, {}, json.dumps(status if path == "/v2/status" else page).encode())) as (url, _):
        api = DataApi(url)
        api.lag_s()
        times = api.walk(EVER, AS_OF, max_pages=1).trades["traded_at"].to_list()
    assert [(at - AS_OF).total_seconds() for at in times] == [0, 614]


@pytest.mark.parametrize(("ahead_s", "confirmed_s"), [(-60, -64), (13, 9), (14, 9), (600, 9)])
def test_a_clock_of_ours_that_runs_ahead_confirms_nothing_that_the_venue_does_not_have(
    answering: Any, ahead_s: int, confirmed_s: int
) -> None:
    """The venue says 12:00:13 and is 4 s late: up to 12:00:09 it has everything, whatever our clock says. A watermark beyond would skip
    what it shows later than the overlap of two minutes."""
    status = {"data": {"age_seconds": 0, "computed_at": "2026-11-21T12:00:13Z", "serving": {"lag_seconds": 4}}}
    with answering(status) as (url, _):
        confirmed = DataApi(url).confirmed_until(AS_OF + timedelta(seconds=ahead_s))
    assert confirmed == AS_OF + timedelta(seconds=confirmed_s)


def test_an_older_name_of_the_market_is_understood(answering: Any) -> None:
    old = a_record(market_id="0xold")
    del old["condition_id"]
    frame = trades_of(answering, old, a_record(condition_id="0xnew", timestamp=1_700_000_001))
    assert set(frame["market_id"]) == {"0xold", "0xnew"}


@pytest.mark.parametrize(
    ("change", "broken"),
    [
        ({"side": None}, "side"),
        ({"side": "buy"}, "side"),
        ({"price": None}, "price"),
        ({"price": "a lot"}, "price"),
        ({"price": 1.01}, "price"),
        ({"size": 0}, "shares"),
        ({"size": -1}, "shares"),
        ({"proxy_wallet": "0xnobody"}, "wallet"),
        ({"token_id": ""}, "token_id"),
        ({"outcome": None}, "outcome"),
    ],
)
def test_a_cell_that_cannot_be_right_is_named_and_the_other_rows_stand(answering: Any, change: dict[str, Any], broken: str) -> None:
    """The feed has the newest first, a frame the oldest."""
    frame = trades_of(answering, a_record(timestamp=1_700_000_001, **change), a_record())
    named = breaches(frame, Trade)
    assert frame.height == 2
    assert {breach.row for breach in named} == {1}
    assert broken in {breach.column for breach in named}


def test_equal_fills_have_the_same_ids_whether_they_are_read_one_by_one_or_together(answering: Any) -> None:
    """Newest first on the wire: of three equal fills the oldest is number 0 whichever came on which page."""
    pages = {None: [a_record(), a_record()], "next": [a_record(), a_record(timestamp=1_600_000_000)]}
    together = [record for page in pages.values() for record in page]
    whole = parsed(list(together), "polymarket")
    assert whole["ordinal"].to_list() == [0, 0, 1, 2]
    older = parsed(list(together[1:]), "polymarket")
    assert set(older["trade_id"]) < set(whole["trade_id"])


def test_the_walk_follows_the_cursor_with_the_same_filters(serve: Any) -> None:
    def script(path: str, asked: Any) -> Any:
        more = "cursor" not in asked
        page = {"data": [a_record(timestamp=1_700_000_000 + more)], "pagination": LAST_PAGE | {"has_more": more, "next_cursor": "abc="}}
        return 200, {}, json.dumps(page).encode()

    with serve(script) as (url, asked):
        assert DataApi(url).walk(EVER, AS_OF, max_pages=9).trades.height == 2
    assert asked == ["/v2/trades?taker_only=false&limit=1000", "/v2/trades?taker_only=false&limit=1000&cursor=abc%3D"]


ONE_TRADE, NO_TRADE = [a_record()], list[Any]()


@pytest.mark.parametrize(
    ("page_of", "cursor_of"),
    [
        (lambda number: ONE_TRADE, lambda number: f"after {number}"),
        (lambda number: NO_TRADE, lambda number: f"after {number}"),
        (lambda number: [a_record(timestamp=1_700_000_000 - number)], lambda number: "ab"[number % 2]),
    ],
    ids=["the same page again", "empty pages", "cursors in a circle"],
)
def test_a_walk_that_goes_round_in_circles_ends(serve: Any, page_of: Any, cursor_of: Any) -> None:
    """Page after page, each with a cursor to the next, it never ended; and of a page told twice each fill counted as two."""
    asked: list[Any] = []

    def script(path: str, query: Any) -> Any:
        asked.append(query)
        assert len(asked) < 100, "it would never have ended"
        pagination = LAST_PAGE | {"has_more": len(asked) < 90, "next_cursor": cursor_of(len(asked))}
        return 200, {}, json.dumps({"data": page_of(len(asked)), "pagination": pagination}).encode()

    with serve(script) as (url, _), pytest.raises(Unavailable, match="more"):
        DataApi(url, Unpaced()).activities(["0x" + "a" * 40], EVER, AS_OF)


def test_a_page_without_a_row_is_no_end_while_there_is_more(serve: Any) -> None:
    pages = {None: [a_record(timestamp=1_700_000_001)], "1": [], "2": [a_record()]}
    following = {None: "1", "1": "2", "2": None}

    def script(path: str, query: Any) -> Any:
        at = query.get("cursor", [None])[0]
        pagination = LAST_PAGE | {"has_more": following[at] is not None, "next_cursor": following[at]}
        return 200, {}, json.dumps({"data": pages[at], "pagination": pagination}).encode()

    with serve(script) as (url, _):
        assert DataApi(url, Unpaced()).walk(EVER, AS_OF, max_pages=9).trades.height == 2


@pytest.mark.parametrize("answer", [{"error": "gone"}, [], {"data": None}, {"data": [a_record()]}, "OK"])
def test_an_answer_of_another_shape_is_unavailable_and_shown(answering: Any, answer: Any) -> None:
    """It was a KeyError, which says nothing to whoever is called at night."""
    with answering(answer) as (url, _), pytest.raises(Unavailable, match=r"/v2/trades: .*shape"):
        DataApi(url).walk(EVER, AS_OF, max_pages=1)


@pytest.mark.parametrize("markets", [5, "x", {"conditionId": "0xc"}, True])
def test_markets_that_are_no_list_are_unavailable_whatever_was_asked(answering: Any, markets: Any) -> None:
    """A number was a TypeError. Found by `make fuzz`."""
    with answering({"markets": markets}) as (url, _):
        for ask in (Gamma(url).markets, Gamma(url).tokens_in):
            with pytest.raises(Unavailable, match="no list of records"):
                ask(["1"], AS_OF)


@pytest.mark.parametrize(("age_s", "lag_s", "late_s"), [(4, 9, 13.0), (0, 0, 0.0), (4, None, float("inf"))])
def test_the_lag_is_the_age_of_the_answer_and_how_far_it_is_behind(answering: Any, age_s: float, lag_s: Any, late_s: float) -> None:
    with answering({"data": {"age_seconds": age_s, "serving": {"lag_seconds": lag_s}}}) as (url, _):
        assert DataApi(url).lag_s() == late_s


# Activity


def test_a_word_the_venue_adds_tomorrow_is_kept_as_it_came() -> None:
    told = activities_of([a_record(type="AIRDROP", usdc_size=1.5, outcome_index=0), a_record(type="TRADE", usdc_size=2.75)], "polymarket")
    assert told["type"].to_list() == ["AIRDROP", "TRADE"]
    assert told["price"].to_list() == [None, Decimal("0.25")]
    assert breaches(told, Activity) == []


def test_a_rebate_names_no_market_and_a_market_names_no_outcome() -> None:
    rebate = {"proxy_wallet": "0x" + "a" * 40, "type": "MAKER_REBATE", "timestamp": 1_700_000_000, "size": 3.9955, "usdc_size": 3.9955}
    told = activities_of([rebate, a_record(type="REDEEM", usdc_size=11, outcome_index=999, token_id="", side="", outcome="")], "polymarket")
    assert breaches(told, Activity) == []
    assert told["outcome_index"].to_list() == [None, None]
    assert rows_of(told, Activity)[0].usd == Decimal("3.9955")


@pytest.mark.parametrize(("change", "broken"), [({"type": None}, "type"), ({"usdc_size": -1}, "usd"), ({"proxy_wallet": "me"}, "wallet")])
def test_what_cannot_have_happened_is_named(change: dict[str, Any], broken: str) -> None:
    told = activities_of([a_record(**{"type": "REDEEM", "usdc_size": 1} | change)], "polymarket")
    assert broken in {breach.column for breach in breaches(told, Activity)}


def test_a_trade_of_version_one_is_the_same_trade() -> None:
    """camelCase, `asset` for the token: the same row, the same id."""
    new = a_record()
    names = {"proxy_wallet": "proxyWallet", "condition_id": "conditionId", "token_id": "asset", "transaction_hash": "transactionHash"}
    old = {names.get(name, name): value for name, value in new.items()}
    assert parsed([old], "polymarket").equals(parsed([new], "polymarket"))
    assert breaches(parsed([old], "polymarket"), Trade) == []


# Markets


@pytest.mark.parametrize(
    ("market", "category"),
    [
        ({"feeType": "crypto_fees"}, "crypto"),
        ({"feeType": "sports_fees_v2"}, "sports"),
        ({"feeType": "Culture_fees_v13"}, "culture"),
        ({"feeType": "fees_of_sports"}, "fees_of_sports"),
        ({"feeType": None, "tags": [{"slug": "politics"}, {"slug": "us"}]}, "politics"),
        ({"feeType": "crypto_fees", "tags": [{"slug": "politics"}]}, "crypto"),
        ({"tags": [{"slug": "hide-from-new"}, {"slug": "politics"}]}, "politics"),
        ({"tags": [{"slug": "sweeden"}, {"slug": "madrid-open"}]}, "sweeden"),
        ({"feeType": "", "tags": []}, ""),
        ({"tags": None}, ""),
        ({}, ""),
    ],
)
def test_a_category_is_the_fee_type_else_the_first_tag_else_none(market: dict[str, Any], category: str) -> None:
    assert category_of(market) == category


@pytest.mark.parametrize(
    ("ending", "payouts"),
    [
        ({}, [None, None]),
        ({"closed": True}, [None, None]),
        ({"closed": True, "umaResolutionStatus": "proposed", "outcomePrices": '["0.99", "0.01"]'}, [None, None]),
        ({"closed": False, "umaResolutionStatus": "resolved", "outcomePrices": '["1", "0"]'}, [None, None]),
        ({"closed": True, "umaResolutionStatus": "resolved", "outcomePrices": '["1", "0"]'}, [Decimal(1), Decimal(0)]),
        ({"closed": True, "umaResolutionStatus": "resolved", "outcomePrices": '["0.5", "0.5"]'}, [Decimal("0.5"), Decimal("0.5")]),
    ],
)
def test_prices_are_payouts_only_when_a_market_is_closed_and_resolved(answering: Any, ending: dict[str, Any], payouts: list[Any]) -> None:
    frame = markets_of(answering, a_market(closedTime="2026-11-21 11:00:00+00", **ending))
    assert frame["payout"].to_list() == payouts
    ended_at = None if None in payouts else datetime(2026, 11, 21, 11, tzinfo=UTC)
    assert set(frame["ended_at"]) == {ended_at}


@pytest.mark.parametrize(
    "prices",
    [
        '["0", "0"]',
        '["1", "1"]',
        '["0.9995", "0.0005"]',
        '["0.6", "0.4"]',
        '["0.5"]',
        '["1"]',
        '["1", "0", "0"]',
        '["1", "NaN"]',
        '["1", null]',
        "",
        None,
    ],
)
def test_prices_that_do_not_add_up_or_are_only_near_the_end_pay_nothing_yet(answering: Any, prices: Any) -> None:
    """They were booked as payouts for good. Unresolved, the market is asked for again."""
    ending = {"closed": True, "umaResolutionStatus": "resolved", "closedTime": "2026-11-21 11:00:00+00"}
    frame = markets_of(answering, a_market(outcomePrices=prices, **ending))
    assert set(frame.filter(pl.col("outcome").is_not_null())["payout"]) == {None}
    assert set(frame["ended_at"]) == {None}
    assert set(frame["ended_at_is_assumed"]) == {False}


OVER = {"closed": True, "umaResolutionStatus": "resolved", "outcomePrices": '["0", "1"]', "endDate": "2027-01-01T00:00:00Z"}


@pytest.mark.parametrize("closed_time", [None, "", "soon", "2026-13-45", "2026-11-21 11:00:00", 17, "2999-11-21 11:00:00+00"])
@pytest.mark.parametrize(
    ("others", "ended_at"),
    [
        ({"umaEndDate": "2026-11-20T10:00:00Z"}, datetime(2026, 11, 20, 10, tzinfo=UTC)),
        ({"endDate": "2026-11-19T10:00:00Z"}, datetime(2026, 11, 19, 10, tzinfo=UTC)),
        ({}, AS_OF),  # its planned end is still to come
        ({"umaEndDate": "?", "endDate": None}, AS_OF),
        ({"umaEndDate": "2999-11-20T10:00:00Z"}, AS_OF),
    ],
)
def test_a_resolved_market_that_does_not_say_when_is_settled_at_an_instant_marked_as_assumed(
    answering: Any, closed_time: Any, others: dict[str, Any], ended_at: datetime
) -> None:
    """Its payout was known and its end was not, so it was never settled and its capital stayed locked."""
    frame = markets_of(answering, a_market(**(OVER | others | {"closedTime": closed_time})))
    assert frame["payout"].to_list() == [0, 1]
    assert set(frame["ended_at"]) == {ended_at}
    assert set(frame["ended_at_is_assumed"]) == {True}


STATUSES = ["closed", "umaResolutionStatus", "closedTime", "outcomePrices", "acceptingOrders"]


def recorded_endings(place: Path) -> list[dict[str, Any]]:
    """What each recorded market says of its end."""
    bodies = [json.loads(path.read_text()) for path in sorted(place.glob("recorded/gamma_*.json"))]
    markets = [market for body in bodies for one in (body if isinstance(body, list) else [body]) for market in one.get("markets", [one])]
    return [{name: market[name] for name in STATUSES if name in market} for market in markets if "conditionId" in market]


def test_every_combination_of_what_recorded_markets_say_of_their_end(answering: Any, recorded_answers: Path) -> None:
    """Paid exactly when it is closed, resolved and its prices are pinned; when it ended is assumed exactly when it does not say so.

    Whether it still accepts orders changes nothing: one recorded market is closed, at 1 and 0, and does, and nobody calls it resolved.
    """
    seen = {name: {json.dumps(one.get(name)) for one in recorded_endings(recorded_answers)} | {"null"} for name in STATUSES}
    assert min(map(len, seen.values())) >= 2
    said = [dict(zip(STATUSES, map(json.loads, values), strict=True)) for values in itertools.product(*seen.values())]
    markets = [a_market(**(OVER | one | {"clobTokenIds": [f"{n} yes", f"{n} no"], "conditionId": str(n)})) for n, one in enumerate(said)]
    rows = {row["token_id"]: row for row in markets_of(answering, *markets).to_dicts()}
    found = [
        (row["payout"], row["ended_at"] is not None, row["ended_at_is_assumed"]) for n in range(len(said)) for row in [rows[f"{n} yes"]]
    ]
    assert found == list(map(expected_ending, said))
    assert len({ending for ending in found if ending[1]}) == 4  # won or lost, its end known or assumed


def expected_ending(said: dict[str, Any]) -> tuple[Decimal | None, bool, bool]:
    """What the first outcome pays, whether it ended, and whether that instant is assumed."""
    payout = {'["1", "0"]': Decimal(1), '["0", "1"]': Decimal(0)}.get(said["outcomePrices"])
    if payout is None or said["closed"] is not True or said["umaResolutionStatus"] != "resolved":
        return None, False, False
    return payout, True, said["closedTime"] is None


def test_a_market_of_the_second_version_has_its_tokens_elsewhere(answering: Any) -> None:
    frame = markets_of(answering, a_market(version="v2", positionIds=["11", "12"], clobTokenIds=None))
    assert frame["token_id"].to_list() == ["11", "12"]
    assert frame["outcome"].to_list() == ["Yes", "No"]


def test_a_market_without_fees_costs_nothing(answering: Any) -> None:
    frame = markets_of(answering, a_market(feeType=None, feeSchedule=None))
    assert set(frame["fee_rate"]) == {Decimal(0)}
    assert set(frame["fee_exponent"]) == {1}


@pytest.mark.parametrize(
    ("change", "missing"),
    [
        ({"version": None}, {"version"}),
        ({"feesEnabled": True, "feeSchedule": None}, {"fee_rate"}),
        ({"feeSchedule": {"rate": "free"}}, {"fee_rate"}),
        ({"orderPriceMinTickSize": None}, {"price_increment", "lowest_price"}),
        ({"conditionId": None}, {"market_id"}),
        ({"outcomes": "Yes, No"}, {"outcome"}),
        ({"outcomes": '["Yes", "No", "Maybe"]'}, {"outcome"}),  # whose token is whose?
        ({"clobTokenIds": '["1", "2", "3"]'}, {"outcome"}),
        ({"version": "v2"}, {"token_id"}),  # its position ids are missing
    ],
)
def test_what_a_market_does_not_say_is_named(answering: Any, change: dict[str, Any], missing: set[str]) -> None:
    assert {breach.column for breach in market_breaches(markets_of(answering, a_market(**change)))} - {"key"} == missing


@pytest.mark.parametrize("tokens", ['["1"]', '["1", "2", "3"]'])
def test_where_outcomes_and_tokens_are_not_as_many_nobody_is_paid_by_his_place(answering: Any, tokens: str) -> None:
    """The first token was paid 1 USD a share, and a third stood beside it."""
    frame = markets_of(answering, a_market(**OVER, clobTokenIds=tokens))
    assert {breach.row for breach in market_breaches(frame)} == set(range(frame.height))


@pytest.mark.parametrize("spelt", ["0x" + "C" * 64, "0X" + "c" * 64, f" 0x{'c' * 64}\n"])
def test_a_market_is_one_however_its_id_is_spelt(answering: Any, spelt: str) -> None:
    assert set(markets_of(answering, a_market(conditionId=spelt))["market_id"]) == {"0x" + "c" * 64}
    trades = trades_of(answering, a_record(condition_id=spelt, proxy_wallet=f" 0x{'A' * 40} "))
    assert trades.select("market_id", "wallet").rows() == [("0x" + "c" * 64, "0x" + "a" * 40)]


def test_one_market_that_cannot_be_read_does_not_lose_the_others(answering: Any) -> None:
    with answering({"markets": [{"id": "1", "question": "Test Market?", "slug": "test-market"}, "nonsense", a_market()]}) as (url, _):
        frame = Gamma(url).markets(["1"], AS_OF)
    bad = {breach.row for breach in market_breaches(frame)}
    assert frame.height - len(bad) == 2


def test_a_version_of_tomorrow_is_kept_as_it_came(answering: Any) -> None:
    """The firewall buys nothing there, and says MARKET_VERSION_UNKNOWN."""
    frame = markets_of(answering, a_market(version="V3"))
    assert set(frame["version"]) == {"v3"}
    assert {breach.column for breach in market_breaches(frame)} == set()


def test_a_market_of_two_events_or_asked_for_by_two_tokens_is_one_row_a_token(answering: Any) -> None:
    with answering({"markets": [a_market(), a_market()]}) as (url, asked):
        assert Gamma(url).markets(["1", "2", "1"], AS_OF)["token_id"].to_list() == ["1", "2"]
        assert len(asked) == 1  # all were among the open ones


def test_only_what_is_not_among_the_open_markets_is_asked_for_among_the_closed(answering: Any) -> None:
    with answering({"markets": [a_market()]}) as (url, asked):
        Gamma(url).markets(["1", "3"], AS_OF)
    assert ["clob_token_ids=1&" in url for url in asked] == [True, False]
    assert "clob_token_ids=3&closed=true" in asked[1]


def test_an_open_market_past_its_end_is_asked_for_among_the_closed_ones_too(answering: Any) -> None:
    """The list of the open ones may be late; its payout must not wait for that."""
    with answering({"markets": [a_market(endDate="2026-11-01T00:00:00Z")]}) as (url, asked):
        Gamma(url).markets(["1", "2"], AS_OF)
    assert ["closed=true" in url for url in asked] == [False, True]


def test_a_token_id_that_came_as_a_number_is_no_text_that_looks_like_one(answering: Any) -> None:
    """A parser that took it for a float would make 7.1e+76 of it, or a text of 77 digits, most of them wrong."""
    number = 71321045679252212594626385532706912750332728571942532289631379312455583992563
    with answering({"markets": [a_market(version="v2", positionIds=[number, str(number)])]}) as (url, _):
        assert Gamma(url).markets([str(number)], AS_OF)["token_id"].to_list() == [None, str(number)]


OVER_AND_PAID = {"closed": True, "umaResolutionStatus": "resolved", "outcomePrices": '["1", "0"]'}


@pytest.mark.parametrize("turn", [1, -1])
def test_a_market_that_is_in_an_answer_as_open_and_as_over_is_over(answering: Any, turn: int) -> None:
    """The list of the open ones may be late: whichever came first stood, and a payout that was told was lost."""
    frame = markets_of(answering, *[a_market(), a_market(**OVER_AND_PAID)][::turn])
    assert frame.select("outcome", "payout").rows() == [("Yes", 1), ("No", 0)]


def test_a_market_that_is_over_twice_and_pays_otherwise_is_set_aside_and_asked_again(answering: Any) -> None:
    """The first was booked for good."""
    frame = markets_of(answering, a_market(**OVER_AND_PAID), a_market(**OVER_AND_PAID | {"outcomePrices": '["0", "1"]'}))
    assert {breach.row for breach in market_breaches(frame)} == set(range(frame.height))


@pytest.mark.parametrize("tick", [0, -0.01, "0", 1e-19, 0.51, 1, 5])
def test_a_tick_that_is_no_step_between_two_prices_is_named(answering: Any, tick: Any) -> None:
    """0 kept its contract, and the first order of that market ended the cycle by a division by zero."""
    assert "price_increment" in {breach.column for breach in market_breaches(markets_of(answering, a_market(orderPriceMinTickSize=tick)))}


def test_the_widest_tick_has_one_price(answering: Any) -> None:
    assert not market_breaches(markets_of(answering, a_market(orderPriceMinTickSize=0.5)))


@pytest.mark.parametrize("schedule", [{}, {"exponent": 1}, {"rate": None}])
def test_a_schedule_that_names_no_rate_costs_nobody_knows_what(answering: Any, schedule: dict[str, Any]) -> None:
    """It was free, though the market says that it charges fees."""
    frame = markets_of(answering, a_market(feesEnabled=True, feeSchedule=schedule))
    assert {breach.column for breach in market_breaches(frame)} == {"fee_rate"}


# Books


def a_book(**changes: Any) -> dict[str, Any]:
    book: dict[str, Any] = {
        "market": "0xc",
        "asset_id": "1",
        "hash": "",
        "timestamp": "1703875200000",
        "bids": [{"price": "0.48", "size": "100.00"}, {"price": "0.50", "size": "150.00"}],
        "asks": [{"price": "0.53", "size": "90.00"}, {"price": "0.51", "size": "120.00"}],
        "last_trade_price": "0.5",
        "min_order_size": "5",
        "neg_risk": False,
        "tick_size": "0.01",
    }
    return book | changes


def test_a_book_of_the_wire_is_turned_round_and_exact(answering: Any) -> None:
    with answering([a_book()]) as (url, _):
        (book,) = ClobBooks(url).books(["1"]).values()
    assert book.bids == (Level(Decimal("0.50"), Decimal(150)), Level(Decimal("0.48"), Decimal(100)))
    assert book.asks == (Level(Decimal("0.51"), Decimal(120)), Level(Decimal("0.53"), Decimal(90)))


@pytest.mark.parametrize(
    "odd",
    [
        {"price": "0.97", "size": "0"},
        {"price": "0.97", "size": "-5"},
        {"price": "0.97", "size": "NaN"},
        {"price": "NaN", "size": "5"},
        {"price": "1.2", "size": "5"},
        {"price": "a lot", "size": "5"},
        {"price": None, "size": "5"},
        {"price": "0.97"},
        "0.97",
        None,
    ],
)
def test_a_level_that_is_none_costs_the_rest_of_its_book_nothing(answering: Any, odd: Any) -> None:
    """One size of NaN lost the whole book, and a size of 0 was its best bid."""
    with answering([a_book(bids=[*a_book()["bids"], odd], asks=[odd, *a_book()["asks"]])]) as (url, _):
        (book,) = ClobBooks(url).books(["1"]).values()
    assert [level.price for level in book.bids] == [Decimal("0.50"), Decimal("0.48")]
    assert [level.price for level in book.asks] == [Decimal("0.51"), Decimal("0.53")]


@pytest.mark.parametrize("nobody", [None, {}, "null"])
def test_a_book_with_one_side_alone_is_a_book(answering: Any, nobody: Any) -> None:
    """A side of null lost the whole book: nobody asks, and we could not sell to those who bid."""
    only_bids, only_asks = a_book(asset_id="a", asks=nobody), a_book(asset_id="b", bids=nobody)
    del only_asks["bids"]
    with answering([only_bids, only_asks, a_book(asset_id="c", asks=nobody, bids=nobody)]) as (url, _):
        books = ClobBooks(url).books(["a", "b", "c"])
    assert {token_id: (len(book.bids), len(book.asks)) for token_id, book in books.items()} == {"a": (2, 0), "b": (0, 2)}


def test_books_are_found_by_token_whatever_their_order_and_five_hundred_at_a_time(answering: Any) -> None:
    with answering([a_book(asset_id="b"), a_book(asset_id="a", bids=[])]) as (url, asked):
        books = ClobBooks(url).books([str(number) for number in range(501)])
    assert books["a"].bids == ()
    assert books["a"].token_id == "a"
    assert books["b"].bids
    assert len(asked) == 2


@pytest.mark.parametrize(
    ("status", "error"), [(400, Refused), (403, Refused), (408, Unavailable), (429, Unavailable), (500, Unavailable), (503, Unavailable)]
)
def test_a_no_of_the_books_is_refused_and_a_later_is_unavailable(serve: Any, status: int, error: type[Exception]) -> None:
    with (
        serve(lambda path, asked: (status, {}, b'{"error": "Invalid payload"}')) as (url, _),
        pytest.raises(error, match="Invalid payload"),
    ):
        ClobBooks(url).books(["1"])


@pytest.mark.parametrize("body", [b"<html>Just a moment...</html>", b'[{"asset_id": "1"}]', b"null", b'{"error": "x"}'])
def test_an_answer_that_is_no_list_of_books_is_unavailable(serve: Any, body: bytes) -> None:
    """The venue's client hands on the text of a page as if it were books: it was a TypeError."""
    with serve(lambda path, asked: (200, {}, body)) as (url, _), pytest.raises(Unavailable, match="clob: "):
        ClobBooks(url).books(["1"])


def test_a_clob_that_is_down_is_unavailable() -> None:
    with pytest.raises(Unavailable, match="clob: "):
        ClobBooks("http://127.0.0.1:1").books(["1"])


# Recorded at the real services


def recorded(directory: Path, name: str) -> Any:
    return json.loads((directory / name).read_text())


def named_breaches(frame: Any, row_class: type) -> set[str]:
    return {breach.column for breach in breaches(frame, row_class)}


def test_the_recorded_page_of_trades_keeps_its_contract(answering: Any, recorded_answers: Path) -> None:
    with answering(recorded(recorded_answers, "data_api_v2/trades_page.sample.json")) as (url, _):
        frame = DataApi(url).walk(EVER, AS_OF, max_pages=1).trades
    (trade,) = rows_of(frame, Trade)
    # 11 x 0.999 = 10.989
    assert (trade.price, trade.shares, trade.notional) == (Decimal("0.999"), Decimal(11), Decimal("10.989"))
    assert named_breaches(frame, Trade) == set()


def test_the_recorded_trades_of_version_one_lack_nothing_but_the_outcome(answering: Any, recorded_answers: Path) -> None:
    """They were recorded without it. No row is lost, and none is taken for good."""
    old = recorded(recorded_answers, "recorded/data_api_trades_response.json")
    with answering({"data": old, "pagination": LAST_PAGE}) as (url, _):
        frame = DataApi(url).walk(EVER, AS_OF, max_pages=1).trades
    assert frame.height == len(old) == 3
    assert {(breach.row, breach.column) for breach in breaches(frame, Trade)} == {(row, "outcome") for row in range(3)}


def test_the_recorded_holders_keep_their_contract(answering: Any, recorded_answers: Path) -> None:
    sample = recorded(recorded_answers, "data_api_v2/holders_include_pnl.sample.json")
    with answering(sample) as (url, _):
        frame = DataApi(url).holders(["0xc"], AS_OF)
    holders = rows_of(frame, HolderPosition)
    assert [(h.token_id, h.shares, h.cost) for h in holders] == [("123", 1000, 500), ("123", 400, 180), ("124", 700, 280)]
    assert named_breaches(frame, HolderPosition) == set()


def test_the_recorded_status_is_thirteen_seconds_late(answering: Any, recorded_answers: Path) -> None:
    with answering(recorded(recorded_answers, "data_api_v2/status.sample.json")) as (url, _):
        assert DataApi(url).lag_s() == 4 + 9


GAMMA = {
    "gamma_market.json": ("Up", "Down", None, "crypto"),
    "gamma_market_closed_binary_accepting_false.json": ("Yes", "No", [0, 1], ""),
    "gamma_market_closed_binary_accepting_true.json": ("Yes", "No", None, ""),  # closed, and nobody says that it is resolved
    "gamma_market_sports_market_map_handicap.json": ("FaZe", "illwill", [1, 0], "sports"),
    "gamma_market_sports_market_money_line.json": ("FaZe", "illwill", [1, 0], "sports"),
}


@pytest.mark.parametrize("name", GAMMA)
def test_a_recorded_market_keeps_its_contract_but_for_its_version(answering: Any, recorded_answers: Path, name: str) -> None:
    first, second, payouts, category = GAMMA[name]
    frame = markets_of(answering, recorded(recorded_answers, f"recorded/{name}")).sort("outcome_index")
    assert frame["outcome"].to_list() == [first, second]
    assert frame["payout"].to_list() == (payouts or [None, None])
    assert frame["ended_at"].null_count() == (0 if payouts else 2)
    assert set(frame["category"]) == {category}
    # Recorded before there was a version, and one of them without the schedule of the fees it says it charges.
    assert {breach.column for breach in market_breaches(frame)} == ({"version", "fee_rate"} if name == "gamma_market.json" else {"version"})


@pytest.mark.parametrize("name", ["gamma_market_closed_nonbinary_legacy.json", "gamma_market_closed_zero_zero_legacy.json"])
def test_a_market_from_before_the_order_book_is_kept_and_its_missing_tick_is_named(
    answering: Any, recorded_answers: Path, name: str
) -> None:
    """2020 and 2021: no tick, no least order. It was a KeyError that lost the other ninety-nine markets of the answer."""
    frame = markets_of(answering, recorded(recorded_answers, f"recorded/{name}"))
    assert frame.height == 2
    assert frame["payout"].null_count() == 2
    assert {breach.column for breach in market_breaches(frame)} >= {"price_increment", "min_shares", "version"}
