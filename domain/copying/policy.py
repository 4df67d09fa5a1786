"""A strategy's numbers. Each group belongs to the module of its name; the defaults are those of the brief.

`stake` is the currency a strategy counts in: USD at Polymarket, SOL at Solana.
"""

import itertools
import json
from decimal import Decimal, InvalidOperation
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, ConfigDict, Field, PlainSerializer, WithJsonSchema, field_validator

from data_contracts.words import Confidence, Trap
from domain.copying.form_bounds import Bounded
from domain.wallet_addresses import TypedMarket, TypedWallet, market_of, once, wallet_of

LEAST_PLACE, MOST_PLACE = -18, 19  # of a number's first digit: 1e400 would be stored as null, 1e-400 as 0


def _kept(number: Decimal) -> Decimal:
    if number and not LEAST_PLACE <= number.adjusted() <= MOST_PLACE:
        raise ValueError(f"must be 0, or at least 1e{LEAST_PLACE} and below 1e{MOST_PLACE + 1}")
    return number


# Forms draw a number field; pydantic alone would offer "number or text". A JSON number comes back as the same Decimal, digit by digit.
_drawn = WithJsonSchema({"type": "number", "exclusiveMaximum": 10.0 ** (MOST_PLACE + 1)})
Number = Annotated[Decimal, AfterValidator(_kept), _drawn, PlainSerializer(float, when_used="json")]


class Numbers(Bounded):
    """Frozen, and a misspelt field is an error instead of a default. Infinity is no number: it would be stored as null."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class FollowPolicy(Numbers):
    """Whom to follow: wallets named here, and the best `top` by their profile. An empty choice follows nobody."""

    wallets: Annotated[tuple[TypedWallet, ...], AfterValidator(once)] = Field(
        (), description="Wallets that are followed whatever their record: 0x and 40 hex digits at polymarket, base 58 at solana"
    )
    top: int = Field(20, ge=0, le=5000, description="How many wallets are followed beside those named, the best by their profile")
    choose_by: Literal["skill", "omega"] = Field(
        "skill",
        description="How the best are ranked. skill: those that know something, surest first. omega: the most gains per loss, lucky or not",
    )
    max_luck: float = Field(0.10, gt=0, lt=1, description="With skill: at most this part of the chosen is expected to be luck, 0.1 is 10 %")
    min_closed_positions: int = Field(10, ge=1, description="A wallet is chosen in a category only with this many closed positions there")
    drop_faded: bool = Field(True, description="With skill: leaves out a wallet whose edge is gone by its latest bets, until it is back")
    min_omega: float = Field(1.5, ge=0, description="With omega: a wallet's gains must be at least this many times its losses")
    min_roi: float = Field(0.0, description="With omega: a wallet's return must be at least this part of what it invested, 0.05 is 5 %")
    categories: tuple[str, ...] = Field(
        (), description="Only records in these categories count; empty: all", examples=[["politics", "crypto"]]
    )
    min_copy_return: float | None = Field(
        None, description="Copying a wallet must have returned at least this part of the stake a trade, 0.02 is 2 %; empty: any"
    )
    copy_certainty: Literal["mean", "low"] = Field(
        "mean", description="Which copy return must reach min_copy_return: its mean, or the low end of its 90 % interval"
    )
    copy_delay_s: Literal[0, 5, 30, 60, 300] = Field(
        30, description="Copy returns are those of copies made this many seconds after the leader's trade"
    )
    copy_notional: Literal[10, 100, 1000] = Field(100, description="Copy returns are those of copies of this many USD each")
    without_traps: tuple[Trap, ...] = Field(
        (Trap.WASH, Trap.BAIT, Trap.PREARRANGED), description="Wallets flagged with any of these traps are not chosen"
    )


class FirewallPolicy(Numbers):
    """Which trades may be looked at."""

    max_age_s: float = Field(60, gt=0, description="A BUY older than this many seconds is stale and not copied")
    exit_max_age_s: float = Field(86_400, gt=0, description="A SELL older than this many seconds is stale and not followed")
    markets: Annotated[tuple[TypedMarket, ...], AfterValidator(once)] = Field(
        (), description="Only trades in these markets are copied, by their condition ids; empty: all"
    )
    max_leader_notional: Number = Field(
        Decimal(1_000_000), gt=0, description="A leader's trade of more stake than this is taken for an error and not copied"
    )


class OwrrPolicy(Numbers):
    """When the market's skilled holders agree enough."""

    yes_above: float = Field(60, ge=50, le=100, description="YES is copied when 100 x OWRR, from 0 to 100, is above this")
    no_below: float = Field(40, ge=0, le=50, description="NO is copied when 100 x OWRR, from 0 to 100, is below this")
    min_confidence: Confidence = Field(
        Confidence.MEDIUM, description="A consensus needs at least this confidence: it says how many skilled holders stand behind it"
    )
    max_age_s: float = Field(
        1800,
        gt=0,
        description="A consensus older than this many seconds copies nothing; where holders can be had it is never past 300 seconds",
    )
    votes_by: Literal["cluster", "wallet"] = Field(
        "cluster", description="Who has one vote in a consensus: each owner with all his wallets (cluster), or each wallet"
    )
    categories: tuple[str, ...] = Field(
        (),
        description="Only markets of these categories are copied; empty: every market that has a category",
        examples=[["politics", "crypto"]],
    )


