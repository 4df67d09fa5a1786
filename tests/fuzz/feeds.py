"""Answers of the services with places changed or torn out: each is rows, of which the checks name the bad, or our word for it is no."""

import json
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import cache
from random import Random
from typing import Any, cast
from unittest.mock import patch

import httpx
from py_clob_client.exceptions import PolyApiException
from pydantic import SecretStr
from tenacity import stop_after_attempt

from adapters.feeds.json_api import JsonApi
from adapters.feeds.polymarket import clob
from adapters.feeds.polymarket.clob import ClobBooks
from adapters.feeds.polymarket.data_api import DataApi
from adapters.feeds.polymarket.gamma import Gamma
from adapters.feeds.polymarket.hints import traded
from adapters.feeds.polymarket.leaderboard import Leaderboard
from adapters.feeds.solana.accounts import coins_of, mints_of
from adapters.feeds.solana.address_stream import AddressStream
from adapters.feeds.solana.chain_transactions import Transactions
from adapters.feeds.solana.delivered import read_deliveries
from adapters.feeds.solana.dexscreener import DexScreener
from adapters.feeds.solana.helius_history import HeliusHistory
from adapters.feeds.solana.jupiter import Jupiter, findings_of
from adapters.feeds.solana.launch_stream import LaunchStreams
from adapters.feeds.solana.listing import list_signatures
from adapters.feeds.solana.node import NodeClock
from adapters.feeds.solana.rpc import SolanaRpc
from adapters.feeds.solana.rpc_transactions import read_answer
from adapters.inbox.posted_transactions import transactions_in
from adapters.inbox.strict_json import Malformed
from data_contracts import Activity, ChainReading, Funding, HolderPosition, Instrument, PolymarketMarket, TokenFinding, Trade
from data_contracts.errors import Refused, Unavailable
from data_contracts.frames import frame_of
from domain.polymarket.markets import rows_by_class
from domain.solana.first_funders import FirstFunder, funding_of
from domain.solana.transactions import ChainTransaction
from tests.adapters.feeds.conftest import Unpaced
from tests.fuzz import samples
from tests.fuzz.contracts import sound_rows
from tests.fuzz.mutations import changed, written
from tests.fuzz.trials import Target

CHUNK = 50
AS_OF = datetime(2026, 11, 21, 12, tzinfo=UTC)
EVER, LATER = datetime(1970, 1, 1, tzinfo=UTC), AS_OF + timedelta(days=365)
NO = (Unavailable, Refused)
KEY = SecretStr("k")
Reader = tuple[Callable[[], object], Any]  # and an answer it can read


class Services:
    """Every reader of a service's answers, before a server that says `body` to whatever it is asked."""

    def __init__(self) -> None:
        self.body = b""
        self.data, self.gamma, self.api = DataApi("http://x", Unpaced()), Gamma("http://x", Unpaced()), JsonApi("http://x", pace=Unpaced())
        client = httpx.Client(transport=httpx.MockTransport(lambda request: httpx.Response(200, content=self.body)))
        for api in (self.data._api, self.gamma._api, self.api):
            api._client = client

    @property
    def of_polymarket(self) -> list[Reader]:
        wallet, market = samples.WALLET.lower(), samples.MARKET
        return [
            (lambda: sound_rows(self.data.walk(EVER, AS_OF, 1).trades, Trade), samples.page(samples.TRADE)),
            (lambda: sound_rows(self.data.activities([wallet], EVER, AS_OF), Activity), samples.page(samples.TRADE)),
            (lambda: sound_rows(self.data.holders([market], AS_OF), HolderPosition), samples.page(samples.HOLDERS)),
            (lambda: self.data.holding(wallet, market, "123", AS_OF), samples.page(samples.POSITION)),
            (lambda: self.data.confirmed_until(AS_OF), samples.STATUS),
            (lambda: Leaderboard(self.api).best("week", 50), samples.page(samples.LEADER)),
            (self._markets, samples.MARKETS),
            (lambda: self.gamma.tokens_in([market], AS_OF), samples.MARKETS),
            (lambda: ClobBooks("http://x").books(["1"]), [samples.BOOK]),
            (lambda: list(traded(self.body)), samples.HINTS),
        ]

    def _markets(self) -> None:
        rows = rows_by_class(self.gamma.markets(["1"], AS_OF))
        for row_class in (Instrument, PolymarketMarket):
            sound_rows(rows[row_class], row_class)

    @property
    def of_solana(self) -> list[Reader]:
        dexscreener, jupiter, node = DexScreener(self.api), Jupiter(self.api), cast(SolanaRpc, Node(self))
        return [
            (lambda: sound_rows(frame_of(dexscreener.findings(AS_OF), TokenFinding), TokenFinding), [samples.BOOST]),
            (lambda: dexscreener.pairs([samples.MINT]), [samples.PAIR]),
            (lambda: sound_rows(frame_of(findings_of(jupiter.recent(), AS_OF), TokenFinding), TokenFinding), [samples.TOKEN]),
            (lambda: jupiter.tokens([samples.MINT]), [samples.TOKEN]),
            (lambda: jupiter.prices([samples.MINT]), {samples.MINT: {"usdPrice": 0.01}}),
            (lambda: jupiter.quote(samples.MINT, samples.OWNER, 1_000), samples.QUOTE),
            (lambda: mints_of(node, [samples.MINT]), samples.MINT_ACCOUNT),
            (lambda: coins_of(node, samples.OWNER, samples.MINT, None), samples.COINS),
            (lambda: list_signatures(node, [samples.OWNER], EVER, 2, {}, None), samples.SIGNATURES),
            (lambda: NodeClock(node).look(), 300_000_000),
            (lambda: next(HeliusHistory(self.api, KEY).oldest_first(samples.MINT)), [samples.ENHANCED]),
            (lambda: self._first_funding(HeliusHistory(self.api, KEY).funded_by(samples.OWNER)), samples.FUNDED_BY),
            (lambda: LaunchStreams(node).first_of([samples.MINT], 10), {"data": [samples.RAW], "paginationToken": None}),
            (lambda: list(Transactions(node).some(["5" * 88])), samples.RAW),
            (lambda: AddressStream(node, Transactions(node)).read_ahead(samples.seen(20), lambda: False), {"data": [samples.RAW]}),
        ]

    def _first_funding(self, found: FirstFunder | None) -> None:
        rows = [] if found is None else [row for row in (funding_of(found, AS_OF),) if row is not None]
        sound_rows(frame_of(rows, Funding), Funding)

    def post(self, *asked: object, **more: object) -> Any:
        """As the CLOB's client reads an answer: whatever came, or its own error."""
        try:
            return json.loads(self.body)
        except ValueError as error:
            raise PolyApiException(error_msg=str(error)) from error


