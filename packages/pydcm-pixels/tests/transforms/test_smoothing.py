"""Gaussian filters against SciPy and MONAI, and on their own."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pydcm_pixels._volume.model import Volume
from pydcm_pixels.transforms import gaussian_smooth

MODES = ("reflect", "mirror", "nearest", "wrap", "constant")


def voxels(shape, dtype="f4", seed=0):
    return (np.random.default_rng(seed).normal(0, 50, shape)).astype(dtype)


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize(
    "shape", [(1, 1, 1), (1, 5, 7), (9, 1, 33), (20, 17, 40), (3, 64, 2), (19, 23, 3), (2, 19, 23)]
)
@pytest.mark.parametrize("dtype", ["f4", "f8", "i2", "u1"])
def test_the_same_bits_as_scipy(shape, dtype, mode):
    ndimage = pytest.importorskip("scipy.ndimage")
    pixels = voxels(shape, dtype)
    source = pixels if dtype == "f8" else pixels.astype("f4")
    for sigma in (0.3, 1, (0, 2, 5.5), 7):
        expected = ndimage.gaussian_filter(source, sigma, mode=mode, cval=3.5).astype("f4")
        assert np.array_equal(gaussian_smooth(Volume(pixels), sigma, mode=mode, cval=3.5).pixels, expected)
    expected = ndimage.gaussian_filter(source, 2, mode=mode, truncate=2.5).astype("f4")
    assert np.array_equal(gaussian_smooth(Volume(pixels), 2, mode=mode, truncate=2.5).pixels, expected)


def test_monai():
    monai = pytest.importorskip("monai.transforms")
    for shape in ((1, 5, 7), (12, 9, 20)):
        pixels = voxels(shape)
        for sigma in (0.3, 1.0, [0.5, 2.0, 1.2]):
            expected = np.asarray(monai.GaussianSmooth(sigma)(pixels[None]))[0]
            result = gaussian_smooth(Volume(pixels), sigma, convention="monai").pixels
            np.testing.assert_allclose(result, expected, atol=1e-5 * np.ptp(pixels))


@settings(deadline=None, max_examples=40)
@given(
    st.tuples(*[st.integers(1, 12)] * 3), st.floats(0.2, 4), st.sampled_from(MODES[:4]), st.integers(-9, 9)
)
def test_a_constant_stays_what_it_is_and_a_mean_too(shape, sigma, mode, value):
    volume = Volume(np.full(shape, value, np.int16))
    np.testing.assert_allclose(gaussian_smooth(volume, sigma, mode=mode).pixels, value, rtol=1e-5)
    pixels = voxels(shape)
    if mode == "reflect":
        smoothed = gaussian_smooth(Volume(pixels), sigma, mode=mode).pixels
        assert smoothed.mean(dtype="f8") == pytest.approx(pixels.mean(dtype="f8"), abs=1e-4)
        assert smoothed.min() >= pixels.min() - 1e-3


def test_an_axis_without_a_sigma_is_left_alone():
    pixels = voxels((5, 6, 7))
    volume = Volume(pixels, spacing=(1, 2, 3))
    for sigma in (0, -1, (0, 0, -2)):
        for convention in ("scipy", "monai"):
            result = gaussian_smooth(volume, sigma, convention=convention)
            assert np.array_equal(result.pixels, pixels)
            assert not np.shares_memory(result.pixels, pixels)
            assert np.array_equal(result.affine, volume.affine)
    alone = gaussian_smooth(volume, (2, 0, 0)).pixels
    assert np.array_equal(alone[:, 3:4], gaussian_smooth(volume[:, 3:4], (2, 0, 0)).pixels)


def test_times_and_colours_are_smoothed_one_by_one():
    pixels = voxels((2, 4, 5, 6, 3))
    result = gaussian_smooth(Volume(pixels, axes="tzyxc"), 1.3).pixels
    for t in range(2):
        for c in range(3):
            assert np.array_equal(result[t, ..., c], gaussian_smooth(Volume(pixels[t, ..., c]), 1.3).pixels)


def test_any_order_in_memory():
    pixels = voxels((6, 7, 8))[::2, :, ::-1].transpose(2, 0, 1)
    assert np.array_equal(
        gaussian_smooth(Volume(pixels), 1).pixels, gaussian_smooth(Volume(pixels.copy()), 1).pixels
    )


@pytest.mark.parametrize(
    ("options", "match"),
    [
        ({"sigma": (1, 2)}, "sigma is a number or three"),
        ({"sigma": float("nan")}, "sigma"),
        ({"sigma": 1e9}, "cannot reach"),
        ({"truncate": -1}, "cannot reach"),
        ({"mode": "grid"}, "mode is one of"),
        ({"convention": "itk"}, "convention"),
    ],
)
def test_bad_input(options, match):
    with pytest.raises(ValueError, match=match):
        gaussian_smooth(Volume(np.zeros((2, 3, 4))), **({"sigma": 1} | options))
    with pytest.raises(TypeError, match="complex"):
        gaussian_smooth(Volume(np.zeros((2, 3, 4), complex)))
