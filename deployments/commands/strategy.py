"""What a strategy was, and back to it; or make one of the environment."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Annotated

import typer

from adapters.brief_settings import load_brief
from adapters.settings import load_settings
from data_contracts import Kind
from data_contracts.errors import Refused
from deployments.terminal import Json, out, show, show_json, show_table
from deployments.typed_values import finite

FROM_ENV = "from-env"
CHANGED = ("what", "was", "is")
HEAD = ("version", "since (UTC)", "what", "was", "is", "why")

Which = Annotated[str, typer.Argument(metavar="STRATEGY", help="Its name; or from-env: of the names of the brief (docs/inbox.md)")]
History = Annotated[bool, typer.Option("--history", help="Every version it had, and what each made another")]
BackTo = Annotated[int | None, typer.Option("--back-to", metavar="N", min=1, help="Make it again what it was in version N")]
Why = Annotated[str, typer.Option("--reason", help="Kept with the version")]
Name = Annotated[str, typer.Option(help=f"Of {FROM_ENV}: its name, small letters, digits and dashes. One that is there is changed")]
Balance = Annotated[float | None, typer.Option(help=f"Of {FROM_ENV}: USD it begins with; a new one 10,000", min=1, callback=finite)]


def command(
    strategy: Which,
    history: History = False,
    back_to: BackTo = None,
    why: Why = "",
    as_json: Json = False,
    name: Name = "copytrader",
    balance: Balance = None,
) -> None:
    """Show every version of a strategy (`--history`) or make it again what it was (`--back-to`). The form strategy-editing changes it.

    `walletflow strategy from-env` makes one of kind mirror of the environment, of FOLLOW_TRADERS, COPY_SIZE and the like, and shows its
    numbers. Simulated, like every other.
    """
    if history and back_to is not None:
        raise Refused("--history shows and --back-to changes: one of them at a time")
    if back_to is not None:
        go_back(strategy, back_to, why, as_json)
    elif history:
        show_history(strategy, as_json)
    elif strategy == FROM_ENV:
        make_from_environment(name, balance, why, as_json)
    else:
        raise Refused(f"say what of {strategy}: --history shows its versions, --back-to N makes it again what it was")


def show_history(strategy_id: str, as_json: bool) -> None:
    """A line for each thing that a version made another, the oldest first."""
    from adapters.connect import open_results  # the drivers take a second to import, which a fault in a name should not
    from tasks.operating.strategy_versions import history_lines

    lines = history_lines(strategy_id, open_results(load_settings()))
    rows = [[str(one["version"]), f"{one['since']:%Y-%m-%d %H:%M:%S}", *(one[name] for name in (*CHANGED, "why"))] for one in lines]
    show(HEAD, rows, as_json)


def go_back(strategy_id: str, number: int, why: str, as_json: bool) -> None:
    """As a new version that equals the old one."""
    from tasks.operating.strategy_editing import StrategyChanges, change_strategy
    from tasks.profiling.leaders import choose_leaders
    from tasks.steps import bare_steps

    settings, now = load_settings(), datetime.now(UTC)
    with bare_steps():
        changed = change_strategy(strategy_id, StrategyChanges(back_to=number, why=why), settings, now)
        choose_leaders(settings, now)
    if not changed and not as_json:
        out.print(f"{strategy_id} is what it was in version {number}: nothing changed", markup=False)
        return
    show(CHANGED, [tuple(line[name] for name in CHANGED) for line in changed], as_json)


def make_from_environment(name: str, balance: float | None, why: str, as_json: bool) -> None:
    """Of kind mirror, enabled."""
    from tasks.operating.strategies import put_strategy
    from tasks.profiling.leaders import choose_leaders
    from tasks.steps import bare_steps

    policy, settings, now = load_brief().policy(), load_settings(), datetime.now(UTC)
    given = None if balance is None else Decimal(str(balance))
    with bare_steps():
        made = put_strategy(name, Kind.MIRROR, policy, given, True, settings, now, why=why or "of the environment")
        choose_leaders(settings, now)
    rows = [
        ("leaders", ", ".join(policy.follow.wallets) or "nobody"),
        ("markets", ", ".join(policy.firewall.markets) or "all"),
        ("size", policy.sizing.kind),
        ("a copy costs at most", f"{policy.sizing.max_notional} USD"),
        ("stale after", f"{policy.firewall.max_age_s:g} s"),
        ("slippage at most", f"{policy.ordering.max_slippage:.2%}"),
        ("balance", f"{made.balance:,.2f} USD"),
    ]
    is_new = made.created_at == now
    if as_json:
        show_json({"strategy": name, "changed": not is_new, "numbers": dict(rows)})
        return
    out.print(f"{name}: {'made' if is_new else 'changed'}, in simulation")
    show_table(["number", "is"], rows)
