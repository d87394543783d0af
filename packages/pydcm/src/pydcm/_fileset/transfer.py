"""Bring files to their places so that a failure half way loses none."""

from __future__ import annotations

import contextlib
import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Self

from pydcm._io._atomic import write_file

if TYPE_CHECKING:
    from types import TracebackType

    from pydcm.dataset import Dataset


class Transfer:
    """Changes to the files below a directory that take effect together.

    Every new file is first written, or linked, under a temporary name next to its target. `finish` renames them, replaces
    the DICOMDIR and only then deletes what is no longer needed. If `finish` is not reached, leaving the ``with`` block
    deletes the temporary files, and nothing has changed.

    Parameters
    ----------
    root : pathlib.Path
        The directory, made if it does not exist. No file outside of it is touched, not even through a symbolic link.
    """

    def __init__(self, root: Path) -> None:
        self._root = root
        self._dicomdir = root / "DICOMDIR"
        self._pending: list[tuple[Path, Path]] = []
        self._obsolete: list[Path] = []
        self._directories: set[Path] = set()
        self._new_directories: list[Path] = []

    def __enter__(self) -> Self:
        self._make_directory(self._root)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        for temporary, _ in self._pending:
            temporary.unlink(missing_ok=True)
        self._remove_empty(self._new_directories)

    def _make_directory(self, directory: Path) -> None:
        if directory in self._directories:
            return
        missing = []
        parent = directory
        while not parent.exists() and parent != parent.parent:
            missing.append(parent)
            parent = parent.parent
        directory.mkdir(parents=True, exist_ok=True)
        self._new_directories += missing
        self._directories.add(directory)
        root = os.path.realpath(self._root)
        if os.path.commonpath([root, os.path.realpath(directory)]) != root:
            raise PermissionError(f"{directory} leads out of the File-set's root directory {self._root}")

    def _temporary_for(self, target: Path) -> Path:
        self._make_directory(target.parent)
        temporary = target.with_name(f".{target.name}.{os.urandom(6).hex()}.tmp")
        self._pending.append((temporary, target))
        return temporary

    def copy(self, source: Dataset | Path, target: Path) -> None:
        """Write a data set, or the bytes of a file, to `target`."""
        temporary = self._temporary_for(target)
        if isinstance(source, Path):
            shutil.copyfile(source, temporary)
        else:
            source.save_as(temporary, enforce_file_format=True)

    def move(self, source: Path, target: Path) -> None:
        """Give the file `source` the name `target`."""
        temporary = self._temporary_for(target)
        try:
            os.link(source, temporary)
        except (OSError, NotImplementedError):
            shutil.copyfile(source, temporary)
        self._obsolete.append(source)

    def remove(self, path: Path) -> None:
        """Delete a file, which may be missing."""
        self._obsolete.append(path)

    def finish(self, dicomdir: bytes) -> Path:
        """Let the changes take effect, with `dicomdir` as the new DICOMDIR, and return its path."""
        for temporary, target in self._pending:
            os.replace(temporary, target)
        write_file(os.fspath(self._dicomdir), [dicomdir])
        used = {target for _, target in self._pending} | {self._dicomdir}
        folded = {_fold(path) for path in used}
        for path in self._obsolete:
            # Where the case of names does not matter, `path` may be another name of a file that is in use
            if path in used or (_fold(path) in folded and path.name not in _names_in(path.parent)):
                continue
            path.unlink(missing_ok=True)
        self._pending = []
        self._new_directories = []
        self._remove_empty([path.parent for path in self._obsolete])
        return self._dicomdir

    def _remove_empty(self, directories: list[Path]) -> None:
        """Remove those of `directories`, and of what is above them up to the root, that are empty."""
        for directory in sorted(set(directories), key=lambda path: len(path.parts), reverse=True):
            while directory != self._root and self._root in directory.parents:
                try:
                    directory.rmdir()
                except OSError:
                    break
                directory = directory.parent
        if self._root in directories:
            with contextlib.suppress(OSError):
                self._root.rmdir()


def _fold(path: Path) -> str:
    return os.path.normpath(path).casefold()


def _names_in(directory: Path) -> list[str]:
    try:
        return os.listdir(directory)
    except OSError:
        return []
