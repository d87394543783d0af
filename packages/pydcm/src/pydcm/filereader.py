"""Reading DICOM files and streams."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pydcm import config
from pydcm._io import read_file
from pydcm._io.deferred import data_element_offset_to_value, read_deferred_data_element
from pydcm._io.read_elements import (
    data_element_generator,
    read_dataset,
    read_sequence,
    read_sequence_item,
    wanted_tags,
)
from pydcm.errors import DicomError

if TYPE_CHECKING:
    import os
    from collections.abc import Callable
    from typing import BinaryIO

    from pydcm.dataset import Dataset, FileDataset, FileMetaDataset
    from pydcm.fileutil import PathType
    from pydcm.tag import BaseTag

__all__ = [
    "data_element_generator",
    "data_element_offset_to_value",
    "dcmread",
    "read_dataset",
    "read_deferred_data_element",
    "read_file_meta_info",
    "read_partial",
    "read_preamble",
    "read_sequence",
    "read_sequence_item",
]


def dcmread(
    fp: str | os.PathLike[str] | bytes | bytearray | memoryview | BinaryIO | Any,
    defer_size: str | int | float | None = None,
    stop_before_pixels: bool = False,
    force: bool = False,
    specific_tags: list[Any] | None = None,
    *,
    charset_override: str = "",
) -> FileDataset:
    """Read a DICOM file (PS3.10 §7).

    Nothing is decoded yet: values are converted when they are first used.

    Parameters
    ----------
    fp : str, PathLike, bytes-like or binary file-like
        A path, a URL that fsspec can open, the content of a file, or an object with ``read``, ``seek`` and ``tell``, which
        is read from its current position and not closed.
    defer_size : int or str, optional
        Leave values longer than this (bytes, or a text such as ``"2 MB"``) in the file until they are used.
    stop_before_pixels : bool, optional
        Stop in front of the pixel data; what follows is not read from the disk.
    force : bool, optional
        Read even if there is no ``DICM`` prefix.
    specific_tags : list of int, str or tuple, optional
        Read nothing but these elements and (0008,0005).
    charset_override : str, optional
        Specific Character Set (such as ``"ISO_IR 100"``) to use in place of what the file says, or fails to say.

    Returns
    -------
    FileDataset
        The data set with its File Meta Information.

    Raises
    ------
    InvalidDicomError
        If it is not a DICOM file and `force` is not set, or cut off in the middle of a structure.
    DicomLimitError
        If it exceeds one of ``pydcm.limits``.
    TypeError
        If `fp` is none of the above.

    Examples
    --------
    >>> from pydcm import dcmread, examples
    >>> ds = dcmread(examples.get_path("ct"))
    >>> ds.Modality, ds.Rows
    ('CT', 128)
    """
    limit = None
    if defer_size is not None:
        from pydcm.misc import size_in_bytes

        size = size_in_bytes(defer_size)
        limit = None if size is None else int(size)
    wanted = wanted_tags(specific_tags) if specific_tags else None
    if config.debugging:
        _log_call(fp, defer_size, stop_before_pixels, force, specific_tags)
    if type(fp) is not str:
        fp = read_file.path_of(fp)
    try:
        if isinstance(fp, str):
            if "://" in fp:
                with read_file.open_url(fp) as stream:
                    dataset = read_file.read_stream(stream, limit, stop_before_pixels, force, wanted)
                dataset.filename, dataset.buffer = fp, None
            else:
                dataset = read_file.read_path(fp, limit, stop_before_pixels, force, wanted)
        elif isinstance(fp, (bytes, bytearray, memoryview)):
            dataset = read_file.read_bytes(fp, stop_before_pixels, force, wanted)
        elif fp is not None and hasattr(fp, "read") and hasattr(fp, "seek") and hasattr(fp, "tell"):
            dataset = read_file.read_stream(fp, limit, stop_before_pixels, force, wanted)
        else:
            raise TypeError(
                f"dcmread: Expected a file path, file-like or readable buffer, but got {type(fp).__name__}"
            )
    except DicomError as exc:
        name = fp if isinstance(fp, str) else getattr(fp, "name", None)
        if exc.file is None and isinstance(name, str):
            exc.file = name
        raise
    if charset_override:
        from pydcm.charset import convert_encodings

        encodings = convert_encodings(charset_override)
        dataset.SpecificCharacterSet = charset_override
        dataset._read_charset = encodings
    return dataset


def _log_call(fp: Any, defer_size: Any, stop_before_pixels: bool, force: bool, specific_tags: Any) -> None:
    is_name = isinstance(fp, str)
    config.logger.debug("\n" + "-" * 80)
    config.logger.debug("Call to dcmread()")
    config.logger.debug(
        f"filename: {fp if is_name else getattr(fp, 'name', '<none>')}, defer_size={defer_size}, "
        f"stop_before_pixels={stop_before_pixels}, force={force}, specific_tags={specific_tags}"
    )
    config.logger.debug(f"Caller passed file {'name' if is_name else 'object'}")
    config.logger.debug("-" * 80)


def read_partial(
    fileobj: BinaryIO,
    stop_when: Callable[[BaseTag, str | None, int], bool] | None = None,
    defer_size: int | str | float | None = None,
    force: bool = False,
    specific_tags: list[Any] | None = None,
) -> FileDataset:
    """Read a DICOM file up to an element that a function chooses.

    Parameters
    ----------
    fileobj : binary file-like
        Read from its current position; left in front of the element where reading stopped.
    stop_when : callable, optional
        Called with tag, VR (``None`` if implicit) and length; reading stops when it returns ``True``.
    defer_size, force, specific_tags
        As for :func:`dcmread`.

    Returns
    -------
    FileDataset
        What was read.
    """
    from pydcm.misc import size_in_bytes

    limit = size_in_bytes(defer_size)
    return read_file.read_stream(
        fileobj, None if limit is None else int(limit), False, force, wanted_tags(specific_tags), stop_when
    )


def read_preamble(fp: BinaryIO, force: bool) -> bytes | None:
    """Return the preamble at the current position of `fp` and move behind ``DICM``.

    Parameters
    ----------
    fp : binary file-like
        Moved to its beginning if there is no prefix and `force` is set.
    force : bool
        Whether a missing prefix is let pass; ``None`` is returned then.

    Raises
    ------
    InvalidDicomError
        If the prefix is missing and `force` is not set.
    """
    preamble = read_file.find_preamble(fp.read(132), force)
    if preamble is None:
        fp.seek(0)
    return preamble


def read_file_meta_info(filename: PathType) -> FileMetaDataset:
    """Return nothing but the File Meta Information (PS3.10 §7.1) of a file.

    Parameters
    ----------
    filename : str or PathLike
        The file.

    Raises
    ------
    InvalidDicomError
        If the ``DICM`` prefix is missing.
    """
    with open(filename, "rb") as fp:
        read_preamble(fp, False)
        return _read_file_meta_info(fp)


def _read_file_meta_info(fp: BinaryIO) -> FileMetaDataset:
    """Return the File Meta Information at the current position of `fp` and move behind it."""
    start = fp.tell()
    meta, used = read_file.scan_file_meta(
        read_file._Source(fp.read(), True, None, getattr(fp, "name", "")), 0, start
    )
    fp.seek(start + used)
    return meta


def _read_command_set_elements(fp: BinaryIO) -> Dataset:
    """Return the Command Set elements (group 0) at the current position of `fp` and move behind them."""
    return read_dataset(fp, True, True, stop_when=lambda tag, vr, length: tag >> 16 != 0)
