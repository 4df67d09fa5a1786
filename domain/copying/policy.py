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
        (), description="Wallets to follow whatever their record: 0x and 40 hex digits, or a Solana address"
    )
    top: int = Field(20, ge=0, le=5000, description="Follow this many of the best profiled wallets as well")
    choose_by: Literal["skill", "omega"] = Field(
        "skill", description="skill: those that know something, surest first. omega: the most gains per loss, lucky or not"
    )
    max_luck: float = Field(0.10, gt=0, lt=1, description="skill: at most this part of the chosen is expected to be luck")
    min_closed_positions: int = Field(10, ge=1, description="A wallet needs this many closed positions in a category")
    drop_faded: bool = Field(True, description="skill: not a wallet whose edge is gone by its latest bets, until it is back")
    min_omega: float = Field(1.5, ge=0, description="omega: and gains at least this many times its losses")
    min_roi: float = Field(0.0, description="omega: and at least this return on what it invested")
    categories: tuple[str, ...] = Field((), description="Only records in these categories count; empty: all")
    min_copy_return: float | None = Field(
        None, description="Copying it must have returned at least this a trade (0.0: no loss); empty: any"
    )
    copy_certainty: Literal["mean", "low"] = Field("mean", description="That return is its mean, or the low end of its 90 % interval")
    copy_delay_s: Literal[0, 5, 30, 60, 300] = Field(30, description="after this many seconds")
    copy_notional: Literal[10, 100, 1000] = Field(100, description="and with this many USD a copy")
    without_traps: tuple[Trap, ...] = Field((Trap.WASH, Trap.BAIT, Trap.PREARRANGED), description="Not a wallet flagged with any of these")


class FirewallPolicy(Numbers):
    """Which trades may be looked at."""

    max_age_s: float = Field(60, gt=0, description="A BUY older than this many seconds is stale")
    exit_max_age_s: float = Field(86_400, gt=0, description="A SELL older than this many seconds is stale")
    markets: Annotated[tuple[TypedMarket, ...], AfterValidator(once)] = Field((), description="Only these condition ids; empty: all")
    max_leader_notional: Number = Field(Decimal(1_000_000), gt=0, description="stake; a larger trade is taken for an error")


class OwrrPolicy(Numbers):
    """When the market's skilled holders agree enough."""

    yes_above: float = Field(60, ge=50, le=100, description="Copy YES when 100 x OWRR is above this")
    no_below: float = Field(40, ge=0, le=50, description="Copy NO when 100 x OWRR is below this")
    min_confidence: Confidence = Field(Confidence.MEDIUM, description="At least this many holders stand behind it")
    max_age_s: float = Field(
        1800, gt=0, description="A consensus older than this many seconds copies nothing; where holders can be had it is never past 300"
    )
    votes_by: Literal["cluster", "wallet"] = Field("cluster", description="One vote per owner, or per wallet")
    categories: tuple[str, ...] = Field((), description="Tracked categories; empty: every market that has one")


class Ramp(Numbers):
    """A sub-factor is 0 at `nothing`, 1 at `full`, and straight in between; `full` may be the lower of the two."""

    nothing: float
    full: float

    @field_validator("full")
    @classmethod
    def _apart(cls, full: float, values: Any) -> float:
        if full == values.data.get("nothing"):
            raise ValueError("must differ from nothing: a step is no ramp")
        return full


