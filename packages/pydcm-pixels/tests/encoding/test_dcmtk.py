"""DCMTK's command-line programs read what we write, and we what they write."""

from __future__ import annotations

import numpy as np
import pytest

import pydcm
from pydcm_pixels.transcoding import transcode

PREFIX = "1.2.840.10008.1.2."
# End of the UID, our plugin, their program.
READERS = [
    ("5", "", ["dcmdrle"]),
    ("4.57", "", ["dcmdjpeg"]),
    ("4.70", "", ["dcmdjpeg"]),
    ("4.80", "imagecodecs", ["dcmdjpls"]),
    ("4.80", "pyjpegls", ["dcmdjpls"]),
    ("4.81", "imagecodecs", ["dcmdjpls"]),
    ("1", "", ["dcmconv", "+ti"]),
    ("1.99", "", ["dcmconv", "+te"]),
    ("2", "", ["dcmconv", "+te"]),
]
WRITERS = [
    ("5", ["dcmcrle"]),
    ("4.57", ["dcmcjpeg", "+el"]),
    ("4.70", ["dcmcjpeg", "+e1"]),
    ("4.80", ["dcmcjpls", "+el"]),
    ("4.80", ["dcmcjpls", "+el", "+il"]),
    ("4.80", ["dcmcjpls", "+el", "+in"]),
    ("1.99", ["dcmconv", "+td"]),
    ("2", ["dcmconv", "+tb"]),
    ("", ["dcmconv", "+ti"]),
]


@pytest.mark.parametrize(("tail", "plugin", "command"), READERS, ids=lambda value: "".join(value))
def test_reads_ours(tail, plugin, command, dtype, bits, images, program, tmp_path):
    if plugin == "pyjpegls":
        pytest.importorskip("jpeg_ls")
    for ds, arr in images(dtype, bits):
        if command[0] == "dcmconv":
            transcode(ds, PREFIX + "4.90")
        transcode(ds, PREFIX + tail, encoding_plugin=plugin)
        pydcm.dcmwrite(tmp_path / "ours.dcm", ds, enforce_file_format=True)
        program(*command, tmp_path / "ours.dcm", tmp_path / "theirs.dcm")
        assert np.array_equal(pydcm.dcmread(tmp_path / "theirs.dcm").pixel_array, arr)


@pytest.mark.parametrize(("tail", "command"), WRITERS, ids=lambda value: "".join(value))
def test_writes_ours(tail, command, dtype, bits, images, program, tmp_path):
    for ds, arr in images(dtype, bits):
        ds.save_as(tmp_path / "plain.dcm", enforce_file_format=True)
        program(*command, tmp_path / "plain.dcm", tmp_path / "theirs.dcm")
        theirs = pydcm.dcmread(tmp_path / "theirs.dcm")
        assert theirs.file_meta.TransferSyntaxUID == (PREFIX + tail).rstrip(".")
        assert np.array_equal(theirs.pixel_array, arr)


@pytest.mark.parametrize("predictor", range(1, 8))
def test_predictors(predictor, make_dataset, program, tmp_path):
    arr = np.random.default_rng(predictor).integers(0, 1 << 16, (33, 47), dtype="u2")
    make_dataset(arr).save_as(tmp_path / "plain.dcm", enforce_file_format=True)
    program("dcmcjpeg", "+el", "+sv", predictor, tmp_path / "plain.dcm", tmp_path / "theirs.dcm")
    assert np.array_equal(pydcm.dcmread(tmp_path / "theirs.dcm").pixel_array, arr)
    ds = make_dataset(arr)
    transcode(ds, PREFIX + "4.57", predictor=predictor)
    ds.save_as(tmp_path / "ours.dcm", enforce_file_format=True)
    program("dcmdjpeg", tmp_path / "ours.dcm", tmp_path / "theirs.dcm")
    assert np.array_equal(pydcm.dcmread(tmp_path / "theirs.dcm").pixel_array, arr)
