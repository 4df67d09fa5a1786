"""The verdict on each trade: the seven steps, the state, the exits, and one fold that never spends what it does not have."""

from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data_contracts import Awaited, Confidence, Instrument, Kind, Reason, Side, TradingState, Venue, Verdict
from domain.copying.evidence import Evidence
from domain.copying.judging import Judge, judge, unjudged
from domain.copying.portfolio import Holding, Portfolio
from domain.ids import row_id

OTHER = "0x" + "b" * 40
TEN_THOUSAND = Decimal(10_000)
LATE = frozenset({Venue.POLYMARKET})


def owning(leader: str, held: str = "yes", cost: int = 40, cash: int = 9_960) -> Portfolio:
    """100 shares of one token after one leader."""
    return Portfolio(TEN_THOUSAND, Decimal(cash), {(leader, held): Holding("market", Decimal(100), Decimal(cost))})


# A plain copy.


def test_a_followed_leaders_buy_is_copied_and_everything_known_is_on_record(a_trade: Any, verdict_on: Any, as_of: datetime) -> None:
    signal = verdict_on(a_trade())
    assert (signal.verdict, signal.reason, signal.notional, signal.exit_fraction) == (Verdict.COPY, Reason.LEADER_TRADED, 50, 0)
    assert (signal.leader_price, signal.leader_shares, signal.leader_notional) == (Decimal("0.40"), 250, 100)
    assert (signal.latency_s, signal.judged_at, signal.category) == (10.0, as_of, "politics")
    assert signal.signal_id == row_id("strategy", a_trade().trade_id)


def test_a_strategy_that_follows_nobody_judges_nothing(a_trade: Any, a_market: Any, a_judge: Any, as_of: datetime) -> None:
    found = judge([a_trade()], [a_judge(leaders=frozenset())], Evidence({"yes": a_market()}), as_of)
    assert (found.signals, found.deferred) == ([], [])


def test_each_strategy_gives_its_own_signal_on_the_same_trade(a_trade: Any, a_market: Any, a_judge: Any, as_of: datetime) -> None:
    judges = [a_judge(), a_judge(strategy_id="another")]
    signals = judge([a_trade()], judges, Evidence({"yes": a_market()}), as_of).signals
    assert [signal.strategy_id for signal in signals] == ["strategy", "another"]
    assert len({signal.signal_id for signal in signals}) == 2


def test_what_the_firewall_denies_is_on_record_too(a_trade: Any, verdict_on: Any, as_of: datetime) -> None:
    stale = verdict_on(a_trade(traded_at=as_of - timedelta(seconds=61)))
    unknown = verdict_on(a_trade(), instruments={})
    assert [(signal.verdict, signal.reason) for signal in (stale, unknown)] == [
        (Verdict.SKIP, Reason.TRADE_STALE),
        (Verdict.SKIP, Reason.MARKET_UNKNOWN),
    ]


# State and feed.


@pytest.mark.parametrize(
    ("state", "reason", "entry", "exit_"),
    [
        (TradingState.ACTIVE, None, Reason.LEADER_TRADED, Reason.LEADER_EXITED),
        (TradingState.REDUCING, None, Reason.TRADING_REDUCING, Reason.LEADER_EXITED),
        (TradingState.REDUCING, Reason.OPERATOR, Reason.OPERATOR, Reason.LEADER_EXITED),
    ],
)
def test_reducing_only_exits(
    a_trade: Any, a_judge: Any, verdict_on: Any, leader: str, state: TradingState, reason: Reason | None, entry: Reason, exit_: Reason
) -> None:
    sale = a_trade(side=Side.SELL)
    assert verdict_on(a_trade(), a_judge(state=state, reason=reason)).reason is entry
    one = a_judge(state=state, reason=reason, portfolio=owning(leader))
    assert verdict_on(sale, one, held_before={sale.trade_id: Decimal(500)}).reason is exit_


@pytest.mark.parametrize(("reason", "said"), [(None, Reason.TRADING_HALTED), (Reason.DRAWDOWN, Reason.DRAWDOWN)])
def test_halted_enters_nothing_and_says_why(a_trade: Any, a_judge: Any, verdict_on: Any, reason: Reason | None, said: Reason) -> None:
    assert verdict_on(a_trade(), a_judge(state=TradingState.HALTED, reason=reason)).reason is said


