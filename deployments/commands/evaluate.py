"""Score our methods on worlds whose truth is known."""

import pkgutil
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from importlib import import_module
from typing import Annotated

import typer

import evaluation.solana
from data_contracts import Venue
from data_contracts.errors import Refused
from deployments.terminal import complain, out, show_json, show_table
from evaluation.score import Score

NO_TOPICS = {"rivals", "score", "solana", "worlds"}
PLACES = {Venue.POLYMARKET: evaluation, Venue.SOLANA: evaluation.solana}


def topics(venue: Venue = Venue.POLYMARKET) -> list[str]:
    """Files of the venue's part of `evaluation` that say `scores(seeds)`."""
    return [module.name for module in pkgutil.iter_modules(PLACES[venue].__path__) if module.name not in NO_TOPICS]


def command(
    topic: Annotated[list[str] | None, typer.Argument(help=f"Any of: {', '.join(topics())}")] = None,
    every: Annotated[bool, typer.Option("--all", help="Every topic")] = False,
    venue: Annotated[Venue | None, typer.Option(help=f"On whose worlds; of solana: {', '.join(topics(Venue.SOLANA))}")] = None,
    seeds: Annotated[int, typer.Option(help="Worlds a figure is measured on", min=1)] = 20,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON array of scores")] = False,
) -> None:
    """Score our methods on worlds whose truth is known, with 95 % intervals over the seeds. Ends with 1 if a claim did not hold.

    Without --venue a topic is Polymarket's, and --all is every topic of both.
    """
    found = [score for place, name in _wanted(topic or [], every, venue) for score in _scored(place, name, range(seeds), as_json)]
    if as_json:
        show_json([asdict(score) for score in found])
    failed = [score for score in found if score.held is False]
    if failed:
        complain(f"{len(failed)} of {len(found)} figures are not what we claim")
        raise typer.Exit(1)


def _wanted(named: list[str], every: bool, venue: Venue | None) -> list[tuple[Venue, str]]:
    """The topics to score, each with its venue. Raises Refused where one is none, or none is named."""
    if every and named:
        raise Refused(f"say --all, or {', '.join(named)}")
    if every:
        return [(place, name) for place in PLACES if venue in (None, place) for name in topics(place)]
    place = venue or Venue.POLYMARKET
    unknown = sorted(set(named) - set(topics(place)))
    if unknown or not named:
        raise Refused(f"{'no topic ' + unknown[0] if unknown else 'say what to evaluate'}: --all, or any of {', '.join(topics(place))}")
    return [(place, name) for name in named]


def _scored(venue: Venue, name: str, seeds: Sequence[int], quiet: bool) -> list[Score]:
    """The scores of a topic, shown as soon as the topic is done."""
    scores: Iterator[Score] = import_module(f"{PLACES[venue].__name__}.{name}").scores(seeds)
    found = list(scores)
    if not quiet:
        out.print(f"\n[bold]{name}[/] on {venue}, {len(seeds)} seeds")
        show_table(("method", "case", "figure", "value", "95 % interval", "claim", "held"), [_row(score) for score in found])
    return found


def _row(score: Score) -> tuple[str, ...]:
    held = {True: "ok", False: "fail", None: ""}[score.held]
    return score.method, score.case, score.figure, f"{score.value:.4g}", f"{score.low:.4g} … {score.high:.4g}", score.wanted, held
