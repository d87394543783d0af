"""Element values to bytes, one function per family of Value Representations (PS3.5 §6.2).

These functions are complete: whatever a data element may hold, they encode it or say why not. The serialiser in
``_core/_write.pyx`` formats the usual cases in C and comes here for everything else, and for the wording of errors.
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, Any

from pydcm.valuerep import VR

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from pydcm.dataelem import DataElement
    from pydcm.filebase import DicomIO

DEFAULT_ENCODING = "iso8859"

# Descriptors of look-up tables: the first of their three values is always unsigned (PS3.3 C.7.6.3.1.5, C.11.1.1.1),
# whatever VR the Pixel Representation gives the element.
_LUT_DESCRIPTORS = frozenset((0x00281101, 0x00281102, 0x00281103, 0x00283002))


def _is_multi_value(val: Any) -> bool:
    """Tell whether `val` is a container of several values."""
    from pydcm.multival import MultiValue

    if isinstance(val, (MultiValue, list, tuple)):
        return True
    # An array can only be here if somebody imported numpy already.
    return type(val).__module__ == "numpy" and type(val).__name__ == "ndarray"


def _write_padded(fp: DicomIO, data: bytes, pad: bytes = b" ") -> None:
    fp.write(data + pad if len(data) % 2 else data)


def multi_string(val: str | Iterable[str]) -> str:
    """Return `val` as one string, several values joined by backslashes."""
    return "\\".join(val) if _is_multi_value(val) else val  # type: ignore[return-value]


def write_numbers(fp: DicomIO, elem: DataElement, struct_format: str) -> None:
    """Write the binary numbers of `elem`.

    Parameters
    ----------
    fp : filebase.DicomIO
        Where to write to; its ``is_little_endian`` gives the byte order.
    elem : dataelem.DataElement
        The element with one number or several.
    struct_format : str
        The type of one number as a :mod:`struct` format character.

    Raises
    ------
    OSError
        If a value is not a number or does not fit the type.
    """
    value: Any = elem.value
    if value is None or (isinstance(value, str) and not value):
        return

    order = "<" if fp.is_little_endian else ">"
    try:
        if hasattr(value, "append") or _is_multi_value(value):
            as_list = getattr(value, "tolist", None)
            numbers = list(value) if as_list is None else as_list()
            head = b""
            if struct_format == "h" and numbers and elem.tag in _LUT_DESCRIPTORS:
                head = struct.pack(f"{order}H", numbers.pop(0))
            data = head + struct.pack(f"{order}{len(numbers)}{struct_format}", *numbers)
        else:
            data = struct.pack(order + struct_format, value)
    except Exception as exc:
        raise OSError(f"{exc}\nfor data_element:\n{elem}") from exc
    fp.write(data)


def write_OBvalue(fp: DicomIO, elem: DataElement) -> None:
    """Write the bytes of `elem`, from memory or from its buffer, with a zero byte behind an odd number of them."""
    if elem.is_buffered:
        from pydcm.fileutil import read_buffer, reset_buffer_position

        nbytes = 0
        with reset_buffer_position(elem.value):  # type: ignore[arg-type]
            for chunk in read_buffer(elem.value):  # type: ignore[arg-type]
                nbytes += fp.write(chunk)
    else:
        nbytes = fp.write(elem.value)  # type: ignore[arg-type]

    if nbytes % 2:
        fp.write(b"\x00")


def write_OWvalue(fp: DicomIO, elem: DataElement) -> None:
    """Write the words of `elem` as they are: the caller sees to their byte order."""
    write_OBvalue(fp, elem)


def write_UN(fp: DicomIO, elem: DataElement) -> None:
    """Write the bytes of `elem`, whose representation is not known, exactly as they are."""
    fp.write(elem.value)  # type: ignore[arg-type]


def write_ATvalue(fp: DicomIO, elem: DataElement) -> None:
    """Write one attribute tag or several."""
    from pydcm.tag import Tag

    value: Any = elem.value
    for tag in value if hasattr(value, "__iter__") else (value,):
        fp.write_tag(Tag(tag))


def write_string(fp: DicomIO, elem: DataElement, padding: str = " ") -> None:
    """Write text that the Specific Character Set does not apply to.

    Parameters
    ----------
    fp : filebase.DicomIO
        Where to write to.
    elem : dataelem.DataElement
        The element with one string or several.
    padding : str, optional
        What an odd length is made even with.
    """
    value = elem.value
    if value is None:
        return
    text = multi_string(value)  # type: ignore[arg-type]
    data = text.encode(DEFAULT_ENCODING) if isinstance(text, str) else text
    _write_padded(fp, data, padding.encode(DEFAULT_ENCODING))


def write_UI(fp: DicomIO, elem: DataElement) -> None:
    """Write unique identifiers, made even with a zero byte (PS3.5 §9.1)."""
    write_string(fp, elem, "\0")


def write_PN(fp: DicomIO, elem: DataElement, encodings: list[str] | None = None) -> None:
    """Write person names.

    Parameters
    ----------
    fp : filebase.DicomIO
        Where to write to.
    elem : dataelem.DataElement
        The element with one name or several.
    encodings : list of str, optional
        The Python codecs of the Specific Character Set in force.
    """
    from pydcm.valuerep import PersonName

    encodings = encodings or [DEFAULT_ENCODING]
    value: Any = elem.value
    names = [value] if elem.VM == 1 and not _is_multi_value(value) else value
    parts = [
        name if hasattr(name, "encode") and not isinstance(name, str) else PersonName(name) for name in names
    ]
    _write_padded(fp, b"\\".join(name.encode(encodings) for name in parts))


def write_text(fp: DicomIO, elem: DataElement, encodings: list[str] | None = None) -> None:
    """Write text in the Specific Character Set.

    Parameters
    ----------
    fp : filebase.DicomIO
        Where to write to.
    elem : dataelem.DataElement
        The element with one text or several, as :class:`str` or as bytes that are encoded already.
    encodings : list of str, optional
        The Python codecs of the Specific Character Set in force.
    """
    from pydcm.charset import encode_string

    value: Any = elem.value
    if value is None:
        return
    codecs = encodings or [DEFAULT_ENCODING]
    texts = value if _is_multi_value(value) else (value,)
    _write_padded(fp, b"\\".join(encode_string(x, codecs) if isinstance(x, str) else x for x in texts))


def write_number_string(fp: DicomIO, elem: DataElement) -> None:
    """Write decimal or integer strings; a number that was read keeps the very string it was read from."""
    value: Any = elem.value
    numbers = value if _is_multi_value(value) else (value,)
    text = "\\".join(x.original_string if hasattr(x, "original_string") else str(x) for x in numbers)
    _write_padded(fp, text.encode(DEFAULT_ENCODING))


def _format_DA(val: Any) -> str:
    """Return the date `val` in the form of PS3.5 §6.2, ``""`` for none."""
    if val is None:
        return ""
    if hasattr(val, "original_string"):
        return val.original_string
    # Not strftime(): years before 1000 lose their leading zeros in it on some systems.
    return f"{val.year:04d}{val.month:02d}{val.day:02d}"


def _format_TM(val: Any) -> str:
    """Return the time `val` in the form of PS3.5 §6.2, ``""`` for none."""
    if val is None:
        return ""
    if hasattr(val, "original_string"):
        return val.original_string
    text = f"{val.hour:02d}{val.minute:02d}{val.second:02d}"
    return f"{text}.{val.microsecond:06d}" if val.microsecond > 0 else text


def _format_DT(val: Any) -> str:
    """Return the date and time `val` in the form of PS3.5 §6.2, ``""`` for none."""
    if val is None:
        return ""
    if hasattr(val, "original_string"):
        return val.original_string
    text = f"{val.year:04d}{val.month:02d}{val.day:02d}{val.hour:02d}{val.minute:02d}{val.second:02d}"
    if val.microsecond > 0:
        text += f".{val.microsecond:06d}"
    return text + val.strftime("%z")


def _write_moments(fp: DicomIO, elem: DataElement, form: Callable[[Any], str]) -> None:
    value: Any = elem.value
    moments = value if _is_multi_value(value) else (value,)
    text = "\\".join(x if isinstance(x, str) else form(x) for x in moments)
    _write_padded(fp, text.encode(DEFAULT_ENCODING))


def write_DA(fp: DicomIO, elem: DataElement) -> None:
    """Write dates given as strings or as date objects."""
    _write_moments(fp, elem, _format_DA)


def write_DT(fp: DicomIO, elem: DataElement) -> None:
    """Write points in time given as strings or as datetime objects."""
    _write_moments(fp, elem, _format_DT)


def write_TM(fp: DicomIO, elem: DataElement) -> None:
    """Write times of day given as strings or as time objects."""
    _write_moments(fp, elem, _format_TM)


# The function for the value of each VR and, for binary numbers, the type of one as `struct` names it.
_FAMILIES: tuple[tuple[Callable[..., None], str, str | None], ...] = (
    (write_string, "AE AS CS UR", None),
    (write_UI, "UI", None),
    (write_text, "LO LT SH ST UC UT", None),
    (write_PN, "PN", None),
    (write_number_string, "DS IS", None),
    (write_DA, "DA", None),
    (write_DT, "DT", None),
    (write_TM, "TM", None),
    (write_ATvalue, "AT", None),
    (write_OBvalue, "OB", None),
    (write_OWvalue, "OD OF OL OV OW", None),
    (write_UN, "UN", None),
    (write_numbers, "US", "H"),
    (write_numbers, "SS", "h"),
    (write_numbers, "UL", "L"),
    (write_numbers, "SL", "l"),
    (write_numbers, "UV", "Q"),
    (write_numbers, "SV", "q"),
    (write_numbers, "FL", "f"),
    (write_numbers, "FD", "d"),
)

writers: dict[str, tuple[Callable[..., None], str | None]] = {
    VR(name): (function, form) for function, names, form in _FAMILIES for name in names.split()
}
# An element whose VR could not be settled can be written in implicit VR only, and only from bytes.
for _name in (VR.US_SS, VR.US_OW, VR.US_SS_OW):
    writers[_name] = (write_OWvalue, None)
writers[VR.OB_OW] = (write_OBvalue, None)
