"""What the results page shows, as polars frames, of the live house or of a replay:

    from notebooks import results
    results.signals(leader="0x…")

Each function takes what its file in `queries` says, without the house. `wallet` and `cluster` are of one, and hold several frames.
"""

from collections.abc import Callable
from dataclasses import asdict, fields
from functools import wraps
from typing import Any

import polars as pl

from data_contracts import AccountLimits, AccountState
from data_contracts.frames import frame_of
from notebooks.queries import clusters as _clusters
from notebooks.queries import configuration as _configuration
from notebooks.queries import feeds as _feeds
from notebooks.queries import markets as _markets
from notebooks.queries import overview as _overview
from notebooks.queries import performance as _performance
from notebooks.queries import quality as _quality
from notebooks.queries import risk as _risk
from notebooks.queries import signals as _signals
from notebooks.queries import trading as _trading
from notebooks.queries import wallets as _wallets
from notebooks.queries.house import BEGINNING, House, house_of


def _asked_of_the_house(ask: Callable[..., Any]) -> Callable[..., Any]:
    """The same question, put to the live house or to `replay`."""

    @wraps(ask)
    def answer(*given: Any, replay: str = "", **named: Any) -> Any:
        return ask(house_of(replay), *given, **named)

    return answer


def _performed(house: House, by: str = "strategy") -> pl.DataFrame:
    """What came of it for each strategy, leader, category, venue, market or day (UTC), over all that was ever realized."""
    return _performance.performance(_performance.realized(house), by)


def _account(house: House) -> pl.DataFrame:
    """A row: how the account stands, and the last limits an operator set."""
    state, limits = _overview.account(house)
    rows = [frame_of([row] if row else [], row_class) for row, row_class in ((state, AccountState), (limits, AccountLimits))]
    return pl.concat(rows, how="horizontal")


def _random_leaders(house: House, strategies: list[str] | None = None, seed: int = 0) -> pl.DataFrame:
    """A row: what copies of our leaders returned, and of as many random ones; none where too few wallets are rated."""
    found = _performance.random_leaders(house, strategies, seed)
    return pl.DataFrame([asdict(found)] if found else [], schema=[field.name for field in fields(_performance.Random)])


def _readings(house: House) -> pl.DataFrame:
    """How the signatures that were seen on Solana within a day ended: `end`, and how many `rows`."""
    counts = _feeds.readings(house, BEGINNING).counts
    return pl.DataFrame([(end.value, count) for end, count in counts.items()], schema={"end": pl.String, "rows": pl.Int64}, orient="row")


def _versions(house: House) -> pl.DataFrame:
    """Every version of every strategy, and what it changed."""
    lines = [{"strategy_id": name} | line for name, lines in _configuration.histories(house).items() for line in lines]
    return pl.DataFrame(lines, infer_schema_length=None)


def _of(ask: Callable[..., Any], part: str) -> Callable[..., pl.DataFrame]:
    """One frame of what a question answers with several."""

    @wraps(ask)
    def answer(house: House, *given: Any, **named: Any) -> pl.DataFrame:
        frame: pl.DataFrame = getattr(ask(house, *given, **named), part)
        return frame

    return answer


# Overview
strategies = _asked_of_the_house(_overview.strategies)
account = _asked_of_the_house(_account)
equity = _asked_of_the_house(_overview.equity)
alerts = _asked_of_the_house(_overview.alerts)
why_not_filled = _asked_of_the_house(_overview.why_not_filled)
# Signals
signals = _asked_of_the_house(_signals.signals)
scores = _asked_of_the_house(_signals.scores)
reasons = _asked_of_the_house(_signals.reasons)
# Positions
open_positions = _asked_of_the_house(_trading.open_positions)
closed_positions = _asked_of_the_house(_trading.closed_positions)
orders = _asked_of_the_house(_trading.orders)
exits = _asked_of_the_house(_trading.exits)
costs = _asked_of_the_house(_trading.costs)
# Wallets and clusters
leaders = _asked_of_the_house(_wallets.leaders)
held_back = _asked_of_the_house(_wallets.held_back)
best_wallets = _asked_of_the_house(_wallets.best)
candidates = _asked_of_the_house(_wallets.candidates)
wallet = _asked_of_the_house(_wallets.wallet)
clusters = _asked_of_the_house(_clusters.clusters)
cluster = _asked_of_the_house(_clusters.cluster)
# Markets and coins
markets = _asked_of_the_house(_markets.markets)
found_coins = _asked_of_the_house(_of(_markets.coins, "heard"))
coins = _asked_of_the_house(_of(_markets.coins, "tokens"))
coin_looks = _asked_of_the_house(_of(_markets.coins, "looks"))
first_buyers = _asked_of_the_house(_of(_markets.coins, "buyers"))
# Feeds
sources = _asked_of_the_house(_feeds.sources)
gaps = _asked_of_the_house(_feeds.open_gaps)
closed_gaps = _asked_of_the_house(_feeds.closed_gaps)
deliveries = _asked_of_the_house(_of(_feeds.deliveries, "last"))
intents = _asked_of_the_house(_of(_feeds.intents, "last"))
readings = _asked_of_the_house(_readings)
# Risk, data quality
limits = _asked_of_the_house(_risk.frame)
quarantined = _asked_of_the_house(_quality.rules_broken)
last_quarantined = _asked_of_the_house(_quality.last_set_aside)
# Performance
performance = _asked_of_the_house(_performed)
realized = _asked_of_the_house(_performance.realized)
followed_up = _asked_of_the_house(_performance.followed_up)
calibration = _asked_of_the_house(_performance.calibration)
random_leaders = _asked_of_the_house(_random_leaders)
# Configuration
policies = _asked_of_the_house(_configuration.policies)
settings = _asked_of_the_house(_configuration.settings)
versions = _asked_of_the_house(_versions)
