"""End a pause or a block of a leader."""

from data_contracts import LeaderStanding
from deployments import following
from deployments.commands.follow import Address
from deployments.commands.pause_leader import Whose
from deployments.operator_words import Why
from deployments.terminal import Json


def command(address: Address, why: Why, strategy: Whose = None, as_json: Json = False) -> None:
    """It ends what was said of the same strategy, or of every one, and says what still holds. A blocked wallet may be chosen again."""
    following.set_standing(address, LeaderStanding.FREE, why, strategy, as_json)
