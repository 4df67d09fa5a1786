"""A small house for the tests of the results page: two strategies with rows of every kind, one at each venue, at one instant."""

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from adapters.connect import open_graph, open_history, open_results
from adapters.settings import Settings
from adapters.stores.results import Write
from data_contracts import (
    AccountLimits,
    AccountState,
    Alert,
    BriefFlag,
    CalibrationFigure,
    Candidate,
    ChainReading,
    Confidence,
    Copyability,
    Counter,
    Counterfactual,
    CounterfactualEnd,
    Currency,
    EarlyBuyer,
    EdgeState,
    Entrance,
    Equity,
    Exit,
    ExitPreset,
    Fill,
    Form,
    FoundIn,
    FoundToken,
    Gap,
    GapEnd,
    Grade,
    HoldStyle,
    Kind,
    LeaderStanding,
    LeaderWord,
    Mark,
    MemecoinProfile,
    Order,
    OrderStatus,
    Position,
    Quarantined,
    Rate,
    ReadAs,
    Reason,
    RiskState,
    Severity,
    Side,
    Signal,
    SignalScore,
    Strategy,
    TokenFinding,
    Trade,
    TradeIntent,
    TradingState,
    Trap,
    TrapFlag,
    Venue,
    Verdict,
    WalletProfile,
    WalletSkill,
    Watermark,
)
from data_contracts.frames import frame_of
from data_contracts.posted import Delivery
from domain.ids import row_id
from tests.ledger_rows import a_fill, a_leader, a_position, a_profile, an_order, signal_row
from tests.markets import told
from tests.token_rows import a_look, a_token

WALLET = "0x" + "a" * 40
OTHER = "0x" + "b" * 40
PURSE = "0x" + "c" * 40
OWNER = "an owner of two wallets"
TOGETHER = {"one": WALLET, "other": OTHER, "p_value": 1e-9, "window_s": 5.0, "tokens": 24, "expected": 0.01}
PAID = {"wallet": WALLET, "funder": PURSE, "amount": 12.5, "funded_at": "2026-11-01T12:00:00+00:00", "tx": "0xpaid"}


def figure_of(as_of: datetime, of: str = "0.9 to 1.0") -> CalibrationFigure:
    """Ahead later was said of 40 wallets with 0.941, and came for 0.875 of them."""
    span = {"said_at": as_of - timedelta(days=90), "until_at": as_of, "as_of": as_of}
    said = {"count": 40, "said": 0.941, "came": 0.875, "low": 0.74, "high": 0.95, "verdict": "as said", "missing": "losers"}
    return CalibrationFigure(what="ahead later", of=of, **said, **span)


def fill(house: Settings, now: datetime) -> None:
    rows: list[Any] = [
        Strategy(
            strategy_id="calm",
            venue=Venue.POLYMARKET,
            stake_currency=Currency.USD,
            kind=Kind.OWRR,
            policy="{}",
            balance=Decimal(1000),
            enabled=True,
            created_at=now,
            updated_at=now,
        ),
        RiskState(
            strategy_id="calm",
            state=TradingState.HALTED,
            reason=Reason.DRAWDOWN,
            equity=Decimal("1012.50"),
            cash=Decimal(900),
            drawdown=0.325,
            size_factor=Decimal(1),
            looks="[]",
            rules="{}",
            resumed_at=None,
            changed_at=now,
        ),
        Equity(
            strategy_id="calm",
            as_of=now - timedelta(minutes=5),
            cash=Decimal(1000),
            positions_value=Decimal(0),
            equity=Decimal(1000),
            realized_pnl=Decimal(0),
            open_positions=0,
        ),
        signal(now, "one", Verdict.COPY, Reason.CONSENSUS_FAVOURS, Decimal(100)),
        signal(now, "two", Verdict.SKIP, Reason.TRADE_STALE, Decimal(0)),
        denied(now, "one"),
        position(now, "held", closed_at=None, realized=Decimal(0)),
        position(now, "over", closed_at=now, realized=Decimal("-7.25")),
        *bought_and_sold(now, "over"),
        Mark(token_id="held", price=Decimal("0.45"), marked_at=now, doubt=None, doubted_price=None, doubted_at=None),
        a_leader(now, WALLET, "calm", why="omega 4.00 over 12 closed positions"),
        Watermark(name="signals", reached_at=now),
        Watermark(name="trades", reached_at=now),
        figure_of(now - timedelta(days=7), of="a group of an older report"),
        figure_of(now),
        Quarantined(quarantine_id=row_id("q"), table="trades", source="data_api", rules="price is required", row="{}", seen_at=now),
    ]
    put(house, rows)
    for row_class, frame in told({"token_id": "held", "question": "Will it rain on Sunday?", "updated_at": now}).items():
        open_history(house).append(frame, row_class)
    add(house, [profile(now), skill(now), a_trade(now)])