def test_an_exit_of_a_halted_strategy_is_on_record_while_its_order_waits_for_the_operator(
    a_trade: Any, a_judge: Any, a_market: Any, leader: str, as_of: Any
) -> None:
    """It was judged SKIP once: after the operator resumed, the strategy held what its leader had sold long ago."""
    sale = a_trade(side=Side.SELL)
    halted = a_judge(state=TradingState.HALTED, portfolio=owning(leader))
    judgement = judge([sale], [halted], Evidence({sale.token_id: a_market()}, held_before={sale.trade_id: Decimal(500)}), as_of)
    assert ([signal.reason for signal in judgement.signals], judgement.deferred) == ([Reason.LEADER_EXITED], [])


@pytest.mark.parametrize("said", [Reason.LEADER_PAUSED, Reason.LEADER_BLOCKED])
def test_behind_a_leader_a_person_holds_back_nothing_is_entered_and_his_exits_are_followed(
    a_trade: Any, a_judge: Any, verdict_on: Any, leader: str, said: Reason
) -> None:
    """Also where a rule would have copied; the other leaders of the strategy are not meant."""
    sale = a_trade(side=Side.SELL)
    assert verdict_on(a_trade(), a_judge(held_back={leader: said})).reason is said
    assert verdict_on(a_trade(), a_judge(held_back={"0x" + "9" * 40: said})).reason is Reason.LEADER_TRADED
    one = a_judge(held_back={leader: said}, portfolio=owning(leader))
    assert verdict_on(sale, one, held_before={sale.trade_id: Decimal(500)}).reason is Reason.LEADER_EXITED


def test_a_late_feed_stops_entries_and_lets_exits_through(a_trade: Any, a_judge: Any, verdict_on: Any, leader: str) -> None:
    sale = a_trade(side=Side.SELL)
    assert verdict_on(a_trade(), late=LATE).reason is Reason.FEED_LATE
    late_exit = verdict_on(sale, a_judge(portfolio=owning(leader)), late=LATE, held_before={sale.trade_id: Decimal(500)})
    assert late_exit.verdict is Verdict.COPY


# The seven steps.


@pytest.fixture
def owrr_verdict(a_trade: Any, a_market: Any, a_consensus: Any, a_judge: Any, verdict_on: Any) -> Any:
    """The OWRR strategy's Signal on a plain buy, with the market, consensus and policy changed."""

    def ask(
        market: dict[str, Any] | None = None,
        consensus: dict[str, Any] | None = None,
        policy: dict[str, Any] | None = None,
        outcome: str = "Yes",
        **more: Any,
    ) -> Any:
        one = a_judge(policy={"sizing": {"kind": "conviction"}} | (policy or {}), kind=Kind.OWRR, **more)
        agreed = {("yes", "cluster"): a_consensus(**(consensus or {}))}
        return verdict_on(a_trade(outcome=outcome), one, instruments={"yes": a_market(**(market or {}))}, consensus=agreed)

    return ask


def test_a_consensus_in_favour_is_copied_by_its_strength(owrr_verdict: Any) -> None:
    """10,000 x 2 % x 0.44 = 88."""
    signal = owrr_verdict()
    assert (signal.reason, signal.notional) == (Reason.CONSENSUS_FAVOURS, 88)
    assert (signal.owrr, signal.qualified_for, signal.confidence, signal.consensus_age_s) == (0.72, 10, Confidence.HIGH, 60.0)


@pytest.mark.parametrize(
    ("category", "tracked", "reason"),
    [
        ("politics", (), Reason.CONSENSUS_FAVOURS),
        ("politics", ("politics",), Reason.CONSENSUS_FAVOURS),
        ("politics", ("sports",), Reason.CATEGORY_NOT_TRACKED),
        ("", (), Reason.CATEGORY_NOT_TRACKED),  # the origin let a market without a category pass
    ],
)
def test_step_1_the_category_is_tracked(owrr_verdict: Any, category: str, tracked: tuple[str, ...], reason: Reason) -> None:
    assert owrr_verdict(market={"category": category}, policy={"owrr": {"categories": tracked}}).reason is reason


