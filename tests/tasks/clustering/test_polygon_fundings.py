"""Who paid the wallets we watch on Polymarket, read from the sandbox's node, which tells few logs at once."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import count
from typing import Any

import pytest
from pydantic import SecretStr
from starlette.applications import Starlette

from adapters import connect
from adapters.connect import open_history, open_polygon, open_results
from adapters.feeds.json_api import JsonApi
from adapters.feeds.polymarket.polygon import MOST_BLOCKS, Polygon, TooMany
from adapters.settings import Settings
from adapters.stores.results import Write
from data_contracts import Candidate, FoundIn, Funding, Trade, Watermark
from data_contracts.errors import Refused, Unavailable
from data_contracts.frames import frame_of, rows_of
from domain.polymarket.fundings import Transfer, fundings_of
from sandbox.exchange.chain import Chain
from sandbox.exchange.deposits import MOST_BLOCKS as SANDBOX_BLOCKS
from sandbox.exchange.deposits import MOST_LOGS, deposits
from sandbox.exchange.exchange import Exchange
from sandbox.exchange.rpc import rpc_routes
from sandbox.world import World
from tasks.clustering import polygon_fundings as task
from tasks.copying.watermarks import FUNDED_ON_POLYGON
from tests.adapters.feeds.conftest import Unpaced
from tests.flows.conftest import served
from tests.ledger_rows import trade_row

pytestmark = pytest.mark.usefixtures("bare")
ORIGIN = datetime(2026, 11, 21, 12, tzinfo=UTC)
NOW = ORIGIN + timedelta(minutes=5)
numbers = count()


@pytest.fixture(scope="module")
def world() -> World:
    return World(7, ORIGIN, wallets=90, history_days=1)


@pytest.fixture(scope="module")
def node_url(world: World) -> Iterator[str]:
    exchange = Exchange(world, lambda: NOW.timestamp())
    with contextmanager(served)(Starlette(routes=rpc_routes(exchange, Chain(exchange)))) as url:
        yield f"{url}/rpc"


@pytest.fixture
def house(world: World, node_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Settings]:
    """A house in memory: all wallets of the world are candidates, and one name that is no address."""
    address = SecretStr(f"memory:polygon {next(numbers)}")
    settings = Settings(postgres_url=address, clickhouse_url=address, rpc_url=node_url)
    seen: dict[str, Any] = {"found_in": FoundIn.TRADES, "detail": "", "excluded": None, "first_seen_at": NOW, "last_seen_at": NOW}
    rows = [Candidate(wallet=wallet, **seen) for wallet in [*world.wallets, "name:nobody"]]
    open_results(settings).write([Write(Candidate, frame_of(rows, Candidate), "put")])
    monkeypatch.setattr("adapters.feeds.polymarket.polygon.MOST_BLOCKS", 2 * SANDBOX_BLOCKS)  # too many: it is asked for fewer
    monkeypatch.setattr("tasks.clustering.polygon_fundings.open_polygon", lambda _: Polygon(JsonApi(node_url, "polygon", Unpaced())))
    yield settings
    connect._results.pop(address.get_secret_value(), None)
    connect._histories.pop(address.get_secret_value(), None)


def read(house: Settings, now: datetime = NOW) -> list[Funding]:
    paid = task.read_polygon_fundings(house, now)
    task.keep_polygon_fundings(paid.fundings, paid.reached, house)
    return rows_of(paid.fundings, Funding)


def truth(world: World) -> set[tuple[str, str, Decimal, datetime]]:
    return {(one.address, funder, Decimal(raw).scaleb(-6), datetime.fromtimestamp(at_s, UTC)) for one, funder, raw, at_s in deposits(world)}


def test_every_payment_comes_exactly_and_what_was_wrapped_is_none(house: Settings, world: World) -> None:
    """90 wallets were each paid once and wrapped it; the node tells 20 logs at once."""
    assert len(world.wallets) > 4 * MOST_LOGS
    assert {(row.wallet, row.funder, row.amount, row.funded_at) for row in read(house)} == truth(world)


def test_the_next_run_reads_on_from_there(house: Settings) -> None:
    first = read(house)
    marks = [row for row in open_results(house).rows(Watermark) if row.name.startswith(FUNDED_ON_POLYGON)]
    assert len(marks) == len(first)
    assert {row.reached_at for row in marks} == {NOW - timedelta(seconds=128)}  # what is not final yet is read when it is
    assert read(house) == []


def test_a_run_that_ends_early_is_gone_on_with(house: Settings, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(task, "MOST_PARTS", 30)
    found = [*read(house)]
    assert 0 < len(found) < len(world.wallets)
    for _ in range(3):
        found += read(house)
    assert {(row.wallet, row.funder, row.amount, row.funded_at) for row in found} == truth(world)
    assert len(found) == len(world.wallets)


def test_what_a_trade_brought_is_no_payment(house: Settings, world: World) -> None:
    """The other side's dollars came in the transaction in which the wallet sold."""
    one = read(house)[0]
    assert one.funded_at is not None
    row = trade_row(one.funded_at, wallet=one.wallet, tx_hash=one.tx)
    open_history(house).append(frame_of([row], Trade), Trade)
    marks = [Watermark(name=FUNDED_ON_POLYGON + wallet, reached_at=NOW - task.LOOK_BACK) for wallet in world.wallets]
    open_results(house).write([Write(Watermark, frame_of(marks, Watermark), "put")])
    assert {row.wallet for row in read(house)} == world.wallets.keys() - {one.wallet}


