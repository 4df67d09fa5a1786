"""Calls of programs, as a transaction asks for them and as programs ask each other: accounts, data, and what the log says."""

from dataclasses import dataclass

from sandbox.solana.borsh import SELF_CALL, u8, u32, u64
from sandbox.solana.keys import ASSOCIATED, BUDGET, SYSTEM, WSOL, events_of, key, token_account, token_program

SIGNS, WRITES = 1, 2
COIN_DECIMALS, SOL_DECIMALS = 6, 9
PER_BYTE, OVERHEAD = 6_960, 128  # lamports, bytes
UNITS = 200_000  # compute units a transaction asks for


@dataclass(frozen=True, slots=True)
class Meta:
    """An account of a call: SIGNS, WRITES, both or neither."""

    address: str
    may: int = 0


@dataclass(frozen=True, slots=True)
class Call:
    """A program's name, what it is given, and what it calls in turn. `says` are its own lines in the log."""

    program: str
    accounts: tuple[Meta, ...]
    data: bytes
    says: tuple[str, ...] = ()
    inner: tuple["Call", ...] = ()
    units: int = 0


def reads(*addresses: str) -> tuple[Meta, ...]:
    return tuple(Meta(one) for one in addresses)


def writes(*addresses: str) -> tuple[Meta, ...]:
    return tuple(Meta(one, WRITES) for one in addresses)


def signs(*addresses: str) -> tuple[Meta, ...]:
    return tuple(Meta(one, SIGNS | WRITES) for one in addresses)


def rent(size: int) -> int:
    """Lamports that keep an account of so many bytes open."""
    return (size + OVERHEAD) * PER_BYTE


def token_rent(mint: str) -> int:
    return rent(165 if mint == WSOL else 170)


def decimals(mint: str) -> int:
    return SOL_DECIMALS if mint == WSOL else COIN_DECIMALS


def limit(units: int = UNITS) -> Call:
    return Call(BUDGET, (), u8(2) + u32(units))


def unit_price(priority: int, units: int = UNITS) -> Call:
    """So that the whole limit costs `priority` lamports."""
    return Call(BUDGET, (), u8(3) + u64(priority * 1_000_000 // units))


def transfer(source: str, destination: str, lamports: int) -> Call:
    return Call(SYSTEM, (*signs(source), *writes(destination)), u32(2) + u64(lamports))


def created(payer: str, account: str, size: int, owner: str, lamports: int | None = None) -> Call:
    paid = rent(size) if lamports is None else lamports
    return Call(SYSTEM, signs(payer, account), u32(0) + u64(paid, size) + key(owner))


def opened(payer: str, owner: str, mint: str, is_new: bool) -> Call:
    """Asks for the owner's token account of a mint; opens it where it is not there yet."""
    program, account = token_program(mint), token_account(owner, mint)
    size = 165 if mint == WSOL else 170
    inner = (
        Call(program, reads(mint), u8(21) + (b"" if mint == WSOL else b"\x07\x00"), ("Instruction: GetAccountDataSize",), units=1_569),
        created(payer, account, size, program),
        Call(program, writes(account), u8(22), ("Instruction: InitializeImmutableOwner",), units=1_405),
        Call(program, (*writes(account), *reads(mint)), u8(18) + key(owner), ("Instruction: InitializeAccount3",), units=4_188),
    )
    accounts = (*signs(payer), *writes(account), *reads(owner, mint, SYSTEM, program))
    return Call(ASSOCIATED, accounts, u8(1), ("CreateIdempotent",), inner if is_new else (), units=20_485 if is_new else 4_338)


def sent(source: str, destination: str, mint: str, raw: int, authority: str, signed: bool = True) -> Call:
    """Coins from one token account to another, by their addresses."""
    accounts = (*writes(source), *reads(mint), *writes(destination), Meta(authority, SIGNS if signed else 0))
    return Call(token_program(mint), accounts, u8(12) + u64(raw) + u8(decimals(mint)), ("Instruction: TransferChecked",), units=2_562)


def wrapped(account: str) -> Call:
    return Call(token_program(WSOL), writes(account), u8(17), ("Instruction: SyncNative",), units=3_045)


def closed(account: str, owner: str, mint: str) -> Call:
    return Call(
        token_program(mint), (*writes(account), *writes(owner), Meta(owner, SIGNS)), u8(9), ("Instruction: CloseAccount",), units=2_915
    )


def minted(mint: str, account: str, raw: int, authority: str) -> Call:
    return Call(token_program(mint), (*writes(mint, account), Meta(authority)), u8(7) + u64(raw), ("Instruction: MintTo",), units=1_036)


def told(program: str, event: bytes) -> Call:
    """An event: the program calls itself with it."""
    return Call(program, reads(events_of(program)), SELF_CALL + event, units=2_003)
