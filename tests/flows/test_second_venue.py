"""A second venue goes through the very same cycle: judged, ordered, filled, booked and left, exact to the lamport."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import ROUND_DOWN, ROUND_HALF_EVEN, Decimal
from typing import Any, ClassVar, Self

import pytest

from adapters import connect
from adapters.connect import Place, open_history, open_results
from adapters.venues.simulated import SimulatedVenue
from data_contracts import (
    AccountLimits,
    AccountState,
    Alert,
    Currency,
    Fill,
    Kind,
    Mark,
    Order,
    OrderStatus,
    Period,
    Position,
    Rate,
    Reason,
    Settlement,
    Severity,
    Side,
    Signal,
    SignalScore,
    Trade,
    TradingState,
    Venue,
    Verdict,
    Watermark,
)
from data_contracts.frames import frame_of
from domain.copying.kinds.kind import Conviction, DecisionKind, Entry
from domain.copying.kinds.kinds import KINDS
from domain.copying.policy import ExitPolicy, FirewallPolicy, Policy, RiskPolicy, ScorePolicy, SizingPolicy, TakeProfit
from domain.copying.risk import rules
from domain.copying.risk.rule import Figures, Rule
from domain.operating.reports.span import span_of
from tasks.copying.instruments import instruments_of
from tasks.copying.marks import marked_frame
from tasks.copying.observing import observe_trades
from tasks.operating.reports import as_figures, make_report
from tasks.steps import bare_steps
from tests.ledger_rows import a_leader, a_profile
from tests.second_venue import FEE, SecondFeed, quoted
from tests.token_rows import a_look, a_token

T0 = datetime.fromisoformat("2022-11-08T12:00:00+00:00")
LEADER, OTHER = "7xKXtg2CW87d97TXJSDpbD5jBkheTqA83TZRuJosgAsU", "0x" + "b" * 40
GOLD, DUST = "GoLDdear1111111111111111111111111111111111", "DUSTtiny1111111111111111111111111111111111"
LAMPORT = Decimal("1e-9")
# 1 % of the leader's SOL, half a SOL at least and 50 at most.
PERCENT = Policy(
    firewall=FirewallPolicy(max_age_s=60),
    sizing=SizingPolicy(kind="percentage", percent=Decimal(1), min_notional=Decimal("0.5"), max_notional=Decimal(50)),
    risk=RiskPolicy(max_positions=20, max_positions_per_leader=20),
)


@pytest.fixture
def second(monkeypatch: pytest.MonkeyPatch) -> SecondFeed:
    feed = SecondFeed(T0)
    place = Place(lambda settings: feed, lambda settings: SimulatedVenue(feed), lambda settings: feed)
    monkeypatch.setitem(connect.VENUES, Venue.SOLANA, place)
    return feed


@pytest.fixture
def home(second: SecondFeed, tape: Any, before_tape: Callable[[Any], Any], mirror: Policy) -> Any:
    """1,000 SOL follow LEADER at the second venue, and 10,000 USD follow OTHER at Polymarket."""
    tape.trade(0, OTHER, "BUY", "1000", "0.40")
    tape.trade(60, OTHER, "SELL", "1000", "0.50")
    home = before_tape(tape)
    home.follow([OTHER], mirror, "dollars")
    follow(home, PERCENT)
    return home


def follow(home: Any, policy: Policy, kind: str = "mirror") -> None:
    own = replace(home.strategy("sols", kind, policy), venue=Venue.SOLANA, stake_currency=Currency.SOL, balance=Decimal(1000))
    home.put(own, a_leader(T0, LEADER, "sols"))


def only(rows: list[Any]) -> Any:
    assert len(rows) == 1, rows
    return rows[0]


def lamports(sol: Decimal) -> Decimal:
    return sol.quantize(LAMPORT, ROUND_HALF_EVEN)


def show(second: SecondFeed, token_id: str, bid: str, ask: str, tokens: str) -> None:
    """Quotes for one amount, either way."""
    second.bids[token_id] = quoted((tokens, str(Decimal(tokens) * Decimal(bid))))
    second.asks[token_id] = quoted((tokens, str(Decimal(tokens) * Decimal(ask))))


def bought_gold(second: SecondFeed, home: Any) -> None:
    """The leader spends 10 x 172.5 = 1,725 SOL; 1 % are 17.25. At the limit of 172.5 x 1.05 = 181.125 that is 0.095238095 tokens."""
    second.trade(0, LEADER, "BUY", "10", "172.5", GOLD)
    second.asks[GOLD] = quoted(("0.05", "8.625"), ("5.05", "883.625"))  # 0.05 at 172.5, then 5 at 175
    second.bids[GOLD] = quoted(("1", "172"))
    home.cycle(10)


def test_a_buy_is_copied_with_a_stake_in_sol_level_by_level(second: SecondFeed, home: Any) -> None:
    """0.05 x 172.5 = 8.625 SOL; 0.045238095 x 175 = 7.916666625 SOL. A fee of 0.25 %: 0.0215625 and 0.019791667."""
    bought_gold(second, home)
    order, fills = only(home.rows(Order, strategy_id="sols")), home.rows(Fill, strategy_id="sols")
    assert (order.venue, order.status, order.limit_price, order.shares) == (
        Venue.SOLANA,
        OrderStatus.FILLED,
        Decimal("181.125"),
        Decimal("0.095238095"),
    )
    assert sorted((fill.price, fill.shares, fill.notional, fill.fee) for fill in fills) == [
        (Decimal("172.5"), Decimal("0.05"), Decimal("8.625"), Decimal("0.0215625").quantize(LAMPORT)),
        (Decimal(175), Decimal("0.045238095"), Decimal("7.916666625"), Decimal("0.019791667")),
    ]
    position = only(home.rows(Position, strategy_id="sols"))
    assert position.cost == Decimal("8.625") + Decimal("7.916666625") + Decimal("0.0215625") + Decimal("0.019791667")


def test_both_venues_are_copied_in_one_cycle_each_with_its_own_watermark(second: SecondFeed, home: Any) -> None:
    bought_gold(second, home)
    assert {(row.strategy_id, row.venue, row.verdict) for row in home.rows(Signal)} == {
        ("sols", Venue.SOLANA, Verdict.COPY),
        ("dollars", Venue.POLYMARKET, Verdict.COPY),
    }
    names = {row.name for row in home.rows(Watermark)}
    assert "trades:second venue" in names
    assert len([name for name in names if name.startswith("trades:")]) == 2
    assert only(home.rows(Fill, strategy_id="dollars")).notional == Decimal("38.092")  # as without the other venue


def test_the_leaders_exit_takes_us_out_of_the_same_part(second: SecondFeed, home: Any) -> None:
    """It sells 4 of 10: we sell 0.4 x 0.095238095 = 0.038095238 at 180: 6.85714284 SOL, a fee of 0.017142857.

    All of it is of the first lot, 0.05 that cost 8.6465625 SOL with its fee: 8.6465625 x 0.76190476 = 6.587857126 SOL, to the lamport.
    """
    bought_gold(second, home)
    second.trade(40, LEADER, "SELL", "4", "180", GOLD)
    show(second, GOLD, "180", "181", "10")
    home.cycle(50)
    sold = only(home.rows(Fill, strategy_id="sols", side=Side.SELL))
    assert (sold.price, sold.shares, sold.notional, sold.fee) == (
        Decimal(180),
        Decimal("0.038095238"),
        Decimal("6.85714284"),
        Decimal("0.017142857"),
    )
    gone = lamports(Decimal("8.6465625") * Decimal("0.038095238") / Decimal("0.05"))
    assert gone == Decimal("6.587857126")
    assert only(home.rows(Position, strategy_id="sols")).realized_pnl == Decimal("6.85714284") - Decimal("0.017142857") - gone


def test_a_stop_takes_us_out_when_quotes_say_that_half_is_lost(second: SecondFeed, home: Any) -> None:
    """A token cost 16.583020792 / 0.095238095 = 174.12 SOL: its stop is at 87.06. 85 bid and 86 asked say 85.5.

    The second look believes it, and all of it goes at 85: 8.095238075 SOL, a fee of 0.020238095.
    Nothing is left, and nothing is settled: a mint does not resolve.
    """
    bought_gold(second, home)
    show(second, GOLD, "172", "173", "10")
    home.cycle(40)
    show(second, GOLD, "85", "86", "10")
    home.cycle(70)
    assert home.rows(Fill, strategy_id="sols", side=Side.SELL) == []  # one look is no evidence
    home.cycle(100)
    sold = only(home.rows(Fill, strategy_id="sols", side=Side.SELL))
    assert (sold.price, sold.notional, sold.fee) == (Decimal(85), Decimal("8.095238075"), Decimal("0.020238095"))
    position = only(home.rows(Position, strategy_id="sols"))
    assert (position.shares, position.exit_reason) == (0, Reason.STOP_LOSS)
    assert position.realized_pnl == Decimal("8.095238075") - Decimal("0.020238095") - Decimal("16.583020792")
    assert home.rows(Settlement, strategy_id="sols") == []


def test_what_is_not_realized_is_shown_to_the_lamport(second: SecondFeed, home: Any) -> None:
    """0.095238095 x 173 = 16.476190435 SOL, and they cost 16.583020792: millionths lost 357 lamports of it."""
    bought_gold(second, home)
    show(second, GOLD, "172", "174", "10")
    home.cycle(40)
    results = open_results(home.settings)
    shown = marked_frame(results.read(Position, strategy_id="sols"), results.read(Mark))
    assert shown["unrealized_pnl"].to_list() == [Decimal("-0.106830357")]


def test_a_price_of_a_billionth_of_a_sol_is_bought_and_sold_to_the_lamport(second: SecondFeed, home: Any) -> None:
    """5e12 tokens at 1.23456e-9 are 6,172.8 SOL: 1 % is more than 50, the most. 50 / (1.23456e-9 x 1.05) = 38571675430.151324397 tokens.

    Bought at 1.23456e-9 and sold at 1.3e-9, all of it.
    """
    second.trade(0, LEADER, "BUY", "5000000000000", "1.23456e-9", DUST)
    show(second, DUST, "1.22e-9", "1.23456e-9", "9000000000000")
    home.cycle(10)
    second.trade(40, LEADER, "SELL", "5000000000000", "1.3e-9", DUST)
    show(second, DUST, "1.3e-9", "1.31e-9", "9000000000000")
    home.cycle(50)
    bought, sold = (only(home.rows(Fill, strategy_id="sols", side=side)) for side in (Side.BUY, Side.SELL))
    shares = Decimal("38571675430.151324397")
    assert (bought.price, bought.shares, sold.price, sold.shares) == (Decimal("1.23456e-9"), shares, Decimal("1.3e-9"), shares)
    spent, brought = lamports(shares * Decimal("1.23456e-9")), lamports(shares * Decimal("1.3e-9"))
    assert (bought.notional, sold.notional) == (spent, brought) == (Decimal("47.619047619"), Decimal("50.143178059"))
    position = only(home.rows(Position, strategy_id="sols"))
    assert (position.shares, position.realized_pnl) == (0, brought - sold.fee - spent - bought.fee)


def test_a_profit_is_taken_at_a_price_no_share_of_polymarket_could_have(second: SecondFeed, home: Any) -> None:
    """A token cost 174.12 SOL with its fee; at half more, 261.18, half of 0.095238095 is sold, in whole units of a billionth."""
    ladder = PERCENT.model_copy(update={"exits": ExitPolicy(take_profit=(TakeProfit(gain=Decimal("0.5"), part=Decimal("0.5")),))})
    follow(home, ladder)
    bought_gold(second, home)
    show(second, GOLD, "172", "173", "10")
    home.cycle(40)
    show(second, GOLD, "262", "263", "10")
    home.cycle(70)
    home.cycle(100)
    sold = only(home.rows(Fill, strategy_id="sols", side=Side.SELL))
    assert (sold.price, sold.shares) == (Decimal(262), Decimal("0.047619047"))


@pytest.mark.parametrize(("sold", "is_over"), [("0.095238094", True), ("0.095238093", False)])
def test_one_unit_of_a_mint_is_nothing_and_two_are_not(second: SecondFeed, home: Any, sold: str, is_over: bool) -> None:
    """Its increment is 1e-9: what the venue left of a sale of everything is written off, or stays."""
    bought_gold(second, home)
    second.bids[GOLD] = quoted((sold, str(Decimal(sold) * 180)))
    second.trade(40, LEADER, "SELL", "10", "180", GOLD)
    home.cycle(50)
    position = only(home.rows(Position, strategy_id="sols"))
    assert (position.closed_at is not None, position.shares) == (is_over, Decimal(0) if is_over else Decimal("2e-9"))


def test_a_venue_that_is_away_holds_up_no_exit_of_the_other(second: SecondFeed, home: Any) -> None:
    """Bought at both; then the second one does not answer, and the leader at Polymarket sells all of its 1,000."""
    bought_gold(second, home)
    second.is_away = True
    home.cycle(70)
    assert only(home.rows(Position, strategy_id="dollars")).exit_reason is Reason.LEADER_EXITED
    assert only(home.rows(Position, strategy_id="sols")).closed_at is None
    assert home.watermark("trades:second venue") == T0 + timedelta(seconds=10)  # what it did not tell is read when it is back


def test_what_a_venue_that_was_away_did_not_tell_is_judged_when_it_is_back(second: SecondFeed, home: Any) -> None:
    """Away for 10 minutes: a mark stays what it was, and the leader's sale is found and copied at once."""
    bought_gold(second, home)
    show(second, GOLD, "172", "173", "10")
    home.cycle(40)
    second.is_away = True
    second.trade(100, LEADER, "SELL", "10", "180", GOLD)
    for at_s in range(70, 671, 30):
        home.cycle(at_s)
    assert only(home.rows(Mark, token_id=GOLD)).price == Decimal("172.5")
    second.is_away = False
    home.cycle(700)
    position = only(home.rows(Position, strategy_id="sols"))
    assert (position.shares, position.exit_reason) == (0, Reason.LEADER_EXITED)


