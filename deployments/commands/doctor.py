"""Is everything well?"""

import typer

from adapters.settings import load_settings
from data_contracts.errors import Unavailable
from deployments.terminal import Json, show


def command(as_json: Json = False) -> None:
    """Check the stores, the ledger, the workers, the feed, the clock and the disk. Ends with 1 when something fails."""
    from deployments.findings import FAIL
    from deployments.health import examine  # the drivers take a second to import, which no other command should pay

    settings = load_settings()
    if not settings.home.exists():
        raise Unavailable(f"{settings.home} does not exist: nothing was started here yet. make up")
    findings = examine(settings)
    show(["verdict", "check", "seen", "cure"], [(found.verdict, name, found.seen, found.cure) for name, found in findings], as_json)
    if any(found.verdict == FAIL for _, found in findings):
        raise typer.Exit(1)
