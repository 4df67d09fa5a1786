"""Which Reason may deny what. Nothing but a stated unsafe condition, or that there is nothing to be done, ever keeps us from getting out.

Others learned it the hard way: minimum sizes, cash and halts meant for entries denied the very order that would have closed a position.
"""

from collections.abc import Mapping
from enum import StrEnum

from data_contracts import Reason, Side


class Denies(StrEnum):
    """What a Reason may deny: ENTRY only, BOTH an entry and an exit, or NOTHING, as it says why something is done."""

    NOTHING = "nothing"
    ENTRY = "entry"
    BOTH = "both"


# A Reason without a line here fails a test: who adds one says whether it may keep us in.
DENIES: Mapping[Reason, Denies] = {
    # Why we act.
    Reason.CONSENSUS_FAVOURS: Denies.NOTHING,
    Reason.LEADER_TRADED: Denies.NOTHING,
    Reason.SCORE_REACHED: Denies.NOTHING,
    Reason.LEADER_EXITED: Denies.NOTHING,
    Reason.OPERATOR_EXIT: Denies.NOTHING,
    Reason.STOP_LOSS: Denies.NOTHING,
    Reason.TRAILING_STOP: Denies.NOTHING,
    Reason.TIME_EXIT: Denies.NOTHING,
    Reason.STAGNATION: Denies.NOTHING,
    Reason.TAKE_PROFIT: Denies.NOTHING,
    Reason.EXIT_DONE: Denies.NOTHING,
    Reason.EXIT_SUPERSEDED: Denies.NOTHING,
    Reason.CLOSED_ELSEWHERE: Denies.NOTHING,
    # What is not worth getting into, or too much of it.
    Reason.LEADER_NOT_FOLLOWED: Denies.ENTRY,
    Reason.LEADER_PAUSED: Denies.ENTRY,
    Reason.LEADER_BLOCKED: Denies.ENTRY,
    Reason.MARKET_NOT_ALLOWED: Denies.ENTRY,
    Reason.NOTIONAL_EXCEEDS_MAXIMUM: Denies.ENTRY,
    Reason.CATEGORY_NOT_TRACKED: Denies.ENTRY,
    Reason.CONSENSUS_INSUFFICIENT: Denies.ENTRY,
    Reason.CONSENSUS_STALE: Denies.ENTRY,
    Reason.CONSENSUS_BELOW_THRESHOLD: Denies.ENTRY,
    Reason.CONFIDENCE_TOO_LOW: Denies.ENTRY,
    Reason.SCORE_BELOW_THRESHOLD: Denies.ENTRY,
    Reason.TOKEN_NOT_LOOKED_AT: Denies.ENTRY,
    Reason.TOKEN_UNSELLABLE: Denies.ENTRY,  # who holds it tries to leave all the same: the venue has the last word
    Reason.TOKEN_AUTHORITY: Denies.ENTRY,
    Reason.TOKEN_CONCENTRATED: Denies.ENTRY,
    Reason.TOKEN_TOO_YOUNG: Denies.ENTRY,
    Reason.MAX_POSITIONS_REACHED: Denies.ENTRY,
    Reason.CAPITAL_TOO_LOW: Denies.ENTRY,
    Reason.SIZE_BELOW_MINIMUM: Denies.ENTRY,
    Reason.EXPOSURE_REACHED: Denies.ENTRY,
    Reason.TOKEN_ALREADY_HELD: Denies.ENTRY,
    Reason.ORDER_UNANSWERED: Denies.ENTRY,  # an exit of that very position waits for the answer too: what is held is not known
    Reason.FEED_LATE: Denies.ENTRY,
    Reason.TRADING_REDUCING: Denies.ENTRY,
    Reason.DAILY_LOSS: Denies.ENTRY,
    Reason.DRAWDOWN: Denies.ENTRY,
    Reason.WIN_RATE_LOW: Denies.ENTRY,
    Reason.STRATEGY_UNREADABLE: Denies.ENTRY,  # a row of its own: what it may spend, or has lost, is not known; what it holds is
    Reason.ACCOUNT_EXPOSURE_REACHED: Denies.ENTRY,
    Reason.ACCOUNT_CLUSTER_REACHED: Denies.ENTRY,
    Reason.ACCOUNT_LEADER_REACHED: Denies.ENTRY,
    Reason.ACCOUNT_TOKEN_REACHED: Denies.ENTRY,
    Reason.ACCOUNT_VENUE_REACHED: Denies.ENTRY,
    Reason.ACCOUNT_DAILY_LOSS: Denies.ENTRY,
    Reason.ACCOUNT_DRAWDOWN: Denies.ENTRY,
    Reason.RATE_MISSING: Denies.ENTRY,
    Reason.LIVE_LIMIT: Denies.ENTRY,
    Reason.MONEY_OUT_REACHED: Denies.ENTRY,
    Reason.VENUE_CLOSED_ONLY: Denies.ENTRY,
    Reason.VENUE_UNSAFE: Denies.ENTRY,
    # Unsafe: a person said stop, or what we believe to hold is not what the venue says.
    Reason.OPERATOR: Denies.BOTH,
    Reason.KILL_SWITCH: Denies.BOTH,
    Reason.TRADING_HALTED: Denies.BOTH,
    Reason.VENUE_CONTRADICTS_US: Denies.BOTH,
    Reason.ORDER_FORGED: Denies.BOTH,  # nobody of ours asked for it; an exit of ours gets another order
    # There is nothing to sell, or it is being sold, or it is over.
    Reason.NOTHING_HELD: Denies.BOTH,
    Reason.EXIT_UNDERWAY: Denies.BOTH,
    Reason.MARKET_RESOLVED: Denies.BOTH,
    Reason.ORDER_BELOW_MINIMUM: Denies.BOTH,  # an exit only when nothing is left of it: no minimum of the venue's is asked of a sale
    # The leader sold before we held it, or never did.
    Reason.TRADE_STALE: Denies.BOTH,
    Reason.TRADE_FROM_THE_FUTURE: Denies.BOTH,
    # Nobody buys, or not at a price we may take yet: an exit asks again, and takes less the longer it waits.
    Reason.BOOK_MISSING: Denies.BOTH,
    Reason.SLIPPAGE_TOO_HIGH: Denies.BOTH,
    Reason.PRICE_BEYOND_LIMIT: Denies.BOTH,
    Reason.LIMIT_NOT_KEPT: Denies.BOTH,
    # Without this nothing can be signed: what the token is, and at which exchange.
    Reason.MARKET_UNKNOWN: Denies.BOTH,
    Reason.MARKET_VERSION_UNKNOWN: Denies.BOTH,
    Reason.MARKET_IS_COMBO: Denies.BOTH,
    Reason.MARKET_CHANGED: Denies.BOTH,
    # No transaction that does what is wanted, or none at all: an exit asks again, and a good route may be there then.
    Reason.QUOTE_STALE: Denies.BOTH,
    Reason.IMPACT_TOO_HIGH: Denies.ENTRY,
    Reason.NO_ROUTE: Denies.BOTH,
    Reason.ROUTE_NOT_KNOWN: Denies.BOTH,
    Reason.SIMULATION_FAILED: Denies.BOTH,
    Reason.TRANSACTION_UNSAFE: Denies.BOTH,
    Reason.TRANSACTION_EXPIRED: Denies.BOTH,
    Reason.TRANSACTION_FAILED: Denies.BOTH,
    # The venue's own no.
    Reason.VENUE_REFUSED: Denies.BOTH,
    Reason.VENUE_NEVER_SAW_IT: Denies.BOTH,
    Reason.VENUE_UNAVAILABLE: Denies.BOTH,
    Reason.VENUE_NO_BALANCE: Denies.BOTH,
    Reason.VENUE_NO_MATCH: Denies.BOTH,
    Reason.VENUE_MARKET_NOT_READY: Denies.BOTH,
    Reason.VENUE_INVALID_ORDER: Denies.BOTH,
    Reason.SETTLEMENT_FAILED: Denies.BOTH,
}


def may_deny(reason: Reason, side: Side) -> bool:
    """Whether this may be the reason why nothing is bought, or sold."""
    return DENIES[reason] is Denies.BOTH or (side is Side.BUY and DENIES[reason] is Denies.ENTRY)
