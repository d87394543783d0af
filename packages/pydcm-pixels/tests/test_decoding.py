"""From files and data sets to arrays."""

from __future__ import annotations

import os
from io import BytesIO

import numpy as np
import pytest

import pydcm
from pydcm_pixels.transcoding import transcode

PREFIX = "1.2.840.10008.1.2."
FRAMES = 6
SYNTAXES = ["1", "2", "1.98", "5", "4.57", "4.80", "4.90", "4.201", "4.110", "8.1"]


@pytest.fixture(scope="module")
def frames():
    rng = np.random.default_rng(5)
    ramp = np.add.outer(np.arange(20), np.arange(31)) * 60
    return np.stack([ramp + 7 * i + rng.integers(0, 5, ramp.shape) for i in range(FRAMES)]).astype("u2")


@pytest.fixture(params=SYNTAXES)
def path(request, frames, make_dataset, tmp_path):
    ds = make_dataset(frames, bits_stored=12, frames=True)
    if request.param == "2":
        ds.file_meta.TransferSyntaxUID = PREFIX + "2"
        ds.PixelData = frames.astype(">u2").tobytes()
    elif request.param != "1":
        transcode(ds, PREFIX + request.param)
    target = tmp_path / f"{request.param}.dcm"
    pydcm.dcmwrite(target, ds, enforce_file_format=True)
    return target


def test_all_frames_every_way(path, frames):
    ds = pydcm.dcmread(path)
    ways = {
        "pixel_array(path)": pydcm.pixel_array(path),
        "Dataset.pixel_array": ds.pixel_array,
        "pixel_array(ds)": pydcm.pixel_array(ds),
        "decode(path)": pydcm.decode(path),
        "decode(bytes)": pydcm.decode(path.read_bytes()),
        "two threads": pydcm.decode(path, workers=2),
        "iter_pixels": np.stack(list(pydcm.iter_pixels(path))),
    }
    with path.open("rb") as stream:
        ways["file-like"] = pydcm.pixel_array(stream)
    for way, arr in ways.items():
        assert np.array_equal(arr, frames), way
        assert arr.flags.writeable, way


def test_one_frame_every_way(path, frames):
    assert np.array_equal(pydcm.pixel_array(path, index=4), frames[4])
    assert np.array_equal(pydcm.decode(path, 5), frames[4:5])
    with path.open("rb") as stream:
        assert np.array_equal(pydcm.pixel_array(stream, index=4), frames[4])
        assert np.array_equal(list(pydcm.iter_pixels(stream, indices=[2, 0])), frames[[2, 0]])
        assert stream.tell() == 0


def test_out(path, frames):
    out = np.zeros(frames.shape, "u2")
    assert pydcm.decode(path, out=out) is out
    assert np.array_equal(out, frames)
    with pytest.raises(ValueError, match="'out' has the shape"):
        pydcm.decode(path, out=np.zeros(3, "u2"))


def test_out_of_one_frame(path, frames):
    out = np.zeros(frames.shape[1:], "u2")
    assert pydcm.decode(path, 3, out=out) is out
    assert np.array_equal(out, frames[2])
    with pytest.raises(ValueError, match="'out' has the shape"):  # as many values, but others would go there
        pydcm.decode(path, 3, out=np.zeros(frames.shape[:0:-1], "u2"))


def test_what_cannot_be_out(path, frames):
    out = np.zeros(frames.shape, "u2")
    out.flags.writeable = False
    with pytest.raises(ValueError, match="read-only"):
        pydcm.decode(path, out=out)
    with pytest.raises(TypeError, match="not list"):
        pydcm.decode(path, out=[])


def test_what_can_be_decoded(path, frames):
    with open(path, "rb") as stream:
        for source in (path, str(path), stream, path.read_bytes(), pydcm.dcmread(path)):
            assert np.array_equal(pydcm.decode(source), frames)
            assert np.array_equal(pydcm.decode(source, 2), frames[1:2])
    for nothing in (None, 5):
        with pytest.raises(TypeError, match="'path' is a path"):
            pydcm.decode(nothing)


def test_a_tensor(path, frames):
    torch = pytest.importorskip("torch")
    tensor = pydcm.decode(path, to_torch=True)
    assert isinstance(tensor, torch.Tensor)
    assert np.array_equal(tensor.numpy(), frames)


