"""Looks every five minutes whether all is well, and raises alerts. In a process of its own: a dead cycle cannot say that it is dead."""

from datetime import UTC, datetime

from adapters.settings import load_settings
from tasks.clock import instant_of, run_name
from tasks.flow_runs import flow
from tasks.form_fields import AsOf
from tasks.operating.chain_accounting import report_accounting
from tasks.operating.contract_report import report_contracts
from tasks.operating.health_monitoring import report_alerts, watch_house
from tasks.operating.keyless_runs import end_keyless_runs


@flow(name="health-monitoring", flow_run_name=run_name("health"))
def health_monitoring(as_of: AsOf = None) -> None:
    """Raises, keeps up and clears alerts; once an hour holds the rows of the last day against their contracts.

    In simulation it cancels what was asked of the pool with the key, and says why.

    Args:
        as_of: The instant (UTC) that counts as now; empty: now, or the second it was scheduled for
    """
    settings, now = load_settings(), instant_of(as_of)
    report_alerts(watch_house(settings, now), settings, now)
    if report_contracts(settings, now):
        report_accounting(settings, now)
    end_keyless_runs(settings, datetime.now(UTC))  # runs are planned by this clock, not by a simulated world's
