"""Sample files: the ones pydcm brings along and those of installed sample packages.

Nothing is ever downloaded. A file is looked for, in this order, in an installed pydicom (its files, not its code), in
pydcm itself, in packages that register an entry point in the group ``pydicom.data.external_sources`` (pydicom-data does)
and in pydicom's download cache ``~/.pydicom/data`` when there is one.
"""

from __future__ import annotations

from .data_manager import (
    DATA_ROOT,
    external_data_sources,
    fetch_data_files,
    get_charset_files,
    get_palette_files,
    get_testdata_file,
    get_testdata_files,
)

__all__ = [
    "DATA_ROOT",
    "external_data_sources",
    "fetch_data_files",
    "get_charset_files",
    "get_palette_files",
    "get_testdata_file",
    "get_testdata_files",
]
