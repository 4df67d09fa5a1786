"""Let a strategy, or every one, trade again."""

from data_contracts import TradingState
from deployments import operator_words
from deployments.operator_words import All, Whom, Why
from deployments.terminal import Json


def command(why: Why, strategy: Whom = None, every: All = False, as_json: Json = False) -> None:
    """It clears the halts that are on record now, says which, and what holds: a halt of every strategy is ended with --all alone."""
    operator_words.order(operator_words.whom_of(strategy, every), TradingState.ACTIVE, why, as_json)
