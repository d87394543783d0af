"""Fuzz target: a DICOMDIR, whatever its records say, is read without leaving its folder."""

from __future__ import annotations

import io
import tempfile
from pathlib import Path

import pydcm
from pydcm.fileset import FileSet
from pydcm_testing.fuzzing import REFUSALS
from pydcm_testing.fuzzing.elements import mutate

__all__ = ["check", "mutate"]

FOLDER = tempfile.TemporaryDirectory(prefix="pydcm-fuzz-")
Path(FOLDER.name, "DICOMDIR").touch()


def check(data: bytes) -> bool:
    """Take `data` for a DICOMDIR."""
    try:
        ds = pydcm.dcmread(io.BytesIO(data))
        ds.filename = str(Path(FOLDER.name, "DICOMDIR"))
        files = FileSet(ds)
    except REFUSALS:
        return False
    root = Path(FOLDER.name).resolve()
    try:
        str(files), list(files), files.find(PatientID="1"), files.find_values("StudyInstanceUID")
        for instance in files:
            assert root in Path(instance.path).resolve().parents, f"out of the folder: {instance.path}"
    except REFUSALS:
        pass
    return True
