"""What holds for all transforms of geometry: positions are kept, times and colours are alike, sad input is refused."""

from __future__ import annotations

import pickle
from functools import partial

import numpy as np
import pytest

from pydcm_pixels import transforms as T
from pydcm_pixels._volume.model import Volume
from pydcm_pixels.transforms import monai, nnunet

MATRIX = np.eye(4)
MATRIX[:3, :3] = np.linalg.qr(np.random.default_rng(5).normal(size=(3, 3)))[0] * (0.8, 0.9, 2.5)
MATRIX[:3, 3] = (-30.5, 12.25, -100)


def positions(shape=(7, 9, 8)):
    """Return a volume whose colours are the patient positions of its voxels."""
    z, y, x = np.indices(shape, dtype=np.float64)
    return Volume(np.stack([x, y, z], axis=-1) @ MATRIX[:3, :3].T + MATRIX[:3, 3], MATRIX, axes="zyxc")


def there(volume):
    """Return the patient positions of the voxels of a volume, by its affine."""
    x, y, z = volume.size
    z, y, x = np.indices((z, y, x), dtype=np.float64)
    return volume.index_to_world(np.stack([x, y, z], axis=-1))


MOVES = {
    "crop": partial(T.crop, start=(1, 2, 3), size=(4, 5, 2)),
    "center_crop": partial(T.center_crop, size=(4, 20, 3)),
    "crop_foreground": T.crop_foreground,
    "flip": partial(T.flip, axis=(True, False, True)),
    "flip names": partial(T.flip, axis="y"),
    "reorient": partial(T.reorient, axcodes="SAR", nearest=True),
    "monai.reorient": partial(monai.reorient, axcodes="LPS"),
    "rotate90": T.rotate90,
    "rotate90 twice": partial(T.rotate90, k=2, axes=(0, 2)),
    "rotate90 back": partial(T.rotate90, k=-1, axes=(2, 0)),
    "identity": partial(T.affine, matrix=np.eye(4)),
    "same shape": partial(T.resize, out_shape=(7, 9, 8)),
    "same grid": lambda volume: T.resample_to_reference(volume, volume),
}


@pytest.mark.parametrize("name", MOVES)
def test_positions_are_kept(name):
    result = MOVES[name](positions())
    assert np.abs(result.pixels - there(result)).max() < 1e-9


PADS = {
    "pad": partial(T.pad, lo=(1, 0, 2), hi=(0, 3, 1)),
    "spatial_pad": partial(T.spatial_pad, size=(10, 9, 13)),
    "divisible_pad": partial(T.divisible_pad, k=(4, 5, 3)),
    "resize_with_pad_or_crop": partial(T.resize_with_pad_or_crop, size=(10, 4, 9)),
}


@pytest.mark.parametrize("name", PADS)
def test_positions_are_kept_within_what_is_added(name):
    result = PADS[name](positions(), value=np.inf)
    inside = np.isfinite(result.pixels)
    assert inside.any() and not inside.all()
    assert np.abs(result.pixels - there(result))[inside].max() < 1e-9


RESAMPLED = {
    "resize": partial(T.resize, out_shape=(11, 4, 13)),
    "resample_linear": partial(T.resample_linear, out_shape=(11, 4, 13)),
    "resample_grid_sample": partial(T.resample_grid_sample, out_shape=(11, 4, 13)),
    "zoom": partial(T.zoom, out_shape=(11, 4, 13), order=1),
    "zoom of cells": partial(T.zoom, out_shape=(11, 4, 13), order=1, grid_mode=True),
    "separate z": partial(T.resample_separate_z, out_shape=(11, 4, 13), order=1, order_z=1),
    "spacing": partial(T.resample_to_spacing, spacing=(1.1, 0.7, 2)),
    "spacing of centres": partial(T.resample_to_spacing, spacing=(1.1, 0.7, 2), scale_extent=False),
    "monai.spacing": partial(monai.resample_to_spacing, spacing=(1.1, 0.7, 2)),
    "monai.resize": partial(monai.resize, out_shape=(11, 4, 13)),
    "nnunet.resize": partial(nnunet.resize, out_shape=(11, 4, 13), interp="linear", separate_z=False),
}


@pytest.mark.parametrize("name", RESAMPLED)
def test_interpolated_positions_are_those_of_the_voxels(name):
    """Positions are linear, so linear interpolation gives them back wherever it is between voxels."""
    volume = positions()
    result = RESAMPLED[name](volume)
    index = volume.world_to_index(there(result))
    within = ((index >= 0) & (index <= np.array(volume.size) - 1)).all(axis=-1)
    assert within.any()
    assert np.abs(result.pixels - there(result))[within].max() < (
        1e-9 if result.dtype == np.float64 else 1e-5
    )


@pytest.mark.parametrize("name", RESAMPLED)
def test_back_on_the_old_grid(name):
    volume = positions()
    result = RESAMPLED[name](volume)
    back = T.resample_to_reference(result, volume, fill=np.nan)
    assert back.same_grid(volume, 0)
    middle = (slice(2, 5), slice(3, 6), slice(2, 6))
    assert np.abs(back.pixels - volume.pixels)[middle].max() < (1e-9 if result.dtype == np.float64 else 1e-4)