@pytest.mark.parametrize("content", [b"", b"no DICOM at all", bytes(500)])
def test_no_dicom(content, tmp_path):
    target = tmp_path / "a.txt"
    target.write_bytes(content)
    with pytest.raises(pydcm.errors.InvalidDicomError, match=r"a\.txt is no DICOM file"):
        pydcm.decode(target)
    with pytest.raises(pydcm.errors.InvalidDicomError):
        pydcm.decode(content)


def test_no_pixels(tmp_path):
    with pytest.raises(AttributeError, match="no pixel data"):
        pydcm.decode(pydcm.examples.get_path("rt_plan"))


def test_frames_that_are_not_there(path):
    with pytest.raises(ValueError, match="no frame 7"):
        pydcm.decode(path, FRAMES + 1)
    with pytest.raises(ValueError, match="counts from 1"):
        pydcm.decode(path, -1)


def test_as_buffer_is_the_stored_samples(path, frames):
    ds = pydcm.dcmread(path)
    decoder = pydcm.pixels.get_decoder(ds.file_meta.TransferSyntaxUID)
    order = "<" if ds.file_meta.TransferSyntaxUID.is_little_endian else ">"
    buffer, meta = decoder.as_buffer(ds)
    assert np.array_equal(np.frombuffer(buffer, f"{order}u2").reshape(frames.shape), frames)
    assert meta["number_of_frames"] == FRAMES
    assert b"".join(bytes(one) for one, _ in decoder.iter_buffer(ds)) == bytes(buffer)


def test_a_frame_of_a_large_file_reads_little(frames, make_dataset, tmp_path, monkeypatch):
    big = np.zeros((64, 256, 256), "u2")
    big[40] = 7
    target = tmp_path / "big.dcm"
    make_dataset(big, frames=True).save_as(target, enforce_file_format=True)
    read = 0

    class Counting(BytesIO):
        def read(self, n=-1):
            nonlocal read
            data = super().read(n)
            read += len(data)
            return data

        def readinto(self, buffer):
            nonlocal read
            got = super().readinto(buffer)
            read += got
            return got

    assert (pydcm.pixel_array(Counting(target.read_bytes()), index=40) == 7).all()
    assert read < 4 * 256 * 256


def test_rescale_and_meta(make_dataset, tmp_path):
    arr = np.arange(12, dtype="i2").reshape(3, 4)
    ds = make_dataset(arr)
    ds.RescaleSlope, ds.RescaleIntercept = "2", "-1024"
    ds.PixelSpacing = [0.5, 0.25]
    ds.Modality = "CT"
    stream = BytesIO()
    ds.save_as(stream, enforce_file_format=True)
    values, meta = pydcm.decode(stream, rescale=True, with_meta=True)
    assert values.dtype == np.float32
    assert np.array_equal(values[0], arr * 2.0 - 1024)
    assert meta["pixel_spacing"] == [0.5, 0.25]
    assert (meta["modality"], meta["rescale_slope"], meta["decoded_by"]) == ("CT", 2.0, "pydcm")


def test_rescale_per_frame(make_dataset, tmp_path):
    ds = make_dataset(np.ones((2, 2, 2), "u2"), frames=True)
    groups = []
    for slope in (2, 3):
        item = pydcm.Dataset()
        item.PixelValueTransformationSequence = [pydcm.Dataset()]
        item.PixelValueTransformationSequence[0].RescaleSlope = slope
        item.PixelValueTransformationSequence[0].RescaleIntercept = 10
        groups.append(item)
    ds.PerFrameFunctionalGroupsSequence = groups
    target = tmp_path / "enhanced.dcm"
    ds.save_as(target, enforce_file_format=True)
    assert pydcm.decode(target, rescale=True)[:, 0, 0].tolist() == [12.0, 13.0]
    assert pydcm.decode(target, 2, rescale=True)[:, 0, 0].tolist() == [13.0]
    assert pydcm.decode(target, with_meta=True)[1]["rescale_slope"] == [2.0, 3.0]


def test_real_world_values(make_dataset, tmp_path):
    ds = make_dataset(np.array([[0, 5, 99]], "u2"))
    item = pydcm.Dataset()
    item.RealWorldValueFirstValueMapped, item.RealWorldValueLastValueMapped = 0, 10
    item.RealWorldValueSlope, item.RealWorldValueIntercept = 0.5, 1.0
    ds.RealWorldValueMappingSequence = [item]
    target = tmp_path / "rwv.dcm"
    ds.save_as(target, enforce_file_format=True)
    values = pydcm.decode(target, real_world=True)[0, 0]
    assert values[:2].tolist() == [1.0, 3.5]
    assert np.isnan(values[2])


