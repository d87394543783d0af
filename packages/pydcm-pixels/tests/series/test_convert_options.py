"""The options of ``pydcm convert-series``, each beside what dcm2niix does with it."""

from __future__ import annotations

import json
import subprocess
import zlib

import numpy as np
import pytest

from pydcm.filereader import dcmread
from pydcm_pixels.volume import from_nifti, from_nrrd
from pydcm_testing.programs import dcm2niix

#: Options for dcm2niix, and for ours if they are others.
OPTIONS = {
    "plain": (["-z", "n"], None),
    "compressed": (["-z", "y"], None),
    "by zlib": (["-z", "i"], None),
    "three-dimensional files": (["-z", "3"], None),
    "cropped": (["-x", "y"], ["-x", "y", "-z", "n"]),
    "not turned": (["-x", "i"], ["-x", "i", "-z", "n"]),
    "sidecars only": (["-b", "o"], None),
    "no sidecars": (["-b", "n", "-z", "n"], None),
    "with the patient": (["-ba", "n", "-z", "n"], None),
    "without the patient alone": (["-ba", "o", "-z", "n"], None),
    "lossless": (["-l", "y", "-z", "n"], None),
    "signed": (["-l", "n", "-z", "n"], None),
    "depth 0": (["-d", "0", "-z", "n"], None),
    "depth 1": (["-d", "1", "-z", "n"], None),
    "terse": (["--terse", "-z", "n"], None),
    "adjacent": (["-a", "y", "-z", "n"], None),
    "one series": (["-n", "CODE", "-z", "n"], None),
    "comment": (["-c", "more than there is room for, much more", "-z", "n"], None),
    "renamed": (["-r", "y", "-f", "%s/%3r.dcm"], None),
    "renamed by instance": (["-r", "y", "-f", "%s_%o.dcm"], None),
}
REFUSED = {
    ("-e", "o"): "MGH",
    ("-e", "j"): "JNIfTI",
    ("-e", "b"): "BJNIfTI",
    ("--big-endian", "y"): "byte order",
    ("-br", "x"): "-f sub-%i",
    ("-f", "%h"): "sub-%i",
    ("-f", "%s/%H"): "sub-%i",
    ("-g", "y"): "give the options",
    ("-u",): "network",
    ("--xml",): "this help",
    ("--ignore_trigger_times",): "-m y",
    ("-t", "y"): "sidecar",
}
SERIES = {
    "ProtocolName": "prot",
    "PatientName": "A^B",
    "PatientBirthDate": "19700101",
    "AccessionNumber": "7",
}


@pytest.fixture(scope="module")
def study(builder, tmp_path_factory):
    """Return a folder with a CT, a head in three dimensions one level down, and volumes in time two levels down."""
    folder = tmp_path_factory.mktemp("options") / "study"
    builder(folder, **SERIES, SeriesNumber=1).stack(4)
    common = {
        **SERIES,
        "ImageType": ["ORIGINAL", "PRIMARY", "M", "ND"],
        "EchoTime": 3,
        "RepetitionTime": 2000,
        "ScanningSequence": "GR",
        "Manufacturer": "SIEMENS",
        "FlipAngle": 9,
    }
    head = builder(folder / "a", "MR", **common, SeriesNumber=2, MRAcquisitionType="3D")
    rng = np.random.default_rng(0)
    for at in range(180):
        bright = 900 * (abs(at - 90) < 60)
        head.add(rng.integers(0, 40, (8, 10)).astype("i2") + np.int16(bright), [0, 0, at])
    time = builder(folder / "a" / "b", "MR", **common, SeriesNumber=3, MRAcquisitionType="2D")
    for volume in range(3):
        time.stack(4, start=0, AcquisitionNumber=volume + 1, AcquisitionTime=f"10150{volume}")
    return folder


def code_of(study):
    """Return what chooses the series of the head."""
    head = dcmread(next((study / "a").glob("*.dcm")))
    return str(zlib.crc32(head.SeriesInstanceUID.encode()))


def files(folder):
    """Return the files below a folder by their names in it."""
    return {path.relative_to(folder).as_posix(): path for path in folder.rglob("*") if path.is_file()}


def same(one, two):
    """Say whether two outputs are equal."""
    if ".nii" in one.name:
        a, b = from_nifti(one, scale=False), from_nifti(two, scale=False)
        return (
            a.pixels.dtype == b.pixels.dtype
            and np.array_equal(a.pixels, b.pixels)
            and np.allclose(a.affine, b.affine, atol=1e-3)
            and np.array_equal(from_nifti(one).pixels, from_nifti(two).pixels)
        )
    if one.name.endswith(".json"):
        a, b = (json.loads(path.read_text(encoding="utf-8")) for path in (one, two))
        return set(a) - set(b) <= {"ConversionSoftwareVersion"} and set(b) - set(a) <= {"Manufacturer"}
    return one.read_bytes() == two.read_bytes()


@pytest.mark.parametrize("name", OPTIONS)
def test_like_dcm2niix(study, tmp_path, command, name):
    program = dcm2niix()
    if program is None:
        pytest.skip("dcm2niix 1.0.20260724 is not installed")
    theirs, ours = tmp_path / "theirs", tmp_path / "ours"
    theirs.mkdir()
    given, other = OPTIONS[name]
    code = code_of(study)
    arguments = [code if word == "CODE" else word for word in given]
    naming = [] if "-f" in given else ["-f", "%s_%p"]
    subprocess.run(
        [program, *arguments, *naming, "-o", str(theirs), str(study)], check=False, capture_output=True
    )
    options = [code if word == "CODE" else word for word in other or given]
    assert command(*options, *naming, "-o", ours, study) == (0 if any(theirs.iterdir()) else 2)
    expected, made = files(theirs), files(ours)
    assert sorted(made) == sorted(expected)
    assert [one for one in made if not same(expected[one], made[one])] == []


