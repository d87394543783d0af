"""The handler for JPEG, JPEG-LS and JPEG 2000 by way of GDCM, which decodes all frames at once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

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
)
from pydcm_pixels._handlers import (
    NUMPY,
    installed,
    needs_to_convert_to_RGB,
    should_change_PhotometricInterpretation_to_RGB,
)
from pydcm_pixels._utils.foreign import import_gdcm
from pydcm_pixels._utils.shapes import get_expected_length, get_nr_frames, pixel_dtype

if TYPE_CHECKING:
    import numpy as np

    from pydcm.dataset import Dataset

__all__ = [
    "DEPENDENCIES",
    "HANDLER_NAME",
    "SUPPORTED_TRANSFER_SYNTAXES",
    "create_data_element",
    "create_image",
    "get_pixeldata",
    "is_available",
    "needs_to_convert_to_RGB",
    "should_change_PhotometricInterpretation_to_RGB",
    "supports_transfer_syntax",
]

HANDLER_NAME = "GDCM"
HAVE_NP = installed("numpy")
DEPENDENCIES = {**NUMPY, "gdcm": ("https://sourceforge.net/projects/gdcm/", "GDCM")}
SUPPORTED_TRANSFER_SYNTAXES = [
    JPEGBaseline8Bit,
    JPEGExtended12Bit,
    JPEGLossless,
    JPEGLosslessSV1,
    JPEGLSLossless,
    JPEGLSNearLossless,
    JPEG2000Lossless,
    JPEG2000,
]
HAVE_GDCM = installed("gdcm")
# GDCM before 2.8 could only read files.
HAVE_GDCM_IN_MEMORY_SUPPORT = HAVE_GDCM


def is_available() -> bool:
    """Return whether what the handler needs is installed."""
    return HAVE_NP and HAVE_GDCM


def supports_transfer_syntax(transfer_syntax: UID) -> bool:
    """Return whether the handler decodes `transfer_syntax`."""
    return transfer_syntax in SUPPORTED_TRANSFER_SYNTAXES


def create_data_element(ds: Dataset) -> Any:
    """Return the pixel data of `ds` as a ``gdcm.DataElement``."""
    gdcm = import_gdcm()
    element = gdcm.DataElement(gdcm.Tag(0x7FE0, 0x0010))
    if not ds.file_meta.TransferSyntaxUID.is_compressed:
        element.SetByteStringValue(ds.PixelData)
        return element
    from pydcm.encaps import generate_fragmented_frames

    fragments = gdcm.SequenceOfFragments.New()
    for frame in generate_fragmented_frames(ds.PixelData, number_of_frames=get_nr_frames(ds, warn=False)):
        for data in frame:
            fragment = gdcm.Fragment()
            fragment.SetByteStringValue(data)
            fragments.AddFragment(fragment)
    element.SetValue(fragments.__ref__())
    return element


def create_image(ds: Dataset, data_element: Any) -> Any:
    """Return a ``gdcm.Image`` with the description and the pixel data of `ds`."""
    gdcm = import_gdcm()
    frames = get_nr_frames(ds, warn=False)
    image = gdcm.Image()
    image.SetNumberOfDimensions(2 if frames == 1 else 3)
    image.SetDimensions((ds.Columns, ds.Rows, frames))
    image.SetDataElement(data_element)
    photometric = gdcm.PhotometricInterpretation
    image.SetPhotometricInterpretation(photometric(photometric.GetPIType(ds.PhotometricInterpretation)))
    syntax = gdcm.TransferSyntax
    image.SetTransferSyntax(syntax(syntax.GetTSType(str.__str__(ds.file_meta.TransferSyntaxUID))))
    image.SetPixelFormat(
        gdcm.PixelFormat(
            ds.SamplesPerPixel, ds.BitsAllocated, ds.BitsStored, ds.HighBit, ds.PixelRepresentation
        )
    )
    if "PlanarConfiguration" in ds:
        image.SetPlanarConfiguration(ds.PlanarConfiguration)
    return image


def _decode_file(path: str) -> str:
    reader = import_gdcm().ImageReader()
    reader.SetFileName(path)
    if not reader.Read():
        raise TypeError("GDCM could not read DICOM image")
    text: str = reader.GetImage().GetBuffer()
    return text


def _decode_by_file(ds: Dataset) -> str:
    """Decode with a GDCM that reads files only, from a temporary one if `ds` has none."""
    path = getattr(ds, "filename", None)
    if path and isinstance(path, str):
        return _decode_file(path)
    from pathlib import Path
    from tempfile import TemporaryDirectory

    part = ds.group_dataset(0x0028)
    part["PixelData"] = ds["PixelData"]
    part.file_meta = ds.file_meta
    with TemporaryDirectory() as folder:
        path = str(Path(folder, "pixels.dcm"))
        part.save_as(path)
        return _decode_file(path)


def get_pixeldata(ds: Dataset) -> np.ndarray:
    """Return the samples of all frames as a flat array."""
    import numpy as np

    if not HAVE_GDCM:
        raise ImportError("The GDCM handler requires both gdcm and numpy")
    if HAVE_GDCM_IN_MEMORY_SUPPORT:
        text = create_image(ds, create_data_element(ds)).GetBuffer()
    else:
        text = _decode_by_file(ds)
    data = text.encode("utf-8", "surrogateescape")
    expected = get_expected_length(ds)
    if ds.PhotometricInterpretation == "YBR_FULL_422":
        # The chroma comes at full size.
        expected = expected // 2 * 3
    if len(data) > expected and any(data[expected:]):
        data = data[:expected]
    arr = np.frombuffer(bytearray(data), dtype=pixel_dtype(ds))
    n_samples = get_expected_length(ds, "pixels")
    if arr.size != n_samples:
        raise AttributeError(f"Amount of pixel data {arr.size} does not match the expected data {n_samples}")
    arr = _with_sign(ds, arr)
    if should_change_PhotometricInterpretation_to_RGB(ds):
        ds.PhotometricInterpretation = "RGB"
    return arr


def _with_sign(ds: Dataset, arr: np.ndarray) -> np.ndarray:
    """Give signed data the sign that an unsigned JPEG 2000 stream has lost."""
    from pydcm import config

    if not config.APPLY_J2K_CORRECTIONS or ds.file_meta.TransferSyntaxUID not in (JPEG2000, JPEG2000Lossless):
        return arr
    from pydcm.encaps import get_frame
    from pydcm_pixels._codestream.jpeg2000 import get_j2k_parameters
    from pydcm_pixels._core._bits import extend_sign

    info = get_j2k_parameters(get_frame(ds.PixelData, 0, number_of_frames=get_nr_frames(ds)))
    unused = int(ds.BitsAllocated) - info.get("precision", ds.BitsStored)
    if ds.PixelRepresentation == 1 and not info.get("is_signed") and unused > 0:
        extend_sign(arr, unused)
    return arr
