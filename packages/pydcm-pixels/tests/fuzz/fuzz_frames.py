"""Fuzz target: frames of encapsulated and uncompressed pixel data, with any description and any offset tables."""

from __future__ import annotations

import random
import struct
from io import BytesIO

import numpy as np

from pydcm.pixels import get_decoder
from pydcm_testing.fuzzing import REFUSALS, overwrite

PREFIX = "1.2.840.10008.1.2"
SYNTAXES = (".1", ".2", ".5", ".8.1", ".1.98")
HEADER = struct.Struct("<BBBBHHHBBH")
ITEM = b"\xfe\xff\x00\xe0"


def describe(data: bytes) -> tuple[str, bool, int, dict]:
    """Return transfer syntax, whether from a file-like, the frame asked for and the description of the pixel data."""
    syntax, way, allocated, stored, rows, columns, frames, samples, sign, extended = HEADER.unpack_from(data)
    uid = PREFIX + SYNTAXES[syntax % len(SYNTAXES)]
    options = {
        "rows": rows,
        "columns": columns,
        "number_of_frames": frames,
        "samples_per_pixel": samples,
        "photometric_interpretation": "YBR_FULL_422"
        if sign & 4
        else "RGB"
        if samples == 3
        else "MONOCHROME2",
        "planar_configuration": sign >> 1 & 1,
        "pixel_representation": sign & 1,
        "bits_allocated": allocated,
        "bits_stored": stored,
        "pixel_keyword": "FloatPixelData" if sign & 8 else "PixelData",
    }
    if extended:
        options["extended_offsets"] = (data[-extended:], data[: extended // 2])
    return uid, bool(way & 1), way >> 1, options


def check(data: bytes) -> bool:
    """Take the first bytes of `data` as description, the rest as pixel data; tell whether there was a frame."""
    if len(data) < HEADER.size:
        return False
    found = False
    uid, file_like, index, options = describe(data)
    value = data[HEADER.size :]
    decoder = get_decoder(uid)

    def source():
        return BytesIO(value) if file_like else value

    calls = (
        lambda: decoder.as_array(source(), **options)[0],
        lambda: decoder.as_array(source(), index=index, **options)[0],
        lambda: [arr for arr, _ in decoder.iter_array(source(), **options)],
        lambda: decoder.as_buffer(source(), **options)[0],
        lambda: decoder.as_buffer(source(), index=index, **options)[0],
    )
    for call in calls:
        try:
            made = call()
        except (*REFUSALS, RuntimeError, AttributeError) as exc:
            assert not isinstance(exc, RecursionError)
            assert (
                not isinstance(exc, AttributeError)
                or "Missing required" in str(exc)
                or "has been set" in str(exc)
            )
            continue
        total = sum(arr.nbytes for arr in made) if isinstance(made, list) else memoryview(made).nbytes
        assert total <= 2000 * len(value) + 4096, "more than there is"
        found = True
    return found


def samples() -> list[bytes]:
    """Return inputs that decode."""
    arr = np.arange(24, dtype="u2").reshape(2, 3, 4)
    out = [HEADER.pack(0, way, 16, 16, 3, 4, 2, 1, 0, 0) + arr.tobytes() for way in (0, 1, 2)]
    out.append(HEADER.pack(0, 0, 1, 1, 3, 5, 4, 1, 0, 0) + bytes(8))
    out.append(HEADER.pack(0, 0, 8, 8, 2, 4, 1, 3, 4, 0) + bytes(16))
    frames = [frame.tobytes() for frame in arr]
    for syntax, encoded in ((4, frames), (2, [rle(frame) for frame in frames])):
        items = b"".join(ITEM + struct.pack("<I", len(one)) + one for one in encoded)
        table = struct.pack("<2I", 0, 8 + len(encoded[0]))
        for way, offsets in ((0, b""), (1, table), (3, table)):
            value = ITEM + struct.pack("<I", len(offsets)) + offsets + items
            out.append(HEADER.pack(syntax, way, 16, 16, 3, 4, 2, 1, 0, 0) + value)
    return out


def rle(frame: bytes) -> bytes:
    """Return a frame of 16-bit samples in RLE, as literal runs (PS3.5 §G.3)."""
    segments = [bytes([len(plane) - 1]) + plane for plane in (frame[1::2], frame[::2])]
    segments = [one + bytes(len(one) % 2) for one in segments]
    return struct.pack("<16I", 2, 64, 64 + len(segments[0]), *[0] * 13) + b"".join(segments)


def mutate(data: bytes, chance: random.Random) -> bytes:
    """Change the description, an item's length, or the order of items."""
    data = data if len(data) >= HEADER.size else samples()[0]
    what = chance.randrange(4)
    if what == 0:
        fields = list(HEADER.unpack_from(data))
        at = chance.randrange(len(fields))
        top = 255 if at in (0, 1, 2, 3, 7, 8) else 65535
        fields[at] = chance.choice((0, 1, 2, 3, 8, 12, 16, 32, 64, 255, 65535, chance.randrange(65536))) & top
        return HEADER.pack(*fields) + data[HEADER.size :]
    parts = data[HEADER.size :].split(ITEM)
    if what == 1 and len(parts) > 1:
        at = chance.randrange(1, len(parts))
        length = chance.choice((0, 1, 4, 8, len(parts[at]), 0xFFFFFFFF, 0x7FFFFFFF, 0x10000))
        parts[at] = struct.pack("<I", length) + parts[at][4:]
        return data[: HEADER.size] + ITEM.join(parts)
    if what == 2 and len(parts) > 1:
        chance.shuffle(parts)
        return data[: HEADER.size] + ITEM.join(parts)
    return data[: HEADER.size] + overwrite(data[HEADER.size :], chance)
