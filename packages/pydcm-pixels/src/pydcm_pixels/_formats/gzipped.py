"""Gzip for volumes: written fast, read with a bound."""

from __future__ import annotations

import struct
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
_SAMPLE = 1 << 17  # bytes to try
_LARGER = 1.03  # times zlib's size is about as large
_HEAD = b"\x1f\x8b\x08\0\0\0\0\0\x04\xff"  # RFC 1952: no name, no time, fast


def compressed(
    pieces: Iterable[Any], nbytes: int, level: int, *, whole: int = _WHOLE, itemsize: int = 1
) -> Iterable[bytes | bytearray]:
    """Return a gzip stream of `pieces`, `nbytes` together, as one member.

    The fastest level is ISA-L's if isal is installed. Else it is the package's own if that gives the size of zlib's, or
    if there is more to compress than may be held, and libdeflate's for the rest.

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
    itemsize : int, optional
        Bytes of a sample.
    """
    if level == 1:
        try:
            from isal.isal_zlib import compressobj
        except ImportError:
            if nbytes <= whole:
                pieces = list(pieces)
            if nbytes > whole or _is_small(pieces, itemsize):
                return _own(pieces, itemsize)
        else:
            return _streamed(pieces, compressobj(2, wbits=31))  # its level 2 has the size of zlib's level 1
    if nbytes > whole:
        return _streamed(pieces, zlib.compressobj(level, wbits=31))
    from imagecodecs import gzip_encode

    return [gzip_encode(b"".join(pieces), level=level)]


def _is_small(pieces: Iterable[Any], itemsize: int) -> bool:
    """Say whether the package's own DEFLATE gives about the size of zlib's, by a part of the longest piece."""
    from pydcm_pixels._core._deflate import Deflater

    longest = memoryview(max(pieces, key=lambda piece: memoryview(piece).nbytes)).cast("B")
    start = max(0, (len(longest) - _SAMPLE) // 2) // itemsize * itemsize
    sample = longest[start : start + _SAMPLE]
    return len(Deflater(itemsize).compress(sample, True)) <= _LARGER * len(zlib.compress(sample, 1))


def _own(pieces: Iterable[Any], itemsize: int) -> Iterable[bytes]:
    from imagecodecs import deflate_crc32

    from pydcm_pixels._core._deflate import Deflater

    engine = Deflater(itemsize)
    size, crc = 0, 0
    yield _HEAD
    for piece in pieces:
        view = memoryview(piece).cast("B")
        for start in range(0, len(view), _STEP):
            part: Any = view[start : start + _STEP]
            size, crc = size + len(part), deflate_crc32(part, crc)
            yield engine.compress(part)
    yield engine.compress(b"", True)
    yield struct.pack("<II", crc, size & 0xFFFFFFFF)


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
    target = memoryview(out).cast("B")
    engine, filled, rest = zlib.decompressobj(47), 0, b""  # gzip or zlib, as its first bytes say
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
                engine = zlib.decompressobj(47)
    except zlib.error as exc:
        raise ValueError(f"the gzip stream is damaged after {filled} bytes: {exc}") from exc
    return filled
