"""An order as it was posted, and a trade as it settles. Units are millionths; prices ten-thousandths of a dollar."""

from dataclasses import dataclass, field
from enum import StrEnum
from fractions import Fraction
from functools import cached_property
from typing import Any

from eth_utils.address import is_hex_address, to_checksum_address

from sandbox.exchange.contracts import route_of
from sandbox.exchange.ledger import USD, Legs
from sandbox.exchange.matching import WHOLE, Fill, Maker, Taker
from sandbox.exchange.refusals import Refusal
from sandbox.exchange.signing import SignedFields, order_hash
from sandbox.markets import Market

_FIRST_VERSION_ONLY = {"taker", "nonce", "feeRateBps"}


class Kind(StrEnum):
    GTC = "GTC"
    GTD = "GTD"
    FOK = "FOK"
    FAK = "FAK"

    @property
    def rests(self) -> bool:
        return self in (Kind.GTC, Kind.GTD)


@dataclass(frozen=True)
class Posted:
    """The body of POST /order, read but not believed."""

    fields: SignedFields
    signature: bytes
    kind: Kind
    expiration: int
    post_only: bool
    owner: str  # an API key

    @property
    def is_buy(self) -> bool:
        return self.fields.side == 0


@dataclass
class Order:
    hash: str
    posted: Posted
    market: Market
    outcome: int
    login: str  # the address of the API key it came with
    created_s: float
    number: int
    matched: int = 0  # shares
    usd: int = 0  # paid or received for them, without fees
    status: str = "LIVE"
    trades: list[str] = field(default_factory=list)

    @property
    def is_buy(self) -> bool:
        return self.posted.is_buy

    @property
    def account(self) -> str:
        return self.posted.fields.maker

    @property
    def token_id(self) -> str:
        return self.market.token_ids[self.outcome]

    @property
    def size(self) -> int:
        return self.posted.fields.taker_amount if self.is_buy else self.posted.fields.maker_amount

    @cached_property
    def price(self) -> Fraction:
        fields = self.posted.fields
        usd, shares = (fields.maker_amount, fields.taker_amount) if self.is_buy else (fields.taker_amount, fields.maker_amount)
        return Fraction(usd * WHOLE, shares)

    @property
    def left(self) -> int:
        return max(0, self.size - self.matched)

    @property
    def asset(self) -> str:
        """What it gives away."""
        return USD if self.is_buy else self.token_id

    @property
    def reserve(self) -> int:
        """Units of that which a resting order still needs. Rounded up, so that it suffices however it is filled."""
        return -(-self.left * int(self.price) // WHOLE) if self.is_buy else self.left

    def count(self, trade_id: str, shares: int, usd: int) -> None:
        self.matched += shares
        self.usd += usd
        self.trades.append(trade_id)

    def as_taker(self) -> Taker:
        if self.is_buy and not self.posted.kind.rests:
            return Taker(self.outcome, True, self.price, budget=self.posted.fields.maker_amount)
        return Taker(self.outcome, self.is_buy, self.price, shares=self.size)

    def as_maker(self) -> Maker:
        return Maker(self.hash, self.outcome, self.is_buy, int(self.price), self.left, (self.created_s, self.number))


class TradeStatus(StrEnum):
    MATCHED = "MATCHED"
    RETRYING = "RETRYING"
    MINED = "MINED"
    CONFIRMED = "CONFIRMED"
    FAILED = "FAILED"

    @property
    def is_final(self) -> bool:
        return self in (TradeStatus.CONFIRMED, TradeStatus.FAILED)


@dataclass
class Trade:
    """One taker against those of one price. `taker` is None when the world came to what rested."""

    id: str
    number: int
    market: Market
    outcome: int  # the taker's
    is_buy: bool
    price: int
    shares: int
    fee: int
    taker: Order | None
    fills: list[Fill]
    makers: dict[str, Order]  # those of the fills that are not the world's
    legs: Legs
    matched_s: float
    bucket: int
    path: list[TradeStatus]  # what it still goes through
    status: TradeStatus = TradeStatus.MATCHED
    updated_s: float = 0.0
    transaction_hash: str = ""

    @property
    def token_id(self) -> str:
        return self.market.token_ids[self.outcome]

    @property
    def orders(self) -> list[Order]:
        return [*([self.taker] if self.taker else []), *self.makers.values()]


def read_order(body: Any) -> Posted:
    """Raises Refusal: a signed order of the first version, or something that is no order."""
    try:
        order = body["order"]
        if _FIRST_VERSION_ONLY & order.keys() or "timestamp" not in order:
            raise Refusal("order_version_mismatch")
        return Posted(
            _signed_fields(order),
            bytes.fromhex(order["signature"].removeprefix("0x")),
            Kind(body["orderType"]),
            _whole(order.get("expiration", "0")),
            body.get("postOnly") is True,
            str(body["owner"]),
        )
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise Refusal("Invalid order payload") from error


def _signed_fields(order: dict[str, Any]) -> SignedFields:
    fields = SignedFields(
        salt=_whole(order["salt"]),
        maker=_address(order["maker"]),
        signer=_address(order["signer"]),
        token_id=_whole(order["tokenId"]),
        maker_amount=_whole(order["makerAmount"]),
        taker_amount=_whole(order["takerAmount"]),
        side=("BUY", "SELL").index(order["side"]),
        signature_type=_whole(order["signatureType"]),
        timestamp=_whole(order["timestamp"]),
        metadata=_bytes32(order["metadata"]),
        builder=_bytes32(order["builder"]),
    )
    if not (fields.maker_amount and fields.taker_amount and fields.signature_type <= 3):
        raise ValueError("an order for nothing, or of an unknown kind")
    return fields


def hash_of(posted: Posted, market: Market) -> str:
    return order_hash(posted.fields, route_of(market))


def _whole(value: object) -> int:
    """Digits, as a number or as text. Nothing signed, nothing longer than 256 bits."""
    if isinstance(value, bool) or not (isinstance(value, int) or (isinstance(value, str) and value.isascii() and value.isdecimal())):
        raise ValueError("no whole number")
    number = int(value)
    if not 0 <= number < 1 << 256:
        raise ValueError("out of range")
    return number


def _address(value: object) -> str:
    if not is_hex_address(value):
        raise ValueError("no address")
    return str(to_checksum_address(str(value)))


def _bytes32(value: str) -> bytes:
    found = bytes.fromhex(value.removeprefix("0x"))
    if len(found) != 32:
        raise ValueError("not 32 bytes")
    return found
