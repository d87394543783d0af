"""What is no stack of slices, or more than one: scouts, scans over one another, beds, views, pictures, ultrasound volumes."""

from __future__ import annotations

import warnings
from pathlib import Path

import numpy as np
import pytest

from pydcm.dataset import Dataset
from pydcm_pixels.volume import convert_series, from_nifti, list_series, load_4d, load_series

from .conftest import pattern

NM = "1.2.840.10008.5.1.4.1.1.20"
US_VOLUME = "1.2.840.10008.5.1.4.1.1.6.2"
MAMMOGRAM = "1.2.840.10008.5.1.4.1.1.1.2"


def item(**elements):
    ds = Dataset()
    for name, value in elements.items():
        setattr(ds, name, value)
    return ds


def test_axial_scout_is_no_slice(series):
    builder = series("CT", ImageType=["ORIGINAL", "PRIMARY", "AXIAL"])
    pixels = builder.stack(6)
    builder.add(pattern(99), [-10, -20, 30], ImageType=["ORIGINAL", "PRIMARY", "LOCALIZER"])
    with pytest.warns(UserWarning, match="1 more volumes"):
        volume = load_series(builder.folder)
    assert np.array_equal(volume.pixels, pixels)
    assert volume.spacing[2] == 2


@pytest.mark.parametrize("shift", [1.0, 0.7])
def test_scans_between_one_another(series, shift):
    builder = series("CT")
    first = builder.stack(5, AcquisitionNumber=1)
    second = builder.stack(5, AcquisitionNumber=2, start=shift)
    found = list_series(builder.folder)
    assert [stack.spacing[2] for stack in found] == pytest.approx([2, 2])
    assert np.array_equal(found[0].read(), first)
    assert np.array_equal(found[1].read(), second)


def test_breath_holds_between_one_another_are_one_stack(series):
    builder = series("MR")
    builder.stack(5, step=8, AcquisitionNumber=1)
    builder.stack(5, step=8, AcquisitionNumber=2, start=4)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        volume = load_series(builder.folder)
    assert volume.shape[0] == 10
    assert volume.spacing[2] == 4


def test_breath_holds_that_overlap_unevenly(series):
    builder = series("MR")
    builder.stack(5, step=8, AcquisitionNumber=1)
    builder.stack(5, step=8, AcquisitionNumber=2, start=11)
    assert [stack.shape for stack in list_series(builder.folder)] == [(5, 6, 8)] * 2


def test_few_that_are_near_do_not_make_gaps_of_the_others(series):
    builder = series("MR")
    builder.stack(6, step=8)
    builder.stack(6, step=8, start=44)
    with pytest.warns(UserWarning, match="uneven slice spacing: 4 to 8 mm"):
        load_series(builder.folder)


def test_beds_that_overlap(series):
    builder = series("PT", SOPClassUID="1.2.840.10008.5.1.4.1.1.128")
    first = builder.stack(6, AcquisitionTime="100000", RescaleSlope=1, RescaleIntercept=0)
    second = builder.stack(6, AcquisitionTime="100200", start=8, RescaleSlope=2, RescaleIntercept=0)
    found = list_series(builder.folder)
    assert np.array_equal(found[0].read(), first)
    assert np.array_equal(found[1].read(), 2 * second)


@pytest.fixture
def views(series):
    """A series of five projections."""
    builder = series("NM", SOPClassUID=NM, ImageType=["ORIGINAL", "PRIMARY", "TOMO", "EMISSION"])
    builder.add(
        np.stack([pattern(at) for at in range(5)]),
        None,
        NumberOfFrames=5,
        ImageOrientationPatient=None,
        SpacingBetweenSlices=3,
        FrameIncrementPointer=[0x00540020, 0x00540050, 0x00540090],
        DetectorVector=[1] * 5,
        RotationVector=[1] * 5,
        AngularViewVector=[1, 2, 3, 4, 5],
        DetectorInformationSequence=[
            item(ImagePositionPatient=[1, 2, 3], ImageOrientationPatient=[1, 0, 0, 0, 1, 0])
        ],
    )
    return builder.folder


def test_projections_are_no_slices(views):
    volume = load_series(views)
    assert volume.axes == "tzyx"
    assert volume.shape == (5, 1, 6, 8)
    assert volume.meta["varying"] == {"AngularViewVector": [1, 2, 3, 4, 5]}


