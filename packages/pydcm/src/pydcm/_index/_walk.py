"""Find the files to index."""

from __future__ import annotations

import fnmatch
import os
from collections.abc import Iterable, Iterator
from stat import S_ISDIR
from typing import Any

__all__ = ["find_files"]


def find_files(
    paths: str | os.PathLike[str] | Iterable[str | os.PathLike[str]], pattern: str | None
) -> list[str]:
    """Return the files named by `paths` and below the directories and URL prefixes among them, in a stable order.

    Raises
    ------
    FileNotFoundError
        If a path does not exist: a typing mistake should not give an empty table.
    ImportError
        If a URL is given and fsspec is not installed.
    """
    if isinstance(paths, (str, os.PathLike)):
        paths = [paths]
    found: dict[str, None] = {}
    for path in paths:
        name = os.fspath(path)
        for file in _remote(name) if "://" in name else _local(name):
            if pattern is None or fnmatch.fnmatch(file.replace("\\", "/").rpartition("/")[2], pattern):
                found.setdefault(file)
    return list(found)


def _local(name: str) -> Iterator[str]:
    try:
        mode = os.stat(name).st_mode
    except (FileNotFoundError, NotADirectoryError):
        raise FileNotFoundError(f"there is no file or directory {name!r}") from None
    if S_ISDIR(mode):
        for top, folders, files in os.walk(name):
            folders.sort()
            for file in sorted(files):
                yield os.path.join(top, file)
    else:
        yield name


def _remote(url: str) -> Iterator[str]:
    try:
        from fsspec.core import url_to_fs
    except ImportError as exc:
        raise ImportError(f'reading {url!r} needs fsspec:  pip install "pydcm[fsspec]"') from exc
    system: Any
    system, root = url_to_fs(url)
    names = sorted(system.find(root))
    if not names:
        raise FileNotFoundError(f"there is nothing below {url!r}")
    for name in names:
        yield system.unstrip_protocol(name)
