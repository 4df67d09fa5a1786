"""Start again what of this home has died, until stopped: the local stack runs it as its service `keeper`."""

from deployments.local_stack import home
from deployments.local_stack.keeper import Keeper
from deployments.local_stack.stack import services, started_settings
from deployments.local_stack.supervisor import Supervisor
from deployments.terminal import say, stopping_on_signals


def command() -> None:
    """Look twice a second for services that died, and start them again, each as often as it takes; `make up` starts this as well."""
    given = started_settings()
    home.started(given.home)
    with stopping_on_signals() as stopping:
        Keeper(Supervisor(given.home, say, stopping), services(given)).keep()
