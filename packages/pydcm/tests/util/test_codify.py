"""Code that makes data sets: run it and compare."""

import math
from io import BytesIO

import pytest

from pydcm.dataelem import DataElement
from pydcm.dataset import Dataset, FileMetaDataset
from pydcm.filereader import dcmread
from pydcm.sequence import Sequence
from pydcm.uid import ExplicitVRLittleEndian
from pydcm.util import codify


def run(code, name="ds"):
    """Return what the code calls `name`."""
    found = {"Dataset": Dataset, "FileMetaDataset": FileMetaDataset, "Sequence": Sequence}
    exec(code, found)
    return found[name]


def sample():
    ds = Dataset()
    ds.PatientName = "A^B"
    ds.StudyDate = "20240229"
    ds.Rows = 4
    ds.PixelSpacing = [0.5, 1]
    ds.FrameIncrementPointer = 0x00181063
    ds.add_new(0x00720052, "AT", [0x00181063, 0x00280009])
    ds.add_new(0x00189087, "FD", [math.inf, 1.0])
    ds.EncapsulatedDocument = b"\0\1\2\3"
    ds.add_new(0x00090010, "LO", "TEST")
    ds.add_new(0x00091001, "SQ", [Dataset()])
    ds[0x00091001].value[0].PatientID = "p"
    inner = Dataset()
    inner.ValueType = "CODE"
    outer = Dataset()
    outer.ValueType = "CONTAINER"
    outer.ContentSequence = [inner]
    ds.ContentSequence = [outer, Dataset()]
    return ds


def test_the_code_makes_the_same_data_set():
    ds = sample()
    again = run(codify.code_dataset(ds, include_private=True))
    assert again == ds
    assert math.isinf(again[0x00189087].value[0])


def test_private_elements_are_left_out():
    again = run(codify.code_dataset(sample()))
    assert 0x00091001 not in again
    assert again.Rows == 4


def test_names():
    code = codify.code_dataset(sample())
    assert "content1_1.ValueType = 'CODE'" in code
    assert "# Content Sequence: Content 2" in code
    assert codify.camel_to_underscore("BeamLimitingDeviceID") == "beam_limiting_device_id"
    assert codify.default_name_filter("ReferencedControlPointSequence") == "refd_cp_sequence"
    assert codify.tag_repr(0x00100020) == "(0x0010, 0x0020)"


def test_items_keep_their_numbers():
    ds = Dataset()
    ds.BeamSequence = [Dataset(), Dataset()]
    ds.BeamSequence[0].BeamNumber = 7
    ds.ControlPointSequence = [Dataset()]
    ds.ControlPointSequence[0].ControlPointIndex = 0
    code = codify.code_dataset(ds)
    assert "beam7 = Dataset()" in code
    assert "beam2 = Dataset()" in code
    assert "cp0 = Dataset()" in code
    assert run(code) == ds


def test_long_values_are_left_out():
    code = codify.code_dataset(sample(), exclude_size=3)
    assert "ds.EncapsulatedDocument = # XXX Array of 4 bytes excluded" in code
    with pytest.raises(SyntaxError):
        run(code)


def test_buffered_values():
    elem = DataElement("PixelData", "OB", BytesIO(b"abcd"))
    elem.value.seek(2)
    assert codify.code_dataelem(elem) == "ds.PixelData = b'abcd'"
    assert codify.code_dataelem(elem, exclude_size=3) == "ds.PixelData = # XXX Array of 4 bytes excluded"
    assert elem.value.tell() == 2


@pytest.fixture
def path(tmp_path):
    ds = sample()
    ds.file_meta = FileMetaDataset()
    ds.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    ds.SOPClassUID, ds.SOPInstanceUID = "1.2.840.10008.5.1.4.1.1.2", "1.2.3"
    target = tmp_path / "a.dcm"
    ds.save_as(target, enforce_file_format=True)
    return target


def test_file(path):
    code = codify.code_file(path, include_private=True, package="pydcm")
    assert code.splitlines()[3] == "import pydcm"
    again = run(code)
    original = dcmread(path)
    assert again == original
    assert again.file_meta.TransferSyntaxUID == ExplicitVRLittleEndian
    assert again.original_encoding == original.original_encoding == (False, True)


def test_imports_are_those_of_pydicom_by_default(path):
    assert "from pydicom.dataset import Dataset, FileMetaDataset" in codify.code_file(path)


def test_program(path, tmp_path, capsys):
    target, saved = tmp_path / "code.py", tmp_path / "saved.dcm"
    codify.main(100, ["--package", "pydcm", "-p", "-s", str(saved), str(path), str(target)])
    assert f"Writing code to file '{target}'" in capsys.readouterr().out
    exec(target.read_text(), {})
    assert dcmread(saved) == dcmread(path)


def test_program_takes_one_data_set(path):
    with pytest.raises(NotImplementedError, match="not a "):
        codify.main(100, [f"{path}::PatientName"])
