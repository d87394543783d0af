"""Deflated Image Frame (PS3.5 §A.4.12): each frame is a raw DEFLATE stream (RFC 1951), with libdeflate."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pydcm_pixels._codecs.uncompressed import frame_array

if TYPE_CHECKING:
    import numpy as np


def _frame_nbytes(description: dict[str, Any]) -> int:
    n_samples = description["rows"] * description["columns"] * description["samples_per_pixel"]
    allocated = description["bits_allocated"]
    nbytes: int = (n_samples + 7) // 8 if allocated == 1 else n_samples * (allocated // 8)
    return nbytes // 3 * 2 if description.get("photometric_interpretation") == "YBR_FULL_422" else nbytes


def inflate(frame: bytes, description: dict[str, Any]) -> bytes:
    """Return the frame's bytes, at most one (of padding) more than the description asks for."""
    import zlib

    nbytes = _frame_nbytes(description)
    # DEFLATE cannot shrink anything below a thousandth: do not make room for what cannot be there.
    if nbytes > 1040 * len(frame) + 64:
        raise ValueError(f"The deflated frame's {len(frame)} bytes cannot hold the {nbytes} bytes of a frame")
    try:
        data = zlib.decompressobj(-15).decompress(frame, nbytes + 1)
    except zlib.error as exc:
        raise ValueError(f"The frame is no DEFLATE stream: {exc}") from exc
    if len(data) < nbytes:
        raise ValueError(f"The deflated frame holds {len(data)} bytes, {nbytes} are needed")
    return data


def decode(frame: bytes, /, *, out: np.ndarray | None = None, **description: Any) -> np.ndarray:
    """Decode a deflated frame; parameters as for :func:`pydcm_pixels._codecs.jpeg.decode`."""
    if (
        description["bits_allocated"] > 1
        and description.get("photometric_interpretation") != "YBR_FULL_422"
        and (description["samples_per_pixel"] == 1 or description.get("planar_configuration") != 1)
    ):
        arr = _inflate_into(frame, out, description)
        if arr is not None:
            return arr
    return frame_array(inflate(frame, description), out, description)


def _inflate_into(frame: bytes, out: np.ndarray | None, description: dict[str, Any]) -> np.ndarray | None:
    """Inflate samples that need no rearrangement straight into an array, ``None`` if zlib has to look at the stream.

    libdeflate is half as fast again as zlib, but it takes nothing but a stream of exactly the right length.
    """
    import numpy as np

    try:
        from imagecodecs import DeflateError, deflate_decode
    except ImportError:
        return None
    nbytes = _frame_nbytes(description)
    if nbytes > 1040 * len(frame) + 64:
        return None
    arr = (
        np.empty(nbytes // (width := description["bits_allocated"] // 8), f"<u{width}")
        if out is None
        else out
    )
    target = arr.reshape(-1).view("u1")
    if target.shape[0] != nbytes or not np.shares_memory(target, arr):
        return None
    try:
        done = deflate_decode(frame, raw=True, out=memoryview(target))
    except DeflateError:
        return None
    return arr if len(done) == nbytes else None


def encode(frame: bytes, /, **description: Any) -> bytes:
    """Deflate a frame; `deflate_level` (1 to 12, default 6) sets the effort."""
    from imagecodecs import deflate_encode

    data = bytes(deflate_encode(frame, level=description.get("deflate_level", 6), raw=True))
    return data if len(data) % 2 == 0 else data + b"\x00"
