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
_MORE = 1 << 26  # bytes behind the wanted ones that are looked at for the checksum's sake
_AT_ONCE = 1 << 28  # bytes of a compressed file that is read as a whole


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
    found = b""
    try:
        while len(found) < nbytes and content.startswith(_MAGIC):  # one member after the other
            engine = zlib.decompressobj(31)
            found += engine.decompress(content, nbytes - len(found))
            content = engine.unused_data
    except zlib.error as exc:
        raise ValueError(f"the gzip stream is damaged: {exc}") from exc
    return found


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
    if size <= _AT_ONCE:
        begun = stream.tell()
        if _inflated_at_once(stream.read(), target[:nbytes]):
            return nbytes
        stream.seek(begun)  # several members, more than is wanted, or damage: this finds out
    from isal import isal_zlib

    damaged: Any = (isal_zlib.error, zlib.error)
    engine, filled, more, rest, inside = isal_zlib.decompressobj(47), 0, 0, b"", False  # gzip or zlib
    try:
        while filled < nbytes or (inside and more < _MORE):  # on to the checksum
            block = rest or stream.read(_STEP)
            if not block:
                break
            data = engine.decompress(block, min(nbytes - filled, _STEP) or _STEP)
            if filled < nbytes:
                target[filled : filled + len(data)] = data
                filled += len(data)
            else:
                more += len(data)
            rest, inside = engine.unconsumed_tail, not engine.eof
            if engine.eof:
                rest = engine.unused_data
                engine = isal_zlib.decompressobj(47)
    except damaged as exc:
        raise ValueError(f"the gzip stream is damaged after {filled} bytes: {exc}") from exc
    if inside and filled == nbytes and more < _MORE:
        raise ValueError("the gzip stream is damaged: it ends before its checksum")
    return filled


def _inflated_at_once(content: bytes, out: memoryview) -> bool:
    """Fill `out` with the one member of a gzip or zlib stream; say whether it is that and as long as `out`.

    libdeflate, which has to have all of it, takes three quarters of ISA-L's time.
    """
    from imagecodecs import deflate_decode, gzip_decode

    zipped = content.startswith(_MAGIC)
    if zipped and content[-4:] != (len(out) & 0xFFFFFFFF).to_bytes(4, "little"):  # its length (RFC 1952)
        return False
    try:
        return len((gzip_decode if zipped else deflate_decode)(content, out=out)) == len(out)
    except (RuntimeError, ValueError):
        return False
