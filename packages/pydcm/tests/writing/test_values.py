"""Values: what is formatted in C, what goes to the Python functions, what is refused."""

from __future__ import annotations

import datetime
import io
from pathlib import Path
from typing import Any

import pytest

import pydcm
from pydcm import config
from pydcm.dataelem import DataElement, RawDataElement
from pydcm.dataset import Dataset
from pydcm.filebase import DicomBytesIO
from pydcm.filewriter import (
    dcmwrite,
    write_data_element,
    write_dataset,
    write_sequence,
    write_sequence_item,
    writers,
)
from pydcm.sequence import Sequence
from pydcm.tag import Tag


def encode(
    elem: DataElement | RawDataElement, implicit: bool = False, little: bool = True, encodings: Any = None
) -> bytes:
    fp = DicomBytesIO()
    fp.is_implicit_VR, fp.is_little_endian = implicit, little
    write_data_element(fp, elem, encodings)
    return fp.getvalue()


def plain(vr: str, value: Any, tag: int = 0x00091001) -> DataElement:
    return DataElement(tag, vr, value, already_converted=True)


@pytest.mark.parametrize(
    ("vr", "value"),
    [
        ("US", -1), ("US", 65536), ("US", 1.5), ("US", "1"), ("US", [1, 65536]), ("SS", 32768), ("SS", [-32769]),
        ("UL", -1), ("UL", 2**32), ("SL", 2**31), ("SV", 2**63), ("UV", -1), ("UV", 2**64), ("FL", 1e300), ("FL", "x"),
        ("FD", 10**400), ("FD", [1.0, None]),
    ],
)  # fmt: skip
def test_numbers_that_do_not_fit(vr: str, value: Any) -> None:
    with pytest.raises(OSError, match=r"for data_element:\n\(0009,1001\)"):
        encode(plain(vr, value))


@pytest.mark.parametrize(
    ("vr", "value", "expected"),
    [
        ("US", True, b"\x01\x00"), ("FD", 1, b"\0\0\0\0\0\0\xf0\x3f"), ("FL", 2**60, b"\0\0\x80\x5d"),
        ("UV", 2**64 - 1, b"\xff" * 8), ("SV", -2, b"\xfe" + b"\xff" * 7), ("FD", float("inf"), b"\0\0\0\0\0\0\xf0\x7f"),
        ("AT", 0x00100020, b"\x10\x00\x20\x00"), ("US", [], b""), ("US", None, b""), ("US", "", b""),
        ("DS", 0.1, b"0.1 "), ("DS", [1.0, 2.5], b"1.0\\2.5 "), ("IS", [1, 22], b"1\\22"), ("DS", "", b""),
        ("LO", b"\xe4", b"\xe4 "), ("LO", ["a", "b"], b"a\\b "), ("CS", "ABC", b"ABC "), ("UI", "1.2", b"1.2\0"),
        ("UN", b"\1", b"\1"), ("OB", b"\1", b"\1\0"), ("OB", bytearray(b"\1\2"), b"\1\2"),
        ("OW", memoryview(b"\1\2"), b"\1\2"), ("DA", datetime.date(980, 1, 2), b"09800102"), ("TM", [None, "12"], b"\\12 "),
        ("DT", datetime.datetime(2024, 1, 2, tzinfo=datetime.UTC), b"20240102000000+0000 "),
    ],
)  # fmt: skip
def test_encodings(vr: str, value: Any, expected: bytes) -> None:
    if vr == "DT":
        expected = expected.rstrip() + b" " * (len(expected.rstrip()) % 2)
    assert encode(plain(vr, value), implicit=True)[8:] == expected


def test_odd_unknown_values_stay_odd() -> None:
    assert encode(plain("UN", b"\1\2\3"))[8:] == b"\3\0\0\0\1\2\3"


@pytest.mark.parametrize("little", [True, False])
def test_big_endian_numbers(little: bool) -> None:
    order = "little" if little else "big"
    assert encode(plain("UL", [1, 2]), little=little)[8:] == (1).to_bytes(4, order) + (2).to_bytes(4, order)
    assert encode(plain("AT", [0x00100020]), little=little)[8:] == (0x10).to_bytes(2, order) + (
        0x20
    ).to_bytes(2, order)


