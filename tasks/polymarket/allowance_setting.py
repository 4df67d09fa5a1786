"""Sets the allowances by which the venue's contracts may move the wallet's money and shares: without them every order is refused."""

from adapters.live_account import open_wallet
from adapters.settings import Settings
from tasks.steps import step


@step
def set_allowances(settings: Settings, dry_run: bool) -> list[str]:
    """What was missing, in words. Asked for again, nothing is."""
    wallet = open_wallet(settings)
    missing = wallet.missing_allowances()
    if missing and not dry_run:
        wallet.allow()
    return missing
