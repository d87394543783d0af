"""The data set: a mutable mapping of data elements."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

from pydcm._core._dataset import DatasetCore
from pydcm._dataset._access import Access
from pydcm._dataset._copy import Copying
from pydcm._dataset._encoding import Encoding
from pydcm._dataset._export import Export
from pydcm._dataset._location import Location
from pydcm._dataset._pixels import PixelHooks
from pydcm._dataset._private import PrivateElements
from pydcm._dataset._text import Text
from pydcm._dataset._walk import Traversal
from pydcm.dataelem import DataElement, RawDataElement

if TYPE_CHECKING:
    from collections.abc import MutableMapping
    from types import TracebackType
    from typing import Self

    from pydcm._dataset._keywords import Keywords
    from pydcm.tag import BaseTag, TagType

    class _Typed(Keywords, DatasetCore):
        """What type checkers and editors see: an attribute per keyword of the dictionary, with its type."""
else:
    _Typed = DatasetCore

_DatasetValue: TypeAlias = DataElement | RawDataElement
_DatasetType: TypeAlias = "Dataset | MutableMapping[BaseTag, _DatasetValue]"


class Dataset(
    Access, Text, Traversal, PrivateElements, Encoding, PixelHooks, Export, Location, Copying, _Typed
):
    """A DICOM data set: data elements by tag, with the keywords of the DICOM dictionary as attributes.

    A data set that was read holds a table of where its elements are; values are converted when they are first asked for.

    Parameters
    ----------
    *args : Dataset or dict, optional
        Where to take the elements from; the elements are shared. A dict becomes the data set's own.
    **kwargs
        ``parent_encoding``: the Python encodings for text if the data set has no Specific Character Set.

    Attributes
    ----------
    file_meta : FileMetaDataset
        The File Meta Information (PS3.10 §7.1). Not there unless it was read or set.
    is_undefined_length_sequence_item : bool
        Whether the data set is the item of a sequence and was read with, or is to be written with, undefined length.
    default_element_format, default_sequence_element_format : str
        The defaults of :meth:`formatted_lines`.
    indent_chars : str
        What the text of items is indented by.

    Examples
    --------
    >>> ds = Dataset()
    >>> ds.PatientName = "CITIZEN^Joan"
    >>> ds.add_new(0x00100020, "LO", "12345")
    >>> ds.ReferencedImageSequence = [Dataset()]
    >>> ds.ReferencedImageSequence[0].ReferencedSOPInstanceUID = "1.2.3"
    >>> ds["PatientName"].VR, ds[0x0010, 0x0020].value, "PatientSex" in ds
    ('PN', '12345', False)
    >>> del ds.PatientID
    >>> [elem.keyword for elem in ds.iterall()]
    ['ReferencedImageSequence', 'ReferencedSOPInstanceUID', 'PatientName']
    """

    __hash__ = None  # type: ignore[assignment]

    def __init__(self, *args: _DatasetType, **kwargs: Any) -> None:
        if "parent_encoding" in kwargs:
            self._parent_encoding = kwargs["parent_encoding"]
        source = args[0] if args else None
        if isinstance(source, Dataset):
            self._take_over(source)
        elif source is not None:
            self._take_elements(source if isinstance(source, dict) else dict(source))

    def add(self, data_element: DataElement) -> None:
        """Put an element into the data set, in place of the one with its tag if there is one.

        Parameters
        ----------
        data_element : DataElement
            The element.
        """
        self[data_element.tag] = data_element

    def add_new(self, tag: TagType, VR: str, value: Any) -> None:
        """Make an element and put it into the data set.

        Parameters
        ----------
        tag : int, str, (int, int) or BaseTag
            Its tag or keyword.
        VR : str
            Its value representation (PS3.5 §6.2).
        value : object
            Its value: one value, a list of values, text with a backslash between values, or for **SQ** a list of data sets.
        """
        self.add(DataElement(tag, VR, value))  # type: ignore[arg-type]

    def data_element(self, name: str) -> DataElement | None:
        """Return the element with a keyword.

        Parameters
        ----------
        name : str
            The keyword.

        Returns
        -------
        DataElement or None
            The element, ``None`` if `name` is not a keyword.

        Raises
        ------
        KeyError
            If `name` is a keyword but the data set has no such element.
        """
        from pydcm.datadict import tag_for_keyword

        tag = tag_for_keyword(name)
        return None if tag is None else self[tag]

    def update_raw_element(self, tag: TagType, *, vr: str | None = None, value: bytes | None = None) -> None:
        """Change the VR or the encoded value of an element that was read but not yet converted.

        That is how to repair an element that cannot be converted as it is.

        Parameters
        ----------
        tag : int, str, (int, int) or BaseTag
            Its tag or keyword.
        vr : str, optional
            The new value representation.
        value : bytes, optional
            The new encoded value.

        Raises
        ------
        ValueError
            If neither is given, or `vr` is not a value representation.
        TypeError
            If `value` is not :class:`bytes`, or the element is already converted.
        KeyError
            If there is no such element.
        """
        from pydcm.tag import Tag
        from pydcm.valuerep import VR

        if vr is None and value is None:
            raise ValueError("Either or both of 'vr' and 'value' are required")
        if vr is not None and vr not in VR.__members__:
            raise ValueError(f"Invalid VR value '{vr}'")
        if value is not None and not isinstance(value, bytes):
            raise TypeError(f"'value' must be bytes, not '{type(value).__name__}'")

        tag = Tag(tag)
        raw = self.get_item(tag)
        if raw is None:
            raise KeyError(f"No element with tag {tag} was found")
        if not isinstance(raw, RawDataElement):
            raise TypeError(
                f"The element with tag {tag} has already been converted to a 'DataElement' instance, this method must "
                "be called earlier"
            )
        if vr is not None:
            raw = raw._replace(VR=vr)
        if value is not None:
            raw = raw._replace(value=value)
        self._dict[tag] = raw

    def ensure_file_meta(self) -> None:
        """Give the data set an empty `file_meta` if it has none."""
        if not hasattr(self, "file_meta"):
            from pydcm.dataset import FileMetaDataset

            self.file_meta = FileMetaDataset()

    def __eq__(self, other: object) -> bool:
        if other is self:
            return True
        if not isinstance(other, type(self)):
            return NotImplemented
        # A list of what is left to compare instead of recursion: files may be nested deeper than the stack
        pairs: list[tuple[Any, Any]] = [(self, other)]
        while pairs:
            mine, theirs = pairs.pop()
            if mine is theirs:
                continue
            # Lengths and tags first: they need no value converted.
            tags = mine.keys()
            if len(tags) != len(theirs) or any(tag not in theirs for tag in tags):
                return False
            for tag in tags:
                one, two = mine[tag], theirs[tag]
                if one.VR != "SQ" or two.VR != "SQ":
                    if one != two:
                        return False
                elif len(one.value) != len(two.value):
                    return False
                else:
                    for item, counterpart in zip(one.value, two.value):
                        if type(item).__eq__ is not Dataset.__eq__ or not isinstance(counterpart, type(item)):
                            if item != counterpart:
                                return False
                        else:
                            pairs.append((item, counterpart))
        return True

    def __ne__(self, other: object) -> bool:
        return not self == other

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> Any:
        # NumPy must take a data set for one object and not for a sequence to look into.
        import numpy as np

        array = np.empty((), dtype=object)
        array[()] = self
        return array

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc_val: BaseException | None,
        exc_tb: TracebackType | None,
    ) -> None:
        return None