def test_unknown_vr() -> None:
    with pytest.raises(NotImplementedError, match="unknown Value Representation 'ZZ'"):
        encode(plain("ZZ", "x"))
    with pytest.raises(ValueError, match="Cannot write ambiguous VR of 'US or SS'"):
        encode(plain("US or SS", b"\1\2"))
    assert encode(plain("US or SS", b"\1\2"), implicit=True)[8:] == b"\1\2"


@pytest.mark.parametrize("little", [True, False])
def test_more_than_64_kilobytes(little: bool) -> None:
    value = "\\".join(["1.5"] * 20000)
    elem = DataElement(0x30060050, "DS", value)
    with pytest.warns(
        UserWarning, match="The value for the data element .3006,0050. exceeds the size of 64 kByte"
    ):
        content = encode(elem, little=little)
    assert content[4:8] == b"UN\0\0"
    assert content[12:] == value.encode() + b" "
    assert int.from_bytes(content[8:12], "little" if little else "big") == len(value) + 1
    assert encode(elem, implicit=True)[8:] == value.encode() + b" "


def test_text_with_code_extensions() -> None:
    value = "Dionysios is Διονυσιος"
    content = encode(plain("LO", value), encodings=["ISO_IR 100", "ISO 2022 IR 126"])
    assert b"\x1b-F" in content
    with pytest.warns(UserWarning, match="Failed to encode value with encodings: iso2022_jp"):
        assert b"?" in encode(plain("LO", "ς"), encodings=["ISO 2022 IR 87"])
    config.settings.writing_validation_mode = config.RAISE
    try:
        with pytest.raises(UnicodeEncodeError):
            encode(plain("LO", "ς"), encodings=["ISO 2022 IR 87"])
    finally:
        config.settings.writing_validation_mode = None


def test_unencodable_text_in_a_data_set() -> None:
    ds = Dataset()
    ds.SpecificCharacterSet = "ISO_IR 100"
    ds.PatientID = "ς"
    config.settings.writing_validation_mode = config.RAISE
    try:
        with pytest.raises(UnicodeEncodeError) as caught:
            dcmwrite(io.BytesIO(), ds, implicit_vr=True)
    finally:
        config.settings.writing_validation_mode = None
    assert caught.value.__notes__ == ["With tag (0010,0020)"]


def test_plain_text_beyond_the_default_repertoire() -> None:
    with pytest.raises(UnicodeEncodeError):
        encode(plain("CS", "ς"))


class Trickle(io.RawIOBase):
    """A file-like that takes three bytes at a time."""

    def __init__(self) -> None:
        self.content = b""

    def seek(self, offset: int, whence: int = 0) -> int:
        return 0

    def tell(self) -> int:
        return len(self.content)

    def write(self, data: Any) -> int:
        self.content += bytes(data)[:3]
        return min(3, len(data))


def test_file_likes_that_take_little() -> None:
    ds = Dataset()
    ds.PatientID = "0123456789"
    ds.PixelData, ds.BitsAllocated = bytes(range(256)) * 200, 8
    out, reference = Trickle(), io.BytesIO()
    dcmwrite(out, ds, implicit_vr=True)
    dcmwrite(reference, ds, implicit_vr=True)
    assert out.content == reference.getvalue()


def test_buffered_values(tmp_path: Path) -> None:
    ds = Dataset()
    ds.BitsAllocated = 8
    (tmp_path / "pixels").write_bytes(b"xx" + b"\1" * 100_001)
    with (tmp_path / "pixels").open("rb") as file:
        file.seek(2)
        ds.PixelData = file
        item = Dataset()
        item.EncapsulatedDocument = io.BytesIO(b"\1\2\3")
        ds.ConceptCodeSequence = [item]
        dcmwrite(tmp_path / "file", ds, implicit_vr=False)
        assert file.tell() == 2
    again = pydcm.dcmread(tmp_path / "file", force=True)
    assert again.PixelData == b"\1" * 100_001 + b"\0"
    assert again.ConceptCodeSequence[0].EncapsulatedDocument == b"\1\2\3\0"