def _map(label, units, slope):
    item = pydcm.Dataset()
    item.LUTLabel = label
    item.MeasurementUnitsCodeSequence = [pydcm.Dataset()]
    item.MeasurementUnitsCodeSequence[0].CodeValue = units
    item.RealWorldValueSlope, item.RealWorldValueIntercept = slope, 0.0
    return item


@pytest.mark.parametrize("where", ["image", "all frames", "each frame"])
def test_real_world_values_by_name(where, make_dataset):
    ds = make_dataset(np.array([[[2, 3]], [[4, 5]]], "u2"), frames=True)
    maps = [_map("SUV", "g/ml{SUVbw}", 0.5), _map("ACTIVITY", "Bq/ml", 10.0)]
    group = pydcm.Dataset()
    group.RealWorldValueMappingSequence = maps
    if where == "image":
        ds.RealWorldValueMappingSequence = maps
    elif where == "all frames":
        ds.SharedFunctionalGroupsSequence = [group]
    else:
        ds.PerFrameFunctionalGroupsSequence = [group, group]
    assert pydcm.decode(ds, real_world=True).ravel().tolist() == [1.0, 1.5, 2.0, 2.5]
    assert pydcm.decode(ds, real_world="SUV").ravel().tolist() == [1.0, 1.5, 2.0, 2.5]
    assert pydcm.decode(ds, 2, real_world="Bq/ml").ravel().tolist() == [40.0, 50.0]
    with pytest.raises(ValueError, match=r"no real world value map 'HU'; there are: 'SUV', 'g/ml"):
        pydcm.decode(ds, real_world="HU")
    del maps[0].RealWorldValueSlope
    with pytest.raises(ValueError, match="frame 1 has neither"):
        pydcm.decode(ds, real_world=True)


def test_unused_bits_are_filled(make_dataset):
    raw = np.array([[0x1FFF, 0xF800, 0x07FF]], "u2")
    signed = make_dataset(raw.view("i2"), bits_stored=12)
    assert signed.pixel_array.tolist() == [[-1, -2048, 2047]]
    unsigned = make_dataset(raw, bits_stored=12)
    assert unsigned.pixel_array.tolist() == [[0xFFF, 0x800, 0x7FF]]
    arr = pydcm.pixel_array(unsigned, correct_unused_bits=False)
    assert np.array_equal(arr, raw)


def test_planes_become_pixels(make_dataset):
    arr = np.arange(24, dtype="u1").reshape(2, 4, 3)
    ds = make_dataset(arr)
    ds.PlanarConfiguration = 1
    ds.PixelData = arr.transpose(2, 0, 1).tobytes()
    assert np.array_equal(ds.pixel_array, arr)


def test_promises_of_a_hostile_header_allocate_nothing(make_dataset):
    ds = make_dataset(np.zeros((4, 4), "u2"))
    transcode(ds, PREFIX + "4.90")
    ds.Rows = ds.Columns = 65535
    ds.NumberOfFrames = 10**6
    with pytest.raises((RuntimeError, ValueError), match="'Rows'|frames"):
        ds.pixel_array


def test_missing_frames_are_an_error(make_dataset):
    ds = make_dataset(np.zeros((2, 8, 8), "u1"), frames=True)
    transcode(ds, PREFIX + "5")
    ds.NumberOfFrames = 3
    with pytest.raises(ValueError, match="frames|Frames"):
        ds.pixel_array


def test_a_stream_of_another_size_is_named(make_dataset):
    ds = make_dataset(np.zeros((8, 16), "u1"))
    transcode(ds, PREFIX + "4.80")
    ds.Rows, ds.Columns = 16, 8
    with pytest.raises(RuntimeError, match="8 rows, 16 columns"):
        ds.pixel_array


def test_jpip_says_what_to_do():
    with pytest.raises(NotImplementedError, match="Pixel Data Provider URL"):
        pydcm.pixels.get_decoder(PREFIX + "4.94")


def test_a_path_of_nothing(tmp_path):
    with pytest.raises(FileNotFoundError):
        pydcm.pixel_array(tmp_path / "absent.dcm")


@pytest.mark.skipif(
    not hasattr(os, "sched_getaffinity"), reason="other platforms count processors differently"
)
def test_available_cpus():
    from pydcm_pixels._decode.parallel import available_cpus

    assert available_cpus() == len(os.sched_getaffinity(0))
