"""What a Siemens mosaic's private headers say about its slices."""

from __future__ import annotations

from struct import error as StructError
from struct import unpack_from
from typing import TYPE_CHECKING

from pydcm_pixels._series import fields
from pydcm_pixels._series.private import find_private

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pydcm.dataset import Dataset

__all__ = ["mosaic_header"]

_WANTED = ("NumberOfImagesInMosaic", "SliceNormalVector")
_MAX_ELEMENTS = 1000


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
    found: dict[str, list[float]] = {}
    if not isinstance(content, bytes):
        return found
    try:
        for name, values in _elements(content):
            if name in _WANTED:
                found[name] = [float(value) for value in values if value]
    except (ValueError, StructError):  # what was found before the damage counts
        pass
    return found


def _elements(content: bytes) -> Iterator[tuple[str, list[bytes]]]:
    """Yield names and values of a CSA header: "SV10" and newer versions, or the older one without a mark."""
    at = 8 if content[:4] == b"SV10" else 0
    (count,) = unpack_from("<I", content, at)
    at += 8
    for _ in range(min(count, _MAX_ELEMENTS)):
        name = content[at : at + 64].partition(b"\0")[0].decode("latin-1")
        (n_items,) = unpack_from("<i", content, at + 76)
        at += 84
        values = []
        for _ in range(n_items):
            (length,) = unpack_from("<i", content, at + 4)
            if length < 0:
                raise ValueError("a CSA value of negative length")
            values.append(content[at + 16 : at + 16 + length].partition(b"\0")[0].strip())
            at += 16 + (length + 3) // 4 * 4
        yield name, values
