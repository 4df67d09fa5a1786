"""What only grows and is seldom read again: on disk, not in memory."""

import os
import tempfile
import weakref
from array import array
from collections.abc import Callable, Sequence
from typing import TypeVar, overload

T = TypeVar("T")
PART = 256


class Spool:
    """Bytes by where they begin, in a file that has no name and is gone with its owner. Threads may read it at once."""

    def __init__(self) -> None:
        self._file, self._size = -1, 0  # opened when there is something to write

    def write(self, data: bytes) -> int:
        """Where it begins. Raises OSError where the disk is full."""
        if self._file < 0:
            self._open()
        begins = self._size
        while data:
            written = os.pwrite(self._file, data, self._size)
            data, self._size = data[written:], self._size + written
        return begins

    def read(self, begins: int, size: int) -> bytes:
        return os.pread(self._file, size, begins)

    def _open(self) -> None:
        with tempfile.TemporaryFile() as file:
            self._file = os.dup(file.fileno())
        weakref.finalize(self, os.close, self._file)


class Places:
    """Numbers of four bytes: the newest in memory, the others in parts in a spool, which several may share."""

    __slots__ = ("_parts", "_spool")

    def __init__(self, spool: Spool) -> None:
        self._spool = spool
        self._parts: tuple[tuple[int, ...], array[int]] = ((), array("I"))  # where those in the spool begin, and what is not there

    def append(self, place: int) -> None:
        begins, newest = self._parts
        newest.append(place)
        if len(newest) == PART:
            self._parts = (*begins, self._spool.write(newest.tobytes())), array("I")

    def all(self) -> "array[int]":
        begins, newest = self._parts
        return array("I", b"".join(self._spool.read(one, PART * newest.itemsize) for one in begins)) + newest


class Spooled(Sequence[T]):
    """A sequence that only grows: the newest items as they are, at least `kept` of them, the older ones packed in a file.

    One thread appends; others may read meanwhile. `size`: of a packed item, in bytes, where all are alike: their places need no memory."""

    def __init__(self, packed: Callable[[T], bytes], unpacked: Callable[[bytes], T], *, kept: int, size: int = 0) -> None:
        self._packed, self._unpacked, self._size, self._kept = packed, unpacked, size, kept
        self._ends = array("Q", [0])
        self._spool = Spool()
        self._parts: tuple[int, list[T]] = (0, [])  # how many are in the file, and those that are not: never the one without the other

    def __len__(self) -> int:
        stored, newest = self._parts
        return stored + len(newest)

    @overload
    def __getitem__(self, place: int) -> T: ...
    @overload
    def __getitem__(self, place: slice) -> list[T]: ...
    def __getitem__(self, place: int | slice) -> T | list[T]:
        if isinstance(place, slice):
            return [self[one] for one in range(*place.indices(len(self)))]
        stored, newest = self._parts
        if place >= stored:
            return newest[place - stored]
        if place < 0:
            return self[self._from_start(place)]
        return self._read(place)

    def append(self, item: T) -> None:
        newest = self._parts[1]
        newest.append(item)
        if len(newest) >= 2 * self._kept:
            self._store()

    def _from_start(self, place: int) -> int:
        if place < -len(self):
            raise IndexError(place)
        return len(self) + place

    def _read(self, place: int) -> T:
        if self._size:
            return self._unpacked(self._spool.read(place * self._size, self._size))
        begins, ends = self._ends[place], self._ends[place + 1]
        return self._unpacked(self._spool.read(begins, ends - begins))

    def _store(self) -> None:
        """The older half."""
        stored, newest = self._parts
        packed = [self._packed(item) for item in newest[: self._kept]]
        begins = self._spool.write(b"".join(packed))
        for data in packed if not self._size else ():
            begins += len(data)
            self._ends.append(begins)
        self._parts = stored + self._kept, newest[self._kept :]
