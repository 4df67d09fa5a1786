"""What the executor let out of a wallet, in a file of its own: a cap that holds whatever any database says.

One line for each hash a venue knows an order by, the last one counts: at its worst before it is posted, as it was filled once that is
known. What is written about either in a row of a database changes nothing here. What sales bring comes back. A loss does not: whoever
runs the executor raises the cap, or begins a new file, when he has looked.
"""

import json
import os
from collections.abc import Iterable
from decimal import Decimal
from pathlib import Path

from data_contracts import Fill, Order, Side, Venue
from data_contracts.errors import Unsafe
from domain.copying.fills import stake_gained

NOTHING = Decimal(0)


class MoneyOut:
    """Of one venue, in its stake."""

    def __init__(self, home: Path, venue: Venue) -> None:
        self.path = home / "executor" / f"{venue}_money_out.jsonl"

    @property
    def total(self) -> Decimal:
        """Stake that is out. Raises Unsafe where the file cannot be read: then nobody knows."""
        return sum(self._by_hash().values(), NOTHING)

    def may_go(self, order: Order, cap: Decimal) -> bool:
        """Whether the cap is kept by all that is out, this order at its worst included."""
        known = self._by_hash()
        return sum((out for order_hash, out in known.items() if order_hash != order.order_hash), NOTHING) + worst(order) <= cap

    def note(self, order_hash: str, out: Decimal) -> None:
        """On disk when it returns. Raises OSError where that cannot be."""
        self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
        try:
            os.ftruncate(descriptor, self.path.read_bytes().rfind(b"\n") + 1)  # a line that was never finished
            os.write(descriptor, (json.dumps({"hash": order_hash, "out": str(out)}) + "\n").encode())
            os.fsync(descriptor)
        finally:
            os.close(descriptor)

    def _by_hash(self) -> dict[str, Decimal]:
        """A last line that was never finished is of an order that was never posted."""
        if not self.path.exists():
            return {}
        *lines, _unfinished = self.path.read_text().split("\n")
        try:
            read = [json.loads(line) for line in lines]
            return {line["hash"]: Decimal(line["out"]) for line in read}
        except (ValueError, KeyError, TypeError, ArithmeticError):
            raise Unsafe(f"{self.path} cannot be read, so nobody knows what is out of the wallet: mend it, or move it away") from None


def worst(order: Order) -> Decimal:
    """The most a BUY can take but for its fee; a sale takes nothing."""
    return order.shares * order.limit_price if order.side is Side.BUY else NOTHING


def came_of(fills: Iterable[Fill]) -> Decimal:
    """What fills took, fees included; below zero for what they brought."""
    return -sum((stake_gained(fill) for fill in fills), NOTHING)
