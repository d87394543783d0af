"""Which fragments make up a frame: offset tables that are missing, wrong or extended; fragments; truncation."""

from __future__ import annotations

import struct
from io import BytesIO

import numpy as np
import pytest

import pydcm

FRAMES = np.random.default_rng(11).integers(0, 4096, (4, 6, 7)).astype("u2")
ITEM, DELIMITER = b"\xfe\xff\x00\xe0", b"\xfe\xff\xdd\xe0" + bytes(4)


def items(*values):
    return b"".join(ITEM + struct.pack("<I", len(value)) + value for value in values)


def offsets_of(values):
    return [sum(8 + len(value) for value in values[:at]) for at in range(len(values))]


@pytest.fixture
def encoded(streams):
    out = [streams.lossless_jpeg(frame, 12, at + 1) for at, frame in enumerate(FRAMES)]
    return [one + bytes(len(one) % 2) for one in out]


@pytest.fixture
def image(make_dataset, streams):
    """Return a function that makes a data set of encapsulated pixel data, as it is."""

    def make(value, n_frames=4, syntax="lossless"):
        ds = make_dataset(FRAMES, bits_stored=12, frames=True)
        ds.file_meta.TransferSyntaxUID = streams.syntaxes[syntax]
        ds.NumberOfFrames = n_frames
        ds.PixelData = value
        ds["PixelData"].is_undefined_length = True
        return ds

    return make


