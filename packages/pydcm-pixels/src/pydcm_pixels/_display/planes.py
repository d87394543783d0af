"""Overlay planes drawn on a picture (PS3.3 §C.9.2, §C.9.3)."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy as np

    from pydcm.dataset import Dataset

_GROUPS = range(0x6000, 0x6020, 2)


def has_embedded(ds: Dataset) -> bool:
    """Return whether overlays of `ds` are in unused bits of its samples, as older equipment kept them."""
    return any(_is_embedded(ds, group) for group in _GROUPS)


def _is_embedded(ds: Dataset, group: int) -> bool:
    allocated = ds.get((group, 0x0100))
    return (
        (group, 0x3000) not in ds
        and isinstance(getattr(allocated, "value", None), int)
        and allocated.value > 1
    )


def with_overlays(
    picture: np.ndarray, ds: Dataset, frame: int, stored: np.ndarray | None = None
) -> np.ndarray:
    """Return `picture` with the overlay planes in white whose origin and size fit it.

    Parameters
    ----------
    picture : numpy.ndarray
        uint8, ``(rows, columns)`` or ``(rows, columns, 3)``.
    ds : pydcm.dataset.Dataset
        What describes it.
    frame : int
        The index of the frame.
    stored : numpy.ndarray, optional
        The samples with their unused bits, which some overlays are in.
    """
    picture = picture.copy()
    for group, plane in _planes(ds, frame, stored):
        origin = ds[group, 0x0050].value if (group, 0x0050) in ds else (1, 1)
        top, left = int(origin[0]) - 1, int(origin[1]) - 1
        rows = slice(max(top, 0), min(top + plane.shape[0], picture.shape[0]))
        columns = slice(max(left, 0), min(left + plane.shape[1], picture.shape[1]))
        if rows.start >= rows.stop or columns.start >= columns.stop:
            continue
        part = plane[rows.start - top : rows.stop - top, columns.start - left : columns.stop - left]
        picture[rows, columns][part > 0] = 255
    return picture


def _planes(ds: Dataset, frame: int, stored: np.ndarray | None) -> Iterator[tuple[int, np.ndarray]]:
    """Yield the groups of the overlays that a frame has, with their bits."""
    from pydcm.misc import warn_and_log
    from pydcm_pixels.overlays.numpy_handler import get_overlay_array

    for group in _GROUPS:
        if stored is not None and _is_embedded(ds, group):
            position = ds.get((group, 0x0102))
            bit = getattr(position, "value", None)
            if isinstance(bit, int) and 0 <= bit < 8 * stored.dtype.itemsize:
                yield group, stored >> bit & 1
            continue
        if (group, 0x3000) not in ds or ds[group, 0x3000].value is None:
            continue
        try:
            plane = get_overlay_array(ds, group)
        except (AttributeError, ValueError) as exc:
            warn_and_log(f"The overlay of group {group:04X} is not drawn: {exc}")
            continue
        at = _position(ds, group, frame)
        if at is None:
            yield group, plane
        elif 0 <= at < (len(plane) if plane.ndim == 3 else 1):
            yield group, plane[at] if plane.ndim == 3 else plane


def _position(ds: Dataset, group: int, frame: int) -> int | None:
    """Return which plane of an overlay is for a frame, perhaps none of them; ``None`` if its only plane is for all."""
    count, origin = ds.get((group, 0x0015)), ds.get((group, 0x0051))
    if getattr(count, "value", None) is None and getattr(origin, "value", None) is None:
        return None
    return frame + 1 - int(getattr(origin, "value", None) or 1)
