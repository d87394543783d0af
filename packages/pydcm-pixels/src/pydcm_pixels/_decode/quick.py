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
    Lane,
    as_rgb,
    expected_length,
    is_standard_processing,
    layout,
    make_lane,
)
from pydcm_pixels._decode.framing import FileParts, all_of_several
from pydcm_pixels._decode.many import all_frames
from pydcm_pixels._decode.parallel import useful_workers
from pydcm_pixels._decode.registry import DECODERS
from pydcm_pixels._decode.runner import DecodeRunner

if TYPE_CHECKING:
    import numpy as np

    from pydcm_pixels._decode.framing import Spans

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
        extended = opts.pop("extended_offsets", None)
        if not fits_samples(opts["photometric_interpretation"], opts["samples_per_pixel"]):
            return None
        n_frames: int = opts["number_of_frames"]
        if index is not None and index >= n_frames:
            return None
        if lane.decoder.is_native:
            if extended is not None:
                return None
            if index is None and length >= 0:
                arr = _uncompressed(stream, size, offset, length, opts, raw)
                return None if arr is None else (arr, n_frames)
            return _frame_by_run(stream, size, found, index, raw, plugin)
        if length != -1:
            return None
        parts = FileParts(stream, head, size)
        plain = bool(lane.codec) and not plugin and is_standard_processing() and lane.is_first()
        if plain and (n_frames == 1 or index is not None):
            if n_frames == 1:
                arr = lane.one_frame(parts, offset, opts, raw, extended)
            else:
                arr = lane.one_of_several(parts, offset, opts, raw, index or 0, extended)
            if arr is not None:
                return arr, 1
        if n_frames > _MAX_FRAMES or (index is not None and n_frames > 1):
            return None
        spans = all_of_several(parts, offset, n_frames, extended)
        if spans is None or 0 <= spans[-1][1] - offset - expected_length(opts) <= 1:
            return None
        workers = useful_workers(workers, n_frames if index is None else 1)
        if plain and n_frames > 1:
            whole = all_frames(lane, parts, spans, opts, raw, workers, out)
            if whole is not None:
                return whole, n_frames
        return _frames_by_run(stream, spans, found, index, raw, workers, plugin, out)


def _uncompressed(
    stream: FileIO, size: int, offset: int, length: int, opts: dict[str, Any], raw: bool
) -> np.ndarray | None:
    """Return all frames of a file that is not compressed, read into an array of their own."""
    expected = expected_length(opts)
    planes_or_pairs = opts["samples_per_pixel"] == 3 and (
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


def _runner(stream: FileIO, found: tuple[dict[str, Any], int, int, Lane], plugin: str) -> DecodeRunner:
    """Return a run for the pixel data that the file is now at."""
    opts, offset, _, lane = found
    runner = DecodeRunner(lane.decoder.UID)
    runner._opts.update(opts)
    stream.seek(offset)
    runner._src, runner._src_type = stream, "BinaryIO"
    runner.set_decoders(lane.decoder._validate_plugins(plugin))
    return runner


def _frame_by_run(
    stream: FileIO,
    size: int,
    found: tuple[dict[str, Any], int, int, Lane],
    index: int | None,
    raw: bool,
    plugin: str,
) -> tuple[np.ndarray, int] | None:
    """Return one frame, or all, of a file that is not compressed."""
    _, offset, length, lane = found
    runner = _runner(stream, found, plugin)
    expected = ceil(runner.frame_length() * runner.number_of_frames)
    if length not in (expected, expected + expected % 2) or offset + length > size:
        return None
    arr, properties = lane.decoder._array(runner, index, raw, 1, None)
    return arr, properties["number_of_frames"]


def _frames_by_run(
    stream: FileIO,
    spans: Spans,
    found: tuple[dict[str, Any], int, int, Lane],
    index: int | None,
    raw: bool,
    workers: int,
    plugin: str,
    out: np.ndarray | None,
) -> tuple[np.ndarray, int]:
    """Return one frame, or all, of a compressed file whose frames are at `spans`."""
    runner = _runner(stream, found, plugin)
    runner._spans = spans
    arr, properties = found[3].decoder._array(runner, index, raw, workers, out)
    return arr, properties["number_of_frames"]
