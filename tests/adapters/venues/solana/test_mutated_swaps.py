"""Whatever a router makes of a good swap: either it gets no signature, or LiteSVM executes it and we are none the worse for it.

A good transaction is mutated in any of its instructions, and instructions are added that a thief would like, some thousands of ways.
"""

from base64 import b64decode
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from solders.hash import Hash
from solders.instruction import AccountMeta, Instruction
from solders.keypair import Keypair
from solders.message import MessageV0
from solders.pubkey import Pubkey
from solders.signature import Signature
from solders.transaction import VersionedTransaction

from adapters.venues.solana.proposing import read_transaction, simulated
from adapters.venues.solana.rpc_node import Json
from adapters.venues.solana.wallet_key import WalletKey
from data_contracts.errors import Unsafe
from domain.solana.drainer_check import Checked, check
from domain.solana.proposals import Wanted
from domain.solana.swap_programs import JUPITER, PLAIN
from sandbox.solana.drainers import STRANGE_PROGRAM, THIEF
from sandbox.solana.jupiter_orders import Quote, Swaps
from sandbox.solana.keys import SYSTEM, TOKEN, TOKEN_2022, WSOL, address
from sandbox.solana.launches import Fate
from sandbox.solana.ledger import Ledger, associated, seed_of
from tests.solana_sandbox import StandingClock, small_solana

US = Keypair.from_seed(seed_of("a wallet with savings"))
OWNER, KEY = str(US.pubkey()), WalletKey(US)
SOL, COSTS = 10**9, 10**7
SAVINGS, OTHER_COIN = 50 * SOL, address("a coin we hold")
HELD, SPENT = 7 * 10**12, SOL // 10
places = st.integers(0, 30)


class LedgerNode:
    """What proposing.py asks of a node, without a network."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger

    def accounts(self, addresses: Sequence[str]) -> list[Json | None]:
        return [self._ledger.account_row(self._ledger.account(one)) for one in addresses]

    def simulate(self, transaction: str, addresses: Sequence[str]) -> Json:
        return self._ledger.simulate(b64decode(transaction), addresses)


class World:
    """We have 50 SOL, the coin that is swapped and another one."""

    def __init__(self) -> None:
        self.clock = StandingClock()
        solana = small_solana(self.clock)
        self.swaps: Swaps = solana.swaps
        self.ledger = solana.swaps.ledger
        self.node: Any = LedgerNode(self.ledger)
        self.mint = next(one for one in solana.coins.newest(solana.clock()) if one.launch.fate is Fate.FADES).launch.mint
        for mint in (self.mint, OTHER_COIN):
            self.ledger.add_mint(mint, 6, Pubkey.from_string(TOKEN_2022))
        self.own = [str(associated(OWNER, mint, Pubkey.from_string(TOKEN_2022))) for mint in (self.mint, OTHER_COIN)]
        self.thiefs = [str(associated(str(THIEF), mint, Pubkey.from_string(TOKEN_2022))) for mint in (self.mint, OTHER_COIN)]
        self.tries = 0

    def begin_anew(self) -> None:
        self.clock.now_s += 0.8  # another blockhash: the same bytes would be executed once
        self.ledger.fund(OWNER, SAVINGS)
        self.ledger.fund(str(THIEF), SOL)
        for owner, raw in ((OWNER, HELD), (str(THIEF), 0)):
            for mint in (self.mint, OTHER_COIN):
                self.ledger.give(owner, mint, raw)

    def swap(self, is_buy: bool) -> tuple[Wanted, list[Instruction]]:
        given, wanted = (WSOL, self.mint) if is_buy else (self.mint, WSOL)
        quote = self.swaps.quote(given, wanted, SPENT if is_buy else HELD // 10)
        assert isinstance(quote, Quote)
        terms = Wanted(OWNER, given, wanted, quote.given, quote.got * 99 // 100, COSTS)
        return terms, self.swaps.instructions(quote, OWNER, {"number": str(self.tries)})

    def checked(self, wanted: Wanted, instructions: Sequence[Instruction]) -> tuple[Checked, VersionedTransaction] | None:
        """None where it is not even a transaction."""
        self.tries += 1
        recent = self.ledger.latest_blockhash()[0]
        try:
            message = MessageV0.try_compile(US.pubkey(), instructions, [], Hash.from_string(recent))
            transaction = VersionedTransaction.populate(message, [Signature.default()] * message.header.num_required_signatures)
            read = read_transaction(bytes(transaction), self.node)
        except (ValueError, OverflowError):
            return None
        outcome = simulated(read, self.node)
        checked = check(read.proposal, wanted, outcome)
        return (checked if outcome.is_known or checked.harms else Checked(is_short=True)), read.transaction


@pytest.fixture(scope="module")
def world() -> World:
    return World()


def mutations() -> st.SearchStrategy[Any]:
    """A list of (what, where, which, value)."""
    kinds = st.sampled_from(["account", "byte", "amount", "program", "drop", "twice", "token", "system", "flag"])
    return st.lists(st.tuples(kinds, places, places, st.integers(0, 2**64 - 1)), min_size=1, max_size=3)


def mutated(good: Sequence[Instruction], changes: Sequence[tuple[str, int, int, int]], world: World) -> list[Instruction]:
    made = list(good)
    for what, where, which, value in changes:
        at = where % max(len(made), 1)
        if what == "drop" and made:
            del made[at]
        elif what == "twice" and made:
            made.insert(at, made[at])
        elif what in ("token", "system"):
            made.insert(where % (len(made) + 1), _evil(what, which, value, world))
        elif made:
            made[at] = _changed(made[at], what, which, value, world)
    return made


def _targets(world: World) -> list[Pubkey]:
    own_sol = str(associated(OWNER, WSOL, Pubkey.from_string(TOKEN)))
    names = [OWNER, *world.own, own_sol, str(THIEF), *world.thiefs, world.mint, OTHER_COIN, WSOL, str(world.swaps.maker.pubkey())]
    return [Pubkey.from_string(name) for name in names]


def _changed(one: Instruction, what: str, which: int, value: int, world: World) -> Instruction:
    accounts, data, program = list(one.accounts), bytearray(one.data), one.program_id
    if what == "account" and accounts:
        at, targets = which % len(accounts), _targets(world)
        accounts[at] = AccountMeta(targets[value % len(targets)], accounts[at].is_signer, accounts[at].is_writable)
    elif what == "flag" and accounts:
        at = which % len(accounts)
        accounts[at] = AccountMeta(accounts[at].pubkey, accounts[at].is_signer, bool(value % 2))
    elif what == "byte" and data:
        data[which % len(data)] = value % 256
    elif what == "amount" and len(data) >= 9:
        data[1:9] = value.to_bytes(8, "little")
    elif what == "program":
        programs = [*sorted(PLAIN), JUPITER, str(STRANGE_PROGRAM)]
        program = Pubkey.from_string(programs[value % len(programs)])
    return Instruction(program, bytes(data), accounts)


def _evil(what: str, which: int, value: int, world: World) -> Instruction:
    """Of the token programs or the system's: any of their instructions, on an account of ours, for the thief."""
    targets = _targets(world)
    some = [AccountMeta(targets[(which + step) % len(targets)], False, True) for step in range(2)]
    if what == "token":
        tag, program = value % 41, TOKEN_2022 if value & 64 else TOKEN
        kind = (value >> 8) % 4  # of authority
        data = bytes([tag, kind, 1]) + bytes(THIEF) if tag == 6 else bytes([tag]) + (value >> 16).to_bytes(8, "little") + b"\6"
        return Instruction(Pubkey.from_string(program), data, [*some, AccountMeta(US.pubkey(), True, True)])
    kind = value % 12
    return Instruction(
        Pubkey.from_string(SYSTEM),
        kind.to_bytes(4, "little") + (value >> 8).to_bytes(8, "little") + bytes(8) + bytes(STRANGE_PROGRAM),
        [AccountMeta(US.pubkey(), True, True), AccountMeta(THIEF, False, True), *some],
    )


