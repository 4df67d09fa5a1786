"""Who is on the chain, and what nobody tells: who knows something, who paid whom, and whose wallets are of one owner."""

from dataclasses import dataclass

from sandbox.solana.keys import address

CROWD, SKILLED, FADING = 400, 15, 3  # the first of the crowd know something; the last of these only until a day
INSIDERS = 4  # of each creator that rugs
SNIPERS, DUSTERS, EXCHANGES, MOTHERS = 8, 2, 3, 20
LAUNCHES_EACH = 3  # of a creator


@dataclass(frozen=True, slots=True)
class Person:
    """A wallet by what it is: one of the crowd, the second wallet of one of them, a creator, one of its insiders."""

    kind: str
    place: int = 0
    part: int = 0

    def address(self, seed: int) -> str:
        return (
            address(seed, self.kind, self.place, self.part) if self.part or self.kind == "insider" else address(seed, self.kind, self.place)
        )


def house_of(number: int) -> int:
    """Which creator launched the coin of this number."""
    return number // LAUNCHES_EACH


def mother_of(house: int) -> Person:
    """Who pays a creator and its insiders: several houses have one."""
    return Person("mother", house % MOTHERS)


def exchange_of(place: int) -> Person:
    return Person("exchange", place % EXCHANGES)
