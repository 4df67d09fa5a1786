"""Frames too large to be grouped at once, a few wallets at a time: groups then fit the caches of a processor, and memory is bounded."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import polars as pl

ROWS_AT_ONCE = 500_000
AT_A_TIME = 2


def by_wallet(work: Callable[..., pl.DataFrame], *frames: pl.DataFrame, rows_at_once: int = ROWS_AT_ONCE) -> list[pl.DataFrame]:
    """What `work` makes of the rows of all frames, part by part: a wallet's are all in one part, and wallets come in the order of names.

    `wallet` is an Enum for `work`, which sorts by name and is grouped as a number; what comes back, with that number, gets the name again.
    The rows of a part keep their order. A part has about `rows_at_once` rows of all frames together, more where one wallet alone has more;
    without any row there is no part. Two parts are worked on at a time: most of a part is too short to be divided among processors well.
    """
    names = pl.concat([frame["wallet"].unique().cast(pl.String) for frame in frames]).unique().sort()
    numbered = [frame.with_columns(pl.col("wallet").cast(pl.Enum(names))) for frame in frames]

    def part(numbers: tuple[int, int]) -> pl.DataFrame:
        here = pl.col("wallet").to_physical().is_between(*numbers)
        made = work(*[frame.filter(here) for frame in numbered])
        return made.with_columns(names.gather(made["wallet"].to_physical()).alias("wallet"))  # the rows of a wallet share one name

    with ThreadPoolExecutor(AT_A_TIME) as threads:
        return list(threads.map(part, _ranges(numbered, rows_at_once)))


def _ranges(frames: list[pl.DataFrame], rows_at_once: int) -> Iterator[tuple[int, int]]:
    """First and last number of wallets that come together."""
    counts = pl.concat([frame.select(number=pl.col("wallet").to_physical().cast(pl.Int64)) for frame in frames])
    rows = counts.group_by("number").len().sort("number").select("number", part=pl.col("len").cum_sum() // rows_at_once)
    ranges = rows.group_by("part").agg(pl.col("number").min().alias("first"), pl.col("number").max().alias("last")).sort("part")
    return ranges.select("first", "last").iter_rows()
