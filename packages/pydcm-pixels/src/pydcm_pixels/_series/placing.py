"""Where a classic image's elements put its frame, what they say of its values, and what sorts it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydcm_pixels._series import fields
from pydcm_pixels._series.vendors import philips_item

if TYPE_CHECKING:
    from pydcm.dataset import Dataset
    from pydcm_pixels._series.frame import Frame

__all__ = ["is_distance", "locate", "order_of", "place"]

#: Distances of pixels that are not larger than this are no distances, mm.
_LEAST = 1e-7


def order_of(ds: Dataset) -> tuple[int, int]:
    """Return what sorts files in the order of acquisition: *Instance Number*, then *Acquisition Number*.

    PET has an *Image Index* besides, which counts the images of a series where the other may not (PS3.3 §C.8.9.4.1.9).
    """
    index = fields.integer(ds, 0x00541330) if 0x00541330 in ds else None
    number = index if index and fields.text(ds, 0x00080060) == "PT" else fields.integer(ds, 0x00200013)
    return number or 0, fields.integer(ds, 0x00200012) or 0


def place(frame: Frame, ds: Dataset) -> None:
    """Set position, orientation, spacing and rescale of a frame from a classic image's elements."""
    locate(frame, ds)
    stated = fields.floats(ds, 0x00200037, 6) or fields.floats(ds, 0x00200035, 6)
    frame.orientation = stated or _own(ds, 0x00200037, 6)
    spacing = fields.floats(ds, 0x00280030) or fields.floats(ds, 0x00181164)
    if spacing and is_distance(*spacing):
        row, *others = spacing
        frame.spacing = (row, others[0] if others else row)


def locate(frame: Frame, ds: Dataset) -> None:
    """Set position and rescale, which images of a series have of their own."""
    # the ACR-NEMA 2 elements mean the same where only they are there
    frame.position = (
        fields.floats(ds, 0x00200032, 3) or fields.floats(ds, 0x00200030, 3) or _own(ds, 0x00200032, 3)
    )
    _rescale(frame, ds)


def is_distance(*values: float) -> bool:
    """Say whether pixels can be that far apart (mm): affines of other numbers cannot be inverted."""
    return min(values) > _LEAST and max(values) < 1 / _LEAST


def _own(ds: Dataset, tag: int, count: int) -> tuple[float, ...] | None:
    """Return what an item says of a place: Philips' own where the public elements were dropped, or that of NM's detector."""
    item = philips_item(ds) or next(iter(fields.items(ds, 0x00540022)), None)
    return (fields.floats(item, tag, count) or None) if item is not None else None


def _rescale(frame: Frame, ds: Dataset) -> None:
    """Set slope and intercept of a frame from the elements of a data set."""
    slope = fields.number(ds, 0x00281053)
    intercept = fields.number(ds, 0x00281052)
    if slope:
        frame.slope = slope
    if intercept is not None:
        frame.intercept = intercept
    frame.table = slope is None and 0x00283000 in ds
