"""Chooses the adapters by the addresses in the settings. Nobody else knows which kind it talks to."""

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from decimal import Decimal
from functools import cache
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import polars as pl
from pydantic import SecretStr

from adapters.feeds.feed import Feed, TradeSource
from adapters.feeds.polymarket.polymarket_feed import PolymarketFeed
from adapters.feeds.recorded import AS_RECORDED, Conditions, RecordedFeed
from adapters.settings import Settings
from adapters.stores.clickhouse import ClickHouseHistory
from adapters.stores.graph import OwnerGraph
from adapters.stores.history import History
from adapters.stores.known_rows import keep, kept
from adapters.stores.memory import MemoryResults
from adapters.stores.memory_history import MemoryHistory
from adapters.stores.postgres import PostgresResults
from adapters.stores.postgres_pace import SharedPace
from adapters.stores.results import Results
from adapters.venues.simulated import SimulatedVenue
from adapters.venues.venue import Venue
from data_contracts import PolymarketMarket
from data_contracts.errors import Unavailable, Unsafe
from data_contracts.frames import rows_of

if TYPE_CHECKING:
    from adapters.venues.polymarket.official_client import OfficialClient
    from adapters.venues.polymarket.polymarket_venue import PolymarketVenue
    from adapters.venues.polymarket.user_channel import UserChannel
    from adapters.venues.polymarket.wallet_chain import WalletChain

    LiveAccount = tuple[str, str, Any, SecretStr | None, tuple[str | None, ...]]

MEMORY = "memory:"
RECORDING = "recording:"


class Owners(Protocol):
    """Who belongs to whom."""

    def owners(self) -> dict[str, str]: ...


def open_results(settings: Settings) -> Results:
    """Postgres, or memory for an address like memory:NAME."""
    return _results(settings.required("postgres_url"))


def _results(url: str) -> Results:
    return _memory_results(url) if url.startswith(MEMORY) else PostgresResults(url)


def open_history(settings: Settings) -> History:
    """ClickHouse, or memory for an address like memory:NAME."""
    return _history(settings.required("clickhouse_url"))


def _history(url: str) -> History:
    return _memory_history(url) if url.startswith(MEMORY) else ClickHouseHistory(url)


def open_owners(settings: Settings) -> Owners:
    """The graph; in memory nobody is known to belong to anybody."""
    url = settings.required("graph_url")
    return _nobody if url.startswith(MEMORY) else open_graph(settings)


def open_graph(settings: Settings) -> OwnerGraph:
    """Neo4j."""
    return OwnerGraph(settings.required("graph_url"), settings.graph_user, settings.required("graph_password"))


def open_feed(settings: Settings) -> Feed:
    """Polymarket by its three addresses, or a recording for an address like recording:/a/directory."""
    url = settings.required("data_api_url")
    if url.startswith(RECORDING):
        return _recording(url.removeprefix(RECORDING))
    shared = settings.required("postgres_url") if settings.postgres_url is not None else MEMORY
    return _polymarket(url, settings.required("gamma_url"), settings.required("clob_url"), shared)


def open_sources(settings: Settings) -> list[TradeSource]:
    """Every source of trades of this house, each with a watermark of its own."""
    return [open_feed(settings)]


def open_recording(directory: Path, conditions: Conditions = AS_RECORDED) -> RecordedFeed:
    """The recording every cycle of a replay reads. Raises Refused when the directory holds none."""
    return _recording(f"{directory}{conditions.address}")


def books_on_record(settings: Settings) -> pl.DataFrame | None:
    """The order books of the past, level by level, where the feed remembers any: a venue shows only today's."""
    url = settings.data_api_url or ""
    return _recording(url.removeprefix(RECORDING)).all_levels if url.startswith(RECORDING) else None


def open_venue(settings: Settings) -> Venue:
    """The simulated venue on the feed's own books, unless the word for live trading was typed."""
    return open_live_venue(settings) if settings.is_live else SimulatedVenue(open_feed(settings))


def executes_here(settings: Settings) -> bool:
    """Whether orders are posted from this process. Live, only where the key is; simulated, anywhere."""
    return not settings.is_live or settings.live_key is not None


def open_live_venue(settings: Settings) -> "PolymarketVenue":
    """One per process and account: it remembers what the venue told it to wait for, and that this place may trade."""
    stores = settings.required("clickhouse_url"), settings.required("postgres_url")
    return _live_venue(*_live_account(settings), settings.geoblock_url, settings.live_max_order, stores)


