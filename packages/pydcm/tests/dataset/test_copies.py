"""Copies and pickles are equal to the original, and edits of the one do not show in the other."""

from __future__ import annotations

import copy
import io
import pickle
import weakref
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

import pydcm
from pydcm.dataset import Dataset, FileDataset
from pydcm.sequence import Sequence
from pydcm_testing.builders import as_bytes, ct_image, nested
from pydcm_testing.strategies import datasets

COPIES = {
    "copy": lambda ds: ds.copy(),
    "copy.copy": copy.copy,
    "deepcopy": copy.deepcopy,
    "pickle": lambda ds: pickle.loads(pickle.dumps(ds)),
}


def file_of(ds: Dataset, implicit: bool = False) -> bytes:
    buffer = io.BytesIO()
    ds.save_as(buffer, implicit_vr=implicit, little_endian=True)
    return buffer.getvalue()


def reread(ds: Dataset) -> FileDataset:
    buffer = io.BytesIO(file_of(ds))
    return pydcm.dcmread(buffer, force=True)


@pytest.mark.parametrize("how", COPIES)
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(ds=datasets())
def test_equal_and_written_alike(how: str, ds: Dataset) -> None:
    for original in (ds, reread(ds)):
        twin = COPIES[how](original)
        assert type(twin) is type(original)
        assert twin == original
        assert file_of(twin) == file_of(original)
        assert twin.original_encoding == original.original_encoding
        assert twin.original_character_set == original.original_character_set


@pytest.mark.parametrize("how", COPIES)
@pytest.mark.parametrize("was_read", [False, True])
def test_independent(how: str, was_read: bool) -> None:
    ds = ct_image(ReferencedSeriesSequence=[Dataset()])
    ds.ReferencedSeriesSequence[0].SeriesInstanceUID = "1.2"
    if was_read:
        ds = pydcm.dcmread(io.BytesIO(as_bytes(ds)))
    before = file_of(ds)
    twin = COPIES[how](ds)
    del twin.PatientID
    twin.StudyDescription = "new"
    assert file_of(ds) == before
    if how in ("deepcopy", "pickle"):
        twin.PatientName = "Other"
        twin.ReferencedSeriesSequence[0].SeriesInstanceUID = "1.3"
        twin.ReferencedSeriesSequence.append(Dataset())
        twin.PixelSpacing[0] = 3
        assert file_of(ds) == before
        assert twin.ReferencedSeriesSequence.parent_dataset is twin


@pytest.mark.parametrize("implicit", [False, True])
def test_a_shallow_copy_shares_items(implicit: bool) -> None:
    ds = Dataset()
    ds.ReferencedSeriesSequence = [Dataset()]
    ds.ReferencedSeriesSequence[0].SeriesInstanceUID = "1.2"
    ds = pydcm.dcmread(io.BytesIO(file_of(ds, implicit)), force=True)
    twin = copy.copy(ds)
    assert twin.ReferencedSeriesSequence[0] is ds.ReferencedSeriesSequence[0]


def test_attributes_and_subclasses() -> None:
    class Special(Dataset):
        pass

    ds = Special()
    ds.note = ["kept"]
    twin = copy.deepcopy(ds)
    assert type(twin) is Special
    assert twin.note == ["kept"]
    assert twin.note is not ds.note


def test_a_closed_buffer_is_left_behind() -> None:
    buffer = io.BytesIO(as_bytes(ct_image()))
    ds = pydcm.dcmread(buffer)
    buffer.close()
    with pytest.warns(UserWarning, match="'buffer' attribute will be set to 'None'"):
        twin = copy.deepcopy(ds)
    assert twin.buffer is None
    assert twin == ds


def test_caches_are_not_copied() -> None:
    ds = ct_image()
    ds._pixel_array = "decoded"
    block = ds.private_block(0x11, "ACME", create=True)
    for twin in (copy.copy(ds), copy.deepcopy(ds)):
        assert twin._pixel_array is None
        assert twin.private_block(0x11, "ACME").dataset is twin
        assert twin.private_block(0x11, "ACME") is not block
    for edit in ("PixelData", 0x7FE00010):
        ds._pixel_array = "decoded"
        ds[edit] = pydcm.DataElement(0x7FE00010, "OW", b"\0\0")
        assert ds._pixel_array is None


