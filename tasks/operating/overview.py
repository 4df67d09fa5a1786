"""What a person asks first, as lines of text: strategies, positions, orders."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

from adapters.connect import open_results
from adapters.settings import Settings
from data_contracts import Leader, Order, Position, Strategy, TradingState
from data_contracts.words import STAKE_OF
from domain.copying.marking import MarkedPosition
from tasks.copying.leader_words import read_leader_words
from tasks.copying.marks import read_marked
from tasks.copying.permissions import permissions
from tasks.copying.sound_rows import all_strategies, readable_rows

STRATEGY_HEAD = ["strategy", "venue", "kind", "may", "by", "balance", "open", "cost", "realized", "fees", "follows", "held back"]
POSITION_HEAD = [
    "strategy",
    "leader",
    "outcome",
    "token",
    "shares",
    "cost",
    "a share",
    "would gain",
    "realized",
    "fees",
    "opened (UTC)",
    "closed (UTC)",
]
ORDER_HEAD = ["order", "strategy", "side", "shares", "limit", "outcome", "status", "reason", "made (UTC)"]


def strategy_lines(settings: Settings) -> list[tuple[str, ...]]:
    """One line a strategy, in the order of their names. Amounts in its own currency, fees taken off."""
    results = open_results(settings)
    positions, allowed = readable_rows(results, Position), permissions(results, TradingState(settings.trading_state))
    follows = Counter(leader.strategy_id for leader in readable_rows(results, Leader) if leader.dropped_at is None)
    words = read_leader_words(results)
    lines = []
    for one in all_strategies(results)[0]:
        own, may = [position for position in positions if position.strategy_id == one.strategy_id], allowed[one.strategy_id]
        state = may.state.value if one.enabled else "retired" if not any(position.shares for position in own) else "leaves only"
        lines.append(
            (
                *(one.strategy_id, one.venue.value, one.kind.value, state, may.reason.value if may.reason else ""),
                _stake(one.balance, one),
                str(sum(position.closed_at is None for position in own)),
                *(_stake(sum((getattr(position, name) for position in own), Decimal()), one) for name in ("cost", "realized_pnl", "fees")),
                str(follows[one.strategy_id]),
                str(len(words.denials(one.strategy_id))),
            )
        )
    return lines


def positions_of(settings: Settings, strategy: str | None) -> list[Position]:
    """All of a strategy, or of every one, that can be read."""
    return readable_rows(open_results(settings), Position, **({} if strategy is None else {"strategy_id": strategy}))


def position_lines(positions: Sequence[Position], settings: Settings, closed: bool, last: int) -> list[tuple[str, ...]]:
    """The dearest of what is held first, then what was closed last."""
    found = [one for one in positions if closed or one.closed_at is None]
    found.sort(key=lambda one: (one.closed_at is not None, -one.cost, -one.updated_at.timestamp()))
    return [_position(one) for one in read_marked(open_results(settings), found[:last])]


def position_totals(positions: Sequence[Position]) -> list[str]:
    """A sentence for each currency: what is open at cost, and what all positions paid in fees, closed ones too, however few are shown."""
    by_currency: dict[str, list[Position]] = {}
    for one in positions:
        by_currency.setdefault(STAKE_OF[one.venue].value, []).append(one)
    return [
        f"In all {_total(own, 'cost')} at cost in {sum(one.closed_at is None for one in own)} open positions; "
        f"{_total(own, 'fees')} of fees and {_total(own, 'realized_pnl')} realized, closed ones too"
        for _, own in sorted(by_currency.items(), reverse=True)
    ]


def _total(positions: list[Position], name: str) -> str:
    return _stake(sum((getattr(one, name) for one in positions), Decimal()), positions[0])


def order_lines(settings: Settings, strategy: str | None, last: int) -> list[tuple[str, ...]]:
    """The newest first."""
    where = {} if strategy is None else {"strategy_id": strategy}
    found = sorted(readable_rows(open_results(settings), Order, **where), key=lambda one: (one.created_at, one.sequence), reverse=True)
    return [_order(one) for one in found[:last]]


def _position(one: MarkedPosition) -> tuple[str, ...]:
    gain = one.unrealized_pnl
    return (
        *(one.strategy_id, one.leader, one.outcome, one.token_id, f"{one.shares.normalize():f}"),
        _stake(one.cost, one),
        "not known" if one.mark_price is None else f"{one.mark_price.normalize():f}",
        "not known" if gain is None else _stake(gain, one),
        _stake(one.realized_pnl, one),
        _stake(one.fees, one),
        *(_instant(at) for at in (one.opened_at, one.closed_at)),
    )


def _order(one: Order) -> tuple[str, ...]:
    numbers = (f"{number.normalize():f}" for number in (one.shares, one.limit_price))
    reason = one.reason.value if one.reason else ""
    return one.order_id, one.strategy_id, one.side.value, *numbers, one.outcome, one.status.value, reason, _instant(one.created_at)


def _stake(amount: Decimal, of: Strategy | Position) -> str:
    """`1,234.50 USD`, `0.123456789 SOL`."""
    currency = STAKE_OF[of.venue].value
    return f"{amount:,.2f} {currency}" if currency == "USD" else f"{amount:,.9f} {currency}"


def _instant(at: datetime | None) -> str:
    return f"{at:%Y-%m-%d %H:%M:%S}" if at else ""
