"""An operator gives the venue's contracts the allowances that trading needs. By hand, in the pool that has the key."""

from prefect import flow

from adapters.settings import load_settings
from tasks.operating.run_reports import report_lines
from tasks.polymarket.allowance_setting import set_allowances


@flow(name="allowance-setting", flow_run_name="allow, dry run: {dry_run}")
def give_allowances(dry_run: bool = True) -> None:
    """A dry run says what is missing. Run twice, the second finds nothing."""
    missing = set_allowances(load_settings(), dry_run)
    report_lines([{"missing": line} for line in missing], "allowances", "Missing" if dry_run else "Missing before, given now")
