"""The summary of a run: what was done to the house, how long it took to come back, and what is wrong now."""

import os
import statistics
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from chaos.invariants import Ledger, Truth
from chaos.kills import Strike, by_kind
from chaos.proxy import Proxy
from chaos.senders import Sender
from data_contracts import Side
from deployments.terminal import out, show_table

SHOWN = 5  # differences of a kind
LEAST = {"orders at the venue": 20, "verdicts": 100, "intents accepted": 10}  # of a whole run; with less nothing is shown
WHOLE = 100  # kills, from which a run is whole


@dataclass(frozen=True)
class Run:
    seed: int
    took_s: float
    strikes: Sequence[Strike]
    proxies: Sequence[Proxy]
    senders: Sequence[Sender]
    afflictions: Mapping[str, int]
    ours: Ledger
    truth: Truth
    differences: Mapping[str, Sequence[str]]


def report(run: Run) -> None:
    out.print(f"\nseed {run.seed}, {run.took_s:.0f} s; load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")
    show_table(["struck", "how", "times", "answers again p50 s", "p95 s", "a whole cycle p50 s", "p95 s"], recovery_rows(run.strikes))
    done: Counter[str] = sum((Counter({fault.value: n for fault, n in proxy.draw.done.items()}) for proxy in run.proxies), Counter())
    out.print(f"\n{done.total()} of {sum(proxy.draw.calls for proxy in run.proxies)} calls spoiled:")
    show_table(["fault", "times"], [[fault, str(times)] for fault, times in sorted(done.items())])
    show_table(["what befell a part", "times"], [[what, str(times)] for what, times in sorted(run.afflictions.items())])
    out.print("")
    show_table(["checked", "how many"], [[name, str(number)] for name, number in counted(run).items()])
    out.print("")
    show_table(["differences", "how many"], difference_rows(run.differences))
    for name, found in run.differences.items():
        for line in found[:SHOWN]:
            out.print(f"{name}: {line}", markup=False)


def recovery_rows(strikes: Sequence[Strike]) -> list[list[str]]:
    return [
        [service, how, str(len(those)), *_quantiles([one.again_s for one in those]), *_quantiles([one.cycle_s for one in those])]
        for (service, how), those in by_kind(strikes).items()
    ]


def counted(run: Run) -> dict[str, int]:
    sides = Counter(str(order["side"]) for order in run.truth.orders)
    answers: Counter[str] = sum((sender.answers for sender in run.senders), Counter())
    return {
        "orders at the venue": len(run.truth.orders),
        "of these purchases": sides[Side.BUY.value],
        "of these sales": sides[Side.SELL.value],
        "fills booked": len(run.ours.fills),
        "positions settled": len(run.ours.settlements),
        "exits": len(run.ours.exits),
        "trades of everybody": len(run.truth.traded),
        "verdicts": len(run.ours.judged),
        "intents offered": len(run.truth.offered),
        "intents accepted": len(run.truth.accepted),
        **{f"answers to intents: {answer}": times for answer, times in sorted(answers.items())},
    }


def difference_rows(found: Mapping[str, Sequence[str]]) -> list[list[str]]:
    """The three that were promised, and what the last is made of."""
    others = {name: lines for name, lines in found.items() if name not in ("duplicate orders", "lost verdicts")}
    unexplained = sum(len(lines) for lines in others.values())
    named = {"duplicate orders": len(found["duplicate orders"]), "lost verdicts": len(found["lost verdicts"])}
    return [[name, str(number)] for name, number in (named | {"unexplained differences": unexplained}).items()] + [
        [f"  of {name}", str(len(lines))] for name, lines in others.items()
    ]


def verdict(run: Run, kills: int, faults: int) -> int:
    """The exit code. Where too little happened, nothing is shown."""
    wrong = sum(len(lines) for lines in run.differences.values())
    lost = [f"{one.service} {one.how}" for one in run.strikes if one.again_s is None]
    done, spoiled = len(run.strikes), sum(proxy.draw.done.total() for proxy in run.proxies)
    few = [name for name, least in LEAST.items() if kills >= WHOLE and counted(run)[name] < least]
    gone = ", ".join(lost) or "none"
    out.print(f"\n{done} of {kills} strikes, {spoiled} of {faults} spoiled calls, {wrong} differences; never came back: {gone}")
    if few:
        out.print(f"not shown: too few {', '.join(few)}")
    return int(bool(wrong or lost or few or done < kills or spoiled < faults))


def _quantiles(found: Sequence[float | None]) -> list[str]:
    known = [value for value in found if value is not None]
    missing = f" ({len(found) - len(known)} never)" if len(known) < len(found) else ""
    if not known:
        return ["-", f"-{missing}"]
    if len(known) == 1:
        return [f"{known[0]:.1f}", f"{known[0]:.1f}{missing}"]
    cuts = statistics.quantiles(known, n=20, method="inclusive")
    return [f"{cuts[9]:.1f}", f"{cuts[18]:.1f}{missing}"]
