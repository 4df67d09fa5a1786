"""Every setting, read from the environment here and nowhere else; those that the copy-trading brief named, in `brief_settings.py`.

`WALLETFLOW_HOME` holds all local data. The local stack writes the addresses it listens on to `stack.env` there;
a variable of the environment wins over that file.
"""

import os
import re
from collections.abc import Mapping
from decimal import Decimal
from functools import cached_property
from pathlib import Path
from typing import Any, get_args
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, ValidationError, ValidationInfo, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from adapters.secret_files import secret_in
from adapters.setting_faults import key_fault, nearest_word, said_wrongly, unknown_names
from data_contracts import TradingState, Venue
from data_contracts.errors import Unsafe

LIVE_WORD = "I accept that trading loses money"
LONGEST_LOOK_BACK_DAYS = 180  # of profiles and ratings: trades they read must not be gone
HIGHEST_PORT = 65_535 - 20  # a stack's ports lie this far above its base
HTTP, SOCKET = ("http://", "https://"), ("ws://", "wss://")
SCHEMES = {  # how an address begins
    "postgres_url": ("postgresql+psycopg://", "postgresql://", "memory:"),
    "clickhouse_url": (*HTTP, "memory:"),
    "graph_url": ("bolt://", "bolt+s://", "bolt+ssc://", "neo4j://", "neo4j+s://", "neo4j+ssc://", "memory:"),
    "data_api_url": (*HTTP, "recording:"),
    "gamma_url": HTTP,
    "clob_url": HTTP,
    "hint_url": SOCKET,
    "geoblock_url": HTTP,
    "relayer_url": HTTP,
    "user_channel_url": SOCKET,
    "rpc_url": (*HTTP, *SOCKET),
    "inbox_url": HTTP,
    "dexscreener_url": HTTP,
    "jupiter_url": HTTP,
    "solana_rpc_url": HTTP,
    "helius_url": HTTP,
    "beat_url": HTTP,
}
EXPECTED = {
    "home": "a directory, such as ~/.walletflow",
    "port_base": f"a whole number from 1024 to {HIGHEST_PORT}, such as 4200",
    "clickhouse_cluster": "a cluster's name of letters, digits and _",
    "keep_days": f"a whole number of days: 0, or at least {LONGEST_LOOK_BACK_DAYS}",
    "live_wallet": "an address: 0x and 40 hex digits",
    "live_signer": "an address: 0x and 40 hex digits",
    "live_max_order": "USD above 0, such as 5",
    "inbox_token_file": "a file",
    "webhook_auth_file": "a file",
    "live_solana_wallet": "a Solana address",
    "live_solana_max_order": "SOL above 0, such as 0.05",
    "live_solana_reserve": "SOL, such as 0.05",
    "live_max_out": "USD above 0, such as 50",
    "live_solana_max_out": "SOL above 0, such as 0.5",
    "live_key_file": "a file",
    "live_relayer_key_file": "a file",
    "order_key_file": "a file",
    "live_solana_max_costs": "SOL above 0, such as 0.01",
    "jupiter_path": "order or build",
    "intents_file": "a file",
    "recordings": "a directory",
    "solana_rpc_url": "an address, such as https://api.mainnet-beta.solana.com",
    "solana_rpc_calls_per_s": "a number of calls above 0, such as 10",
    "jupiter_calls_per_s": "a number of calls above 0, such as 0.5",
}
WITH_A_KEY = ("live_key", "live_relayer_key", "live_solana_key", "live_key_file", "live_relayer_key_file")  # of the executor's alone
ADDRESS = r"^0x[0-9a-fA-F]{40}$"
MINT_KEY = r"^[1-9A-HJ-NP-Za-km-z]{32,44}$"
MAINNET = "5eykt4UsFv8P8NJdTREpY1vzqKqZKvdpKuc147dw2N9d"  # the hash of Solana's first block


