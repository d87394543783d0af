"""Pictures against the standard's formulae, and what is drawn over them: overlays, palettes, profiles, padding."""

from __future__ import annotations

from math import exp

import numpy as np
import pytest

import pydcm
from pydcm.data import get_testdata_file
from pydcm_pixels.display import export, render


def _windowed(value, center, width, function):
    """Return a value from 0 to 255, as PS3.3 §C.11.2.1.2 and §C.11.2.1.3 write it."""
    if function == "LINEAR":
        if value <= center - 0.5 - (width - 1) / 2:
            return 0.0
        if value > center - 0.5 + (width - 1) / 2:
            return 255.0
        return ((value - (center - 0.5)) / (width - 1) + 0.5) * 255
    if function == "LINEAR_EXACT":
        if value <= center - width / 2:
            return 0.0
        if value > center + width / 2:
            return 255.0
        return ((value - center) / width + 0.5) * 255
    return 255 / (1 + exp(min(-4 * (value - center) / width, 700)))


@pytest.mark.parametrize("function", ["LINEAR", "LINEAR_EXACT", "SIGMOID"])
@pytest.mark.parametrize("shape", [None, "IDENTITY", "INVERSE"])
@pytest.mark.parametrize("photometric", ["MONOCHROME1", "MONOCHROME2"])
@pytest.mark.parametrize(("dtype", "bits"), [("i1", 7), ("u1", 8), ("i2", 12), ("u2", 16)])
@pytest.mark.filterwarnings("error")
def test_windows(function, shape, photometric, dtype, bits, make_dataset):
    rng = np.random.default_rng(bits)
    low = -(1 << bits - 1) if dtype[0] == "i" else 0
    arr = rng.integers(low, low + (1 << bits), (9, 11)).astype(dtype)
    ds = make_dataset(arr, photometric=photometric, bits_stored=bits)
    ds.VOILUTFunction = function
    ds.RescaleSlope, ds.RescaleIntercept = "-1.5", "7.25"
    if shape:
        ds.PresentationLUTShape = shape
    least = 1 if function == "LINEAR" else 0.5
    for width in (least, 1, 1.5, 2, 200, 70000):
        ds.WindowCenter, ds.WindowWidth = float(arr.mean() * -1.5), width
        values = [_windowed(v, float(ds.WindowCenter), width, function) for v in (arr * -1.5 + 7.25).ravel()]
        if shape == "INVERSE" or (shape is None and photometric == "MONOCHROME1"):
            values = [255 - value for value in values]
        assert render(ds).ravel().tolist() == [int(value + 0.5) for value in values], width


@pytest.mark.parametrize(
    ("dtype", "vr", "stated", "stored"),
    [
        ("i2", "SS", -2000, -2000),
        ("i2", "US", 63536, -2000),
        ("u2", "SS", -1, 65535),
        ("i1", "US", 156, -100),
    ],
)
def test_padding_with_another_sign(dtype, vr, stated, stored, make_dataset):
    arr = np.array([[stored, 10, 60, 110]]).astype(dtype)
    ds = make_dataset(arr)
    ds.add_new(0x00280120, vr, stated)
    assert render(ds, window="auto").tolist() == [[0, 0, 128, 255]]
    ds.PixelPaddingRangeLimit = None
    assert render(ds, window="auto").tolist() == [[0, 0, 128, 255]]


def _with_palette(ds, entries, bits, first=0):
    """Give a data set a palette whose green is the reverse of red, and whose blue is red."""
    for colour, values in (("Red", entries), ("Green", entries[::-1]), ("Blue", entries)):
        name = f"{colour}PaletteColorLookupTable"
        setattr(ds, f"{name}Descriptor", [len(entries), first, bits])
        setattr(ds, f"{name}Data", np.ascontiguousarray(values).tobytes())
    return ds


@pytest.mark.parametrize(
    ("dtype", "factor", "bits"), [("u1", 1, 8), ("<u2", 1, 8), ("<u2", 256, 8), ("<u2", 257, 16)]
)
def test_palette_entries_of_any_width(dtype, factor, bits, make_dataset):
    arr = np.arange(256, dtype="u1").reshape(16, 16)
    entries = (np.arange(256) * factor).astype(dtype)
    ds = _with_palette(make_dataset(arr, photometric="PALETTE COLOR"), entries, bits)
    assert render(ds).tolist() == np.stack([arr, 255 - arr, arr], axis=-1).tolist()


@pytest.mark.parametrize(("dtype", "first"), [("u2", 1000), ("i2", 1000), ("i2", 65536 - 10)])
@pytest.mark.parametrize("presentation", ["COLOR", "MIXED"])
def test_values_in_colour_on_a_grey_image(dtype, first, presentation, make_dataset):
    start = first if first < 32768 else first - 65536
    arr = (np.array([[0, 100, 200], [1000, 1001, 1003]]) + start - 1000).astype(dtype)
    if dtype == "u2":
        assert arr.min() >= 0
    ds = make_dataset(arr)
    ds.PixelPresentation = presentation
    _with_palette(ds, np.array([10, 20, 30, 40], "u1"), 8, first)
    picture = render(ds)
    assert picture[0].tolist() == [[0] * 3, [128] * 3, [255] * 3]  # the window is that of the grey values
    assert picture[1].tolist() == [[10, 40, 10], [20, 30, 20], [40, 10, 40]]
    ds.PixelPresentation = "MONOCHROME"
    assert render(ds).ndim == 2


