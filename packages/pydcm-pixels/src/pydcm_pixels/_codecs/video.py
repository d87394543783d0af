"""Video: MPEG-2, MPEG-4 AVC and HEVC (PS3.5 §8.2.5-8.2.9), with PyAV.

All frames are one stream, so a frame can only be had by decoding those before it.
"""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy as np

_PREFIX = "1.2.840.10008.1.2.4."
# The fragmentable variants, up to .106, have a further ".1".
VIDEO_SYNTAXES = frozenset(
    [f"{_PREFIX}{number}" for number in range(100, 109)]
    + [f"{_PREFIX}{number}.1" for number in range(100, 107)]
)


def iter_video(stream: bytes, rows: int, columns: int) -> Iterator[np.ndarray]:
    """Yield the frames of a video stream as RGB.

    Parameters
    ----------
    stream : bytes
        The whole stream, in its container if it has one.
    rows, columns : int
        The size the data set states.

    Yields
    ------
    numpy.ndarray
        uint8 ``(rows, columns, 3)``.

    Raises
    ------
    StreamMismatchError
        If the video has another size.
    """
    from io import BytesIO

    import av

    from pydcm_pixels._codecs.checks import check_header

    with av.open(BytesIO(stream), mode="r") as container:
        for frame in container.decode(video=0):
            check_header(
                "video",
                {"rows": rows, "columns": columns, "samples_per_pixel": 3},
                frame.height,
                frame.width,
                3,
            )
            yield frame.to_ndarray(format="rgb24")


def nth_frame(frames: Iterator[Any], index: int) -> Any:
    """Return frame `index`; ValueError if the stream ends before it."""
    frame = next(islice(frames, index, None), None)
    if frame is None:
        raise ValueError(f"There is insufficient pixel data to contain {index + 1} frames")
    return frame
