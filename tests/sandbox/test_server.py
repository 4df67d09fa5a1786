"""A real server on this machine, read by the venue's own unmodified clients."""

import re
import socket
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import httpx
import pytest
from polymarket import PublicClient
from polymarket.environments import PRODUCTION, _create_environment
from py_clob_client.client import ClobClient
from py_clob_client.clob_types import BookParams

REPOSITORY = Path(__file__).parents[2]


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def start(state: Path) -> tuple[subprocess.Popen[str], str]:
    """A server that says it listens, and where."""
    command = [sys.executable, "-m", "sandbox.server", "--port", str(free_port()), "--state", str(state)]
    server = subprocess.Popen([*command, "--wallets", "60", "--history-days", "2"], cwd=REPOSITORY, stdout=subprocess.PIPE, text=True)
    assert server.stdout is not None
    found = re.search(r"http://127\.0\.0\.1:\d+", server.stdout.readline())
    assert found, "the server did not start"
    return server, found.group()


def stop(server: subprocess.Popen[str]) -> None:
    server.terminate()
    server.wait(timeout=10)


@pytest.fixture(scope="module")
def state(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("world") / "deeper" / "state.json"


@pytest.fixture(scope="module")
def url(state: Path) -> Iterator[str]:
    server, url = start(state)
    yield url
    stop(server)


def official_client(url: str) -> PublicClient:
    config = replace(PRODUCTION._config, gamma_url=f"{url}/gamma", data_url=f"{url}/data", clob_url=f"{url}/clob")
    return PublicClient(environment=_create_environment(name="sandbox", config=config))


def open_tokens(url: str) -> list[str]:
    with official_client(url) as client:
        markets = [market for market in client.list_markets(closed=False).iter_items() if market.state.accepting_orders]
    return [str(outcome.token_id) for market in markets for outcome in (market.outcomes.yes, market.outcomes.no)]


def test_it_is_healthy_once_it_answers(url: str) -> None:
    assert httpx.get(f"{url}/healthz").json() == {"status": "ok"}
    truth = httpx.get(f"{url}/truth").json()
    assert (truth["seed"], len(truth["wallets"])) == (7, 60)


def test_py_clob_client_reads_its_books(url: str) -> None:
    client, tokens = ClobClient(f"{url}/clob"), open_tokens(url)
    book = client.get_order_book(tokens[0])
    told = book.hash
    assert float(book.bids[-1].price) < float(book.asks[-1].price)
    assert told == client.get_order_book_hash(book), "the client computes the hash the server sent"
    books = client.get_order_books([BookParams(token_id=token) for token in tokens])
    assert len(books) >= len(tokens) - 4, "at most two markets closed meanwhile"
    assert client.get_server_time() > 0


def test_the_official_client_reads_markets_trades_holders_positions_and_resolutions(url: str) -> None:
    with official_client(url) as client:
        market = client.list_markets(closed=True).first_page().items[0]
        assert sorted([market.outcomes.yes.price, market.outcomes.no.price]) == [0, 1]
        assert client.list_events(closed=True).first_page().items[0].markets
        trades = list(client.list_trades(taker_only=False, page_size=500).iter_items())
        trade = trades[0]
        assert len(trades) > 2000
        assert client.list_market_holders(condition_ids=trade.condition_id, include_pnl=True).first_page().items
        assert client.list_positions(user=trade.wallet, status="CLOSED").first_page().items
        assert client.list_activity(user=trade.wallet).first_page().items
        assert client.get_resolutions(condition_ids=market.condition_id)[0].payouts in ((1, 0), (0, 1))


def test_a_second_start_finds_the_same_world(url: str, state: Path) -> None:
    server, second_url = start(state)
    try:
        origin, again = (httpx.get(f"{where}/truth").json()["origin"] for where in (url, second_url))
        assert origin == again
        user = httpx.get(f"{url}/truth").json()["wallets"][-1]["proxy_wallet"]
        at_origin = {"user": user, "taker_only": "false", "limit": 1000, "end": int(datetime.fromisoformat(origin).timestamp())}
        first, second = (httpx.get(f"{where}/data/v2/trades", params=at_origin).content for where in (url, second_url))
        assert first == second
        assert len(first) > 1000
    finally:
        stop(server)
