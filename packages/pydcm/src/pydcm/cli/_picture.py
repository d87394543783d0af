"""A frame as something to look at: eight bits per sample, a PNG file, coloured characters."""

from __future__ import annotations

import struct
import zlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np

    from ..dataset import Dataset

__all__ = ["check", "eight_bit", "item_image", "png", "terminal"]


def eight_bit(
    image: Dataset | str,
    frame: int,
    window: tuple[float, float] | str | None = None,
    overlays: bool = False,
    icc: bool = False,
) -> np.ndarray:
    """Decode one frame and map it to what a screen shows.

    Parameters
    ----------
    image : Dataset or str
        A data set with pixel data, or the path of one.
    frame : int
        The frame's number; the first is 1.
    window, overlays, icc
        As for :func:`pydcm.render`.

    Returns
    -------
    numpy.ndarray
        Shape ``(rows, columns)`` or ``(rows, columns, 3)``, dtype uint8, see :func:`pydcm.render`.

    Raises
    ------
    MissingPluginError
        If the pixels plugin is not installed.
    ValueError
        If there is no such frame.
    """
    from .. import pixels

    return pixels.render(image, frame, window=window, overlays=overlays, icc=icc)


def check(ds: Dataset) -> None:
    """Raise ValueError for what is no image, going by the elements before its pixel data."""
    if "Rows" not in ds:
        raise ValueError("there is no pixel data to show")


def item_image(ds: Dataset, part: object) -> Dataset:
    """Return a part of `ds`, such as the item of *Icon Image Sequence*, as an image of its own.

    Raises
    ------
    ValueError
        If the part has no pixel data.
    """
    from ..dataset import Dataset, FileMetaDataset
    from ..uid import ExplicitVRLittleEndian

    if not isinstance(part, Dataset) or "PixelData" not in part:
        raise ValueError("there is no pixel data to show in this part of the file")
    if "file_meta" not in part.__dict__:
        meta = FileMetaDataset()
        syntax = ds.file_meta.get("TransferSyntaxUID") or ExplicitVRLittleEndian
        # Beside compressed frames an icon may still be uncompressed (PS3.5 §A.4).
        if syntax.is_encapsulated and not part["PixelData"].is_undefined_length:
            syntax = ExplicitVRLittleEndian
        meta.TransferSyntaxUID = syntax
        part.file_meta = meta
    return part


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
