"""What a seed means: markets, leaders and what they do, strategies, an operator's words, when cycles run, and which faults how often."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import ROUND_DOWN, Decimal
from random import Random

from data_contracts import AccountLimits, Currency, Kind, Leader, Side, Strategy, Trade, TradingState, Venue
from domain.copying.policy import ExitPolicy, FirewallPolicy, OrderPolicy, Policy, RiskPolicy, SizingPolicy, TakeProfit
from domain.copying.risk.permission import EVERY_STRATEGY
from domain.ids import row_id
from sandbox.books import quote_at
from sandbox.markets import Market
from simulation.markets import ORIGIN, drawn_markets

SOURCE = "polymarket"
CENT = Decimal("0.01")
CHAOS_S = 330.0  # after that nothing goes wrong any more
CALM_TURNS_S = (45.0, 90.0, 135.0, 180.0, 800.0, 845.0)  # a gap whose feed ended too early is asked for again after ten minutes
SETTLES_S = ((0.0, 0.0), (2.0, 2.0), (20.0, 5.0), (60.0, 30.0))
RATES: Mapping[str, tuple[float, ...]] = {  # a chance each time there is occasion; 0 in some seeds, so that single kinds are seen alone
    "dies": (0.0, 0.002, 0.006),  # at any call, before or after it
    "away": (0.0, 0.004, 0.02),  # a store or a feed that does not answer
    "lost": (0.0, 0.01, 0.06),  # what was written is written, and the answer lost
    "slow": (0.0, 0.002, 0.01),
    "venue": (0.0, 0.2, 0.6),  # of the exchange's answer to orders
    "deaf": (0.0, 0.1, 0.4),  # of its answers about orders
    "feed": (0.0, 0.1, 0.3),  # pages that run out, a feed that ends too early, a cursor it forgot
    "stranger": (0.0, 0.1, 0.4),  # who takes the best of a book right before us
    "tick": (0.0, 0.0, 0.1),
    "turn": (0.1, 0.3, 0.6),  # of giving way to another worker at a call
}


@dataclass(frozen=True, slots=True)
class Deed:
    """A leader's trade, how many seconds after the feed confirmed it it shows there. `early`: before it did."""

    trade: Trade
    late_s: float
    early: bool


@dataclass(frozen=True, slots=True)
class Word:
    """An operator's, at so many seconds."""

    at_s: float
    strategy_id: str
    state: TradingState
    exit_everything: bool


@dataclass(frozen=True, slots=True)
class Turn:
    """Jobs that begin together at so many seconds, each by its own clock: (job, seconds by which that clock is wrong)."""

    at_s: float
    jobs: tuple[tuple[str, float], ...]


@dataclass(frozen=True, slots=True)
class Lag:
    """From when until when the feed is how far behind."""

    from_s: float
    until_s: float
    lag_s: float


@dataclass(frozen=True, slots=True)
class Plan:
    """`is_walled`: one process judges and has no key, another executes. Seconds count from `begins_at`."""

    seed: int
    begins_at: datetime
    markets: tuple[Market, ...]
    strategies: tuple[Strategy, ...]
    leaders: tuple[Leader, ...]
    limits: AccountLimits | None
    deeds: tuple[Deed, ...]
    words: tuple[Word, ...]
    turns: tuple[Turn, ...]
    lags: tuple[Lag, ...]
    rates: Mapping[str, float]
    settles_s: tuple[float, float]
    is_walled: bool

    def lag_s(self, at_s: float) -> float:
        return max((lag.lag_s for lag in self.lags if lag.from_s <= at_s < lag.until_s), default=1.0)


def plan_of(seed: int) -> Plan:
    """The same for the same seed, on every machine."""
    rng = Random(seed)
    begins_s = float(int(ORIGIN.timestamp() + rng.uniform(3600, 3 * 3600)))
    begins_at = datetime.fromtimestamp(begins_s, UTC)
    markets = _markets(rng, begins_s)
    wallets = [f"0x{rng.getrandbits(160):040x}" for _ in range(3)]
    strategies = _strategies(rng, begins_at)
    is_walled = rng.random() < 0.4
    return Plan(
        seed=seed,
        begins_at=begins_at,
        markets=markets,
        strategies=strategies,
        leaders=tuple(_leaders(rng, strategies, wallets, begins_at)),
        limits=_limits(rng, begins_at),
        deeds=tuple(_deeds(rng, markets, wallets, begins_s)),
        words=tuple(_words(rng, [one.strategy_id for one in strategies])),
        turns=tuple(_turns(rng, is_walled)),
        lags=tuple(_lags(rng)),
        rates={kind: rng.choice(levels) for kind, levels in RATES.items()},
        settles_s=rng.choice(SETTLES_S),
        is_walled=is_walled,
    )


