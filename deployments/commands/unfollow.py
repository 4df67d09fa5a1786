"""Follow a wallet no more that was named."""

from deployments import following
from deployments.commands.follow import Address, Dry, Whose
from deployments.terminal import Json


def command(address: Address, strategy: Whose, dry_run: Dry = False, as_json: Json = False) -> None:
    """Take it off the strategy's list. What was copied of it is still sold with it. Who is chosen by the record stays: follow.top."""
    following.change(address, strategy, is_followed=False, dry_run=dry_run, as_json=as_json)