CALM = {"strategy_id": "calm", "leader": WALLET, "market_id": "condition"}


def signal(now: datetime, name: str, verdict: Verdict, reason: Reason, notional: Decimal) -> Signal:
    """Of 500 shares at 0.40, told after 12 s; five of the market's seven skilled holders are for it."""
    holders = {"owrr": 0.71, "score_for": 5.0, "score_against": 2.0, "qualified_for": 5, "qualified_against": 2}
    agreed = {"kind": Kind.OWRR, "confidence": Confidence.HIGH, "consensus_age_s": 0.0, **holders}
    judged = {"verdict": verdict, "reason": reason, "notional": notional, "latency_s": 12.0}
    traded = {"trade_id": row_id("trade", name), "leader_shares": Decimal(500), "leader_notional": Decimal(200), "traded_at": now}
    return signal_row(now, signal_id=row_id(name), **CALM, token_id="held", **traded, **agreed, **judged)


def denied(now: datetime, name: str) -> Order:
    why = {"status": OrderStatus.DENIED, "reason": Reason.SLIPPAGE_TOO_HIGH, "order_id": row_id("order", name), "signal_id": row_id(name)}
    return an_order(now, name, **CALM, token_id="held", shares=Decimal(250), limit_price=Decimal("0.42"), order_hash="", **why)


def position(now: datetime, token_id: str, closed_at: datetime | None, realized: Decimal) -> Position:
    left = ("0", "0") if closed_at else ("250", "100")
    return a_position(now, *left, **CALM, token_id=token_id, realized_pnl=realized, lots="[]", closed_at=closed_at)


def bought_and_sold(now: datetime, token_id: str) -> list[Fill]:
    """100 shares for 40 USD, and for 32.75: -7.25. Of orders of the day before."""
    bought, sold = (
        an_order(now - timedelta(days=1), f"{side} {token_id}", **CALM, token_id=token_id, side=side) for side in (Side.BUY, Side.SELL)
    )
    why = {"category": "politics", "reason": Reason.STOP_LOSS, "filled_at": now}
    return [a_fill(bought), a_fill(sold, notional=Decimal("32.75"), **why)]


def skill(now: datetime) -> WalletSkill:
    """12 bets, where 208 would be needed."""
    return WalletSkill(
        wallet=WALLET, bets=12, events=11, surplus=0.1, edge=0.1, edge_low=0.0, edge_high=0.5, skilled=0.31, luck_if_chosen=0.69,
        grade=Grade.D, as_of=now, bets_needed=208,
    )  # fmt: skip


def profile(now: datetime) -> WalletProfile:
    """9 of 12 positions won: 400 gained and 100 lost on 3,000."""
    closed = {"trades": 80, "closed_positions": 12, "wins": 9, "win_rate": 0.75}
    gained = {"gains": 400.0, "losses": 100.0, "omega": 4.0, "realized_pnl": 300.0, "invested": 3000.0, "roi": 0.1, "max_drawdown": 0.05}
    return a_profile(now, WALLET, **closed, **gained, median_hold_s=3600.0, median_notional=40.0)


