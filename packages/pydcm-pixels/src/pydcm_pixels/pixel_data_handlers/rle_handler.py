"""The handler for RLE Lossless."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydcm.uid import RLELossless
from pydcm_pixels._core._rle import decode_segment as _rle_decode_segment
from pydcm_pixels._core._rle import parse_header as _parse_rle_header
from pydcm_pixels._handlers import (
    NUMPY,
    installed,
    needs_to_convert_to_RGB,
    require_elements,
    should_change_PhotometricInterpretation_to_RGB,
)
from pydcm_pixels._utils.shapes import get_nr_frames, pixel_dtype
from pydcm_pixels.pixels.decoders import rle as _plugin

if TYPE_CHECKING:
    import numpy as np

    from pydcm.dataset import Dataset

__all__ = [
    "DEPENDENCIES",
    "HANDLER_NAME",
    "SUPPORTED_TRANSFER_SYNTAXES",
    "_parse_rle_header",
    "_rle_decode_frame",
    "_rle_decode_segment",
    "get_pixeldata",
    "is_available",
    "needs_to_convert_to_RGB",
    "should_change_PhotometricInterpretation_to_RGB",
    "supports_transfer_syntax",
]

HANDLER_NAME = "RLE Lossless"
HAVE_NP = installed("numpy")
HAVE_RLE = HAVE_NP
DEPENDENCIES = NUMPY
SUPPORTED_TRANSFER_SYNTAXES = [RLELossless]


def is_available() -> bool:
    """Return whether what the handler needs is installed."""
    return HAVE_RLE


def supports_transfer_syntax(transfer_syntax: str) -> bool:
    """Return whether the handler decodes `transfer_syntax`."""
    return transfer_syntax in SUPPORTED_TRANSFER_SYNTAXES


def _rle_decode_frame(
    data: bytes, rows: int, columns: int, nr_samples: int, nr_bits: int, segment_order: str = ">"
) -> bytearray:
    """Return a decoded RLE frame, plane by plane."""
    if nr_bits % 8:
        raise NotImplementedError(
            f"Unable to decode RLE encoded pixel data with a (0028,0100) 'Bits Allocated' value of {nr_bits}"
        )
    return _plugin._rle_decode_frame(data, rows, columns, nr_samples, nr_bits, segment_order)


def get_pixeldata(ds: Dataset, rle_segment_order: str = ">") -> np.ndarray:
    """Return the samples of all frames as a flat array, each frame plane by plane."""
    import numpy as np

    from pydcm.encaps import generate_frames

    if not supports_transfer_syntax(ds.file_meta.TransferSyntaxUID):
        raise NotImplementedError(
            "Unable to convert the pixel data as the transfer syntax is not supported by the RLE pixel data handler."
        )
    require_elements(
        ds, "PixelData", "BitsAllocated", "Rows", "Columns", "PixelRepresentation", "SamplesPerPixel"
    )
    shape = (int(ds.Rows), int(ds.Columns), int(ds.SamplesPerPixel), int(ds.BitsAllocated))
    frames = generate_frames(ds.PixelData, number_of_frames=get_nr_frames(ds, warn=False))
    data = bytearray().join(_rle_decode_frame(frame, *shape, rle_segment_order) for frame in frames)
    arr = np.frombuffer(data, pixel_dtype(ds))
    if should_change_PhotometricInterpretation_to_RGB(ds):
        ds.PhotometricInterpretation = "RGB"
    return arr
