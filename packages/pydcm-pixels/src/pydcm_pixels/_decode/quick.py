"""The short way from a path to an array, for files of a plain make; the complete way takes all others.

Nothing is decided here: the same run decodes, corrects and converts. What is saved is making a data set.
"""

from __future__ import annotations

import os
import sys
from io import FileIO
from math import ceil
from typing import TYPE_CHECKING, Any

from pydcm import config
from pydcm.hooks import hooks, raw_element_value, raw_element_vr
from pydcm_pixels._codecs.video import VIDEO_SYNTAXES
from pydcm_pixels._coding.photometric import PhotometricInterpretation as PI
from pydcm_pixels._coding.photometric import fits_samples
from pydcm_pixels._core._bits import read_samples
from pydcm_pixels._core._image_header import plain_image
from pydcm_pixels._decode.direct import (
    SEQUENCE_END,
    Lane,
    as_rgb,
    is_standard_processing,
    layout,
    make_lane,
)
from pydcm_pixels._decode.many import all_frames
from pydcm_pixels._decode.parallel import useful_workers
from pydcm_pixels._decode.registry import DECODERS
from pydcm_pixels._decode.runner import DecodeRunner

if TYPE_CHECKING:
    import numpy as np

# Most headers fit the first read; those of enhanced objects may be longer than the second.
_HEAD, _MORE = 1 << 13, 1 << 18
_MAX_FRAMES = 4096
_IMPLICIT = "1.2.840.10008.1.2"
_PHOTOMETRICS = {str(name).encode(): name for name in PI}
# Not big endian, not deflated as a whole, not video.
PLAIN_SYNTAXES: dict[bytes, tuple[bool, Lane]] = {
    str(uid).encode(): (uid != _IMPLICIT, make_lane(decoder))
    for uid, (decoder, _) in DECODERS.items()
    if uid not in VIDEO_SYNTAXES and not uid.endswith((".1.99", ".1.2.2")) and sys.byteorder == "little"
}
_ITEM = b"\xfe\xff\x00\xe0"


def nothing_is_special() -> bool:
    """Return whether nobody changes elements while they are read, and no messages are wanted."""
    return (
        not config.debugging
        and config.data_element_callback is None
        and hooks.raw_element_vr is raw_element_vr
        and hooks.raw_element_value is raw_element_value
    )


def quick_array(
    path: Any,
    index: int | None = None,
    *,
    raw: bool = False,
    workers: int | None = 1,
    plugin: str = "",
    out: np.ndarray | None = None,
) -> tuple[np.ndarray, int] | None:
    """Decode the pixels of a file.

    Parameters
    ----------
    path : str or PathLike
        A file.
    index : int, optional
        The frame, counted from 0; all frames by default.
    raw : bool, optional
        Whether to leave colours in the stored colour space.
    workers : int, optional
        How many threads decode several compressed frames; ``None`` for as many as there are processors.
    plugin : str, optional
        The decoding plugin to use.
    out : numpy.ndarray, optional
        A flat array for several compressed frames, used if its type and size fit.

    Returns
    -------
    tuple[numpy.ndarray, int] or None
        The array and the number of frames; ``None`` if the complete way has to be taken. No warning has been given then.
    """
    if not nothing_is_special():
        return None
    try:
        stream = FileIO(path)
    except OSError:  # the complete way says so
        return None
    with stream:
        try:
            size = stream.seek(0, os.SEEK_END)
            stream.seek(0)
        except OSError:  # no file on a disk
            return None
        head = stream.read(_HEAD)
        found = plain_image(head, PLAIN_SYNTAXES, _PHOTOMETRICS)
        if found is None:
            if size <= _HEAD:
                return None
            head += stream.read(_MORE)
            found = plain_image(head, PLAIN_SYNTAXES, _PHOTOMETRICS)
            if found is None:
                return None
        opts, offset, length, lane = found
        if not fits_samples(opts["photometric_interpretation"], opts["samples_per_pixel"]):
            return None
        n_frames: int = opts["number_of_frames"]
        if index is not None and index >= n_frames:
            return None
        if lane.decoder.is_native:
            if index is None and length >= 0:
                arr = _uncompressed(stream, size, offset, length, opts, raw)
                return None if arr is None else (arr, n_frames)
        elif length != -1:
            return None
        elif lane.codec and not plugin and is_standard_processing():
            arr = None
            if n_frames == 1:
                arr = lane.one_frame(stream, head, size, offset, opts, raw)
            elif index is not None and lane.is_first():
                frame = _by_table(stream, head, offset, n_frames, index)
                if frame is not None:
                    arr = lane.decoded(frame, {**opts, "number_of_frames": 1}, raw)
            if arr is not None:
                return arr, 1
        return _by_run(stream, head, size, found, index, raw, workers, plugin, out)