@pytest.mark.parametrize("url", [None, "wss://127.0.0.1:1/rpc"])
def test_without_a_node_nothing_is_read(house: Settings, url: str | None) -> None:
    assert open_polygon(house.model_copy(update={"rpc_url": url})) is None


AT = datetime(2026, 11, 1, tzinfo=UTC)
SENT = Transfer("0x" + "a" * 40, "0x" + "b" * 40, 1_000_000, AT, "0x1")


def test_dust_the_venues_own_contracts_and_oneself_pay_nobody() -> None:
    exchange, minted = "0xe111180000d2663c0091e4f400237545b87b996b", "0x" + "0" * 40
    payers = {SENT.payer: 1, exchange: 0, minted: 0, SENT.paid: 0}
    assert {one: len(list(fundings_of([Transfer(one, SENT.paid, 1_000_000, AT, "0x1")], ()))) for one in payers} == payers
    assert not list(fundings_of([Transfer(SENT.payer, SENT.paid, 999_999, AT, "0x1")], ()))
    (both,) = fundings_of([SENT, SENT], ())
    assert both.amount == 2  # several transfers of one transaction are one payment


class Saying:
    """A node of which every answer to a question for logs is one, or an error."""

    base_url = "http://key@node/secret"

    def __init__(self, *answers: Any) -> None:
        self.answers, self.asked = list(answers), list[tuple[int, int]]()

    def send(self, method: str, path: str, body: Any) -> Any:
        first, last = (int(body["params"][0][end], 16) for end in ("fromBlock", "toBlock"))
        self.asked.append((first, last))
        answer = self.answers.pop(0) if self.answers else {"result": []}
        if isinstance(answer, Exception):
            raise answer
        return answer


def error(message: str) -> dict[str, Any]:
    return {"error": {"code": -32_005, "message": message}}


@pytest.mark.parametrize(
    "answer",
    [
        error("query returned more than 10000 results"),
        error("You can make eth_getLogs requests with up to a 10 block range"),
        error("Log response size exceeded"),
        Refused("http://key@node/secret: 400 block range is too wide"),
    ],
)
def test_a_range_that_is_too_much_is_halved_and_stays_so(answer: Any) -> None:
    api: Any = Saying(answer)
    node = Polygon(api)
    assert [end for _, end in node.transfers([SENT.paid], 0, MOST_BLOCKS - 1)] == [4_999, 9_999]
    assert api.asked == [(0, 9_999), (0, 4_999), (5_000, 9_999)]


def test_one_block_that_is_too_much_is_refused_and_a_busy_node_is_no_wide_range() -> None:
    full: Any = Saying(*[error("query returned more than 10000 results")] * 2)
    with pytest.raises(TooMany):
        list(Polygon(full).transfers([SENT.paid], 0, 1))
    busy: Any = Saying(error("daily request count exceeded, request rate limited"))
    with pytest.raises(Unavailable):
        list(Polygon(busy).transfers([SENT.paid], 0, 9))


def test_no_message_shows_the_key_in_an_address() -> None:
    api: Any = Saying(Refused("http://key@node/secret: 401 no"))
    with pytest.raises(Refused) as told:
        list(Polygon(api).transfers([SENT.paid], 0, 1))
    assert "secret" not in str(told.value)
    assert "key" not in str(told.value)


ODD = {"topics": [1, 2, 3], "blockNumber": "0x1", "data": "0x1", "transactionHash": "0x1"}


@pytest.mark.parametrize("log", [{}, {"topics": ["0x", "0x"]}, ODD])
def test_a_log_that_cannot_be_read_is_no_answer(log: Any) -> None:
    api: Any = Saying({"result": [log]})
    with pytest.raises(Unavailable):
        list(Polygon(api).transfers([SENT.paid], 0, 1))
