"""Tells a person: an alert is stored where it is noticed, and what is due of it is sent as a Prefect event that automations answer."""

import logging
from collections.abc import Iterable
from datetime import datetime

from prefect.events import emit_event

from adapters.connect import open_results
from adapters.settings import Settings
from adapters.stores.results import Results, Write
from data_contracts import Alert, Severity
from data_contracts.frames import frame_of
from domain.operating.alerts import Finding, update_alerts
from domain.operating.notices import Notice, come_again, due_notices
from tasks.steps import is_bare

log = logging.getLogger("walletflow.alerts")


def raise_alert(finding: Finding, settings: Settings, as_of: datetime) -> None:
    """At once, from where it is noticed; again while it lasts changes nothing but when it was seen."""
    results = open_results(settings)
    lasting = [a for a in results.rows(Alert, what=finding.what, cleared_at=None) if a.about == finding.about]
    store_and_tell(update_alerts([finding], lasting, as_of), lasting, results, as_of)


def store_and_tell(alerts: Iterable[Alert], before: Iterable[Alert], results: Results, as_of: datetime) -> None:
    """Stored first: whether anybody can be told is another matter. What is new goes into the log, and what is due is sent."""
    given, known = list(alerts), {alert.alert_id for alert in before}
    new = [alert.alert_id for alert in given if alert.alert_id not in known]
    stored = results.rows(Alert, alert_id=new) if new else []
    rows = {alert.alert_id: alert for alert in come_again(given, stored)}
    notices, told = due_notices(rows.values(), as_of)
    rows |= {alert.alert_id: alert for alert in told}
    results.write([Write(Alert, frame_of(rows.values(), Alert), "put")])
    for alert_id in new:
        tell(rows[alert_id])
    for notice in notices:
        send(notice)


def tell(alert: Alert) -> None:
    """Into the log, and as an event of its own: an automation can answer it, pause a deployment or call a webhook."""
    level = {Severity.CRITICAL: logging.CRITICAL, Severity.WARNING: logging.WARNING, Severity.INFO: logging.INFO}[alert.severity]
    log.log(level, "%s: %s", alert.what, alert.message)
    payload = {"message": alert.message, "raised_at": alert.raised_at.isoformat()}
    _emit(f"walletflow.alert.{alert.severity}", f"walletflow.alert.{alert.what}", alert.about, payload)


def send(notice: Notice) -> None:
    """To whoever wants to be told: an automation for each kind sends it by every channel (`deployments/automations`)."""
    payload = {"subject": notice.subject, "body": notice.body}
    _emit(f"walletflow.notice.{notice.kind}", f"walletflow.notice.{notice.kind}", "", payload)


def _emit(event: str, resource_id: str, about: str, payload: dict[str, str]) -> None:
    """What a replay finds concerns nobody now: it stays in its log. Nothing that trades waits for, or falls over, who cannot be told."""
    if is_bare():
        return
    try:
        emit_event(event=event, resource={"prefect.resource.id": resource_id, "walletflow.about": about}, payload=payload)
    except Exception as error:  # noqa: BLE001
        log.error("%s could not be sent: %s", event, error)
