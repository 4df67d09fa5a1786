"""Reads all that is on record of a signal, by its own name, its order's or its trade's."""

import re

from adapters.connect import open_history, open_results
from adapters.settings import Settings
from adapters.stores.results import Results
from data_contracts import Fill, JudgedTrade, LeaderWord, Order, Position, Reason, Signal, SignalScore
from data_contracts.errors import Impossible, Refused, WalletflowError
from domain.copying.leader_words import words_until
from domain.operating.explanations import Record
from tasks.copying.sound_rows import readable_rows

NAMED_BY = ((Signal, "signal_id"), (Order, "order_id"), (Fill, "fill_id"), (JudgedTrade, "trade_id"))
BEGINNING = re.compile(r"[0-9a-f]{6,31}")  # of an id of 32 hex digits, as somebody types it
WHOLE = re.compile(r"[0-9a-f]{6,}|(?=.*\d)[\w:-]{6,}")  # what an id of ours, or of a venue, may look like
MOST_NAMED = 4


def records_of(name: str, settings: Settings) -> list[Record]:
    """Of a signal, order, fill or trade, by its id or the first six of its digits or more; of a trade one for each strategy that judged it.

    Raises Impossible where nothing is called so, Refused where nothing can be, and where more than one is.
    """
    results, typed = open_results(settings), name.strip().rstrip("….").lower()
    signals = _signals(typed, results) or _signals(_whole(typed, results), results)
    if not signals:
        raise (Impossible if WHOLE.fullmatch(typed) else Refused)(
            f"no signal, order, fill or trade is called {typed}. `walletflow positions --orders` and the results page name them"
        )
    return [_record(signal, results, settings) for signal in signals]


def _whole(typed: str, results: Results) -> str:
    """The one id that begins so. Raises Refused where several do."""
    if not BEGINNING.fullmatch(typed):
        return typed
    found = sorted({one for row_class, column in NAMED_BY for one in results.beginning(row_class, column, typed, MOST_NAMED)})
    if len(found) > 1:
        raise Refused(f"{typed} is how several begin: {', '.join(found[:MOST_NAMED])}. Type more of it")
    return next(iter(found), typed)


def _signals(name: str, results: Results) -> list[Signal]:
    orders = {order.signal_id for order in results.rows(Order, order_id=name)}
    filled = [fill.order_id for fill in results.rows(Fill, fill_id=name)]
    orders |= {order.signal_id for order in results.rows(Order, order_id=filled)} if filled else set()
    judged = {one.signal_id for one in results.rows(JudgedTrade, trade_id=name)}
    return results.rows(Signal, signal_id=sorted({name} | orders | judged))


def _record(signal: Signal, results: Results, settings: Settings) -> Record:
    orders = sorted(results.rows(Order, signal_id=signal.signal_id), key=lambda one: one.created_at)
    fills = results.rows(Fill, order_id=[order.order_id for order in orders]) if orders else []
    held = results.rows(Position, strategy_id=signal.strategy_id, leader=signal.leader, token_id=signal.token_id)
    scores = results.rows(SignalScore, signal_id=signal.signal_id)
    return Record(
        signal, next(iter(scores), None), orders, fills, next(iter(held), None), _question(signal, settings), _word(signal, results)
    )


def _word(signal: Signal, results: Results) -> LeaderWord | None:
    """What a person had said of the leader when it was judged, where that is why it was skipped."""
    if signal.reason not in (Reason.LEADER_PAUSED, Reason.LEADER_BLOCKED):
        return None
    words = readable_rows(results, LeaderWord, wallet=signal.leader)
    return words_until(words, signal.judged_at).on(signal.leader, signal.strategy_id)


def _question(signal: Signal, settings: Settings) -> str:
    """The market in words; without history there are none, and the rest is told all the same."""
    try:
        history = open_history(settings)
        questions = history.markets([signal.token_id])["question"].to_list() or history.tokens([signal.token_id])["name"].to_list()
    except WalletflowError:
        return ""
    return next(iter(questions), "")
