"""Chooses the adapters: stores by the addresses in the settings, a venue's by its line in `VENUES`. Nobody else knows which it talks to."""

from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache, partial
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import polars as pl
from pydantic import SecretStr

from adapters.feeds.feed import Feed, RateSource, VenueFeed
from adapters.feeds.json_api import JsonApi, Key
from adapters.feeds.nothing import NothingTraded
from adapters.feeds.pace import OwnPace
from adapters.feeds.polymarket.polygon import Polygon
from adapters.feeds.polymarket.polymarket_feed import PolymarketFeed
from adapters.feeds.recorded import RecordedFeed
from adapters.feeds.recorded_conditions import AS_RECORDED, Conditions
from adapters.feeds.solana.dexscreener import DexScreener
from adapters.feeds.solana.helius_history import HeliusHistory
from adapters.feeds.solana.helius_webhooks import HeliusWebhooks
from adapters.feeds.solana.jupiter import Jupiter
from adapters.feeds.solana.recorded import RecordedSolana, is_solana
from adapters.feeds.solana.watchlist import OnRecord
from adapters.settings import Settings
from adapters.stores.clickhouse import ClickHouseHistory
from adapters.stores.graph import OwnerGraph
from adapters.stores.history import History
from adapters.stores.memory import MemoryResults
from adapters.stores.memory_history import MemoryHistory
from adapters.stores.postgres import PostgresResults
from adapters.stores.postgres_pace import SharedPace
from adapters.stores.results import Results
from adapters.venues.simulated import SimulatedVenue
from adapters.venues.solana.simulated_swaps import SimulatedSwaps
from adapters.venues.venue import Venue as OrderTaker
from data_contracts import Venue
from data_contracts.errors import Unsafe
from domain.solana.swap_terms import SwapLimits

if TYPE_CHECKING:
    from adapters.feeds.solana.launch_stream import LaunchStreams
    from adapters.feeds.solana.solana_feed import SolanaFeed

MEMORY = "memory:"
RECORDING = "recording:"


class Owners(Protocol):
    """Who belongs to whom."""

    def owners(self) -> dict[str, str]: ...


def open_results(settings: Settings) -> Results:
    """Postgres, or memory for an address like memory:NAME."""
    return results_at(settings.required("postgres_url"))


def results_at(url: str) -> Results:
    """The same by its address."""
    return _results[url] if url.startswith(MEMORY) else PostgresResults(url)


def open_history(settings: Settings) -> History:
    """ClickHouse, or memory for an address like memory:NAME."""
    return history_at(settings.required("clickhouse_url"))


def history_at(url: str) -> History:
    """The same by its address."""
    return _histories[url] if url.startswith(MEMORY) else ClickHouseHistory(url)


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
    return _polymarket(url, settings.required("gamma_url"), settings.required("clob_url"), _shared(settings))


def open_solana(settings: Settings) -> "SolanaFeed":
    """Solana by its node and Jupiter. Raises Unsafe with the cure where one is not named."""
    stores = settings.required("postgres_url"), settings.required("clickhouse_url")
    jupiter, told = open_token_services(settings).jupiter, open_helius_history(settings)
    return _solana(settings.required("solana_rpc_url"), settings.solana_rpc_calls_per_s, jupiter, told, *stores)


def open_launch_streams(settings: Settings) -> "LaunchStreams":
    """What curves and pools saw from their launch on. Raises Unsafe with the cure where no node is named."""
    told = open_helius_history(settings)
    return _launch_streams(settings.required("solana_rpc_url"), settings.solana_rpc_calls_per_s, told, _shared(settings))


def open_polygon(settings: Settings) -> Polygon | None:
    """A node of Polygon; None where none is named, or one that is reached by a websocket alone."""
    if not settings.rpc_url or not settings.rpc_url.startswith("http"):
        return None
    return Polygon(JsonApi(settings.rpc_url, "polygon", _pace(_shared(settings))))


def open_helius_history(settings: Settings) -> HeliusHistory | None:
    """What Helius tells of an address; None where its address or its key is not set."""
    if not settings.helius_url or settings.helius_key is None:
        return None
    return _helius_history(settings.helius_url, settings.helius_key.get_secret_value(), _shared(settings))


def _home_feed(settings: Settings) -> VenueFeed:
    """Polymarket; in a recording of Solana nothing is traded there."""
    feed = open_feed(settings)
    return NothingTraded() if isinstance(feed, RecordedSolana) else feed


