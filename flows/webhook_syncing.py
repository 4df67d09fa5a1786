"""Does Helius watch whom we watch? Followed wallets and candidates that came or went are made known to it."""

from adapters.settings import load_settings
from tasks.clock import name_run
from tasks.copying.webhook_syncing import carry_out, in_lines, plan_webhooks
from tasks.flow_runs import flow
from tasks.operating.run_reports import report_lines


@flow(name="webhook-syncing", flow_run_name="webhooks, dry run: {dry_run}")
def webhook_syncing(dry_run: bool = True) -> None:
    """Tells Helius to watch the wallets that are followed and the candidates. Webhooks of others in the account stay as they are.

    Without a key of Helius (WALLETFLOW_HELIUS_KEY) there is nothing to do.

    Args:
        dry_run: Shows only what would change, and what it costs in Helius' credits. The schedule changes it, every ten minutes
    """
    settings = load_settings()
    if settings.helius_key is None:
        name_run("webhooks · no key of Helius, nothing to do")
        return
    changes = plan_webhooks(settings)
    said = "would be changed" if dry_run else "changed"
    if changes or dry_run:  # by its schedule a quiet run leaves nothing
        report_lines(in_lines(changes), "webhooks", said, "Feeds")
    if not dry_run:
        carry_out(changes, settings)
    name_run(f"webhooks · {len(changes)} {said}")
