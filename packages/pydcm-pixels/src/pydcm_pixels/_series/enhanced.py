"""Frames of multi-frame objects: functional groups, NM detectors, RT dose grids, PET and cine without groups."""

from __future__ import annotations

from math import sqrt
from typing import TYPE_CHECKING

from pydcm_pixels._series import fields
from pydcm_pixels._series.frame import NOWHERE, Frame
from pydcm_pixels._series.ordering import frame_orders
from pydcm_pixels._series.placing import is_distance, order_of, place
from pydcm_pixels._series.problems import LeftOut
from pydcm_pixels._series.vendors import philips_item, philips_real_world

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pydcm.dataset import Dataset
    from pydcm_pixels._series.frame import ImageFile

__all__ = ["frames_of", "gather_views", "undescribed"]

#: Plane position and orientation of frames: in the patient, and of ultrasound in the volume (PS3.3 §C.8.24.3.4, §C.8.24.3.5).
_PLACES = (0x00209113, 0x00209116)
_PLACES_IN_VOLUME = (0x0020930E, 0x0020930F)
_SLOW_FIRST = ("SIEMENS", "GE ", "UIH", "TOSHIBA", "HITACHI", "FUJIFILM")


def frames_of(image: ImageFile) -> list[Frame]:
    """Return the frames of a multi-frame file in their stored order."""
    groups = fields.items(image.ds, 0x52009230)
    if groups:
        return _grouped(image, groups)
    image.check_size(image.n_frames)
    if 0x3004000C in image.ds:
        return _dose(image)
    return _plain(image)


def _first(ds: Dataset | None, tag: int) -> Dataset | None:
    found = fields.items(ds, tag) if ds is not None else ()
    return found[0] if found else None


def _grouped(image: ImageFile, groups: Sequence[Dataset]) -> list[Frame]:
    """Return frames with per-frame, else shared, functional groups (PS3.3 §C.7.6.16)."""
    base = Frame(image)
    place(base, image.ds)  # what the groups do not say may be where classic images have it
    count = min(image.n_frames, len(groups))
    shared = _first(image.ds, 0x52009229)
    order = order_of(image.ds)
    shared_items = {
        tag: _first(shared, tag) for tag in (*_PLACES, *_PLACES_IN_VOLUME, 0x00289110, 0x00289145)
    }
    time_axes = _time_axes(image.ds)
    in_all = 0x00409096 in image.ds or (shared is not None and 0x00409096 in shared)
    indices = [_index_values(own) for own in groups[:count]]
    orders = frame_orders(image.ds, groups[:count], indices)
    before = fields.integer(image.ds, 0x00209228) or 0  # in the parts of a concatenation that come first
    frames = []
    for at in range(count):
        own = groups[at]
        frame = Frame(image, at, own)
        frame.position, frame.orientation, frame.spacing = base.position, base.orientation, base.spacing
        frame.slope, frame.intercept, frame.table = base.slope, base.intercept, base.table
        found = {tag: _first(own, tag) or shared_items[tag] for tag in shared_items}
        if (item := found[_PLACES[0]]) is not None:
            frame.position = fields.floats(item, 0x00200032, 3) or base.position
        elif (item := found[_PLACES_IN_VOLUME[0]]) is not None:
            frame.position = fields.floats(item, 0x00209301, 3) or base.position
        if (item := found[_PLACES[1]]) is not None:
            frame.orientation = fields.floats(item, 0x00200037, 6) or base.orientation
        elif (item := found[_PLACES_IN_VOLUME[1]]) is not None:
            frame.orientation = fields.floats(item, 0x00209302, 6) or base.orientation
        if (frame.position is None or frame.orientation is None) and (item := philips_item(own)) is not None:
            frame.position = frame.position or fields.floats(item, 0x00200032, 3) or None
            frame.orientation = frame.orientation or fields.floats(item, 0x00200037, 6) or None
        if (item := found[0x00289110]) is not None:
            spacing = fields.floats(item, 0x00280030, 2)
            if spacing and is_distance(*spacing):
                frame.spacing = (spacing[0], spacing[1])
        if (item := found[0x00289145]) is not None:
            frame.slope = fields.number(item, 0x00281053) or 1.0
            frame.intercept = fields.number(item, 0x00281052) or 0.0
        if 0x00409096 in own or in_all:
            philips_real_world(frame)
        index = indices[at]
        ranks = orders[at] if orders else (index[axis] for axis in time_axes if axis < len(index))
        frame.order = (*order, *ranks, before + at)
        frames.append(frame)
    return frames


def undescribed(frame: Frame) -> str:
    """Return a note if a file has another number of frames than its functional groups describe; else nothing."""
    if frame.groups is None or frame.tile is not None:  # the items of UIH's tiles are its own
        return ""
    described = len(fields.items(frame.ds, 0x52009230))
    if described == frame.image.n_frames:
        return ""
    return (
        f"{described} frames are described (5200,9230), but there should be {frame.image.n_frames} (0028,0008): "
        f"{min(described, frame.image.n_frames)} are taken of {frame.path}"
    )


def _index_values(groups: Dataset) -> tuple[float, ...]:
    content = _first(groups, 0x00209111)
    return tuple(fields.floats(content, 0x00209157)) if content is not None else ()


