"""Writing data sets, elements and sequences to file-likes (PS3.5 §7)."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from pydcm import config
from pydcm._io._value_writers import DEFAULT_ENCODING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pydcm.dataelem import DataElement, RawDataElement
    from pydcm.dataset import Dataset
    from pydcm.filebase import DicomIO

    EncodingType = tuple[bool | None, bool | None]


def write_data_element(
    fp: DicomIO, elem: DataElement | RawDataElement, encodings: str | list[str] | None = None
) -> None:
    """Write `elem`: its header, its value and, for an undefined length, the delimiter.

    Parameters
    ----------
    fp : filebase.DicomIO
        Where to write to; its ``is_implicit_VR`` and ``is_little_endian`` say how to encode.
    elem : dataelem.DataElement or dataelem.RawDataElement
        The element. The value of a raw one is written as it is.
    encodings : str or list of str, optional
        The character set of its text, in DICOM's or in Python's names.

    Raises
    ------
    ValueError
        If the VR is ambiguous and has to be written, if the value is too long, or if pixel data of undefined length
        are not encapsulated.
    NotImplementedError
        If there is no such VR.
    OSError
        If a number does not fit its VR.
    """
    from pydcm._core._write import Serialiser

    serialiser = Serialiser(fp.is_implicit_VR, fp.is_little_endian)
    serialiser.add_element(elem, encodings or [DEFAULT_ENCODING])
    serialiser.write_to(fp)


def write_dataset(fp: DicomIO, dataset: Dataset, parent_encoding: str | list[str] = DEFAULT_ENCODING) -> int:
    """Write the elements of `dataset`.

    Parameters
    ----------
    fp : filebase.DicomIO
        Where to write to. How to encode is taken from its ``is_implicit_VR`` and ``is_little_endian`` or, where they
        are not set, from those of `dataset`, or from the encoding it was read in; they are set to what was used.
    dataset : dataset.Dataset
        The data set.
    parent_encoding : str or list of str, optional
        The character set of the text if `dataset` does not name one.

    Returns
    -------
    int
        The number of bytes written.

    Raises
    ------
    AttributeError
        If nothing says how to encode.
    """
    from pydcm._core._write import Serialiser

    candidates: list[EncodingType] = [
        (getattr(fp, "_implicit_vr", None), getattr(fp, "_little_endian", None))
    ]
    if not config._use_future:
        candidates.append((dataset.is_implicit_VR, dataset.is_little_endian))
    candidates.append(dataset.original_encoding)
    encoding = next((pair for pair in candidates if None not in pair), None)
    if encoding is None:
        raise AttributeError("'fp.is_implicit_VR' and 'fp.is_little_endian' attributes are required ")

    implicit, little = cast("tuple[bool, bool]", encoding)
    fp.is_implicit_VR, fp.is_little_endian = implicit, little
    serialiser = Serialiser(implicit, little)
    serialiser.add_dataset(dataset, parent_encoding)
    return serialiser.write_to(fp)


def write_sequence(fp: DicomIO, elem: DataElement, encodings: list[str]) -> None:
    """Write the items of a sequence, without the header of the sequence itself.

    Parameters
    ----------
    fp : filebase.DicomIO
        Where to write to.
    elem : dataelem.DataElement
        The sequence element.
    encodings : list of str
        The character set of the text in items that name none.
    """
    _write_items(fp, cast("Iterable[Dataset]", elem.value), encodings)


def write_sequence_item(fp: DicomIO, dataset: Dataset, encodings: list[str]) -> None:
    """Write one item of a sequence, with its header and, for an undefined length, its delimiter (PS3.5 §7.5).

    Parameters
    ----------
    fp : filebase.DicomIO
        Where to write to.
    dataset : dataset.Dataset
        The item.
    encodings : list of str
        The character set of its text if it names none.
    """
    _write_items(fp, [dataset], encodings)


def _write_items(fp: DicomIO, items: Iterable[Dataset], encodings: list[str]) -> None:
    from pydcm._core._write import Serialiser

    serialiser = Serialiser(fp.is_implicit_VR, fp.is_little_endian)
    serialiser.add_items(items, encodings or [DEFAULT_ENCODING])
    serialiser.write_to(fp)
