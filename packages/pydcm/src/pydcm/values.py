"""Convert the encoded value of an element to Python objects.

This is the complete conversion, with every option, tolerance and warning. Compiled code converts clean values
itself and leaves the rest to :func:`convert_value`.
"""

from __future__ import annotations

from struct import calcsize, unpack
from typing import TYPE_CHECKING, Any, TypeVar

from . import config, valuerep
from .charset import decode_bytes, default_encoding
from .errors import BytesLengthException
from .multival import MultiValue
from .tag import BaseTag, Tag
from .uid import UID
from .valuerep import DA, DT, IS, TEXT_VR_DELIMS, TM, PersonName, validate_value

if TYPE_CHECKING:
    from collections.abc import Callable, MutableSequence

    import numpy

    from .dataelem import RawDataElement
    from .sequence import Sequence

_T = TypeVar("_T")


def _log_warning(msg: str) -> None:
    config.logger.warning(msg)


# ------------------------------------------------------------------------------------ strings of ASCII
def multi_string(val: str, valtype: Callable[[str], _T] | None = None) -> _T | MutableSequence[_T]:
    r"""Split text at backslashes, after removing spaces and NULs from its end.

    Parameters
    ----------
    val : str
        The text.
    valtype : callable, optional
        What to make of each part, such as :class:`~pydcm.uid.UID`; :class:`str` by default.

    Returns
    -------
    valtype or MultiValue of valtype
        The one value, or several.
    """
    make: Any = str if valtype is None else valtype
    parts = val.rstrip(" \0").split("\\")
    return make(parts[0]) if len(parts) == 1 else MultiValue(make, parts)


def convert_string(
    byte_string: bytes, is_little_endian: bool, struct_format: str | None = None
) -> str | MutableSequence[str]:
    """Return the value of an AS or CS element, or of DA, DT or TM where these stay text.

    Parameters
    ----------
    byte_string : bytes
        The encoded value.
    is_little_endian : bool
        Not used, as in all the converters of text.
    struct_format : str, optional
        Not used.

    Returns
    -------
    str or MultiValue of str
    """
    return multi_string(byte_string.decode(default_encoding))


def convert_AE_string(
    byte_string: bytes, is_little_endian: bool, struct_format: str | None = None
) -> str | MutableSequence[str]:
    """Return the value of an AE element without leading and trailing spaces (PS3.5 §6.2).

    Parameters
    ----------
    byte_string, is_little_endian, struct_format
        As for :func:`convert_string`.

    Returns
    -------
    str or MultiValue of str
    """
    parts = [part.strip() for part in byte_string.decode(default_encoding).split("\\")]
    return parts[0] if len(parts) == 1 else MultiValue(str, parts)


def convert_UI(
    byte_string: bytes, is_little_endian: bool, struct_format: str | None = None
) -> UID | MutableSequence[UID]:
    """Return the value of a UI element without its padding.

    Parameters
    ----------
    byte_string, is_little_endian, struct_format
        As for :func:`convert_string`.

    Returns
    -------
    UID or MultiValue of UID
    """
    return multi_string(byte_string.decode(default_encoding), UID)


def convert_UR_string(
    byte_string: bytes, is_little_endian: bool, struct_format: str | None = None
) -> str:
    """Return the value of a UR element, which is never multi-valued, without trailing white space.

    Parameters
    ----------
    byte_string, is_little_endian, struct_format
        As for :func:`convert_string`.

    Returns
    -------
    str
    """
    return byte_string.decode(default_encoding).rstrip()


# ------------------------------------------------------------------------------------- dates and times
def _convert_temporal(
    byte_string: bytes, is_little_endian: bool, from_text: Callable[[str], _T]
) -> str | _T | MutableSequence[str] | MutableSequence[_T]:
    """Return the text, or what `from_text` makes of its parts if temporal values are to be converted."""
    if not config.datetime_conversion:
        return convert_string(byte_string, is_little_endian)
    parts = byte_string.decode(default_encoding).split("\\")
    return from_text(parts[0]) if len(parts) == 1 else MultiValue(from_text, parts)


