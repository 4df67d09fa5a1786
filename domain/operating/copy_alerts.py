"""When to call a person because copies are made and not filled: of each strategy, by its entry orders of the last hour. Pure."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from data_contracts import OrderStatus, Reason, Severity
from domain.copying.reason_words import ReasonWords, words_of
from domain.operating.alerts import Finding

MAX_UNFILLED = 0.60  # the sandbox's own strategies leave about 0.40: prices move within the seconds between a trade and its copy
FEWEST_COPIES = 10  # of fewer, a handful of thin markets is most of them
NOTHING_BOUGHT = (OrderStatus.DENIED, OrderStatus.REFUSED, OrderStatus.UNFILLED)
BOUGHT = (OrderStatus.FILLED, OrderStatus.PARTIAL)
UNSAID = Reason.VENUE_NO_MATCH  # a simulated venue that finds nothing within the limit gives no reason


class EntryOrders(NamedTuple):
    """How many of a strategy's entry orders came to the same end for the same reason, in the words as they are kept."""

    strategy_id: str
    status: str
    reason: str | None
    orders: int


def unfilled_findings(entries: Sequence[EntryOrders]) -> Iterator[Finding]:
    """One for each strategy. What is underway, or has no answer yet, is no evidence."""
    ended = [one for one in entries if one.status in (*NOTHING_BOUGHT, *BOUGHT)]
    for strategy_id in sorted({one.strategy_id for one in ended}):
        own = [one for one in ended if one.strategy_id == strategy_id]
        copies = sum(one.orders for one in own)
        unfilled = [one for one in own if one.status in NOTHING_BOUGHT]
        missed = sum(one.orders for one in unfilled)
        if copies >= FEWEST_COPIES and missed / copies >= MAX_UNFILLED:
            yield Finding(Severity.WARNING, "copies_not_filled", strategy_id, _message(strategy_id, copies, missed, unfilled))


def _message(strategy_id: str, copies: int, missed: int, unfilled: Sequence[EntryOrders]) -> str:
    reason, count = _commonest(unfilled)
    words = words_of(reason)
    says = f"{missed} of {copies} copies of {strategy_id} within the last hour were not filled ({missed / copies:.0%})"
    shown = "`walletflow positions --orders` lists them with their reasons"
    return f"{says}, {count} of them by {reason} ({words.says}): {_cure(words)}; {shown}"


def _cure(words: ReasonWords) -> str:
    """What passes by itself once is worth a look when most copies meet it."""
    return words.cure if words.cure and not words.cure.startswith("Nothing") else "look whom it follows, and what they trade"


def _commonest(unfilled: Sequence[EntryOrders]) -> tuple[str, int]:
    """Of two as common, the first by its name."""
    counts: dict[str, int] = {}
    for one in unfilled:
        reason = one.reason or UNSAID.value
        counts[reason] = counts.get(reason, 0) + one.orders
    return min(counts.items(), key=lambda item: (-item[1], item[0]))
