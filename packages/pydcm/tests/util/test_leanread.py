"""Elements as plain tuples."""

from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pydcm.dataset import Dataset, FileMetaDataset
from pydcm.uid import ExplicitVRBigEndian, ExplicitVRLittleEndian, ImplicitVRLittleEndian
from pydcm.util.leanread import data_element_generator, dicomfile

ITEM, ITEM_END, SEQUENCE_END = (0xFFFE, 0xE000), (0xFFFE, 0xE00D), (0xFFFE, 0xE0DD)


@pytest.fixture
def make(tmp_path):
    """Return a function that writes a small file and returns its path."""

    def write(syntax):
        ds = Dataset()
        ds.file_meta = FileMetaDataset()
        ds.file_meta.TransferSyntaxUID = syntax
        ds.SOPClassUID, ds.SOPInstanceUID = "1.2.840.10008.5.1.4.1.1.2", "1.2.3"
        ds.Rows = 258
        item = Dataset()
        item.PatientID = "p"
        ds.OtherPatientIDsSequence = [item]
        ds["OtherPatientIDsSequence"].is_undefined_length = True
        item.is_undefined_length_sequence_item = True
        ds.PixelData = b"abcd"
        ds["PixelData"].VR = "OW"
        path = tmp_path / "a.dcm"
        ds.save_as(path, enforce_file_format=True)
        return path

    return write


@pytest.mark.parametrize("syntax", [ExplicitVRLittleEndian, ImplicitVRLittleEndian, ExplicitVRBigEndian])
def test_file(make, syntax):
    path = make(syntax)
    content = path.read_bytes()
    with dicomfile(path) as file:
        assert file.preamble == bytes(128)
        elements = list(file)
    found = {tag: (vr, value) for tag, vr, _, value, _ in elements}
    explicit = not syntax.is_implicit_VR
    assert found[2, 0x10][1].rstrip(b"\0").decode() == syntax
    rows = b"\2\1" if syntax.is_little_endian else b"\1\2"
    assert found[0x28, 0x10] == (b"US" if explicit else None, rows)
    assert found[0x10, 0x20][1] == b"p "
    assert found[0x7FE0, 0x10][1] == (b"abcd" if syntax.is_little_endian else found[0x7FE0, 0x10][1])
    order = [tag for tag, *_ in elements if tag[0] != 2]
    assert order[3:7] == [ITEM, (0x10, 0x20), ITEM_END, SEQUENCE_END]
    # Where a value begins is where it is in the file
    for _, _, length, value, position in elements:
        if value is not None:
            assert content[position : position + length] == value
    assert file.fobj.closed


def test_without_preamble(tmp_path):
    path = tmp_path / "a"
    path.write_bytes(b"\x28\x00\x10\x00US\x02\x00\1\0")
    with dicomfile(path) as file:
        assert file.preamble is None
        with pytest.raises(NotImplementedError, match="No transfer syntax"):
            list(file)


def read(data, implicit=False, little=True, **options):
    return list(data_element_generator(BytesIO(data), implicit, little, **options))


def test_stop():
    fp = BytesIO(b"\x28\x00\x10\x00US\x02\x00\1\0" + b"\xe0\x7f\x10\x00OW\0\0\4\0\0\0abcd")
    assert len(list(data_element_generator(fp, False, True, lambda group, element: group == 0x7FE0))) == 1
    assert fp.tell() == 10


def test_defer():
    data = b"\xe0\x7f\x10\x00OW\0\0\4\0\0\0abcd" + b"\xfc\xff\xfc\xffOB\0\0\2\0\0\0ab"
    assert [value for *_, value, _ in read(data, defer_size=3)] == [None, b"ab"]
    assert [value for *_, value, _ in read(data, defer_size="4")] == [b"abcd", b"ab"]


def test_undefined_length():
    with pytest.raises(NotImplementedError, match="undefined length except for SQ"):
        read(b"\x09\x00\x01\x10UN\0\0\xff\xff\xff\xff")
    with pytest.raises(NotImplementedError):
        read(b"\x09\x00\x01\x10\xff\xff\xff\xffabcd", implicit=True)
    private = b"\x09\x00\x01\x10\xff\xff\xff\xff\xfe\xff\xdd\xe0\0\0\0\0"
    with pytest.raises(NotImplementedError):
        read(private, implicit=True)
    private = b"\x09\x00\x01\x10\xff\xff\xff\xff\xfe\xff\x00\xe0\0\0\0\0\xfe\xff\xdd\xe0\0\0\0\0"
    assert [tag for tag, *_ in read(private, implicit=True)] == [(9, 0x1001), ITEM, SEQUENCE_END]


def test_truncated():
    assert read(b"\xe0\x7f\x10\x00OW\0\0\xf0\xff\xff\xffabcd") == [
        ((0x7FE0, 0x10), b"OW", 0xFFFFFFF0, b"abcd", 12)
    ]
    assert read(b"\xe0\x7f\x10\x00OW\0\0\4\0") == []


@given(st.binary(max_size=80), st.booleans(), st.booleans())
def test_hostile(data, implicit, little):
    try:
        elements = read(data, implicit, little)
    except NotImplementedError:
        return
    assert len(elements) <= len(data) // 8
