"""The encoding plugin ``pydicom`` for RLE Lossless: named as programs know it, our own code."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydcm_pixels._codecs.rle import encode
from pydcm_pixels._core._rle import encode_row as _encode_row
from pydcm_pixels._core._rle import encode_segment as _encode_segment

if TYPE_CHECKING:
    from pydcm_pixels._encode.runner import EncodeRunner

__all__ = ["ENCODER_DEPENDENCIES", "_encode_row", "_encode_segment", "is_available"]

ENCODER_DEPENDENCIES: dict[str, tuple[str, ...]] = {"1.2.840.10008.1.2.5": ()}


def is_available(uid: str) -> bool:
    """Return ``True``: nothing else is needed."""
    return True


def _encode_frame(src: bytes, runner: EncodeRunner) -> bytes:
    return encode(src, **runner.options)
