"""A data set behaves as a mapping, whether its elements were read or set."""

from __future__ import annotations

import io
import sys
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import pydcm
from pydcm import config
from pydcm.dataelem import DataElement, RawDataElement
from pydcm.dataset import Dataset, FileMetaDataset
from pydcm.tag import BaseTag, Tag

KEYWORDS = ["Modality", "PatientName", "PatientID", "StudyDescription", "SeriesDescription", "ImageComments"]
TAGS = {keyword: int(Tag(keyword)) for keyword in KEYWORDS}


def read_back(ds: Dataset) -> Dataset:
    """Return `ds` as it is read from its own bytes: a table of rows instead of elements."""
    buffer = io.BytesIO()
    ds.save_as(buffer, implicit_vr=False, little_endian=True)
    return pydcm.dcmread(io.BytesIO(buffer.getvalue()), force=True)


def element(keyword: str, value: str) -> DataElement:
    vr = "PN" if keyword == "PatientName" else "CS" if keyword == "Modality" else "LO"
    return DataElement(TAGS[keyword], vr, value)


STEP = st.tuples(
    st.sampled_from(["set", "attribute", "delete", "delattr", "pop", "look", "setdefault", "raw", "dict"]),
    st.sampled_from(KEYWORDS),
    st.text("ABC", min_size=1, max_size=4),
)


@settings(max_examples=150, deadline=None)
@given(
    st.dictionaries(st.sampled_from(KEYWORDS), st.just("START")), st.booleans(), st.lists(STEP, max_size=20)
)
def test_against_a_dict(start: dict[str, str], was_read: bool, steps: list[tuple[str, str, str]]) -> None:
    ds = Dataset()
    for keyword, value in start.items():
        setattr(ds, keyword, value)
    if was_read:
        ds = read_back(ds)
    model = {TAGS[keyword]: value for keyword, value in start.items()}

    for action, keyword, value in steps:
        tag = TAGS[keyword]
        present = tag in model
        if action == "set":
            ds[tag] = element(keyword, value)
            model[tag] = value
        elif action == "attribute":
            setattr(ds, keyword, value)
            model[tag] = value
        elif action == "raw":
            raw = RawDataElement(
                Tag(tag), element(keyword, value).VR, len(value), value.encode(), 0, False, True
            )
            ds[keyword] = raw
            model[tag] = value
        elif action == "setdefault":
            ds.setdefault(keyword, element(keyword, value))
            model.setdefault(tag, value)
        elif action == "pop":
            assert (ds.pop(keyword, None) is not None) is (model.pop(tag, None) is not None)
        elif action == "look":
            assert ds.get(keyword) == model.get(tag)
        elif action == "dict":
            assert set(ds._dict) == set(model)
        elif present:
            if action == "delete":
                del ds[Tag(tag)]
            else:
                delattr(ds, keyword)
            del model[tag]
        else:
            with pytest.raises(KeyError):
                del ds[tag]
            with pytest.raises(AttributeError):
                delattr(ds, keyword)

        assert len(ds) == len(model)
        assert (keyword in ds) is (tag in model) is (tag in ds) is hasattr(ds, keyword)

    assert [elem.tag for elem in ds] == sorted(model)
    assert set(ds.keys()) == set(model)
    assert {elem.tag: str(elem.value) for elem in ds} == model
    assert {elem.tag: str(elem.value) for elem in read_back(ds)} == model


@pytest.mark.parametrize("was_read", [False, True])
def test_slices(was_read: bool) -> None:
    ds = Dataset()
    for group in range(0x10, 0x20, 2):
        ds.add_new((group, 0x1030), "LO", f"{group:x}")
    if was_read:
        ds = read_back(ds)
    groups = list(range(0x10, 0x20, 2))
    for start in (None, 0x10, 0x14, 0x15, 0x30):
        for stop in (None, 0x10, 0x16, 0x17, 0x30):
            for step in (None, 1, 2, -1):
                if step == -1 and (start, stop) != (None, None):
                    continue
                key = slice(start and (start, 0), stop and (stop, 0), step)
                kept = [g for g in groups if (start is None or g >= start) and (stop is None or g < stop)][
                    ::step
                ]
                assert {elem.tag.group for elem in ds[key]} == set(kept)
    part = ds[(0x14, 0) :]
    del part[:]
    assert len(part) == 0
    assert len(ds) == len(groups)
    assert ds.group_dataset(0x12)[0x12, 0x1030].value == "12"


