"""How many bets it takes to know."""

from typing import Annotated

import typer

from data_contracts.errors import Refused
from deployments.terminal import Json, out, show_json, show_table

EDGES = (0.2, 0.35, 0.5, 0.75, 1.0, 1.5)  # log-odds
PRICES = (0.05, 0.10, 0.25, 0.50, 0.75, 0.90, 0.95)
COLUMNS = ("edge", "wins of 100 at 0.50", *(f"at {price:.2f}" for price in PRICES))
Prevalence = Annotated[float, typer.Option(help="Part of all wallets that know something")]
Luck = Annotated[float, typer.Option(help="Probability of luck to end with")]


def command(prevalence: Prevalence = 0.03, luck: Luck = 0.10, as_json: Json = False) -> None:
    """Print how many bets it takes, by edge and price paid, until a wallet is no longer taken for luck. Each in an event of its own."""
    if not (0 < prevalence < 1 and 0 < luck < 1):
        raise Refused("a part of all wallets and a probability of luck lie between 0 and 1")
    if as_json:
        show_json(
            {"prevalence": prevalence, "luck": luck, "edges": [dict(zip(COLUMNS, row, strict=True)) for row in numbers(prevalence, luck)]}
        )
        return
    out.print(f"Bets until a wallet is luck with no more than {luck:.0%}, where {prevalence:.0%} of all know something")
    rows = numbers(prevalence, luck)
    show_table(COLUMNS, [(f"{edge:.2f}", f"{wins:.0f}", *(f"{number:,.0f}" for number in bets)) for edge, wins, *bets in rows])


def numbers(prevalence: float, luck: float) -> list[tuple[float, ...]]:
    """A row for each edge: what it wins at even prices, and the bets it takes at each price."""
    import numpy as np  # the formulas take a third of a second to import

    from domain.profiling.bets_needed import bets_needed

    prices = np.array(PRICES)
    return [(edge, float(100 / (1 + np.exp(-edge))), *map(float, bets_needed(prices, edge, prevalence, luck))) for edge in EDGES]
