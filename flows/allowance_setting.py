"""An operator gives the venue's contracts the allowances that trading needs. By hand, in the pool that has the key."""

from adapters.settings import load_settings
from tasks.clock import name_run
from tasks.flow_runs import flow
from tasks.operating.run_reports import report_lines
from tasks.polymarket.allowance_setting import set_allowances


@flow(name="allowance-setting", flow_run_name="allow, dry run: {dry_run}")
def give_allowances(dry_run: bool = True) -> None:
    """Lets the venue's contracts take USD and shares from the live wallet. Run twice, the second finds nothing.

    It waits until a worker has the key: `docs/going_live.md`. In simulation it is cancelled within five minutes.

    Args:
        dry_run: Shows only which allowances are missing
    """
    missing = set_allowances(load_settings(), dry_run)
    name_run(f"allow · {len(missing)} {'missing, dry run' if dry_run else 'given'}")
    report_lines([{"missing": line} for line in missing], "allowances", "Missing" if dry_run else "Missing before, given now", "Risk")
