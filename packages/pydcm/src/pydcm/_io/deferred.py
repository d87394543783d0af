"""Values that were left in the file when it was read."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pydcm.dataelem import RawDataElement


def data_element_offset_to_value(is_implicit_VR: bool, VR: str | None) -> int:
    """Return the number of header bytes in front of a value: 8, or 12 for a VR with a 32-bit length (PS3.5 §7.1)."""
    from pydcm.valuerep import EXPLICIT_VR_LENGTH_32

    return 12 if not is_implicit_VR and VR in EXPLICIT_VR_LENGTH_32 else 8


def read_deferred_data_element(
    fileobj_type: Any, filename_or_obj: Any, timestamp: float | None, raw_data_elem: RawDataElement
) -> RawDataElement:
    """Return a deferred element with the value that its file has for it now.

    Parameters
    ----------
    fileobj_type : callable
        Opens the file: ``fileobj_type(filename, "rb")``.
    filename_or_obj : str or file-like
        The file it was read from.
    timestamp : float or None
        When the file was last modified at that time (seconds since the epoch).
    raw_data_elem : RawDataElement
        The element without its value.

    Raises
    ------
    OSError
        If the file is not known or gone.
    ValueError
        If another tag or VR is at its place now.
    """
    from pydcm._io.read_elements import data_element_generator
    from pydcm.misc import warn_and_log

    if filename_or_obj is None:
        raise OSError("Deferred read -- original filename not stored. Cannot re-open")
    is_path = isinstance(filename_or_obj, str)
    if is_path and "://" in filename_or_obj:
        from pydcm._io.read_file import open_url

        fp = open_url(filename_or_obj)
    elif is_path:
        if not os.path.exists(filename_or_obj):
            raise OSError(f"Deferred read -- original file {filename_or_obj} is missing")
        if timestamp is not None and os.stat(filename_or_obj).st_mtime != timestamp:
            warn_and_log("Deferred read warning -- file modification time has changed")
        fp = fileobj_type(filename_or_obj, "rb")
    else:
        fp = filename_or_obj
    try:
        implicit = raw_data_elem.is_implicit_VR
        header = data_element_offset_to_value(implicit, raw_data_elem.VR)
        start = raw_data_elem.value_tell - header
        fp.seek(start)
        undefined = raw_data_elem.length == 0xFFFFFFFF
        encoded = fp.read() if undefined else fp.read(header + raw_data_elem.length)
    finally:
        if is_path:
            fp.close()
    from io import BytesIO

    found = next(data_element_generator(BytesIO(encoded), implicit, raw_data_elem.is_little_endian), None)
    if found is None:
        raise ValueError(f"Deferred read -- no element at offset 0x{start:X} of the file any more")
    if found.VR != raw_data_elem.VR:
        raise ValueError(f"Deferred read VR {found.VR} does not match original {raw_data_elem.VR}")
    if found.tag != raw_data_elem.tag:
        raise ValueError(f"Deferred read tag {found.tag!r} does not match original {raw_data_elem.tag!r}")
    return found._replace(value_tell=raw_data_elem.value_tell)  # type: ignore[union-attr]
