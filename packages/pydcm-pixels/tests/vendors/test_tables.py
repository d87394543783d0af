"""Gradient tables of made series: directions in the patient, repeats, written files."""

from __future__ import annotations

import numpy as np
import pytest

from pydcm_pixels.diffusion import diffusion_table, load_dwi, save_dwi
from pydcm_pixels.volume import bids_sidecar, from_nifti

from . import ge, ordered, others, siemens
from .made import WEIGHTS, classic, normal
from .scenes import MAKERS
from .turned import ORIENTATIONS, weighted

VALUES = [b for b, _ in WEIGHTS]
DIRECTIONS = np.array([direction if b else (0.0, 0.0, 0.0) for b, direction in WEIGHTS]).T


@pytest.mark.parametrize("orientation", ORIENTATIONS.values(), ids=ORIENTATIONS)
@pytest.mark.parametrize("maker", ["siemens", "philips"])
def test_patient(maker, orientation, tmp_path):
    bvals, directions = diffusion_table(weighted(tmp_path / "in", MAKERS[maker], orientation), rotate=False)
    np.testing.assert_allclose(bvals, VALUES)
    np.testing.assert_allclose(directions, DIRECTIONS, atol=1e-6)


@pytest.mark.parametrize("orientation", ORIENTATIONS.values(), ids=ORIENTATIONS)
def test_image(orientation, tmp_path):
    folder = weighted(tmp_path / "in", MAKERS["uih"], orientation)
    axes = np.stack([orientation[:3], orientation[3:], normal(orientation)], axis=1)
    np.testing.assert_allclose(diffusion_table(folder, rotate=False)[1], axes @ DIRECTIONS, atol=1e-6)


@pytest.mark.parametrize("orientation", ORIENTATIONS.values(), ids=ORIENTATIONS)
@pytest.mark.parametrize("maker", MAKERS)
def test_rotated_is_patient(maker, orientation, tmp_path):
    folder = weighted(tmp_path / "in", MAKERS[maker], orientation)
    patient = diffusion_table(folder, rotate=False)[1]
    axes = np.stack([orientation[:3], orientation[3:], normal(orientation)])
    image = axes @ patient
    rows_as_stored = diffusion_table(folder, flip_rows=False)[1]
    np.testing.assert_allclose(
        rows_as_stored, image * [[-1], [1], [1]], atol=1e-6
    )  # right-handed: FSL's x is turned
    np.testing.assert_allclose(diffusion_table(folder)[1], image * [[1], [-1], [1]], atol=1e-6)


def test_repeats_are_kept(tmp_path):
    def fill(ds, volume, place):
        ds.DiffusionBValue = 1000.0 if volume % 2 else 0.0
        ds.AcquisitionNumber = volume + 1
        ds.AcquisitionTime = f"1012{13 + volume}.{place}"
        if volume % 2:
            ds.DiffusionGradientOrientation = [1.0, 0.0, 0.0]

    folder = classic(tmp_path / "in", "SIEMENS", fill, volumes=6)
    bvals, bvecs = diffusion_table(folder)
    assert bvals.tolist() == [0, 1000] * 3
    data, bvals, bvecs, _ = load_dwi(folder)
    assert data.shape[0] == 6
    assert bvals.tolist() == [0] * 3 + [1000] * 3
    assert (np.abs(bvecs[0]) == bvals / 1000).all()


@pytest.mark.parametrize(
    "make", [siemens.mosaic, siemens.xa, ge.oblique, others.philips_enhanced, others.canon, others.uih]
)
def test_saved(make, tmp_path):
    folder = make(tmp_path / "in")
    bvals, bvecs = diffusion_table(folder)
    image, bval, bvec = save_dwi(folder, tmp_path / "out")
    assert from_nifti(image).pixels.shape[0] == len(bvals)
    np.testing.assert_allclose(np.loadtxt(bval), bvals)
    np.testing.assert_allclose(np.loadtxt(bvec), bvecs, atol=1e-4)


@pytest.mark.parametrize("ending", ["", ".nii", ".nii.gz"])
def test_named(ending, tmp_path):
    image, bval, bvec = save_dwi(siemens.mosaic(tmp_path / "in"), tmp_path / f"a.b{ending}")
    assert image == str(tmp_path / f"a.b{ending or '.nii.gz'}")
    assert (bval, bvec) == (str(tmp_path / "a.b.bval"), str(tmp_path / "a.b.bvec"))
    assert {one.name for one in tmp_path.iterdir()} == {
        "in",
        image.rpartition("/")[2],
        "a.b.bval",
        "a.b.bvec",
    }


def test_reference_images_of_ge(tmp_path):
    """Images without a direction have the b value of the series in the header."""
    assert diffusion_table(ge.scaled(tmp_path / "in"))[0][0] == 0


def test_volumes_in_the_order_of_their_counters(tmp_path):
    folder = ordered.weighted(tmp_path / "in", counted="volumes")  # they count down
    np.testing.assert_allclose(diffusion_table(folder, rotate=False)[0], VALUES[::-1])


def test_volumes_of_one_file_in_the_order_of_their_counters(tmp_path):
    folder = ordered.BASES["whole_volumes"](tmp_path / "in")
    np.testing.assert_allclose(diffusion_table(folder, rotate=False)[0], VALUES[::-1])


def test_no_b_value_is_none(tmp_path):
    folder = ordered.unsaid(tmp_path / "in", "CANON_MEC", comments=True)
    np.testing.assert_allclose(diffusion_table(folder, rotate=False)[0], VALUES)


@pytest.mark.parametrize(("rescale", "scaling"), [(True, (2.5, -3)), (False, (1.25, -3))])
def test_scaling_of_a_file_alone(rescale, scaling, tmp_path):
    first = min(ordered.scaled(tmp_path / "in", rescale=rescale).iterdir())
    sidecar = bids_sidecar(first)
    assert (sidecar["PhilipsRescaleSlope"], sidecar["PhilipsRescaleIntercept"]) == scaling
