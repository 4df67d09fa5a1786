"""Whose wallet a relayed transaction is for, whether its owner signed it, and what it calls. Pure.

Source: polymarket-client 0.14.0, actions.relayer.signing and .gasless."""

from typing import Any

from eth_abi.abi import decode
from eth_account import Account
from eth_account.messages import SignableMessage, encode_defunct, encode_typed_data
from eth_utils.address import to_canonical_address, to_checksum_address
from eth_utils.crypto import keccak

from sandbox.exchange.chain import Call
from sandbox.exchange.contracts import CHAIN_ID
from sandbox.exchange.refusals import Refusal
from sandbox.exchange.rules import deposit_wallets, wallet_of
from sandbox.wire import Json

_MULTISEND = keccak(text="multiSend(bytes)")[:4]
_PROXY = keccak(text="proxy((uint8,address,uint256,bytes)[])")[:4]
_DOMAIN = [("name", "string"), ("version", "string"), ("chainId", "uint256"), ("verifyingContract", "address")]
_CALL = [("target", "address"), ("value", "uint256"), ("data", "bytes")]
_BATCH = [("wallet", "address"), ("nonce", "uint256"), ("deadline", "uint256"), ("calls", "Call[]")]
_SAFE_TX = [
    ("to", "address"), ("value", "uint256"), ("data", "bytes"), ("operation", "uint8"), ("safeTxGas", "uint256"), ("baseGas", "uint256"),
    ("gasPrice", "uint256"), ("gasToken", "address"), ("refundReceiver", "address"), ("nonce", "uint256"),
]  # fmt: skip


def deposit_wallet_calls(payload: Json) -> tuple[str, list[Call]]:
    """(wallet, calls). Raises Refusal unless the owner signed this batch."""
    parameters = payload["depositWalletParams"]
    wallet, owner = str(to_checksum_address(parameters["depositWallet"])), str(to_checksum_address(payload["from"]))
    calls = [{"target": c["target"], "value": int(c["value"]), "data": _bytes(c["data"])} for c in parameters["calls"]]
    message = {"wallet": wallet, "nonce": int(payload["nonce"]), "deadline": int(parameters["deadline"]), "calls": calls}
    domain = {"name": "DepositWallet", "version": "1", "chainId": CHAIN_ID, "verifyingContract": wallet}
    signed = _typed(domain, _DOMAIN, "Batch", message, {"Batch": _BATCH, "Call": _CALL})
    if wallet not in deposit_wallets(owner):
        raise Refusal("wallet is not the owner's")
    _check(signed, payload["signature"], owner)
    return wallet, [Call(call["target"], call["data"]) for call in calls]


def safe_calls(payload: Json) -> tuple[str, list[Call]]:
    wallet, owner = str(to_checksum_address(payload["proxyWallet"])), str(to_checksum_address(payload["from"]))
    given, data = payload["signatureParams"], _bytes(payload["data"])
    message = {
        "to": payload["to"], "value": int(payload.get("value", "0")), "data": data, "operation": int(given["operation"]),
        "safeTxGas": int(given["safeTxnGas"]), "baseGas": int(given["baseGas"]), "gasPrice": int(given["gasPrice"]),
        "gasToken": given["gasToken"], "refundReceiver": given["refundReceiver"], "nonce": int(payload["nonce"]),
    }  # fmt: skip
    signed = _typed({"chainId": CHAIN_ID, "verifyingContract": wallet}, _DOMAIN[2:], "SafeTx", message, {"SafeTx": _SAFE_TX})
    digest = keccak(b"\x19" + signed.version + signed.header + signed.body)
    if wallet != wallet_of(owner, 2):
        raise Refusal("safe is not the owner's")
    # A Safe is told that the hash was signed as a message by a v that is four higher.
    signature = _bytes(payload["signature"])
    _check(encode_defunct(primitive=digest), signature[:64] + bytes([signature[64] - 4]), owner)
    return wallet, _multisent(data) if data[:4] == _MULTISEND else [Call(payload["to"], data)]


def proxy_calls(payload: Json) -> tuple[str, list[Call]]:
    wallet, owner = str(to_checksum_address(payload["proxyWallet"])), str(to_checksum_address(payload["from"]))
    given, data = payload["signatureParams"], _bytes(payload["data"])
    numbers = (given["relayerFee"], given["gasPrice"], given["gasLimit"], payload["nonce"])
    packed = b"rlx:" + to_canonical_address(owner) + to_canonical_address(payload["to"]) + data
    packed += b"".join(int(number).to_bytes(32) for number in numbers)
    packed += to_canonical_address(given["relayHub"]) + to_canonical_address(given["relay"])
    if wallet != wallet_of(owner, 1) or data[:4] != _PROXY:
        raise Refusal("proxy wallet is not the owner's")
    _check(encode_defunct(primitive=keccak(packed)), payload["signature"], owner)
    (calls,) = decode(["(uint8,address,uint256,bytes)[]"], data[4:])
    return wallet, [Call(target, inner) for _, target, _, inner in calls]


def _multisent(data: bytes) -> list[Call]:
    """Packed one after the other: operation 1, target 20, value 32, length 32, data."""
    (packed,) = decode(["bytes"], data[4:])
    calls = []
    while packed:
        length = int.from_bytes(packed[53:85])
        calls.append(Call("0x" + packed[1:21].hex(), packed[85 : 85 + length]))
        packed = packed[85 + length :]
    return calls


def _typed(domain: Json, domain_type: list[tuple[str, str]], primary: str, message: Json, types: dict[str, Any]) -> SignableMessage:
    fields = {name: [{"name": n, "type": t} for n, t in listed] for name, listed in {**types, "EIP712Domain": domain_type}.items()}
    return encode_typed_data(full_message={"domain": domain, "types": fields, "primaryType": primary, "message": message})


def _check(signed: SignableMessage, signature: object, owner: str) -> None:
    if Account.recover_message(signed, signature=signature) != owner:
        raise Refusal("invalid signature")


def _bytes(text: str) -> bytes:
    return bytes.fromhex(text.removeprefix("0x"))
