"""A frame as something to look at: eight bits per sample, a PNG file, coloured characters."""

from __future__ import annotations

import struct
import zlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np

    from ..dataset import Dataset

__all__ = ["eight_bit", "png", "terminal"]


def eight_bit(ds: Dataset, frame: int) -> np.ndarray:
    """Decode one frame and map it to what a screen shows.

    Parameters
    ----------
    ds : Dataset
        With pixel data.
    frame : int
        The frame's number; the first is 1.

    Returns
    -------
    numpy.ndarray
        Shape ``(rows, columns)`` or ``(rows, columns, 3)``, dtype uint8: windowed as the file says (PS3.3 §C.11.2), or
        from the 1st to the 99th percentile if it says nothing; MONOCHROME1 inverted, palettes applied.

    Raises
    ------
    MissingPluginError
        If the pixels plugin is not installed.
    ValueError
        If the data set has no pixel data or no such frame.
    """
    import numpy as np

    from .. import pixels

    if not any(keyword in ds for keyword in ("PixelData", "FloatPixelData", "DoubleFloatPixelData")):
        raise ValueError("there is no pixel data to show")
    n_frames = int(ds.get("NumberOfFrames") or 1)
    if not 1 <= frame <= n_frames:
        raise ValueError(f"there is no frame {frame}: the image has {n_frames}")
    array = pixels.pixel_array(ds, index=frame - 1)
    interpretation = ds.get("PhotometricInterpretation", "")
    if interpretation == "PALETTE COLOR":
        array = pixels.apply_color_lut(array, ds)
    if array.ndim == 3:
        top = np.iinfo(array.dtype).max
        return array if top == 255 else (array // ((top + 1) // 256)).astype(np.uint8)
    grey = _windowed(ds, pixels.apply_modality_lut(array, ds).astype(np.float64), pixels)
    return 255 - grey if interpretation == "MONOCHROME1" else grey


def _windowed(ds: Dataset, values: np.ndarray, pixels: Any) -> np.ndarray:
    import numpy as np

    center, width = _first(ds.get("WindowCenter")), _first(ds.get("WindowWidth"))
    if ds.get("VOILUTSequence"):
        values = pixels.apply_voi(values.astype(np.int64), ds).astype(np.float64)
        low, high = float(values.min()), float(values.max())
    elif center is not None and width is not None and width >= 1:
        low, high = center - 0.5 - (width - 1) / 2, center - 0.5 + (width - 1) / 2
    else:
        low, high = (float(edge) for edge in np.percentile(values, (1, 99)))
    if high <= low:
        high = low + 1
    return np.clip((values - low) * (255 / (high - low)), 0, 255).round().astype(np.uint8)


def _first(value: Any) -> float | None:
    if value is None or value == "":
        return None
    return float(value[0] if hasattr(value, "__len__") and not isinstance(value, str) else value)


def png(picture: np.ndarray) -> bytes:
    """Return a picture of shape ``(rows, columns[, 3])``, dtype uint8, as a PNG file (ISO/IEC 15948)."""
    import numpy as np

    rows, columns = picture.shape[:2]
    scanlines = np.zeros((rows, 1 + picture[0].size), dtype=np.uint8)  # each begins with filter type 0
    scanlines[:, 1:] = picture.reshape(rows, -1)
    header = struct.pack(">IIBBBBB", columns, rows, 8, 0 if picture.ndim == 2 else 2, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(scanlines.tobytes(), 6)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in chunks
    )


def terminal(picture: np.ndarray, width: int | None = None) -> str:
    """Return a picture as text: each character shows two pixels, its upper and its lower half.

    Parameters
    ----------
    picture : numpy.ndarray
        Shape ``(rows, columns[, 3])``, dtype uint8.
    width : int, optional
        In characters; the terminal's, but at most 120, by default.
    """
    import shutil

    import numpy as np

    rows, columns = picture.shape[:2]
    across: int = min(columns, width or min(shutil.get_terminal_size().columns, 120))
    height = max(2, round(rows * across / columns / 2) * 2)
    sampled = picture[np.linspace(0, rows - 1, height).round().astype(int)]
    sampled = sampled[:, np.linspace(0, columns - 1, across).round().astype(int)]
    if sampled.ndim == 2:
        sampled = np.repeat(sampled[..., np.newaxis], 3, axis=2)
    lines = []
    for upper, lower in zip(sampled[::2].tolist(), sampled[1::2].tolist()):
        cells = [
            f"\x1b[38;2;{above[0]};{above[1]};{above[2]}m\x1b[48;2;{below[0]};{below[1]};{below[2]}m▀"
            for above, below in zip(upper, lower)
        ]
        lines.append("".join(cells) + "\x1b[0m")
    return "\n".join(lines)
