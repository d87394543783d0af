"""What a Siemens mosaic's private headers say about its slices."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydcm_pixels._series import fields
from pydcm_pixels._series.private import find_private
from pydcm_pixels._vendors.csa import floats, read_csa

if TYPE_CHECKING:
    from pydcm.dataset import Dataset

__all__ = ["mosaic_header"]

_WANTED = ("NumberOfImagesInMosaic", "SliceNormalVector")


def mosaic_header(ds: Dataset) -> tuple[int | None, tuple[float, ...] | None]:
    """Return the number of slices of a mosaic and the direction in which they were stacked; ``None`` if unknown."""
    count = normal = None
    tag = find_private(ds, 0x0019, "SIEMENS MR HEADER", 0x0A)
    if tag is not None:
        count = fields.integer(ds, tag)
    values = _csa(ds)
    if count is None and values.get("NumberOfImagesInMosaic"):
        count = int(values["NumberOfImagesInMosaic"][0])
    if len(values.get("SliceNormalVector", ())) >= 3:
        normal = tuple(values["SliceNormalVector"][:3])
    return count, normal


def _csa(ds: Dataset) -> dict[str, list[float]]:
    tag = find_private(ds, 0x0029, "SIEMENS CSA HEADER", 0x10)
    content = ds[tag].value if tag is not None else None
    if not isinstance(content, bytes):
        return {}
    return {name: floats(values) for name, values in read_csa(content, _WANTED).items()}