class Node:
    """A node that answers what the server says."""

    host, credits, calls_per_s = "node", 0, 10.0

    def __init__(self, services: Services) -> None:
        self._services = services

    def ask(self, method: str, *parameters: Any) -> Any:
        try:
            return json.loads(self._services.body)
        except (ValueError, RecursionError) as error:
            raise Unavailable(f"no JSON-RPC answer: {error}") from error

    def ask_all(self, method: str, questions: Sequence[Any]) -> list[Any]:
        try:
            return [self.ask(method)] * len(questions)
        except Unavailable as error:
            return [error] * len(questions)


@cache
def services() -> Services:
    return Services()


def try_answers(recorded: Sequence[Any], readers: Callable[[Services], list[Reader]], random: Random) -> Counter[str]:
    """Each answer before a reader: mostly its own, or one that asked for something else. Nobody waits, and nobody asks twice."""
    here, became = services(), Counter[str]()
    known = readers(here)
    with patch.object(cast(Any, JsonApi.get).retry, "stop", stop_after_attempt(1)), patch.object(clob, "post", here.post):
        for _ in range(CHUNK):
            read, own = random.choice(known)
            value = own if random.random() < 0.7 or not recorded else random.choice(recorded)
            here.body = written(changed(value, random), random)
            became[_outcome(read)] += 1
    return became


def _outcome(read: Callable[[], object]) -> str:
    try:
        read()
    except NO:
        return "said no"
    return "read"


def try_transactions(random: Random) -> Counter[str]:
    """As a webhook brings them, and as a node answers: what is no transaction is unreadable, and why is said."""
    became = Counter[str]()
    for _ in range(CHUNK):
        value = changed(random.choice(samples.of_solana_transactions()), random)
        became[_as_delivered(value, random) if random.random() < 0.7 else _as_answered(value, random)] += 1
    return became


def _as_delivered(value: Any, random: Random) -> str:
    try:
        posted = transactions_in(written([value], random), AS_OF)
    except Malformed:
        return "said no"
    found = read_deliveries(posted.rows, _watched(value), lambda at: Decimal(200), LATER)
    sound_rows(found.trades, Trade)
    sound_rows(found.readings, ChainReading)
    assert len(found.unreadable) <= len(posted.rows)
    return "said no" if found.unreadable or not posted.rows else "read"


def _watched(value: Any) -> set[str]:
    """Wallets that stand in it, as far as it still says them, and one that does not."""
    accounts = value.get("accountData") if isinstance(value, dict) else None
    named = [one.get("account") for one in accounts[:5] if isinstance(one, dict)] if isinstance(accounts, list) else []
    return {samples.OWNER, *(name for name in named if isinstance(name, str) and len(name) < 100)}


def _as_answered(value: Any, random: Random) -> str:
    read = read_answer({"jsonrpc": "2.0", "result": value, "id": 1}, "5" * 88)
    return "read" if isinstance(read, ChainTransaction) else "said no"


TARGETS = [
    Target("answers of Polymarket", CHUNK, lambda random: try_answers(samples.of_polymarket(), lambda here: here.of_polymarket, random)),
    Target("answers of Solana", CHUNK, lambda random: try_answers(samples.of_solana(), lambda here: here.of_solana, random)),
    Target("transactions of Solana", CHUNK, try_transactions),
]
