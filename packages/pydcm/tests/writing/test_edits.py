"""Every edit, at any depth and by any route, is in the file that is written."""

from __future__ import annotations

import copy
import io
import pickle
import tracemalloc
from collections.abc import Callable
from typing import Any

import pytest

import pydcm
from pydcm import config
from pydcm.dataelem import DataElement, RawDataElement
from pydcm.dataset import Dataset, FileMetaDataset
from pydcm.errors import DicomLimitError
from pydcm.filewriter import dcmwrite
from pydcm.multival import MultiValue
from pydcm.sequence import Sequence
from pydcm.tag import Tag
from pydcm.valuerep import DSfloat


def written(ds: Dataset, **kwargs: Any) -> bytes:
    out = io.BytesIO()
    dcmwrite(out, ds, **kwargs)
    return out.getvalue()


def reread(ds: Dataset) -> Dataset:
    return pydcm.dcmread(written(ds))


def code(value: str, **more: Any) -> Dataset:
    item = Dataset()
    item.CodeValue, item.CodeMeaning = value, f"meaning of {value}"
    for keyword, other in more.items():
        setattr(item, keyword, other)
    return item


def source(
    undefined: bool = False, syntax: str = "1.2.840.10008.1.2.1", charset: str | None = "ISO_IR 100"
) -> bytes:
    """A file with two levels of sequences, read by the tests and edited."""
    ds = Dataset()
    ds.file_meta = FileMetaDataset()
    ds.file_meta.TransferSyntaxUID = syntax
    ds.file_meta.MediaStorageSOPInstanceUID = "1.2.3"
    ds.preamble = b"\0" * 128
    if charset is not None:
        ds.SpecificCharacterSet = charset
    ds.PatientName = "Müller^Jörg"
    ds.ImageType = ["ORIGINAL", "PRIMARY"]
    ds.PixelSpacing = ["0.50", "0.25"]
    ds.Rows = 2
    ds.LossyImageCompressionRatio = 10
    ds.add_new(0x00431012, "SS", [1, 2, 3])
    ds.add_new(0x00430010, "LO", "MAKER")
    ds.StudyDate = "20240102"
    ds.PatientComments = "é" * 5
    inner = [code("i0", ProtocolName="ä"), code("i1")]
    outer = [code("o0", ConceptCodeSequence=inner), code("o1"), code("o2")]
    ds.AnatomicRegionSequence = outer
    ds["AnatomicRegionSequence"].is_undefined_length = undefined
    for item in [*outer, *inner]:
        item.is_undefined_length_sequence_item = undefined
    return written(ds)


def inner(ds: Dataset) -> Dataset:
    return ds.AnatomicRegionSequence[0].ConceptCodeSequence[0]


def set_item(ds: Dataset) -> None:
    inner(ds).CodeValue = "new"


def set_by_element(ds: Dataset) -> None:
    inner(ds)["CodeValue"].value = "new"


def set_by_tag(ds: Dataset) -> None:
    inner(ds)[0x00080100] = DataElement(0x00080100, "SH", "new")


def set_raw(ds: Dataset) -> None:
    inner(ds)[0x00080100] = RawDataElement(Tag(0x00080100), "SH", 4, b"new ", 0, False, True)


def set_private_value(ds: Dataset) -> None:
    inner(ds)["CodeValue"]._value = "new"


def set_by_update(ds: Dataset) -> None:
    inner(ds).update({"CodeValue": "new"})


def set_through_loop(ds: Dataset) -> None:
    for elem in ds.iterall():
        if elem.keyword == "CodeValue" and elem.value == "i0":
            elem.value = "new"


def set_through_walk(ds: Dataset) -> None:
    def visit(where: Dataset, elem: DataElement) -> None:
        if elem.keyword == "CodeValue" and elem.value == "i0":
            where.CodeValue = "new"

    ds.walk(visit)


def replace_item(ds: Dataset) -> None:
    ds.AnatomicRegionSequence[0].ConceptCodeSequence[0] = code("new")


