"""Where sample files come from: pydcm's own examples, and those of an installed pydicom."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest

__all__ = ["all_samples", "sample"]


def sample(name: str) -> Path:
    """Return the path of a sample file; a test that asks for one that is not installed is skipped."""
    from pydcm.data import get_testdata_file

    found = get_testdata_file(name, download=False)
    if found is None:
        pytest.skip(f"the sample file {name} is not installed")
    return Path(found)


@cache
def all_samples() -> tuple[Path, ...]:
    """Return every installed sample file that is DICOM with its prefix."""
    from pydcm.data import get_testdata_files

    found = []
    for path in map(Path, get_testdata_files("*")):
        if path.is_file():
            with path.open("rb") as file:
                if file.read(132)[128:] == b"DICM":
                    found.append(path)
    return tuple(sorted(found))