def test_keys_of_all_kinds() -> None:
    ds = Dataset()
    ds.PatientID = "x"
    for key in (0x00100020, (0x10, 0x20), [0x10, 0x20], "PatientID", "00100020", BaseTag(0x00100020)):
        assert key in ds
        assert ds[key].value == "x"
    with pytest.raises(KeyError, match="NoKeyword"):
        ds["NoKeyword"]
    with pytest.raises(ValueError, match="Unable to convert the key"):
        ds["NoKeyword"] = ds["PatientID"]
    with pytest.raises(ValueError, match="doesn't match"):
        ds["PatientName"] = ds["PatientID"]
    with pytest.raises(TypeError, match="must be 'DataElement' instances"):
        ds["PatientID"] = "x"  # type: ignore[assignment]


@pytest.mark.parametrize(
    ("behavior", "outcome"), [("WARN", UserWarning), ("RAISE", ValueError), ("IGNORE", None)]
)
def test_names_that_are_almost_keywords(behavior: str, outcome: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(config, "INVALID_KEYWORD_BEHAVIOR", behavior)
    ds = Dataset()
    for name in ("PatientsName", "patientID"):
        if behavior == "RAISE":
            with pytest.raises(outcome, match=f"Camel case attribute '{name}'"):
                setattr(ds, name, 1)
            continue
        if behavior == "WARN":
            with pytest.warns(outcome, match=f"Camel case attribute '{name}'"):
                setattr(ds, name, 1)
        else:
            setattr(ds, name, 1)
        assert getattr(ds, name) == 1
        delattr(ds, name)
        assert not hasattr(ds, name)
    for name in ("_Private", "with_Underscore", "abc", "Abc_"):
        setattr(ds, name, 1)
    assert len(ds) == 0
    with pytest.raises(ValueError, match="repeating group"):
        ds.OverlayData = b"\0"


def test_the_error_of_a_property_is_told() -> None:
    class Broken(Dataset):
        @property
        def answer(self) -> int:
            return self.not_there

    with pytest.raises(AttributeError, match="not_there"):
        Broken().answer


def test_file_meta_takes_group_2_only() -> None:
    with pytest.raises(ValueError, match=r"\(0010,0020\)"):
        FileMetaDataset({Tag(0x00100020): DataElement(0x00100020, "LO", "x")})
    with pytest.raises(TypeError, match="dict or Dataset"):
        FileMetaDataset([1])  # type: ignore[arg-type]
    meta = FileMetaDataset()
    with pytest.raises(ValueError, match="group 2"):
        meta.PatientID = "x"
    assert not meta

    ds = Dataset()
    with pytest.raises(TypeError, match="FileMetaDataset"):
        ds.file_meta = []  # type: ignore[assignment]
    plain = Dataset()
    plain.TransferSyntaxUID = "1.2.840.10008.1.2"
    ds.file_meta = plain  # type: ignore[assignment]
    assert type(ds.file_meta) is FileMetaDataset
    assert ds.file_meta._tsyntax_encoding == (True, True)
    del ds.file_meta
    assert not hasattr(ds, "file_meta")


def test_private_blocks() -> None:
    ds = Dataset()
    ds.add_new_private("ACME", 0x11, 0x01, "a", "LO")
    ds.add_new_private("OTHER", 0x11, 0x01, "b", "LO")
    assert ds.private_creators(0x11) == ["ACME", "OTHER"]
    assert ds[0x0011, 0x1101].value == "b"
    assert ds[0x0011, 0x1101].private_creator == "OTHER"
    ds = read_back(ds)
    block = ds.private_block(0x11, "ACME")
    assert 1 in block
    assert block[1].value == "a"
    with pytest.raises(ValueError, match="less than 256"):
        block.get_tag(0x100)
    del ds[0x0011, 0x0010]
    with pytest.raises(KeyError, match="ACME"):
        ds.private_block(0x11, "ACME")
    assert ds.private_block(0x11, "ACME", create=True).block_start == 0x1000
    for number in range(0x12, 0x100):
        ds.private_block(0x11, f"C{number}", create=True)
    with pytest.raises(ValueError, match="no free block"):
        ds.private_block(0x11, "ONE MORE", create=True)
    ds.remove_private_tags()
    assert len(ds) == 0


def test_walks_are_not_limited_by_the_stack() -> None:
    inner = Dataset()
    inner.PatientID = "bottom"
    depth = sys.getrecursionlimit() * 2
    for _ in range(depth):
        outer = Dataset()
        outer.ContentSequence = [inner]
        inner = outer
    assert sum(1 for _ in inner.iterall()) == depth + 1
    while "ContentSequence" in inner:  # taken apart from the top, so that nothing has to recurse
        inner = inner.pop("ContentSequence").value.pop()