def _checked(value: str, shortest: int, longest: int) -> str:
    """Return `value` without trailing white space, with a note in the log if its length is out of bounds."""
    value = value.rstrip()
    if not shortest <= len(value) <= longest:
        _log_warning(f"Expected length between {shortest} and {longest}, got length {len(value)}")
    return value


def _DA_from_str(value: str) -> DA:
    return DA(value.rstrip())


def _DT_from_str(value: str) -> DT:
    return DT(_checked(value, 4, 26))


def _TM_from_str(value: str) -> TM:
    return TM(_checked(value, 2, 16) if value.rstrip() else "")


def convert_DA_string(
    byte_string: bytes, is_little_endian: bool, struct_format: str | None = None
) -> str | DA | MutableSequence[str] | MutableSequence[DA]:
    """Return the value of a DA element.

    Parameters
    ----------
    byte_string, is_little_endian, struct_format
        As for :func:`convert_string`.

    Returns
    -------
    str or DA, or MultiValue of them
        :class:`~pydcm.valuerep.DA` if :data:`~pydcm.config.datetime_conversion`.
    """
    return _convert_temporal(byte_string, is_little_endian, _DA_from_str)


def convert_DT_string(
    byte_string: bytes, is_little_endian: bool, struct_format: str | None = None
) -> str | DT | MutableSequence[str] | MutableSequence[DT]:
    """Return the value of a DT element.

    Parameters
    ----------
    byte_string, is_little_endian, struct_format
        As for :func:`convert_string`.

    Returns
    -------
    str or DT, or MultiValue of them
        :class:`~pydcm.valuerep.DT` if :data:`~pydcm.config.datetime_conversion`.
    """
    return _convert_temporal(byte_string, is_little_endian, _DT_from_str)


def convert_TM_string(
    byte_string: bytes, is_little_endian: bool, struct_format: str | None = None
) -> str | TM | MutableSequence[str] | MutableSequence[TM]:
    """Return the value of a TM element.

    Parameters
    ----------
    byte_string, is_little_endian, struct_format
        As for :func:`convert_string`.

    Returns
    -------
    str or TM, or MultiValue of them
        :class:`~pydcm.valuerep.TM` if :data:`~pydcm.config.datetime_conversion`.
    """
    return _convert_temporal(byte_string, is_little_endian, _TM_from_str)


# --------------------------------------------------------------------------------------------- numbers
def _numpy_from_text(text: str, vr: str, repertoire: str, dtype: str) -> Any:
    """Return numbers written as text as a numpy array of shape (values,), or as a scalar if there is one.

    Raises
    ------
    ImportError
        If numpy is not installed.
    ValueError
        If `text` has characters outside of `repertoire`; numpy itself would stop there silently.
    """
    try:
        import numpy
    except ImportError as exc:
        raise ImportError(f"use_{vr}_numpy set but numpy not installed") from exc
    strangers = text.translate({ord(char): None for char in repertoire})
    if strangers:
        raise ValueError(f"{vr}: char(s) not in repertoire: '{strangers}'")
    numbers = numpy.fromstring(text, dtype=dtype, sep="\\")
    return numbers[0] if len(numbers) == 1 else numbers


def convert_DS_string(
    byte_string: bytes, is_little_endian: bool, struct_format: str | None = None
) -> (
    valuerep.DSfloat
    | valuerep.DSdecimal
    | MutableSequence[valuerep.DSfloat]
    | MutableSequence[valuerep.DSdecimal]
    | numpy.float64
    | numpy.ndarray
):
    """Return the value of a DS element.

    Parameters
    ----------
    byte_string, is_little_endian, struct_format
        As for :func:`convert_string`.

    Returns
    -------
    DSfloat, or MultiValue of DSfloat
        By default.
    DSdecimal, or MultiValue of DSdecimal
        If :data:`~pydcm.config.use_DS_decimal`.
    numpy.float64, or numpy.ndarray of float64, shape (values,)
        If :data:`~pydcm.config.use_DS_numpy`.

    Raises
    ------
    ValueError
        If numpy is to be used and there are characters that no DS has.
    ImportError
        If numpy is to be used and not installed.
    """
    text = byte_string.decode(default_encoding)
    if config.use_DS_numpy:
        return _numpy_from_text(text, "DS", " \\0123456789.+-eE", "f8")
    # DSclass is looked up here, as config.DS_decimal() replaces it
    return multi_string(text.strip(), valuerep.DSclass)


