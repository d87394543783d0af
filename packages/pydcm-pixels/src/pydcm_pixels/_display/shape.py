"""How high a picture's pixels are, and pictures of fewer pixels."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np

    from pydcm.dataset import Dataset

_SPACINGS = ("PixelSpacing", "ImagerPixelSpacing", "NominalScannedPixelSpacing")


def pixel_aspect(ds: Dataset, frame: int = 1) -> float:
    """Return how high pixels are for their width (PS3.3 §10.7, §C.7.6.3.1.7); 1 if the data set does not say.

    Parameters
    ----------
    ds : pydcm.dataset.Dataset
        An image.
    frame : int, optional
        The frame, counted from 1.
    """
    from pydcm_pixels._processing.groups import group_item

    measures = group_item(ds, "PixelMeasuresSequence", frame - 1)
    pairs = [measures.get("PixelSpacing") if measures is not None else None]
    pairs += [ds.get(keyword) for keyword in (*_SPACINGS, "PixelAspectRatio")]
    for pair in pairs:
        try:
            down, across = (float(value) for value in pair or ())
        except (TypeError, ValueError):
            continue
        if down > 0 and across > 0 and 0.01 < down / across < 100:
            return down / across
    return 1.0


def reduced(picture: np.ndarray, side: int) -> np.ndarray:
    """Return a picture with sides of at most `side` pixels, each the mean of a block.

    Parameters
    ----------
    picture : numpy.ndarray
        uint8, ``(rows, columns)`` or ``(rows, columns, 3)``.
    side : int
        The longest side allowed.
    """
    import numpy as np

    step = -(-max(picture.shape[:2]) // side)
    if step <= 1:
        return picture
    rows, columns = (min(step, n) for n in picture.shape[:2])
    whole = picture[: picture.shape[0] // rows * rows, : picture.shape[1] // columns * columns]
    blocks = whole.reshape(
        whole.shape[0] // rows, rows, whole.shape[1] // columns, columns, *picture.shape[2:]
    )
    return np.round(blocks.mean(axis=(1, 3), dtype="f4")).astype("u1")
