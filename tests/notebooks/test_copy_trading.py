"""The notebook's cells run through and say what is there: nothing yet, a few rows, or which store does not answer."""

import html
import importlib.util
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from adapters.connect import open_history, open_results
from adapters.settings import Settings
from adapters.stores.results import Write
from data_contracts import (
    CalibrationFigure,
    Candidate,
    ChainReading,
    Confidence,
    Currency,
    EarlyBuyer,
    Equity,
    ExitPreset,
    FoundIn,
    FoundToken,
    Grade,
    HoldStyle,
    Kind,
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
    Side,
    Signal,
    SignalScore,
    Strategy,
    TokenFinding,
    TradingState,
    Venue,
    Verdict,
    WalletProfile,
    WalletSkill,
    Watermark,
)
from data_contracts.frames import frame_of
from data_contracts.posted import Delivery
from deployments.migrate import migrate
from domain.ids import row_id
from tests.ledger_rows import a_leader, a_position, an_order
from tests.markets import told
from tests.token_rows import a_look, a_token

NOTEBOOKS = Path(__file__).parents[2] / "notebooks"
WALLET = "0x" + "a" * 40
Page = Callable[[Settings], str]


@pytest.fixture
def page(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Page:
    """Runs the notebook on these settings as `marimo run` would, and gives all its cells' output as text."""

    def run(settings: Settings) -> str:
        monkeypatch.setenv("WALLETFLOW_HOME", str(tmp_path))  # holds no stack.env
        monkeypatch.setenv("WALLETFLOW_PORT_BASE", str(settings.port_base))
        for name in ("postgres_url", "clickhouse_url", "graph_url", "graph_password"):
            if getattr(settings, name) is not None:
                monkeypatch.setenv(f"WALLETFLOW_{name.upper()}", settings.required(name))
            else:
                monkeypatch.delenv(f"WALLETFLOW_{name.upper()}", raising=False)
        monkeypatch.setenv("WALLETFLOW_GRAPH_USER", settings.graph_user)
        monkeypatch.syspath_prepend(str(NOTEBOOKS))
        spec = importlib.util.spec_from_file_location("copy_trading_notebook", NOTEBOOKS / "copy_trading.py")
        assert spec is not None
        assert spec.loader is not None
        notebook = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(notebook)
        outputs, _ = notebook.app.run()
        text = "\n".join(output._repr_html_() for output in outputs if hasattr(output, "_repr_html_"))
        return re.sub(r"\\+u([0-9a-f]{4})", lambda found: chr(int(found[1], 16)), html.unescape(text))  # tables hold their cells as JSON

    return run


@pytest.fixture
def empty_house(stack_settings: Settings) -> Settings:
    """Migrated, without a row."""
    house = stack_settings.for_replay("notebook empty")
    migrate(house)
    return house


@pytest.fixture
def house(stack_settings: Settings) -> Settings:
    """Migrated, with the rows of one copied and one skipped trade of today."""
    house = stack_settings.for_replay("notebook rows")
    migrate(house)
    fill(house, datetime.now(UTC))
    return house


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
        Mark(token_id="held", price=Decimal("0.45"), marked_at=now, doubt=None, doubted_price=None, doubted_at=None),
        a_leader(now, WALLET, "calm", why="omega 4.00 over 12 closed positions"),
        Watermark(name="signals", reached_at=now),
        Watermark(name="trades", reached_at=now),
        figure_of(now - timedelta(days=7), of="a group of an older report"),
        figure_of(now),
        Quarantined(quarantine_id=row_id("q"), table="trades", source="data_api", rules="price is required", row="{}", seen_at=now),
    ]
    open_results(house).write([Write(type(row), frame_of([row], type(row)), "put") for row in rows])
    for row_class, frame in told({"token_id": "held", "question": "Will it rain on Sunday?", "updated_at": now}).items():
        open_history(house).append(frame, row_class)
    open_history(house).append(frame_of([profile(now)], WalletProfile), WalletProfile)
    open_history(house).append(frame_of([skill(now)], WalletSkill), WalletSkill)


CALM = {"strategy_id": "calm", "leader": WALLET, "market_id": "condition"}


def signal(now: datetime, name: str, verdict: Verdict, reason: Reason, notional: Decimal) -> Signal:
    return Signal(
        signal_id=row_id(name),
        strategy_id="calm",
        venue=Venue.POLYMARKET,
        kind=Kind.OWRR,
        trade_id=row_id("trade", name),
        leader=WALLET,
        market_id="condition",
        token_id="held",
        outcome="Yes",
        category="politics",
        side=Side.BUY,
        verdict=verdict,
        reason=reason,
        leader_price=Decimal("0.40"),
        leader_shares=Decimal(500),
        leader_notional=Decimal(200),
        notional=notional,
        exit_fraction=Decimal(0),
        owrr=0.71,
        score_for=5.0,
        score_against=2.0,
        qualified_for=5,
        qualified_against=2,
        confidence=Confidence.HIGH,
        consensus_age_s=0.0,
        traded_at=now,
        judged_at=now,
        latency_s=12.0,
    )


