"""What the results page shows, as polars frames, of the live house or of a replay:

    from notebooks import results
    results.signals(leader="0x…")

Each function takes what its file says, without the house.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any

import polars as pl

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


def _quarantined(house: House) -> pl.DataFrame:
    """`table`, `rule` and how many `rows` ever broke it."""
    return _quality.rules_broken(house, BEGINNING)


def _performed(house: House, by: str = "strategy") -> pl.DataFrame:
    """What came of it for each strategy, leader, category, venue, market or day (UTC), over all that was ever realized."""
    return _performance.performance(_performance.realized(house), by)


strategies = _asked_of_the_house(_overview.strategies)
equity = _asked_of_the_house(_overview.equity)
alerts = _asked_of_the_house(_overview.alerts)
signals = _asked_of_the_house(_signals.signals)
open_positions = _asked_of_the_house(_trading.open_positions)
closed_positions = _asked_of_the_house(_trading.closed_positions)
orders = _asked_of_the_house(_trading.orders)
exits = _asked_of_the_house(_trading.exits)
leaders = _asked_of_the_house(_wallets.leaders)
best_wallets = _asked_of_the_house(_wallets.best)
wallet = _asked_of_the_house(_wallets.wallet)
clusters = _asked_of_the_house(_clusters.clusters)
markets = _asked_of_the_house(_markets.markets)
sources = _asked_of_the_house(_feeds.sources)
gaps = _asked_of_the_house(_feeds.open_gaps)
limits = _asked_of_the_house(_risk.frame)
quarantined = _asked_of_the_house(_quarantined)
performance = _asked_of_the_house(_performed)
calibration = _asked_of_the_house(_performance.calibration)
policies = _asked_of_the_house(_configuration.policies)
