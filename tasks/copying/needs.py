"""How the evidence that decision kinds need is fetched: each need once a cycle, for all strategies that have it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from adapters.settings import Settings
from data_contracts import Consensus, Instrument
from domain.copying.evidence import Need
from domain.copying.judging import Judge
from domain.copying.kinds.kinds import KINDS
from tasks.copying.consensus import consensus_of


@dataclass(frozen=True, slots=True)
class Asked:
    """Who needs it, and for what: the instruments that leaders of a cycle bought."""

    judges: Sequence[Judge]
    instruments: Sequence[Instrument]
    owners: Mapping[str, str]
    settings: Settings
    as_of: datetime


def consensus(asked: Asked) -> dict[tuple[str, str], Consensus]:
    """Of the skilled holders, by token and by who votes."""
    voters = {judge.policy.owrr.votes_by for judge in asked.judges}
    return consensus_of(asked.instruments, asked.owners, voters, asked.settings, asked.as_of)


FETCHED_BY: Mapping[Need, Callable[[Asked], Mapping[Any, Any]]] = {
    Need.CONSENSUS: consensus,
}


def fetched(asked: Asked) -> dict[str, Mapping[Any, Any]]:
    """By field of Evidence, what the kinds of these strategies need to know. Nothing is fetched that none of them needs."""
    found: dict[str, Mapping[Any, Any]] = {}
    for need, fetch in FETCHED_BY.items():
        needing = [one for one in asked.judges if need in KINDS[one.kind].needs(one.policy)]
        if needing and asked.instruments:
            found[need.value] = fetch(replace(asked, judges=needing))
    return found
