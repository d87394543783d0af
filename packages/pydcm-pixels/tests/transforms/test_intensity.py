"""Intensities normalised and scaled: against NumPy, nnU-Net and MONAI, and on their own."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from pydcm_pixels import transforms as T
from pydcm_pixels._core import _intensity
from pydcm_pixels._volume.model import Volume
from pydcm_pixels.transforms._percentiles import percentiles

TYPES = ("u1", "i1", "u2", "i2", "u4", "i4", "u8", "i8", "f2", "f4", "f8", ">i2", ">f4", "?")
SHAPES = ((1, 1, 1), (1, 5, 7), (9, 1, 3), (2, 3, 4, 5))
AFFINE = np.array([[0, 2, 0, -5], [0.5, 0, 0, 4], [0, 0, -3, 9], [0, 0, 0, 1]], float)


def voxels(shape, dtype, seed=0):
    values = np.random.default_rng(seed).normal(0, 60, shape)
    dtype = np.dtype(dtype)
    if dtype.kind == "u":
        values = np.abs(values)
    return values.astype(dtype)


def all_of(volume):
    yield T.normalize_zscore(volume)
    yield T.normalize_ct(volume, -10, 40, 3, 7)
    yield T.scale_intensity_range(volume, -50, 50, 0, 1)
    yield T.scale_intensity_range_percentiles(volume, 1, 99, -1, 1)
    yield T.adjust_contrast(volume, 1.5)


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("dtype", TYPES)
@pytest.mark.filterwarnings("ignore:the range to scale from is empty")
def test_the_result_is_a_new_volume_of_float32(shape, dtype):
    pixels = voxels(shape, dtype)
    before = pixels.copy()
    volume = Volume(pixels, AFFINE, meta={"Modality": "CT"})
    for result in all_of(volume):
        assert result.dtype == np.float32
        assert result.shape == shape
        assert np.array_equal(result.affine, AFFINE)
        assert result.meta == {"Modality": "CT"}
        assert np.isfinite(result.pixels).all()
        assert not np.shares_memory(result.pixels, pixels)
    assert np.array_equal(pixels, before)


def test_views_of_any_order_give_what_copies_give():
    pixels = voxels((6, 7, 8), "f4")[::2, :, ::-1].transpose(2, 0, 1)
    for view, copy in zip(all_of(Volume(pixels)), all_of(Volume(pixels.copy())), strict=True):
        assert np.array_equal(view.pixels, copy.pixels)


def test_several_threads_give_what_one_gives():
    pixels = voxels((20, 200, 200), "i2")
    volume = Volume(pixels)
    for make in (
        lambda workers: T.normalize_ct(volume, -10, 40, 3, 7, workers=workers),
        lambda workers: T.adjust_contrast(volume, 0.8, workers=workers),
        lambda workers: T.gaussian_smooth(volume, 1.5, workers=workers),
    ):
        assert np.array_equal(make(1).pixels, make(3).pixels)
    with pytest.raises(ValueError, match="at least 1"):
        T.adjust_contrast(volume, 2, workers=0)


@pytest.mark.parametrize("value", [0.0, 7.0, -3.5])
def test_a_constant_volume_stays_finite(value):
    volume = Volume(np.full((3, 4, 5), value, np.float32))
    assert not T.normalize_zscore(volume).pixels.any()
    assert (T.adjust_contrast(volume, 2).pixels == value).all()
    with pytest.warns(UserWarning, match="empty"):
        assert (T.scale_intensity_range_percentiles(volume, 5, 95, 2, 3).pixels == 2).all()


def test_nonzero_leaves_zeros_and_a_mask_leaves_the_rest():
    pixels = voxels((5, 6, 7), "f4")
    pixels[pixels < 0] = 0
    result = T.normalize_zscore(Volume(pixels), nonzero=True).pixels
    assert (result[pixels == 0] == 0).all()
    assert result[pixels != 0].mean() == pytest.approx(0, abs=1e-6)
    assert result[pixels != 0].std() == pytest.approx(1, abs=1e-6)
    assert not T.normalize_zscore(Volume(np.zeros((2, 2, 2))), nonzero=True).pixels.any()

    mask = Volume((np.arange(pixels.size) % 3).reshape(pixels.shape) - 1)
    result = T.normalize_zscore(Volume(pixels), mask=mask).pixels
    assert np.array_equal(result[mask.pixels <= 0], pixels[mask.pixels <= 0])
    assert result[mask.pixels > 0].mean() == pytest.approx(0, abs=1e-6)


def test_nan_stays_where_it_is():
    pixels = voxels((3, 4, 5), "f4")
    pixels[1, 2, 3] = np.nan
    for result in (
        T.normalize_ct(Volume(pixels), -10, 40, 3, 7),
        T.scale_intensity_range(Volume(pixels), 0, 9, 0, 1),
    ):
        assert np.isnan(result.pixels).sum() == 1
        assert np.isnan(result.pixels[1, 2, 3])
    assert np.isnan(T.scale_intensity_range_percentiles(Volume(pixels), 5, 95, 0, 1).pixels).all()


@pytest.mark.parametrize("clip", [True, False])
def test_clip(clip):
    result = T.scale_intensity_range(
        Volume(np.array([[[-500, 0, 500]]], np.int16)), -100, 100, 0, 1, clip=clip
    )
    assert result.pixels.ravel().tolist() == pytest.approx([0, 0.5, 1] if clip else [-2, 0.5, 3])


@settings(deadline=None, max_examples=60)
@given(
    hnp.arrays(
        st.sampled_from([np.dtype(name) for name in ("u1", "u2", "i4", "i8", "f2", "f4", "f8")]),
        hnp.array_shapes(min_dims=1, max_dims=3, max_side=9),
        elements={"allow_nan": False, "allow_infinity": False, "min_value": 0, "max_value": 200},
    ),
    st.lists(st.floats(0, 100), min_size=1, max_size=4),
)
def test_percentiles_are_those_of_numpy(array, wanted):
    assert percentiles(array, wanted) == np.percentile(array, wanted).tolist()


@pytest.mark.parametrize("dtype", ["i1", "i2", "i4", "u4", "u8", "f4", "f8", ">f4"])
def test_percentiles_of_many_voxels(dtype):
    array = voxels((30, 40, 50), dtype)
    wanted = [0, 0.5, 5, 50, 99.5, 100]
    assert (
        percentiles(array, wanted)
        == np.percentile(array.astype(array.dtype.newbyteorder("=")), wanted).tolist()
    )


def test_percentiles_of_infinities_and_nan():
    assert percentiles(np.array([np.inf, 1, 3, -np.inf]), [0, 100]) == [-np.inf, np.inf]
    for bits in (0x7F800001, 0xFF800001, 0x7FC00000, 0xFFC00000):
        array = np.array([bits, 0, 0x7F800000], np.uint32).view(np.float32)
        assert np.isnan(percentiles(array, [0, 50])).all()


@pytest.mark.parametrize("gamma", [-1.5, 0, 0.01, 0.5, 1, 2, 2.2, 30])
def test_powers_are_those_of_numpy(gamma):
    rng = np.random.default_rng(0)
    inside = np.concatenate([rng.random(2000), 10.0 ** rng.uniform(-44, 0, 2000), [0, 1]]).astype(np.float32)
    with np.errstate(divide="ignore", over="ignore"):
        expected = np.power(inside.astype("f8"), gamma).astype("f4")
    result = np.empty_like(inside)
    _intensity.gamma(inside, result, 0, 1, gamma, 1)
    np.testing.assert_allclose(result, expected, rtol=2e-7, atol=1e-44)


@pytest.mark.parametrize("n", [1, 7, 8, 9, 127, 128, 129, 1000, 65543])
def test_sums_are_rounded_as_those_of_numpy(n):
    values = voxels(n, "f4")
    assert _intensity.total(values) == values.sum()
    mean = values.mean()
    assert _intensity.total(values, mean, True) == ((values - mean) ** 2).sum()


def test_nnunet():
    normalization = pytest.importorskip("nnunetv2.preprocessing.normalization.default_normalization_schemes")
    known = {"mean": 3.3, "std": 7.7, "percentile_00_5": -9.5, "percentile_99_5": 41.25}
    for dtype in ("i2", "u1", "f4", "f8"):
        pixels = voxels((7, 8, 9), dtype)
        ct = normalization.CTNormalization(False, known).run(pixels.copy())
        assert np.array_equal(ct, T.normalize_ct(Volume(pixels), -9.5, 41.25, 3.3, 7.7).pixels)
        score = normalization.ZScoreNormalization(False, known).run(pixels.copy())
        assert np.array_equal(score, T.normalize_zscore(Volume(pixels)).pixels)
        labels = np.random.default_rng(1).integers(-1, 2, pixels.shape)
        score = normalization.ZScoreNormalization(True, known).run(pixels.copy(), labels)
        assert np.array_equal(score, T.normalize_zscore(Volume(pixels), mask=labels >= 0).pixels)


def test_monai():
    monai = pytest.importorskip("monai.transforms")
    for dtype in ("i2", "u1", "f4", "f8"):
        pixels = voxels((7, 8, 9), dtype)
        volume = Volume(pixels)
        expected = [
            monai.NormalizeIntensity()(pixels),
            monai.ScaleIntensityRange(-20, 35, -1, 1, clip=True)(pixels),
            monai.ScaleIntensityRangePercentiles(5, 95, 0, 1, clip=True)(pixels.astype("f8")),
            monai.AdjustContrast(0.7)(pixels.astype("f4")),
        ]
        result = [
            T.normalize_zscore(volume),
            T.scale_intensity_range(volume, -20, 35, -1, 1),
            T.scale_intensity_range_percentiles(volume, 5, 95, 0, 1),
            T.adjust_contrast(volume, 0.7),
        ]
        for theirs, ours in zip(expected, result, strict=True):
            np.testing.assert_allclose(ours.pixels, np.asarray(theirs), rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize(
    ("call", "error", "match"),
    [
        (lambda v: T.normalize_ct(v, 5, 1, 0, 1), ValueError, "clip"),
        (lambda v: T.normalize_ct(v, 0, 1, 0, float("nan")), ValueError, "std is a finite number"),
        (lambda v: T.scale_intensity_range(v, 0, float("inf"), 0, 1), ValueError, "a_max"),
        (lambda v: T.scale_intensity_range_percentiles(v, -1, 99, 0, 1), ValueError, "0 to 100"),
        (lambda v: T.adjust_contrast(v, float("inf")), ValueError, "gamma"),
        (lambda v: T.normalize_zscore(v, mask=np.ones((2, 2))), ValueError, "mask has shape"),
        (
            lambda v: T.normalize_zscore(v, mask=T.flip(v, "x")),
            ValueError,
            "another grid .*resample_to_reference",
        ),
        (lambda v: T.normalize_zscore(v, mask=np.ones(v.shape), nonzero=True), ValueError, "either"),
        (lambda v: T.normalize_zscore(v.pixels), TypeError, "Volume"),
        (lambda v: T.normalize_zscore(Volume(v.pixels + 1j)), TypeError, "complex128"),
        (
            lambda v: T.scale_intensity_range_percentiles(Volume(v.pixels + 1j), 1, 2, 0, 1),
            TypeError,
            "complex",
        ),
        (lambda v: T.normalize_zscore(Volume(np.zeros((0, 1, 1)))), ValueError, "no voxels"),
    ],
)
def test_bad_input(call, error, match):
    with pytest.raises(error, match=match):
        call(Volume(np.zeros((2, 3, 4))))
