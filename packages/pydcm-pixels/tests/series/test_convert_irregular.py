"""Second files for tilted and uneven stacks, and heads cropped: voxel by voxel as dcm2niix makes them."""

from __future__ import annotations

import math
import subprocess
import sys

import numpy as np
import pytest

from pydcm_pixels._bids.cropping import cropped
from pydcm_pixels._bids.voxels import PART
from pydcm_pixels.volume import Volume, convert_series, from_nifti
from pydcm_testing.programs import dcm2niix

GAPS = {
    "halves": [1.25 * at for at in range(7)] + [8.75 + 2.5 * at for at in range(7)],
    "one": [2.5 * (at + (at > 5)) for at in range(14)],
    "all": list(np.cumsum([1.5 + 0.25 * (at * 7 % 5) for at in range(14)])),
}
_PROGRAM = """
import resource, sys
from pydcm_pixels.volume import convert_series
small, folder, target = sys.argv[1:]
def peak():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
convert_series(small, target, gzip=False, pattern="small", progress=False)
before = peak()
found = convert_series(folder, target, gzip=False, pattern="large", progress=False)
assert len(found.outputs[0].files) == 3, found
print(peak() - before)
"""


@pytest.fixture
def both(tmp_path):
    """Return a function that converts a folder with dcm2niix and with ours and returns both folders."""
    program = dcm2niix()
    if program is None:
        pytest.skip("dcm2niix 1.0.20260724 is not installed")

    def convert(folder, *options, **parameters):
        theirs, ours = tmp_path / "theirs", tmp_path / "ours"
        theirs.mkdir(exist_ok=True)
        subprocess.run(
            [program, *options, "-w", "1", "-b", "n", "-f", "x", "-o", str(theirs), str(folder)],
            check=True,
            capture_output=True,
        )
        convert_series(
            folder,
            ours,
            pattern="x",
            gzip=False,
            sidecar=False,
            progress=False,
            on_conflict="overwrite",
            **parameters,
        )
        assert sorted(path.name for path in ours.iterdir()) == sorted(path.name for path in theirs.iterdir())
        return theirs, ours

    return convert


def tilted(builder, degrees, count=10, step=2.5, **elements):
    """Write slices of a tilted gantry."""
    angle = math.radians(degrees)
    rng = np.random.default_rng(round(abs(degrees) * 100))
    orientation = [1, 0, 0, 0, round(math.cos(angle), 12), round(-math.sin(angle), 12)]
    for at in range(count):
        builder.add(
            rng.integers(-20000, 20000, (30, 20)).astype("i2"),
            [-120.5, 33.25, round(-71.375 + at * step, 4)],
            ImageOrientationPatient=orientation,
            GantryDetectorTilt=degrees,
            **elements,
        )


@pytest.mark.parametrize("degrees", [5, -12, 20, 30, 14.77, -7.3, 1.2, 27])
def test_tilt_is_exact(series, both, degrees):
    builder = series()
    tilted(builder, degrees)
    theirs, ours = both(builder.folder)
    a, b = (from_nifti(folder / "x_Tilt_1.nii") for folder in (theirs, ours))
    np.testing.assert_array_equal(a.pixels, b.pixels)
    if degrees > 0:  # the origin is not moved there if the gantry is tilted the other way
        np.testing.assert_allclose(a.affine, b.affine, atol=1e-3)


@pytest.mark.parametrize("degrees", [12, -12])
def test_tilt_leaves_everything_where_it_is(series, tmp_path, degrees):
    builder = series()
    angle = math.radians(degrees)
    for at in range(8):
        pixels = np.zeros((30, 20), "i2")
        pixels[12, 7] = 1000
        builder.add(
            pixels, [0, 0, 2.5 * at], ImageOrientationPatient=[1, 0, 0, 0, math.cos(angle), -math.sin(angle)]
        )
    convert_series(builder.folder, tmp_path / "out", pattern="x", gzip=False, progress=False)
    places = []
    for name in ("x.nii", "x_Tilt_1.nii"):
        volume = from_nifti(tmp_path / "out" / name)
        for at, image in enumerate(volume.pixels):
            rows, columns = np.indices(image.shape)
            centre = [(columns * image).sum() / image.sum(), (rows * image).sum() / image.sum(), at, 1]
            places.append((volume.affine @ centre)[:3])
    np.testing.assert_allclose(places[:8], places[8:], atol=0.01)


