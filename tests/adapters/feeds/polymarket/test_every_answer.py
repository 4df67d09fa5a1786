"""Every recorded answer, whoever it was meant for, before every reader: it parses, its bad rows are named, or our word for it is no."""

import json
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl
import pytest
import tenacity.nap

from adapters.feeds.polymarket.clob import ClobBooks
from adapters.feeds.polymarket.data_api import DataApi
from adapters.feeds.polymarket.gamma import Gamma
from data_contracts import Activity, HolderPosition, Instrument, PolymarketMarket, Trade
from data_contracts.errors import Refused, Unavailable
from data_contracts.frames import rows_of
from domain.polymarket.markets import rows_by_class
from tasks.fast_check import breaches
from tests.adapters.feeds.conftest import Unpaced
from tests.markets import market_breaches

AS_OF = datetime(2026, 11, 21, 12, tzinfo=UTC)
EVER = datetime(1970, 1, 1, tzinfo=UTC)
WALLET = "0x" + "a" * 40
LAST_PAGE = {"limit": 1000, "offset": 0, "has_more": False, "next_cursor": None}


# Rows the answers come to; few of them tell of holders.
MANY = {
    Trade: 150,
    Activity: 150,
    HolderPosition: 5,
    Instrument: 150,
    PolymarketMarket: 150,
}


def bodies(place: Path) -> Iterator[Any]:
    """Each answer in recorded/, responses/ and data_api_v2/."""
    for path in sorted([*place.glob("recorded/*.json"), *place.glob("data_api_v2/*.sample.json")]):
        yield json.loads(path.read_text())
    for path in sorted(place.glob("responses/*.json")):
        yield from (sample["body"] for sample in json.loads(path.read_text()))


def wrapped(body: Any) -> Iterator[Any]:
    """The answer as it came, and its records where the reader of today looks for them."""
    yield body
    records = body if isinstance(body, list) else [body]
    yield {"data": records, "markets": records, "pagination": LAST_PAGE}
    if isinstance(body, dict):
        yield records


@pytest.fixture(autouse=True)
def nobody_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tenacity.nap.time, "sleep", lambda seconds: None)


@pytest.fixture(scope="module")
def stage(serve: Any) -> Iterator[tuple[str, list[Any]]]:
    """One server for all: its address, and the body it answers with."""
    body: list[Any] = [None]
    with serve(lambda path, asked: (200, {}, json.dumps(body[0]).encode())) as (url, _):
        yield url, body


def read_by(reader: Callable[[], Any], body: list[Any], answers: Iterable[Any]) -> Iterator[Any]:
    """What the reader makes of each answer. Another error than ours would end a cycle unexplained, so none is caught."""
    for answer in answers:
        for body[0] in wrapped(answer):
            with suppress(Unavailable, Refused):
                yield reader()


@pytest.mark.parametrize("row_class", [Trade, Activity, HolderPosition, Instrument, PolymarketMarket])
def test_a_row_of_any_answer_is_good_or_its_fault_is_named_and_nothing_else(stage: Any, recorded_answers: Path, row_class: type) -> None:
    """169 answers, each as it came and as a page of records. The good rows become rows of their class."""
    url, body = stage
    data, gamma = DataApi(url, Unpaced()), Gamma(url, Unpaced())
    readers: dict[type, Callable[[], pl.DataFrame]] = {
        Trade: lambda: data.walk(EVER, AS_OF, 1).trades,
        Activity: lambda: data.activities([WALLET], EVER, AS_OF),
        HolderPosition: lambda: data.holders(["0xc"], AS_OF),
        Instrument: lambda: rows_by_class(gamma.markets(["1"], AS_OF))[Instrument],
        PolymarketMarket: lambda: rows_by_class(gamma.markets(["1"], AS_OF))[PolymarketMarket],
    }
    frame = pl.concat(read_by(readers[row_class], body, bodies(recorded_answers)), how="diagonal")  # some bring what they could not read
    assert frame.height >= MANY[row_class]
    bad = {breach.row for breach in breaches(frame, row_class)}
    good = [row for row in range(frame.height) if row not in bad]
    assert len(rows_of(frame[good], row_class)) == len(good)


