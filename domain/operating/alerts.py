"""When to call a person: the rules, over what is known of the house at one instant. Pure; who is called, and how, is decided elsewhere."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from decimal import Decimal

from data_contracts import AccountState, Alert, Currency, Gap, GapEnd, Leader, Reason, Severity, TradingState
from domain.copying.marking import MarkedPosition
from domain.copying.risk.permission import EVERY_STRATEGY
from domain.ids import row_id
from domain.operating.fitting import cut

FAILED_CYCLES = 3
DOWN_FOR = timedelta(minutes=5)
MAX_ORDER_FAILURES = 0.25
FEWEST_ORDERS = 4  # of fewer, one failure says little: the first would be 100 %
MAX_CYCLE_S = 20.0
MAX_MISSES = 0.50
FEWEST_ASKED = 10
MAX_DAILY_LOSS = Decimal("0.10")
MAX_POSITION_LOSS = Decimal("0.30")
MAX_STRATEGY_LOSS = Decimal("0.50")
MAX_FEED_LAG_S = 90.0
SILENCE = timedelta(hours=48)
UNSETTLED_FOR = timedelta(days=3)  # after the announced end: a challenge is over by then, most votes are
UNSEEN_FOR = timedelta(hours=2)  # profiles are an hour old at most
NEVER_SEEN = "never seen trading so far"  # in the why of a leader
MOST_SAID = 500  # letters of what is wrong with rows; the cure comes after it
TO_SECONDS = "%Y-%m-%d %H:%M:%S"


@dataclass(frozen=True, slots=True)
class StrategyMoney:
    """A strategy's money, in what it counts in."""

    strategy_id: str
    balance: Decimal
    equity: Decimal
    day_started_equity: Decimal
    stake_currency: Currency = Currency.USD


@dataclass(frozen=True, slots=True)
class House:
    """What is known at one instant; what could not be asked is left at its default and raises nothing."""

    cycles: Sequence[tuple[bool, float]] = ()  # (whether it completed, seconds it took) of the last cycles, the newest first
    down: Mapping[str, str] = field(default_factory=dict)  # a store or venue that does not answer → what it said
    down_since: Mapping[str, datetime] = field(default_factory=dict)
    feed_lags_s: Mapping[str, float] = field(default_factory=dict)  # by venue
    unsafe: Mapping[str, str] = field(default_factory=dict)  # venue → what of it is not safe
    gaps: Sequence[Gap] = ()  # open, or closed unfilled within the last days
    orders: int = 0  # of the last hour
    orders_failed: int = 0
    consensus_asked: int = 0  # of the last hour, a token and cycle once, where an answer of before was still good
    consensus_missed: int = 0
    money: Sequence[StrategyMoney] = ()
    positions: Sequence[MarkedPosition] = ()
    last_signal_at: datetime | None = None
    follows_since: datetime | None = None  # since when somebody is followed
    unseen: Sequence[Leader] = ()  # followed, and never seen trading
    unreadable: Sequence["UnreadableRow"] = ()
    left_out: Sequence["UnreadableRow"] = ()  # of no strategy's own
    account: AccountState | None = None  # where an operator limited it
    unaccounted: Sequence[str] = ()  # signatures of trades of a chain that no reading calls a trade
    ends: Mapping[str, datetime] = field(default_factory=dict)  # token we hold, not paid out → when it was to end


@dataclass(frozen=True, slots=True)
class UnreadableRow:
    """A row of a strategy's own that cannot be read: of which table, and what of it is wrong."""

    strategy_id: str
    table: str
    faults: str


@dataclass(frozen=True, slots=True)
class Finding:
    """A rule that holds: what, about whom, and what to do."""

    severity: Severity
    what: str
    about: str
    message: str


def forged_finding(strategy_id: str, order_id: str) -> Finding:
    """An order that the judge did not make so: somebody writes to our tables, or the two processes have different keys."""
    cure = "Look who may write to Postgres, and that judge and executor have the same WALLETFLOW_ORDER_KEY_FILE"
    return Finding(Severity.CRITICAL, "order_forged", strategy_id, f"order {order_id} was refused, its seal is not the judge's. {cure}")


def findings(house: House, as_of: datetime) -> list[Finding]:
    """Every rule that holds now."""
    return [
        *_cycles(house),
        *_down(house, as_of),
        *_feeds(house),
        *_gaps(house),
        *_orders(house),
        *_cache(house),
        *_money(house),
        *_account(house),
        *_silence(house, as_of),
        *_unseen(house, as_of),
        *unreadable_findings(house.unreadable),
        *left_out_findings(house.left_out),
        *_unsettled(house, as_of),
        *_unaccounted(house),
    ]


