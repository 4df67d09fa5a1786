"""Whether the calibration table tells the truth: on worlds whose truth is known, and of forecasters who are known to exaggerate."""

from datetime import UTC, datetime, timedelta

import numpy as np
import numpy.typing as npt
import polars as pl
import pytest
from scipy.special import expit, logit

from data_contracts import Censoring
from domain.backtesting import calibration
from domain.backtesting.alarm_forecasts import alarm_forecasts
from domain.backtesting.calibration import SKILL, Calibration, Figure, calibrate, seen_in
from domain.backtesting.copy_forecasts import copy_forecasts
from domain.backtesting.pair_forecasts import pair_forecasts
from domain.backtesting.skill_forecasts import SkillForecasts, chance_of_being_ahead, redraw, skill_forecasts, wins_with
from domain.statistics.calibration import reliability, scores_of
from domain.statistics.mixture import EDGES, NOTHING
from evaluation.owners import trades_of
from evaluation.worlds import copying
from evaluation.worlds.betting import Kind, Plan, World, draw_world
from evaluation.worlds.groups import GroupPolicy, group_world

BEGINS = datetime(2026, 1, 1, tzinfo=UTC)
HALF_WAY = BEGINS + timedelta(days=90)
MANY_KNOW = Plan(wallets=2_000, events=12_000, shares={Kind.SKILLED: 0.15})
FOREVER = timedelta(days=1_000)


def bets_of(world: World) -> pl.DataFrame:
    """A world's bets as the columns of `domain.profiling.bets`; a bet of a day ends with it."""
    at = pl.lit(BEGINS) + (pl.col("day") * 86_400_000_000).cast(pl.Int64).cast(pl.Duration("us"))
    named = [pl.format(f"{name[0]}{{}}", name).alias(column) for column, name in (("market_id", "market"), ("token_id", "token"))]
    frame = world.bets.select(
        pl.format("name:{}", "wallet").alias("wallet"),
        *named,
        pl.format("e{}", "event").alias("event"),
        "price",
        pl.col("won").cast(pl.Float64).alias("payoff"),
        at.alias("bought_at"),
        (pl.lit(BEGINS) + pl.duration(days=pl.col("day").floor() + 1)).alias("resolved_at"),
    )
    return frame.sort("wallet", "bought_at")


@pytest.fixture(scope="module")
def world() -> World:
    """15 % of 2,000 wallets know something and keep knowing it."""
    return draw_world(5, MANY_KNOW)


@pytest.fixture(scope="module")
def told(world: World) -> SkillForecasts:
    return skill_forecasts(bets_of(world), HALF_WAY)


def off_the_diagonal(said: npt.NDArray[np.float64], told: SkillForecasts) -> int:
    """How many bins lie clearly beside what was said."""
    bins = reliability(said, told.rows["came"].to_numpy(), told.redrawn.came)
    return sum(bin_.low is not None and bin_.high is not None and not bin_.low <= bin_.said <= bin_.high for bin_ in bins)


def test_calibrated_forecasts_lie_on_the_diagonal(told: SkillForecasts) -> None:
    said = told.rows["said"].to_numpy()
    assert said.size > 1_000
    assert len(reliability(said, told.rows["came"].to_numpy())) >= 4
    assert off_the_diagonal(said, told) == 0


@pytest.mark.parametrize("louder", [0.3, 2.5])
def test_forecasts_that_exaggerate_or_hedge_do_not(louder: float, told: SkillForecasts) -> None:
    """The same forecasts with their log-odds times 2.5, and times 0.3; and both cost more by the Brier score."""
    said, came = told.rows["said"].to_numpy(), told.rows["came"].to_numpy()
    other = expit(louder * logit(np.clip(said, 1e-4, 1 - 1e-4)))
    assert off_the_diagonal(other, told) >= 2
    wallets = np.arange(said.size)
    assert scores_of(other, came, wallets).brier > scores_of(said, came, wallets).brier


def test_knowing_who_knows_scores_better_than_saying_that_nobody_does(told: SkillForecasts) -> None:
    forecasts = told.rows
    came, wallets = forecasts["came"].to_numpy(), np.arange(forecasts.height)
    ours, nobody = (scores_of(forecasts[name].to_numpy(), came, wallets) for name in ("said", "unskilled"))
    assert ours.brier < nobody.brier
    assert ours.log_loss < nobody.log_loss


