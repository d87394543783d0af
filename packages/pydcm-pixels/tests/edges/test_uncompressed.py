"""Uncompressed pixel data: bits, signs, planes, byte order, padding, one bit, floating point."""

from __future__ import annotations

from contextlib import nullcontext

import numpy as np
import pytest

import pydcm

IMPLICIT, BIG = "1.2.840.10008.1.2", "1.2.840.10008.1.2.2"


def stated(ds, **values):
    for keyword, value in values.items():
        setattr(ds, keyword, value)
    return ds


@pytest.mark.parametrize("stored", [1, 5, 8, 9, 12, 15, 16])
@pytest.mark.parametrize("signed", [False, True])
def test_what_is_above_bits_stored(stored, signed, streams, make_dataset):
    rng = np.random.default_rng(stored)
    words = rng.integers(0, 65536, (6, 7)).astype("u2")
    ds = make_dataset(words.view("i2") if signed else words, bits_stored=stored)
    decoded, _ = streams.pixels(ds)
    expected = words.astype("i8") & ((1 << stored) - 1)
    if signed:
        expected -= (expected >> (stored - 1)) << stored
    assert decoded.dtype == ("i2" if signed else "u2")
    assert np.array_equal(decoded, expected)


@pytest.mark.parametrize("signed", [False, True])
@pytest.mark.parametrize("high", [11, 13, 15])
def test_high_bit(high, signed, streams, make_dataset, tmp_path):
    values = np.array([[-2048, -5, 0, 7, 2047]]) if signed else np.array([[0, 5, 1000, 4095]])
    words = ((values & 0xFFF) << (high - 11)).astype("u2")
    ds = make_dataset(words.view("i2") if signed else words, bits_stored=12)
    ds.HighBit = high
    ds.save_as(tmp_path / "a.dcm", enforce_file_format=True)
    for source, way in (
        (ds, {}),
        (ds, {"index": 0}),
        (tmp_path / "a.dcm", {}),
        (tmp_path / "a.dcm", {"index": 0}),
    ):
        decoded, messages = streams.pixels(source, **way)
        assert np.array_equal(decoded, values)
        if high == 11:
            assert not messages
        else:
            assert any(f"'High Bit' is {high}" in one and "12" in one for one in messages), messages


def test_impossible_high_bit(streams, make_dataset):
    ds = make_dataset(np.array([[1, 4095]], "u2"), bits_stored=12)
    for high in (3, 16):
        ds.HighBit = high
        decoded, messages = streams.pixels(ds)
        assert decoded.tolist() == [[1, 4095]]
        assert any("High Bit" in one for one in messages), messages


