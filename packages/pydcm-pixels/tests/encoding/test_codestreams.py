"""Frames themselves, read by the programs of their codec's authors: HTJ2K, JPEG XL, DEFLATE."""

from __future__ import annotations

import zlib

import numpy as np
import pytest

from pydcm.encaps import generate_frames
from pydcm_pixels.transcoding import transcode

PREFIX = "1.2.840.10008.1.2."


def frames_of(ds):
    return list(generate_frames(ds.PixelData, number_of_frames=ds.get("NumberOfFrames", 1)))


def netpbm(path):
    """Return the samples of a binary PGM or PPM file."""
    kind, columns, rows, top, data = path.read_bytes().split(maxsplit=4)
    dtype = np.dtype("u1" if int(top) < 256 else ">u2")
    shape = (int(rows), int(columns)) if kind == b"P5" else (int(rows), int(columns), 3)
    n_samples = int(np.prod(shape))
    # A first sample that looks like white space would be taken for it: count from the end.
    raw = path.read_bytes()[-n_samples * dtype.itemsize :]
    assert data
    return np.frombuffer(raw, dtype).reshape(shape)


@pytest.mark.parametrize("tail", ["4.110", "4.112"])
def test_djxl_reads_our_jpeg_xl(tail, dtype, bits, images, program, tmp_path):
    if dtype[0] == "i":
        pytest.skip("JPEG XL samples have no sign")
    for ds, arr in images(dtype, bits):
        transcode(ds, PREFIX + tail, **({"distance": 0} if tail == "4.112" else {}))
        for frame, expected in zip(frames_of(ds), arr.reshape(-1, 33, 47, ds.SamplesPerPixel), strict=True):
            (tmp_path / "frame.jxl").write_bytes(frame)
            # It stretches 10 and 12 bits to 16, whatever the file's header says.
            width = 8 if bits == 8 else 16
            program(
                "djxl",
                "--quiet",
                f"--bits_per_sample={width}",
                tmp_path / "frame.jxl",
                tmp_path / "frame.ppm",
            )
            stretched = netpbm(tmp_path / "frame.ppm") / ((1 << width) - 1)
            assert np.array_equal(np.round(stretched * ((1 << bits) - 1)), expected.squeeze())


@pytest.mark.parametrize("tail", ["4.201", "4.202", "4.203"])
def test_ojph_expand_reads_our_htj2k(tail, dtype, bits, images, program, tmp_path):
    if dtype[0] == "i":
        pytest.skip("ojph_expand writes no signed samples")
    for ds, arr in images(dtype, bits):
        transcode(ds, PREFIX + tail)
        for frame, expected in zip(frames_of(ds), arr.reshape(-1, 33, 47, ds.SamplesPerPixel), strict=True):
            (tmp_path / "frame.j2c").write_bytes(frame)
            name = tmp_path / ("frame.ppm" if ds.SamplesPerPixel == 3 else "frame.pgm")
            program("ojph_expand", "-i", tmp_path / "frame.j2c", "-o", name)
            assert np.array_equal(netpbm(name), expected.squeeze())


def test_zlib_reads_our_deflated_frames(dtype, bits, images):
    for ds, arr in images(dtype, bits):
        transcode(ds, PREFIX + "8.1")
        inflated = [zlib.decompressobj(-15).decompress(frame) for frame in frames_of(ds)]
        assert b"".join(inflated) == arr.tobytes()
