"""The weighted score: every factor by hand, what is denied whatever the score, and what stays on record."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data_contracts import Currency, Kind, Reason, Venue, Verdict
from domain.copying.evidence import Evidence, TokenFacts, WalletRecord
from domain.copying.judging import judge
from domain.copying.kinds.kind import Conviction, Entry, Unconvinced
from domain.copying.kinds.score import answer, ramp, score_of, unsafe
from domain.copying.policy import Policy, Ramp, ScorePolicy, SizingPolicy
from domain.copying.portfolio import Portfolio
from domain.copying.sizing import score_notional
from tests.domain.conftest import AS_OF, LEADER
from tests.markets import an_instrument
from tests.token_rows import a_look, a_token

TOKEN = a_token(AS_OF)
LOOK = a_look(AS_OF - timedelta(minutes=1))
FACTS = TokenFacts(TOKEN, LOOK)
POLICY = ScorePolicy()


@pytest.fixture(scope="module")
def entry(a_trade: Any) -> Any:
    """A BUY of `mint` by a wallet that won 80 % and 100 SOL, alone; `facts`, `record` and `buyers` change what is known."""

    def build(facts: TokenFacts = FACTS, record: Any = "good", buyers: frozenset[str] = frozenset(), policy: Any = POLICY) -> Entry:
        trade = a_trade(token_id="mint", market_id="mint", venue=Venue.SOLANA, price=Decimal("1e-7"), shares=Decimal(10**7))
        lifetime = profile() if record == "good" else record
        evidence = Evidence(
            {"mint": an_instrument(token_id="mint")},
            tokens={"mint": facts},
            records={LEADER: WalletRecord(lifetime, lifetime)},
            buyers={"mint": buyers},
            owners={"second wallet of the leader": LEADER},
        )
        return Entry(trade, evidence.instruments["mint"], Policy(score=policy), evidence, AS_OF)

    return build


def profile(**changes: Any) -> Any:
    """What the score reads of a WalletProfile: 80 % won, 100 SOL, 20 closed positions."""
    from types import SimpleNamespace

    return SimpleNamespace(**{"win_rate": 0.8, "realized_pnl": 100.0, "closed_positions": 20} | changes)


def test_a_full_score_but_for_others_is_made_of_its_parts(entry: Any) -> None:
    """Wallet 1; nobody else: 0.5; token (0.4 x 1 + 0.2 x 600/3600 + 0.4 x 1) = 0.8333; timing 1. So 0.35 + 0.125 + 0.2083 + 0.15."""
    found = score_of(entry())
    assert (found.wallet_score, found.cluster_score, found.timing_score) == (1.0, 0.5, 1.0)
    assert found.token_score == pytest.approx(5 / 6)
    assert found.score == pytest.approx(0.35 + 0.125 + 0.25 * 5 / 6 + 0.15)


@pytest.mark.parametrize(
    ("buyers", "others", "cluster"),
    [
        ([], 0, 0.5),
        ([LEADER], 0, 0.5),  # the leader itself confirms nothing
        (["a"], 1, 4 / 6),
        (["a", "b", "c"], 3, 1.0),
        (["a", "b", "c", "d"], 4, 1.0),
    ],
)
def test_other_owners_confirm_and_the_leaders_own_wallets_do_not(entry: Any, buyers: list[str], others: int, cluster: float) -> None:
    found = score_of(entry(buyers=frozenset(buyers)))
    assert (found.other_owners, found.cluster_score) == (others, pytest.approx(cluster))


@pytest.mark.parametrize("record", [None, profile(closed_positions=4), profile(win_rate=None)])
def test_a_wallet_without_a_record_has_won_nothing(entry: Any, record: Any) -> None:
    assert score_of(entry(record=record)).wallet_score == 0.0


def test_five_closed_positions_are_a_record(entry: Any) -> None:
    assert score_of(entry(record=profile(closed_positions=5))).wallet_score == 1.0


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({}, None),
        ({"has_mint_authority": True}, Reason.TOKEN_AUTHORITY),
        ({"has_freeze_authority": True}, Reason.TOKEN_AUTHORITY),
        ({"has_mint_authority": None}, Reason.TOKEN_NOT_LOOKED_AT),
        ({"is_sellable": False}, Reason.TOKEN_UNSELLABLE),
        ({"is_sellable": None}, Reason.TOKEN_NOT_LOOKED_AT),
        ({"round_trip_loss": 0.30}, None),
        ({"round_trip_loss": 0.3000001}, Reason.TOKEN_UNSELLABLE),
        ({"top10_fraction": 0.80}, None),
        ({"top10_fraction": 0.8000001}, Reason.TOKEN_CONCENTRATED),
        ({"is_dead": True}, Reason.TOKEN_UNSELLABLE),
        ({"looked_at": AS_OF - timedelta(seconds=900)}, None),
        ({"looked_at": AS_OF - timedelta(seconds=901)}, Reason.TOKEN_NOT_LOOKED_AT),
        ({"liquidity_usd": None}, None),  # a curve
    ],
)
def test_the_safety_gate(changes: dict[str, Any], reason: Reason | None) -> None:
    assert unsafe(TokenFacts(TOKEN, replace(LOOK, **changes)), AS_OF, POLICY) is reason


@pytest.mark.parametrize(("min_age_s", "reason"), [(600, None), (600.1, Reason.TOKEN_TOO_YOUNG)])
def test_a_token_younger_than_the_strategy_allows(min_age_s: float, reason: Reason | None) -> None:
    assert unsafe(FACTS, AS_OF, ScorePolicy(min_age_s=min_age_s)) is reason


def test_what_nobody_looked_at_is_denied_and_its_score_is_on_record(entry: Any) -> None:
    found = answer(entry(facts=TokenFacts(TOKEN, None)))
    assert isinstance(found, Unconvinced)
    assert (found.reason, found.score.token_score) == (Reason.TOKEN_NOT_LOOKED_AT, 0.0)


def test_the_threshold_itself_is_enough(entry: Any) -> None:
    score = score_of(entry()).score
    assert isinstance(answer(entry(policy=ScorePolicy(threshold=score))), Conviction)
    below = answer(entry(policy=ScorePolicy(threshold=score + 1e-9)))
    assert isinstance(below, Unconvinced)
    assert below.reason is Reason.SCORE_BELOW_THRESHOLD


@pytest.mark.parametrize(("value", "worth"), [(0.4, 0.0), (0.39, 0.0), (0.6, 0.5), (0.8, 1.0), (0.9, 1.0), (None, 0.5)])
def test_a_ramp_rises_between_its_bounds_and_the_unknown_counts_half(value: float | None, worth: float) -> None:
    assert ramp(value, Ramp(nothing=0.4, full=0.8)) == pytest.approx(worth)
    if value is not None:
        assert ramp(-value, Ramp(nothing=-0.4, full=-0.8)) == pytest.approx(worth)


def test_a_step_is_no_ramp() -> None:
    with pytest.raises(ValueError, match="must differ from nothing"):
        Ramp(nothing=1.0, full=1.0)


WEIGHTS = st.floats(0.01, 10)


@given(
    weights=st.tuples(WEIGHTS, WEIGHTS, WEIGHTS, WEIGHTS),
    win_rate=st.floats(0, 1),
    pnl=st.floats(-1e9, 1e9),
    liquidity=st.none() | st.floats(0, 1e12),
    top10=st.none() | st.floats(0, 1),
    age=st.integers(0, 10**7),
    buyers=st.frozensets(st.sampled_from("abcde")),
)
def test_whatever_is_known_a_score_and_all_it_is_made_of_lie_between_0_and_1(
    entry: Any, weights: Any, win_rate: float, pnl: float, **known: Any
) -> None:
    names = ("wallet_weight", "cluster_weight", "token_weight", "timing_weight")
    token = replace(TOKEN, launched_at=AS_OF - timedelta(seconds=known["age"]))
    look = replace(LOOK, liquidity_usd=known["liquidity"], top10_fraction=known["top10"])
    policy = ScorePolicy(**dict(zip(names, weights, strict=True)))
    record = profile(win_rate=win_rate, realized_pnl=pnl)
    found = score_of(entry(TokenFacts(token, look), record, known["buyers"], policy))
    parts = (getattr(found, name) for name in found.__slots__ if name != "other_owners")  # type: ignore[attr-defined]
    assert all(0 <= part <= 1 + 1e-12 for part in parts)


@pytest.mark.parametrize(("score", "sol"), [(0.84, "2.00"), (0.85, "3.00"), (None, "0")])
def test_a_sure_score_is_sized_half_as_much_again(score: float | None, sol: str) -> None:
    assert score_notional(score, Decimal(100), SizingPolicy(kind="score")) == Decimal(sol)  # 2 % of 100 SOL


@pytest.mark.parametrize(("cash", "reserve", "notional"), [("0.06", "0.05", "0.01"), ("0.0599", "0.05", "0"), ("0.06", "0", "0.03")])
def test_a_copy_by_score_keeps_the_reserve_and_its_score_is_a_row(entry: Any, cash: str, reserve: str, notional: str) -> None:
    """1 SOL x 2 % x 1.5, as its score is sure, is 0.03; of 0.06 free 0.05 stay: 0.01 is just the least."""
    from domain.copying.judging import Judge

    asked = entry(buyers=frozenset("abc"))
    policy = Policy.model_validate(
        {"sizing": {"kind": "score", "min_notional": "0.01", "max_notional": 1}, "risk": {"reserve": reserve}, "score": {"threshold": 0.7}}
    )
    one = Judge("s", Venue.SOLANA, Kind.SCORE, policy, Portfolio(Decimal(1), Decimal(cash)), frozenset({LEADER}))
    sol = replace(asked.instrument, venue=Venue.SOLANA, stake_currency=Currency.SOL, highest_price=None)
    found = judge([asked.trade], [one], replace(asked.evidence, instruments={"mint": sol}), AS_OF)
    (signal,) = found.signals
    assert (signal.notional, signal.verdict) == (Decimal(notional), Verdict.COPY if Decimal(notional) else Verdict.SKIP)
    (row,) = found.scores
    assert (row.signal_id, row.other_owners, row.threshold) == (signal.signal_id, 3, 0.7)
    assert row.exit_preset == "diamond"  # 0.9583
