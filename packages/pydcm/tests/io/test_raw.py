"""Elements as they stand in the file."""

from __future__ import annotations

import copy
import io
import struct

import pytest

import pydcm
from pydcm import raw
from pydcm.dataset import Dataset


def read() -> Dataset:
    ds = Dataset()
    ds.SpecificCharacterSet = "ISO_IR 100"
    ds.StudyDescription = "Schädel"
    ds.Modality = "CT"
    ds.Rows = 300
    ds.SliceThickness = "1.50"
    ds.PatientName = "A^B"
    ds.ImagePositionPatient = [1, 2, 3]
    ds.ReferencedImageSequence = [Dataset()]
    for block, creator in ((0x12, "TWO"), (0x10, "ONE"), (0xFF, "LAST")):
        ds.add_new((0x0029, block), "LO", creator)
    ds.add_new(0x00291010, "LO", "x")
    out = io.BytesIO()
    ds.save_as(out, implicit_vr=False, little_endian=True)
    return pydcm.dcmread(out, force=True)


def test_values() -> None:
    ds = read()
    tags = 0x00081030, 0x00080060, 0x00280010, 0x00180050, 0x00200032, 0x00100020
    expected = ["Schädel ".encode("latin-1"), b"CT", 300, b"1.50", b"1.0\\2.0\\3.0 ", None]
    assert raw.glances(ds, tags) == expected
    assert [raw.glance(ds, tag) for tag in tags] == raw.glances(ds, tags)
    assert all(ds.get_item(tag).is_raw for tag in tags if tag in ds), "something was converted"


@pytest.mark.parametrize("tag", [0x00100010, 0x00081140])
def test_what_has_to_be_asked_for(tag: int) -> None:
    assert raw.glance(read(), tag) is ...


def test_an_edit_has_to_be_asked_for() -> None:
    ds = read()
    ds.Modality = "MR"
    ds.InstanceNumber = 1
    assert raw.glances(ds, (0x00080060, 0x00200013)) == [..., ...]
    del ds.Modality
    assert raw.glance(ds, 0x00080060) is None


def test_big_endian_numbers_have_to_be_asked_for() -> None:
    element = struct.pack(">HH2sHH", 0x0028, 0x0010, b"US", 2, 7)
    assert raw.glance(pydcm.filereader.read_dataset(io.BytesIO(element), False, False), 0x00280010) is ...


def test_private_creators() -> None:
    ds = read()
    assert raw.creator_tags(ds, 0x0029) == [0x00290010, 0x00290012, 0x002900FF]
    assert raw.creator_tags(ds, 0x0031) == []
    ds.private_block(0x0029, "NEW", create=True)
    assert raw.creator_tags(ds, 0x0029) == [0x00290010, 0x00290011, 0x00290012, 0x002900FF]


def test_same_elements() -> None:
    one, other = read(), read()
    tags = tuple(int(tag) for tag in one.keys() if tag != 0x00081140)  # noqa: SIM118
    assert raw.same(one, other, (*tags, 0x00200013)), "what neither has is the same"
    assert one.PatientName == "A^B"
    assert raw.same(one, other, tags), "an element that was looked at is what it was"
    assert raw.same(one, other, (0x00081140,)), "a sequence of defined length"
    one.Modality = "MR"
    assert not raw.same(one, other, (0x00080060,)) and not raw.same(other, one, (0x00080060,))
    one.InstanceNumber = 1
    assert not raw.same(one, other, (0x00200013,)) and not raw.same(other, one, (0x00200013,))
    del one.Rows
    assert not raw.same(one, other, (0x00280010,)) and not raw.same(other, one, (0x00280010,))
    assert raw.same(one, other, (0x00180050,)) and raw.same(Dataset(), Dataset(), tags)


@pytest.mark.parametrize(
    "other",
    [
        struct.pack("<HHIH", 0x0028, 0x0010, 2, 7),
        struct.pack("<HH2sHH", 0x0028, 0x0010, b"SS", 2, 7),
        struct.pack("<HH2sHH", 0x0028, 0x0010, b"US", 2, 8),
        struct.pack("<HH2sHHH", 0x0028, 0x0010, b"US", 4, 7, 7),
    ],
)
def test_other_values_and_representations(other: bytes) -> None:
    element = struct.pack("<HH2sHH", 0x0028, 0x0010, b"US", 2, 7)
    ds = pydcm.filereader.read_dataset(io.BytesIO(element), False, True)
    implicit = other[4:6] not in (b"US", b"SS")
    assert not raw.same(ds, pydcm.filereader.read_dataset(io.BytesIO(other), implicit, True), (0x00280010,))
    swapped = struct.pack(">HH2sHH", 0x0028, 0x0010, b"US", 2, 0x0700)
    assert not raw.same(ds, pydcm.filereader.read_dataset(io.BytesIO(swapped), False, False), (0x00280010,))


def test_sequences_without_a_length_are_not_compared() -> None:
    element = struct.pack("<HH2s2xI", 0x0008, 0x1140, b"SQ", 0xFFFFFFFF) + struct.pack(
        "<HHI", 0xFFFE, 0xE0DD, 0
    )
    one, other = (pydcm.filereader.read_dataset(io.BytesIO(element), False, True) for _ in range(2))
    assert not raw.same(one, other, (0x00081140,))


def test_sizes_of_files(tmp_path) -> None:
    path = tmp_path / "file"
    ds = read()
    ds.add_new(0x7FE00010, "OB", bytes(20_000))
    ds.file_meta.TransferSyntaxUID = "1.2.840.10008.1.2.1"
    ds.SOPClassUID = ds.SOPInstanceUID = "1.2.3"
    ds.save_as(path, enforce_file_format=True)
    header = pydcm.dcmread(path, stop_before_pixels=True)
    assert raw.file_size(header) == path.stat().st_size
    assert raw.file_size(copy.deepcopy(header)) == path.stat().st_size
    assert raw.file_size(pydcm.dcmread(path)) is raw.file_size(ds) is None


def test_only_data_sets() -> None:
    with pytest.raises(TypeError):
        raw.glance({}, 0x00080060)  # type: ignore[arg-type]
