"""What a person should be told without looking for it."""

from data_contracts.columns import Instant, Name, RowId, Text
from data_contracts.contract import row
from data_contracts.words import Severity


@row(table="alerts", store="postgres", key=("alert_id",))
class Alert:
    """One row per fault and what it is about, from the hour it began. `message` says the cure; `cleared_at` is null while it lasts."""

    alert_id: RowId
    severity: Severity
    what: Name
    about: Text
    message: Name
    raised_at: Instant
    seen_at: Instant
    cleared_at: Instant | None