@pytest.mark.parametrize("syntax", [IMPLICIT, BIG])
@pytest.mark.parametrize("dtype", ["u1", "i1", "u2", "i2", "u4", "i4", "u8", "i8"])
def test_byte_order(syntax, dtype, streams, make_dataset):
    info = np.iinfo(dtype)
    arr = np.array([[info.min, info.max, 1], [info.max // 3, 0, 77]], dtype)
    ds = make_dataset(arr)
    ds.file_meta.TransferSyntaxUID = syntax
    ds.PixelData = arr.astype(arr.dtype.newbyteorder(">" if syntax == BIG else "<")).tobytes()
    decoded, _ = streams.pixels(ds)
    assert np.array_equal(decoded, arr)


@pytest.mark.parametrize("vr", ["OB", "OW"])
def test_bytes_in_big_endian_words(vr, streams, make_dataset):
    arr = np.arange(15, dtype="u1").reshape(3, 5)
    data = np.arange(16, dtype="u1")
    ds = stated(make_dataset(arr))
    ds.file_meta.TransferSyntaxUID = BIG
    ds.add_new("PixelData", vr, (data.reshape(-1, 2)[:, ::-1] if vr == "OW" else data).tobytes())
    decoded, _ = streams.pixels(ds)
    assert np.array_equal(decoded, arr)


@pytest.mark.parametrize("dtype", ["u1", "u2"])
@pytest.mark.parametrize("frames", [1, 3])
def test_planes(frames, dtype, streams, make_dataset):
    arr = np.random.default_rng(1).integers(0, 255, (frames, 5, 3, 3)).astype(dtype)
    ds = make_dataset(arr if frames > 1 else arr[0], frames=frames > 1)
    for planar, order in ((0, (0, 1, 2, 3)), (1, (0, 3, 1, 2))):
        data = arr.transpose(order).tobytes()
        stated(ds, PlanarConfiguration=planar, PixelData=data + bytes(len(data) % 2))
        decoded, _ = streams.pixels(ds)
        assert np.array_equal(decoded, arr if frames > 1 else arr[0])
        last, _ = streams.pixels(ds, index=frames - 1)
        assert np.array_equal(last, arr[-1])


def test_no_planar_configuration(streams, make_dataset):
    ds = make_dataset(np.zeros((2, 2, 3), "u1"))
    del ds.PlanarConfiguration
    with pytest.raises(AttributeError, match="Planar Configuration"):
        streams.pixels(ds)


@pytest.mark.parametrize("size", [(3, 5), (7, 9), (4, 4), (1, 1), (5, 13)])
def test_one_bit_frames_that_share_bytes(size, streams, make_dataset):
    arr = np.random.default_rng(6).integers(0, 2, (5, *size)).astype("u1")
    ds = make_dataset(arr, frames=True)
    data = np.packbits(arr.reshape(-1), bitorder="little").tobytes()
    stated(ds, BitsAllocated=1, BitsStored=1, HighBit=0, PixelData=data + bytes(len(data) % 2))
    decoded, _ = streams.pixels(ds)
    assert np.array_equal(decoded, arr)
    for index in range(5):
        assert np.array_equal(streams.pixels(ds, index=index)[0], arr[index])
    assert np.array_equal(list(pydcm.iter_pixels(ds, indices=[4, 1])), arr[[4, 1]])


@pytest.mark.parametrize(
    ("keyword", "vr", "dtype"), [("FloatPixelData", "OF", "f4"), ("DoubleFloatPixelData", "OD", "f8")]
)
@pytest.mark.parametrize("syntax", [IMPLICIT, BIG])
def test_floating_point(syntax, keyword, vr, dtype, streams, make_dataset):
    arr = np.array([[0.5, -1e30, np.inf], [np.nan, 1e-30, 3]], dtype)
    ds = make_dataset(np.zeros((2, 3), "u2"))
    ds.file_meta.TransferSyntaxUID = syntax
    for gone in ("PixelData", "BitsStored", "HighBit", "PixelRepresentation"):
        del ds[gone]
    stated(ds, BitsAllocated=8 * arr.itemsize)
    ds.add_new(keyword, vr, arr.astype(arr.dtype.newbyteorder(">" if syntax == BIG else "<")).tobytes())
    decoded, _ = streams.pixels(ds)
    assert decoded.dtype.newbyteorder("=") == dtype
    assert np.array_equal(decoded, arr, equal_nan=True)


def test_half_chroma(streams, make_dataset):
    ds = make_dataset(np.zeros((2, 4, 3), "u1"), photometric="YBR_FULL_422")
    ds.PixelData = bytes([10, 20, 128, 128, 30, 40, 100, 140, 50, 60, 128, 128, 70, 80, 90, 200])
    decoded, _ = streams.pixels(ds, raw=True)
    assert decoded[..., 0].tolist() == [[10, 20, 30, 40], [50, 60, 70, 80]]
    assert decoded[..., 1].tolist() == [[128, 128, 100, 100], [128, 128, 90, 90]]
    assert decoded[..., 2].tolist() == [[128, 128, 140, 140], [128, 128, 200, 200]]


@pytest.mark.parametrize("indices", [None, [0, 1, 2], [2, 0], [1, 1]])
def test_half_chroma_frame_after_frame(indices, make_dataset, tmp_path):
    ds = make_dataset(np.zeros((3, 2, 4, 3), "u1"), photometric="YBR_FULL_422", frames=3)
    ds.PixelData = np.random.default_rng(1).integers(0, 256, 3 * 16, dtype="u1").tobytes()
    ds.save_as(tmp_path / "a.dcm", enforce_file_format=True)
    whole = pydcm.pixel_array(ds)
    for source in (ds, tmp_path / "a.dcm"):
        frames = list(pydcm.pixels.iter_pixels(source, indices=indices))
        assert np.array_equal(frames, whole if indices is None else whole[indices])


def test_too_short_or_too_long(streams, make_dataset):
    ds = make_dataset(np.arange(12, dtype="u2").reshape(3, 4))
    whole = ds.PixelData
    ds.PixelData = whole[:-2]
    with pytest.raises(ValueError, match=r"22 vs 24 bytes"):
        streams.pixels(ds)
    ds.PixelData = whole + bytes(3)
    decoded, messages = streams.pixels(ds)
    assert decoded.shape == (3, 4)
    assert any("3 bytes of excess" in one for one in messages)


@pytest.mark.parametrize("syntax", ["1.98", "4.80", "5", "8.1"])
def test_compressing_samples_with_another_high_bit(syntax, streams, make_dataset):
    """Decoded samples end below Bits Stored, and High Bit says so from then on."""
    from pydcm.pixels import get_encoder, transcode

    values = np.arange(4096, dtype="u2").reshape(64, 64)
    uid = "1.2.840.10008.1.2." + syntax
    for convert in (transcode, lambda ds, uid: ds.compress(uid), lambda ds, uid: ds.compress(uid, values)):
        ds = make_dataset(values << 4, bits_stored=12)
        ds.HighBit = 15
        with pytest.warns(UserWarning, match="High Bit") if convert is transcode else nullcontext():
            convert(ds, uid)
        assert ds.HighBit == 11
        assert np.array_equal(streams.pixels(ds)[0], values)
    ds = make_dataset(values << 4, bits_stored=12)
    ds.HighBit = 15
    with pytest.raises(ValueError, match="'High Bit' is 15"):
        get_encoder(uid).encode(ds)


def test_decompressing_samples_with_another_high_bit(streams, make_dataset):
    values = np.arange(4096, dtype="u2").reshape(64, 64)
    ds = make_dataset(values << 4, bits_stored=16)
    ds.compress("1.2.840.10008.1.2.5")
    ds.BitsStored, ds.HighBit = 12, 15
    with pytest.warns(UserWarning, match="High Bit"):
        ds.decompress()
    assert ds.HighBit == 11
    assert np.array_equal(streams.pixels(ds)[0], values)


def test_depths_that_numpy_has_not(streams, make_dataset):
    ds = make_dataset(np.zeros((2, 2), "u2"))
    ds.BitsAllocated, ds.BitsStored, ds.PixelData = 24, 24, bytes(12)
    with pytest.raises(NotImplementedError, match="'u3'"):
        streams.pixels(ds)


@pytest.mark.parametrize("extra", [b"", b"\0"])
def test_an_odd_number_of_bytes(extra, streams, make_dataset):
    arr = np.arange(9, dtype="u1").reshape(3, 3)
    ds = make_dataset(arr)
    ds.PixelData = arr.tobytes() + extra
    decoded, messages = streams.pixels(ds)
    assert np.array_equal(decoded, arr)
    assert not messages
