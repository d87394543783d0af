"""The short way from a data set in memory to an array, as :mod:`pydcm_pixels._decode.quick` is that from a file."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pydcm_pixels._coding.checks import is_plainly_right
from pydcm_pixels._coding.photometric import PhotometricInterpretation as PI
from pydcm_pixels._coding.photometric import fits_samples, known_photometric
from pydcm_pixels._core._image_header import fragment
from pydcm_pixels._decode.direct import SEQUENCE_END, finish, is_standard_processing
from pydcm_pixels._decode.quick import PLAIN_SYNTAXES, nothing_is_special
from pydcm_pixels._utils.options import as_pixel_options

if TYPE_CHECKING:
    import numpy as np

    from pydcm.dataset import Dataset
    from pydcm_pixels._decode.direct import Lane

_PIXEL_DATA = 0x7FE00010
_FLOATS = (0x7FE00008, 0x7FE00009)


def loaded_array(ds: Dataset, syntax: str, raw: bool = False) -> np.ndarray | None:
    """Return the pixels of a data set: of uncompressed data all frames, of compressed data the only one.

    Parameters
    ----------
    ds : Dataset
        A data set with its pixel data in memory.
    syntax : str
        Its *Transfer Syntax UID*.
    raw : bool, optional
        Whether to leave colours in the stored colour space.

    Returns
    -------
    numpy.ndarray or None
        A writeable array of its own; ``None`` if a run has to decode. No warning has been given then.
    """
    known = PLAIN_SYNTAXES.get(str(syntax).encode())
    if known is None or not nothing_is_special() or not is_standard_processing():
        return None
    lane = known[1]
    if "NumberOfFrames" in ds and not ds.NumberOfFrames:  # of which as_pixel_options() warns
        return None
    element = ds.get(_PIXEL_DATA)
    if element is None or any(tag in ds for tag in _FLOATS):
        return None
    value = element.value
    opts = as_pixel_options(ds)
    opts["photometric_interpretation"] = known_photometric(opts.get("photometric_interpretation"))
    opts["pixel_keyword"] = "PixelData"
    unusual = type(value) is not bytes or "high_bit" in opts or "extended_offsets" in opts
    if unusual or not is_plainly_right(opts) or opts["bits_allocated"] not in (8, 16, 32, 64):
        return None
    # A run warns of what does not fit.
    if not fits_samples(opts["photometric_interpretation"], opts["samples_per_pixel"]):
        return None
    if lane.decoder.is_native:
        return _uncompressed(value, opts, raw)
    if not lane.codec or opts["number_of_frames"] != 1 or not lane.is_first():
        return None
    return _compressed(value, opts, raw, lane)


def _expected(opts: dict[str, Any]) -> int:
    length: int = opts["rows"] * opts["columns"] * opts["samples_per_pixel"] * opts["bits_allocated"] // 8
    return length * int(opts["number_of_frames"])


def _uncompressed(value: bytes, opts: dict[str, Any], raw: bool) -> np.ndarray | None:
    import numpy as np

    expected = _expected(opts)
    if opts["samples_per_pixel"] == 3 and (
        opts["planar_configuration"] == 1 or opts["photometric_interpretation"] == PI.YBR_FULL_422
    ):
        return None
    if len(value) not in (expected, expected + expected % 2):
        return None
    width = opts["bits_allocated"] // 8
    arr = np.frombuffer(value, f"u{width}", expected // width)
    return finish(arr, opts, raw, True, opts["bits_stored"])


def _compressed(value: bytes, opts: dict[str, Any], raw: bool, lane: Lane) -> np.ndarray | None:
    span = fragment(value, 0)
    if span is None:
        return None
    start, end = span[0], span[0] + span[1]
    # The delimiter is a part of some values and not of others; values of these lengths are warned of.
    if value[end:] not in (b"", SEQUENCE_END) or 0 <= len(value) - _expected(opts) <= 1 or end > len(value):
        return None
    return lane.decoded(value[start:end], opts, raw)
