"""Counterparts of pydicom's download helpers that never open a connection.

They read what is already on the disk: the lists of names, URLs and checksums of an installed pydicom and its cache
``~/.pydicom/data``. Where pydicom would fetch a file, they raise an error that names the remedy.
"""

from __future__ import annotations

import functools
import os
from pathlib import Path
from typing import NoReturn

from . import _roots

#: Where people find the files that pydicom downloads.
SAMPLES_PAGE = "https://github.com/pydicom/pydicom-data"
_REMEDY = "pydcm never downloads files: install the package 'pydicom-data' or copy the file to {cache}"

# Tests set this to see what happens to somebody who has no cached files.
_SIMULATE_NETWORK_OUTAGE = False


class NoHashFound(KeyError):
    """No checksum is recorded for a file."""


def calculate_file_hash(fpath: str | os.PathLike[str]) -> str:
    """Return the SHA-256 checksum of a file as lower-case hexadecimal text."""
    import hashlib

    with open(fpath, "rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def get_config_dir() -> Path:
    """Return pydicom's configuration directory ``~/.pydicom``; it is not created."""
    return _roots.cache_dir().parent


def get_data_dir() -> Path:
    """Return the directory of pydicom's cached sample files; it is not created."""
    return _roots.cache_dir()


def _load_table(filename: str) -> dict[str, str]:
    import json

    try:
        text = (_roots.data_root() / filename).read_text(encoding="utf-8")
    except OSError:
        return {}
    table = json.loads(text)
    return table if isinstance(table, dict) else {}


@functools.lru_cache
def get_url_map() -> dict[str, str]:
    """Return ``{file name: URL}`` of the sample files that live outside the packages.

    The URLs are those of an installed pydicom; without one, every name maps to the page of the collection.
    """
    return _load_table("urls.json") or dict.fromkeys(_collection_names(), SAMPLES_PAGE)


def _collection_names() -> list[str]:
    from ._names import COLLECTION

    return list(COLLECTION)


def get_url(filename: str) -> str:
    """Return the URL of a sample file; the case of the name does not matter.

    Raises
    ------
    ValueError
        If the collection has no such file.
    """
    wanted = filename.lower()
    for name, url in get_url_map().items():
        if name.lower() == wanted:
            return url
    raise ValueError(f"The file provided isn't within pydicom's urls.json record: {filename}")


def get_cached_filehash(filename: str) -> str:
    """Return the checksum recorded for a sample file.

    Raises
    ------
    NoHashFound
        If none is recorded, which is always so without an installed pydicom.
    """
    recorded = {name.lower(): value for name, value in _load_table("hashes.json").items()}
    try:
        return recorded[filename.lower()]
    except KeyError:
        raise NoHashFound(filename) from None


def data_file_hash_check(filename: str) -> bool:
    """Return whether the cached file `filename` has its recorded checksum.

    Raises
    ------
    NoHashFound
        If no checksum is recorded for it.
    """
    return get_cached_filehash(filename) == calculate_file_hash(get_data_dir() / filename)


def download_with_progress(url: str, fpath: str | os.PathLike[str]) -> NoReturn:
    """Refuse to download `url`.

    Raises
    ------
    RuntimeError
        Always.
    """
    raise RuntimeError(f"{url} was not downloaded to {os.fspath(fpath)}: {_remedy()}")


def data_path_with_download(
    filename: str,
    check_hash: bool = True,
    redownload_on_hash_mismatch: bool = True,
    url: str | None = None,
    quiet: bool = True,
) -> Path:
    """Return the path of a cached sample file.

    Parameters
    ----------
    filename : str
        A name from `get_url_map`.
    check_hash : bool, optional
        Compare the file with its recorded checksum, where there is one.
    redownload_on_hash_mismatch, url, quiet
        Accepted for compatibility; nothing is downloaded.

    Raises
    ------
    RuntimeError
        If the file is not in the cache.
    ValueError
        If its checksum is wrong, or the collection has no such file.
    """
    path = get_data_dir() / filename
    if _SIMULATE_NETWORK_OUTAGE or not path.is_file():
        raise RuntimeError(
            f"The sample file {filename} ({url or get_url(filename)}) is not here: {_remedy()}"
        )
    if check_hash:
        try:
            intact = data_file_hash_check(filename)
        except NoHashFound:
            intact = True
        if not intact:
            raise ValueError(f"The file on disk does not match the recorded hash: {path}")
    return path.resolve()


def _remedy() -> str:
    return _REMEDY.format(cache=get_data_dir())