@pytest.mark.parametrize(
    ("outcome", "owrr", "reason"),
    [
        ("Yes", 0.6, Reason.CONSENSUS_BELOW_THRESHOLD),  # strictly above
        ("Yes", 0.6000001, Reason.CONSENSUS_FAVOURS),
        ("Yes", 0.595, Reason.CONSENSUS_BELOW_THRESHOLD),  # shown as 60; the origin compared what is shown
        ("No", 1 - 0.4, Reason.CONSENSUS_BELOW_THRESHOLD),  # the consensus of a NO token is that of NO
        ("No", 0.6000001, Reason.CONSENSUS_FAVOURS),
        ("Team A", 0.6000001, Reason.CONSENSUS_FAVOURS),  # any other outcome is its own YES
        ("Team A", 0.6, Reason.CONSENSUS_BELOW_THRESHOLD),
    ],
)
def test_step_2_the_consensus_is_past_the_threshold(owrr_verdict: Any, outcome: str, owrr: float, reason: Reason) -> None:
    assert owrr_verdict(outcome=outcome, consensus={"owrr": owrr}).reason is reason


@pytest.mark.parametrize("percent", range(50, 101))
def test_step_2_is_exact_at_every_whole_threshold(owrr_verdict: Any, percent: int) -> None:
    """100 x 0.55 is 55.00000000000001: an OWRR of exactly 0.55 once passed a threshold of 55, which it has to be above."""
    assert (
        owrr_verdict(consensus={"owrr": percent / 100}, policy={"owrr": {"yes_above": percent}}).reason is Reason.CONSENSUS_BELOW_THRESHOLD
    )
    against_no = {"owrr": {"no_below": 100 - percent}}
    assert owrr_verdict(outcome="No", consensus={"owrr": percent / 100}, policy=against_no).reason is Reason.CONSENSUS_BELOW_THRESHOLD


@pytest.mark.parametrize(
    ("outcome", "owrr", "reason"),
    [("No", 0.70, Reason.CONSENSUS_BELOW_THRESHOLD), ("No", 0.71, Reason.CONSENSUS_FAVOURS), ("Yes", 0.61, Reason.CONSENSUS_FAVOURS)],
)
def test_each_side_has_its_own_threshold(owrr_verdict: Any, outcome: str, owrr: float, reason: Reason) -> None:
    """NO is copied when YES is below 30, which is NO above 70."""
    policy = {"owrr": {"yes_above": 60, "no_below": 30}}
    assert owrr_verdict(outcome=outcome, consensus={"owrr": owrr}, policy=policy).reason is reason


@pytest.mark.parametrize(
    ("minimum", "confidence", "reason"),
    [
        ("medium", Confidence.MEDIUM, Reason.CONSENSUS_FAVOURS),
        ("medium", Confidence.LOW, Reason.CONFIDENCE_TOO_LOW),
        ("high", Confidence.HIGH, Reason.CONSENSUS_FAVOURS),
        ("high", Confidence.MEDIUM, Reason.CONFIDENCE_TOO_LOW),
        ("low", Confidence.LOW, Reason.CONSENSUS_FAVOURS),
        ("low", Confidence.INSUFFICIENT, Reason.CONSENSUS_INSUFFICIENT),
        ("insufficient", Confidence.INSUFFICIENT, Reason.CONSENSUS_INSUFFICIENT),  # never copied
    ],
)
def test_step_3_enough_holders_stand_behind_it(owrr_verdict: Any, minimum: str, confidence: Confidence, reason: Reason) -> None:
    assert owrr_verdict(consensus={"confidence": confidence}, policy={"owrr": {"min_confidence": minimum}}).reason is reason


@pytest.mark.parametrize(
    ("age_s", "reason"), [(1800, Reason.CONSENSUS_FAVOURS), (1801, Reason.CONSENSUS_STALE), (-1, Reason.CONSENSUS_STALE)]
)
def test_a_consensus_speaks_for_half_an_hour(owrr_verdict: Any, as_of: datetime, age_s: int, reason: Reason) -> None:
    """Holders could not be had for a night, and in the morning the last evening's agreement still bought. Nor does what is yet to come."""
    signal = owrr_verdict(consensus={"computed_at": as_of - timedelta(seconds=age_s)})
    assert (signal.reason, signal.consensus_age_s) == (reason, max(0, age_s))


@pytest.mark.parametrize("kind", ["kelly", "conviction"])
def test_a_stale_consensus_sizes_nothing_either(
    a_trade: Any, a_consensus: Any, a_judge: Any, verdict_on: Any, as_of: Any, kind: str
) -> None:
    """A mirror asks no consensus whether, only how much: 0.72 of yesterday is no chance of today."""
    old = {("yes", "cluster"): a_consensus(computed_at=as_of - timedelta(seconds=1801))}
    mirror = a_judge(policy={"sizing": {"kind": kind, "floor": 1}})
    assert verdict_on(a_trade(), mirror, consensus=old).reason is Reason.SIZE_BELOW_MINIMUM