def test_the_luck_share_is_read_off_later_bets_as_it_truly_is(world: World, told: SkillForecasts) -> None:
    """Which of the chosen know nothing is on record in a world; the table has to find their share without it."""
    forecasts = told.rows
    figure = calibration._of_luck(told)
    chosen = forecasts.filter(pl.col("luck_if_chosen") <= calibration.MAX_LUCK)
    knows = dict(world.wallets.select(pl.format("name:{}", "wallet"), "knows").iter_rows())
    true = 1 - sum(knows[wallet] for wallet in chosen["wallet"]) / chosen.height
    assert figure.low is not None
    assert figure.high is not None
    assert figure.low <= true <= figure.high
    assert figure.verdict == "agrees"
    assert figure.high < 0.5


def test_no_grade_promises_more_than_later_bets_bring(told: SkillForecasts) -> None:
    """The best rather less: edges are believed to be near 0.6 before anything is seen, and planted up to 1.2."""
    figures = [figure for figure in calibration._of_grades(told) if figure.came is not None]
    assert [figure.verdict for figure in figures if figure.verdict == "said too much"] == []
    assert figures[0].group == "A"
    assert figures[0].came is not None
    assert figures[0].came > 0.05


def test_alarms_of_wallets_that_keep_their_edge_are_as_rare_as_was_said(told: SkillForecasts) -> None:
    """Nobody loses an edge here, so every ring is a false one."""
    alarms = alarm_forecasts(told.rows, told.bets)
    assert alarms.height >= 60
    figure = calibration._of_alarms(alarms)
    assert figure.verdict == "agrees"


def test_where_edges_are_lost_more_wallets_ring_than_keep_theirs() -> None:
    """All who know anything forget it within the days that are watched."""
    lost = draw_world(4, Plan(wallets=1_500, events=4_000, shares={Kind.DECAYING: 0.15}))
    found = skill_forecasts(bets_of(lost), HALF_WAY)
    figure = calibration._of_alarms(alarm_forecasts(found.rows, found.bets))
    assert figure.verdict == "more ring than keep their edge"


def test_nothing_that_is_said_knows_what_came(world: World, told: SkillForecasts) -> None:
    """Turn every later result around: what was said of everybody stays the same to the last digit."""
    turned = bets_of(world).with_columns(
        pl.when(pl.col("bought_at") > HALF_WAY).then(1 - pl.col("payoff")).otherwise("payoff").alias("payoff")
    )
    again = skill_forecasts(turned, HALF_WAY).rows
    assert again["said"].equals(told.rows["said"])
    assert not again["came"].equals(told.rows["came"])


def test_wallets_that_hang_on_the_same_events_are_drawn_again_together() -> None:
    """Fifty wallets that made the same five bets: all ahead, or none, in every draw."""
    one = pl.DataFrame({"event": [f"e{n}" for n in range(5)], "payoff": [1.0, 0.0, 1.0, 0.0, 1.0], "fair_chance": 0.5})
    same = redraw(pl.concat([one.with_columns(wallet=pl.lit(f"w{number}")) for number in range(50)]))
    shares = same.came.mean(axis=1)
    assert set(shares) == {0.0, 1.0}
    bins = reliability(np.full(50, 0.5), np.ones(50), same.came)
    assert bins[0].low is not None
    assert bins[0].low < 0.5  # alone, fifty of fifty would say: above 0.94


def test_intervals_hold_although_a_thousand_wallets_hang_on_sixty_events() -> None:
    """Five even bets a wallet, three in four of them on the popular side: ahead with probability 1/2, one and all.

    With wallets as the only units (Wilson) the interval holds a half in fewer than half of sixty worlds instead of nine in ten.
    """
    chance, held = np.random.default_rng(0), {"wallets": 0, "ours": 0}
    for seed in range(60):
        event = np.concatenate([chance.choice(60, 5, replace=False) for _ in range(1_000)])
        popular, won = chance.random(60) < 0.5, chance.random(60) < 0.5
        side = np.where(chance.random(event.size) < 0.75, popular[event], ~popular[event])
        wallets = [f"w{number:04}" for number in range(1_000) for _ in range(5)]
        bets = pl.DataFrame({"wallet": wallets, "event": event, "payoff": (won[event] == side).astype(float), "fair_chance": 0.5})
        came = (bets.group_by("wallet", maintain_order=True).agg(pl.col("payoff").sum() > 2.5)["payoff"]).cast(pl.Float64).to_numpy()
        (alone,), (ours,) = (reliability(np.full(1_000, 0.5), came, again) for again in (None, redraw(bets, seed).came))
        for name, bin_ in (("wallets", alone), ("ours", ours)):
            assert bin_.low is not None
            assert bin_.high is not None
            held[name] += bin_.low <= 0.5 <= bin_.high
    assert held["wallets"] < 30
    assert held["ours"] >= 48


