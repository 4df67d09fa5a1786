"""An intent as others write it, and the row it becomes. The contract: `docs/inbox.md`."""

import json
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import ROUND_DOWN, Context, Decimal
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, WithJsonSchema

from adapters.inbox.faults import Fault, Unacceptable
from data_contracts import Entrance, Side, TradeIntent, Venue
from data_contracts.columns import EARLIEST
from domain.ids import row_id
from domain.wallet_addresses import market_of, wallet_of

CLOCKS_APART = timedelta(seconds=5)  # a sender's clock may run ahead of ours by this much
INSTANT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt ][0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,9})?([Zz]|[+-][0-9]{2}:[0-9]{2})?")
WIDE = Context(prec=60)
MOST = Decimal(10) ** 12  # USD or shares: more is no size but an error
SOLANA_ADDRESS = "[1-9A-HJ-NP-Za-km-z]{32,44}"
WALLET = f"^(0[xX][0-9a-fA-F]{{40}}|{SOLANA_ADDRESS})$"
WORDS = {
    "missing": "is missing",
    "extra_forbidden": "is no field of an intent",
    "model_type": "must be a JSON object",
    "dict_type": "must be a JSON object",
    "string_type": "must be text",
}


def _number(value: Any) -> Decimal:
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        raise ValueError("must be a number, without quotes")
    return Decimal(value)


def _above_nothing(scale: int) -> Callable[[Decimal], Decimal]:
    """What has more digits than we keep loses the rest, and must be something then."""

    def kept(value: Decimal) -> Decimal:
        rounded = _from_nothing(value, scale) if value > 0 else value
        if rounded <= 0:
            raise ValueError(f"must be above 0, to {scale} digits after the point")
        return rounded

    return kept


def _from_nothing(value: Decimal, scale: int = 18) -> Decimal:
    if not 0 <= value <= MOST:
        raise ValueError(f"must be at least 0 and at most {MOST}")
    return value.quantize(Decimal(1).scaleb(-scale), ROUND_DOWN, WIDE)


def _instant(value: Any) -> datetime:
    if not isinstance(value, str):
        raise ValueError("must be text such as 2026-11-28T12:00:00Z: a bare number does not say of what it counts seconds or milliseconds")
    found = INSTANT.fullmatch(value)
    if not found:
        raise ValueError("must be an instant such as 2026-11-28T12:00:00Z")
    if not found[2]:
        raise ValueError("names no time zone: end it with Z, or an offset such as +02:00")
    fraction = (found[1] or "")[:7]
    try:
        return datetime.fromisoformat(f"{value[:19]}{fraction}{found[2].upper().replace('Z', '+00:00')}").astimezone(UTC)
    except (ValueError, OverflowError):
        raise ValueError("is no instant of any calendar") from None