def test_no_consensus_is_no_copy(a_trade: Any, a_judge: Any, verdict_on: Any) -> None:
    assert verdict_on(a_trade(), a_judge(kind=Kind.OWRR)).reason is Reason.CONSENSUS_INSUFFICIENT


def test_the_consensus_of_the_strategys_own_voters_counts(a_trade: Any, a_consensus: Any, a_judge: Any, verdict_on: Any) -> None:
    found = {("yes", "cluster"): a_consensus(owrr=0.4), ("yes", "wallet"): a_consensus(owrr=0.9, votes_by="wallet")}
    by_cluster, by_wallet = (a_judge(policy={"owrr": {"votes_by": voter}}, kind=Kind.OWRR) for voter in ("cluster", "wallet"))
    assert verdict_on(a_trade(), by_cluster, consensus=found).reason is Reason.CONSENSUS_BELOW_THRESHOLD
    assert verdict_on(a_trade(), by_wallet, consensus=found).owrr == 0.9


@pytest.mark.parametrize(("held", "reason"), [(9, Reason.CONSENSUS_FAVOURS), (10, Reason.MAX_POSITIONS_REACHED)])
def test_step_4_there_is_a_place_left(owrr_verdict: Any, held: int, reason: Reason) -> None:
    holdings = {(f"leader {number}", f"token {number}"): Holding("other", Decimal(1), Decimal(1)) for number in range(held)}
    assert owrr_verdict(portfolio=Portfolio(TEN_THOUSAND, TEN_THOUSAND, holdings)).reason is reason


@pytest.mark.parametrize(("cash", "reason"), [("10", Reason.CONSENSUS_FAVOURS), ("9.99", Reason.CAPITAL_TOO_LOW)])
def test_step_5_there_is_money_for_the_smallest_position(owrr_verdict: Any, cash: str, reason: Reason) -> None:
    assert owrr_verdict(portfolio=Portfolio(TEN_THOUSAND, Decimal(cash))).reason is reason


@pytest.mark.parametrize(("cash", "reason"), [("10.70", Reason.CONSENSUS_FAVOURS), ("10.69", Reason.CAPITAL_TOO_LOW)])
def test_step_5_counts_the_fee(owrr_verdict: Any, cash: str, reason: Reason) -> None:
    """10 USD and 7 % of it."""
    assert owrr_verdict(market={"fee_rate": Decimal("0.07")}, portfolio=Portfolio(TEN_THOUSAND, Decimal(cash))).reason is reason


@pytest.mark.parametrize(("owrr", "reason"), [(0.625, Reason.CONSENSUS_FAVOURS), (0.6249, Reason.SIZE_BELOW_MINIMUM)])
def test_step_7_a_size_below_the_minimum_is_not_worth_its_fee(owrr_verdict: Any, owrr: float, reason: Reason) -> None:
    """2,000 x 2 % x 0.25 = 10.00 USD."""
    assert owrr_verdict(consensus={"owrr": owrr}, portfolio=Portfolio(Decimal(2_000), Decimal(2_000))).reason is reason


def test_a_minimum_of_nothing_still_makes_no_order_of_nothing(owrr_verdict: Any) -> None:
    signal = owrr_verdict(policy={"sizing": {"kind": "conviction", "min_notional": 0}}, portfolio=Portfolio(Decimal(0), Decimal(0)))
    assert (signal.verdict, signal.reason, signal.notional) == (Verdict.SKIP, Reason.SIZE_BELOW_MINIMUM, 0)


@pytest.mark.parametrize("kind", ["kelly", "conviction"])
def test_too_few_holders_are_no_even_chance(a_trade: Any, a_consensus: Any, a_judge: Any, verdict_on: Any, kind: str) -> None:
    """The neutral 0.5 of an insufficient consensus once read as a chance of one half: at 0.40 Kelly put 416 USD on not knowing."""
    unknown = {("yes", "cluster"): a_consensus(owrr=0.5, confidence=Confidence.INSUFFICIENT)}
    mirror = a_judge(policy={"sizing": {"kind": kind, "floor": 1}})
    assert verdict_on(a_trade(), mirror, consensus=unknown).reason is Reason.SIZE_BELOW_MINIMUM


