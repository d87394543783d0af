"""The decoding plugin ``pydicom`` for RLE Lossless: named as programs know it, our own code."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydcm_pixels._codecs.rle import check_width, decode, packed_bits, warn_padding
from pydcm_pixels._core._rle import decode_frame as _decode
from pydcm_pixels._core._rle import decode_segment as _rle_decode_segment
from pydcm_pixels._core._rle import parse_header as _rle_parse_header

if TYPE_CHECKING:
    import numpy as np

    from pydcm_pixels._decode.runner import DecodeRunner

__all__ = ["DECODER_DEPENDENCIES", "_rle_decode_segment", "_rle_parse_header", "is_available"]

DECODER_DEPENDENCIES: dict[str, tuple[str, ...]] = {"1.2.840.10008.1.2.5": ()}


def is_available(uid: str) -> bool:
    """Return whether this plugin can decode `uid`."""
    return uid in DECODER_DEPENDENCIES


def _rle_decode_frame(
    src: bytes, rows: int, columns: int, nr_samples: int, nr_bits: int, segment_order: str = ">"
) -> bytearray:
    """Return a decoded RLE frame, plane by plane, as little-endian samples."""
    width = check_width(nr_bits)
    _rle_parse_header(src[:64])
    n_pixels = rows * columns
    frame = bytearray(n_pixels * nr_samples * width)
    excess = _decode(src, frame, n_pixels, nr_samples, width, segment_order == "<", True)
    if excess:
        warn_padding(excess, n_pixels)
    return frame


def _decode_array(src: bytes, runner: DecodeRunner, out: np.ndarray | None = None) -> np.ndarray:
    """Decode pixel by pixel, into `out` if it is given."""
    opts = runner.options
    if opts["samples_per_pixel"] > 1:
        opts["planar_configuration"] = 0
    return decode(src, out=out, **opts)


def _decode_frame(src: bytes, runner: DecodeRunner) -> bytearray:
    """Return the decoded frame, plane by plane, and note that in `runner`; 1-bit frames stay packed."""
    if runner.bits_allocated == 1:
        return packed_bits(src, runner.options)
    frame = _rle_decode_frame(
        src,
        runner.rows,
        runner.columns,
        runner.samples_per_pixel,
        runner.bits_allocated,
        runner.get_option("rle_segment_order", ">"),
    )
    runner.set_option("planar_configuration", 1)
    return frame


_decode_frame.decode_array = _decode_array  # type: ignore[attr-defined]