def test_projections_are_slices_for_dcm2niix(views, tmp_path: Path):
    convert_series(views, tmp_path / "out")
    (path,) = (tmp_path / "out").glob("*.nii.gz")
    assert from_nifti(path).shape == (5, 6, 8)


@pytest.mark.parametrize("load", [load_series, load_4d])
def test_mammograms_make_no_volume(series, load):
    builder = series(
        "MG", SOPClassUID=MAMMOGRAM, ImageOrientationPatient=None, FrameOfReferenceUID=None, PixelSpacing=None
    )
    for side, view in (("L", "CC"), ("R", "CC"), ("L", "MLO"), ("R", "MLO")):
        builder.add(pattern(builder.count), None, ImageLaterality=side, ViewPosition=view)
    with pytest.warns(UserWarning, match="3 more volumes"):
        volume = load(builder.folder)
    assert volume.shape[-3:] == (1, 6, 8)
    assert volume.pixels.size == 48


def test_films_of_no_place_do_not_follow_one_another(series):
    builder = series("US", SOPClassUID="1.2.840.10008.5.1.4.1.1.3.1", ImageOrientationPatient=None)
    for seed in range(2):
        builder.add(pattern(seed, 5, 48).reshape(5, 6, 8), None, NumberOfFrames=5)
    with pytest.warns(UserWarning, match="1 more volumes"):
        assert load_4d(builder.folder).shape == (5, 1, 6, 8)


def test_ultrasound_volume(series):
    builder = series("US", SOPClassUID=US_VOLUME, ImageOrientationPatient=None, PixelSpacing=None)
    pixels = np.stack([pattern(at) for at in range(5)])
    builder.add(
        pixels,
        None,
        NumberOfFrames=5,
        PerFrameFunctionalGroupsSequence=[
            item(PlanePositionVolumeSequence=[item(ImagePositionVolume=[1, 2, 3 + 0.5 * (4 - at)])])
            for at in range(5)
        ],
        SharedFunctionalGroupsSequence=[
            item(
                PlaneOrientationVolumeSequence=[item(ImageOrientationVolume=[1, 0, 0, 0, 1, 0])],
                PixelMeasuresSequence=[item(PixelSpacing=[0.2, 0.3], SliceThickness=1)],
            )
        ],
    )
    volume = load_series(builder.folder)
    assert volume.spacing == pytest.approx((0.3, 0.2, 0.5))
    assert volume.origin == (1, 2, 3)
    assert np.array_equal(volume.pixels, pixels[::-1])


def test_multiframe_files_at_the_origin_follow_one_another(series):
    builder = series("CT", SOPClassUID="1.2.840.10008.5.1.4.1.1.2.1", ImageOrientationPatient=None)
    pixels = np.stack([pattern(at) for at in range(6)]).reshape(2, 3, 6, 8)
    for volume in pixels:
        builder.add(
            volume,
            None,
            NumberOfFrames=3,
            PerFrameFunctionalGroupsSequence=[
                item(PlanePositionSequence=[item(ImagePositionPatient=[0, 0, 2 * at])]) for at in range(3)
            ],
            SharedFunctionalGroupsSequence=[
                item(PlaneOrientationSequence=[item(ImageOrientationPatient=[1, 0, 0, 0, 1, 0])])
            ],
        )
    assert np.array_equal(load_4d(builder.folder).pixels, pixels)


@pytest.mark.parametrize("removed", [True, False])
def test_patients_are_never_in_one_volume(series, removed):
    """UIDs that an anonymizer removed, or made the same for all, say nothing."""
    uids = (
        {"StudyInstanceUID": None, "SeriesInstanceUID": None, "FrameOfReferenceUID": None} if removed else {}
    )
    builder = series("CT", **uids)
    first = builder.stack(5, PatientID="A", AcquisitionTime="100000")
    second = builder.stack(5, PatientID="B", AcquisitionTime="110000")
    found = list_series(builder.folder)
    assert [
        np.array_equal(stack.read(), pixels) for stack, pixels in zip(found, (first, second), strict=True)
    ]
    with pytest.warns(UserWarning, match="1 more volumes"):
        assert load_series(builder.folder).shape == (5, 6, 8)