# Exposure.


@pytest.mark.parametrize(
    ("cost", "reason", "notional"),
    [(4_960, Reason.LEADER_TRADED, 40), (4_990, Reason.LEADER_TRADED, 10), (4_991, Reason.EXPOSURE_REACHED, 0)],
)
def test_a_copy_takes_the_room_that_is_left_or_none(
    a_trade: Any, a_judge: Any, verdict_on: Any, leader: str, cost: int, reason: Reason, notional: int
) -> None:
    """Half of 10,000 may stand behind one leader, and a copy is at least 10."""
    signal = verdict_on(a_trade(), a_judge(portfolio=owning(leader, "other", cost, 5_000)))
    assert (signal.reason, signal.notional) == (reason, notional)


def test_two_wallets_of_one_owner_are_one_counterparty(a_trade: Any, a_judge: Any, verdict_on: Any) -> None:
    one = a_judge(portfolio=owning(OTHER, "other", 4_995, 5_000))
    trade = a_trade()
    assert verdict_on(trade, one).reason is Reason.LEADER_TRADED
    assert verdict_on(trade, one, owners={OTHER: "owner", trade.wallet: "owner"}).reason is Reason.EXPOSURE_REACHED


# Exits.


@pytest.mark.parametrize(
    ("sold", "held_before", "fraction"), [(250, 500, "0.5"), (250, 250, "1"), (250, 100, "1"), (250, 750, "0.3333333333")]
)
def test_we_leave_by_the_part_the_leader_leaves(
    a_trade: Any, a_judge: Any, verdict_on: Any, leader: str, sold: int, held_before: int, fraction: str
) -> None:
    sale = a_trade(side=Side.SELL, shares=Decimal(sold))
    signal = verdict_on(sale, a_judge(portfolio=owning(leader)), held_before={sale.trade_id: Decimal(held_before)})
    assert (signal.verdict, signal.reason, signal.exit_fraction) == (Verdict.COPY, Reason.LEADER_EXITED, Decimal(fraction))
    assert signal.notional == 0


def test_nothing_held_is_nothing_sold_and_says_so(a_trade: Any, verdict_on: Any) -> None:
    signal = verdict_on(a_trade(side=Side.SELL))
    assert (signal.verdict, signal.reason) == (Verdict.SKIP, Reason.NOTHING_HELD)


def test_what_we_hold_after_another_leader_stays(a_trade: Any, a_judge: Any, verdict_on: Any) -> None:
    assert verdict_on(a_trade(side=Side.SELL), a_judge(portfolio=owning(OTHER))).reason is Reason.NOTHING_HELD


def test_a_leader_we_no_longer_follow_still_takes_us_out(a_trade: Any, a_market: Any, a_judge: Any, as_of: datetime, leader: str) -> None:
    sale, more = a_trade("sale", side=Side.SELL), a_trade("more")
    one = a_judge(leaders=frozenset(), portfolio=owning(leader))
    found = judge([sale, more], [one], Evidence({"yes": a_market()}, held_before={sale.trade_id: Decimal(500)}), as_of)
    assert [(signal.trade_id, signal.reason) for signal in found.signals] == [(sale.trade_id, Reason.LEADER_EXITED)]


@pytest.mark.parametrize("known", [{}, {"sale": None}])
def test_an_exit_of_unknown_size_waits_for_the_next_cycle(
    a_trade: Any, a_market: Any, a_judge: Any, as_of: datetime, leader: str, known: dict[str, Any]
) -> None:
    sale = a_trade("sale", side=Side.SELL)
    held_before = {row_id(name): value for name, value in known.items()}
    found = judge([sale], [a_judge(portfolio=owning(leader))], Evidence({"yes": a_market()}, held_before=held_before), as_of)
    assert (found.signals, [one.trade_id for one in found.deferred]) == ([], [sale.trade_id])


def test_an_exit_waits_while_an_order_of_the_same_is_without_an_answer(
    a_trade: Any, a_market: Any, a_judge: Any, as_of: datetime, leader: str
) -> None:
    sale = a_trade(side=Side.SELL)
    portfolio = replace(owning(leader), awaited=frozenset({(leader, "yes")}))
    found = judge([sale], [a_judge(portfolio=portfolio)], Evidence({"yes": a_market()}, held_before={sale.trade_id: Decimal(500)}), as_of)
    assert (found.signals, [one.trade_id for one in found.deferred]) == ([], [sale.trade_id])


