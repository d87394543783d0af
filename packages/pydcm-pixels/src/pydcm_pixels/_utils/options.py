"""From a data set's Image Pixel module to the options of a run."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pydcm.tag import BaseTag

if TYPE_CHECKING:
    from pydcm.dataset import Dataset

# The elements that describe the pixel data (PS3.3 §C.7.6.3) and the options they become.
IMAGE_PIXEL: dict[BaseTag, str] = {
    BaseTag(tag): name
    for tag, name in {
        0x00280002: "samples_per_pixel",
        0x00280004: "photometric_interpretation",
        0x00280006: "planar_configuration",
        0x00280008: "number_of_frames",
        0x00280010: "rows",
        0x00280011: "columns",
        0x00280100: "bits_allocated",
        0x00280101: "bits_stored",
        0x00280103: "pixel_representation",
    }.items()
}
HIGH_BIT = BaseTag(0x00280102)
EXTENDED_OFFSETS = BaseTag(0x7FE00001)
EXTENDED_LENGTHS = BaseTag(0x7FE00002)


def as_pixel_options(ds: Dataset, **kwargs: Any) -> dict[str, Any]:
    """Return the options that describe `ds`'s pixel data.

    Parameters
    ----------
    ds : pydcm.dataset.Dataset
        A data set with an Image Pixel module.
    **kwargs
        Options that go before what the data set says.

    Returns
    -------
    dict[str, Any]
        *Image Pixel* values under their option names; a missing or empty *Number of Frames* is 1. `high_bit` is there
        only if it is not where *Bits Stored* puts it.
    """
    opts: dict[str, Any] = {}
    get = ds.get
    for tag, name in IMAGE_PIXEL.items():
        element = get(tag)
        if element is not None:
            opts[name] = element.value
    high = get(HIGH_BIT)
    if high is not None and isinstance(high.value, int) and high.value + 1 != opts.get("bits_stored"):
        opts["high_bit"] = high.value
    frames = opts.get("number_of_frames", 1)
    frames = int(frames) if isinstance(frames, str) and frames.strip().isdecimal() else frames
    if frames in (None, 0, ""):
        from pydcm.misc import warn_and_log

        warn_and_log(f"A value of '{frames}' for (0028,0008) 'Number of Frames' is invalid, assuming 1 frame")
        frames = 1
    opts["number_of_frames"] = frames
    if EXTENDED_OFFSETS in ds and EXTENDED_LENGTHS in ds:
        opts["extended_offsets"] = (ds[EXTENDED_OFFSETS].value, ds[EXTENDED_LENGTHS].value)
    opts.update(kwargs)
    return opts
