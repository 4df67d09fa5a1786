"""Would it have worked? Leaders chosen on the past of a recording and copied in its future, window after window, by every way of choosing.

Nobody who chooses sees a trade or a resolution after the window's begin. Whoever is chosen is copied alike: the same delay, size and fee
(`domain.profiling.copyability`), each copy held until its leader or its market ends it, be that after the window.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import pairwise
from typing import Literal

import numpy as np
import polars as pl
from scipy import stats

from data_contracts import Side
from domain.profiling import wallet_profiling as profiling
from domain.profiling.copied_trades import OURS, Frictions, copies, markets_known
from domain.profiling.copyability import top_share
from domain.profiling.skill import Bets, luck_if_chosen, price_null, skill_of
from domain.statistics.resampling import Floats, Interval, Ints, difference, interval, numbered

OUR_CHOICE, RANDOM = "skill", "random"


@dataclass(frozen=True, slots=True)
class Walk:
    """How to walk. `parts`: the windows end where these parts of the trades are done; the first is for learning only."""

    parts: tuple[float, ...] = (0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0)
    fewest_closed: int = 10
    top: int = 10
    most_luck: float = 0.25  # the share of luck that the cautious version of our choice accepts
    delay_s: float = 30.0
    notional: float = 100.0
    frictions: Frictions = OURS
    random_draws: int = 500
    draws_of: Literal["event", "wallet"] = "event"  # what the intervals resample; wallets only where there are hardly any events
    seed: int = 0


@dataclass(frozen=True, slots=True)
class Past:
    """What is known when a window begins."""

    trades: pl.DataFrame
    markets: pl.DataFrame
    as_of: datetime
    records: pl.DataFrame = field(default_factory=pl.DataFrame)  # WalletProfile rows, lifetime, all categories, of who may be chosen


Choice = Callable[[Past, Walk], list[str]]  # who is followed, at most `top`, the best first


def by_record(*columns: str) -> Choice:
    """The wallets with the highest figures."""

    def choice(past: Past, walk: Walk) -> list[str]:
        ranked = past.records.drop_nulls(list(columns)).sort([*columns, "wallet"], descending=[*[True] * len(columns), False])
        return ranked["wallet"].head(walk.top).to_list()

    return choice


def by_skill(past: Past, walk: Walk) -> list[str]:
    """The wallets least likely to know nothing, whatever that likelihood is: as many as the others choose."""
    return [wallet for wallet, _ in _by_luck(past)][: walk.top]


def by_sure_skill(past: Past, walk: Walk) -> list[str]:
    """Only those among whom the expected share of luck stays below `most_luck`; often that is nobody."""
    return [wallet for wallet, share in _by_luck(past) if share <= walk.most_luck][: walk.top]


CHOICES: dict[str, Choice] = {
    OUR_CHOICE: by_skill,
    "skill, at most 25 % luck": by_sure_skill,
    "win rate": by_record("win_rate", "closed_positions"),
    "omega": by_record("omega", "realized_pnl"),
    "PnL": by_record("realized_pnl"),
}


@dataclass(frozen=True, slots=True)
class Result:
    """`copies`: a row per copied entry (way, window, wallet, event, gain). `random`: mean gain of each draw of random leaders."""

    copies: pl.DataFrame
    windows: pl.DataFrame
    random: Floats
    persistence: "Persistence"
    draws_of: str


@dataclass(frozen=True, slots=True)
class Persistence:
    """Rank correlation between what copying a wallet brought in the first and in the second half, over wallets with entries in both."""

    wallets: int
    correlation: float
    low: float
    high: float


def run_walk(trades: pl.DataFrame, markets: pl.DataFrame, walk: Walk, choices: Mapping[str, Choice] = CHOICES) -> Result:
    """All windows, all ways of choosing."""
    entries = copies(trades, markets, (walk.delay_s,), (walk.notional,), walk.frictions)
    entries = entries.filter(pl.col("is_entry") & pl.col("gain").is_not_null()).select("wallet", "traded_at", "event", "gain")
    ends = _ends(trades, walk.parts)
    chosen, windows = [], []
    sums, counts = np.zeros(walk.random_draws), np.zeros(walk.random_draws)
    for number, (start, stop) in enumerate(pairwise(ends)):
        past = _past(trades, markets, start, walk)
        future = entries.filter((pl.col("traded_at") > start) & (pl.col("traded_at") <= stop))
        for way, choice in choices.items():
            leaders = choice(past, walk)
            own = future.filter(pl.col("wallet").is_in(leaders))
            chosen.append(own.with_columns(pl.lit(way).alias("way"), pl.lit(number).alias("window")))
            windows.append(
                {"way": way, "window": number, "begins_at": start, "ends_at": stop, "eligible": past.records.height}
                | _describe(leaders, own)
            )
        drawn = _random(past.records["wallet"].to_list(), future, walk, number)
        sums, counts = sums + drawn[0], counts + drawn[1]
    with np.errstate(invalid="ignore", divide="ignore"):
        random = sums / counts
    return Result(pl.concat(chosen), pl.DataFrame(windows), random[np.isfinite(random)], persistence(entries, walk.seed), walk.draws_of)


def summary(result: Result) -> pl.DataFrame:
    """One row per way of choosing: what a copy returned, surely between what, and against our choice."""
    copied = result.copies.with_columns(pl.col(result.draws_of).rank("dense").cast(pl.Int64).alias("cluster"))
    ours = _gains(copied, OUR_CHOICE)
    rows = [_summed(way, _gains(copied, str(way)), ours) for way in result.windows["way"].unique(maintain_order=True).to_list()]
    low, high = np.quantile(result.random, [0.05, 0.95]) if len(result.random) else (np.nan, np.nan)
    mean = float(np.mean(result.random)) if len(result.random) else float("nan")
    random = {"way": RANDOM, "copies": None, "clusters": None, "mean": mean, "low": low, "high": high}
    return pl.DataFrame([*rows, random], schema=SUMMARY).with_columns(pl.col(pl.Float64).fill_nan(None))


SUMMARY = {
    "way": pl.String,
    "copies": pl.Int64,
    "clusters": pl.Int64,
    "mean": pl.Float64,
    "low": pl.Float64,
    "high": pl.Float64,
    "median": pl.Float64,
    "trimmed_mean": pl.Float64,
    "top_share": pl.Float64,
    "ours_less_this": pl.Float64,
    "ours_less_this_low": pl.Float64,
    "ours_less_this_high": pl.Float64,
}


def persistence(entries: pl.DataFrame, seed: int, fewest: int = 2) -> Persistence:
    """Halves by time: as many entries before the middle as after it. The interval resamples wallets.

    Of the second half, events that the wallet was in already are left out: who backs one side all along is right twice for one reason.
    """
    middle = entries["traded_at"].sort().gather([entries.height // 2]) if entries.height else None
    if middle is None:
        return Persistence(0, float("nan"), float("nan"), float("nan"))
    first = entries.filter(pl.col("traded_at") <= middle[0])
    halves = [first, entries.filter(pl.col("traded_at") > middle[0]).join(first, on=["wallet", "event"], how="anti")]
    means = [half.group_by("wallet").agg(pl.col("gain").mean(), pl.len()).filter(pl.col("len") >= fewest) for half in halves]
    both = means[0].join(means[1], on="wallet").sort("wallet")
    pairs = both.select("gain", "gain_right").to_numpy()
    if len(pairs) < 5:
        return Persistence(len(pairs), float("nan"), float("nan"), float("nan"))
    chance = np.random.default_rng(seed)
    drawn = [_rank_correlation(pairs[chance.integers(len(pairs), size=len(pairs))]) for _ in range(500)]
    low, high = np.nanquantile(drawn, [0.05, 0.95])
    return Persistence(len(pairs), _rank_correlation(pairs), float(low), float(high))


def in_words(name: str, result: Result, walk: Walk) -> list[str]:
    """What the numbers say, and nothing they do not."""
    table = {row["way"]: row for row in summary(result).to_dicts()}
    ours, random = table[OUR_CHOICE], table[RANDOM]
    said = [_edge(name, ours, random, walk)]
    if walk.draws_of == "wallet":
        events = result.copies["event"].n_unique()
        said.append(f"The intervals resample leaders, as all copies fell into {events} events: one more event could turn all of it.")
    for way, row in table.items():
        if way not in (OUR_CHOICE, RANDOM):
            said.append(_compared(way, row))
    kept = result.persistence
    if np.isnan(kept.correlation):
        said.append(
            f"Only {kept.wallets} wallets can be copied in both halves and in different events: whether results last cannot be said."
        )
    else:
        lasts = "they do not last beyond chance" if kept.low <= 0 <= kept.high else "they last" if kept.low > 0 else "they turn around"
        said.append(
            f"Copy returns of {kept.wallets} wallets in the first half, and in other events in the second: "
            f"rank correlation {kept.correlation:+.2f} ({kept.low:+.2f} to {kept.high:+.2f}); {lasts}."
        )
    return said


def _edge(name: str, ours: dict[str, float], random: dict[str, float], walk: Walk) -> str:
    counted = "events" if walk.draws_of == "event" else "leaders"
    setup = f"{name}, copied {walk.delay_s:.0f} s later with {walk.notional:.0f} USD"
    if not ours["copies"]:
        return f"No edge: {setup}: our choice copied nothing."
    mean = f"our choice returned {ours['mean']:+.1%} a copy over {ours['copies']} copies of {ours['clusters']} {counted}"
    if ours["low"] is None:
        return f"No edge: {setup}: {mean}, too few {counted} for an interval."
    mean += f" (90 % interval {ours['low']:+.1%} to {ours['high']:+.1%})"
    beats = random["high"] is None or ours["mean"] > random["high"]
    against = "" if random["high"] is None else f"; random leaders {random['low']:+.1%} to {random['high']:+.1%}"
    return f"{'An edge' if ours['low'] > 0 and beats else 'No edge'}: {setup}: {mean}{against}."


def _compared(way: str, row: dict[str, float]) -> str:
    if not row["copies"]:
        return f"By {way}: nothing was copied."
    returned = f"By {way}: {row['mean']:+.1%} a copy over {row['copies']}"
    low, high = row["ours_less_this_low"], row["ours_less_this_high"]
    if low is None or high is None:
        return f"{returned}; not comparable."
    verdict = "our choice is better" if low > 0 else "our choice is worse" if high < 0 else "the difference may be chance"
    return f"{returned}; ours less this {row['ours_less_this']:+.1%} ({low:+.1%} to {high:+.1%}): {verdict}."


def _ends(trades: pl.DataFrame, parts: Sequence[float]) -> list[datetime]:
    times = trades["traded_at"].sort()
    return [times[min(len(times) - 1, int(part * len(times)))] for part in parts]


def _past(trades: pl.DataFrame, markets: pl.DataFrame, as_of: datetime, walk: Walk) -> Past:
    seen, known = trades.filter(pl.col("traded_at") <= as_of), markets_known(markets, as_of)
    closed = profiling.closed_positions(seen, known, as_of)
    records = profiling.profiles(seen, known, closed, as_of).filter(
        (pl.col("window_days") == 0) & (pl.col("category") == profiling.ALL_CATEGORIES) & (pl.col("closed_positions") >= walk.fewest_closed)
    )
    return Past(seen, known, as_of, records)


def _by_luck(past: Past) -> list[tuple[str, float]]:
    """The wallets that may be chosen, the surest first, each with the expected share of luck among it and all before it.

    A bet is a wallet's first BUY of a token whose market resolved. Without resolved bets there is no evidence and no order.
    """
    over = past.markets.filter(pl.col("payout").is_not_null()).select("token_id", "event", pl.col("payout").cast(pl.Float64))
    ordered = past.trades.filter(pl.col("side") == Side.BUY).sort("traded_at", "sequence", "trade_id")
    first = ordered.unique(["wallet", "token_id"], keep="first")
    event = pl.when(pl.col("event") == "").then(pl.col("market_id")).otherwise(pl.col("event"))
    bets = first.join(over, on="token_id").with_columns(event.alias("event")).sort("wallet", "token_id")
    if not bets.height:
        return []
    wallet = numbered(bets["wallet"].to_list())
    cluster = numbered([f"{one}|{other}" for one, other in bets.select("wallet", "event").iter_rows()])
    rows = Bets(wallet, cluster, bets["payout"].to_numpy(), int(wallet.max()) + 1)
    price = bets["price"].cast(pl.Float64).to_numpy()
    luck = skill_of(rows, price_null(rows, price, np.zeros(len(price), bool), bets["token_id"].n_unique())).mixture.luck
    may = set(past.records["wallet"].to_list())
    named = [(name, number) for number, name in enumerate(sorted(set(bets["wallet"].to_list()))) if name in may]
    shares = luck_if_chosen(np.array([luck[number] for _, number in named]))
    order = sorted(range(len(named)), key=lambda place: (luck[named[place][1]], named[place][0]))  # who has no resolved bet is in no order
    return [(named[place][0], float(shares[place])) for place in order]


def _describe(leaders: Sequence[str], own: pl.DataFrame) -> dict[str, object]:
    return {"leaders": len(leaders), "copies": own.height, "mean": own["gain"].mean()}


def _random(wallets: Sequence[str], future: pl.DataFrame, walk: Walk, window: int) -> tuple[Floats, Floats]:
    """Sum and number of the copies of `top` wallets drawn among all that may be chosen, draw by draw."""
    by_wallet = {row[0]: (row[1], row[2]) for row in future.group_by("wallet").agg(pl.col("gain").sum(), pl.len()).iter_rows()}
    table = np.array([by_wallet.get(wallet, (0.0, 0)) for wallet in wallets]).reshape(-1, 2)
    chance = np.random.default_rng([walk.seed, window])
    size = min(walk.top, len(wallets))
    drawn = [table[chance.choice(len(wallets), size, replace=False)].sum(axis=0) if size else np.zeros(2) for _ in range(walk.random_draws)]
    both = np.array(drawn).reshape(-1, 2)
    return both[:, 0], both[:, 1]


def _gains(copied: pl.DataFrame, way: str) -> tuple[Floats, Ints]:
    own = copied.filter(pl.col("way") == way)
    return own["gain"].to_numpy(), own["cluster"].to_numpy() - 1


def _summed(way: object, own: tuple[Floats, Ints], ours: tuple[Floats, Ints]) -> dict[str, object]:
    gains, clusters = own
    if not len(gains):
        return {"way": way, "copies": 0, "clusters": 0}
    sure = interval(gains[:, None], np.unique(clusters, return_inverse=True)[1])
    better: Interval = difference(ours, own)
    mine = way == OUR_CHOICE
    return {
        "way": way,
        "copies": len(gains),
        "clusters": len(np.unique(clusters)),
        "mean": float(sure.mean[0]),
        "low": float(sure.low[0]),
        "high": float(sure.high[0]),
        "median": float(np.median(gains)),
        "trimmed_mean": float(stats.trim_mean(gains, 0.05)),
        "top_share": top_share(gains),
        "ours_less_this": None if mine else float(better.mean[0]),
        "ours_less_this_low": None if mine else float(better.low[0]),
        "ours_less_this_high": None if mine else float(better.high[0]),
    }


def _rank_correlation(pairs: Floats) -> float:
    if np.ptp(pairs[:, 0]) == 0 or np.ptp(pairs[:, 1]) == 0:
        return float("nan")
    return float(stats.spearmanr(pairs[:, 0], pairs[:, 1]).statistic)
