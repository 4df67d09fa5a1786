"""What became of everything that was posted: one record an intent, from what was said to what was bought. Derived from rows, never kept."""

import json
from collections import Counter as Counts
from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from adapters.connect import open_results
from adapters.settings import Settings
from adapters.stores.results import Results
from data_contracts import Counter, JudgedTrade, Order, Quarantined, Signal, TakenIntent, TradeIntent, Verdict, contract_of
from domain.copying.sender_numbers import Gap, count_of, missing

PAGE = 1_000
COUNTED = 50_000  # of the last arrivals: a line of `status` must not read years
WAITING, DENIED, SKIPPED, COPIED, REFUSED = "waiting", "denied", "skipped", "copied", "refused"
MISSING = "missing"
Record = dict[str, Any]


def intent_records(settings: Settings, after: int = 0) -> Iterator[Record]:
    """One record an intent that arrived after that number, in the order of arrival."""
    results = open_results(settings)
    while page := results.arrived(TradeIntent, after, PAGE):
        yield from _records(page, results)
        after = page[-1].sequence


def arrived_until(settings: Settings) -> int:
    """The number of the last intent that arrived."""
    counted = open_results(settings).rows(Counter, name=contract_of(TradeIntent).table)
    return counted[0].reached if counted else 0


def refused_records(settings: Settings) -> Iterator[Record]:
    """One record for whatever was posted as an intent and broke its contract."""
    for row in open_results(settings).rows(Quarantined, table=contract_of(TradeIntent).table):
        kept = json.loads(row.row)
        yield {"became": REFUSED, "entrance": row.source, "received_at": _text(row.seen_at), "reasons": row.rules.split("; "), **kept}


def count_intents(settings: Settings, since: datetime) -> dict[str, int]:
    """How many became what since then, those that were denied or skipped by their Reason."""
    counts = Counts[str]()
    for record in intent_records(settings, max(0, arrived_until(settings) - COUNTED)):
        if record["received_at"] >= _text(since):
            counts["accepted"] += 1
            counts[_label(record)] += 1
    left_out = sum(count_of(gaps) for gaps in sender_gaps(settings).values())
    refused = sum(record["received_at"] >= _text(since) for record in refused_records(settings))
    return dict(counts) | {word: count for word, count in ((REFUSED, refused), (MISSING, left_out)) if count}


def sender_gaps(settings: Settings) -> dict[str, list[Gap]]:
    """By sender, "" where it has no name: which of its own numbers are not among the last arrivals. Whoever numbers nothing has none."""
    results, numbers = open_results(settings), defaultdict[str, set[int]](set)
    after = max(0, arrived_until(settings) - COUNTED)
    while page := results.arrived(TradeIntent, after, PAGE):
        for said in (json.loads(intent.metadata) for intent in page):
            if "sequence" in said:
                numbers[said.get("sender", "")].add(said["sequence"])
        after = page[-1].sequence
    return {sender: gaps for sender, came in sorted(numbers.items()) if (gaps := missing(came))}


def _label(record: Record) -> str:
    reasons = {verdict["reason"] for verdict in record["verdicts"]} if record["became"] == SKIPPED else {record["reason"]}
    return f"{record['became']}: {', '.join(sorted(reasons))}" if record["became"] in (SKIPPED, DENIED) else str(record["became"])


def _records(intents: Sequence[TradeIntent], results: Results) -> Iterator[Record]:
    taken = {row.intent_id: row for row in results.rows(TakenIntent, intent_id=[one.intent_id for one in intents])}
    trade_ids = sorted({row.trade_id for row in taken.values()})
    judged = results.rows(JudgedTrade, trade_id=trade_ids) if trade_ids else []
    signal_ids = sorted({one.signal_id for one in judged})
    signals = {one.signal_id: one for one in (results.rows(Signal, signal_id=signal_ids) if signal_ids else [])}
    orders = defaultdict[str, list[Order]](list)
    for order in results.rows(Order, signal_id=signal_ids) if signal_ids else []:
        orders[order.signal_id].append(order)
    for intent in intents:
        row = taken.get(intent.intent_id)
        mine = [signals[one.signal_id] for one in judged if row and one.trade_id == row.trade_id and one.signal_id in signals]
        yield _record(intent, row, [_verdict(signal, orders[signal.signal_id]) for signal in mine])


def _record(intent: TradeIntent, taken: TakenIntent | None, verdicts: Sequence[Record]) -> Record:
    said = {name: _text(getattr(intent, name)) for name in contract_of(TradeIntent).names if name not in ("metadata", "digest")}
    return {
        "became": _became(taken, verdicts),
        **said,
        "metadata": json.loads(intent.metadata),
        "taken_at": _text(taken.seen_at) if taken else None,
        "trade_id": taken.trade_id if taken else None,
        "token_id": (taken.token_id or None) if taken else None,
        "reason": _text(taken.reason) if taken else None,
        "verdicts": list(verdicts),
    }


def _became(taken: TakenIntent | None, verdicts: Sequence[Record]) -> str:
    if taken is not None and taken.reason is not None:
        return DENIED
    if not verdicts:
        return WAITING
    return COPIED if any(one["verdict"] == Verdict.COPY for one in verdicts) else SKIPPED


def _verdict(signal: Signal, orders: Sequence[Order]) -> Record:
    names = ("strategy_id", "signal_id", "verdict", "reason", "notional", "exit_fraction", "judged_at", "latency_s")
    ordered = ("order_id", "status", "reason", "shares", "limit_price")
    return {name: _text(getattr(signal, name)) for name in names} | {
        "orders": [{name: _text(getattr(order, name)) for name in ordered} for order in orders]
    }


def _text(value: Any) -> Any:
    """As JSON has it: amounts digit by digit, instants in UTC."""
    if isinstance(value, datetime):
        return value.isoformat()
    return value if value is None or isinstance(value, int | float) else str(value)
