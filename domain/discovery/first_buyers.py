"""Who bought a token first, how it went for them, and who of them was no stranger to its launch.

All of it follows from one ascending stream of what the token's curve and pool saw: no wallet is asked for anything. Source of the rule:
WallTrack's discovery (first BUY within 30 minutes, 90 % sold, 50 % realized gain), with amounts that are exact.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from data_contracts import EarlyBuyer, Side, SolanaToken, Trade
from domain.solana.happenings import Launch, PoolTrade
from domain.solana.programs import SOL_DECIMALS, WSOL, Program
from domain.solana.trades import MOST_IN_BLOCK, MOST_SWAPS


@dataclass(frozen=True, slots=True)
class EarlyBuyerPolicy:
    """When a first buyer is worth a look. A sniper is who bought within `sniper_slots` of the launch, which nobody does by hand."""

    first: int = 100
    within_s: float = 1800
    min_sold_fraction: Decimal = Decimal("0.90")
    min_gain: Decimal = Decimal("0.50")
    sniper_slots: int = 2


DEFAULT = EarlyBuyerPolicy()


@dataclass(frozen=True, slots=True)
class PlacedTrade:
    """A trade and its place on the chain: `slot`, and `index` of its transaction in that slot. Block time where an event has none."""

    trade: PoolTrade
    slot: int
    index: int
    signature: str
    block_at: datetime

    @property
    def place(self) -> tuple[int, int]:
        """Where on the chain, for sorting."""
        return self.slot, self.index


@dataclass
class _Tally:
    first: PlacedTrade
    spent: int = 0
    received: int = 0
    bought: int = 0
    sold: int = 0


@dataclass(frozen=True, slots=True)
class LaunchPlace:
    """A launch and where on the chain it was; `payees` are wallets that its creator or signer paid before."""

    launch: Launch
    slot: int
    at: datetime
    decimals: int
    payees: Collection[str] = field(default_factory=frozenset)

    @property
    def insiders(self) -> frozenset[str]:
        """Who made the token."""
        return frozenset({self.launch.creator, self.launch.user} - {""})


def launch_of(token: SolanaToken, payees: Collection[str] = frozenset()) -> LaunchPlace | None:
    """Where a known coin's launch was; None where nobody saw it."""
    if token.launched_at is None:
        return None
    creator, user = token.creator, token.launched_by or token.creator
    launch = Launch(Program.PUMP, token.token_id, token.pool, token.quote_token_id, creator, user, token.launched_at)
    return LaunchPlace(launch, token.launch_slot or 0, token.launched_at, token.decimals, payees)


def placed(trade: Trade, decimals: int) -> PlacedTrade:
    """A trade on record as its curve or pool saw it, fees apart: its sequence says where on the chain it was."""
    place = trade.sequence // MOST_SWAPS
    raw, lamports = (int(amount.scaleb(digits)) for amount, digits in ((trade.shares, decimals), (trade.notional, SOL_DECIMALS)))
    seen = PoolTrade(Program.PUMP, trade.pool, trade.token_id, WSOL, trade.side, trade.wallet, raw, lamports, 0, trade.traded_at, 0, 0)
    return PlacedTrade(seen, place // MOST_IN_BLOCK, place % MOST_IN_BLOCK, trade.tx_hash or f"no-tx:{trade.trade_id}", trade.traded_at)


def early_buyers(
    place: LaunchPlace, trades: Iterable[PlacedTrade], as_of: datetime, policy: EarlyBuyerPolicy = DEFAULT
) -> tuple[EarlyBuyer, ...]:
    """One row for each of the first wallets that bought for SOL, in the order of their first buys.

    A sale before the first buy is of tokens that came from elsewhere: it is no part of what the buyer made here.
    """
    ordered = sorted(trades, key=lambda one: one.place)
    tallies = _tallied(ordered, policy.first)
    return tuple(_row(place, wallet, rank, tally, as_of, policy) for rank, (wallet, tally) in enumerate(tallies.items(), start=1))


def _tallied(trades: Sequence[PlacedTrade], first: int) -> Mapping[str, _Tally]:
    tallies: dict[str, _Tally] = {}
    for one in trades:
        trade = one.trade
        if not trade.user or trade.quote_mint != WSOL:
            continue
        if trade.side is Side.BUY:
            if trade.user not in tallies and len(tallies) == first:
                continue
            tally = tallies.setdefault(trade.user, _Tally(one))
            tally.spent += trade.user_quote_raw
            tally.bought += trade.token_raw
        elif trade.user in tallies:
            tally = tallies[trade.user]
            tally.received += trade.user_quote_raw
            tally.sold += trade.token_raw
    return tallies


def _row(place: LaunchPlace, wallet: str, rank: int, tally: _Tally, as_of: datetime, policy: EarlyBuyerPolicy) -> EarlyBuyer:
    slots = max(tally.first.slot - place.slot, 0)
    seconds = max((tally.first.block_at - place.at).total_seconds(), 0.0)
    gain = Decimal(tally.received - tally.spent) / tally.spent if tally.spent else None
    sold = min(Decimal(tally.sold) / tally.bought, Decimal(1)) if tally.bought else None
    is_deployer = wallet in place.insiders
    is_funded = wallet in place.payees and not is_deployer
    is_stranger = not (is_deployer or is_funded or slots == 0)
    earned = gain is not None and sold is not None and gain >= policy.min_gain and sold >= policy.min_sold_fraction
    return EarlyBuyer(
        token_id=place.launch.mint,
        wallet=wallet,
        buy_rank=rank,
        first_bought_at=tally.first.block_at,
        after_launch_s=seconds,
        slots_after_launch=slots,
        spent=_whole(tally.spent, SOL_DECIMALS),
        received=_whole(max(tally.received, 0), SOL_DECIMALS),
        bought_shares=_whole(tally.bought, place.decimals),
        sold_shares=_whole(tally.sold, place.decimals),
        gain=None if gain is None else float(gain),
        sold_fraction=None if sold is None else float(sold),
        is_bundled=slots == 0,
        is_sniper=slots <= policy.sniper_slots,
        is_deployer=is_deployer,
        is_funded_by_deployer=is_funded,
        is_candidate=is_stranger and earned and seconds <= policy.within_s,
        tx=tally.first.signature,
        as_of=as_of,
    )


def _whole(raw: int, decimals: int) -> Decimal:
    return Decimal(raw).scaleb(-decimals)
