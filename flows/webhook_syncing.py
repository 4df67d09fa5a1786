"""Does Helius watch whom we watch? Followed wallets and candidates that came or went are made known to it."""

from prefect import flow

from adapters.settings import load_settings
from tasks.copying.webhook_syncing import carry_out, in_lines, plan_webhooks
from tasks.operating.run_reports import report_lines


@flow(name="webhook-syncing", flow_run_name="webhooks, dry run: {dry_run}")
def webhook_syncing(dry_run: bool = True) -> None:
    """`dry_run` shows what would change, and changes nothing. Without a key of Helius there is nothing to do."""
    settings = load_settings()
    if settings.helius_key is None:
        return
    changes = plan_webhooks(settings)
    report_lines(in_lines(changes), "webhooks", "would be changed" if dry_run else "changed")
    if not dry_run:
        carry_out(changes, settings)
