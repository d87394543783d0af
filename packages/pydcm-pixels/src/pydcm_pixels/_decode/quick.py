"""The short way from a path to an array, for files of a plain make; the complete way takes all others.

Nothing is decided here: the same run decodes, corrects and converts. What is saved is making a data set.
"""

from __future__ import annotations

import os
from io import FileIO
from math import ceil
from stat import S_ISREG
from typing import TYPE_CHECKING, Any

from pydcm import config
from pydcm.hooks import hooks, raw_element_value, raw_element_vr
from pydcm_pixels._codecs.video import VIDEO_SYNTAXES
from pydcm_pixels._coding.photometric import known_photometric
from pydcm_pixels._core._image_header import image_description, transfer_syntax
from pydcm_pixels._decode.registry import DECODERS
from pydcm_pixels._decode.runner import DecodeRunner

if TYPE_CHECKING:
    import numpy as np

    from pydcm_pixels._decode.decoder import Decoder

# Most headers fit the first read; those of enhanced objects may be longer than the second.
_HEAD, _MORE = 1 << 13, 1 << 18
_MAX_FRAMES = 4096
_IMPLICIT = "1.2.840.10008.1.2"
# Not big endian, not deflated as a whole, not video.
_DECODERS: dict[str, Decoder] = {
    str(uid): decoder
    for uid, (decoder, _) in DECODERS.items()
    if uid not in VIDEO_SYNTAXES and not uid.endswith((".1.99", ".1.2.2"))
}
_ITEM, _SEQUENCE_END = b"\xfe\xff\x00\xe0", b"\xfe\xff\xdd\xe0\0\0\0\0"


def _elements_are_plain() -> bool:
    """Return whether nobody changes elements while they are read."""
    return (
        config.data_element_callback is None
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
) -> tuple[np.ndarray, dict[str, Any], DecodeRunner] | None:
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
    tuple[numpy.ndarray, dict[str, Any], DecodeRunner] or None
        The array, the Image Pixel values that describe it and the run that is over; ``None`` if the complete way has to
        be taken. No warning has been given then.
    """
    if not _elements_are_plain():
        return None
    try:
        stream = open(path, "rb", buffering=0)
    except OSError:  # the complete way says so
        return None
    with stream:
        status = os.fstat(stream.fileno())
        if not S_ISREG(status.st_mode):
            return None
        found = _prepare(stream, status.st_size, index)
        if found is None:
            return None
        decoder, runner = found
        runner.set_decoders(decoder._validate_plugins(plugin))
        if config.debugging:
            config.logger.debug(runner)
        if workers is None or workers > 1:
            from pydcm_pixels._decode.parallel import useful_workers

            workers = useful_workers(workers, runner.number_of_frames if index is None else 1)
        arr, properties = decoder._array(runner, index, raw, workers, out)
    return arr, properties, runner


def _prepare(stream: FileIO, size: int, index: int | None) -> tuple[Decoder, DecodeRunner] | None:
    """Return a run on the file's pixel data, ``None`` if the file is not a plain one."""
    head = stream.read(_HEAD)
    found = transfer_syntax(head)
    if found is None or (decoder := _DECODERS.get(found[0])) is None:
        return None
    explicit = found[0] != _IMPLICIT
    described = image_description(head, found[1], explicit)
    if described is None and size > _HEAD == len(head):
        head += stream.read(_MORE)
        described = image_description(head, found[1], explicit)
    if described is None:
        return None
    description, offset, length = described
    if description.pop("high_bit", -1) != description.get("bits_stored", 0) - 1:
        return None
    description["photometric_interpretation"] = known_photometric(
        description.get("photometric_interpretation")
    )
    runner = DecodeRunner(decoder.UID)
    runner._opts.update(description)
    runner._validate_options()
    stated = description["number_of_frames"]
    if index is not None and index >= stated:
        return None
    expected = ceil(runner.frame_length() * stated)
    stream.seek(offset)
    runner._src, runner._src_type = stream, "BinaryIO"
    if decoder.is_native:
        if length not in (expected, expected + expected % 2) or offset + length > size:
            return None
        if index is None:
            runner._src, runner._src_type = _read_exactly(stream, expected), "Buffer"
    else:
        if length != -1 or stated > _MAX_FRAMES or (index is not None and stated > 1):
            return None
        spans = _spans(stream, head, offset, stated)
        if spans is None or spans[-1][1] - offset in (expected, expected + expected % 2):
            return None
        runner._spans = spans
    return decoder, runner


def _read_exactly(stream: FileIO, length: int) -> np.ndarray:
    """Return the next `length` bytes in an array of their own."""
    import numpy as np

    buffer = np.empty(length, dtype="u1")
    got = stream.readinto(buffer)
    while got < length:  # a read may be a part of what was asked for, above 2 GB for example
        more = stream.readinto(memoryview(buffer)[got:])
        if not more:
            raise ValueError(f"The pixel data ends after {got} of {length} bytes")
        got += more
    return buffer


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
    return spans if fetch(at, 8) == _SEQUENCE_END else None
