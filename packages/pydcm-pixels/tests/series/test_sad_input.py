"""What a folder of images should not be like, and what is made of it: the answer, or the error that says what is wrong."""

from __future__ import annotations

import os
import warnings

import numpy as np
import pytest

from pydcm_pixels.volume import SeriesError, convert_series, from_nifti, list_series, load_series


def pixels(number):
    return (np.arange(48).reshape(6, 8) + 100 * number).astype("i2")


def missing(builder):
    for at in (0, 1, 2, 4, 5):
        builder.add(pixels(at), [0, 0, at * 2])


def twice(builder):
    for at in (0, 1, 2, 2, 3):
        builder.add(pixels(at), [0, 0, at * 2])


def corrupt(builder):
    for at in range(4):
        path = builder.add(pixels(at), [0, 0, at * 2])
    path.write_bytes(path.read_bytes()[:300] + b"\xff" * 20)


def no_position(builder):
    builder.common["ImageOrientationPatient"] = None
    for at in range(4):
        builder.add(pixels(at))


def no_spacing(builder):
    builder.common |= {"PixelSpacing": [0, 0], "SliceThickness": 0}
    for at in range(4):
        builder.add(pixels(at), [0, 0, 5], AcquisitionTime=f"10150{at}")


SAD = {
    "missing slice": (missing, (5, 6, 8), "one slice missing at a spacing of 2 mm: after slice 2"),
    "one position twice": (twice, (4, 6, 8), "2 images at slice 2: nothing tells them apart"),
    "a corrupt file": (corrupt, (3, 6, 8), "one file cannot be read and is left out"),
    "no position": (no_position, (4, 6, 8), "no positions in the files"),
    "no spacing": (no_spacing, (4, 1, 6, 8), "no usable Pixel Spacing in the files: 1 mm is assumed"),
}


@pytest.mark.filterwarnings("ignore:End of file|.*Excess|.*corrupted:UserWarning")
@pytest.mark.parametrize("name", SAD)
def test_answer_with_a_warning_or_an_error(series, tmp_path, name):
    write, shape, message = SAD[name]
    builder = series()
    write(builder)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        volume = load_series(builder.folder)
    assert volume.pixels.shape == shape
    assert any(message in str(one.message) for one in caught)
    with pytest.raises(SeriesError, match=message.replace("(", ".")):
        load_series(builder.folder, strict=True)
    found = convert_series(builder.folder, tmp_path / "out", gzip=False, progress=False)
    (output,) = found.outputs
    assert from_nifti(output.path).pixels.shape == shape
    assert any(message in note for note in output.notes) or "corrupt" in name
    assert len(found.left_out) == (1 if "corrupt" in name else 0)


@pytest.mark.parametrize("content", [b"", b"no DICOM file", bytes(2000)])
def test_files_that_should_be_images_are_told(series, content):
    builder = series()
    builder.stack(4)
    (builder.folder / "slice5.dcm").write_bytes(content)
    (builder.folder / "LOCKFILE").write_bytes(content)
    with pytest.warns(UserWarning, match="one file cannot be read and is left out: .*slice5.dcm"):
        assert load_series(builder.folder).shape == (4, 6, 8)
    reasons = {os.path.basename(path): reason for path, reason in list_series(builder.folder).left_out}
    assert reasons["slice5.dcm"].startswith("cannot be read: ")
    assert reasons["LOCKFILE"] == "no DICOM file"


def test_two_series_in_one_folder_and_place(series, tmp_path):
    first, second = series(folder="all"), series(folder="all")
    second.count = 10
    first.stack(4)
    second.stack(6, start=1.0)
    assert [stack.shape[0] for stack in list_series(first.folder)] in ([4, 6], [6, 4])
    assert load_series(first.folder).pixels.shape[0] == 6
    found = convert_series(first.folder, tmp_path / "out", pattern="same", gzip=False, progress=False)
    assert sorted(os.path.basename(one.path) for one in found.outputs) == ["same.nii", "samea.nii"]
    assert sorted(one.shape[0] for one in found.outputs) == [4, 6]