def test_frames_in_colour_and_not(make_dataset):
    ds = make_dataset(np.array([[[0, 100, 300]], [[0, 100, 300]]], "u2"), frames=True)
    ds.PixelPresentation = "MIXED"
    _with_palette(ds, np.array([1, 2], "u1"), 8, 200)
    groups = []
    for presentation in ("MONOCHROME", "COLOR"):
        kind, group = pydcm.Dataset(), pydcm.Dataset()
        kind.PixelPresentation = presentation
        group.MRImageFrameTypeSequence = [kind]
        groups.append(group)
    ds.PerFrameFunctionalGroupsSequence = groups
    assert render(ds, 1).tolist() == [[0, 85, 255]]
    assert render(ds, 2)[0].tolist() == [[0] * 3, [255] * 3, [2, 1, 2]]


def _overlay(ds, plane, group=0x6000, frames=None, origin=None):
    base = group << 16
    ds.add_new(base | 0x10, "US", plane.shape[-2])
    ds.add_new(base | 0x11, "US", plane.shape[-1])
    if frames is not None:
        ds.add_new(base | 0x15, "IS", frames)
    if origin is not None:
        ds.add_new(base | 0x51, "US", origin)
    ds.add_new(base | 0x50, "SS", [1, 1])
    ds.add_new(base | 0x100, "US", 1)
    ds.add_new(base | 0x102, "US", 0)
    ds.add_new(base | 0x3000, "OW", np.packbits(plane.reshape(-1), bitorder="little").tobytes())


@pytest.mark.parametrize(
    ("frames", "origin", "drawn"),
    [
        (None, None, [1, 1, 1, 1]),
        (1, None, [1, 0, 0, 0]),
        (1, 3, [0, 0, 1, 0]),
        (None, 3, [0, 0, 1, 0]),
        (2, 2, [0, 1, 1, 0]),
        (4, 1, [1, 1, 1, 1]),
        (2, 4, [0, 0, 0, 1]),
    ],
)
def test_which_frames_an_overlay_is_for(frames, origin, drawn, make_dataset):
    images = np.zeros((4, 16, 16), "u1")
    images[:, 0, 0] = 255
    plane = np.zeros((frames or 1, 16, 16), "u1")
    plane[:, 5, 5] = 1
    ds = make_dataset(images, frames=True)
    _overlay(ds, plane if len(plane) > 1 else plane[0], frames=frames, origin=origin)
    assert [int(render(ds, frame, overlays=True)[5, 5] == 255) for frame in (1, 2, 3, 4)] == drawn


@pytest.mark.parametrize("high", [11, 15])
@pytest.mark.parametrize("as_file", [False, True])
@pytest.mark.filterwarnings("ignore:The .0028,0102. 'High Bit'")
def test_overlays_in_unused_bits(high, as_file, make_dataset, tmp_path):
    image = pytest.importorskip("PIL.Image")
    arr = np.tile(np.arange(16, dtype="<u2") * 100, (2, 16, 1))
    bits = np.random.default_rng(0).integers(0, 2, arr.shape).astype("<u2")
    bit = 13 if high == 11 else 2
    ds = make_dataset(arr << (high - 11) | bits << bit, frames=True)
    ds.BitsStored, ds.HighBit = 12, high
    ds.add_new(0x60020100, "US", 16)
    ds.add_new(0x60020102, "US", bit)
    source = ds
    if as_file:
        source = tmp_path / "image.dcm"
        pydcm.dcmwrite(source, ds, enforce_file_format=True)
    for frame in (1, 2):
        plain = render(source, frame)
        expected = np.where(bits[frame - 1], 255, plain)
        assert np.array_equal(render(source, frame, overlays=True), expected)
        export(source, tmp_path / "one.png", frames=[frame], overlays=True)
        assert np.array_equal(np.asarray(image.open(tmp_path / "one.png")), expected)
    assert np.array_equal(ds.overlay_array(0x6002), bits)


@pytest.fixture
def profile():
    pytest.importorskip("PIL.ImageCms")
    with open(get_testdata_file("crayons.icc"), "rb") as file:
        return file.read()


@pytest.mark.parametrize("kind", ["RGB", "PALETTE COLOR", "slide"])
def test_profiles(kind, profile, make_dataset):
    from pydcm.pixels import apply_icc_profile

    ramp = np.arange(256, dtype="u1").reshape(16, 16)
    if kind == "PALETTE COLOR":
        ds = _with_palette(make_dataset(ramp, photometric=kind), np.arange(256, dtype="u1"), 8)
    else:
        ds = make_dataset(np.stack([ramp, 255 - ramp, ramp], axis=-1))
    plain = render(ds)
    holder = pydcm.Dataset()
    holder.ICCProfile = profile
    expected = apply_icc_profile(plain.copy(), holder)
    assert not np.array_equal(plain, expected)
    if kind == "slide":
        ds.OpticalPathSequence = [holder]
    else:
        ds.ICCProfile = profile
    assert np.array_equal(render(ds, icc=True), expected)
    assert np.array_equal(render(ds), plain)
