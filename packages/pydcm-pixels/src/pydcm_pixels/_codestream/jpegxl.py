"""The size header of JPEG XL streams (ISO/IEC 18181-1 §D.2, -2 §9)."""

from __future__ import annotations

from functools import lru_cache

_CONTAINER = b"\x00\x00\x00\x0cJXL \r\n\x87\n"
# Width over height for the ratios that a header can name instead of a width.
_RATIOS = {1: (1, 1), 2: (12, 10), 3: (4, 3), 4: (3, 2), 5: (16, 9), 6: (5, 4), 7: (2, 1)}


def _codestream_start(src: bytes) -> int | None:
    if src[:2] == b"\xff\x0a":
        return 0
    if not src.startswith(_CONTAINER):
        return None
    at = 12
    while at + 8 <= len(src):
        length = int.from_bytes(src[at : at + 4], "big")
        kind = src[at + 4 : at + 8]
        body = at + 8
        if length == 1:
            length = int.from_bytes(src[at + 8 : at + 16], "big")
            body = at + 16
        if kind == b"jxlc":
            return body
        if kind == b"jxlp":
            return body + 4
        if length < 8:
            return None
        at += length
    return None


class _Bits:
    """Reads little-endian bit fields."""

    def __init__(self, src: bytes) -> None:
        self._value = int.from_bytes(src, "little")

    def take(self, n: int) -> int:
        value = self._value & ((1 << n) - 1)
        self._value >>= n
        return value


def image_size(src: bytes) -> tuple[int, int] | None:
    """Return ``(height, width)`` of a JPEG XL stream or file, or ``None`` if it is neither."""
    start = _codestream_start(src)
    if start is None or src[start : start + 2] != b"\xff\x0a" or len(src) < start + 4:
        return None
    return _size(bytes(src[start + 2 : start + 18]))


@lru_cache(maxsize=64)  # the frames of an image, and the images of a series, mostly have the same size
def _size(header: bytes) -> tuple[int, int]:
    bits = _Bits(header)
    small = bits.take(1)

    def side() -> int:
        return (bits.take(5) + 1) * 8 if small else bits.take((9, 13, 18, 30)[bits.take(2)]) + 1

    height = side()
    ratio = bits.take(3)
    if ratio == 0:
        return height, side()
    numerator, denominator = _RATIOS[ratio]
    return height, height * numerator // denominator