@pytest.mark.filterwarnings("ignore:End of file|.*Excess|.*corrupted:UserWarning")
def test_exit_codes(series, tmp_path, capsys, command):
    good, broken = series(folder="good"), series(folder="broken")
    good.stack(3)
    corrupt(broken)
    empty = tmp_path / "empty"
    empty.mkdir()
    (tmp_path / "file").write_bytes(b"")
    out = tmp_path / "out"
    assert command(good.folder, out) == 0
    assert command(broken.folder, "-o", out) == 8
    assert "left out" in capsys.readouterr().err
    assert command(empty, "-o", out) == 2
    assert command(tmp_path / "nowhere", "-o", out) == 5
    assert command(good.folder) == 6
    assert command(good.folder, "-o", tmp_path / "file") == 6


def names(folder):
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())


def test_options(series, tmp_path, capsys, command):
    builder = series(ProtocolName="a/../b c", ImageType=["ORIGINAL", "PRIMARY", "AXIAL"])
    stored = builder.stack(3)
    one = builder.folder / "image0001.dcm"
    for number, (options, expected) in enumerate(
        [
            (("-f", "%p"), ["a_.._b_c.json", "a_.._b_c.nii.gz"]),
            (("-f", "../../%3s/%d", "-z", "n", "-b", "n"), ["003/made_up.nii"]),
            (("-f", "/x/%v", "-b", "o"), ["x/NA.json"]),
            (("-f", "x", "-z", "n", "-b", "n", "-i", "y"), ["x.nii"]),
            (("-f", "x", "-9", "-b", "n", "-v"), ["x.nii.gz"]),
        ]
    ):
        target = tmp_path / f"out{number}"
        assert command(builder.folder, "-o", target, *options) == 0
        assert names(target) == expected
    assert "x.nii.gz" in capsys.readouterr().out
    assert not (tmp_path.parent / "003").exists()

    target = tmp_path / "one"
    assert command(one, "-o", target, "-f", "x", "-z", "n", "-b", "n", "-s", "y", "--quiet") == 0
    assert from_nifti(target / "x.nii").pixels.shape == (1, 6, 8)
    assert (
        command(one, "-o", target, "-f", "x", "-z", "n", "-b", "n", "--quiet") == 0
    )  # its series, under another name
    assert from_nifti(target / "xa.nii").pixels.shape == (3, 6, 8)
    assert command(one, "-o", target, "-f", "x", "-z", "n", "-b", "n", "--quiet", "-w", "1") == 0
    assert from_nifti(target / "x.nii").pixels.shape == (3, 6, 8)
    assert command(one, "-o", target, "-f", "x", "-z", "n", "-b", "n", "--quiet", "-w", "0") == 2

    assert command(builder.folder, "-o", target, "-f", "scaled", "-z", "n", "-l", "y", "--quiet") == 0
    raw, scaled = (from_nifti(target / "scaled.nii", scale=scale).pixels for scale in (False, True))
    factor = 32000 // int(stored.max())
    assert np.array_equal(raw, stored[:, ::-1] * factor)
    assert np.allclose(scaled, stored[:, ::-1])


def test_derived_images_are_left_out(series, tmp_path):
    builder = series(ImageType=["DERIVED", "PRIMARY", "AXIAL"])
    builder.stack(3)
    found = convert_series(builder.folder, tmp_path / "out", skip_derived=True, progress=False)
    assert not found.outputs
    assert {reason for _, reason in found.left_out} == {"derived image"}


def test_gantry_tilt_gets_a_second_file(series, tmp_path):
    builder = series(ImageOrientationPatient=[1, 0, 0, 0, 0.965926, -0.258819], GantryDetectorTilt=15)
    builder.stack(5, step=3.0)
    found = convert_series(builder.folder, tmp_path / "out", pattern="x", gzip=False, progress=False)
    (output,) = found.outputs
    assert [os.path.basename(path) for path in output.files] == ["x.nii", "x_Tilt_1.nii", "x.json"]
    volume = from_nifti(output.files[1])
    directions = volume.affine[:3, :3] / np.linalg.norm(volume.affine[:3, :3], axis=0)
    assert np.allclose(directions.T @ directions, np.eye(3), atol=1e-6)
    only = convert_series(builder.folder, tmp_path / "one", regular=False, progress=False)
    assert len(only.outputs[0].files) == 2
