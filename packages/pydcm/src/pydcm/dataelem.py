"""Data elements: a tag, a value representation and a value (PS3.5 §7.1)."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any, NamedTuple

from pydcm import config
from pydcm._core._element import ElementCore
from pydcm.tag import BaseTag, Tag

if TYPE_CHECKING:
    from collections.abc import Callable, MutableSequence

    from pydcm.dataset import Dataset

__all__ = ["DataElement", "RawDataElement", "convert_raw_data_element", "empty_value_for_VR"]


def empty_value_for_VR(VR: str | None, raw: bool = False) -> bytes | list[str] | str | Any | None:
    """Return what an empty element of `VR` has for a value.

    Parameters
    ----------
    VR : str or None
        The value representation.
    raw : bool, optional
        ``True`` for the value of a :class:`RawDataElement`, ``False`` (default) for that of a :class:`DataElement`.

    Returns
    -------
    str or bytes or list or PersonName or None
        An empty list for SQ; an empty text for the text VRs except DS and IS (``None`` instead when
        ``config.use_none_as_empty_text_VR_value`` is set); ``None`` for all others.
    """
    from pydcm import valuerep

    if VR == "SQ":
        return b"" if raw else []
    if config.use_none_as_empty_text_VR_value:
        return None
    if VR == "PN":
        return b"" if raw else valuerep.PersonName("")
    if VR in valuerep.STR_VR and VR not in ("DS", "IS"):
        return b"" if raw else ""
    return None


class RawDataElement(NamedTuple):
    """An element as it stands in the file, with its value still encoded."""

    tag: BaseTag
    VR: str | None
    length: int
    value: bytes | None
    value_tell: int
    is_implicit_VR: bool
    is_little_endian: bool
    is_raw: bool = True
    is_buffered: bool = False


def convert_raw_data_element(
    raw: RawDataElement,
    *,
    encoding: str | MutableSequence[str] | None = None,
    ds: Dataset | None = None,
) -> DataElement:
    """Return the :class:`DataElement` for a raw one.

    The VR is found by the ``"raw_element_vr"`` hook and the value by ``"raw_element_value"``, see
    :class:`pydcm.hooks.Hooks`.

    Parameters
    ----------
    raw : RawDataElement
        The element as read.
    encoding : str or list of str, optional
        The character encodings of its text.
    ds : Dataset, optional
        The data set that it belongs to (private creators are looked up in it).

    Returns
    -------
    DataElement
        The converted element.
    """
    from pydcm.hooks import hooks

    if config.data_element_callback:
        raw = config.data_element_callback(raw, **config.data_element_callback_kwargs)
    data: dict[str, Any] = {}
    extra = hooks.raw_element_kwargs
    hooks.raw_element_vr(raw, data, encoding=encoding, ds=ds, **extra)
    hooks.raw_element_value(raw, data, encoding=encoding, ds=ds, **extra)
    return DataElement(
        raw.tag, data["VR"], data["value"], raw.value_tell, raw.length == 0xFFFFFFFF, already_converted=True
    )


class DataElement(ElementCore):
    """One element of a data set.

    Parameters
    ----------
    tag : int or str or tuple of int
        Anything that :func:`~pydcm.tag.Tag` takes.
    VR : str
        The value representation (PS3.5 §6.2).
    value : Any
        The value; a list or tuple for more than one, or one text with backslashes where the VR allows several.
    file_value_tell : int, optional
        Where the value starts in the file it came from.
    is_undefined_length : bool, optional
        Whether its length field was 0xFFFFFFFF.
    already_converted : bool, optional
        ``True`` to take `value` as it is.
    validation_mode : int, optional
        ``config.IGNORE``, ``WARN`` or ``RAISE``; the reading mode of the settings by default.

    Attributes
    ----------
    tag : BaseTag
        The element's tag.
    VR : str
        The value representation.
    private_creator : str or None
        The creator of the private block that the element belongs to, once known.
    descripWidth, maxBytesToDisplay, showVR
        How elements are printed: width of the name, number of values printed in full, whether the VR is printed.
    """

    descripWidth = 35
    maxBytesToDisplay = 16
    showVR = True
    is_raw = False

    def __init__(
        self,
        tag: int | str | tuple[int, int],
        VR: str,
        value: Any,
        file_value_tell: int | None = None,
        is_undefined_length: bool = False,
        already_converted: bool = False,
        validation_mode: int | None = None,
    ) -> None:
        if not isinstance(tag, BaseTag):
            tag = Tag(tag)
        if (
            VR == "UN"
            and config.replace_un_with_known_vr
            and not tag.is_private
            and (is_undefined_length or value is None or len(value) < 0xFFFF)
        ):
            # A known tag is only written as UN when its value is too long for a 16-bit length (PS3.5 §6.2.2)
            VR = _known_vr(tag, VR)
        self.tag = tag
        self.VR = VR
        self.validation_mode = (
            config.settings.reading_validation_mode if validation_mode is None else validation_mode
        )
        if already_converted:
            self._value = value
        else:
            self.value = value
        self.file_tell = file_value_tell
        self.is_undefined_length = is_undefined_length
        self.private_creator: str | None = None

    # ---- value ---------------------------------------------------------------------------------------------------
    def _accept(self, value: Any) -> Any:
        """Return `value` as it is stored: split, converted and validated."""
        from io import BufferedIOBase

        from pydcm import valuerep

        VR = self.VR
        if isinstance(value, BufferedIOBase):
            if VR not in valuerep.BUFFERABLE_VRS:
                raise ValueError(
                    f"Elements with a VR of '{VR}' cannot be used with buffered values, supported VRs are: "
                    f"{', '.join(sorted(vr for vr in map(str, valuerep.BUFFERABLE_VRS) if 'or' not in vr))}"
                )
            from pydcm.fileutil import check_buffer

            try:
                check_buffer(value)
            except Exception as exc:
                raise type(exc)(f"Invalid buffer for {self.tag} '{self.name}': {exc}") from exc
            return value
        if VR not in valuerep.ALLOW_BACKSLASH:
            if isinstance(value, str):
                if "\\" in value:
                    value = value.split("\\")
            elif isinstance(value, bytes) and b"\\" in value:
                value = value.split(b"\\")
        return self._convert_value(value)

    def _convert_value(self, val: Any) -> Any:
        """Return `val` converted for the VR: each item of a list, or the one value."""
        if self.tag == 0x7FE00010 and type(val).__name__ == "ndarray" and config.have_numpy:
            raise TypeError(
                "The value for (7FE0,0010) 'Pixel Data' should be set using 'bytes' not 'numpy.ndarray'. See the "
                "Dataset.set_pixel_data() method for an alternative that supports ndarrays."
            )
        if self.VR == "SQ":
            from pydcm.sequence import Sequence

            return val if isinstance(val, Sequence) else Sequence(val)
        if not hasattr(val, "append"):
            return self._convert(val)
        if len(val) == 1:
            return self._convert(val[0])

        from pydcm.multival import MultiValue
        from pydcm.tag import _LUT_DESCRIPTOR_TAGS

        if self.tag in _LUT_DESCRIPTOR_TAGS and val:
            # 'US or SS' speaks of the second value only: the other two are unsigned (PS3.3 C.11.1.1.1)
            from pydcm.valuerep import validate_value

            validate_value("US", val[0], self.validation_mode)
            for other in val[1:]:
                validate_value(self.VR, other, self.validation_mode)
            return MultiValue(_as_is, val)
        return MultiValue(self._convert, val)

    def _convert(self, val: Any) -> Any:
        """Return one value converted for the VR."""
        from pydcm import valuerep

        VR = self.VR
        mode = self.validation_mode
        if VR in valuerep.DEFAULT_CHARSET_VR:
            val = val.decode() if isinstance(val, bytes) else val
        if VR == "IS":
            return valuerep.IS(val, mode)
        if VR == "DS":
            return valuerep.DS(val, False, mode)
        if VR in ("DA", "DT", "TM") and config.datetime_conversion:
            return getattr(valuerep, VR)(val, validation_mode=mode)
        if VR == "UI":
            from pydcm.uid import UID

            return UID(val, mode) if val is not None else None
        if VR == "PN":
            return valuerep.PersonName(val, validation_mode=mode)
        if VR == "AT" and (val == 0 or val):
            return val if isinstance(val, BaseTag) else Tag(val)
        self.validate(val)
        return val

    def validate(self, value: Any) -> None:
        """Check `value` against the VR in this element's validation mode.

        Raises
        ------
        ValueError
            If the mode is ``config.RAISE`` and the value is not valid.
        """
        from pydcm.valuerep import validate_value

        validate_value(self.VR, value, self.validation_mode)

    @property
    def VM(self) -> int:
        """The value multiplicity: 0 for an empty element, 1 for a sequence, else the number of values."""
        if self.VR == "SQ":
            return 1
        value = self.value
        if value is None:
            return 0
        if isinstance(value, (str, bytes)) or type(value).__name__ == "PersonName":
            return 1 if value else 0
        if self.is_buffered:
            from pydcm.fileutil import buffer_length

            try:
                return 1 if buffer_length(value) else 0
            except Exception as exc:
                raise type(exc)(f"Invalid buffer for {self.tag} '{self.name}': {exc}")
        try:
            iter(value)
        except TypeError:
            return 1
        return len(value)

    @property
    def is_buffered(self) -> bool:
        """``True`` if the value is a file-like object that the bytes are read from when written."""
        value = self._value
        if value is None or isinstance(value, (str, bytes, int, float, list)):
            return False
        from io import BufferedIOBase

        return isinstance(value, BufferedIOBase)

    @property
    def is_empty(self) -> bool:
        """``True`` if the element has no value (no items for a sequence)."""
        return not self.value if self.VR == "SQ" else self.VM == 0

    @property
    def empty_value(self) -> bytes | list[str] | str | Any | None:
        """What the element has for a value when it is empty, see :func:`empty_value_for_VR`."""
        return empty_value_for_VR(self.VR)

    def clear(self) -> None:
        """Empty the element."""
        self._value = self.empty_value

    def to_numpy(self) -> Any:
        """Return the numbers of the element as a one-dimensional NumPy array, without a Python object per number.

        Returns
        -------
        numpy.ndarray
            float64 for DS, int64 for IS, else the VR's own type in native byte order. Shape (VM,).

        Raises
        ------
        TypeError
            If the VR does not hold numbers.
        """
        from pydcm._io.arrays import element_to_numpy

        return element_to_numpy(self)

    # ---- what the dictionary says ----------------------------------------------------------------------------------
    @property
    def name(self) -> str:
        """The dictionary's name: in brackets for a known private element, empty if unknown."""
        from pydcm import datadict

        tag = self.tag
        if tag.is_private:
            if self.private_creator:
                try:
                    return f"[{datadict.private_dictionary_description(tag, self.private_creator)}]"
                except KeyError:
                    pass
            elif tag.element >> 8 == 0:
                return "Private Creator"
            return "Private tag data"
        if datadict.dictionary_has_tag(tag) or datadict.repeater_has_tag(tag):
            return datadict.dictionary_description(tag)
        return "Group Length" if tag.element == 0 else ""

    @property
    def is_private(self) -> bool:
        """``True`` if the group number is odd (PS3.5 §7.8)."""
        return self.tag.is_private

    @property
    def is_retired(self) -> bool:
        """``True`` if PS3.6 lists the element as retired."""
        from pydcm import datadict

        return datadict.dictionary_has_tag(self.tag) and datadict.dictionary_is_retired(self.tag)

    @property
    def keyword(self) -> str:
        """The dictionary's keyword, empty if there is none."""
        from pydcm import datadict

        return datadict.dictionary_keyword(self.tag) if datadict.dictionary_has_tag(self.tag) else ""

    # ---- JSON ------------------------------------------------------------------------------------------------------
    @classmethod
    def from_json(
        cls,
        dataset_class: type[Dataset],
        tag: str,
        vr: str,
        value: Any,
        value_key: str | None,
        bulk_data_uri_handler: Callable[..., Any] | None = None,
    ) -> DataElement:
        """Return the element for one attribute object of the DICOM JSON model (PS3.18 §F).

        Parameters
        ----------
        dataset_class : type
            The class to make sequence items of.
        tag : str
            Eight hexadecimal digits.
        vr : str
            The value representation.
        value : Any
            What the attribute object has under `value_key`.
        value_key : str or None
            ``"Value"``, ``"InlineBinary"``, ``"BulkDataURI"``, or ``None`` when the attribute is empty.
        bulk_data_uri_handler : callable, optional
            Called with (tag, vr, uri) or (uri) and returns the value that the URI stands for.

        Raises
        ------
        ValueError
            If the value does not fit the VR.
        """
        from pydcm.jsonrep import JsonDataElementConverter

        converted = JsonDataElementConverter(
            dataset_class, tag, vr, value, value_key, bulk_data_uri_handler
        ).get_element_values()
        if vr == "UN" and isinstance(converted, bytes) and config.replace_un_with_known_vr:
            raw = RawDataElement(Tag(tag), vr, len(converted), converted, 0, True, True)
            converted = convert_raw_data_element(raw).value
        try:
            return cls(tag=tag, value=converted, VR=vr)
        except Exception as exc:
            raise ValueError(f"Data element '{tag}' could not be loaded from JSON: {converted}") from exc

    def to_json_dict(
        self,
        bulk_data_element_handler: Callable[[DataElement], str] | None,
        bulk_data_threshold: int,
    ) -> dict[str, Any]:
        """Return the element as an attribute object of the DICOM JSON model (PS3.18 §F).

        Parameters
        ----------
        bulk_data_element_handler : callable or None
            Called with a binary element that is too long and returns its BulkDataURI.
        bulk_data_threshold : int
            Number of base64 characters from which the handler is asked.
        """
        from pydcm.jsonrep import element_to_json_dict

        return element_to_json_dict(self, bulk_data_element_handler, bulk_data_threshold)

    def to_json(
        self,
        bulk_data_threshold: int = 1024,
        bulk_data_element_handler: Callable[[DataElement], str] | None = None,
        dump_handler: Callable[[dict[str, Any]], str] | None = None,
    ) -> str:
        """Return :meth:`to_json_dict` as text; `dump_handler` replaces :func:`json.dumps` with sorted keys."""
        content = self.to_json_dict(bulk_data_element_handler, bulk_data_threshold)
        if dump_handler is not None:
            return dump_handler(content)
        import json

        return json.dumps(content, sort_keys=True)

    # ---- comparison, copies, text ------------------------------------------------------------------------------------
    def __eq__(self, other: object) -> Any:
        if other is self:
            return True
        if not isinstance(other, self.__class__):
            return NotImplemented
        if self.tag != other.tag or self.VR != other.VR:
            return False
        mine, theirs = self.value, other.value
        if type(mine).__name__ == "ndarray" and config.have_numpy:
            import numpy

            return len(mine) == len(theirs) and numpy.allclose(mine, theirs)
        if not self.is_buffered and not other.is_buffered:
            return mine == theirs
        from pydcm.fileutil import buffer_equality

        try:
            return buffer_equality(mine, theirs) if self.is_buffered else buffer_equality(theirs, mine)
        except Exception as exc:
            raise type(exc)(f"Invalid buffer for {self.tag} '{self.name}': {exc}")

    def __ne__(self, other: object) -> Any:
        return not (self == other)

    __hash__ = None  # type: ignore[assignment]

    def __copy__(self) -> DataElement:
        result = self.__class__.__new__(self.__class__)
        result.__dict__.update(self.__dict__)
        result._copy_fields(self, self._value)
        return result

    def __deepcopy__(self, memo: dict[int, Any]) -> DataElement:
        result = self.__class__.__new__(self.__class__)
        memo[id(self)] = result
        try:
            value = copy.deepcopy(self._value, memo)
        except Exception as exc:
            if not self.is_buffered:
                raise
            raise type(exc)(f"Error deepcopying the buffered element {self.tag} '{self.name}': {exc}")
        result._copy_fields(self, value)
        for key, item in self.__dict__.items():
            result.__dict__[key] = copy.deepcopy(item, memo)
        return result

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "_fields": self._fields()}

    def __setstate__(self, state: dict[str, Any]) -> None:
        state = dict(state)
        self._set_fields(state.pop("_fields"))
        self.__dict__.update(state)

    def __reduce__(self) -> tuple[Any, ...]:
        return _blank, (self.__class__,), self.__getstate__()

    def __str__(self) -> str:
        value = self.repval or ""
        name = f"{self.name[: self.descripWidth]:<{self.descripWidth}}"
        return f"{self.tag} {name} {self.VR}: {value}" if self.showVR else f"{self.tag} {name} {value}"

    def __repr__(self) -> str:
        return str(self)

    @property
    def repval(self) -> str:
        """The value as it is printed: long ones are summarised, UIDs are given by name."""
        from pydcm.uid import UID
        from pydcm.valuerep import LONG_VALUE_VR

        value = self.value
        if self.is_buffered:
            return repr(value)  # a stream is not consumed for printing
        if self.VR in LONG_VALUE_VR and hasattr(value, "__len__") and len(value) > self.maxBytesToDisplay:
            return f"Array of {len(value)} elements"
        VM = self.VM
        if self.maxBytesToDisplay < VM:
            return f"Array of {VM} elements"
        return value.name if isinstance(value, UID) else repr(value)

    def __getitem__(self, key: int) -> Any:
        try:
            return self.value[key]
        except TypeError:
            raise TypeError("DataElement value is unscriptable (not a Sequence)")


def _blank(cls: type[DataElement]) -> DataElement:
    return cls.__new__(cls)


def _as_is(value: Any) -> Any:
    return value


def _known_vr(tag: BaseTag, default: str) -> str:
    from pydcm.datadict import dictionary_VR

    try:
        return dictionary_VR(tag)
    except KeyError:
        return default


def _data_element_from_raw(
    raw_data_element: RawDataElement,
    encoding: str | MutableSequence[str] | None = None,
    dataset: Dataset | None = None,
) -> DataElement:
    """Deprecated name of :func:`convert_raw_data_element`."""
    from pydcm.misc import warn_and_log

    warn_and_log(
        "'pydicom.dataelem.DataElement_from_raw' is deprecated and will be removed in v4.0, please use "
        "'pydicom.dataelem.convert_raw_data_element' instead",
        DeprecationWarning,
    )
    return convert_raw_data_element(raw_data_element, encoding=encoding, ds=dataset)


def __getattr__(name: str) -> Any:
    if name == "DataElement_from_raw" and not config._use_future:
        return _data_element_from_raw
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
