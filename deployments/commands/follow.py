"""Follow a wallet by its name, whatever its record."""

from typing import Annotated

import typer

from deployments import following
from deployments.terminal import Json

Address = Annotated[str, typer.Argument(help="0x and 40 hex digits, or a Solana address")]
Whose = Annotated[str, typer.Option("--strategy", help="The strategy that is to follow it")]
Dry = Annotated[bool, typer.Option("--dry-run", help="Only say what would change")]


def command(address: Address, strategy: Whose, dry_run: Dry = False, as_json: Json = False) -> None:
    """From the next cycle on the strategy copies it, beside those it chose itself. `walletflow wallet ADDRESS` says what is known of it."""
    following.change(address, strategy, is_followed=True, dry_run=dry_run, as_json=as_json)
