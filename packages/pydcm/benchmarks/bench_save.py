"""Saving: an untouched and a lightly edited CT, and big nested data sets edited everywhere; next to pydicom."""

from __future__ import annotations

import io
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import samples

from pydcm_testing import timing
from pydcm_testing.timing import Row, interleaved


def edit_everything(ds: Any) -> None:
    """Give every element a value that has to be encoded anew, the same one."""
    for elem in ds:
        if elem.VR == "SQ":
            for item in elem.value:
                edit_everything(item)
        else:
            value = elem.value
            elem.value = list(value) if elem.VM > 1 else value


def write_same_way(path: Path, content: bytes) -> None:
    """What no writer can do without: a temporary file next to the target, all bytes, the rename."""
    temporary = f"{path}.tmp"
    fd = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666)
    try:
        os.write(fd, content)
    finally:
        os.close(fd)
    os.replace(temporary, path)


def rows() -> Iterator[Row]:
    """Yield the rows of the table."""
    import pydicom

    import pydcm
    from pydcm.filewriter import dcmwrite

    with tempfile.TemporaryDirectory() as folder:
        content = samples.file("ct")
        target, other, third = (Path(folder, name) for name in ("a.dcm", "b.dcm", "c.dcm"))
        ours, theirs = pydcm.dcmread(content), pydicom.dcmread(io.BytesIO(content))
        for what in ("untouched", "one element changed"):
            if "changed" in what:
                for ds in (ours, theirs):
                    ds.PatientName = "Somebody^Else"
            mine, peer, alone = interleaved(
                lambda: dcmwrite(target, ours),
                lambda: theirs.save_as(other),
                lambda: write_same_way(third, content),
                rounds=101,
            )
            peers = {"pydicom": peer, "the same bytes": alone}
            yield Row(f"save a CT, {what}", mine, peers, {"pydicom": 5, "<the same bytes": 1.5})
    for name in ("structure set", "report", "enhanced header"):
        content = samples.file(name)
        ours, theirs = pydcm.dcmread(content), pydicom.dcmread(io.BytesIO(content))
        edit_everything(ours)
        edit_everything(theirs)
        results = [io.BytesIO(), io.BytesIO()]
        dcmwrite(results[0], ours)
        pydicom.dcmwrite(results[1], theirs)
        if results[0].getvalue() != results[1].getvalue():
            raise AssertionError(f"{name}: the files differ")
        mine, peer = interleaved(
            lambda ds=ours: dcmwrite(io.BytesIO(), ds),
            lambda ds=theirs: pydicom.dcmwrite(io.BytesIO(), ds),
            rounds=5,
        )
        yield Row(f"save, {name}, edited everywhere", mine, {"pydicom": peer}, {"pydicom": 10})


if __name__ == "__main__":
    timing.main(rows)
