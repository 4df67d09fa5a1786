"""Tells a person: an alert is stored where it is noticed, and sent as a Prefect event."""

import logging
from datetime import datetime

from prefect.events import emit_event

from adapters.connect import open_results
from adapters.settings import Settings
from adapters.stores.results import Write
from data_contracts import Alert, Severity
from data_contracts.frames import frame_of
from domain.operating.alerts import Finding, update_alerts
from tasks.steps import is_bare

log = logging.getLogger("walletflow.alerts")


def raise_alert(finding: Finding, settings: Settings, as_of: datetime) -> None:
    """At once, from where it is noticed; again while it lasts changes nothing but when it was seen."""
    results = open_results(settings)
    lasting = [a for a in results.rows(Alert, what=finding.what, cleared_at=None) if a.about == finding.about]
    alerts = update_alerts([finding], lasting, as_of)
    results.write([Write(Alert, frame_of(alerts, Alert), "put")])
    if not lasting:
        tell(alerts[0])


def tell(alert: Alert) -> None:
    """Into the log, and as an event that a Prefect automation can answer: send a mail, call a webhook, pause the deployment.

    What a replay finds concerns nobody now: it stays in its log.
    """
    level = {Severity.CRITICAL: logging.CRITICAL, Severity.WARNING: logging.WARNING, Severity.INFO: logging.INFO}[alert.severity]
    log.log(level, "%s: %s", alert.what, alert.message)
    if is_bare():
        return
    emit_event(
        event=f"walletflow.alert.{alert.severity}",
        resource={"prefect.resource.id": f"walletflow.alert.{alert.what}", "walletflow.about": alert.about},
        payload={"message": alert.message, "raised_at": alert.raised_at.isoformat()},
    )
