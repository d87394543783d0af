"""Palettes: depths that contradict their descriptor, first values, padding, segments, byte order."""

from __future__ import annotations

import struct

import numpy as np
import pytest

from pydcm import Dataset, dcmread
from pydcm.cli.main import main
from pydcm.pixels import apply_color_lut
from pydcm_pixels.display import render

COLOURS = ("Red", "Green", "Blue")


def palette(descriptor, tables, *, segmented=False, width=2):
    ds = Dataset()
    ds.set_original_encoding(True, True)
    for colour, table in zip(COLOURS, tables, strict=True):
        setattr(ds, f"{colour}PaletteColorLookupTableDescriptor", list(descriptor))
        data = b"".join(struct.pack("<H" if width == 2 else "B", value) for value in table)
        name = "Segmented" if segmented else ""
        setattr(ds, f"{name}{colour}PaletteColorLookupTableData", data + bytes(len(data) % 2))
    return ds


@pytest.mark.parametrize("dtype", ["u1", "i1", "u2", "i2", "u4", "i8", ">u2"])
def test_values_outside_take_the_first_or_last_entry(dtype):
    tables = [[10, 20, 30], [1, 2, 3], [7, 8, 9]]
    ds = palette((3, 5, 16), tables)
    arr = np.array([0, 4, 5, 6, 7, 8, 120], dtype)
    assert apply_color_lut(arr, ds)[:, 0].tolist() == [10, 10, 10, 20, 30, 30, 30]


def test_a_negative_first_value():
    ds = palette((3, -1, 16), [[10, 20, 30]] * 3)
    arr = np.array([-500, -1, 0, 1, 2], "i2")
    assert apply_color_lut(arr, ds)[:, 2].tolist() == [10, 10, 20, 30, 30]


def test_all_65536_entries():
    table = np.arange(65536)[::-1].tolist()
    ds = palette((0, 0, 16), [table] * 3)
    assert apply_color_lut(np.array([0, 1, 65535], "u2"), ds)[:, 1].tolist() == [65535, 65534, 0]


@pytest.mark.parametrize(("said", "width"), [(8, 2), (16, 1), (8, 1), (16, 2)])
def test_the_length_tells_the_depth(said, width):
    tables = [[0, 100, 200, 255]] * 3
    coloured = apply_color_lut(np.array([1, 3], "u1"), palette((4, 0, said), tables, width=width))
    assert coloured.dtype.itemsize == width
    assert coloured[:, 0].tolist() == [100, 255]


def test_an_odd_number_of_bytes():
    ds = palette((3, 0, 8), [[5, 6, 7]] * 3, width=1)
    assert len(ds.RedPaletteColorLookupTableData) == 4
    assert apply_color_lut(np.array([0, 2, 3], "u1"), ds)[:, 0].tolist() == [5, 7, 7]


@pytest.mark.parametrize("broken", ["one shorter", "one missing", "all too short", "depth of 12"])
def test_broken_palettes_are_errors(broken):
    ds = palette((4, 0, 16), [[1, 2, 3, 4]] * 3)
    if broken == "one shorter":
        ds.GreenPaletteColorLookupTableData = ds.GreenPaletteColorLookupTableData[:4]
    elif broken == "one missing":
        del ds.BluePaletteColorLookupTableData
    elif broken == "all too short":
        ds.RedPaletteColorLookupTableDescriptor = [100, 0, 16]
    else:
        ds.RedPaletteColorLookupTableDescriptor = [4, 0, 12]
    with pytest.raises((ValueError, TypeError)):
        apply_color_lut(np.array([0], "u1"), ds)


def expand(words):
    """Return the entries of segments without indirect ones (PS3.3 §C.7.9.2), by the letter of the standard."""
    out, at = [], 0
    while at < len(words):
        kind, length = words[at : at + 2]
        at += 2
        if kind == 0:
            out += words[at : at + length]
            at += length
        else:
            before, last = out[-1], words[at]
            out += [round(before + (last - before) * (step + 1) / length) for step in range(length)]
            at += 1
    return out


@pytest.mark.parametrize("width", [1, 2])
@pytest.mark.parametrize(
    "words",
    [[0, 3, 1, 2, 3], [0, 1, 10, 1, 5, 60], [0, 2, 5, 0, 1, 4, 100, 0, 1, 7, 1, 3, 7], [0, 1, 200, 1, 7, 4]],
)
def test_segments(words, width):
    expected = expand(words)
    ds = palette((len(expected), 0, 8 * width), [words] * 3, segmented=True, width=width)
    coloured = apply_color_lut(np.arange(len(expected), dtype="u1"), ds)
    assert coloured[:, 0].tolist() == expected