def in_sol(now: datetime) -> list[Any]:
    """A strategy that began with 10 SOL and has 12 of them."""
    own = {"cash": Decimal(12), "drawdown": 0.0, "size_factor": Decimal(1), "looks": "[]", "rules": "{}", "resumed_at": None}
    policy = {"kind": Kind.MIRROR, "policy": "{}", "enabled": True, "created_at": now, "updated_at": now}
    return [
        Strategy(strategy_id="sols", venue=Venue.SOLANA, stake_currency=Currency.SOL, balance=Decimal(10), **policy),
        RiskState(strategy_id="sols", state=TradingState.ACTIVE, reason=None, equity=Decimal(12), changed_at=now, **own),
    ]


SOL_WALLET = "CL9F7VmzY5oBnNbFRr8EWaxvUU5tL7yXNYTZFZJ7Wt7y"
MINT = "2cJne5nZ6jmNG43bSV3R35J8LoAKS9TuKpUeTZNhpump"


def score_of(now: datetime) -> SignalScore:
    """0.83 where 0.70 is needed: the wallet is best, the coin worst."""
    wallet = {"wallet_score": 0.91, "win_rate": 0.9, "pnl": 0.92, "consistency": 1.0, "cluster_score": 0.85, "other_owners": 2}
    coin = {
        "token_score": 0.74,
        "liquidity": 0.7,
        "age": 0.71,
        "concentration": 0.72,
        "timing_score": 0.81,
        "since_launch": 0.8,
        "demand": 0.82,
    }
    own = {"signal_id": row_id("sol"), "strategy_id": "sols", "leader": SOL_WALLET, "token_id": MINT, "exit_preset": ExitPreset.BALANCED}
    return SignalScore(score=0.83, threshold=0.7, judged_at=now, **own, **wallet, **coin)


def of_postgres(now: datetime) -> list[Any]:
    """Of half a SOL ordered and held; a delivery that nobody has read."""
    own = {"strategy_id": "sols", "venue": Venue.SOLANA, "leader": SOL_WALLET, "market_id": MINT, "token_id": MINT, "outcome": MINT}
    bought = {"shares": Decimal(1000), "limit_price": Decimal("0.0005"), "status": OrderStatus.FILLED, "signal_id": row_id("sol")}
    asked = {"verdict": Verdict.COPY, "reason": Reason.SCORE_REACHED, "notional": Decimal("0.5"), "leader_price": Decimal("1e-12")}
    return [
        replace(signal(now, "sol", Verdict.COPY, Reason.SCORE_REACHED, Decimal("0.5")), **own, **asked),
        score_of(now),
        an_order(now, "sol", **own, **bought),
        a_position(now, "1000", "0.5", **own),
        Mark(token_id=MINT, price=Decimal("0.0006"), marked_at=now, doubt=None, doubted_price=None, doubted_at=None),
        Candidate(wallet=SOL_WALLET, found_in=FoundIn.EARLY_BUYERS, detail="", excluded=None, first_seen_at=now, last_seen_at=now),
        Delivery(delivery_id=row_id("d"), venue=Venue.SOLANA, source="helius", signature="s1", payload="{}", received_at=now),
    ]