def alert_of(finding: Finding, as_of: datetime) -> Alert:
    """The same thing in the same hour is the same alert."""
    hour = as_of.replace(minute=0, second=0, microsecond=0)
    return Alert(
        alert_id=row_id(finding.what, finding.about, hour.isoformat()),
        severity=finding.severity,
        what=finding.what,
        about=finding.about,
        message=finding.message,
        raised_at=as_of,
        seen_at=as_of,
        cleared_at=None,
    )


def update_alerts(found: Iterable[Finding], unsettled: Sequence[Alert], as_of: datetime) -> list[Alert]:
    """The rows to write: what is new, what still holds (seen now), what holds no more (cleared now).

    An alert lasts as long as its rule holds, whatever the hour: a night of one fault is one alert.
    """
    holding = {(finding.what, finding.about): finding for finding in found}
    lasting = {(alert.what, alert.about): alert for alert in unsettled}
    new = [alert_of(finding, as_of) for key, finding in holding.items() if key not in lasting]
    return new + [_renew(alert, holding.get(key), as_of) for key, alert in lasting.items()]


def _renew(alert: Alert, finding: Finding | None, as_of: datetime) -> Alert:
    if finding is None:
        return replace(alert, cleared_at=as_of)
    return replace(alert, severity=finding.severity, message=finding.message, seen_at=as_of)


def _cycles(house: House) -> Iterator[Finding]:
    last = house.cycles[:FAILED_CYCLES]
    if len(last) == FAILED_CYCLES and not any(completed for completed, _ in last):
        cure = "nothing is copied and no exit follows. The run's log in the Prefect UI says why; `walletflow doctor` looks at every part"
        yield Finding(Severity.CRITICAL, "cycles_failing", "copy-trading", f"The last {FAILED_CYCLES} cycles failed: {cure}")
    slow = max((seconds for completed, seconds in last if completed), default=0.0)
    if slow > MAX_CYCLE_S:
        cure = "see its slowest step in the Prefect UI; fewer strategies or leaders make it shorter"
        yield Finding(Severity.WARNING, "cycle_slow", "copy-trading", f"A cycle took {slow:.0f} s, more than {MAX_CYCLE_S:.0f} s: {cure}")


def _down(house: House, as_of: datetime) -> Iterator[Finding]:
    """A warning at first sight, critical after five minutes."""
    for name, said in house.down.items():
        since = house.down_since.get(name, as_of)
        minutes = (as_of - since).total_seconds() / 60
        severity = Severity.CRITICAL if as_of - since >= DOWN_FOR else Severity.WARNING
        cure = f"`walletflow doctor` and `walletflow logs {name}` say more; `walletflow up` starts what does not run"
        yield Finding(severity, "down", name, f"{name} has not answered for {minutes:.0f} min ({said}): {cure}")


def _feeds(house: House) -> Iterator[Finding]:
    for venue, lag_s in house.feed_lags_s.items():
        if lag_s > MAX_FEED_LAG_S:
            cure = "nothing is bought there until it has caught up; exits go on. If it stays, look at the venue's status page"
            yield Finding(Severity.WARNING, "feed_late", venue, f"The feed of {venue} is {lag_s:.0f} s behind: {cure}")
    yield from (unsafe_finding(venue, said) for venue, said in house.unsafe.items())


def vanished_finding(wallet: str, signature: str, trades: int) -> Finding:
    """A chain took back what it had confirmed: what we concluded from it stands on nothing."""
    cure = "they are taken out of its history; what was copied of them is ours, and is left by its own exits or by hand"
    message = f"{signature} of {wallet} is not on the chain any more, with {trades} trades that were read of it: {cure}"
    return Finding(Severity.WARNING, "trade_vanished", signature, message)


def unsafe_finding(venue: str, said: str) -> Finding:
    """A venue that cannot be dealt with safely: what trades there stands still, and nothing else."""
    cure = "correct what it names (docs/going_live.md), then it goes on by itself. Other venues are not concerned"
    message = f"Nothing is bought at {venue}, which cannot be dealt with safely ({said}): {cure}"
    return Finding(Severity.CRITICAL, "venue_unsafe", venue, message)


def _gaps(house: House) -> Iterator[Finding]:
    yield from (gap_finding(gap) for gap in house.gaps if not gap.is_history and gap.closed_by is not GapEnd.FILLED)


