"""Transforms of intensities and labels, and sliding windows, against the libraries that people take for them.

    python benchmarks/bench_transforms_values.py

CPU time of all threads, interleaved, medians. What is not installed is not shown.
"""

from __future__ import annotations

from importlib import import_module

import numpy as np

from pydcm_pixels import transforms as T
from pydcm_pixels._volume.model import Volume
from pydcm_testing import timing


def peer(name):
    """Return a module if it is installed."""
    try:
        return import_module(name)
    except ImportError:
        return None


def ct(size):
    """Return a volume of smooth noise in Hounsfield units."""
    rng = np.random.default_rng(0)
    coarse = rng.normal(0, 300, [n // 8 + 2 for n in size])
    grid = np.ix_(*[np.arange(n) // 8 for n in size])
    return (coarse[grid] + rng.normal(0, 30, size)).astype(np.float32)


def row(what, ours, peers, aims=None, rounds=7):
    """Return a row of the table; `peers` by name, or None for what is not there."""
    there = {name: call for name, call in peers.items() if call is not None}
    seconds, *theirs = timing.interleaved(ours, *there.values(), rounds=rounds)
    return timing.Row(what, seconds, dict(zip(there, theirs, strict=True)), aims or {})


def intensities(volume, pixels):
    """Yield rows of intensities."""
    ndimage = peer("scipy.ndimage")
    for name, mode in (("reflect", "reflect"), ("constant", "constant")):
        for sigma in (1, 3):
            yield row(
                f"Gaussian, sigma {sigma}, {name}, float32",
                lambda sigma=sigma, mode=mode: T.gaussian_smooth(volume, sigma, mode=mode),
                {"SciPy": ndimage and (lambda s=sigma, m=mode: ndimage.gaussian_filter(pixels, s, mode=m))},
                {"SciPy": 1.0},
                rounds=3,
            )
    for dtype in ("f4", "f8", "i2", "u1"):
        array = pixels.astype(dtype)
        one = Volume(array)
        yield row(
            f"percentiles 0.5 and 99.5 and scaling, {dtype}",
            lambda one=one: T.scale_intensity_range_percentiles(one, 0.5, 99.5, 0, 1),
            {"NumPy's percentile": lambda array=array: np.percentile(array, (0.5, 99.5))},
            {"NumPy's percentile": 1.0},
        )
    yield row(
        "z-score, float32",
        lambda: T.normalize_zscore(volume),
        {"NumPy": lambda: (pixels - pixels.mean()) / pixels.std()},
        {"NumPy": 1.0},
    )
    yield row(
        "CT normalisation, float32",
        lambda: T.normalize_ct(volume, -300, 250, -50, 120),
        {"NumPy": lambda: (np.clip(pixels, -300, 250) + 50) / 120},
        {"NumPy": 1.0},
    )
    yield row(
        "contrast 0.7, float32",
        lambda: T.adjust_contrast(volume, 0.7),
        {"NumPy": lambda: ((pixels - pixels.min()) / np.ptp(pixels)) ** 0.7 * np.ptp(pixels) + pixels.min()},
        {"NumPy": 1.0},
    )


def labels(size):
    """Yield rows of labels."""
    cc3d, ndimage = peer("cc3d"), peer("scipy.ndimage")
    noise = ct(size)
    for what, mask in (("blobs", noise > 100), ("noise", np.random.default_rng(1).random(size) < 0.2)):
        pixels = mask.astype(np.uint8)
        volume = Volume(pixels)
        for connectivity in (6, 18, 26):
            yield row(
                f"connected components of {what}, {connectivity}",
                lambda volume=volume, c=connectivity: T.connected_components(volume, connectivity=c),
                {
                    "cc3d": cc3d
                    and (lambda p=pixels, c=connectivity: cc3d.connected_components(p, connectivity=c)),
                    "SciPy": (ndimage and connectivity == 6 and (lambda p=pixels: ndimage.label(p))) or None,
                },
                {"<cc3d": 1.2},
            )
    classes = Volume((np.abs(noise) // 150).clip(0, 3).astype(np.uint8))
    yield row("largest component of 3 classes", lambda: T.keep_largest_connected_component(classes), {})
    yield row(
        "holes of one class",
        lambda: T.fill_holes(volume),
        {"SciPy": ndimage and (lambda: ndimage.binary_fill_holes(pixels))},
        {"SciPy": 1.0},
    )
    yield row(
        "one-hot, 4 classes",
        lambda: T.one_hot(classes, 4),
        {"NumPy": lambda: (classes.pixels == np.arange(4)[:, None, None, None]).astype(np.float32)},
        {"NumPy": 1.0},
    )
    probs = np.stack([noise[:96], -noise[:96], noise[:96] * 0.5, noise[:96] ** 2])
    torch = peer("torch")
    yield row(
        "argmax of 4 channels",
        lambda: T.argmax(probs),
        {
            "NumPy": lambda: probs.argmax(axis=0).astype(np.uint8),
            "torch": torch and (lambda: torch.from_numpy(probs).argmax(0)),
        },
        {"NumPy": 1.0, "torch": 1.0},
    )
    yield row("threshold", lambda: T.as_discrete(volume), {"NumPy": lambda: (pixels > 0.5).astype(np.uint8)})


def windows(size, roi, overlap, mode):
    """Yield rows of sliding windows, one by one: what is left when the model does nothing.

    MONAI multiplies what the model returns in place, and so its input where that is the same: that it does to a copy.
    """
    torch, inferers = peer("torch"), peer("monai.inferers")
    pixels = np.random.default_rng(0).random((size,) * 3, np.float32)
    options = {"overlap": overlap, "mode": mode}
    said = np.zeros((1, roi, roi, roi), np.float32)
    if inferers:
        torch.set_num_threads(1)
        tensor = torch.from_numpy(pixels)[None, None]
        also_said = torch.from_numpy(said)[None]
    what = f"windows of {roi}^3 in {size}^3, overlap {overlap}, {mode}"
    yield row(
        f"{what}, identity",
        lambda: T.sliding_window_inference(pixels, roi, lambda window: window, convention="monai", **options),
        {
            "MONAI": inferers
            and (
                lambda: inferers.sliding_window_inference(
                    tensor.clone(), (roi,) * 3, 1, lambda window: window, **options
                )
            )
        },
        {"MONAI": 10.0},
        rounds=5,
    )
    if size > 128:
        for contiguous in (True, False):
            yield row(
                f"{what}, four at once, {'copies' if contiguous else 'views'}",
                lambda contiguous=contiguous: T.sliding_window_inference(
                    pixels,
                    roi,
                    lambda windows: windows,
                    convention="monai",
                    batch_size=4,
                    contiguous=contiguous,
                    **options,
                ),
                {
                    "MONAI": inferers
                    and (
                        lambda: inferers.sliding_window_inference(
                            tensor, (roi,) * 3, 4, lambda window: window, **options
                        )
                    )
                },
                {} if contiguous else {"MONAI": 10.0},
                rounds=5,
            )
    yield row(
        f"{what}, an array of its own",
        lambda: T.sliding_window_inference(pixels, roi, lambda window: said, convention="monai", **options),
        {
            "MONAI": inferers
            and (
                lambda: inferers.sliding_window_inference(
                    tensor, (roi,) * 3, 1, lambda window: also_said, **options
                )
            )
        },
        rounds=5,
    )


def rows():
    """Yield the rows of the table."""
    size = (160, 256, 256)
    pixels = ct(size)
    yield from intensities(Volume(pixels), pixels)
    yield from labels(size)
    for sizes in ((128, 16), (128, 32), (128, 64), (256, 96), (256, 128)):
        for mode in ("constant", "gaussian"):
            for overlap in (0.25, 0.5):
                yield from windows(*sizes, overlap, mode)


if __name__ == "__main__":
    timing.main(rows)
