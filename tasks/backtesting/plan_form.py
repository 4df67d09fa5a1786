"""How a replay is asked for, on the command line or in a form: what was typed becomes a Plan."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from adapters.feeds.recorded_conditions import Conditions
from adapters.feeds.recorded_files import check_columns
from adapters.feeds.solana.recorded import is_solana
from adapters.settings import Settings
from data_contracts.errors import Refused
from tasks.backtesting.backtests import Plan, check_plan
from tasks.form_fields import PartOrDate
from tasks.profiling.spread_fits import own_fit

EVERY, EVERY_ON_SOLANA = 30, 1  # days between two profiles: what happens on Solana is over within the day
Days = Annotated[int, Field(ge=1, le=3650)]
Usd = Annotated[float, Field(ge=1, le=1_000_000_000)]


class PlanForm(BaseModel):
    """What a replay assumes. As it opens, it is the plain replay."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    cycle_s: int = Field(30, ge=1, le=86_400, description="Seconds between two cycles of the replay")
    profile_every_days: Days | None = Field(
        None, description="Days between two profiles, by which leaders are chosen on the past alone. Empty: 30, or 1 on Solana"
    )
    train_until: PartOrDate | None = Field(
        None,
        description="Only learn until this date, or part of the recording (0 to 1), and copy after it. Empty: copy from the first day",
    )
    delay_s: float = Field(0.0, ge=0, le=86_400, description="Seconds from a verdict to our order at the market", examples=[30])
    fee_multiplier: float = Field(
        0.0,
        ge=0,
        le=100,
        description="Taker fee, in times today's official one, as recordings do not say theirs. 0: none",
        examples=[1],
    )
    depth_usd: Usd | None = Field(
        None, description="USD on either side where trades are the books. Empty: the shares of the trade", examples=[500]
    )
    spread: Literal["fitted", "none"] = Field(
        "fitted", description="Where trades are the books: fitted charges what recorded books cost, none fills at the trades' own prices"
    )
    changes: list[str] = Field(
        default_factory=list,
        description="Fields of a policy in all strategies of the replay, NAME=VALUE",
        examples=[["follow.min_omega=2"]],
    )

    def plan(self, recording: Path, settings: Settings) -> Plan:
        """Raises Refused for what no recording could make right."""
        conditions = charged_as_here(Conditions(self.delay_s, self.fee_multiplier, self.depth_usd, self.spread), settings)
        plan = Plan(self.cycle_s, every(self.profile_every_days, recording), self.train_until, conditions, tuple(pairs(self.changes)))
        check_plan(plan)
        return plan


def require_recording(typed: str) -> Path:
    """The directory, where it holds a recording that can be read. Raises Refused, in one line, where it does not."""
    directory = Path(typed.strip()).expanduser().resolve()
    if not directory.is_dir():
        raise Refused(f"{directory} is no directory on this machine: name one with trades.parquet and markets.parquet")
    if not is_solana(directory):
        check_columns(directory)
    return directory


def every(days: int | None, recording: Path) -> int:
    """Days between two profiles, as asked or as fits what was recorded."""
    return days or (EVERY_ON_SOLANA if is_solana(recording) else EVERY)


def charged_as_here(conditions: Conditions, settings: Settings) -> Conditions:
    """With this house's own fit of spreads, where it has one and a spread is charged."""
    return conditions if conditions.spread == "none" else replace(conditions, fit=own_fit(settings))


def pairs(texts: Sequence[str]) -> list[tuple[str, str]]:
    """Each name and what follows its first equals sign. Raises Refused without one."""
    split = [text.partition("=") for text in texts]
    for name, sign, _ in split:
        if not sign or not name:
            raise Refused(f"{name!r} sets nothing: write NAME=VALUE, such as follow.min_omega=2")
    return [(name, value) for name, _, value in split]


def varied(texts: Sequence[str]) -> dict[str, list[str]]:
    """What is varied, with its values. Raises Refused for one that is named twice."""
    wanted = {name: values.split(",") for name, values in pairs(texts)}
    if len(wanted) < len(texts):
        raise Refused("something is varied twice: give all its values at once, such as follow.min_omega=1.2,2")
    return wanted