def test_a_chain_of_transforms_comes_back():
    rng = np.random.default_rng(0)
    labels = Volume(np.kron(rng.integers(0, 4, (4, 5, 6)), np.ones((4, 4, 4))).astype(np.uint8), MATRIX)
    steps = T.Compose(
        [
            partial(T.flip, axis=(True, True, False)),
            partial(T.rotate90, k=1, axes=(0, 2)),
            partial(T.pad, lo=(2, 2, 2), hi=(1, 1, 1)),
            partial(T.crop, start=(1, 1, 1), size=(24, 20, 16)),
        ]
    )
    back = T.resample_to_reference(pickle.loads(pickle.dumps(steps))(labels), labels)
    assert back.same_grid(labels, 0)
    inside = back.pixels != 0
    assert inside.mean() > 0.5
    assert np.array_equal(back.pixels[inside], labels.pixels[inside])


@pytest.mark.parametrize("make", [*MOVES.values(), *PADS.values(), *RESAMPLED.values()])
def test_each_time_and_colour_by_itself(make):
    rng = np.random.default_rng(1)
    array = rng.normal(size=(2, 7, 9, 8, 3)).astype(np.float32)
    whole = make(Volume(array, MATRIX))
    assert whole.axes == "tzyxc"
    for time in range(2):
        for colour in range(3):
            one = make(Volume(array[time, ..., colour], MATRIX))
            assert np.array_equal(whole.pixels[time, ..., colour], one.pixels)
            assert np.array_equal(whole.affine, one.affine)


@pytest.mark.parametrize("make", [*MOVES.values(), *PADS.values(), *RESAMPLED.values()])
def test_source_and_metadata_stay(make):
    array = np.random.default_rng(2).normal(size=(7, 9, 8)).astype(np.float32)
    array.flags.writeable = False
    volume = Volume(array, MATRIX, meta={"modality": "CT"})
    result = make(volume)
    assert result.meta == {"modality": "CT"} and result.meta is not volume.meta
    assert result.pixels.flags.c_contiguous
    assert np.array_equal(volume.affine, MATRIX)
    backwards = Volume(array.astype(">f4")[::-1].transpose(0, 2, 1), MATRIX)
    copied = Volume(np.ascontiguousarray(backwards.pixels, "<f4"), MATRIX)
    assert np.array_equal(make(backwards).pixels, make(copied).pixels)


@pytest.mark.parametrize(
    "dtype", ["bool", "i1", "u1", "i2", ">u2", "i4", "u4", "i8", "u8", "f2", "f4", ">f8", "c8", "c16"]
)
def test_moves_and_nearest_of_every_type(dtype):
    array = np.arange(60).reshape(3, 4, 5).astype(dtype)
    volume = Volume(array)
    assert np.array_equal(T.flip(volume, "x").pixels, array[..., ::-1])
    assert np.array_equal(T.crop(volume, (1, 1, 1), (2, 2, 2)).pixels, array[1:3, 1:3, 1:3])
    if np.dtype(dtype).kind != "c" or np.dtype(dtype).itemsize == 8:
        assert np.array_equal(T.pad(volume, (0, 0, 1), (1, 0, 0), value=1).pixels[:3, :, 1:], array)
        assert np.array_equal(T.pad(volume, (0, 0, 1), (1, 0, 0), mode="edge").pixels[:3, :, 1:], array)
        assert np.array_equal(T.resample_nearest(volume, (6, 4, 5)).pixels, array.repeat(2, axis=0))
    if np.dtype(dtype).kind != "c":
        wanted = np.dtype(dtype).newbyteorder("=")
        assert T.resample_to_reference(volume, volume, is_label=True).dtype == wanted
        assert np.array_equal(T.resample_to_reference(volume, volume, is_label=True).pixels, array)


def test_foreground_is_found_and_may_be_missing():
    array = np.zeros((5, 6, 7), np.int16)
    volume = Volume(array)
    assert T.crop_foreground(volume) is volume
    array[2, 3, 4] = -1
    assert T.crop_foreground(volume).shape == (1, 1, 1)
    assert T.crop_foreground(volume, (1, 9, 0)).shape == (3, 6, 1)
    assert T.crop_foreground(volume, positive=True) is volume
    array[0, 0, 0] = 2
    assert monai.crop_foreground(volume, 2).shape == (3, 3, 3)
    assert monai.crop_foreground(volume, 2, allow_smaller=False).shape == (5, 5, 5)


def test_volume_resample():
    volume = positions()
    assert volume.resample(1.5).spacing == pytest.approx((1.5, 1.5, 1.5))
    assert volume.resample(size=(3, 4, 5)).size == (5, 4, 3)
    grid = Volume(np.zeros((2, 3, 4)), MATRIX)
    assert volume.resample(reference=grid, interp="nearest").same_grid(grid, 0)
    with pytest.raises(TypeError, match="one of spacing, reference and size"):
        volume.resample()
    with pytest.raises(TypeError, match="one of"):
        volume.resample(1, size=(1, 1, 1))


@pytest.mark.parametrize("outside", ["fill", "border", "mirror"])
@pytest.mark.parametrize(
    ("origin", "spread"), [((0, 0, 0), 1), ((0, 0.5, 0), 2), ((0.5, 0, 0.25), 4), ((0.5,) * 3, 8)]
)
def test_what_is_no_number_does_not_spread_further_than_it_counts(outside, origin, spread):
    for value in (np.nan, np.inf):
        pixels = np.zeros((7, 8, 9), np.float32)
        pixels[3, 4, 5] = value
        result = T.resample_to_reference(Volume(pixels), Volume(pixels, origin=origin), outside=outside)
        assert (~np.isfinite(result.pixels)).sum() == spread


def test_axcodes_as_nibabel_has_them():
    volume = positions()[..., 0]
    result = T.reorient(volume, ("S", "A", "R"), nearest=True)
    assert np.array_equal(result.pixels, T.reorient(volume, "SAR", nearest=True).pixels)
    with pytest.raises(ValueError, match="axcodes has one each"):
        T.reorient(volume, None, nearest=True)
