"""What the operator sold by hand at the venue is adopted by the ledger, where the key is. What no trade of his explains halts, as ever."""

import logging
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import ROUND_DOWN, Decimal

from adapters.connect import VENUES, executes_here, open_results, open_venue
from adapters.money_out import MoneyOut, came_of
from adapters.settings import Settings
from adapters.stores.results import Results, Write
from adapters.venues.venue import AccountTrades, TellsAccount
from data_contracts import Fill, HandTrade, Instrument, Order, OrderStatus, Position, Reason, Side, Venue
from data_contracts.errors import Refused, Unavailable, Unsafe
from data_contracts.frames import frame_of
from data_contracts.words import OPEN_ORDERS
from domain.copying.closed_elsewhere import SHARE_UNIT, adopted_parts, fills_by_hand, open_before
from domain.copying.ledger import Entry, fold, key_of
from domain.operating.hand_trades import adopted_finding, ignored_finding, unread_finding
from tasks.copying.booking import Log, answer_for, append
from tasks.copying.instruments import at_hand
from tasks.copying.sound_rows import readable_rows
from tasks.copying.venues import tokens_of
from tasks.copying.watermarks import move_watermark, read_watermark
from tasks.operating.alerting import raise_alert
from tasks.operating.trading_halt import halt_for
from tasks.steps import step

EVERY = timedelta(minutes=1)
JUST_NOW = timedelta(minutes=2)  # what was booked so lately, the venue's look at the wallet may not show
LATELY = timedelta(hours=1)
ZERO = Decimal(0)
Held = Mapping[str, Sequence[Position]]  # by token
Part = tuple[HandTrade, Decimal, Decimal]  # a sale, how many shares of it, and how many were adopted before
log = logging.getLogger("walletflow.elsewhere")


@dataclass(frozen=True, slots=True)
class Desk:
    """A venue's account, and what the ledger holds there: only what real orders bought, a simulation's shares are in no wallet."""

    venue: Venue
    teller: TellsAccount
    held: Held
    instruments: Mapping[str, Instrument]
    results: Results
    settings: Settings
    as_of: datetime

    def ledger(self, token_id: str) -> Decimal:
        return sum((position.shares for position in self.held[token_id]), ZERO)

    def increment(self, token_id: str) -> Decimal:
        return self.instruments[token_id].share_increment


def follow_closed_elsewhere(settings: Settings, as_of: datetime) -> None:
    """Once a minute at every venue that is traded live from here and says what its account did."""
    for venue in VENUES:
        if not (settings.is_live_on(venue) and executes_here(settings, venue)):
            continue
        looked_at = read_watermark(open_results(settings), _stream(venue))
        if looked_at is None or as_of - looked_at >= EVERY:
            adopt_closed_elsewhere(venue, settings, as_of)


@step
def adopt_closed_elsewhere(venue: Venue, settings: Settings, as_of: datetime) -> list[Fill]:
    """The fills by which the ledger follows what was sold by hand. Where the venue cannot be asked it is asked again."""
    teller = open_venue(venue, settings)
    if not isinstance(teller, TellsAccount):
        return []
    try:
        return _adopted(_desk(venue, teller, settings, as_of))
    except (Unavailable, Refused) as error:
        log.warning("nobody says what was done by hand at %s: %s", venue, error)
        return []


def _desk(venue: Venue, teller: TellsAccount, settings: Settings, as_of: datetime) -> Desk:
    results = open_results(settings)
    open_now = [one for one in readable_rows(results, Position, venue=venue.value, closed_at=None) if one.shares > 0]
    simulated = _simulated(results, {one.token_id for one in open_now})
    held: dict[str, list[Position]] = defaultdict(list)
    for position in open_now:
        if key_of(position) not in simulated:
            held[position.token_id].append(position)
    instruments = at_hand(tokens_of(one for own in held.values() for one in own), settings, as_of)
    return Desk(venue, teller, {name: held[name] for name in held if name in instruments}, instruments, results, settings, as_of)


def _simulated(results: Results, token_ids: Collection[str]) -> set[tuple[str, str, str]]:
    """The positions a simulated order bought for."""
    only, filled = ["strategy_id", "leader", "token_id"], [OrderStatus.FILLED.value, OrderStatus.PARTIAL.value]
    where = {"is_simulated": True, "status": filled, "token_id": sorted(token_ids)}
    return set(results.read(Order, only=only, **where).iter_rows()) if token_ids else set()


