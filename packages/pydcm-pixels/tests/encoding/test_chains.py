"""Any image through any chain of lossless transfer syntaxes, written and read in between, is the image it was."""

from __future__ import annotations

from io import BytesIO

import numpy as np
import pytest

from pydcm import dcmread, dcmwrite
from pydcm.pixels import compress, get_decoder, iter_pixels, pixel_array, transcode

PREFIX = "1.2.840.10008.1.2"
NATIVE = ["", ".1", ".2", ".1.99"]
ENCAPSULATED = [
    ".1.98",
    ".5",
    ".4.57",
    ".4.70",
    ".4.80",
    ".4.81",
    ".4.90",
    ".4.201",
    ".4.202",
    ".4.110",
    ".8.1",
]
KINDS = ["grey", "signed", "high bit", "unused bits", "rgb", "planes", "ybr", "422", "palette", "single bits"]


def _image(kind, rng, make_dataset):
    """Return a data set and its samples."""
    frames, rows, columns = int(rng.integers(1, 4)), int(rng.integers(33, 50)), 2 * int(rng.integers(17, 25))
    wide = kind in ("high bit", "unused bits") or (kind in ("grey", "signed", "rgb") and rng.random() < 0.5)
    bits = 1 if kind == "single bits" else 8
    if kind in ("grey", "signed", "rgb", "planes", "high bit", "unused bits"):
        bits = int(rng.integers(2, 17 if wide else 9))
    low = -(1 << bits - 1) if kind == "signed" else 0
    colour = kind in ("rgb", "planes", "ybr", "422")
    shape = (frames, rows, columns, 3) if colour else (frames, rows, columns)
    dtype = ("<i" if kind == "signed" else "<u") + ("2" if wide else "1")
    arr = rng.integers(low, low + (1 << bits), shape).astype(dtype)
    photometric = {"palette": "PALETTE COLOR", "ybr": "YBR_FULL", "422": "YBR_FULL_422"}.get(kind)
    if kind == "422":
        arr[..., 1::2, 1:] = arr[..., 0::2, 1:]
    if frames == 1:
        arr = arr[0]
    ds = make_dataset(arr, photometric=photometric, bits_stored=bits, frames=frames > 1)
    data = None
    if kind == "planes":
        ds.PlanarConfiguration = 1
        data = np.moveaxis(arr, -1, -3)
    elif kind == "422":
        data = arr.reshape(-1, 6)[:, (0, 3, 1, 2)]
    elif kind == "single bits":
        ds.BitsAllocated, ds.HighBit = 1, 0
        data = np.packbits(arr.reshape(-1), bitorder="little")
    elif kind in ("high bit", "unused bits"):
        high = int(rng.integers(bits - 1, 16)) if kind == "high bit" else bits - 1
        ds.HighBit = high
        mask = (1 << bits) - 1 << high + 1 - bits
        data = arr << high + 1 - bits | rng.integers(0, 65536, arr.shape).astype("<u2") & np.uint16(
            ~mask & 0xFFFF
        )
    if data is not None:
        raw = np.ascontiguousarray(data).tobytes()
        ds.PixelData = raw + bytes(len(raw) % 2)
    return ds, arr


def _step(ds, rng, first):
    """Convert a data set, one way or another, and read what was written."""
    tails = NATIVE + ENCAPSULATED
    tail = tails[rng.integers(len(tails))]
    extended = bool(tail in ENCAPSULATED and rng.random() < 0.3)
    syntax = ds.file_meta.TransferSyntaxUID
    if first and tail in ENCAPSULATED and rng.random() < 0.4:
        compress(ds, PREFIX + tail, encapsulate_ext=extended)
    elif syntax.is_encapsulated and rng.random() < 0.3:
        ds.decompress(as_rgb=False)
    else:
        transcode(ds, PREFIX + tail, encapsulate_ext=extended)
    stream = BytesIO()
    dcmwrite(stream, ds, enforce_file_format=True)
    return dcmread(BytesIO(stream.getvalue()))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("seed", range(8))
@pytest.mark.filterwarnings("ignore:The .0028,0102. 'High Bit'")
def test_chains(kind, seed, make_dataset):
    rng = np.random.default_rng([seed, KINDS.index(kind)])
    ds, arr = _image(kind, rng, make_dataset)
    assert np.array_equal(pixel_array(ds, raw=True), arr)
    trail = []
    for number in range(4):
        try:
            ds = _step(ds, rng, first=number == 0)
        except ValueError as exc:  # PS3.5 §8.2 does not allow everything everywhere
            message = str(exc)
            assert (
                "is not valid for pixel data" in message or "doesn't match the expected length" in message
            ), exc
            continue
        trail.append(ds.file_meta.TransferSyntaxUID.name)
        assert np.array_equal(pixel_array(ds, raw=True), arr), trail
        frames = arr if ds.get("NumberOfFrames", 1) > 1 else arr[np.newaxis]
        assert all(map(np.array_equal, iter_pixels(ds, raw=True), frames)), trail
        assert ds.get("BitsAllocated") == (1 if kind == "single bits" else 8 * arr.itemsize)


@pytest.mark.parametrize("tail", [".1.98", ".8.1"])
@pytest.mark.parametrize("kind", ["planes", "422"])
def test_frames_in_planes_or_of_half_chroma(tail, kind, make_dataset):
    """Every frame is laid out like the first one, whatever that was made into."""
    rng = np.random.default_rng(0)
    arr = rng.integers(0, 256, (3, 6, 8, 3)).astype("u1")
    arr[..., 1::2, 1:] = arr[..., 0::2, 1:]
    ds = make_dataset(arr, frames=True, photometric="YBR_FULL")
    if kind == "planes":
        ds.PlanarConfiguration = 1
    frames = [
        np.moveaxis(one, -1, 0) if kind == "planes" else one.reshape(-1, 6)[:, (0, 3, 1, 2)] for one in arr
    ]
    from zlib import compressobj

    from pydcm.encaps import encapsulate

    encoded = [np.ascontiguousarray(one).tobytes() for one in frames]
    if tail == ".8.1":
        deflated = []
        for one in encoded:
            coder = compressobj(wbits=-15)
            deflated.append(coder.compress(one) + coder.flush())
        encoded = deflated
    ds.PixelData = encapsulate(encoded)
    ds["PixelData"].is_undefined_length = True
    ds.file_meta.TransferSyntaxUID = PREFIX + tail
    if kind == "422":
        ds.PhotometricInterpretation = "YBR_FULL_422"
    decoder = get_decoder(PREFIX + tail)
    for workers in (1, 2):
        assert np.array_equal(decoder.as_array(ds, raw=True, workers=workers)[0], arr)
    assert np.array_equal([one for one, _ in decoder.iter_array(ds, raw=True)], arr)
    assert np.array_equal([one for one, _ in decoder.iter_array(ds, raw=True, indices=[0, 1, 2])], arr)
    assert np.array_equal(pixel_array(ds, raw=True), arr)
    transcode(ds, PREFIX + ".1")
    assert np.array_equal(pixel_array(ds, raw=True), arr)


@pytest.mark.parametrize("tail", [".4.80", ".4.90", ".4.70", ".5"])
def test_decompressing_few_bits_in_words(tail, make_dataset):
    arr = np.random.default_rng(0).integers(-64, 64, (2, 40, 40)).astype("<i2")
    ds = make_dataset(arr, bits_stored=7, frames=True)
    compress(ds, PREFIX + tail)
    ds.decompress()
    assert len(ds.PixelData) == arr.nbytes
    assert np.array_equal(ds.pixel_array, arr)
