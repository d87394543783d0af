"""Frames straight from a file: only the frames asked for are read and decoded."""

from __future__ import annotations

from contextlib import contextmanager
from os import PathLike
from typing import TYPE_CHECKING, Any

from pydcm.tag import BaseTag
from pydcm_pixels._utils.options import (
    EXTENDED_LENGTHS,
    EXTENDED_OFFSETS,
    HIGH_BIT,
    IMAGE_PIXEL,
    as_pixel_options,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import BinaryIO

    import numpy as np

    from pydcm.dataset import Dataset
    from pydcm.uid import UID
    from pydcm_pixels._decode.decoder import Decoder

_PIXEL_VRS = (b"OB", b"OW", b"OF", b"OD", b"UN")
_SMALL = 1 << 18
_READ_INTO_ARRAYS = frozenset({"1.2.840.10008.1.2", "1.2.840.10008.1.2.1", "1.2.840.10008.1.2.2"})
_DEFLATED = "1.2.840.10008.1.2.1.99"
_KEYWORDS = {
    BaseTag(0x7FE00010): "PixelData",
    BaseTag(0x7FE00008): "FloatPixelData",
    BaseTag(0x7FE00009): "DoubleFloatPixelData",
}
_TRANSFER_SYNTAX = BaseTag(0x00020010)
_BASIC_TAGS = (*IMAGE_PIXEL, HIGH_BIT, EXTENDED_OFFSETS, EXTENDED_LENGTHS)
# Keywords of pixel_array() that say nothing about the pixel data.
_NO_OPTIONS = frozenset({"workers", "use_pdh"})
_NO_PIXELS = (
    "The dataset in 'src' has no 'Pixel Data', 'Float Pixel Data' or 'Double Float Pixel Data' element, no pixel data "
    "to decode"
)


def _group_0028() -> set[int]:
    """Return the tags of the standard's elements in group 0028 that are no repeating ones."""
    from pydcm.datadict import DicomDictionary

    return {tag for tag, entry in DicomDictionary.items() if tag >> 16 == 0x28 and not entry[3]}


def decoder_for(syntax: UID) -> Decoder:
    """Return the decoder for a data set's transfer syntax, with an error that says where the syntax came from."""
    from pydcm_pixels._decode.registry import get_decoder

    try:
        return get_decoder(syntax)
    except NotImplementedError as exc:
        raise NotImplementedError(
            "Unable to decode the pixel data as a (0002,0010) 'Transfer Syntax UID' value of "
            f"'{syntax.name}' is not supported"
        ) from exc


def dataset_syntax(ds: Dataset) -> UID:
    """Return the transfer syntax in the data set's file meta information."""
    element = (getattr(ds, "file_meta", None) or {}).get(_TRANSFER_SYNTAX, None)
    syntax = getattr(element, "value", element)
    if not syntax:
        raise AttributeError(
            "Unable to decode the pixel data as the dataset's 'file_meta' has no (0002,0010) 'Transfer Syntax UID' "
            "element: set it to how the pixel data is encoded, such as pydcm.uid.ExplicitVRLittleEndian"
        )
    return syntax


@contextmanager
def opened(src: str | PathLike[str] | BinaryIO) -> Iterator[Any]:
    """Open a path for reading, or rewind a file-like and put it back to where it was afterwards."""
    if not isinstance(src, str | PathLike):
        position = src.tell()
        src.seek(0)
        try:
            yield src
        finally:
            src.seek(position)
        return
    with open(src, "rb") as stream:
        yield stream


def read_header(
    stream: Any, tags: Iterable[int] | None, options: dict[str, Any]
) -> tuple[Dataset, dict[str, Any], Any]:
    """Read a file up to its pixel data.

    Parameters
    ----------
    stream : file-like
        The file from its beginning.
    tags : Iterable[int], optional
        The elements to read; all of them by default.
    options : dict[str, Any]
        Options that go before what the file says.

    Returns
    -------
    ds : Dataset
        The elements.
    options : dict[str, Any]
        What a decoder needs to know.
    source : file-like or bytes
        Where the pixel data is: `stream` at the start of its value, or the value itself of a deflated data set.
    """
    from pydcm.filereader import dcmread
    from pydcm.uid import UID

    ds = dcmread(
        stream, force=True, stop_before_pixels=True, specific_tags=None if tags is None else list(tags)
    )
    syntax = options.get("transfer_syntax_uid") or ds.file_meta.get("TransferSyntaxUID", None)
    if not syntax:
        raise AttributeError(
            "'transfer_syntax_uid' is required if the dataset in 'src' is not in the DICOM File Format"
        )
    syntax = UID(syntax)
    opts = as_pixel_options(ds, **options)
    opts["transfer_syntax_uid"] = syntax
    if syntax == _DEFLATED:
        return ds, opts, _inflated_value(stream, opts)
    _read_element_header(stream, syntax, opts)
    return ds, opts, stream


def _inflated_value(stream: Any, opts: dict[str, Any]) -> Any:
    """Return the pixel data of a deflated data set, which cannot be read in part."""
    from pydcm.filereader import dcmread

    stream.seek(0)
    whole = dcmread(stream, force=True, specific_tags=list(_KEYWORDS))
    for keyword in _KEYWORDS.values():
        if keyword in whole:
            opts["pixel_keyword"] = keyword
            opts["pixel_vr"] = whole[keyword].VR
            return whole[keyword].value
    raise AttributeError(_NO_PIXELS)


def _read_element_header(stream: Any, syntax: UID, opts: dict[str, Any]) -> None:
    """Move past the header of the pixel data element and note its keyword and VR (PS3.5 §7.1)."""
    header = stream.read(8)
    order = "little" if syntax.is_little_endian else "big"
    tag = int.from_bytes(header[:2], order) << 16 | int.from_bytes(header[2:4], order)  # type: ignore[arg-type]
    keyword = _KEYWORDS.get(BaseTag(tag))
    if len(header) < 8 or keyword is None:
        raise AttributeError(_NO_PIXELS)
    # Some files call themselves explicit and are not: then a length stands in the place of the VR.
    if not syntax.is_implicit_VR and header[4:6] in _PIXEL_VRS:
        opts["pixel_vr"] = header[4:6].decode("latin-1")
        stream.read(4)
    opts["pixel_keyword"] = keyword


def _tags_for(ds_out: Dataset | None, specific_tags: list[Any] | None) -> Iterable[int]:
    if ds_out is None:
        return _BASIC_TAGS
    return {*(specific_tags or ()), *_group_0028(), EXTENDED_OFFSETS, EXTENDED_LENGTHS}


def _hand_over(ds: Dataset, ds_out: Dataset | None) -> None:
    """Give the elements that were read to the caller's data set."""
    if ds_out is None:
        return
    ds_out.file_meta = ds.file_meta
    ds_out.set_original_encoding(*ds.original_encoding)
    ds_out.update(ds)


def whole_dataset(src: Any, index: int | None) -> Dataset | None:
    """Return the data set of a path that is best read as a whole, ``None`` if reading a part is better.

    All compressed frames need all of the file, and of a small file a part takes no less time. Uncompressed samples are
    read into the array itself.
    """
    import os

    from pydcm.filereader import dcmread

    if not isinstance(src, str | os.PathLike):
        return None
    if os.stat(src).st_size > _SMALL:
        if index is not None:
            return None
        syntax = dcmread(src, force=True, stop_before_pixels=True).file_meta.get(_TRANSFER_SYNTAX, None)
        if syntax and syntax.value in _READ_INTO_ARRAYS:
            return None
    ds = dcmread(src, force=True)
    syntax = ds.file_meta.get(_TRANSFER_SYNTAX, None)
    return ds if syntax and any(tag in ds for tag in _KEYWORDS) else None


_short_way: Any = None


def _find_short_way() -> Any:
    """Return the function that takes plain files the short way."""
    global _short_way
    from pydcm_pixels._decode.quick import quick_array

    _short_way = quick_array
    return quick_array


def pixel_array(
    src: str | PathLike[str] | BinaryIO | Dataset,
    *,
    ds_out: Dataset | None = None,
    specific_tags: list[Any] | None = None,
    index: int | None = None,
    raw: bool = False,
    decoding_plugin: str = "",
    **kwargs: Any,
) -> np.ndarray:
    """Return decoded pixel data as an array.

    From a file, nothing is read but the description of the image and the frames asked for.

    Parameters
    ----------
    src : str, PathLike, file-like or Dataset
        Where the pixel data is; a file-like is read from its beginning and put back to where it was.
    ds_out : Dataset, optional
        Gets group 0028, the extended offset table and `specific_tags` of the file. Not used if `src` is a data set.
    specific_tags : list, optional
        More elements for `ds_out`.
    index : int, optional
        The frame to return, counted from 0; all frames by default.
    raw : bool, optional
        Whether to leave out the conversion from YBR to RGB.
    decoding_plugin : str, optional
        The name of the plugin to use; by default those available are tried in turn.
    **kwargs
        Options of the decoder, `workers` (threads for compressed frames), and Image Pixel values that go before those
        of the file.

    Returns
    -------
    numpy.ndarray
        ``(rows, columns)``, ``(rows, columns, samples)``, or the same with the frames as first axis.

    Raises
    ------
    AttributeError
        Without pixel data, or without a transfer syntax.
    NotImplementedError
        If nothing decodes the transfer syntax.
    """
    # What imports and abstract base classes take counts for small images: a codec has emptied the processor's cache.
    if ds_out is None and (type(src) is str or hasattr(src, "__fspath__")):
        if (not kwargs or kwargs.keys() <= _NO_OPTIONS) and (index is None or index >= 0):
            quick = (_short_way or _find_short_way())(
                src, index, raw=raw, plugin=decoding_plugin, workers=kwargs.get("workers", 1)
            )
            if quick is not None:
                return quick[0]
        src = whole_dataset(src, index) or src
    from pydcm.dataset import Dataset

    if isinstance(src, Dataset):
        if index is None and not decoding_plugin and kwargs.keys() <= _NO_OPTIONS:
            from pydcm_pixels._decode.loaded import loaded_array

            found = loaded_array(src, dataset_syntax(src), raw, kwargs.get("workers", 1))
            if found is not None:
                return found
        decoder = decoder_for(kwargs.pop("transfer_syntax_uid", None) or dataset_syntax(src))
        arr, _ = decoder.as_array(src, index=index, raw=raw, decoding_plugin=decoding_plugin, **kwargs)
        return arr
    with opened(src) as stream:
        ds, opts, source = read_header(stream, _tags_for(ds_out, specific_tags), kwargs)
        decoder = decoder_for(opts["transfer_syntax_uid"])
        arr, _ = decoder.as_array(source, index=index, raw=raw, decoding_plugin=decoding_plugin, **opts)
    _hand_over(ds, ds_out)
    return arr


def iter_pixels(
    src: str | PathLike[str] | BinaryIO | Dataset,
    *,
    ds_out: Dataset | None = None,
    specific_tags: list[Any] | None = None,
    indices: Iterable[int] | None = None,
    raw: bool = False,
    decoding_plugin: str = "",
    **kwargs: Any,
) -> Iterator[np.ndarray]:
    """Yield decoded frames as arrays, reading and decoding each one when it is asked for.

    Parameters
    ----------
    indices : Iterable[int], optional
        The frames to yield, counted from 0, negative ones from the end; all frames in turn by default.
    src, ds_out, specific_tags, raw, decoding_plugin, **kwargs
        As for :func:`pixel_array`.

    Yields
    ------
    numpy.ndarray
        ``(rows, columns)`` or ``(rows, columns, samples)``.
    """
    from pydcm.dataset import Dataset

    if isinstance(src, Dataset):
        decoder = decoder_for(dataset_syntax(src))
        for arr, _ in decoder.iter_array(
            src, indices=indices, raw=raw, decoding_plugin=decoding_plugin, **kwargs
        ):
            yield arr
        return
    with opened(src) as stream:
        ds, opts, source = read_header(stream, _tags_for(ds_out, specific_tags), kwargs)
        _hand_over(ds, ds_out)
        decoder = decoder_for(opts["transfer_syntax_uid"])
        for arr, _ in decoder.iter_array(
            source, indices=indices, raw=raw, decoding_plugin=decoding_plugin, **opts
        ):
            yield arr
