"""Headers and arguments that something is wrong with, and that would give a volume nevertheless."""

from __future__ import annotations

import os

import numpy as np
import pytest

from pydcm.dataset import Dataset, FileMetaDataset
from pydcm.filereader import dcmread
from pydcm_pixels.volume import SeriesError, list_series, load_4d, load_series

from .conftest import pattern
from .test_multiframe import enhanced


@pytest.mark.parametrize("frames", [None, 3])
def test_table_of_real_world_values(series, frames):
    """*Modality LUT Sequence* stands where other images have slope and intercept."""
    builder = series()
    table = Dataset()
    table.LUTDescriptor = [8, 2, 16]
    table.LUTData = (np.arange(8, dtype="<u2") * 1000).tobytes()
    table["LUTData"].VR = "OW"
    stored = np.arange(3 * 48).reshape(3, 6, 8).astype("u2") % 12
    for z in range(1 if frames else 3):
        builder.add(
            stored if frames else stored[z],
            [0, 0, 2 * z],
            NumberOfFrames=frames,
            FrameTime=10 if frames else None,
            ModalityLUTSequence=[table],
        )
    expected = 1000.0 * np.clip(stored.astype(int) - 2, 0, 7)
    assert np.array_equal(load_series(builder.folder).pixels.reshape(3, 6, 8), expected)
    assert np.array_equal(load_series(builder.folder, dtype="i4").pixels.reshape(3, 6, 8), expected)
    assert np.array_equal(load_series(builder.folder, rescale=False).pixels.reshape(3, 6, 8), stored)


def test_rows_and_columns_that_are_not_perpendicular(series):
    builder = series(ImageOrientationPatient=[1, 0, 0, 0.5, 1, 0])
    builder.stack(3)
    with pytest.warns(UserWarning, match="rows and columns are not perpendicular, but at 63.4 degrees"):
        load_series(builder.folder)


@pytest.mark.parametrize("stated", [2, 6, 60000])
def test_number_of_frames_and_their_descriptions(series, stated):
    builder = series("MR")
    enhanced(builder, [(z, [1, z + 1], {}, {}) for z in range(4)], (0x00209056, 0x00209057))
    path = builder.folder / "enhanced.dcm"
    ds = dcmread(path)
    ds.NumberOfFrames = stated
    ds.save_as(path)
    with pytest.warns(
        UserWarning, match=f"4 frames are described .*, but there should be {stated} .*: {min(4, stated)} are"
    ):
        assert load_series(path).shape == (min(4, stated), 6, 8)


def test_header_without_pixels(series):
    """A file that cannot hold its pixels takes no place in the volume, and is not taken for the largest one."""
    builder = series()
    pixels = builder.stack(4, shuffle=False)
    path = builder.folder / "image0004.dcm"
    ds = dcmread(path)
    del ds.PixelData
    ds.Rows = ds.Columns = 65535
    ds.save_as(path)
    with pytest.warns(
        UserWarning, match="one file cannot be read and is left out: .*image0004.dcm: .* cut off"
    ):
        assert np.array_equal(load_series(builder.folder).pixels, pixels[:3])
    with pytest.raises(SeriesError, match="image0004"):
        load_series(builder.folder, strict=True)
    assert list_series(builder.folder).left_out[0][0] == str(path)


def test_directory_under_another_name(series):
    builder = series()
    ds = Dataset()
    ds.file_meta = FileMetaDataset()
    ds.file_meta.MediaStorageSOPClassUID = "1.2.840.10008.1.3.10"
    ds.file_meta.MediaStorageSOPInstanceUID = "1.2.3"
    ds.file_meta.TransferSyntaxUID = "1.2.840.10008.1.2.1"
    ds.FileSetID = "X"
    ds.save_as(builder.folder / "directory.dcm", enforce_file_format=True)
    ((_, reason),) = list_series(builder.folder).left_out
    assert reason == "a DICOMDIR"


def test_which(series):
    builder = series("MR")
    for echo in (1, 2):
        for z in range(3):
            builder.add(pattern(echo * 10 + z), [0, 0, z * 2], EchoTime=5 * echo)
    assert load_series(builder.folder, which=np.int64(1)).meta["echo_time"] == 10
    assert load_4d(builder.folder, which=[np.int16(0), -1]).shape == (2, 3, 6, 8)
    with pytest.raises(TypeError, match="a list for 'which' has numbers of list_series"):
        load_series(builder.folder, which=["made up"])
    for which in (1.0, True, b"made up"):
        with pytest.raises(TypeError, match="'which' is a number"):
            load_series(builder.folder, which=which)


def test_out(series):
    builder = series()
    builder.stack(3)
    fixed = np.empty((3, 6, 8), "f4")
    fixed.flags.writeable = False
    for out in ([1], fixed):
        with pytest.raises(TypeError, match="'out' is an array that can be written to"):
            load_series(builder.folder, out=out)


def test_paths_that_are_none(series):
    builder = series()
    path = builder.add(np.zeros((300, 300), "i2"), [0, 0, 0])
    with pytest.raises(TypeError, match="of a file's content") as caught:
        load_series([path.read_bytes()])
    assert len(str(caught.value)) < 200
    if hasattr(os, "mkfifo"):
        os.mkfifo(builder.folder / "pipe")
        assert load_series(builder.folder).shape == (1, 300, 300)
        with pytest.raises(ValueError, match="pipe' is neither a file nor a folder"):
            load_series(builder.folder / "pipe")
