"""What each strategy may do, holds, and made."""

from adapters.settings import load_settings
from deployments.terminal import Json, out, show


def command(as_json: Json = False) -> None:
    """One line a strategy: where it trades, what it may do and by whose word, what it holds at cost, and what it realized, fees taken off.

    Amounts are in the strategy's own currency. Change one with the form of `strategy-editing`; all numbers: docs/settings.md.
    """
    from tasks.operating.overview import STRATEGY_HEAD, strategy_lines  # the drivers take a second to import

    rows = strategy_lines(load_settings())
    if not rows and not as_json:
        out.print("There is no strategy yet: the form of strategy-editing makes one, or `walletflow strategy from-env`")
    show(STRATEGY_HEAD, rows, as_json)