class Settings(BaseSettings):
    """Where everything is reached. Ports are `port_base` plus a fixed offset, so one variable moves a whole stack."""

    model_config = SettingsConfigDict(
        env_prefix="WALLETFLOW_", frozen=True, extra="ignore", env_ignore_empty=True, use_attribute_docstrings=True
    )

    home: Path = Path("~/.walletflow")
    """Directory of everything that is kept on this machine: data, logs, secrets, `stack.env`"""
    port_base: int = Field(4200, ge=1024, le=HIGHEST_PORT)
    """First port of the local stack; its services listen on this and the next 20"""

    postgres_url: SecretStr | None = None
    """Results: postgresql+psycopg://user:password@host:port/database?schema=public"""
    clickhouse_url: SecretStr | None = None
    """Trades and profiles: http://user:password@host:port/database"""
    clickhouse_cluster: str = Field("", pattern=r"^[\w{}]*$")
    """Name of a ClickHouse cluster: tables are replicated, and made on all its servers"""
    keep_days: int = Field(0, ge=0)
    """Days that trades stay, then whole months go; 0: for ever"""
    graph_url: str | None = None
    """Owners, in Neo4j: bolt://host:port"""
    graph_user: str = "neo4j"
    """User of the graph"""
    graph_password: SecretStr | None = None
    """Password of the graph"""

    prefect_auth_string: SecretStr | None = None
    """user:password that the Prefect server asks for, as PREFECT_API_AUTH_STRING"""

    data_api_url: str | None = None
    """Polymarket's Data API v2, without the /v2"""
    gamma_url: str | None = None
    """Polymarket's markets (Gamma)"""
    clob_url: str | None = None
    """Polymarket's order books and orders (CLOB)"""
    hint_url: str | None = None
    """A websocket that may wake the cycle early; nobody listens unless it is set"""

    dexscreener_url: str | None = None
    """Solana's tokens and pools: https://api.dexscreener.com"""
    jupiter_url: str | None = None
    """Solana's tokens, quotes and orders: https://api.jup.ag"""
    jupiter_key: SecretStr | None = None
    """Key of Jupiter: raises the rate limit, nothing else"""
    jupiter_calls_per_s: float | None = Field(None, gt=0, allow_inf_nan=False)
    """Calls a second that its plan grants; empty: 0.5, with a key 1"""

    solana_rpc_url: SecretStr | None = None
    """A Solana node, where wallets are read. Providers write their key into it"""
    solana_rpc_calls_per_s: float = Field(10, gt=0, allow_inf_nan=False)
    """Calls a second the node grants: public nodes and free plans ten. Five wallets a look for each"""
    helius_url: str | None = None
    """Helius' webhooks and history: https://api-mainnet.helius-rpc.com"""
    helius_key: SecretStr | None = None
    """Key of Helius: nothing there is free of it"""

    inbox_url: str | None = None
    """Where intents and webhooks are posted to us"""
    inbox_token: SecretStr | None = None
    """Token that who posts intents must bring"""
    inbox_token_file: Path | None = None
    """The same as the first line of a file that only its owner may read"""
    inbox_token_block: str | None = None
    """The same as the value of a Prefect Secret block of this name; a setting and a file come before it"""
    webhook_auth: SecretStr | None = None
    """What Helius sends in Authorization: the authHeader of our webhooks"""
    webhook_auth_file: Path | None = None
    """The same as the first line of a file that only its owner may read"""
    webhook_auth_block: str | None = None
    """The same as the value of a Prefect Secret block of this name; a setting and a file come before it"""
    intents_file: Path | None = None
    """A file the inbox follows, an intent a line"""
    beat_url: SecretStr | None = None
    """An address outside that gets a POST for each completed cycle and notices when none comes, such as a check of healthchecks.io"""

    live: str = ""
    """Simulation, unless it says: I accept that trading loses money"""
    live_wallet: str | None = Field(None, pattern=ADDRESS)
    """Polymarket: address that holds the money"""
    live_signer: str | None = Field(None, pattern=ADDRESS)
    """Polymarket: address of the key, needed where the key is not"""
    live_key: SecretStr | None = None
    """Polymarket: private key, of the execution worker's environment only"""
    live_relayer_key: SecretStr | None = None
    """Polymarket: key of the venue's relayer, which sends the transactions of a wallet that is a contract"""
    live_key_file: Path | None = None
    """live_key as the first line of a file that only its owner may read"""
    live_relayer_key_file: Path | None = None
    """live_relayer_key as the first line of a file that only its owner may read"""
    live_max_order: Decimal = Field(Decimal(5), gt=0, allow_inf_nan=False)
    """USD a live BUY may cost, whatever the strategy says"""
    live_max_out: Decimal = Field(Decimal(50), gt=0, allow_inf_nan=False)
    """USD that may be out of the wallet, whatever any database says"""
    live_solana_wallet: str | None = Field(None, pattern=MINT_KEY)
    """Solana: the wallet. Orders there are real where it is named and the word of `live` is typed"""
    live_solana_key: SecretStr | None = None
    """Solana: a key file of mode 0600, or base 58; of the execution worker's environment only"""
    live_solana_max_order: Decimal = Field(Decimal("0.05"), gt=0, allow_inf_nan=False)
    """SOL a live BUY may cost"""
    live_solana_max_out: Decimal = Field(Decimal("0.5"), gt=0, allow_inf_nan=False)
    """SOL that may be out of the wallet"""
    order_key_file: Path | None = None
    """File of the key that the judge seals orders with and the executor checks: its first line; former keys follow"""
    live_solana_reserve: Decimal = Field(Decimal("0.05"), ge=0, allow_inf_nan=False)
    """SOL no BUY touches: exits pay their fees of it"""
    live_solana_max_costs: Decimal = Field(Decimal("0.01"), gt=0, allow_inf_nan=False)
    """SOL of fees, tips and rent a swap may cost"""
    solana_genesis: str = MAINNET
    """Hash of the first block of the chain that live orders go to: a node of another chain is refused"""
    jupiter_path: str = Field("order", pattern="^(order|build)$")
    """order: Jupiter brings swaps in. build: no fee of Jupiter's, and our own node brings them in"""

    geoblock_url: str = "https://polymarket.com/api/geoblock"
    """Where Polymarket says whether it is open to this country"""
    relayer_url: str | None = None
    """Polymarket's relayer; empty: the venue's own"""
    user_channel_url: str | None = None
    """A websocket that tells of our orders; empty: the venue's own"""
    rpc_url: str | None = None
    """A Polygon node, read for who paid the wallets we watch too; empty: the client's own, and nobody is asked who paid"""

    trading_state: str = "ACTIVE"
    """The kill switch: ACTIVE, REDUCING (exits only) or HALTED"""
    recordings: Path | None = None
    """Directory of recorded trades the tests may use"""

    @field_validator("keep_days")
    @classmethod
    def _keeps_what_is_read(cls, days: int) -> int:
        if 0 < days < LONGEST_LOOK_BACK_DAYS:
            raise ValueError(f"profiles look back {LONGEST_LOOK_BACK_DAYS} days: keep at least as many, or 0 to keep all")
        return days

    @field_validator("live_key")
    @classmethod
    def _is_a_private_key(cls, given: SecretStr | None) -> SecretStr | None:
        """However a wallet writes it, 0x and small letters here. What is wrong is said without it."""
        key = None if given is None else given.get_secret_value().strip()
        if key is not None and (fault := key_fault(key)):
            raise ValueError(fault)
        return None if key is None else SecretStr(f"0x{key.lower().removeprefix('0x')}")

    @field_validator(*SCHEMES)
    @classmethod
    def _is_an_address(cls, given: Any, info: ValidationInfo) -> Any:
        text = given.get_secret_value() if isinstance(given, SecretStr) else given
        schemes = SCHEMES[str(info.field_name)]
        if text is not None and not text.startswith(schemes):
            raise ValueError(f"it must begin with {' or '.join(schemes)}")
        return given

    @field_validator("trading_state")
    @classmethod
    def _is_a_state(cls, typed: str) -> str:
        if typed not in [state.value for state in TradingState]:
            raise ValueError(nearest_word(typed, [state.value for state in TradingState]))
        return typed

    @property
    def is_live(self) -> bool:
        """Whether orders are real. Raises Unsafe for a word that is nearly the right one: nobody goes live by a slip."""
        if self.live not in ("", LIVE_WORD):
            raise Unsafe(f'WALLETFLOW_LIVE says {self.live!r}: live trading needs exactly "{LIVE_WORD}", and nothing leaves it off')
        return self.live == LIVE_WORD

    def is_live_on(self, venue: Venue) -> bool:
        """Whether its orders are real. Solana's are where its wallet is named too; who names that alone simulates Polymarket."""
        if venue is Venue.SOLANA:
            return self.is_live and self.live_solana_wallet is not None
        return self.is_live and (self.live_wallet is not None or self.live_solana_wallet is None)

    def has_key_of(self, venue: Venue) -> bool:
        """Whether this process may sign there."""
        return (self.live_solana_key if venue is Venue.SOLANA else self.live_key) is not None

    def max_out(self, venue: Venue) -> Decimal:
        """Stake that may be out of the wallet there by orders of this executor."""
        return self.live_solana_max_out if venue is Venue.SOLANA else self.live_max_out

    @cached_property
    def prefect_port(self) -> int:
        return self.port_base

    @cached_property
    def postgres_port(self) -> int:
        return self.port_base + 10

    @cached_property
    def clickhouse_port(self) -> int:
        return self.port_base + 11

    @cached_property
    def graph_port(self) -> int:
        return self.port_base + 12

    @cached_property
    def graph_http_port(self) -> int:
        return self.port_base + 13

    @cached_property
    def sandbox_port(self) -> int:
        return self.port_base + 14

    @cached_property
    def results_port(self) -> int:
        return self.port_base + 15

    @cached_property
    def inbox_port(self) -> int:
        return self.port_base + 16

    @cached_property
    def prefect_api_url(self) -> str:
        return f"http://127.0.0.1:{self.prefect_port}/api"

    def for_replay(self, name: str) -> "Settings":
        """The same servers, a schema and a database of the replay's own."""
        place = f"replay_{re.sub('[^a-z0-9]+', '_', name.lower())}"
        postgres, clickhouse = urlsplit(self.required("postgres_url")), urlsplit(self.required("clickhouse_url"))
        said = [part for part in postgres.query.split("&") if part and not part.startswith("schema=")]  # sslmode and the like stay
        query = "&".join([*said, f"schema={place}"])
        postgres, clickhouse = postgres._replace(query=query), clickhouse._replace(path=f"/{place}")
        addresses = {"postgres_url": SecretStr(postgres.geturl()), "clickhouse_url": SecretStr(clickhouse.geturl())}
        return self.model_copy(update=addresses | {"keep_days": 0})  # what was recorded is old, and stays

    def required(self, name: str) -> str:
        """The setting as plain text. Raises Unsafe with the cure when it is not set."""
        value = getattr(self, name)
        if value is None:
            raise Unsafe(f"WALLETFLOW_{name.upper()} is not set: run `make up` for a local stack, or set it to your own server")
        return value.get_secret_value() if isinstance(value, SecretStr) else str(value)


