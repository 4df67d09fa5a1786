"""Let a strategy, or every one, only exit."""

from data_contracts import TradingState
from deployments import operator_words
from deployments.operator_words import All, Whom, Why
from deployments.terminal import Json


def command(why: Why, strategy: Whom = None, every: All = False, as_json: Json = False) -> None:
    """Nothing is entered until it may resume; exits go on. It clears the halts that are on record now, and says which.

    `walletflow resume STRATEGY --reason TEXT`, or --all, ends it.
    """
    operator_words.order(operator_words.whom_of(strategy, every), TradingState.REDUCING, why, as_json)