def none_the_worse(world: World, wanted: Wanted) -> None:
    """The terms are kept, what is ours is ours, and nobody else may dispose of it."""
    ledger, is_buy = world.ledger, wanted.gives == WSOL
    gained = {mint: ledger.held(OWNER, mint) - HELD for mint in (world.mint, OTHER_COIN)}
    wrapped = ledger.held(OWNER, WSOL)
    change = ledger.lamports(OWNER) + wrapped - SAVINGS
    assert gained[OTHER_COIN] >= 0
    if is_buy:
        assert gained[world.mint] >= wanted.least_out
        assert change >= -wanted.most_in - COSTS
    else:
        assert gained[world.mint] >= -wanted.most_in
        assert change >= wanted.least_out - COSTS
    wallet = ledger.account(OWNER)
    assert wallet is not None
    assert (str(wallet.owner), len(wallet.data)) == (SYSTEM, 0)
    for account in world.own:
        data = bytes(ledger.account(account).data)  # type: ignore[union-attr]
        assert data[32:64] == bytes(US.pubkey())
        assert (data[72], data[129]) == (0, 0)  # no delegate, no close authority


def tried(world: World, is_buy: bool, changes: Sequence[tuple[str, int, int, int]]) -> str:
    """What became of it: refused, or executed and we none the worse."""
    world.begin_anew()
    wanted, good = world.swap(is_buy)
    found = world.checked(wanted, mutated(good, changes, world))
    if found is None or not found[0].is_good:
        return "refused"
    try:
        signed = world.swaps._co_signed(KEY.signed(found[1]))
    except Unsafe:
        return "refused"
    if all(signed.verify_with_results()):
        world.ledger.submit(bytes(signed))
        none_the_worse(world, wanted)
    return "signed"


@pytest.mark.parametrize("is_buy", [True, False])
def test_a_good_swap_is_signed(world: World, is_buy: bool) -> None:
    """Else a check that refuses everything would pass all of these tests."""
    assert tried(world, is_buy, []) == "signed"


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(is_buy=st.booleans(), changes=mutations())
@example(is_buy=True, changes=[("token", 0, 1, 4 | 64 | (5 << 16))])  # an allowance of our coin
@example(is_buy=True, changes=[("system", 30, 3, 2 | (SOL << 8))])  # a SOL for the thief
@example(is_buy=False, changes=[("token", 0, 1, 6 | 64)])  # our account for the thief
def test_whatever_is_mutated_is_refused_or_harmless(world: World, is_buy: bool, changes: Any) -> None:
    tried(world, is_buy, changes)


@pytest.mark.parametrize("is_buy", [True, False])
@pytest.mark.parametrize("what", ["account", "byte", "amount", "program", "drop", "twice", "flag"])
def test_every_instruction_is_mutated_in_every_place(world: World, is_buy: bool, what: str) -> None:
    """Systematically: each instruction, each account or byte of it, with each account that matters."""
    _, good = world.swap(is_buy)
    for at, one in enumerate(good):
        wheres = range(len(one.accounts)) if what in ("account", "flag") else range(len(one.data)) if what == "byte" else [0]
        values = range(len(_targets(world))) if what == "account" else (0, 1, 2**40, 2**64 - 1) if what in ("byte", "amount") else range(9)
        for where in wheres:
            for value in values if what not in ("drop", "twice") else [0]:
                tried(world, is_buy, [(what, at, where, value)])
