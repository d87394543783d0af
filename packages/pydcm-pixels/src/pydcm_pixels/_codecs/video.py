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


# What PS3.5 §8.2.5-8.2.9 allows streams to come in. Others, playlists for example, could name other files to open.
_CONTAINERS = "mpegts,mpeg,mpegvideo,h264,hevc,mov,mp4,matroska,webm"


def iter_video(stream: bytes, rows: int, columns: int, bits_stored: int = 8) -> Iterator[np.ndarray]:
    """Yield the frames of a video stream as RGB.

    Parameters
    ----------
    stream : bytes
        The whole stream, in its container if it has one.
    rows, columns : int
        The size the data set states.
    bits_stored : int, optional
        The bits per sample that the data set states, 8 to 16; samples are scaled to them.

    Yields
    ------
    numpy.ndarray
        uint8, or uint16 for more than 8 bits, ``(rows, columns, 3)``.

    Raises
    ------
    StreamMismatchError
        If the video has another size.
    ValueError
        If the stream holds no video.
    """
    from io import BytesIO

    import av

    from pydcm_pixels._codecs.checks import check_header

    stated = {"rows": rows, "columns": columns, "samples_per_pixel": 3}
    try:
        with av.open(BytesIO(stream), mode="r", options={"format_whitelist": _CONTAINERS}) as container:
            if not container.streams.video:
                raise ValueError(f"The stream ({container.format.name}) holds no video")
            track = container.streams.video[0]
            context = track.codec_context
            if context is None:
                raise ValueError("The video stream is of a kind that PyAV has no decoder for")
            if context.width and context.height:
                check_header("video", stated, context.height, context.width, 3)
            for frame in container.decode(track):
                check_header("video", stated, frame.height, frame.width, 3)
                if bits_stored <= 8:
                    yield frame.to_ndarray(format="rgb24")
                else:
                    wide: Any = frame.to_ndarray(format="rgb48le")
                    yield wide >> (16 - min(bits_stored, 16))
    except av.error.FFmpegError as exc:
        raise ValueError(f"The video stream cannot be decoded: {exc}") from exc


def nth_frame(frames: Iterator[Any], index: int, at: int = 0) -> Any:
    """Return frame `index` of an iterator whose next frame is number `at`; ValueError if the stream ends before it."""
    frame = next(islice(frames, index - at, None), None)
    if frame is None:
        raise ValueError(f"There is insufficient pixel data to contain {index + 1} frames")
    return frame
