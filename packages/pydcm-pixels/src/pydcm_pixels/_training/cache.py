"""Decoded arrays kept on disk, as ``.npy`` files or Zarr arrays that any program reads."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from typing import TYPE_CHECKING, Any

from pydcm_pixels._training.fingerprint import identity, state

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import numpy as np

__all__ = ["ArrayCache"]

_FORMATS = ("npy", "zarr")


class ArrayCache:
    """A folder with one array for each sample.

    A sample's file is named after its source files and options, and after the sizes and times of change of these files:
    when a source changes, the name is another one and the old file goes. Files appear whole or not at all, so that any
    number of processes may fill one cache.

    Parameters
    ----------
    folder : path
        Made if it is not there.
    kind : {"npy", "zarr"}, optional
        ``"npy"`` (NumPy's format) is read as a memory map; ``"zarr"`` is compressed and needs zarr.

    Raises
    ------
    ValueError
        For another format.
    """

    def __init__(self, folder: str | os.PathLike[str], kind: str = "npy") -> None:
        if kind not in _FORMATS:
            raise ValueError(f"a cache is of format {' or '.join(map(repr, _FORMATS))}, not {kind!r}")
        self.folder = os.path.abspath(os.fspath(folder))
        self.kind = kind

    def get(
        self,
        files: Sequence[str],
        options: Any,
        make: Callable[[], tuple[np.ndarray, dict[str, Any]]],
    ) -> tuple[np.ndarray, dict[str, Any]]:
        """Return a sample's array and its notes, made by `make` if they are not there or older than the files.

        Parameters
        ----------
        files : sequence of str
            The source.
        options : object
            Whatever else decides about the result; its ``repr`` counts.
        make : callable
            Returns the array and a dict of what JSON can hold.

        Returns
        -------
        numpy.ndarray
            Writable; what is written to it does not get into the cache.
        dict
            The notes.
        """
        start = identity(files, options)
        base = os.path.join(self.folder, f"{start}-{state(files)}")
        found = self._load(base)
        if found is None:
            found = make()
            self._store(base, start, *found)
        return found

    def _load(self, base: str) -> tuple[np.ndarray, dict[str, Any]] | None:
        try:
            if self.kind == "zarr":
                return _load_zarr(base)
            import numpy as np

            # "c": a map whose pages are copied when they are written to
            array = np.load(f"{base}.npy", mmap_mode="c", allow_pickle=False)
            with open(f"{base}.json", "rb") as stream:
                notes = json.load(stream)
        except (OSError, ValueError, EOFError):
            return None  # absent or damaged: it is made again
        return array.view(np.ndarray), notes

    def _store(self, base: str, start: str, array: np.ndarray, notes: dict[str, Any]) -> None:
        os.makedirs(self.folder, exist_ok=True)
        self._forget(start, os.path.basename(base))
        if self.kind == "zarr":
            _store_zarr(base, array, notes)
            return
        import numpy as np

        _replace(f"{base}.json", lambda stream: stream.write(json.dumps(notes).encode()))
        _replace(f"{base}.npy", lambda stream: np.save(stream, array, allow_pickle=False))

    def _forget(self, start: str, current: str) -> None:
        """Remove what earlier states of the same sample left."""
        for name in os.listdir(self.folder):
            if name.startswith(start) and not name.startswith(current):
                path = os.path.join(self.folder, name)
                if os.path.isdir(path):
                    shutil.rmtree(path, ignore_errors=True)
                else:
                    os.unlink(path)


def _replace(path: str, write: Callable[[Any], object]) -> None:
    handle, name = tempfile.mkstemp(prefix=".part-", dir=os.path.dirname(path))
    try:
        with os.fdopen(handle, "wb") as stream:
            write(stream)
        os.replace(name, path)
    except BaseException:
        os.unlink(name)
        raise


def _load_zarr(base: str) -> tuple[np.ndarray, dict[str, Any]] | None:
    path = f"{base}.zarr"
    if not os.path.isdir(path):
        return None
    import numpy as np
    import zarr

    found = zarr.open_array(path, mode="r")
    return np.asarray(found[...]), dict(found.attrs)


def _store_zarr(base: str, array: np.ndarray, notes: dict[str, Any]) -> None:
    import zarr

    part = tempfile.mkdtemp(prefix=".part-", dir=os.path.dirname(base))
    try:
        inside = os.path.join(part, "array")
        # one chunk per slice or volume of the first axis: what a reader takes at once
        made = zarr.create_array(
            inside,
            shape=array.shape,
            dtype=array.dtype,
            chunks=(1, *array.shape[1:]) if array.ndim > 2 else array.shape,
        )
        made[...] = array
        made.attrs.update(notes)
        try:
            os.rename(inside, f"{base}.zarr")
        except OSError:
            if not os.path.isdir(f"{base}.zarr"):  # unless another process was first
                raise
    finally:
        shutil.rmtree(part, ignore_errors=True)
