"""Where slices are: directions, order, spacing, and what is irregular about them."""

from __future__ import annotations

import functools
import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pydcm_pixels._series import fields
from pydcm_pixels._series.frame import NO_SPACING
from pydcm_pixels._series.problems import SeriesError

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np

    from pydcm_pixels._series.frame import Frame

__all__ = ["MEAN", "TILTED", "Geometry", "cluster_orientations", "measure", "slots_of"]

#: Components of direction cosines that differ by less are the same direction (about 0.06 degrees).
SAME_DIRECTION = 1e-3
#: Nothing is farther from the origin than this, mm.
FARTHEST = 1e9
#: Positions along the normal that differ by less (mm) are one; less still for very thin slices and very small pixels.
SAME_POSITION = 0.01
#: A spacing that differs from the usual one by more than this part of it is uneven.
UNEVEN = 0.02
#: Rows and columns whose directions have a larger product than this are not perpendicular.
SKEWED = 0.01
#: What a note of a tilted stack begins with, and where notes of uneven ones say what the affine has.
TILTED, MEAN = "the stack is tilted by", "; the affine has the mean of"


@dataclass
class Geometry:
    """The grid of a stack.

    Attributes
    ----------
    affine : numpy.ndarray
        (4, 4): voxel index (x, y, z, 1) to LPS, mm.
    tilt : float
        Angle between the line through the slices' positions and their normal, degrees.
    notes : list of str
        What is irregular.
    regular : bool
        Whether the slices are equally far from one another.
    known : bool
        Whether the files say where the slices are.
    """

    affine: np.ndarray
    tilt: float = 0.0
    notes: list[str] = field(default_factory=list)
    regular: bool = True
    known: bool = True
    offsets: np.ndarray | None = None


def cluster_orientations(frames: Sequence[Frame]) -> list[list[Frame]]:
    """Group frames whose rows and columns point the same way; frames without orientation are one group."""
    exact: dict[tuple[float, ...] | None, list[Frame]] = {}
    for frame in frames:
        exact.setdefault(frame.orientation, []).append(frame)
    groups: list[tuple[tuple[float, ...] | None, list[Frame]]] = []
    for orientation, members in exact.items():
        for first, group in groups:
            if orientation is None or first is None:
                if orientation is first:
                    group.extend(members)
                    break
            elif all(abs(a - b) < SAME_DIRECTION for a, b in zip(orientation, first, strict=True)):
                group.extend(members)
                break
        else:
            groups.append((orientation, members))
    return [group for _, group in groups]


def directions(orientation: tuple[float, ...] | None) -> tuple[np.ndarray, np.ndarray, np.ndarray] | None:
    """Return unit vectors along rows, along columns and across, only to be read; ``None`` if there is no plane in the numbers."""
    return None if orientation is None else _directions(orientation)


@functools.lru_cache(256)  # most series of a study share their planes
def _directions(orientation: tuple[float, ...]) -> tuple[np.ndarray, np.ndarray, np.ndarray] | None:
    import numpy as np

    row, column = np.array(orientation[:3]), np.array(orientation[3:])
    lengths = math.sqrt(row @ row), math.sqrt(column @ column)
    if min(lengths) < 0.1:
        return None
    row, column = row / lengths[0], column / lengths[1]
    (a, b, c), (d, e, f) = row.tolist(), column.tolist()
    normal = np.array([b * f - c * e, c * d - a * f, a * e - b * d])
    length = math.sqrt(normal @ normal)
    if length < 0.1:
        return None
    normal /= length
    for one in (row, column, normal):
        one.flags.writeable = False
    return row, column, normal


def thickness(frame: Frame) -> float | None:
    """Return the stated distance between slices, or their thickness."""
    for tag in (0x00180088, 0x00180050):
        holder = frame.find(tag) if frame.groups is not None else frame.ds
        value = fields.number(holder, tag) if holder is not None else None
        if value and 1e-6 < abs(value) < 1e6:
            return abs(value)
    return None


def slots_of(frames: Sequence[Frame]) -> tuple[list[list[Frame]], bool]:
    """Sort frames along their normal and group those at one position.

    Returns
    -------
    slots : list of list of Frame
        Ascending along the normal; the frames of a slot in the order of acquisition.
    known : bool
        Whether the order comes from positions. If not, it comes from *Slice Location*, else from the order of
        acquisition.
    """
    import numpy as np

    plane = directions(frames[0].orientation)
    positions = [frame.position for frame in frames]
    known = plane is not None and all(position is not None for position in positions)
    if known and plane is not None:
        along = np.array(positions, dtype=float) @ plane[2]
    else:
        located = [fields.number(frame.ds, 0x00201041) if frame.index is None else None for frame in frames]
        if None in located or len(set(located)) == 1:
            located = [float(at) for at in range(len(frames))]
            frames = sorted(frames, key=_order)
        along = np.array(located, dtype=float)
    hints = [hint for hint in (thickness(frames[0]), *_pixel_size(frames[0])) if hint]
    tolerance = min([SAME_POSITION, *(hint / 10 for hint in hints)])
    slots: list[list[Frame]] = []
    last = 0.0
    for at in np.argsort(along, kind="stable"):
        if slots and along[at] - last <= tolerance:
            slots[-1].append(frames[at])
        else:
            slots.append([frames[at]])
        last = along[at]
    for slot in slots:
        if len(slot) > 1:
            slot.sort(key=_order)
    return slots, known


def _pixel_size(frame: Frame) -> tuple[float, ...]:
    return () if frame.spacing is NO_SPACING else frame.spacing


