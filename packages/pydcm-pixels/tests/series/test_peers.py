"""The same series in SimpleITK and dcm2niix, where they are installed."""

from __future__ import annotations

import subprocess

import numpy as np
import pytest

from pydcm_pixels._series.discovery import find_stacks
from pydcm_testing.programs import dcm2niix

from .conftest import pattern


@pytest.mark.parametrize("seed", range(3))
def test_simpleitk(series, seed):
    itk = pytest.importorskip("SimpleITK")
    rng = np.random.default_rng(seed)
    axes, _ = np.linalg.qr(rng.normal(size=(3, 3)))
    normal, origin = np.cross(axes[0], axes[1]), rng.normal(0, 100, 3)
    builder = series(
        ImageOrientationPatient=[round(x, 10) for x in (*axes[0], *axes[1])],
        RescaleSlope="1.5",
        RescaleIntercept="-20",
    )
    for at in rng.permutation(9):
        builder.add(
            pattern(int(at)), [round(x, 8) for x in origin + normal * 2.5 * at], InstanceNumber=int(at)
        )
    reader = itk.ImageSeriesReader()
    reader.SetFileNames(reader.GetGDCMSeriesFileNames(str(builder.folder)))
    image = reader.Execute()
    (stack,) = find_stacks(builder.folder)
    assert np.allclose(stack.read(), itk.GetArrayFromImage(image), rtol=1e-6)
    expected = np.eye(4)
    expected[:3, :3] = np.reshape(image.GetDirection(), (3, 3)) @ np.diag(image.GetSpacing())
    expected[:3, 3] = image.GetOrigin()
    assert np.allclose(stack.affine, expected, atol=1e-4)


def echoes(builder):
    for echo in (1, 2):
        for z in range(4):
            builder.add(pattern(builder.count), [0, 0, z * 2], EchoTime=5 * echo, EchoNumbers=echo)


def times(builder):
    for z in range(4):
        for time in range(3):
            builder.add(pattern(builder.count), [0, 0, z * 2], TemporalPositionIdentifier=time + 1)


def components(builder):
    for part in "MPRI":
        for z in range(3):
            builder.add(pattern(builder.count), [0, 0, z * 2], ImageType=["ORIGINAL", "PRIMARY", part, "ND"])


def planes(builder):
    for orientation in ([1, 0, 0, 0, 1, 0], [1, 0, 0, 0, 0, -1], [0, 1, 0, 0, 0, -1]):
        for at in range(3):
            position = (np.cross(orientation[:3], orientation[3:]) * at * 2.0).tolist()
            builder.add(pattern(builder.count), position, ImageOrientationPatient=orientation)


def scalings(builder):
    for z in range(5):
        builder.add(pattern(z), [0, 0, z * 2], RescaleSlope=1 + z / 7, RescaleIntercept=-z / 3)


@pytest.mark.parametrize("write", [echoes, times, components, planes, scalings])
def test_dcm2niix(series, tmp_path, write):
    nibabel = pytest.importorskip("nibabel")
    program = dcm2niix()
    if program is None:
        pytest.skip("dcm2niix 1.0.20260724 is not installed")
    builder = series("MR")
    write(builder)
    out = tmp_path / "out"
    out.mkdir()
    subprocess.run(
        [program, "-b", "n", "-z", "n", "-o", str(out), str(builder.folder)], check=True, capture_output=True
    )
    expected = [nibabel.as_closest_canonical(nibabel.load(path)) for path in sorted(out.glob("*.nii"))]
    actual = []
    for stack in find_stacks(builder.folder):
        axes = (3, 2, 1, 0) if "t" in stack.axes else (2, 1, 0)
        image = nibabel.Nifti1Image(stack.read().transpose(axes), np.diag([-1, -1, 1, 1]) @ stack.affine)
        actual.append(nibabel.as_closest_canonical(image))
    assert len(actual) == len(expected)
    for image in expected:
        voxels = np.asanyarray(image.dataobj).astype("f4")
        (same,) = [one for one in actual if np.array_equal(np.asanyarray(one.dataobj), voxels)]
        assert np.allclose(same.affine, image.affine, atol=1e-3)
