"""Affines, and the operations on volumes that move no voxel."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pydcm_pixels._volume.model import Volume

_TOWARDS = (("L", "R"), ("P", "A"), ("S", "I"))  # of LPS axis 0, 1, 2: where positive and negative lead

OPPOSITE = str.maketrans("LRPASI", "RLAPIS")
_UNIT = 1e-2  # of the square of a direction's length: cosines of two or three digits


def checked_affine(affine: Any, spacing: Any, origin: Any, direction: Any) -> np.ndarray:
    """Return the affine that is given, in either way.

    Raises
    ------
    ValueError
        If it cannot be one, or if both ways are used and contradict each other.
    """
    made = None
    if affine is None or spacing is not None or origin is not None or direction is not None:
        made = np.eye(4)
        steps = np.ones(3) if spacing is None else np.asarray(spacing, np.float64)
        axes = np.eye(3) if direction is None else np.asarray(direction, np.float64)
        if steps.shape != (3,) or not (steps > 0).all() or not np.isfinite(steps).all():
            raise ValueError(f"spacing has to be three distances above 0 (x, y, z), not {spacing!r}")
        if axes.size != 9 or not np.allclose((axes.reshape(3, 3) ** 2).sum(axis=0), 1, atol=_UNIT):
            raise ValueError(
                f"direction has to be three unit vectors in the columns of a (3, 3) matrix, not {direction!r}; "
                "an affine may have any lengths"
            )
        made[:3, :3] = axes.reshape(3, 3) * steps
        if origin is not None:
            if np.shape(origin) != (3,):
                raise ValueError(f"origin has to be a position (x, y, z), not {origin!r}")
            made[:3, 3] = origin
    if affine is None:
        assert made is not None
        result = made
    else:
        result = np.array(affine, np.float64)
        if made is not None:
            differs = spacing is not None and not np.allclose(spacing_of(result), spacing, rtol=1e-4)
            differs = differs or (origin is not None and not np.allclose(result[:3, 3], origin, atol=1e-3))
            if direction is not None and not differs:
                differs = not np.allclose(
                    result[:3, :3] / np.array(spacing_of(result)), np.reshape(direction, (3, 3)), atol=1e-4
                )
            if differs:
                raise ValueError(
                    "affine and spacing, origin or direction contradict each other; give only one of them"
                )
    if result.shape != (4, 4) or not np.isfinite(result).all() or (result[3] != (0, 0, 0, 1)).any():
        raise ValueError("an affine has shape (4, 4), finite numbers, and (0, 0, 0, 1) for its last row")
    if (
        not abs(np.linalg.det(result[:3, :3] / np.maximum(np.linalg.norm(result[:3, :3], axis=0), 1e-300)))
        > 1e-6
    ):
        raise ValueError(
            "the affine's columns span no space: a spacing is 0, or two axes have the same direction"
        )
    return result


def times_of(volume: Volume) -> tuple[float, float]:
    """Return when the first volume of a 4-D one is and the mean time to the next, in seconds; 0 and 1 if none is known."""
    times = volume.meta.get("time")
    if times is None or len(times) < 2:
        return 0.0, 1.0
    return float(times[0]), float(times[-1] - times[0]) / (len(times) - 1) or 1.0


def spacing_of(affine: np.ndarray) -> tuple[float, float, float]:
    """Return the lengths of an affine's columns."""
    x, y, z = np.sqrt((affine[:3, :3] ** 2).sum(axis=0))
    return float(x), float(y), float(z)


def nearest_axes(matrix: np.ndarray) -> list[tuple[int, int]]:
    """Return for each column of a (3, 3) matrix the world axis it is nearest to and the sign; every axis comes once.

    Of a sheared matrix the nearest rotation counts, and the column that is nearest to an axis comes first, as in nibabel.
    """
    left, _, right = np.linalg.svd(matrix / np.linalg.norm(matrix, axis=0))
    turn = left @ right
    found: dict[int, tuple[int, int]] = {}
    for column in np.argsort(-np.abs(turn).max(axis=0), kind="stable"):
        world = int(np.argmax(np.abs(turn[:, column])))
        found[int(column)] = (world, 1 if turn[world, column] >= 0 else -1)
        turn[world] = 0
    return [found[column] for column in range(3)]


def axcodes_of(affine: np.ndarray) -> str:
    """Return where x, y, z lead to, in letters."""
    return "".join(_TOWARDS[world][sign < 0] for world, sign in nearest_axes(affine[:3, :3]))


def _places(volume: Volume) -> tuple[int, int, int]:
    """Return the places of x, y, z among the array's axes."""
    return volume.axes.index("x"), volume.axes.index("y"), volume.axes.index("z")


