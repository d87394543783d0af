"""Labels of probabilities, thresholds, one channel per label."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from pydcm.errors import DicomLimitError
from pydcm_pixels import transforms as T
from pydcm_pixels._volume.model import Volume

NUMBERS = [
    np.dtype(name) for name in ("?", "u1", "i1", "u2", "i2", "u4", "i4", "u8", "i8", "f2", "f4", "f8", ">f4")
]


@settings(deadline=None, max_examples=80)
@given(
    hnp.arrays(st.sampled_from(NUMBERS), hnp.array_shapes(min_dims=4, max_dims=4, max_side=5)),
    st.integers(-4, 3),
)
def test_argmax_is_that_of_numpy(probs, axis):
    result = T.argmax(np.moveaxis(probs, 0, axis), channel_dim=axis)
    assert result.dtype == np.uint8
    assert np.array_equal(result.pixels, probs.argmax(axis=0))


@pytest.mark.parametrize("dtype", ["u1", "f4", "f8"])
def test_many_channels_and_threads(dtype):
    probs = (np.random.default_rng(0).random((300, 3, 40, 50)) * 255).astype(dtype)
    expected = probs.argmax(axis=0)
    for workers in (1, 3):
        result = T.argmax(probs, workers=workers)
        assert result.dtype == np.uint16
        assert np.array_equal(result.pixels, expected)
    assert T.argmax(probs[:256]).dtype == np.uint8


def test_argmax_of_whole_numbers_that_doubles_do_not_tell_apart():
    probs = np.array([2**53, 2**53 + 1, 2**53], np.int64).reshape(3, 1, 1, 1)
    assert T.argmax(probs).pixels.item() == 1


def test_argmax_knows_where_it_is():
    like = Volume(np.zeros((2, 3, 4, 5)), spacing=(1, 2, 3), meta={"Modality": "MR"})
    probs = np.random.default_rng(0).random((2, 3, 4, 5))
    result = T.argmax(probs, like=like)
    assert result.axes == "zyx"
    assert result.spacing == (1, 2, 3)
    assert result.meta == {"Modality": "MR"}
    assert np.array_equal(T.argmax(probs, like.affine).affine, like.affine)
    assert np.array_equal(T.argmax(probs).affine, np.eye(4))


def test_argmax_of_a_tensor():
    torch = pytest.importorskip("torch")
    probs = torch.rand(3, 4, 5, 6)
    assert np.array_equal(T.argmax(probs).pixels, probs.argmax(0).numpy())


@pytest.mark.parametrize(
    ("call", "error", "match"),
    [
        (lambda: T.argmax(np.zeros((2, 3, 4))), ValueError, "a channel and three axes"),
        (lambda: T.argmax(np.zeros((0, 3, 4, 5))), ValueError, "a channel and three axes"),
        (lambda: T.argmax(np.zeros((2, 3, 4, 5)), channel_dim=4), ValueError, "channel_dim"),
        (lambda: T.argmax(np.zeros((1, 1, 1, 65537), "u1"), channel_dim=3), ValueError, "65537 channels"),
        (lambda: T.argmax(np.zeros((2, 3, 4, 5), complex)), TypeError, "complex"),
        (
            lambda: T.argmax(np.zeros((2, 3, 4, 5)), like=Volume(np.zeros((3, 4, 6)))),
            ValueError,
            "like is of shape",
        ),
        (
            lambda: T.argmax(np.zeros((2, 3, 4, 5)), np.eye(4), like=Volume(np.zeros((3, 4, 5)))),
            ValueError,
            "either affine or like",
        ),
        (lambda: T.as_discrete(Volume(np.zeros((1, 1, 1), complex))), TypeError, "complex"),
        (lambda: T.as_discrete(Volume(np.zeros((1, 1, 1))), float("nan")), ValueError, "not a number"),
        (lambda: T.as_discrete(np.zeros((1, 1, 1))), TypeError, "Volume"),
        (lambda: T.one_hot(Volume(np.full((1, 1, 1), -1))), ValueError, "labels from -1"),
        (lambda: T.one_hot(Volume(np.full((1, 1, 1), 3)), 3), ValueError, "do not fit 3 classes, 0 to 2"),
        (lambda: T.one_hot(Volume(np.full((1, 1, 1), 0.5))), ValueError, "whole numbers"),
        (lambda: T.one_hot(Volume(np.full((1, 1, 1), 1)), 2.5), TypeError, "integer"),
        (lambda: T.one_hot(Volume(np.full((1, 1, 1), np.nan))), ValueError, "whole numbers"),
        (lambda: T.one_hot(Volume(np.full((1, 1, 1), 2**62))), DicomLimitError, "too many"),
        (lambda: T.one_hot(Volume(np.zeros((1, 1, 1), complex))), TypeError, "no labels"),
    ],
)
def test_bad_input(call, error, match):
    with pytest.raises(error, match=match):
        call()


@settings(deadline=None, max_examples=80)
@given(
    hnp.arrays(st.sampled_from(NUMBERS), (2, 3, 4)),
    st.floats(-300, 300) | st.sampled_from([0.0, 1.0, 0.5, -0.5, np.inf, -np.inf]),
    st.booleans(),
)
def test_thresholds(pixels, threshold, inclusive):
    result = T.as_discrete(Volume(pixels), threshold, inclusive=inclusive)
    assert result.dtype == np.uint8
    wide = pixels.astype("f8")
    limit = np.float64(pixels.dtype.type(threshold)) if pixels.dtype.kind == "f" else threshold
    assert np.array_equal(result.pixels, wide >= limit if inclusive else wide > limit)


def test_nan_is_below_any_threshold():
    volume = Volume(np.array([[[np.nan, 1]]]))
    assert T.as_discrete(volume, -np.inf).pixels.tolist() == [[[0, 1]]]


@settings(deadline=None, max_examples=60)
@given(
    hnp.arrays(
        st.sampled_from([dtype for dtype in NUMBERS if dtype.kind in "uif"]),
        (2, 3, 4),
        elements={"min_value": 0, "max_value": 100},
    ),
    st.integers(0, 3),
)
def test_one_hot(pixels, more):
    labels = Volume(np.floor(pixels).astype(pixels.dtype))
    classes = int(labels.pixels.max()) + 1 + more
    result = T.one_hot(labels, classes)
    assert result.dtype == np.float32
    assert result.shape == (classes, 2, 3, 4)
    assert np.array_equal(result.argmax(axis=0), labels.pixels)
    assert (result.sum(axis=0) == 1).all()
    assert np.array_equal(T.one_hot(labels, classes, channel_first=False), np.moveaxis(result, 0, -1))
    assert len(T.one_hot(labels)) == labels.pixels.max() + 1


@pytest.mark.parametrize("highest", [255, 256, 65536])
def test_one_hot_of_many_classes(highest):
    labels = Volume(np.array([[[0, highest, 1]]]))
    assert T.one_hot(labels).nonzero()[0].tolist() == [0, 1, highest]
    assert T.one_hot(labels, channel_first=False)[0, 0, 1, highest] == 1


def test_one_hot_in_threads():
    labels = Volume(np.random.default_rng(0).integers(0, 5, (20, 200, 200), np.uint8))
    assert np.array_equal(T.one_hot(labels, workers=3), T.one_hot(labels, workers=1))
