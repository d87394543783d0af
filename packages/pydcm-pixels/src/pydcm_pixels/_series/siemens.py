"""What a Siemens mosaic's private headers say about its slices."""

from __future__ import annotations

from struct import unpack_from
from typing import TYPE_CHECKING

from pydcm_pixels._series import fields
from pydcm_pixels._series.private import find_private

if TYPE_CHECKING:
    from pydcm.dataset import Dataset

__all__ = ["mosaic_header"]


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
    wanted, found = ("NumberOfImagesInMosaic", "SliceNormalVector"), {}
    try:
        at = 8 if content[:4] == b"SV10" else 0
        (count,) = unpack_from("<I", content, at)
        at += 8
        for _ in range(min(count, 1000)):
            name = content[at : at + 64].partition(b"\0")[0].decode("latin-1")
            (n_items,) = unpack_from("<i", content, at + 76)
            at += 84
            values = []
            for _ in range(n_items):
                (length,) = unpack_from("<i", content, at + 4)
                if length < 0:
                    return found
                value = content[at + 16 : at + 16 + length].partition(b"\0")[0].strip()
                if name in wanted and value:
                    values.append(float(value))
                at += 16 + (length + 3) // 4 * 4
            if name in wanted:
                found[name] = values
    except (ValueError, IndexError, __import__("struct").error):
        pass
    return found
