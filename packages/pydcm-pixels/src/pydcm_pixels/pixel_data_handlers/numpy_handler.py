"""The handler for uncompressed pixel data."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pydcm.uid import (
    UID,
    DeflatedExplicitVRLittleEndian,
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
)
from pydcm_pixels._handlers import (
    NUMPY,
    installed,
    needs_to_convert_to_RGB,
    require_elements,
    should_change_PhotometricInterpretation_to_RGB,
)
from pydcm_pixels._utils.bits import unpack_bits
from pydcm_pixels._utils.shapes import get_expected_length, pixel_dtype

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
    "unpack_bits",
]

HANDLER_NAME = "Numpy"
HAVE_NP = installed("numpy")
DEPENDENCIES = NUMPY
SUPPORTED_TRANSFER_SYNTAXES = [
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
    DeflatedExplicitVRLittleEndian,
    ExplicitVRBigEndian,
]
_KEYWORDS = ("PixelData", "FloatPixelData", "DoubleFloatPixelData")


def is_available() -> bool:
    """Return whether what the handler needs is installed."""
    return HAVE_NP


def supports_transfer_syntax(transfer_syntax: UID) -> bool:
    """Return whether the handler decodes `transfer_syntax`."""
    return transfer_syntax in SUPPORTED_TRANSFER_SYNTAXES


def _check_elements(ds: Dataset) -> str:
    """Return the keyword of the pixel data after checking what else has to be there."""
    present = [keyword for keyword in _KEYWORDS if keyword in ds]
    if len(present) != 1:
        raise AttributeError(
            "Unable to convert the pixel data: one of Pixel Data, Float Pixel Data or Double Float Pixel Data must be "
            "present in the dataset"
        )
    needed = ["BitsAllocated", "Rows", "Columns", "SamplesPerPixel", "PhotometricInterpretation"]
    if present[0] == "PixelData":
        needed += ["PixelRepresentation", "BitsStored"]
    require_elements(ds, *needed)
    if ds.SamplesPerPixel > 1 and "PlanarConfiguration" not in ds:
        raise AttributeError(
            "Unable to convert the pixel data as the following conditionally required element is missing from the "
            "dataset: PlanarConfiguration"
        )
    return present[0]


def _check_length(ds: Dataset, actual: int, expected: int) -> None:
    from pydcm.misc import warn_and_log

    padded = expected + expected % 2
    if actual == expected and actual < padded:
        warn_and_log("The odd length pixel data is missing a trailing padding byte")
    elif actual < padded:
        raise ValueError(
            f"The length of the pixel data in the dataset ({actual} bytes) doesn't match the expected length ({padded} "
            "bytes). The dataset may be corrupted or there may be an issue with the pixel data handler."
        )
    elif actual > padded:
        full = expected / 2 * 3
        if ds.PhotometricInterpretation == "YBR_FULL_422" and actual >= full + full % 2:
            warn_and_log(
                "The Photometric Interpretation of the dataset is YBR_FULL_422, however the length of the pixel data "
                f"({actual} bytes) is a third larger than expected ({expected} bytes) which indicates that this may be "
                "incorrect. You may need to change the Photometric Interpretation to the correct value."
            )
        else:
            warn_and_log(
                f"The length of the pixel data in the dataset ({actual} bytes) indicates it contains excess padding. "
                f"{actual - expected} bytes will be removed from the end of the data"
            )


def get_pixeldata(ds: Dataset, read_only: bool = False) -> np.ndarray:
    """Return the samples of all frames as a flat array.

    Parameters
    ----------
    ds : pydcm.dataset.Dataset
        An uncompressed data set.
    read_only : bool, optional
        Whether a view of the pixel data is good enough.
    """
    import numpy as np

    if not supports_transfer_syntax(ds.file_meta.TransferSyntaxUID):
        raise NotImplementedError(
            "Unable to convert the pixel data as the transfer syntax is not supported by the numpy pixel data handler."
        )
    keyword = _check_elements(ds)
    data = getattr(ds, keyword)
    expected = get_expected_length(ds)
    _check_length(ds, len(data), expected)
    half_chroma = ds.PhotometricInterpretation == "YBR_FULL_422"
    if should_change_PhotometricInterpretation_to_RGB(ds):
        ds.PhotometricInterpretation = "RGB"
    if ds.BitsAllocated == 1:
        return _as_array(unpack_bits(data))[: get_expected_length(ds, unit="pixels")]
    dtype = pixel_dtype(ds, as_float="Float" in keyword)
    big_words = dtype.itemsize == 1 and keyword == "PixelData" and not ds.original_encoding[1]
    if big_words and ds["PixelData"].VR == "OW":
        words = np.frombuffer(data, dtype="u2", count=len(data) // 2)
        arr = words.byteswap().view(dtype)[:expected]
    else:
        arr = np.frombuffer(data[:expected], dtype=dtype)
    if half_chroma:
        arr = np.ascontiguousarray(arr.reshape(-1, 4)[:, (0, 2, 3, 1, 2, 3)]).reshape(-1)
    return arr if read_only or arr.flags.writeable else arr.copy()


def _as_array(bits: Any) -> np.ndarray:
    result: np.ndarray = bits
    return result
