"""Stop everything that `up` started."""

from deployments.local_stack.stack import given_settings
from deployments.local_stack.supervisor import Supervisor
from deployments.terminal import out, say


def command() -> None:
    """Stop exactly what `walletflow up` started here, last started first. Data stays."""
    home = given_settings().home
    stopped = Supervisor(home, say).down()
    out.print(f"Stopped. All data is kept in {home}" if stopped else f"Nothing of {home} was running.")
