"""Pictures of images that are unusual: windows that cannot be, floating point, constant, padding only."""

from __future__ import annotations

import numpy as np
import pytest

import pydcm
from pydcm_pixels.display import export, render

RAMP = np.array([[0, 64, 128, 255]], "u1")


@pytest.mark.parametrize("width", [0, -5, None, "", [None]])
def test_windows_that_cannot_be(width, make_dataset):
    ds = make_dataset(RAMP)
    ds.WindowCenter, ds.WindowWidth = 100, width
    assert render(ds).tolist() == [[0, 64, 128, 255]]


def test_one_of_several_windows(make_dataset):
    ds = make_dataset(RAMP)
    ds.WindowCenter, ds.WindowWidth = [128, 64.5], [256, 129]
    assert render(ds).tolist() == RAMP.tolist()
    assert render(ds, index=1).tolist() == [[0, 128, 255, 255]]
    with pytest.raises((ValueError, IndexError), match="2"):
        render(ds, index=2)
    ds.WindowCenter, ds.WindowWidth = [128, 64], 256
    assert render(ds).tolist() == RAMP.tolist()


@pytest.mark.parametrize("window", ["wide", (1,), (1, 2, 3), 7, ("a", "b")])
def test_windows_that_are_none(window, make_dataset):
    with pytest.raises((ValueError, TypeError)):
        render(make_dataset(RAMP), window=window)


def float_image(make_dataset, arr):
    ds = make_dataset(np.zeros(arr.shape, "u2"))
    del ds.PixelData
    ds.BitsAllocated = 32
    ds.FloatPixelData = arr.astype("<f4").tobytes()
    return ds


@pytest.mark.filterwarnings("error")
def test_floating_point(make_dataset):
    ds = float_image(make_dataset, np.array([[0.0, 0.5, 1.0, 0.25]]))
    assert render(ds).tolist() == [[0, 128, 255, 64]]
    ds = float_image(make_dataset, np.array([[np.nan, -np.inf, np.inf, 0, 2, 1]]))
    assert render(ds).tolist() == [[0, 0, 255, 0, 255, 128]]
    assert render(float_image(make_dataset, np.full((2, 2), np.nan))).tolist() == [[0, 0], [0, 0]]


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("value", [0, 7, 65535])
def test_constant_images(value, make_dataset):
    picture = render(make_dataset(np.full((3, 3), value, "u2")))
    assert (picture == picture[0, 0]).all()


def test_padding_only(make_dataset):
    ds = make_dataset(np.full((2, 2), 9, "u2"))
    ds.PixelPaddingValue = 9
    assert render(ds).tolist() == [[0, 0], [0, 0]]


def test_padding_as_a_range(make_dataset):
    ds = make_dataset(np.array([[1, 2, 3, 10, 20]], "u2"))
    ds.PixelPaddingValue, ds.PixelPaddingRangeLimit = 3, 1
    assert render(ds).tolist() == [[0, 0, 0, 0, 255]]


def test_one_bit(make_dataset):
    ds = make_dataset(np.zeros((2, 4), "u1"))
    ds.BitsAllocated = ds.BitsStored = 1
    ds.HighBit, ds.PixelData = 0, bytes([0b01011010, 0])
    assert render(ds).tolist() == [[0, 255, 0, 255], [255, 0, 255, 0]]