class Ramp(Numbers):
    """A sub-factor is 0 at `nothing`, 1 at `full`, and straight in between; `full` may be the lower of the two."""

    nothing: float = Field(description="The sub-factor is 0 at this value, in the unit that its field names")
    full: float = Field(description="The sub-factor is 1 at this value, in the unit that its field names; it may be the lower of the two")

    @field_validator("full")
    @classmethod
    def _apart(cls, full: float, values: Any) -> float:
        if full == values.data.get("nothing"):
            raise ValueError("must differ from nothing: a step is no ramp")
        return full


class ScorePolicy(Numbers):
    """What a purchase of a token must be worth to be copied: weights of its factors, bounds, and what is denied."""

    threshold: float = Field(0.70, ge=0, le=1, description="A purchase is copied from this score on, 0 to 1")
    wallet_weight: float = Field(0.35, ge=0, description="Weight of the wallet's record in the score")
    cluster_weight: float = Field(0.25, ge=0, description="Weight in the score of other owners we follow who bought the token")
    token_weight: float = Field(0.25, ge=0, description="Weight of the token's soundness in the score")
    timing_weight: float = Field(0.15, gt=0, description="Weight in the score of how early it is and who else buys")
    win_rate_weight: float = Field(0.5, gt=0, description="Weight of the win rate within the wallet's record")
    pnl_weight: float = Field(0.3, ge=0, description="Weight of what the wallet realized within its record")
    consistency_weight: float = Field(
        0.2, ge=0, description="Weight within the wallet's record of how near its last 30 days are to its whole life"
    )
    liquidity_weight: float = Field(0.4, gt=0, description="Weight of its liquidity within the token's soundness")
    age_weight: float = Field(0.2, ge=0, description="Weight of its age within the token's soundness")
    concentration_weight: float = Field(
        0.4, ge=0, description="Weight within the token's soundness of what its ten largest holders do not have"
    )
    since_launch_weight: float = Field(0.6, gt=0, description="Weight within the timing of how soon after its launch the token is bought")
    demand_weight: float = Field(0.4, ge=0, description="Weight within the timing of the buys among the token's trades")
    win_rate: Ramp = Field(Ramp(nothing=0.4, full=0.8), description="Ramp of the wallet's win rate, 0 to 1")
    pnl: Ramp = Field(Ramp(nothing=0.0, full=100.0), description="Ramp of the wallet's realized PnL, in the stake currency")
    drift: Ramp = Field(
        Ramp(nothing=0.5, full=0.0),
        description="Ramp of how far the win rate of the last 30 days is from that of the wallet's life, 0 to 1",
    )
    min_closed_positions: int = Field(5, ge=1, description="A wallet with fewer closed positions than this has no record")
    other_owners: Ramp = Field(
        Ramp(nothing=-3.0, full=3.0),
        description="Ramp of the number of other owners who bought: with none they count half, with three fully",
    )
    cluster_window_s: float = Field(3600, gt=0, description="Other owners count when they bought within this many seconds")
    liquidity_usd: Ramp = Field(
        Ramp(nothing=1_000.0, full=50_000.0), description="Ramp of the USD in the token's pool; a curve states none and counts half"
    )
    age_s: Ramp = Field(
        Ramp(nothing=0.0, full=3600.0), description="Ramp of the seconds since the token's launch: what lives longer is sounder"
    )
    top10_fraction: Ramp = Field(
        Ramp(nothing=0.8, full=0.2), description="Ramp of the part of the supply that the ten largest holders have, 0 to 1"
    )
    since_launch_s: Ramp = Field(
        Ramp(nothing=86_400.0, full=600.0), description="Ramp of the seconds since the token's launch: early copies gain more"
    )
    demand: Ramp = Field(Ramp(nothing=0.3, full=0.7), description="Ramp of the part of buys among the token's trades of 24 hours, 0 to 1")
    max_look_age_s: float = Field(900, gt=0, description="A token that was last looked at more than this many seconds ago is not bought")
    max_round_trip_loss: float = Field(
        0.30, gt=0, le=1, description="A token that loses more than this part when bought and sold at once is not bought, 0.3 is 30 %"
    )
    max_top10_fraction: float = Field(
        0.80, gt=0, le=1, description="A token of which ten holders have more than this part of the supply is not bought, 0.8 is 80 %"
    )
    min_age_s: float = Field(0, ge=0, description="A token younger than this many seconds is not bought")

    def weights(self) -> dict[str, float]:
        """By the name of the factor or sub-factor."""
        return {name.removesuffix("_weight"): value for name, value in self if name.endswith("_weight")}


