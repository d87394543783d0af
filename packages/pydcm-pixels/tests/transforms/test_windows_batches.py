"""Sliding windows in batches: copies, views and the memory they are in."""

from __future__ import annotations

import numpy as np
import pytest

from pydcm_pixels import transforms as T
from pydcm_pixels._core import _windows


def image(*shape, seed=0):
    return np.random.default_rng(seed).normal(0, 1, shape).astype("f4")


@pytest.mark.parametrize("workers", [1, 3])
def test_batches_that_a_predictor_keeps_stay_as_they_are(workers):
    pixels = np.random.default_rng(8).random((20, 24, 40), np.float32)
    kept, addresses = [], set()

    def keeps_every_other(windows):
        addresses.add(windows.ctypes.data)
        if len(addresses) % 2:
            kept.append((windows, windows.copy()))
        return windows * 2

    result = T.sliding_window_inference(pixels, 8, keeps_every_other, batch_size=3, workers=workers)
    np.testing.assert_allclose(result[0], 2 * pixels, atol=1e-6)
    assert all(np.array_equal(one, copy) for one, copy in kept)
    addresses.clear()
    parts = T.sliding_window_inference(pixels, 8, lambda windows: windows[..., ::-1], batch_size=3)
    assert np.isfinite(parts).all()


def test_memory_of_batches_is_used_again():
    pixels = np.zeros((16, 16, 256), np.float32)
    addresses = []

    def predictor(windows):
        if len(windows) > 1:  # a single one is not copied
            addresses.append(windows.ctypes.data)
        return windows + 1

    T.sliding_window_inference(pixels, 16, predictor, batch_size=4)
    assert len(addresses) > 4
    assert len(set(addresses)) == 1


def boxes(*starts, roi):
    """Return places of windows."""
    return [tuple(slice(a, a + n) for a, n in zip(one, roi, strict=True)) for one in starts]


@pytest.mark.parametrize("dtype", ["f4", "f8", "i2", "u1", "?"])
@pytest.mark.parametrize("flipped", [False, True])
@pytest.mark.parametrize("channels", [(), (2,)])
def test_copies_of_windows(dtype, flipped, channels):
    pixels = (np.random.default_rng(9).random((*channels, 9, 20, 33)) * 200).astype(dtype)
    pixels = pixels[..., ::-1, ::-1, :] if flipped else pixels
    for starts, roi in (([(1, 3, 5), (2, 3, 7), (0, 0, 0)], (7, 17, 25)), ([(8, 19, 32)], (1, 1, 1))):
        target = np.zeros((4, *channels, *roi), dtype)
        places = boxes(*starts, roi=roi)
        assert _windows.copy_windows(pixels, places, target)
        for place, copy in zip(places, target, strict=False):
            assert np.array_equal(copy, pixels[(..., *place)])
        assert not target[len(starts) :].any()


def test_copies_that_go_past_the_cache():
    pixels = image(40, 70, 100)
    roi = (40, 70, 80)
    memory = np.zeros(5 * 40 * 70 * 80 + 16, "f4")
    for shift in range(17):
        target = memory[shift : shift + 5 * 40 * 70 * 80].reshape(5, *roi)
        target[:] = 0
        places = boxes(*[(0, 0, x) for x in (0, 3, 20, 16, 7)], roi=roi)
        assert _windows.copy_windows(pixels, places, target)
        assert all(np.array_equal(copy, pixels[place]) for copy, place in zip(target, places, strict=True))


