"""A coin's launch and the trades of its curve and pool, out of the transactions that touched them."""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from data_contracts import Trade
from domain.discovery.first_buyers import PlacedTrade
from domain.solana.curve_traders import with_signer, with_trader
from domain.solana.events import Event
from domain.solana.happenings import Launch, PoolMints, PoolTrade
from domain.solana.launchpads.launchpads import happenings_of
from domain.solana.programs import WSOL
from domain.solana.swaps import read_swaps
from domain.solana.trades import trades_of
from domain.solana.transaction_events import events_in
from domain.solana.transactions import ChainTransaction


@dataclass(frozen=True, slots=True)
class LaunchSeen:
    """A launch as its own transaction wrote it, with its place and whom its signer paid in it."""

    launch: Launch
    slot: int
    at: datetime


@dataclass(frozen=True, slots=True)
class CoinSeen:
    """What the transactions say of one mint."""

    launch: LaunchSeen | None
    trades: tuple[PlacedTrade, ...]


def seen_of(transactions: Iterable[ChainTransaction], mint: str, pool: str = "", curves: Collection[str] = ()) -> CoinSeen:
    """Of this mint alone. A transaction without a slot or a time has no place, and is left out.

    `curves` are its curves of programs that name the pool only: what is quoted there, and who traded, its balances say.
    """
    launch, trades = None, list[PlacedTrade]()
    pools = dict.fromkeys(curves, PoolMints(mint, "")) | ({pool: PoolMints(mint, WSOL)} if pool else {})
    for read in transactions:
        if read.slot is None or read.block_time is None:
            continue
        for happened in happenings_of((event for event in events_in(read) if isinstance(event, Event)), pools):
            if isinstance(happened, Launch) and (happened.mint == mint or happened.pool in curves):
                launch = launch or LaunchSeen(with_signer(happened, read, mint), read.slot, happened.launched_at or read.block_time)
            elif isinstance(happened, PoolTrade) and happened.mint == mint:
                trades.append(PlacedTrade(with_trader(happened, read), read.slot, read.index or 0, read.signature, read.block_time))
    return CoinSeen(launch, tuple(trades))


def trades_in(transactions: Iterable[ChainTransaction], coin: CoinSeen, source: str, seen_at: datetime) -> Iterator[Trade]:
    """The same as Trade rows, by what the balances of each trader say: with them a wallet has peers to be compared with.

    Of this coin alone: a transaction that traded two of them is in the stream of each.
    """
    mints = {one.trade.mint for one in coin.trades}
    traders: dict[str, set[str]] = {}
    for one in coin.trades:
        if one.trade.user:
            traders.setdefault(one.signature, set()).add(one.trade.user)
    for read in transactions:
        for wallet in sorted(traders.get(read.signature, ())):
            yield from (row for row in trades_of(read_swaps(read, wallet), read, source, seen_at) if row.token_id in mints)