class Tier(Numbers):
    """[at_least, below): leader's stake in this range is multiplied."""

    at_least: Number = Field(ge=0, description="The tier begins at this stake of the leader's trade")
    below: Number | None = Field(None, description="The tier ends below this stake of the leader's trade; empty: it has no end")
    multiplier: Number = Field(ge=0, description="The leader's stake is multiplied by this many times, 0.1 is a tenth")


class SizingPolicy(Numbers):
    """How much."""

    kind: Literal["conviction", "kelly", "fixed", "percentage", "tiered", "score"] = Field(
        "conviction",
        description="What sets a copy's stake: consensus (conviction, kelly), leader's stake (percentage, tiered), score, or fixed",
    )
    risk_fraction: Number = Field(
        Decimal("0.02"),
        gt=0,
        le=1,
        description="With conviction and score: a copy at full strength risks this part of the balance, 0.02 is 2 %",
    )
    floor: Number = Field(Decimal(0), ge=0, le=1, description="With conviction: a copy at no strength takes this part of the risk, 0 to 1")
    kelly_fraction: Number = Field(
        Decimal("0.25"), gt=0, le=1, description="With kelly: a copy takes this part of the full Kelly bet, 0 to 1"
    )
    sure_score: float = Field(0.85, ge=0, le=1, description="With score: copies are larger from this score on, 0 to 1")
    sure_factor: Number = Field(Decimal("1.5"), ge=1, description="With score: copies of a sure score are this many times as large")
    amount: Number = Field(Decimal(10), gt=0, description="With fixed: stake of each copy")
    percent: Number = Field(Decimal(10), gt=0, description="With percentage: a copy is this many % of the leader's stake, 10 is a tenth")
    tiers: tuple[Tier, ...] = Field(
        (),
        description="With tiered: a copy is the leader's stake times the multiplier of the tier it falls in",
        examples=[[{"at_least": 1, "below": 100, "multiplier": 2}, {"at_least": 100, "multiplier": 0.5}]],
    )
    min_notional: Number = Field(Decimal(10), ge=0, description="A copy of less stake than this is not made: it is not worth its fees")
    max_notional: Number = Field(Decimal(500), gt=0, description="A copy has at most this stake")

    @field_validator("tiers")
    @classmethod
    def _ordered(cls, tiers: tuple[Tier, ...]) -> tuple[Tier, ...]:
        for tier, following in itertools.pairwise(tiers):
            if tier.below is None or tier.below > following.at_least:
                raise ValueError(f"tiers overlap or are out of order at {following.at_least}")
        for tier in tiers:
            if tier.below is not None and tier.below <= tier.at_least:
                raise ValueError(f"the tier from {tier.at_least} ends before it begins")
        return tiers