def of_clickhouse(now: datetime) -> list[Any]:
    """A coin at a trillionth of a SOL that no route sells; 3 of 4 signatures trades, one a gap."""
    first = {"spent": Decimal("0.4"), "received": Decimal(1), "bought_shares": Decimal(9), "sold_shares": Decimal(9), "gain": 1.5}
    kinds = {"is_bundled": False, "is_sniper": True, "is_deployer": False, "is_funded_by_deployer": False, "is_candidate": True}
    when = {"first_bought_at": now, "after_launch_s": 95.0, "slots_after_launch": 300, "sold_fraction": 1.0, "tx": "s1", "as_of": now}
    copied = {"own_return": 0.51, "copied_return": 0.28, "own_median": 0.01, "copied_median": -0.02, "copied_coins": 7, "copy_delay_s": 30}
    held = {"coins": 7, "entry_delay_s": 700.0, "median_hold_s": 72.0, "hold_style": HoldStyle.SCALPER, "stake": Decimal("0.5")}
    read = {"wallet": SOL_WALLET, "source": "helius", "slot": 1, "happened_at": now, "why": "", "trades": 1, "unpriced": 0, "seen_at": now}
    return [
        a_token(now, token_id=MINT, name="Sleepy Golden", symbol="SLEGOL"),
        TokenFinding(token_id=MINT, found_in=FoundToken.LAUNCH, detail="", found_at=now),
        a_look(now, token_id=MINT, price=Decimal("1e-12"), is_sellable=False, has_mint_authority=True),
        EarlyBuyer(token_id=MINT, wallet=SOL_WALLET, buy_rank=4, **first, **kinds, **when),
        MemecoinProfile(wallet=SOL_WALLET, window_days=0, as_of=now, **held, **copied),
        *(ChainReading(signature=f"s{number}", read_as=ReadAs.TRADE, **read) for number in range(3)),
        ChainReading(signature="s3", read_as=ReadAs.GAP, **read),
    ]


def put(house: Settings, rows: list[Any]) -> None:
    """Into Postgres."""
    open_results(house).write([Write(type(row), frame_of([row], type(row)), "put") for row in rows])


def add(house: Settings, rows: list[Any]) -> None:
    """Into ClickHouse."""
    for row in rows:
        open_history(house).append(frame_of([row], type(row)), type(row))


def fill_with_coins(house: Settings, now: datetime) -> None:
    """What Solana adds; a SOL is worth 150 USD."""
    put(house, [Rate(currency=Currency.SOL, seen_at=now, usd=Decimal(150), source="test"), *in_sol(now), *of_postgres(now)])
    add(house, of_clickhouse(now))


def fill_with_the_rest(house: Settings, now: datetime) -> None:
    """What an operator looks at once something has happened: alerts, limits, exits, holes, ratings, what was posted."""
    put(house, of_an_operators_day(now))


class NoOwners:
    """The graph of a house that has not looked for owners."""

    def owners(self) -> dict[str, str]:
        return {}


class KnownOwners:
    """The graph as these tests fill it, without a server."""

    def owners(self) -> dict[str, str]:
        return {WALLET: OWNER, OTHER: OWNER}

    def edges(self, wallets: Collection[str]) -> dict[str, list[dict[str, Any]]]:
        return {"co_traded": [TOGETHER], "payments": [{**PAID, "one": PAID["wallet"], "other": PAID["funder"]}], "stated": []}


def fill_with_owners(house: Settings, now: datetime) -> None:
    """Two wallets that trade together, one of which a purse paid."""
    graph = open_graph(house)
    graph.prepare()
    graph.put_clusters({OWNER: [WALLET, OTHER]}, now.isoformat())
    graph.put_co_traded([TOGETHER], now.isoformat())
    graph.put_funded_by([PAID])


def a_trade(now: datetime) -> Trade:
    """500 shares at 0.40, with us after 12 s."""
    what = {"market_id": "condition", "token_id": "held", "outcome": "Yes", "side": Side.BUY, "tx_hash": "0x1", "ordinal": 0}
    amount = {"price": Decimal("0.40"), "shares": Decimal(500), "notional": Decimal(200)}
    when = {"traded_at": now - timedelta(seconds=12), "seen_at": now}
    return Trade(trade_id=row_id("trade", "one"), source="data_api", venue=Venue.POLYMARKET, wallet=WALLET, **what, **amount, **when)


