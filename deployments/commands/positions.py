"""What is held, what it is worth, and what was ordered last."""

from typing import Annotated

import typer

from adapters.settings import load_settings
from deployments.terminal import Json, out, show

Orders = Annotated[bool, typer.Option("--orders", help="The last orders instead, with their ids and what became of each")]
Closed = Annotated[bool, typer.Option("--closed", help="Also those that are closed")]
Last = Annotated[int, typer.Option(min=1, help="How many of the last to show")]
Whose = Annotated[str | None, typer.Option("--strategy", help="Of one strategy, by its name")]


def command(strategy: Whose = None, orders: Orders = False, closed: Closed = False, last: Last = 50, as_json: Json = False) -> None:
    """One line a position: what was paid, what a share is worth now, what it would gain, what it realized. The largest first, then totals.

    A line has all openings of a position; what came of each leader, market or day: `walletflow profit`.
    """
    from adapters.connect import open_results  # the drivers take a second to import
    from tasks.operating import overview
    from tasks.operating.trading_state import require_strategy

    settings = load_settings()
    if strategy is not None:
        require_strategy(strategy, open_results(settings))
    positions = [] if orders else overview.positions_of(settings, strategy)
    if orders:
        head, rows = overview.ORDER_HEAD, overview.order_lines(settings, strategy, last)
    else:
        head, rows = overview.POSITION_HEAD, overview.position_lines(positions, settings, closed, last)
    if not rows and not as_json:
        out.print("Nothing yet. Whom the strategies follow and why: the results page, `walletflow strategies`")
    show(head, rows, as_json)
    if not as_json:
        for line in overview.position_totals(positions):
            out.print(line)
