"""Values that stay in the file until they are used."""

from __future__ import annotations

from pathlib import Path

import pytest

import pydcm
from pydcm.dataset import FileDataset, FileMetaDataset
from pydcm.uid import (
    DeflatedExplicitVRLittleEndian,
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
)


@pytest.mark.parametrize(
    "syntax",
    [ExplicitVRLittleEndian, ImplicitVRLittleEndian, ExplicitVRBigEndian, DeflatedExplicitVRLittleEndian],
)
def test_deferred_values_are_the_values(tmp_path: Path, syntax: str) -> None:
    ds = FileDataset("", {}, preamble=bytes(128), file_meta=FileMetaDataset())
    ds.file_meta.TransferSyntaxUID = syntax
    ds.PatientComments = "a comment of some length " * 20
    ds.ImageComments = "another one " * 30
    path = tmp_path / "a.dcm"
    pydcm.dcmwrite(path, ds)
    read = pydcm.dcmread(path, defer_size=100)
    assert read.PatientComments == ds.PatientComments.rstrip()
    assert read.ImageComments == ds.ImageComments.rstrip()


def test_a_file_that_was_cut_short_meanwhile(tmp_path: Path) -> None:
    ds = FileDataset("", {}, preamble=bytes(128), file_meta=FileMetaDataset())
    ds.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    ds.PatientComments = "a comment of some length " * 20
    path = tmp_path / "a.dcm"
    ds.save_as(path)
    read = pydcm.dcmread(path, defer_size=100)
    path.write_bytes(path.read_bytes()[:140])
    with (
        pytest.warns(UserWarning, match="modification time"),
        pytest.raises(ValueError, match="no element at offset 0x"),
    ):
        read.PatientComments