def replace_sequence(ds: Dataset) -> None:
    ds.AnatomicRegionSequence[0].ConceptCodeSequence = [code("new"), code("i1")]


def edit_in_place_then_in_copy(ds: Dataset) -> None:
    item = copy.deepcopy(inner(ds))
    item.CodeValue = "new"
    ds.AnatomicRegionSequence[0].ConceptCodeSequence[0] = item


def edit_pickled(ds: Dataset) -> None:
    item = pickle.loads(pickle.dumps(ds.AnatomicRegionSequence[0]))
    item.ConceptCodeSequence[0].CodeValue = "new"
    ds.AnatomicRegionSequence[0] = item


@pytest.mark.parametrize("undefined", [False, True], ids=["defined", "undefined"])
@pytest.mark.parametrize(
    "edit",
    [
        set_item, set_by_element, set_by_tag, set_raw, set_private_value, set_by_update, set_through_loop, set_through_walk,
        replace_item, replace_sequence, edit_in_place_then_in_copy, edit_pickled,
    ],
)  # fmt: skip
def test_values_in_items(edit: Callable[[Dataset], None], undefined: bool) -> None:
    ds = pydcm.dcmread(source(undefined))
    edit(ds)
    again = reread(ds)
    assert inner(again).CodeValue == "new"
    assert [item.CodeValue for item in again.AnatomicRegionSequence] == ["o0", "o1", "o2"]
    assert again.AnatomicRegionSequence[0].ConceptCodeSequence[1].CodeMeaning == "meaning of i1"
    assert again.PatientName == "Müller^Jörg"


@pytest.mark.parametrize("undefined", [False, True], ids=["defined", "undefined"])
def test_items_come_and_go(undefined: bool) -> None:
    ds = pydcm.dcmread(source(undefined))
    outer = ds.AnatomicRegionSequence
    del outer[1]
    outer.append(code("added"))
    outer.insert(0, outer[1])
    outer[0].ConceptCodeSequence = Sequence([outer[1].ConceptCodeSequence[1]])
    again = reread(ds).AnatomicRegionSequence
    assert [item.CodeValue for item in again] == ["o2", "o0", "o2", "added"]
    assert again[0].ConceptCodeSequence[0].CodeValue == "i1"
    outer.clear()
    assert len(reread(ds).AnatomicRegionSequence) == 0


def test_deleting() -> None:
    ds = pydcm.dcmread(source())
    del inner(ds).CodeMeaning
    del ds.Rows
    ds.pop("StudyDate")
    ds.remove_private_tags()
    again = reread(ds)
    assert "CodeMeaning" not in inner(again)
    assert not {"Rows", "StudyDate"} & {elem.keyword for elem in again}
    assert 0x00431012 not in again


def test_lists() -> None:
    ds = pydcm.dcmread(source())
    ds.ImageType[1] = "SECONDARY"
    ds.PixelSpacing.append(1)
    ds[0x00431012].value[1] = -5
    again = reread(ds)
    assert again.ImageType == ["ORIGINAL", "SECONDARY"]
    assert again.PixelSpacing == [0.5, 0.25, 1]
    assert again[0x00431012].value == [1, -5, 3]


def test_text_of_a_number() -> None:
    ds = pydcm.dcmread(source())
    ds.PixelSpacing[0].original_string = "5E-1"
    assert b"5E-1\\0.25" in written(ds)


def test_unchanged_numbers_keep_their_text() -> None:
    ds = pydcm.dcmread(source())
    ds.PixelSpacing[1] = 0.75
    assert b"0.50\\0.75" in written(ds)


def test_several_values_of_one_element() -> None:
    ds = pydcm.dcmread(source())
    ds["ImageType"].value += ["X"]
    ds.LossyImageCompressionRatio = MultiValue(DSfloat, [1, 2.5])
    again = reread(ds)
    assert again.ImageType == ["ORIGINAL", "PRIMARY", "X"]
    assert again.LossyImageCompressionRatio == [1, 2.5]


