"""What a Siemens mosaic's private headers say about its slices."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydcm_pixels._series import fields
from pydcm_pixels._series.private import find_private
from pydcm_pixels._vendors.csa import CSAHeader, floats

if TYPE_CHECKING:
    from pydcm.dataset import Dataset

__all__ = ["mosaic_header"]


def mosaic_header(ds: Dataset) -> tuple[int | None, tuple[float, ...] | None]:
    """Return the number of slices of a mosaic and the direction in which they were stacked; ``None`` if unknown."""
    count = normal = None
    tag = find_private(ds, 0x0019, "SIEMENS MR HEADER", 0x0A)
    if tag is not None:
        count = fields.integer(ds, tag)
    tag = find_private(ds, 0x0029, "SIEMENS CSA HEADER", 0x10)
    content = ds[tag].value if tag is not None else None
    if not isinstance(content, bytes):
        return count, normal
    header = CSAHeader(content)
    if count is None and (number := floats(header.get("NumberOfImagesInMosaic"))):
        count = int(number[0])
    if len(direction := floats(header.get("SliceNormalVector"))) >= 3:
        normal = tuple(direction[:3])
    return count, normal
