"""Stop a strategy, or every one, at once."""

from deployments import operator_words
from deployments.operator_words import All, Whom, Why
from deployments.terminal import Json


def command(why: Why, strategy: Whom = None, every: All = False, as_json: Json = False) -> None:
    """Nothing is entered and nothing is sold until it may resume. What no venue has answered yet is still asked about, and booked.

    `walletflow resume STRATEGY --reason TEXT`, or --all, ends it.
    """
    operator_words.halt(operator_words.whom_of(strategy, every), why, as_json)