class ScorePolicy(Numbers):
    """What a purchase of a token must be worth to be copied: weights of its factors, bounds, and what is denied."""

    threshold: float = Field(0.70, ge=0, le=1, description="Copy from this score on, 0 to 1")
    wallet_weight: float = Field(0.35, ge=0, description="Weight of the wallet's record")
    cluster_weight: float = Field(0.25, ge=0, description="Weight of other owners we follow who bought it")
    token_weight: float = Field(0.25, ge=0, description="Weight of the token's soundness")
    timing_weight: float = Field(0.15, gt=0, description="Weight of how early it is and who else buys")
    win_rate_weight: float = Field(0.5, gt=0, description="Within the wallet: its win rate")
    pnl_weight: float = Field(0.3, ge=0, description="Within the wallet: what it realized")
    consistency_weight: float = Field(0.2, ge=0, description="Within the wallet: how near its last 30 days are to its whole life")
    liquidity_weight: float = Field(0.4, gt=0, description="Within the token: its liquidity")
    age_weight: float = Field(0.2, ge=0, description="Within the token: its age")
    concentration_weight: float = Field(0.4, ge=0, description="Within the token: what the ten largest holders do not have")
    since_launch_weight: float = Field(0.6, gt=0, description="Within the timing: how soon after its launch")
    demand_weight: float = Field(0.4, ge=0, description="Within the timing: buys among its trades")
    win_rate: Ramp = Field(Ramp(nothing=0.4, full=0.8), description="Win rate, 0 to 1")
    pnl: Ramp = Field(Ramp(nothing=0.0, full=100.0), description="Realized PnL, in the stake currency")
    drift: Ramp = Field(Ramp(nothing=0.5, full=0.0), description="How far the win rate of 30 days is from that of its life")
    min_closed_positions: int = Field(5, ge=1, description="A record of fewer closed positions is none")
    other_owners: Ramp = Field(Ramp(nothing=-3.0, full=3.0), description="Other owners: with none it counts half, with three all")
    cluster_window_s: float = Field(3600, gt=0, description="Other owners count who bought within this many seconds")
    liquidity_usd: Ramp = Field(Ramp(nothing=1_000.0, full=50_000.0), description="USD in its pool; a curve states none and counts half")
    age_s: Ramp = Field(Ramp(nothing=0.0, full=3600.0), description="Seconds since its launch: what lives longer is sounder")
    top10_fraction: Ramp = Field(Ramp(nothing=0.8, full=0.2), description="Part of the supply that the ten largest holders have")
    since_launch_s: Ramp = Field(Ramp(nothing=86_400.0, full=600.0), description="Seconds since its launch: early copies gain more")
    demand: Ramp = Field(Ramp(nothing=0.3, full=0.7), description="Buys among the trades of 24 hours")
    max_look_age_s: float = Field(900, gt=0, description="A token that was looked at longer ago, in seconds, is not bought")
    max_round_trip_loss: float = Field(0.30, gt=0, le=1, description="Nor one that loses more than this part when bought and sold at once")
    max_top10_fraction: float = Field(0.80, gt=0, le=1, description="Nor one of which ten holders have more than this part")
    min_age_s: float = Field(0, ge=0, description="Nor one younger than this many seconds")

    def weights(self) -> dict[str, float]:
        """By the name of the factor or sub-factor."""
        return {name.removesuffix("_weight"): value for name, value in self if name.endswith("_weight")}


class Tier(Numbers):
    """[at_least, below): leader's stake in this range is multiplied."""

    at_least: Number = Field(ge=0)
    below: Number | None = None
    multiplier: Number = Field(ge=0)


class SizingPolicy(Numbers):
    """How much."""

    kind: Literal["conviction", "kelly", "fixed", "percentage", "tiered", "score"] = "conviction"
    risk_fraction: Number = Field(Decimal("0.02"), gt=0, le=1, description="conviction, score: part of the balance at full strength")
    floor: Number = Field(Decimal(0), ge=0, le=1, description="conviction: part of the risk taken at no strength")
    kelly_fraction: Number = Field(Decimal("0.25"), gt=0, le=1, description="kelly: part of the full Kelly bet")
    sure_score: float = Field(0.85, ge=0, le=1, description="score: from this score on, the risk")
    sure_factor: Number = Field(Decimal("1.5"), ge=1, description="score: times this")
    amount: Number = Field(Decimal(10), gt=0, description="fixed: stake a copy")
    percent: Number = Field(Decimal(10), gt=0, description="percentage: of the leader's stake")
    tiers: tuple[Tier, ...] = Field((), description="tiered: multipliers by the leader's stake")
    min_notional: Number = Field(Decimal(10), ge=0, description="stake; below it a copy is not worth its fees")
    max_notional: Number = Field(Decimal(500), gt=0, description="stake; cap of one copy")

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

    max_positions: int = Field(10, ge=1, le=20)
    max_positions_per_leader: int = Field(3, ge=1, description="A leader, with all the wallets of its owner, is one counterparty")
    max_leader_fraction: Number = Field(Decimal("0.5"), gt=0, le=1, description="Of the balance, at cost, behind one leader")
    max_token_fraction: Number = Field(Decimal("0.25"), gt=0, le=1, description="Of the balance, at cost, in one token")
    max_position_notional: Number = Field(Decimal(10_000), gt=0, le=10_000, description="stake at cost in one position")
    max_allocated_fraction: Number = Field(Decimal(1), gt=0, le=1, description="Of the balance, at cost, in all positions")
    reserve: Number = Field(Decimal(0), ge=0, description="Stake that stays free: fees and rent are paid with it")
    max_exposure: Number = Field(Decimal(100_000), gt=0, le=100_000, description="stake at cost in all positions")
    scale_in: bool = Field(False, description="Follow a leader's further buys of a token we already hold from it")
    max_daily_loss: Number = Field(Decimal("0.15"), gt=0, le=1, description="Of the day's first equity: halted until the next day")
    max_drawdown: Number = Field(Decimal("0.30"), gt=0, le=1, description="Of the peak: halted until an operator resumes")
    min_win_rate: Number = Field(Decimal("0.40"), ge=0, le=1, description="Over the last 50 closed positions: halted")
    stops_in_a_row: int = Field(3, ge=1, description="So many stop-losses in a row make copies smaller until the next win")
    factor_after_stops: Number = Field(Decimal("0.5"), gt=0, le=1, description="times their size")