def test_vr_and_kind_of_length() -> None:
    ds = pydcm.dcmread(source())
    ds["PatientComments"].VR = "UT"
    ds["AnatomicRegionSequence"].is_undefined_length = True
    ds.AnatomicRegionSequence[1].is_undefined_length_sequence_item = True
    content = written(ds)
    assert b"\x10\x00\x00\x40UT\0\0" in content
    again = pydcm.dcmread(content)
    assert again["AnatomicRegionSequence"].is_undefined_length
    flags = [item.is_undefined_length_sequence_item for item in again.AnatomicRegionSequence]
    assert flags == [False, True, False]


def test_file_meta_and_preamble() -> None:
    ds = pydcm.dcmread(source())
    ds.file_meta.ImplementationVersionName = "VERSION 1"
    ds.preamble = b"x" * 128
    again = reread(ds)
    assert again.file_meta.ImplementationVersionName == "VERSION 1"
    assert again.preamble == b"x" * 128
    assert "ImplementationVersionName" not in pydcm.dcmread(source()).file_meta


def test_group_length_of_the_file_meta() -> None:
    ds = pydcm.dcmread(written(pydcm.dcmread(source()), enforce_file_format=False))
    ds.SOPClassUID = ds.file_meta.MediaStorageSOPClassUID = "1.2"
    ds.SOPInstanceUID = "1.2.3"
    content = written(ds, enforce_file_format=True)
    ds = pydcm.dcmread(content)
    ds.file_meta.SourceApplicationEntityTitle = "SOMEBODY"
    content = written(ds)
    stated = int.from_bytes(content[140:144], "little")
    assert content[144 + stated :].startswith(b"\x08\x00\x05\x00CS")
    assert ds.file_meta.FileMetaInformationGroupLength != stated


@pytest.mark.parametrize("undefined", [False, True], ids=["defined", "undefined"])
@pytest.mark.parametrize("look_first", [False, True], ids=["untouched", "looked at"])
def test_character_set(look_first: bool, undefined: bool) -> None:
    ds = pydcm.dcmread(source(undefined))
    if look_first:
        for elem in ds.iterall():
            str(elem)
    ds.SpecificCharacterSet = "ISO_IR 192"
    content = written(ds)
    assert "Müller^Jörg".encode() in content
    assert "é".encode() * 5 in content
    assert "LO\x02\0ä".encode() in content
    again = pydcm.dcmread(content)
    assert inner(again).ProtocolName == "ä"
    assert again.PatientName == "Müller^Jörg"


def test_character_set_of_an_item() -> None:
    ds = pydcm.dcmread(source())
    ds.AnatomicRegionSequence[0].SpecificCharacterSet = "ISO_IR 192"
    content = written(ds)
    assert "LO\x02\0ä".encode() in content
    assert "Müller".encode("latin-1") in content
    # What names its own set is not concerned by the set around it
    ds = pydcm.dcmread(content)
    ds.SpecificCharacterSet = "ISO_IR 144"
    ds.PatientName, ds.PatientComments = "Люкceмбypг", "none"
    again = reread(ds)
    assert again.PatientName == "Люкceмбypг"
    assert inner(again).ProtocolName == "ä"


def test_character_set_taken_away() -> None:
    ds = pydcm.dcmread(source(charset="ISO_IR 192"))
    ds.PatientName = "Mueller"
    del ds.SpecificCharacterSet
    content = written(ds)
    assert b"LO\x02\0\xe4 " in content


def test_item_moved_to_another_character_set() -> None:
    item = inner(pydcm.dcmread(source()))
    other = pydcm.dcmread(source(charset="ISO_IR 192"))
    other.AnatomicRegionSequence.append(item)
    again = reread(other)
    assert again.AnatomicRegionSequence[-1].ProtocolName == "ä"


