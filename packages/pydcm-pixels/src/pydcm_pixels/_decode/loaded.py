"""The short way from a data set in memory to an array, as :mod:`pydcm_pixels._decode.quick` is that from a file."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pydcm.tag import BaseTag
from pydcm_pixels._coding.checks import is_plainly_right
from pydcm_pixels._coding.photometric import PhotometricInterpretation as PI
from pydcm_pixels._coding.photometric import fits_samples, known_photometric
from pydcm_pixels._decode.direct import expected_length, finish, is_standard_processing
from pydcm_pixels._decode.framing import MemoryParts, all_of_several
from pydcm_pixels._decode.many import all_frames
from pydcm_pixels._decode.parallel import useful_workers
from pydcm_pixels._decode.quick import PLAIN_SYNTAXES, nothing_is_special
from pydcm_pixels._utils.options import EXTENDED_LENGTHS, EXTENDED_OFFSETS, HIGH_BIT, IMAGE_PIXEL

if TYPE_CHECKING:
    import numpy as np

    from pydcm.dataset import Dataset

_PIXEL_DATA = BaseTag(0x7FE00010)
_FRAMES = BaseTag(0x00280008)
_OTHER_PIXELS = (BaseTag(0x7FE00008), BaseTag(0x7FE00009))
_TAGS = (*IMAGE_PIXEL, HIGH_BIT)
_NAMES = (*IMAGE_PIXEL.values(), "high_bit")
_ORDER = tuple(sorted(range(len(_TAGS)), key=_TAGS.__getitem__))


def loaded_array(ds: Dataset, syntax: str, raw: bool = False, workers: int | None = 1) -> np.ndarray | None:
    """Return the pixels of a data set, all frames.

    Parameters
    ----------
    ds : Dataset
        A data set with its pixel data in memory.
    syntax : str
        Its *Transfer Syntax UID*.
    raw : bool, optional
        Whether to leave colours in the stored colour space.
    workers : int, optional
        How many threads decode several compressed frames; ``None`` for as many as there are processors.

    Returns
    -------
    numpy.ndarray or None
        A writeable array of its own; ``None`` if a run has to decode. No warning has been given then.
    """
    known = PLAIN_SYNTAXES.get(str(syntax).encode())
    if known is None or not nothing_is_special() or not is_standard_processing():
        return None
    lane = known[1]
    opts = _options(ds)
    if opts is None or any(tag in ds for tag in _OTHER_PIXELS):
        return None
    value = _value(ds)
    if value is None:
        return None
    if lane.decoder.is_native:
        return _uncompressed(value, opts, raw)
    if not lane.codec or not lane.is_first():
        return None
    extended = None
    if EXTENDED_OFFSETS in ds or EXTENDED_LENGTHS in ds:
        columns = [ds.get(tag) for tag in (EXTENDED_OFFSETS, EXTENDED_LENGTHS)]
        if not all(column is not None and type(column.value) is bytes for column in columns):
            return None
        extended = columns[0].value, columns[1].value
    parts = MemoryParts(value)
    if 0 <= len(value) - expected_length(opts) <= 1:  # of which a run warns
        return None
    if opts["number_of_frames"] == 1:
        return lane.one_frame(parts, 0, opts, raw, extended)
    spans = all_of_several(parts, 0, opts["number_of_frames"], extended)
    if spans is None:
        return None
    workers = useful_workers(workers, opts["number_of_frames"])
    return all_frames(lane, parts, spans, opts, raw, workers, None)


def _options(ds: Dataset) -> dict[str, Any] | None:
    """Return the Image Pixel values as options of a run, ``None`` if there is anything to look at or to warn of."""
    opts = dict(zip(_NAMES, ds._values_of(_TAGS, _ORDER), strict=True))
    high = opts.pop("high_bit")
    if high is not None and (type(high) is not int or high + 1 != opts["bits_stored"]):
        return None
    if opts["number_of_frames"] is None:
        if _FRAMES in ds:
            return None
        opts["number_of_frames"] = 1
    opts["photometric_interpretation"] = known_photometric(opts["photometric_interpretation"])
    opts["pixel_keyword"] = "PixelData"
    if not is_plainly_right(opts) or opts["bits_allocated"] not in (8, 16, 32, 64):
        return None
    if not fits_samples(opts["photometric_interpretation"], opts["samples_per_pixel"]):
        return None
    if opts["planar_configuration"] is None:
        del opts["planar_configuration"]
    return opts


def _value(ds: Dataset) -> bytes | memoryview | None:
    """Return the pixel data: what was read, without a copy, as long as nobody changed it."""
    stored = ds._encoded(_PIXEL_DATA)
    if stored is not None:
        return stored[1] if stored[0] in ("OB", "OW") else None
    element = ds.get(_PIXEL_DATA)
    value = None if element is None else element.value
    return value if type(value) is bytes else None


def _uncompressed(value: bytes | memoryview, opts: dict[str, Any], raw: bool) -> np.ndarray | None:
    import numpy as np

    expected = expected_length(opts)
    if opts["samples_per_pixel"] == 3 and (
        opts["planar_configuration"] == 1 or opts["photometric_interpretation"] == PI.YBR_FULL_422
    ):
        return None
    if len(value) not in (expected, expected + expected % 2):
        return None
    width = opts["bits_allocated"] // 8
    arr = np.frombuffer(value, f"u{width}", expected // width)
    return finish(arr, opts, raw, True, opts["bits_stored"])
