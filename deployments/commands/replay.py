"""Run the flows over a recording, as fast as they go, and say what came of it."""

import json
import os
from pathlib import Path
from socket import create_connection
from typing import Annotated, Any
from urllib.parse import urlsplit

import typer

from adapters.brief_settings import load_brief
from adapters.feeds.recorded_conditions import Conditions
from adapters.feeds.recorded_files import check_columns
from adapters.feeds.solana.recorded import is_solana
from adapters.settings import Settings, load_settings
from data_contracts.errors import Impossible, Refused
from deployments.local_stack.prefect_server import point_prefect_here
from deployments.migrate import migrate
from deployments.terminal import err, out, show_table
from deployments.typed_values import finite

HERE = "A directory with trades.parquet and markets.parquet, or a recording of Solana (docs/solana.md)"
PATIENCE_S = 2.0  # with a store, before it counts as away
RANDOM = 20  # so many give a 5 % level its first step: 1 in 21
RECORDED = typer.Option(help=HERE, exists=True, file_okay=False)
Recorded = Annotated[Path, RECORDED]
PerhapsRecorded = Annotated[Path | None, RECORDED]
Intents = Annotated[Path | None, typer.Option(help="A recorded file of intents instead (docs/inbox.md)", exists=True, dir_okay=False)]
TrainUntil = Annotated[str | None, typer.Option(help="Only learn until this date or part of the recording (0.5), copy after it")]
Delay = Annotated[float, typer.Option(help="Seconds from a verdict to our order at the market", min=0, callback=finite)]
Fee = Annotated[float, typer.Option(help="Times today's official taker fee; recordings do not say theirs", min=0, callback=finite)]
Depth = Annotated[
    float | None, typer.Option(help="USD on either side where trades are the books; empty: the shares of the trade", min=1, callback=finite)
]
Spread = Annotated[str, typer.Option(help="Where trades are the books: fitted charges what recorded books cost, none nothing")]
Cycle = Annotated[int, typer.Option(help="Seconds between two cycles", min=1)]
ProfileEvery = Annotated[
    int | None, typer.Option(help="Days between two profiles: 30, or 1 on Solana; leaders are of the past only", min=1)
]
KEEP = "Keep all rows in a schema and a database of their own; by default where a stack is up"
Keep = Annotated[bool | None, typer.Option("--keep/--no-keep", help=KEEP)]
Change = Annotated[list[str] | None, typer.Option("--set", help="A policy field in both strategies: follow.min_omega=2. Repeatable")]


def command(
    recording: PerhapsRecorded = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object, with the realized PnL of every wallet and market")] = False,
    cycle_s: Cycle = 30,
    profile_every_days: ProfileEvery = None,
    train_until: TrainUntil = None,
    delay_s: Delay = 0.0,
    fee_multiplier: Fee = 0.0,
    depth_usd: Depth = None,
    spread: Spread = "fitted",
    changes: Change = None,
    random_leaders: Annotated[
        int | None, typer.Option(help=f"Replays behind random leaders of like activity; {RANDOM} with --train-until, else none", min=0)
    ] = None,
    keep: Keep = None,
    intents: Intents = None,
) -> None:
    """Run the flows over recorded trades as fast as they go, and print what came of it.

    With a stack that is up its rows stay in a schema and a database of their own, `replay_` and the recording's name, and running it again
    changes nothing there. Without one, or with --no-keep, all of it happens in memory, with the same result.
    With --train-until it is a backtest: the equity curve, an interval, random leaders to compare with, and a plain sentence.
    """
    if intents is not None:
        show_intents(intents, recording, cycle_s, as_json)
        return
    if recording is None:
        raise Refused("name what was recorded: --recording DIR, or --intents FILE")
    if not is_solana(recording):
        check_columns(recording)
    keeps = is_kept(keep)
    prepare(quiet=as_json, with_server=keeps)
    from flows.recording_replay import recording_replay, replay_in_memory
    from tasks.backtesting.backtests import Plan, check_plan
    from tasks.backtesting.plan_form import charged_as_here, every, pairs

    conditions = charged_as_here(Conditions(delay_s, fee_multiplier, depth_usd).changed({"spread": spread}), load_settings())
    plan = Plan(cycle_s, every(profile_every_days, recording), train_until, conditions, tuple(pairs(changes or [])))
    check_plan(plan)
    draws = random_leaders if random_leaders is not None else RANDOM if train_until else 0
    if keeps:
        migrate(load_settings().for_replay(plan.place(recording.resolve().name)))
    came = (recording_replay if keeps else replay_in_memory)(recording.resolve(), plan, draws)
    if as_json:
        typer.echo(json.dumps(came))
    else:
        show(came)