@pytest.mark.parametrize("stored", [8, 12, 16])
def test_colours_of_more_than_eight_bits(stored, make_dataset):
    top = (1 << stored) - 1
    arr = np.array([[[0, top // 2, top]]], "u2")
    assert render(make_dataset(arr, bits_stored=stored)).tolist() == [[[0, 127, 255]]]


def test_sigmoid_and_exact_windows(make_dataset):
    ds = make_dataset(RAMP)
    ds.WindowCenter, ds.WindowWidth, ds.VOILUTFunction = 128, 64, "SIGMOID"
    expected = 255 / (1 + np.exp(-4 * (RAMP - 128.0) / 64))
    assert np.abs(render(ds) - expected).max() <= 0.5
    ds.VOILUTFunction, ds.WindowWidth = "LINEAR_EXACT", 128
    assert render(ds).tolist() == [[0, 0, 128, 255]]


def test_overlays_beyond_the_image(make_dataset):
    ds = make_dataset(np.zeros((4, 4), "u1"))
    ds.add_new(0x60000010, "US", 3)
    ds.add_new(0x60000011, "US", 3)
    ds.add_new(0x60000100, "US", 1)
    ds.add_new(0x60000102, "US", 0)
    ds.add_new(0x60003000, "OW", b"\xff\x01")
    for origin, drawn in (((-1, -1), 1), ((3, 3), 4), ((9, 9), 0), ((-30000, 1), 0)):
        ds.add_new(0x60000050, "SS", list(origin))
        assert int((render(ds, overlays=True) == 255).sum()) == drawn


def test_films_of_one_frame_and_frames_that_are_not_there(make_dataset, tmp_path):
    pytest.importorskip("PIL")
    ds = make_dataset(RAMP.repeat(8, 0).repeat(8, 1))
    export(ds, tmp_path / "a.gif")
    with pytest.raises(ValueError, match="no frame 2"):
        export(ds, tmp_path / "a.png", frames=[2])
    with pytest.raises(ValueError, match="no frames"):
        export(ds, tmp_path / "b.gif", frames=[])
    assert not (tmp_path / "b.gif").exists()


def test_render_of_every_photometric_interpretation(make_dataset):
    arr = np.full((2, 2, 3), (81, 90, 240), "u1")
    red = render(make_dataset(arr, photometric="YBR_FULL"))
    assert (
        np.abs(red[0, 0].astype(int) - pydcm.pixels.convert_color_space(arr, "YBR_FULL", "RGB")[0, 0]).max()
        == 0
    )


def table(values, bits, first=0):
    item = pydcm.Dataset()
    item.add_new(0x00283002, "SS" if first < 0 else "US", [len(values), first, bits])
    item.add_new(0x00283006, "US", list(values))
    return item


def test_a_table_of_one_frame(make_dataset):
    ds = make_dataset(np.array([[[0, 1, 2]], [[0, 1, 2]]], "u1"), frames=True)
    groups = []
    for values in ([0, 51, 255], [255, 102, 0]):
        group, macro = pydcm.Dataset(), pydcm.Dataset()
        macro.VOILUTSequence = [table(values, 8)]
        group.FrameVOILUTSequence = [macro]
        groups.append(group)
    ds.PerFrameFunctionalGroupsSequence = groups
    assert render(ds, 1).tolist() == [[0, 51, 255]]
    assert render(ds, 2).tolist() == [[255, 102, 0]]


def test_voi_tables_that_are_not_there(make_dataset):
    ds = make_dataset(RAMP)
    ds.VOILUTSequence = [table(range(256), 8)]
    with pytest.raises(ValueError, match="no VOI table with the index 1, there are 1"):
        render(ds, index=1)
    ds.VOILUTSequence = [pydcm.Dataset()]  # of nothing: as if there was none
    ds.WindowCenter, ds.WindowWidth = 128, 256
    assert render(ds).tolist() == RAMP.tolist()


def test_signed_first_value(make_dataset):
    ds = make_dataset(np.array([[-3, -2, -1, 0, 5]], "i2"))
    ds.VOILUTSequence = [table([0, 1024, 2048, 4095], 12, first=-2)]
    assert render(ds).tolist() == [[0, 0, 64, 128, 255]]


def test_presentation_table(make_dataset):
    ds = make_dataset(RAMP, photometric="MONOCHROME1")  # whose inversion the table replaces
    ds.WindowCenter, ds.WindowWidth = 128, 256
    ds.PresentationLUTSequence = [table(range(1023, -1, -1), 10)]
    assert render(ds).tolist() == [[255, 191, 127, 0]]


def test_colours_of_less_than_eight_bits(make_dataset):
    ds = make_dataset(np.array([[[0, 31, 63]]], "u1"), photometric="RGB", bits_stored=6)
    assert render(ds).tolist() == [[[0, 125, 255]]]


def test_from_a_file(make_dataset, tmp_path):
    ds = make_dataset(RAMP)
    ds.save_as(tmp_path / "a.dcm", enforce_file_format=True)
    for path in (tmp_path / "a.dcm", str(tmp_path / "a.dcm")):
        assert np.array_equal(render(path), RAMP)
        pytest.importorskip("PIL")
        export(path, tmp_path / "a.png")
        assert (tmp_path / "a.png").read_bytes()[1:4] == b"PNG"


@pytest.mark.parametrize("name", ["a.png", "a.gif", "a.mp4", "a.unknown"])
def test_a_picture_is_written_whole_or_not_at_all(name, make_dataset, tmp_path):
    pytest.importorskip("PIL")
    pytest.importorskip("av")
    ds = make_dataset(np.zeros((3, 64, 64), "u1"), frames=True)
    (tmp_path / name).write_bytes(b"before")
    with pytest.raises(ValueError, match="no frame 9|holds one picture"):
        export(ds, tmp_path / name, frames=[9] if name == "a.png" else [1, 2, 9])
    assert [one.name for one in tmp_path.iterdir()] == [name]
    assert (tmp_path / name).read_bytes() == b"before"
    with pytest.raises(FileNotFoundError, match="nowhere"):
        export(ds, tmp_path / "nowhere" / name)


@pytest.mark.parametrize("fps", [0, -1, float("nan"), 1e9])
def test_impossible_speeds(fps, make_dataset, tmp_path):
    ds = make_dataset(np.zeros((3, 64, 64), "u1"), frames=True)
    with pytest.raises(ValueError, match="'fps' has to be above 0"):
        export(ds, tmp_path / "a.gif", fps=fps)


@pytest.mark.parametrize("value", [0, 1])
def test_a_mask_frame_of_one_value(value, make_dataset):
    ds = make_dataset(np.full((2, 8, 8), value, "u1"), frames=True, bits_stored=1)
    assert (render(ds, 2) == 255 * value).all()
    ds.BitsAllocated = 1
    ds.PixelData = bytes([255 * value]) * 16
    assert (render(ds, 1) == 255 * value).all()


def test_a_modality_table_of_nothing(make_dataset):
    ds = make_dataset(RAMP)
    ds.ModalityLUTSequence = [pydcm.Dataset()]
    ds.ModalityLUTSequence[0].LUTDescriptor = None
    assert render(ds).tolist() == RAMP.tolist()
    with pytest.raises(ValueError, match="'LUT Descriptor' has to be three numbers, it is None"):
        pydcm.decode(ds, rescale=True)


@pytest.mark.parametrize("syntax", ["1.2.840.10008.1.2.1", "1.2.840.10008.1.2.2"])
@pytest.mark.parametrize("entries", [4, 5])
def test_tables_of_bytes_in_words(syntax, entries, make_dataset):
    values = [0, 10, 200, 255, 77][:entries]
    data = bytes(values) + bytes(entries % 2)
    if syntax.endswith(".2.2"):
        data = np.frombuffer(data, "u2").byteswap().tobytes()
    ds = make_dataset(np.array([[0, 1, 2, 3, 4]], "u1"))
    ds.file_meta.TransferSyntaxUID = syntax
    item = table([0] * entries, 8)
    item.add_new(0x00283006, "OW", data)
    expected = [*values, 255][:5]
    for keyword, function in (
        ("ModalityLUTSequence", pydcm.pixels.apply_modality_lut),
        ("VOILUTSequence", pydcm.pixels.apply_voi_lut),
    ):
        setattr(ds, keyword, [item])
        assert function(ds.pixel_array, ds).tolist() == [expected]
        del ds[keyword]
    ds.PresentationLUTSequence = [item]
    stretched = pydcm.pixels.apply_presentation_lut(np.arange(entries, dtype="u1"), ds)
    assert stretched.tolist() == values
