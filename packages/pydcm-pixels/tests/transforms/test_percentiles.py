"""Percentiles: those of NumPy, however voxels are spread."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from pydcm_pixels._core import _ranks
from pydcm_pixels.transforms import _percentiles
from pydcm_pixels.transforms._percentiles import percentiles

RNG = np.random.default_rng(5)
NORMAL = RNG.normal(0, 1, (20, 30, 40))
SPREADS = {
    "whole": np.rint(NORMAL * 300),
    "narrow": 1000 + NORMAL * 1e-3,
    "background": np.where(NORMAL > 1, NORMAL, 0),
    "both zeros": np.where(NORMAL > 0, 0.0, -0.0),
    "one value": np.full((9, 9, 9), 3.25),
    "two values": np.where(NORMAL > 1.5, -7.5, 3.25),
    "huge": NORMAL * 10.0 ** RNG.uniform(-30, 30, NORMAL.shape),
    "outliers": np.where(NORMAL > 3, 1e30, NORMAL),
}


@pytest.fixture(autouse=True, params=[1 << 12, 3])
def few(request, monkeypatch):
    """What is few: with little of it there are several rounds."""
    monkeypatch.setattr(_percentiles, "_FEW", request.param)


@pytest.mark.parametrize("dtype", ["f4", "f8", ">f4", ">f8"])
@pytest.mark.parametrize("spread", SPREADS)
def test_floating_point_numbers(spread, dtype):
    array = SPREADS[spread].astype(dtype)
    native = array.astype(array.dtype.newbyteorder("="))
    for wanted in ([0, 100], [50], [0.5, 99.5], np.linspace(0, 100, 31).tolist()):
        expected = np.percentile(native, wanted).tolist()
        for laid_out in (array, array.T, array[::-1], np.asfortranarray(array)):
            assert percentiles(laid_out, wanted) == expected


@pytest.mark.parametrize("dtype", ["u1", "i1", "u2", "i2", "u4", "i4", "u8", "i8", "?"])
@pytest.mark.parametrize("scale", [1e-3, 1, 60, 1e5, 1e9, 4e18])
def test_whole_numbers(dtype, scale):
    kind = np.dtype(dtype)
    if kind.kind == "b":
        array = scale / 100 < NORMAL
    else:
        ends = np.iinfo(kind)
        array = (NORMAL * scale).clip(float(ends.min), float(ends.max) / 2).astype(kind)
    wanted = [0, 0.01, 1, 50, 99, 100]
    expected = np.percentile(array.astype("f8") if kind.kind == "b" else array, wanted)
    np.testing.assert_allclose(percentiles(array, wanted), expected, rtol=1e-15)


def test_more_percentiles_than_are_looked_at_at_once():
    array = RNG.random(3000) ** 5
    wanted = np.linspace(0, 100, 700).tolist()
    assert percentiles(array, wanted) == np.percentile(array, wanted).tolist()


@settings(deadline=None, max_examples=80)
@given(
    hnp.arrays(
        st.sampled_from([np.dtype(name) for name in ("i2", "i4", "i8", "u8", "f2", "f4", "f8")]),
        hnp.array_shapes(min_dims=1, max_dims=3, max_side=9),
    ),
    st.lists(st.floats(0, 100), min_size=1, max_size=6),
)
@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_any_numbers(array, wanted):
    with np.errstate(all="ignore"):
        expected = np.percentile(array, wanted)
    if array.dtype.kind == "f" and not np.isfinite(array).all():
        if np.isnan(array).any():
            assert np.isnan(percentiles(array, wanted)).all()
        return
    with np.errstate(all="ignore"):
        result = percentiles(array, wanted)
    if array.dtype.itemsize == 8 and array.dtype.kind in "iu":  # NumPy's differences of them can be wrong
        assert all(float(array.min()) <= one <= float(array.max()) for one in result)
    else:
        np.testing.assert_array_equal(result, expected)


def test_ranges_that_are_none():
    keys, numbers = np.arange(10, dtype=np.uint32), np.zeros(10, np.int64)
    out, slots = np.zeros(4, np.uint32), np.ones(10, np.uint8)
    for shift in (-1, 32):
        with pytest.raises(ValueError, match="no ranges"):
            _ranks.count(keys, 0, 0, shift, numbers)
        with pytest.raises(ValueError, match="no ranges"):
            _ranks.gather(keys, 0, 0, shift, slots, out, np.array([0, 4]))
    for bounds in ([0, 5], [-1, 4], [2, 1]):
        with pytest.raises(ValueError, match="no room"):
            _ranks.gather(keys, 0, 0, 0, slots, out, np.array(bounds))
    _ranks.gather(keys, 0, 0, 0, slots, out, np.array([0, 4]))  # and what has no room is left out
    assert out.tolist() == [0, 1, 2, 3]
    _ranks.count(keys, 0, 0, 0, numbers[:3])  # as is what is in no range
    assert numbers.tolist() == [1, 1, 8, 0, 0, 0, 0, 0, 0, 0]
