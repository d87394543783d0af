"""Copies of DICOM files under names made of what is in them."""

from __future__ import annotations

import filecmp
import os
from typing import TYPE_CHECKING, Any

from pydcm.errors import InvalidDicomError
from pydcm.filereader import dcmread
from pydcm.fileutil import write_atomically
from pydcm_pixels._bids.naming import Names
from pydcm_pixels._bids.naming import expand as expand_name
from pydcm_pixels._series.scan import UNREADABLE, expand, reporter
from pydcm_pixels._vendors.header import header_of

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["PATTERN", "rename"]

#: A folder for each study, one for each series, the number of the instance: dcm2niix's.
PATTERN = "%t/%s_%p/%4r_%o.dcm"
_STEP = 1 << 20


class _Content:
    """The bytes of a file, read while they are written."""

    def __init__(self, path: str) -> None:
        self._path = path

    def chunks(self) -> Iterator[bytes]:
        """Yield them."""
        with open(self._path, "rb") as file:
            while block := file.read(_STEP):
                yield block


def rename(
    source: Any,
    target: str,
    *,
    pattern: str = PATTERN,
    folder: str = "",
    on_conflict: str = "suffix",
    depth: int | None = None,
    progress: Any = None,
) -> tuple[list[str], list[tuple[str, str]]]:
    """Copy DICOM files, whatever is in them, byte by byte.

    Parameters
    ----------
    source : path or iterable of paths
        Files and folders; they are not changed.
    target : str
        The folder to write to; nothing is written outside of it.
    pattern : str, optional
        Names, as for :func:`pydcm_pixels.volume.convert_series`.
    folder : str, optional
        What ``%f`` stands for.
    on_conflict : {"suffix", "skip", "overwrite"}, optional
        What to do if there is a file of that name already: add a letter, leave it, or replace it. Two files of `source`
        never replace each other, and a file that is there already as it is is not written twice.
    depth : int, optional
        How many levels of folders are searched; by default all.
    progress : bool or callable, optional
        Show a bar; by default if standard error is a terminal.

    Returns
    -------
    made : list of str
        The copies.
    left_out : list of (str, str)
        Files that were not copied, and why.
    """
    files = list(expand(source, depth))
    report = reporter(progress, len(files), "files ")
    made: list[str] = []
    names = Names()
    left_out: list[tuple[str, str]] = []
    os.makedirs(target, exist_ok=True)
    for done, path in enumerate(files):
        report(done)
        try:
            header = header_of(dcmread(path, stop_before_pixels=True), path)
            name = expand_name(pattern, header, folder=folder)
        except InvalidDicomError:
            left_out.append((path, "no DICOM file"))
            continue
        except Exception as exc:  # whatever is wrong with one file, the others are copied
            left_out.append((path, f"{UNREADABLE}{type(exc).__name__}: {' '.join(str(exc).split())[:300]}"))
            continue
        place, reason = _place(path, os.path.join(target, name), on_conflict, names)
        if place is None:
            left_out.append((path, reason))
            continue
        os.makedirs(os.path.dirname(place), exist_ok=True)
        write_atomically(place, [_Content(path)], overwrite=on_conflict == "overwrite")
        made.append(place)
        names.given.add(place)
    report(len(files))
    return made, left_out


def _place(path: str, wanted: str, on_conflict: str, names: Names) -> tuple[str | None, str]:
    """Return where to copy a file to, or why it is not copied."""
    base, ending = os.path.splitext(wanted)
    if not ending[1:].isalpha():  # the digits after the last dot of a UID are no ending
        base, ending = wanted, ""

    def is_same(place: str) -> bool:
        return os.path.isfile(place) and filecmp.cmp(path, place, shallow=False)

    if not os.path.lexists(wanted):
        return wanted, ""
    if not is_same(wanted):
        if wanted not in names.given and on_conflict == "overwrite":
            return wanted, ""
        if wanted not in names.given and on_conflict == "skip":
            return None, "another file of that name is there already"
        place = names.another(base, ending, lambda name: os.path.lexists(name) and not is_same(name))
        if not os.path.lexists(place):
            return place, ""
    return None, "the same file is there already"