def convert_IS_string(
    byte_string: bytes, is_little_endian: bool, struct_format: str | None = None
) -> IS | MutableSequence[IS] | numpy.int64 | numpy.ndarray:
    """Return the value of an IS element.

    Parameters
    ----------
    byte_string, is_little_endian, struct_format
        As for :func:`convert_string`.

    Returns
    -------
    IS, or MultiValue of IS
        By default.
    numpy.int64, or numpy.ndarray of int64, shape (values,)
        If :data:`~pydcm.config.use_IS_numpy`.

    Raises
    ------
    ValueError
        If numpy is to be used and there are characters that no IS has.
    ImportError
        If numpy is to be used and not installed.
    """
    text = byte_string.decode(default_encoding)
    if config.use_IS_numpy:
        return _numpy_from_text(text, "IS", " \\0123456789.+-", "i8")
    return multi_string(text, IS)


def convert_numbers(
    byte_string: bytes, is_little_endian: bool, struct_format: str
) -> str | int | float | MutableSequence[int] | MutableSequence[float]:
    """Return the value of an element of binary numbers.

    Parameters
    ----------
    byte_string : bytes
        The encoded value.
    is_little_endian : bool
        ``True`` if the least significant byte of a number comes first.
    struct_format : str
        One number as a format of :mod:`struct`, without the byte order.

    Returns
    -------
    int or float
        A single number.
    list of int or list of float
        Several numbers.
    str
        The empty string for no bytes.

    Raises
    ------
    BytesLengthException
        If there is not a whole number of numbers.
    """
    # A byte order of its own makes struct use the standard sizes
    order = "<" if is_little_endian else ">"
    size = calcsize(order + struct_format)
    length = len(byte_string)
    count, rest = divmod(length, size)
    if rest:
        shown = repr(byte_string) if length <= 256 else "bytes"
        raise BytesLengthException(
            f"Expected total bytes to be an even multiple of bytes per value. Instead received {shown} "
            f"with length {length} and struct format '{struct_format}' which corresponds to bytes per value "
            f"of {size}."
        )
    if count == 0:
        return ""
    numbers = unpack(f"{order}{count}{struct_format}", byte_string)
    return numbers[0] if count == 1 else list(numbers)


def convert_tag(byte_string: bytes, is_little_endian: bool, offset: int = 0) -> BaseTag:
    """Return the tag encoded at a position.

    Parameters
    ----------
    byte_string : bytes
        At least four bytes.
    is_little_endian : bool
        ``True`` if the least significant byte of a number comes first.
    offset : int, optional
        Where the tag begins.

    Raises
    ------
    ValueError
        If there are fewer than four bytes.
    """
    encoded = byte_string[offset : offset + 4]
    if len(encoded) < 4:
        raise ValueError("byte string too short - must be at least 4 bytes long.")
    group, element = unpack("<HH" if is_little_endian else ">HH", encoded)
    return BaseTag(group << 16 | element)


def convert_ATvalue(
    byte_string: bytes, is_little_endian: bool, struct_format: str | None = None
) -> BaseTag | MutableSequence[BaseTag]:
    """Return the value of an AT element; bytes too few for a tag at the end are left out.

    Parameters
    ----------
    byte_string : bytes
        The encoded value.
    is_little_endian : bool
        ``True`` if the least significant byte of a number comes first.
    struct_format : str, optional
        Not used.

    Returns
    -------
    BaseTag or MultiValue of BaseTag
    """
    length = len(byte_string)
    if length == 4:
        return convert_tag(byte_string, is_little_endian)
    if length % 4:
        _log_warning(f"Expected length to be multiple of 4 for VR 'AT', got length {length}")
    tags = [convert_tag(byte_string, is_little_endian, offset) for offset in range(0, length - length % 4, 4)]
    return MultiValue(Tag, tags)


# ------------------------------------------------------------------------------- bytes that stay bytes
def convert_OBvalue(byte_string: bytes, is_little_endian: bool, struct_format: str | None = None) -> bytes:
    """Return the value of an OB element, which is the bytes themselves."""
    return byte_string


