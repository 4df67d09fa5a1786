"""The new lines of a file that somebody writes on: each once, whole, with its number; whatever becomes of the file meanwhile.

It may be renamed and begun anew, copied and cut off, or cut off and filled again beyond where we were: it is known by the file system's own
name and its first bytes. What was written before that and not read yet is looked for in the files beside it: by that name, or, of a copy,
by those bytes. Another file in its place is read from its beginning. A last line without its end is still being written.
"""

import os
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from glob import escape
from hashlib import blake2b
from pathlib import Path
from typing import BinaryIO

from data_contracts import TailedFile

HEAD = 1_024  # bytes by which a file is known
AT_ONCE = 1_048_576  # bytes read in one go
LONGEST_LINE = 65_536  # as much as may be posted
STILL_WRITING_S = 5.0  # after a file was rotated away, whoever had it open may finish a line


@dataclass(frozen=True, slots=True)
class Line:
    """`number` counts from 1 in its own file, `file`; `is_cut`: it was too long, or never finished."""

    file: str
    number: int
    text: bytes
    is_cut: bool = False


@dataclass(frozen=True, slots=True)
class Read:
    """The next lines, and where reading stands after them. `is_lost`: what stood between may be gone, for nobody has the old file."""

    lines: tuple[Line, ...]
    after: TailedFile
    is_lost: bool = False


def next_lines(path: Path, before: TailedFile | None, now: datetime) -> Read | None:
    """What came since; None where nothing did. Begins at the first line of a file that was never read, and not at its end."""
    try:
        with path.open("rb") as file:
            began = before or _beginning(path, file, now)
            if _id_of(file) == began.file_id and _begins_alike(began, file):
                return _read_on(path.name, began, file, now)
            return _before_rotation(path, began, now) or _read_anew(path, file, began, now)
    except FileNotFoundError:
        return _before_rotation(path, before, now) if before else None


def _read_on(name: str, before: TailedFile, file: BinaryIO, now: datetime) -> Read | None:
    """Whole lines only."""
    file.seek(before.bytes_read)
    chunk = file.read(AT_ONCE)
    whole = chunk[: chunk.rfind(b"\n") + 1]
    if not whole and len(chunk) > LONGEST_LINE:
        return _skip_long(name, before, file, chunk, now)
    if not whole:
        return None
    texts = whole.split(b"\n")[:-1]
    lines = tuple(_lines(name, before.lines_read, texts))
    return Read(lines, _moved(before, file, len(whole), len(texts), now))


def _lines(name: str, before: int, texts: list[bytes]) -> Iterator[Line]:
    for number, text in enumerate(texts, before + 1):
        if text.strip():
            yield Line(name, number, text[:LONGEST_LINE].rstrip(b"\r"), is_cut=len(text) > LONGEST_LINE)


def _skip_long(name: str, before: TailedFile, file: BinaryIO, chunk: bytes, now: datetime) -> Read | None:
    """To the end of a line that is longer than any intent; None while it has none."""
    skipped = len(chunk)
    while part := file.read(AT_ONCE):
        if (end := part.find(b"\n")) >= 0:
            line = Line(name, before.lines_read + 1, chunk[:LONGEST_LINE], is_cut=True)
            return Read((line,), _moved(before, file, skipped + end + 1, 1, now))
        skipped += len(part)
    return None


def _read_anew(path: Path, file: BinaryIO, before: TailedFile, now: datetime) -> Read | None:
    """Another file stands there now, and of the old one there is nothing left to read."""
    begun = _beginning(path, file, now)
    first = _read_on(path.name, begun, file, now) or Read((), begun)
    is_lost = before.bytes_read > 0 and _predecessor(path, before) is None and not _begins_alike(before, file)
    return replace(first, is_lost=is_lost)


def _before_rotation(path: Path, before: TailedFile, now: datetime) -> Read | None:
    """What was not read yet of the file that stood there before. A last line that nobody will finish any more is cut."""
    found = _predecessor(path, before)
    if found is None:
        return None
    with found.open("rb") as file:
        if read := _read_on(found.name, before, file, now):
            return read
        file.seek(before.bytes_read)
        rest = file.read(AT_ONCE)
        if not rest.strip():
            return None
        if now.timestamp() - found.stat().st_mtime < STILL_WRITING_S:
            return Read((), before)
        line = Line(found.name, before.lines_read + 1, rest[:LONGEST_LINE], is_cut=True)
        return Read((line,), _moved(before, file, len(rest), 1, now))


def _predecessor(path: Path, before: TailedFile) -> Path | None:
    """A file beside it that begins as the old one did, and reaches as far: the very same one if it was renamed, else the newest copy."""
    found = list[tuple[bool, int, Path]]()
    for beside in path.parent.glob(f"{escape(path.stem)}*"):
        if beside != path and beside.is_file():
            with beside.open("rb") as file:
                is_same = _id_of(file) == before.file_id
                if _begins_alike(before, file) and (is_same or before.bytes_read):
                    found.append((is_same, beside.stat().st_mtime_ns, beside))
    return max(found)[2] if found else None


def _begins_alike(before: TailedFile, file: BinaryIO) -> bool:
    """Whether its first bytes are those of the old one, and it reaches as far."""
    return file.seek(0, 2) >= before.bytes_read and _head(file, before.head_bytes) == before.head


def _beginning(path: Path, file: BinaryIO, now: datetime) -> TailedFile:
    return TailedFile(path=str(path), file_id=_id_of(file), head=_head(file, 0), head_bytes=0, bytes_read=0, lines_read=0, read_at=now)


def _id_of(file: BinaryIO) -> str:
    stat = os.fstat(file.fileno())
    return f"{stat.st_dev}:{stat.st_ino}"


def _moved(before: TailedFile, file: BinaryIO, size: int, lines: int, now: datetime) -> TailedFile:
    reached = before.bytes_read + size
    length = min(HEAD, reached)
    return replace(
        before,
        file_id=_id_of(file),
        head=_head(file, length),
        head_bytes=length,
        bytes_read=reached,
        lines_read=before.lines_read + lines,
        read_at=now,
    )


def _head(file: BinaryIO, length: int) -> str:
    file.seek(0)
    return blake2b(file.read(length), digest_size=16).hexdigest()
