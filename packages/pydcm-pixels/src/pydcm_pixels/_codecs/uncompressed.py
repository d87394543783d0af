"""Frames as they are: Encapsulated Uncompressed Explicit VR Little Endian (PS3.5 §A.4.11)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np


def frame_array(data: Any, out: np.ndarray | None, description: dict[str, Any]) -> np.ndarray:
    """Return a frame's uncompressed bytes as an array of samples, pixel by pixel.

    1-bit frames are unpacked; YBR_FULL_422 keeps its layout of Y1 Y2 Cb Cr; a padding byte is dropped.
    """
    import numpy as np

    rows, columns = description["rows"], description["columns"]
    samples, allocated = description["samples_per_pixel"], description["bits_allocated"]
    n_samples = rows * columns * samples
    nbytes = (n_samples + 7) // 8 if allocated == 1 else n_samples * (allocated // 8)
    half_chroma = description.get("photometric_interpretation") == "YBR_FULL_422"
    if half_chroma:
        nbytes = nbytes // 3 * 2
    if not nbytes <= len(data) <= nbytes + 1:
        raise ValueError(f"The uncompressed frame has {len(data)} bytes, {nbytes} are needed")
    flat = np.frombuffer(data, dtype="u1", count=nbytes)
    if allocated == 1:
        from pydcm_pixels._core._bits import unpack

        out = np.empty(n_samples, dtype="u1") if out is None else out
        unpack(flat, out.reshape(-1))
        return out
    arr = flat.view(f"<u{allocated // 8}")
    if half_chroma:
        from pydcm_pixels._core._color import expand_422

        out = np.empty(n_samples, dtype=arr.dtype) if out is None else out
        expand_422(arr, out.reshape(-1).view(arr.dtype))
        return out
    if samples == 3 and description.get("planar_configuration") == 1:
        from pydcm_pixels._core._color import interleave3

        out = np.empty(n_samples, dtype=arr.dtype) if out is None else out
        interleave3(arr, out.reshape(-1).view(arr.dtype), rows * columns)
        return out
    if out is None:
        return arr
    out.reshape(-1).view(arr.dtype)[:] = arr
    return out


def decode(frame: bytes, /, *, out: np.ndarray | None = None, **description: Any) -> np.ndarray:
    """Return the frame's samples; parameters as for :func:`pydcm_pixels._codecs.jpeg.decode`."""
    return frame_array(frame, out, description)


def encode(frame: bytes, /, **description: Any) -> bytes:
    """Return the frame's bytes, padded to an even length."""
    data = bytes(frame)
    return data if len(data) % 2 == 0 else data + b"\x00"
