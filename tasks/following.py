"""Whom each strategy follows, and why: the wallets named in its policy, and those that know something, or the best by record."""

from datetime import datetime

import polars as pl

from adapters.connect import open_history, open_results
from adapters.settings import Settings
from adapters.stores.results import Results, Write
from data_contracts import Copyability, Form, Leader, Strategy, TrapFlag
from data_contracts.frames import frame_of, rows_of
from domain.copyability import candidates, remarks
from domain.following import chosen, following
from domain.policy import Policy
from tasks.decay import newest_states
from tasks.steps import step


@step
def choose_leaders(settings: Settings, as_of: datetime) -> pl.DataFrame:
    """Leader rows now followed, of all enabled strategies, stored; who is no longer chosen is dropped, not deleted."""
    results = open_results(settings)
    profiles, skills = open_history(settings).profiles(), open_history(settings).skills()
    faded = {wallet: state.why for wallet, state in newest_states(results).items() if state.form is Form.FADED}
    strategies = [row for row in rows_of(results.read(Strategy), Strategy) if row.enabled]
    rated, flags = results.read(Copyability), results.read(TrapFlag)
    frames = [_leaders_of(strategy, profiles, skills, faded, rated, flags, results, as_of) for strategy in strategies]
    rows = pl.concat([frame_of([], Leader), *frames])
    results.write([Write(Leader, rows, "put")])
    return rows.filter(pl.col("dropped_at").is_null())


def _leaders_of(
    strategy: Strategy,
    profiles: pl.DataFrame,
    skills: pl.DataFrame,
    faded: dict[str, str],
    rated: pl.DataFrame,
    flags: pl.DataFrame,
    results: Results,
    as_of: datetime,
) -> pl.DataFrame:
    policy = Policy.model_validate_json(strategy.policy).follow
    profiles, skills = (candidates(frame, rated, flags, policy) for frame in (profiles, skills))
    said = remarks(rated, flags, policy)
    reasons = {wallet: _with(why, said.get(wallet)) for wallet, why in chosen(profiles, policy, skills, faded).items()}
    before = {row.wallet: row for row in rows_of(results.read(Leader, strategy_id=strategy.strategy_id), Leader)}
    return frame_of(following(before, reasons, strategy.strategy_id, as_of, faded), Leader)


def _with(why: str, remark: str | None) -> str:
    return f"{why}; {remark}" if remark else why
