"""The hash the venue knows an order by: EIP-712 over eleven fields. It needs no key, so whoever stores the order can compute it.

Salt and timestamp are functions of our own order, so the same order has the same hash, and the very same signature, after a crash.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from eth_utils.crypto import keccak

from data_contracts import Order, Side
from domain.polymarket.amounts import Amounts
from domain.polymarket.exchanges import CHAIN, Exchange

ORDER_TYPE = (
    "Order(uint256 salt,address maker,address signer,uint256 tokenId,uint256 makerAmount,uint256 takerAmount,"
    "uint8 side,uint8 signatureType,uint256 timestamp,bytes32 metadata,bytes32 builder)"
)
DOMAIN_TYPE = "EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"
DOMAIN_NAME = "Polymarket CTF Exchange"
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
SALT_BITS = 53  # the wire carries the salt as a JSON number: a double keeps this many bits


@dataclass(frozen=True, slots=True)
class Account:
    """Whose orders these are: `wallet` holds the money, `signer` is the address of the key.

    `signature_type` is 0 for a plain key, 1 for a proxy, 2 for a Safe, 3 for a deposit wallet, which signs as itself.
    """

    wallet: str
    signer: str
    signature_type: int

    @property
    def signs_as(self) -> str:
        return self.wallet if self.signature_type == 3 else self.signer


def salt_of(order: Order) -> int:
    """A function of the order's id: an order signed twice is one order."""
    return int(order.order_id, 16) & ((1 << SALT_BITS) - 1)


def timestamp_of(order: Order) -> int:
    """Milliseconds: when the order was created, whenever it is signed."""
    return (order.created_at - EPOCH) // timedelta(milliseconds=1)


def order_hash(order: Order, amounts: Amounts, exchange: Exchange, account: Account) -> str:
    """0x and 64 hex digits."""
    return hash_of(order.token_id, order.side, amounts, salt_of(order), timestamp_of(order), exchange, account)


def hash_of(token_id: str, side: Side, amounts: Amounts, salt: int, timestamp_ms: int, exchange: Exchange, account: Account) -> str:
    """The same, of its parts. No metadata, no builder."""
    words = [salt, _address(account.wallet), _address(account.signs_as), int(token_id), amounts.maker, amounts.taker]
    words += [0 if side is Side.BUY else 1, account.signature_type, timestamp_ms, 0, 0]
    content = keccak(keccak(text=ORDER_TYPE) + b"".join(map(_word, words)))
    return "0x" + keccak(b"\x19\x01" + _separator(exchange) + content).hex()


def _separator(exchange: Exchange) -> bytes:
    texts = keccak(text=DOMAIN_TYPE) + keccak(text=DOMAIN_NAME) + keccak(text=exchange.domain_version)
    return keccak(texts + _word(CHAIN) + _word(_address(exchange.address)))


def _address(text: str) -> int:
    return int(text, 16)


def _word(value: int) -> bytes:
    return value.to_bytes(32, "big")
