"""Is a funder somebody's purse, or does it serve the public? Told by what the payments and the wallets show, not by how many there are.

What speaks for a purse: its wallets trade the same tokens; another funder pays the very same wallets; it pays by the clock, or all at
once, or alike amounts. What speaks for a service: its wallets trade like everybody else, or many of them have funders that the others do
not have. Where nothing speaks a funder is private: whom nobody names, and nothing shows to be public, pays its own.

A collector, whom many wallets pay, is judged by the same, from the other side.

Somebody's list of who paid whom may lack times or amounts. Then the signs that need them are silent, and silence is not innocence: a hub
most of whose payments have no time is not private for want of signs once it has many wallets, who may have come by themselves.
"""

from dataclasses import dataclass

import numpy as np
import polars as pl
from scipy.stats import poisson

from domain.clustering.meetings import components

PAID, COLLECTED = "paid", "collected"
HUB = ["hub", "way"]
DAY_S = 86_400.0


@dataclass(frozen=True, slots=True)
class PursePolicy:
    """What each sign is worth. A hub is private while its points are above zero."""

    nothing_known: int = 1  # a private funder until something shows the public
    others_named: int = 2  # and the more so where exchanges have names and it has none
    trade_together: int = 3  # and as much against it if they trade like everybody else
    same_wallets: int = 2
    by_the_clock: int = 2
    all_at_once: int = 2
    alike_amounts: int = 1
    come_by_themselves: int = -1
    lives_apart: int = -2
    most_hubs: int = 100  # who is paid by more is a hub itself, and in common with everybody
    most_wallets: int = 500  # beyond, nothing known is not enough
    lift: float = 3.0  # so many times as many tokens in common as with others: together; below `like_others`, like everybody
    like_others: float = 2.0
    enough: float = 30.0  # chance meetings, below which wallets that share nothing tell nothing
    busy: int = 5  # tokens
    few_undated: int = 10  # wallets; of more, paid at times nobody knows, nothing known is not enough
    customers: int = 25  # more than so many that come at times of their own are rather a service's
    overlap: float = 0.3  # of the smaller one's wallets
    apart: float = 0.25  # of its wallets, and at least three


def ties(fundings: pl.DataFrame, known: pl.Series) -> pl.DataFrame:
    """One row per hub, way and wallet: the first payment. A `known` exchange or contract is no hub and pays nobody's collector."""
    private = fundings.filter(pl.col("funder") != pl.col("wallet"), ~pl.col("funder").is_in(known.implode()))
    paid = private.select(hub="funder", way=pl.lit(PAID), wallet="wallet", at="funded_at", amount=pl.col("amount").cast(pl.Float64))
    collected = private.filter(~pl.col("wallet").is_in(known.implode())).select(
        hub="wallet", way=pl.lit(COLLECTED), wallet="funder", at="funded_at", amount=pl.col("amount").cast(pl.Float64)
    )
    return pl.concat([paid, collected]).sort("at", nulls_last=True).unique([*HUB, "wallet"], keep="first", maintain_order=True)


def others_are_named(fundings: pl.DataFrame, known: pl.Series) -> bool:
    """Whether exchanges have names here: at least one wallet in five was paid by a known one."""
    served = fundings.filter(pl.col("funder").is_in(known.implode()))["wallet"].n_unique()
    return 5 * served >= fundings["wallet"].n_unique() > 0


def judge_purses(tied: pl.DataFrame, trades: pl.DataFrame, names: bool, policy: PursePolicy) -> tuple[pl.DataFrame, pl.DataFrame]:
    """One row per hub and way of at least two wallets: `wallets` and `points`. And the pairs of hubs that have the same wallets.

    `names`: exchanges have names in these payments.
    """
    counted = tied.with_columns(pl.len().over(HUB).alias("wallets")).filter(pl.col("wallets") > 1)
    hubs = counted.group_by(HUB, maintain_order=True).agg(pl.len().alias("wallets")).with_row_index("number")
    rows = counted.join(hubs.select(*HUB, "number"), on=HUB, maintain_order="left")
    same = _same_wallets(rows, policy)
    signs = [
        _unknown(rows, tied, trades, policy),
        hubs.filter((pl.col("way") == PAID) & (pl.col("wallets") > 2)).select("number", points=policy.others_named * names),
        _together(rows, trades, policy),
        _in_time(rows, policy),
        _without_times(rows, policy),
        _amounts(rows, policy),
        pl.concat([same.select("number"), same.select(number="other")]).unique().with_columns(points=policy.same_wallets),
    ]
    wide = [sign.select("number", pl.col("points").cast(pl.Int64)) for sign in signs]
    points = pl.concat(wide).group_by("number").agg(pl.col("points").sum())
    found = hubs.join(points, on="number", how="left", maintain_order="left").with_columns(pl.col("points").fill_null(0))
    return _apart(rows, found, tied, same, policy), same