def show_intents(path: Path, recording: Path | None, cycle_s: int, as_json: bool) -> None:
    """What became of each intent of a file, by a strategy of the environment in the brief's names; always in memory."""
    prepare(quiet=True, with_server=False)
    from deployments.commands.intents import COLUMNS, row
    from deployments.intent_replay import replay_intents

    came = replay_intents(path, load_brief(), cycle_s, recording)
    if as_json:
        typer.echo(json.dumps(came))
        return
    show_table(COLUMNS, [row(record) for record in came["records"]])
    for bad in came["bad_lines"]:
        out.print(f"{bad['where']}: {bad['rules']}", markup=False)
    became = ", ".join(f"{count} {word}" for word, count in came["became"].items())
    out.print(f"\n{came['intents']} intents in {came['cycles']} cycles: {became}; {came['fills']} fills. Hash {came['hash']}")


def is_kept(keep: bool | None) -> bool:
    """Whether rows are kept: as asked, or where a stack is up. Says so where they are not. Raises Impossible where they cannot be."""
    away = who_is_away(load_settings())
    if keep and away:
        raise Impossible(f"--keep needs a stack, and {away}: run `make up`, or leave --keep out to replay in memory")
    kept = not away if keep is None else keep
    if not kept:
        offer = " After `make up`, --keep keeps every row." if away else ""
        err.print(f"Nothing is kept: {away or '--no-keep'}, so it runs in memory.{offer}")
    return kept


def who_is_away(settings: Settings) -> str:
    """The store that cannot be reached, and why; empty when all are there."""
    for name, port in (("postgres_url", 5432), ("clickhouse_url", 8123)):
        if getattr(settings, name) is None:
            return f"WALLETFLOW_{name.upper()} is not set"
        address = urlsplit(settings.required(name))
        try:
            create_connection((address.hostname, address.port or port), timeout=PATIENCE_S).close()
        except OSError:
            return f"nobody answers at {address.hostname}:{address.port or port}"
    return ""


def prepare(quiet: bool, with_server: bool) -> None:
    """Says where Prefect is before it is imported: it reads that once."""
    if with_server:
        point_prefect_here(load_settings())
    if quiet:
        os.environ.setdefault("PREFECT_LOGGING_LEVEL", "WARNING")


def show(came: dict[str, Any]) -> None:
    """Two tables: the recording, and what each strategy made of it."""
    reasons = [(f"quarantined: {rules}", str(count)) for rules, count in came["quarantine_reasons"].items()]
    counted = [(name.replace("_", " "), f"{came[name]:,}") for name in came if isinstance(came[name], int)]
    currency = "SOL" if "groups" in came else "USD"
    show_table(("recording", "is"), [*counted, *reasons, (f"realized PnL of all wallets, {currency}", came["realized_pnl"])])
    if "groups" in came:
        out.print(f"\n{groups_in_words(came['groups'])}")
    out.print()
    columns = ("strategy", "kind", "signals", "copied", "orders", "fills", "settled", "realized_pnl", "fees", "equity")
    show_table(columns, [[str(strategy[column]) for column in columns] for strategy in came["strategies"]])
    for strategy in came["strategies"]:
        why = ", ".join(f"{reason} {count}" for reason, count in strategy["reasons"].items())
        out.print(f"{strategy['strategy']}: {why or 'no trade of a leader'}")
    out.print(f"\n{spread_said(came)}")
    for found in came.get("backtest", []):
        out.print(f"\n{curve(found['equity_curve'])}\n{found['sentence']}")


def groups_in_words(groups: dict[str, Any]) -> str:
    """How many of the groups that the recording names we found, and how surely."""
    share = {name: "unknown" if groups[name] is None else f"{groups[name]:.2f}" for name in ("precision", "recall")}
    return (
        f"Of {groups['recorded']} recorded groups of one owner ({groups['in_view']} with two wallets or more in what was recorded) "
        f"{groups['found']} were found: precision of pairs {share['precision']}, recall {share['recall']}; "
        f"{groups['joined_that_are_apart']} pairs were joined that are known to be apart."
    )


def spread_said(came: dict[str, Any]) -> str:
    """What was charged for the spread, and how sure that is."""
    if "spread" not in came:
        return "No spread is charged on top: fills are at the recorded books, or with --spread none at the trades' own prices."
    charged = (f"{row['strategy']} {row['spread_charged']} USD ({row['spread_low']} to {row['spread_high']})" for row in came["strategies"])
    fit = "recorded books, and those that our own feed saw, cost" if came.get("spread_fit") == "own" else "recorded books cost"
    costs = f"fills cost what {fit}, in all {', '.join(charged)}, interval 90 %"
    return f"No books are on record: {costs}. --spread none leaves it out."


def curve(points: list[list[Any]], width: int = 60) -> str:
    """The equity in one line of blocks, from its lowest to its highest."""
    if not points:
        return ""
    worth = [float(points[len(points) * place // width][1]) for place in range(width)] if len(points) > width else [p[1] for p in points]
    low, high = min(worth), max(worth)
    blocks = "".join("▁▂▃▄▅▆▇█"[int(7 * (value - low) / (high - low))] if high > low else "▄" for value in worth)
    return f"{blocks}  {low:,.2f} to {high:,.2f} USD, {points[0][0][:10]} to {points[-1][0][:10]}"