def _order(frame: Frame) -> tuple[object, ...]:
    return (frame.order, frame.path, frame.index or 0)  # orders of damaged files differ in length


def measure(column: Sequence[Frame], known: bool) -> Geometry:
    """Return the grid of frames that are in slice order.

    Parameters
    ----------
    column : sequence of Frame
        One frame per position.
    known : bool
        Whether positions are known.
    """
    import numpy as np

    first = column[0]
    plane = directions(first.orientation)
    geometry = Geometry(np.eye(4), known=known)
    if plane is None:
        plane = (np.array([1.0, 0, 0]), np.array([0, 1.0, 0]), np.array([0, 0, 1.0]))
        geometry.notes.append(
            "no orientation in the files: rows are taken to run to the left, columns to the back"
        )
    if first.spacing is NO_SPACING:
        geometry.notes.append("no usable Pixel Spacing in the files: 1 mm is assumed")
    row, down, normal = plane
    if abs(skew := float(row @ down)) > SKEWED:
        angle = math.degrees(math.acos(max(-1.0, min(1.0, skew))))
        geometry.notes.append(f"rows and columns are not perpendicular, but at {angle:.1f} degrees")
    origin = np.array(first.position if first.position is not None else (0.0, 0.0, 0.0))
    stated = thickness(first)
    step = normal * (stated or 1.0)
    if stated is None and len(column) == 1:
        geometry.notes.append("neither spacing nor thickness of the slice is stated: 1 mm is assumed")
    what, centred = "no positions in the files", "; the volume is centred at the origin"
    if first.position is not None:
        what, centred = "positions without an orientation", ""
    if not known and len(column) == 1:
        if centred:
            geometry.notes.append(f"no position in the file{centred}")
    elif not known:
        geometry.notes.append(
            f"{what}: the order of {len(column)} slices is that of Slice Location or Instance Number, "
            f"their distance {'the stated' if stated else 'assumed to be'} {stated or 1.0:g} mm{centred}"
        )
    elif len(column) > 1:
        step = _step(column, origin, normal, geometry)
    geometry.affine[:3, 0] = row * first.spacing[1]
    geometry.affine[:3, 1] = down * first.spacing[0]
    geometry.affine[:3, 2] = step
    if first.position is None:  # nobody knows: the centre is as good as any place, and what viewers show well
        middle = (first.columns - 1) / 2, (first.rows - 1) / 2, (len(column) - 1) / 2
        origin = -geometry.affine[:3, :3] @ middle
    geometry.affine[:3, 3] = origin
    if np.abs(geometry.affine).max() > FARTHEST:
        raise SeriesError(f"positions in {first.path} and others are no places in a patient")
    return geometry


def _step(column: Sequence[Frame], origin: np.ndarray, normal: np.ndarray, geometry: Geometry) -> np.ndarray:
    """Return the vector from slice to slice and note what is irregular."""
    import numpy as np

    positions = np.array([frame.position for frame in column])
    along = (positions - origin) @ normal
    gaps = np.diff(along)
    step = (positions[-1] - positions[0]) / (len(column) - 1)
    usual = float(np.median(gaps))
    if len(gaps) > 1 and np.abs(gaps - usual).max() > max(UNEVEN * usual, 1e-3):
        _describe_gaps(gaps, usual, along, column, geometry)
    # a stack is straight if every slice is where the line says, the distances aside
    length = float(step @ normal)
    lateral = (step - length * normal) / length
    off = positions - origin - along[:, None] * (normal + lateral)
    if np.abs(off).max() > 0.1 * max(min(column[0].spacing), usual, 0.1):
        geometry.regular = False
        geometry.notes.append(
            f"the slices are not in a line: they are up to {np.abs(off).max():.3g} mm beside it"
        )
    sideways = float(np.linalg.norm(lateral))
    if sideways > 1e-3:
        geometry.tilt = float(np.degrees(np.arctan(sideways)))
        if sideways * length * (len(column) - 1) > 0.1 * min(column[0].spacing):
            geometry.notes.append(
                f"{TILTED} {geometry.tilt:.2f} degrees: the affine is sheared, correct_tilt=True resamples"
            )
    return step


def _describe_gaps(
    gaps: np.ndarray, usual: float, along: np.ndarray, column: Sequence[Frame], geometry: Geometry
) -> None:
    import numpy as np

    geometry.regular = False
    geometry.offsets = along
    smallest = float(gaps.min())
    base = usual if abs(gaps - usual).min() < UNEVEN * usual and smallest > (1 - UNEVEN) * usual else smallest
    multiples = gaps / base
    whole = np.round(multiples)
    n_missing = int((whole - 1).sum())
    # few that are near to one another do not make gaps of all the others
    usual_enough = 4 * int((whole == 1).sum()) >= len(gaps)
    if (
        base > 0
        and np.abs(multiples - whole).max() < 0.1
        and 0 < n_missing <= 10 * len(column)
        and usual_enough
    ):
        after = [at for at in range(len(gaps)) if whole[at] > 1]
        where = ", ".join(f"after slice {at} ({gaps[at]:g} mm)" for at in after[:5])
        more = "" if len(after) <= 5 else f" and {len(after) - 5} more"
        count = f"{n_missing} slices" if n_missing > 1 else "one slice"
        geometry.notes.append(
            f"{count} missing at a spacing of {base:g} mm: {where}{more}{MEAN} {gaps.mean():g} mm"
        )
    else:
        geometry.notes.append(
            f"uneven slice spacing: {gaps.min():g} to {gaps.max():g} mm{MEAN} {gaps.mean():g} mm"
        )
