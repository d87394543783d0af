"""Volumes written as DICOM series and read again."""

from __future__ import annotations

import shutil
import subprocess
import tempfile

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pydcm.filereader import dcmread
from pydcm_pixels._formats.dicom_series import to_dicom_series
from pydcm_pixels._series.loading import load_4d, load_series
from pydcm_pixels._volume.model import Volume


def rotation(seed):
    matrix, _ = np.linalg.qr(np.random.default_rng(seed).normal(size=(3, 3)))
    return matrix * (1, 1, np.sign(np.linalg.det(matrix)))


def volume_of(pixels, seed=0, **options):
    return Volume(
        pixels, spacing=(0.7, 0.8, 2.3), origin=(-100.123, 3, 7), direction=rotation(seed), **options
    )


def random(shape=(4, 6, 8), seed=1):
    return np.random.default_rng(seed).normal(size=shape) * 300


@pytest.mark.parametrize(
    ("modality", "dtype"),
    [
        ("CT", "i2"),
        ("CT", "u1"),
        ("MR", "u2"),
        ("MR", "i4"),
        ("OT", "u1"),
        ("OT", "?"),
        ("PT", "i1"),
        ("CT", "f4"),
    ],
)
def test_whole_numbers_are_kept(tmp_path, modality, dtype):
    pixels = np.rint(np.abs(random()) % 120).astype(dtype)
    volume = volume_of(pixels)
    paths = to_dicom_series(volume, tmp_path / "s", modality=modality)
    assert [path.name for path in paths] == ["00001.dcm", "00002.dcm", "00003.dcm", "00004.dcm"]
    back = load_series(tmp_path / "s")
    assert np.array_equal(back.pixels, pixels)
    assert back.same_grid(volume)
    assert back.meta["modality"] == modality


def test_large_whole_numbers(tmp_path):
    pixels = np.array([5_000_000, 5_065_535] * 12, "i4").reshape(2, 3, 4)
    to_dicom_series(volume_of(pixels), tmp_path / "s", modality="CT")
    assert np.array_equal(load_series(tmp_path / "s", dtype="f8").pixels, pixels)


@pytest.mark.parametrize("dtype", ["f4", "f8", "i8"])
def test_other_values_within_half_a_step(tmp_path, dtype):
    pixels = (random() * (1e9 if dtype == "i8" else 1)).astype(dtype)
    to_dicom_series(volume_of(pixels), tmp_path / "s", modality="CT")
    back = load_series(tmp_path / "s", dtype="f8").pixels
    step = (float(pixels.max()) - float(pixels.min())) / 65535
    assert np.abs(back - pixels).max() <= step * 0.501
    ds = dcmread(tmp_path / "s" / "00001.dcm")
    assert len(str(ds.RescaleSlope)) <= 16
    assert len(str(ds.RescaleIntercept)) <= 16


@settings(max_examples=15, deadline=None)
@given(
    seed=st.integers(0, 1000),
    spacing=st.tuples(*[st.floats(0.01, 50)] * 3),
    origin=st.tuples(*[st.floats(-5000, 5000)] * 3),
    low=st.floats(-1e6, 1e6),
    span=st.floats(1e-3, 1e6),
    shape=st.tuples(*[st.integers(1, 4)] * 3),
)
def test_round_trip(seed, spacing, origin, low, span, shape):
    pixels = low + span * np.random.default_rng(seed).random(shape)
    volume = Volume(pixels, spacing=spacing, origin=origin, direction=rotation(seed))
    folder = tempfile.mkdtemp()
    try:
        to_dicom_series(volume, folder, modality="CT", overwrite=True)
        back = load_series(folder, dtype="f8", progress=False)
    finally:
        shutil.rmtree(folder)
    # the reader takes slope and intercept in single precision
    assert np.abs(back.pixels - pixels).max() <= span / 65535 * 0.51 + 1.2e-7 * (abs(low) + span)
    assert back.same_grid(volume, 1e-3)


@pytest.mark.parametrize(
    "spacing", [9.999999999999998, 0.9999999999999999, 0.09999999999999999, 1 / 3, 1e-5 / 3]
)
def test_distances_of_at_most_16_characters(tmp_path, spacing):
    volume = Volume(np.arange(8).reshape(2, 2, 2), spacing=(spacing, 1, 1))
    path, *_ = to_dicom_series(volume, tmp_path / "s")
    assert all(len(one) <= 16 for one in dcmread(path).get_item("PixelSpacing").value.decode().split("\\"))
    assert load_series(tmp_path / "s").spacing[0] == pytest.approx(spacing)


def test_mirrored_slices_stay_in_place(tmp_path):
    volume = volume_of(np.rint(random()).astype("i2")).flip("z")
    to_dicom_series(volume, tmp_path / "s")
    back = load_series(tmp_path / "s")
    assert back.same_grid(volume.flip("z"))
    assert np.array_equal(back.pixels, volume.pixels[::-1])


@pytest.mark.parametrize("varying", [None, {"EchoTime": [10.0, 20.0, 30.0]}])
def test_several_volumes(tmp_path, varying):
    pixels = np.rint(random((3, 4, 6, 8))).astype("i2")
    volume = volume_of(pixels, meta={"varying": varying} if varying else {})
    to_dicom_series(volume, tmp_path / "s", modality="MR")
    back = load_4d(tmp_path / "s")
    assert np.array_equal(back.pixels, pixels)
    name = next(iter(varying)) if varying else "TemporalPositionIdentifier"
    assert list(back.meta["varying"][name]) == (varying[name] if varying else [1, 2, 3])