def _adopted(desk: Desk) -> list[Fill]:
    told = _note_trades(desk)
    short = _short_of(desk, _suspects(desk))
    if not short:
        return []
    waiting = told.waiting | _note_trades(desk).waiting  # read after the wallet: what took shares out of it is told by now
    explained = {token_id: _explained(desk, token_id, short[token_id]) for token_id in short if token_id not in waiting}
    quiet = [token_id for token_id in explained if _is_quiet(desk, token_id)]  # last: what it says holds for all that was read before
    return [fill for token_id in quiet for fill in _follow(desk, token_id, short[token_id], explained[token_id])]


def _note_trades(desk: Desk) -> AccountTrades:
    """The trades of no order of ours, on record from now on; of those that are the operator's own alone he is told, once."""
    stream = _stream(desk.venue)
    since = read_watermark(desk.results, stream) or min((one.opened_at for own in desk.held.values() for one in own), default=desk.as_of)
    try:
        told = desk.teller.account_trades(since, desk.instruments, desk.as_of)
    except Unsafe as error:
        raise_alert(unread_finding(desk.venue, str(error)[:200]), desk.settings, desk.as_of)
        raise Unavailable(str(error)) from error
    new = _without_known(told.final, desk.results)
    until = min(desk.as_of, told.since or desk.as_of)
    desk.results.write([Write(HandTrade, frame_of(new, HandTrade), "add"), move_watermark(stream, max(since, until))])
    _tell_of_own(new, desk)
    return told


def _without_known(trades: Sequence[HandTrade], results: Results) -> list[HandTrade]:
    """Neither of an order of ours, whose fills are booked when it is asked about, nor on record."""
    if not trades:
        return []
    ours = set(results.read(Order, only=["order_hash"], order_hash=sorted({one.order_hash for one in trades}))["order_hash"])
    noted = set(results.read(HandTrade, only=["order_id"], order_id=[one.order_id for one in trades])["order_id"])
    return [one for one in trades if one.order_hash not in ours and one.order_id not in noted]


def _tell_of_own(new: Iterable[HandTrade], desk: Desk) -> None:
    own: dict[str, list[HandTrade]] = defaultdict(list)
    for trade in new:
        if trade.side is Side.BUY or trade.token_id not in desk.held:
            own[trade.token_id].append(trade)
    for token_id, trades in own.items():
        raise_alert(ignored_finding(token_id, trades), desk.settings, desk.as_of)


