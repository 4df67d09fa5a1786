"""EIP-712 as the exchange's contracts check it: what an order's hash is and who signed it. Pure.

Sources: polymarket-client 0.14.0 (typed_data, l1_auth), https://eips.ethereum.org/EIPS/eip-712, https://eips.ethereum.org/EIPS/eip-7739"""

from functools import cache
from typing import NamedTuple

from eth_abi.abi import encode
from eth_keys.datatypes import Signature
from eth_keys.exceptions import BadSignature
from eth_utils.address import to_canonical_address
from eth_utils.crypto import keccak
from eth_utils.exceptions import ValidationError

from sandbox.exchange.contracts import CHAIN_ID, Route

_ORDER = (
    "Order(uint256 salt,address maker,address signer,uint256 tokenId,uint256 makerAmount,uint256 takerAmount,"
    "uint8 side,uint8 signatureType,uint256 timestamp,bytes32 metadata,bytes32 builder)"
)
_DOMAIN = "EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"
_WRAPPED = "TypedDataSign(Order contents,string name,string version,uint256 chainId,address verifyingContract,bytes32 salt)" + _ORDER
_AUTH_DOMAIN = "EIP712Domain(string name,string version,uint256 chainId)"
_AUTH = "ClobAuth(address address,string timestamp,uint256 nonce,string message)"
_AUTH_MESSAGE = "This message attests that I control the given wallet"
_SIGNATURE_BYTES = 65


class SignedFields(NamedTuple):
    """What of an order is signed, in the contract's order."""

    salt: int
    maker: str
    signer: str
    token_id: int
    maker_amount: int
    taker_amount: int
    side: int  # 0 buys
    signature_type: int
    timestamp: int
    metadata: bytes
    builder: bytes


def order_hash(order: SignedFields, route: Route) -> str:
    """The order's id, on the exchange and on the chain."""
    return "0x" + _digest(_domain(route), _contents(order)).hex()


def order_signer(order: SignedFields, route: Route, signature: bytes) -> str | None:
    """Who signed it as an ordinary account would."""
    return _recovered(_digest(_domain(route), _contents(order)), signature)


def wallet_order_signer(order: SignedFields, route: Route, signature: bytes) -> str | None:
    """Who signed it for a deposit wallet: ERC-7739 nests the order in a message of the wallet's own domain and appends
    what a contract needs to check that: the app's domain, the order's hash, its type and that type's length."""
    contents, domain = _contents(order), _domain(route)
    appendix = domain + contents + _ORDER.encode() + len(_ORDER).to_bytes(2)
    if signature[_SIGNATURE_BYTES:] != appendix:
        return None
    wallet = ("bytes32", "bytes32", "bytes32", "bytes32", "uint256", "address", "bytes32")
    nested = _struct(wallet, _type(_WRAPPED), contents, _text("DepositWallet"), _text("1"), CHAIN_ID, order.signer, bytes(32))
    return _recovered(_digest(domain, nested), signature[:_SIGNATURE_BYTES])


def login_signer(address: str, timestamp: str, nonce: int, signature: bytes) -> str | None:
    """Who signed the message that API keys are given for."""
    domain = _struct(("bytes32", "bytes32", "bytes32", "uint256"), _type(_AUTH_DOMAIN), _text("ClobAuthDomain"), _text("1"), CHAIN_ID)
    fields = ("bytes32", "address", "bytes32", "uint256", "bytes32")
    message = _struct(fields, _type(_AUTH), address, _text(timestamp), nonce, _text(_AUTH_MESSAGE))
    return _recovered(_digest(domain, message), signature)


def recovered_signer(digest: bytes, signature: bytes) -> str | None:
    """Of any 32-byte hash. None: this is no signature."""
    return _recovered(digest, signature)


@cache
def _domain(route: Route) -> bytes:
    types = ("bytes32", "bytes32", "bytes32", "uint256", "address")
    return _struct(types, _type(_DOMAIN), _text("Polymarket CTF Exchange"), _text(route.version), CHAIN_ID, route.exchange)


def _contents(order: SignedFields) -> bytes:
    types = ("bytes32", "uint256", "address", "address", *["uint256"] * 3, "uint8", "uint8", "uint256", "bytes32", "bytes32")
    return _struct(types, _type(_ORDER), *order)


def _digest(domain: bytes, message: bytes) -> bytes:
    return keccak(b"\x19\x01" + domain + message)


def _struct(types: tuple[str, ...], *values: object) -> bytes:
    return keccak(encode(types, values))


@cache
def _type(text: str) -> bytes:
    return keccak(text=text)


def _text(text: str) -> bytes:
    return keccak(text=text)


def _recovered(digest: bytes, signature: bytes) -> str | None:
    if len(signature) != _SIGNATURE_BYTES:
        return None
    v = signature[64] - 27 if signature[64] >= 27 else signature[64]
    try:
        found = Signature(signature[:64] + bytes([v])).recover_public_key_from_msg_hash(digest)
    except (BadSignature, ValidationError, ValueError):
        return None
    return found.to_checksum_address()


def same_address(one: str, other: str) -> bool:
    return to_canonical_address(one) == to_canonical_address(other)
