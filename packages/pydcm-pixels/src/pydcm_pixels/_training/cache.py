"""Decoded arrays kept on disk, as ``.npy`` files or Zarr arrays that any program reads."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
import time
import warnings
from contextlib import suppress
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, TypeVar

from pydcm_pixels._training import npy_files, zarr_arrays
from pydcm_pixels._training.fingerprint import identity, state

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import numpy as np

    Entry = tuple[np.ndarray, dict[str, Any]]

__all__ = ["ArrayCache"]

_T = TypeVar("_T")

_FORMATS = {"npy": npy_files, "zarr": zarr_arrays}
_PART = ".part-"
#: Seconds after which what a process was writing counts as given up.
_GIVEN_UP = 86400


class ArrayCache:
    """A folder with one array for each sample.

    A sample's file is named after its source files and options, and after the sizes and times of change of these files:
    when a source changes, the name is another one and the old file goes. Files appear whole or not at all, so that any
    number of processes may fill one cache. What is found damaged is made again; nothing in a cache is ever run or
    unpickled. A cache that cannot be written, on a full disk for example, is a warning.

    Parameters
    ----------
    folder : path
        Made if it is not there. Entries are in folders below it that are named by two digits.
    kind : {"npy", "zarr"}, optional
        ``"npy"`` (NumPy's format; large arrays are mapped, not read) or ``"zarr"``, which is compressed and needs zarr.

    Raises
    ------
    ValueError
        For another format.
    ImportError
        If zarr is needed and not installed.
    NotADirectoryError
        If there is something else than a folder.
    """

    def __init__(self, folder: str | os.PathLike[str], kind: str = "npy") -> None:
        if kind not in _FORMATS:
            raise ValueError(f"a cache is of format {' or '.join(map(repr, _FORMATS))}, not {kind!r}")
        if kind == "zarr" and find_spec("zarr") is None:
            raise ImportError("a cache of Zarr arrays needs zarr:  pip install 'zarr>=3'")
        self.folder = os.path.abspath(os.fspath(folder))
        if os.path.exists(self.folder) and not os.path.isdir(self.folder):
            raise NotADirectoryError(f"a cache is a folder, but {self.folder} is a file")
        self.kind = kind

    def __repr__(self) -> str:
        return f"<ArrayCache of {self.kind} in {self.folder!r}>"

    def get(
        self,
        files: Sequence[str],
        options: Any,
        make: Callable[[], Entry],
        use: Callable[[np.ndarray, dict[str, Any]], _T],
    ) -> _T:
        """Return a sample, made of its array and its notes; `make` gives these if they are not there.

        Parameters
        ----------
        files : sequence of str
            The source.
        options : object
            Whatever else decides about the result; its ``repr`` counts.
        make : callable
            Returns the array and a dict of what JSON can hold. It is called if they are not there, if the files
            changed since, or if they are damaged.
        use : callable
            Gets the array, writable (what is written to it does not get into the cache), and the notes; what it returns
            is returned. If it raises an error over what comes out of the cache, that counts as damaged.
        """
        start = identity(files, options)
        folder = os.path.join(self.folder, start[:2])
        base = os.path.join(folder, f"{start}-{state(files)}")
        found = _FORMATS[self.kind].load(base)
        if found is not None:
            with suppress(KeyError, TypeError, ValueError):
                return use(*found)
        array, notes = make()
        try:
            self._store(base, start, array, notes)
        except OSError as exc:
            warnings.warn(f"the cache in {self.folder} cannot be written: {exc}", UserWarning, stacklevel=4)
        return use(array, notes)

    def _store(self, base: str, start: str, array: np.ndarray, notes: dict[str, Any]) -> None:
        folder, name = os.path.split(base)
        os.makedirs(folder, exist_ok=True)
        _forget(folder, start, name)
        part = tempfile.mkdtemp(prefix=_PART, dir=folder)
        try:
            _FORMATS[self.kind].store(base, part, array, json.dumps(notes).encode())
        finally:
            shutil.rmtree(part, ignore_errors=True)


def _forget(folder: str, start: str, current: str) -> None:
    """Remove what earlier states of a sample left, and what was being written when a process ended."""
    now = time.time()
    with os.scandir(folder) as found:
        for entry in found:
            # other processes may be here too, and some systems keep files that are in use
            with suppress(OSError):
                old = entry.name.startswith(start) and not entry.name.startswith(current)
                if old or (entry.name.startswith(_PART) and now - entry.stat().st_mtime > _GIVEN_UP):
                    _remove(entry)


def _remove(entry: os.DirEntry[str]) -> None:
    if entry.is_dir(follow_symlinks=False):
        shutil.rmtree(entry.path, ignore_errors=True)
    else:
        os.unlink(entry.path)
