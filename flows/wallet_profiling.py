"""What is every wallet worth? History is completed, markets are refreshed, wallets profiled and graded, leaders chosen."""

from datetime import datetime
from typing import Annotated

from pydantic import Field

from adapters.settings import Settings, load_settings
from data_contracts import (
    Activity,
    Candidate,
    ClosedPosition,
    Leader,
    MemecoinProfile,
    PeerBet,
    ReportedProfile,
    Trade,
    WalletProfile,
    WalletSkill,
)
from flows.copyability_rating import rate, suspect
from flows.decay_detection import watch
from flows.gap_filling import SLICES_A_RUN, work_off
from tasks.clock import instant_of, run_name
from tasks.copying.gap_filling import ask_for_history
from tasks.discovery.wallet_discovery import find_traders, keep_candidates, name_candidates
from tasks.flow_runs import flow
from tasks.form_fields import AsOf
from tasks.operating.progress import shown
from tasks.operating.run_reports import SHOWN, report_profiles, report_skill
from tasks.profiling.activities import keep_activities, learn_activities, trades_in
from tasks.profiling.copyability_rating import rating_is_asked_for, traps_are_asked_for
from tasks.profiling.leaders import choose_leaders
from tasks.profiling.memecoins import Purchases, keep_purchases, tell_purchases
from tasks.profiling.reported_positions import keep_reported, profile_reported
from tasks.profiling.skill import keep_skill, tell_skill
from tasks.profiling.wallet_profiling import (
    close_positions,
    due_wallets,
    end_look,
    keep_instruments,
    keep_positions,
    keep_profiles,
    look_at_positions,
    profile_wallets,
    read_profiles,
    refresh_instruments,
)
from tasks.quality import check, check_all


@flow(name="wallet-profiling", flow_run_name=run_name("profiles"))
def wallet_profiling(as_of: AsOf = None, days: Annotated[float, Field(gt=0, le=730)] = 60) -> None:
    """Profiles all wallets from the trades of the last `days` days, or since the last time.

    Args:
        as_of: The instant (UTC) that counts as now; empty: now, or the second it was scheduled for
        days: Days of trades that a new house reads first; later runs read what came since
    """
    now = instant_of(as_of)
    settings = load_settings()
    backfill(settings, now, days)
    close(settings, now)
    told = check(learn_activities(settings, now), Activity, settings, now)
    keep_activities(told, check(trades_in(told), Trade, settings, now), settings, now)
    profile(settings, now)
    reported = check(profile_reported(settings, now), ReportedProfile, settings, now)
    if reported.height:
        keep_reported(reported, settings)


def backfill(settings: Settings, as_of: datetime, days: float) -> None:
    """The last `days` days where nothing is known yet, and whatever was missed since, as far as one run reads."""
    ask_for_history(settings, as_of, days)
    work_off(settings, as_of, SLICES_A_RUN)


def profile(settings: Settings, as_of: datetime) -> None:
    """From the trades in store to profiles and leaders; a replay takes the very same steps."""
    told = refresh_instruments(settings, as_of)
    keep_instruments({row_class: check(frame, row_class, settings, as_of) for row_class, frame in told.items()}, settings)
    close(settings, as_of)
    for wallets in shown(due_wallets(settings, as_of), "Of the wallets that are due, profiled"):
        keep_profiles(check(profile_wallets(wallets, settings, as_of), WalletProfile, settings, as_of), wallets, settings)
    candidates = check(name_candidates([find_traders(settings, as_of)], settings, as_of), Candidate, settings, as_of)
    keep_candidates(candidates, settings)
    bets, skills = tell_skill(settings, as_of)
    keep_skill(bets, check_all(skills, WalletSkill, settings, as_of), settings)
    report_skill(bets, skills)
    judge_purchases(settings, as_of)
    watch(settings, as_of)
    if rating_is_asked_for(settings):
        rate(settings, as_of)
    elif traps_are_asked_for(settings):
        suspect(settings, as_of)
    leaders = check(choose_leaders(settings, as_of), Leader, settings, as_of)
    report_profiles(read_profiles(settings, SHOWN), leaders)


def judge_purchases(settings: Settings, as_of: datetime) -> Purchases:
    """The same of wallets on Solana, where no price is a chance: what their first purchases brought beside the others'."""
    found = tell_purchases(settings, as_of)
    if not found.profiles.height:
        return found
    bets = check_all(found.grades.bets, PeerBet, settings, as_of)
    skills = check_all(found.grades.skills, WalletSkill, settings, as_of)
    keep_purchases(bets, skills, check(found.profiles, MemecoinProfile, settings, as_of), settings)
    return found


def close(settings: Settings, as_of: datetime, anew: bool = False) -> None:
    """The positions of what changed, a part at a time. `anew`: of everything, as a recording is looked at."""
    found = look_at_positions(settings, as_of, anew)
    for part in shown(found.parts, "Of the positions that changed, closed again"):
        keep_positions(check(close_positions(settings, found, part), ClosedPosition, settings, as_of), settings, found, part)
    end_look(found, settings)
