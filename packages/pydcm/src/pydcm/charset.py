"""Character sets of text values (PS3.5 §6.1.2, PS3.3 §C.12.1.1.2).

(0008,0005) *Specific Character Set* names one character set, or several between which escape sequences inside a value switch
(code extensions, ISO 2022). Python's name of a codec is called its encoding here. Most values are plain ASCII, which reads the
same in all sets: that case is settled at once.
"""

from __future__ import annotations

from pydcm._charset.decoding import decode_extended, decode_unfit
from pydcm._charset.tables import (
    ASCII_SUPERSETS,
    CODES_TO_ENCODINGS,
    ENCODINGS_TO_CODES,
    ESC,
    STAND_ALONE_ENCODINGS,
    default_encoding,
    handled_encodings,
    need_tail_escape_sequence_encodings,
    python_encoding,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Container, MutableSequence, Sequence
    from typing import Any

    from pydcm.dataelem import DataElement

    custom_encoders: dict[str, Callable[..., bytes]]

__all__ = [
    "CODES_TO_ENCODINGS",
    "ENCODINGS_TO_CODES",
    "ESC",
    "STAND_ALONE_ENCODINGS",
    "convert_encodings",
    "custom_encoders",
    "decode_bytes",
    "decode_element",
    "decode_string",
    "default_encoding",
    "encode_string",
    "handled_encodings",
    "need_tail_escape_sequence_encodings",
    "python_encoding",
]


def __getattr__(name: str) -> Any:
    if name == "custom_encoders":
        from pydcm._charset.encoding import custom_encoders

        globals()[name] = custom_encoders
        return custom_encoders
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


# -- text --------------------------------------------------------------------------------------------------------------


def decode_bytes(value: bytes, encodings: Sequence[str], delimiters: Container[int]) -> str:
    """Decode the bytes of a text value.

    Parameters
    ----------
    value : bytes
        The encoded text.
    encodings : sequence of str
        The encodings, see :func:`convert_encodings`. The first applies until an escape sequence calls another.
    delimiters : set of int
        Bytes after which the first encoding applies again.

    Returns
    -------
    str
        The text. Unless ``config.settings.reading_validation_mode`` is ``RAISE``, what cannot be decoded is replaced with a
        warning.

    Raises
    ------
    UnicodeDecodeError
        In the mode ``RAISE``, if the bytes do not fit the encoding.
    LookupError
        In the mode ``RAISE``, if Python does not know the encoding.
    ValueError
        In the mode ``RAISE``, if there is an escape sequence of none of the encodings.
    """
    first = encodings[0]
    if 0x1B not in value:  # looking for a number is several times as fast as for the bytes ESC
        if value.isascii() and first in ASCII_SUPERSETS:
            return value.decode("ascii")
        try:
            return value.decode(first)
        except (LookupError, UnicodeError):
            return decode_unfit(value, first)
    return decode_extended(value, encodings, delimiters)


decode_string = decode_bytes


def encode_string(value: str, encodings: Sequence[str]) -> bytes:
    """Encode a text value.

    Parameters
    ----------
    value : str
        The text.
    encodings : sequence of str
        The encodings, see :func:`convert_encodings`. The first that can encode the whole text is taken; if none can, the text
        is parted, and escape sequences switch between the encodings.

    Returns
    -------
    bytes
        The encoded text. Unless ``config.settings.writing_validation_mode`` is ``RAISE``, characters that no encoding has
        are replaced with a warning.

    Raises
    ------
    UnicodeEncodeError
        In the mode ``RAISE``, if there is such a character.
    """
    if value.isascii() and "\x1b" not in value and encodings[0] in ASCII_SUPERSETS:
        return value.encode("ascii")
    from pydcm._charset.encoding import encode

    return encode(value, encodings)


# -- names of character sets -------------------------------------------------------------------------------------------


def convert_encodings(encodings: str | MutableSequence[str] | None) -> list[str]:
    """Return the encodings of the character sets that *Specific Character Set* names.

    Parameters
    ----------
    encodings : str, sequence of str or None
        The value of (0008,0005); encodings are let pass as well.

    Returns
    -------
    list of str
        The encodings. Common misspellings are put right with a warning. Sets that allow no code extensions, where there are
        several, drop the others if first and are dropped if not, with a warning. What is not known becomes the default
        encoding with a warning.

    Raises
    ------
    LookupError
        If a name is not known and ``config.settings.reading_validation_mode`` is ``RAISE``.
    """
    if isinstance(encodings, str) and encodings in python_encoding:
        return [python_encoding[encodings]]
    several = not isinstance(encodings, str) and hasattr(encodings, "__iter__")
    names: list[object] = list(encodings or [""]) if several else [encodings]
    converted = [_encoding_of(name) for name in names]
    if len(names) == 1:
        return converted
    if names[0] in STAND_ALONE_ENCODINGS:
        _warn(
            f"Value '{names[0]}' for Specific Character Set does not allow code extensions, ignoring: "
            f"{', '.join(map(str, names[1:]))}"
        )
        return converted[:1]
    kept = converted[:1]
    for name, encoding in zip(names[1:], converted[1:], strict=True):
        if name in STAND_ALONE_ENCODINGS:
            _warn(f"Value '{name}' cannot be used as code extension, ignoring it")
        else:
            kept.append(encoding)
    return kept


def _encoding_of(name: object) -> str:
    """Return the encoding of the character set `name`, or the one that is meant by it."""
    import codecs

    name = name or ""
    if not isinstance(name, str):  # (0008,0005) with another VR than CS: numbers, or a sequence
        _warn(
            f"Specific Character Set holds {type(name).__name__}, not text - using default encoding instead"
        )
        return default_encoding
    if name in python_encoding:
        return python_encoding[name]
    meant = None
    if name[:3] == "ISO" and name[4:6] == "IR":
        meant = "ISO_IR" + name[6:]
    elif name[:3] == "ISO" and name[4:8] == "2022" and name[9:11] == "IR":
        meant = "ISO 2022 IR " + name[12:]
    if meant in python_encoding and meant != name:
        _warn(f"Incorrect value for Specific Character Set '{name}' - assuming '{meant}'")
        return python_encoding[meant]
    if meant is None:
        try:
            codecs.lookup(name)
            return name
        except (LookupError, ValueError):  # ValueError: a zero byte in the name
            pass
    from pydcm import config

    if config.settings.reading_validation_mode == config.RAISE:
        raise LookupError(f"Unknown encoding '{name}'")
    _warn(f"Unknown encoding '{name}' - using default encoding instead")
    return default_encoding


def _warn(message: str) -> None:
    from pydcm.misc import warn_and_log

    warn_and_log(message, stacklevel=3)


# -- elements ----------------------------------------------------------------------------------------------------------


def decode_element(elem: DataElement, dicom_character_set: str | list[str] | None) -> None:
    """Decode the value of an element in place; text that is decoded already stays as it is.

    Parameters
    ----------
    elem : pydcm.dataelem.DataElement
        The element. Only those whose VR follows *Specific Character Set* are changed.
    dicom_character_set : str, list of str or None
        The value of (0008,0005); empty stands for the default repertoire.
    """
    from pydcm.valuerep import CUSTOMIZABLE_CHARSET_VR, TEXT_VR_DELIMS, VR

    if elem.is_empty:
        return
    encodings = convert_encodings(dicom_character_set or ["ISO_IR 6"])
    if elem.VR not in CUSTOMIZABLE_CHARSET_VR:
        return

    def decoded(value: Any) -> Any:
        if elem.VR == VR.PN:
            return value.decode(encodings)
        return value if isinstance(value, str) else decode_bytes(value, encodings, TEXT_VR_DELIMS)

    if elem.VM == 1:
        value = decoded(elem.value)
        if value is not elem.value:
            elem.value = value
    else:
        elem.value = [decoded(value) for value in elem.value]
