"""A transaction as it is in a block: its accounts in their order, its calls, balances before and after, and its log."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sandbox.solana.calls import SIGNS, UNITS, WRITES, Call, Meta
from sandbox.solana.deeds import Costs
from sandbox.solana.keys import address

LOOKUP_TABLE = address("lookup table")


@dataclass(frozen=True, slots=True)
class Held:
    """What a token account held, by the place of its account in the transaction."""

    index: int
    mint: str
    owner: str
    raw: int
    decimals: int
    program: str


@dataclass(frozen=True, slots=True)
class Layout:
    """Accounts: first those that sign, of each kind first those that are written to; then those of the lookup table.

    `signed` and `signed_readonly`, `readonly` are how many; `writable_lookups` and `readonly_lookups` are places in the table."""

    keys: tuple[str, ...]
    signed: int
    signed_readonly: int
    readonly: int
    writable_lookups: tuple[int, ...] = ()
    readonly_lookups: tuple[int, ...] = ()
    loaded_writable: tuple[str, ...] = ()
    loaded_readonly: tuple[str, ...] = ()
    table: str = LOOKUP_TABLE

    @property
    def all(self) -> tuple[str, ...]:
        return (*self.keys, *self.loaded_writable, *self.loaded_readonly)

    def signs(self, place: int) -> bool:
        return place < self.signed

    def is_written(self, place: int) -> bool:
        own = len(self.keys)
        if place >= own:
            return place < own + len(self.loaded_writable)
        return place < self.signed - self.signed_readonly if place < self.signed else place < own - self.readonly


@dataclass(frozen=True, slots=True)
class Written:
    """The whole of it."""

    signature: str
    signatures: tuple[str, ...]
    slot: int
    index: int
    costs: Costs
    layout: Layout
    calls: tuple[Call, ...]
    before: tuple[int, ...]
    after: tuple[int, ...]
    held_before: tuple[Held, ...]
    held_after: tuple[Held, ...]
    log: tuple[str, ...]
    error: object
    blockhash: str
    units: int
    raw: bytes | None = None  # as it was sent, where it came from outside

    @property
    def payer(self) -> str:
        return self.layout.keys[0]

    @property
    def fee(self) -> int:
        return self.costs.fee


def laid_out(payer: str, calls: Sequence[Call], table: Sequence[str] = ()) -> Layout:
    """The accounts of all calls, each once and with all it may do anywhere. A program that is called cannot come from a table."""
    may = {payer: SIGNS | WRITES}
    for call in calls:
        for meta in _all_metas(call):
            may[meta.address] = may.get(meta.address, 0) | meta.may
    called = {call.program for call in calls}
    for call in calls:
        for program in _programs(call):
            may.setdefault(program, 0)
    places = {one: place for place, one in enumerate(table)}
    loaded = [one for one, rights in may.items() if one in places and one not in called and not rights & SIGNS]
    ordered = sorted((one for one in may if one not in loaded), key=lambda one: (_rank(may[one]), one != payer))
    ranks = [_rank(may[one]) for one in ordered]
    written, read = [one for one in loaded if may[one] & WRITES], [one for one in loaded if not may[one] & WRITES]
    return Layout(
        tuple(ordered), ranks.count(0) + ranks.count(1), ranks.count(1), ranks.count(3),
        tuple(places[one] for one in written), tuple(places[one] for one in read), tuple(written), tuple(read),
    )  # fmt: skip


def _all_metas(call: Call) -> Iterator[Meta]:
    yield from call.accounts
    for inner in call.inner:
        for meta in _all_metas(inner):  # what a program signs for, nobody signed
            yield Meta(meta.address, meta.may & WRITES)


def _programs(call: Call) -> Iterator[str]:
    yield call.program
    for inner in call.inner:
        yield from _programs(inner)


def _rank(may: int) -> int:
    return {SIGNS | WRITES: 0, SIGNS: 1, WRITES: 2, 0: 3}[may]


def log_of(calls: Sequence[Call], error: tuple[int, int] | None) -> tuple[str, ...]:
    """Up to where it failed."""
    lines: list[str] = []
    for place, call in enumerate(calls):
        code = error[1] if error and error[0] == place else None
        lines += _log_of(call, 1, code)
        if code is not None:
            break
    return tuple(lines)


def _log_of(call: Call, depth: int, code: int | None = None) -> Iterator[str]:
    yield f"Program {call.program} invoke [{depth}]"
    yield from (f"Program log: {line}" for line in call.says)
    for inner in call.inner:
        yield from _log_of(inner, depth + 1)
    if call.units:
        yield f"Program {call.program} consumed {call.units} of {UNITS} compute units"
    yield f"Program {call.program} success" if code is None else f"Program {call.program} failed: custom program error: {hex(code)}"


def error_of(error: tuple[int, int] | None) -> object:
    return None if error is None else {"InstructionError": [error[0], {"Custom": error[1]}]}


def units_of(calls: Sequence[Call]) -> int:
    return sum(call.units or 150 for call in calls)