def why(home: Any, strategy_id: str) -> list[Reason]:
    return [signal.reason for signal in sorted(home.rows(Signal, strategy_id=strategy_id), key=lambda signal: signal.traded_at)]


def arrived(home: Any, *trades: Trade) -> None:
    """Stored by somebody else than a cycle: a gap that was filled, say."""
    rows = [replace(trade, seen_at=T0 + timedelta(seconds=30)) for trade in trades]
    open_history(home.settings).append(frame_of(rows, Trade), Trade)


def test_a_venue_that_is_unsafe_stands_still_alone_and_its_exits_go_on(second: SecondFeed, home: Any) -> None:
    """It was one line of a log, while its trades that were stored already went on being bought."""
    bought_gold(second, home)
    second.asks[DUST] = quoted(("1", "1"))
    arrived(home, second.trade(20, LEADER, "BUY", "10", "100", DUST), second.trade(21, LEADER, "SELL", "10", "172.5", GOLD))
    instruments_of({DUST: Venue.SOLANA}, home.settings, T0)
    second.unsafe = "it answers for another chain"
    home.cycle(40)
    assert why(home, "sols") == [Reason.LEADER_TRADED, Reason.VENUE_UNSAFE, Reason.LEADER_EXITED]
    assert why(home, "dollars") == [Reason.LEADER_TRADED]
    alert = only(home.rows(Alert))
    assert (alert.what, alert.about, alert.severity) == ("venue_unsafe", "solana", Severity.CRITICAL)
    assert second.unsafe in alert.message
    home.cycle(70)
    assert why(home, "dollars") == [Reason.LEADER_TRADED, Reason.LEADER_EXITED]


