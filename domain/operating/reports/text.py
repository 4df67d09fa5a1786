"""A report's figures as a person reads them: in a line, and as Markdown, a table for each question. An empty one says so in a sentence."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from domain.operating.fitting import fit

Figures = Mapping[str, Any]
Line = Mapping[str, Any]
Cell = Callable[[Line], str]
NONE = "–"
DIGITS = {"USD": 2, "SOL": 4}
TOO_FEW = "too few to say"
MOST_REASONS = 3  # of a message


def summary(figures: Figures) -> str:
    """In a line, such as: Fri 27 Nov: +12.34 USD; 3 of 41 copied, 2 closed; 1 alert. Strategies in SOL stand beside those in USD."""
    made = [_signed(total, currency) for currency, total in _totals(figures["money"], "pnl").items()] or ["nothing traded"]
    closed = sum(line["closed"] for line in figures["money"])
    alerts = len(figures["alerts"])
    told = f"{alerts} alert{'' if alerts == 1 else 's'}" if alerts else "no alert"
    return f"{_when(figures)}: {' and '.join(made)}; {figures['copied']} of {figures['signals']} copied, {closed} closed; {told}"


def message(figures: Figures) -> str:
    """What is sent: the line, each strategy's own, why most was skipped, what is open. It comes every day: silence means something."""
    own = [f"{one['strategy_id']}: {_signed(one['pnl'], one['currency'])}, {one['closed']} closed" for one in figures["money"]]
    why = [f"{one['count']} x {one['reason']} ({one['strategy_id']})" for one in figures["skipped"][:MOST_REASONS]]
    still = [f"{one['severity']}, open: {one['message']}" for one in figures["alerts"] if one["cleared_at"] is None]
    lines = [summary(figures), *own, *(["Skipped most: " + ", ".join(why)] if why else []), *still]
    return fit(lines, "the report")


def markdown(figures: Figures) -> str:
    """The whole report."""
    parts = [f"# {figures['period'].capitalize()} report, {_when(figures)}", f"{summary(figures)}."]
    if not figures["is_over"]:
        parts.append(f"So far: it is not over, as of {_instant(figures['as_of'])} UTC.")
    return "\n\n".join([*parts, *(part for section in SECTIONS for part in section(figures))]) + "\n"


def _money(figures: Figures) -> list[str]:
    columns: dict[str, Cell] = {
        "strategy": lambda one: one["strategy_id"],
        "PnL": lambda one: _signed(one["pnl"], one["currency"]),
        "of its balance": lambda one: _percent(one["pnl_of_balance"]),
        "realized": lambda one: _signed(one["realized"], one["currency"]),
        "positions sold, at least in part (won)": lambda one: f"{one.get('positions', one['closed'])} ({one['won']})",
        "they brought": lambda one: _signed(one["closed_pnl"], one["currency"]),
        "90 % interval": lambda one: _between(one["low"], one["high"], one["currency"]),
        "fees": lambda one: _amount(one["fees"], one["currency"]),
        "slippage": lambda one: _signed(one["slippage"], one["currency"]),
        "bought and sold": lambda one: _amount(one["turnover"], one["currency"]),
        "equity": lambda one: _amount(one["equity"], one["currency"]),
    }
    usd = figures["usd"]
    said = [f"Together {_signed(usd['pnl'], 'USD')}, equity {_amount(usd['equity'], 'USD')}."] if usd["equity"] is not None else []
    without = ["What all are worth together is not said: a currency has no rate on record."] if usd["equity"] is None else []
    note = "PnL is the change of equity without what was added to a balance. Slippage is against the price that was to be copied."
    return _section("Money", figures["money"], columns, "No strategy has an equity curve yet.", *said, *without, note)


def _verdicts(figures: Figures) -> list[str]:
    columns: dict[str, Cell] = {"strategy": _of("strategy_id"), "reason": _of("reason"), "signals": _of("count")}
    nothing = "No trade of anybody we follow came." if not figures["signals"] else "Nothing was skipped."
    return _section("Skipped, and why", figures["skipped"], columns, nothing)


def _orders(figures: Figures) -> list[str]:
    columns: dict[str, Cell] = {
        "strategy": _of("strategy_id"),
        "became": _of("status"),
        "reason": lambda one: one["reason"] or NONE,
        "orders": _of("count"),
    }
    return _section("Orders, and what became of them", figures["orders"], columns, "No order was made.")


def _latency(figures: Figures) -> list[str]:
    waits = figures["latency"]
    if not waits["orders"]:
        return ["## From a trade to our order", "No order followed a trade."]
    p95 = f"p95 {waits['p95_s']:.1f} s" if waits["p95_s"] is not None else f"the slowest {waits['slowest_s']:.1f} s (too few for a p95)"
    return ["## From a trade to our order", f"{waits['orders']} orders: p50 {waits['p50_s']:.1f} s, {p95}."]


