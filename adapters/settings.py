"""Every setting, read from the environment here and nowhere else.

`WALLETFLOW_HOME` holds all local data. The local stack writes the addresses it listens on to `stack.env` there;
a variable of the environment wins over that file.
"""

import os
import re
from decimal import Decimal
from functools import cached_property
from pathlib import Path
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from data_contracts.errors import Unsafe

LIVE_WORD = "I accept that trading loses money"
LONGEST_LOOK_BACK_DAYS = 180  # of profiles and ratings: trades they read must not be gone


class Settings(BaseSettings):
    """Where everything is reached. Ports are `port_base` plus a fixed offset, so one variable moves a whole stack."""

    model_config = SettingsConfigDict(env_prefix="WALLETFLOW_", frozen=True, extra="ignore")

    home: Path = Path("~/.walletflow")
    port_base: int = 4200

    postgres_url: SecretStr | None = None  # postgresql+psycopg://user:password@host:port/database?schema=public
    clickhouse_url: SecretStr | None = None  # http://user:password@host:port/database
    clickhouse_cluster: str = Field("", pattern=r"^[\w{}]*$")  # a cluster's name: tables are replicated, and made on all its servers
    keep_days: int = Field(0, ge=0)  # that trades and holders' positions stay, then whole months go; 0: for ever
    graph_url: str | None = None  # bolt://host:port
    graph_user: str = "neo4j"
    graph_password: SecretStr | None = None

    prefect_auth_string: SecretStr | None = None  # user:password, as PREFECT_API_AUTH_STRING; the local stack's server asks for it

    data_api_url: str | None = None  # Polymarket Data API v2, without the /v2
    gamma_url: str | None = None
    clob_url: str | None = None
    hint_url: str | None = None  # a websocket that may wake the cycle early; nobody listens unless it is set

    live: str = ""  # simulation, unless it says LIVE_WORD
    live_wallet: str | None = None  # address that holds the money
    live_signer: str | None = None  # address of the key: needed where the key is not
    live_key: SecretStr | None = None  # of the execution worker's environment only
    live_relayer_key: SecretStr | None = None  # where the wallet is a contract: the venue's relayer sends its transactions
    live_max_order: Decimal = Decimal(5)  # USD a live BUY may cost, whatever the strategy says
    geoblock_url: str = "https://polymarket.com/api/geoblock"
    relayer_url: str | None = None  # empty: the venue's own
    user_channel_url: str | None = None  # a websocket that tells of our orders; empty: the venue's own
    rpc_url: str | None = None  # of a Polygon node; empty: the client's own

    trading_state: str = "ACTIVE"  # the kill switch: ACTIVE, REDUCING (exits only) or HALTED
    recordings: Path | None = None  # directory of recorded trades the tests may use

    @field_validator("keep_days")
    @classmethod
    def _keeps_what_is_read(cls, days: int) -> int:
        if 0 < days < LONGEST_LOOK_BACK_DAYS:
            raise ValueError(f"profiles look back {LONGEST_LOOK_BACK_DAYS} days: keep at least as many, or 0 to keep all")
        return days

    @property
    def is_live(self) -> bool:
        """Whether orders are real. Raises Unsafe for a word that is nearly the right one: nobody goes live by a slip."""
        if self.live not in ("", LIVE_WORD):
            raise Unsafe(f'WALLETFLOW_LIVE says {self.live!r}: live trading needs exactly "{LIVE_WORD}", and nothing leaves it off')
        return self.live == LIVE_WORD

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


def load_settings() -> Settings:
    """Settings of the environment and of `stack.env` in WALLETFLOW_HOME."""
    home = Path(os.environ.get("WALLETFLOW_HOME", "~/.walletflow")).expanduser()
    return Settings(_env_file=home / "stack.env", home=home)