def test_element_moved_to_another_character_set() -> None:
    ds = pydcm.dcmread(source())
    other = pydcm.dcmread(source(charset="ISO_IR 192"))
    other[0x00100010] = ds[0x00100010]
    other[0x00082218] = ds[0x00082218]
    again = reread(other)
    assert again.PatientName == "Müller^Jörg"
    assert inner(again).ProtocolName == "ä"


def test_item_moved_to_another_transfer_syntax() -> None:
    item = pydcm.dcmread(source()).AnatomicRegionSequence[0]
    for syntax in ("1.2.840.10008.1.2", "1.2.840.10008.1.2.2"):
        other = pydcm.dcmread(source(syntax=syntax))
        other.AnatomicRegionSequence.append(item)
        again = reread(other)
        assert again.AnatomicRegionSequence[-1].ConceptCodeSequence[0].ProtocolName == "ä"


def test_array_values() -> None:
    np = pytest.importorskip("numpy")
    config.use_DS_numpy = True
    try:
        ds = pydcm.dcmread(source())
        ds.PixelSpacing[0] = 3.5
        assert reread(ds).PixelSpacing.tolist() == [3.5, 0.25]
    finally:
        config.use_DS_numpy = False
    ds = pydcm.dcmread(source())
    ds[0x00431012]._value = np.array([7, 8], dtype=np.int16)
    assert reread(ds)[0x00431012].value == [7, 8]


def test_writing_twice_gives_the_same() -> None:
    ds = pydcm.dcmread(source())
    set_item(ds)
    assert written(ds) == written(ds)


def test_writing_changes_nothing() -> None:
    ds = pydcm.dcmread(source())
    written(ds, enforce_file_format=False)
    assert ds.get_item(0x00100010).is_raw
    assert ds == pydcm.dcmread(source())


def deep(levels: int) -> Dataset:
    ds = Dataset()
    ds.CodeValue = "bottom"
    for _ in range(levels):
        outer = Dataset()
        outer.ConceptCodeSequence = [ds]
        ds = outer
    return ds


def test_depth_is_bounded() -> None:
    content = written(deep(200), implicit_vr=True)
    ds = pydcm.dcmread(io.BytesIO(content), force=True)
    for _ in range(200):
        ds = ds.ConceptCodeSequence[0]
    assert ds.CodeValue == "bottom"
    with pytest.raises(DicomLimitError, match="nested deeper than 256 levels"):
        written(deep(300), implicit_vr=True)


def test_a_data_set_inside_itself_is_refused() -> None:
    ds = Dataset()
    ds.ConceptCodeSequence = [Dataset()]
    ds.ConceptCodeSequence[0].ConceptCodeSequence = [ds]
    with pytest.raises(DicomLimitError, match="contain themselves"):
        written(ds, implicit_vr=True)


def test_memory_is_linear_in_depth() -> None:
    ds = deep(200)
    bottom = ds
    for _ in range(200):
        bottom = bottom.ConceptCodeSequence[0]
    bottom.PatientComments = "x" * 20_000
    written(ds, implicit_vr=True)
    tracemalloc.start()
    try:
        written(ds, implicit_vr=True)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 1_000_000


def test_errors_name_the_way_to_the_element() -> None:
    ds = pydcm.dcmread(source())
    inner(ds).Rows = 1
    inner(ds)["Rows"]._value = -1
    with pytest.raises(
        OSError,
        match=r"With tag \(0008,2218\)\[0\]\(0008,A168\)|\(0008,2218\)\[0\]\(0040,A168\)\[0\]\(0028,0010\)",
    ):
        written(ds)


def test_group_length_that_is_none() -> None:
    ds = pydcm.dcmread(source())
    ds.file_meta.add_new(0x00020000, "UL", None)
    content = written(ds)
    assert int.from_bytes(content[140:144], "little") == content.index(b"\x08\x00\x05\x00CS") - 144
    assert ds.file_meta[0x00020000].value is None
