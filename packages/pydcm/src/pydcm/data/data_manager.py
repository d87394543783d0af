"""Find sample files by name or pattern.

A package offers its own samples by registering an entry point in the group ``pydicom.data.external_sources``. Its value
is a class; called without arguments it makes an object with two methods:

``get_path(name, dtype)``
    the absolute path of the first file called `name`; raises ``ValueError`` if there is none;
``get_paths(pattern, dtype)``
    the list of absolute paths of the files that match `pattern`.

`dtype` is one of `DataTypes`.
"""

from __future__ import annotations

import os
from enum import IntEnum
from pathlib import Path
from typing import TYPE_CHECKING, Any

from . import _roots
from .download import (
    NoHashFound,
    calculate_file_hash,
    data_path_with_download,
    get_cached_filehash,
    get_data_dir,
    get_url_map,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pydcm.dataset import FileDataset

#: The main directory of sample files: the one of an installed pydicom, or else pydcm's own.
DATA_ROOT = os.fspath(_roots.data_root())

_FOLDERS = {0: "test_files", 1: "charset_files", 2: "palettes"}
_EXTERNAL_DATA_SOURCES: dict[str, Any] | None = None


class DataTypes(IntEnum):
    """What kind of sample is asked of an external source."""

    DATASET = 0
    CHARSET = 1
    PALETTE = 2
    DICOMDIR = 3
    JPEG = 4


def get_external_sources() -> dict[str, Any]:
    """Return a new ``{name: source}`` of the installed external sources, pydicom-data first.

    A source that cannot be made is left out with a warning; the others go on working.
    """
    from importlib.metadata import entry_points

    from pydcm.misc import warn_and_log

    points = list(entry_points(group="pydicom.data.external_sources"))
    points.sort(key=lambda point: (point.name != "pydicom-data", point.name))
    sources: dict[str, Any] = {}
    for point in points:
        try:
            sources[point.name] = point.load()()
        except Exception as exc:
            warn_and_log(f"The source of sample files {point.name!r} ({point.value}) cannot be used: {exc!r}")
    return sources


def external_data_sources() -> dict[str, Any]:
    """Return the external sources as ``{name: source}``; made on the first call and kept."""
    global _EXTERNAL_DATA_SOURCES
    if _EXTERNAL_DATA_SOURCES is None:
        _EXTERNAL_DATA_SOURCES = get_external_sources()
    return _EXTERNAL_DATA_SOURCES


def online_test_file_dummy_paths() -> dict[str, str]:
    """Return ``{path: name}``: where the files of the public collection would be if they were in `DATA_ROOT`."""
    base = os.path.join(DATA_ROOT, "test_files")
    return {os.path.join(base, name): name for name in get_url_map()}


def fetch_data_files() -> None:
    """Check that every file of the public collection is in the cache.

    Raises
    ------
    RuntimeError
        With the names of those that are not; nothing is downloaded.
    """
    missing = []
    for name in get_url_map():
        try:
            data_path_with_download(name)
        except (RuntimeError, ValueError):
            missing.append(name)
    if missing:
        raise RuntimeError(
            f"An error occurred downloading the following files: {', '.join(missing)}. pydcm never downloads files: "
            f"install the package 'pydicom-data' or copy them to {get_data_dir()}"
        )


def get_files(
    base: str | os.PathLike[str], pattern: str = "**/*", dtype: int = DataTypes.DATASET
) -> list[str]:
    """Return the absolute paths of all files that match.

    Parameters
    ----------
    base : str or path-like
        The directory to search first.
    pattern : str, optional
        As for `pathlib.Path.glob`.
    dtype : int, optional
        What to ask external sources for, see `DataTypes`.

    Returns
    -------
    list of str
        From `base`, from pydcm's own samples, from external sources and from the cache, in this order. Of files with
        the same relative name in the first two, only the first is listed.
    """
    found: dict[str, str] = {}
    bases = [Path(base)]
    if dtype in _FOLDERS:
        bases += [root / _FOLDERS[dtype] for root in _roots.local_roots()]
    for folder in bases:
        for path in folder.glob(pattern):
            if path.is_file() and path.suffix != ".py":
                found.setdefault(path.relative_to(folder).as_posix(), os.fspath(path))
    paths = list(found.values())

    for name, source in external_data_sources().items():
        offered: Iterable[str] = source.get_paths(pattern, dtype)
        paths += [p for p in offered if name != "pydicom-data" or _check_data_hash(p)]
    return paths + _cached_files(os.fspath(base), pattern)


def _cached_files(base: str, pattern: str) -> list[str]:
    """Return cached files of the collection whose would-be path in the samples' directory matches."""
    import fnmatch

    wanted = fnmatch.filter(online_test_file_dummy_paths(), os.path.join(base, pattern))
    paths = []
    for name in map(os.path.basename, wanted):
        try:
            paths.append(os.fspath(data_path_with_download(name)))
        except (RuntimeError, ValueError):
            continue
    if len(paths) < len(wanted):
        from pydcm.misc import warn_and_log

        warn_and_log(
            "One or more download failures occurred, the list of matching file paths may be incomplete "
            f"({len(wanted) - len(paths)} files of the package 'pydicom-data' are not installed)"
        )
    return paths


def _check_data_hash(fpath: str) -> bool:
    """Return whether a file of pydicom-data has its recorded checksum (true where none is recorded)."""
    try:
        expected = get_cached_filehash(os.path.basename(fpath))
    except NoHashFound:
        return True
    return calculate_file_hash(fpath) == expected


def _refuse_absolute(pattern: str, message: str) -> None:
    if os.path.isabs(pattern):
        raise ValueError(message)


def get_testdata_file(name: str, read: bool = False, download: bool = True) -> str | FileDataset | None:
    """Return the path, or the content, of the first sample file called `name`.

    Parameters
    ----------
    name : str
        The file's name without directories.
    read : bool, optional
        Return the data set instead of the path.
    download : bool, optional
        Accept files in pydicom's download cache, and warn when one that pydicom would have downloaded is absent.
        Nothing is ever downloaded.

    Returns
    -------
    str, pydcm.dataset.FileDataset or None
        ``None`` if there is no such file.

    Raises
    ------
    ValueError
        If `name` is an absolute path.
    """
    _refuse_absolute(
        name,
        "'get_testdata_file' does not support absolute paths, as it only works with internal pydicom test data - "
        f"did you mean 'dcmread(\"{name}\")'?",
    )
    path = _find(name, download)
    if not read or path is None:
        return path
    from pydcm.filereader import dcmread

    return dcmread(path, force=True)


def _find(name: str, download: bool) -> str | None:
    for root in _roots.local_roots():
        for hit in (root / "test_files").rglob(name):
            if hit.is_file():
                return os.fspath(hit)

    for source_name, source in external_data_sources().items():
        try:
            path = source.get_path(name, dtype=DataTypes.DATASET)
        except ValueError:
            continue
        if path and (source_name != "pydicom-data" or _check_data_hash(path)):
            return os.fspath(path)

    if download and name in get_url_map():
        try:
            return os.fspath(data_path_with_download(name))
        except (RuntimeError, ValueError) as exc:
            from pydcm.misc import warn_and_log

            warn_and_log(f"A download failure occurred while attempting to retrieve {name}: {exc}")
    return None


def get_testdata_files(pattern: str = "**/*") -> list[str]:
    """Return the absolute paths of the sample data sets that match `pattern`.

    Parameters
    ----------
    pattern : str, optional
        As for `pathlib.Path.glob`; by default everything.

    Raises
    ------
    ValueError
        If `pattern` is an absolute path.
    """
    _refuse_absolute(
        pattern,
        "'get_testdata_files' does not support absolute paths, as it only works with internal pydicom test data.",
    )
    return get_files(Path(DATA_ROOT) / "test_files", pattern, DataTypes.DATASET)


def get_charset_files(pattern: str = "**/*") -> list[str]:
    """Return the absolute paths of the character set samples that match `pattern`."""
    return get_files(Path(DATA_ROOT) / "charset_files", pattern, DataTypes.CHARSET)


def get_palette_files(pattern: str = "**/*") -> list[str]:
    """Return the absolute paths of the colour palettes that match `pattern` (PS3.6 Annex B)."""
    return get_files(Path(DATA_ROOT) / "palettes", pattern, DataTypes.PALETTE)