class RiskPolicy(Numbers):
    """When to stop adding risk."""

    max_positions: int = Field(10, ge=1, le=20, description="At most this many positions are open at once, 1 to 20")
    max_positions_per_leader: int = Field(
        3, ge=1, description="At most this many positions are open behind one leader; all wallets of his owner count as one"
    )
    max_leader_fraction: Number = Field(
        Decimal("0.5"), gt=0, le=1, description="At most this part of the balance, at cost, is behind one leader, 0.5 is 50 %"
    )
    max_token_fraction: Number = Field(
        Decimal("0.25"), gt=0, le=1, description="At most this part of the balance, at cost, is in one token, 0.25 is 25 %"
    )
    max_position_notional: Number = Field(Decimal(10_000), gt=0, le=10_000, description="At most this stake, at cost, is in one position")
    max_allocated_fraction: Number = Field(
        Decimal(1), gt=0, le=1, description="At most this part of the balance, at cost, is in all positions together, 1 is all of it"
    )
    reserve: Number = Field(Decimal(0), ge=0, description="Stake that stays free: fees and rent are paid with it")
    max_exposure: Number = Field(
        Decimal(100_000), gt=0, le=100_000, description="At most this stake, at cost, is in all positions together"
    )
    scale_in: bool = Field(False, description="Follows a leader's further buys of a token we already hold from it")
    max_daily_loss: Number = Field(
        Decimal("0.15"),
        gt=0,
        le=1,
        description="Trading halts until the next day at the loss of this part of the day's first equity, 0.15 is 15 %",
    )
    max_drawdown: Number = Field(
        Decimal("0.30"),
        gt=0,
        le=1,
        description="Trading halts until an operator resumes it at the loss of this part of the peak, 0.3 is 30 %",
    )
    min_win_rate: Number = Field(
        Decimal("0.40"), ge=0, le=1, description="Trading halts when less than this part of the last 50 closed positions won, 0.4 is 40 %"
    )
    stops_in_a_row: int = Field(
        3, ge=1, description="After this many positions in a row that ended by a stop-loss copies are smaller, until the next win"
    )
    factor_after_stops: Number = Field(
        Decimal("0.5"),
        gt=0,
        le=1,
        description="After too many stop-losses in a row a copy's stake is multiplied by this, 0.5 is half of it",
    )


class OrderPolicy(Numbers):
    """At what price, and no worse."""

    max_slippage: Number = Field(
        Decimal("0.05"), ge=0, lt=1, description="A copy's price may be worse than the leader's by at most this part of it, 0.05 is 5 %"
    )


class TakeProfit(Numbers):
    """One step of a ladder."""

    gain: Number = Field(gt=0, description="A step sells when a share is worth this part more than it cost, 0.5 is 50 %")
    part: Number = Field(gt=0, le=1, description="A step sells this part of all that was bought, 0.25 is 25 %")


class ExitPolicy(Numbers):
    """When we leave by a rule of our own, and how far below its price an exit may sell. Empty: no such rule."""

    preset: Literal["own", "by_score", "conservative", "balanced", "moonbag", "quick_flip", "diamond"] = Field(
        "own",
        description="Exit rules: own are the numbers here, by_score is diamond from 0.90, moonbag from 0.80, else balanced",
    )
    stop_loss: Number | None = Field(
        Decimal("0.5"),
        gt=0,
        lt=1,
        description="A position is left when a share lost this part of its cost, 0.5 is 50 %; empty: no such rule",
    )
    trailing: Number | None = Field(
        None, gt=0, lt=1, description="A position is left when a share lost this part of its highest mark, 0.2 is 20 %; empty: no such rule"
    )
    trailing_from: Number = Field(
        Decimal("0.2"), ge=0, description="The trailing rule begins once a share was worth this part more than its cost, 0.2 is 20 %"
    )
    max_hold_s: float | None = Field(
        None, gt=0, description="A position is left after this many seconds, 86400 is a day; empty: no such rule"
    )
    stagnant_after_s: float | None = Field(
        None, gt=0, description="A position is left when after this many seconds a share is worth about what it cost; empty: no such rule"
    )
    stagnant_within: Number = Field(
        Decimal("0.05"),
        gt=0,
        lt=1,
        description="A share is worth about what it cost while it differs by less than this part of the cost, 0.05 is 5 %",
    )
    take_profit: tuple[TakeProfit, ...] = Field(
        (),
        description="Steps in which a position is left as it gains, each at its own gain; empty: no such rule",
        examples=[[{"gain": 0.5, "part": 0.25}, {"gain": 1, "part": 0.5}]],
    )
    moonbag: Number = Field(Decimal(0), ge=0, lt=1, description="Rules of ours leave this part of all that was bought unsold, 0.34 is 34 %")
    moonbag_stop: Number | None = Field(
        None, gt=0, lt=1, description="The moonbag is left too when a share lost this part of its cost, 0.7 is 70 %; empty: no such rule"
    )
    max_slippage: Number = Field(
        Decimal("0.05"), ge=0, lt=1, description="An exit sells at first at most this part below its price, 0.05 is 5 %"
    )
    stop_slippage: Number = Field(
        Decimal("0.15"), ge=0, lt=1, description="A stop-loss sells at first at most this part below its price, 0.15 is 15 %"
    )
    widening_per_minute: Number = Field(
        Decimal("0.05"), ge=0, lt=1, description="An exit that waits may sell lower by this part for each minute more, 0.05 is 5 %"
    )
    widest_slippage: Number = Field(
        Decimal("0.90"),
        ge=0,
        lt=1,
        description="A waiting exit sells at most this part below its price, 0.9 is 90 %; taking profit never widens",
    )


