"""Pictures as files, whole or not at all: PNG, JPEG, TIFF, GIF (Pillow), MP4 (PyAV)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable

    import numpy as np


def save_frames(frames: Iterable[np.ndarray], path: str, *, fps: float) -> None:
    """Write pictures to one file, the kind going by its name: a film (MP4), or what Pillow makes of it (GIF, TIFF, PNG, …).

    Parameters
    ----------
    frames : iterable of numpy.ndarray
        uint8, ``(rows, columns)`` for grey, ``(rows, columns, 3)`` for colour.
    path : str
        The file to write.
    fps : float
        Frames per second of a film or GIF.

    Raises
    ------
    ValueError
        If `fps` is not above 0, or the name says no kind of picture.
    ImportError
        If Pillow, or PyAV for a film, is not installed.
    """
    import errno
    import os

    if not 0 < fps <= 1000:
        raise ValueError(f"'fps' has to be above 0 and at most 1000, it is {fps}")
    target = os.path.realpath(path)
    folder = os.path.dirname(target)
    if not os.path.isdir(folder):
        raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), folder)
    unfinished = os.path.join(folder, f".{os.urandom(6).hex()}{os.path.splitext(path)[1]}")
    os.close(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666))
    try:
        _write(frames, unfinished, fps)
        os.replace(unfinished, target)
    except BaseException:
        os.unlink(unfinished)
        raise


def _write(frames: Iterable[np.ndarray], path: str, fps: float) -> None:
    if path.lower().endswith(".mp4"):
        _write_film(frames, path, fps)
        return
    try:
        from PIL import Image
    except ImportError:
        raise ImportError("Pillow is required to write pictures (pip install pydcm-pixels[pillow])") from None
    first, *rest = (Image.fromarray(frame) for frame in frames)
    if path.lower().endswith(".gif"):
        first.save(path, save_all=True, append_images=rest, duration=1000 / fps, loop=0)
    elif rest:
        try:
            first.save(path, save_all=True, append_images=rest)
        except KeyError as kind:
            raise ValueError(
                f"a file of kind {kind.args[0]} holds one picture, not {len(rest) + 1}; name a .gif, .tif or .mp4"
            ) from None
    elif path.lower().endswith((".jpg", ".jpeg")):
        first.save(path, quality=95, subsampling=0)
    else:
        first.save(path)


def _write_film(frames: Iterable[np.ndarray], path: str, fps: float) -> None:
    try:
        import av
    except ImportError:
        raise ImportError("PyAV is required to write films (pip install pydcm-pixels[video])") from None
    from fractions import Fraction

    import numpy as np

    with av.open(path, mode="w") as container:
        stream: Any = None
        for picture in frames:
            kind = "gray" if picture.ndim == 2 else "rgb24"
            # 4:2:0 needs even sides
            odd = [(0, side % 2) for side in picture.shape[:2]]
            picture = np.pad(picture, [*odd, (0, 0)][: picture.ndim], mode="edge")
            if stream is None:
                stream = container.add_stream("libx264", rate=Fraction(fps).limit_denominator(1000))
                stream.width, stream.height, stream.pix_fmt = picture.shape[1], picture.shape[0], "yuv420p"
            for packet in stream.encode(av.VideoFrame.from_ndarray(picture.copy(), format=kind)):
                container.mux(packet)
        for packet in stream.encode() if stream is not None else ():
            container.mux(packet)
