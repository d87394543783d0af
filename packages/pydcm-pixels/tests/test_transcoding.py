"""From one transfer syntax to another."""

from __future__ import annotations

from io import BytesIO

import numpy as np
import pytest

import pydcm
from pydcm_pixels.transcoding import transcode

PREFIX = "1.2.840.10008.1.2."
LOSSLESS = ["5", "4.57", "4.70", "4.80", "4.90", "4.201", "4.202", "4.203", "8.1", "1.98"]


def reread(ds):
    stream = BytesIO()
    ds.save_as(stream, enforce_file_format=True)
    return pydcm.dcmread(BytesIO(stream.getvalue()))


@pytest.mark.parametrize("tail", LOSSLESS)
@pytest.mark.parametrize(("dtype", "bits"), [("u1", 8), ("u2", 10), ("u2", 16), ("i2", 12), ("i2", 16)])
def test_lossless_there_and_back(tail, dtype, bits, make_dataset, smooth):
    arr = smooth((21, 30), dtype, bits)
    ds = make_dataset(arr, bits_stored=bits)
    uid = ds.SOPInstanceUID
    transcode(ds, PREFIX + tail)
    again = reread(ds)
    assert again.file_meta.TransferSyntaxUID == PREFIX + tail
    assert np.array_equal(again.pixel_array, arr)
    assert again.SOPInstanceUID == uid
    assert "LossyImageCompression" not in again
    transcode(again, PREFIX + "1")
    assert np.array_equal(np.frombuffer(again.PixelData, arr.dtype, arr.size).reshape(arr.shape), arr)


@pytest.mark.parametrize("tail", [*LOSSLESS, "4.110"])
def test_colour_frames(tail, make_dataset, smooth):
    frames = np.stack([smooth((12, 18, 3), "u1", 8, seed) for seed in range(3)])
    ds = make_dataset(frames, frames=True)
    transcode(ds, PREFIX + tail, workers=2)
    again = reread(ds)
    assert np.array_equal(again.pixel_array, frames)
    expected = "YBR_RCT" if tail in ("4.90", "4.201", "4.202", "4.203") else "RGB"
    assert again.PhotometricInterpretation == expected


@pytest.mark.parametrize(
    ("tail", "options", "method", "bound"),
    [
        ("4.50", {"quality": 95}, "ISO_10918_1", 12),
        ("4.81", {"jls_error": 2}, "ISO_14495_1", 2),
        ("4.91", {"j2k_psnr": [55]}, "ISO_15444_1", 12),
        ("4.112", {"distance": 0.5}, "ISO_18181_1", 12),
    ],
)
def test_lossy_is_recorded(tail, options, method, bound, make_dataset, smooth):
    arr = smooth((40, 40), "u1", 8)
    ds = make_dataset(arr)
    uid = ds.SOPInstanceUID
    transcode(ds, PREFIX + tail, **options)
    again = reread(ds)
    assert (again.LossyImageCompression, again.LossyImageCompressionMethod) == ("01", method)
    assert float(again.LossyImageCompressionRatio) > 1
    assert again.SOPInstanceUID != uid
    assert np.abs(again.pixel_array.astype(int) - arr).max() <= bound


def test_loss_upon_loss(make_dataset, smooth):
    ds = make_dataset(smooth((32, 32), "u1", 8))
    transcode(ds, PREFIX + "4.50")
    transcode(ds, PREFIX + "4.81", jls_error=1)
    assert list(ds.LossyImageCompressionMethod) == ["ISO_10918_1", "ISO_14495_1"]
    assert len(ds.LossyImageCompressionRatio) == 2


def test_everything_else_stays(make_dataset, smooth):
    ds = make_dataset(smooth((8, 8), "u1", 8))
    ds.PatientName = "Nobody^At All"
    ds.add_new(0x00091001, "UN", b"\x01\x02")
    before = {element.tag: element.value for element in ds if element.tag != 0x7FE00010}
    transcode(ds, PREFIX + "5")
    assert {element.tag: element.value for element in reread(ds) if element.tag != 0x7FE00010} == before


def test_extended_offsets(make_dataset):
    frames = np.arange(3 * 64, dtype="u1").reshape(3, 8, 8)
    ds = make_dataset(frames, frames=True)
    transcode(ds, PREFIX + "5", encapsulate_ext=True)
    again = reread(ds)
    assert len(again.ExtendedOffsetTable) == 24
    assert np.array_equal(pydcm.pixel_array(again, index=2), frames[2])
    transcode(again, PREFIX + "1")
    assert "ExtendedOffsetTable" not in again


