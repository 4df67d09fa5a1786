"""One simulated process: whatever it calls goes through here, where time passes, others get their turn, and a seed decides what goes wrong.

A kill is an exception that no handler of ours catches. What the process remembered is gone with it, what was stored stays.
"""

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

from adapters.settings import Settings
from data_contracts.errors import Unavailable

if TYPE_CHECKING:
    from simulation.house import House

T = TypeVar("T")
ALONE = "ledger.alone"  # a transaction that locks: whoever is in it gives way to nobody
WRITES = frozenset({"write", "alone", "receive", "append"})


class Killed(BaseException):
    """The process is gone. Not an Exception: nobody answers it."""


class Fell(BaseException):
    """An invariant does not hold any more: the simulation ends here."""


class Seat:
    """A process of one life. `settings` lead to the stores as this one sees them."""

    def __init__(self, name: str, house: "House") -> None:
        self.name, self._house = name, house
        self.settings: Settings
        self.is_alive = True
        self.knew = 0  # operators' words on record when the step at work began
        self._is_inside = False  # a transaction: nobody else sees what it does before it ends

    def began(self, name: str) -> None:
        self.knew = self._house.words_on_record
        self._house.tell(self.name, f"step {name}")

    def ended(self, name: str, seconds: float) -> None:
        if self.is_alive:
            self._house.check()

    def reached(self, subject: Any, name: str) -> Any:
        """A store, a feed or an exchange as this process reaches it."""
        return Reached(subject, name, self)

    def call(self, what: str, act: Callable[[], T], writes: bool = False) -> T:
        """The answer, unless this is the call at which something goes wrong."""
        if self._is_inside:
            return act()
        house, chance, rates = self._house, self._house.chance, self._house.rates
        if house.turns.is_shared and chance.random() < rates["turn"]:
            house.turns.give_way()
        if not self.is_alive:
            raise Killed
        house.clock.advance(_seconds(chance.random(), rates["slow"]))
        if chance.random() < rates["dies"]:
            self.die(f"before {what}")
        if chance.random() < rates["away"]:
            house.spoil(self.name, f"{what}: no answer")
            raise Unavailable(f"{what}: no answer")
        answer = self._within(act) if what.startswith(ALONE) else act()
        if writes:
            house.tell(self.name, what)
            house.check()
            if chance.random() < rates["dies"] * 4:
                self.die(f"after {what}")
            if chance.random() < rates["lost"] * (what[:8] != "exchange"):  # whose client says itself that no answer came
                house.spoil(self.name, f"{what}: done, and the answer lost")
                raise Unavailable(f"{what}: the answer was lost")
        return answer

    def die(self, when: str) -> None:
        self._house.tell(self.name, f"KILLED {when}")
        self.is_alive = False
        raise Killed

    def _within(self, act: Callable[[], T]) -> T:
        self._is_inside = True
        try:
            return act()
        finally:
            self._is_inside = False


def _seconds(drawn: float, slow: float) -> float:
    """How long a call takes: milliseconds, or many seconds."""
    return 8.0 + 12.0 * drawn / slow if drawn < slow else 0.01 + 0.05 * drawn


class Reached:
    """Every method of a subject, called through a seat; what is no method is the subject's own."""

    def __init__(self, subject: Any, name: str, seat: Seat) -> None:
        self._subject, self._name, self._seat = subject, name, seat

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._subject, name)
        if not callable(found):
            return found
        return self._kept(name, found)

    def _kept(self, name: str, found: Callable[..., Any]) -> Callable[..., Any]:
        what, writes, seat = f"{self._name}.{name}", name in WRITES, self._seat

        def call(*args: Any, **kwargs: Any) -> Any:
            said = f"{what}{_tables(args)}" if writes else what
            return seat.call(said, partial(found, *args, **kwargs), writes)

        setattr(self, name, call)
        return call


def _tables(args: tuple[Any, ...]) -> str:
    """What a write is of, and how much."""
    given = args[0] if args and isinstance(args[0], list) else []
    if given and all(isinstance(one, str) for one in given):
        return f" [{', '.join(one[:16] for one in given)}]"
    said = [f"{one.row_class.__name__} {len(one.given)}" for one in given if hasattr(one, "row_class") and not one.is_empty]
    if len(args) == 2 and isinstance(args[1], type):
        said = [f"{args[1].__name__} {len(args[0])}"]
    return f" [{', '.join(said)}]"
