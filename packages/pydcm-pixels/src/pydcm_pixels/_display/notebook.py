"""The picture that notebooks show above the elements of a data set."""

from __future__ import annotations

from base64 import b64encode
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pydcm.dataset import Dataset

# Samples of a frame that are decoded just because a data set is looked at: a second or two.
_MOST = 1 << 26
_KEYWORDS = ("PixelData", "FloatPixelData", "DoubleFloatPixelData")


def picture_html(ds: Dataset, side: int = 256) -> str:
    """Return an image as an HTML ``<img>`` that carries its own PNG; of several frames the one in the middle.

    Parameters
    ----------
    ds : pydcm.dataset.Dataset
        Any data set.
    side : int, optional
        The longest side in pixels.

    Returns
    -------
    str
        HTML; nothing for a data set without pixel data.
    """
    if not any(keyword in ds for keyword in _KEYWORDS):
        return ""
    n_samples = int(ds.get("Rows") or 0) * int(ds.get("Columns") or 0) * int(ds.get("SamplesPerPixel") or 1)
    if n_samples > _MOST:
        return f"<i>no picture: frames of {n_samples} samples are not decoded for this</i>"
    import warnings

    from imagecodecs import png_encode

    from pydcm_pixels._codecs.video import VIDEO_SYNTAXES
    from pydcm_pixels._display.shape import pixel_aspect, reduced
    from pydcm_pixels._utils.shapes import get_nr_frames
    from pydcm_pixels.display import render

    n_frames = get_nr_frames(ds, warn=False)
    syntax = (getattr(ds, "file_meta", None) or {}).get("TransferSyntaxUID", "")
    frame = 1 if syntax in VIDEO_SYNTAXES else (n_frames + 1) // 2
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # whoever asks for the pixels themselves is warned
        picture = render(ds, frame)
    aspect = pixel_aspect(ds, frame)
    longest = max(picture.shape[0] * aspect, picture.shape[1])
    scale = min(side / longest, 4.0)
    height, width = (max(1, round(n * scale)) for n in (picture.shape[0] * aspect, picture.shape[1]))
    data = b64encode(png_encode(reduced(picture, side))).decode("ascii")
    count = f"frame {frame} of {n_frames}" if n_frames > 1 else "image"
    text = f"{count}, {picture.shape[0]} rows, {picture.shape[1]} columns"
    style = "image-rendering:auto;margin:0 0 .5em 1em"
    return (
        f'<img src="data:image/png;base64,{data}" width="{width}" height="{height}" alt="{text}" title="{text}" '
        f'style="{style}"/>'
    )
