"""Geometry of volumes: resampling against scikit-image, torch, MONAI, ITK and Pillow, moves against NumPy's copies.

    python benchmarks/bench_transforms.py

CPU time of one thread, interleaved, medians; wall-clock time for the threads. What is not installed is not shown.
"""

from __future__ import annotations

import importlib
import time

import numpy as np

from pydcm_pixels import transforms as T
from pydcm_pixels._volume.model import Volume
from pydcm_pixels.transforms import monai, nnunet
from pydcm_testing import timing

SIZE = 256
TARGET = (300, 280, 320)


def peer(name):
    """Return a module, ``None`` if it is not installed."""
    try:
        return importlib.import_module(name)
    except ImportError:
        return None


def smooth(dtype=np.float32):
    """Return a volume of waves with some noise."""
    z, y, x = np.ogrid[:SIZE, :SIZE, :SIZE]
    waves = np.sin(z / 20) + np.cos(y / 15) * np.sin(x / 25)
    noise = np.random.default_rng(0).random((SIZE, SIZE, SIZE), np.float32)
    return Volume((1000 * waves + 50 * noise).astype(dtype), spacing=(1.0, 1.0, 1.0))


def row(what, ours, peers, aims=None, rounds=3):
    """Return a row of interleaved calls."""
    seconds, *others = timing.interleaved(ours, *peers.values(), rounds=rounds)
    return timing.Row(what, seconds, dict(zip(peers, others, strict=True)), aims or {})


def resampling(image):
    """Yield rows of resampling over the same field of view."""
    shapes = f"{SIZE}^3 to {'x'.join(map(str, TARGET))}"
    peers = {}
    if skimage := peer("skimage.transform"):
        options = {"mode": "edge", "anti_aliasing": False}
        peers = {"scikit-image": lambda: skimage.resize(image.pixels, TARGET, 3, **options)}
        assert np.array_equal(peers["scikit-image"](), T.resample_cubic(image, TARGET).pixels)
    yield row(
        f"cubic, {shapes}",
        lambda: T.resample_cubic(image, TARGET, workers=1),
        peers,
        {"scikit-image": 3},
        rounds=2,
    )
    if skimage:
        small = (128, 128, 128)
        yield row(
            f"cubic, {SIZE}^3 to 128^3",
            lambda: T.resample_cubic(image, small, workers=1),
            {"scikit-image": lambda: skimage.resize(image.pixels, small, 3, **options)},
            {"scikit-image": 3},
            rounds=2,
        )
        yield row(
            f"linear as scikit-image, {shapes}",
            lambda: T.resample_linear(image, TARGET, workers=1),
            {"scikit-image": lambda: skimage.resize(image.pixels, TARGET, 1, **options)},
            rounds=2,
        )
    yield from against_torch(image, shapes)


def against_torch(image, shapes):
    """Yield rows of linear and nearest interpolation."""
    torch = peer("torch")
    linear, nearest, sampled, spaced = {}, {}, {}, {}
    if torch:
        torch.set_num_threads(1)
        functional, tensor = torch.nn.functional, torch.from_numpy(image.pixels)[None, None]

        def grid_sample():
            grid = functional.affine_grid(torch.eye(3, 4)[None], (1, 1, *TARGET), align_corners=False)
            return functional.grid_sample(tensor, grid, padding_mode="border", align_corners=False)

        linear["torch"] = lambda: functional.interpolate(tensor, TARGET, mode="trilinear")
        nearest["torch"] = lambda: functional.interpolate(tensor, TARGET, mode="nearest-exact")
        sampled["torch"] = grid_sample
        if transforms := peer("monai.transforms"):
            change = transforms.Spacing((1.5, 1.5, 1.5))
            meta = peer("monai.data").MetaTensor(tensor[0])
            spaced["MONAI"] = lambda: change(meta)
    yield row(f"linear, {shapes}", lambda: T.resize(image, TARGET, workers=1), linear, {"<torch": 1})
    yield row(
        f"grid_sample, {shapes}",
        lambda: T.resample_grid_sample(image, TARGET, workers=1),
        sampled,
        {"<torch": 1},
    )
    yield row(
        f"MONAI's Spacing, {SIZE}^3 of 1 to 1.5 mm",
        lambda: monai.resample_to_spacing(image, 1.5, workers=1),
        spaced,
        {"<MONAI": 1},
    )
    whole = np.empty(TARGET, np.float32)
    yield row(
        f"nearest, {shapes}",
        lambda: T.resample_nearest(image, TARGET, workers=1),
        {"copy of as much": whole.copy, **nearest},
        {"<copy of as much": 1.5, "<torch": 1},
        rounds=9,
    )