def denied(now: datetime, name: str) -> Order:
    why = {"status": OrderStatus.DENIED, "reason": Reason.SLIPPAGE_TOO_HIGH, "order_id": row_id("order", name), "signal_id": row_id(name)}
    return an_order(now, name, **CALM, token_id="held", shares=Decimal(250), limit_price=Decimal("0.42"), order_hash="", **why)


def position(now: datetime, token_id: str, closed_at: datetime | None, realized: Decimal) -> Position:
    left = ("0", "0") if closed_at else ("250", "100")
    return a_position(now, *left, **CALM, token_id=token_id, realized_pnl=realized, lots="[]", closed_at=closed_at)


def skill(now: datetime) -> WalletSkill:
    """12 bets, where 208 would be needed."""
    return WalletSkill(
        wallet=WALLET, bets=12, events=11, surplus=0.1, edge=0.1, edge_low=0.0, edge_high=0.5, skilled=0.31, luck_if_chosen=0.69,
        grade=Grade.D, as_of=now, bets_needed=208,
    )  # fmt: skip


def profile(now: datetime) -> WalletProfile:
    return WalletProfile(
        wallet=WALLET,
        category="all",
        window_days=0,
        trades=80,
        closed_positions=12,
        oversold_positions=0,
        wins=9,
        win_rate=0.75,
        gains=400.0,
        losses=100.0,
        omega=4.0,
        realized_pnl=300.0,
        invested=3000.0,
        roi=0.1,
        max_drawdown=0.05,
        median_hold_s=3600.0,
        median_notional=40.0,
        last_trade_at=now,
        as_of=now,
    )


@pytest.mark.timeout(60)
def test_an_empty_house_says_what_to_wait_for_and_where_to_look(page: Page, empty_house: Settings) -> None:
    shown = page(empty_house)
    assert "No signal yet: cycles run every 30 s" in shown
    assert f"http://127.0.0.1:{empty_house.prefect_port}" in shown
    assert "none yet" in shown  # the last cycle
    for nothing in (
        "No equity yet",
        "Nothing is held",
        "Nobody yet",
        "Nothing has been read from the feed yet",
        "No row broke its contract",
        "No report yet: the flow calibration-report makes one each week",
        "No score in the window",
        "No order in SOL in the window",
        "No coin yet: the flow token-discovery",
        "No first buyers yet: the flow wallet-discovery",
        "No profile yet: the flow wallet-profiling",
        "No webhook has brought anything in the window: the flow webhook-syncing",
        "Nothing was read of the chain in the window",
    ):
        assert nothing in shown


@pytest.mark.timeout(60)
def test_a_few_rows_are_all_there_in_words_a_person_reads(page: Page, house: Settings) -> None:
    shown = page(house)
    assert "$1,012.50" in shown  # the equity
    assert "+$12.50" in shown  # over its balance of 1,000, and what its position gained
    assert "−$7.25" in shown  # realized by the position that is over
    assert "1 of 2" in shown  # copied of judged
    assert "0 filled, 1 not" in shown
    assert "HALTED" in shown
    assert "run the flow trading-state" in shown  # the cure of a drawdown
    assert "a group of an older report" not in shown
    for word in ("ahead later", "0.875", "as said", "losers"):
        assert word in shown
    for word in ("Will it rain on Sunday?", "Trade stale", "Denied: slippage too high", "0xaaaa…aaaa", "75.0%", "price is required"):
        assert word in shown
    assert "Bets needed" in shown  # beside the record of a leader: 12 bets where 208 would be needed
    assert "208" in shown
    assert "No signal yet" not in shown


@pytest.mark.timeout(60)
def test_a_store_that_does_not_answer_is_named_with_its_cure_and_without_its_password(page: Page, house: Settings) -> None:
    """Port 1 refuses. The page shows one line instead of six sections."""
    gone = house.model_copy(update={"postgres_url": type(house.postgres_url)("postgresql+psycopg://walletflow:sesame@127.0.0.1:1/x")})
    shown = page(gone)
    assert "Postgres does not answer" in shown
    assert "make up" in shown
    assert "Where do we stand?" not in shown
    assert "sesame" not in shown
    assert "Traceback" not in shown


@pytest.mark.timeout(60)
def test_without_clickhouse_the_verdicts_are_still_there(page: Page, house: Settings) -> None:
    """Only the names of markets and the leaders' records come from there."""
    gone = house.model_copy(update={"clickhouse_url": type(house.clickhouse_url)("http://walletflow:sesame@127.0.0.1:1/x")})
    shown = page(gone)
    assert "The names of markets and the records of leaders are missing" in shown
    assert "Trade stale" in shown
    assert "token held" in shown  # instead of the market's question
    assert "sesame" not in shown


