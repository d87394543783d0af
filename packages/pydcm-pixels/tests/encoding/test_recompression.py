"""JPEG streams as JPEG XL and back, bit for bit."""

from __future__ import annotations

import numpy as np
import pytest

import pydcm
from pydcm.encaps import encapsulate, generate_frames
from pydcm_pixels.transcoding import transcode

BASELINE = "1.2.840.10008.1.2.4.50"
EXTENDED = "1.2.840.10008.1.2.4.51"
RECOMPRESSED = "1.2.840.10008.1.2.4.111"


def frames_of(ds):
    return list(generate_frames(ds.PixelData, number_of_frames=int(ds.get("NumberOfFrames", 1))))


@pytest.mark.parametrize("options", [{}, {"photometric_interpretation": "RGB"}])
@pytest.mark.parametrize("shape", [(33, 47), (32, 48, 3), (33, 47, 3)])
def test_there_and_back(shape, options, smooth, make_dataset, program, tmp_path):
    arr = np.stack([smooth(shape, "u1", 8, seed) for seed in range(3)])
    ds = make_dataset(arr, frames=True)
    transcode(ds, BASELINE, **(options if len(shape) == 3 else {}))
    jpeg, uid, photometric = frames_of(ds), ds.SOPInstanceUID, ds.PhotometricInterpretation
    decoded = ds.pixel_array
    transcode(ds, RECOMPRESSED)
    assert (ds.SOPInstanceUID, ds.PhotometricInterpretation) == (uid, photometric)
    ds.save_as(tmp_path / "xl.dcm", enforce_file_format=True)
    again = pydcm.dcmread(tmp_path / "xl.dcm")
    assert again.file_meta.TransferSyntaxUID == RECOMPRESSED
    # libjxl has its own inverse transform and smooths halved chroma.
    assert np.abs(again.pixel_array.astype(int) - decoded).max() <= (3 if len(shape) == 2 or options else 24)
    (tmp_path / "frame.jxl").write_bytes(frames_of(again)[0])
    program("djxl", "--quiet", tmp_path / "frame.jxl", tmp_path / "frame.jpg")
    assert (tmp_path / "frame.jpg").read_bytes() == jpeg[0]
    transcode(again, BASELINE)
    assert frames_of(again) == jpeg
    assert again.LossyImageCompressionMethod == "ISO_10918_1"


def test_extended_of_8_bits(smooth, make_dataset):
    ds = make_dataset(smooth((33, 47), "u1", 8))
    transcode(ds, EXTENDED)
    jpeg = frames_of(ds)
    transcode(ds, RECOMPRESSED, encapsulate_ext=True)
    assert "ExtendedOffsetTable" in ds
    transcode(ds, EXTENDED)
    assert frames_of(ds) == jpeg
    assert "ExtendedOffsetTable" not in ds


def test_what_jpeg_xl_cannot_take_in(smooth, make_dataset):
    ds = make_dataset(smooth((33, 47), "u2", 12), bits_stored=12)
    transcode(ds, EXTENDED)
    before = ds.PixelData
    with pytest.raises(ValueError, match="not 12-bit ones"):
        transcode(ds, RECOMPRESSED)
    assert (ds.PixelData, ds.file_meta.TransferSyntaxUID) == (before, EXTENDED)
    ds = make_dataset(smooth((33, 47), "u1", 8))
    with pytest.raises(ValueError, match="JPEG Baseline"):
        transcode(ds, RECOMPRESSED)


def test_jpeg_xl_from_pixels_is_no_jpeg(smooth, make_dataset):
    ds = make_dataset(smooth((33, 47, 3), "u1", 8))
    transcode(ds, "1.2.840.10008.1.2.4.110")
    ds.file_meta.TransferSyntaxUID = RECOMPRESSED
    with pytest.raises(ValueError, match="not made from a JPEG stream"):
        transcode(ds, BASELINE)


def test_rgb_that_the_stream_does_not_mention(smooth, make_dataset):
    ds = make_dataset(smooth((33, 47, 3), "u1", 8))
    transcode(ds, BASELINE)
    ds.PhotometricInterpretation = "RGB"
    with pytest.raises(ValueError, match="no Adobe segment"):
        transcode(ds, RECOMPRESSED)


@pytest.mark.parametrize("damage", [b"\x00" * 40, b"\xff\xd8\xff"])
def test_broken_streams(damage, smooth, make_dataset):
    ds = make_dataset(smooth((33, 47), "u1", 8))
    transcode(ds, BASELINE)
    ds.PixelData = encapsulate([damage + b"\x00" * (len(damage) % 2)])
    ds["PixelData"].is_undefined_length = True
    with pytest.raises(ValueError):
        transcode(ds, RECOMPRESSED)
    assert ds.file_meta.TransferSyntaxUID == BASELINE
