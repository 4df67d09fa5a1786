"""Make a strategy."""

from datetime import UTC, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Annotated

import typer

from adapters.brief_settings import load_brief
from adapters.settings import load_settings
from data_contracts import Kind, Strategy
from deployments.terminal import out, show_table


class Source(StrEnum):
    """What it is made of."""

    FROM_ENV = "from-env"


Made = Annotated[Source, typer.Argument(help="from-env: of FOLLOW_TRADERS, COPY_SIZE and the other names of the brief (docs/inbox.md)")]
Name = Annotated[str, typer.Option(help="Its name: small letters, digits and dashes. One that is there is changed")]
Balance = Annotated[float | None, typer.Option(help="USD it begins with; a new one 10,000", min=1)]


def command(source: Made, name: Name = "copytrader", balance: Balance = None) -> None:
    """Make a strategy of kind mirror of the environment, in the brief's names, and show its numbers. Simulated, like every other."""
    from adapters.connect import open_results  # the drivers take a second to import, which a fault in a name should not
    from tasks.operating.strategies import FIRST_BALANCE, put_strategy
    from tasks.profiling.leaders import choose_leaders
    from tasks.steps import bare_steps

    policy, settings, now = load_brief().policy(), load_settings(), datetime.now(UTC)
    before = open_results(settings).rows(Strategy, strategy_id=name)
    worth = Decimal(str(balance)) if balance is not None else before[0].balance if before else FIRST_BALANCE
    with bare_steps():
        put_strategy(name, Kind.MIRROR, policy, worth, True, settings, now)
        choose_leaders(settings, now)
    rows = [
        ("leaders", ", ".join(policy.follow.wallets) or "nobody"),
        ("markets", ", ".join(policy.firewall.markets) or "all"),
        ("size", policy.sizing.kind),
        ("a copy costs at most", f"{policy.sizing.max_notional} USD"),
        ("stale after", f"{policy.firewall.max_age_s:g} s"),
        ("slippage at most", f"{policy.ordering.max_slippage:.2%}"),
        ("balance", f"{worth:,.2f} USD"),
    ]
    out.print(f"{name}: {'changed' if before else 'made'}, in simulation")
    show_table(["number", "is"], rows)
