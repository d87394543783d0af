"""Lengths, data types and shapes that a data set's pixel data has."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from pydcm.tag import BaseTag

if TYPE_CHECKING:
    import numpy as np

    from pydcm.dataset import Dataset

# Syntaxes whose decoded samples come pixel by pixel, or plane by plane, whatever the data set says.
_ALWAYS_INTERLEAVED = frozenset(
    "1.2.840.10008.1.2.4." + last for last in ("50", "57", "70", "80", "81", "90", "91")
)
_ALWAYS_PLANAR = frozenset({"1.2.840.10008.1.2.5"})
_PIXEL_ELEMENTS = {
    "SamplesPerPixel": BaseTag(0x00280002),
    "PhotometricInterpretation": BaseTag(0x00280004),
    "PlanarConfiguration": BaseTag(0x00280006),
    "NumberOfFrames": BaseTag(0x00280008),
    "Rows": BaseTag(0x00280010),
    "Columns": BaseTag(0x00280011),
    "BitsAllocated": BaseTag(0x00280100),
    "BitsStored": BaseTag(0x00280101),
    "HighBit": BaseTag(0x00280102),
    "PixelRepresentation": BaseTag(0x00280103),
    "FloatPixelData": BaseTag(0x7FE00008),
    "DoubleFloatPixelData": BaseTag(0x7FE00009),
    "PixelData": BaseTag(0x7FE00010),
}


def _numpy(purpose: str) -> Any:
    try:
        import numpy
    except ImportError as exc:
        raise ImportError(f"Numpy is required to {purpose}.") from exc
    return numpy


def is_little_endian(ds: Dataset) -> bool:
    """Return the byte order in which `ds`'s binary values are encoded.

    Raises
    ------
    AttributeError
        If neither *Transfer Syntax UID* nor the way the data set was read tells.
    """
    if hasattr(ds, "file_meta"):
        order = ds.file_meta._tsyntax_encoding[1]
    else:
        order = ds.original_encoding[1]
    if order is None:
        raise AttributeError(
            "Unable to determine the endianness of the dataset, please set an appropriate Transfer Syntax UID in "
            f"'{type(ds).__name__}.file_meta'"
        )
    return bool(order)


def get_nr_frames(ds: Dataset, warn: bool = True) -> int:
    """Return the *Number of Frames*, 1 when it is absent, empty or 0 (with a warning for the last two)."""
    frames = getattr(ds, "NumberOfFrames", 1)
    if frames:
        try:
            return int(frames)
        except (TypeError, ValueError):
            raise ValueError(
                f"A (0028,0008) 'Number of Frames' value of '{frames}' is invalid, it must be one whole number"
            ) from None
    if warn:
        from pydcm.misc import warn_and_log

        warn_and_log(
            f"A value of {frames} for (0028,0008) 'Number of Frames' is non-conformant. It's recommended that this "
            "value be changed to 1"
        )
    return 1


def get_expected_length(ds: Dataset, unit: str = "bytes") -> int:
    """Return the length of `ds`'s uncompressed pixel data, all frames, without a padding byte.

    Parameters
    ----------
    ds : pydcm.dataset.Dataset
        A data set with an Image Pixel module.
    unit : str, optional
        ``"bytes"`` (default) or ``"pixels"`` (samples, in fact).
    """
    length = int(ds.Rows) * int(ds.Columns) * int(ds.SamplesPerPixel) * get_nr_frames(ds)
    if unit == "pixels":
        return length
    allocated = int(ds.BitsAllocated)
    length = (length + 7) // 8 if allocated == 1 else length * (allocated // 8)
    return length // 3 * 2 if ds.PhotometricInterpretation == "YBR_FULL_422" else length


def get_image_pixel_ids(ds: Dataset) -> dict[str, int]:
    """Return the identity of each value that decoded pixels depend on, to notice when one is replaced.

    Pixel data that is still what was read counts as 0: asking for its value would copy it.
    """
    get = ds.get
    ids = {}
    for keyword, tag in _PIXEL_ELEMENTS.items():
        if keyword == "PixelData" and ds._encoded(tag) is not None:
            ids[keyword] = 0
            continue
        element = get(tag)
        ids[keyword] = id(None if element is None else element.value)
    ids["TransferSyntaxUID"] = id((getattr(ds, "file_meta", None) or {}).get("TransferSyntaxUID"))
    return ids


def pixel_dtype(ds: Dataset, as_float: bool = False) -> np.dtype[Any]:
    """Return the NumPy dtype of `ds`'s stored values, byte order included.

    Parameters
    ----------
    ds : pydcm.dataset.Dataset
        A data set with *Bits Allocated* and, for integers, *Pixel Representation*.
    as_float : bool, optional
        ``True`` for *Float* and *Double Float Pixel Data*.

    Raises
    ------
    NotImplementedError
        If NumPy has no such type.
    ValueError
        If *Bits Allocated* or *Pixel Representation* has a value that is not allowed.
    """
    np = _numpy("determine the dtype")
    little = is_little_endian(ds)
    if as_float:
        kind = "float"
    else:
        representation = ds.PixelRepresentation
        if representation not in (0, 1):
            raise ValueError(
                "Unable to determine the data type to use to contain the Pixel Data as a value of "
                f"'{representation}' for '(0028,0103) Pixel Representation' is invalid"
            )
        kind = "int" if representation else "uint"
    allocated = ds.BitsAllocated
    if allocated == 1:
        name = "uint8"
    elif allocated > 0 and allocated % 8 == 0:
        name = f"{kind}{allocated}"
    else:
        raise ValueError(
            "Unable to determine the data type to use to contain the Pixel Data as a value of "
            f"'{allocated}' for '(0028,0100) Bits Allocated' is invalid"
        )
    try:
        dtype = np.dtype(name)
    except TypeError:
        raise NotImplementedError(
            f"The data type '{name}' needed to contain the Pixel Data is not supported by numpy"
        ) from None
    return dtype if little == (sys.byteorder == "little") else dtype.newbyteorder("S")


def reshape_pixel_array(ds: Dataset, arr: np.ndarray) -> np.ndarray:
    """Return the flat `arr` in the shape that `ds` describes.

    Returns
    -------
    numpy.ndarray
        ``(rows, columns)``, ``(rows, columns, samples)``, or the same with the frames as first axis.
    """
    _numpy("reshape the pixel array")
    frames = get_nr_frames(ds)
    samples = ds.SamplesPerPixel
    if samples < 1:
        raise ValueError(
            f"Unable to reshape the pixel array as a value of {samples} for (0028,0002) 'Samples per Pixel' is invalid."
        )
    size = (ds.Rows, ds.Columns)
    leading = (frames,) if frames > 1 else ()
    if samples == 1:
        return arr.reshape(*leading, *size)
    syntax = ds.file_meta.TransferSyntaxUID
    if syntax in _ALWAYS_INTERLEAVED:
        planar = 0
    elif syntax in _ALWAYS_PLANAR:
        planar = 1
    else:
        planar = ds.PlanarConfiguration
        if planar not in (0, 1):
            raise ValueError(
                f"Unable to reshape the pixel array as a value of {planar} for (0028,0006) 'Planar Configuration' is "
                "invalid."
            )
    if planar == 0:
        return arr.reshape(*leading, *size, samples)
    arr = arr.reshape(*leading, samples, *size)
    return arr.transpose(0, 2, 3, 1) if leading else arr.transpose(1, 2, 0)