def test_the_chance_of_being_ahead_is_exact() -> None:
    """Two bets at 0.5: ahead with two wins (1/4; one win of 1.0 expected is even). Three at 0.5: with two or three (1/2)."""
    for fair, expected in ((np.full(2, 0.5), 0.25), (np.full(3, 0.5), 0.5), (np.array([0.9]), 0.9)):
        assert chance_of_being_ahead(fair, wins_with(fair))[NOTHING] == pytest.approx(expected)
    fair = np.full(3, 0.5)
    edge = EDGES.size - 1
    win = np.exp(EDGES[edge]) / (1 + np.exp(EDGES[edge]))
    assert chance_of_being_ahead(fair, wins_with(fair))[edge] == pytest.approx(win**3 + 3 * win**2 * (1 - win))


def test_pairs_of_one_owner_go_on_and_of_no_owner_there_are_none() -> None:
    """Two in three tokens have all members of a group: most pairs meet often enough again, and none that is said was a stranger's."""
    for groups, least in ((25, 0.7), (0, None)):
        trades = trades_of(group_world(GroupPolicy(groups=groups), 1))
        half = trades["traded_at"].sort()[trades.height // 2]
        figure = calibration._of_pairs(pair_forecasts(trades, half))
        if least is None:
            assert figure.verdict.startswith("too few")
        else:
            assert figure.came is not None
            assert figure.came > least


def test_pairs_that_are_said_to_be_one_and_are_strangers_do_not_go_on() -> None:
    """The same trades with the later wallets' names dealt out anew: who traded together has nothing to do with who does."""
    trades = trades_of(group_world(GroupPolicy(groups=60), 1))
    half = trades["traded_at"].sort()[trades.height // 2]
    names = trades["wallet"].unique().sort()
    dealt = dict(zip(names, names.shuffle(seed=2), strict=True))
    later = pl.when(pl.col("traded_at") > half).then(pl.col("wallet").replace(dealt)).otherwise("wallet").alias("wallet")
    figure = calibration._of_pairs(pair_forecasts(trades.with_columns(later), half))
    assert figure.came is not None
    assert figure.came < 0.1


def copied(seeds: int, shift: float = 0.0) -> list[Figure]:
    """One leader a world, before and after its half; `shift` is added to what was said."""
    found = []
    for seed in range(seeds):
        trades, markets = copying.recording(seed, 80)
        half = trades["traded_at"].sort()[trades.height // 2]
        found.append(copy_forecasts(trades, markets, half, half + FOREVER).filter(pl.col("wallet") == copying.LEADER))
    rows = pl.concat(found)
    if shift:
        said = pl.struct(pl.col(name) + shift for name in ("mean", "low", "high")).struct.unnest()
        low, high = rows["low"] + shift, rows["high"] + shift
        rows = rows.with_columns(said, came=(rows["later"].is_between(low, high)).cast(pl.Float64))
    return calibration._of_copies(rows)


def test_intervals_of_copies_hold_what_comes_as_often_as_they_say() -> None:
    whole, _ = copied(40)
    assert whole.count == 40
    assert whole.verdict == "agrees"


def test_intervals_that_promise_a_third_more_do_not() -> None:
    assert copied(40, shift=1 / 3)[0].verdict == "said too much"


def test_of_a_record_that_is_too_short_every_line_says_so() -> None:
    """One leader with ten entries: no figure at all, and in each line why."""
    trades, markets = copying.recording(1, 5)
    found = calibrate(seen_in(trades, markets, trades["traded_at"][trades.height // 2], BEGINS + FOREVER))
    assert all(figure.came is None and figure.verdict.startswith("too few: ") for figure in found.figures)
    assert found.overall is None
    assert {figure.what for figure in found.figures} >= {SKILL, calibration.LUCK, calibration.ALARM, calibration.PAIR, calibration.COPY}


def test_what_is_missing_stands_beside_the_figures_it_flatters_and_no_others() -> None:
    known = Figure(SKILL, "all", 100, 0.5, 0.6, 0.5, 0.7, "agrees")
    pairs = Figure(calibration.PAIR, "all", 100, 0.99, 0.9, 0.8, 1.0, "agrees")
    empty = Figure(SKILL, "all", 3, None, None, None, None, "too few")
    found = Calibration(BEGINS, HALF_WAY, 1, 1, 1, 1, [known, pairs, empty], None, {}, [Censoring.LOSERS_MISSING])
    assert [found.flatters(figure) for figure in found.figures] == [True, False, False]
