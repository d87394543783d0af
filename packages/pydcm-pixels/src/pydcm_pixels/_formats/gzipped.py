"""Gzip for volumes: written fast, read with a bound."""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import BinaryIO

__all__ = ["compressed", "inflated_start", "read_gzip"]

_MAGIC = b"\x1f\x8b"
_RATIO = 1032  # DEFLATE cannot expand more (RFC 1951)
_WHOLE = 1 << 30  # bytes that are compressed in one piece; more than that go through zlib piece by piece
_STEP = 1 << 22


def compressed(
    pieces: Iterable[Any], nbytes: int, level: int, *, whole: int = _WHOLE
) -> Iterable[bytes | bytearray]:
    """Return a gzip stream of `pieces`, `nbytes` together, as one member.

    Level 1 is ISA-L's, at the size of zlib's level 1; the others are libdeflate's, or zlib's for what may not be held at once.

    Parameters
    ----------
    pieces : iterable of bytes-like
        What to compress.
    nbytes : int
        Their length in all.
    level : int
        0 (stored) to 9 (small).
    whole : int, optional
        Up to how many bytes may be held and compressed at once.
    """
    if level == 1:
        from isal.isal_zlib import compressobj

        return _streamed(pieces, compressobj(2, wbits=31))  # its level 2 has the size of zlib's level 1
    if nbytes > whole:
        return _streamed(pieces, zlib.compressobj(level, wbits=31))
    from imagecodecs import gzip_encode

    return [gzip_encode(b"".join(pieces), level=level)]


def _streamed(pieces: Iterable[Any], engine: Any) -> Iterable[bytes]:
    for piece in pieces:
        view = memoryview(piece).cast("B")
        for start in range(0, len(view), _STEP):
            yield engine.compress(view[start : start + _STEP])
    yield engine.flush()


def inflated_start(content: bytes, nbytes: int) -> bytes:
    """Return the first bytes of a file: of what is in it, if it is compressed."""
    if not content.startswith(_MAGIC):
        return content[:nbytes]
    try:
        return zlib.decompressobj(31).decompress(content, nbytes)
    except zlib.error as exc:
        raise ValueError(f"the gzip stream is damaged: {exc}") from exc


def read_gzip(stream: BinaryIO, nbytes: int, size: int, out: Any) -> int:
    """Inflate up to `nbytes` of a gzip or zlib `stream` into `out`, a writable buffer, and return how many there were.

    Raises
    ------
    ValueError
        If a stream of `size` bytes cannot hold that many, or if it is damaged.
    """
    if nbytes > size * _RATIO + 1024:
        raise ValueError(f"{size} compressed bytes cannot hold the {nbytes} that the header promises")
    from isal import isal_zlib

    damaged: Any = (isal_zlib.error, zlib.error)
    target = memoryview(out).cast("B")
    engine, filled, rest = isal_zlib.decompressobj(47), 0, b""  # gzip or zlib, as its first bytes say
    try:
        while filled < nbytes:
            block = rest or stream.read(_STEP)
            if not block:
                break
            data = engine.decompress(block, min(nbytes - filled, _STEP))
            target[filled : filled + len(data)] = data
            filled += len(data)
            rest = engine.unconsumed_tail
            if engine.eof:
                rest = engine.unused_data
                engine = isal_zlib.decompressobj(47)
    except damaged as exc:
        raise ValueError(f"the gzip stream is damaged after {filled} bytes: {exc}") from exc
    return filled