def _missed(figures: Figures) -> list[str]:
    columns: dict[str, Cell] = {
        "strategy": _of("strategy_id"),
        "verdict": _of("verdict"),
        "reason": _of("reason"),
        "signals": _of("signals"),
        "mean return": lambda one: _percent(one["mean"]),
        "90 % interval": lambda one: TOO_FEW if one["low"] is None else f"{_percent(one['low'])} to {_percent(one['high'])}",
        "100 each brought": lambda one: f"{one['pnl']:+.2f}",
        "the rule": _of("the_rule"),
    }
    note = "Signals whose end came in this time, followed by `counterfactual-report` as it last ran."
    return _section("What skips would have earned", figures["missed"], columns, "No signal that is followed up ended in this time.", note)


def _followed(figures: Figures) -> list[str]:
    columns: dict[str, Cell] = {
        "at": lambda one: _instant(one["at"]),
        "strategy": lambda one: one["strategy_id"] or NONE,
        "wallet": _of("wallet"),
        "is": _of("change"),
        "why": _of("why"),
    }
    return _section("Whom we follow: changes", figures["followed"], columns, "Nobody was chosen or dropped.")


def _limits(figures: Figures) -> list[str]:
    columns: dict[str, Cell] = {
        "strategy": _of("whose"),
        "limit": lambda one: one["limit"] + (f", most: {one['about']}" if one.get("about") else ""),
        "used": lambda one: NONE if one["used"] is None else _used(one["used"], one),
        "most": lambda one: _used(one["most"], one),
        "part": lambda one: _percent(one["part"]),
    }
    held = [f"{one['strategy_id']} is {one['state']}: {one['why']}." for one in figures["held"]]
    return _section("Limits used", figures["limits"], columns, "No enabled strategy, no limit.", *held)


def _used(value: float, line: Line) -> str:
    """A report of an older version says no unit."""
    return f"{value:.6g} {line.get('unit', '')}".strip()


def _quality(figures: Figures) -> list[str]:
    seen = "how many trades arrived is not known" if figures["trades_seen"] is None else f"{figures['trades_seen']} trades arrived"
    columns: dict[str, Cell] = {"table": _of("table"), "rules broken": _of("rules"), "rows set aside": _of("count")}
    gaps: dict[str, Cell] = {
        "source": _of("source"),
        "after": lambda one: _instant(one["from_at"]),
        "until": lambda one: _instant(one["until_at"]),
        "is": _of("state"),
    }
    return [
        *_section(
            "Data quality", figures["quality"], columns, f"No row was set aside; {seen}.", *([f"{seen}."] if figures["quality"] else [])
        ),
        *_section("Holes", figures["gaps"], gaps, "Nothing was missed."),
    ]


def _alerts(figures: Figures) -> list[str]:
    columns: dict[str, Cell] = {
        "severity": _of("severity"),
        "since": lambda one: _instant(one["raised_at"]),
        "over": lambda one: _instant(one["cleared_at"]) if one["cleared_at"] else "open",
        "what, and its cure": _of("message"),
    }
    cycles = "; ".join(f"{count} {state.lower()}" for state, count in figures["cycles"].items())
    return _section("Alerts", figures["alerts"], columns, "None.", *([f"Cycles: {cycles}."] if cycles else []))


SECTIONS = (_money, _verdicts, _orders, _latency, _missed, _followed, _limits, _quality, _alerts)


def _section(title: str, lines: Sequence[Line], columns: Mapping[str, Cell], nothing: str, *notes: str) -> list[str]:
    return [f"## {title}", _table(lines, columns) if lines else nothing, *notes]


def _table(lines: Iterable[Line], columns: Mapping[str, Cell]) -> str:
    rows = [[_cell(show(line)) for show in columns.values()] for line in lines]
    return "\n".join(f"| {' | '.join(row)} |" for row in [list(columns), ["---"] * len(columns), *rows])


def _cell(text: str) -> str:
    """What came from outside must not end its cell."""
    return " ".join(str(text).split()).replace("|", "\\|")


def _of(name: str) -> Cell:
    return lambda line: str(line[name])


def _totals(lines: Iterable[Line], name: str) -> dict[str, Decimal]:
    totals: dict[str, Decimal] = {}
    for line in lines:
        totals[line["currency"]] = totals.get(line["currency"], Decimal(0)) + Decimal(line[name])
    return dict(sorted(totals.items(), reverse=True))


def _when(figures: Figures) -> str:
    begins_at = _read(figures["begins_at"])
    return f"{begins_at:%a %d %b %Y}" if figures["period"] == "daily" else f"week of {begins_at:%a %d %b %Y}"


def _instant(value: Any) -> str:
    return f"{_read(value):%Y-%m-%d %H:%M:%S}"


def _read(value: Any) -> datetime:
    return value if isinstance(value, datetime) else datetime.fromisoformat(value)


def _amount(value: Any, currency: str) -> str:
    return NONE if value is None else f"{_rounded(value, currency):,} {currency}"


def _signed(value: Any, currency: str) -> str:
    return NONE if value is None else f"{_rounded(value, currency):+,} {currency}"


def _rounded(value: Any, currency: str) -> Decimal:
    """Never a negative zero."""
    return round(Decimal(value), DIGITS[currency]) + Decimal(0)


def _between(low: float | None, high: float | None, currency: str) -> str:
    return TOO_FEW if low is None or high is None else f"{_signed(low, currency)} to {_signed(high, currency)}"


def _percent(value: float | None) -> str:
    return NONE if value is None else f"{value:.1%}"
