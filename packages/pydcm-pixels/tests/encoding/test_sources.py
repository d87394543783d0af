"""What samples may look like before they are encoded: big endian, in planes, with anything in unused bits, too few."""

from __future__ import annotations

import numpy as np
import pytest

from pydcm.pixels import compress, get_encoder, pixel_array, set_pixel_data, transcode

PREFIX = "1.2.840.10008.1.2."
BIG_ENDIAN = PREFIX + "2"
LOSSLESS = ["5", "4.57", "4.70", "4.80", "4.90", "4.201", "4.110", "8.1", "1.98"]


def _noise(shape, dtype="<u2", bits=12, seed=0):
    low = -(1 << bits - 1) if np.dtype(dtype).kind == "i" else 0
    return np.random.default_rng(seed).integers(low, low + (1 << bits), shape).astype(dtype)


def _made_big_endian(ds):
    """Turn a data set to big endian as it would have been read."""
    transcode(ds, BIG_ENDIAN)
    return ds


@pytest.mark.parametrize("tail", LOSSLESS)
@pytest.mark.parametrize(
    ("dtype", "bits", "shape"),
    [("<u2", 12, (64, 70)), ("<u2", 16, (3, 64, 70)), ("u1", 8, (65, 71)), ("u1", 8, (64, 70, 3))],
)
@pytest.mark.parametrize("vr", ["OB", "OW"])
def test_big_endian_data_sets(tail, dtype, bits, shape, vr, make_dataset):
    arr = _noise(shape, dtype, bits)
    ds = _made_big_endian(make_dataset(arr, bits_stored=bits, frames=len(shape) == 3 and shape[-1] != 3))
    if bits == 8 and vr == "OW":
        padded = ds.PixelData + bytes(len(ds.PixelData) % 2)
        ds.PixelData = np.frombuffer(padded, "u2").byteswap().tobytes()
    ds["PixelData"].VR = vr if bits == 8 else "OW"
    assert np.array_equal(pixel_array(ds, raw=True), arr)
    frames = list(get_encoder(PREFIX + tail).iter_encode(ds))
    compress(ds, PREFIX + tail)
    assert np.array_equal(pixel_array(ds, raw=True), arr)
    assert len(ds.PixelData) >= sum(map(len, frames))


def test_words_of_a_big_endian_data_set_are_turned(make_dataset):
    ds = make_dataset(_noise((16, 16)), bits_stored=12)
    ds.RedPaletteColorLookupTableData = b"\x01\x02\x03\x04"
    _made_big_endian(ds)
    assert ds.RedPaletteColorLookupTableData == b"\x02\x01\x04\x03"
    compress(ds, PREFIX + "5")
    assert ds.RedPaletteColorLookupTableData == b"\x01\x02\x03\x04"


@pytest.mark.parametrize("tail", LOSSLESS)
@pytest.mark.parametrize("signed", [False, True])
@pytest.mark.parametrize("unused", [0, 0xF000, 0x5000])
def test_unused_bits_may_hold_anything(tail, signed, unused, make_dataset):
    if signed and tail == "4.110":
        pytest.skip("JPEG XL is never signed (PS3.5 §8.2.15)")
    arr = _noise((64, 70), "<i2" if signed else "<u2", 12)
    ds = make_dataset(arr, bits_stored=12)
    ds.PixelData = ((arr.view("<u2") & 0x0FFF) | unused).astype("<u2").tobytes()
    compress(ds, PREFIX + tail)
    assert np.array_equal(ds.pixel_array, arr)


@pytest.mark.parametrize("tail", LOSSLESS)
@pytest.mark.parametrize("frames", [1, 3])
@pytest.mark.parametrize("as_array", [False, True])
def test_planes(tail, frames, as_array, make_dataset):
    shape = (64, 70, 3) if frames == 1 else (frames, 64, 70, 3)
    arr = _noise(shape, "u1", 8)
    ds = make_dataset(arr, frames=frames > 1)
    ds.PixelData = np.moveaxis(arr, -1, -3).tobytes()
    ds.PlanarConfiguration = 1
    compress(ds, PREFIX + tail, arr if as_array else None)
    assert np.array_equal(pixel_array(ds, raw=True), arr)
    if tail.startswith("4.") and tail != "4.80":
        assert ds.PlanarConfiguration == 0  # PS3.5 §8.2.4


