"""What the executor let out of a wallet, in a file of its own: a cap that holds whatever any database says.

One line for each hash a venue knows an order by, the last one counts: at its worst before it is posted, as it was filled once that is
known. What is written about either in a row of a database changes nothing here. What sales bring comes back. A loss does not: whoever
runs the executor raises the cap, or begins a new file, when he has looked.

The file only grows, two lines an order, so a process remembers what it has read of it, and reads it again when anybody else has written.
"""

import fcntl
import json
import os
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path

from data_contracts import Fill, Order, Side, Venue
from data_contracts.errors import Unsafe
from domain.copying.fills import stake_gained

NOTHING = Decimal(0)
PATIENCE_S, AGAIN_S = 5.0, 0.01  # for another process that is at the file: an exit may be waiting behind us
Stamp = tuple[int, int, int]  # of a file: which it is, how long, and when it was written


@dataclass
class Out:
    """What stands in the file as it was at `stamp`; `end` is behind its last finished line."""

    stamp: Stamp | None = None
    end: int = 0
    by_hash: dict[str, Decimal] = field(default_factory=dict)
    total: Decimal = NOTHING

    def note(self, order_hash: str, out: Decimal) -> None:
        self.total += out - self.by_hash.get(order_hash, NOTHING)
        self.by_hash[order_hash] = out


_LAST_READ: dict[Path, Out] = {}


class MoneyOut:
    """Of one venue, in its stake. Several processes may use it."""

    def __init__(self, home: Path, venue: Venue) -> None:
        self.path = home / "executor" / f"{venue}_money_out.jsonl"

    @property
    def total(self) -> Decimal:
        """Stake that is out. Raises Unsafe where the file cannot be read: then nobody knows."""
        return self._read().total

    def let_out(self, order: Order, cap: Decimal) -> bool:
        """Notes the order at its worst, if the cap is kept by that and all that is out; on disk when it returns.

        Raises Unsafe where the file cannot be read, OSError where it cannot be written.
        """
        with self._alone():
            known = self._read()
            if known.total - known.by_hash.get(order.order_hash, NOTHING) + worst(order) > cap:
                return False
            self._add(order.order_hash, worst(order))
            return True

    def note(self, order_hash: str, out: Decimal) -> None:
        """On disk when it returns. Raises OSError where that cannot be."""
        with self._alone():
            with suppress(Unsafe):  # what a sale brought is noted though nobody knows what is out
                self._read()
            self._add(order_hash, out)

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Nobody else reads to decide, or writes. Raises OSError where somebody else stays at it."""
        self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(self.path.with_suffix(".lock"), os.O_RDWR | os.O_CREAT, 0o600)
        try:
            _lock(descriptor, self.path)
            yield
        finally:
            os.close(descriptor)

    def _add(self, order_hash: str, out: Decimal) -> None:
        """A line that was never finished gives way. What is not surely on disk is read anew by whoever asks next."""
        is_new = not self.path.exists()
        descriptor = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
        known = _LAST_READ.pop(self.path, None)
        try:
            is_as_read = known is not None and known.stamp == _stamp(descriptor)
            end = known.end if known is not None and is_as_read else _last_end(self.path)
            os.ftruncate(descriptor, end)
            line = (json.dumps({"hash": order_hash, "out": str(out)}) + "\n").encode()
            _write(descriptor, line)
            os.fsync(descriptor)
            if is_new:
                _sync_directory(self.path.parent)
            if known is not None and is_as_read:
                known.note(order_hash, out)
                known.stamp, known.end = _stamp(descriptor), end + len(line)
                _LAST_READ[self.path] = known
        finally:
            os.close(descriptor)

    def _read(self) -> Out:
        """A last line that was never finished is of an order that was never posted."""
        try:
            with self.path.open("rb") as file:
                known = _LAST_READ.get(self.path)
                stamp = _stamp(file.fileno())
                if known is None or known.stamp != stamp:
                    known = _LAST_READ[self.path] = self._parsed(file.read(), stamp)
                return known
        except FileNotFoundError:
            return Out()

    def _parsed(self, written: bytes, stamp: Stamp) -> Out:
        found = Out(stamp, written.rfind(b"\n") + 1)
        try:
            for line in written[: found.end].decode().split("\n")[:-1]:
                read = json.loads(line)
                found.note(read["hash"], _exact(read["out"]))
        except (ValueError, KeyError, TypeError, ArithmeticError):
            raise Unsafe(f"{self.path} cannot be read, so nobody knows what is out of the wallet: mend it, or move it away") from None
        return found


def _exact(text: str) -> Decimal:
    out = Decimal(text)
    if not out.is_finite():
        raise ValueError(text)
    return out


def _lock(descriptor: int, path: Path) -> None:
    until = time.monotonic() + PATIENCE_S
    while True:
        try:
            return fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > until:
                raise OSError(f"another process is at {path} for {PATIENCE_S:.0f} s") from None
            time.sleep(AGAIN_S)


def _write(descriptor: int, line: bytes) -> None:
    """All of it: a disk that is nearly full takes a part, and says so at the next."""
    while line:
        line = line[os.write(descriptor, line) :]


def _stamp(descriptor: int) -> Stamp:
    found = os.fstat(descriptor)
    return found.st_ino, found.st_size, found.st_mtime_ns


def _last_end(path: Path) -> int:
    return path.read_bytes().rfind(b"\n") + 1


def _sync_directory(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def worst(order: Order) -> Decimal:
    """The most a BUY can take but for its fee; a sale takes nothing."""
    return order.shares * order.limit_price if order.side is Side.BUY else NOTHING


def came_of(fills: Iterable[Fill]) -> Decimal:
    """What fills took, fees included; below zero for what they brought."""
    return -sum((stake_gained(fill) for fill in fills), NOTHING)
