"""Who knows something: our picks, an oracle's and the rivals', on worlds of bettors.

The oracle knows the share of wallets that know, what edge each has if it knows and until when, every token's true chance, and which legs
were chosen by a view of their own. Only whether a wallet knows it must tell from results, by the exact likelihood: nobody can do better.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import polars as pl
from scipy.special import expit
from scipy.stats import binom, norm

from domain.profiling.skill import Bets, Null, Skill, luck_if_chosen, price_null, skill_of
from domain.statistics.mixture import EDGES
from evaluation.score import Score, interval
from evaluation.worlds.betting import KNOWING, SHARES, Plan, World, draw_world

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]

LEVELS = (0.05, 0.10, 0.25)
WANTED_OF_ORACLE = 0.85
PREVALENCE_WITHIN = 0.01
STANDARD = Plan()
BEYOND_DOUBT = "beside one of 5,000 wins"
CASES = {
    "4,000 wallets": STANDARD,
    "10,000 wallets": replace(STANDARD, wallets=10_000, events=12_000),
    "weak edges": replace(STANDARD, edges=(0.2, 0.8)),
    "few bets": replace(STANDARD, bets_tail=0.7),
    BEYOND_DOUBT: STANDARD,
    "nobody knows": replace(STANDARD, shares={kind: share for kind, share in SHARES.items() if kind not in KNOWING}),
}
HARD = ("weak edges", "few bets")  # even the oracle finds few; what share of them we find is shown, not claimed


@dataclass(frozen=True)
class Picks:
    """Which wallets a method chose, of a world in which `knows` do."""

    chosen: Flags
    knows: Flags

    @property
    def true(self) -> int:
        return int((self.chosen & self.knows).sum())

    @property
    def false_share(self) -> float:
        return float((self.chosen & ~self.knows).sum() / max(self.chosen.sum(), 1))


def scores(seeds: Sequence[int]) -> Iterable[Score]:
    for case, plan in CASES.items():
        picks: dict[str, list[Picks]] = defaultdict(list)
        figures: dict[str, list[float]] = defaultdict(list)
        for seed in seeds:
            world = draw_world(seed, plan)
            skill = _beside_one_beyond_doubt(world) if case == BEYOND_DOUBT else skill_of(*_bets(world))
            for method, chosen in _choose(world, skill).items():
                picks[method].append(Picks(chosen, world.wallets["knows"].to_numpy()))
            figures["prevalence"].append(skill.mixture.prevalence)
            figures["covered"].append(_covered(world, skill))
        yield from luck_among_picks(case, picks)
        yield from shares_of_oracle(case, picks) if case != "nobody knows" else ()
        yield from prevalence_found(case, _planted(plan), figures["prevalence"])
        if case == "4,000 wallets":
            # Shown, not claimed: edges are planted evenly between two bounds, and believed to be log-normal.
            yield _score("walletflow", case, "90 % intervals that hold the edge", interval(figures["covered"]))
            yield from rivals(case, picks)


def luck_among_picks(case: str, picks: dict[str, list[Picks]]) -> Iterator[Score]:
    """The mean over the worlds of the share of luck among the picks; a world without picks has none."""
    for level in LEVELS:
        shares = [found.false_share for found in picks[f"walletflow {level}"]]
        value, low, high = interval(shares)
        error = float(np.std(shares, ddof=1) / np.sqrt(len(shares))) if len(shares) > 1 else 0.0
        if case == "nobody knows":  # every discovery is false: the rate is that of worlds with any
            error = float(np.sqrt(level * (1 - level) / len(shares)))
        wanted = f"at most {level} + 3 standard errors"
        yield _score("walletflow", case, f"luck among picks, q = {level:.0%}", (value, low, high), wanted, value <= level + 3 * error)


def shares_of_oracle(case: str, picks: dict[str, list[Picks]]) -> Iterator[Score]:
    """How many who know we pick for each that the oracle picks."""
    oracle = picks["oracle 0.1"]
    rivals = {"walletflow": "walletflow 0.1", "z-test, Benjamini-Hochberg": "z-test", "all who know": "everybody"}
    for method, name in rivals.items():
        share = interval([one.true / max(best.true, 1) for one, best in zip(picks[name], oracle, strict=True)])
        claimed = method == "walletflow" and case not in HARD
        wanted = f"at least {WANTED_OF_ORACLE}" if claimed else ""
        held = _pooled(picks[name], oracle) >= WANTED_OF_ORACLE if claimed else None
        yield _score(method, case, "true picks per true pick of the oracle, q = 10%", share, wanted, held)


def _pooled(ours: Sequence[Picks], oracle: Sequence[Picks]) -> float:
    """Over all worlds together: a world in which the oracle finds few counts less."""
    return sum(picks.true for picks in ours) / sum(picks.true for picks in oracle)


def _planted(plan: Plan) -> float:
    return sum(share for kind, share in plan.shares.items() if kind in KNOWING)


def prevalence_found(case: str, planted: float, found: Sequence[float]) -> Iterator[Score]:
    """The share of wallets that know, as the mixture found it beside what was planted."""
    value = interval(found)
    held = abs(value[0] - planted) <= PREVALENCE_WITHIN
    yield _score("walletflow", case, "share who know, recovered", value, f"within 1 point of {planted:.0%}", held)
    worst = max(abs(one - planted) for one in found)
    yield _score("walletflow", case, "share who know, farthest off", (worst, min(found), max(found)))


def rivals(case: str, picks: dict[str, list[Picks]]) -> Iterator[Score]:
    """How many each method picks, and what part of them knows."""
    for method in ("oracle 0.1", "walletflow 0.1", "z-test", "binomial", "win rate", "total gain"):
        yield _score(method, case, "picks", interval([float(found.chosen.sum()) for found in picks[method]]))
        yield _score(method, case, "precision", interval([1 - found.false_share for found in picks[method] if found.chosen.any()]))


def _score(method: str, case: str, figure: str, value: tuple[float, float, float], wanted: str = "", held: bool | None = None) -> Score:
    return Score("skill", method, case, figure, *value, wanted, held)


def _bets(world: World) -> tuple[Bets, Null]:
    bets, prices, makers, markets = _arrays(world)
    return bets, price_null(bets, prices, makers, markets)


def _arrays(world: World) -> tuple[Bets, Floats, Flags, int]:
    """The bets, their prices, who made them, and how many markets there are."""
    bets = world.bets
    cluster = bets.select(pl.struct("wallet", "event").rank("dense")).to_series().to_numpy().astype(np.int64) - 1
    arrays = Bets(bets["wallet"].to_numpy(), cluster, bets["won"].to_numpy().astype(float), world.wallets.height)
    return arrays, bets["price"].to_numpy(), bets["maker"].to_numpy(), bets["market"].n_unique()


def _beside_one_beyond_doubt(world: World) -> Skill:
    """What is thought of the others where one more wallet won 5,000 bets of 5,000 at 0.50, each in an event of its own."""
    bets, prices, makers, markets = _arrays(world)
    wallet = np.append(bets.wallet, np.full(5000, bets.wallets))
    cluster = np.append(bets.cluster, bets.cluster.max() + 1 + np.arange(5000))
    more = Bets(wallet, cluster, np.append(bets.payoff, np.ones(5000)), bets.wallets + 1)
    null = price_null(more, np.append(prices, np.full(5000, 0.5)), np.append(makers, np.zeros(5000, bool)), markets + 5000)
    skill = skill_of(more, null)
    return replace(skill, mixture=replace(skill.mixture, odds=skill.mixture.odds[:-1]))


def _choose(world: World, skill: Skill) -> dict[str, Flags]:
    ours, best = luck_if_chosen(skill.mixture.luck), luck_if_chosen(_oracle(world))
    levels = {f"{name} {level}": share <= level for name, share in (("walletflow", ours), ("oracle", best)) for level in LEVELS}
    return levels | _rival_choices(world, int((ours <= LEVELS[1]).sum())) | {"everybody": world.wallets["knows"].to_numpy()}


def _oracle(world: World) -> Floats:
    """Per wallet: the probability that it knows nothing."""
    known = world.bets.filter("chosen")
    edge, chance, won = (known[name].to_numpy() for name in ("would_be_edge", "chance", "won"))
    evidence = np.bincount(known["wallet"].to_numpy(), edge * won - np.log1p(chance * np.expm1(edge)), world.wallets.height)
    prevalence = float(np.mean(world.wallets["knows"].to_numpy()))
    return np.ones_like(evidence) if prevalence == 0 else expit(np.log((1 - prevalence) / prevalence) - evidence)


def _rival_choices(world: World, as_many: int) -> dict[str, Flags]:
    """A z-test of wins against prices, a test of the win rate against a half (both with Benjamini-Hochberg at 10 %), and two rankings."""
    bets, wallets = world.bets, world.wallets.height
    wallet, price, won, stake = (bets[name].to_numpy() for name in ("wallet", "price", "won", "stake"))
    count, wins = np.bincount(wallet, minlength=wallets), np.bincount(wallet, won, wallets)
    z = (wins - np.bincount(wallet, price, wallets)) / np.sqrt(np.maximum(np.bincount(wallet, price * (1 - price), wallets), 1e-9))
    gain = np.bincount(wallet, stake * (won / price - 1), wallets)
    return {
        "z-test": benjamini_hochberg(norm.sf(z), LEVELS[1]),
        "binomial": benjamini_hochberg(binom.sf(wins - 1, count, 0.5), LEVELS[1]),
        "win rate": (count >= 10) & (wins >= 0.7 * count),
        "total gain": gain >= np.sort(gain)[-max(as_many, 1)],
    }


def benjamini_hochberg(p_values: Floats, level: float) -> Flags:
    ranked = np.sort(p_values)
    passed = ranked[ranked <= level * np.arange(1, ranked.size + 1) / ranked.size]
    return p_values <= (passed[-1] if passed.size else -1.0)


def _covered(world: World, skill: Skill) -> float:
    """Of those that rather know than not, the share whose 90 % interval holds their edge; without those that stopped or pile up."""
    cumulated = skill.mixture.odds.cumsum(axis=1)
    low, high = (EDGES[np.minimum((cumulated < part).sum(axis=1), EDGES.size - 1)] for part in (0.05, 0.95))
    edge = world.wallets["edge"].to_numpy()
    steady = ((world.wallets["kind"] != "decaying") & ~world.wallets["piles"]).to_numpy() & (skill.mixture.luck < 0.5)
    return float(((low <= edge) & (edge <= high))[steady].mean()) if steady.any() else float("nan")
