"""Whom each strategy follows, and why: the wallets named in its policy, and those that know something, or the best by record."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

import polars as pl

from adapters.connect import open_history, open_results
from adapters.settings import Settings
from adapters.stores.results import Results, Write
from data_contracts import Candidate, Copyability, Form, Leader, Strategy, TrapFlag, Venue
from data_contracts.frames import frame_of
from domain.copying.policy import FollowPolicy, Policy
from domain.discovery.wallet_discovery import eligible, with_origin
from domain.operating.alerts import NEVER_SEEN
from domain.profiling import copyability
from domain.profiling.leaders import choose, update_leaders
from domain.wallet_addresses import is_of
from tasks.copying.leader_words import read_leader_words
from tasks.copying.sound_rows import readable_rows
from tasks.decay.decay_detection import newest_states
from tasks.steps import step


@dataclass(frozen=True, slots=True)
class Evidence:
    """All that speaks for or against a wallet. `found` are Candidate rows; `faded` says why of those whose alarm rang."""

    found: pl.DataFrame
    profiles: pl.DataFrame
    skills: pl.DataFrame
    faded: dict[str, str]
    rated: pl.DataFrame
    flags: pl.DataFrame

    def at(self, venue: Venue) -> "Evidence":
        """What speaks for or against those who trade there: each venue's wallets are ranked among themselves."""
        return replace(self, profiles=self.profiles.filter(is_of(venue)), skills=self.skills.filter(is_of(venue)))

    def without(self, wallets: Collection[str]) -> "Evidence":
        """As if nothing were known of these: others take their places."""
        known = ~pl.col("wallet").is_in(list(wallets))
        return replace(self, profiles=self.profiles.filter(known), skills=self.skills.filter(known)) if wallets else self

    def reasons(self, policy: FollowPolicy) -> dict[str, str]:
        """Wallet → why: what it knows or has shown, what copying it would bring, and where it was found."""
        profiles, skills = (
            copyability.candidates(eligible(frame, self.found), self.rated, self.flags, policy) for frame in (self.profiles, self.skills)
        )
        seen = set(self.profiles["wallet"])
        said = copyability.remarks(self.rated, self.flags, policy)
        why = {wallet: _with(why, said.get(wallet)) for wallet, why in choose(profiles, policy, skills, self.faded).items()}
        why |= {wallet: f"{why[wallet]}; {NEVER_SEEN}" for wallet in policy.wallets if wallet not in seen}
        return with_origin(why, self.found)


@step
def choose_leaders(settings: Settings, as_of: datetime) -> pl.DataFrame:
    """Leader rows now followed, of all enabled strategies, stored; who is no longer chosen is dropped, not deleted."""
    results = open_results(settings)
    evidence = _evidence(results, settings)
    strategies = [row for row in readable_rows(results, Strategy) if row.enabled]  # of another nobody knows whom it wants
    words = read_leader_words(results)
    frames = [_leaders_of(strategy, evidence, words.blocked(strategy.strategy_id), results, as_of) for strategy in strategies]
    rows = pl.concat([frame_of([], Leader), *frames])
    results.write([Write(Leader, rows, "put")])
    return rows.filter(pl.col("dropped_at").is_null())


def _evidence(results: Results, settings: Settings) -> Evidence:
    history = open_history(settings)
    faded = {wallet: state.why for wallet, state in newest_states(results).items() if state.form is Form.FADED}
    return Evidence(
        found=results.read(Candidate),
        profiles=history.profiles(),
        skills=history.skills(),
        faded=faded,
        rated=results.read(Copyability),
        flags=results.read(TrapFlag),
    )


def _leaders_of(strategy: Strategy, evidence: Evidence, blocked: Mapping[str, str], results: Results, as_of: datetime) -> pl.DataFrame:
    """Whom a person blocked is not among them, named in the policy or not."""
    found = evidence.without(blocked).at(strategy.venue).reasons(Policy.of_record(strategy.policy).follow)
    reasons = {wallet: why for wallet, why in found.items() if wallet not in blocked}
    before = {row.wallet: row for row in results.rows(Leader, strategy_id=strategy.strategy_id)}
    return frame_of(update_leaders(before, reasons, strategy.strategy_id, as_of, {**evidence.faded, **blocked}), Leader)


def _with(why: str, remark: str | None) -> str:
    return f"{why}; {remark}" if remark else why
