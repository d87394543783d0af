"""GDCM, the library and its ``gdcmconv``, reads what we write, and we what it writes."""

from __future__ import annotations

import numpy as np
import pytest

import pydcm
from pydcm_pixels.transcoding import transcode

PREFIX = "1.2.840.10008.1.2."
READ = ["5", "4.57", "4.70", "4.80", "4.90", "4.91"]
WRITTEN = [("--rle", "5"), ("--jpeg", "4.70"), ("--jpegls", "4.80"), ("--j2k", "4.90"), ("--raw", "1")]


def options(tail, ds):
    if tail == "4.80":
        # GDCM does not extend the sign of JPEG-LS samples, so it needs streams of 8 or 16 bits.
        return {"encoding_plugin": "imagecodecs"}
    return {"reversible": True} if tail == "4.91" else {}


def beyond_gdcm(tail, ds):
    # GDCM mixes up the segments of colour with two bytes per sample; dcmdrle and pydicom do not.
    return tail == "5" and ds.BitsAllocated > 8 and ds.SamplesPerPixel == 3


def as_multi_frame(ds, bits):
    """Give several frames a SOP class that may have them: gdcmconv refuses to write them otherwise."""
    if "NumberOfFrames" in ds:
        number = 4 if ds.SamplesPerPixel == 3 else 3 if bits > 8 else 2
        ds.SOPClassUID = ds.file_meta.MediaStorageSOPClassUID = f"1.2.840.10008.5.1.4.1.1.7.{number}"


@pytest.mark.parametrize("tail", READ)
def test_library_reads_ours(tail, dtype, bits, images, tmp_path):
    gdcm = pytest.importorskip("gdcm")
    for ds, arr in images(dtype, bits):
        if beyond_gdcm(tail, ds):
            continue
        transcode(ds, PREFIX + tail, **options(tail, ds))
        ds.save_as(tmp_path / "ours.dcm", enforce_file_format=True)
        reader = gdcm.ImageReader()
        reader.SetFileName(str(tmp_path / "ours.dcm"))
        assert reader.Read()
        data = reader.GetImage().GetBuffer().encode("utf-8", "surrogateescape")
        assert np.array_equal(np.frombuffer(data, arr.dtype, arr.size).reshape(arr.shape), arr)


@pytest.mark.parametrize("tail", READ)
def test_gdcmconv_reads_ours(tail, dtype, bits, images, program, tmp_path):
    for ds, arr in images(dtype, bits):
        if beyond_gdcm(tail, ds):
            continue
        transcode(ds, PREFIX + tail, **options(tail, ds))
        as_multi_frame(ds, bits)
        ds.save_as(tmp_path / "ours.dcm", enforce_file_format=True)
        program("gdcmconv", "--raw", tmp_path / "ours.dcm", tmp_path / "theirs.dcm")
        assert np.array_equal(pydcm.dcmread(tmp_path / "theirs.dcm").pixel_array, arr)


@pytest.mark.parametrize(("option", "tail"), WRITTEN)
def test_gdcmconv_writes_ours(option, tail, dtype, bits, images, program, tmp_path):
    # Frames of even length: gdcmconv --rle aborts at odd ones.
    for ds, arr in images(dtype, bits, size=(34, 48)):
        as_multi_frame(ds, bits)
        ds.save_as(tmp_path / "plain.dcm", enforce_file_format=True)
        program("gdcmconv", option, tmp_path / "plain.dcm", tmp_path / "theirs.dcm")
        theirs = pydcm.dcmread(tmp_path / "theirs.dcm")
        assert theirs.file_meta.TransferSyntaxUID == PREFIX + tail
        assert np.array_equal(theirs.pixel_array, arr)
