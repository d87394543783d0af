"""Stored values to what a screen shows (PS3.3 §C.11, §C.7.6.3.1.2)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np

    from pydcm.dataset import Dataset


def picture(
    arr: np.ndarray,
    ds: Dataset,
    frame: int,
    *,
    window: tuple[float, float] | str | None = None,
    index: int = 0,
    overlays: bool = False,
    icc: bool = False,
    stored: np.ndarray | None = None,
) -> np.ndarray:
    """Return the stored values of one frame as a picture.

    Parameters
    ----------
    arr : numpy.ndarray
        The decoded frame.
    ds : pydcm.dataset.Dataset
        What describes it.
    frame : int
        Its index.
    window, index, overlays, icc
        As for :func:`pydcm.render`.
    stored : numpy.ndarray, optional
        The same samples with their unused bits, which overlays may be in.
    """
    import numpy as np

    from pydcm_pixels._display.colours import palette_colours, supplemental_palette, with_supplemental

    if ds.PhotometricInterpretation == "PALETTE COLOR":
        made = palette_colours(arr, ds)
    elif arr.ndim == 3:
        made = _to_bytes_by_depth(arr, int(ds.BitsStored))
    else:
        made = _grey(arr, ds, frame, window, index)
        if (palette := supplemental_palette(ds, frame)) is not None:
            made = with_supplemental(made, arr, palette)
    if icc and made.ndim == 3 and (profiled := _with_profile(ds)) is not None:
        from pydcm_pixels._processing.icc import apply_icc_profile

        if not (made.flags.writeable and made.flags.c_contiguous):
            made = made.copy()
        made = apply_icc_profile(made, profiled)
    if overlays:
        from pydcm_pixels._display.planes import with_overlays

        made = with_overlays(made, ds, frame, stored)
    return np.ascontiguousarray(made)


def _with_profile(ds: Dataset) -> Dataset | None:
    """Return what has the ICC profile: the data set, or the first optical path of a slide (PS3.3 §C.8.12.5)."""
    paths = ds.get("OpticalPathSequence") or ()
    return next((one for one in (ds, *paths[:1]) if one.get("ICCProfile")), None)


def _to_bytes_by_depth(arr: np.ndarray, stored: int) -> np.ndarray:
    if stored < 8:  # spread over what a screen shows
        top = (1 << stored) - 1
        return (arr.clip(0, top).astype("u2") * 255 // top).astype("u1")
    return arr if arr.dtype == "u1" else (arr >> (stored - 8)).astype("u1")


def _padding(arr: np.ndarray, ds: Dataset) -> np.ndarray | None:
    """Return where the stored values are padding (PS3.3 §C.7.5.1.1.2), ``None`` if there is none."""
    value, limit = ds.get("PixelPaddingValue"), ds.get("PixelPaddingRangeLimit")
    if not isinstance(value, int):
        return None
    low, high = sorted(_as_stored(one, arr) for one in (value, limit if isinstance(limit, int) else value))
    mask = (arr >= low) & (arr <= high)
    return mask if mask.any() else None


def _hidden(arr: np.ndarray, ds: Dataset, frame: int, padding: np.ndarray | None) -> np.ndarray | None:
    """Return where values do not count for a window: padding, and what a supplemental palette colours."""
    from pydcm_pixels._display.colours import first_coloured, supplemental_palette

    palette = supplemental_palette(ds, frame)
    if palette is None:
        return padding
    coloured = arr >= first_coloured(palette, arr)
    return coloured if padding is None else coloured | padding


def _as_stored(value: int, arr: np.ndarray) -> int:
    """Return a number with the sign of the samples: some write -2000 as 63536, or 65535 as -1."""
    if arr.dtype.kind not in "iu":
        return value
    bits = 8 * arr.dtype.itemsize
    if arr.dtype.kind == "u":
        return value + (1 << bits) if value < 0 else value
    return value - (1 << bits) if 1 << bits - 1 <= value < 1 << bits else value


def _grey(
    arr: np.ndarray, ds: Dataset, frame: int, window: tuple[float, float] | str | None, index: int
) -> np.ndarray:
    import numpy as np

    from pydcm_pixels._display.window import chosen_window
    from pydcm_pixels._processing.groups import group_item
    from pydcm_pixels._processing.modality import apply_modality_lut
    from pydcm_pixels._processing.voi import window_values

    padding = _padding(arr, ds)
    rescale = group_item(ds, "PixelValueTransformationSequence", frame)
    modality = ds if rescale is None else rescale
    tables = modality.get("ModalityLUTSequence")
    # An item without a table says nothing about the values.
    values = apply_modality_lut(arr, modality) if not tables or tables[0].get("LUTDescriptor") else arr
    voi = group_item(ds, "FrameVOILUTSequence", frame)
    source = ds if voi is None else voi
    tabled = source if _voi_tables(source) else ds
    if window is None and _voi_tables(tabled):
        picture = _through_table(values, tabled, index)
    else:
        if window is None and ds.get("BitsStored") == 1 and source.get("WindowCenter") is None:
            window = (0.5, 1.0) if values is arr else "auto"  # a frame may be all zeros, or all ones
        hidden = _hidden(arr, ds, frame, padding)
        center, width, function = chosen_window(values, source, window, index, hidden)
        picture = window_values(values, center, width, function, 0.0, 255.0)
    if ds.get("PresentationLUTSequence"):
        from pydcm_pixels._processing.presentation import to_p_values

        picture = to_p_values(picture / 255, ds) * 255
    elif _is_inverted(ds):
        picture = 255.0 - picture
    if padding is not None:
        picture[padding] = 0.0
    if values.dtype.kind == "f":
        picture[np.isnan(values)] = 0.0
    return (picture + 0.5).astype("u1")


def _voi_tables(ds: Dataset) -> list[Any]:
    """Return the VOI tables that have what a table needs."""
    return [
        item
        for item in ds.get("VOILUTSequence") or ()
        if item.get("LUTDescriptor") is not None and item.get("LUTData") is not None
    ]


def _through_table(values: np.ndarray, ds: Dataset, index: int) -> np.ndarray:
    """Return values mapped by a VOI table to 0-255."""
    import numpy as np

    from pydcm_pixels._processing.tables import descriptor
    from pydcm_pixels._processing.voi import apply_voi

    tables = ds.VOILUTSequence
    if index >= len(tables):
        raise ValueError(f"There is no VOI table with the index {index}, there are {len(tables)}")
    if values.dtype.kind == "f":
        values = np.clip(np.nan_to_num(values), -(2.0**31), 2.0**31 - 1)
    mapped = apply_voi(values.astype("i8").astype("i4"), ds, index).astype("f8")
    top = 2.0 ** descriptor(tables[index])[2] - 1
    result: np.ndarray = np.clip(mapped * (255 / top), 0, 255)
    return result


def _is_inverted(ds: Dataset) -> bool:
    shape = str(ds.get("PresentationLUTShape") or "").strip().upper()
    return shape == "INVERSE" or (not shape and ds.PhotometricInterpretation == "MONOCHROME1")
