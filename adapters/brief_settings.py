"""The settings of the copy-trading brief, by the names it gave them: of the observer, and of a strategy that is made of them."""

import re
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Literal

from pydantic import AliasChoices, Field, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from adapters.setting_faults import shortened
from data_contracts.errors import Unsafe
from domain.copying.policy import FirewallPolicy, FollowPolicy, OrderPolicy, Policy, SizingPolicy, tiers_of
from domain.wallet_addresses import market_of, wallet_of

MOST = Decimal(10) ** 12  # USD or percent
VENUE_MINIMUM = Decimal(1)  # USD: what Polymarket takes at least
PUBLIC = {
    "data_api_url": "https://data-api.polymarket.com",
    "gamma_url": "https://gamma-api.polymarket.com",
    "clob_url": "https://clob.polymarket.com",
}


class BriefSettings(BaseSettings):
    """Every name has the brief's default. Lists are separated by commas; an empty list of leaders follows nobody."""

    model_config = SettingsConfigDict(frozen=True, extra="ignore", env_ignore_empty=True, populate_by_name=True)

    follow_traders: str = Field("", description="Leaders to follow")
    market_allowlist: str = Field("", description="Markets that may be traded; empty: all")
    max_intent_size_usdc: Decimal = Field(Decimal(100), gt=0, le=MOST, allow_inf_nan=False, description="USD a copy may cost, after sizing")
    max_intent_age_seconds: float = Field(60, gt=0, allow_inf_nan=False, description="An entry older than this is stale")
    max_slippage_percent: Decimal = Field(
        Decimal(5), ge=0, lt=100, allow_inf_nan=False, description="Worse than the leader's price by this"
    )
    copy_sizing_strategy: Literal["PERCENTAGE", "FIXED", "TIERED"] = Field("PERCENTAGE", description="How much")
    copy_size: Decimal = Field(Decimal(10), gt=0, le=MOST, allow_inf_nan=False, description="PERCENTAGE of the leader's USD, or FIXED USD")
    tiered_multipliers: str = Field("", description="TIERED: such as 1-100:2.0,100-500:1.0,500-1000:0.5,1000+:0.1")
    monitored_traders: str = Field("", description="Whom the observer watches; empty: FOLLOW_TRADERS")
    output_mode: Literal["file", "http"] = Field("file", description="Where the observer's intents go")
    output_file: Path = Field(Path("intents.jsonl"), description="OUTPUT_MODE file: appended to, a JSON object a line")
    python_endpoint: str = Field("http://127.0.0.1:4216/intents", pattern=r"^https?://", description="OUTPUT_MODE http: an inbox")
    poll_interval: float = Field(5, ge=0.1, le=3600, description="Seconds between two looks of the observer")
    data_api_url: str = Field(PUBLIC["data_api_url"], validation_alias=AliasChoices("data_api_url", "walletflow_data_api_url"))
    gamma_url: str = Field(PUBLIC["gamma_url"], validation_alias=AliasChoices("gamma_url", "walletflow_gamma_url"))
    clob_url: str = Field(PUBLIC["clob_url"], validation_alias=AliasChoices("clob_url", "walletflow_clob_url"))
    token_file: Path | None = Field(None, validation_alias=AliasChoices("token_file", "walletflow_inbox_token_file"))

    @property
    def leaders(self) -> tuple[str, ...]:
        """Whom a strategy follows. Raises Unsafe for what is no wallet."""
        return _each("FOLLOW_TRADERS", self.follow_traders, wallet_of)

    @property
    def watched(self) -> tuple[str, ...]:
        """Whom the observer watches."""
        return _each("MONITORED_TRADERS", self.monitored_traders, wallet_of) or self.leaders

    @property
    def markets(self) -> tuple[str, ...]:
        """None named: all."""
        return _each("MARKET_ALLOWLIST", self.market_allowlist, market_of)

    def policy(self) -> Policy:
        """The strategy of these numbers: `mirror`. Raises Unsafe, at the start, for tiers that overlap, or are out of order or none."""
        try:
            return Policy(
                follow=FollowPolicy(wallets=self.leaders, top=0),
                firewall=FirewallPolicy(max_age_s=self.max_intent_age_seconds, markets=self.markets),
                sizing=self._sizing(),
                ordering=OrderPolicy(max_slippage=self.max_slippage_percent / 100),
            )
        except ValueError as error:
            said = error.errors()[0]["msg"] if isinstance(error, ValidationError) else str(error)
            raise Unsafe(f"TIERED_MULTIPLIERS: {said.removeprefix('Value error, ')}") from None

    def _sizing(self) -> SizingPolicy:
        caps = {"min_notional": VENUE_MINIMUM, "max_notional": self.max_intent_size_usdc}
        if self.copy_sizing_strategy == "FIXED":
            return SizingPolicy(kind="fixed", amount=self.copy_size, **caps)
        if self.copy_sizing_strategy == "PERCENTAGE":
            return SizingPolicy(kind="percentage", percent=self.copy_size, **caps)
        if not (tiers := tiers_of(self.tiered_multipliers)):
            raise ValueError("is empty, and COPY_SIZING_STRATEGY says TIERED: nothing would ever be copied")
        return SizingPolicy(kind="tiered", tiers=tiers, **caps)


def load_brief() -> BriefSettings:
    """From the environment alone: no file of ours, which would have addresses of stores and secrets. Raises Unsafe, naming each fault."""
    try:
        return BriefSettings()
    except ValidationError as error:
        faults = [f"{str(one['loc'][0]).upper()} says {shortened(one['input'])}: {one['msg'].lower()}" for one in error.errors()]
        raise Unsafe("; ".join(faults)) from None


def _each(name: str, text: str, read: Callable[[str], str]) -> tuple[str, ...]:
    found = list[str]()
    for word in re.split(r"[,\s]+", text.strip()):
        try:
            found += [read(word)] if word else []
        except ValueError as error:
            raise Unsafe(f"{name}: {error}") from None
    return tuple(dict.fromkeys(found))