class OrderPolicy(Numbers):
    """At what price, and no worse."""

    max_slippage: Number = Field(Decimal("0.05"), ge=0, lt=1, description="Worse than the leader's price by at most this part of it")


class TakeProfit(Numbers):
    """One step of a ladder."""

    gain: Number = Field(gt=0, description="When a share is worth this part more than it cost")
    part: Number = Field(gt=0, le=1, description="sell this part of all that was bought")


class ExitPolicy(Numbers):
    """When we leave by a rule of our own, and how far below its price an exit may sell. Empty: no such rule."""

    preset: Literal["own", "by_score", "conservative", "balanced", "moonbag", "quick_flip", "diamond"] = Field(
        "own", description="own: the numbers below. by_score: Diamond from 0.90, Moonbag from 0.80, else Balanced. Or one of them for all"
    )
    stop_loss: Number | None = Field(Decimal("0.5"), gt=0, lt=1, description="Leave when a share lost this part of its cost")
    trailing: Number | None = Field(None, gt=0, lt=1, description="Leave when a share lost this part of its highest mark")
    trailing_from: Number = Field(Decimal("0.2"), ge=0, description="once it was worth this part more than its cost")
    max_hold_s: float | None = Field(None, gt=0, description="Leave after this many seconds")
    stagnant_after_s: float | None = Field(None, gt=0, description="Leave when after this many seconds a share is worth what it cost")
    stagnant_within: Number = Field(Decimal("0.05"), gt=0, lt=1, description="give or take less than this part")
    take_profit: tuple[TakeProfit, ...] = Field((), description="Leave in steps as it gains")
    moonbag: Number = Field(Decimal(0), ge=0, lt=1, description="Rules leave this part of all that was bought")
    moonbag_stop: Number | None = Field(None, gt=0, lt=1, description="Leave the moonbag too when a share lost this part of its cost")
    max_slippage: Number = Field(Decimal("0.05"), ge=0, lt=1, description="An exit sells below its price by at most this part at first")
    stop_slippage: Number = Field(Decimal("0.15"), ge=0, lt=1, description="the same for a stop")
    widening_per_minute: Number = Field(Decimal("0.05"), ge=0, lt=1, description="and by this part more for each minute it waits")
    widest_slippage: Number = Field(Decimal("0.90"), ge=0, lt=1, description="up to this. Profits are never taken at a widened price")


class Policy(Numbers):
    """All numbers of one strategy."""

    follow: FollowPolicy = FollowPolicy()
    firewall: FirewallPolicy = FirewallPolicy()
    owrr: OwrrPolicy = OwrrPolicy()
    score: ScorePolicy = ScorePolicy()
    sizing: SizingPolicy = SizingPolicy()
    risk: RiskPolicy = RiskPolicy()
    ordering: OrderPolicy = OrderPolicy()
    exits: ExitPolicy = ExitPolicy()

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
