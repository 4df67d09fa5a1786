"""How often is a trap flag wrong? Worlds with planted traps and with honest wallets that look like them."""

from collections.abc import Iterator, Sequence

import polars as pl

from data_contracts import Trap
from domain.profiling.traps import USUAL, flags
from evaluation.score import Score, interval
from evaluation.worlds import traps as worlds

TOPIC = "traps"
MOST_FALSE, MOST_MISSED = 0.02, 0.10
LOOK_ALIKES = {Trap.WASH: "maker", Trap.BAIT: "scalper", Trap.HEDGE: "turncoat", Trap.CROWD: "newsreader", Trap.PREARRANGED: "house"}


def scores(seeds: Sequence[int]) -> Iterator[Score]:
    """Per trap: honest wallets that were flagged, those that look most like it, and planted ones that were not."""
    found = [_judge(seed) for seed in seeds]
    for trap in Trap:
        rows = [one.filter(pl.col("trap") == trap) for one in found]
        honest = [_rate(one.filter(pl.col("truth").is_null())) for one in rows]
        alike = [_rate(one.filter(pl.col("kind") == LOOK_ALIKES[trap])) for one in rows]
        missed = [1 - _rate(one.filter(pl.col("truth") == trap)) for one in rows]
        yield _score(trap, "honest wallets flagged", honest, MOST_FALSE)
        yield _score(trap, f"{LOOK_ALIKES[trap]}s flagged", alike, None)
        yield _score(trap, "traps missed", missed, MOST_MISSED)


def _judge(seed: int) -> pl.DataFrame:
    world = worlds.draw_world(seed)
    rows = flags(world.trades, world.markets, worlds.BEGIN)
    truth = pl.DataFrame(
        {"wallet": list(world.traps), "truth": [trap and trap.value for trap in world.traps.values()]},
        schema={"wallet": pl.String, "truth": pl.String},
    )
    kinds = pl.DataFrame({"wallet": list(world.kinds), "kind": list(world.kinds.values())})
    return rows.filter(pl.col("observations") >= USUAL.fewest).join(truth, on="wallet").join(kinds, on="wallet")


def _rate(rows: pl.DataFrame) -> float:
    return float(rows["flagged"].cast(pl.Float64).mean() or 0.0) if rows.height else float("nan")  # type: ignore[arg-type]


def _score(trap: Trap, figure: str, values: Sequence[float], most: float | None) -> Score:
    value, low, high = interval(values)
    wanted = "" if most is None else f"at most {most:.0%}"
    return Score(TOPIC, "ours", trap.value, figure, value, low, high, wanted, None if most is None else value <= most)
