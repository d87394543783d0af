"""Sliding windows: places, importance maps, inference; against MONAI and nnU-Net, and on their own."""

from __future__ import annotations

import threading

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pydcm_pixels import transforms as T
from pydcm_pixels._volume.model import Volume

ROIS = [(16, 24, 20), (9, 16, 13), (1, 1, 1), (1, 8, 30), (5, 1, 7)]


def image(*shape, seed=0):
    return np.random.default_rng(seed).normal(0, 1, shape).astype("f4")


def doubled_and_squared(window):
    return np.stack([2 * window + 1, window * window], axis=-4)


@settings(deadline=None, max_examples=100)
@given(
    st.tuples(*[st.integers(1, 30)] * 3),
    st.tuples(*[st.integers(0, 20)] * 3),
    st.floats(0, 0.8),  # nnU-Net's windows may lie less than a voxel apart: with more they are too many
    st.sampled_from(["monai", "nnunet"]),
)
def test_windows_cover_all(roi, more, overlap, convention):
    shape = np.add(roi, more)
    starts = T.sliding_window_positions(shape, roi, overlap, convention=convention)
    assert starts.dtype == np.int64
    assert (starts >= 0).all()
    assert (starts + roi <= shape).all()
    if convention == "monai":  # nnU-Net's may come twice where a step is less than a voxel
        assert sorted(map(tuple, starts)) == list(map(tuple, starts))
    for axis in range(3):
        ends = np.unique(starts[:, axis])
        assert ends[0] == 0
        assert ends[-1] == more[axis]
        assert (np.diff(ends) <= roi[axis]).all()