def test_what_is_stored_of_a_venue_that_is_away_is_not_bought(second: SecondFeed, home: Any) -> None:
    """Nobody knows how late it is: its silence passed for a feed that is on time."""
    second.asks[DUST] = quoted(("1", "1"))
    home.cycle(10)
    arrived(home, second.trade(20, LEADER, "BUY", "10", "100", DUST))
    instruments_of({DUST: Venue.SOLANA}, home.settings, T0)
    second.is_away = True
    home.cycle(40)
    assert why(home, "sols") == [Reason.FEED_LATE]


def test_a_venue_that_hangs_delays_no_trade_of_another(second: SecondFeed, home: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """They were read one after the other, each for as long as its client waits. Outside of a replay each has its time."""
    monkeypatch.setattr("tasks.copying.observing.PATIENCE_S", 0.2)
    second.holds.clear()
    seen = observe_trades.__wrapped__(home.settings, T0 + timedelta(seconds=10))  # type: ignore[attr-defined]
    second.holds.set()
    assert (seen.trades["venue"].to_list(), seen.away) == (["polymarket"], {Venue.SOLANA})
    assert seen.lags_s == {Venue.POLYMARKET: 0.0, Venue.SOLANA: float("inf")}


@pytest.mark.parametrize(("sol", "verdict"), [("100000000000", Reason.LEADER_TRADED), ("1e19", Reason.NOTIONAL_EXCEEDS_MAXIMUM)])
def test_a_billionth_of_a_token_for_a_fortune_stops_nobody(second: SecondFeed, home: Any, sol: str, verdict: Reason) -> None:
    """A price of 1e11 and more fits its column, and could not be rounded: it ended the cycle of every strategy, at both venues."""
    for _ in range(2):
        second.trade(0, LEADER, "BUY", "0.000000001", sol, GOLD)
    second.asks[GOLD] = quoted(("1", "172"))
    home.cycle(10)
    assert (why(home, "sols"), why(home, "dollars")) == ([verdict], [Reason.LEADER_TRADED])


@pytest.mark.parametrize(("bid", "ask"), [("200000000000", "200000000001"), ("1e21", "1.1e21"), ("1e-30", "2e-30")])
def test_a_quote_from_another_world_marks_nothing_at_what_stops_a_cycle(second: SecondFeed, home: Any, bid: str, ask: str) -> None:
    bought_gold(second, home)
    show(second, GOLD, bid, ask, "1")
    for at_s in (40, 70, 100):
        home.cycle(at_s)
    assert why(home, "dollars") == [Reason.LEADER_TRADED, Reason.LEADER_EXITED]


def test_a_venue_that_is_late_denies_no_entry_of_the_other(second: SecondFeed, home: Any) -> None:
    second.lag_s = 600
    bought_gold(second, home)
    reasons = {row.strategy_id: row.reason for row in home.rows(Signal)}
    assert reasons == {"sols": Reason.FEED_LATE, "dollars": Reason.LEADER_TRADED}


def test_the_summary_of_a_day_adds_no_sol_to_usd(second: SecondFeed, home: Any) -> None:
    """38.092 USD were filled at one venue, and 8.625 + 7.916666625 SOL at the other."""
    bought_gold(second, home)
    with bare_steps():
        report = make_report(span_of(Period.DAILY, T0), home.settings, T0 + timedelta(days=1))
    turnover = {line["strategy_id"]: (line["turnover"], line["currency"]) for line in as_figures(report)["money"]}
    assert turnover == {"sols": ("16.541666625", "SOL"), "dollars": ("38.092", "USD")}
    assert " USD and " in report.summary
    assert " SOL; 2 of 2 copied, 0 closed" in report.summary
    assert as_figures(report)["usd"]["equity"] is None  # nobody said what a SOL is worth


# One account above both, in USD. At 100 USD a SOL the 1,000 SOL are 100,000 USD; 17.25 SOL are 1,725 USD; at Polymarket 40 are spent.


def limited(home: Any, second: SecondFeed, usd: str | None = "100", **caps: str) -> None:
    """With these limits, and a quiet cycle that learns what a SOL is worth."""
    second.usd = None if usd is None else Decimal(usd)
    known: dict[str, Any] = dict.fromkeys(("max_open_usd", "max_cluster_usd", "max_daily_loss_usd", "max_drawdown"))
    home.put(AccountLimits(set_at=T0 - timedelta(days=1), **(known | {name: Decimal(cap) for name, cap in caps.items()})))
    home.cycle(-30)
    home.cycle(-1)


def reasons(home: Any) -> dict[str, Reason]:
    return {row.strategy_id: row.reason for row in home.rows(Signal)}


def test_what_a_sol_is_worth_is_on_record_once_a_minute(second: SecondFeed, home: Any) -> None:
    """Asked for when the last word is a minute old, and the same cycle again asks nobody anew."""
    second.usd = Decimal("172.123456789")
    for at_s in (0, 30, 60, 60, 90, 120):
        home.cycle(at_s)
    rates = home.rows(Rate)
    assert [(row.seen_at - T0).total_seconds() for row in rates] == [0, 90]  # at 60 it is a minute old, and good for that long
    assert {(row.currency, row.usd, row.source) for row in rates} == {(Currency.SOL, Decimal("172.123456789"), "second venue")}


@pytest.mark.parametrize(("open_usd", "sol"), [("1765", "17.25"), ("1664.70", "16.246999999")])
def test_what_may_be_open_holds_over_both_venues(second: SecondFeed, home: Any, open_usd: str, sol: str) -> None:
    """The strategies are asked in the order of their names: `dollars` opens 40 USD first. What is left is for the other, with its fee:
    1,664.70 - 40 = 1,624.70 USD are 16.247 SOL, of which 1 / 1.0025 may be the copy."""
    limited(home, second, max_open_usd=open_usd)
    bought_gold(second, home)
    signals = {row.strategy_id: row for row in home.rows(Signal)}
    spent = Decimal("40")
    assert signals["dollars"].notional == spent
    left = (Decimal(open_usd) - spent) / 100 / (1 + FEE)
    assert signals["sols"].notional == min(Decimal("17.25"), left.quantize(LAMPORT, ROUND_DOWN))


@pytest.mark.parametrize(("open_usd", "reason"), [("90.12", Reason.ACCOUNT_EXPOSURE_REACHED), ("90.13", Reason.LEADER_TRADED)])
def test_less_than_the_least_copy_is_no_room(second: SecondFeed, home: Any, open_usd: str, reason: Reason) -> None:
    """Half a SOL and its fee are 0.50125 SOL, 50.125 USD; 40 are open already."""
    limited(home, second, max_open_usd=open_usd)
    bought_gold(second, home)
    assert reasons(home) == {"dollars": Reason.LEADER_TRADED, "sols": reason}


def test_without_a_rate_nothing_is_entered_at_either_venue_and_both_are_left(second: SecondFeed, home: Any) -> None:
    """Bought at both; then nobody says what a SOL is worth for an hour, and both leaders sell all they have."""
    limited(home, second, max_open_usd="100000")
    bought_gold(second, home)
    second.usd = None
    second.trade(3700, LEADER, "BUY", "10", "172.5", "ANOTHER")
    second.trade(3700, LEADER, "SELL", "10", "172", GOLD)
    home.cycle(3710)
    denied = only(home.rows(Signal, token_id="ANOTHER"))
    assert (denied.verdict, denied.reason) == (Verdict.SKIP, Reason.RATE_MISSING)
    assert {row.strategy_id for row in home.rows(Position) if row.closed_at is not None} == {"sols", "dollars"}


def test_the_days_loss_is_that_of_both_venues_and_halts_both(second: SecondFeed, home: Any) -> None:
    """0.095238095 tokens that cost 16.58 SOL are worth 90 each and then 85.5: 8.01 SOL or 801 USD less, after fees."""
    limited(home, second, max_daily_loss_usd="800")
    bought_gold(second, home)
    show(second, GOLD, "172", "173", "10")
    home.cycle(40)
    show(second, GOLD, "88", "88.2", "10")
    for at_s in range(70, 200, 30):
        home.cycle(at_s)
    state = only(home.rows(AccountState))
    assert (state.state, state.reason) == (TradingState.HALTED, Reason.ACCOUNT_DAILY_LOSS)
    second.trade(200, LEADER, "BUY", "10", "172.5", "ANOTHER")
    show(second, GOLD, "80", "80.2", "10")
    home.cycle(210)
    home.cycle(240)
    assert only(home.rows(Signal, token_id="ANOTHER")).reason is Reason.ACCOUNT_DAILY_LOSS
    assert only(home.rows(Position, strategy_id="sols")).exit_reason is Reason.STOP_LOSS  # a loss is no reason to stay in


# What is added by a line in a table each: this venue (the fixture above), a decision kind, a risk rule.


def whales(entry: Entry) -> Conviction | Reason:
    """A leader's 1,000 SOL are reason enough."""
    return Conviction(Reason.LEADER_TRADED) if entry.trade.notional >= 1000 else Reason.CONFIDENCE_TOO_LOW


class QuietAfterwards(Rule):
    """Nothing is entered in the five minutes after a look at less than the whole balance; keeps when that was."""

    name: ClassVar[str] = "quiet_afterwards"
    reason: ClassVar[Reason] = Reason.TRADING_REDUCING

    less_at: datetime | None = None

    @classmethod
    def begun(cls, figures: Figures) -> Self:
        return cls()

    def after(self, figures: Figures, policy: RiskPolicy) -> Self:
        less_at = figures.as_of if figures.equity < 1000 else self.less_at
        quiet = less_at is not None and figures.as_of - less_at < timedelta(minutes=5)
        return self.saying(TradingState.REDUCING if quiet else TradingState.ACTIVE, figures.as_of, less_at=less_at)


def test_a_venue_a_kind_and_a_rule_are_a_line_in_their_tables_each(second: SecondFeed, home: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """1,725 SOL are copied and 172.5 are not. Another 1,725 would be, but the rule denies it: the fee of the first copy is gone."""
    monkeypatch.setitem(KINDS, Kind.SCORE, DecisionKind("score: whales only", lambda policy: frozenset(), whales))  # type: ignore[arg-type]
    monkeypatch.setattr(rules, "RULES", (*rules.RULES, QuietAfterwards))
    follow(home, PERCENT, "score")
    second.trade(0, LEADER, "BUY", "10", "172.5", GOLD)
    second.trade(0, LEADER, "BUY", "1", "172.5", "SMALL")
    show(second, GOLD, "172", "172.5", "10")
    home.cycle(10)
    second.trade(35, LEADER, "BUY", "10", "172.5", "ANOTHER")
    home.cycle(40)
    own = home.rows(Signal, strategy_id="sols")
    assert {row.token_id: row.reason for row in own} == {
        GOLD: Reason.LEADER_TRADED,
        "SMALL": Reason.CONFIDENCE_TOO_LOW,
        "ANOTHER": Reason.TRADING_REDUCING,
    }
    assert {row.kind for row in own} == {Kind.SCORE}


SCORED = Policy(
    sizing=SizingPolicy(kind="score", min_notional=Decimal("0.01"), max_notional=Decimal(50)),
    risk=RiskPolicy(max_positions=5, max_allocated_fraction=Decimal("0.5"), reserve=Decimal("0.05")),
    exits=ExitPolicy(preset="by_score"),
    score=ScorePolicy(min_closed_positions=1, threshold=0.7),
)


def known(home: Any, token_id: str, **changes: Any) -> None:
    """The token was looked at, and its buyer won 18 of 20."""
    token, seen = a_token(T0, token_id=token_id), a_look(T0, token_id=token_id, **changes)
    record = a_profile(T0, LEADER, omega=5.0)
    history = open_history(home.settings)
    for row in (token, seen, record, replace(record, window_days=30)):
        history.append(frame_of([row], type(row)), type(row))


def test_a_score_copies_a_token_keeps_what_it_was_made_of_and_leaves_by_it(second: SecondFeed, home: Any) -> None:
    """Wallet 1 x 0.35, alone 0.5 x 0.25, token 0.83 x 0.25, timing 1 x 0.15: 0.8333, so 2 % of 1,000 SOL, and Moonbag: 25 % at twice."""
    follow(home, SCORED, "score")
    known(home, GOLD)
    second.trade(0, LEADER, "BUY", "10", "172.5", GOLD)
    show(second, GOLD, "172", "172.5", "100")
    home.cycle(10)
    score = only(home.rows(SignalScore))
    assert score.score == pytest.approx(0.8333, abs=1e-3)
    assert (score.exit_preset, score.wallet_score, score.other_owners) == ("moonbag", 1.0, 0)
    assert only(home.rows(Signal, strategy_id="sols")).notional == Decimal("20.000000000")
    bought = only(home.rows(Position, strategy_id="sols")).shares
    show(second, GOLD, "400", "401", "100")
    home.cycle(40)
    home.cycle(70)  # a jump is believed at the second look
    sold = only(home.rows(Fill, strategy_id="sols", side=Side.SELL))
    assert sold.shares == pytest.approx(bought / 4, abs=Decimal("1e-8"))
    home.cycle(100)
    assert len(home.rows(Fill, strategy_id="sols", side=Side.SELL)) == 1  # each step once


@pytest.mark.parametrize(
    ("changes", "reason"),
    [({"is_sellable": False}, Reason.TOKEN_UNSELLABLE), ({"has_freeze_authority": True}, Reason.TOKEN_AUTHORITY)],
)
def test_an_unsafe_token_is_denied_and_its_score_is_on_record(second: SecondFeed, home: Any, changes: Any, reason: Reason) -> None:
    follow(home, SCORED, "score")
    known(home, GOLD, **changes)
    second.trade(0, LEADER, "BUY", "10", "172.5", GOLD)
    show(second, GOLD, "172", "172.5", "100")
    home.cycle(10)
    assert only(home.rows(Signal, strategy_id="sols")).reason is reason
    assert only(home.rows(SignalScore)).token_score == 0.0