def gap_finding(gap: Gap) -> Finding:
    """What we missed of a source, and what becomes of it."""
    about, missing = (
        f"{gap.source} {gap.from_at.isoformat()}",
        f"Trades between {gap.from_at:{TO_SECONDS}} and {gap.filled_to_at:{TO_SECONDS}}",
    )
    if gap.closed_by is GapEnd.FEED_ENDED:
        cure = "wallet-reconciliation with enough `days` still reads what the followed wallets did, exits among them"
        return Finding(Severity.CRITICAL, "trades_lost", about, f"{missing} are no longer in the feed {gap.source}: {cure}")
    if gap.closed_by is GapEnd.GIVEN_UP:
        return Finding(Severity.INFO, "trades_given_up", about, f"{missing} were given up by an operator")
    cure = "new trades and exits go on; the deployment gap-filling reads the rest, `walletflow status` shows how far it is"
    return Finding(Severity.WARNING, "trades_missing", about, f"{missing} are not read yet: {cure}")


def _orders(house: House) -> Iterator[Finding]:
    if house.orders >= FEWEST_ORDERS and house.orders_failed / house.orders > MAX_ORDER_FAILURES:
        cure = "their reasons are in the orders table; `walletflow doctor` looks at the venue"
        message = f"{house.orders_failed} of {house.orders} orders of the last hour failed: {cure}"
        yield Finding(Severity.CRITICAL, "orders_failing", "venue", message)


def _cache(house: House) -> Iterator[Finding]:
    if house.consensus_asked >= FEWEST_ASKED and house.consensus_missed / house.consensus_asked > MAX_MISSES:
        cure = "each miss is a call to the venue; the log of a cycle says why the table consensus is not written or read"
        message = (
            f"{house.consensus_missed} of {house.consensus_asked} consensus values that were asked for again were not in the cache: {cure}"
        )
        yield Finding(Severity.WARNING, "consensus_uncached", "owrr", message)


def _money(house: House) -> Iterator[Finding]:
    for one in house.money:
        if one.equity <= one.balance * (1 - MAX_STRATEGY_LOSS):
            money = f"{one.equity:.2f} of {one.balance:.2f} {one.stake_currency}"
            message = f"{one.strategy_id} is at {money}: `walletflow halt {one.strategy_id} --reason TEXT`, then ask why"
            yield Finding(Severity.CRITICAL, "strategy_halved", one.strategy_id, message)
        if one.day_started_equity > 0 and one.equity < one.day_started_equity * (1 - MAX_DAILY_LOSS):
            lost = 1 - one.equity / one.day_started_equity
            cure = f"it halts at its own limit; `walletflow reduce {one.strategy_id} --reason TEXT`, and it buys nothing"
            message = f"{one.strategy_id} lost {lost:.1%} today: {cure}"
            yield Finding(Severity.WARNING, "daily_loss", one.strategy_id, message)
    for position in house.positions:
        if position.mark_price == 0 and position.never_ends:
            about = f"{position.strategy_id} {position.leader} {position.token_id}"
            cure = "it is valued at 0, and priced again when somebody buys it; its exits go on trying"
            yield Finding(Severity.WARNING, "token_dead", about, f"Nobody buys {position.outcome} of {position.strategy_id}: {cure}")
        elif position.unrealized_pnl is not None and position.cost > 0 and -position.unrealized_pnl >= position.cost * MAX_POSITION_LOSS:
            lost = -position.unrealized_pnl / position.cost
            about = f"{position.strategy_id} {position.leader} {position.token_id}"
            message = f"{position.strategy_id}'s {position.outcome} after {position.leader} is down {lost:.0%}; it ends with its leader"
            yield Finding(Severity.WARNING, "position_losing", about, message)


def _account(house: House) -> Iterator[Finding]:
    """What holds all strategies back at once."""
    account = house.account
    if account is None or account.state is TradingState.ACTIVE:
        return
    if account.reason is Reason.RATE_MISSING:
        cure = "nothing is entered, exits go on. Whoever says what a currency of ours is worth has not answered for an hour; see the log"
        yield Finding(Severity.WARNING, "rate_missing", "account", f"What the account is worth in USD is not known: {cure}")
    elif account.state is TradingState.HALTED:
        ends = "until midnight (UTC)" if account.reason is Reason.ACCOUNT_DAILY_LOSS else "until `walletflow resume --all --reason TEXT`"
        message = f"No strategy enters anything {ends}, exits go on: {account.reason}, {account.drawdown:.1%} below the account's peak"
        yield Finding(Severity.CRITICAL, "account_halted", "account", message)


