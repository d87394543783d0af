"""Arrays that scikit-image, SciPy, nnU-Net, MONAI, torch, ITK and Pillow made of a seeded volume, against the same here.

The file is not part of the repository. The tests run where a folder holds it: ``PYDCM_IMAGING_DATA`` names the folder,
by default ``shared/data/imaging`` beside the repository.
"""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest

from pydcm_pixels import transforms as T
from pydcm_pixels._volume.model import Volume
from pydcm_pixels.transforms import monai, nnunet

_BESIDE = Path(__file__).resolve().parents[5] / "shared" / "data" / "imaging"
FILE = Path(os.environ.get("PYDCM_IMAGING_DATA", _BESIDE)) / "transforms" / "transforms_ref_seed0.npz"
TARGET = (30, 23, 35)

pytestmark = pytest.mark.skipif(not FILE.exists(), reason=f"no {FILE}")


@pytest.fixture(scope="module")
def arrays():
    with np.load(FILE) as file:
        return dict(file)


def of(name, function, *args, dtype=None, affine="affine", **options):
    """Return a function that applies a transform to the array of that name."""
    return lambda a: function(Volume(a[name].astype(dtype or a[name].dtype), a[affine]), *args, **options)


def on_reference(name, **options):
    def make(a):
        grid = Volume(np.zeros((24, 28, 30), np.uint8), a["ref_affine"])
        return T.resample_to_reference(Volume(a[name], a["affine"]), grid, **options)

    return make


EXACT = {
    "resize_cubic|skimage": of("img", T.resample_cubic, TARGET, dtype=np.float64),
    "resize_linear|skimage": of("img", T.resample_linear, TARGET, dtype=np.float64),
    "resize_nearest|skimage": of("img", T.resample_nearest, TARGET),
    "resize_nearest_label|skimage": of("lab", T.resize, TARGET),
    "zoom_cubic|scipy": of("img", T.zoom, TARGET, dtype=np.float64),
    "zoom_cubic_gridmode|scipy": of("img", T.zoom, TARGET, dtype=np.float64, grid_mode=True),
    "grid_sample|torch": of("img", T.resample_grid_sample, TARGET),
    "nnunet_resample_sepz0|nnunet": of("img", nnunet.resize, TARGET, separate_z=False),
    "nnunet_resample_sepz1|nnunet": of("img", nnunet.resize, TARGET, separate_z=True),
    "nnunet_resample_seg_sepz0|nnunet": of("lab", nnunet.resize, TARGET, dtype=np.int8, separate_z=False),
    "nnunet_resample_seg_sepz1|nnunet": of("lab", nnunet.resize, TARGET, dtype=np.int8, separate_z=True),
    "spacing_1.5_bilinear|monai": of("img", monai.resample_to_spacing, 1.5),
    "spacing_extent_1.5_bilinear|monai": of("img", monai.resample_to_spacing, 1.5, scale_extent=True),
    "spacing_1.5_nearest|monai": of("lab", monai.resample_to_spacing, 1.5, dtype=np.float32, is_label=True),
    "to_reference_linear|sitk": on_reference("img"),
    "to_reference_linear_fill-1024|sitk": on_reference("img", fill=-1024),
    "to_reference_bspline|sitk": on_reference("img", interp="cubic"),
    "to_reference_nearest_label|sitk": on_reference("lab"),
    "resize2d_bicubic_u8|pil": of("img_u8", T.resize_2d, (50, 40)),
    "resize2d_bilinear_u8|pil": of("img_u8", T.resize_2d, (50, 40), interp="bilinear"),
    "resize2d_bicubic_f32|pil": of("img", T.resize_2d, (50, 40)),
    "resize2d_bilinear_f32|pil": of("img", T.resize_2d, (50, 40), interp="bilinear"),
    "center_crop_10_20_15|monai": of("img", T.center_crop, (10, 20, 15)),
    "crop_foreground_lab0|monai": of("lab0", T.crop_foreground, 1),
    "crop_foreground_m2|monai": of("pos", T.crop_foreground, 2),
    "divisible_pad_8|monai": of("img", T.divisible_pad, 8),
    "pad_or_crop_16_48_20|monai": of("img", T.resize_with_pad_or_crop, (16, 48, 20)),
    "spatial_pad_24_40_40|monai": of("img", T.spatial_pad, (24, 48, 40)),
    "spatial_pad_edge|monai": of("img", T.spatial_pad, (24, 48, 40), mode="edge"),
    "spatial_pad_reflect|monai": of("img", T.spatial_pad, (24, 48, 40), mode="reflect"),
    "rot90_1|monai": of("img", T.rotate90),
    "rot90_3_01|monai": of("img", T.rotate90, 3, (0, 1)),
    "flip_zx|monai": of("img", T.flip, (True, False, True)),
}
for letters in ("LPS", "RAS", "PIR", "SLA"):
    EXACT[f"orient_{letters}|monai"] = of("img", T.reorient, letters)

# torch's interpolation in single precision is not the same on all processors
NEAR = {
    "resize_linear|torch": of("img", monai.resize, TARGET),
    "resize_trilinear|monai": of("img", monai.resize, TARGET),
    "resize2d_bilinear|torch": of("img", T.resize_2d, (50, 40), interp="bilinear", convention="torch"),
}
SINGLE = {
    "resize_cubic|skimage": of("img", T.resample_cubic, TARGET),
    "resize_linear|skimage": of("img", T.resize, TARGET),
    "resize_linear|torch": of("img", T.resize, TARGET),
}


@pytest.mark.parametrize("workers", [1, 2])
@pytest.mark.parametrize("key", EXACT)
def test_equal_to_the_last_bit(arrays, key, workers, monkeypatch):
    monkeypatch.setattr("pydcm_pixels.transforms._volumes._WORTH_A_THREAD", 1000)
    monkeypatch.setattr("pydcm_pixels._decode.parallel.available_cpus", lambda: workers)
    result, wanted = EXACT[key](arrays), arrays[key]
    assert result.dtype == wanted.dtype
    assert np.array_equal(result.pixels, wanted)
    name, _, library = key.partition("|")
    if (affine := arrays.get(f"{name}_affine|{library}")) is not None:
        assert np.abs(result.affine - affine).max() < 1e-9


@pytest.mark.parametrize("key", NEAR)
def test_equal_but_for_rounding(arrays, key):
    result, wanted = NEAR[key](arrays), arrays[key]
    assert result.dtype == wanted.dtype
    assert np.abs(result.pixels - wanted).max() < 1e-6 * np.ptp(wanted)


@pytest.mark.parametrize("key", SINGLE)
def test_single_precision_is_near(arrays, key):
    result, wanted = SINGLE[key](arrays), arrays[key]
    assert result.dtype == np.float32
    assert np.abs(result.pixels - wanted).max() < 1e-6 * np.ptp(wanted)


def test_every_reference_of_geometry_is_compared(arrays):
    starts = (
        "resize",
        "zoom",
        "grid",
        "nnunet",
        "spacing_",
        "to_ref",
        "orient",
        "crop",
        "center",
        "divis",
        "pad",
        "spat",
    )
    keys = {
        key
        for key in arrays
        if "|" in key and "_affine|" not in key and key.startswith((*starts, "rot", "flip"))
    }
    assert keys == set(EXACT) | set(NEAR)
