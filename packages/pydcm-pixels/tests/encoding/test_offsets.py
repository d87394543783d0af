"""Offset tables, fragments and padding of what is encoded."""

from __future__ import annotations

from io import BytesIO

import numpy as np
import pytest

import pydcm
from pydcm.encaps import generate_fragments, parse_basic_offsets
from pydcm_pixels._encode import encapsulated
from pydcm_pixels.transcoding import transcode

PREFIX = "1.2.840.10008.1.2."
FRAMES = np.random.default_rng(0).integers(0, 256, (4, 7, 9), dtype="u1")


def reread(ds):
    stream = BytesIO()
    ds.save_as(stream, enforce_file_format=True)
    return pydcm.dcmread(BytesIO(stream.getvalue()))


def fragments(ds):
    """Return the fragments of the pixel data without its offset table."""
    data = ds.PixelData
    return list(generate_fragments(data[8 + int.from_bytes(data[4:8], "little") :]))


@pytest.mark.parametrize("tail", ["5", "4.50", "4.57", "4.80", "4.90", "4.201", "4.110", "8.1", "1.98"])
def test_a_basic_offset_table_and_even_fragments(tail, make_dataset):
    ds = make_dataset(FRAMES, frames=True)
    transcode(ds, PREFIX + tail)
    again = reread(ds)
    pieces = fragments(again)
    assert len(pieces) == 4
    assert all(len(piece) % 2 == 0 for piece in pieces)
    lengths = [0, *(8 + len(piece) for piece in pieces[:-1])]
    assert parse_basic_offsets(again.PixelData) == list(np.cumsum(lengths))


def test_several_fragments_per_frame(make_dataset):
    ds = make_dataset(FRAMES, frames=True)
    transcode(ds, PREFIX + "4.90", fragments_per_frame=3)
    again = reread(ds)
    assert len(fragments(again)) == 12
    assert np.array_equal(again.pixel_array, FRAMES)
    assert np.array_equal(pydcm.pixel_array(again, index=2), FRAMES[2])
    transcode(again, PREFIX + "5")
    assert len(fragments(again)) == 4
    assert np.array_equal(again.pixel_array, FRAMES)


@pytest.mark.parametrize(
    ("tail", "options", "match"),
    [
        ("5", {"fragments_per_frame": 2}, "not possible with 'RLE Lossless'"),
        ("4.90", {"fragments_per_frame": 2, "encapsulate_ext": True}, "extended offset table"),
        ("4.90", {"fragments_per_frame": 0}, "must be 1 or more"),
    ],
)
def test_impossible_fragments(tail, options, match, make_dataset):
    ds = make_dataset(FRAMES, frames=True)
    with pytest.raises(ValueError, match=match):
        transcode(ds, PREFIX + tail, **options)
    assert ds.file_meta.TransferSyntaxUID == PREFIX + "1"


def test_offsets_too_great_for_a_basic_table(make_dataset, monkeypatch):
    monkeypatch.setattr(encapsulated, "MAX_OFFSET", 200)
    for compress in (transcode, lambda ds, uid: ds.compress(uid)):
        ds = make_dataset(FRAMES, frames=True)
        compress(ds, PREFIX + "5")
        offsets = np.frombuffer(ds.ExtendedOffsetTable, "<u8")
        lengths = np.frombuffer(ds.ExtendedOffsetTableLengths, "<u8")
        assert parse_basic_offsets(ds.PixelData) == []
        assert offsets[0] == 0 and list(np.diff(offsets)) == list(lengths[:-1] + 8)
        assert np.array_equal(reread(ds).pixel_array, FRAMES)
    # Several fragments leave no choice but an empty table.
    ds = make_dataset(FRAMES, frames=True)
    transcode(ds, PREFIX + "4.90", fragments_per_frame=2)
    assert parse_basic_offsets(ds.PixelData) == []
    assert "ExtendedOffsetTable" not in ds


def test_too_much_for_an_element(make_dataset, monkeypatch):
    ds = make_dataset(FRAMES, frames=True)
    transcode(ds, PREFIX + "5")
    monkeypatch.setattr("pydcm_pixels.transcoding.MAX_OFFSET", 200)
    with pytest.raises(ValueError, match="Encapsulated Uncompressed"):
        transcode(ds, PREFIX + "1")
    assert np.array_equal(ds.pixel_array, FRAMES)
