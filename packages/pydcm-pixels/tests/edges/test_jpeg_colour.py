"""What colours a JPEG stream holds, against what the data set says; chroma sizes; restart markers."""

from __future__ import annotations

import numpy as np
import pytest

#: Y, Cb and Cr, and the same as R, G and B; the other way where a test says so.
STORED = (120, 90, 200)


def to_rgb(y, cb, cr):
    """Return what ITU-R BT.601 makes of one pixel (PS3.3 §C.7.6.3.1.2), in floating point."""
    red = y + 1.402 * (cr - 128)
    green = y - 0.344136 * (cb - 128) - 0.714136 * (cr - 128)
    blue = y + 1.772 * (cb - 128)
    return np.clip([red, green, blue], 0, 255)


def uniform(streams, shape=(16, 16), sampling=((1, 1),) * 3, **options):
    blocks = [np.full((64, 64), value) for value in STORED]
    return streams.flat_jpeg(blocks, shape, sampling=sampling, **options)


def image(make_dataset, shape=(16, 16), photometric="YBR_FULL_422"):
    return make_dataset(np.zeros((*shape, 3), "u1"), photometric=photometric)


CASES = {
    # name: (markers, component ids, Photometric Interpretation, is the stream YCbCr?, words of a warning)
    "plain YBR": ("", None, "YBR_FULL_422", True, None),
    "plain RGB": ("", None, "RGB", False, None),
    "JFIF, YBR": ("jfif", None, "YBR_FULL", True, None),
    "JFIF, but RGB": ("jfif", None, "RGB", True, ("'RGB'", "YBR_FULL_422")),
    "Adobe 0, RGB": ("adobe0", None, "RGB", False, None),
    "Adobe 0, but YBR": ("adobe0", None, "YBR_FULL", False, ("YBR_FULL", "'RGB'")),
    "Adobe 1, YBR": ("adobe1", None, "YBR_FULL_422", True, None),
    "Adobe 1, but RGB": ("adobe1", None, "RGB", True, ("'RGB'", "YBR_FULL")),
    "IDs R G B": ("", [82, 71, 66], "YBR_FULL", False, ("YBR_FULL", "'RGB'")),
    "IDs r g b": ("", [114, 103, 98], "YBR_FULL_422", False, ("YBR_FULL_422", "'RGB'")),
    "partial": ("", None, "YBR_PARTIAL_420", True, ("YBR_PARTIAL_420", "YBR_FULL_422")),
    "transformed": ("", None, "YBR_ICT", True, ("YBR_ICT", "YBR_FULL_422")),
    "IDs 0 1 2": ("", [0, 1, 2], "YBR_FULL_422", True, None),
}


@pytest.mark.parametrize("syntax", ["baseline", "extended"])
@pytest.mark.parametrize("name", CASES)
def test_markers_go_before_the_photometric_interpretation(name, syntax, streams, make_dataset):
    marker, ids, photometric, is_ybr, words = CASES[name]
    markers = {"": b"", "jfif": streams.jfif, "adobe0": streams.adobe(0), "adobe1": streams.adobe(1)}[marker]
    stream = uniform(streams, ids=ids, markers=markers)
    ds = streams.wrapped(image(make_dataset, photometric=photometric), [stream], syntax)
    decoded, messages = streams.pixels(ds)
    expected = to_rgb(*STORED) if is_ybr else np.array(STORED)
    assert np.abs(decoded - expected).max() <= 1
    if words is None:
        assert not messages
    else:
        stated, actual = words
        assert any(stated in one and (syntax == "extended" or actual in one) for one in messages), messages
    raw, _ = streams.pixels(ds, raw=True)
    assert (raw == STORED).all()


@pytest.mark.parametrize("shape", [(16, 16), (17, 9), (1, 1), (31, 33)])
@pytest.mark.parametrize(
    "sampling", [((1, 1),) * 3, ((2, 1), (1, 1), (1, 1)), ((2, 2), (1, 1), (1, 1))], ids=["444", "422", "420"]
)
def test_chroma_sizes_and_odd_sizes(sampling, shape, streams, make_dataset):
    rng = np.random.default_rng(2)
    luma = rng.integers(0, 256, (8, 10))
    blocks = [luma, np.full((8, 10), STORED[1]), np.full((8, 10), STORED[2])]
    stream = streams.flat_jpeg(blocks, shape, sampling=sampling)
    ds = streams.wrapped(image(make_dataset, shape), [stream], "baseline")
    raw, _ = streams.pixels(ds, raw=True)
    expected = np.kron(luma, np.ones((8, 8), int))[: shape[0], : shape[1]]
    assert np.array_equal(raw[..., 0], expected)
    assert (raw[..., 1:] == STORED[1:]).all()


@pytest.mark.parametrize("interval", [1, 3, 9])
def test_restart_markers(interval, streams, make_dataset):
    blocks = np.random.default_rng(3).integers(0, 256, (6, 7))
    stream = streams.flat_jpeg([blocks], (48, 56), restart=interval)
    arr = np.kron(blocks, np.ones((8, 8), int)).astype("u1")
    decoded, _ = streams.pixels(streams.wrapped(make_dataset(arr), [stream], "baseline"))
    assert np.array_equal(decoded, arr)


def test_twelve_bits(streams, make_dataset):
    blocks = np.random.default_rng(4).integers(0, 4096, (3, 4))
    stream = streams.flat_jpeg([blocks], (24, 32), precision=12)
    arr = np.kron(blocks, np.ones((8, 8), int)).astype("u2")
    ds = streams.wrapped(make_dataset(arr, bits_stored=12), [stream], "extended")
    decoded, messages = streams.pixels(ds)
    assert np.array_equal(decoded, arr)
    assert not messages


def test_eight_bits_in_sixteen(streams, make_dataset):
    blocks = np.array([[0, 77], [128, 255]])
    arr = np.kron(blocks, np.ones((8, 8), int)).astype("u2")
    ds = streams.wrapped(
        make_dataset(arr, bits_stored=8), [streams.flat_jpeg([blocks], (16, 16))], "extended"
    )
    decoded, messages = streams.pixels(ds)
    assert decoded.dtype == "u2"
    assert np.array_equal(decoded, arr)
    assert not messages


def test_grey_interpretations_of_colour_and_the_reverse(streams, make_dataset, tmp_path):
    """Nothing is converted, and that is told, whatever way is taken."""
    native = make_dataset(np.arange(48, dtype="u1").reshape(4, 4, 3))
    colour = streams.wrapped(image(make_dataset), [uniform(streams)], "baseline")
    grey = make_dataset(np.arange(16, dtype="u1").reshape(4, 4))
    for ds, photometric in (
        (native, "MONOCHROME2"),
        (colour, "PALETTE COLOR"),
        (grey, "RGB"),
        (grey, "YBR_FULL"),
    ):
        ds.PhotometricInterpretation = photometric
        ds.save_as(tmp_path / "a.dcm", enforce_file_format=True)
        for source in (ds, tmp_path / "a.dcm"):
            decoded, messages = streams.pixels(source)
            assert decoded.shape == (ds.Rows, ds.Columns) + ((3,) if ds.SamplesPerPixel == 3 else ())
            samples = f"'Samples per Pixel' is {ds.SamplesPerPixel}"
            assert any(photometric in one and samples in one for one in messages), messages
