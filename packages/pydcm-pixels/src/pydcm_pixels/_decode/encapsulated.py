"""Frames of encapsulated pixel data, decoded by plugins (PS3.5 §A.4)."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Any

from pydcm import limits
from pydcm_pixels._codecs.video import VIDEO_SYNTAXES
from pydcm_pixels._decode.tables import count_fragments

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy as np

    from pydcm_pixels._decode.runner import DecodeRunner


def as_samples(runner: DecodeRunner, frame: Any) -> np.ndarray:
    """Return a decoded frame, bytes or array, as a flat array of the run's present dtype."""
    import numpy as np

    if isinstance(frame, np.ndarray):
        return frame.reshape(-1).view(runner.pixel_dtype)
    return np.frombuffer(frame, dtype=runner.pixel_dtype)


def _excess_warning(total: int, stated: int) -> None:
    from pydcm.misc import warn_and_log

    warn_and_log(
        f"{total} frames have been found in the encapsulated pixel data, which is larger than the given (0028,0008) "
        f"'Number of Frames' value of {stated}. The returned data will include these extra frames and if it's correct "
        "then you should update 'Number of Frames' accordingly, otherwise pass 'allow_excess_frames=False' to return "
        f"only the first {stated} frames."
    )


def _missing_frames(found: int, stated: int) -> ValueError:
    return ValueError(
        f"The encapsulated pixel data holds {found} frames but (0028,0008) 'Number of Frames' is {stated} - the data "
        "may be truncated; decode the frames that are there by their index, or with iter_array()"
    )


def _check_frames(runner: DecodeRunner, size: int, stated: int) -> None:
    """Look whether there can be so many frames before room is made for a great many samples."""
    if runner._spans is not None:  # each frame has been found
        return
    if size * stated > limits.FRAME_ALLOWANCE and runner.transfer_syntax not in VIDEO_SYNTAXES:
        found = count_fragments(runner)
        if found < stated:
            raise _missing_frames(found, stated)


def decode_samples(
    runner: DecodeRunner, index: int | None, workers: int = 1, out: np.ndarray | None = None
) -> np.ndarray:
    """Return the samples of one frame, or of all frames, as a flat, writeable array.

    The result has the dtype that the data set asks for, whatever the precision of the stream. Nothing is allocated
    for all frames before the first one has been decoded. Several frames go into `out` if its type and size fit.
    """
    import numpy as np

    allocated = runner.bits_allocated
    dtype = runner.pixel_dtype
    size = int(runner.frame_length(unit="pixels"))
    if index is not None:
        arr = as_samples(runner, runner.decode_to(runner.encoded_frame(index)))
        runner.set_option("bits_allocated", allocated)
        _check_size(arr, size, index)
        return arr if arr.dtype == dtype and arr.flags.writeable else arr.astype(dtype)

    stated = runner.number_of_frames
    sources = runner.encoded_frames()
    position = runner.src.tell() if runner.is_binary else None
    first = next(sources, None)
    if first is None:
        raise _missing_frames(0, stated)
    arr = as_samples(runner, runner.decode_to(first))
    _check_size(arr, size, 0)
    if stated > 1:
        _check_frames(runner, size, stated)
        if out is not None and out.dtype == dtype and out.shape == (size * stated,):
            whole = out
        else:
            whole = np.empty(size * stated, dtype=dtype)
        whole[:size] = arr
        rest = islice(sources, stated - 1)
        done = 1 + _decode_rest(runner, rest, whole, size, workers)
        if done < stated:
            raise _missing_frames(done, stated)
        arr = whole
    elif arr.dtype != dtype or not arr.flags.writeable:
        arr = arr.astype(dtype)
    if runner.get_option("allow_excess_frames", False):
        excess = _excess_samples(runner, sources, stated)
        if excess:
            arr = np.concatenate([arr, *excess])
    if position is not None:
        runner.src.seek(position)
    runner.set_option("bits_allocated", allocated)
    return arr