def open_wallet(settings: Settings) -> "WalletChain":
    """The live wallet. Raises Unsafe where it has no business: without the word for live trading, and where the key is not."""
    if not settings.is_live:
        raise Unsafe("simulation has no wallet: WALLETFLOW_LIVE is not set (docs/going_live.md)")
    settings.required("live_key")
    return _wallet(*_live_account(settings))


def open_user_channel(settings: Settings) -> "UserChannel":
    """What the venue tells the account. Raises Unsafe as the wallet does: in simulation, and where the key is not."""
    if not settings.is_live:
        raise Unsafe("simulation has no user channel: WALLETFLOW_LIVE is not set (docs/going_live.md)")
    settings.required("live_key")
    from adapters.venues.polymarket.user_channel import UserChannel

    return UserChannel(_client(*_live_account(settings)))


def _live_account(settings: Settings) -> "LiveAccount":
    places = (
        settings.clob_url,
        settings.gamma_url,
        settings.data_api_url,
        settings.relayer_url,
        settings.rpc_url,
        settings.user_channel_url,
    )
    return settings.required("live_wallet"), settings.required("live_signer"), settings.live_key, settings.live_relayer_key, places


@contextmanager
def in_memory(recording: Path, conditions: Conditions = AS_RECORDED) -> Iterator[Settings]:
    """Settings of a house that is empty, lasts as long as the block, and sees nothing but a recording."""
    address = SecretStr(f"{MEMORY}{next(_numbers)}")
    try:
        feed = f"{RECORDING}{recording}{conditions.address}"
        yield Settings(postgres_url=address, clickhouse_url=address, graph_url=MEMORY, data_api_url=feed)
    finally:
        for kept in (_memory_results, _memory_history, _recording):  # the recording as well: it holds the accepted rows only by now
            kept.cache_clear()


class _Nobody:
    def owners(self) -> dict[str, str]:
        return {}


_nobody = _Nobody()
_numbers = count()


@cache
def _memory_results(url: str) -> MemoryResults:
    return MemoryResults()


@cache
def _memory_history(url: str) -> MemoryHistory:
    return MemoryHistory()


@cache
def _recording(address: str) -> RecordedFeed:
    return RecordedFeed(*Conditions.of(address))


# The venue's client takes a second to import, which a simulation should not pay: hence the imports within.


@cache
def _client(wallet: str, signer: str, key: SecretStr, relayer_key: SecretStr | None, places: tuple[str | None, ...]) -> "OfficialClient":
    from adapters.venues.polymarket.official_client import OfficialClient, Places, account_of

    return OfficialClient(account_of(wallet, signer), key, Places(*places), relayer_key)


@cache
def _live_venue(
    wallet: str,
    signer: str,
    key: SecretStr | None,
    relayer_key: SecretStr | None,
    places: tuple[str | None, ...],
    geoblock_url: str,
    max_order: Decimal,
    stores: tuple[str, str],
) -> "PolymarketVenue":
    from adapters.venues.polymarket.official_client import account_of
    from adapters.venues.polymarket.polymarket_venue import PolymarketVenue
    from adapters.venues.polymarket.start_checks import StartChecks

    client = None if key is None else _client(wallet, signer, key, relayer_key, places)

    def words_of(token_ids: Collection[str]) -> dict[str, PolymarketMarket]:
        return _words_of(token_ids, *stores)

    return PolymarketVenue(account_of(wallet, signer), client, StartChecks(client, geoblock_url), max_order, words_of)


def _words_of(token_ids: Collection[str], history_url: str, results_url: str) -> dict[str, PolymarketMarket]:
    """Read when something is signed, and kept with the ledger from then on: a sale must not wait for ClickHouse."""
    results = _results(results_url)
    try:
        words = rows_of(_history(history_url).polymarket_markets(token_ids), PolymarketMarket)
    except Unavailable:
        return kept(results, PolymarketMarket, token_ids)
    keep(words, results)
    return {row.token_id: row for row in words}


@cache
def _wallet(wallet: str, signer: str, key: SecretStr, relayer_key: SecretStr | None, places: tuple[str | None, ...]) -> "WalletChain":
    from adapters.venues.polymarket.wallet_chain import WalletChain

    return WalletChain(_client(wallet, signer, key, relayer_key, places))


@cache
def _polymarket(data_api_url: str, gamma_url: str, clob_url: str, shared: str) -> PolymarketFeed:
    """Its rate limits are counted where all processes look; where nothing is shared, by itself."""
    return PolymarketFeed(data_api_url, gamma_url, clob_url, None if shared.startswith(MEMORY) else SharedPace(shared))
