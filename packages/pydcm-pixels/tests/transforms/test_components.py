"""Connected components and holes against SciPy, scikit-image, cc3d and MONAI, and on their own."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pydcm_pixels import transforms as T
from pydcm_pixels._core._components import Components
from pydcm_pixels._volume.model import Volume

CONNECTIVITIES = {6: 1, 18: 2, 26: 3}
SHAPES = [(1, 1, 1), (1, 1, 9), (1, 12, 1), (7, 1, 8), (1, 9, 9), (6, 7, 8), (12, 3, 70)]


def labels(shape, classes=2, seed=0, part=0.5, dtype="u1"):
    rng = np.random.default_rng(seed)
    return (rng.integers(1, classes, shape, endpoint=True) * (rng.random(shape) < part)).astype(dtype)


def cases():
    for shape in SHAPES:
        for part in (0, 0.1, 0.3, 0.5, 0.8, 1):
            yield labels(shape, 3, len(shape), part)


@pytest.mark.parametrize("connectivity", CONNECTIVITIES)
def test_numbers_are_those_of_scipy(connectivity):
    ndimage = pytest.importorskip("scipy.ndimage")
    structure = ndimage.generate_binary_structure(3, CONNECTIVITIES[connectivity])
    for pixels in cases():
        expected, _ = ndimage.label(pixels, structure)
        for workers in (1, 3):
            result = T.connected_components(Volume(pixels), connectivity=connectivity, workers=workers)
            assert result.dtype == np.uint16
            assert np.array_equal(result.pixels, expected)


@pytest.mark.parametrize("connectivity", CONNECTIVITIES)
def test_several_threads(connectivity):
    ndimage = pytest.importorskip("scipy.ndimage")
    pixels = labels((40, 160, 160), part=0.3)
    expected, _ = ndimage.label(pixels, ndimage.generate_binary_structure(3, CONNECTIVITIES[connectivity]))
    result = T.connected_components(Volume(pixels), connectivity=connectivity, workers=4)
    assert np.array_equal(result.pixels, expected)
    filled = [T.fill_holes(Volume(pixels), connectivity=connectivity, workers=n).pixels for n in (1, 4)]
    assert np.array_equal(*filled)
    assert (filled[0] != pixels).any() == (connectivity == 6)


@settings(deadline=None, max_examples=100)
@given(
    st.tuples(st.integers(1, 9), st.integers(1, 9), st.integers(1, 200)),
    st.integers(0, 2**32),
    st.sampled_from([0.05, 0.2, 0.4, 0.6, 0.9]),
    st.sets(st.integers(1, 8)),
    st.sampled_from([6, 18, 26]),
)
def test_parts_of_any_size(shape, seed, part, cuts, connectivity):
    ndimage = pytest.importorskip("scipy.ndimage")
    pixels = labels(shape, 1, seed, part)
    bounds = sorted({0, shape[0]} | {cut for cut in cuts if cut < shape[0]})
    found = Components(*shape, bounds, connectivity, False)
    numbers = range(len(bounds) - 1)
    for number in numbers:
        found.find(pixels, number)
    found.prepare()
    for number in numbers:
        found.connect(number)
    found.finish()
    result = np.zeros(shape, np.uint32)
    for number in numbers:
        found.write(
            result, number, np.arange(1, found.n + 2, dtype=np.uint32), np.ones(found.n + 1, np.uint8)
        )
    structure = ndimage.generate_binary_structure(3, CONNECTIVITIES[connectivity])
    assert np.array_equal(result, ndimage.label(pixels, structure)[0])


def test_more_components_than_16_bits_count():
    pixels = np.zeros((2, 2, 150_000), np.uint8)
    pixels[0, 0, ::2] = 1
    result = T.connected_components(Volume(pixels))
    assert result.dtype == np.uint32
    assert np.array_equal(result.pixels[0, 0, ::2], np.arange(1, 75_001))


@pytest.mark.parametrize("dtype", ["?", "i1", "u2", "i4", "u8", "i8", "f2", "f4", "f8", ">i2", ">f4"])
def test_types(dtype):
    pixels = labels((5, 6, 7), 3)
    pixels[0] = 0
    volume, small = Volume(pixels.astype(dtype), spacing=(1, 2, 3)), Volume(pixels)
    if dtype == "?":
        small = Volume(pixels.astype(dtype).astype("u1"))
    for function, options in (
        (T.connected_components, {}),
        (T.keep_largest_connected_component, {}),
        (T.keep_largest_connected_component, {"per_class": False}),
        (T.remove_small_objects, {"min_size": 4}),
        (T.fill_holes, {"connectivity": 26}),
    ):
        result = function(volume, **options)
        assert np.array_equal(result.pixels, function(small, **options).pixels), function
        assert np.array_equal(result.affine, volume.affine)
        if function is not T.connected_components:
            assert result.dtype == volume.dtype.newbyteorder("=")
    assert np.array_equal(volume.pixels, pixels.astype(dtype))


def test_negative_zero_is_background():
    pixels = np.array([[[-0.0, 1.0, 0.0]]])
    assert T.connected_components(Volume(pixels)).pixels.tolist() == [[[0, 1, 0]]]
    assert T.keep_largest_connected_component(Volume(pixels), per_class=False).pixels.tolist() == [
        [[0, 1, 0]]
    ]


def test_views_times_and_colours():
    pixels = labels((2, 8, 9, 20, 2), 3)[..., ::2, :]
    volume = Volume(pixels, axes="tzyxc")
    for function in (T.connected_components, T.keep_largest_connected_component, T.fill_holes):
        result = function(volume).pixels
        for t in range(2):
            for c in range(2):
                assert np.array_equal(result[t, ..., c], function(Volume(pixels[t, ..., c])).pixels)


@settings(deadline=None, max_examples=60)
@given(
    st.tuples(*[st.integers(1, 6)] * 3), st.integers(0, 2**32), st.floats(0, 1), st.sampled_from([6, 18, 26])
)
def test_properties(shape, seed, part, connectivity):
    pixels = labels(shape, 2, seed, part)
    volume = Volume(pixels)
    found = T.connected_components(volume, connectivity=connectivity).pixels
    assert np.array_equal(found > 0, pixels > 0)
    first = {number: index for index, number in reversed(list(enumerate(found.ravel()))) if number}
    assert sorted(first) == list(range(1, found.max() + 1))
    assert [first[number] for number in sorted(first)] == sorted(first.values())

    largest = T.keep_largest_connected_component(volume, connectivity=connectivity, per_class=False).pixels
    sizes = np.bincount(found.ravel())[1:]
    assert (largest > 0).sum() == (sizes.max() if sizes.size else 0)
    assert np.array_equal(largest[largest > 0], pixels[largest > 0])

    kept = T.remove_small_objects(volume, min_size=3, connectivity=connectivity, per_class=False).pixels
    assert (kept > 0).sum() == sizes[sizes >= 3].sum()
    assert np.array_equal(T.remove_small_objects(volume, min_size=0).pixels, pixels)

    filled = T.fill_holes(volume, connectivity=connectivity)
    assert np.array_equal(T.fill_holes(filled, connectivity=connectivity).pixels, filled.pixels)


@pytest.mark.parametrize("connectivity", CONNECTIVITIES)
def test_holes_of_one_label_are_those_of_scipy(connectivity):
    ndimage = pytest.importorskip("scipy.ndimage")
    structure = ndimage.generate_binary_structure(3, CONNECTIVITIES[connectivity])
    for pixels in (*cases(), labels((20, 20, 20), 1, 5, 0.7)):
        single = (pixels > 0).astype("u1")
        expected = ndimage.binary_fill_holes(single, structure)
        assert np.array_equal(T.fill_holes(Volume(single), connectivity=connectivity).pixels, expected)


def test_a_label_inside_of_another_is_a_hole_of_it():
    pixels = np.zeros((7, 7, 7), np.int16)
    pixels[1:6, 1:6, 1:6] = -2
    pixels[2:5, 2:5, 2:5] = 3
    pixels[3, 3, 3] = 0
    filled = T.fill_holes(Volume(pixels)).pixels
    assert np.array_equal(
        filled, np.where(pixels != 0, -2, pixels) - 2 * (np.indices(pixels.shape) == 3).all(axis=0)
    )


def test_monai():
    monai = pytest.importorskip("monai.transforms")
    for pixels in cases():
        for connectivity, hops in CONNECTIVITIES.items():
            options = {"connectivity": connectivity}
            theirs = monai.FillHoles(connectivity=hops)(pixels[None].copy())[0]
            assert np.array_equal(T.fill_holes(Volume(pixels), **options).pixels, np.asarray(theirs))
            for each in (True, False):
                keep = monai.KeepLargestConnectedComponent(connectivity=hops, independent=each)
                ours = T.keep_largest_connected_component(Volume(pixels), per_class=each, **options).pixels
                # which one of several of the same size stays is up to a sort
                assert (np.asarray(keep(pixels[None].copy())) > 0).sum() == (ours > 0).sum()


def test_cc3d_by_value():
    cc3d = pytest.importorskip("cc3d")
    pixels = labels((9, 10, 40), 3, 2, 0.9, "u2")
    for connectivity in CONNECTIVITIES:
        found = cc3d.connected_components(pixels, connectivity=connectivity)
        sizes = np.bincount(found.ravel())
        expected = np.where(sizes[found] >= 5, pixels, 0)
        assert np.array_equal(
            T.remove_small_objects(Volume(pixels), min_size=5, connectivity=connectivity).pixels, expected
        )


@pytest.mark.parametrize(
    "function",
    [T.connected_components, T.keep_largest_connected_component, T.fill_holes, T.remove_small_objects],
)
def test_bad_input(function):
    options = {"min_size": 2} if function is T.remove_small_objects else {}
    with pytest.raises(ValueError, match="6, 18 or 26"):
        function(Volume(np.ones((2, 2, 2), "u1")), connectivity=4, **options)
    with pytest.raises(TypeError, match="no labels"):
        function(Volume(np.ones((2, 2, 2), complex)), **options)
    with pytest.raises(TypeError, match="Volume"):
        function(np.ones((2, 2, 2)), **options)
    with pytest.raises(ValueError, match="number of voxels"):
        T.remove_small_objects(Volume(np.ones((2, 2, 2))), min_size=-1)


@pytest.mark.parametrize("dtype", ["f2", "f4", "f8"])
@pytest.mark.parametrize(
    ("around", "hole", "far"),
    [
        (1, 2, 3),
        (-2, -1, 3),
        (0.5, 1.5, 0.1),
        (3e4, 1, -3e4),
        (65000.7, 1, 0.1),
        (2, 0, np.inf),
        (2, 1, np.nan),
    ],
)
@pytest.mark.filterwarnings("ignore:overflow")
def test_holes_of_labels_that_are_floating_point_numbers(around, hole, far, dtype):
    pixels = np.zeros((5, 5, 9), dtype)
    pixels[1:4, 1:4, 1:4] = around
    pixels[2, 2, 7] = far
    expected = pixels.copy()
    pixels[2, 2, 2] = hole
    assert np.array_equal(T.fill_holes(Volume(pixels)).pixels, expected, equal_nan=True)