def test_any_answer_is_a_lag_a_holding_or_books_or_our_no(stage: Any, recorded_answers: Path) -> None:
    url, body = stage
    data, clob = DataApi(url, Unpaced()), ClobBooks(url)
    held = list(read_by(lambda: data.holding(WALLET, "0xmarket", "1", AS_OF), body, bodies(recorded_answers)))
    assert {holding and holding.shares for holding in held} <= {None, 0}
    assert list(read_by(data.lag_s, body, bodies(recorded_answers))) == [13.0]  # one of them is a status
    books = [found for found in read_by(lambda: clob.books(["1"]), body, bodies(recorded_answers)) if found]
    assert books  # of one sampled answer


def recorded(directory: Path, name: str) -> Any:
    return json.loads((directory / name).read_text())


def held(url: str, wallet: str, token_id: str) -> Any:
    """The API's lag is told beforehand: these answers are positions only."""
    api = DataApi(url)
    api._lag_s = 3.0
    found = api.holding(wallet, "0xmarket", token_id, AS_OF)
    assert found is not None
    assert found.known_at <= AS_OF
    return found.shares


def test_the_recorded_positions_of_version_one_say_what_a_wallet_holds(answering: Any, recorded_answers: Path) -> None:
    old = recorded(recorded_answers, "recorded/data_api_positions_response.json")
    with answering(old) as (url, _):
        assert held(url, old[0]["proxyWallet"], old[0]["asset"]) == Decimal("150.5")
        assert held(url, old[0]["proxyWallet"], old[1]["asset"]) == Decimal("0.0")
        assert held(url, old[0]["proxyWallet"], "1") == Decimal("0.0")


def test_the_sampled_positions_of_the_official_client_are_read_as_well(answering: Any, recorded_answers: Path) -> None:
    samples = recorded(recorded_answers, "responses/data_samples.json")
    position = next(sample["body"] for sample in samples if sample["test"] == "positions_should_succeed")
    with answering(position) as (url, _):
        assert held(url, position[0]["proxyWallet"], position[0]["asset"]) == Decimal("100.5")


def test_a_bare_list_of_trades_is_one_page_and_a_full_one_is_no_way_to_read_on(answering: Any, recorded_answers: Path) -> None:
    old = recorded(recorded_answers, "recorded/data_api_trades_response.json")
    with answering(old) as (url, _):
        assert DataApi(url).walk(EVER, AS_OF, max_pages=1).trades.height == 3
    with answering(old * 334) as (url, _), pytest.raises(Unavailable, match="full page of version one"):
        DataApi(url).walk(EVER, AS_OF, max_pages=1)


def test_the_recorded_book_is_turned_round(answering: Any, recorded_answers: Path) -> None:
    book = recorded(recorded_answers, "recorded/clob_book_response.json")
    with answering([book]) as (url, _):
        (found,) = ClobBooks(url).books([book["asset_id"]]).values()
    assert [level.price for level in found.bids] == sorted((level.price for level in found.bids), reverse=True)
    assert [level.price for level in found.asks] == sorted(level.price for level in found.asks)
    assert len(found.bids) == len(book["bids"])


def test_every_market_of_a_recorded_event_is_read_and_lacks_nothing_but_its_version(answering: Any, recorded_answers: Path) -> None:
    """Recorded before the second version: today such a market would not be traded."""
    for name, key in (("recorded/gamma_event.json", None), ("recorded/search_response.json", "events")):
        answer = recorded(recorded_answers, name)
        markets = [market for event in (answer[key] if key else answer) for market in event["markets"]]
        with answering({"markets": markets}) as (url, _):
            frame = Gamma(url).markets(["1"], AS_OF)
        assert frame.height == 2 * len({market["conditionId"] for market in markets})
        columns = {breach.column for breach in market_breaches(frame)}
        assert columns <= {"version", "price_increment", "lowest_price", "min_shares", "token_id", "key"}
        named = frame.filter(frame["version"].is_not_null())
        assert named.is_empty()
