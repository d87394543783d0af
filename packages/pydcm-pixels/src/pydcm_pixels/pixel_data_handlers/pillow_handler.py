"""The handler for JPEG and JPEG 2000 by way of Pillow."""

from __future__ import annotations

from importlib.util import find_spec
from typing import TYPE_CHECKING

from pydcm.uid import JPEG2000, UID, JPEG2000Lossless, JPEGBaseline8Bit, JPEGExtended12Bit
from pydcm_pixels._handlers import (
    NUMPY,
    decoded_samples,
    installed,
    needs_to_convert_to_RGB,
    should_change_PhotometricInterpretation_to_RGB,
)
from pydcm_pixels.pixels.decoders import pillow as _plugin

if TYPE_CHECKING:
    import numpy as np

    from pydcm.dataset import Dataset

__all__ = [
    "DEPENDENCIES",
    "HANDLER_NAME",
    "PillowJPEG2000TransferSyntaxes",
    "PillowJPEGTransferSyntaxes",
    "PillowSupportedTransferSyntaxes",
    "get_pixeldata",
    "is_available",
    "needs_to_convert_to_RGB",
    "should_change_PhotometricInterpretation_to_RGB",
    "supports_transfer_syntax",
]

HANDLER_NAME = "Pillow"
HAVE_NP = installed("numpy")
DEPENDENCIES = {**NUMPY, "PIL": ("https://python-pillow.org/", "Pillow")}
PillowJPEG2000TransferSyntaxes = [JPEG2000, JPEG2000Lossless]
PillowJPEGTransferSyntaxes = [JPEGBaseline8Bit, JPEGExtended12Bit]
PillowSupportedTransferSyntaxes = PillowJPEGTransferSyntaxes + PillowJPEG2000TransferSyntaxes
HAVE_PIL = find_spec("PIL") is not None
HAVE_JPEG = HAVE_PIL and _plugin.is_available(JPEGBaseline8Bit)
HAVE_JPEG2K = HAVE_PIL and _plugin.is_available(JPEG2000)


def is_available() -> bool:
    """Return whether what the handler needs is installed."""
    return HAVE_NP and HAVE_PIL


def supports_transfer_syntax(transfer_syntax: UID) -> bool:
    """Return whether the handler decodes `transfer_syntax`."""
    return transfer_syntax in PillowSupportedTransferSyntaxes


def get_pixeldata(ds: Dataset) -> np.ndarray:
    """Return the samples of all frames as a flat array."""
    syntax = ds.file_meta.TransferSyntaxUID
    if not HAVE_PIL:
        raise ImportError(
            f"The pillow package is required to use pixel_array for this transfer syntax {syntax.name}, and pillow could "
            "not be imported."
        )
    for have, syntaxes, codec in (
        (HAVE_JPEG, PillowJPEGTransferSyntaxes, "JPEG"),
        (HAVE_JPEG2K, PillowJPEG2000TransferSyntaxes, "JPEG 2000"),
    ):
        if syntax in syntaxes and not have:
            raise NotImplementedError(
                f"The pixel data with transfer syntax {syntax.name}, cannot be read because Pillow lacks the {codec} "
                "plugin"
            )
    if syntax == JPEGExtended12Bit and ds.BitsAllocated != 8:
        raise NotImplementedError(
            f"{JPEGExtended12Bit} - {JPEGExtended12Bit.name} is only supported by Pillow if (0028,0100) Bits Allocated = "
            "8"
        )
    if syntax in PillowJPEG2000TransferSyntaxes:
        _warn_of_precision(ds)
    arr = decoded_samples(ds, "pillow")
    if should_change_PhotometricInterpretation_to_RGB(ds):
        ds.PhotometricInterpretation = "RGB"
    return arr


def _warn_of_precision(ds: Dataset) -> None:
    from pydcm.encaps import get_frame
    from pydcm.misc import warn_and_log
    from pydcm_pixels._codestream.jpeg2000 import get_j2k_parameters
    from pydcm_pixels._utils.shapes import get_nr_frames

    frame = get_frame(ds.PixelData, 0, number_of_frames=get_nr_frames(ds, warn=False))
    precision = get_j2k_parameters(frame).get("precision", ds.BitsStored)
    if precision != ds.BitsStored:
        warn_and_log(
            f"The (0028,0101) 'Bits Stored' value ({ds.BitsStored}-bit) doesn't match the JPEG 2000 data "
            f"({precision}-bit). It's recommended that you change the 'Bits Stored' value"
        )
