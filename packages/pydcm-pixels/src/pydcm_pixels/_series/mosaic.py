"""Mosaics: all slices of a volume as tiles of one 2-D image (Siemens; UIH's VFRAME)."""

from __future__ import annotations

from math import ceil, sqrt
from typing import TYPE_CHECKING, Any

from pydcm_pixels._series import fields
from pydcm_pixels._series.frame import Frame
from pydcm_pixels._series.placing import order_of, place
from pydcm_pixels._series.private import find_private
from pydcm_pixels._series.problems import LeftOut
from pydcm_pixels._series.siemens import mosaic_header

if TYPE_CHECKING:
    from pydcm_pixels._series.frame import ImageFile

__all__ = ["tiles_of"]

_MAX_TILES = 4096
_COUNT = 0x0019100A  # where Siemens' scanners have it
_UIH_COUNT = 0x00651050


def tiles_of(image: ImageFile) -> list[Frame] | None:
    """Return the tiles of a mosaic as frames in slice order, ``None`` if the image is no mosaic."""
    types = fields.text(image.ds, 0x00080008)
    if "MOSAIC" not in types and "VFRAME" not in types:
        if (fields.integer(image.ds, _UIH_COUNT) or 0) > 1 and 0x00651051 in image.ds:
            return _uih(image)  # the types were removed
        return _siemens(image) if _is_counted(image) else None
    if "VFRAME" in types.split("\\"):
        return _uih(image)
    if "MOSAIC" in types.split("\\"):
        return _siemens(image)
    return None


def _is_counted(image: ImageFile) -> bool:
    """Say whether Siemens' private elements count the tiles of an image whose types have been changed."""
    if _COUNT not in image.ds:
        return False

    count = mosaic_header(image.ds)[0] or 0
    across = ceil(sqrt(count)) if 1 < count <= _MAX_TILES else 0
    return across > 0 and image.rows % across == 0 == image.columns % across


def _make(image: ImageFile, count: int, down: int) -> list[Frame]:
    """Return frames for the tiles of a mosaic that is `down` tiles high; rows are filled one after the other."""
    per_row = ceil(sqrt(count))
    rows, columns = image.rows // down, image.columns // per_row
    if not rows or not columns or image.rows % down or image.columns % per_row:
        raise LeftOut(
            f"a mosaic of {count} tiles does not fit into {image.rows} rows and {image.columns} columns"
        )
    frames = []
    for number in range(count):
        frame = Frame(image)
        frame.rows, frame.columns = rows, columns
        frame.tile = (number // per_row * rows, number % per_row * columns)
        frames.append(frame)
    return frames


def _siemens(image: ImageFile) -> list[Frame] | None:

    count, normal = mosaic_header(image.ds)
    if count is None:
        count = _by_matrix(image)
    if count is None:
        raise LeftOut(
            "a mosaic whose number of slices is not in its private header, nor its matrix: it cannot be taken apart"
        )
    if not 1 <= count <= _MAX_TILES:
        raise LeftOut(f"a mosaic of {count} slices")
    tiles = _make(image, count, ceil(sqrt(count)))
    first = tiles[0]
    place(first, image.ds)
    order = order_of(image.ds)
    step = fields.number(image.ds, 0x00180088) or fields.number(image.ds, 0x00180050) or 1.0
    origin = _tile_origin(first, image)
    if origin is not None and first.orientation is not None:
        normal = _towards(normal, first.orientation)
    for at, frame in enumerate(tiles):
        frame.spacing, frame.orientation = first.spacing, first.orientation
        frame.slope, frame.intercept = first.slope, first.intercept
        frame.order = order
        if origin is not None and normal is not None:
            frame.position = tuple(o + at * step * n for o, n in zip(origin, normal, strict=True))
    return tiles


def _by_matrix(image: ImageFile) -> int | None:
    """Return how many tiles of the size of the acquired matrix a mosaic has, ``None`` if they do not fill it.

    That is all that is left of de-identified images. The last tiles may be empty: nothing says how many.
    """
    matrix = fields.floats(image.ds, 0x00181310)
    lines = fields.integer(image.ds, 0x00180089) or 0
    sizes = [(lines, lines)]
    if len(matrix) == 4:
        sizes.insert(0, (int(matrix[2] or matrix[3]), int(matrix[0] or matrix[1])))
    for rows, columns in sizes:
        if min(rows, columns) < 1 or image.rows % rows or image.columns % columns:
            continue
        down = image.rows // rows
        if down == image.columns // columns > 1:
            return down * down
    return None


def _tile_origin(first: Frame, image: ImageFile) -> tuple[float, ...] | None:
    """Return the position of the first tile.

    A mosaic's *Image Position (Patient)* is that of an image as large as the whole mosaic around the same centre.
    """
    if first.position is None or first.orientation is None:
        return None
    right = (image.columns - first.columns) / 2 * first.spacing[1]
    down = (image.rows - first.rows) / 2 * first.spacing[0]
    row, column = first.orientation[:3], first.orientation[3:]
    return tuple(p + right * r + down * c for p, r, c in zip(first.position, row, column, strict=True))


def _towards(normal: Any, orientation: tuple[float, ...]) -> tuple[float, ...]:
    """Return the normal of the slices at full precision, in the direction that the scanner states."""
    a, b, c, d, e, f = orientation
    cross = (b * f - c * e, c * d - a * f, a * e - b * d)
    length = sqrt(sum(x * x for x in cross)) or 1.0
    sign = 1.0
    if normal is not None and sum(x * y for x, y in zip(cross, normal, strict=True)) < 0:
        sign = -1.0
    return tuple(sign * x / length for x in cross)


def _uih(image: ImageFile) -> list[Frame] | None:
    """Return the tiles of a VFRAME image: (0065,1050) counts them, (0065,1051) has an item for each."""

    ds = image.ds
    count_tag = find_private(ds, 0x0065, "Image Private Header", 0x50)
    items_tag = find_private(ds, 0x0065, "Image Private Header", 0x51)
    parts = fields.items(ds, items_tag) if items_tag else ()
    count = (fields.integer(ds, count_tag) if count_tag else None) or len(parts)
    if not 1 <= count <= _MAX_TILES:
        raise LeftOut(f"a VFRAME image whose (0065,1050) number of slices is {count}")
    tiles = _make(image, count, ceil(count / ceil(sqrt(count))))
    order = order_of(ds)
    base = Frame(image)
    place(base, ds)
    step = fields.number(ds, 0x00180088) or fields.number(ds, 0x00180050) or 1.0
    for at, frame in enumerate(tiles):
        frame.spacing, frame.orientation = base.spacing, base.orientation
        frame.slope, frame.intercept = base.slope, base.intercept
        frame.order = order
        if at < len(parts):
            frame.groups = parts[at]
            frame.position = fields.floats(parts[at], 0x00200032, 3) or None
            frame.orientation = fields.floats(parts[at], 0x00200037, 6) or base.orientation
        elif base.position and base.orientation:
            normal = _towards(None, base.orientation)
            frame.position = tuple(p + at * step * n for p, n in zip(base.position, normal, strict=True))
    return tiles