def part(volume: Volume, key: Any) -> Volume:
    """Return ``volume[key]``."""
    keys = list(key) if isinstance(key, tuple) else [key]
    # arrays have no truth to ask `in` for
    if places := [at for at, each in enumerate(keys) if each is Ellipsis]:
        at = places[0]
        keys[at : at + 1] = [slice(None)] * (volume.ndim - len(keys) + 1)
    if len(keys) > volume.ndim or len(places) > 1:
        raise IndexError(f"{len(keys)} indices for a volume of {volume.ndim} axes [{', '.join(volume.axes)}]")
    keys += [slice(None)] * (volume.ndim - len(keys))
    axes = volume.axes
    taken: list[Any] = []
    shift, steps = np.zeros(3), np.ones(3)
    for each, name, length in zip(keys, volume.axes, volume.shape, strict=True):
        if isinstance(each, slice):
            start, stop, step = each.indices(length)
            if not range(start, stop, step):
                raise IndexError(f"nothing is left of axis {name}: {each}")
            taken.append(each)
        else:
            try:
                if isinstance(each, bool):  # arrays take it for a mask, not for 0 or 1
                    raise TypeError
                start = range(length)[each.__index__()]
            except IndexError:
                raise IndexError(f"there is no index {each} along {name}, it has {length}") from None
            except (AttributeError, TypeError):
                raise TypeError(
                    f"a volume takes slices and whole numbers, not {type(each).__name__}; "
                    "its pixels take all that arrays do"
                ) from None
            step = 1
            if name in "xyz":
                taken.append(slice(start, start + 1))
            else:
                taken.append(start)
                axes = axes.replace(name, "")
        if name in "xyz":
            shift["xyz".index(name)], steps["xyz".index(name)] = start, step
    affine = volume.affine.copy()
    affine[:3, 3] += volume.affine[:3, :3] @ shift
    affine[:3, :3] *= steps
    return volume._like(volume.pixels[tuple(taken)], affine, axes=axes, meta=_meta_of_part(volume, keys))


def _meta_of_part(volume: Volume, keys: list[Any]) -> dict[str, Any]:
    """Return the metadata with lists of one entry per volume cut to the volumes kept."""
    meta = dict(volume.meta)
    if volume.axes[0] != "t":
        return meta
    kept = keys[0]
    if isinstance(meta.get("varying"), dict):
        meta["varying"] = {name: values[kept] for name, values in meta["varying"].items()}
    if meta.get("time") is not None:
        if isinstance(kept, slice):
            meta["time"] = meta["time"][kept]
        else:
            del meta["time"]  # of what is no series of volumes any more
    return meta


def crop(volume: Volume, start: Sequence[int], size: Sequence[int]) -> Volume:
    """Return the box of `size` from `start`, both (z, y, x)."""
    first = volume.axes.index("z")
    lengths = volume.shape[first : first + 3]
    if len(start) != 3 or len(size) != 3:
        raise ValueError(
            f"a box has a start and a size of three numbers (z, y, x), not {start!r} and {size!r}"
        )
    for low, n, length, name in zip(start, size, lengths, "zyx", strict=True):
        if low < 0 or n < 1 or low + n > length:
            raise ValueError(
                f"the box reaches from {low} to {low + n} along {name}, the volume from 0 to {length}"
            )
    box = tuple(slice(low, low + n) for low, n in zip(start, size, strict=True))
    return part(volume, (slice(None),) * first + box)


def flip(volume: Volume, axis: str | Sequence[bool]) -> Volume:
    """Reverse the order along axes: a text of x, y, z, or three bools (z, y, x)."""
    if isinstance(axis, str):
        names = axis
    else:
        flags = list(axis) if hasattr(axis, "__iter__") else []
        if len(flags) != 3 or not all(flag in (False, True) for flag in flags):
            raise ValueError(f"axes are a text such as 'xy' or three bools (z, y, x), not {axis!r}")
        names = "".join(name for name, yes in zip("zyx", flags, strict=True) if yes)
    if not set(names) <= set("xyz"):
        raise ValueError(f"axes are x, y and z, not {axis!r}")
    return part(volume, tuple(slice(None, None, -1 if name in names else None) for name in volume.axes))


def reorient(volume: Volume, axcodes: str) -> Volume:
    """Permute and reverse axes so that x, y, z lead where `axcodes` says."""
    letters = "".join(axcodes) if isinstance(axcodes, list | tuple) else str(axcodes)  # nibabel has tuples
    wanted = []
    for letter in letters.upper():
        matches = [
            (axis, sign)
            for axis in range(3)
            for sign, name in zip((1, -1), _TOWARDS[axis], strict=True)
            if name == letter
        ]
        wanted += matches
    if len(letters) != 3 or len({axis for axis, _ in wanted}) != 3:
        raise ValueError(f"axcodes has one each of L/R, P/A and S/I, such as 'LPS', not {axcodes!r}")
    now = nearest_axes(volume.affine[:3, :3])
    order, reverse = [], []
    for axis, sign in wanted:
        column = next(i for i, (world, _) in enumerate(now) if world == axis)
        order.append(column)
        reverse.append(sign != now[column][1])
    places = _places(volume)
    permutation = list(range(volume.ndim))
    for target, column in zip(places, order, strict=True):
        permutation[target] = places[column]
    affine = volume.affine.copy()
    affine[:3, :3] = volume.affine[:3, order]
    turned = volume._like(volume.pixels.transpose(permutation), affine)
    return flip(turned, "".join(name for name, yes in zip("xyz", reverse, strict=True) if yes))