def _decode_rest(
    runner: DecodeRunner, sources: Iterator[bytes], whole: np.ndarray, size: int, workers: int
) -> int:
    """Decode all frames but the first into `whole`; return how many there were."""
    if workers > 1:
        from pydcm_pixels._decode.parallel import decode_into

        return decode_into(runner, sources, whole, size, workers)
    at = 0
    for at, src in enumerate(sources, start=1):
        decode_frame_into(runner, src, whole[at * size : (at + 1) * size], at)
    return at


def decode_frame_into(runner: DecodeRunner, src: bytes, target: np.ndarray, index: int) -> None:
    """Decode one frame into `target`, a flat slice of the result."""
    out = target if target.dtype == runner.pixel_dtype else None
    frame = runner.decode_to(src, out=out, index=index)
    arr = as_samples(runner, frame)
    _check_size(arr, target.shape[0], index)
    if out is None or arr.__array_interface__["data"][0] != out.__array_interface__["data"][0]:
        target[:] = arr


def _check_size(arr: np.ndarray, size: int, index: int) -> None:
    if arr.shape[0] != size:
        raise ValueError(
            f"The decoded frame with index {index} has {arr.shape[0]} samples, {size} were expected from the (0028,0010) "
            "'Rows', (0028,0011) 'Columns' and (0028,0002) 'Samples per Pixel' values"
        )


def _excess_samples(runner: DecodeRunner, sources: Iterator[bytes], stated: int) -> list[np.ndarray]:
    """Decode the frames beyond *Number of Frames*, leaving out those of another size."""
    excess = []
    for index, src in enumerate(sources, start=stated):
        frame = runner.decode_to(src, index=index)
        if _nbytes(frame) == runner.frame_length(unit="bytes"):
            excess.append(as_samples(runner, frame))
            runner.set_option("number_of_frames", runner.number_of_frames + 1)
    if excess:
        _excess_warning(stated + len(excess), stated)
    return excess


def _nbytes(frame: Any) -> int:
    return frame.nbytes if hasattr(frame, "nbytes") else len(frame)


def decode_bytes(runner: DecodeRunner, index: int | None) -> bytes | bytearray:
    """Return the bytes of one decoded frame, or of all frames.

    Frames whose streams differ in precision are widened to the widest of them.
    """
    if index is not None:
        frame = runner.decode(index=index)
        _check_bytes(runner, frame, index)
        return frame
    frames: list[bytes | bytearray] = []
    widths: list[int] = []
    sources = runner.iter_decode()
    stated = runner.number_of_frames
    for at, frame in enumerate(islice(sources, stated)):
        _check_bytes(runner, frame, at)
        frames.append(frame)
        widths.append(runner.bits_allocated)
    if len(frames) < stated:
        raise _missing_frames(len(frames), stated)
    if runner.get_option("allow_excess_frames", False):
        for frame in sources:
            if len(frame) == runner.frame_length(unit="bytes"):
                frames.append(frame)
                widths.append(runner.bits_allocated)
                runner.set_option("number_of_frames", runner.number_of_frames + 1)
        if len(frames) > stated:
            _excess_warning(len(frames), stated)
    widest = max(widths)
    if min(widths) != widest:
        frames = [_widen(frame, width, widest) for frame, width in zip(frames, widths, strict=True)]
        runner.set_option("bits_allocated", widest)
    return frames[0] if len(frames) == 1 else b"".join(frames)


def _check_bytes(runner: DecodeRunner, frame: bytes | bytearray, index: int) -> None:
    expected = runner.frame_length(unit="bytes")
    if len(frame) != expected:
        raise ValueError(
            f"Unexpected number of bytes in the decoded frame with index {index} ({len(frame)} bytes actual vs "
            f"{expected} expected)"
        )


def _widen(frame: bytes | bytearray, width: int, widest: int) -> bytes | bytearray:
    """Return little-endian samples of `width` bits with zero bytes added up to `widest` bits."""
    if width == widest:
        return frame
    have, want = width // 8, widest // 8
    out = bytearray(len(frame) // have * want)
    for byte in range(have):
        out[byte::want] = frame[byte::have]
    return out
