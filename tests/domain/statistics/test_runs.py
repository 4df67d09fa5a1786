"""Statistics of runs and work by parts, against what plain Python and one part say."""

import statistics

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.statistics.parts import by_wallet
from domain.statistics.runs import Runs

Groups = list[list[int]]
GROUPS = st.lists(st.lists(st.integers(-1_000, 1_000), min_size=1, max_size=12), max_size=8)


def runs_of(groups: Groups) -> tuple[Runs, np.ndarray]:
    """Group numbers are 0, 10, 20, ..."""
    number = np.array([10 * place for place, group in enumerate(groups) for _ in group], np.int64)
    return Runs(number), np.array([value for group in groups for value in group], np.float64)


@given(GROUPS)
def test_a_run_is_a_group(groups: Groups) -> None:
    runs, values = runs_of(groups)
    assert runs.group.tolist() == [10 * place for place in range(len(groups))]
    assert runs.sizes.tolist() == [len(group) for group in groups]
    assert values[runs.last].tolist() == [group[-1] for group in groups]
    assert runs.sums(values).tolist() == [sum(group) for group in groups]
    assert runs.largest(values).tolist() == [max(group) for group in groups]
    assert runs.rows(runs.group).tolist() == [10 * place for place, group in enumerate(groups) for _ in group]


@given(GROUPS, st.floats(0, 1))
def test_quantiles_are_those_of_each_group(groups: Groups, part: float) -> None:
    runs, values = runs_of([sorted(group) for group in groups])
    assert runs.quantile(values, part) == pytest.approx([np.quantile(group, part) for group in groups])


@given(GROUPS)
def test_running_sums_and_peaks_begin_anew_with_each_group(groups: Groups) -> None:
    runs, values = runs_of(groups)
    sums = [sum(group[: n + 1]) for group in groups for n in range(len(group))]
    assert runs.cumulated(values).tolist() == sums
    assert runs.peaks(values).tolist() == [max(0, *group[: n + 1]) for group in groups for n in range(len(group))]


@given(GROUPS, st.integers(1, 12))
def test_the_first_rows_of_a_run(groups: Groups, most: int) -> None:
    runs, values = runs_of(groups)
    assert runs.head(values, np.minimum(runs.sizes, most)) == pytest.approx([sum(group[:most]) for group in groups])


@given(GROUPS)
def test_deviations_leave_out_what_is_not_counted(groups: Groups) -> None:
    runs, values = runs_of(groups)
    counted = values > 0
    mean, deviation = runs.deviation(values, counted)
    kept = [[value for value in group if value > 0] for group in groups]
    assert mean == pytest.approx([statistics.mean(group) if group else np.nan for group in kept], nan_ok=True)
    assert deviation == pytest.approx([statistics.stdev(group) if len(group) > 1 else np.nan for group in kept], nan_ok=True)


@given(st.lists(st.tuples(st.sampled_from("abcdef"), st.integers(0, 99))), st.lists(st.sampled_from("defghi")), st.integers(1, 9))
def test_parts_have_every_row_once_and_in_order(rows: list[tuple[str, int]], others: list[str], rows_at_once: int) -> None:
    """Wallets come in the order of their names, with all rows of every frame, whatever the parts' size."""
    left = pl.DataFrame(rows, schema={"wallet": pl.String, "value": pl.Int64}, orient="row")
    right = pl.DataFrame({"wallet": others}, schema={"wallet": pl.String})

    def work(some: pl.DataFrame, more: pl.DataFrame) -> pl.DataFrame:
        return some.sort("wallet", maintain_order=True).select("wallet", "value", pl.lit(more.height).alias("beside"))

    parts = by_wallet(work, left, right, rows_at_once=rows_at_once)
    told = [row for part in parts for row in part.select("wallet", "value").iter_rows()]
    assert told == sorted(rows, key=lambda row: row[0])
    wallets = [set(part["wallet"]) for part in parts]
    assert sum(map(len, wallets)) == len({wallet for wallet, _ in rows})
