"""Is this wallet's purchase of this token worth a copy? Four weighted factors, each of sub-factors, all on record with the verdict.

Source: WallTrack's weighted score (35/25/25/15, at least 0.70). Its weights changed four times without a measurement; here each weight and
bound is a number of the policy, and each verdict keeps what it was made of, so that they can be measured.
"""

from collections.abc import Mapping
from datetime import datetime

from data_contracts import Reason
from domain.copying.evidence import Need, TokenFacts, WalletRecord
from domain.copying.kinds.kind import Conviction, DecisionKind, Entry, Score, Unconvinced
from domain.copying.policy import Policy, Ramp, ScorePolicy

UNKNOWN = 0.5  # what a sub-factor counts when nobody can say: neither for nor against


def ramp(value: float | None, bounds: Ramp) -> float:
    """0 at `bounds.nothing`, 1 at `bounds.full`, straight in between; the bounds may run down. What is unknown counts half."""
    if value is None:
        return UNKNOWN
    return min(max((value - bounds.nothing) / (bounds.full - bounds.nothing), 0.0), 1.0)


def weighted(parts: Mapping[str, float], weights: Mapping[str, float]) -> float:
    """The mean of the parts by their weights, which need not add up to 1."""
    total = sum(weights[name] for name in parts)
    return sum(parts[name] * weights[name] for name in parts) / total


def wallet_parts(record: WalletRecord, policy: ScorePolicy) -> dict[str, float]:
    """How good the wallet's record is. One without a record has won nothing; without a recent one nobody knows how steady it is."""
    profile, recent = record.lifetime, record.recent
    if profile is None or profile.win_rate is None or profile.closed_positions < policy.min_closed_positions:
        return {"win_rate": 0.0, "pnl": 0.0, "consistency": 0.0}
    apart = None if recent is None or recent.win_rate is None else abs(recent.win_rate - profile.win_rate)
    return {
        "win_rate": ramp(profile.win_rate, policy.win_rate),
        "pnl": ramp(profile.realized_pnl, policy.pnl),
        "consistency": ramp(apart, policy.drift),
    }


def token_parts(facts: TokenFacts, as_of: datetime, policy: ScorePolicy) -> dict[str, float]:
    """How sound the token is. A curve states no liquidity: unknown is not 0."""
    look = facts.look
    return {
        "liquidity": ramp(look.liquidity_usd if look else None, policy.liquidity_usd),
        "age": ramp(age_s(facts, as_of), policy.age_s),
        "concentration": ramp(look.top10_fraction if look else None, policy.top10_fraction),
    }


def timing_parts(facts: TokenFacts, as_of: datetime, policy: ScorePolicy) -> dict[str, float]:
    """How early it is, and whether others buy as well."""
    look = facts.look
    trades = None if look is None or look.buys_24h is None or look.sells_24h is None else look.buys_24h + look.sells_24h
    demand = look.buys_24h / trades if look and trades and look.buys_24h is not None else None
    return {"since_launch": ramp(age_s(facts, as_of), policy.since_launch_s), "demand": ramp(demand, policy.demand)}


def age_s(facts: TokenFacts, as_of: datetime) -> float | None:
    """Seconds since its launch; None where nobody saw it."""
    launched_at = facts.token.launched_at if facts.token else None
    return None if launched_at is None else max((as_of - launched_at).total_seconds(), 0.0)


def unsafe(facts: TokenFacts, as_of: datetime, policy: ScorePolicy) -> Reason | None:
    """Why nothing of this token may be bought, whatever its score. What was not looked at, or long ago, may be a trap."""
    look = facts.look
    if look is None or (as_of - look.looked_at).total_seconds() > policy.max_look_age_s:
        return Reason.TOKEN_NOT_LOOKED_AT
    if look.is_dead or look.is_sellable is False:
        return Reason.TOKEN_UNSELLABLE
    if look.is_sellable is None or look.has_mint_authority is None or look.has_freeze_authority is None:
        return Reason.TOKEN_NOT_LOOKED_AT
    if look.round_trip_loss is not None and look.round_trip_loss > policy.max_round_trip_loss:
        return Reason.TOKEN_UNSELLABLE
    if look.has_mint_authority or look.has_freeze_authority:
        return Reason.TOKEN_AUTHORITY
    if look.top10_fraction is not None and look.top10_fraction > policy.max_top10_fraction:
        return Reason.TOKEN_CONCENTRATED
    age = age_s(facts, as_of)
    return Reason.TOKEN_TOO_YOUNG if age is not None and age < policy.min_age_s else None


def score_of(entry: Entry) -> Score:
    """All factors of an entry. An unsafe token's factor is 0."""
    policy, evidence, as_of = entry.policy.score, entry.evidence, entry.as_of
    facts = _facts_of(entry)
    wallet = wallet_parts(evidence.records.get(entry.trade.wallet, WalletRecord(None, None)), policy)
    token, timing = token_parts(facts, as_of, policy), timing_parts(facts, as_of, policy)
    others = len(evidence.buyers.get(entry.trade.token_id, frozenset()) - {evidence.owner_of(entry.trade.wallet)})
    weights = policy.weights()
    factors = {
        "wallet": weighted(wallet, weights),
        "cluster": ramp(others, policy.other_owners),
        "token": 0.0 if unsafe(facts, as_of, policy) else weighted(token, weights),
        "timing": weighted(timing, weights),
    }
    named = {f"{name}_score": value for name, value in factors.items()}
    return Score(score=weighted(factors, weights), other_owners=others, **named, **wallet, **token, **timing)


def answer(entry: Entry) -> Conviction | Unconvinced:
    """Safe, and at least the threshold; or why not. Its score is on record either way."""
    policy = entry.policy.score
    found = score_of(entry)
    denied = unsafe(_facts_of(entry), entry.as_of, policy)
    if denied is None and found.score < policy.threshold:
        denied = Reason.SCORE_BELOW_THRESHOLD
    return Unconvinced(denied, found) if denied else Conviction(Reason.SCORE_REACHED, score=found)


def _facts_of(entry: Entry) -> TokenFacts:
    return entry.evidence.tokens.get(entry.trade.token_id, TokenFacts(None, None))


def needs(policy: Policy) -> frozenset[Need]:
    """The token, the wallet's record, and who else bought it."""
    return frozenset({Need.TOKENS, Need.RECORDS, Need.BUYERS})


SCORE = DecisionKind("score: wallet, other owners, token and timing, weighted", needs, answer)
