"""Palettes on a screen, those of whole images and those that colour some of a grey image's values."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np

    from pydcm.dataset import Dataset

_FRAME_TYPES = (
    "MRImageFrameTypeSequence",
    "CTImageFrameTypeSequence",
    "PETFrameTypeSequence",
    "XRay3DFrameTypeSequence",
)


def palette_colours(arr: np.ndarray, ds: Dataset) -> np.ndarray:
    """Return stored values as the 8-bit colours of the palette of `ds`."""
    from pydcm_pixels._processing.palette import apply_color_lut

    coloured = apply_color_lut(arr, ds)[..., :3]
    if coloured.dtype.itemsize == 1:
        return coloured
    if int(ds.RedPaletteColorLookupTableDescriptor[2]) <= 8 and int(coloured.max()) < 256:
        return coloured.astype("u1")  # 8-bit entries, each in a word of its own
    return (coloured >> 8).astype("u1")


def supplemental_palette(ds: Dataset, frame: int) -> Dataset | None:
    """Return the palette for values of a grey frame that are shown in colour (PS3.3 §C.7.6.19), if it has one.

    Parameters
    ----------
    ds : pydcm.dataset.Dataset
        An image of MONOCHROME2.
    frame : int
        The index of the frame.

    Returns
    -------
    pydcm.dataset.Dataset or None
        The elements of the palette alone.
    """
    if ds.get("PixelPresentation") not in ("COLOR", "MIXED"):
        return None
    from pydcm.dataset import Dataset
    from pydcm_pixels._processing.groups import group_item

    kinds = (group_item(ds, name, frame) for name in _FRAME_TYPES)
    if any(kind is not None and kind.get("PixelPresentation") == "MONOCHROME" for kind in kinds):
        return None
    palette = Dataset()
    for element in ds.group_dataset(0x0028):
        if "PaletteColor" in element.keyword:
            palette.add(element)
    if "RedPaletteColorLookupTableDescriptor" not in palette:
        return None
    palette.set_original_encoding(*ds.original_encoding)
    if hasattr(ds, "file_meta"):
        palette.file_meta = ds.file_meta
    return palette


def first_coloured(palette: Dataset, arr: np.ndarray) -> int:
    """Return the least stored value that has a colour, with the sign that the samples have."""
    first = int(palette.RedPaletteColorLookupTableDescriptor[1])
    return first - 65536 if arr.dtype.kind == "i" and first > 32767 else first


def with_supplemental(picture: np.ndarray, arr: np.ndarray, palette: Dataset) -> np.ndarray:
    """Return a grey picture in colour where the stored values are in the palette."""
    import numpy as np

    first = first_coloured(palette, arr)
    coloured = arr >= first
    result = np.repeat(picture[..., np.newaxis], 3, axis=2)
    if coloured.any():
        stated = int(palette.RedPaletteColorLookupTableDescriptor[1])
        result[coloured] = palette_colours(arr[coloured].astype("i4") - first + stated, palette)
    return result
