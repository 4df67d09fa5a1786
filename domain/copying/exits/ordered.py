"""Exits a person ordered: of what is held of one token at that moment, or of everything as long as his word holds."""

from collections.abc import Iterable
from datetime import datetime

from data_contracts import OperatorWord, Reason
from domain.copying.exits.rule import Asked, OwnExit, entry_of, own_exit
from domain.copying.marking import MarkedPosition

EVERYTHING = "*"  # no token is called so


def ordered_exits(position: MarkedPosition, words: Iterable[OperatorWord], as_of: datetime) -> list[OwnExit]:
    """All of it, no moonbag kept, at its mark; without one at what it cost, and below as it waits. What was bought later is not meant."""
    if (
        position.shares <= 0
        or position.opened_at > as_of
        or not any(is_meant(word, position.token_id, position.opened_at) for word in words)
    ):
        return []
    price = entry_of(position) if position.mark_price is None else position.mark_price
    return [own_exit(position, Reason.OPERATOR_EXIT, Asked(price), as_of)]


def is_meant(word: OperatorWord, token_id: str, opened_at: datetime) -> bool:
    """Whether this word is about a position of that token that was opened then."""
    return word.leaves == EVERYTHING or (word.leaves == token_id and opened_at <= word.ordered_at)
