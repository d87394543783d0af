"""load_series, load_4d and list_series: what is chosen, what is told, what sad folders give."""

from __future__ import annotations

import io
import os
import shutil
import sys
import warnings

import numpy as np
import pytest

from pydcm.dataset import Dataset
from pydcm.filereader import dcmread
from pydcm_pixels._series.discovery import discover
from pydcm_pixels._series.loading import list_series, load_4d, load_series
from pydcm_pixels._series.problems import SeriesError

from .conftest import pattern

pytest.importorskip("pydcm_pixels._volume.model")
pytestmark = pytest.mark.filterwarnings("error")


def test_list_of_files_and_one_file(series):
    builder = series()
    pixels = builder.stack(5, shuffle=False)
    files = sorted(builder.folder.glob("*.dcm"))
    assert load_series(files[1:4]).pixels.shape == (3, 6, 8)
    assert np.array_equal(load_series(files[2]).pixels[0], pixels[2])


@pytest.fixture
def mixed(series):
    """A folder with a CT, its localizer, a structured report, a text file and a corrupt file."""
    ct = series(folder="study/1/a", SeriesDescription="thorax", SeriesNumber=2)
    ct.stack(6)
    localizer = series(folder="study/1/b", SeriesDescription="localizer", SeriesNumber=1)
    localizer.add(pattern(50, 20, 10), [0, 0, 0], name="noextension")
    report = localizer.dataset(None, SOPClassUID="1.2.840.10008.5.1.4.1.1.88.11", Modality="SR")
    report.save_as(localizer.folder / "report.dcm", enforce_file_format=True)
    (ct.folder / "notes.txt").write_text("no image")
    (ct.folder / "broken.dcm").write_bytes(b"\0" * 128 + b"DICM" + bytes(range(60)))
    return ct, localizer


def test_mixed_folder(mixed):
    ct, localizer = mixed
    root = ct.folder.parent.parent
    with pytest.warns(UserWarning, match="one file cannot be read and is left out: .*broken.dcm"):
        assert load_series(root).meta["description"] == "thorax"
    found = list_series(root)
    assert [stack.description for stack in found] == ["thorax", "localizer"]
    reasons = dict(found.left_out)
    assert "Basic Text SR" in reasons[str(localizer.folder / "report.dcm")]
    assert reasons[str(ct.folder / "notes.txt")] == "no DICOM file"
    assert reasons[str(ct.folder / "broken.dcm")].startswith("cannot be read: ")
    table = str(found)
    assert "6 x 6 x 8" in table
    assert "0.75 x 0.5 x 2" in table
    assert "no DICOM file" in table
    html = found._repr_html_()
    assert html.count("<tr>") == 3
    assert "Basic Text SR" in html


def test_html_is_escaped(series):
    builder = series(SeriesDescription="<script>")
    builder.stack(2)
    assert "<script>" not in list_series(builder.folder)._repr_html_()


@pytest.mark.parametrize(
    "which",
    [
        1,
        "localizer",
        "uid",
        lambda stack: stack.description == "localizer",
        lambda stack: stack.n_frames == 1,
    ],
)
def test_which(mixed, which):
    ct, localizer = mixed
    which = localizer.common["SeriesInstanceUID"] if which == "uid" else which
    with pytest.warns(UserWarning, match="left out"):
        volume = load_series(ct.folder.parent.parent, which=which)
    assert volume.pixels.shape == (1, 20, 10)


@pytest.mark.parametrize("which", [7, "nothing", lambda stack: False])
def test_which_is_not_there(mixed, which):
    with pytest.raises(SeriesError, match="thorax"):
        load_series(mixed[0].folder.parent.parent, which=which)


def test_which_is_of_another_type(mixed):
    with pytest.raises(TypeError, match="'which'"):
        load_series(mixed[0].folder, which=1.5)
    with pytest.raises(TypeError, match="'which'"):
        load_series(mixed[0].folder, which=True)


def test_strict(mixed):
    with pytest.raises(SeriesError, match="cannot be read"):
        load_series(mixed[0].folder, strict=True)


