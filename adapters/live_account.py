"""The live accounts: Polymarket's venue, its wallet and what the venue tells it; Solana's venue. One of each per process and account.

The venue's client takes a second to import, which a simulation should not pay: hence the imports within.
"""

from collections.abc import Collection
from decimal import Decimal
from functools import cache
from typing import TYPE_CHECKING, Any

from pydantic import SecretStr

from adapters.connect import history_at, results_at
from adapters.feeds.json_api import JsonApi, Key
from adapters.settings import Settings
from adapters.stores.known_rows import keep, read_known
from data_contracts import PolymarketMarket
from data_contracts.errors import Unavailable, Unsafe
from data_contracts.frames import rows_of
from domain.solana.swap_terms import SwapLimits

if TYPE_CHECKING:
    from adapters.venues.polymarket.official_client import OfficialClient
    from adapters.venues.polymarket.polymarket_venue import PolymarketVenue
    from adapters.venues.polymarket.user_channel import UserChannel
    from adapters.venues.polymarket.wallet_chain import WalletChain
    from adapters.venues.solana.jupiter_venue import JupiterVenue

    LiveAccount = tuple[str, str, Any, SecretStr | None, tuple[str | None, ...]]


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


def open_live_swaps(settings: Settings) -> "JupiterVenue":
    """Solana's: one per process and account, which remembers that its chain, wallet and clock are the right ones."""
    calls = settings.jupiter_calls_per_s
    places = (settings.required("jupiter_url"), settings.required("solana_rpc_url"), settings.solana_genesis, settings.jupiter_path, calls)
    limits = (settings.live_solana_max_order, settings.live_solana_reserve, settings.live_solana_max_costs)
    return _live_swaps(settings.required("live_solana_wallet"), settings.live_solana_key, settings.jupiter_key, places, limits)


@cache
def _live_swaps(
    wallet: str,
    key: SecretStr | None,
    jupiter_key: SecretStr | None,
    places: tuple[str, str, str, str, float | None],
    limits: tuple[Decimal, Decimal, Decimal],
) -> "JupiterVenue":
    from adapters.venues.solana.jupiter_venue import JupiterVenue
    from adapters.venues.solana.rpc_node import RpcNode
    from adapters.venues.solana.start_checks import StartChecks
    from adapters.venues.solana.swap_api import SwapApi
    from adapters.venues.solana.wallet_key import read_key

    jupiter_url, rpc_url, genesis, path, calls_per_s = places
    shown = Key("x-api-key", jupiter_key) if jupiter_key else None
    api = JsonApi(jupiter_url, "jupiter with a key" if shown else "jupiter", key=shown, calls_per_s=calls_per_s)
    node, own = RpcNode(SecretStr(rpc_url)), None if key is None else read_key(key)
    checks = StartChecks(wallet, own, node, genesis)
    return JupiterVenue(wallet, own, SwapApi(api, shown), node, SwapLimits(*limits), checks, is_free=path == "build")


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
        return read_words(token_ids, *stores)

    return PolymarketVenue(account_of(wallet, signer), client, StartChecks(client, geoblock_url), max_order, words_of)


def read_words(token_ids: Collection[str], history_url: str, results_url: str) -> dict[str, PolymarketMarket]:
    """Read when something is signed, and kept with the ledger from then on: a sale must not wait for ClickHouse."""
    results = results_at(results_url)
    try:
        words = rows_of(history_at(history_url).polymarket_markets(token_ids), PolymarketMarket)
    except Unavailable:
        return read_known(results, PolymarketMarket, token_ids)
    keep(words, results)
    return {row.token_id: row for row in words}


@cache
def _wallet(wallet: str, signer: str, key: SecretStr, relayer_key: SecretStr | None, places: tuple[str | None, ...]) -> "WalletChain":
    from adapters.venues.polymarket.wallet_chain import WalletChain

    return WalletChain(_client(wallet, signer, key, relayer_key, places))
