"""The options of a decoding run, and the types of the functions that take part in it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from pydcm_pixels._coding.runner import RunnerOptions

if TYPE_CHECKING:
    import numpy as np

    from pydcm_pixels._decode.runner import DecodeRunner

DecodeFunction = Callable[[bytes, "DecodeRunner"], "bytes | bytearray"]
ProcessingFunction = Callable[["np.ndarray", "DecodeRunner", dict[str, Any]], "np.ndarray"]


class DecodeOptions(RunnerOptions, total=False):
    """Options of `DecodeRunner` and of the decoding plugins.

    All syntaxes: `pixel_vr` (matters for 8-bit big-endian data), `allow_excess_frames` (return frames beyond *Number of
    Frames*), `correct_unused_bits` (arrays: fill the bits above *Bits Stored*).

    Native syntaxes: `view_only` (a view of the source where that is possible), `copy_is_fine` (with it, say nothing where
    it is not), `be_swap_ow` (force byte swapping of 8-bit values).

    RLE: `rle_segment_order` (``">"``, or ``"<"`` for streams with the low byte first), `byteorder` (pylibjpeg-rle).

    JPEG-LS and JPEG 2000 (arrays): `apply_jls_sign_correction`, `apply_j2k_sign_correction` (trust the stream's
    precision and signedness over the data set's).

    Colour (arrays): `as_rgb`, `force_rgb`, `force_ybr`.
    """

    pixel_vr: str
    allow_excess_frames: bool
    correct_unused_bits: bool
    view_only: bool
    copy_is_fine: bool
    be_swap_ow: bool
    rle_segment_order: str
    byteorder: str
    apply_jls_sign_correction: bool
    apply_j2k_sign_correction: bool
    as_rgb: bool
    force_rgb: bool
    force_ybr: bool
