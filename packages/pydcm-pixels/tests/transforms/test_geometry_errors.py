"""Sad input of transforms of geometry: each is refused with what is wrong, none crashes or eats the memory."""

from __future__ import annotations

from functools import partial

import numpy as np
import pytest

import pydcm.limits
from pydcm.errors import DicomLimitError
from pydcm_pixels import transforms as T
from pydcm_pixels._volume.model import Volume
from pydcm_pixels.transforms import monai, nnunet

VOLUME = Volume(np.zeros((4, 5, 6), np.float32), spacing=(1, 1, 2))
LABELS = Volume(np.zeros((4, 5, 6), np.uint8))
TO_SHAPE = [
    T.resize,
    T.resample_cubic,
    T.resample_linear,
    T.resample_nearest,
    T.resample_grid_sample,
    T.resample_separate_z,
    T.resample_labels,
    T.zoom,
    T.spatial_pad,
    T.resize_with_pad_or_crop,
    nnunet.resize,
    monai.resize,
]


@pytest.mark.parametrize("function", TO_SHAPE)
class TestShapes:
    @pytest.mark.parametrize(
        "shape",
        [(0, 1, 1), (1, -1, 1), (1, 1), 3, (1, 1, 1, 1), (1.5, 1, 1), (np.nan, 1, 1), (np.inf, 1, 1), "abc"],
    )
    def test_not_three_lengths(self, function, shape):
        with pytest.raises((ValueError, TypeError), match="three whole numbers|numbers from 1 on"):
            function(VOLUME, shape)

    def test_far_too_large(self, function):
        with pytest.raises(DicomLimitError, match=r"voxels in all.*MAX_VOXELS"):
            function(VOLUME, (100_000, 100_000, 100_000))
        with pytest.raises(DicomLimitError, match="voxels in all"):
            function(VOLUME, (2**62, 2**62, 2**62))

    def test_no_volume(self, function):
        with pytest.raises(TypeError, match="takes a Volume, not ndarray"):
            function(np.zeros((2, 2, 2)), (1, 1, 1))
        with pytest.raises(ValueError, match="has no voxels"):
            function(Volume(np.zeros((0, 2, 2))), (1, 1, 1))


@pytest.mark.parametrize(
    "function", [T.resample_to_spacing, nnunet.resample_to_spacing, monai.resample_to_spacing]
)
class TestSpacings:
    @pytest.mark.parametrize("spacing", [0, -1, np.nan, np.inf, (1, 1), (1, 0, 1), (1, 1, np.nan), "a", 1j])
    def test_no_distances(self, function, spacing):
        with pytest.raises(ValueError, match="spacing is one distance in mm or three"):
            function(VOLUME, spacing)

    @pytest.mark.parametrize("spacing", [1e-9, 1e-300])
    def test_far_too_fine(self, function, spacing):
        with pytest.raises(DicomLimitError, match="the shape for this spacing is"):
            function(VOLUME, spacing)

    def test_far_too_coarse_leaves_one_voxel(self, function):
        assert function(VOLUME, 1e6).size == (1, 1, 1)

    def test_unknown_interpolation(self, function):
        with pytest.raises(ValueError, match="interp is"):
            function(VOLUME, 1, interp="lanczos")


def test_limit_can_be_changed(monkeypatch):
    monkeypatch.setattr(pydcm.limits, "MAX_VOXELS", 1000)
    with pytest.raises(DicomLimitError, match="20 x 20 x 20"):
        T.resize(VOLUME, (20, 20, 20))
    with pytest.raises(DicomLimitError, match="10 x 10 x 10"):
        T.resize(Volume(np.zeros((2, 3, 3, 3), np.float32)), (10, 10, 10))
    assert T.resize(VOLUME, (10, 10, 10)).size == (10, 10, 10)


