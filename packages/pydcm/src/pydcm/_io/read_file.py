"""Reading DICOM files: preamble, File Meta Information, command set, data set (PS3.10 §7)."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from pydcm import config
from pydcm._core._read import (
    Scanned,
    likely_header,
    read_file,
    read_plain,
    scan_buffer,
    scan_windows,
)
from pydcm._io import log_reading
from pydcm._io.read_elements import detect_implicit_vr, report_cut_off, stop_at
from pydcm.errors import InvalidDicomError

if TYPE_CHECKING:
    from collections.abc import Callable

    from pydcm._io.read_elements import StopWhen
    from pydcm.dataset import FileDataset, FileMetaDataset
    from pydcm.tag import BaseTag

_PIXEL_TAGS = (0x7FE00008, 0x7FE00009, 0x7FE00010)
_EVERYTHING = 1 << 62
_HEADER = 16384  # bytes that hold all of most files but the pixel data
_LONG_HEADER = 1 << 18  # and of those with large private elements


class _Source:
    """The bytes of a file, fetched as they are needed.

    `content` is a prefix of the file (all of it when `complete`), `read_at` gets any other part.
    """

    def __init__(
        self, content: bytes, complete: bool, read_at: Callable[[int, int], bytes] | None, name: str
    ) -> None:
        self.content = content
        self.complete = complete
        self.read_at = read_at
        self.name = name

    def need(self, nbytes: int) -> bytes:
        """Return the content after making sure that it has at least `nbytes`, if the file is that long."""
        while len(self.content) < nbytes and not self.complete:
            ask = max(nbytes - len(self.content), len(self.content))
            more = self.read_at(len(self.content), ask)  # type: ignore[misc]
            self.complete = len(more) < ask
            self.content += more
        return self.content


def _not_group_2(tag: BaseTag, vr: str | None, length: int) -> bool:
    return tag >> 16 != 2


def _not_group_0(tag: BaseTag, vr: str | None, length: int) -> bool:
    return tag >> 16 != 0


def find_preamble(content: bytes, force: bool) -> bytes | None:
    """Return the 128 bytes in front of ``DICM``, ``None`` if there is no such prefix and `force` is set.

    Raises
    ------
    InvalidDicomError
        If the prefix is missing and `force` is not set.
    """
    if content[128:132] == b"DICM":
        return content[:128]
    if force:
        config.logger.info(
            "File is not conformant with the DICOM File Format: 'DICM' prefix is missing from the File Meta Information "
            "header or the header itself is missing. Assuming no header and continuing."
        )
        return None
    raise InvalidDicomError(
        "File is missing DICOM File Meta Information header or the 'DICM' prefix is missing from the header. Use "
        "force=True to force reading."
    )


def _scan_group(source: _Source, start: int, implicit: bool, group: int, base: int) -> Scanned:
    """Scan the elements of one group (0 or 2), which come before the data set and are little endian."""
    stop_when = _not_group_0 if group == 0 else _not_group_2
    while True:
        content = source.content
        found = detect_implicit_vr(content[start : start + 6], implicit, True, stop_when, True)
        scanned = scan_buffer(content, start, None, found, True, base, only_group=group)
        # Unless another group follows within what was read, a value may have been cut off
        if source.complete or scanned.position + 8 <= len(content):
            return scanned
        source.need(2 * len(content))


def scan_file_meta(source: _Source, start: int, base: int) -> tuple[FileMetaDataset, int]:
    """Return the File Meta Information at `start` (empty if there is none) and the offset behind it."""
    from pydcm.dataset import FileMetaDataset
    from pydcm.valuerep import VR

    scanned = _scan_group(source, start, False, 2, base)
    if scanned.first < scanned.last:
        vr = scanned.row(scanned.first)[1]
        if vr and bytes([vr >> 8, vr & 0xFF]).decode("latin-1") not in VR.__members__:
            # No VR at all stands there: some writers encode the group as implicit VR
            scanned = scan_buffer(source.content, start, None, True, True, base, only_group=2)
    meta = FileMetaDataset()
    scanned.fill(meta)
    if scanned.first < scanned.last and scanned.tag_at(scanned.first) == 0x00020000:
        stated = meta.get("FileMetaInformationGroupLength")
        actual = scanned.position - (start + 12)
        if stated != actual:
            config.logger.info(
                "_read_file_meta_info: (0002,0000) 'File Meta Information Group Length' value doesn't match the actual "
                f"File Meta Information length ({stated} vs {actual} bytes)"
            )
    return meta, scanned.position


def _transfer_syntax(meta: FileMetaDataset, head: bytes) -> tuple[bool, bool, bool]:
    """Return (implicit VR, little endian, deflated) from the transfer syntax, or a guess from the first six bytes."""
    from pydcm import uid

    if not head:
        return True, True, False
    syntax = meta.get("TransferSyntaxUID")
    if syntax is None:
        implicit = True
        little = True
        if head[4:6].decode("latin-1") in _known_vrs():
            implicit = False
            # Group numbers below 0x0100 in big endian read as 0x0100 and more in little endian
            little = int.from_bytes(head[:2], "little") < 1024
        return implicit, little, False
    if syntax == "1.2.840.10008.1.2":
        return True, True, False
    if syntax == "1.2.840.10008.1.2.2":
        return False, False, False
    if syntax == "1.2.840.10008.1.2.1.99":
        return False, True, True
    private = uid.PrivateTransferSyntaxes
    if syntax in private:
        syntax = private[private.index(syntax)]
        return syntax.is_implicit_VR, syntax.is_little_endian, False
    return False, True, False  # all others are explicit VR little endian (PS3.5 §A.4)


def _known_vrs() -> Any:
    from pydcm.values import converters

    return converters.keys()


def inflate(content: bytes) -> bytes:
    """Return the data set that a deflated one holds (PS3.5 §A.5).

    Raises
    ------
    DicomLimitError
        If it would expand beyond what ``pydcm.limits`` allows.
    TruncatedDicomError
        If the deflated data is damaged or cut off.
    """
    import zlib

    from pydcm import limits
    from pydcm.errors import DicomLimitError, TruncatedDicomError

    bound = max(limits.INFLATE_ALLOWANCE, len(content) * limits.MAX_INFLATE_RATIO)
    engine = zlib.decompressobj(-zlib.MAX_WBITS)
    try:
        inflated = engine.decompress(content, bound + 1)
    except zlib.error as exc:
        raise TruncatedDicomError(f"The deflated data set is damaged: {exc}") from exc
    if len(inflated) > bound:
        raise DicomLimitError(
            f"The deflated data set of {len(content)} bytes expands to more than {bound} bytes; raise "
            "pydcm.limits.INFLATE_ALLOWANCE to read it"
        )
    if not engine.eof:
        raise TruncatedDicomError("The deflated data set is cut off: incomplete or truncated stream")
    return inflated


def _build(
    source: _Source,
    origin: Any,
    start: int,
    base: int,
    force: bool,
    stop_when: StopWhen | None,
    stop_before_pixels: bool,
    wanted: list[int] | None,
    defer_size: int | None,
) -> tuple[FileDataset, int]:
    """Return the FileDataset of a file and the offset where reading ended."""
    from pydcm.dataset import FileDataset

    logged = log_reading.is_wanted()
    preamble = find_preamble(source.need(132)[start:], force)
    if logged:
        log_reading.log_preamble(start + base, preamble is not None)
    position = start if preamble is None else start + 132
    meta_start = position
    meta, position = scan_file_meta(source, position, base)
    command = _scan_group(source, position, True, 0, base)
    position = command.position
    head = source.need(position + 8)[position : position + 6]
    implicit, little, deflated = _transfer_syntax(meta, head)
    content = source.content
    data_start, data_base = position, base
    if deflated:
        source.need(_EVERYTHING)
        content = inflate(source.content[position:])
        position, data_base, head = 0, 0, content[:6]
        defer_size = None  # all of it is in memory, and nothing is where the file has it
    if stop_before_pixels and stop_when is None:
        stop_probe: StopWhen | None = _at_pixel_data
    else:
        stop_probe = stop_when
    actual = detect_implicit_vr(head, implicit, little, stop_probe, True)
    if source.complete or source.read_at is None or deflated:
        scanned = scan_buffer(
            content,
            position,
            None,
            actual,
            little,
            data_base,
            stop_before_pixels=stop_before_pixels,
            wanted=wanted,
            defer_size=defer_size,
        )
    else:
        scanned = scan_windows(
            source.read_at,
            position,
            actual,
            little,
            stop_before_pixels=stop_before_pixels,
            wanted=wanted,
            defer_size=defer_size,
            first=content[position:],
        )
    if stop_when is not None:
        stop_at(scanned, stop_when)
    if logged and config.debugging:
        log_reading.log_elements(scanned, _bytes_at(content, source), defer_size)
    if scanned.cut_off:
        report_cut_off(source.name)
    dataset = FileDataset(origin, {}, preamble, meta, implicit, little)
    if command.first < command.last:
        from pydcm.dataset import Dataset

        whole = scanned.fill(Dataset())
        whole.update(command.fill(Dataset())._dict)
        dataset._take_over(whole)
    else:
        dataset._forget_elements()
        scanned.fill(dataset)
        if (
            source.complete
            and not stop_before_pixels
            and stop_when is None
            and wanted is None
            and defer_size is None
        ):
            meta._origin = (source.content, meta_start, data_start, False)
            dataset._origin = (
                source.content,
                data_start if meta else meta_start,
                len(source.content),
                deflated,
            )
    dataset._read_implicit = implicit
    dataset._read_little = little
    if deflated:
        dataset._hold_inflated(content)
    return dataset, 0 if deflated else scanned.position


def _bytes_at(content: bytes, source: _Source) -> Callable[[int, int], bytes]:
    """Return a function for any part of what was scanned, be it in `content` or only in the file."""

    def bytes_at(offset: int, nbytes: int) -> bytes:
        if offset + nbytes > len(content) and source.read_at is not None:
            return source.read_at(offset, nbytes)
        return content[offset : offset + nbytes]

    return bytes_at


def _at_pixel_data(tag: BaseTag, vr: str | None, length: int) -> bool:
    return tag in _PIXEL_TAGS


def read_path(
    path: str,
    defer_size: int | None,
    stop_before_pixels: bool,
    force: bool,
    wanted: list[int] | None,
) -> FileDataset:
    """Return the FileDataset of the file at `path`, see :func:`pydcm.filereader.dcmread`."""
    if defer_size is None and wanted is None:
        limit = likely_header() if stop_before_pixels else -1
        try:
            content, mtime, complete, size = read_file(path, limit)
        except FileNotFoundError:
            # Perhaps only Python's own functions know the file system, such as that of pyfakefs in tests
            with open(path, "rb") as whole:
                content, mtime, complete, size = whole.read(), os.path.getmtime(path), True, None
        if not log_reading.is_wanted():
            dataset = read_plain(content, path, mtime, open, complete, stop_before_pixels, size)
            if dataset is None and not complete and limit < _LONG_HEADER:
                content, mtime, complete, size = read_file(path, _LONG_HEADER)
                dataset = read_plain(content, path, mtime, open, complete, stop_before_pixels, size)
            if dataset is not None:
                return dataset
    if defer_size is None and not stop_before_pixels and wanted is None:
        return _build(_Source(content, True, None, path), path, 0, 0, force, None, False, None, None)[0]
    with open(path, "rb", buffering=0) as stream:

        def read_at(offset: int, nbytes: int) -> bytes:
            stream.seek(offset)
            parts = []
            while nbytes > 0:
                part = stream.read(nbytes if nbytes < _EVERYTHING // 2 else -1)
                if not part:
                    break
                parts.append(part)
                nbytes -= len(part)
            return parts[0] if len(parts) == 1 else b"".join(parts)

        head = read_at(0, _HEADER)
        source = _Source(head, len(head) < _HEADER, read_at, path)
        return _build(source, path, 0, 0, force, None, stop_before_pixels, wanted, defer_size)[0]


def read_stream(
    fp: Any,
    defer_size: int | None,
    stop_before_pixels: bool,
    force: bool,
    wanted: list[int] | None,
    stop_when: StopWhen | None = None,
) -> FileDataset:
    """Return the FileDataset that starts at the current position of a file-like object."""
    start = fp.tell()
    name = str(getattr(fp, "name", "<no filename>"))
    if stop_when is None and (stop_before_pixels or wanted is not None or defer_size is not None):

        def read_at(offset: int, nbytes: int) -> bytes:
            fp.seek(start + offset)
            return fp.read(nbytes if nbytes < _EVERYTHING // 2 else -1)

        head = read_at(0, _HEADER)
        source = _Source(head, len(head) < _HEADER, read_at, name)
    else:
        source = _Source(fp.read(), True, None, name)
    if start and force and source.content[128:132] != b"DICM":
        # without a header the data set begins where the stream does
        fp.seek(0)
        return read_stream(fp, defer_size, stop_before_pixels, force, wanted, stop_when)
    dataset, position = _build(source, fp, 0, start, force, stop_when, stop_before_pixels, wanted, defer_size)
    if position:
        fp.seek(start + position)
    return dataset


def read_bytes(content: Any, stop_before_pixels: bool, force: bool, wanted: list[int] | None) -> FileDataset:
    """Return the FileDataset in a bytes-like object; a read-only one is not copied."""
    if not isinstance(content, bytes):
        content = bytes(content)
    if not stop_before_pixels and wanted is None and not log_reading.is_wanted():
        dataset = read_plain(content, None, None, open)
        if dataset is not None:
            return dataset
    source = _Source(content, True, None, "<bytes>")
    dataset, _ = _build(source, None, 0, 0, force, None, stop_before_pixels, wanted, None)
    return dataset


def open_url(path: str) -> Any:
    """Open a URL by fsspec.

    Parameters
    ----------
    path : str
        Anything with ``://`` in it.

    Raises
    ------
    MissingPluginError
        If fsspec is not installed.
    """
    try:
        import fsspec
    except ModuleNotFoundError as exc:
        if exc.name != "fsspec":
            raise
        from pydcm.errors import MissingPluginError

        raise MissingPluginError("fsspec", feature=f"Reading from the URL '{path}'") from None
    opened: Any = fsspec.open(path, "rb", block_size=65536)
    return opened.open()


def path_of(fp: str | os.PathLike[str] | Any) -> Any:
    """Return the path in `fp` as text, or `fp` itself if it is not a path."""
    from pydcm.fileutil import path_from_pathlike

    return path_from_pathlike(fp)
