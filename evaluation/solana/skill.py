"""Who knows when to leave a memecoin: our picks, two oracles' and the rivals', on worlds of wallets that buy new tokens.

The oracle knows the share of wallets that know, what edge each has if it knows and until when, and all that a wallet could have got by the
times it had in mind; only whether it knows it must tell from results. Nobody sees that much. So beside it stands an oracle of ranks: it
knows the same of the wallets, and sees what we see, the rank of each purchase among the others of the same minutes.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

import numpy as np
from scipy.special import expit
from scipy.stats import t as student

from domain.profiling.peers import Peers, Purchases, peer_bets, peer_null, peers_of
from domain.profiling.skill import Expected, Floats, Skill, luck_if_chosen, skill_of
from evaluation.rivals.capped_returns import skill_by_capped_returns
from evaluation.score import Score, interval
from evaluation.skill import LEVELS, Flags, Picks, benjamini_hochberg, luck_among_picks, prevalence_found
from evaluation.worlds.memecoins import CHOICES, KNOWING, SHARES, Kind, Plan, World, draw_world

STANDARD = Plan()
LADDERS = "one in twenty sells by a ladder"
CASES = {
    "4,000 wallets": STANDARD,
    "few peers": replace(STANDARD, tokens=2_500),
    "few bets": replace(STANDARD, bets_tail=0.7),
    "half of the history": replace(STANDARD, seen_from=30.0),
    "nobody knows": replace(STANDARD, shares={kind: share for kind, share in SHARES.items() if kind not in KNOWING}),
    LADDERS: replace(STANDARD, shares=SHARES | {Kind.LADDER: 0.05}),
}
WANTED_OF_RANKS, WANTED_OF_ORACLE = 0.75, 0.30
CLAIMED = ("4,000 wallets",)  # of the others what share we find is shown


def scores(seeds: Sequence[int]) -> Iterable[Score]:
    """Luck among our picks, power beside the oracles, the share that knows, and ranks against capped log-returns."""
    for case, plan in CASES.items():
        picks: dict[str, list[Picks]] = defaultdict(list)
        found: list[float] = []
        for seed in seeds:
            world = draw_world(seed, plan)
            skill, chosen = _chosen(world)
            found.append(skill.mixture.prevalence)
            for method, flags in chosen.items():
                picks[method].append(Picks(flags, world.wallets["knows"].to_numpy()))
        yield from (_without_claim(score, case) for score in luck_among_picks(case, picks))
        if case == "nobody knows":
            continue
        yield from _power(case, picks)
        yield from (replace(one, held=None, wanted="") for one in prevalence_found(case, _planted(plan), found))
        if case == "4,000 wallets":
            yield from _rivals(case, picks)


def purchases_of(world: World) -> Purchases:
    """What an observer sees of a world."""
    bets = world.bets
    wallet, token, at_s, got, held_s = (bets[name].to_numpy() for name in ("wallet", "token", "at_s", "got", "held_s"))
    return Purchases(wallet, token, at_s, got, held_s, world.wallets.height)


def _without_claim(score: Score, case: str) -> Score:
    """Whoever leaves by a better rule is taken for one who knows: shown, not claimed."""
    return replace(score, wanted="", held=None) if case == LADDERS else score


def _power(case: str, picks: dict[str, list[Picks]]) -> Iterator[Score]:
    for oracle, wanted in (("oracle of ranks", WANTED_OF_RANKS), ("oracle", WANTED_OF_ORACLE)):
        ours, best = picks["walletflow 0.1"], picks[f"{oracle} 0.1"]
        share = interval([one.true / max(other.true, 1) for one, other in zip(ours, best, strict=True)])
        pooled = sum(one.true for one in ours) / max(sum(one.true for one in best), 1)
        claim, held = (f"at least {wanted}", pooled >= wanted) if case in CLAIMED else ("", None)
        yield _score("walletflow", case, f"true picks per true pick of the {oracle}, q = 10%", share, claim, held)


def _rivals(case: str, picks: dict[str, list[Picks]]) -> Iterator[Score]:
    methods = ("oracle 0.1", "oracle of ranks 0.1", "walletflow 0.1", "capped log-returns 0.1", "t-test", "win rate", "total gain")
    for method in methods:
        yield _score(method, case, "picks", interval([float(one.chosen.sum()) for one in picks[method]]))
        yield _score(method, case, "precision", interval([1 - one.false_share for one in picks[method] if one.chosen.any()]))


def _chosen(world: World) -> tuple[Skill, dict[str, Flags]]:
    bought = purchases_of(world)
    peers = peers_of(bought)
    skill = skill_of(peer_bets(bought, peers), peer_null(bought, peers))
    luck = {
        "walletflow": skill.mixture.luck,
        "oracle": _oracle(world),
        "oracle of ranks": _oracle_of_ranks(world, bought, peers),
        "capped log-returns": skill_by_capped_returns(bought).mixture.luck,
    }
    found = {f"{name} {level}": luck_if_chosen(values) <= level for name, values in luck.items() for level in LEVELS}
    return skill, found | _rival_choices(bought, int(found["walletflow 0.1"].sum()))


def _oracle(world: World) -> Floats:
    """Per wallet the probability that it knows nothing, by the exact odds of each choice it made."""
    edge, place = (world.bets[name].to_numpy() for name in ("would_be_edge", "place"))
    places = (np.arange(CHOICES) + 0.5) / CHOICES
    return _luck(world, edge * place - np.log(np.exp(edge[:, None] * places).mean(axis=1)))


def _oracle_of_ranks(world: World, bought: Purchases, peers: Peers) -> Floats:
    """The same by the ranks that we see, with what those who know nothing truly got."""
    innocent = ~world.wallets["knows"].to_numpy()[bought.wallet]
    expected: Expected = peer_null(bought, peers)(innocent.astype(float))
    edge = world.bets["would_be_edge"].to_numpy()
    payoff = peer_bets(bought, peers).payoff
    return _luck(world, edge * (payoff - expected.payoff) - edge**2 * expected.variance / 2)


def _luck(world: World, evidence: Floats) -> Floats:
    prevalence = float(np.mean(world.wallets["knows"].to_numpy()))
    sums = np.bincount(world.bets["wallet"].to_numpy(), evidence, world.wallets.height)
    return np.ones_like(sums) if prevalence == 0 else np.asarray(expit(np.log((1 - prevalence) / prevalence) - sums))


def _rival_choices(bought: Purchases, as_many: int) -> dict[str, Flags]:
    """A t-test of mean returns (Benjamini-Hochberg at 10 %), WallTrack's win rate of 0.70 over 10, and the largest total gain."""
    gain = bought.got - 1
    count = np.bincount(bought.wallet, minlength=bought.wallets)
    total, squares = (np.bincount(bought.wallet, gain**power, bought.wallets) for power in (1, 2))
    several = np.maximum(count, 2)
    error = np.sqrt(np.maximum(squares / several - (total / several) ** 2, 1e-12) / (several - 1))
    wins = np.bincount(bought.wallet, gain > 0, bought.wallets)
    return {
        "t-test": benjamini_hochberg(np.where(count > 1, student.sf(total / several / error, several - 1), 1.0), LEVELS[1]),
        "win rate": (count >= 10) & (wins >= 0.7 * count),
        "total gain": total >= np.sort(total)[-max(as_many, 1)],
    }


def _planted(plan: Plan) -> float:
    return sum(share for kind, share in plan.shares.items() if kind in KNOWING)


def _score(method: str, case: str, figure: str, value: tuple[float, float, float], wanted: str = "", held: bool | None = None) -> Score:
    return Score("skill on Solana", method, case, figure, *value, wanted, held)
