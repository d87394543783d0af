"""Fuzz target: whatever can be read is written back as it was, and an edit survives being written and read."""

from __future__ import annotations

import io

import pydcm
from pydcm.dataset import FileDataset
from pydcm_testing.fuzzing import REFUSALS
from pydcm_testing.fuzzing.elements import mutate

__all__ = ["check", "mutate"]

#: What a data set that makes no sense may be refused with when it is edited or written, besides.
UNWRITABLE = (*REFUSALS, AttributeError, KeyError, TypeError)

SYNTAXES = ("1.2.840.10008.1.2", "1.2.840.10008.1.2.1", "1.2.840.10008.1.2.2", "1.2.840.10008.1.2.1.99")


def written(ds: FileDataset) -> bytes | None:
    """Return the file of `ds`, ``None`` if it is refused."""
    out = io.BytesIO()
    try:
        pydcm.dcmwrite(out, ds)
    except UNWRITABLE:
        return None
    return out.getvalue()


def read(data: bytes) -> FileDataset | None:
    """Return what is in `data`, ``None`` if it is refused."""
    try:
        return pydcm.dcmread(io.BytesIO(data), force=True)
    except REFUSALS:
        return None


def check(data: bytes) -> bool:
    """Put `data` through reading, editing, converting and writing; tell whether anything could be read.

    Raises
    ------
    AssertionError
        If what was not edited has changed.
    """
    ds = read(data)
    if ds is None or not ds:
        return False

    untouched = written(ds)
    if untouched is not None and ds.preamble is not None:
        assert untouched == data, "untouched, and yet another file"
    try:
        for elem in ds.iterall():
            str(elem)
    except REFUSALS:
        pass
    assert written(ds) == untouched, "looking at it has changed it"

    try:
        ds.PatientComments = "a comment"
        ds.SpecificCharacterSet = "ISO_IR 192"
        ds.file_meta.TransferSyntaxUID = SYNTAXES[len(data) % len(SYNTAXES)]
    except UNWRITABLE:
        return True
    edited = written(ds)
    if edited is not None:
        assert written(ds) == edited, "written twice, two different files"
        read(edited)
    return True