@pytest.mark.parametrize("convention", ["monai", "nnunet"])
@pytest.mark.parametrize("roi", ROIS)
def test_importance_maps(roi, convention):
    weights = T.gaussian_importance_map(roi, convention=convention)
    assert weights.shape == roi
    assert weights.dtype == np.float32
    assert (weights > 0).all()
    assert weights.max() == weights[tuple(n // 2 for n in roi)]
    assert np.array_equal(
        weights, T.gaussian_importance_map(roi, sigma_scale=(0.125,) * 3, convention=convention)
    )
    narrow = T.gaussian_importance_map(roi, sigma_scale=0.01, convention=convention)
    assert (narrow > 0).all()


def test_nnunet():
    theirs = pytest.importorskip("nnunetv2.inference.sliding_window_prediction")
    torch = pytest.importorskip("torch")
    rng = np.random.default_rng(0)
    for _ in range(60):
        roi = rng.integers(1, 30, 3)
        shape = roi + rng.integers(0, 60, 3)
        step = float(rng.choice([0.1, 0.2, 0.3, 0.4, 0.5, 0.7, 1]))
        grid = np.meshgrid(
            *theirs.compute_steps_for_sliding_window(tuple(shape), tuple(roi), step), indexing="ij"
        )
        expected = np.stack([one.ravel() for one in grid], axis=1)
        assert np.array_equal(T.sliding_window_positions(shape, roi, 1 - step, convention="nnunet"), expected)
        scale = float(rng.choice([0.125, 0.05, 0.25, 0.01]))
        weights = theirs.compute_gaussian(
            tuple(map(int, roi)), scale, dtype=torch.float32, device=torch.device("cpu")
        )
        assert np.array_equal(T.gaussian_importance_map(roi, sigma_scale=scale), weights.numpy())


@pytest.mark.parametrize("mode", ["constant", "gaussian"])
def test_monai(mode):
    torch = pytest.importorskip("torch")
    inferers = pytest.importorskip("monai.inferers")
    rng = np.random.default_rng(1)
    for number in range(20):
        roi = [int(n) for n in rng.integers(2, 14, 3)]
        pixels = image(*rng.integers(2, 25, 3), seed=number)
        overlap = float(rng.choice([0, 0.25, 0.5, 0.7]))
        padding = [("constant", "constant"), ("replicate", "edge")][number % 2]
        expected = inferers.sliding_window_inference(
            torch.from_numpy(pixels)[None, None],
            roi,
            3,
            lambda batch: torch.cat([2 * batch + 1, batch * batch], dim=1),
            overlap=overlap,
            mode=mode,
            padding_mode=padding[0],
            cval=0.5 * (padding[0] == "constant"),
        )[0].numpy()
        options = {
            "overlap": overlap,
            "mode": mode,
            "convention": "monai",
            "padding_mode": padding[1],
            "cval": 0.5,
        }
        result = T.sliding_window_inference(pixels, roi, doubled_and_squared, **options)
        np.testing.assert_allclose(result, expected, atol=1e-5 * np.ptp(expected))


@settings(deadline=None, max_examples=40)
@given(
    st.tuples(*[st.integers(1, 16)] * 3),
    st.tuples(*[st.integers(1, 12)] * 3),
    st.sampled_from([0, 0.25, 0.5, 0.8]),
    st.sampled_from(["gaussian", "constant"]),
    st.sampled_from(["monai", "nnunet"]),
    st.integers(1, 4),
    st.integers(1, 3),
)
def test_what_each_window_says_comes_out(shape, roi, overlap, mode, convention, batch, workers):
    pixels = image(*shape)
    options = {"overlap": overlap, "mode": mode, "convention": convention, "positions": convention}
    expected = T.sliding_window_inference(pixels, roi, doubled_and_squared, **options)
    assert expected.shape == (2, *shape)
    assert expected.dtype == np.float32
    np.testing.assert_allclose(expected[0], 2 * pixels + 1, atol=1e-4)
    np.testing.assert_allclose(expected[1], pixels**2, atol=1e-4)
    for given_image in (pixels[::-1].copy()[::-1], pixels.astype("f8"), Volume(pixels)):
        result = T.sliding_window_inference(
            given_image, roi, doubled_and_squared, batch_size=batch, workers=workers, **options
        )
        np.testing.assert_allclose(result, expected, rtol=1e-6, atol=1e-6)


def test_channels_in_batches():
    pixels = image(3, 10, 12, 14)
    seen = []

    def mean_and_first(batch):
        seen.append(batch.shape)
        return np.stack([batch.mean(axis=1), batch[:, 0]], axis=1)

    result = T.sliding_window_inference(pixels, 8, mean_and_first, batch_size=3)
    np.testing.assert_allclose(result, [pixels.mean(axis=0), pixels[0]], atol=1e-5)
    assert set(seen) == {(3, 3, 8, 8, 8), (2, 3, 8, 8, 8)}
    single = T.sliding_window_inference(pixels[0], 8, lambda batch: batch, batch_size=5)
    assert single.shape == (1, 10, 12, 14)


def test_a_window_is_read_only_and_the_image_stays():
    pixels = image(9, 9, 9)

    def spoil(window):
        window *= 2
        return window

    with pytest.raises(ValueError, match="read-only"):
        T.sliding_window_inference(pixels, 4, spoil)
    pixels[0] += 1
    pixels.flags.writeable = False
    assert T.sliding_window_inference(pixels, 4, lambda window: window).shape == (1, 9, 9, 9)


@pytest.mark.parametrize("dtype", ["f2", "f8", "i2", "u1", "?"])
def test_predictions_of_other_types(dtype):
    pixels = image(6, 7, 8)
    result = T.sliding_window_inference(pixels, 4, lambda window: (window > 0).astype(dtype), mode="constant")
    assert result.dtype == np.float32
    assert np.array_equal(result[0], pixels > 0)


def test_predictions_of_any_order_in_memory():
    pixels = image(6, 7, 8)
    result = T.sliding_window_inference(pixels, 4, lambda window: np.asfortranarray(window))
    np.testing.assert_allclose(result[0], pixels, atol=1e-6)
    result = T.sliding_window_inference(
        pixels, 4, lambda window: np.stack([window] * 2, axis=-1).transpose(3, 0, 1, 2)
    )
    np.testing.assert_allclose(result[1], pixels, atol=1e-6)


def test_progress_and_threads():
    told, threads = [], set()

    def predictor(window):
        threads.add(threading.get_ident())
        return window

    T.sliding_window_inference(
        image(8, 8, 8), 4, predictor, progress=lambda *n: told.append(n), workers=2, batch_size=4
    )
    assert told == [(n, 27) for n in range(1, 28)]
    assert threading.get_ident() not in threads


@pytest.mark.parametrize("workers", [1, 3])
def test_what_a_predictor_raises_arrives(workers):
    def predictor(window):
        raise RuntimeError("out of memory")

    with pytest.raises(RuntimeError, match="out of memory"):
        T.sliding_window_inference(image(8, 8, 8), 4, predictor, workers=workers)


def test_torch():
    torch = pytest.importorskip("torch")
    torch.manual_seed(0)
    net = torch.nn.Conv3d(1, 2, 1).eval()
    pixels = image(9, 10, 11)
    with torch.no_grad():
        expected = net(torch.from_numpy(pixels)[None, None])[0].numpy()
    for batch in (None, 4):
        result = T.sliding_window_inference(pixels, 6, net, batch_size=batch)
        np.testing.assert_allclose(result, expected, atol=1e-5)
    assert all(one.grad is None for one in net.parameters())

    seen = []

    def predictor(window):
        seen.append(type(window))
        return (window > 0).to(torch.bfloat16)

    for batch in (None, 3):
        tensor = torch.from_numpy(pixels)
        result = T.sliding_window_inference(tensor, 6, predictor, mode="constant", batch_size=batch)
        assert set(seen) == {torch.Tensor}
        assert np.array_equal(result[0], pixels > 0)


def both_inferences(pixels, roi, predictor, **options):
    """Return what MONAI and we make of a predictor of batches of tensors."""
    torch = pytest.importorskip("torch")
    inferers = pytest.importorskip("monai.inferers")
    tensor = torch.from_numpy(pixels)
    result = T.sliding_window_inference(tensor, roi, predictor, batch_size=3, convention="monai", **options)
    expected = inferers.sliding_window_inference(tensor[None], roi, 3, predictor, **options)
    return result, expected


@pytest.mark.parametrize("mode", ["constant", "gaussian"])
@pytest.mark.parametrize("shape", [(20, 24, 28), (6, 20, 9)])
def test_several_outputs_of_other_resolutions(mode, shape):
    torch = pytest.importorskip("torch")
    pool = torch.nn.functional.avg_pool3d
    grow = torch.nn.functional.interpolate

    def two(batch):
        return {"all": batch * 2, "half": pool(batch, 2)}

    for predictor in (two, lambda batch: tuple(two(batch).values()), lambda batch: list(two(batch).values())):
        result, expected = both_inferences(image(2, *shape), (8, 12, 16), predictor, overlap=0.5, mode=mode)
        assert type(result) is type(expected)
        if isinstance(expected, dict):
            assert list(result) == ["all", "half"]
            result, expected = tuple(result.values()), tuple(expected.values())
        for one, other in zip(result, expected, strict=True):
            np.testing.assert_allclose(one, other[0].numpy(), atol=1e-5)
    result, expected = both_inferences(
        image(2, *shape),
        (8, 12, 16),
        lambda batch: grow(batch, scale_factor=(2, 1, 3)),
        overlap=0.5,
        mode=mode,
    )
    np.testing.assert_allclose(result, expected[0].numpy(), atol=1e-5)
    alone = T.sliding_window_inference(image(*shape), 4, lambda window: [window])
    assert alone.shape == (1, *shape)


@settings(deadline=None, max_examples=60)
@given(
    st.tuples(*[st.integers(1, 16)] * 3),
    st.tuples(*[st.integers(1, 12)] * 3),
    st.tuples(*[st.integers(1, 9)] * 3),
    st.sampled_from([0, 0.25, 0.5, 0.8]),
    st.sampled_from(["monai", "nnunet"]),
)
def test_any_other_resolution_covers_all(shape, roi, returned, overlap, convention):
    result = T.sliding_window_inference(
        image(*shape), roi, lambda window: np.ones(returned, "f4"), overlap=overlap, positions=convention
    )
    np.testing.assert_allclose(result, 1, atol=1e-5)
    for n, m, small, large in zip(shape, result.shape[1:], returned, roi, strict=True):
        assert abs(m - n * small / large) <= 1


def test_weights_given():
    torch = pytest.importorskip("torch")
    weights = np.random.default_rng(3).random((8, 9, 10), np.float32)
    calls = []

    def predictor(batch):
        calls.append(0)
        return batch + len(calls)

    pixels = image(1, 17, 15, 24)
    options = {"overlap": 0.5, "roi_weight_map": torch.from_numpy(weights)}
    result = T.sliding_window_inference(
        torch.from_numpy(pixels), (8, 9, 10), predictor, batch_size=1, **options
    )
    calls.clear()
    inferers = pytest.importorskip("monai.inferers")
    expected = inferers.sliding_window_inference(
        torch.from_numpy(pixels)[None], (8, 9, 10), 1, predictor, **options
    )
    np.testing.assert_allclose(result, expected[0].numpy(), atol=1e-4)
    for lazy in (lambda window: window, np.copy):
        result = T.sliding_window_inference(pixels, (8, 9, 10), lazy, roi_weight_map=weights[None, None])
        np.testing.assert_allclose(result, pixels, atol=1e-5)


@pytest.mark.parametrize("dtype", ["f4", "f8", "i2"])
@pytest.mark.parametrize("mode", ["constant", "gaussian"])
@pytest.mark.parametrize("overlap", [0, 0.3, 0.5, 0.8])
@pytest.mark.parametrize("roi", [(7, 12, 21), (8, 8, 40)])
def test_what_lies_in_the_image_is_blended_to_the_same_bits(roi, overlap, mode, dtype):
    pixels = (100 * image(2, 15, 26, 53)).astype(dtype)
    options = {"overlap": overlap, "mode": mode, "convention": "monai"}
    expected = T.sliding_window_inference(pixels, roi, np.copy, **options)
    calls = iter(range(10**6))
    for predictor in (
        lambda window: window,
        lambda window: window[::-1][::-1],
        lambda window: window if next(calls) < 5 else window.copy(),
    ):
        assert np.array_equal(T.sliding_window_inference(pixels, roi, predictor, **options), expected)
    backwards = T.sliding_window_inference(pixels, roi, lambda window: window[::-1], **options)
    assert np.array_equal(backwards, expected[::-1])
    for batch in (1, 3):
        result = T.sliding_window_inference(pixels, roi, lambda window: window, batch_size=batch, **options)
        assert np.array_equal(result, expected)


@pytest.mark.parametrize("batch", [None, 1, 4])
def test_a_predictor_that_changes_tensors_in_place(batch):
    torch = pytest.importorskip("torch")
    pixels = image(1, 9, 10, 11)
    tensor = torch.from_numpy(pixels.copy())
    result = T.sliding_window_inference(tensor, 5, lambda window: window.mul_(2), batch_size=batch)
    np.testing.assert_allclose(result, 2 * pixels, atol=1e-5)
    net = torch.nn.Sequential(torch.nn.ReLU(inplace=True), torch.nn.Identity())
    result = T.sliding_window_inference(tensor, 5, net, batch_size=batch)
    np.testing.assert_allclose(result, pixels.clip(0), atol=1e-6)
    assert np.array_equal(tensor.numpy(), pixels)
    same = T.sliding_window_inference(pixels, 5, torch.nn.Identity(), batch_size=batch)
    np.testing.assert_allclose(same, pixels, atol=1e-6)


def test_a_predictor_that_changes_tensors_in_place_later():
    torch = pytest.importorskip("torch")
    calls = iter(range(100))
    with pytest.raises(ValueError, match="changed a window in place"):
        T.sliding_window_inference(
            torch.zeros(9, 9, 9), 5, lambda window: window.mul_(2) if next(calls) else window
        )


@pytest.mark.parametrize("batch", [None, 3])
def test_what_a_predictor_gets_besides(batch):
    pixels = image(3, 9, 10, 11)
    seen = []

    def predictor(windows, places, factor, *, more):
        together = zip(windows, places, strict=True) if batch else [(windows, places)]
        for window, place in together:
            assert np.array_equal(window, pixels[place])
            seen.append(place)
        return windows * factor + more

    result = T.sliding_window_inference(
        pixels, 6, predictor, batch_size=batch, with_coord=True, args=(2,), kwargs={"more": 1}
    )
    np.testing.assert_allclose(result, 2 * pixels + 1, atol=1e-5)
    assert len(seen) == len(T.sliding_window_positions((9, 10, 11), 6))


def test_windows_as_long_as_the_image():
    pixels, shapes = image(9, 10, 11), set()

    def predictor(window):
        shapes.add(window.shape)
        return window

    T.sliding_window_inference(pixels, (4, None, -1), predictor)
    T.sliding_window_inference(pixels, (4, 0, None), predictor)
    assert shapes == {(4, 10, 11)}


def test_where_tensors_go():
    torch = pytest.importorskip("torch")
    pixels = image(9, 10, 11)
    result = T.sliding_window_inference(
        torch.from_numpy(pixels), 6, lambda window: window, sw_device=torch.device("cpu")
    )
    np.testing.assert_allclose(result[0], pixels, atol=1e-6)


@pytest.mark.parametrize(
    ("call", "error", "match"),
    [
        (lambda: T.sliding_window_positions((4, 4, 4), 5), ValueError, "larger than the volume"),
        (lambda: T.sliding_window_positions((4, 4, 4), 2, 1), ValueError, "below 1"),
        (lambda: T.sliding_window_positions((4, 4, 4), 2, (0.1, -0.1, 0)), ValueError, "at least 0"),
        (
            lambda: T.sliding_window_positions((4, 4, 4), 2, (0.1, 0.1)),
            ValueError,
            "overlap is a number or three",
        ),
        (lambda: T.sliding_window_positions((4, 4), 2), ValueError, "three whole numbers"),
        (lambda: T.sliding_window_positions((4, 4, 4), 0), ValueError, "above 0|from 1"),
        (lambda: T.sliding_window_positions((4, 4, 4), 2, convention="itk"), ValueError, "convention"),
        (lambda: T.sliding_window_positions((9000, 9000, 9000), 1, 0), ValueError, "windows of"),
        (lambda: T.gaussian_importance_map((2, 2, 2), sigma_scale=0), ValueError, "above 0"),
        (lambda: T.gaussian_importance_map((10**5,) * 3), Exception, "voxels"),
        (lambda: T.gaussian_importance_map(4, convention=""), ValueError, "convention"),
        (
            lambda: T.sliding_window_inference(np.zeros((4, 4)), 2, np.copy),
            ValueError,
            "an image has the axes",
        ),
        (
            lambda: T.sliding_window_inference(np.zeros((0, 4, 4)), 2, np.copy),
            ValueError,
            "an image has the axes",
        ),
        (lambda: T.sliding_window_inference(np.zeros((4, 4, 4), "U1"), 2, np.copy), TypeError, "no numbers"),
        (lambda: T.sliding_window_inference(np.zeros((4, 4, 4)), 2, np.copy, mode="x"), ValueError, "mode"),
        (
            lambda: T.sliding_window_inference(np.zeros((4, 4, 4)), 2, np.copy, padding_mode="x"),
            ValueError,
            "padding",
        ),
        (
            lambda: T.sliding_window_inference(np.zeros((4, 4, 4)), 2, np.copy, batch_size=0),
            ValueError,
            "batch_size",
        ),
        (
            lambda: T.sliding_window_inference(np.zeros((4, 4, 4)), 2, np.copy, workers=0),
            ValueError,
            "workers",
        ),
        (
            lambda: T.sliding_window_inference(np.zeros((4, 4, 4)), 2, np.ravel),
            ValueError,
            r"returned an array of shape \(8,\)",
        ),
        (
            lambda: T.sliding_window_inference(np.zeros((4, 4, 4)), 2, lambda w: w[:, :0]),
            ValueError,
            "returned an array of shape",
        ),
        (
            lambda: T.sliding_window_inference(np.zeros((4, 4, 4)), 2, np.copy, roi_weight_map=np.ones(2)),
            ValueError,
            "roi_weight_map",
        ),
        (
            lambda: T.sliding_window_inference(np.zeros((4, 4, 4)), 2, lambda w: None),
            TypeError,
            "array of object",
        ),
    ],
)
def test_bad_input(call, error, match):
    with pytest.raises(error, match=match):
        call()


def test_another_number_of_channels_later():
    counts = iter([1, 2, 2, 2, 2, 2, 2, 2])
    with pytest.raises(ValueError, match="2 channels after 1"):
        T.sliding_window_inference(image(4, 4, 4), 2, lambda w: np.stack([w] * next(counts)), overlap=0)


def test_outputs_by_name_in_any_order():
    calls = iter(range(100))

    def predictor(window):
        named = {"a": window, "b": -window}
        return named if next(calls) % 2 else dict(reversed(named.items()))

    pixels = image(9, 9, 9)
    result = T.sliding_window_inference(pixels, 4, predictor)
    np.testing.assert_allclose(result["a"][0], pixels, atol=1e-6)
    np.testing.assert_allclose(result["b"][0], -pixels, atol=1e-6)
    calls = iter(range(100))
    with pytest.raises(ValueError, match=r"returned \['b'\] after \['a'\]"):
        T.sliding_window_inference(pixels, 4, lambda window: {"b" if next(calls) else "a": window})


@pytest.mark.parametrize("batch", [None, 1, 3])
@pytest.mark.parametrize("nothing", [[], (), {}])
def test_no_output(batch, nothing):
    answers = iter([nothing] * 9)
    with pytest.raises(ValueError, match="no output at all"):
        T.sliding_window_inference(image(9, 9, 9), 4, lambda window: next(answers), batch_size=batch)
    calls = iter(range(100))
    with pytest.raises(ValueError, match="no output at all"):
        T.sliding_window_inference(
            image(9, 9, 9), 4, lambda window: nothing if next(calls) else [window + 1], batch_size=batch
        )


def test_another_number_of_outputs_or_another_shape_later():
    counts = iter(range(1, 9))
    with pytest.raises(ValueError, match="2 outputs after 1"):
        T.sliding_window_inference(image(4, 4, 4), 2, lambda w: [w] * next(counts), overlap=0)
    counts = iter(range(1, 9))
    with pytest.raises(ValueError, match="after one of"):
        T.sliding_window_inference(image(4, 4, 4), 2, lambda w: w.repeat(next(counts), 0), overlap=0)


def test_presets():
    from pydcm_pixels.transforms import monai, nnunet

    shape, roi = (20, 21, 22), (8, 9, 10)
    assert np.array_equal(
        nnunet.sliding_window_positions(shape, roi),
        T.sliding_window_positions(shape, roi, 0.5, convention="nnunet"),
    )
    assert np.array_equal(monai.sliding_window_positions(shape, roi), T.sliding_window_positions(shape, roi))
    for preset, convention in ((nnunet, "nnunet"), (monai, "monai")):
        expected = T.gaussian_importance_map(roi, convention=convention)
        assert np.array_equal(preset.gaussian_importance_map(roi), expected)
    pixels = image(*shape)
    noise = iter(np.random.default_rng(0).random((200, *roi), np.float32))
    again = iter(np.random.default_rng(0).random((200, *roi), np.float32))
    result = nnunet.sliding_window_inference(pixels, roi, lambda window: next(noise))
    expected = T.sliding_window_inference(
        pixels, roi, lambda window: next(again), overlap=0.5, positions="nnunet"
    )
    assert np.array_equal(result, expected)
    volume = Volume(pixels)
    assert np.array_equal(
        monai.gaussian_smooth(volume, 2).pixels, T.gaussian_smooth(volume, 2, convention="monai").pixels
    )
    assert np.array_equal(nnunet.gaussian_smooth(volume, 2).pixels, T.gaussian_smooth(volume, 2).pixels)
    half = Volume(np.full((1, 1, 1), 0.5))
    assert [preset.as_discrete(half).pixels.item() for preset in (T, nnunet, monai)] == [0, 0, 1]


def test_weights_of_nothing():
    pixels, weights = image(1, 8, 8, 40), np.ones((8, 8, 16), "f4")
    weights[..., 0] = 0
    for predictor in (np.copy, lambda window: window):
        with np.errstate(all="ignore"):
            result = T.sliding_window_inference(pixels, (8, 8, 16), predictor, roi_weight_map=weights)
        assert np.isnan(result[..., 0]).all()
        np.testing.assert_allclose(result[..., 1:], pixels[..., 1:], atol=1e-6)