def test_colours(tmp_path):
    pixels = np.random.default_rng(1).integers(0, 256, (2, 5, 7, 3), "u1")
    to_dicom_series(volume_of(pixels, axes="zyxc"), tmp_path / "s")
    assert np.array_equal(load_series(tmp_path / "s", rescale=False).pixels, pixels)


def test_template(tmp_path):
    volume = volume_of(np.rint(random()).astype("i2"))
    first = to_dicom_series(
        volume, tmp_path / "a", modality="CT", PatientID="7", PatientName="A^B", KVP=120, SeriesNumber=1
    )
    source = dcmread(first[0])
    source.add_new(0x00091001, "LO", "private")
    for template in (source, first[0]):
        paths = to_dicom_series(
            volume, tmp_path / "b", template=template, description="new", series_number=9, overwrite=True
        )
        ds = dcmread(paths[1])
        for name in (
            "PatientID",
            "PatientName",
            "KVP",
            "StudyInstanceUID",
            "FrameOfReferenceUID",
            "SOPClassUID",
            "Modality",
        ):
            assert ds[name].value == source[name].value
        assert ds.SeriesInstanceUID != source.SeriesInstanceUID
        assert (ds.SeriesDescription, ds.SeriesNumber) == ("new", 9)
        assert not [element for element in ds if element.tag.is_private]
        assert len({dcmread(path).SOPInstanceUID for path in paths}) == len(paths)


@pytest.mark.parametrize(
    ("elements", "error", "message"),
    [
        ({"PatientNam": "x"}, TypeError, "keyword"),
        ({"Rows": 7}, ValueError, "from the volume"),
        ({"SOPInstanceUID": "1.2.3"}, ValueError, "from the volume"),
        ({"template": {"PatientID": "1"}}, TypeError, "path or a pydcm.Dataset"),
    ],
)
def test_what_is_no_element(tmp_path, elements, error, message):
    with pytest.raises(error, match=message):
        to_dicom_series(Volume(np.zeros((2, 3, 4), "i2")), tmp_path / "out", **elements)
    assert not (tmp_path / "out").exists()


def test_refusals(tmp_path):
    volume = volume_of(np.zeros((2, 3, 4), "i2"))
    to_dicom_series(volume, tmp_path / "s")
    with pytest.raises(FileExistsError, match="overwrite=True"):
        to_dicom_series(volume, tmp_path / "s")
    for pixels, message in (
        (np.full((2, 3, 4), np.nan), "not finite"),
        (np.zeros((2, 3, 4), "c8"), "complex64"),
    ):
        with pytest.raises(ValueError, match=message):
            to_dicom_series(volume_of(pixels), tmp_path / "n")
    with pytest.raises(ValueError, match="three of 8 bits"):
        to_dicom_series(volume_of(np.zeros((2, 3, 4, 4), "u1"), axes="zyxc"), tmp_path / "n")
    sheared = np.eye(4)
    sheared[0, 1] = 0.3
    with pytest.raises(ValueError, match="perpendicular"):
        to_dicom_series(Volume(volume.pixels, sheared), tmp_path / "n")
    assert not (tmp_path / "n").exists()


@pytest.mark.skipif(not shutil.which("dciodvfy"), reason="dciodvfy is not installed")
@pytest.mark.parametrize("modality", ["CT", "MR", "OT"])
def test_dciodvfy_finds_no_error(tmp_path, modality):
    paths = to_dicom_series(volume_of(random().astype("f4")), tmp_path / "s", modality=modality)
    found = subprocess.run(["dciodvfy", paths[0]], capture_output=True, text=True, check=False)
    assert "Error" not in found.stderr


def test_volumes_of_several_series_become_one(tmp_path):
    """What told them apart is not written: these would be files with the identifiers of the original series."""
    for number in range(2):
        to_dicom_series(volume_of(random(seed=number)), tmp_path / f"in{number}", modality="MR")
    volume = load_4d([tmp_path / "in0", tmp_path / "in1"], which=lambda stack: True)
    assert list(volume.meta["varying"]) == ["SeriesInstanceUID"]
    files = to_dicom_series(volume, tmp_path / "out")
    found = {dcmread(path).SeriesInstanceUID for path in files}
    assert len(found) == 1 and found.isdisjoint(volume.meta["varying"]["SeriesInstanceUID"])
    back = load_series(tmp_path / "out", strict=True)
    assert back.shape == volume.shape
    assert back.meta["varying"] == {"TemporalPositionIdentifier": [1, 2]}


@pytest.mark.parametrize("name", ["PatientID", "Rows", "StudyInstanceUID", "InstanceNumber", "Manufacturer"])
def test_what_tells_no_volumes_apart(tmp_path, name):
    volume = volume_of(random((2, 3, 4, 5)).round(), meta={"varying": {name: [1, 2]}, "modality": "MR"})
    to_dicom_series(volume, tmp_path)
    assert np.array_equal(load_series(tmp_path, strict=True).pixels, volume.pixels)


def test_numbers_as_their_elements_hold_them(tmp_path):
    varying = {
        "EchoTime": [2.4600000381469727, None],
        "TemporalPositionIndex": [1.0, 2.0],
        "FlipAngle": [1 / 3, 2 / 3],
    }
    files = to_dicom_series(
        volume_of(random((2, 1, 4, 5)), meta={"varying": varying}), tmp_path, modality="MR"
    )
    one, other = map(dcmread, files)
    assert (one["EchoTime"].value.original_string, other.EchoTime) == ("2.46000003814697", None)
    assert (one.TemporalPositionIndex, other.TemporalPositionIndex) == (1, 2)
    assert len(one["FlipAngle"].value.original_string) <= 16
