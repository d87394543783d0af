"""The handler for JPEG-LS by way of pyjpegls."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydcm.uid import UID, JPEGLSLossless, JPEGLSNearLossless
from pydcm_pixels._handlers import (
    NUMPY,
    decoded_samples,
    installed,
    needs_to_convert_to_RGB,
    should_change_PhotometricInterpretation_to_RGB,
)

if TYPE_CHECKING:
    import numpy as np

    from pydcm.dataset import Dataset

__all__ = [
    "DEPENDENCIES",
    "HANDLER_NAME",
    "SUPPORTED_TRANSFER_SYNTAXES",
    "get_pixeldata",
    "is_available",
    "needs_to_convert_to_RGB",
    "should_change_PhotometricInterpretation_to_RGB",
    "supports_transfer_syntax",
]

HANDLER_NAME = "JPEG-LS"
HAVE_NP = installed("numpy")
HAVE_JPEGLS = installed("jpeg_ls")
DEPENDENCIES = {**NUMPY, "jpeg_ls": ("https://github.com/pydicom/pyjpegls", "pyjpegls")}
SUPPORTED_TRANSFER_SYNTAXES = [JPEGLSLossless, JPEGLSNearLossless]


def is_available() -> bool:
    """Return whether what the handler needs is installed."""
    return HAVE_NP and HAVE_JPEGLS


def supports_transfer_syntax(transfer_syntax: UID) -> bool:
    """Return whether the handler decodes `transfer_syntax`."""
    return transfer_syntax in SUPPORTED_TRANSFER_SYNTAXES


def get_pixeldata(ds: Dataset) -> np.ndarray:
    """Return the samples of all frames as a flat array."""
    syntax = ds.file_meta.TransferSyntaxUID
    if not supports_transfer_syntax(syntax):
        raise NotImplementedError(f"The jpeg_ls does not support this transfer syntax {syntax.name}")
    if not HAVE_JPEGLS:
        raise ImportError(
            f"The jpeg_ls package is required to use pixel_array for this transfer syntax {syntax.name}, and jpeg_ls could "
            "not be imported"
        )
    arr = decoded_samples(ds, "pyjpegls")
    if should_change_PhotometricInterpretation_to_RGB(ds):
        ds.PhotometricInterpretation = "RGB"
    return arr