def test_a_leader_in_and_out_within_one_cycle_is_followed_in_and_its_exit_waits_for_the_fill(
    a_trade: Any, a_market: Any, a_judge: Any, as_of: datetime
) -> None:
    bought, sold = a_trade("in"), a_trade("out", side=Side.SELL, traded_at=as_of - timedelta(seconds=5))
    found = judge([sold, bought], [a_judge()], Evidence({"yes": a_market()}, held_before={sold.trade_id: Decimal(250)}), as_of)
    assert [signal.trade_id for signal in found.signals] == [bought.trade_id]
    assert [(one.trade_id, one.waits_for, one.bought_after) for one in found.deferred] == [(sold.trade_id, Awaited.ORDER, 0)]


def test_two_sales_of_one_look_are_one_exit(a_trade: Any, a_market: Any, a_judge: Any, as_of: datetime, leader: str) -> None:
    """250 of 1,000, then 250 of 750: half."""
    sales = [a_trade(name, side=Side.SELL, traded_at=as_of - timedelta(seconds=age)) for name, age in (("first", 9), ("second", 8))]
    held = {sales[0].trade_id: Decimal(1000), sales[1].trade_id: Decimal(750)}
    found = judge(sales, [a_judge(portfolio=owning(leader))], Evidence({"yes": a_market()}, held_before=held), as_of)
    assert [(signal.reason, signal.exit_fraction, signal.fills) for signal in found.signals] == [(Reason.LEADER_EXITED, Decimal("0.5"), 2)]
    assert [one.trade_id for one in found.judged] == [sale.trade_id for sale in sales]


# The fold.


def test_a_trade_that_was_judged_is_not_judged_again(a_trade: Any, a_market: Any, a_judge: Any, as_of: datetime) -> None:
    seen, new = a_trade("seen"), a_trade("new", token_id="no")
    evidence = Evidence({"yes": a_market(), "no": a_market(token_id="no")})
    found = judge([seen, new], [a_judge(judged=frozenset({seen.trade_id}))], evidence, as_of)
    assert [signal.trade_id for signal in found.signals] == [new.trade_id]


def test_a_trade_that_was_read_twice_is_judged_once(a_trade: Any, a_market: Any, a_judge: Any, as_of: datetime, leader: str) -> None:
    """Readings overlap. A sale of half, read twice, once sold three quarters of ours."""
    sale = a_trade(side=Side.SELL)
    evidence = Evidence({"yes": a_market()}, held_before={sale.trade_id: Decimal(500)})
    found = judge([sale, sale], [a_judge(portfolio=owning(leader))], evidence, as_of)
    assert [signal.exit_fraction for signal in found.signals] == [Decimal("0.5")]


def test_two_trades_of_the_same_token_in_a_cycle_are_one_copy(a_trade: Any, a_market: Any, a_judge: Any, as_of: datetime) -> None:
    found = judge([a_trade("one"), a_trade("two")], [a_judge()], Evidence({"yes": a_market()}), as_of)
    assert [(signal.reason, signal.fills) for signal in found.signals] == [(Reason.LEADER_TRADED, 2)]


def test_the_tenth_place_is_given_once_in_a_cycle(a_trade: Any, a_market: Any, a_judge: Any, as_of: datetime) -> None:
    """The origin counted positions before the loop: eleven trades at once became eleven positions."""
    tokens = [f"token {number}" for number in range(11)]
    trades = [a_trade(token, token_id=token, wallet=f"wallet {token}") for token in tokens]
    one = a_judge(leaders=frozenset(trade.wallet for trade in trades))
    found = judge(trades, [one], Evidence({token: a_market(token_id=token) for token in tokens}), as_of)
    assert [signal.reason for signal in found.signals] == [Reason.LEADER_TRADED] * 10 + [Reason.MAX_POSITIONS_REACHED]