def _uncompressed(
    stream: FileIO, size: int, offset: int, length: int, opts: dict[str, Any], raw: bool
) -> np.ndarray | None:
    """Return all frames of a file that is not compressed, read into an array of their own."""
    samples = opts["samples_per_pixel"]
    expected = (
        opts["rows"] * opts["columns"] * samples * opts["bits_allocated"] // 8 * opts["number_of_frames"]
    )
    planes_or_pairs = samples == 3 and (
        opts["planar_configuration"] == 1 or opts["photometric_interpretation"] == PI.YBR_FULL_422
    )
    if length not in (expected, expected + expected % 2) or offset + length > size or planes_or_pairs:
        return None
    if not is_standard_processing():
        return None
    planned = layout(opts, raw)
    if planned is None:
        return None
    import numpy as np

    dtype, shape, to_rgb = planned
    arr = np.empty(shape, dtype)
    signed, unused = opts["pixel_representation"] == 1, opts["bits_allocated"] - opts["bits_stored"]
    stream.seek(offset)
    if read_samples(stream.fileno(), arr, dtype.itemsize, signed, unused) < expected:
        return None
    return as_rgb(arr) if to_rgb else arr


def _by_run(
    stream: FileIO,
    head: bytes,
    size: int,
    found: tuple[dict[str, Any], int, int, Lane],
    index: int | None,
    raw: bool,
    workers: int | None,
    plugin: str,
    out: np.ndarray | None,
) -> tuple[np.ndarray, int] | None:
    """Decode one frame, or all, in a run that reads them from the file."""
    opts, offset, length, lane = found
    decoder = lane.decoder
    runner = DecodeRunner(decoder.UID)
    runner._opts.update(opts)
    n_frames = opts["number_of_frames"]
    expected = ceil(runner.frame_length() * n_frames)
    if decoder.is_native:
        if length not in (expected, expected + expected % 2) or offset + length > size:
            return None
    else:
        if n_frames > _MAX_FRAMES or (index is not None and n_frames > 1):
            return None
        spans = _spans(stream, head, offset, n_frames)
        if spans is None or 0 <= spans[-1][1] - offset - expected <= 1:
            return None
        workers = useful_workers(workers, n_frames if index is None else 1)
        if n_frames > 1 and not plugin and lane.codec and is_standard_processing():
            whole = all_frames(lane, stream, spans, opts, raw, workers, out)
            if whole is not None:
                return whole, n_frames
        runner._spans = spans
    stream.seek(offset)
    runner._src, runner._src_type = stream, "BinaryIO"
    runner.set_decoders(decoder._validate_plugins(plugin))
    arr, properties = decoder._array(runner, index, raw, workers or 1, out)
    return arr, properties["number_of_frames"]


def _by_table(stream: FileIO, head: bytes, offset: int, n_frames: int, index: int) -> bytes | None:
    """Return the encoded frame that the Basic Offset Table points to (PS3.5 §A.4).

    ``None`` if there is no table, or if the frame is not exactly one fragment up to where the next one starts.
    """

    def fetch(start: int, length: int) -> bytes:
        if start + length <= len(head):
            return head[start : start + length]
        stream.seek(start)
        return stream.read(length)

    item = fetch(offset, 12)
    if item[:4] != _ITEM or int.from_bytes(item[4:8], "little") != 4 * n_frames or item[8:] != bytes(4):
        return None
    first = offset + 8 + 4 * n_frames
    offsets = fetch(offset + 8 + 4 * index, 8)
    start = first + int.from_bytes(offsets[:4], "little")
    item = fetch(start, 8)
    nbytes = int.from_bytes(item[4:], "little")
    if item[:4] != _ITEM or nbytes in (0, 0xFFFFFFFF):
        return None
    end = start + 8 + nbytes
    if index + 1 < n_frames:
        if first + int.from_bytes(offsets[4:], "little") != end or fetch(end, 4) != _ITEM:
            return None
    elif fetch(end, 8) != SEQUENCE_END:
        return None
    frame = fetch(start + 8, nbytes)
    return frame if len(frame) == nbytes else None


def _spans(stream: FileIO, head: bytes, offset: int, n_frames: int) -> list[tuple[int, int]] | None:
    """Return where the frames of encapsulated pixel data are, if each is one fragment (PS3.5 §A.4).

    ``None`` if the items are not plainly so many frames, which a basic offset table, if there is one, confirms.
    """

    def fetch(start: int, length: int) -> bytes:
        if start + length <= len(head):
            return head[start : start + length]
        stream.seek(start)
        return stream.read(length)

    item = fetch(offset, 8)
    length = int.from_bytes(item[4:], "little")
    if item[:4] != _ITEM or length not in (0, 4 * n_frames):
        return None
    table = memoryview(fetch(offset + 8, length))
    at = first = offset + 8 + length
    spans = []
    for i in range(n_frames):
        if length and int.from_bytes(table[4 * i : 4 * i + 4], "little") != at - first:
            return None
        item = fetch(at, 8)
        nbytes = int.from_bytes(item[4:], "little")
        if item[:4] != _ITEM or nbytes in (0, 0xFFFFFFFF):
            return None
        spans.append((at + 8, at + 8 + nbytes))
        at += 8 + nbytes
    return spans if fetch(at, 8) == SEQUENCE_END else None