class Policy(Numbers):
    """All numbers of one strategy."""

    follow: FollowPolicy = Field(FollowPolicy(), description="Whom the strategy follows")
    firewall: FirewallPolicy = Field(FirewallPolicy(), description="Which trades may be looked at")
    owrr: OwrrPolicy = Field(OwrrPolicy(), description="When the skilled holders of a market agree enough, for kind owrr")
    score: ScorePolicy = Field(ScorePolicy(), description="What a purchase of a token must be worth, for kind score")
    sizing: SizingPolicy = Field(SizingPolicy(), description="How much stake a copy has")
    risk: RiskPolicy = Field(RiskPolicy(), description="When no risk is added any more")
    ordering: OrderPolicy = Field(OrderPolicy(), description="At what price a copy is bought, and no worse")
    exits: ExitPolicy = Field(ExitPolicy(), description="When a position is left by a rule of our own, and how far below its price")

    @classmethod
    def of_record(cls, text: str) -> "Policy":
        """A stored policy, as far as it can be read."""
        return policy_of_record(text)[0]


NO_MARKET = "no market"  # an id that was none: dropped, a list of one would become a list of all
NOBODY = FollowPolicy(top=0)


def policy_of_record(text: str) -> tuple[Policy, tuple[str, ...]]:
    """A stored policy, and the groups of it that cannot be read.

    One such row must not stop the house: what cannot be read is its default, and its strategy follows nobody. So it enters nothing, and
    leaves what it holds. A wallet that an earlier version accepted as typed follows nobody either, as it did.
    """
    record = _record(text)
    if record is None:
        return Policy(follow=NOBODY), ("all of it",)
    groups: dict[str, Any] = {}
    faults = [name for name in record if name not in Policy.model_fields]
    for name, default in Policy():
        try:
            groups[name] = type(default).model_validate(_cleaned(name, dict(record.get(name) or {})))
        except (ValueError, TypeError):
            faults.append(name)
    return Policy(**groups | ({"follow": NOBODY} if faults else {})), tuple(faults)


def _record(text: str) -> dict[str, Any] | None:
    try:
        record = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return record if isinstance(record, dict) else None


def _cleaned(name: str, group: dict[str, Any]) -> dict[str, Any]:
    """Without the wallets that are none, and with no market in place of what is none."""
    if name == "follow" and isinstance(wallets := group.get("wallets"), list):
        return group | {"wallets": [wallet for wallet in wallets if isinstance(wallet, str) and _is_wallet(wallet)]}
    if name == "firewall" and isinstance(markets := group.get("markets"), list):
        return group | {"markets": [market if isinstance(market, str) and _is_market(market) else NO_MARKET for market in markets]}
    return group


def _is_wallet(typed: str) -> bool:
    try:
        return bool(wallet_of(typed))
    except ValueError:
        return False


def _is_market(typed: str) -> bool:
    try:
        return bool(market_of(typed))
    except ValueError:
        return False


def tiers_of(text: str) -> tuple[Tier, ...]:
    """Tiers of COPY_SIZING's text form, "1-100:2.0,1000+:0.1". Raises ValueError for anything it cannot read."""
    return tuple(_tier(part.strip()) for part in text.split(",") if part.strip())


def _tier(part: str) -> Tier:
    bounds, separator, multiplier = part.partition(":")
    at_least, dash, below = bounds.removesuffix("+").partition("-")
    if not separator or bool(dash) == bounds.endswith("+"):
        raise ValueError(f"a tier reads MIN-MAX:MULTIPLIER or MIN+:MULTIPLIER, not {part!r}")
    try:
        return Tier(at_least=Decimal(at_least), below=Decimal(below) if dash else None, multiplier=Decimal(multiplier))
    except InvalidOperation as error:
        raise ValueError(f"{part!r} has something in it that is not a number") from error