BAD = {
    "crop beyond": (partial(T.crop, VOLUME, (0, 0, 1), (4, 5, 6)), "reaches from 1 to 7 along x"),
    "crop before": (partial(T.crop, VOLUME, (-1, 0, 0), (1, 1, 1)), "along z"),
    "crop nothing": (partial(T.crop, VOLUME, (0, 0, 0), (0, 1, 1)), "along z"),
    "crop two": (partial(T.crop, VOLUME, (0, 0), (1, 1)), "three whole numbers"),
    "center_crop": (partial(T.center_crop, VOLUME, (0, 1, 1)), "numbers from 1 on"),
    "margin": (partial(T.crop_foreground, VOLUME, -1), "numbers from 0 on"),
    "pad": (partial(T.pad, VOLUME, (0, 0, -1), (0, 0, 0)), "numbers from 0 on"),
    "pad mode": (partial(T.pad, VOLUME, (1, 1, 1), (0, 0, 0), mode="melt"), "mode is constant, edge"),
    "pad value": (partial(T.pad, LABELS, (1, 1, 1), (0, 0, 0), value=-1), "uint8 cannot have the value -1"),
    "pad nan": (partial(T.pad, LABELS, (1, 1, 1), (0, 0, 0), value=np.nan), "cannot have the value"),
    "divisible": (partial(T.divisible_pad, VOLUME, 0), "numbers from 1 on"),
    "flip": (partial(T.flip, VOLUME, "w"), "axes are x, y and z"),
    "flip two": (partial(T.flip, VOLUME, (True, False)), None),
    "axcodes": (partial(T.reorient, VOLUME, "LRS"), "one each of"),
    "axes": (partial(T.rotate90, VOLUME, 1, (1, 1)), "two of 0, 1, 2"),
    "far axes": (partial(T.rotate90, VOLUME, 1, (0, 3)), "two of 0, 1, 2"),
    "k": (partial(T.rotate90, VOLUME, 0.5), "whole number of quarter turns"),
    "interp": (partial(T.resize, VOLUME, (1, 1, 1), interp="sinc"), "interp is linear, cubic or nearest"),
    "interp of labels": (partial(T.resize, LABELS, (1, 1, 1), interp="sinc"), "interp is"),
    "dtype": (partial(T.resize, VOLUME, (1, 1, 1), dtype="i4"), "float32 or float64"),
    "order": (partial(T.zoom, VOLUME, (1, 1, 1), order=2), "order is 0, 1 or 3"),
    "order_z": (partial(T.resample_separate_z, VOLUME, (1, 1, 1), order_z=3), "order_z is 0 or 1"),
    "axis": (partial(T.resample_separate_z, VOLUME, (1, 1, 1), axis=3), "axis is 0, 1 or 2"),
    "label order": (partial(T.resample_labels, LABELS, (1, 1, 1), order=3), "order is 0 or 1 for labels"),
    "workers": (partial(T.resize, VOLUME, (1, 1, 1), workers=0), "workers is the number of threads"),
    "reference": (partial(T.resample_to_reference, VOLUME, VOLUME, interp="x"), "interp is"),
    "outside": (
        partial(T.resample_to_reference, VOLUME, VOLUME, outside="x"),
        "outside is fill, border or mirror",
    ),
    "fill": (partial(T.resample_to_reference, LABELS, LABELS, fill=300), "cannot have the value 300"),
    "matrix": (partial(T.affine, VOLUME, np.eye(3)), r"shape \(4, 4\)"),
    "flat matrix": (partial(T.affine, VOLUME, np.diag([1, 1, 0, 1])), "plane, a line or a point"),
    "nan matrix": (partial(T.affine, VOLUME, np.full((4, 4), np.nan)), "finite numbers"),
    "affine outside": (partial(T.affine, VOLUME, np.eye(4), outside="x"), "outside is one of"),
    "filter": (partial(T.resize_2d, VOLUME, (2, 2), interp="box"), "no filter 'box'"),
    "torch filter": (partial(T.resize_2d, VOLUME, (2, 2), convention="torch"), "no filter 'bicubic'"),
    "convention": (partial(T.resize_2d, VOLUME, (2, 2), convention="cv2"), "pillow or torch"),
    "one size": (partial(T.resize_2d, VOLUME, 2), r"two lengths \(y, x\)"),
    "zero size": (partial(T.resize_2d, VOLUME, (0, 2)), "numbers from 1 on"),
}


@pytest.mark.parametrize("name", BAD)
def test_refused(name):
    call, message = BAD[name]
    with pytest.raises(ValueError, match=message):
        call()


@pytest.mark.parametrize("preset", [nnunet, monai])
def test_presets_have_all_names(preset):
    assert preset.__all__ == T.__all__
    assert all(hasattr(preset, name) for name in T.__all__)


def test_oblique_is_said():
    turn = np.radians(20)
    volume = Volume(
        np.zeros((2, 2, 2)),
        direction=[[np.cos(turn), -np.sin(turn), 0], [np.sin(turn), np.cos(turn), 0], [0, 0, 1]],
    )
    with pytest.raises(ValueError, match="oblique by 20 degrees.*nearest=True"):
        T.reorient(volume, "RAS")
    assert T.reorient(volume, "RAS", nearest=True).axcodes == "RAS"


@pytest.mark.parametrize(
    "function", [T.resample_linear, T.resample_cubic, T.resample_grid_sample, T.resize_2d]
)
def test_complex_voxels_cannot_be_interpolated(function):
    volume = Volume(np.zeros((4, 5, 6), np.complex64))
    with pytest.raises(TypeError, match="complex64 cannot be interpolated"):
        function(volume, (2, 2) if function is T.resize_2d else (2, 2, 2))


def test_voxels_that_are_not_finite():
    array = np.zeros((6, 6, 6), np.float32)
    array[2, 2, 2], array[4, 4, 4] = np.nan, np.inf
    for function in (
        T.resample_linear,
        T.resample_cubic,
        T.resample_separate_z,
        T.resample_grid_sample,
        T.resize,
    ):
        with np.errstate(invalid="ignore"):
            assert function(Volume(array), (12, 3, 7)).size == (7, 3, 12)
    grid = Volume(np.zeros((4, 4, 4)), spacing=(1.5, 1.5, 1.5))
    assert np.isnan(T.resample_to_reference(Volume(array), grid).pixels).any()


def test_grids_far_away():
    far = Volume(np.zeros((2, 3, 4)), origin=(1e30, -1e300, 5))
    for interp in ("linear", "nearest", "cubic"):
        result = T.resample_to_reference(VOLUME, far, interp=interp, fill=-3)
        assert (result.pixels == -3).all()
        border = T.resample_to_reference(VOLUME, far, interp=interp, outside="border", fill=-3)
        assert np.isin(border.pixels, (0, -3)).all()
        mirror = T.resample_to_reference(VOLUME, far, interp=interp, outside="mirror", fill=-3)
        assert np.isin(mirror.pixels, (0, -3)).all()


def test_the_failing_step_is_named() -> None:
    def none(volume: object) -> None:
        return None

    steps = T.Compose([none, T.flip])
    with pytest.raises(TypeError) as caught:
        steps(Volume(np.zeros((2, 3, 4))))
    assert caught.value.__notes__[0].startswith("in transform 1 of 2, <function flip")