def open_solana_feed(settings: Settings) -> "SolanaFeed | RecordedSolana":
    """Solana, or a recording of it for an address like recording:/a/directory."""
    url = settings.data_api_url or ""
    feed = _recording(url.removeprefix(RECORDING)) if url.startswith(RECORDING) else None
    return feed if isinstance(feed, RecordedSolana) else open_solana(settings)


def open_recording(directory: Path, conditions: Conditions = AS_RECORDED) -> RecordedFeed:
    """The recording every cycle of a replay reads. Raises Refused when the directory holds none."""
    return _recording(f"{directory}{conditions.address}")


def books_on_record(settings: Settings) -> pl.DataFrame | None:
    """The order books of the past, level by level, where the feed remembers any: a venue shows only today's."""
    url = settings.data_api_url or ""
    return _recording(url.removeprefix(RECORDING)).all_levels if url.startswith(RECORDING) else None


def shows_books(settings: Settings) -> bool:
    """Whether its books are seen now: a recording has them on record already, or makes them of its trades."""
    return not (settings.data_api_url or "").startswith(RECORDING)


def _polymarket_orders(settings: Settings) -> OrderTaker:
    """The simulated venue on the feed's own books, unless the word for live trading was typed."""
    if not settings.is_live_on(Venue.POLYMARKET):
        return SimulatedVenue(open_feed(settings))
    from adapters.live_account import open_live_venue  # its client takes a second to import, which a simulation should not pay

    return open_live_venue(settings)


@dataclass(frozen=True, slots=True)
class TokenServices:
    """Who says what tokens there are and how they trade. Public data: a key only raises the rate limit."""

    dexscreener: DexScreener
    jupiter: Jupiter


def open_token_services(settings: Settings) -> TokenServices:
    """DexScreener and Jupiter by their addresses. Raises Unsafe with the cure where one is not set."""
    urls = settings.required("dexscreener_url"), settings.required("jupiter_url")
    secret = settings.jupiter_key.get_secret_value() if settings.jupiter_key else ""
    return _token_services(*urls, _shared(settings), secret, settings.jupiter_calls_per_s)


@cache
def _token_services(dexscreener_url: str, jupiter_url: str, shared: str, secret: str, calls_per_s: float | None) -> TokenServices:
    pace = _pace(shared)
    key = Key("x-api-key", SecretStr(secret)) if secret else None
    jupiter = JsonApi(jupiter_url, "jupiter with a key" if key else "jupiter", pace, key=key, calls_per_s=calls_per_s)
    return TokenServices(DexScreener(JsonApi(dexscreener_url, "dexscreener", pace)), Jupiter(jupiter))


def solana_orders(settings: Settings) -> OrderTaker:
    """Jupiter's quotes, unless the word for live trading was typed and a wallet named; a recording's own books where it is one."""
    feed = open_solana_feed(settings)
    if isinstance(feed, RecordedSolana):
        return SimulatedVenue(feed)
    if settings.is_live_on(Venue.SOLANA):
        from adapters.live_account import open_live_swaps  # a simulation needs neither the chain's client nor its key

        return open_live_swaps(settings)
    limits = SwapLimits(settings.live_solana_max_order, settings.live_solana_reserve, settings.live_solana_max_costs)
    return SimulatedSwaps(open_token_services(settings).jupiter, limits)


@dataclass(frozen=True, slots=True)
class Place:
    """How a venue is reached: what it shows to everybody, whoever takes our orders, and who says what its currency is worth in USD."""

    feed: Callable[[Settings], VenueFeed]
    orders: Callable[[Settings], OrderTaker]
    rates: Callable[[Settings], RateSource] | None = None  # not where strategies count in USD


VENUES: dict[Venue, Place] = {
    Venue.POLYMARKET: Place(_home_feed, _polymarket_orders),
    Venue.SOLANA: Place(open_solana_feed, solana_orders, open_solana_feed),
}


def feed_of(venue: Venue, settings: Settings) -> VenueFeed:
    """What a venue shows to everybody."""
    return _place(venue).feed(settings)


def open_venue(venue: Venue, settings: Settings) -> OrderTaker:
    """Whoever takes our orders there."""
    return _place(venue).orders(settings)


def rates_of(venue: Venue, settings: Settings) -> RateSource | None:
    """Who says what the currency of its strategies is worth; None where nobody does."""
    rates = _place(venue).rates
    return rates(settings) if rates else None