def on_other_grids(image):
    """Yield rows of resampling to a reference, of slices and of labels."""
    turn = np.eye(4)
    turn[:3, :3] = np.linalg.qr(np.random.default_rng(1).normal(size=(3, 3)))[0] * 0.9
    grid = Volume(np.zeros((SIZE, SIZE, SIZE), np.uint8), turn)
    if sitk := peer("SimpleITK"):
        sitk.ProcessObject.SetGlobalDefaultNumberOfThreads(1)
        moving, fixed = image.to_simpleitk(), grid.to_simpleitk()
        kinds = {"nearest": sitk.sitkNearestNeighbor, "linear": sitk.sitkLinear, "cubic": sitk.sitkBSpline}
        for interp, kind in kinds.items():
            yield row(
                f"to an oblique reference, {interp}, {SIZE}^3",
                lambda interp=interp: T.resample_to_reference(image, grid, interp=interp, workers=1),
                {"SimpleITK": lambda kind=kind: sitk.Resample(moving, fixed, sitk.Transform(), kind)},
                {"<SimpleITK": 1},
                rounds=2,
            )
    if pillow := peer("PIL.Image"):
        slices = Volume(image.pixels[:64])
        yield row(
            "64 slices 256x256 to 400x320 as Pillow, bicubic",
            lambda: T.resize_2d(slices, (400, 320), workers=1),
            {"Pillow": lambda: [pillow.fromarray(one).resize((320, 400), 3) for one in slices.pixels]},
            {"<Pillow": 1},
        )
        whole = Volume((slices.pixels / 20 + 128).astype(np.uint8))
        yield row(
            "64 slices 256x256 to 150x200 as Pillow, bicubic, 8 bits",
            lambda: T.resize_2d(whole, (150, 200), workers=1),
            {"Pillow": lambda: [pillow.fromarray(one).resize((200, 150), 3) for one in whole.pixels]},
            {"<Pillow": 1},
        )
    if default := peer("nnunetv2.preprocessing.resampling.default_resampling"):
        part = Volume((image.pixels[:96, :128, :128] > 0).astype(np.int8) * 2)
        target = (60, 160, 160)
        yield row(
            "labels 96x128x128 to 60x160x160 as nnU-Net",
            lambda: nnunet.resize(part, target, separate_z=False, workers=1),
            {"nnU-Net": lambda: default.resample_data_or_seg(part.pixels[None], target, True, None, 1)},
            {"nnU-Net": 3},
        )


def moves(image):
    """Yield rows of flips, crops and turns: all that is to be done is a copy."""
    array = image.pixels
    for axis in "zyx":
        yield row(
            f"flip {axis}, {SIZE}^3 float32",
            lambda axis=axis: T.flip(image, axis, workers=1),
            {"copy of as much": array.copy},
            {"<copy of as much": 1.5},
            rounds=15,
        )
    box = tuple(slice(13, SIZE - 13) for _ in range(3))
    yield row(
        "crop of 13 voxels at each end",
        lambda: T.crop(image, (13, 13, 13), (SIZE - 26,) * 3, workers=1),
        {"copy of as much": lambda: array[box].copy()},
        {"<copy of as much": 1.5},
        rounds=15,
    )
    yield row(
        "pad of 13 voxels at each end",
        lambda: T.pad(image, (13, 13, 13), (13, 13, 13), workers=1),
        {"numpy.pad": lambda: np.pad(array, 13)},
        {"<numpy.pad": 1.3},
        rounds=15,
    )
    yield row(
        "reorient LPS to SLA",
        lambda: T.reorient(image, "SLA", workers=1),
        {"numpy": lambda: np.ascontiguousarray(array.transpose(1, 2, 0))},
        {"<numpy": 1},
        rounds=9,
    )


def threads(image):
    """Yield a row of two threads, wall clock."""
    two, one = timing.interleaved(
        lambda: T.resample_cubic(image, TARGET, workers=2),
        lambda: T.resample_cubic(image, TARGET, workers=1),
        rounds=5,
        clock=time.perf_counter,
        choose=min,
    )
    yield timing.Row("cubic, two threads, wall clock", two, {"one thread": one}, {"one thread": 1.6})


def rows():
    """Yield the rows of the table."""
    image = smooth()
    yield from resampling(image)
    yield from on_other_grids(image)
    yield from moves(image)
    yield from threads(image)


if __name__ == "__main__":
    timing.main(rows)
