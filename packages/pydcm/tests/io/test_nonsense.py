"""Elements that decide how others are read, with a VR or value that makes no sense."""

from __future__ import annotations

import io
import struct

import pytest

import pydcm
from pydcm.dataset import Dataset
from pydcm.errors import AmbiguousVRError, BytesLengthException
from pydcm.tag import Tag, tag_in_exception
from pydcm_testing.builders import as_bytes


def element(tag: int, vr: bytes, value: bytes) -> bytes:
    """Return an element in explicit VR little endian."""
    head = struct.pack("<HH2s", tag >> 16, tag & 0xFFFF, vr)
    length = (
        struct.pack("<HI", 0, len(value)) if vr in (b"SQ", b"OW", b"UN") else struct.pack("<H", len(value))
    )
    return head + length + value


def read(*elements: bytes) -> Dataset:
    return pydcm.dcmread(io.BytesIO(b"".join(elements)), force=True)


def test_pixel_representation_is_a_sequence() -> None:
    item = element(0x00280106, b"US", b"\x05\0")
    ds = read(element(0x00280103, b"SQ", struct.pack("<HHI", 0xFFFE, 0xE000, len(item)) + item))
    assert ds[0x00280103].value[0].SmallestImagePixelValue == 5


def test_pixel_representation_is_damaged() -> None:
    item = struct.pack("<HHI", 0xFFFE, 0xE000, 10) + element(0x00280010, b"US", b"\5\0")
    ds = read(element(0x00280103, b"US", b"123"), element(0x0040A730, b"SQ", item))
    assert ds.ContentSequence[0].Rows == 5
    with pytest.raises(BytesLengthException):
        ds.PixelRepresentation


@pytest.mark.parametrize(
    ("vr", "value"), [(b"IS", b"12"), (b"US", b"\1\0"), (b"SQ", b""), (b"UN", b"ab"), (b"AT", bytes(8))]
)
def test_character_set_that_is_no_text(vr: bytes, value: bytes) -> None:
    ds = read(element(0x00080005, vr, value), element(0x00100010, b"PN", b"A^B "))
    assert ds.PatientName == "A^B"


def test_lut_descriptor_is_one_number() -> None:
    ds = Dataset()
    ds.LUTDescriptor = 1
    ds.add_new(0x00283006, "US or OW", b"\1\0\2\0")
    with pytest.raises(AmbiguousVRError, match="0028,3006"):
        pydcm.filewriter.correct_ambiguous_vr(ds, True)


def test_infinite_integer_string() -> None:
    with pytest.raises(ValueError, match="'inf' is no whole number"):
        pydcm.valuerep.IS("inf")
    assert read(element(0x00200013, b"IS", b"inf ")).InstanceNumber == "inf"


def test_numbers_too_large_for_an_array() -> None:
    pytest.importorskip("numpy")
    ds = Dataset()
    ds.InstanceNumber = 99999999999999999999
    with pytest.raises(ValueError, match="too large"):
        ds.to_numpy("InstanceNumber")


def test_tags_of_odd_length() -> None:
    ds = read(element(0x00280009, b"AT", b"\x18\0\x63\x10\x18\0"))
    assert ds.to_json_dict()["00280009"]["Value"] == ["00181063"]


def test_errors_of_nested_elements_stay_short() -> None:
    def at_depth(depth: int) -> None:
        if not depth:
            raise ValueError("what is wrong")
        with tag_in_exception(Tag(0x0040A730)):
            at_depth(depth - 1)

    with pytest.raises(ValueError, match="what is wrong") as caught:
        at_depth(200)
    assert str(caught.value).count("With tag (0040,A730) got exception") >= 200
    assert len(str(caught.value)) < 20000


@pytest.mark.parametrize("where", ["in front", "behind"])
def test_a_stray_item_delimiter_survives(where: str) -> None:
    delimiter = struct.pack("<HHI", 0xFFFE, 0xE00D, 0)
    ds = Dataset()
    ds.PatientName = "A^B"
    ds.file_meta = pydcm.dataset.FileMetaDataset()
    ds.file_meta.TransferSyntaxUID = pydcm.uid.ExplicitVRLittleEndian
    ds.file_meta.MediaStorageSOPClassUID = ds.file_meta.MediaStorageSOPInstanceUID = "1.2.3"
    whole = as_bytes(ds)
    place = whole.index(b"\x10\0\x10\0PN") if where == "in front" else len(whole)
    damaged = whole[:place] + delimiter + whole[place:]
    out = io.BytesIO()
    pydcm.dcmread(io.BytesIO(damaged), force=True).save_as(out)
    assert out.getvalue() == damaged


@pytest.mark.parametrize("undefined", [False, True])
def test_explicit_content_declared_implicit(undefined: bool) -> None:
    inner = element(0x00081150, b"UI", b"1.2.3\0")
    outer = sequence_of(0x00081140, inner, undefined) + element(0x00100010, b"PN", b"A^B ")
    syntax = element(0x00020010, b"UI", b"1.2.840.10008.1.2\0")
    data = bytes(128) + b"DICM" + syntax + sequence_of(0x00081115, outer, undefined) + outer
    with pytest.warns(UserWarning, match="Expected implicit VR, but found explicit VR"):
        ds = pydcm.dcmread(io.BytesIO(data))
    for holder in (ds, ds.ReferencedSeriesSequence[0]):
        assert holder.ReferencedImageSequence[0].ReferencedSOPClassUID == "1.2.3"
        assert holder.PatientName == "A^B"


def sequence_of(tag: int, content: bytes, undefined: bool) -> bytes:
    item = struct.pack("<HHI", 0xFFFE, 0xE000, len(content)) + content
    if not undefined:
        return element(tag, b"SQ", item)
    end = struct.pack("<HHI", 0xFFFE, 0xE0DD, 0)
    return struct.pack("<HH2sHI", tag >> 16, tag & 0xFFFF, b"SQ", 0, 0xFFFFFFFF) + item + end
