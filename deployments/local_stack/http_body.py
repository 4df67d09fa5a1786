"""The body of an HTTP request, by the rules of RFC 9112: one clear length, or chunks. Whatever can be read in two ways is refused.

A body that two readers end at different places carries a second request that only one of them sees.
"""

import re
from collections.abc import Iterator
from email.message import Message
from io import BufferedIOBase

from deployments.local_stack.clickhouse_error import ClickHouseError

MIB = 1024 * 1024
_LINE = 4096  # bytes of a chunk's size and its extensions, or of a trailer
_DIGITS = re.compile(r"[0-9]{1,18}")
_HEX_DIGITS = re.compile(rb"[0-9A-Fa-f]{1,15}")


class Body:
    """What the head says of the body. Raises ClickHouseError where it says nothing clear; reads nothing yet."""

    def __init__(self, method: str, headers: Message) -> None:
        lengths = {length.strip() for length in headers.get_all("Content-Length", [])}
        coding = ",".join(headers.get_all("Transfer-Encoding", [])).strip().lower()
        if coding not in ("", "chunked"):
            raise ClickHouseError.ours(f"Transfer-Encoding {coding[:100]} is not served; chunked is.", 48, "NOT_IMPLEMENTED")
        if coding and lengths:
            raise malformed("a Content-Length beside a Transfer-Encoding")
        if len(lengths) > 1 or any(not _DIGITS.fullmatch(length) for length in lengths):
            raise malformed(f"Content-Length {', '.join(sorted(lengths))[:100]}")
        if method == "POST" and not coding and not lengths:
            message = "The Transfer-Encoding is not chunked and there is no Content-Length header for POST request."
            raise ClickHouseError.ours(message, 381, "HTTP_LENGTH_REQUIRED")
        self.is_chunked = bool(coding)
        self.length = int(lengths.pop()) if lengths else 0  # of a chunked one nothing is known before

    @property
    def is_empty(self) -> bool:
        return not self.is_chunked and self.length == 0

    def pieces(self, file: BufferedIOBase) -> Iterator[bytes]:
        """All of it, a MiB at most at a time. Raises ConnectionResetError when the client leaves in the middle."""
        return _chunks(file) if self.is_chunked else _bytes(file, self.length)


def malformed(what: str) -> ClickHouseError:
    return ClickHouseError.ours(f"Bad request: {what}.", 36, "BAD_ARGUMENTS")


def _bytes(file: BufferedIOBase, size: int) -> Iterator[bytes]:
    while size > 0:
        piece = _all_there(file.read(min(size, MIB)))
        size -= len(piece)
        yield piece


def _chunks(file: BufferedIOBase) -> Iterator[bytes]:
    while size := _chunk_size(_line(file)):
        yield from _bytes(file, size)
        if _line(file):
            raise malformed("a chunk is longer than it says")
    while _line(file):
        pass  # trailers


def _chunk_size(line: bytes) -> int:
    digits = line.partition(b";")[0].strip(b" \t")
    if not _HEX_DIGITS.fullmatch(digits):
        raise malformed(f"chunk size {digits[:20].decode('ascii', 'replace')!r}")
    return int(digits, 16)


def _line(file: BufferedIOBase) -> bytes:
    line = _all_there(file.readline(_LINE))
    if not line.endswith(b"\n"):
        raise malformed("a line of a chunked body has no end")
    return line.rstrip(b"\r\n")


def _all_there(read: bytes) -> bytes:
    """Half a body must never be run: it may well be a whole statement."""
    if not read:
        raise ConnectionResetError("the client left in the middle of its body")
    return read