@pytest.mark.parametrize("gaps", GAPS)
@pytest.mark.parametrize("dtype", ["i2", "u1", "f4", "rgb", "scaled"])
def test_uneven_slices_are_exact(series, both, gaps, dtype):
    builder = series("MR", MRAcquisitionType="2D")
    rng = np.random.default_rng(3)
    for at, place in enumerate(GAPS[gaps]):
        if dtype == "f4":
            pixels = rng.normal(0, 1000, (6, 8)).astype("f4")
        elif dtype in ("rgb", "u1"):
            pixels = rng.integers(0, 255, (6, 8, 3) if dtype == "rgb" else (6, 8)).astype("u1")
        else:
            pixels = rng.integers(-20000, 20000, (6, 8)).astype("i2")
        scaling = {"RescaleSlope": 1 + at / 8, "RescaleIntercept": -3} if dtype == "scaled" else {}
        builder.add(pixels, [0, 0, place], **scaling)
    theirs, ours = both(builder.folder)
    a, b = (from_nifti(folder / "x_Eq_1.nii") for folder in (theirs, ours))
    assert a.pixels.dtype == b.pixels.dtype
    np.testing.assert_array_equal(a.pixels, b.pixels)
    np.testing.assert_allclose(a.affine, b.affine, atol=1e-3)


@pytest.mark.parametrize("gaps", GAPS)
@pytest.mark.parametrize("degrees", [13, -8, 0])
def test_uneven_slices_in_any_direction_are_exact(series, both, gaps, degrees):
    angle, rng = math.radians(degrees), np.random.default_rng(5)
    if degrees:  # the table goes on along z
        builder, along = series(GantryDetectorTilt=degrees), np.array([0.0, 0, 1])
        orientation = [1, 0, 0, 0, math.cos(angle), -math.sin(angle)]
    else:
        builder = series("MR", MRAcquisitionType="2D")
        row, column = np.linalg.qr(rng.normal(size=(3, 3)))[0][:2]
        orientation, along = [*row, *column], np.cross(row, column)
    orientation = [round(float(one), 8) for one in orientation]
    for place in GAPS[gaps]:
        position = np.round([12.3456, -78.9, 45.67] + along * place, 5).tolist()
        pixels = rng.integers(-20000, 20000, (24, 20)).astype("i2")
        builder.add(pixels, position, ImageOrientationPatient=orientation)
    theirs, ours = both(builder.folder)
    name = "x_Tilt_Eq_1.nii" if degrees else "x_Eq_1.nii"
    a, b = (from_nifti(folder / name) for folder in (theirs, ours))
    np.testing.assert_array_equal(a.pixels, b.pixels)
    if degrees >= 0:
        np.testing.assert_allclose(a.affine, b.affine, atol=1e-3)


@pytest.mark.skipif(sys.platform != "linux", reason="the unit of ru_maxrss differs")
@pytest.mark.parametrize("kind", ["tilted", "uneven"])
def test_memory(series, tmp_path, kind):
    size, count = 384, 240  # 71 MB
    orientation = [1, 0, 0, 0, 0.96, -0.28] if kind == "tilted" else [1, 0, 0, 0, 1, 0]
    image = np.random.default_rng(0).integers(0, 900, (size, size)).astype("i2")
    folders = []
    for name, slices in (("small", 6), ("large", count)):
        builder = series(folder=name)
        for at in range(slices):
            place = at + max(at - slices // 2, 0) if kind == "uneven" else at
            builder.add(image, [0, 0, 0.25 * place], ImageOrientationPatient=orientation)
        folders.append(str(builder.folder))
    done = subprocess.run(
        [sys.executable, "-c", _PROGRAM, *folders, str(tmp_path / "out")],
        check=True,
        capture_output=True,
        text=True,
    )
    assert int(done.stdout) < 2 * PART + count * 25_000, done.stdout


def test_crop_is_exact(series, both):
    rng = np.random.default_rng(0)
    rows, columns = np.indices((12, 10))
    for number, step in enumerate((1.0, 1.3)):
        builder = series("MR", folder=f"head{number}", MRAcquisitionType="3D", ScanningSequence="GR")
        for at in range(200):
            radius = max(1 - ((at - 100) / 80) ** 2, 0)
            head = ((rows - 6) / 6) ** 2 + ((columns - 5) / 5) ** 2 < radius
            builder.add((rng.integers(0, 50, head.shape) + 900 * head).astype("i2"), [0, 0, at * step])
        theirs, ours = both(builder.folder, "-x", "y", crop=True)
        a, b = (from_nifti(folder / "x_Crop_1.nii") for folder in (theirs, ours))
        np.testing.assert_array_equal(a.pixels, b.pixels)
        np.testing.assert_allclose(a.affine, b.affine, atol=1e-3)


def test_crop():
    pixels = np.zeros((200, 4, 4), np.int16)
    pixels[:150] = 1000
    part = cropped(Volume(pixels, spacing=(1, 1, 1.2)))
    # from one slice above the first one whose mean with its neighbours is dark, 169 mm down
    assert part is not None
    assert part.pixels.shape[0] == 142
    assert part.origin[2] == pytest.approx(10 * 1.2)
    assert cropped(Volume(pixels[:127])) is None
    assert cropped(Volume(pixels[150:].repeat(4, 0))) is None
    assert cropped(Volume(pixels.astype(np.float32))) is None