@pytest.mark.parametrize("option", REFUSED)
def test_what_is_not_there_says_what_to_use(study, tmp_path, command, capsys, option):
    assert command(*option, "-o", tmp_path / "out", study) == 2
    assert REFUSED[option] in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    "option", [("-a", "n"), ("-g", "n"), ("--big-endian", "o"), ("-i", "o"), ("-s", "y")]
)
def test_what_changes_nothing(study, tmp_path, command, option):
    assert command(*option, "-f", "%s", "-b", "n", "-z", "n", "-o", tmp_path / "out", study) == 0
    assert sorted(files(tmp_path / "out")) == ["1.nii", "2.nii", "3.nii"]


def test_nrrd(study, tmp_path, command):
    for flag in "yn":
        target = tmp_path / flag
        assert command("-e", "y", "-z", flag, "-f", "%s", "-b", "n", "-o", target, study) == 0
        assert sorted(files(target)) == ["1.nrrd", "2.nrrd", "3.nrrd"]
        assert command("-f", "%s", "-b", "n", "-z", "n", "-w", "1", "-o", target, study) == 0
        for name in "123":
            image, other = from_nrrd(target / f"{name}.nrrd"), from_nifti(target / f"{name}.nii")
            np.testing.assert_array_equal(image.pixels, other.pixels)
            np.testing.assert_allclose(image.affine, other.affine, atol=1e-4)


def test_nrrd_has_real_world_values(series, tmp_path, command):
    for folder, slope, dtype in (("whole", 1, np.int16), ("half", 0.5, np.float32)):
        builder = series(folder=folder, RescaleSlope=slope, RescaleIntercept=-1000)
        stored = builder.stack(3)
        assert command("-e", "y", "-f", folder, "-o", tmp_path / "out", builder.folder) == 0
        image = from_nrrd(tmp_path / "out" / f"{folder}.nrrd")
        assert image.pixels.dtype == dtype
        np.testing.assert_array_equal(image.pixels, stored[:, ::-1] * slope - 1000)


def test_lists(study, command, capsys):
    assert command("-n", "-1", study) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split("\t")[1:3] for line in lines] == [["1", "CT"], ["2", "MR"], ["3", "MR"]]
    assert lines[1].split("\t")[0] == code_of(study)
    assert command("-q", "y", study) == 0
    assert capsys.readouterr().out == "196 DICOM files\n"
    assert command("-q", "l", "-d", "0", study) == 0
    assert len(capsys.readouterr().out.splitlines()) == 5
    assert command("--version") == 0
    assert capsys.readouterr().out.startswith("pydcm-pixels ")


def test_rename_keeps_everything_inside_and_whole(series, tmp_path, command, capsys):
    builder = series(PatientName="../../x^..", SeriesDescription="CON")
    builder.stack(3, shuffle=False)
    (builder.folder / "note.txt").write_text("no DICOM")
    source = files(builder.folder)
    target = tmp_path / "out"
    assert command("-r", "y", "-f", "../%n/%d", "-o", target, builder.folder) == 0
    # three files of one name: none replaces another; nothing leaves the folder; Windows can have the name
    assert sorted(files(target)) == [f"_._.._x^_/_CON{letter}" for letter in ("", "a", "b")]
    assert {path.read_bytes() for path in files(target).values()} == {
        path.read_bytes() for name, path in source.items() if name != "note.txt"
    }
    assert "note.txt: no DICOM file" in capsys.readouterr().err
    # once more: they are there already
    assert command("-r", "y", "-f", "../%n/%d", "-o", target, builder.folder) == 0
    assert len(files(target)) == 3
    assert "there already" in capsys.readouterr().err
    assert sorted(files(builder.folder)) == sorted(source)


@pytest.mark.parametrize("write", ["0", "1", "2"])
def test_rename_over_other_files(series, tmp_path, command, write):
    builder = series()
    builder.stack(1)
    target = tmp_path / "out"
    target.mkdir()
    (target / "3_1.dcm").write_bytes(b"another")
    assert command("-r", "y", "-f", "%s_%r.dcm", "-w", write, "-o", target, builder.folder) == 0
    left = (target / "3_1.dcm").read_bytes() == b"another"
    assert left == (write != "1")
    assert sorted(files(target)) == {"0": ["3_1.dcm"], "1": ["3_1.dcm"], "2": ["3_1.dcm", "3_1a.dcm"]}[write]


@pytest.mark.parametrize("number", [0, None])
def test_series_without_a_number(series, tmp_path, command, number):
    builder = series(SeriesNumber=number)
    builder.stack(2)
    code = zlib.crc32(builder.common["SeriesInstanceUID"].encode())
    assert command("-f", "%s", "-z", "n", "-o", tmp_path / "out", builder.folder) == 0
    assert sorted(files(tmp_path / "out")) == [f"{code}.json", f"{code}.nii"]
    sidecar = json.loads((tmp_path / "out" / f"{code}.json").read_text(encoding="utf-8"))
    assert sidecar["SeriesNumber"] == code