def test_two_copies_leave_the_fees_of_both_in_the_purse(a_trade: Any, a_market: Any, a_judge: Any, as_of: datetime) -> None:
    """100 USD, fee 7 %: 50 + 3.50 leave 46.50, which buys 43.45 (x 1.07 = 46.4915). Once it bought 46.72, and 103.49 was spent of 100."""
    policy = {"risk": {"max_token_fraction": 1, "max_leader_fraction": 1}}
    sizing = {"sizing": {"kind": "fixed", "amount": 50}}
    one = a_judge(policy=policy | sizing, portfolio=Portfolio(Decimal(100), Decimal(100)))
    fee = {"fee_rate": Decimal("0.07")}
    evidence = Evidence({token: a_market(token_id=token, **fee) for token in ("yes", "no")})
    later = a_trade("later", token_id="no", traded_at=as_of - timedelta(seconds=1))
    found = judge([a_trade(), later], [one], evidence, as_of)
    assert [signal.notional for signal in found.signals] == [50, Decimal("43.45")]


TOKENS = [f"token {number}" for number in range(6)]
WALLETS = ["0x" + digit * 40 for digit in "abcd"]
USD = st.decimals("0.01", 20_000, places=2)
SIZINGS = st.one_of(
    st.fixed_dictionaries({"kind": st.just("fixed"), "amount": USD, "max_notional": USD, "min_notional": st.decimals(0, 20, places=2)}),
    st.fixed_dictionaries({"kind": st.just("percentage"), "percent": st.integers(1, 200), "max_notional": USD}),
    st.fixed_dictionaries({"kind": st.just("conviction"), "risk_fraction": st.decimals("0.01", 1, places=2), "max_notional": USD}),
    st.fixed_dictionaries({"kind": st.just("kelly"), "kelly_fraction": st.decimals("0.01", 1, places=2), "max_notional": USD}),
)
RISKS = st.fixed_dictionaries(
    {
        "max_positions": st.integers(1, 20),
        "max_positions_per_leader": st.integers(1, 6),
        "max_leader_fraction": st.decimals("0.01", 1, places=2),
        "max_token_fraction": st.decimals("0.01", 1, places=2),
        "max_position_notional": st.integers(1, 10_000),
        "max_exposure": st.integers(1, 100_000),
        "scale_in": st.booleans(),
    }
)


@st.composite
def cycles(draw: st.DrawFn) -> dict[str, Any]:
    """Trades of a few wallets in a few tokens, as a cycle may meet them."""
    trade = st.fixed_dictionaries(
        {
            "wallet": st.sampled_from(WALLETS),
            "token_id": st.sampled_from(TOKENS),
            "side": st.sampled_from(Side),
            "price": st.decimals(0, 1, places=2),
            "shares": USD,
            "notional": st.decimals(0, 2_000_000, places=2),
            "age_s": st.integers(-10, 100),
        }
    )
    return {
        "trades": draw(st.lists(trade, max_size=12)),
        "sizing": draw(SIZINGS),
        "risk": draw(RISKS),
        "cash": draw(USD),
        "fee_rate": draw(st.sampled_from([Decimal(0), Decimal("0.07"), Decimal("0.3")])),
        "owrr": draw(st.floats(0, 1)),
        "kind": draw(st.sampled_from([Kind.MIRROR, Kind.OWRR])),
        "held": draw(st.dictionaries(st.tuples(st.sampled_from(WALLETS), st.sampled_from(TOKENS)), USD, max_size=3)),
        "one_owner": draw(st.booleans()),
    }


@pytest.fixture(scope="session")
def staged(a_trade: Any, a_market: Any, a_consensus: Any, a_judge: Any, as_of: datetime) -> Any:
    """A drawn cycle as trades, a judge and evidence."""

    def build(cycle: dict[str, Any]) -> tuple[list[Any], Judge, Evidence]:
        trades = []
        for number, drawn in enumerate(cycle["trades"]):
            fields = {name: value for name, value in drawn.items() if name != "age_s"}
            trades.append(a_trade(f"trade {number}", traded_at=as_of - timedelta(seconds=drawn["age_s"]), **fields))
        instruments: dict[str, Instrument] = {token: a_market(token_id=token, fee_rate=cycle["fee_rate"]) for token in TOKENS}
        evidence = Evidence(
            instruments=instruments,
            consensus={(token, "cluster"): a_consensus(token_id=token, owrr=cycle["owrr"]) for token in TOKENS},
            held_before={trade.trade_id: trade.shares * 2 for trade in trades},
            owners=dict.fromkeys(WALLETS, "owner") if cycle["one_owner"] else {},
        )
        held = {key: Holding("market", Decimal(100), cost) for key, cost in cycle["held"].items()}
        bound = sum(cycle["held"].values(), Decimal(0))
        portfolio = Portfolio(cycle["cash"] + bound, cycle["cash"], held)
        policy = {"sizing": cycle["sizing"], "risk": cycle["risk"]}
        return trades, a_judge(policy=policy, kind=cycle["kind"], leaders=frozenset(WALLETS), portfolio=portfolio), evidence

    return build


