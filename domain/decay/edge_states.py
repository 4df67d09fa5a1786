"""How a wallet's edge stands after its latest bets, and what that changes: the rows of `decay`'s tests."""

from dataclasses import replace
from datetime import datetime

import numpy as np
import polars as pl

from data_contracts import BriefFlag, EdgeState, Form
from domain.decay.decay_detection import HORIZON, ROLLING, Threshold, Watched, brief_flag, fading, returning, watch_bets

SMALLEST = 0.1  # an edge below this cannot be lost: nobody would notice within a thousand bets
BRIEF = {
    BriefFlag.GOOD: "no rule of the brief is broken",
    BriefFlag.REVIEW: f"won less than 40 % of the last {ROLLING}",
    BriefFlag.DOWNGRADED: "lost 3 in a row",
    BriefFlag.DORMANT: "no trade for 30 days",
}


def edge_state(bets: pl.DataFrame, edge: float, before: EdgeState | None, last_trade_at: datetime, as_of: datetime) -> EdgeState | None:
    """The state of one wallet. `bets`: its Bet rows in the order of their results; `edge`: what it has now by its bets.

    A wallet keeps the edge and the thresholds it was first watched with. None for one without bets, or without an edge to lose.
    """
    edge = before.edge if before else edge
    if not bets.height or edge < SMALLEST:
        return None
    payoff, chance = bets["payoff"].cast(pl.Float64).to_numpy(), bets["fair_chance"].to_numpy()
    if before:
        rings, heard = Threshold(before.rings_from, before.false_alarms), Threshold(before.heard_from, before.false_alarms)
    else:
        rings, heard = fading(chance, edge), returning(chance, edge)
    found = watch_bets(payoff, chance, edge, rings, heard)
    won = (payoff > chance).tolist()
    brief = brief_flag(won, last_trade_at, as_of)
    state = EdgeState(
        wallet=bets["wallet"][0],
        changed_at=as_of,
        checked_at=as_of,
        form=found.form,
        brief=brief,
        edge=edge,
        bets=len(won),
        statistic=found.statistic,
        rings_from=rings.value,
        heard_from=heard.value,
        false_alarms=rings.false_alarms,
        win_rate=float(np.mean(won[-ROLLING:])) if len(won) >= ROLLING else None,
        losses_in_a_row=_losses(won),
        last_trade_at=last_trade_at,
        why=_why(found, brief, rings),
    )
    unchanged = before is not None and (before.form, before.brief) == (state.form, state.brief)
    return replace(state, changed_at=before.changed_at) if before and unchanged else state


def _losses(won: list[bool]) -> int:
    """Since the last win."""
    return won[::-1].index(True) if True in won else len(won)


def _why(found: Watched, brief: BriefFlag, rings: Threshold) -> str:
    rate = f"a wallet that keeps its edge rings in {rings.false_alarms:.1%} of {HORIZON} bets"
    if found.form is Form.FADED:
        return f"the edge is gone by its bets up to number {(found.since or 0) + 1}; {rate}. The brief: {BRIEF[brief]}"
    again = "" if found.since is None else f" (again, since bet {found.since + 1})"
    return f"in form{again}: {found.statistic:.2f} of {rings.value:.2f}; {rate}. The brief: {BRIEF[brief]}"
