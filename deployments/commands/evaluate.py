"""Score our methods on worlds whose truth is known."""

import json
import pkgutil
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from importlib import import_module
from typing import Annotated

import typer

import evaluation
from data_contracts.errors import Refused
from deployments.terminal import complain, out, show_table
from evaluation.score import Score

NO_TOPICS = {"rivals", "score", "worlds"}


def topics() -> list[str]:
    """Files of `evaluation` that say `scores(seeds)`."""
    return [module.name for module in pkgutil.iter_modules(evaluation.__path__) if module.name not in NO_TOPICS]


def command(
    topic: Annotated[list[str] | None, typer.Argument(help=f"Any of: {', '.join(topics())}")] = None,
    every: Annotated[bool, typer.Option("--all", help="Every topic")] = False,
    seeds: Annotated[int, typer.Option(help="Worlds a figure is measured on", min=1)] = 20,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON array of scores")] = False,
) -> None:
    """Score our methods on worlds whose truth is known, with 95 % intervals over the seeds. Ends with 1 if a claim did not hold."""
    wanted = topics() if every else topic or []
    unknown = sorted(set(wanted) - set(topics()))
    if unknown or not wanted:
        raise Refused(f"{'no topic ' + unknown[0] if unknown else 'say what to evaluate'}: --all, or any of {', '.join(topics())}")
    found = [score for name in wanted for score in _scored(name, range(seeds), as_json)]
    if as_json:
        typer.echo(json.dumps([asdict(score) for score in found]))
    failed = [score for score in found if score.held is False]
    if failed:
        complain(f"{len(failed)} of {len(found)} figures are not what we claim")
        raise typer.Exit(1)


def _scored(name: str, seeds: Sequence[int], quiet: bool) -> list[Score]:
    """The scores of a topic, shown as soon as the topic is done."""
    scores: Iterator[Score] = import_module(f"{evaluation.__name__}.{name}").scores(seeds)
    found = list(scores)
    if not quiet:
        out.print(f"\n[bold]{name}[/], {len(seeds)} seeds")
        show_table(("method", "case", "figure", "value", "95 % interval", "claim", ""), [_row(score) for score in found])
    return found


def _row(score: Score) -> tuple[str, ...]:
    held = {True: "ok", False: "fail", None: ""}[score.held]
    return score.method, score.case, score.figure, f"{score.value:.4g}", f"{score.low:.4g} … {score.high:.4g}", score.wanted, held