SECRETS = tuple(name for name, field in Settings.model_fields.items() if SecretStr in (field.annotation, *get_args(field.annotation)))


def secrets_in_environment() -> list[str]:
    """The names of secrets of ours that this process was given."""
    return sorted(name for name in (f"WALLETFLOW_{field.upper()}" for field in SECRETS) if os.environ.get(name))


def _secrets_of_files(environment: Mapping[str, str]) -> dict[str, Any]:
    """The keys whose files are named; one that is given itself is stronger. Raises Unsafe with the cure for a file others may read."""
    found: dict[str, Any] = {}
    for name in ("live_key", "live_relayer_key"):
        given, file = (environment.get(f"WALLETFLOW_{one.upper()}") for one in (name, f"{name}_file"))
        if file and not given:
            found[name] = secret_in(Path(file).expanduser())
    return found


def load_settings() -> Settings:
    """Settings of the environment and of `stack.env` in WALLETFLOW_HOME. An empty one is as if it were not set.

    Raises Unsafe, with the cure, for one that cannot be read and for a name of ours that is none.
    """
    home = Path(os.environ.get("WALLETFLOW_HOME") or "~/.walletflow").expanduser()
    faults = list(unknown_names(os.environ, Settings.model_fields))
    try:
        settings = Settings(_env_file=home / "stack.env", home=home, **_secrets_of_files(os.environ))
    except ValidationError as error:
        raise Unsafe("; ".join([*faults, *said_wrongly(error, EXPECTED, SECRETS)])) from None  # it would show secrets
    if faults:
        raise Unsafe("; ".join(faults))
    return settings
