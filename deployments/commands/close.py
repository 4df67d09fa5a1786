"""Sell what is held of one token now."""

from typing import Annotated

import typer

from deployments import operator_words
from deployments.operator_words import All, Why
from deployments.terminal import Json

Token = Annotated[str, typer.Argument(help="The outcome token, or the mint")]
Strategy = Annotated[str | None, typer.Option(help="A strategy by its name")]


def command(token: Token, why: Why, strategy: Strategy = None, every: All = False, as_json: Json = False) -> None:
    """The next cycle sells all of it, and tries again until it is done. What is bought of it later is not meant."""
    operator_words.close(operator_words.whom_of(strategy, every), token, why, as_json)
