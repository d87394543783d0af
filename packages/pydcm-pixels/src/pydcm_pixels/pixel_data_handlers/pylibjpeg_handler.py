"""The handler for JPEG, JPEG-LS, JPEG 2000 and RLE by way of pylibjpeg."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydcm.uid import (
    JPEG2000,
    UID,
    JPEG2000Lossless,
    JPEGBaseline8Bit,
    JPEGExtended12Bit,
    JPEGLossless,
    JPEGLosslessSV1,
    JPEGLSLossless,
    JPEGLSNearLossless,
    RLELossless,
)
from pydcm_pixels._handlers import (
    NUMPY,
    installed,
    needs_to_convert_to_RGB,
    require_elements,
    should_change_PhotometricInterpretation_to_RGB,
)
from pydcm_pixels._utils.shapes import get_nr_frames, pixel_dtype, reshape_pixel_array
from pydcm_pixels.pixels.decoders import pylibjpeg as _plugin

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    import numpy as np

    from pydcm.dataset import Dataset

__all__ = [
    "DEPENDENCIES",
    "HANDLER_NAME",
    "SUPPORTED_TRANSFER_SYNTAXES",
    "as_array",
    "generate_frames",
    "get_pixeldata",
    "is_available",
    "needs_to_convert_to_RGB",
    "should_change_PhotometricInterpretation_to_RGB",
    "supports_transfer_syntax",
]

HANDLER_NAME = "pylibjpeg"
HAVE_NP = installed("numpy")
DEPENDENCIES = NUMPY
HAVE_PYLIBJPEG = installed("pylibjpeg")
HAVE_OPENJPEG = installed("openjpeg")
HAVE_LIBJPEG = installed("libjpeg")
HAVE_RLE = installed("rle")
_HOMES = {
    **dict.fromkeys(
        (
            JPEGBaseline8Bit,
            JPEGExtended12Bit,
            JPEGLossless,
            JPEGLosslessSV1,
            JPEGLSLossless,
            JPEGLSNearLossless,
        ),
        "pylibjpeg-libjpeg",
    ),
    JPEG2000Lossless: "pylibjpeg-openjpeg",
    JPEG2000: "pylibjpeg-openjpeg",
    RLELossless: "pylibjpeg-rle",
}
SUPPORTED_TRANSFER_SYNTAXES = list(_HOMES)


def is_available() -> bool:
    """Return whether what the handler needs is installed."""
    return HAVE_NP and HAVE_PYLIBJPEG


def supports_transfer_syntax(tsyntax: UID) -> bool:
    """Return whether the handler decodes `tsyntax`."""
    return tsyntax in SUPPORTED_TRANSFER_SYNTAXES


def _check(ds: Dataset) -> None:
    syntax = ds.file_meta.TransferSyntaxUID
    if not _plugin.is_available(syntax):
        raise RuntimeError(
            f"Unable to convert the Pixel Data as the '{_HOMES.get(syntax, 'pylibjpeg-rle')}' plugin is not installed"
        )
    require_elements(
        ds,
        "BitsAllocated",
        "Rows",
        "Columns",
        "PixelRepresentation",
        "SamplesPerPixel",
        "PhotometricInterpretation",
        "PixelData",
    )


def _decoded(ds: Dataset) -> Iterator[np.ndarray]:
    """Yield each frame flat, by the first version of pylibjpeg's interface, which checks it against the data set."""
    from copy import deepcopy

    from pylibjpeg.utils import get_pixel_data_decoders

    from pydcm.encaps import generate_frames as encoded_frames

    syntax = ds.file_meta.TransferSyntaxUID
    decoder: Any = get_pixel_data_decoders()[syntax]
    module = deepcopy(ds.group_dataset(0x0028))
    dtype = pixel_dtype(ds)
    for frame in encoded_frames(ds.PixelData, number_of_frames=get_nr_frames(ds, warn=False)):
        arr = decoder(frame, ds=module)
        if _HOMES[syntax] == "pylibjpeg-openjpeg":
            arr = _with_sign(ds, frame, arr)
        yield arr if arr.dtype == dtype else arr.view(dtype)


def _with_sign(ds: Dataset, frame: bytes, arr: np.ndarray) -> np.ndarray:
    """Give signed data the sign that an unsigned JPEG 2000 stream has lost."""
    from pydcm import config
    from pydcm_pixels._codestream.jpeg2000 import get_j2k_parameters
    from pydcm_pixels._core._bits import extend_sign

    info = get_j2k_parameters(frame)
    unused = int(ds.BitsAllocated) - info.get("precision", ds.BitsStored)
    if (
        config.APPLY_J2K_CORRECTIONS
        and unused > 0
        and not info.get("is_signed", True)
        and ds.PixelRepresentation
    ):
        arr = arr.copy().view(pixel_dtype(ds))
        extend_sign(arr.reshape(-1), unused)
    return arr


def generate_frames(ds: Dataset, reshape: bool = True) -> Iterator[np.ndarray]:
    """Yield each frame, as ``(rows, columns[, samples])`` or, without `reshape`, flat as the plugin delivers it."""
    _check(ds)
    planar = ds.file_meta.TransferSyntaxUID == RLELossless
    for frame in _decoded(ds):
        if not reshape:
            yield frame
        elif ds.SamplesPerPixel == 1:
            yield frame.reshape(ds.Rows, ds.Columns)
        elif planar:
            yield frame.reshape(ds.SamplesPerPixel, ds.Rows, ds.Columns).transpose(1, 2, 0)
        else:
            yield frame.reshape(ds.Rows, ds.Columns, ds.SamplesPerPixel)


def get_pixeldata(ds: Dataset) -> np.ndarray:
    """Return the samples of all frames as a flat array."""
    _check(ds)
    import numpy as np

    return np.concatenate(list(_decoded(ds)))


def as_array(ds: Dataset) -> np.ndarray:
    """Return all frames in the shape that `ds` describes."""
    return reshape_pixel_array(ds, get_pixeldata(ds))