def _time_axes(ds: Dataset) -> list[int]:
    """Return which dimension indices say anything but where a frame is, the most significant one first.

    The standard's order (PS3.3 §C.7.6.17) is from slow to fast. Philips, Canon and Bruker write them from fast to slow.
    """
    axes = []
    for at, item in enumerate(fields.items(ds, 0x00209222)):
        pointer = fields.integer(item, 0x00209165)
        if pointer not in (0x00209056, 0x00209057, 0x00200032, 0x00209113, 0x00201041):
            axes.append(at)
    maker = fields.text(ds, 0x00080070).upper()
    return axes if maker.startswith(_SLOW_FIRST) else axes[::-1]


def gather_views(frames: Sequence[Frame]) -> None:
    """Put the views of an NM acquisition, projections from several angles, at one place: they are no slices."""
    first: dict[str, Frame | None] = {}
    for frame in frames:
        if frame.index is None or frame.groups is not None:
            continue
        if frame.path not in first:
            is_view = fields.text(frame.ds, 0x00080060) == "NM" and 0x00540090 in fields.tags(
                frame.ds, 0x00280009
            )
            first[frame.path] = frame if is_view else None
        if (one := first[frame.path]) is not None:
            frame.position = one.position


def _dose(image: ImageFile) -> list[Frame]:
    """Return the planes of a dose grid: offsets from the first plane, or coordinates (PS3.3 §C.8.8.3.2)."""
    base = Frame(image)
    place(base, image.ds)
    offsets = fields.floats(image.ds, 0x3004000C)
    if len(offsets) < image.n_frames:
        raise LeftOut(
            f"a dose grid of {image.n_frames} planes with {len(offsets)} values of (3004,000C) Grid Frame Offset Vector"
        )
    scaling = fields.number(image.ds, 0x3004000E) or 1.0
    along = _normal(base.orientation) if base.orientation else None
    if along is not None and base.position is not None and offsets[0] != 0.0:
        if abs(offsets[0] - base.position[2]) < 1e-3 and abs(along[2]) > 0.999:
            along = (0.0, 0.0, 1.0)  # coordinates of the patient, whichever way the normal points
    frames = []
    for at in range(image.n_frames):
        frame = Frame(image, at)
        frame.spacing, frame.orientation = base.spacing, base.orientation
        frame.slope, frame.order = scaling, (at,)
        if base.position is not None and along is not None:
            distance = offsets[at] - offsets[0]
            frame.position = tuple(p + distance * n for p, n in zip(base.position, along, strict=True))
        frames.append(frame)
    return frames


def _normal(orientation: tuple[float, ...]) -> tuple[float, float, float]:
    a, b, c, d, e, f = orientation
    cross = (b * f - c * e, c * d - a * f, a * e - b * d)
    length = sqrt(sum(x * x for x in cross)) or 1.0
    return (cross[0] / length, cross[1] / length, cross[2] / length)


def _detector(ds: Dataset) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Return position and orientation of an NM image: of the data set, else of its first detector (PS3.3 §C.8.4.11)."""
    position = fields.floats(ds, 0x00200032, 3)
    orientation = fields.floats(ds, 0x00200037, 6)
    detector = _first(ds, 0x00540022)
    if detector is not None:
        position = position or fields.floats(detector, 0x00200032, 3)
        orientation = orientation or fields.floats(detector, 0x00200037, 6)
    return position, orientation


def _plain(image: ImageFile) -> list[Frame]:
    """Return frames without functional groups.

    NM and PET images say which slice and time slot each frame has (*Frame Increment Pointer*, PS3.3 §C.8.4.8); the
    slices of a reconstructed volume are *Spacing Between Slices* apart. Other frames have one position: a cine; where
    it is does not matter if the file does not say.
    """
    ds = image.ds
    base = Frame(image)
    place(base, ds)
    position, orientation = _detector(ds)
    pointers = fields.tags(ds, 0x00280009)
    slices = fields.floats(ds, 0x00540080)
    if 0x00540080 not in pointers and (pointers or len(slices) != image.n_frames):
        slices = ()
    volume = bool(slices) or (fields.text(ds, 0x00080060) == "NM" and "TOMO" in fields.text(ds, 0x00080008))
    step = fields.number(ds, 0x00180088) or fields.number(ds, 0x00180050) or 1.0
    normal = _normal(orientation) if orientation else (0.0, 0.0, 1.0)
    vectors = [fields.floats(ds, tag) for tag in pointers if tag != 0x00540080]
    others = [vector for vector in vectors if len(vector) == image.n_frames]
    number = order_of(ds)
    frames = []
    for at in range(image.n_frames):
        frame = Frame(image, at)
        frame.spacing, frame.slope, frame.intercept = base.spacing, base.slope, base.intercept
        frame.table = base.table
        frame.orientation = orientation or (1.0, 0.0, 0.0, 0.0, 1.0, 0.0)
        frame.position = position or NOWHERE
        if volume:
            rank = slices[at] - 1 if at < len(slices) else float(at)
            frame.position = tuple(o + rank * step * n for o, n in zip(frame.position, normal, strict=True))
        frame.order = (*number, *(vector[at] for vector in others), at)
        frames.append(frame)
    return frames