def convert_OWvalue(byte_string: bytes, is_little_endian: bool, struct_format: str | None = None) -> bytes:
    """Return the value of an OW element: the bytes themselves, in the byte order of the file."""
    return byte_string


def convert_OVvalue(byte_string: bytes, is_little_endian: bool, struct_format: str | None = None) -> bytes:
    """Return the value of an OV element: the bytes themselves, in the byte order of the file."""
    return byte_string


def convert_UN(byte_string: bytes, is_little_endian: bool, struct_format: str | None = None) -> bytes:
    """Return the value of a UN element, which is the bytes themselves."""
    return byte_string


# -------------------------------------------------------------------- text in a specific character set
def convert_PN(
    byte_string: bytes, encodings: list[str] | None = None
) -> PersonName | MutableSequence[PersonName]:
    """Return the value of a PN element.

    Parameters
    ----------
    byte_string : bytes
        The encoded value.
    encodings : list of str, optional
        The character encodings, as Python codecs; ASCII with the upper half of Latin 1 by default.

    Returns
    -------
    PersonName or MultiValue of PersonName
    """
    codecs = encodings or [default_encoding]

    def make(text: str) -> PersonName:
        name = PersonName(text, codecs)
        # A name made from text has no encoded form; the name that is returned has it
        name.encode()
        return name.decode()

    parts = decode_bytes(byte_string.rstrip(b"\0 "), codecs, TEXT_VR_DELIMS).split("\\")
    return make(parts[0]) if len(parts) == 1 else MultiValue(make, parts)


def convert_text(
    byte_string: bytes, encodings: list[str] | None = None, vr: str | None = None
) -> str | MutableSequence[str]:
    """Return the value of an SH, LO or UC element.

    Parameters
    ----------
    byte_string : bytes
        The encoded value.
    encodings : list of str, optional
        As for :func:`convert_PN`.
    vr : str, optional
        If given, the values are validated for this VR.

    Returns
    -------
    str or MultiValue of str
    """
    parts = decode_bytes(byte_string, encodings or [default_encoding], TEXT_VR_DELIMS).split("\\")
    texts = [_finish_text(part, vr) for part in parts]
    return texts[0] if len(texts) == 1 else MultiValue(str, texts)


def convert_single_string(
    byte_string: bytes, encodings: list[str] | None = None, vr: str | None = None
) -> str:
    """Return the value of an ST, LT or UT element, where a backslash is a character like any other.

    Parameters
    ----------
    byte_string, encodings, vr
        As for :func:`convert_text`.

    Returns
    -------
    str
    """
    return _finish_text(decode_bytes(byte_string, encodings or [default_encoding], TEXT_VR_DELIMS), vr)


def _finish_text(text: str, vr: str | None) -> str:
    """Validate one text for `vr` and remove the padding."""
    if vr is not None:
        validate_value(vr, text, config.settings.reading_validation_mode)
    return text.rstrip("\0 ")


# ------------------------------------------------------------------------------------------- sequences
def convert_SQ(
    byte_string: bytes,
    is_implicit_VR: bool,
    is_little_endian: bool,
    encoding: list[str] | None = None,
    offset: int = 0,
) -> Sequence:
    """Return the value of an SQ element.

    Parameters
    ----------
    byte_string : bytes
        The encoded items.
    is_implicit_VR : bool
        ``True`` if the elements of the items have no VR of their own.
    is_little_endian : bool
        ``True`` if the least significant byte of a number comes first.
    encoding : list of str, optional
        The character encodings of items without a Specific Character Set.
    offset : int, optional
        Where in the file the value begins.

    Returns
    -------
    Sequence
    """
    from io import BytesIO

    from .filereader import read_sequence

    encodings = encoding or [default_encoding]
    return read_sequence(
        BytesIO(byte_string), is_implicit_VR, is_little_endian, len(byte_string), encodings, offset
    )


# ---------------------------------------------------------------------------------------- all together
#: The order in which other VRs are tried for a value that its own converter refuses.
convert_retry_VR_order: list[str] = [
    "SH", "UL", "SL", "US", "SS", "FL", "FD", "OF", "OB", "UI", "DA",
    "TM", "PN", "IS", "DS", "LT", "SQ", "UN", "AT", "OW", "DT", "UT",
]  # fmt: skip