def _unseen(house: House, as_of: datetime) -> Iterator[Finding]:
    """An address with a wrong digit is a wallet like any other: it follows nobody, and nothing else would say so."""
    for leader in house.unseen:
        if as_of - leader.chosen_at >= UNSEEN_FOR:
            cure = "compare it with its profile, where the wallet that trades stands (often a proxy, not the owner's own)"
            message = f"{leader.strategy_id} follows {leader.wallet}, which was never seen trading: {cure}"
            yield Finding(Severity.INFO, "leader_never_seen", f"{leader.strategy_id} {leader.wallet}", message)


def _unsettled(house: House, as_of: datetime) -> Iterator[Finding]:
    """A dispute takes days; money that stays locked longer is looked at by a person."""
    late = [position for position in house.positions if as_of - house.ends.get(position.token_id, as_of) >= UNSETTLED_FOR]
    for market_id in sorted({position.market_id for position in late}):
        own = [position for position in late if position.market_id == market_id]
        names, cost = ", ".join(sorted({position.strategy_id for position in own})), sum(position.cost for position in own)
        cure = (
            "open it at the venue. While it is disputed, waiting is all there is. Where it has paid, its outcomePrices are neither "
            "a winner's nor a void's: redeem what is real (position-redeeming), and send its answer with a bug report"
        )
        ended = f"{house.ends[own[0].token_id]:%Y-%m-%d}"
        message = f"Market {market_id} ended on {ended} and is not paid out; {cost:.2f} of {names} wait: {cure}"
        yield Finding(Severity.WARNING, "settlement_late", market_id, message)


CURES = {
    "strategies": "save it again with the deployment strategy-editing",
    "risk_states": "look at its equity, then resume it with the deployment trading-state: its risk rules begin anew",
    "account_limits": "set them again with the deployment account-limits",
    "account_states": "look at what all are worth, then resume * with the deployment trading-state: the account's rules begin anew",
    "operator_words": "it is taken for a HALT: say again what it may do with the deployment trading-state",
    "positions": "`walletflow rebuild-positions --apply` derives them from their fills",
}


def unreadable_findings(rows: Sequence[UnreadableRow]) -> Iterator[Finding]:
    """One for each strategy."""
    for strategy_id in sorted({row.strategy_id for row in rows}):
        own = [row for row in rows if row.strategy_id == strategy_id]
        wrong = cut("; ".join(f"{row.table}: {row.faults}" for row in own), MOST_SAID)
        cures = dict.fromkeys(CURES.get(row.table, f"correct that row of the table {row.table} in Postgres") for row in own)
        whoever = "every strategy" if strategy_id == EVERY_STRATEGY else strategy_id
        message = f"{whoever} buys nothing, its exits go on: rows of its own cannot be read ({wrong}). The cure: {'; '.join(cures)}"
        yield Finding(Severity.CRITICAL, "strategy_unreadable", strategy_id, message)


def left_out_findings(rows: Sequence[UnreadableRow]) -> Iterator[Finding]:
    """One for each table: rows that nobody's money hangs on and that are left alone."""
    for table in sorted({row.table for row in rows}):
        wrong = cut("; ".join(row.faults for row in rows if row.table == table), MOST_SAID)
        cure = f"correct or delete them in the table {table} in Postgres"
        yield Finding(Severity.WARNING, "row_unreadable", table, f"Rows of {table} cannot be read and are left alone ({wrong}): {cure}")


def _unaccounted(house: House) -> Iterator[Finding]:
    """Whatever was seen on a chain ended as exactly one thing; a trade of which nobody says so came from nowhere."""
    if house.unaccounted:
        cure = "their readings were lost between two writes, or rows were written by hand; the first is " + house.unaccounted[0]
        message = f"{len(house.unaccounted)} transactions have trades and no reading that calls them so: {cure}"
        yield Finding(Severity.CRITICAL, "chain_unaccounted", "solana", message)


def _silence(house: House, as_of: datetime) -> Iterator[Finding]:
    since = max((at for at in (house.last_signal_at, house.follows_since) if at is not None), default=None)
    if house.follows_since is not None and since is not None and as_of - since >= SILENCE:
        cure = "`walletflow doctor`; or the wallets that are followed trade no more: see their profiles"
        yield Finding(Severity.WARNING, "no_signal", "copy-trading", f"No signal since {since:%Y-%m-%d %H:%M} UTC: {cure}")
