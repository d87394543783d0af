"""Uncompressed pixel data that is not encapsulated (PS3.5 §8.1.1, §A.1-A.3, §A.5)."""

from __future__ import annotations

import logging
from math import ceil, floor
from typing import TYPE_CHECKING, Any

from pydcm_pixels._coding.photometric import PhotometricInterpretation as PI
from pydcm_pixels._decode.process import insists_on_view

if TYPE_CHECKING:
    import numpy as np

    from pydcm_pixels._decode.runner import DecodeRunner

LOGGER = logging.getLogger("pydicom.pixels")


def _no_view(runner: DecodeRunner, reason: str) -> None:
    if insists_on_view(runner):
        LOGGER.warning(f"Unable to return an ndarray that's a view on the original buffer for {reason}")


def _span(runner: DecodeRunner, index: int | None) -> tuple[int, int, int]:
    """Return ``(start, length, base)`` in bytes: where one frame or all frames are, and where the pixel data starts.

    Raises
    ------
    ValueError
        If the frame asked for is not there.
    """
    frame_length = runner.frame_length(unit="bytes")
    if runner.is_binary:
        base = runner.src.tell()
        available: int | float = frame_length * runner.number_of_frames
    else:
        base = 0
        available = len(runner.src)
    if index is None:
        return base, ceil(frame_length * runner.number_of_frames), base
    start = floor(base + index * frame_length)
    if start + frame_length > base + available:
        raise ValueError(f"There is insufficient pixel data to contain {index + 1} frames")
    return start, ceil(base + (index + 1) * frame_length) - start, base


def _fetch(runner: DecodeRunner, start: int, length: int) -> Any:
    """Return bytes of the source: a view of a buffer, or a private, writeable array read from a file."""
    src = runner.src
    if runner._src_type != "BinaryIO":
        if start == 0 and len(src) == length:
            return src
        return memoryview(src)[start : start + length]
    readinto = getattr(src, "readinto", None)
    if readinto is None:
        return runner.get_data(src, start, length)
    import numpy as np

    position = src.tell()
    try:
        end = src.seek(0, 2)
        if end is not None and length > end - start:
            raise ValueError(
                f"The number of bytes of pixel data is less than expected ({max(end - start, 0)} vs {length} bytes) - "
                "the file may be truncated or have an invalid group 0028 element value"
            )
        src.seek(start)
        buffer = np.empty(length, dtype="u1")
        got = 0
        view = memoryview(buffer)
        while got < length:
            more = readinto(view[got:])
            if not more:
                raise ValueError(f"The pixel data ends after {got} of {length} bytes")
            got += more
    finally:
        src.seek(position)
    return buffer


def read_samples(runner: DecodeRunner, index: int | None) -> np.ndarray:
    """Return the samples of one frame, or of all frames, as a flat array; a view of the source where possible."""
    import numpy as np

    dtype = runner.pixel_dtype
    start, length, base = _span(runner, index)
    if runner._test_for("be_swap_ow"):
        _no_view(runner, "8-bit pixel data encoded as OW with 'Explicit VR Big Endian'")
        buffer = _swapped(runner, start, length, base)
    elif runner.bits_allocated == 1:
        _no_view(runner, "bit-packed pixel data")
        in_words = not runner._little_endian and runner.get_option("pixel_vr") == "OW"
        read = _swapped(runner, start, length, base) if in_words else _fetch(runner, start, length)
        return _unpacked(runner, read, index)
    else:
        buffer = _fetch(runner, start, length)
    arr = buffer.view(dtype) if isinstance(buffer, np.ndarray) else np.frombuffer(buffer, dtype=dtype)
    if runner.photometric_interpretation != PI.YBR_FULL_422:
        return arr
    _no_view(runner, "uncompressed pixel data with a photometric interpretation of 'YBR_FULL_422'")
    return _full_chroma(runner, arr)


def _swapped(runner: DecodeRunner, start: int, length: int, base: int) -> np.ndarray:
    """Return the bytes of big-endian 16-bit words in the order of little-endian ones (PS3.5 §8.1.1, §8.2)."""
    import numpy as np

    from pydcm_pixels._core._bits import swap_pairs

    lead = (start - base) % 2
    buffer = _fetch_padded(runner, start - lead, length + lead)
    out = np.empty(len(buffer), dtype="u1")
    swap_pairs(buffer, out)
    return out[lead : lead + length]


def _fetch_padded(runner: DecodeRunner, start: int, length: int) -> Any:
    return _fetch(runner, start, length + length % 2)


def _unpacked(runner: DecodeRunner, buffer: Any, index: int | None) -> np.ndarray:
    """Return 1-bit samples as bytes; a frame may start within a byte."""
    import numpy as np

    from pydcm_pixels._core._bits import unpack

    count = int(runner.frame_length(unit="pixels"))
    first = 0
    if index is None:
        count *= runner.number_of_frames
    else:
        first = index * count % 8
    out = np.empty(count, dtype="u1")
    if count:
        unpack(buffer, out, first)
    return out


def _full_chroma(runner: DecodeRunner, arr: np.ndarray) -> np.ndarray:
    import numpy as np

    from pydcm_pixels._core._color import expand_422

    out = np.empty(arr.shape[0] // 2 * 3, dtype=arr.dtype)
    if arr.dtype.itemsize == 1 or arr.dtype.isnative:
        unsigned = f"u{arr.dtype.itemsize}"
        expand_422(arr.view(unsigned), out.view(unsigned))
    else:
        pairs = arr.reshape(-1, 4)
        out.reshape(-1, 6)[:] = pairs[:, (0, 2, 3, 1, 2, 3)]
    runner.set_option("photometric_interpretation", PI.YBR_FULL)
    return out


def read_bytes(runner: DecodeRunner, index: int | None) -> Any:
    """Return the bytes of one frame, or of all frames, as they are stored.

    8-bit samples in big-endian words come with the extra byte that completes their first or last word.
    """
    start, length, base = _span(runner, index)
    src = runner.src
    if not runner.is_binary and runner.get_option("view_only", False):
        src = memoryview(src)
    if runner._test_for("be_swap_ow"):
        if index is not None and length % 2:
            return runner.get_data(src, start - index % 2, length + 1)
        return runner.get_data(src, start, length + length % 2)
    if index is not None:
        # As many bytes as one frame needs: 1-bit frames that share a byte with their neighbour may need one more.
        length = ceil(runner.frame_length(unit="bytes"))
    return runner.get_data(src, start, length)