def _markets(rng: Random, begins_s: float) -> tuple[Market, ...]:
    """Open for a while, and not decided; some of them end before we do."""
    able = [m for m in drawn_markets() if m.open_at(begins_s) and m.closes_s > begins_s + 90 and 0.15 < m.path.belief_at(begins_s) < 0.85]
    soon = [market for market in able if market.resolves_s < begins_s + CHAOS_S + 60]
    first = [rng.choice(soon)] if soon and rng.random() < 0.6 else []
    return tuple(dict.fromkeys([*first, *rng.sample(able, 3)]))[:3]


def _strategies(rng: Random, at: datetime) -> tuple[Strategy, ...]:
    return tuple(
        Strategy(
            strategy_id=name,
            venue=Venue.POLYMARKET,
            stake_currency=Currency.USD,
            kind=Kind.MIRROR,
            policy=_policy(rng).model_dump_json(),
            balance=Decimal(rng.choice([60, 200, 1000])),
            enabled=True,
            created_at=at,
            updated_at=at,
        )
        for name in ("one", "two")
    )


def _policy(rng: Random) -> Policy:
    own_exits = [
        ExitPolicy(),
        ExitPolicy(max_hold_s=rng.choice([60, 120])),
        ExitPolicy(stop_loss=Decimal("0.02"), trailing=Decimal("0.02"), trailing_from=Decimal("0.01")),
        ExitPolicy(take_profit=(TakeProfit(gain=Decimal("0.02"), part=Decimal("0.5")),), max_hold_s=200),
    ]
    return Policy(
        firewall=FirewallPolicy(max_age_s=rng.choice([60, 120])),
        sizing=SizingPolicy(
            kind="percentage", percent=Decimal(rng.choice([10, 25, 50])), min_notional=Decimal(1), max_notional=Decimal(80)
        ),
        risk=RiskPolicy(
            max_positions=20,
            max_positions_per_leader=20,
            max_token_fraction=Decimal(1),
            max_leader_fraction=Decimal(1),
            scale_in=rng.random() < 0.7,
            max_daily_loss=Decimal(1),
            max_drawdown=Decimal(1),
            min_win_rate=Decimal(0),
        ),
        ordering=OrderPolicy(max_slippage=Decimal(rng.choice(["0.02", "0.1", "0.2"]))),
        exits=rng.choice(own_exits),
    )


def _leaders(rng: Random, strategies: Sequence[Strategy], wallets: Sequence[str], at: datetime) -> list[Leader]:
    return [
        Leader(strategy_id=strategy.strategy_id, wallet=wallet, why="simulated", chosen_at=at, dropped_at=None)
        for strategy in strategies
        for wallet in rng.sample(wallets, 2)
    ]


def _limits(rng: Random, at: datetime) -> AccountLimits | None:
    if rng.random() < 0.4:
        return None
    usd = [Decimal(rng.choice([40, 90, 200])) if rng.random() < 0.6 else None for _ in range(3)]
    return AccountLimits(
        set_at=at,
        max_open_usd=usd[0],
        max_cluster_usd=None,
        max_daily_loss_usd=None,
        max_drawdown=None,
        max_leader_usd=usd[1],
        max_token_usd=usd[2],
    )


