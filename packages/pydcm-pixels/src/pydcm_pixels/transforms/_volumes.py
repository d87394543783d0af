"""What all transforms share: volumes taken apart and put together, sizes that are bounded, parts done in threads."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from pydcm_pixels._volume.model import Volume

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

_WORTH_A_THREAD = 1 << 18  # voxels; less is done sooner than a thread is started


def checked(volume: Any) -> Volume:
    """Return `volume` if it is one."""
    if not isinstance(volume, Volume):
        raise TypeError(
            f"a transform takes a Volume, not {type(volume).__name__}; Volume(array, spacing=...) makes one of an array"
        )
    if not volume.pixels.size:
        raise ValueError(f"the volume has no voxels: its shape is {volume.shape}")
    return volume


def is_labels(volume: Volume, given: bool | None) -> bool:
    """Return whether voxels are labels: as `given`, or else whether they are whole numbers."""
    return volume.dtype.kind in "iub" if given is None else bool(given)


def spatial_shape(volume: Volume) -> tuple[int, int, int]:
    """Return the lengths of z, y, x."""
    x, y, z = volume.size
    return z, y, x


def triple(values: Any, what: str, *, least: int | None = None) -> tuple[int, int, int]:
    """Return three whole numbers (z, y, x).

    Raises
    ------
    ValueError
        If they are not three, not whole, or below `least`.
    """
    array = np.asarray(values)
    if (
        array.shape != (3,)
        or array.dtype.kind not in "iuf"
        or not (array == np.floor(array)).all()
        or (np.abs(array) > 2.0**62).any()
    ):
        raise ValueError(f"{what} has three whole numbers (z, y, x), not {values!r}")
    z, y, x = (int(value) for value in array)
    if least is not None and min(z, y, x) < least:
        raise ValueError(f"{what} has numbers from {least} on, not {values!r}")
    return z, y, x


def target_shape(
    values: Any, volume: Volume | None = None, what: str = "the shape wanted"
) -> tuple[int, int, int]:
    """Return the shape (z, y, x) of a result, bounded by :data:`pydcm.limits.MAX_VOXELS`.

    Raises
    ------
    ValueError
        If it is not three lengths above 0.
    DicomLimitError
        If it has more voxels than the limit.
    """
    from pydcm import limits
    from pydcm.errors import DicomLimitError

    shape = triple(values, what, least=1)
    others = 1 if volume is None else volume.pixels.size // int(np.prod(spatial_shape(volume)))
    voxels = shape[0] * shape[1] * shape[2] * others
    if voxels > limits.MAX_VOXELS:
        raise DicomLimitError(
            f"{what} is {' x '.join(map(str, shape))}, {voxels:.3g} voxels in all; is a spacing or a size mistaken?",
            limit="MAX_VOXELS",
        )
    return shape


def real_type(dtype: np.dtype) -> np.dtype:
    """Return what interpolated voxels are: floats stay what they are, whole numbers of up to 16 bits become float32."""
    if dtype.kind == "f":
        return np.dtype(np.float32 if dtype.itemsize <= 4 else np.float64)
    if dtype.kind not in "iub":
        raise TypeError(f"voxels of type {dtype} cannot be interpolated")
    return np.dtype(np.float32 if dtype.itemsize <= 2 else np.float64)


def contiguous(array: np.ndarray, dtype: Any = None) -> np.ndarray:
    """Return an array in C order and the machine's byte order, of `dtype` if given; copied only if need be."""
    wanted = array.dtype.newbyteorder("=") if dtype is None else dtype
    return np.ascontiguousarray(array, wanted)


def bits(array: np.ndarray) -> np.ndarray:
    """Return a view of voxels as unsigned integers of their size."""
    if array.dtype.itemsize not in (1, 2, 4, 8) or array.dtype.hasobject:
        raise TypeError(f"voxels of type {array.dtype} cannot be moved")
    return array.view(f"u{array.dtype.itemsize}")


def filling(value: float, dtype: np.dtype) -> np.ndarray:
    """Return an array of one voxel of that value and type.

    Raises
    ------
    ValueError
        If the type cannot hold it.
    """
    native = dtype.newbyteorder("=")
    one = np.asarray([value])
    with np.errstate(all="ignore"):
        result = one.astype(native)
    if native.kind in "iub" and not np.array_equal(result.astype(np.float64), one.astype(np.float64)):
        raise ValueError(f"voxels of type {native} cannot have the value {value!r}")
    return result


def each_volume(
    volume: Volume, shape: Sequence[int], dtype: Any, make: Callable[[np.ndarray, np.ndarray], None]
) -> np.ndarray:
    """Return the array of a transformed volume; each time and colour is done by itself.

    Parameters
    ----------
    volume : Volume
        What is transformed.
    shape : sequence of int
        Lengths of z, y, x of the result.
    dtype : dtype
        Its type.
    make : callable
        Called with an array (z, y, x) in C order and the array for its result, in C order too.
    """
    source = volume.pixels
    first = volume.axes.index("z")
    result = np.empty(source.shape[:first] + tuple(shape) + source.shape[first + 3 :], dtype)
    places = [(...,)] if first == 0 else [(t,) for t in range(source.shape[0])]
    for place in places:
        if volume.axes[-1] != "c":
            make(contiguous(source[place]), result[place])
            continue
        for colour in range(source.shape[-1]):
            one = np.empty(tuple(shape), dtype)
            make(contiguous(source[place][..., colour]), one)
            result[place][..., colour] = one
    return result


def in_parts(make: Callable[[int, int], Any], n: int, voxels: int, workers: int | None) -> None:
    """Call ``make(start, stop)`` for parts of ``range(n)`` that cover it, in threads if that is worth while.

    Parameters
    ----------
    make : callable
        Releases the GIL while it works.
    n : int
        How many there are.
    voxels : int
        How many voxels have to be done.
    workers : int, optional
        How many threads may be used; as many as this process may use processors if None.
    """
    threads = thread_count(workers, voxels)
    if threads == 1 or n < 2:
        make(0, n)
        return
    from concurrent.futures import ThreadPoolExecutor

    bounds = part_bounds(n, 4 * threads)
    with ThreadPoolExecutor(threads, thread_name_prefix="pydcm-transform") as pool:
        list(pool.map(make, bounds[:-1], bounds[1:]))


def thread_count(workers: int | None, voxels: int) -> int:
    """Return how many threads to use for that many voxels."""
    if workers is None:
        if voxels < 2 * _WORTH_A_THREAD:
            return 1
        from pydcm_pixels._decode.parallel import available_cpus

        workers = available_cpus()
    if workers < 1:
        raise ValueError(f"workers is the number of threads, at least 1, not {workers}")
    return max(1, min(workers, voxels // _WORTH_A_THREAD))


def part_bounds(n: int, parts: int) -> list[int]:
    """Return where up to `parts` equal parts of ``range(n)`` begin, and its end."""
    parts = max(1, min(parts, n))
    return [n * i // parts for i in range(parts + 1)]
