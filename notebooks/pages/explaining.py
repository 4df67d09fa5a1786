"""One signal in sentences: what the leader did, what was known, why the verdict, how much, what became of it, what it would have brought."""

from domain.copying.reason_words import ReasonWords, words_of
from notebooks.pages import html, words
from notebooks.pages.html import Row
from notebooks.pages.view import View

PARTS = {
    "The wallet": ("wallet_score", ["win_rate", "pnl", "consistency"]),
    "Its owners": ("cluster_score", ["other_owners"]),
    "The coin": ("token_score", ["liquidity", "age", "concentration"]),
    "The timing": ("timing_score", ["since_launch", "demand"]),
}
ENDS = {"leader": "its leader left", "resolution": "the market resolved", "unfilled": "nobody would have sold it to us"}


def explained(row: Row, score: Row | None, view: View) -> str:
    """As a list of a fact a line, each with its name."""
    facts = [
        ("The leader", _leader(row, view)),
        ("What was known", _evidence(row, score)),
        ("Our verdict", _verdict(row)),
        ("How much", _size(row)),
        ("What came of it", _order(row)),
        ("Had we followed", _counterfactual(row)),
    ]
    return html.facts([(name, said) for name, said in facts if said]) + (_score(score) if score else "")


def _leader(row: Row, view: View) -> str:
    fills = f" in {row['fills']} trades" if row["fills"] > 1 else ""
    amount = f"{words.quantity(row['leader_shares'])} shares at {words.price(row['leader_price'])} {row['currency'] or ''}"
    worth = words.stake(row["leader_notional"], row["currency"])
    when = f"{view.clock.moment(row['traded_at'])}, {words.age(row['latency_s'])} before our verdict"
    return f"{view.wallet(row['leader'])} {row['side'].lower()}s {html.text(amount)} = {html.text(worth)}{fills}; {when}"


def _evidence(row: Row, score: Row | None) -> str:
    if score:
        return f"score {words.figure(score['score'])} where {words.figure(score['threshold'])} is needed"
    if row["owrr"] is None:
        return ""
    behind = (
        f"{row['qualified_for']} skilled holders for it, {row['qualified_against']} against" if row["qualified_for"] is not None else ""
    )
    return html.text(f"OWRR {words.percent(row['owrr'])} ({words.of(row['confidence'])} confidence): {behind}".rstrip(": "))


def _verdict(row: Row) -> str:
    meaning = words_of(row["reason"])
    return f"{html.pill(row['verdict'])} {html.text(meaning.says)}.{_cure(meaning)}"


def _size(row: Row) -> str:
    if row["verdict"] != "COPY":
        return ""
    if row["side"] == "SELL":
        return f"sell {words.percent(row['exit_fraction'])} of what we hold"
    made_smaller = f", made smaller by a row of stops (× {words.number(row['size_factor'])})" if row["size_factor"] < 1 else ""
    usd = f" = {words.usd(row['notional_usd'])}" if row["currency"] != "USD" else ""
    return html.text(f"{words.stake(row['notional'], row['currency'])}{usd}{made_smaller}")


def _order(row: Row) -> str:
    if row["order"] is None:
        return "no order was made" if row["verdict"] == "COPY" else ""
    tries = f" at the {row['orders']}th order" if row["orders"] > 1 else ""
    meaning = words_of(row["order_reason"])
    why = f": {html.text(meaning.says)}." if meaning.says else "."
    return f"{html.pill(row['order'], order_tone(row['order']))}{tries}{why}{_cure(meaning)}"


def _cure(meaning: ReasonWords) -> str:
    return f" <span class='wf-cure'>What changes it: {html.code(meaning.cure)}.</span>" if meaning.cure else ""


def _counterfactual(row: Row) -> str:
    if row["would_end"] is None:
        return "" if row["side"] == "SELL" else "not followed up yet: the flow counterfactual-report does, each night"
    if row["would_end"] == "open":
        return "its end is not known yet"
    result = f"{words.signed_percent(row['would_gain'])} on {words.usd(row['would_stake'])}" if row["would_gain"] is not None else ""
    return html.text(f"{result} until {ENDS.get(row['would_end'], row['would_end'])}".strip())


def _score(score: Row) -> str:
    parts = []
    for name, (whole, made_of) in PARTS.items():
        inside = ", ".join(f"{one.replace('_', ' ')} {_part(one, score[one])}" for one in made_of)
        parts.append(
            (name, f"{html.bar(score[whole], words.figure(score[whole]), 'plain')}<b>{words.figure(score[whole])}</b> {html.text(inside)}")
        )
    return f"<div class='wf-score'>{html.facts(parts)}</div>"


def _part(name: str, value: float) -> str:
    return words.count(value) if name == "other_owners" else words.figure(value)


def verdict(row: Row) -> str:
    """With its reason, whose sentence stands in the title."""
    return html.both(html.pill(row["verdict"]), html.titled(words.of(row["reason"]), words_of(row["reason"]).says))


def order_tone(status: str) -> str:
    """Filled is good, no is bad, and what is underway is neither."""
    if status in ("FILLED", "PARTIAL"):
        return "good"
    return "plain" if status in ("PENDING", "UNKNOWN", "MATCHED") else "warn"