def _unknown(rows: pl.DataFrame, tied: pl.DataFrame, trades: pl.DataFrame, policy: PursePolicy) -> pl.DataFrame:
    """A funder's own wallets are what it paid. A collector's are so only if we see them live: else anybody's funders would be one owner."""
    seen = pl.concat([tied.filter(pl.col("way") == PAID)["wallet"], trades["wallet"].cast(pl.String)]).unique()
    lives = rows.with_columns(pl.col("wallet").is_in(seen.implode()).alias("lives"))
    counted = lives.group_by("number", "way").agg(pl.len().alias("wallets"), (pl.col("lives").mean() >= 0.5).alias("lives"))
    own = (pl.col("way") == PAID) | (pl.col("lives") & (pl.col("wallets") > 2))
    usual = pl.when(own).then(policy.nothing_known).otherwise(-policy.nothing_known)
    return counted.select("number", points=pl.when(pl.col("wallets") <= policy.most_wallets).then(usual).otherwise(-policy.nothing_known))


def _together(rows: pl.DataFrame, trades: pl.DataFrame, policy: PursePolicy) -> pl.DataFrame:
    """Tokens that two of a hub's wallets have in common, against those that one of them has with a wallet of somebody else's.

    Not against chance alone: who has many customers has many of any large owner's wallets, and so have they with all others. And busy
    wallets of which no two ever traded the same token need more than a funder in common.
    """
    held = trades.select(pl.col("wallet").cast(pl.String), "token_id").unique()
    own = rows.join(held, on="wallet")
    per_token = own.group_by("number", "token_id").agg(pl.len().cast(pl.Float64).alias("inside"))
    all_of_token = held.group_by("token_id").agg(pl.len().cast(pl.Float64).alias("all"))
    pairs = (
        per_token.join(all_of_token, on="token_id")
        .group_by("number")
        .agg(
            (pl.col("inside") * (pl.col("inside") - 1) / 2).sum().alias("inside"),
            (pl.col("inside") * (pl.col("all") - pl.col("inside"))).sum().alias("across"),
            (pl.col("inside") > 1).sum().alias("tokens"),
        )
    )
    busy = own.group_by("number", "wallet").agg(pl.len().cast(pl.Float64).alias("busy"))
    could = busy.group_by("number").agg(
        pl.col("busy").sum().alias("sum"), (pl.col("busy") ** 2).sum().alias("squares"), (pl.col("busy") >= policy.busy).sum().alias("busy")
    )
    rate = pl.col("across") / (pl.col("sum") * (held.height - pl.col("sum"))).clip(lower_bound=1)
    chance = (rate * (pl.col("sum") ** 2 - pl.col("squares")) / 2).alias("chance")
    met = pairs.join(could, on="number").filter(pl.col("sum") < held.height).with_columns(chance)
    lifted = (pl.col("inside") >= policy.lift * pl.col("chance")) & (pl.col("tokens") > 2) & (pl.col("inside") >= 6)
    surely = lifted & (pl.col("inside") > pl.col("chance") + 4 * pl.col("chance").sqrt())
    usual = (pl.col("inside") < policy.like_others * pl.col("chance")) & (pl.col("chance") >= policy.enough)
    never = (pl.col("inside") == 0) & (pl.col("busy") == pl.col("wallets"))
    said = pl.when(surely).then(policy.trade_together).when(usual).then(-policy.trade_together).when(never).then(-policy.nothing_known)
    return met.join(rows.select("number", "wallets").unique("number"), on="number").select("number", points=said.otherwise(0))


def _in_time(rows: pl.DataFrame, policy: PursePolicy) -> pl.DataFrame:
    """By the clock: gaps alike, where those of strangers are exponential. All at once: within a day and a twentieth of all we see.

    Not a collector: whoever begins to trade gets its money within a day, from wherever it has some. Many who come at times of their own
    are rather customers.
    """
    gap = pl.col("at").diff().over("number").dt.total_milliseconds() / 1000
    usual = pl.col("gap").median().over("number")
    gaps = rows.sort("number", "at").with_columns(gap.alias("gap")).with_columns(usual.alias("usual"))
    spans = gaps.group_by("number", "way").agg(
        pl.len().alias("wallets"),
        pl.col("gap").count().alias("gaps"),
        ((pl.col("gap") - pl.col("usual")).abs() <= 0.3 * pl.col("usual")).mean().alias("alike"),  # of exponential gaps one in five
        pl.col("gap").sum().alias("span_s"),
    )
    seen_s = rows.select((pl.col("at").max() - pl.col("at").min()).dt.total_milliseconds()).item() or 0
    clock = (pl.col("gaps") >= 5) & (pl.col("alike") >= 0.3 + 1.2 / pl.col("gaps").sqrt())
    once = (pl.col("way") != COLLECTED) & (pl.col("gaps") >= 2) & (pl.col("span_s") <= min(DAY_S, seen_s / 20_000))
    many = (pl.col("gaps") >= policy.customers) & (pl.col("way") == PAID)
    spans = spans.filter(2 * (pl.col("gaps") + 1) >= pl.col("wallets"))  # of the fewer half nothing follows for all
    said = pl.when(once).then(policy.all_at_once).when(clock).then(policy.by_the_clock).when(many).then(policy.come_by_themselves)
    return spans.select("number", points=said.otherwise(0))