def test_hash_and_comparison() -> None:
    with pytest.raises(TypeError, match="unhashable"):
        hash(Dataset())
    assert Dataset() == Dataset()
    assert Dataset() != {}
    one, other = Dataset(), Dataset()
    one.PatientID, other.PatientName = "x", "x"
    assert one != other


class TestSequence:
    def test_only_data_sets(self) -> None:
        items: Any
        for items in (Dataset(), [1], 1):
            with pytest.raises(TypeError):
                Sequence(items)
        sequence = Sequence([Dataset()])
        with pytest.raises(TypeError, match="must be 'Dataset' instances"):
            sequence.append(1)  # type: ignore[arg-type]
        for change in (sequence.extend, sequence.__iadd__):
            with pytest.raises(TypeError, match="An iterable of 'Dataset'"):
                change(Dataset())
        with pytest.raises(TypeError, match="Can only assign"):
            sequence[:] = Dataset()
        assert len(sequence) == 1

    def test_changes_are_noticed(self) -> None:
        def changed(edit: Any) -> bool:
            sequence = Sequence([Dataset(), Dataset()])
            sequence.touched = False
            edit(sequence)
            return sequence.touched

        for edit in (
            lambda s: s.append(Dataset()),
            lambda s: s.insert(0, Dataset()),
            lambda s: s.extend([Dataset()]),
            lambda s: s.__iadd__([Dataset()]),
            lambda s: s.__setitem__(0, Dataset()),
            lambda s: s.__delitem__(0),
            lambda s: s.pop(),
            lambda s: s.reverse(),
            lambda s: s.clear(),
        ):
            assert changed(edit)
        assert not changed(lambda s: (s[0], len(s), list(s)))

    def test_the_parent_is_known_and_not_held(self) -> None:
        ds = Dataset()
        ds.ContentSequence = [Dataset()]
        sequence = ds.ContentSequence
        assert sequence.parent_dataset is ds
        gone = weakref.ref(ds)
        del ds
        assert gone() is None
        assert sequence.parent_dataset is None


@pytest.mark.parametrize("how", ["deepcopy", "pickle"])
def test_copies_of_deep_data_sets(how: str) -> None:
    twin_of = COPIES[how]
    ds = nested(240)
    for original in (ds, pydcm.dcmread(io.BytesIO(as_bytes(ds)))):
        assert sum(1 for _ in original.iterall()) > 240  # so that every element exists
        assert file_of(twin_of(original)) == file_of(original)
    ds.ContentSequence.append(ds.ContentSequence[0])
    twin = twin_of(ds)
    assert twin.ContentSequence[0] is twin.ContentSequence[1]
    assert twin.ContentSequence[0] is not ds.ContentSequence[0]
    ds.ContentSequence[0].ContentSequence[0].outermost = ds
    twin = twin_of(ds)
    assert twin.ContentSequence[0].ContentSequence[0].outermost is twin


def test_deep_nesting_is_compared() -> None:
    def nested(depth: int, name: str) -> Dataset:
        ds = Dataset()
        ds.PatientName = name
        for _ in range(depth):
            outer = Dataset()
            outer.ContentSequence = [ds]
            ds = outer
        return ds

    assert nested(250, "A") == nested(250, "A")
    assert nested(250, "A") != nested(250, "B")
    assert nested(250, "A") != nested(249, "A")


@pytest.mark.parametrize("how", COPIES)
@pytest.mark.parametrize("looked_at", [False, True])
def test_text_of_a_copy_in_another_character_set(how: str, looked_at: bool) -> None:
    ds = Dataset()
    ds.SpecificCharacterSet = "ISO_IR 100"
    ds.PatientName = "Müller^Jörg"
    ds.OtherPatientNames = ["Müller^Jörg", "Ödön"]
    ds.StudyDescription = "Schädel"
    ds.RequestAttributesSequence = [Dataset()]
    ds.RequestAttributesSequence[0].RequestedProcedureDescription = "Größe"
    ds = reread(ds)
    if looked_at:
        list(ds.iterall())
    twin = COPIES[how](ds)
    twin.SpecificCharacterSet = "ISO_IR 192"
    twin = reread(twin)
    assert twin.PatientName == "Müller^Jörg"
    assert twin.OtherPatientNames == ["Müller^Jörg", "Ödön"]
    assert twin.StudyDescription == "Schädel"
    assert twin.RequestAttributesSequence[0].RequestedProcedureDescription == "Größe"
