"""How long what is not kept for ever stays, and no less than what reads it needs. Pure; it is taken away elsewhere.

Of the audit trail nothing is here: signals with their scores, judged trades, orders, fills, settlements, positions, exits, words of
operators, halts, alerts, intents and what became of them stay (docs/retention.md).
"""

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta

from data_contracts import BookSample, Consensus, Delivery, HolderPosition, LeaderHolding, Quarantined, TokenLook


@dataclass(frozen=True, slots=True)
class Retention:
    """Days that each stays."""

    quiet_run_days: int = 2  # cycles that completed, and scheduled runs that left nothing to read; with their steps and log lines
    run_days: int = 14  # all other runs, with their artifacts
    quarantine_days: int = 30  # rows that broke their contract
    delivery_days: int = 14  # transactions that webhooks brought, and that a cycle has read: what they told stays as trades
    asked_days: int = 30  # what a cycle asked a venue for and would ask again: holders' votes, what a leader held
    book_days: int = 90  # books that spreads are fitted to; whole months go
    holder_days: int = 60  # who held what when the holders of a token were asked; whole months go
    look_days: int = 30  # what a coin looked like, but for its last look


# Fewer would take something from who reads it. Tests hold these against the windows themselves.
FEWEST = {
    "quiet_run_days": (1, "a person looks at the runs since yesterday"),
    "run_days": (8, "weekly reports stand under their runs for a week"),
    "quarantine_days": (30, "the results page shows what was set aside in 30 days"),
    "delivery_days": (2, "what a webhook sends again within a day must be known again"),
    "asked_days": (7, "a sale may wait for days for what its leader held"),
    "book_days": (60, "spreads are fitted to the books of 60 days"),
    "holder_days": (1, "they are kept by whole months"),
    "look_days": (1, "the last look of a coin is compared with the one before"),
}
# Which rows of Postgres go by which of these, and the instant that counts.
AGED_ROWS: tuple[tuple[type, str, str], ...] = (
    (Quarantined, "seen_at", "quarantine_days"),
    (Delivery, "received_at", "delivery_days"),
    (Consensus, "computed_at", "asked_days"),
    (LeaderHolding, "asked_at", "asked_days"),
)
# The same of ClickHouse.
AGED_HISTORY: tuple[tuple[type, str], ...] = ((BookSample, "book_days"), (HolderPosition, "holder_days"), (TokenLook, "look_days"))


def too_short(wanted: Retention) -> Iterator[str]:
    """Each that is shorter than what is read needs, and why."""
    for name, days in asdict(wanted).items():
        fewest, why = FEWEST[name]
        if days < fewest:
            yield f"{name} is {days}: {why}; it must be at least {fewest}"
    if wanted.run_days < wanted.quiet_run_days:
        yield f"run_days is {wanted.run_days}: it must be at least quiet_run_days, {wanted.quiet_run_days}"


def before(as_of: datetime, days: int) -> datetime:
    """What is older goes."""
    return as_of - timedelta(days=days)
