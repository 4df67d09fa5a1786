"""HTTP's content encodings that ClickHouse clients use: lz4, zstd, gzip. No body grows past its limit while it is unpacked."""

import gzip
import zlib
from collections.abc import Callable
from http import HTTPStatus
from typing import Protocol

import lz4.frame  # type: ignore[import-untyped]
from backports import zstd

from deployments.local_stack.clickhouse_error import ClickHouseError

# Below this packing costs more than it saves on a loopback.
WORTH_PACKING_BYTES = 4096
_MIB = 1024 * 1024


class Unpacker(Protocol):
    """What the decompressors of lz4, zstd and zlib have in common."""

    @property
    def eof(self) -> bool: ...
    @property
    def unused_data(self) -> bytes: ...
    def decompress(self, data: bytes, max_length: int, /) -> bytes: ...


_UNPACKERS: dict[str, Callable[[], Unpacker]] = {
    "lz4": lz4.frame.LZ4FrameDecompressor,
    "zstd": zstd.ZstdDecompressor,
    "gzip": lambda: zlib.decompressobj(wbits=zlib.MAX_WBITS | 16),
}
_PACKERS: dict[str, Callable[[bytes], bytes]] = {
    "lz4": lz4.frame.compress,
    "zstd": lambda body: zstd.compress(body, 1),
    "gzip": lambda body: gzip.compress(body, 1),
}


def packed(body: bytes, accepted: str) -> tuple[bytes, str | None]:
    """The body in the first encoding of ours that the Accept-Encoding header allows, and that encoding's name."""
    names = {part.split(";")[0].strip() for part in accepted.split(",")}
    name = next((name for name in _PACKERS if name in names), None)
    if name is None or len(body) < WORTH_PACKING_BYTES:
        return body, None
    return _PACKERS[name](body), name


def unpacked(body: bytes, encoding: str, limit: int) -> bytes:
    """The body as it was before its Content-Encoding. Raises ClickHouseError."""
    if encoding in ("", "identity"):
        return body
    if encoding not in _UNPACKERS:
        raise ClickHouseError.ours(f"Unknown compression method {encoding}; this server reads lz4, zstd, gzip.", 48, "NOT_IMPLEMENTED")
    try:
        return _unpacked(body, _UNPACKERS[encoding], limit)
    except (RuntimeError, zstd.ZstdError, zlib.error, EOFError) as error:
        raise ClickHouseError.ours(f"Cannot read the {encoding} body: {error}", 271, "CANNOT_DECOMPRESS", HTTPStatus.BAD_REQUEST) from error


def _unpacked(body: bytes, unpacker_of: Callable[[], Unpacker], limit: int) -> bytes:
    """clickhouse-connect packs each block as a frame of its own, so many may follow each other."""
    out = bytearray()
    unpacker = unpacker_of()
    for start in range(0, len(body), _MIB):
        piece = body[start : start + _MIB]
        while piece:
            unpacker = unpacker_of() if unpacker.eof else unpacker
            out += unpacker.decompress(piece, limit + 1 - len(out))
            if len(out) > limit:
                raise too_large(limit)
            piece = (unpacker.unused_data or b"") if unpacker.eof else b""
    if not unpacker.eof:
        raise EOFError("it ends in the middle")
    return bytes(out)


def too_large(limit: int) -> ClickHouseError:
    message = f"The request body is over the limit of {limit // _MIB} MiB (--max-body-mib)."
    return ClickHouseError.ours(message, 307, "TOO_MANY_BYTES", HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