def _suspects(desk: Desk) -> list[str]:
    """Held tokens that may be gone: sold by hand lately, refused for want of balance lately; and each other one in its turn."""
    if not desk.held:
        return []
    held = sorted(desk.held)
    sold = [one.token_id for one in _sales(desk, held) if one.seen_at >= desk.as_of - LATELY]
    only, no_balance = ["token_id", "updated_at"], Reason.VENUE_NO_BALANCE.value
    refused = desk.results.read(
        Order, only=only, status=OrderStatus.REFUSED.value, reason=no_balance, side=Side.SELL.value, token_id=held
    ).iter_rows()
    lately = [token_id for token_id, at in refused if at >= desk.as_of - LATELY]
    in_turn = held[int(desk.as_of.timestamp() // EVERY.total_seconds()) % len(held)]
    return sorted({*sold, *lately, in_turn})


def _sales(desk: Desk, token_ids: Sequence[str]) -> list[HandTrade]:
    return desk.results.rows(HandTrade, venue=desk.venue.value, token_id=list(token_ids), side=Side.SELL.value)


def _short_of(desk: Desk, token_ids: Iterable[str]) -> dict[str, Decimal]:
    """How many shares the wallet lacks of what the ledger holds. Where a market is over they may be redeemed, and it is settled."""
    open_now = [token_id for token_id in token_ids if not _is_over(desk.instruments[token_id], desk.as_of)]
    lacking = {token_id: _lacks(desk, token_id) for token_id in open_now}
    return {token_id: shares for token_id, shares in lacking.items() if shares > desk.increment(token_id)}


def _lacks(desk: Desk, token_id: str) -> Decimal:
    return (desk.ledger(token_id) - desk.teller.held(token_id)).quantize(SHARE_UNIT, ROUND_DOWN)


def _is_over(instrument: Instrument, as_of: datetime) -> bool:
    return instrument.ended_at is not None or (instrument.ends_at is not None and instrument.ends_at <= as_of)


def _is_quiet(desk: Desk, token_id: str) -> bool:
    """Nothing of it is on its way, or was booked just now or since the wallet was asked."""
    if desk.results.read(Order, only=["order_id"], status=OPEN_ORDERS, token_id=token_id).height:
        return False
    now = {key_of(one): one.shares for one in readable_rows(desk.results, Position, token_id=token_id, closed_at=None)}
    held = desk.held[token_id]
    return all(one.updated_at <= desk.as_of - JUST_NOW and now.get(key_of(one)) == one.shares for one in held)


def _explained(desk: Desk, token_id: str, lacking: Decimal) -> list[Part]:
    """The sales that explain what is lacking."""
    sales = _sales(desk, [token_id])
    adopted = _adopted_of(desk.results, sales)
    parts = adopted_parts(sales, adopted, lacking, desk.held[token_id])
    return [(sale, shares, adopted.get(sale.order_id, ZERO)) for sale, shares in parts]


def _follow(desk: Desk, token_id: str, lacking: Decimal, parts: Sequence[Part]) -> list[Fill]:
    """Books these. What they leave unexplained halts everybody who holds it; what another worker was faster with is nothing."""
    fills: list[Fill] = []
    for sale, shares, before in parts:
        fills += _book(desk, sale, shares, before, desk.ledger(token_id) - sum((fill.shares for fill in fills), ZERO))
    rest = lacking - sum((shares for _, shares, _ in parts), ZERO)
    if rest > desk.increment(token_id) and not _is_merge(desk, token_id):
        _halt(desk, token_id, rest)
    return fills


def _adopted_of(results: Results, sales: Sequence[HandTrade]) -> dict[str, Decimal]:
    """Shares by `order_id` that the log of fills has already."""
    adopted: dict[str, Decimal] = defaultdict(Decimal)
    for fill in results.rows(Fill, order_id=[sale.order_id for sale in sales]) if sales else ():
        adopted[fill.order_id] += fill.shares
    return adopted


def _book(desk: Desk, sale: HandTrade, shares: Decimal, before: Decimal, ledger: Decimal) -> list[Fill]:
    """Alone with the positions, and only if they still hold what the ledger held when the wallet was asked."""
    fills: list[Fill] = []

    def entries(store: Results, known: Log) -> Iterable[Entry]:
        held = _derived(known)
        if _adopted_of(store, [sale]).get(sale.order_id, ZERO) == before and sum((one.shares for one in held), ZERO) == ledger:
            fills.extend(fills_by_hand(sale, shares, before, open_before(sale, held)))
        return fills

    keys = [key_of(position) for position in desk.held[sale.token_id]]
    booked = append(desk.results, keys, entries, desk.settings, desk.as_of)
    answer_for(booked, desk.settings, desk.as_of)
    if fills:
        _tell(desk, sale, fills)
    return fills


def _derived(known: Log) -> list[Position]:
    """Without what cannot be derived: then the sums differ, and nothing is adopted."""
    derived = []
    for entries in known.values():
        with suppress(Unsafe, ArithmeticError):
            derived.append(fold(entries))
    return [one.position for one in derived if one is not None and one.position.shares > 0]


def _tell(desk: Desk, sale: HandTrade, fills: Sequence[Fill]) -> None:
    log.warning("a sale by hand of %s is adopted: %s", sale.token_id, [(fill.strategy_id, str(fill.shares)) for fill in fills])
    try:
        MoneyOut(desk.settings.home, desk.venue).note(sale.order_id, came_of(desk.results.rows(Fill, order_id=sale.order_id)))
    except OSError as error:  # the cap stays as strict as it was
        log.error("what the sale by hand brought is not noted: %s", error)
    raise_alert(adopted_finding(sale, fills), desk.settings, desk.as_of)


def _is_merge(desk: Desk, token_id: str) -> bool:
    """A merge takes as much from both outcomes: `set-merging` books it."""
    market_id = desk.instruments[token_id].market_id
    others = [one for one in desk.held if one != token_id and desk.instruments[one].market_id == market_id]
    return bool(_short_of(desk, others))


def _halt(desk: Desk, token_id: str, rest: Decimal) -> None:
    says = f"the wallet lacks {rest.normalize():f} shares of {token_id} that the ledger holds, and no trade of the account explains it"
    for strategy_id in sorted({position.strategy_id for position in desk.held[token_id]}):
        halt_for(strategy_id, says, desk.settings, desk.as_of)


def _stream(venue: Venue) -> str:
    return f"hand trades:{venue}"
