"""Sell all that a strategy, or every one, holds."""

from data_contracts import TradingState
from deployments import operator_words
from deployments.operator_words import All, Whom, Why
from deployments.terminal import Json


def command(why: Why, strategy: Whom = None, every: All = False, as_json: Json = False) -> None:
    """Nothing is entered, and every position is sold, cycle after cycle, until it may resume. It clears the halts on record now.

    `walletflow resume STRATEGY --reason TEXT`, or --all, ends it.
    """
    operator_words.order(operator_words.whom_of(strategy, every), TradingState.REDUCING, why, as_json, exit_everything=True)
