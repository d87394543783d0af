"""Fuzz target: video streams in their containers; nothing to do where PyAV is not installed."""

from __future__ import annotations

from importlib.util import find_spec
from io import BytesIO
from itertools import islice
from pathlib import Path

import numpy as np

from pydcm_testing import fuzzing

streams = fuzzing.load(Path(__file__).with_name("streams.py"))
mutate = streams.changed
ROWS, COLUMNS = 64, 96


def check(data: bytes) -> bool:
    """Take the first bytes of `data` as description, the rest as video; tell whether a frame was decoded."""
    from pydcm_pixels._codecs.video import iter_video

    if len(data) < streams.HEADER.size or find_spec("av") is None:
        return False
    description, stream = streams.described(data, ("4.102",))
    rows, columns, bits = (description[name] for name in ("rows", "columns", "bits_stored"))
    found = False
    try:
        for frame in islice(iter_video(stream, rows, columns, bits), 20):
            assert frame.shape == (rows, columns, 3)
            assert frame.dtype == ("u1" if bits <= 8 else "u2")
            found = True
    except streams.ERRORS as exc:
        assert not isinstance(exc, RecursionError)
    return found


def samples() -> list[bytes]:
    """Return films of a few frames, in two codecs and two containers."""
    if find_spec("av") is None:
        return []
    import av

    picture = np.zeros((ROWS, COLUMNS, 3), "u1")
    picture[20:40, 30:60] = (250, 120, 9)
    out = []
    for codec, container in (("mpeg2video", "mpegts"), ("libx264", "mp4"), ("libx264", "h264")):
        buffer = BytesIO()
        with av.open(buffer, mode="w", format=container) as film:
            track = film.add_stream(codec, rate=10)
            track.width, track.height, track.pix_fmt = COLUMNS, ROWS, "yuv420p"
            for at in range(3):
                for packet in track.encode(
                    av.VideoFrame.from_ndarray(np.roll(picture, 5 * at, 0), format="rgb24")
                ):
                    film.mux(packet)
            for packet in track.encode():
                film.mux(packet)
        out.append(streams.HEADER.pack(0, 4, 8, 0, ROWS, COLUMNS) + buffer.getvalue())
    return out
