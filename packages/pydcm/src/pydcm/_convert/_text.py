"""Converters of text in a specific character set."""

from __future__ import annotations

from functools import partial

from .. import config
from ..charset import decode_bytes, default_encoding
from ..multival import MultiValue
from ..valuerep import TEXT_VR_DELIMS, PersonName, validate_value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import MutableSequence


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
    make = partial(_name_in, codecs)
    parts = decode_bytes(byte_string.rstrip(b"\0 "), codecs, TEXT_VR_DELIMS).split("\\")
    return make(parts[0]) if len(parts) == 1 else MultiValue(make, parts)


def _name_in(codecs: list[str], text: str) -> PersonName:
    name = PersonName(text, codecs)
    # A name made from text has no encoded form; the name that is returned has it
    name.encode()
    return name.decode()


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
