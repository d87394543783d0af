"""RLE Lossless (PS3.5 Annex G), our own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np


def warn_padding(actual: int, expected: int) -> None:
    """Warn of a segment that holds more than one frame's bytes."""
    from pydcm.misc import warn_and_log

    warn_and_log(
        f"The decoded RLE segment contains non-conformant padding - {actual} vs. {expected} bytes expected"
    )


def check_width(bits_allocated: int) -> int:
    """Return the bytes per sample; NotImplementedError for anything but whole bytes."""
    if bits_allocated % 8:
        raise NotImplementedError(
            f"Unable to decode RLE encoded pixel data with {bits_allocated} bits allocated"
        )
    return bits_allocated // 8


def decode(frame: bytes, /, *, out: np.ndarray | None = None, **description: Any) -> np.ndarray:
    """Decode an RLE frame, pixel by pixel; parameters as for :func:`pydcm_pixels._codecs.jpeg.decode`."""
    import numpy as np

    from pydcm_pixels._core._rle import decode_frame

    if description["bits_allocated"] == 1:
        return _decode_bits(frame, out, description)
    width = check_width(description["bits_allocated"])
    rows, columns = description["rows"], description["columns"]
    samples = description["samples_per_pixel"]
    n_pixels = rows * columns
    # A run of 128 is two bytes: a stream this short cannot hold the frame, so do not make room for it.
    if n_pixels * samples * width > 64 * len(frame):
        raise ValueError(
            f"The RLE frame's {len(frame)} bytes cannot hold {rows} rows and {columns} columns of "
            f"{samples * width} bytes per pixel"
        )
    result: np.ndarray = np.empty(n_pixels * samples, dtype=f"<u{width}") if out is None else out
    target = result.reshape(-1).view("u1")
    low_first = description.get("rle_segment_order", ">") == "<"
    excess = decode_frame(frame, target, n_pixels, samples, width, low_first, False)
    if excess:
        warn_padding(excess, n_pixels)
    return result


def packed_bits(frame: bytes, description: dict[str, Any]) -> bytearray:
    """Return the packed bits of a 1-bit frame, one segment (PS3.5 §8.1.1, §8.2.2)."""
    from pydcm_pixels._core._rle import decode_frame

    nbytes = (description["rows"] * description["columns"] * description["samples_per_pixel"] + 7) // 8
    if nbytes > 64 * len(frame):
        raise ValueError(f"The RLE frame's {len(frame)} bytes cannot hold the {nbytes} bytes of a frame")
    packed = bytearray(nbytes)
    excess = decode_frame(frame, packed, nbytes, 1, 1)
    # The encoder may have filled up an odd number of bytes.
    if excess > nbytes + nbytes % 2:
        warn_padding(excess, nbytes)
    return packed


def _decode_bits(frame: bytes, out: np.ndarray | None, description: dict[str, Any]) -> np.ndarray:
    from pydcm_pixels._codecs.uncompressed import frame_array

    return frame_array(packed_bits(frame, description), out, description)


def encode(frame: bytes, /, **description: Any) -> bytes:
    """Encode little-endian, pixel-interleaved samples; see :class:`pydcm.plugins.FrameEncoder`."""
    from pydcm_pixels._core._rle import encode_frame

    if description.get("byteorder", "<") == ">":
        raise ValueError("Unsupported option \"byteorder = '>'\"")
    return encode_frame(
        frame,
        description["rows"],
        description["columns"],
        description["samples_per_pixel"],
        (description["bits_allocated"] + 7) // 8,
    )
