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


@pytest.mark.parametrize("distance", [0.0005, 0.005])
@pytest.mark.parametrize("thickness", [None, 1])
def test_slices_of_a_microscope(series, recwarn, distance, thickness):
    """What is one position among slices of a patient are several here."""
    builder = series("OPT", PixelSpacing=[0.001, 0.001], SliceThickness=thickness)
    pixels = builder.stack(5, step=distance)
    volume = load_series(builder.folder)
    assert np.array_equal(volume.pixels, pixels)
    assert np.allclose(volume.spacing, (0.001, 0.001, distance))
    assert not recwarn.list


def test_many_images_at_nearly_one_position_are_no_volumes(series):
    builder = series()
    builder.stack(5, step=0.001)
    with pytest.raises(SeriesError, match="5 images are at one position .* in nothing but InstanceNumber"):
        load_series(builder.folder)


@pytest.mark.parametrize(("noise", "together"), [(0.004, True), (0.03, True), (0.3, False)])
def test_positions_that_move_between_volumes(series, noise, together):
    builder = series("MR")
    moves = np.random.default_rng(1).uniform(-noise, noise, (3, 4))
    pixels = np.stack([[pattern(10 * t + z) for z in range(4)] for t in range(3)])
    for t, z in np.ndindex(3, 4):
        position = [0, 0, round(2 * z + moves[t, z], 4)]
        builder.add(pixels[t, z], position, TemporalPositionIdentifier=t + 1)
    if noise < 0.01:
        assert np.array_equal(load_series(builder.folder, strict=True).pixels, pixels)
        return
    with pytest.warns(UserWarning, match="mm apart|2 more|uneven|different numbers") as caught:
        volume = load_series(builder.folder)
    told = [str(one.message) for one in caught]
    if together:
        assert np.array_equal(volume.pixels, pixels)
        assert volume.meta["varying"] == {"TemporalPositionIdentifier": [1, 2, 3]}
        assert "slices of several volumes are taken to be at one position: they are up to 0.0" in told[0]
    else:
        assert volume.shape == (4, 6, 8)
        assert any("2 more volumes" in one for one in told)


def test_one_slice_without_rescale(series):
    builder = series("CT")
    for z in range(4):
        scaling = {} if z == 2 else {"RescaleSlope": 1, "RescaleIntercept": -1024}
        builder.add(pattern(z), [0, 0, z], **scaling)
    with pytest.warns(
        UserWarning, match="one image has neither Rescale Slope nor Intercept, others have: .*0003.dcm"
    ):
        load_series(builder.folder)
    for path in builder.folder.iterdir():
        path.unlink()
    for z in range(4):
        builder.add(pattern(z), [0, 0, z], RescaleSlope=1 + (z != 2), RescaleIntercept=0)
    assert load_series(builder.folder, strict=True).shape == (4, 6, 8)


@pytest.mark.parametrize(
    "name", ["TemporalPositionIdentifier", "DiffusionBValue", "KVP", "ConvolutionKernel"]
)
@pytest.mark.parametrize("shift", [1.0, 0.6])
def test_volumes_between_one_another(series, name, shift):
    """Slices of another time half way between those of the first make no volume of twice as many."""
    builder = series("CT" if name in ("KVP", "ConvolutionKernel") else "MR")
    pixels = np.stack([[pattern(10 * t + z) for z in range(4)] for t in range(2)])
    for t, z in np.ndindex(2, 4):
        builder.add(
            pixels[t, z],
            [0, 0, 2 * z + shift * t],
            **{name: str(t + 1) if name == "ConvolutionKernel" else t + 1},
        )
    with pytest.warns(UserWarning, match="the series holds 1 more volumes"):
        volume = load_series(builder.folder)
    assert np.array_equal(volume.pixels, pixels[0])
    assert np.array_equal(load_series(builder.folder, which=1).pixels, pixels[1])


def test_values_that_differ_between_halves_are_of_one_volume(series, recwarn):
    builder = series("CT")
    pixels = np.stack([pattern(z) for z in range(8)])
    for z in range(8):
        builder.add(pixels[z], [0, 0, 2 * z], KVP=100 + 20 * (z > 3))
    assert np.array_equal(load_series(builder.folder, strict=True).pixels, pixels)
    assert not recwarn.list


@pytest.mark.parametrize("spacing", [["1e-308", "1"], ["1", "1e308"], ["0.5", "-1"]])
def test_distances_that_are_none(series, spacing):
    builder = series(PixelSpacing=spacing)
    builder.stack(3)
    with pytest.warns(UserWarning, match="no usable Pixel Spacing in the files: 1 mm is assumed"):
        assert load_series(builder.folder).spacing == (1, 1, 2)


def test_date_without_a_time(series):
    builder = series(StudyTime=None)
    builder.stack(3)
    (stack,) = list_series(builder.folder)
    assert stack.time == "20240101"


@pytest.mark.filterwarnings("ignore:overflow:RuntimeWarning")
def test_places_that_are_none(series):
    builder = series()
    for z in range(3):
        builder.add(pattern(z), [0, 0, f"{z}e307"])
    with pytest.raises(SeriesError, match="image0001.dcm and others are no places in a patient"):
        load_series(builder.folder)


@pytest.mark.filterwarnings("ignore:no positions in the files:UserWarning")
@pytest.mark.parametrize("slice_major", [False, True])
def test_times_of_slices_of_no_place(series, slice_major):
    builder = series("MR")
    pixels = np.stack([[pattern(10 * t + z) for z in range(4)] for t in range(2)])
    for t, z in sorted(np.ndindex(2, 4), key=lambda place: place[::-1] if slice_major else place):
        builder.add(pixels[t, z], TemporalPositionIdentifier=t + 1)
    with pytest.warns(UserWarning, match="the series holds 1 more volumes"):
        assert np.array_equal(load_series(builder.folder).pixels, pixels[0])
    with pytest.warns(UserWarning, match="no positions"):
        assert np.array_equal(load_series(builder.folder, which=1).pixels, pixels[1])


def test_out_of_one_volume(series):
    builder = series()
    pixels = builder.stack(3)
    out = np.empty((1, 3, 6, 8), "f4")
    volume = load_4d(builder.folder, out=out)
    assert np.shares_memory(volume.pixels, out)
    assert np.array_equal(out[0], pixels)


@pytest.mark.filterwarnings("ignore:uneven slice spacing:UserWarning")
def test_out_is_not_for_what_is_resampled(series):
    builder = series()
    for z, place in enumerate((0, 2, 4, 7)):
        builder.add(pattern(z), [0, 0, place])
    out = np.empty((4, 6, 8), "f4")
    assert load_series(builder.folder, out=out, correct_tilt=True).pixels is out
    with pytest.raises(ValueError, match="slices that are resampled are not those that 'out' is for"):
        load_series(builder.folder, out=out, resample=True)


def test_nothing_chosen(series):
    builder = series()
    builder.stack(3)
    with pytest.raises(SeriesError, match="no number is in the list"):
        load_4d(builder.folder, which=[])
