"""From the frames of a stack to one array, straight into place."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from pydcm_pixels._series.crew import Crew
from pydcm_pixels._series.frame import UNCOMPRESSED
from pydcm_pixels._series.memory import HUGE, LARGE, Provision, new_array
from pydcm_pixels._series.problems import SeriesError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    import numpy as np

    from pydcm_pixels._series.frame import Frame, ImageFile
    from pydcm_pixels._series.stack import Stack

__all__ = ["read_stack", "stream_stack"]

_CODES = {"i1": 0, "u1": 1, "i2": 2, "u2": 3, "i4": 4, "u4": 5, "f4": 6, "f8": 7}
_VIDEO = "1.2.840.10008.1.2.4.10"
#: A plane of a stack: its number in the array, and the frame that goes there.
Place = tuple[int, "Frame"]
#: Slope and intercept for all frames, or whether each has its own (else stored values are wanted).
Rescale = bool | tuple[float, float]


def read_stack(
    stack: Stack,
    *,
    rescale: bool | str = True,
    dtype: Any = None,
    out: np.ndarray | None = None,
    workers: int | None = None,
    memory: Provision | None = None,
) -> np.ndarray:
    """Decode a stack; see :meth:`Stack.read`. `memory` is what to fill, if it is known already."""
    if out is not None and not (hasattr(out, "dtype") and hasattr(out, "flags") and out.flags.writeable):
        raise TypeError(f"'out' is an array that can be written to, not {type(out).__name__}")
    wanted = _result_type(stack, rescale, dtype if out is None or dtype is not None else out.dtype)
    if out is not None and out.shape != stack.shape:
        raise ValueError(f"'out' has the shape {out.shape}, {stack.shape} is needed")
    places = _places(stack)
    direct = out is not None and out.dtype == wanted and out.flags.c_contiguous and wanted.isnative
    if memory is not None:
        array = memory.array
    elif direct and out is not None:
        array = out
    else:
        array = new_array(stack.shape, wanted)
        if array.nbytes >= LARGE:
            memory = Provision(array)
            memory.begin(_threads(workers, len(places), array.nbytes) - 1)
    try:
        planes = array.reshape((len(places), *_plane_shape(stack)))
        fill(planes, places, _scaling(stack, rescale, wanted), workers, memory)
    finally:
        if memory is not None:
            memory.end()
    if out is not None and array is not out:
        out[...] = array
        return out
    return array


def stream_stack(
    stack: Stack, *, max_bytes: int, rescale: bool | str, dtype: Any, workers: int | None
) -> Iterator[np.ndarray]:
    """Decode a stack part by part; see :meth:`Stack.stream`."""
    import numpy as np

    shape = _plane_shape(stack)
    wanted = _result_type(stack, rescale, dtype)
    scaling = _scaling(stack, rescale, wanted)
    places = _places(stack)
    count = max(1, max_bytes // max(1, int(np.prod(shape)) * wanted.itemsize))
    buffer = np.empty((min(count, len(places)), *shape), dtype=wanted)
    for start in range(0, len(places), count):
        part = [(at, frame) for at, (_, frame) in enumerate(places[start : start + count])]
        fill(buffer[: len(part)], part, scaling, workers)
        yield buffer[: len(part)]


def _places(stack: Stack) -> list[Place]:
    """Return which frame goes where; files of several frames or tiles are found to be long enough for them."""
    places = list(enumerate(frame for volume in stack.frames for frame in volume))
    last: dict[int, Frame] = {}
    for _, frame in places:
        # single frames were checked when their headers were read
        if frame.index is not None or frame.tile is not None:
            known = last.get(id(frame.image))
            if known is None or (frame.index or 0) > (known.index or 0):
                last[id(frame.image)] = frame
    try:
        for frame in last.values():
            frame.image.check_size((frame.index or 0) + 1)
    except OSError as exc:
        raise SeriesError(f"the pixels of {frame.path} cannot be read: {exc}") from exc
    except ValueError as exc:
        raise SeriesError(str(exc)) from exc
    return places


def _plane_shape(stack: Stack) -> tuple[int, ...]:
    return stack.shape[stack.axes.index("z") + 1 :]


def _result_type(stack: Stack, rescale: bool | str, dtype: Any) -> np.dtype[Any]:
    import numpy as np

    if rescale not in (True, False, "display"):
        raise ValueError(f"'rescale' is True, False or 'display', not {rescale!r}")
    if dtype is not None:
        return np.dtype(dtype)
    return np.dtype("f4") if rescale and not is_coloured(stack) else stack.dtype


def is_coloured(stack: Stack) -> bool:
    """Say whether pixels are colours: these have no real-world values, and stay what they are."""
    return stack.first.image.samples > 1


def _scaling(stack: Stack, rescale: bool | str, wanted: np.dtype[Any]) -> Rescale:
    """Return the one scaling of a stack, or whether its frames have their own.

    For float32, one scaling is rounded to single precision, as a NIfTI header holds it, and applied in double precision;
    scalings that differ are applied in single precision. This gives the same values as dcm2niix, to the last bit.
    """
    import numpy as np

    if not rescale or is_coloured(stack):
        return False
    if rescale is True and stack.precise:
        return stack.precise
    scalings = {(frame.slope, frame.intercept) for volume in stack.frames for frame in volume}
    if len(scalings) > 1:
        return True
    slope, intercept = scalings.pop()
    if wanted.itemsize > 4 or wanted.kind != "f":
        return slope, intercept
    return float(np.float32(slope)), float(np.float32(intercept))


def fill(
    planes: np.ndarray,
    places: Sequence[Place],
    rescale: Rescale,
    workers: int | None,
    memory: Provision | None = None,
) -> None:
    """Decode frames into their planes of an array.

    Parameters
    ----------
    planes : numpy.ndarray
        ``[plane, row, column(, sample)]``, C-contiguous.
    places : sequence of (int, Frame)
        Which plane each frame goes to.
    rescale : bool or tuple of float
        Whether to apply each frame's slope and intercept, or the ones to apply to all.
    workers : int or None
        Number of threads.
    memory : Provision, optional
        Of `planes`, if these are new.
    """
    by_file: dict[int, list[Place]] = {}
    for place in places:
        by_file.setdefault(id(place[1].image), []).append(place)
    fast: list[list[Place]] = []
    slow: list[list[Place]] = []
    for members in by_file.values():
        first = members[0][1]
        direct = _is_direct(first.image, planes, rescale) and not (rescale and first.table)
        (fast if direct else slow).append(members)
    threads = _threads(workers, len(places), planes.nbytes)
    if memory is not None and slow:
        memory.finish(threads)
        memory = None
    fast.sort(key=lambda members: members[0][0])
    alike: dict[tuple[str, int], list[list[Place]]] = {}
    for members in fast:
        image = members[0][1].image
        alike.setdefault((image.dtype, image.bits_stored), []).extend(_shares(members, threads))
    for files in alike.values():
        slow.extend(_read_direct(files, planes, rescale, memory, threads))
    _run(
        [(_decode, part, planes, rescale) for members in slow for part in _shares(members, threads)], threads
    )


def _shares(members: list[Place], threads: int) -> list[list[Place]]:
    """Cut the frames of a file into a few runs for each thread; a video is decoded from its beginning."""
    image = members[0][1].image
    if threads < 2 or image.n_frames < 2 * threads or image.syntax.startswith(_VIDEO):
        return [members]
    ordered = sorted(members, key=lambda place: place[1].index or 0)
    size = -(-len(ordered) // (2 * threads))
    return [ordered[at : at + size] for at in range(0, len(ordered), size)]


def _threads(workers: int | None, n_frames: int, nbytes: int) -> int:
    if workers is None:
        from pydcm_pixels._decode.parallel import available_cpus

        workers = available_cpus() if nbytes > 1 << 22 else 1
    return max(1, min(workers, n_frames))


def _run(tasks: list[tuple[Any, ...]], threads: int) -> list[Any]:
    """Run functions with their arguments in threads."""
    if threads < 2 or len(tasks) < 2:
        return [function(*arguments) for function, *arguments in tasks]
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(threads, thread_name_prefix="pydcm-series") as pool:
        futures = [pool.submit(function, *arguments) for function, *arguments in tasks]
        try:
            return [future.result() for future in futures]
        except BaseException:
            for future in futures:
                future.cancel()
            raise


def _together(
    function: Callable[..., Any], arguments: tuple[Any, ...], threads: int, turn: np.ndarray, crew: Crew
) -> None:
    """Call a function in this thread and in others, which share its work; a `turn` below zero stops them."""
    try:
        crew.give(threads - 1, function, *arguments)
        function(*arguments)
    except BaseException:
        turn[0] = -1 << 62
        raise
    finally:
        errors = crew.wait()
    if errors:
        raise errors[0]


def _is_direct(image: ImageFile, planes: np.ndarray, rescale: Rescale) -> bool:
    """Say whether the samples of a file are in it as they are in memory."""
    if image.syntax not in UNCOMPRESSED or image.bits_allocated not in (8, 16, 32, 64):
        return False
    if not image.is_plain:
        return False
    if image.bits_allocated == 64 and not image.is_float:
        return False
    if not image.is_float and image.high_bit != image.bits_stored - 1:
        return False
    if not rescale and planes.dtype == image.dtype and planes.dtype.isnative:
        return True
    return _is_real(planes)


def _is_real(planes: np.ndarray) -> bool:
    return planes.dtype.kind == "f" and planes.dtype.itemsize in (4, 8) and planes.dtype.isnative


def _read_direct(
    files: list[list[Place]],
    planes: np.ndarray,
    rescale: Rescale,
    memory: Provision | None,
    threads: int,
) -> list[list[Place]]:
    """Read uncompressed files; return those whose layout is another one."""
    import numpy as np

    from pydcm_pixels._core._slices import read_frames

    first = files[0][0][1].image
    raw = not rescale and planes.dtype == first.dtype
    plane_size = planes[0].size
    itemsize = np.dtype(first.dtype).itemsize
    jobs: list[tuple[int, ...]] = []
    scales: list[tuple[float, float]] = []
    lengths: list[tuple[int, int]] = []
    for number, members in enumerate(files):
        image = members[0][1].image
        samples = image.samples
        frame_bytes = image.rows * image.columns * samples * itemsize
        total = frame_bytes * image.n_frames
        lengths.append((frame_bytes, total + total % 2))
        for plane, frame in members:
            row, column = frame.tile or (0, 0)
            jobs.append(
                (
                    number,
                    (frame.index or 0) * frame_bytes,
                    (row * image.columns + column) * samples,
                    image.columns * samples,
                    frame.rows,
                    frame.columns * samples,
                    plane * plane_size,
                )
            )
            scales.append(_scale(frame, rescale))
    shift = 0 if first.is_float else first.bits_allocated - first.bits_stored
    flat = planes.reshape(-1)
    frame_lengths, value_lengths = np.array(lengths, dtype=np.int64).T.copy()
    status = np.zeros(len(files), dtype=np.int8)
    turn = np.array([0, _at_once(len(files), threads, planes[0].nbytes)], dtype=np.int64)
    arguments = (
        [os.fsencode(members[0][1].image.path) for members in files],
        np.array(jobs, dtype=np.int64),
        np.array(scales, dtype=np.float64),
        frame_lengths,
        value_lengths,
        np.full(len(files), -1, dtype=np.int64),
        flat.view(np.uint8) if raw else flat,
        status,
        _CODES[first.dtype],
        max(shift, 0),
        _in_single(planes, rescale),
        None if memory is None else memory.pause(),
        turn,
    )
    crew = Crew() if memory is None else memory.crew
    _together(read_frames, arguments, min(threads, len(files)), turn, crew)
    if raw and shift > 0:
        _fill_unused_bits(planes, files, shift)
    return [members for members, state in zip(files, status, strict=True) if state]


def _at_once(n_files: int, threads: int, nbytes: int) -> int:
    """Return how many files a thread takes at a time: few, but such that two seldom wait for the same huge page."""
    page = -(-HUGE // nbytes) if n_files * nbytes >= LARGE else 1
    return max(page, n_files // (48 * threads), 1)


def _scale(frame: Frame, rescale: Rescale) -> tuple[float, float]:
    if isinstance(rescale, tuple):
        return rescale
    return (frame.slope, frame.intercept) if rescale else (1.0, 0.0)


def _in_single(planes: np.ndarray, rescale: Rescale) -> bool:
    """Say whether scalings that differ are applied in single precision, as dcm2niix does."""
    return rescale is True and planes.dtype.kind == "f" and planes.dtype.itemsize == 4


def _fill_unused_bits(planes: np.ndarray, files: list[list[Place]], shift: int) -> None:
    from pydcm_pixels._core._bits import extend_sign

    for members in files:
        for plane, _ in members:
            extend_sign(planes[plane].reshape(-1), shift)


def _decode(members: list[Place], planes: np.ndarray, rescale: Rescale) -> None:
    """Decode a file that is compressed, or unusual, frame by frame."""
    image = members[0][1].image
    try:
        if image.n_frames == 1:
            decoded: Iterator[tuple[int, np.ndarray]] = iter([(0, _single(image))])
        else:
            decoded = _several(image, sorted({frame.index or 0 for _, frame in members}))
        for index, pixels in decoded:
            for plane, frame in members:
                if (frame.index or 0) == index:
                    _put(planes, plane, pixels, frame, rescale)
    except Exception as exc:
        raise SeriesError(f"the pixels of {image.path} cannot be read: {exc}") from exc


def _single(image: ImageFile) -> np.ndarray:
    from pydcm_pixels._decode.quick import quick_array

    quick = quick_array(image.path)
    if quick is not None:
        return quick[0]
    ((_, pixels),) = _several(image, [0])
    return pixels


def _several(image: ImageFile, wanted: list[int]) -> Iterator[tuple[int, np.ndarray]]:
    from pydcm_pixels._utils.read import iter_pixels

    decoded = iter_pixels(
        image.path,
        indices=None if len(wanted) == image.n_frames else wanted,
        transfer_syntax_uid=image.syntax,
    )
    return zip(wanted, decoded, strict=False)


def _put(planes: np.ndarray, plane: int, pixels: np.ndarray, frame: Frame, rescale: Rescale) -> None:
    import numpy as np

    if frame.tile is not None:
        row, column = frame.tile
        pixels = pixels[row : row + frame.rows, column : column + frame.columns]
    if pixels.shape != planes.shape[1:]:
        raise SeriesError(f"{frame.path} holds {pixels.shape} pixels, {planes.shape[1:]} are needed")
    if rescale and frame.table:
        from pydcm_pixels._processing.modality import apply_modality_lut

        pixels = apply_modality_lut(pixels, frame.ds)
    target = planes[plane]
    slope, intercept = _scale(frame, rescale)
    code = _CODES.get(pixels.dtype.str[1:])
    if code is not None and pixels.dtype.isnative and pixels.flags.c_contiguous and _is_real(target):
        from pydcm_pixels._core._slices import scale_frame

        flat = pixels.reshape(-1).view(np.uint8)
        scale_frame(flat, target.reshape(-1), code, slope, intercept, _in_single(planes, rescale))
        return
    if (slope, intercept) == (1.0, 0.0):
        if target.dtype.kind in "iu" and not np.can_cast(pixels.dtype, target.dtype):
            info = np.iinfo(target.dtype)  # as what is rescaled: no value comes back from the other end
            np.clip(pixels, info.min, info.max, out=target, casting="unsafe")
            return
        target[...] = pixels
        return
    if _in_single(planes, rescale) and pixels.dtype.itemsize < 4:
        np.multiply(pixels, np.float32(slope), out=target, dtype=np.float32)
        target += np.float32(intercept)
        return
    scaled = pixels.astype(np.float64) * slope + intercept
    if target.dtype.kind == "f":
        target[...] = scaled
    else:
        info = np.iinfo(target.dtype)
        target[...] = np.clip(np.rint(scaled), info.min, info.max)
