"""The live account at Polymarket: its venue, its wallet and what the venue tells it. One of each per process and account.

The venue's client takes a second to import, which a simulation should not pay: hence the imports within.
"""

from collections.abc import Collection
from decimal import Decimal
from functools import cache
from typing import TYPE_CHECKING, Any

from pydantic import SecretStr

from adapters.connect import history_at, results_at
from adapters.settings import Settings
from adapters.stores.known_rows import keep, read_known
from data_contracts import PolymarketMarket
from data_contracts.errors import Unavailable, Unsafe
from data_contracts.frames import rows_of

if TYPE_CHECKING:
    from adapters.venues.polymarket.official_client import OfficialClient
    from adapters.venues.polymarket.polymarket_venue import PolymarketVenue
    from adapters.venues.polymarket.user_channel import UserChannel
    from adapters.venues.polymarket.wallet_chain import WalletChain

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
        return _words_of(token_ids, *stores)

    return PolymarketVenue(account_of(wallet, signer), client, StartChecks(client, geoblock_url), max_order, words_of)


def _words_of(token_ids: Collection[str], history_url: str, results_url: str) -> dict[str, PolymarketMarket]:
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