def test_what_is_no_window_is_not_copied():
    pixels = np.ones((4, 5, 6), np.float32)
    target = np.zeros((2, 4, 5, 6), np.float32)
    whole = boxes((0, 0, 0), roi=(4, 5, 6))
    assert not _windows.copy_windows(pixels[..., ::-1], whole, target)
    for source in (pixels[:3], pixels[0], pixels.astype("f8"), pixels[None, None]):
        with pytest.raises(ValueError, match="the target has other axes|not inside"):
            _windows.copy_windows(source, whole, target)
    for start in ((1, 0, 0), (0, -1, 0)):
        with pytest.raises(ValueError, match="not inside"):
            _windows.copy_windows(pixels, boxes(start, roi=(4, 5, 6)), target)
    with pytest.raises(ValueError, match="fewer parts"):
        _windows.copy_windows(pixels, whole * 3, target)
    with pytest.raises(ValueError, match="other channels"):
        _windows.copy_windows(pixels[None], whole, np.zeros((1, 2, 4, 5, 6), "f4"))
    assert not target.any()
    target.flags.writeable = False
    with pytest.raises((ValueError, BufferError), match="read-only|not writable"):
        _windows.copy_windows(pixels, whole, target)
    result = T.sliding_window_inference(pixels[..., ::-1], 4, lambda windows: windows * 2, batch_size=2)
    assert np.allclose(result, 2)


@pytest.mark.parametrize("mode", ["constant", "gaussian"])
@pytest.mark.parametrize("convention", ["monai", "nnunet"])
@pytest.mark.parametrize("overlap", [0, 0.3, 0.5, 0.8])
def test_evenly_spaced_windows_as_one_view(mode, convention, overlap):
    pixels, sizes = image(2, 15, 26, 53), []

    def seen(batch):
        assert not batch.flags.writeable
        assert np.shares_memory(batch, pixels)
        sizes.append(len(batch))
        return batch

    options = {"overlap": overlap, "mode": mode, "positions": convention}
    expected = T.sliding_window_inference(pixels, (7, 12, 21), np.copy, **options)
    for batch in (2, 3, 5):
        sizes.clear()
        views = {"batch_size": batch, "contiguous": False, **options}
        for predictor in (seen, np.copy, lambda batch: seen(batch) * 1):
            result = T.sliding_window_inference(pixels, (7, 12, 21), predictor, **views)
            assert np.array_equal(result, expected)
        assert max(sizes) <= batch
        starts = T.sliding_window_positions(pixels.shape[1:], (7, 12, 21), overlap, convention=convention)
        assert sum(sizes) == 2 * len(starts)


def test_evenly_spaced_windows_as_one_tensor():
    torch = pytest.importorskip("torch")
    tensor, sizes = torch.from_numpy(image(1, 9, 10, 31)), []

    def predictor(batch):
        sizes.append(len(batch))
        return batch

    options = {"batch_size": 4, "contiguous": False, "overlap": 0}
    result = T.sliding_window_inference(tensor, 5, predictor, **options)
    assert sizes == [4, 2, 1] * 4  # starts are 0, 5, 10, 15, 20, 25, 26
    np.testing.assert_allclose(result, tensor, atol=1e-6)
    doubled = T.sliding_window_inference(tensor, 5, lambda batch: batch.mul_(2), **options)
    np.testing.assert_allclose(doubled, 2 * tensor, atol=1e-6)
    net = torch.nn.Conv3d(1, 1, 1)
    with torch.no_grad():
        expected = net(tensor[None])[0]
    np.testing.assert_allclose(T.sliding_window_inference(tensor, 5, net, **options), expected, atol=1e-5)


@pytest.mark.parametrize("batch", [None, 3])
@pytest.mark.parametrize("contiguous", [True, False])
def test_a_module_and_an_image_of_any_order_in_memory(batch, contiguous):
    torch = pytest.importorskip("torch")
    pixels, net = image(9, 10, 11), torch.nn.Identity()
    only_read = pixels.copy()
    only_read.flags.writeable = False
    for given in (
        pixels[::-1],
        pixels[..., ::-1],
        pixels.T,
        pixels.astype(">f4"),
        pixels[::2, ::3],
        only_read,
    ):
        result = T.sliding_window_inference(given, 4, net, batch_size=batch, contiguous=contiguous)
        np.testing.assert_allclose(result[0], given, atol=1e-6)