@given(cycle=cycles())
@settings(max_examples=150)
def test_a_cycle_never_spends_more_than_its_cash_nor_passes_a_cap(staged: Any, as_of: datetime, cycle: dict[str, Any]) -> None:
    trades, one, evidence = staged(cycle)
    risk, sizing = one.policy.risk, one.policy.sizing
    owners = dict(evidence.owners)
    cost = {key: holding.cost for key, holding in one.portfolio.holdings.items()}
    spent = Decimal(0)
    for signal in judge(trades, [one], evidence, as_of).signals:
        if signal.notional == 0:
            continue
        assert signal.verdict is Verdict.COPY
        assert sizing.min_notional <= signal.notional <= sizing.max_notional
        key, most = (signal.leader, signal.token_id), signal.notional * (1 + cycle["fee_rate"])
        assert risk.scale_in or key not in cost
        cost[key] = cost.get(key, Decimal(0)) + most
        spent += most
        owner = owners.get(signal.leader, signal.leader)
        behind = [key for key in cost if owners.get(key[0], key[0]) == owner]
        assert spent <= cycle["cash"]
        assert cost[key] <= risk.max_position_notional
        assert sum(cost.values()) <= risk.max_exposure
        assert sum(cost[key] for key in cost if key[1] == signal.token_id) <= one.portfolio.balance * risk.max_token_fraction
        assert sum(cost[key] for key in behind) <= one.portfolio.balance * risk.max_leader_fraction
        if key not in one.portfolio.holdings:
            assert len(cost) <= risk.max_positions
            assert len(behind) <= risk.max_positions_per_leader


@given(cycle=cycles(), random=st.randoms(use_true_random=False))
@settings(max_examples=60)
def test_the_same_trades_in_any_order_and_any_number_of_times_are_the_same_signals(
    staged: Any, as_of: datetime, cycle: dict[str, Any], random: Any
) -> None:
    trades, one, evidence = staged(cycle)
    first = judge(trades, [one], evidence, as_of)
    again = [*trades, *trades[:3]]
    random.shuffle(again)
    assert judge(again, [one], evidence, as_of) == first


@given(cycle=cycles())
@settings(max_examples=60)
def test_every_trade_gets_one_verdict_or_waits_and_the_judged_get_none(staged: Any, as_of: datetime, cycle: dict[str, Any]) -> None:
    trades, one, evidence = staged(cycle)
    found = judge(trades, [one], evidence, as_of)
    named = [trade.trade_id for trade in found.judged] + [trade.trade_id for trade in found.deferred]
    assert sorted(named) == sorted(trade.trade_id for trade in trades)
    assert all((signal.verdict is Verdict.COPY) == (signal.notional > 0 or signal.exit_fraction > 0) for signal in found.signals)
    assert all(signal.notional == 0 or signal.side is Side.BUY for signal in found.signals)
    assert all(signal.exit_fraction == 0 or signal.side is Side.SELL for signal in found.signals)
    judged = frozenset(signal.trade_id for signal in found.signals)
    again = judge(trades, [replace(one, judged=judged)], evidence, as_of)  # an exit that waited may have its verdict now
    assert not {signal.trade_id for signal in again.signals} & judged


@given(cycle=cycles(), judged=st.sets(st.integers(0, 11)), followed=st.integers(0, len(WALLETS)))
@settings(max_examples=60)
def test_the_trades_that_no_strategy_waits_for_change_no_verdict(
    staged: Any, as_of: datetime, cycle: dict[str, Any], judged: set[int], followed: int
) -> None:
    trades, one, evidence = staged(cycle)
    some = replace(one, leaders=frozenset(WALLETS[:followed]), judged=frozenset(f"trade {number}" for number in judged))
    judges = [some, replace(some, strategy_id="another", leaders=frozenset(WALLETS[1:2]))]
    new = unjudged(trades, judges)
    assert judge(new, judges, evidence, as_of) == judge(trades, judges, evidence, as_of)
    assert {trade.trade_id for trade in new}.isdisjoint(some.judged)
