"""Uncompressed pixel data in memory as what encoders take: little endian, samples filled up to the bits they have."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pydcm.dataset import Dataset


def little_endian(ds: Dataset) -> Any:
    """Return the *Pixel Data* of `ds`, turned if the data set is big endian (PS3.5 §7.3)."""
    from pydcm_pixels._utils.shapes import is_little_endian

    data = ds.PixelData or b""
    try:
        if is_little_endian(ds):
            return data
    except AttributeError:  # a data set that was made and not read
        return data
    # Fewer than nine bits, packed ones as well, are in words only where the VR says so.
    width = max(int(ds.BitsAllocated) // 8, 2 if ds["PixelData"].VR == "OW" else 1)
    if width == 1:
        return data
    import numpy as np

    whole = len(data) - len(data) % width
    words = np.frombuffer(data, dtype="u1", count=whole).reshape(-1, width)
    return words[:, ::-1].tobytes() + bytes(data[whole:])


def frame_bytes(data: Any, index: int | None, length: int) -> Any:
    """Return frame `index` of uncompressed `data`, the first one for ``None``.

    Raises
    ------
    ValueError
        If `data` ends before the frame does.
    """
    start = (index or 0) * length
    frame = data[start : start + length]
    if len(frame) < length:
        raise ValueError(
            f"There is insufficient pixel data to contain {(index or 0) + 1} frames: {len(data)} bytes, a frame has {length}"
        )
    return frame


def with_width(data: Any, n_samples: int, width: int) -> bytes:
    """Return samples with `width` bytes each, unused high bytes left out or zeros put there."""
    have = len(data) // n_samples
    if have == width:
        return bytes(data)
    out = bytearray(n_samples * width)
    for byte in range(min(have, width)):
        out[byte::width] = data[byte::have]
    return bytes(out)


def without_unused_bits(data: bytes, width: int, stored: int, signed: bool) -> bytes:
    """Return samples whose bits above `stored`, which may hold anything (PS3.5 §8.1.1), are zeros or the sign."""
    unused = 8 * width - stored
    if not unused:
        return data
    import numpy as np

    from pydcm_pixels._core._bits import extend_sign, has_unused_bits

    samples = np.frombuffer(data, dtype=f"{'i' if signed else 'u'}{width}")
    if not has_unused_bits(samples, unused):
        return data
    samples = samples.copy()
    extend_sign(samples, unused)
    return samples.tobytes()


def pixel_by_pixel(data: bytes, width: int) -> bytes:
    """Return colour samples that come in three planes as R G B R G B ... (PS3.3 §C.7.6.3.1.3)."""
    import numpy as np

    return np.frombuffer(data, dtype=f"u{width}").reshape(3, -1).T.tobytes()
