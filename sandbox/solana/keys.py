"""Addresses in base 58, each a function of what it is for; and those that programs derive from others."""

import hashlib
from functools import lru_cache

from solders.pubkey import Pubkey

ALPHABET = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
_CHUNK = 58**10
SYSTEM = "11111111111111111111111111111111"
WSOL = "So11111111111111111111111111111111111111112"
TOKEN = "TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA"  # noqa: S105 (a program, not a secret)
TOKEN_2022 = "TokenzQdBNbLqP5VEhdkAS6EPFLC1PHnBqCXEpPxuEb"  # noqa: S105 (a program, not a secret)
ASSOCIATED = "ATokenGPvbdGVxr1b2hvZbsiqW5xWH25efTNsLJA8knL"
BUDGET = "ComputeBudget111111111111111111111111111111"
PUMP = "6EF8rrecthR5Dkzon8Nwu78hRvfCKubJ14M5uBEwF6P"
PUMP_SWAP = "pAMMBay6oceH9fJKBRHGP5D4bD4sWpmSwMn52FMfXEA"
ROUTER = "JUP6LkbZbjS1jKKwapdHNy74zcZ3tLUZoi5QNyVTaV4"
PUMP_FEES = "pfeeUxB6jkeY1Hxd7CsFCAjcbHA9rWtchMGdZ6VojVZ"
_ASSOCIATED = Pubkey.from_string(ASSOCIATED)
FIRST_POOL = (0).to_bytes(2, "little")  # the one a curve graduates to


def address(*parts: object) -> str:
    """32 bytes that look random and are not."""
    return _address(":".join(map(str, parts)))


@lru_cache(maxsize=4_000)
def _address(text: str) -> str:
    return base58(hashlib.sha256(text.encode()).digest())


def signature_of(*parts: object) -> str:
    """64 bytes that look like a signature and are none."""
    return base58(hashlib.sha512(":".join(map(str, parts)).encode()).digest())


def base58(data: bytes) -> str:
    """Ten digits at a time: one division of a long number each."""
    value, chunks = int.from_bytes(data, "big"), []
    while value:
        value, chunk = divmod(value, _CHUNK)
        chunks.append(chunk)
    digits = "".join(_ten_digits(chunk) for chunk in reversed(chunks)).lstrip("1")
    return "1" * (len(data) - len(data.lstrip(b"\0"))) + digits


def unbase58(text: str) -> bytes:
    value = 0
    for digit in text:
        value = value * 58 + ALPHABET.index(digit)
    return bytes(len(text) - len(text.lstrip("1"))) + value.to_bytes((value.bit_length() + 7) // 8)


def _ten_digits(value: int) -> str:
    digits = []
    for _ in range(10):
        value, digit = divmod(value, 58)
        digits.append(ALPHABET[digit])
    return "".join(reversed(digits))


def key(text: str) -> bytes:
    """The 32 bytes of an address. Raises ValueError for what is none."""
    return bytes(Pubkey.from_string(text))


@lru_cache(maxsize=1_000)
def derived(program: str, *seeds: bytes) -> str:
    return str(Pubkey.find_program_address(list(seeds), Pubkey.from_string(program))[0])


@lru_cache(maxsize=10_000)
def token_account(owner: str, mint: str) -> str:
    """Where an owner has its coins of a mint. Wrapped SOL is of the first token program, all coins here are of the second."""
    return str(Pubkey.find_program_address([key(owner), key(token_program(mint)), key(mint)], _ASSOCIATED)[0])


def token_program(mint: str) -> str:
    return TOKEN if mint == WSOL else TOKEN_2022


@lru_cache(maxsize=10_000)
def curve_of(mint: str) -> str:
    return derived(PUMP, b"bonding-curve", key(mint))


@lru_cache(maxsize=10_000)
def pool_of(mint: str) -> str:
    return derived(PUMP_SWAP, b"pool", FIRST_POOL, key(pool_authority(mint)), key(mint), key(WSOL))


@lru_cache(maxsize=10_000)
def pool_authority(mint: str) -> str:
    return derived(PUMP, b"pool-authority", key(mint))


def liquidity_mint(mint: str) -> str:
    return derived(PUMP_SWAP, b"pool_lp_mint", key(pool_of(mint)))


@lru_cache(maxsize=10_000)
def curve_fees_of(creator: str) -> str:
    """Where a creator's part of the fees of its curves is kept."""
    return derived(PUMP, b"creator-vault", key(creator))


@lru_cache(maxsize=10_000)
def pool_fees_of(creator: str) -> str:
    """Who owns the account in which a creator's part of the fees of its pools is kept."""
    return derived(PUMP_SWAP, b"creator_vault", key(creator))


@lru_cache(maxsize=10_000)
def events_of(program: str) -> str:
    """The account that programs call themselves with when they write an event."""
    return derived(program, b"__event_authority")
