"""What was read and not edited is written back byte for byte."""

from __future__ import annotations

import io
import warnings
import zlib
from pathlib import Path

import pytest

import pydcm
from pydcm.dataset import Dataset, FileMetaDataset
from pydcm.filewriter import dcmwrite

pydicom_data = pytest.importorskip("pydicom.data")

SAMPLES = sorted(
    path
    for path in Path(pydicom_data.__file__).parent.rglob("*")
    if path.is_file() and path.read_bytes()[128:132] == b"DICM"
)


def written(ds: Dataset, **kwargs: object) -> bytes:
    out = io.BytesIO()
    dcmwrite(out, ds, **kwargs)
    return out.getvalue()


def meta(syntax: str) -> FileMetaDataset:
    meta = FileMetaDataset()
    meta.TransferSyntaxUID = syntax
    return meta


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.name)
def test_samples(path: Path) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        assert written(pydcm.dcmread(path, force=True)) == path.read_bytes()


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.name)
def test_samples_after_looking_at_everything(path: Path) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        ds = pydcm.dcmread(path, force=True)
        try:
            for elem in ds.iterall():
                str(elem)
        except Exception:
            pytest.skip("a value of this sample cannot be converted")
        assert written(ds) == path.read_bytes()


def group_length_file() -> bytes:
    ds = Dataset()
    ds.file_meta = meta("1.2.840.10008.1.2.1")
    ds.preamble = b"p" * 128
    ds.PatientName = "A^B"
    content = written(ds)
    start = content.index(b"\x10\x00\x10\x00PN")
    length = b"\x10\x00\x00\x00UL\x04\x00" + (len(content) - start).to_bytes(4, "little")
    return content[:start] + length + content[start:]


def test_group_lengths_stay_until_an_edit() -> None:
    content = group_length_file()
    ds = pydcm.dcmread(content)
    assert written(ds) == content
    assert 0x00100000 in ds
    ds.PatientID = "1"
    again = pydcm.dcmread(written(ds))
    assert 0x00100000 not in again
    assert again.PatientID == "1"


def test_conformant_files_have_no_group_lengths() -> None:
    ds = pydcm.dcmread(group_length_file())
    ds.SOPClassUID, ds.SOPInstanceUID = "1.2", "1.2.3"
    assert 0x00100000 not in pydcm.dcmread(written(ds, enforce_file_format=True))


def test_order_repetition_and_trailing_bytes_stay() -> None:
    ds = Dataset()
    ds.file_meta = meta("1.2.840.10008.1.2.1")
    ds.preamble = b"\0" * 128
    ds.PatientName = "A^B"
    name = b"\x10\x00\x10\x00PN\x04\x00A^B "
    modality = b"\x08\x00\x60\x00CS\x02\x00CT"
    content = written(ds).replace(name, name + modality + modality + name) + b"\0\0\0"
    again = pydcm.dcmread(content)
    assert (again.Modality, again.PatientName) == ("CT", "A^B")
    assert written(again) == content
    again.Modality = "MR"
    sorted_once = written(again)
    assert sorted_once.count(b"PN\x04\x00") == sorted_once.count(b"CS\x02\x00") == 1
    assert sorted_once.index(b"CS\x02\x00") < sorted_once.index(b"PN\x04\x00")


def test_deflated_bytes_stay_until_an_edit() -> None:
    ds = Dataset()
    ds.file_meta = meta("1.2.840.10008.1.2.1.99")
    ds.preamble = b"\0" * 128
    ds.PatientComments = "x" * 1000
    content = written(ds)
    start = content.index(b"1.2.840.10008.1.2.1.99") + 22
    plain = zlib.decompress(content[start:], -15)
    engine = zlib.compressobj(level=1, wbits=-15)
    other = engine.compress(plain) + engine.flush()
    content = content[:start] + other + b"\0" * (len(other) % 2)
    again = pydcm.dcmread(content)
    assert written(again) == content
    again.PatientID = "new"
    assert pydcm.dcmread(written(again)).PatientID == "new"


def test_deflating_ends_with_the_transfer_syntax() -> None:
    ds = Dataset()
    ds.file_meta = meta("1.2.840.10008.1.2.1.99")
    ds.preamble = b"\0" * 128
    ds.PatientID = "1"
    again = pydcm.dcmread(written(ds))
    again.file_meta.TransferSyntaxUID = "1.2.840.10008.1.2.1"
    assert written(again).endswith(b"\x10\x00\x20\x00LO\x02\x001 ")


def test_parts_of_a_file_are_written_as_read() -> None:
    ds = Dataset()
    ds.file_meta = meta("1.2.840.10008.1.2.1")
    ds.preamble = b"\0" * 128
    ds.PatientName, ds.PatientID, ds.BitsAllocated = "A^B", "1", 8
    ds.PixelData = b"\1\2"
    content = written(ds)
    header = pydcm.dcmread(io.BytesIO(content), stop_before_pixels=True)
    assert written(header) == content[: content.index(b"\xe0\x7f\x10\x00")]
    chosen = pydcm.dcmread(io.BytesIO(content), specific_tags=["PatientID"])
    assert [elem.keyword for elem in pydcm.dcmread(written(chosen))] == ["PatientID"]
