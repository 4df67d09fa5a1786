"""Transactions of Solana that are made up step by step, so that every lamport comes from somewhere and goes somewhere."""

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from domain.solana.programs import USDC, WSOL
from domain.solana.transactions import Account, ChainTransaction, Instruction, Payment, TokenBalance, Version

SOL = 10**9
TOKEN_RENT = 2_039_280  # of a token account: (128 + 165 bytes) x 6,960
FIRST_SECOND = datetime(2026, 11, 1, 12, tzinfo=UTC)
PLENTY = 10**15
DECIMALS = {WSOL: 9, USDC: 6}


@dataclass
class Purse:
    """A token account."""

    owner: str
    mint: str
    before: int
    now: int
    rent_before: int = TOKEN_RENT
    rent_now: int = TOKEN_RENT


@dataclass
class Making:
    """One transaction under way. Parties are words, and so are mints: OWNER pays the fee unless another payer is named.

    An account of `owner` for `mint` is called "owner/mint". Everybody begins with plenty.
    """

    fee: int = 5_000
    payer: str = "OWNER"
    signers: tuple[str, ...] = ("OWNER",)
    decimals: dict[str, int] = field(default_factory=lambda: dict(DECIMALS))
    lamports: dict[str, list[int]] = field(default_factory=dict)
    purses: dict[str, Purse] = field(default_factory=dict)
    payments: list[Payment] = field(default_factory=list)

    def __post_init__(self) -> None:
        for party in {self.payer, *self.signers}:
            self._native(party)
        self._native(self.payer)[1] -= self.fee

    def pay(self, source: str, destination: str, lamports: int, by_hand: bool = False) -> "Making":
        """SOL from one party to another; `by_hand`: the signer's own instruction, not a program's."""
        self._native(source)[1] -= lamports
        self._native(destination)[1] += lamports
        self.payments.append(Payment(source, destination, lamports, False, by_hand))
        return self

    def take(self, source: str, destination: str, lamports: int) -> "Making":
        """SOL that a program moved out of an account of its own: no instruction of the system program shows it."""
        self._native(source)[1] -= lamports
        self._native(destination)[1] += lamports
        return self

    def open(self, owner: str, mint: str, payer: str = "OWNER", amount: int = 0) -> "Making":
        """A token account, paid for by `payer`; wrapped SOL with `amount` lamports in it."""
        self.purses[f"{owner}/{mint}"] = Purse(owner, mint, 0, amount, 0, TOKEN_RENT)
        self._native(payer)[1] -= TOKEN_RENT + amount
        self.payments.append(Payment(payer, f"{owner}/{mint}", TOKEN_RENT + amount, True, False))
        return self

    def close(self, owner: str, mint: str, receiver: str = "") -> "Making":
        """Its deposit returns, and the SOL of an account of wrapped SOL with it."""
        purse = self._purse(owner, mint)
        self._native(receiver or owner)[1] += purse.rent_now + (purse.now if mint == WSOL else 0)
        purse.now, purse.rent_now = (0 if mint == WSOL else purse.now), 0
        return self

    def open_program_account(self, address: str, lamports: int, payer: str = "OWNER") -> "Making":
        self.lamports[address] = [0, lamports]
        self._native(payer)[1] -= lamports
        self.payments.append(Payment(payer, address, lamports, True, False))
        return self

    def give(self, mint: str, source: str, destination: str, raw: int, kept: int = 0) -> "Making":
        """Coins from one owner to another; `kept` of them stay with the coin, a transfer fee."""
        self._purse(source, mint).now -= raw
        self._purse(destination, mint).now += raw - kept
        return self

    def mint(self, mint: str, owner: str, raw: int) -> "Making":
        self._purse(owner, mint, 0).now += raw
        return self

    def burn(self, mint: str, owner: str, raw: int) -> "Making":
        self._purse(owner, mint).now -= raw
        return self

    def done(self, **changed: object) -> ChainTransaction:
        natives = [Account(address, now - was, was, now, address in self.signers) for address, (was, now) in self.lamports.items()]
        held = [Account(name, *self._held(purse)) for name, purse in self.purses.items()]
        made = ChainTransaction(
            signature="S",
            slot=400_000_000,
            index=7,
            block_time=FIRST_SECOND,
            version=Version.V0,
            fee_payer=self.payer,
            fee=self.fee,
            signatures=len(self.signers),
            accounts=(*natives, *held),
            tokens=tuple(
                TokenBalance(name, one.owner, one.mint, self.decimals.get(one.mint, 6), one.now - one.before, one.before, one.now)
                for name, one in self.purses.items()
            ),
            payments=tuple(self.payments),
            instructions=(Instruction("PROGRAM", (), b"", 0),),
            signers=self.signers,
        )
        return replace(made, **changed)  # type: ignore[arg-type]

    def as_helius(self, **changed: object) -> ChainTransaction:
        """As an enhanced payload tells it: changes only, no signers, no instructions."""
        made = self.done()
        bare = {"version": None, "signers": None, "payments": (), "instructions": (), "index": None}
        accounts = tuple(Account(one.address, one.change) for one in made.accounts)
        tokens = tuple(replace(one, before=None, after=None) for one in made.tokens if one.change)
        return replace(made, **{**bare, "accounts": accounts, "tokens": tokens, **changed})  # type: ignore[arg-type]

    def _held(self, purse: Purse) -> tuple[int, int, int]:
        wrapped = purse.mint == WSOL
        before = purse.rent_before + (purse.before if wrapped else 0)
        now = purse.rent_now + (purse.now if wrapped else 0)
        return now - before, before, now

    def _native(self, party: str) -> list[int]:
        return self.lamports.setdefault(party, [PLENTY, PLENTY])

    def _purse(self, owner: str, mint: str, held: int = PLENTY) -> Purse:
        return self.purses.setdefault(f"{owner}/{mint}", Purse(owner, mint, held, held))
