"""What a person should be told without looking for it."""

from data_contracts.columns import Instant, Json, Name, RowId, Text
from data_contracts.contract import row
from data_contracts.words import Period, Severity


@row(table="alerts", store="postgres", key=("alert_id",))
class Alert:
    """One row per fault and what it is about, from the hour it began. `message` says the cure; `cleared_at` is null while it lasts.

    `told_as` is the severity it was last told a person as, null while it was not; `over_told_at` is when its end was told.
    """

    alert_id: RowId
    severity: Severity
    what: Name
    about: Text
    message: Name
    raised_at: Instant
    seen_at: Instant
    cleared_at: Instant | None
    told_as: Severity | None = None
    over_told_at: Instant | None = None


@row(table="reports", store="postgres", key=("period", "begins_at"))
class Report:
    """One row per day or week (UTC) that is over: its figures as they were known `as_of` (`domain/operating/reports`), and a line.

    Once made it stays: whom we followed then, and which limits held, nobody could say later.
    """

    period: Period
    begins_at: Instant
    ends_at: Instant
    summary: Name
    figures: Json
    as_of: Instant
