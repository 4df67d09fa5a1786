"""Five named ways out of a token that never ends by itself. Source: WallTrack's presets, with parts of what was bought.

WallTrack applied them to what was left: Balanced kept 52.4 % instead of 34 %. Here what the ladder sells and the moonbag are the whole.
"""

from collections.abc import Mapping
from decimal import Decimal

from data_contracts import ExitPreset
from domain.copying.policy import ExitPolicy, TakeProfit

HOUR_S = 3600.0
SLIPPAGE = ("max_slippage", "stop_slippage", "widening_per_minute", "widest_slippage")


def _ladder(*steps: tuple[str, str]) -> tuple[TakeProfit, ...]:
    """(times what it cost, part of all that was bought)."""
    return tuple(TakeProfit(gain=Decimal(times) - 1, part=Decimal(part)) for times, part in steps)


PRESETS: Mapping[ExitPreset, ExitPolicy] = {
    ExitPreset.CONSERVATIVE: ExitPolicy(
        take_profit=_ladder(("2", "0.50"), ("3", "0.50")),
        stop_loss=Decimal("0.5"),
        max_hold_s=72 * HOUR_S,
    ),
    ExitPreset.BALANCED: ExitPolicy(
        take_profit=_ladder(("2", "0.33"), ("3", "0.33")),
        stop_loss=Decimal("0.5"),
        trailing=Decimal("0.3"),
        trailing_from=Decimal(1),
        max_hold_s=168 * HOUR_S,
        moonbag=Decimal("0.34"),
        moonbag_stop=Decimal("0.7"),
    ),
    ExitPreset.MOONBAG: ExitPolicy(
        take_profit=_ladder(("2", "0.25"), ("3", "0.25")),
        stop_loss=Decimal("0.5"),
        moonbag=Decimal("0.50"),
    ),
    ExitPreset.QUICK_FLIP: ExitPolicy(
        take_profit=_ladder(("1.5", "1")),
        stop_loss=Decimal("0.3"),
        max_hold_s=24 * HOUR_S,
        stagnant_after_s=6 * HOUR_S,
    ),
    ExitPreset.DIAMOND: ExitPolicy(
        take_profit=_ladder(("5", "0.25"), ("10", "0.25")),
        stop_loss=Decimal("0.6"),
        trailing=Decimal("0.4"),
        trailing_from=Decimal(2),
        moonbag=Decimal("0.50"),
        moonbag_stop=Decimal("0.8"),
    ),
}


def preset_for(score: float) -> ExitPreset:
    """The surer we are, the longer we stay: from 0.90 Diamond, from 0.80 Moonbag, else Balanced."""
    if score >= 0.90:
        return ExitPreset.DIAMOND
    return ExitPreset.MOONBAG if score >= 0.80 else ExitPreset.BALANCED


def exit_policy(own: ExitPolicy, by_score: ExitPreset | None = None) -> ExitPolicy:
    """The strategy's own rules, or those of its preset with its own slippage. Chosen by score, what has none is left by Balanced."""
    if own.preset == "own":
        return own
    preset = (by_score or ExitPreset.BALANCED) if own.preset == "by_score" else ExitPreset(own.preset)
    return PRESETS[preset].model_copy(update={name: getattr(own, name) for name in SLIPPAGE})
