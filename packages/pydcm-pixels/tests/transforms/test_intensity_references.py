"""Arrays that SciPy, MONAI and nnU-Net made of a seeded volume, against the same operations here.

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

_BESIDE = Path(__file__).resolve().parents[5] / "shared" / "data" / "imaging"
FILE = Path(os.environ.get("PYDCM_IMAGING_DATA", _BESIDE)) / "transforms" / "transforms_ref_seed0.npz"

pytestmark = pytest.mark.skipif(not FILE.exists(), reason=f"no {FILE}")


@pytest.fixture(scope="module")
def arrays():
    with np.load(FILE) as file:
        return dict(file)


def doubled_and_squared(window):
    return np.stack([2 * window + 1, window * window])


def windows(mode):
    return lambda a: T.sliding_window_inference(
        a["swi_vol"], 16, doubled_and_squared, overlap=0.5, mode=mode, convention="monai"
    )


def img(function, *args, **options):
    return lambda a: function(Volume(a["img"]), *args, **options)


def pos(function, *args, **options):
    return lambda a: function(Volume(a["pos"]), *args, **options)


def lab(function, *args, **options):
    return lambda a: function(Volume(a["lab"]), *args, **options)


EXACT = {
    "ct_normalization|nnunet": img(T.normalize_ct, -300, 250, -50, 120),
    "zscore|nnunet": img(T.normalize_zscore),
    "zscore_mask|nnunet": lambda a: T.normalize_zscore(Volume(a["pos"]), mask=a["pos"] > 0),
    "scale_range|monai": img(T.scale_intensity_range, -300, 250, 0, 1),
    "scale_range_noclip|monai": img(T.scale_intensity_range, -300, 250, -1, 1, clip=False),
    "contrast_2|monai": img(T.adjust_contrast, 2),
    "gaussian_1|scipy": img(T.gaussian_smooth, 1),
    "gaussian_1_mirror|scipy": img(T.gaussian_smooth, 1, mode="mirror"),
    "gaussian_1_nearest|scipy": img(T.gaussian_smooth, 1, mode="nearest"),
    "argmax|monai": lambda a: T.argmax(a["probs"]),
    "threshold_0|monai": img(T.as_discrete, 0),
    "onehot|monai": lab(T.one_hot),
    "cc_6|scipy": lab(T.connected_components, connectivity=6),
    "cc_18|scipy": lab(T.connected_components, connectivity=18),
    "cc_26|scipy": lab(T.connected_components, connectivity=26),
    "keep_largest_c1|monai": lab(T.keep_largest_connected_component, connectivity=6),
    "keep_largest_all_c1|monai": lab(T.keep_largest_connected_component, connectivity=6, per_class=False),
    "keep_largest_c3|monai": lab(T.keep_largest_connected_component, connectivity=26),
    "keep_largest_all_c3|monai": lab(T.keep_largest_connected_component, connectivity=26, per_class=False),
    "fill_holes_c1|monai": lab(T.fill_holes, connectivity=6),
    "fill_holes|monai": lab(T.fill_holes, connectivity=26),
    "remove_small_20|monai": lab(T.remove_small_objects, min_size=20),
    "remove_small_20_all|monai": lab(T.remove_small_objects, min_size=20, per_class=False),
    "swi_gaussian|monai": windows("gaussian"),
    "swi_constant|monai": windows("constant"),
}
for roi in ((16, 24, 20), (9, 16, 13)):
    name = "x".join(map(str, roi))
    for library in ("nnunet", "monai"):
        EXACT[f"gaussian_map_{name}|{library}"] = lambda a, roi=roi, library=library: (
            T.gaussian_importance_map(roi, convention=library)
        )
    for overlap in (0.25, 0.5, 0.75):
        EXACT[f"positions_{name}_{overlap}|monai"] = lambda a, roi=roi, overlap=overlap: (
            T.sliding_window_positions((40, 50, 61), roi, overlap)
        )
    EXACT[f"positions_{name}|nnunet"] = lambda a, roi=roi: T.sliding_window_positions(
        (40, 50, 61), roi, 0.5, convention="nnunet"
    )

# torch adds up, takes powers and interpolates percentiles in single precision, in an order of its own
NEAR = {
    "normalize|monai": img(T.normalize_zscore),
    "normalize_nonzero|monai": pos(T.normalize_zscore, nonzero=True),
    "scale_percentiles_5_95|monai": img(T.scale_intensity_range_percentiles, 5, 95, 0, 1),
    "contrast_0.7|monai": img(T.adjust_contrast, 0.7),
    "gaussian_smooth_1|monai": img(T.gaussian_smooth, 1, convention="monai"),
    "gaussian_smooth_aniso|monai": img(T.gaussian_smooth, (0.6, 1, 2), convention="monai"),
}


@pytest.mark.parametrize("key", EXACT)
def test_the_same_bits(arrays, key):
    np.testing.assert_array_equal(np.asarray(EXACT[key](arrays)), arrays[key], strict=False)


@pytest.mark.parametrize("key", NEAR)
def test_within_single_precision(arrays, key):
    expected, result = arrays[key], np.asarray(NEAR[key](arrays))
    assert result.shape == expected.shape
    assert result.dtype == expected.dtype
    assert np.abs(result.astype(np.float64) - expected).max() <= 1e-6 * np.ptp(expected)