def _without_times(rows: pl.DataFrame, policy: PursePolicy) -> pl.DataFrame:
    """Where most payments have no time: what nothing known is worth is taken back from many, and more than `customers` are a service's."""
    dated = rows.group_by("number", "way").agg(pl.len().alias("wallets"), pl.col("at").count().alias("dated"))
    undated = dated.filter(2 * pl.col("dated") < pl.col("wallets"), pl.col("wallets") > policy.few_undated)
    presumed = pl.when(pl.col("wallets") > policy.customers).then(policy.come_by_themselves).otherwise(0)
    return undated.select("number", points=presumed - policy.nothing_known)


def _amounts(rows: pl.DataFrame, policy: PursePolicy) -> pl.DataFrame:
    """Amounts within about half of each other; what people withdraw differs by factors. One amount to many may as well be a price."""
    spread = rows.group_by("number").agg(
        pl.col("amount").log().std().alias("spread"),
        pl.len().alias("wallets"),
        pl.col("amount").count().alias("known"),
        pl.col("amount").drop_nulls().n_unique().alias("amounts"),
    )
    price = (pl.col("amounts") == 1) & (pl.col("known") > policy.customers)
    alike = (pl.col("known") >= 4) & (2 * pl.col("known") >= pl.col("wallets")) & (pl.col("spread") < 0.4) & ~price
    return spread.select("number", points=pl.when(alike).then(policy.alike_amounts).otherwise(0))


def _same_wallets(rows: pl.DataFrame, policy: PursePolicy) -> pl.DataFrame:
    """Pairs of hubs (number, other) that share more wallets than their sizes explain, wallets with many funders considered.

    Chance: the configuration model of who is tied to whom. At most one in a hundred that any of the pairs that share one does so by chance.
    """
    some = rows.select("number", "way", "wallet", "wallets").with_columns(pl.len().over("way", "wallet").cast(pl.Float64).alias("degree"))
    some = some.filter(pl.col("degree") <= policy.most_hubs).with_columns(
        # The sum of d (d - 1) over the wallets; and never less than that each wallet is as likely as another.
        again=pl.max_horizontal(
            (pl.col("degree") - 1).sum().over("way") / pl.len().over("way").cast(pl.Float64) ** 2,
            1 / pl.col("wallet").n_unique().over("way"),
        )
    )
    met = some.filter(pl.col("degree") > 1)
    met = met.join(met, on=["way", "wallet"]).filter(pl.col("number") < pl.col("number_right"))
    shared = met.group_by("number", other="number_right").agg(
        pl.len().alias("shared"),
        pl.col("wallets").first().alias("one"),
        pl.col("wallets_right").first().alias("two"),
        (pl.col("again") * pl.col("wallets") * pl.col("wallets_right")).first().alias("chance"),
    )
    tail = poisson.sf(shared["shared"].to_numpy() - 1, shared["chance"].to_numpy())
    most = (pl.col("shared") > 1) & (pl.col("shared") >= policy.overlap * pl.min_horizontal("one", "two"))
    return shared.filter(pl.Series(tail * max(shared.height, 1) < 0.01) & most).select("number", "other")


def _apart(rows: pl.DataFrame, found: pl.DataFrame, tied: pl.DataFrame, same: pl.DataFrame, policy: PursePolicy) -> pl.DataFrame:
    """Takes points from hubs of which many wallets have a funder that no other has in common, the largest hubs first.

    To be paid by the public is no life apart: by then it is known which of the larger ones are public.
    """
    points = found["points"].to_numpy().copy()
    funders = tied.filter(pl.col("way") == PAID).select("wallet", funder="hub")
    number_of = found.filter(pl.col("way") == PAID).select("number", funder="hub")
    kin = components(same["number"].to_numpy().astype(np.int64), same["other"].to_numpy().astype(np.int64), found.height)
    others = rows.select("number", "hub", "wallet", "wallets").join(funders, on="wallet").filter(pl.col("hub") != pl.col("funder"))
    others = others.filter(pl.len().over("number", "funder") == 1)
    others = others.join(number_of.rename({"number": "by"}), on="funder", how="left").filter(pl.col("wallets") > 2)
    number, by = others["number"].to_numpy().astype(np.int64), others["by"].fill_null(-1).to_numpy().astype(np.int64)
    foreign = (by < 0) | (kin[number] != kin[by])
    size = found["wallets"].to_numpy()
    for least in 2 ** np.arange(int(np.log2(max(size.max(initial=2), 2))), 0, -1):
        public = (points[by] <= 0) & (by >= 0) & (size[by] >= least)
        now = others.filter(pl.Series(foreign & ~public & (size[number] >= least) & (size[number] < 2 * least)))
        apart = now.group_by("number", "wallets").agg(pl.col("wallet").n_unique().alias("apart"))
        many = apart.filter((pl.col("apart") >= 3) & (pl.col("apart") >= policy.apart * pl.col("wallets")))["number"].to_numpy()
        points[many] += policy.lives_apart
    return found.with_columns(pl.Series("points", points))