class Growing(io.BytesIO):
    def read(self, size: int | None = -1) -> bytes:
        return super().read(size) or (b"more" if size else b"")


def test_buffers_that_change_while_they_are_written(tmp_path: Path) -> None:
    ds = Dataset()
    ds.EncapsulatedDocument = Growing(b"\1\2\3\4")
    with pytest.raises(OSError, match="changed its length"):
        dcmwrite(tmp_path / "file", ds, implicit_vr=True)
    assert not list(tmp_path.iterdir())


def test_closed_buffer() -> None:
    ds = Dataset()
    ds.EncapsulatedDocument = buffer = io.BytesIO(b"\1\2\3\4")
    buffer.close()
    with pytest.raises(ValueError, match=r"Invalid buffer for \(0042,0011\).*: the buffer has been closed"):
        dcmwrite(io.BytesIO(), ds, implicit_vr=True)


def test_raw_elements() -> None:
    raw = RawDataElement(Tag(0x00100020), "LO", 4, b"abcd", 0, False, True)
    assert encode(raw) == b"\x10\0\x20\0LO\4\0abcd"
    assert encode(raw, implicit=True) == b"\x10\0\x20\0\4\0\0\0abcd"
    undefined = RawDataElement(Tag(0x00400555), "SQ", 0xFFFFFFFF, b"", 0, False, True)
    assert encode(undefined) == b"\x40\0\x55\x05SQ\0\0\xff\xff\xff\xff\xfe\xff\xdd\xe0\0\0\0\0"
    with pytest.raises(TypeError, match="has no VR"):
        encode(raw._replace(VR=None))


def test_sequences() -> None:
    item = Dataset()
    item.PatientID = "1"
    fp = DicomBytesIO()
    fp.is_implicit_VR, fp.is_little_endian = True, True
    write_sequence_item(fp, item, ["iso8859"])
    one = fp.getvalue()
    assert one == b"\xfe\xff\x00\xe0\x0a\0\0\0\x10\0\x20\0\2\0\0\0001 "
    write_sequence(fp, plain("SQ", Sequence([item, item])), ["iso8859"])
    assert fp.getvalue() == one * 3
    assert writers["SQ"] == (write_sequence, None)


def test_write_dataset_leaves_out_group_lengths() -> None:
    ds = Dataset()
    ds.add_new(0x00080000, "UL", 4)
    ds.add_new(0x00000000, "UL", 4)
    ds.PatientID = "1"
    fp = DicomBytesIO()
    fp.is_implicit_VR, fp.is_little_endian = True, True
    assert write_dataset(fp, ds) == 22
    assert fp.getvalue() == b"\0\0\0\0\4\0\0\0\4\0\0\0" + b"\x10\0\x20\0\2\0\0\0001 "


def test_names() -> None:
    elem = DataElement(0x00100010, "PN", "Yamada^Tarou=山田^太郎")
    assert encode(elem, implicit=True, encodings="ISO_IR 192")[8:] == "Yamada^Tarou=山田^太郎".encode()
    several = DataElement(0x00100010, "PN", ["A^B", "C", "Ü"])
    assert encode(several, implicit=True, encodings="latin_1")[8:] == b"A^B\\C\\\xdc "
    assert encode(plain("PN", "A^B"), implicit=True)[8:] == b"A^B "


def test_urls(tmp_path: Path) -> None:
    pytest.importorskip("fsspec")
    ds = Dataset()
    ds.PatientID = "1"
    for url in ("memory://folder/file.dcm", (tmp_path / "file.dcm").as_uri()):
        dcmwrite(url, ds, implicit_vr=True, overwrite=False)
        assert pydcm.dcmread(url, force=True).PatientID == "1"
        with pytest.raises(FileExistsError):
            dcmwrite(url, ds, implicit_vr=True, overwrite=False)

    ds.EncapsulatedDocument = Growing(b"1234")
    with pytest.raises(OSError, match="changed its length"):
        dcmwrite((tmp_path / "file.dcm").as_uri(), ds, implicit_vr=True)
    assert pydcm.dcmread(tmp_path / "file.dcm", force=True).PatientID == "1"
    assert len(list(tmp_path.iterdir())) == 1
