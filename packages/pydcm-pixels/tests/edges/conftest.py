"""JPEG streams written bit by bit, so that what they hold is known without any codec (ITU-T T.81)."""

from __future__ import annotations

import struct
import warnings

import numpy as np
import pytest

import pydcm

PREFIX = "1.2.840.10008.1.2."
SYNTAXES = {
    "baseline": PREFIX + "4.50",
    "extended": PREFIX + "4.51",
    "lossless": PREFIX + "4.57",
    "first order": PREFIX + "4.70",
    "jpegls": PREFIX + "4.80",
    "near": PREFIX + "4.81",
    "j2k": PREFIX + "4.90",
    "j2k lossy": PREFIX + "4.91",
    "htj2k": PREFIX + "4.201",
    "jpegxl": PREFIX + "4.110",
    "rle": PREFIX + "5",
    "deflated": PREFIX + "8.1",
    "plain": PREFIX + "1.98",
}


class Bits:
    """Entropy-coded data: bits in, bytes out, with a zero after each FF (T.81 §F.1.2.3)."""

    def __init__(self):
        self.done = bytearray()
        self.pending = ""

    def put(self, value, n):
        if n:
            self.pending += format(value & ((1 << n) - 1), f"0{n}b")
        while len(self.pending) >= 8:
            byte = int(self.pending[:8], 2)
            self.pending = self.pending[8:]
            self.done += b"\xff\x00" if byte == 0xFF else bytes([byte])

    def flush(self):
        """Fill the last byte with ones."""
        self.put(0xFF, -len(self.pending) % 8)


def size_of(difference):
    """Return the category of a difference (T.81 Table F.1)."""
    return int(abs(difference)).bit_length()


def put_difference(bits, difference):
    """Write a difference with the flat Huffman code: five bits for the category, then the difference."""
    n = size_of(difference)
    bits.put(n, 5)
    if n < 16:
        bits.put(difference if difference > 0 else difference - 1, n)


def segment(marker, payload):
    return bytes([0xFF, marker]) + struct.pack(">H", len(payload) + 2) + payload


def flat_table(kind, values, bits):
    """Return DHT for a code in which each value has the same number of bits."""
    counts = [len(values) if n == bits else 0 for n in range(1, 17)]
    return segment(0xC4, bytes([kind, *counts, *values]))


def frame_segment(marker, precision, shape, ids, sampling):
    components = b"".join(bytes([one, h << 4 | v, 0]) for one, (h, v) in zip(ids, sampling, strict=True))
    return segment(marker, struct.pack(">BHHB", precision, *shape, len(ids)) + components)


def predict(arr, row, column, start, predictor, initial):
    """Return the prediction for a sample (T.81 Table H.1); `start` is the first row after a restart."""
    if row == start:
        return int(arr[row, column - 1]) if column else initial
    if column == 0:
        return int(arr[row - 1, 0])
    a, b, c = int(arr[row, column - 1]), int(arr[row - 1, column]), int(arr[row - 1, column - 1])
    return (0, a, b, c, a + b - c, a + (b - c >> 1), b + (a - c >> 1), (a + b) >> 1)[predictor]


