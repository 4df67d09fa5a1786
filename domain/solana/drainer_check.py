"""Whether a transaction may be signed: that it does what we want of it, and nothing beside. Pure; whoever asks has it simulated before.

Two looks, each of which is enough to refuse it. What it says: programs, payments, authorities, what its router promises on the chain.
What a node says it would do: our balances, who may dispose of our accounts. A program may see that it is only simulated: hence the first.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from domain.solana.programs import WSOL
from domain.solana.proposals import AccountState, Outcome, Proposal, TokenState, Wanted
from domain.solana.router_calls import opened_by, read_router_call
from domain.solana.swap_programs import ASKED, ASSOCIATED, CALLED, COMPUTE_BUDGET, JUPITER, ORDER_ENGINE, SYSTEM, TOKEN_PROGRAMS
from domain.solana.transactions import BASE_FEE, Instruction

MOST_UNITS = 1_400_000  # of compute, that a transaction may ask for
INITIALIZE, TRANSFER, CLOSE, TRANSFER_CHECKED, SYNC, IMMUTABLE = {1, 16, 18}, 3, 9, 12, 17, 22
WITH_FEE = (26, 1)  # Token-2022's transfer that names its fee


@dataclass(frozen=True, slots=True)
class Checked:
    """`harms` are what no swap of ours does. `unknown` are programs we do not know; `is_short`: it may bring less than we want."""

    harms: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()
    is_short: bool = False

    @property
    def is_good(self) -> bool:
        return not (self.harms or self.unknown or self.is_short)


def check(proposal: Proposal, wanted: Wanted, outcome: Outcome, promised: int = 0) -> Checked:
    """Both looks together; the first alone where it would fail. `promised`: what its router says it brings at least, if that is more."""
    said = _Said(proposal, wanted, outcome)
    said.read()
    if not outcome.is_known:
        return Checked(tuple(dict.fromkeys(said.harms)))
    kept = replace(wanted, least_out=max(wanted.least_out, promised))
    harms = [*said.harms, *_balance_harms(kept, outcome), *_account_harms(wanted, outcome)]
    return Checked(tuple(dict.fromkeys(harms)), tuple(sorted(outcome.called - CALLED)), said.is_short)


@dataclass
class _Said:
    """What a transaction says of itself: what it moves by name, and the harm it names."""

    proposal: Proposal
    wanted: Wanted
    outcome: Outcome
    harms: list[str] = field(default_factory=list)
    net: Counter[str] = field(default_factory=Counter)  # by mint, what it brings us by name: payments, and what routes take
    promised: int = 0  # by routers, on the chain
    units: int | None = None
    unit_price: int = 0

    def read(self) -> None:
        self.own = self.outcome.own_accounts(self.wanted.owner) | frozenset(self._opened())
        if self.wanted.owner not in self.proposal.signers:
            self.harms.append("it does not ask for our signature")
        for one in self.proposal.instructions:
            self._read_one(one)
        self._look_at_fees()
        self._look_at_payments()

    @property
    def is_short(self) -> bool:
        costs = self.wanted.most_costs if self.wanted.gets == WSOL else 0
        return self.promised + self.net[self.wanted.gets] + costs < self.wanted.least_out

    def _read_one(self, one: Instruction) -> None:
        if one.program not in ASKED:
            self.harms.append(f"it asks {one.program}, a program no swap needs")
        elif one.program == SYSTEM:
            self._read_system(one)
        elif one.program in TOKEN_PROGRAMS:
            self._read_token(one)
        elif one.program == ASSOCIATED:
            self._read_opening(one)
        elif one.program == COMPUTE_BUDGET:
            self._read_budget(one)
        elif one.program in (JUPITER, ORDER_ENGINE):
            self._read_router(one)

    def _read_opening(self, one: Instruction) -> None:
        if (one.data or b"\0") not in (b"\0", b"\1"):
            self.harms.append("it takes coins out of a nested account")
        elif one.accounts[:1] == (self.wanted.owner,) and one.accounts[2:3] != (self.wanted.owner,):
            self.harms.append(f"it opens an account of {one.accounts[2:3]} at our cost")

    def _opened(self) -> Iterator[str]:
        """Token accounts that are opened for us, gone at the end or not."""
        for one in self.proposal.instructions:
            data = one.data or b""
            if one.program == ASSOCIATED and len(one.accounts) > 2 and one.accounts[2] == self.wanted.owner:
                yield one.accounts[1]
            elif one.program in TOKEN_PROGRAMS and data[:1] == b"\1" and self.wanted.owner in one.accounts[2:3]:
                yield one.accounts[0]
            elif (opened := opened_by(one, self.wanted.owner)) is not None:
                yield opened

    def _read_system(self, one: Instruction) -> None:
        """A payment, or an account that is opened. All else, an assigned wallet or a nonce that never expires, is none of a swap."""
        data = one.data or b""
        kind, source = int.from_bytes(data[:4], "little"), one.accounts[0] if one.accounts else ""
        if kind not in (0, 2, 3):
            self.harms.append(f"it asks the system program for what no swap needs ({kind})")
        elif kind == 3:  # a seed of any length comes before the amount: what it costs is seen in our balance
            pass
        elif source == self.wanted.owner and (len(one.accounts) < 2 or one.accounts[1] not in self.own):
            self.net[WSOL] -= int.from_bytes(data[4:12], "little")

    def _read_token(self, one: Instruction) -> None:
        data = one.data or b"\xff"
        if data[0] in (TRANSFER, TRANSFER_CHECKED) or tuple(data[:2]) == WITH_FEE:
            self._read_transfer(one, data)
        elif data[0] == CLOSE:
            account, receiver, authority = (*one.accounts[:3], "", "", "")[:3]
            if (account in self.own or authority == self.wanted.owner) and receiver != self.wanted.owner:
                self.harms.append(f"it closes our account {account} for {receiver}")
        elif data[0] not in {*INITIALIZE, SYNC, IMMUTABLE}:
            self.harms.append(f"it asks a token program for what no swap needs ({data[0]})")

    def _read_transfer(self, one: Instruction, data: bytes) -> None:
        is_plain = data[0] == TRANSFER
        if len(one.accounts) < (3 if is_plain else 4):
            self.harms.append("it has a transfer that cannot be read")
            return
        source, receiver, authority = one.accounts[0], one.accounts[1 if is_plain else 2], one.accounts[2 if is_plain else 3]
        at = 2 if data[0] == WITH_FEE[0] else 1
        raw = int.from_bytes(data[at : at + 8], "little")
        is_ours = source in self.own
        if is_ours != (authority == self.wanted.owner):
            self.harms.append(f"somebody else disposes of {source}" if is_ours else f"we dispose of {source}, which is not known as ours")
        mint = self._mint_of(source, receiver) if is_plain else one.accounts[1]
        self.net[mint] += raw * ((receiver in self.own) - is_ours)

    def _mint_of(self, *accounts: str) -> str:
        """A plain transfer does not name it. What is opened and closed on the way is wrapped SOL."""
        states = {**self.outcome.tokens_after, **self.outcome.tokens_before}
        return next((states[account].mint for account in accounts if account in states), WSOL)

    def _read_budget(self, one: Instruction) -> None:
        data = one.data or b"\xff"
        if data[0] == 2:
            self.units = int.from_bytes(data[1:5], "little")
        elif data[0] == 3:
            self.unit_price = int.from_bytes(data[1:9], "little")
        elif data[0] not in (1, 4):
            self.harms.append("its compute budget cannot be read")

    def _read_router(self, one: Instruction) -> None:
        call = read_router_call(one)
        if opened_by(one, self.wanted.owner) is not None:
            return
        if call is None:
            self.harms.append(f"what it asks {one.program} for is not known to promise anything")
            return
        if call.user != self.wanted.owner or call.source not in self.own or not set(call.destinations) <= self.own:
            self.harms.append("its route does not begin and end with accounts of ours")
        if call.in_raw > self.wanted.most_in:
            self.harms.append(f"its route takes {call.in_raw} of at most {self.wanted.most_in}")
        self.net[self.wanted.gives] -= call.in_raw
        self.promised += call.least_out

    def _look_at_fees(self) -> None:
        if self.proposal.fee_payer != self.wanted.owner:
            return
        units = MOST_UNITS if self.units is None else min(self.units, MOST_UNITS)
        priority = max(-(-units * self.unit_price // 10**6), self.proposal.priority_fee or 0)
        fee = priority + BASE_FEE * len(self.proposal.signers)
        if fee > self.wanted.most_costs:
            self.harms.append(f"it pays {fee} lamports of fees, of at most {self.wanted.most_costs}")

    def _look_at_payments(self) -> None:
        for mint, change in self.net.items():
            if mint != self.wanted.gets and -change > _most_leaving(mint, self.wanted):
                self.harms.append(f"it pays {-change} of {mint}, of at most {_most_leaving(mint, self.wanted)}")


def _most_leaving(mint: str, wanted: Wanted) -> int:
    return (wanted.most_in if mint == wanted.gives else 0) + (wanted.most_costs if mint == WSOL else 0)


def _balance_harms(wanted: Wanted, outcome: Outcome) -> Iterator[str]:
    """What we have afterwards, over all our accounts. Deposits for accounts are a cost."""
    change = _owned(wanted.owner, outcome.after, outcome.tokens_after)
    change.subtract(_owned(wanted.owner, outcome.before, outcome.tokens_before))
    for mint in {*change, wanted.gets}:
        costs = wanted.most_costs if mint == WSOL else 0
        if mint == wanted.gets:
            if change[mint] < wanted.least_out - costs:
                yield f"it would bring {change[mint]} of {mint}, at least {wanted.least_out} are wanted"
        elif -change[mint] > _most_leaving(mint, wanted):
            yield f"it would take {-change[mint]} of {mint}, of at most {_most_leaving(mint, wanted)}"


def _owned(owner: str, states: Mapping[str, AccountState | None], tokens: Mapping[str, TokenState]) -> Counter[str]:
    wallet = states.get(owner)
    held = Counter({WSOL: wallet.lamports if wallet is not None else 0})
    for token in tokens.values():
        if token.owner == owner:
            held[token.mint] += token.raw
    return held


def _account_harms(wanted: Wanted, outcome: Outcome) -> Iterator[str]:
    """Who may dispose of what is ours stays as it is."""
    wallet = outcome.after.get(wanted.owner)
    if wallet is None or wallet.program != SYSTEM or wallet.bytes:
        yield "our wallet would not be a plain wallet any more"
    for address in outcome.own_accounts(wanted.owner):
        before, after = outcome.tokens_before.get(address), outcome.tokens_after.get(address)
        if after is None:
            if before is not None and outcome.after.get(address) is not None:
                yield f"{address} would be no token account any more"
        elif after.owner != wanted.owner:
            yield f"{address} would belong to {after.owner}"
        elif after.delegate not in (None, before.delegate if before else None):
            yield f"{after.delegate} could take what is in {address}"
        elif after.close_authority not in (None, before.close_authority if before else None):
            yield f"{after.close_authority} could close {address}"
