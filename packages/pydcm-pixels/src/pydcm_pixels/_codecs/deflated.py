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
    return frame_array(inflate(frame, description), out, description)


def encode(frame: bytes, /, **description: Any) -> bytes:
    """Deflate a frame; `deflate_level` (1 to 12, default 6) sets the effort."""
    from imagecodecs import deflate_encode

    data = bytes(deflate_encode(frame, level=description.get("deflate_level", 6), raw=True))
    return data if len(data) % 2 == 0 else data + b"\x00"
