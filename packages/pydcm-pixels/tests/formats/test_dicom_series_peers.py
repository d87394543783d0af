"""NIfTI to DICOM series, and what SimpleITK and dcm2niix make of these."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from pydcm_pixels.volume import Volume, from_nifti, to_dicom_series, to_nifti
from pydcm_testing.programs import dcm2niix

RAS = np.diag([-1.0, -1.0, 1.0, 1.0])


def volume(dtype: str, axes: str = "zyx", *, mirrored: bool = False) -> Volume:
    shape = [{"t": 3, "z": 5, "y": 6, "x": 8, "c": 3}[name] for name in axes]
    pixels = np.random.default_rng(3).integers(0, 250, shape)
    c, s = np.cos(0.3), np.sin(0.3)
    direction = np.array([[c, -s, 0], [s, c, 0], [0, 0, -1 if mirrored else 1]]) @ np.array(
        [[1, 0, 0], [0, c, -s], [0, s, c]]
    )
    if np.dtype(dtype).kind == "f":
        pixels = pixels / 7
    return Volume(
        pixels.astype(dtype),
        spacing=(0.7, 0.8, 2.3),
        origin=(-100.125, 30, 7),
        direction=direction,
        axes=axes,
    )


def series_of(one: Volume, folder: Path, **options: Any) -> Path:
    """Write NIfTI, read it, and write that as DICOM."""
    to_nifti(one, folder / "in.nii.gz")
    back = from_nifti(folder / "in.nii.gz")
    assert np.array_equal(back.pixels, one.pixels)
    to_dicom_series(back, folder / "series", **options)
    return folder / "series"


@pytest.mark.parametrize("mirrored", [False, True])
@pytest.mark.parametrize(
    ("modality", "dtype", "axes"),
    [
        ("CT", "i2", "zyx"),
        ("MR", "u2", "zyx"),
        ("MR", "f4", "zyx"),
        ("OT", "u1", "zyx"),
        ("OT", "u1", "zyxc"),
    ],
)
def test_simpleitk(tmp_path: Path, modality: str, dtype: str, axes: str, mirrored: bool) -> None:
    sitk = pytest.importorskip("SimpleITK")
    one = volume(dtype, axes, mirrored=mirrored)
    folder = series_of(one, tmp_path, modality=modality)
    reader = sitk.ImageSeriesReader()
    reader.SetFileNames(reader.GetGDCMSeriesFileNames(str(folder)))
    image = reader.Execute()
    expected = one.flip("z") if mirrored else one
    step = 0.5001 * 250 / 7 / 65535 if dtype == "f4" else 0
    assert np.abs(sitk.GetArrayFromImage(image).astype("f8") - expected.pixels).max() <= step + 1e-9
    matrix = np.reshape(image.GetDirection(), (3, 3)) @ np.diag(image.GetSpacing())
    np.testing.assert_allclose(matrix, expected.affine[:3, :3], atol=1e-5)
    np.testing.assert_allclose(image.GetOrigin(), expected.affine[:3, 3], atol=1e-5)


@pytest.mark.parametrize("mirrored", [False, True])
@pytest.mark.parametrize(
    ("modality", "dtype", "axes"),
    [
        ("CT", "i2", "zyx"),
        ("MR", "u2", "zyx"),
        ("MR", "f4", "zyx"),
        ("MR", "i2", "tzyx"),
        ("OT", "u1", "zyxc"),
    ],
)
def test_dcm2niix(tmp_path: Path, modality: str, dtype: str, axes: str, mirrored: bool) -> None:
    nibabel = pytest.importorskip("nibabel")
    program = dcm2niix()
    if program is None:
        pytest.skip("dcm2niix 1.0.20260724 is not installed")
    one = volume(dtype, axes, mirrored=mirrored)
    folder = series_of(one, tmp_path, modality=modality)
    out = tmp_path / "out"
    out.mkdir()
    subprocess.run(
        [program, "-b", "n", "-z", "n", "-o", str(out), str(folder)], check=True, capture_output=True
    )
    (path,) = out.glob("*.nii")
    theirs, expected = from_nifti(path).reorient("LPS"), one.reorient("LPS")
    assert nibabel.load(path).shape[:3] == tuple(one.pixels.shape[one.axes.index("z") :][:3])[::-1]
    assert theirs.axes == axes
    step = 0.5001 * 250 / 7 / 65535 if dtype == "f4" else 0
    assert np.abs(theirs.pixels.astype("f8") - expected.pixels).max() <= step + 1e-5 * bool(step)
    np.testing.assert_allclose(theirs.affine, expected.affine, atol=1e-3)