def lossless_jpeg(arr, precision, predictor=1, *, restart_rows=0, shift=0, ids=None, end=b"\xff\xd9"):
    """Return a stream of the lossless process with Huffman coding, components interleaved (T.81 Annex H).

    `restart_rows` is the restart interval in rows, `shift` the point transform.
    """
    planes = np.asarray(arr).astype("i8") >> shift
    planes = planes[..., None] if planes.ndim == 2 else planes
    rows, columns, components = planes.shape
    ids = ids or list(range(1, components + 1))
    out = b"\xff\xd8" + flat_table(0, range(17), 5)
    out += frame_segment(0xC3, precision, (rows, columns), ids, [(1, 1)] * components)
    if restart_rows:
        out += segment(0xDD, struct.pack(">H", restart_rows * columns))
    scan = b"".join(bytes([one, 0]) for one in ids)
    out += segment(0xDA, bytes([components]) + scan + bytes([predictor, 0, shift]))
    bits, start = Bits(), 0
    for row in range(rows):
        if restart_rows and row and row % restart_rows == 0:
            bits.flush()
            bits.done += bytes([0xFF, 0xD0 + (row // restart_rows - 1) % 8])
            start = row
        for column in range(columns):
            for component in range(components):
                plane = planes[..., component]
                guess = predict(plane, row, column, start, predictor, 1 << (precision - shift - 1))
                difference = (int(plane[row, column]) - guess) & 0xFFFF
                put_difference(bits, difference - 0x10000 if difference > 0x8000 else difference)
    bits.flush()
    return out + bytes(bits.done) + end


def flat_jpeg(
    blocks, shape, *, sampling=((1, 1),), ids=None, markers=b"", restart=0, precision=8, end=b"\xff\xd9"
):
    """Return a sequential DCT stream of blocks of 8x8 equal samples, which decode to exactly these (T.81 Annex F).

    `blocks` are the planes, one number per block, `restart` the interval in MCUs.
    """
    ids = ids or list(range(1, len(blocks) + 1))
    marker = 0xC0 if precision == 8 else 0xC1
    out = b"\xff\xd8" + markers + segment(0xDB, b"\x00" + b"\x01" * 64)
    out += frame_segment(marker, precision, shape, ids, sampling)
    out += flat_table(0x00, range(16), 5) + flat_table(0x10, [0], 1)
    if restart:
        out += segment(0xDD, struct.pack(">H", restart))
    scan = b"".join(bytes([one, 0]) for one in ids)
    out += segment(0xDA, bytes([len(ids)]) + scan + b"\x00\x3f\x00")
    bits, last, done = Bits(), [0] * len(blocks), 0
    tall, wide = (max(axis) for axis in zip(*[(v, h) for h, v in sampling], strict=True))
    for row in range(-(-shape[0] // (8 * tall))):
        for column in range(-(-shape[1] // (8 * wide))):
            if restart and done and done % restart == 0:
                bits.flush()
                bits.done += bytes([0xFF, 0xD0 + (done // restart - 1) % 8])
                last = [0] * len(blocks)
            done += 1
            for at, (h, v) in enumerate(sampling):
                for inner in range(h * v):
                    value = int(blocks[at][row * v + inner // h, column * h + inner % h])
                    level = 8 * (value - (1 << precision - 1))
                    put_difference(bits, level - last[at])
                    last[at] = level
                    bits.put(0, 1)  # end of block
    bits.flush()
    return out + bytes(bits.done) + end


JFIF = segment(0xE0, b"JFIF\x00\x01\x02\x00\x00\x01\x00\x01\x00\x00")


def adobe(transform):
    return segment(0xEE, b"Adobe\x00\x64\x00\x00\x00\x00" + bytes([transform]))


def wrapped(ds, frames, syntax, *, table=True, fragments=1):
    """Put encoded frames into `ds`, whose description stays as it is."""
    from pydcm.encaps import encapsulate

    ds.file_meta.TransferSyntaxUID = pydcm.uid.UID(SYNTAXES.get(syntax, syntax))
    padded = [frame + b"\x00" * (len(frame) % 2) for frame in frames]
    ds.PixelData = encapsulate(padded, fragments_per_frame=fragments, has_bot=table)
    ds["PixelData"].VR = "OB"
    return ds


def pixels(ds, **options):
    """Return ``(array, messages of the warnings)``, whatever way the data set is asked."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        arr = pydcm.pixel_array(ds, **options)
    return arr, [str(one.message) for one in caught]


class Streams:
    """What the tests of this folder use."""

    flat_jpeg = staticmethod(flat_jpeg)
    lossless_jpeg = staticmethod(lossless_jpeg)
    segment = staticmethod(segment)
    adobe = staticmethod(adobe)
    wrapped = staticmethod(wrapped)
    pixels = staticmethod(pixels)
    jfif = JFIF
    syntaxes = SYNTAXES


@pytest.fixture(scope="session")
def streams():
    return Streams