def test_overlays_in_unused_bits_become_elements(make_dataset):
    arr = _noise((32, 40))
    overlay = np.random.default_rng(3).integers(0, 2, arr.shape).astype("u1")
    ds = make_dataset(arr, bits_stored=12)
    ds.PixelData = (arr | overlay.astype("<u2") << 13).tobytes()
    ds.add_new(0x60000010, "US", 32)
    ds.add_new(0x60000011, "US", 40)
    ds.add_new(0x60000100, "US", 16)
    ds.add_new(0x60000102, "US", 13)
    compress(ds, PREFIX + "4.90")
    assert np.array_equal(ds.pixel_array, arr)
    assert np.array_equal(ds.overlay_array(0x6000), overlay)


@pytest.mark.parametrize("tail", LOSSLESS)
@pytest.mark.parametrize("kind", ["data set", "array", "bytes"])
@pytest.mark.parametrize("bits", [8, 1])
def test_a_frame_that_is_not_there(tail, kind, bits, make_dataset):
    if bits == 1 and tail not in ("8.1", "1.98"):
        pytest.skip("no single bits")
    arr = _noise((3, 16, 16), "u1", bits)
    description = {
        "rows": 16,
        "columns": 16,
        "number_of_frames": 3,
        "samples_per_pixel": 1,
        "bits_allocated": bits,
        "bits_stored": bits,
        "pixel_representation": 0,
        "photometric_interpretation": "MONOCHROME2",
    }
    data = arr.tobytes() if bits == 8 else np.packbits(arr.reshape(-1), bitorder="little").tobytes()
    ds = make_dataset(arr, frames=True)
    ds.BitsAllocated, ds.BitsStored, ds.HighBit, ds.PixelData = bits, bits, bits - 1, data
    source = {"data set": ds, "array": arr, "bytes": data}[kind]
    options = {} if kind == "data set" else description
    encoder = get_encoder(PREFIX + tail)
    assert encoder.encode(source, index=2, **options)
    with pytest.raises(ValueError, match="no frame at index 3"):
        encoder.encode(source, index=3, **options)
    if kind == "bytes":
        with pytest.raises(RuntimeError, match="insufficient pixel data"):
            encoder.encode(data[:-1], index=2, validate=False, **options)


@pytest.mark.parametrize("dtype", [">u2", ">i2"])
def test_set_pixel_data_takes_any_byte_order(dtype, make_dataset):
    arr = _noise((8, 9), dtype)
    ds = make_dataset(np.zeros((8, 9), "<u2"))
    set_pixel_data(ds, arr, "MONOCHROME2", 12)
    assert np.array_equal(ds.pixel_array, arr)


def test_set_pixel_data_wants_pairs_of_pixels_for_422(make_dataset):
    ds = make_dataset(np.zeros((8, 8), "u1"))
    for rows in (2, 3):
        with pytest.raises(ValueError, match="even number of columns, not 3"):
            set_pixel_data(ds, np.zeros((rows, 3, 3), "u1"), "YBR_FULL_422", 8)


@pytest.mark.parametrize("how", ["set_pixel_data", "decompress", "transcode"])
def test_native_pixel_data_has_no_offset_table(how, make_dataset):
    arr = _noise((3, 8, 8))
    ds = make_dataset(arr, bits_stored=12, frames=True)
    compress(ds, PREFIX + "5", encapsulate_ext=True)
    assert "ExtendedOffsetTable" in ds
    if how == "set_pixel_data":
        set_pixel_data(ds, arr, "MONOCHROME2", 12)
    elif how == "decompress":
        ds.decompress()
    else:
        transcode(ds, PREFIX + "1")
    assert "ExtendedOffsetTable" not in ds
    assert "ExtendedOffsetTableLengths" not in ds
    assert np.array_equal(ds.pixel_array, arr)
