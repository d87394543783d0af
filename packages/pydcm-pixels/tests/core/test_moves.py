"""Voxels moved by index and by the order of their axes, against NumPy's indexing."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pydcm_pixels._core import _moves

SIZES = st.sampled_from(["u1", "u2", "u4", "u8"])


@st.composite
def indices(draw, length):
    """Return where places of an axis come from: upwards or downwards at any rate, at random, some of them nowhere."""
    n = draw(st.integers(1, 80))
    kind = draw(st.sampled_from(["rate", "random", "some"]))
    if kind == "rate":
        rate = draw(st.floats(-5, 5))
        index = np.floor(np.arange(n) * rate + draw(st.integers(0, length - 1))).clip(0, length - 1)
    else:
        rng = np.random.default_rng(draw(st.integers(0, 99)))
        index = rng.integers(-1 if kind == "some" else 0, length, n)
    return index.astype(np.int64)


@settings(deadline=None, max_examples=300)
@given(st.data(), SIZES, st.tuples(st.integers(1, 4), st.integers(1, 6), st.integers(1, 90)))
def test_gather(data, dtype, shape):
    src = np.random.default_rng(0).integers(0, 250, shape).astype(dtype)
    iz, iy, ix = (data.draw(indices(n)) for n in shape)
    iz, iy = iz[:5], iy[:8]
    out = np.zeros((len(iz), len(iy), len(ix)), dtype)
    _moves.gather(src, out, iz, iy, ix, 251, 0, len(iz))
    expected = src[np.ix_(iz, iy, ix)]
    for axis, index in enumerate((iz, iy, ix)):
        np.moveaxis(expected, axis, 0)[index < 0] = 251
    assert np.array_equal(out, expected)


@settings(deadline=None, max_examples=200)
@given(
    SIZES,
    st.tuples(st.integers(1, 40), st.integers(1, 40), st.integers(1, 70)),
    st.permutations([0, 1, 2]),
    st.tuples(*[st.sampled_from([1, -1])] * 3),
)
def test_permute(dtype, shape, order, steps):
    src = np.random.default_rng(0).integers(0, 250, shape).astype(dtype)
    view = src.transpose(order)[:: steps[0], :: steps[1], :: steps[2]]
    out = np.zeros(view.shape, dtype)
    _moves.permute(view, out, 0, len(out))
    assert np.array_equal(out, view)


def test_what_is_not_there():
    src, index = np.zeros((2, 2, 2), "u1"), np.arange(2)
    with pytest.raises(ValueError, match="index 2 is outside"):
        _moves.gather(src, np.zeros((2, 2, 1), "u1"), index, index, np.array([2]), 0, 0, 2)
    with pytest.raises(ValueError, match="no such planes"):
        _moves.gather(src, src.copy(), index, index, index, 0, 0, 3)
    with pytest.raises(ValueError, match="different shapes"):
        _moves.permute(src, np.zeros((2, 2, 1), "u1"), 0, 2)
