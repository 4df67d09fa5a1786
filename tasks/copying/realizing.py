"""What was realized since an instant: from the log of fills and settlements, as far back as the positions that were left go."""

from datetime import datetime

import polars as pl

from adapters.stores.results import Results
from data_contracts import Fill, Settlement, Side
from data_contracts.frames import EPOCH
from domain.copying.realizing import FILL_COLUMNS, SETTLEMENT_COLUMNS, realized


def read_realized(results: Results, since: datetime = EPOCH, **where: object) -> pl.DataFrame:
    """Rows of `realizing.realized` at or after `since`; `where` asks for a strategy_id or a leader, or some of them."""
    return read_left(results, since, **where).filter(pl.col("realized_at") >= since)


def read_left(results: Results, since: datetime = EPOCH, **where: object) -> pl.DataFrame:
    """All that the positions ever realized of which something was sold or settled since: an opening may have been left in parts."""
    if since > EPOCH:
        where |= {"token_id": sorted(_left_tokens(results, since, where))}
    fills = results.read(Fill, only=FILL_COLUMNS, **where)
    return realized(fills, results.read(Settlement, only=SETTLEMENT_COLUMNS, **where))


def _left_tokens(results: Results, since: datetime, where: dict[str, object]) -> set[str]:
    sold = results.grouped(Fill, "strategy_id", "token_id", ("filled_at", since), side=Side.SELL.value, **where)
    settled = results.grouped(Settlement, "strategy_id", "token_id", ("settled_at", since), **where)
    return set().union(*sold.values(), *settled.values())
