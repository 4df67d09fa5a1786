"""Never choose a wallet again, and enter nothing behind it."""

from data_contracts import LeaderStanding
from deployments import following
from deployments.commands.follow import Address
from deployments.commands.pause_leader import Whose
from deployments.operator_words import Why
from deployments.terminal import Json


def command(address: Address, why: Why, strategy: Whose = None, as_json: Json = False) -> None:
    """It is never chosen nor named, and nothing is entered behind it; what was copied is still sold with it. In every strategy or one."""
    following.set_standing(address, LeaderStanding.BLOCKED, why, strategy, as_json)
