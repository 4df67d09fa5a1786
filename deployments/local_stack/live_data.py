"""Live public data instead of the sandbox world: real trades, books and markets, copied in simulation. No key, no order, no money.

Reading is open to everybody. Trading is not: Polymarket refuses orders from a number of countries, and nothing here helps around that.
A home holds the trades of one world only, so what it began with is what it goes on with.
"""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from adapters.settings import Settings
from data_contracts.errors import Impossible, Unavailable, WalletflowError
from deployments.local_stack import home, sandbox

# Source: https://docs.polymarket.com/api-reference
PUBLIC = {
    "data_api_url": "https://data-api.polymarket.com",
    "gamma_url": "https://gamma-api.polymarket.com",
    "clob_url": "https://clob.polymarket.com",
}
# Source: https://docs.dexscreener.com/api/reference, https://dev.jup.ag. Only the token flows ask them; copying goes on without.
TOKEN_SERVICES = {"dexscreener_url": "https://api.dexscreener.com", "jupiter_url": "https://api.jup.ag"}
FIRST_DAYS = 1 / 24  # the feed of all wallets has some 100,000 rows an hour; what is older comes wallet by wallet
INSTEAD = "The sandbox world needs no network: `walletflow up`. Other addresses: WALLETFLOW_DATA_API_URL, WALLETFLOW_GAMMA_URL, _CLOB_URL"


def is_live(place: Path) -> bool:
    return _mark(place).exists()


def begin(given: Settings) -> None:
    """From now on this home is fed by live data. Raises Impossible when it holds the sandbox's trades."""
    if is_live(given.home):
        return
    if (given.home / sandbox.NAME).exists():
        raise Impossible(
            f"{given.home} holds the trades of the sandbox world, and a home holds one world only. "
            "Choose another: WALLETFLOW_HOME=~/.walletflow-live WALLETFLOW_PORT_BASE=4300 walletflow up --live-data"
        )
    home.make(given.home)
    _mark(given.home).write_text("This home is fed by live public data. `walletflow up` goes on with it.\n")


def with_public_addresses(given: Settings) -> Settings:
    """The public addresses where the user named none."""
    public = PUBLIC | TOKEN_SERVICES
    return given.model_copy(update={name: url for name, url in public.items() if getattr(given, name) is None})


def look(given: Settings) -> float:
    """How late the feed is, in seconds. Raises Unavailable naming every address that does not answer, and how to go on."""
    from adapters.feeds.feed import lag_s
    from adapters.feeds.polymarket.polymarket_feed import PolymarketFeed  # it takes a second to import, which only this start should pay

    feed = PolymarketFeed(given.required("data_api_url"), given.required("gamma_url"), given.required("clob_url"))
    lags, now = list[float](), datetime.now(UTC)
    questions: dict[str, Callable[[], object]] = {
        "data_api_url": lambda: lags.append(lag_s(feed, now)),
        "gamma_url": lambda: feed.instruments(["1"], now),
        "clob_url": lambda: feed.books(["1"], now),
    }
    silent = {given.required(name): said for name, ask in questions.items() if (said := _complaint(ask))}
    if silent:
        told = "\n".join(f"  {url}: {said}" for url, said in silent.items())
        raise Unavailable(f"No live data, for these do not answer as they should:\n{told}\n{INSTEAD}")
    return lags[0]


def _complaint(ask: Callable[[], object]) -> str:
    try:
        ask()
    except WalletflowError as error:
        return str(error).splitlines()[0][:200]
    return ""


def _mark(place: Path) -> Path:
    return place / "live-data"
