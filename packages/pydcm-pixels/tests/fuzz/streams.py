"""What the targets of codecs have in common: a description in front of a stream."""

from __future__ import annotations

import random
import struct
from importlib import import_module
from typing import Any

import numpy as np

from pydcm_testing.fuzzing import REFUSALS, overwrite

PREFIX = "1.2.840.10008.1.2."
HEADER = struct.Struct("<BBBBHH")
#: What a codec may raise: what the libraries raise (their own errors are RuntimeErrors) as well.
ERRORS = (*REFUSALS, RuntimeError)
#: Pixels that a frame may have here, lest time goes into large ones.
PIXELS = 1 << 18


def described(data: bytes, syntaxes: tuple[str, ...]) -> tuple[dict[str, Any], bytes]:
    """Return the description in the first bytes of `data`, and the stream behind it."""
    syntax, kind, stored, quirks, rows, columns = HEADER.unpack_from(data)
    allocated = (8, 16, 32, 1)[kind & 3]
    samples = 3 if kind & 4 else 1
    description = {
        "transfer_syntax_uid": PREFIX + syntaxes[syntax % len(syntaxes)],
        "rows": rows,
        "columns": columns,
        "samples_per_pixel": samples,
        "bits_allocated": allocated,
        "bits_stored": min(max(stored, 1), allocated),
        "pixel_representation": quirks & 1,
        "photometric_interpretation": "RGB" if samples == 3 else "MONOCHROME2",
        "planar_configuration": quirks >> 1 & 1,
    }
    if quirks & 4 and samples == 3:
        description["photometric_interpretation"] = "YBR_FULL_422"
    return description, data[HEADER.size :]


def decode_checked(codec: str, data: bytes, syntaxes: tuple[str, ...]) -> bool:
    """Decode a stream as `data` describes it, with and without an array to decode into.

    What comes out has as many samples as the description says, each no wider than allocated. Tells whether anything did.
    """
    if len(data) < HEADER.size:
        return False
    decoded = False
    description, stream = described(data, syntaxes)
    count = description["rows"] * description["columns"] * description["samples_per_pixel"]
    decode = import_module("pydcm_pixels._codecs." + codec).decode
    width = max(1, description["bits_allocated"] // 8)
    outs = [None, np.zeros(count, f"u{width}")] if count <= PIXELS else [None]
    for out in outs:
        try:
            arr = decode(stream, out=out, **description)
        except ERRORS as exc:
            assert not isinstance(exc, RecursionError)
            continue
        assert arr.size == count, (arr.shape, description)
        assert arr.dtype.itemsize <= width, (arr.dtype, description)
        assert arr.dtype.kind in "iu", (arr.dtype, description)
        decoded = True
    return decoded


def seeds(codec: str, syntaxes: tuple[str, ...], kinds: tuple[tuple[str, int], ...]) -> list[bytes]:
    """Return streams by our own encoders: grey and colour, of each type and number of bits in `kinds`."""
    encode = import_module("pydcm_pixels._codecs." + codec).encode
    out = []
    for number, _ in enumerate(syntaxes):
        for dtype, bits in kinds:
            for samples in (1, 3):
                arr = np.add.outer(np.arange(24), np.arange(31)) * ((1 << bits) - 1) // 60 % (1 << bits)
                arr = np.stack([arr] * samples, axis=-1).astype(dtype)
                size = np.dtype(dtype).itemsize
                kind = {1: 0, 2: 1, 4: 2}[size] | (4 if samples == 3 else 0)
                head = HEADER.pack(number, kind, bits, 0, 24, 31)
                description, _ = described(head, syntaxes)
                out.append(head + bytes(encode(arr.tobytes(), **description)))
    return out


def changed(data: bytes, chance: random.Random) -> bytes:
    """Change the description, or a length or number of the stream that follows a marker."""
    if len(data) < HEADER.size + 8:
        return data
    what = chance.random()
    if what < 0.2:
        fields = list(HEADER.unpack_from(data))
        at = chance.randrange(len(fields))
        fields[at] = chance.choice((0, 1, 2, 4, 8, 24, 31, 255, 65535)) & (65535 if at > 3 else 255)
        return HEADER.pack(*fields) + data[HEADER.size :]
    out = bytearray(data)
    if what < 0.6:
        markers = [at for at in range(HEADER.size, len(out) - 4) if out[at] == 0xFF and out[at + 1] >= 0x4F]
        if markers:
            at = chance.choice(markers) + chance.choice((1, 2, 3, 4, 5, 6, 7, 8, 9, 12, 16))
            if at < len(out):
                out[at] = chance.choice((0, 1, 2, 0x10, 0x7F, 0x80, 0xFF, chance.randrange(256)))
            return bytes(out)
    if what < 0.7:
        return bytes(out[: HEADER.size + chance.randrange(len(out) - HEADER.size)])
    if what < 0.8:
        a, b = sorted(chance.randrange(HEADER.size, len(out)) for _ in range(2))
        return bytes(out[: HEADER.size] + out[b:] + out[a:b])
    return data[: HEADER.size] + overwrite(data[HEADER.size :], chance)
