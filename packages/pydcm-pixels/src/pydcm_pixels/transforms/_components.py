"""Connected components: found, the largest kept, small ones removed, holes filled."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from pydcm_pixels._core import _classes
from pydcm_pixels._core._components import Components
from pydcm_pixels.transforms._volumes import bits, checked, each_volume, part_bounds, thread_count

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from pydcm_pixels._volume.model import Volume


def connected_components(vol: Volume, *, connectivity: int = 6, workers: int | None = None) -> Volume:
    """Number the connected components of all voxels that are not 0.

    Parameters
    ----------
    vol : Volume
        Voxels of any real type. Each time and each colour is done by itself.
    connectivity : {6, 18, 26}, default 6
        Which neighbours are connected: over faces, over edges too, or over corners too.
    workers : int, optional
        How many threads; as many as this process may use processors if None.

    Returns
    -------
    Volume
        uint16, or uint32 if there are more than 65535 components: 1, 2, … in the order of their first voxels, as in
        ``scipy.ndimage.label``; 0 elsewhere.

    Raises
    ------
    ValueError
        If `connectivity` is another number.
    """
    found: list[Components] = []

    def make(source: np.ndarray, result: np.ndarray) -> None:
        found.append(_find(_foreground(source), connectivity, False, workers))
        if found[-1].n <= 65535:
            number(found[-1], result)

    def again(source: np.ndarray, result: np.ndarray) -> None:
        number(found.pop(0), result)

    def number(components: Components, result: np.ndarray) -> None:
        result[...] = 0
        _write(components, result, np.arange(1, components.n + 2), None, workers)

    result = each_volume(_of_voxels(vol), _shape(vol), np.uint16, make)
    if any(components.n > 65535 for components in found):
        result = each_volume(vol, _shape(vol), np.uint32, again)
    return vol._like(result)


def keep_largest_connected_component(
    vol: Volume, *, connectivity: int = 6, per_class: bool = True, workers: int | None = None
) -> Volume:
    """Set all voxels to 0 but those of the largest component: MONAI's ``KeepLargestConnectedComponent``.

    Parameters
    ----------
    vol : Volume
        Labels, 0 for none. Each time and each colour is done by itself.
    connectivity : {6, 18, 26}, default 6
        Which neighbours are connected: over faces, over edges too, or over corners too (26, MONAI's default).
    per_class : bool, default True
        Whether each label keeps its own largest component, or all that is not 0 is one foreground.
    workers : int, optional
        How many threads; as many as this process may use processors if None.

    Returns
    -------
    Volume
        Of the type of `vol`. Of components of one size it keeps the last.

    Raises
    ------
    ValueError
        If `connectivity` is another number.
    """

    def drop(sizes: np.ndarray, values: np.ndarray) -> np.ndarray:
        order = np.lexsort((sizes, values))
        last = np.append(values[order][1:] != values[order][:-1], True)
        dropped: np.ndarray = np.ones(sizes.size, np.uint8)
        dropped[order[last]] = 0
        return dropped

    return _without(vol, drop, connectivity, per_class, workers)


def remove_small_objects(
    vol: Volume,
    *,
    min_size: int,
    connectivity: int = 6,
    per_class: bool = True,
    workers: int | None = None,
) -> Volume:
    """Set components of fewer than `min_size` voxels to 0: MONAI's ``RemoveSmallObjects``.

    Parameters
    ----------
    vol : Volume
        Labels, 0 for none. Each time and each colour is done by itself.
    min_size : int
        The smallest number of voxels that stays.
    connectivity : {6, 18, 26}, default 6
        Which neighbours are connected: over faces, over edges too, or over corners too.
    per_class : bool, default True
        Whether components are of one label each, or of anything that is not 0.
    workers : int, optional
        How many threads; as many as this process may use processors if None.

    Returns
    -------
    Volume
        Of the type of `vol`.

    Raises
    ------
    ValueError
        If `connectivity` is another number, or `min_size` negative.
    """
    if min_size < 0:
        raise ValueError(f"min_size is a number of voxels, not {min_size}")

    def drop(sizes: np.ndarray, values: np.ndarray) -> np.ndarray:
        return (sizes < min_size).view(np.uint8)

    return _without(vol, drop, connectivity, per_class, workers)


def fill_holes(vol: Volume, *, connectivity: int = 6, workers: int | None = None) -> Volume:
    """Give a label to all that it encloses: MONAI's ``FillHoles``.

    Parameters
    ----------
    vol : Volume
        Labels, 0 for none. Each time and each colour is done by itself.
    connectivity : {6, 18, 26}, default 6
        Which neighbours connect what is not of the label to the border of the volume, which is open; with 26 (MONAI's
        default) a hole has no way out over a corner.
    workers : int, optional
        How many threads; as many as this process may use processors if None.

    Returns
    -------
    Volume
        Of the type of `vol`. Labels are done in ascending order, and what one encloses is its own, be it another label.

    Raises
    ------
    ValueError
        If `connectivity` is another number.
    """

    def make(source: np.ndarray, result: np.ndarray) -> None:
        result[...] = source
        items = bits(result)
        for label, box in _boxes(source):
            # beyond the box of a label everything is connected to the border
            _fill(items, box, int(bits(label)[0]), connectivity, workers)

    return _of_voxels(vol)._like(each_volume(vol, _shape(vol), _native(vol), make))


def _fill(
    items: np.ndarray, box: tuple[slice, ...], label: int, connectivity: int, workers: int | None
) -> None:
    part = np.ascontiguousarray(items[box])
    found = _find(part, connectivity, False, workers, label)
    if not found.n:
        return
    boxes = _described(found)[2]
    enclosed = np.logical_and((boxes[:, :3] > 0).all(axis=1), (boxes[:, 3:] < part.shape).all(axis=1))
    if enclosed.any():
        _write(found, part, np.full(found.n + 1, label, part.dtype), enclosed.view(np.uint8), workers)
        items[box] = part


def _boxes(source: np.ndarray) -> Iterator[tuple[np.ndarray, tuple[slice, ...]]]:
    """Yield the labels that are not 0, ascending, each an array of one, with their bounding boxes."""
    values, dense = _dense(source)
    boxes = np.empty((1 << 8 * dense.dtype.itemsize, 6), np.int32)
    _classes.boxes(dense, boxes)
    for index in np.flatnonzero(boxes[:, 3]):
        label = values[index : index + 1]
        if label[0]:
            box = boxes[index]
            yield label, tuple(slice(int(a), int(b)) for a, b in zip(box[:3], box[3:], strict=True))


def _dense(source: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return ascending values, and the place of each voxel's among them as an array of uint8 or uint16."""
    if source.dtype.kind in "bu" and source.dtype.itemsize <= 2:
        return np.arange(1 << 8 * source.dtype.itemsize).astype(source.dtype), bits(source)
    if source.dtype.kind in "iu":
        low, high = int(source.min()), int(source.max())
        if high - low < 1 << 16:
            values = np.arange(low, high + 1).astype(source.dtype)
            return values, (source - source.dtype.type(low)).astype(
                np.uint16 if high - low > 255 else np.uint8
            )
    else:
        least, most = float(source.min()), float(source.max())
        if math.isfinite(least) and math.isfinite(most) and most - least < 1 << 16:
            dense = (source.astype(np.float64) - least).astype(np.uint16)
            values = (least + np.arange(int(most - least) + 1)).astype(source.dtype)
            if np.array_equal(values[dense], source):  # whole numbers
                return values, dense
    values, places = np.unique(source, return_inverse=True)
    if values.size > 1 << 16:
        raise ValueError(f"{values.size} different labels are more than 65536; are these labels?")
    return values, places.reshape(source.shape).astype(np.uint16)


def _of_voxels(vol: Volume) -> Volume:
    if checked(vol).dtype.kind not in "iubf" or vol.dtype.itemsize > 8:
        raise TypeError(f"voxels of type {vol.dtype} are no labels")
    return vol


def _shape(vol: Volume) -> tuple[int, ...]:
    return vol.size[::-1]


def _native(vol: Volume) -> np.dtype:
    return vol.dtype.newbyteorder("=")


def _foreground(source: np.ndarray) -> np.ndarray:
    """Return an array of unsigned integers that is 0 where `source` is."""
    # -0.0 has bits that are not 0
    return (source != 0).view(np.uint8) if source.dtype.kind == "f" else bits(source)


def _find(
    items: np.ndarray, connectivity: int, by_value: bool, workers: int | None, other: int = 0
) -> Components:
    depth, height, width = items.shape
    bounds = part_bounds(depth, thread_count(workers, items.size))
    found = Components(depth, height, width, bounds, connectivity, by_value)
    _each(len(bounds) - 1, lambda part: found.find(items, part, other))
    found.prepare()
    _each(len(bounds) - 1, found.connect)
    found.finish()
    return found


def _each(n: int, do: Callable[[int], None]) -> None:
    """Call a function for 0, 1, … n - 1, each in its thread."""
    if n == 1:
        do(0)
        return
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(n, thread_name_prefix="pydcm-transform") as pool:
        list(pool.map(do, range(n)))


def _write(
    found: Components, items: np.ndarray, table: np.ndarray, chosen: np.ndarray | None, workers: int | None
) -> None:
    """Write what `table` has for each component, or for those chosen."""
    if chosen is None:
        chosen = np.ones(found.n + 1, np.uint8)
    table = table.astype(items.dtype)
    _each(found.n_parts, lambda part: found.write(items, part, table, chosen))


def _described(found: Components) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return sizes, values and bounding boxes of components."""
    room = found.n + 1
    sizes, values, boxes = np.empty(room, np.int64), np.empty(room, np.uint64), np.empty((room, 6), np.int32)
    found.describe(sizes, values, boxes)
    return sizes[:-1], values[:-1], boxes[:-1]


def _without(
    vol: Volume,
    drop: Callable[[np.ndarray, np.ndarray], np.ndarray],
    connectivity: int,
    per_class: bool,
    workers: int | None,
) -> Volume:
    """Return labels without the components that `drop` says of their sizes and values."""

    def make(source: np.ndarray, result: np.ndarray) -> None:
        result[...] = source
        found = _find(bits(source) if per_class else _foreground(source), connectivity, per_class, workers)
        if not found.n:
            return
        sizes, values, _ = _described(found)
        dropped = drop(sizes, values)
        if dropped.any():
            _write(found, bits(result), np.zeros(found.n, np.uint8), dropped, workers)

    return _of_voxels(vol)._like(each_volume(vol, _shape(vol), _native(vol), make))