@pytest.mark.timeout(60)
def test_a_house_nobody_made_says_so(page: Page, stack_settings: Settings) -> None:
    """The schema is not there: psycopg's UndefinedTable once reached the page as a traceback."""
    shown = page(stack_settings.for_replay("nobody made this"))  # an address like any other: the page does not know it for a replay
    assert "run `make up` to migrate them" in shown
    assert "Traceback" not in shown


@pytest.mark.timeout(60)
def test_without_an_address_it_says_which_one_to_set(page: Page) -> None:
    shown = page(Settings(postgres_url=None, clickhouse_url=None, graph_url=None, graph_password=None))
    assert "WALLETFLOW_POSTGRES_URL is not set" in shown
    assert "make up" in shown


def in_sol(now: datetime) -> list[Any]:
    """A strategy that began with 10 SOL and has 12 of them."""
    own = {"cash": Decimal(12), "drawdown": 0.0, "size_factor": Decimal(1), "looks": "[]", "rules": "{}", "resumed_at": None}
    policy = {"kind": Kind.MIRROR, "policy": "{}", "enabled": True, "created_at": now, "updated_at": now}
    return [
        Strategy(strategy_id="sols", venue=Venue.SOLANA, stake_currency=Currency.SOL, balance=Decimal(10), **policy),
        RiskState(strategy_id="sols", state=TradingState.ACTIVE, reason=None, equity=Decimal(12), changed_at=now, **own),
    ]


@pytest.mark.parametrize(
    ("usd", "equity", "balance"),
    [
        ("150", "$2,812.50", "$2,500.00"),  # 1,012.50 + 12 x 150 on 1,000 + 10 x 150
        (None, "$1,012.50", "$1,000.00; without sols: no rate on record"),
    ],
)
def test_the_account_is_shown_in_usd_at_the_rate_on_record(
    page: Page, stack_settings: Settings, usd: str | None, equity: str, balance: str
) -> None:
    """The sum of 1,012.50 USD and 12 SOL was once 1,024.50 of nothing."""
    house, now = stack_settings.for_replay(f"notebook at {usd}"), datetime.now(UTC)
    migrate(house)
    fill(house, now)
    rates = [Rate(currency=Currency.SOL, seen_at=now, usd=Decimal(usd), source="test")] if usd else []
    open_results(house).write([Write(type(row), frame_of([row], type(row)), "put") for row in [*in_sol(now), *rates]])
    shown = page(house)
    assert equity in shown
    assert f"on {balance}" in shown


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


@pytest.mark.timeout(60)
def test_solana_stands_beside_polymarket_with_its_units(page: Page, stack_settings: Settings) -> None:
    """Of 4 signatures 3 were trades: 75 %. Half a SOL was 75 USD at 150."""
    house, now = stack_settings.for_replay("notebook coins"), datetime.now(UTC)
    migrate(house)
    fill(house, now)
    rate = Rate(currency=Currency.SOL, seen_at=now, usd=Decimal(150), source="test")
    ahead = Watermark(name="trades:solana", reached_at=now + timedelta(seconds=91))
    activities = [Watermark(name=f"activity:{digit}", reached_at=now) for digit in "abc"]
    rows = [rate, ahead, *activities, *in_sol(now), *of_postgres(now)]
    open_results(house).write([Write(type(row), frame_of([row], type(row)), "put") for row in rows])
    for row in of_clickhouse(now):
        open_history(house).append(frame_of([row], type(row)), type(row))
    shown = page(house)
    for coin in ("Sleepy Golden (SLEGOL)", "0.000000000001", "launch", "may be minted", "Can be sold", "$50,000"):
        assert coin in shown
    assert re.search(r'"NO\\*"', shown)  # no route sells it
    for factor in ("Score reached", "0.830", "0.910", "0.850", "0.740", "0.810", "other owners 2"):
        assert factor in shown
    for wallet in ("Scalper", "30 s later, 0.5 SOL", "28.0%", "11 min 40 s", "candidate, sniper"):
        assert wallet in shown
    for order in ("0.5 SOL", "$75.00", "simulated", "In its stake"):
        assert order in shown
    for reading in ("1 deliveries of 1 transactions", "4 signatures were seen", "75.0%", "gap: seen", "25.0%"):
        assert reading in shown
    assert "Verdicts are 1 min 31 s behind the feed" in shown  # each venue's feed has a watermark of its own
    assert "activity of 3 wallets" in shown
    assert "activity:a" not in shown  # a line a wallet once filled the page
    assert f"BUY {MINT}" not in shown  # a coin has no outcome: its address was once told as one
