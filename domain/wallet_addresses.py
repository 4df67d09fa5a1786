"""A wallet or market as a person types it: written the one way our tables have it, or refused with what to do."""

import re
from typing import Annotated
from unicodedata import normalize

import polars as pl
from pydantic import AfterValidator, WithJsonSchema

from data_contracts.words import Venue
from domain.solana.base58 import ALPHABET, decode_base58

BLANKS = " \t\r\n\u200b\u200e\u200f\u2060\ufeff\u00a0"  # what comes along when an address is copied from a page
ETHEREUM = re.compile(r"0[xX][0-9a-fA-F]{40}")
CONDITION = re.compile(r"0[xX][0-9a-fA-F]{64}")
BARE = re.compile(r"[0-9a-fA-F]{40}(?:[0-9a-fA-F]{24})?")
NAMED = re.compile(r"name:[^\s\x00\x1c-\x1f]+")
SOLANA_BYTES = 32
SOLANA_SHAPED = re.compile(f"[{ALPHABET}]{{32,44}}")  # among wallets in our tables there is no other of this shape
# For forms, which refuse beside the field: what `wallet_of` takes, as far as an expression can say it.
TYPED = rf"^\s*(?:0[xX][0-9a-fA-F]{{40}}|name:\S+|(?![0-9a-fA-F]{{40}}\s*$)[{ALPHABET}]{{32,44}})\s*$"


def wallet_of(typed: str) -> str:
    """Blanks around it and the capitals of hex digits mean nothing. Raises ValueError with the cure for what is no wallet."""
    word = typed.strip(BLANKS)
    if not word:
        raise ValueError("is empty: write 0x and 40 hex digits, or take the line away")
    if ETHEREUM.fullmatch(word):
        return word.lower()
    if NAMED.fullmatch(word):
        return word
    if fault := _no_wallet(word):
        raise ValueError(f"{word[:80]!r} {fault}")
    return word


def _no_wallet(word: str) -> str | None:
    """What it is instead, and the cure; None for a Solana address, whose capitals count."""
    if BARE.fullmatch(word):
        return f"lacks its beginning: write 0x{word[:40].lower()}" if len(word) == 40 else "is a market or a transaction, not a wallet"
    if word[:2] in ("0x", "0X"):
        return f"is no address: after 0x come 40 hex digits, here {len(word) - 2}; copy it again"
    if "/" in word or "polymarket.com" in word:
        return "is a page, not a wallet: copy the address that begins with 0x from that page"
    if word.startswith("@"):
        return "is a user's name, not a wallet: copy the address that begins with 0x from its profile"
    if "." in word:
        return "is a name that somebody must look up: write the address it stands for"
    if any(letter not in ALPHABET for letter in word) or not 32 <= len(word) <= 44:
        return "is neither 0x and 40 hex digits nor a Solana address"
    found = len(decode_base58(word))
    return (
        None
        if found == SOLANA_BYTES
        else f"is no Solana address: it holds {found} bytes of {SOLANA_BYTES}; its capitals count, copy it again"
    )


def venue_of(wallet: str) -> Venue:
    """Where a wallet trades, by the kind of address it has."""
    return Venue.SOLANA if SOLANA_SHAPED.fullmatch(wallet) else Venue.POLYMARKET


def is_of(venue: Venue) -> pl.Expr:
    """The same of a column `wallet`."""
    is_solana = pl.col("wallet").str.contains(f"^{SOLANA_SHAPED.pattern}$")
    return is_solana if venue is Venue.SOLANA else ~is_solana


def market_of(typed: str) -> str:
    """A condition id in small letters; an id of another kind as it is typed. Raises ValueError for what is none."""
    word = typed.strip(BLANKS)
    if not word:
        raise ValueError("is empty: write a market's id, or take the line away")
    if CONDITION.fullmatch(word):
        return word.lower()
    if BARE.fullmatch(word) and len(word) == 64:
        raise ValueError(f"{word!r} lacks its beginning: write 0x{word.lower()}")
    if "/" in word:
        raise ValueError(f"{word[:80]!r} is a page, not a market's id: that begins with 0x, and the page's data has it as conditionId")
    if word[:2] in ("0x", "0X"):
        raise ValueError(f"{word[:80]!r} is no market: after 0x come 64 hex digits, here {len(word) - 2}; copy it again")
    if not word.isprintable() or any(letter in word for letter in "'\"<>,") or normalize("NFKC", word) != word:  # full-width digits
        raise ValueError(f"{word[:80]!r} has something in it that is no part of an id: copy it again, and write one a line")
    return word


def once(words: tuple[str, ...]) -> tuple[str, ...]:
    """Two spellings of one wallet are one wallet."""
    return tuple(dict.fromkeys(words))


def several(wallets: tuple[str, ...]) -> tuple[str, ...]:
    """Raises ValueError for one wallet, however often it is written."""
    if len(different := once(wallets)) < 2:
        raise ValueError("are one wallet in several spellings: a link needs two")
    return different


TypedWallet = Annotated[
    str,
    AfterValidator(wallet_of),
    WithJsonSchema({"type": "string", "pattern": TYPED, "examples": ["0x" + "8b3e" * 10]}),
]
TypedMarket = Annotated[
    str,
    AfterValidator(market_of),
    WithJsonSchema({"type": "string", "pattern": r"\S", "examples": ["0x" + "4d1c" * 16]}),
]