@pytest.mark.parametrize("positions", [(0, 1, 2, 4, 5), (0, 1, 2, 2, 3), (0, 1.3, 2, 3, 4)])
def test_irregular_is_told_or_refused(series, positions):
    builder = series()
    for at, z in enumerate(positions):
        builder.add(pattern(at), [0, 0, z * 2])
    with pytest.warns(UserWarning, match=r"missing|2 images at slice|uneven"):
        volume = load_series(builder.folder)
    assert volume.meta["notes"]
    with pytest.raises(SeriesError, match=r"missing|2 images at slice|uneven"):
        load_series(builder.folder, strict=True)


def test_resample_fills_a_gap(series):
    builder = series()
    for at in (0, 1, 2, 4, 5):
        builder.add(pattern(at), [0, 0, at * 2])
    with pytest.warns(UserWarning, match="missing.*; resampled to even distances"):
        volume = load_series(builder.folder, resample=True)
    assert np.allclose(volume.pixels, [pattern(at) for at in range(6)])
    assert volume.affine[2, 2] == pytest.approx(2)


def test_a_number_of_two_studies(series):
    """Volumes of another study are no time points, whatever their series is called."""
    builder = series()
    builder.stack(4)
    builder.common["StudyInstanceUID"] = "1.2.3"
    builder.stack(3)
    assert load_series(builder.folder).shape == (4, 6, 8)


@pytest.mark.parametrize("path", [None, 5])
def test_no_path(path):
    with pytest.raises(TypeError, match=f"a path or several are needed, not {path}"):
        load_series(path)


def test_nothing_there(tmp_path):
    with pytest.raises(FileNotFoundError, match="nowhere"):
        load_series(tmp_path / "nowhere")
    with pytest.raises(SeriesError, match="there is no volume here"):
        load_series(tmp_path)


def test_thousands_of_other_files(tmp_path, series):
    builder = series()
    builder.stack(3)
    for number in range(2000):
        (builder.folder / f"junk{number}").write_bytes(b"junk" * (number % 5))
    found = list_series(builder.folder)
    assert len(found) == 1
    assert len(found.left_out) == 2000
    assert len(str(found)) < 2000
    assert load_series(builder.folder).pixels.shape == (3, 6, 8)


def test_truncated_pixels_name_the_file(series):
    builder = series()
    builder.stack(4)
    path = sorted(builder.folder.glob("*.dcm"))[2]
    path.write_bytes(path.read_bytes()[:-50])
    with pytest.raises(SeriesError, match=path.name):
        load_series(builder.folder)


@pytest.mark.parametrize("length", [200, 300, 500, 700])
def test_truncated_header_is_told(series, length):
    builder = series()
    builder.stack(4)
    path = builder.folder / "image0001.dcm"
    path.write_bytes(path.read_bytes()[:length])
    with pytest.warns(UserWarning, match=r"missing|left out: .*image0001.dcm") as caught:
        assert load_series(builder.folder).pixels.shape == (3, 6, 8)
    assert any("image0001.dcm" in str(one.message) for one in caught)


def test_promised_size_is_not_believed(series):
    builder = series()
    path = builder.add(pattern(0), [0, 0, 0])
    content = path.read_bytes()
    rows = content.index(b"\x28\x00\x10\x00US")
    path.write_bytes(content[: rows + 8] + b"\xff\xff" + content[rows + 10 :])
    with pytest.raises(SeriesError, match=path.name):
        load_series(builder.folder)


def test_ambiguous_series_is_an_error_not_the_next_one(series):
    localizer = series(folder="all/a")
    localizer.stack(2)
    builder = series("MR", folder="all/b", SeriesDescription="cine")
    for number in (1, 8, 3, 6, 5, 4, 7, 2):
        builder.add(pattern(number), [0, 0, number % 4 * 2], InstanceNumber=1)
    with pytest.raises(SeriesError, match="no element tells them apart"):
        load_series(builder.folder.parent)
    with pytest.raises(SeriesError, match="no element tells them apart"):
        load_series(builder.folder.parent, which="cine")
    assert load_series(builder.folder.parent, which=0).pixels.shape == (2, 6, 8)
    assert "8 images: 2 images are at one position" in str(list_series(builder.folder.parent))


def test_echoes_become_volumes(series):
    builder = series("MR")
    for echo in (2, 1):
        for z in range(3):
            builder.add(pattern(echo * 10 + z), [0, 0, z * 2], EchoTime=5 * echo, EchoNumbers=echo)
    volume = load_series(builder.folder)
    assert volume.axes == "tzyx"
    assert volume.meta["varying"]["EchoTime"] == [10, 5]
    assert load_series(builder.folder, which=0).pixels.shape == (3, 6, 8)


