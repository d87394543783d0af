"""Headers alone: what is read and kept of files whose pixels are not asked for."""

from __future__ import annotations

import tracemalloc
from typing import TYPE_CHECKING

import pytest

import pydcm
from pydcm.dataset import Dataset, FileMetaDataset
from pydcm.uid import ExplicitVRLittleEndian

if TYPE_CHECKING:
    from pathlib import Path


def write(path: Path, comment: int, pixels: int) -> Path:
    """Write a file with a header of about `comment` bytes."""
    ds = Dataset()
    ds.file_meta = FileMetaDataset()
    ds.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    ds.SOPClassUID = ds.file_meta.MediaStorageSOPClassUID = "1.2.840.10008.5.1.4.1.1.7"
    ds.SOPInstanceUID = ds.file_meta.MediaStorageSOPInstanceUID = "1.2.3"
    ds.PatientName = "A^B"
    ds.add_new(0x00091001, "UN", b"x" * comment)
    ds.PixelData = bytes(pixels)
    ds["PixelData"].VR = "OW"
    ds.save_as(path, enforce_file_format=True)
    return path


@pytest.mark.parametrize("pixels", [400, 30_000, 500_000])
def test_pixels_are_not_held(tmp_path, pixels):
    path = write(tmp_path / "a.dcm", 100, pixels)
    pydcm.dcmread(path, stop_before_pixels=True)
    tracemalloc.start()
    try:
        before = tracemalloc.get_traced_memory()[0]
        held = [pydcm.dcmread(path, stop_before_pixels=True) for _ in range(50)]
        assert (tracemalloc.get_traced_memory()[0] - before) / len(held) < 4000
    finally:
        tracemalloc.stop()
    assert all(ds.PatientName == "A^B" and "PixelData" not in ds for ds in held)


@pytest.mark.parametrize("sizes", [(100, 20_000, 100, 100_000, 300_000, 100), (300_000, 20_000)])
def test_longer_and_shorter_headers_follow_one_another(tmp_path, sizes):
    for size in sizes:
        path = write(tmp_path / f"{size}.dcm", size, 50_000)
        ds = pydcm.dcmread(path, stop_before_pixels=True)
        assert ds[0x00091001].value == b"x" * size
        assert "PixelData" not in ds
        whole = pydcm.dcmread(path)
        del whole.PixelData
        assert ds == whole


def test_header_is_written_as_it_was_read(tmp_path):
    path = write(tmp_path / "a.dcm", 1000, 30_000)
    ds = pydcm.dcmread(path, stop_before_pixels=True)
    ds.save_as(tmp_path / "b.dcm", enforce_file_format=True)
    content = (tmp_path / "b.dcm").read_bytes()
    assert path.read_bytes().startswith(content)
    assert pydcm.dcmread(tmp_path / "b.dcm") == ds
