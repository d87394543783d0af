"""Writing files: preamble, File Meta Information and data set (PS3.10 §7)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, BinaryIO, cast

from pydcm import config

if TYPE_CHECKING:
    from pydcm.dataset import Dataset, FileMetaDataset
    from pydcm.filebase import DicomIO, WriteableBuffer
    from pydcm.fileutil import PathType
    from pydcm.uid import UID

    EncodingType = tuple[bool | None, bool | None]

_PREAMBLE_LENGTH = 128
_GROUP_LENGTH = 0x00020000
# (0002,0000) in explicit VR: 8 bytes of header, then the number of bytes that follow its 4 bytes of value
_GROUP_LENGTH_NBYTES = 12
_DEFLATED = "1.2.840.10008.1.2.1.99"


def write_file_meta_info(fp: DicomIO, file_meta: FileMetaDataset, enforce_standard: bool = True) -> None:
    """Write the File Meta Information, always in explicit VR little endian (PS3.10 §7.1).

    Parameters
    ----------
    fp : filebase.DicomIO
        Where to write to, positioned behind the preamble and prefix if there are any.
    file_meta : dataset.FileMetaDataset
        The elements of group 0002. *File Meta Information Group Length* is set to what was written if it is there.
    enforce_standard : bool, optional
        If ``True`` (default), add the group length, the version and the implementation's UID and version name where
        they are missing, and insist on the media storage SOP Class and Instance UIDs and the Transfer Syntax UID.
        If ``False``, write the elements that are there.

    Raises
    ------
    ValueError
        If an element is of another group.
    AttributeError
        If an element that cannot be added is missing.
    """
    from pydcm._core._write import Serialiser
    from pydcm.dataset import validate_file_meta

    validate_file_meta(file_meta, enforce_standard)
    has_group_length = enforce_standard or _GROUP_LENGTH in file_meta
    if has_group_length:
        file_meta.add_new(_GROUP_LENGTH, "UL", 0)  # set below

    serialiser = Serialiser(False, True)
    serialiser.add_dataset(file_meta, "iso8859")
    if has_group_length:
        nbytes = serialiser.nbytes - _GROUP_LENGTH_NBYTES
        file_meta.FileMetaInformationGroupLength = nbytes
        serialiser.patch(8, nbytes)
    serialiser.write_to(fp)


def _encode_file_meta(file_meta: FileMetaDataset, keep_all: bool) -> list[Any]:
    """Return the File Meta Information as it is in pieces to write.

    With `keep_all` that is as it was read, even in implicit VR, else in explicit VR and with the right group length.
    """
    from copy import deepcopy

    from pydcm._core._write import Serialiser
    from pydcm.dataset import validate_file_meta
    from pydcm.filebase import DicomBytesIO

    if not keep_all and _GROUP_LENGTH in file_meta:
        buffer = DicomBytesIO()
        write_file_meta_info(buffer, deepcopy(file_meta), enforce_standard=False)
        return [buffer.getvalue()]
    validate_file_meta(file_meta, enforce_standard=False)
    serialiser = Serialiser(keep_all and bool(file_meta.original_encoding[0]), True)
    serialiser.add_dataset(file_meta, "iso8859", keep_all)
    return serialiser.pieces()


def _transfer_syntax(file_meta: FileMetaDataset) -> UID | None:
    """Return the transfer syntax that `file_meta` names."""
    from pydcm.uid import UID

    value = file_meta.get("TransferSyntaxUID", None)
    if value is None or isinstance(value, UID):
        return value
    if isinstance(value, str):
        return UID(value)
    raise ValueError(
        f"(0002,0010) Transfer Syntax UID has to be one UID, this file meta information has {value!r}"
    )


def _determine_encoding(
    ds: Dataset,
    tsyntax: UID | None,
    implicit_vr: bool | None,
    little_endian: bool | None,
    force_encoding: bool,
) -> tuple[bool, bool]:
    """Return how to encode `ds`.

    The transfer syntax decides. Without one, or with a private one, it is the arguments, else ``ds.is_implicit_VR``
    and ``ds.is_little_endian``, else the encoding that `ds` was read in.

    Parameters
    ----------
    ds : dataset.Dataset
        The data set to be written.
    tsyntax : uid.UID or None
        Its transfer syntax.
    implicit_vr, little_endian : bool or None
        What the caller asks for; little endian goes without saying.
    force_encoding : bool
        Whether the arguments decide even against the transfer syntax.

    Returns
    -------
    tuple of bool
        Implicit VR? Little endian?

    Raises
    ------
    ValueError
        If nothing decides, or if the arguments contradict the transfer syntax.
    """
    if force_encoding:
        if implicit_vr is None or little_endian is None:
            raise ValueError("'implicit_vr' and 'little_endian' are required if 'force_encoding' is used")
        return implicit_vr, little_endian

    if tsyntax is not None and (tsyntax.is_transfer_syntax or not tsyntax.is_private):
        if not tsyntax.is_transfer_syntax:
            raise ValueError(f"The Transfer Syntax UID '{tsyntax.name}' is not a valid transfer syntax")
        for argument, asked, what, required in (
            ("implicit_vr", implicit_vr, "VR encoding", tsyntax.is_implicit_VR),
            ("little_endian", little_endian, "endianness", tsyntax.is_little_endian),
        ):
            if asked is not None and asked != required:
                raise ValueError(
                    f"The '{argument}' value is not consistent with the required {what} for the '{tsyntax.name}' "
                    "transfer syntax"
                )
        return tsyntax.is_implicit_VR, tsyntax.is_little_endian

    candidates: list[EncodingType] = [
        (implicit_vr, True if implicit_vr is not None and little_endian is None else little_endian)
    ]
    if not config._use_future:
        candidates.append((ds.is_implicit_VR, ds.is_little_endian))
    candidates.append(ds.original_encoding)
    for pair in candidates:
        if None not in pair:
            return cast("tuple[bool, bool]", pair)

    if tsyntax is not None:
        raise ValueError(
            "The 'implicit_vr' and 'little_endian' arguments are required when using a private transfer syntax"
        )
    raise ValueError(
        "Unable to determine the encoding to use for writing the dataset, please set the file meta's Transfer Syntax UID "
        "or use the 'implicit_vr' and 'little_endian' arguments"
    )


def _conformant_file_meta(
    dataset: Dataset, file_meta: FileMetaDataset | None, encoding: tuple[bool, bool]
) -> FileMetaDataset:
    """Return a copy of `file_meta` with everything that PS3.10 §7.1 requires and `dataset` knows."""
    from copy import deepcopy

    from pydcm.dataset import FileMetaDataset, validate_file_meta
    from pydcm.uid import ExplicitVRBigEndian, ImplicitVRLittleEndian

    meta = FileMetaDataset() if file_meta is None else deepcopy(file_meta)
    if meta.get("TransferSyntaxUID", None) is None:
        if encoding == (True, True):
            meta.TransferSyntaxUID = ImplicitVRLittleEndian
        elif encoding == (False, False):
            meta.TransferSyntaxUID = ExplicitVRBigEndian

    for keyword, source in (
        ("MediaStorageSOPClassUID", "SOPClassUID"),
        ("MediaStorageSOPInstanceUID", "SOPInstanceUID"),
    ):
        uid = dataset.get(source, None)
        known = meta.get(keyword, None)
        if known is None or (uid and uid != known):
            setattr(meta, keyword, uid)

    validate_file_meta(meta, enforce_standard=True)
    return meta


def _old_argument(positional: bool | None, kwargs: dict[str, Any]) -> bool | None:
    """Return the deprecated `write_like_original` from where the caller put it and complain as is due."""
    keyword = kwargs.pop("write_like_original", None)
    value = positional if keyword is None else keyword
    if value is not None and config._use_future:
        raise TypeError(
            "'write_like_original' is no longer accepted as a positional or keyword argument, use 'enforce_file_format' "
            "instead"
        )
    if positional is not None and keyword is not None:
        raise TypeError("'write_like_original' cannot be used as both a positional and keyword argument")
    if value is not None:
        from pydcm.misc import warn_and_log

        warn_and_log(
            "'write_like_original' is deprecated and will be removed in v4.0, please use 'enforce_file_format' instead",
            DeprecationWarning,
        )
    if kwargs:
        raise TypeError(f"Invalid keyword argument(s) for dcmwrite(): {', '.join(kwargs)}")
    return value


def _deflate(pieces: list[Any]) -> bytes:
    """Return `pieces` compressed as PS3.5 §A.5 has it: a raw DEFLATE stream of an even number of bytes."""
    import zlib

    compressor = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    out = [compressor.compress(chunk) for piece in pieces for chunk in _chunks(piece)]
    out.append(compressor.flush())
    deflated = b"".join(out)
    return deflated + b"\0" if len(deflated) % 2 else deflated


def _chunks(piece: Any) -> Any:
    return piece.chunks() if hasattr(piece, "chunks") else (piece,)


def _refuse_reserved_groups(dataset: Dataset) -> None:
    from pydcm._core._changes import reserved_groups

    groups = reserved_groups(dataset)
    if 0 in groups:
        raise ValueError(
            "Command Set elements (0000,eeee) are not allowed when using dcmwrite(), use write_dataset() instead"
        )
    if groups:
        raise ValueError(
            "File Meta Information Group elements (0002,eeee) must be in a FileMetaDataset instance in the "
            f"'{type(dataset).__name__}.file_meta' attribute"
        )


def dcmwrite(
    filename: PathType | BinaryIO | WriteableBuffer,
    dataset: Dataset,
    /,
    __write_like_original: bool | None = None,
    *,
    implicit_vr: bool | None = None,
    little_endian: bool | None = None,
    enforce_file_format: bool = False,
    force_encoding: bool = False,
    overwrite: bool = True,
    **kwargs: Any,
) -> None:
    """Write `dataset` to a file.

    What was read and not changed is written back byte for byte. A path is written to by way of a temporary file in
    the same directory that takes its place once it is complete, so that a failure leaves the old file as it was.

    Parameters
    ----------
    filename : str, bytes, os.PathLike, file-like or writeable buffer
        Where to write to: a path, a URL if fsspec is installed, or a buffer. A buffer needs ``write()``, ``seek()`` and ``tell()`` and is written to from its current
        position on.
    dataset : dataset.Dataset
        The data set. Its ``preamble`` and ``file_meta``, if it has them, are written in front of it. Neither it nor
        its ``file_meta`` is changed, but for ambiguous VRs, which are settled.
    write_like_original : bool, optional
        The opposite of `enforce_file_format`. Deprecated.
    implicit_vr, little_endian : bool, optional
        How to encode a data set that has no public transfer syntax; little endian unless said otherwise.
    enforce_file_format : bool, optional
        If ``True``, write a file as PS3.10 §7 requires it or none: a preamble of zeros and missing elements of the
        file meta information are added. If ``False`` (default), write what is there.
    force_encoding : bool, optional
        If ``True``, encode as `implicit_vr` and `little_endian` say, whatever the transfer syntax. The values of
        **OD**, **OF**, **OL**, **OV**, **OW** and **UN** elements keep their byte order all the same.
    overwrite : bool, optional
        If ``False``, refuse to write to a path where something is already. Default ``True``.

    Raises
    ------
    FileExistsError
        If there is something at the path and `overwrite` is ``False``.
    ValueError
        If the encoding cannot be determined or is contradictory, if `dataset` has elements of groups 0000 or 0002, if
        its preamble has not 128 bytes, or if a value cannot be encoded.
    AttributeError
        If a conformant file is asked for and a required element of the file meta information is not known.
    TypeError
        If `filename` is nothing that can be written to.
    """
    old_argument = _old_argument(__write_like_original, kwargs)
    if old_argument is not None:
        enforce_file_format = not old_argument

    _refuse_reserved_groups(dataset)
    if force_encoding and enforce_file_format:
        raise ValueError("'force_encoding' cannot be used with 'enforce_file_format'")

    file_meta: FileMetaDataset | None = getattr(dataset, "file_meta", None)
    tsyntax = None if file_meta is None else _transfer_syntax(file_meta)
    encoding = _determine_encoding(dataset, tsyntax, implicit_vr, little_endian, force_encoding)
    if not force_encoding and encoding == (True, False):
        raise ValueError("Implicit VR and big endian is not a valid encoding combination")

    preamble = getattr(dataset, "preamble", None)
    if preamble and len(preamble) != _PREAMBLE_LENGTH:
        raise ValueError(f"'{type(dataset).__name__}.preamble' must be 128-bytes long")

    if enforce_file_format:
        file_meta = _conformant_file_meta(dataset, file_meta, encoding)
        tsyntax = file_meta.TransferSyntaxUID
        preamble = preamble or b"\0" * _PREAMBLE_LENGTH

    target = _open_target(filename, encoding)
    pieces = _encode_file(dataset, file_meta, tsyntax, preamble, encoding, enforce_file_format)
    if isinstance(target, str) and "://" in target:
        _write_to_url(target, pieces, overwrite)
    elif isinstance(target, (str, bytes)):
        from pydcm._io._atomic import write_file

        write_file(target, pieces, overwrite=overwrite)
    else:
        _write_to(target, pieces)


def _open_target(filename: Any, encoding: tuple[bool, bool]) -> str | bytes | DicomIO:
    """Return the path that `filename` is, or the file-like wrapped."""
    from os import fspath

    from pydcm.filebase import DicomIO

    try:
        return fspath(filename)
    except TypeError:
        pass
    if isinstance(filename, DicomIO):
        fp = filename
    else:
        try:
            fp = DicomIO(filename)
        except AttributeError as exc:
            raise TypeError(
                "dcmwrite: Expected a file path, file-like or writeable buffer, but got "
                + type(filename).__name__
            ) from exc
    fp.is_implicit_VR, fp.is_little_endian = encoding
    return fp


def _encode_file(
    dataset: Dataset,
    file_meta: FileMetaDataset | None,
    tsyntax: UID | None,
    preamble: bytes | None,
    encoding: tuple[bool, bool],
    enforce_file_format: bool,
) -> list[Any]:
    """Return the whole file in pieces to write."""
    from pydcm._core._changes import is_intact, is_unchanged, set_pixel_data_length
    from pydcm._core._write import Serialiser
    from pydcm.filebase import DicomBytesIO

    keep_meta = not enforce_file_format and file_meta is not None and is_unchanged(file_meta)
    keep_all = not enforce_file_format and is_unchanged(dataset)
    if tsyntax and not tsyntax.is_private and tsyntax.is_transfer_syntax and not (keep_all and keep_meta):
        set_pixel_data_length(dataset, tsyntax.is_compressed)
        keep_all = keep_all and is_unchanged(dataset)

    deflated = tsyntax == _DEFLATED
    body: list[Any] | None = None
    if keep_all and dataset._origin is not None:
        content, start, stop, was_deflated = dataset._origin
        # Nothing at all is the same in every encoding.
        if start == stop or (dataset.original_encoding == encoding and deflated == was_deflated):
            body = [memoryview(content)[start:stop]]
    as_read = body is not None
    if body is None:
        serialiser = Serialiser(*encoding)
        serialiser.add_dataset(dataset, "iso8859", keep_all)
        body = serialiser.pieces()
        if deflated:
            body = [_deflate(body)]

    head: list[Any] = [preamble, b"DICM"] if preamble else []
    if file_meta and enforce_file_format:
        buffer = DicomBytesIO()
        write_file_meta_info(buffer, file_meta)
        head.append(buffer.getvalue())
    elif file_meta:
        # A value that is shorter than it says would swallow what comes behind it now.
        keep_meta = keep_meta and (as_read or is_intact(file_meta))
        if keep_meta and file_meta._origin is not None:
            content, start, stop, _ = file_meta._origin
            head.append(memoryview(content)[start:stop])
        else:
            head += _encode_file_meta(file_meta, keep_meta)
    return head + body


def _write_to_url(url: str, pieces: list[Any], overwrite: bool) -> None:
    """Write `pieces` to what fsspec makes of `url`; it appears there when it is complete."""
    try:
        from fsspec.core import url_to_fs
    except ModuleNotFoundError as exc:
        if exc.name != "fsspec":
            raise
        from pydcm.errors import MissingPluginError

        raise MissingPluginError("fsspec", feature=f"Writing to the URL '{url}'") from None

    system, path = url_to_fs(url)
    if not overwrite and system.exists(path):
        from errno import EEXIST
        from os import strerror

        raise FileExistsError(EEXIST, strerror(EEXIST), url)
    file = system.open(path, "wb", autocommit=False)
    try:
        try:
            _write_to(file, pieces)
        finally:
            file.close()
    except BaseException:
        file.discard()
        raise
    file.commit()


def _write_to(fp: Any, pieces: list[Any]) -> None:
    """Write `pieces` to a file-like from front to back."""
    write = fp.write
    for piece in pieces:
        for chunk in _chunks(piece):
            written = write(chunk)
            # An unbuffered file may take less than it is given.
            while written is not None and 0 < written < len(chunk):
                chunk = memoryview(chunk)[written:]
                written = write(chunk)