def _millisecond(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= 10**12:
        raise ValueError("must be a whole number of milliseconds, 0 or more")
    return value


def _counted(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= 2**53:
        raise ValueError("must be a whole number, from 0 to 2^53")
    return value


def _printable(value: str) -> str:
    if not value.isprintable() or value != value.strip():
        raise ValueError("must be text without control characters, and without blanks around it")
    return value


ABOVE = WithJsonSchema({"type": "number", "exclusiveMinimum": 0, "maximum": float(MOST)})
Instant = Annotated[datetime, BeforeValidator(_instant), WithJsonSchema({"type": "string", "format": "date-time"})]
Millisecond = Annotated[int, BeforeValidator(_millisecond), WithJsonSchema({"type": "integer", "minimum": 0, "maximum": 10**12})]
OwnNumber = Annotated[int, BeforeValidator(_counted), WithJsonSchema({"type": "integer", "minimum": 0, "maximum": 2**53})]
Fine = Annotated[Decimal, BeforeValidator(_number), AfterValidator(_above_nothing(18)), ABOVE]  # prices and shares
Usd = Annotated[Decimal, BeforeValidator(_number), AfterValidator(_above_nothing(9)), ABOVE]
Known = Annotated[
    Decimal,
    BeforeValidator(_number),
    AfterValidator(_from_nothing),
    WithJsonSchema({"type": "number", "minimum": 0, "maximum": float(MOST)}),
]
Word = Annotated[str, Field(min_length=1, max_length=128), AfterValidator(_printable)]


class Metadata(BaseModel):
    """What the sender saw. All of it may be left out."""

    model_config = ConfigDict(frozen=True, extra="forbid", title="TradeIntentMetadata")

    price: Fine | None = Field(None, description="What the leader paid or got for a share")
    best_bid: Known | None = Field(None, description="Best bid when the trade was seen")
    best_ask: Known | None = Field(None, description="Best ask when the trade was seen")
    detection_latency_ms: Millisecond | None = Field(None, description="Milliseconds from the leader's trade until it was seen")
    trader_position_size: Known | None = Field(None, description="Shares of this outcome that the leader held before this trade")
    trader_balance_usd: Known | None = Field(None, description="What the leader is worth, USD")
    trader_order_usd: Usd | None = Field(None, description="The leader's order, USD")
    sender: Word | None = Field(None, description="Who sends it, where several do")
    sequence: OwnNumber | None = Field(None, description="The sender's own number of it, one more each time: what is left out is noticed")
    source_tx_hash: Word | None = Field(None, description="The leader's transaction: what a feed shows us too is copied once")
    extra: dict[str, Any] | None = Field(None, description="Anything else; it is kept, and nothing reads it")


class PostedIntent(BaseModel):
    """A leader did this: decide whether to follow. Sizes are the leader's own; ours are made of them by the strategy."""

    model_config = ConfigDict(frozen=True, extra="forbid", title="TradeIntent")

    intent_id: Word = Field(description="The sender's own name of it: the same one is accepted once")
    timestamp: Instant = Field(description="When the leader traded, with its time zone. Age goes by this, not by when it came")
    source_trader: Annotated[str, Field(pattern=WALLET)] = Field(description="The leader: 0x and 40 hex digits, or a Solana address")
    market_id: Word = Field(description="Condition id of the market, or the outcome's token id; on Solana the mint")
    outcome: Word = Field(description="YES, NO, or the outcome's own name; on Solana any word")
    side: Literal["BUY", "SELL"]
    price_limit: Fine | None = Field(None, description="Nothing is bought above, or sold below it. BUY: 0.99 at most, SELL: 0.01 at least")
    size_usdc: Usd | None = Field(None, description="USD the leader spent. A BUY needs it, and nothing else may have it")
    size_tokens: Fine | None = Field(None, description="Shares the leader sold. A SELL needs it, and nothing else may have it")
    metadata: Metadata = Metadata()


def intent_in(value: Any, entrance: Entrance, now: datetime) -> TradeIntent:
    """The row of an intent that was read from JSON. Raises Unacceptable with every fault of it."""
    try:
        posted = PostedIntent.model_validate(value)
    except ValidationError as error:
        raise Unacceptable([_fault(one) for one in error.errors(include_url=False)]) from None
    venue = Venue.POLYMARKET if posted.source_trader[:2] in ("0x", "0X") else Venue.SOLANA
    if faults := [*_contradictions(posted, venue), *_untimely(posted, now)]:
        raise Unacceptable(faults)
    said = posted.model_dump(mode="json", exclude_none=True)
    return TradeIntent(
        intent_id=posted.intent_id,
        entrance=entrance,
        venue=venue,
        signalled_at=posted.timestamp,
        leader=wallet_of(posted.source_trader),
        market_id=market_of(posted.market_id),
        outcome=posted.outcome,
        side=Side(posted.side),
        limit_price=posted.price_limit,
        usd=posted.size_usdc,
        shares=posted.size_tokens,
        metadata=json.dumps(said.get("metadata", {}), sort_keys=True),
        digest=row_id(json.dumps(said, sort_keys=True)),
        received_at=now,
    )


def _fault(error: Any) -> Fault:
    reason = (
        str(error["ctx"]["error"])
        if error["type"] == "value_error"
        else WORDS.get(error["type"], error["msg"].replace("Input should be", "must be", 1))
    )
    return Fault(".".join(ascii(part)[1:-1] if isinstance(part, str) else str(part) for part in error["loc"])[:200], reason)


def _contradictions(posted: PostedIntent, venue: Venue) -> list[Fault]:
    """What each field allows, and all together do not."""
    faults = [fault for name, read in (("source_trader", wallet_of), ("market_id", market_of)) if (fault := _unread(posted, name, read))]
    wanted, other = ("size_usdc", "size_tokens") if posted.side == "BUY" else ("size_tokens", "size_usdc")
    if getattr(posted, wanted) is None:
        faults.append(Fault(wanted, f"is missing: a {posted.side} needs it"))
    if getattr(posted, other) is not None:
        faults.append(Fault(other, f"is of the other side: a {posted.side} has {wanted}, and exactly one of the two"))
    if venue is Venue.SOLANA:
        return [*faults, *([] if re.fullmatch(SOLANA_ADDRESS, posted.market_id) else [Fault("market_id", "must be a mint on Solana")])]
    limit = posted.price_limit
    if limit is not None and posted.side == "BUY" and limit > Decimal("0.99"):
        faults.append(Fault("price_limit", "of a BUY must be at most 0.99"))
    if limit is not None and posted.side == "SELL" and not Decimal("0.01") <= limit <= 1:
        faults.append(Fault("price_limit", "of a SELL must be at least 0.01 and at most 1"))
    shown = {name: getattr(posted.metadata, name) for name in ("price", "best_bid", "best_ask")}
    return [*faults, *(Fault(f"metadata.{name}", "must be at most 1") for name, price in shown.items() if price is not None and price > 1)]


def _unread(posted: PostedIntent, name: str, read: Callable[[str], str]) -> Fault | None:
    try:
        read(getattr(posted, name))
    except ValueError as error:
        return Fault(name, str(error))
    return None


def _untimely(posted: PostedIntent, now: datetime) -> list[Fault]:
    ahead = posted.timestamp - now
    if ahead > CLOCKS_APART:
        return [Fault("timestamp", f"lies {ahead.total_seconds():.0f} s in the future: is the sender's clock right?")]
    return [Fault("timestamp", f"lies before {EARLIEST:%Y}")] if posted.timestamp < EARLIEST else []
