"""What we know of one wallet, in lines a person reads: its record, grade, followers, what copying it would bring, and its traps."""

from collections.abc import Iterator
from typing import Any

from adapters.connect import open_history, open_results
from adapters.settings import Settings
from data_contracts import Copyability, Leader, TrapFlag, Venue
from domain.operating.explanations import Line
from domain.wallet_addresses import venue_of
from tasks.copying.leader_words import read_leader_words
from tasks.copying.sound_rows import readable_rows
from tasks.steps import step

COPIED = {"delay_s": 30, "notional": 100}  # one cycle late, with 100 USD


@step
def wallet_lines(wallet: str, settings: Settings) -> list[Line]:
    """None where nothing is on record of it."""
    history = open_history(settings)
    profiles, skills = history.profiles([wallet]).to_dicts(), history.skills([wallet]).to_dicts()
    standing = [*_followed(wallet, settings), *_held_back(wallet, settings), *_copied(wallet, settings), *_traps(wallet, settings)]
    if not (profiles or skills or standing):
        return []
    record = [_record(one) for one in sorted(profiles, key=lambda one: -int(one["closed_positions"]))]
    return [*record, Line("grade", judgement(wallet, skills[0] if skills else None)), *standing]


def judgement(wallet: str, skill: dict[str, Any] | None) -> str:
    """Of a WalletSkill row: how sure we are, from what, and how many bets it would take."""
    if skill is None and venue_of(wallet) is Venue.SOLANA:
        return "It has no grade: no purchase of it can be ranked yet beside others of the same coin in the same minutes (docs/solana.md)"
    if skill is None:
        return "No bet of it has ended yet, so it has no grade. What it would take: walletflow bets-needed"
    needed = skill["bets_needed"]
    takes = f"{needed:,} bets like its own" if needed is not None else "a number of bets that the next wallet-profiling will say"
    return (
        f"Grade {skill['grade']}: knows something with {skill['skilled']:.1%}, by {skill['bets']:,} bets in {skill['events']:,} events. "
        f"To tell one who wins 62 of 100 even bets from luck takes {takes}."
    )


def followed_by(wallet: str, settings: Settings) -> list[str]:
    """`mirror-best since 2026-11-28 12:00: why`, of each strategy that follows it now."""
    rows = readable_rows(open_results(settings), Leader, wallet=wallet, dropped_at=None)
    return [f"{one.strategy_id} since {one.chosen_at:%Y-%m-%d %H:%M}: {one.why}" for one in rows]


def held_back(wallet: str, settings: Settings) -> list[str]:
    """`BLOCKED in mirror-best since 2026-11-28 12:00: why`, of each word of a person that holds; * is every strategy."""
    words = read_leader_words(open_results(settings)).about(wallet)
    return [f"{word.standing} in {word.strategy_id} since {word.ordered_at:%Y-%m-%d %H:%M}: {word.why}" for word in words]


def _record(one: dict[str, Any]) -> Line:
    won = "none is over" if one["win_rate"] is None else f"{one['win_rate']:.0%} won, {one['realized_pnl']:+,.2f} realized"
    omega = "" if one["omega"] is None else f", omega {one['omega']:.2f}"
    said = f"{one['trades']:,} trades, {one['closed_positions']:,} closed positions: {won}{omega}; last trade"
    return Line(f"record, {one['category'] or 'no category'}", f"{said} {one['last_trade_at']:%Y-%m-%d %H:%M} UTC")


def _followed(wallet: str, settings: Settings) -> Iterator[Line]:
    for said in followed_by(wallet, settings):
        yield Line("followed by", said)


def _held_back(wallet: str, settings: Settings) -> Iterator[Line]:
    for said in held_back(wallet, settings):
        yield Line("a person said", said)


def _copied(wallet: str, settings: Settings) -> Iterator[Line]:
    for one in readable_rows(open_results(settings), Copyability, wallet=wallet, **COPIED):
        bounds = "too few events for an interval" if one.low is None or one.high is None else f"90 %: {one.low:+.1%} to {one.high:+.1%}"
        yield Line("copied 30 s later with 100 USD", f"{one.mean:+.1%} in the mean of {one.round_trips:,} round trips ({bounds})")


def _traps(wallet: str, settings: Settings) -> Iterator[Line]:
    for one in readable_rows(open_results(settings), TrapFlag, wallet=wallet, flagged=True):
        yield Line("trap", f"{one.trap.value}: {one.score:.2f}, from {one.threshold:.2f} on it is one; {one.observations:,} observations")