def every_way(ds, streams):
    """Yield what each way to the frames gives: from the data set and from its file, all of them or one by one."""
    n = int(ds.NumberOfFrames)
    file = BytesIO()
    ds.save_as(file, enforce_file_format=True)
    yield streams.pixels(ds)[0]
    yield np.stack([streams.pixels(ds, index=at)[0] for at in range(n)])
    yield np.stack(list(pydcm.iter_pixels(ds)))
    yield pydcm.decode(file, workers=2)
    yield np.concatenate([pydcm.decode(file, at + 1) for at in range(n)])
    yield streams.pixels(file)[0]


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("table", [False, True])
@pytest.mark.parametrize("fragments", [1, 2, 5])
def test_fragments(fragments, table, encoded, image, streams):
    pieces, offsets, at = [], [], 0
    for frame in encoded:
        step = -(-len(frame) // fragments // 2) * 2
        cut = [frame[start : start + step] for start in range(0, len(frame), step)]
        offsets.append(at)
        at += sum(8 + len(piece) for piece in cut)
        pieces += cut
    ds = image(items(struct.pack("<4I", *offsets) if table else b"", *pieces))
    for arr in every_way(ds, streams):
        assert np.array_equal(arr, FRAMES)


@pytest.mark.parametrize("extended", [False, True])
def test_extended_offsets(extended, encoded, image, streams):
    ds = image(items(b"", *encoded))
    if extended:
        ds.ExtendedOffsetTable = struct.pack("<4Q", *offsets_of(encoded))
        ds.ExtendedOffsetTableLengths = struct.pack("<4Q", *map(len, encoded))
    for arr in every_way(ds, streams):
        assert np.array_equal(arr, FRAMES)


WRONG = {
    "all zero": lambda offsets: [0] * 4,
    "off by eight": lambda offsets: [one + 8 for one in offsets],
    "from the start of the table": lambda offsets: [one + 24 for one in offsets],
    "between items": lambda offsets: [0, *[one + 3 for one in offsets[1:]]],
    "swapped": lambda offsets: [offsets[at] for at in (0, 2, 1, 3)],
    "beyond the end": lambda offsets: [*offsets[:3], 1 << 30],
    "too few": lambda offsets: offsets[:2],
    "too many": lambda offsets: [*offsets, offsets[-1] + 1],
    "one": lambda offsets: [0],
}


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", WRONG)
@pytest.mark.parametrize("kind", ["basic", "extended"])
def test_wrong_tables(kind, name, encoded, image, streams, tmp_path):
    """The right frames all the same, by counting fragments, and a warning."""
    offsets = WRONG[name](offsets_of(encoded))
    if kind == "basic":
        ds = image(items(struct.pack(f"<{len(offsets)}I", *offsets), *encoded))
    else:
        ds = image(items(b"", *encoded))
        ds.ExtendedOffsetTable = struct.pack(f"<{len(offsets)}Q", *offsets)
        ds.ExtendedOffsetTableLengths = struct.pack("<4Q", *map(len, encoded))
    file = BytesIO()
    ds.save_as(file, enforce_file_format=True)
    (tmp_path / "a.dcm").write_bytes(file.getvalue())
    path = tmp_path / "a.dcm"
    for way in (
        lambda: streams.pixels(ds),
        lambda: streams.pixels(file),
        lambda: streams.pixels(path),
        lambda: (np.stack([streams.pixels(ds, index=at)[0] for at in range(4)]), ["-"]),
        lambda: (np.stack([streams.pixels(file, index=at)[0] for at in range(4)]), ["-"]),
        lambda: (np.stack([streams.pixels(path, index=at)[0] for at in range(4)]), ["-"]),
        lambda: (np.stack(list(pydcm.iter_pixels(file))), ["-"]),
    ):
        arr, messages = way()
        assert np.array_equal(arr, FRAMES), name
        assert messages, "a wrong table is worth a word"


def test_several_fragments_without_table_or_end(encoded, image, streams):
    """Frames cut in two whose end-of-image markers are gone cannot be told apart."""
    cut = []
    for frame in encoded:
        bare = frame.rstrip(b"\x00")[:-2]
        half = len(bare) // 4 * 2
        cut += [bare[:half], bare[half:] + bytes(len(bare) % 2)]
    with pytest.raises((RuntimeError, ValueError)):
        streams.pixels(image(items(b"", *cut)))


@pytest.mark.parametrize("gone", [3, 40, 0.5])
def test_truncated_last_frame(gone, encoded, image, streams):
    """The frames before it are there; the last one is an error or comes with a warning."""
    last = encoded[-1]
    kept = int(len(last) * gone) if gone < 1 else len(last) - gone
    short = last[: kept // 2 * 2]
    ds = image(items(b"", *encoded[:-1], short))
    for at in range(3):
        assert np.array_equal(streams.pixels(ds, index=at)[0], FRAMES[at])
    try:
        arr, messages = streams.pixels(ds)
    except (RuntimeError, ValueError) as exc:
        assert str(exc)
    else:
        assert np.array_equal(arr[:3], FRAMES[:3])
        assert messages or np.array_equal(arr[3], FRAMES[3])


def test_an_item_longer_than_the_file(encoded, image, streams):
    value = items(b"", *encoded)
    ds = image(value[:-30])
    assert np.array_equal(streams.pixels(ds, index=0)[0], FRAMES[0])
    _, messages = streams.pixels(ds)
    assert any("may be truncated" in one for one in messages)


@pytest.mark.parametrize("stated", [1, 2, 3])
def test_more_frames_than_stated(stated, encoded, image, streams):
    ds = image(items(struct.pack("<4I", *offsets_of(encoded)), *encoded), stated)
    arr, messages = streams.pixels(ds)
    assert np.array_equal(arr, FRAMES)
    assert any("4 frames have been found" in one for one in messages)
    arr, _ = streams.pixels(ds, allow_excess_frames=False)
    assert np.array_equal(arr, FRAMES[:stated] if stated > 1 else FRAMES[0])


def test_fewer_frames_than_stated(encoded, image, streams):
    ds = image(items(struct.pack("<4I", *offsets_of(encoded)), *encoded), 9)
    with pytest.raises(ValueError, match="holds 4 frames"):
        streams.pixels(ds)
    assert np.array_equal(streams.pixels(ds, index=3)[0], FRAMES[3])
    with pytest.raises(ValueError, match="9 frames|offsets"):
        streams.pixels(ds, index=8)


def test_delimiter_and_what_follows_it(encoded, image, streams):
    ds = image(items(b"", *encoded) + DELIMITER + b"\xff" * 20)
    assert np.array_equal(streams.pixels(ds)[0], FRAMES)


def test_nothing_at_all(image, streams):
    for value in (b"", items(b""), DELIMITER, items(b"", b"")):
        ds = image(value)
        with pytest.raises((RuntimeError, ValueError, EOFError)):
            streams.pixels(ds)
