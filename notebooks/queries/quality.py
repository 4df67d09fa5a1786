"""What broke its contract: by table and rule, and the last rows that were set aside."""

from datetime import datetime

import polars as pl

from data_contracts import Quarantined
from notebooks.queries.house import BEGINNING, House

MOST = 30


def rules_broken(house: House, since: datetime = BEGINNING) -> pl.DataFrame:
    """`table`, `rule` and how many `rows` broke it since; a row that breaks two rules counts in both."""
    counted = house.results.sums(Quarantined, ["table", "rules"], since=("seen_at", since))
    each = counted.with_columns(pl.col("rules").str.split("; ")).explode("rules").rename({"rules": "rule"})
    return each.group_by("table", "rule").agg(pl.col("rows").sum()).sort("rows", "table", "rule", descending=[True, False, False])


def last_set_aside(house: House, since: datetime = BEGINNING) -> pl.DataFrame:
    """The last Quarantined rows, the newest first."""
    return house.results.latest(Quarantined, "seen_at", MOST, since=since)