def test_components_do_not(series):
    builder = series("MR")
    for part in "MP":
        for z in range(3):
            builder.add(pattern(builder.count), [0, 0, z * 2], ImageType=["ORIGINAL", "PRIMARY", part, "ND"])
    with pytest.warns(UserWarning, match="the series holds 1 more volumes"):
        assert load_series(builder.folder).pixels.shape == (3, 6, 8)
    volume = load_4d(builder.folder)
    assert volume.pixels.shape == (2, 3, 6, 8)
    assert volume.meta["varying"] == {
        "ImageType": ["ORIGINAL\\PRIMARY\\M\\ND", "ORIGINAL\\PRIMARY\\P\\ND"],
    }


def test_4d_of_echoes_and_times_says_both(series):
    builder = series(modality="MR")
    for time in range(2):
        for echo in range(2):
            for at in range(3):
                builder.add(
                    pattern(9 * time + 3 * echo + at),
                    [0, 0, 2 * at],
                    EchoTime=5 * echo + 5,
                    AcquisitionTime=f"10000{time}",
                )
    volume = load_4d(builder.folder)
    assert volume.shape == (4, 3, 6, 8)
    assert volume.meta["varying"] == {
        "EchoTime": [5, 10, 5, 10],
        "AcquisitionTime": ["100000", "100000", "100001", "100001"],
        "InstanceNumber": [1, 4, 7, 10],
    }


def test_dynamic_that_was_stopped(series):
    builder = series(modality="MR")
    for time in range(3):
        for at in range(3 if time < 2 else 2):
            builder.add(pattern(3 * time + at), [0, 0, 2 * at], AcquisitionTime=f"10000{time}")
    with pytest.warns(UserWarning, match="a volume has 2 of 3 slices|1 more volumes"):
        volume = load_series(builder.folder)
    assert volume.shape == (2, 3, 6, 8)
    assert volume.meta["varying"] == {"AcquisitionTime": ["100000", "100001"], "InstanceNumber": [1, 4]}


def test_4d_of_series(series):
    for number in range(3):
        series("MR", folder=f"all/{number}", SeriesNumber=number).stack(4)
    root = series("MR", folder="all/0").folder.parent
    volume = load_4d(root, which=lambda stack: True)
    assert volume.pixels.shape == (3, 4, 6, 8)
    assert len(set(volume.meta["varying"]["SeriesInstanceUID"])) == 3
    assert load_4d(root, which=[2, 0]).pixels.shape == (2, 4, 6, 8)
    assert load_4d(root, which=1).pixels.shape == (1, 4, 6, 8)


def test_4d_of_different_grids(series):
    series("MR", folder="all/1").stack(4)
    builder = series("MR", folder="all/2")
    builder.stack(5)
    with pytest.raises(SeriesError, match="different grids"):
        load_4d(builder.folder.parent, which=[0, 1])


def test_progress(series, monkeypatch):
    builder = series()
    builder.stack(70)
    seen = []
    list_series(builder.folder, progress=lambda done, total: seen.append((done, total)))
    assert seen[-1] == (70, 70)
    stream = io.StringIO()
    monkeypatch.setattr(sys, "stderr", stream)
    list_series(builder.folder)
    assert not stream.getvalue()
    list_series(builder.folder, progress=True)
    assert "70/70" in stream.getvalue()


def test_dicomdir(series, tmp_path):
    builder = series(folder="disc/IMAGES")
    pixels = builder.stack(3, shuffle=False)
    for number, path in enumerate(sorted(builder.folder.glob("*.dcm"))):
        path.rename(builder.folder / f"IM{number}")
    records = []
    for parts in (["IMAGES", "IM0"], ["IMAGES", "IM1"], ["IMAGES", "GONE"], ["..", "..", "etc", "passwd"]):
        record = Dataset()
        record.add_new("ReferencedFileID", "LO", parts)
        records.append(record)
    directory = builder.dataset(None, SOPClassUID="1.2.840.10008.1.3.10")
    directory.DirectoryRecordSequence = records
    path = builder.folder.parent / "DICOMDIR"
    directory.save_as(path, enforce_file_format=True)
    with pytest.warns(
        UserWarning, match="one file cannot be read and is left out: .*GONE: .*FileNotFoundError"
    ):
        assert np.array_equal(load_series(path).pixels, pixels[:2])
    assert np.array_equal(load_series(builder.folder.parent).pixels, pixels)