def _deeds(rng: Random, markets: Sequence[Market], wallets: Sequence[str], begins_s: float) -> list[Deed]:
    """Purchases, and sales of a part or of all of what was bought, at what the book asked and bid then."""
    deeds: list[Deed] = []
    held: dict[tuple[str, str], Decimal] = {}
    for number, at_s in enumerate(sorted(rng.uniform(2, CHAOS_S - 30) for _ in range(rng.randint(4, 10)))):
        at = float(int(begins_s + at_s))
        keys = sorted(key for key, shares in held.items() if shares > 0)
        selling = bool(keys) and rng.random() < 0.45
        wallet, token_id = rng.choice(keys) if selling else (rng.choice(wallets), rng.choice(rng.choice(markets).token_ids))
        market = next(one for one in markets if token_id in one.token_ids)
        if at >= market.closes_s:
            continue
        outcome, quote = market.token_ids.index(token_id), quote_at(market, at)
        price = Decimal(quote.sell(outcome) if selling else quote.buy(outcome)) / 1000
        owned = held.get((wallet, token_id), Decimal(0))
        bought = (Decimal(rng.choice([20, 60, 150, 400])) / price).quantize(CENT, ROUND_DOWN)
        shares = (owned * Decimal(rng.choice(["0.3", "0.5", "1", "1"]))).quantize(CENT, ROUND_DOWN) if selling else bought
        if shares <= 0:
            continue
        held[wallet, token_id] = owned - shares if selling else owned + shares
        trade = _trade(number, wallet, market, outcome, Side.SELL if selling else Side.BUY, price, shares, at)
        late_s = rng.uniform(1, 60) if rng.random() < 0.2 else 0.0
        deeds.append(Deed(trade, late_s, early=rng.random() < 0.2))
    return deeds


def _trade(number: int, wallet: str, market: Market, outcome: int, side: Side, price: Decimal, shares: Decimal, at_s: float) -> Trade:
    at = datetime.fromtimestamp(at_s, UTC)
    return Trade(
        trade_id=row_id(SOURCE, wallet, number, at_s),
        source=SOURCE,
        venue=Venue.POLYMARKET,
        wallet=wallet,
        market_id=market.condition_id,
        token_id=market.token_ids[outcome],
        outcome=market.outcomes[outcome],
        side=side,
        price=price,
        shares=shares,
        notional=price * shares,
        traded_at=at,
        seen_at=at,
        tx_hash=f"0x{number:064x}",
        ordinal=0,
        sequence=number,
    )


def _words(rng: Random, strategy_ids: Sequence[str]) -> list[Word]:
    said, at_s = list[Word](), 0.0
    while rng.random() < 0.45 and (at_s := at_s + rng.uniform(10, 120)) < CHAOS_S:
        state = rng.choice([TradingState.HALTED, TradingState.REDUCING, TradingState.REDUCING])
        name = rng.choice([*strategy_ids, EVERY_STRATEGY])
        said.append(Word(at_s, name, state, state is TradingState.REDUCING and rng.random() < 0.5))
        if rng.random() < 0.6:
            said.append(Word(at_s := at_s + rng.uniform(5, 90), name, TradingState.ACTIVE, False))
    return said


def _turns(rng: Random, is_walled: bool) -> list[Turn]:
    """Every 30 s more or less, as schedules, hints and stopped workers make it; sometimes two at once, and clocks that jump."""
    turns, at_s, is_jumpy, is_crowded = list[Turn](), 0.0, rng.random() < 0.3, rng.random() < 0.5
    while (at_s := at_s + rng.choice([3.0, 30.0, 30.0, 30.0, 45.0, 90.0])) < CHAOS_S:
        jobs = [("cycle", _wrong_s(rng, is_jumpy))]
        if is_walled:
            jobs.append(("execute", _wrong_s(rng, is_jumpy)))
        if is_crowded and rng.random() < 0.4:
            jobs.append((rng.choice(["cycle", "execute"] if is_walled else ["cycle"]), _wrong_s(rng, is_jumpy)))
        if rng.random() < 0.25:
            jobs.append(("gaps", 0.0))
        turns.append(Turn(at_s, tuple(jobs)))
    return turns


def _wrong_s(rng: Random, is_jumpy: bool) -> float:
    return float(rng.choice([-90, -20, -2, 0, 0, 2, 20, 90])) if is_jumpy else 0.0


def _lags(rng: Random) -> list[Lag]:
    count = rng.choice([0, 0, 1, 2])
    begins = [rng.uniform(0, CHAOS_S) for _ in range(count)]
    return [Lag(begin, min(CHAOS_S, begin + rng.uniform(20, 150)), rng.choice([15.0, 60.0, 150.0])) for begin in begins]
