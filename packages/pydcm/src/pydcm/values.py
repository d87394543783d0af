"""Convert the encoded value of an element to Python objects.

This is the complete conversion, with every option, tolerance and warning. Compiled code converts clean values
itself and leaves the rest to :func:`convert_value`.
"""

from __future__ import annotations

from . import config
from ._convert._numbers import (
    convert_ATvalue,
    convert_DS_string,
    convert_IS_string,
    convert_numbers,
    convert_tag,
)
from ._convert._strings import (
    convert_AE_string,
    convert_DA_string,
    convert_DT_string,
    convert_string,
    convert_TM_string,
    convert_UI,
    convert_UR_string,
    multi_string,
)
from ._convert._text import convert_PN, convert_single_string, convert_text
from .charset import default_encoding

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import MutableSequence
    from typing import Any

    from .dataelem import RawDataElement
    from .sequence import Sequence

__all__ = [
    "convert_AE_string",
    "convert_ATvalue",
    "convert_DA_string",
    "convert_DS_string",
    "convert_DT_string",
    "convert_IS_string",
    "convert_OBvalue",
    "convert_OVvalue",
    "convert_OWvalue",
    "convert_PN",
    "convert_SQ",
    "convert_TM_string",
    "convert_UI",
    "convert_UN",
    "convert_UR_string",
    "convert_numbers",
    "convert_retry_VR_order",
    "convert_single_string",
    "convert_string",
    "convert_tag",
    "convert_text",
    "convert_value",
    "converters",
    "multi_string",
]


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
            except Exception:  # any failure means: not this one
                continue
    config.logger.debug(f"Could not convert tag {tag} with any VR in the 'convert_retry_VR_order' list")
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
