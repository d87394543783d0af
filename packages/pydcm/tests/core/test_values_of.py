"""Values straight from rows are the values that elements have."""

from __future__ import annotations

import struct

import pytest

import pydcm
from pydcm.tag import Tag


def element(tag: int, vr: bytes, value: bytes) -> bytes:
    return struct.pack("<HH2sH", tag >> 16, tag & 0xFFFF, vr, len(value)) + value


def file_of(*elements: bytes) -> bytes:
    meta = element(0x00020010, b"UI", b"1.2.840.10008.1.2.1\0")
    length = element(0x00020000, b"UL", struct.pack("<I", len(meta)))
    return bytes(128) + b"DICM" + length + meta + b"".join(elements)


KEYWORDS = (
    "PatientID",
    "Rows",
    "SliceThickness",
    "Modality",
    "ImagePositionPatient",
    "PatientName",
    "Columns",
)
TAGS = tuple(Tag(keyword) for keyword in KEYWORDS)
ORDER = tuple(sorted(range(len(TAGS)), key=TAGS.__getitem__))
ELEMENTS = (
    element(0x00080060, b"CS", b"CT"),
    element(0x00100010, b"PN", b"A^B "),
    element(0x00100020, b"LO", b"1 "),
    element(0x00180050, b"DS", b"1.5 "),
    element(0x00200032, b"DS", b"1\\2\\3 "),
    element(0x00280010, b"US", b"\x04\0"),
)


@pytest.mark.parametrize(
    "content",
    [
        file_of(*ELEMENTS),
        file_of(*reversed(ELEMENTS)),
        file_of(*ELEMENTS, element(0x00100020, b"LO", b"2 ")),  # again, and out of order: the last one counts
        file_of(
            element(0x00080005, b"CS", b"ISO_IR 100"), element(0x00100010, b"PN", b"\xc4^B "), ELEMENTS[5]
        ),
        file_of(element(0x00280010, b"US", b"\x04\0\x05\0")),
        file_of(),
    ],
    ids=["plain", "reversed", "duplicate", "character set", "several", "empty"],
)
def test_the_same_as_elements(content: bytes) -> None:
    ds = pydcm.dcmread(content)
    expected = [ds.get(keyword) for keyword in KEYWORDS]
    assert pydcm.dcmread(content)._values_of(TAGS, ORDER) == expected
    assert ds._values_of(TAGS, ORDER) == expected  # with an index


def test_after_an_edit() -> None:
    ds = pydcm.dcmread(file_of(*ELEMENTS))
    ds.Rows, ds.Columns = 7, 8
    del ds.Modality
    assert ds._values_of(TAGS, ORDER) == ["1", 7, 1.5, None, [1, 2, 3], "A^B", 8]


def test_integers_and_texts_are_keys_as_tags_are() -> None:
    ds = pydcm.dcmread(file_of(*ELEMENTS))
    assert 0x00280010 in ds and "Rows" in ds and (0x28, 0x10) in ds
    assert 0x00280011 not in ds and "Columns" not in ds
    assert ds[0x00280010] is ds["Rows"] is ds["00280010"]
    with pytest.raises(KeyError):
        ds[0x1_0000_0000_0000_0000]
    with pytest.raises(KeyError):
        ds[-1]