def _place(venue: Venue) -> Place:
    if venue not in VENUES:
        raise Unsafe(f"nobody knows how to reach {venue}: it needs a line in adapters/connect.py")
    return VENUES[venue]


def executes_here(settings: Settings, venue: Venue | None = None) -> bool:
    """Whether a venue's orders, or those of all, are posted from this process. Live, only where the key is; simulated, anywhere."""
    return all(not settings.is_live_on(one) or settings.has_key_of(one) for one in (VENUES if venue is None else (venue,)))


@contextmanager
def in_memory(recording: Path, conditions: Conditions = AS_RECORDED) -> Iterator[Settings]:
    """Settings of a house that is empty, lasts as long as the block, and sees nothing but a recording."""
    address = SecretStr(f"{MEMORY}{next(_numbers)}")
    try:
        feed = f"{RECORDING}{recording}{conditions.address}"
        yield Settings(postgres_url=address, clickhouse_url=address, graph_url=MEMORY, data_api_url=feed)
    finally:
        _results.pop(address.get_secret_value(), None)
        _histories.pop(address.get_secret_value(), None)
        _recording.cache_clear()  # it holds the accepted rows only by now


@contextmanager
def lent(results: Results, history: History) -> Iterator[SecretStr]:
    """An address at which these stores are reached as long as the block lasts: a simulated process sees the same rows by its own."""
    address = f"{MEMORY}{next(_numbers)}"
    _results[address], _histories[address] = results, history
    try:
        yield SecretStr(address)
    finally:
        del _results[address], _histories[address]


class _Nobody:
    def owners(self) -> dict[str, str]:
        return {}


_nobody = _Nobody()
_numbers = count()
_results: dict[str, Results] = defaultdict(MemoryResults)  # by address, as long as its house
_histories: dict[str, History] = defaultdict(MemoryHistory)


@cache
def _recording(address: str) -> RecordedFeed:
    directory, conditions = Conditions.of(address)
    return (RecordedSolana if is_solana(directory) else RecordedFeed)(directory, conditions)


@cache
def _polymarket(data_api_url: str, gamma_url: str, clob_url: str, shared: str) -> PolymarketFeed:
    return PolymarketFeed(data_api_url, gamma_url, clob_url, _pace(shared))


def open_webhooks(settings: Settings) -> HeliusWebhooks:
    """Helius' webhooks. Raises Unsafe with the cure where its address or its key is not set."""
    key = SecretStr(settings.required("helius_key"))
    return HeliusWebhooks(JsonApi(settings.required("helius_url"), "helius", _pace(_shared(settings))), key)


def on_record(settings: Settings) -> OnRecord:
    """Which wallets of a chain are watched, and what is known that reading them needs."""
    return _on_record(settings.required("postgres_url"), settings.required("clickhouse_url"))


@cache
def _on_record(results_url: str, history_url: str) -> OnRecord:
    return OnRecord(partial(results_at, results_url), partial(history_at, history_url))


@cache
def _helius_history(url: str, secret: str, shared: str) -> HeliusHistory:
    return HeliusHistory(JsonApi(url, "helius", _pace(shared)), SecretStr(secret))


@cache
def _solana(
    rpc_url: str, calls_per_s: float, jupiter: Jupiter, told: HeliusHistory | None, results_url: str, history_url: str
) -> "SolanaFeed":
    from adapters.feeds.solana.rpc import SolanaRpc  # the chain's client takes most of a second to import: for who asks it alone
    from adapters.feeds.solana.solana_feed import SolanaFeed

    rpc = SolanaRpc(rpc_url, _pace(results_url) or OwnPace(), calls_per_s)
    return SolanaFeed(rpc, jupiter, _on_record(results_url, history_url), told)


@cache
def _launch_streams(rpc_url: str, calls_per_s: float, told: HeliusHistory | None, shared: str) -> "LaunchStreams":
    from adapters.feeds.solana.launch_stream import LaunchStreams
    from adapters.feeds.solana.rpc import SolanaRpc

    return LaunchStreams(SolanaRpc(rpc_url, _pace(shared) or OwnPace(), calls_per_s).unhurried(), told)


def _shared(settings: Settings) -> str:
    """Where rate limits are counted for all our processes."""
    return settings.required("postgres_url") if settings.postgres_url is not None else MEMORY


def _pace(shared: str) -> SharedPace | None:
    """Where all processes look; where nothing is shared, each counts by itself."""
    return None if shared.startswith(MEMORY) else SharedPace(shared)