@pytest.mark.parametrize("name", ["dicomdir", "DICOMDIR;1"])
def test_dicomdir_of_a_disc_that_was_copied(series, name):
    builder = series(folder="disc/images")
    pixels = builder.stack(3, shuffle=False)
    directory = builder.dataset(None, SOPClassUID="1.2.840.10008.1.3.10")
    directory.DirectoryRecordSequence = [Dataset() for _ in range(3)]
    for number, path in enumerate(sorted(builder.folder.glob("*.dcm"))):
        path.rename(builder.folder / (f"im{number}.;1" if ";" in name else f"im{number}"))
        directory.DirectoryRecordSequence[number].add_new("ReferencedFileID", "CS", ["IMAGES", f"IM{number}"])
    path = builder.folder.parent / name
    directory.save_as(path, enforce_file_format=True)
    assert np.array_equal(load_series(path, strict=True).pixels, pixels)
    assert np.array_equal(load_series(path.parent, strict=True).pixels, pixels)


def test_without_file_meta_information(series):
    builder = series()
    pixels = builder.stack(3)
    for path in builder.folder.glob("*.dcm"):
        content = path.read_bytes()
        length = int.from_bytes(content[140:144], "little")
        path.write_bytes(content[144 + length :])
    assert np.array_equal(load_series(builder.folder).pixels, pixels)


def test_folder_goes_away(series):
    builder = series()
    builder.stack(3)
    (stack,) = discover(builder.folder).stacks
    shutil.rmtree(builder.folder)
    with pytest.raises(SeriesError, match=r"image\d+.dcm cannot be read"):
        stack.read()


def test_tilt_is_corrected(series):
    builder = series(ImageOrientationPatient=[1, 0, 0, 0, 0.96, -0.28])
    for at in range(5):
        builder.add(pattern(at), [0, 0, at * 3])
    with pytest.warns(UserWarning, match="tilted .*correct_tilt=True"):
        assert load_series(builder.folder).meta["notes"]
    with warnings.catch_warnings(action="error"):  # there is nothing left to warn of
        volume = load_series(builder.folder, correct_tilt=True, strict=True)
    assert volume.meta["notes"] == []
    directions = volume.affine[:3, :3] / np.linalg.norm(volume.affine[:3, :3], axis=0)
    assert np.allclose(directions.T @ directions, np.eye(3), atol=1e-9)
    assert volume.pixels.shape[1] > 6


@pytest.mark.skipif(sys.platform == "win32", reason="links and pipes need rights there")
def test_pipes_and_loops(series):
    builder = series()
    builder.stack(3)
    os.mkfifo(builder.folder / "pipe.dcm")
    (builder.folder / "loop").symlink_to(builder.folder)
    (builder.folder / "gone.dcm").symlink_to(builder.folder / "nothing")
    (builder.folder / "linked.dcm").symlink_to(builder.folder / "image0001.dcm")
    found = list_series(builder.folder)
    assert [stack.shape for stack in found] == [(3, 6, 8)]
    assert [reason for _, reason in found.left_out] == ["the same image (SOP Instance UID) is there twice"]


@pytest.mark.skipif(
    sys.platform == "win32" or not hasattr(os, "geteuid") or os.geteuid() == 0, reason="needs rights"
)
def test_unreadable_folder_is_told(series):
    builder = series()
    builder.stack(3)
    locked = builder.folder / "locked"
    locked.mkdir(mode=0)
    with pytest.warns(UserWarning, match="locked"):
        load_series(builder.folder)
    locked.chmod(0o700)


def test_what_is_no_path(series):
    builder = series("CT")
    builder.stack(3)
    files = sorted(builder.folder.iterdir())
    ds = dcmread(files[0])
    for given in (ds, [ds], io.BytesIO(files[0].read_bytes()), [io.BytesIO()]):
        with pytest.raises(TypeError, match="read from files"):
            load_series(given)
    assert load_series(os.fsencode(builder.folder)).shape[0] == 3
    (builder.folder.parent / "a.zip").write_bytes(b"PK\3\4" + bytes(600))
    with pytest.raises(SeriesError, match="unpack it first"):
        load_series(builder.folder.parent / "a.zip")
