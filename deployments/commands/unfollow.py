"""Follow a wallet no more that was named."""

from deployments import following
from deployments.commands.follow import Address, Dry, Whose


def command(address: Address, strategy: Whose, dry_run: Dry = False) -> None:
    """Take it off the strategy's list. What was copied of it is still sold with it. Who is chosen by the record stays: follow.top."""
    following.change(address, strategy, is_followed=False, dry_run=dry_run)