def of_an_operators_day(now: datetime) -> list[Any]:
    alert = {"raised_at": now - timedelta(minutes=7), "seen_at": now, "cleared_at": None}
    limits = {"max_open_usd": Decimal(1000), "max_cluster_usd": Decimal(300), "max_daily_loss_usd": None, "max_drawdown": Decimal("0.2")}
    looked = {"capital": "{}", "looks": "[]", "rules": "{}", "resumed_at": None, "changed_at": now}
    exit_of = {"strategy_id": "calm", "leader": WALLET, "market_id": "condition", "token_id": "held", "reason": Reason.STOP_LOSS}
    exit_is = {"entire": True, "wanted_shares": Decimal(250), "sold_shares": Decimal(50), "orders": 2, "held_back": Reason.BOOK_MISSING}
    gap = {"from_at": now - timedelta(hours=2), "until_at": now - timedelta(hours=1), "filled_to_at": now - timedelta(minutes=90)}
    closed = {"closed_at": now - timedelta(hours=20), "closed_by": GapEnd.FILLED}
    gap_of_yesterday = {name: at - timedelta(days=1) for name, at in gap.items()} | closed
    rated = {
        "round_trips": 90,
        "events": 40,
        "low": 0.01,
        "high": 0.06,
        "median": 0.02,
        "trimmed_mean": 0.02,
        "top_share": 0.1,
        "as_of": now,
    }
    watched = {"edge": 0.5, "bets": 60, "statistic": 1.5, "rings_from": 4.0, "heard_from": 2.0, "false_alarms": 0.01, "losses_in_a_row": 1}
    form = {"form": Form.IN_FORM, "brief": BriefFlag.GOOD, "win_rate": 0.6, "last_trade_at": now, "why": "first look"}
    judged = {
        "strategy_id": "calm",
        "leader": WALLET,
        "market_id": "condition",
        "token_id": "held",
        "event": "rain",
        "category": "politics",
    }
    ended = {
        "leader_price": Decimal("0.4"),
        "price": Decimal("0.41"),
        "delay_s": 12.0,
        "stake": Decimal(100),
        "end": CounterfactualEnd.LEADER,
    }
    posted = {
        "entrance": Entrance.HTTP,
        "venue": Venue.POLYMARKET,
        "leader": WALLET,
        "market_id": "condition",
        "outcome": "Yes",
        "side": Side.BUY,
    }
    filled = an_order(
        now, "held", **CALM, token_id="held", shares=Decimal(250), limit_price=Decimal("0.42"), observed_price=Decimal("0.40")
    )
    return [
        Alert(alert_id=row_id("a"), severity=Severity.CRITICAL, what="down", about="x", message="x is away: `walletflow doctor`", **alert),
        AccountLimits(set_at=now, **limits),
        AccountState(
            account="all", state=TradingState.ACTIVE, reason=None, equity_usd=None, open_usd=Decimal(175), drawdown=0.05, **looked
        ),
        Exit(signal_id=row_id("out"), asked_at=now, tried_at=now, done_at=None, ended_by=None, **exit_of, **exit_is),
        Gap(source="data_api", cursor="", is_history=False, found_at=now, **gap),
        Gap(source="data_api", cursor="", is_history=False, found_at=now - timedelta(days=1), **gap_of_yesterday),
        LeaderWord(strategy_id="*", wallet=PURSE, ordered_at=now, standing=LeaderStanding.BLOCKED, why="tips off"),
        *(Copyability(wallet=WALLET, delay_s=delay, notional=100, mean=0.03, **rated) for delay in (0, 30)),
        EdgeState(wallet=WALLET, changed_at=now, checked_at=now, **watched, **form),
        TrapFlag(wallet=WALLET, trap=Trap.WASH, score=0.1, threshold=0.5, flagged=False, observations=80, as_of=now),
        Counterfactual(
            signal_id=row_id("two"),
            verdict=Verdict.SKIP,
            reason=Reason.TRADE_STALE,
            gain=0.25,
            pnl=Decimal(25),
            judged_at=now,
            ended_at=now,
            as_of=now,
            **judged,
            **ended,
        ),
        filled,
        a_fill(filled, "250", "0.41", fee=Decimal("1.5")),
        TradeIntent(
            intent_id="i1",
            sequence=1,
            signalled_at=now,
            limit_price=None,
            usd=Decimal(50),
            shares=None,
            metadata="{}",
            digest=row_id("i1"),
            received_at=now,
            **posted,
        ),
        Counter(name="trade_intents", reached=1),
        Counter(name="deliveries", reached=1),
    ]