def test_indirect_segments():
    # The first two segments (eight words) once more
    words = [0, 2, 1, 2, 1, 4, 10, 0, 1, 99, 2, 2, 0, 0]
    entries = [1, 2, 4, 6, 8, 10, 99]
    again = [1, 2, 4, 6, 8, 10]
    ds = palette((13, 0, 16), [words] * 3, segmented=True)
    assert apply_color_lut(np.arange(13, dtype="u1"), ds)[:, 1].tolist() == entries + again


@pytest.mark.parametrize(
    "words",
    [
        [1, 5, 9],
        [2, 1, 0, 0],
        [0, 1, 3, 3, 1, 1],
        [0, 1, 3, 2, 1, 6, 0],
        [0, 1, 7, 2, 1, 60000, 9],
        [0, 9],
        [0],
        [0, 1, 3, 1, 5],
        [0, 1, 3, 2, 1],
    ],
)
def test_impossible_segments(words):
    ds = palette((4, 0, 16), [words] * 3, segmented=True)
    with pytest.raises(ValueError, match="."):
        apply_color_lut(np.array([0, 3], "u1"), ds)


def test_fewer_entries_than_the_descriptor_says():
    ds = palette((9, 0, 16), [[0, 2, 5, 6]] * 3, segmented=True)
    assert apply_color_lut(np.array([0, 1, 8], "u1"), ds)[:, 0].tolist() == [5, 6, 6]


def test_big_endian_words(make_dataset):
    ds = make_dataset(np.array([[0, 1, 2]], "u1"), photometric="PALETTE COLOR")
    ds.update(palette((3, 0, 16), [[0x1122, 0x3344, 0x5566]] * 3))
    assert render(ds)[0, :, 0].tolist() == [0x11, 0x33, 0x55]


@pytest.mark.parametrize("width", [1, 2])
@pytest.mark.parametrize("entries", [4, 5])
def test_big_endian_files(width, entries, make_dataset, tmp_path):
    tables = [[10, 20, 30, 40, 50][:entries], [1, 2, 3, 4, 5][:entries], [6, 7, 8, 9, 255][:entries]]
    little = make_dataset(np.arange(entries, dtype="u1")[None], photometric="PALETTE COLOR")
    little.update(palette((entries, 0, 8 * width), tables, width=width))
    little.save_as(tmp_path / "little.dcm", enforce_file_format=True)
    main(["convert", str(tmp_path / "little.dcm"), str(tmp_path / "big.dcm"), "--to", "big"])
    big = dcmread(tmp_path / "big.dcm")
    for colour in COLOURS:
        keyword = f"{colour}PaletteColorLookupTableData"
        assert big[keyword].value != little[keyword].value
    expected = np.array(tables, f"u{width}").T[None]
    assert np.array_equal(apply_color_lut(little.pixel_array, little), expected)
    assert np.array_equal(apply_color_lut(big.pixel_array, big), expected)


def test_segments_need_a_byte_order():
    ds = palette((4, 0, 16), [[0, 4, 1, 2, 3, 4]] * 3, segmented=True)
    assert apply_color_lut(np.array([3], "u1"), ds).tolist() == [[4, 4, 4]]
    unknown = Dataset()
    unknown.update(ds)
    with pytest.raises(AttributeError, match="determine the endianness"):
        apply_color_lut(np.array([3], "u1"), unknown)


def test_palettes_of_compressed_images(streams, make_dataset):
    arr = np.array([[0, 1], [2, 3]], "u1")
    ds = make_dataset(arr, photometric="PALETTE COLOR")
    ds.update(palette((4, 0, 8), [[9, 8, 7, 6]] * 3, width=1))
    streams.wrapped(ds, [streams.lossless_jpeg(arr, 8)], "lossless")
    assert np.array_equal(streams.pixels(ds)[0], arr)
    assert render(ds)[..., 0].tolist() == [[9, 8], [7, 6]]


@pytest.mark.filterwarnings("error")
def test_palettes_of_the_standard():
    arr = np.array([0, 255], "u1")
    assert np.array_equal(
        apply_color_lut(arr, palette="PET"), apply_color_lut(arr, palette="1.2.840.10008.1.5.2")
    )
    for name in ("pet", "1.2.3", "PT"):
        with pytest.raises(ValueError, match=f"Unknown palette '{name}', it is none of HOT_IRON, PET"):
            apply_color_lut(arr, palette=name)