def test_a_syntax_that_cannot_hold_the_image(make_dataset, smooth):
    ds = make_dataset(smooth((8, 8), "u2", 16))
    with pytest.raises(ValueError, match="not valid for pixel data encoded with"):
        transcode(ds, PREFIX + "4.50")
    assert ds.file_meta.TransferSyntaxUID == PREFIX + "1"


def test_a_codec_that_lies_writes_nothing(make_dataset, smooth, monkeypatch):
    from pydcm_pixels._codecs import jpegxl

    honest = jpegxl.encode
    monkeypatch.setattr(jpegxl, "encode", lambda frame, /, **d: honest(bytes(len(frame)), **d))
    ds = make_dataset(smooth((8, 8), "u1", 8))
    with pytest.raises(RuntimeError, match="did not give back the samples"):
        transcode(ds, PREFIX + "4.110")


@pytest.mark.parametrize("tail", ["5", "4.90"])
def test_foreign_decoders_agree(tail, make_dataset, smooth):
    """Pydicom with its own plugins reads what we write."""
    pydicom = pytest.importorskip("pydicom")
    arr = smooth((16, 24), "i2", 12)
    ds = make_dataset(arr, bits_stored=12)
    transcode(ds, PREFIX + tail)
    stream = BytesIO()
    ds.save_as(stream, enforce_file_format=True)
    foreign = pydicom.dcmread(BytesIO(stream.getvalue()))
    try:
        decoded = foreign.pixel_array
    except RuntimeError:
        pytest.skip("pydicom has no plugin for this syntax here")
    assert np.array_equal(decoded, arr)


@pytest.mark.parametrize("workers", [1, 3])
@pytest.mark.parametrize(
    ("first", "then"), [("5", "4.90"), ("4.80", "5"), ("4.90", "4.201"), ("1.98", "4.57")]
)
def test_many_frames_from_syntax_to_syntax(first, then, workers, make_dataset, smooth):
    """One after the other, in their order."""
    frames = np.stack([smooth((12, 18), "i2", 12, seed) for seed in range(20)])
    ds = make_dataset(frames, bits_stored=12, frames=True)
    transcode(ds, PREFIX + first)
    transcode(ds, PREFIX + then, workers=workers)
    again = reread(ds)
    assert again.NumberOfFrames == 20
    assert np.array_equal(again.pixel_array, frames)


def test_frames_that_are_not_there(make_dataset, smooth):
    frames = np.stack([smooth((12, 18), "u1", 8, seed) for seed in range(3)])
    ds = make_dataset(frames, frames=True)
    transcode(ds, PREFIX + "5")
    ds.NumberOfFrames = 5
    before = ds.PixelData
    with pytest.raises(ValueError, match="frames"):
        transcode(ds, PREFIX + "4.90")
    assert ds.PixelData == before
    assert ds.file_meta.TransferSyntaxUID == PREFIX + "5"


def test_a_broken_frame_in_the_middle(make_dataset, smooth):
    from pydcm.encaps import encapsulate, generate_frames

    frames = np.stack([smooth((12, 18), "u1", 8, seed) for seed in range(4)])
    ds = make_dataset(frames, frames=True)
    transcode(ds, PREFIX + "4.90")
    streams = list(generate_frames(ds.PixelData, number_of_frames=4))
    streams[2] = b"\x00" * 40
    ds.PixelData = encapsulate(streams)
    ds["PixelData"].is_undefined_length = True
    with pytest.raises(RuntimeError, match="index 2"):
        transcode(ds, PREFIX + "5", workers=2)
    assert ds.file_meta.TransferSyntaxUID == PREFIX + "4.90"


def test_the_source_array_is_not_changed(make_dataset, smooth):
    """Uncompressed samples are encoded where they are."""
    frames = np.stack([smooth((12, 18, 3), "u1", 8, seed) for seed in range(3)])
    ds = make_dataset(frames, frames=True)
    data = bytearray(ds.PixelData)
    ds.PixelData = bytes(data)
    kept = ds.PixelData
    transcode(ds, PREFIX + "4.50")
    assert kept == bytes(data)
