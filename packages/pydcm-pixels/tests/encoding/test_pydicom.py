"""Pydicom with its plugins reads what we write, and we what it writes."""

from __future__ import annotations

import numpy as np
import pytest

import pydcm
from pydcm_pixels.transcoding import transcode

pydicom = pytest.importorskip("pydicom")
PREFIX = "1.2.840.10008.1.2."
# Its plugins, each by name: what one reads wrongly another may hide.
READ = [
    ("5", "pydicom"),
    ("5", "pylibjpeg"),
    ("4.57", "pylibjpeg"),
    ("4.70", "pylibjpeg"),
    ("4.80", "pylibjpeg"),
    ("4.80", "pyjpegls"),
    ("4.81", "pyjpegls"),
    ("4.90", "pylibjpeg"),
    ("4.90", "pillow"),
    ("4.91", "pylibjpeg"),
    ("4.201", "pylibjpeg"),
    ("4.202", "pylibjpeg"),
    ("4.203", "pylibjpeg"),
]


@pytest.mark.parametrize(("tail", "plugin"), READ)
def test_reads_ours(tail, plugin, dtype, bits, images, tmp_path):
    decoder = pydicom.pixels.get_decoder(PREFIX + tail)
    if plugin != "pydicom" and plugin not in decoder.available_plugins:
        pytest.skip(f"pydicom's plugin {plugin} is not installed")
    for ds, arr in images(dtype, bits):
        if plugin == "pillow" and (ds.SamplesPerPixel == 3 and bits > 8):
            continue  # Pillow has no colour of more than 8 bits
        transcode(ds, PREFIX + tail, **({"reversible": True} if tail == "4.91" else {}))
        ds.save_as(tmp_path / "ours.dcm", enforce_file_format=True)
        foreign = pydicom.dcmread(tmp_path / "ours.dcm")
        decoded, _ = decoder.as_array(foreign, decoding_plugin=plugin)
        assert np.array_equal(decoded, arr)


@pytest.mark.parametrize(("tail", "plugin"), [("5", "pydicom"), ("4.80", "pyjpegls"), ("4.90", "pylibjpeg")])
def test_writes_ours(tail, plugin, dtype, bits, images, tmp_path):
    if plugin not in pydicom.pixels.get_encoder(PREFIX + tail).available_plugins:
        pytest.skip(f"pydicom's plugin {plugin} is not installed")
    for ds, arr in images(dtype, bits):
        ds.save_as(tmp_path / "plain.dcm", enforce_file_format=True)
        foreign = pydicom.dcmread(tmp_path / "plain.dcm")
        foreign.compress(PREFIX + tail, encoding_plugin=plugin, generate_instance_uid=False)
        foreign.save_as(tmp_path / "theirs.dcm")
        assert np.array_equal(pydcm.dcmread(tmp_path / "theirs.dcm").pixel_array, arr)


@pytest.mark.parametrize("tail", ["", "1", "1.99", "1.98", "2"])
def test_reads_our_uncompressed(tail, dtype, bits, images, tmp_path):
    for ds, arr in images(dtype, bits):
        transcode(ds, PREFIX + "4.90")
        transcode(ds, (PREFIX + tail).rstrip("."))
        pydcm.dcmwrite(tmp_path / "ours.dcm", ds, enforce_file_format=True)
        foreign = pydicom.dcmread(tmp_path / "ours.dcm")
        if tail == "1.98":  # which pydicom cannot decode: its frames are the samples
            frames = pydicom.encaps.generate_frames(
                foreign.PixelData, number_of_frames=ds.get("NumberOfFrames", 1)
            )
            n_bytes = arr.nbytes // ds.get("NumberOfFrames", 1)
            assert b"".join(frame[:n_bytes] for frame in frames) == arr.tobytes()
        else:
            assert np.array_equal(foreign.pixel_array, arr)
