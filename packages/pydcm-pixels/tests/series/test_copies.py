"""Files that hold the same image, and images that only seem to be the same."""

from __future__ import annotations

import os
import shutil

import numpy as np
import pytest

from pydcm.filereader import dcmread
from pydcm_pixels._series.discovery import discover
from pydcm_pixels.volume import SeriesError, list_series, load_4d, load_series

from .conftest import pattern
from .test_multiframe import enhanced


def test_second_copies_are_told(series):
    builder = series()
    pixels = builder.stack(4, shuffle=False)
    shutil.copy(builder.folder / "image0003.dcm", builder.folder / "image0009.dcm")
    with pytest.warns(
        UserWarning, match="one file has the SOP Instance UID of another: .*image0009.dcm is left out"
    ):
        volume = load_series(builder.folder)
    assert np.array_equal(volume.pixels, pixels)
    with pytest.raises(SeriesError, match="image0009.dcm is left out, .*image0003.dcm is taken"):
        load_series(builder.folder, strict=True)
    ((path, reason),) = list_series(builder.folder).left_out
    assert path.endswith("image0009.dcm")
    assert reason == "the same image (SOP Instance UID) is there twice"


def test_other_contents_are_told(series):
    builder = series()
    builder.stack(4, shuffle=False)
    for number in (2, 3):
        ds = dcmread(builder.folder / f"image000{number}.dcm")
        if number == 3:
            ds.PixelData = bytes(len(ds.PixelData))
        ds.save_as(builder.folder / f"processed{number}.dcm")
    with pytest.warns(UserWarning, match="2 files have .*, and other contents: .*processed3.dcm is left out"):
        load_series(builder.folder)


def test_the_same_file_by_several_ways_is_no_copy(series, recwarn):
    builder = series()
    builder.stack(4)
    files = sorted(builder.folder.iterdir())
    os.symlink(files[1], builder.folder / "link.dcm")
    assert load_series([builder.folder, builder.folder, *files]).shape == (4, 6, 8)
    assert not recwarn.list


@pytest.mark.filterwarnings("ignore:3 images are at one position:UserWarning")
@pytest.mark.parametrize("name", ["TemporalPositionIdentifier", "EchoTime", "AcquisitionNumber", None])
def test_one_identifier_for_all_images(series, name):
    """Whoever takes names away from files may give all of them one UID: no volume is dropped for that."""
    builder = series("MR", SOPInstanceUID="1.2.3")
    pixels = np.empty((3, 4, 6, 8), dtype="i2")
    for t in range(3):
        for z in range(4):
            pixels[t, z] = pattern(builder.count)
            builder.add(pixels[t, z], [0, 0, 2 * z], **({name: t + 1} if name else {}))
    assert np.array_equal(load_4d(builder.folder, strict=bool(name)).pixels, pixels)


@pytest.mark.filterwarnings("ignore:no positions:UserWarning")
@pytest.mark.parametrize("numbers", [True, False])
def test_one_identifier_and_no_positions(series, numbers):
    builder = series(SOPInstanceUID="1.2.3")
    for number in range(4):
        builder.add(pattern(number), InstanceNumber=number + 1 if numbers else None)
    shutil.copy(builder.folder / "image0003.dcm", builder.folder / "image0009.dcm")
    with pytest.warns(
        UserWarning, match="one file has the SOP Instance UID of another: .*image0009.dcm is left out"
    ):
        assert load_series(builder.folder).shape == (4, 6, 8)


def test_second_copy_of_a_multiframe_file(series):
    builder = series("MR", folder="all/a")
    pixels = enhanced(builder, [(z, [1, z + 1], {}, {}) for z in range(4)], (0x00209056, 0x00209057))
    shutil.copytree(builder.folder, builder.folder.parent / "b")
    with pytest.warns(UserWarning, match="one file has the SOP Instance UID of another"):
        volume = load_series(builder.folder.parent)
    assert np.array_equal(volume.pixels, pixels)
    assert len(discover(builder.folder.parent).left_out) == 1


def test_of_a_whole_file_and_half_of_it_the_whole_one_is_taken(series):
    builder = series()
    pixels = builder.stack(4, shuffle=False)
    for name in ("image0000.dcm", "image0009.dcm"):  # before and after it
        content = (builder.folder / "image0003.dcm").read_bytes()
        (builder.folder / name).write_bytes(content[: -pixels[0].nbytes // 2])
    with pytest.warns(UserWarning, match="2 files have the SOP Instance UID of another"):
        volume = load_series(builder.folder)
    assert np.array_equal(volume.pixels, pixels)
    left_out = {os.path.basename(path) for path, _ in list_series(builder.folder).left_out}
    assert left_out == {"image0000.dcm", "image0009.dcm"}


def test_of_a_whole_multiframe_file_and_half_of_it_the_whole_one_is_taken(series):
    builder = series("MR", folder="all/b")
    pixels = enhanced(builder, [(z, [1, z + 1], {}, {}) for z in range(4)], (0x00209056, 0x00209057))
    (whole,) = builder.folder.iterdir()
    for name in ("a", "c"):
        (builder.folder.parent / name).write_bytes(whole.read_bytes()[: -pixels.nbytes // 2])
    with pytest.warns(UserWarning, match="have the SOP Instance UID of another"):
        volume = load_series(builder.folder.parent)
    assert np.array_equal(volume.pixels, pixels)


@pytest.mark.parametrize("slice_major", [False, True])
def test_nothing_but_the_number_of_files_differs(series, slice_major):
    builder = series("MR")
    pixels = np.empty((2, 4, 6, 8), dtype="i2")
    for t, z in sorted(np.ndindex(2, 4), key=lambda place: place[::-1] if slice_major else place):
        pixels[t, z] = pattern(10 * t + z)
        builder.add(pixels[t, z], [0, 0, 2 * z], WindowCenter=builder.count)
    message = "2 images are at one position .* and differ in nothing but InstanceNumber, which tells no volumes apart"
    with pytest.raises(SeriesError, match=message):
        load_series(builder.folder)
    with pytest.warns(UserWarning, match=message):
        volume = load_4d(builder.folder)
    assert np.array_equal(volume.pixels, pixels)
    with pytest.raises(SeriesError, match=message):
        load_4d(builder.folder, strict=True)


def test_a_private_element_is_enough(series, recwarn):
    builder = series("MR")
    for t, z in np.ndindex(2, 4):
        ds = builder.dataset(pattern(10 * t + z), ImagePositionPatient=[0, 0, 2 * z])
        ds.private_block(0x0043, "GEMS_PARM_01", create=True).add_new(0x29, "LO", f"volume {t}")
        ds.save_as(builder.folder / f"{t}{z}.dcm", enforce_file_format=True)
    assert load_series(builder.folder).shape == (2, 4, 6, 8)
    assert not recwarn.list


def test_nothing_but_the_number_of_frames_differs(series):
    builder = series("MR")
    enhanced(builder, [(z, [1, z + 1], {}, {}) for _ in range(2) for z in range(4)], (0x00209056, 0x00209057))
    with pytest.raises(SeriesError, match="differ in nothing but FrameNumber"):
        load_series(builder.folder)
    with pytest.warns(UserWarning, match="load_4d.. takes them for 2 volumes"):
        assert load_4d(builder.folder, which=0).shape == (2, 4, 6, 8)
