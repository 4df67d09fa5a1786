"""What speaks for and against a token now, as lines a person reads: a market's consensus, or a coin's risks and factors."""

from collections.abc import Iterator
from dataclasses import asdict
from datetime import datetime

import polars as pl

from adapters.connect import open_history, open_owners
from adapters.settings import Settings
from data_contracts import Consensus, SolanaToken, TokenLook, Venue
from data_contracts.errors import Refused
from data_contracts.frames import rows_of
from domain.copying.evidence import TokenFacts
from domain.copying.kinds.score import timing_parts, token_parts, unsafe
from domain.copying.policy import ScorePolicy
from domain.operating.explanations import Line, in_words
from tasks.copying.consensus import VOTERS, consensus_of
from tasks.copying.instruments import instruments_of
from tasks.steps import step

NOT_SHOWN = ("token_id", "looked_at")


@step
def consensus_lines(token_id: str, settings: Settings, as_of: datetime) -> list[Line]:
    """Of an outcome: what its market's best holders agree on, a vote an owner and a vote a wallet. Raises Refused for what is none."""
    instrument = instruments_of({token_id: Venue.POLYMARKET}, settings, as_of).get(token_id)
    if instrument is None:
        raise Refused(f"{token_id} is no outcome token that the venue knows: copy it from a signal, or from the market's page")
    owners = open_owners(settings).owners()
    found = consensus_of([instrument], owners, VOTERS, settings, as_of)
    return [_consensus(found[token_id, voter]) for voter in VOTERS]


def require_known(mint: str, looks: pl.DataFrame, tokens: pl.DataFrame, settings: Settings) -> None:
    """Raises Refused for a coin that no service and no row of ours knows: a mistyped mint would be looked at from then on."""
    seen = looks.select(pl.any_horizontal(pl.col("price", "price_usd", "liquidity_usd", "holders").is_not_null()).any()).item()
    if not (seen or tokens.height or open_history(settings).tokens([mint]).height):
        raise Refused(f"nobody knows a coin {mint}: copy its mint from the coin's page, its capitals count")


def coin_lines(look: TokenLook, settings: Settings, as_of: datetime) -> list[Line]:
    """Of a coin that was just looked at: what the default numbers of `score` make of it, and what was seen."""
    token = next(iter(rows_of(open_history(settings).tokens([look.token_id]), SolanaToken)), None)
    facts, policy = TokenFacts(token, look), ScorePolicy()
    return list(_coin(facts, look, policy, as_of))


def _coin(facts: TokenFacts, look: TokenLook, policy: ScorePolicy, as_of: datetime) -> Iterator[Line]:
    denied = unsafe(facts, as_of, policy)
    yield Line("may be bought", in_words(denied) if denied else "nothing denies it; the wallet that buys and the others decide")
    for factor, parts in (("token", token_parts(facts, as_of, policy)), ("timing", timing_parts(facts, as_of, policy))):
        yield Line(factor, ", ".join(f"{name.replace('_', ' ')} {value:.2f}" for name, value in parts.items()))
    for name, value in asdict(look).items():
        if name not in NOT_SHOWN:
            yield Line(name.replace("_", " "), "not known" if value is None else str(value))


def _consensus(one: Consensus) -> Line:
    sides = f"{one.score_for:,.1f} of {one.qualified_for} holders for it, {one.score_against:,.1f} of {one.qualified_against} against"
    return Line(f"a vote a {one.votes_by}", f"{100 * one.owrr:.1f} of 100, confidence {one.confidence.value}: {sides}")
