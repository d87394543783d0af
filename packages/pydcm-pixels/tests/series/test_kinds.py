"""Which component of a complex image an MR image is."""

from __future__ import annotations

import numpy as np
import pytest

from pydcm_pixels._series.discovery import find_stacks
from pydcm_pixels._series.kinds import component_of
from pydcm_pixels._series.loading import load_series


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (["M", "ND"], "magnitude"),
        (["M_FFE", "M", "FFE"], "magnitude"),
        (["P", "ND"], "phase"),
        (["PHASE MAP", "P", "FFE"], "phase"),
        (["OTHER", "PHASE"], "phase"),
        (["VELOCITY MAP", "P", "PCA"], "phase"),
        (["R_IR", "R", "IR"], "real"),
        (["REAL", "ND"], "real"),
        (["I_SE"], "imaginary"),
        (["P"], "magnitude"),
        (["M", "ND", "REAL"], "magnitude"),
        (["T2 MAP", "T2_STAR_UNSPECI", "UNSPECIFIED"], "magnitude"),
        ([], "magnitude"),
    ],
)
def test_image_type(values, expected):
    assert component_of(["ORIGINAL", "PRIMARY", *values]) == expected


def test_stated_component():
    assert component_of(["ORIGINAL", "PRIMARY", "M", "NONE"], "PHASE") == "phase"
    assert component_of(["ORIGINAL"], "MIXED") == "magnitude"


def test_ge_has_an_element_of_its_own(series):
    builder = series("MR", Manufacturer="GE MEDICAL SYSTEMS", ImageType=["ORIGINAL", "PRIMARY", "OTHER"])
    for component in range(4):
        for z in range(2):
            ds = builder.dataset(np.full((4, 5), component, "i2"), ImagePositionPatient=[0, 0, z])
            ds.private_block(0x0043, "GEMS_PARM_01", create=True).add_new(0x2F, "SS", component)
            ds.save_as(builder.folder / f"{component}{z}.dcm", enforce_file_format=True)
    kinds = [stack.kind["component"] for stack in find_stacks(builder.folder)]
    assert kinds == ["magnitude", "phase", "real", "imaginary"]


@pytest.mark.parametrize("varies", [None, "slope", "scale"])
def test_philips_scalings(series, varies):
    builder = series("MR", Manufacturer="Philips Medical Systems")
    for z in range(3):
        slope = 1.5 + z if varies == "slope" else 1.5
        pixels = np.full((4, 5), 100 + z, "i2")
        ds = builder.dataset(pixels, ImagePositionPatient=[0, 0, z], RescaleSlope=slope, RescaleIntercept=-3)
        block = ds.private_block(0x2005, "Philips MR Imaging DD 001", create=True)
        block.add_new(0x0E, "FL", 0.25 + (z if varies == "scale" else 0))
        ds.save_as(builder.folder / f"{z}.dcm", enforce_file_format=True)
    (stack,) = find_stacks(builder.folder)
    displayed = [(100 + z) * (1.5 + (z if varies == "slope" else 0)) - 3 for z in range(3)]
    assert np.allclose(stack.read(rescale="display")[:, 0, 0], displayed)
    comparable = displayed if varies else [one / (1.5 * 0.25) for one in displayed]
    assert np.allclose(stack.read()[:, 0, 0], comparable)


def test_series_without_uids(series):
    builder = series("MR", folder="all", SeriesInstanceUID=None, StudyInstanceUID=None, SeriesNumber=1)
    other = series("MR", folder="all", SeriesInstanceUID=None, StudyInstanceUID=None, SeriesNumber=2)
    other.count = 10
    builder.stack(3)
    other.stack(4)
    assert sorted(stack.shape[0] for stack in find_stacks(builder.folder)) == [3, 4]


@pytest.mark.parametrize("name", ["FlipAngle", "RepetitionTime"])
def test_contrasts_are_volumes_of_their_own(series, name):
    builder = series("MR")
    for value in (5, 20):
        for z in range(3):
            builder.add(np.full((4, 5), value + z, "i2"), [0, 0, z], **{name: value})
    kinds = {"FlipAngle": "flip_angle", "RepetitionTime": "repetition_time"}
    assert [stack.kind for stack in find_stacks(builder.folder)] == [{kinds[name]: 5}, {kinds[name]: 20}]
    assert load_series(builder.folder).pixels[:, :, 0, 0].tolist() == [[5, 6, 7], [20, 21, 22]]


def test_a_rhythm_makes_no_volumes(series):
    builder = series("MR")
    for z in range(6):
        builder.add(np.full((4, 5), z, "i2"), [0, 0, z], RepetitionTime=900 + z % 3)
    (stack,) = find_stacks(builder.folder)
    assert stack.shape == (6, 4, 5)


def test_one_uid_two_numbers(series):
    builder = series("MR")
    for number in (3, 4):
        for z in range(3):
            builder.add(np.full((4, 5), number, "i2"), [0, 0, z], SeriesNumber=number)
    assert [stack.series_number for stack in find_stacks(builder.folder)] == [3, 4]