#: For every VR its converter, or a tuple of the converter and the format of one binary number.
converters: dict[str, Any] = {
    **dict.fromkeys(("OB", "OD", "OL", "OB or OW"), convert_OBvalue),
    **dict.fromkeys(("OF", "OW", "US or SS", "US or OW", "US or SS or OW"), convert_OWvalue),
    "OV": convert_OVvalue,
    "UN": convert_UN,
    **dict.fromkeys(("AS", "CS"), convert_string),
    **dict.fromkeys(("LO", "SH", "UC"), convert_text),
    **dict.fromkeys(("LT", "ST", "UT"), convert_single_string),
    "AE": convert_AE_string,
    "AT": convert_ATvalue,
    "DA": convert_DA_string,
    "DS": convert_DS_string,
    "DT": convert_DT_string,
    "IS": convert_IS_string,
    "PN": convert_PN,
    "SQ": convert_SQ,
    "TM": convert_TM_string,
    "UI": convert_UI,
    "UR": convert_UR_string,
    "FD": (convert_numbers, "d"),
    "FL": (convert_numbers, "f"),
    "SL": (convert_numbers, "l"),
    "SS": (convert_numbers, "h"),
    "SV": (convert_numbers, "q"),
    "UL": (convert_numbers, "L"),
    "US": (convert_numbers, "H"),
    "UV": (convert_numbers, "Q"),
}

_TEXT_VRS = frozenset(("LO", "LT", "SH", "ST", "UC", "UT"))


def convert_value(
    VR: str,
    raw_data_element: RawDataElement,
    encodings: str | MutableSequence[str] | None = None,
) -> Any | MutableSequence[Any]:
    """Return the value of a raw element.

    Where the converter of `VR` refuses the bytes and invalid values need not raise, the converters of other VRs
    are tried, and if all fail the bytes are returned.

    Parameters
    ----------
    VR : str
        The VR to convert by.
    raw_data_element : RawDataElement
        The element.
    encodings : str or list of str, optional
        The character encodings, as Python codecs.

    Returns
    -------
    Any
        One value or a list of them; for an element of no length what
        :func:`~pydcm.dataelem.empty_value_for_VR` gives.

    Raises
    ------
    NotImplementedError
        If there is no converter for `VR`.
    BytesLengthException
        If the length does not fit `VR`.
    ValueError
        If the value is invalid and invalid values shall raise.
    """
    if VR not in converters:
        readable = all("A" <= char <= "Z" or "a" <= char <= "z" for char in VR)
        shown = VR if readable else " ".join(f"0x{ord(char):02x}" for char in VR)
        raise NotImplementedError(f"Unknown Value Representation '{shown}'")

    if raw_data_element.length == 0:
        from .dataelem import empty_value_for_VR

        return empty_value_for_VR(VR)

    codecs = [encodings] if isinstance(encodings, str) else encodings or [default_encoding]
    try:
        return _convert(VR, raw_data_element, codecs)
    except ValueError:
        if config.settings.reading_validation_mode == config.RAISE:
            raise

    tag = raw_data_element.tag
    config.logger.debug(f"Unable to convert tag {tag} with VR {VR} using the standard value converter")
    for other in convert_retry_VR_order:
        if other != VR:
            try:
                return _convert(other, raw_data_element, codecs)
            except Exception:  # noqa: BLE001, S112 - any failure means: not this one
                continue
    config.logger.debug(
        f"Could not convert value for tag {tag} with any VR in the 'convert_retry_VR_order' list"
    )
    return raw_data_element.value


def _convert(vr: str, raw: RawDataElement, encodings: MutableSequence[str]) -> Any:
    """Return the value of `raw` by the converter of `vr`, called with what that needs."""
    converter = converters[vr]
    if isinstance(converter, tuple):
        return converter[0](raw.value, raw.is_little_endian, converter[1])
    if vr == "PN":
        return converter(raw.value, encodings)
    if vr in _TEXT_VRS:
        return converter(raw.value, encodings, vr)
    if vr == "SQ":
        return converter(raw.value, raw.is_implicit_VR, raw.is_little_endian, encodings, raw.value_tell)
    return converter(raw.value, raw.is_little_endian, None)
