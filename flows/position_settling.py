"""What of what we hold has resolved? It is settled by every cycle; here at once, and first as a dry run."""

from adapters.settings import load_settings
from data_contracts import Position
from data_contracts.words import STAKE_OF
from tasks.clock import instant_of, name_run
from tasks.copying.settling import resolved_positions, settle_positions
from tasks.flow_runs import flow
from tasks.form_fields import AsOf
from tasks.operating.run_reports import report_lines


@flow(name="position-settling", flow_run_name="settle, dry run: {dry_run}")
def settle_resolved(dry_run: bool = True, as_of: AsOf = None) -> None:
    """Books what resolved markets pay for what we hold, as each cycle does. Run twice, the second finds nothing.

    Live it books nothing: order-execution does, where the key is. To turn winning shares into USD then is position-redeeming.

    Args:
        dry_run: Shows only what would be booked
        as_of: The instant (UTC) that counts as now; empty: now
    """
    settings, now = load_settings(), instant_of(as_of)
    found = resolved_positions(settings, now)
    if not dry_run:
        settle_positions(settings, now)
    name_run(f"settle · {len(found)} positions{', dry run' if dry_run else ''}")
    report_lines([in_line(one, payout) for one, payout in found], "settled", "would be settled" if dry_run else "settled", "Positions")


def in_line(one: Position, payout: object) -> dict[str, str]:
    """For a person."""
    pays = f"{payout} {STAKE_OF[one.venue].value}"
    return {"strategy": one.strategy_id, "leader": one.leader, "outcome": one.outcome, "shares": f"{one.shares:f}", "a share pays": pays}
