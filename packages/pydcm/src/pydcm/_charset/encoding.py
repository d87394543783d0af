"""Encoding of text beyond ASCII, with code extensions where one encoding is not enough."""

from __future__ import annotations

import codecs

from pydcm import config
from pydcm._charset.tables import (
    ENCODINGS_TO_CODES,
    ESC,
    default_encoding,
    handled_encodings,
    need_tail_escape_sequence_encodings,
    python_encoding,
)
from pydcm.misc import warn_and_log

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

_ROMAN = ESC + b"(J"  # ISO-IR 14, left half of JIS X 0201
_KATAKANA = ESC + b")I"  # ISO-IR 13, right half


# -- Japanese sets, of which Python's codecs encode too much -----------------------------------------------------------


def _encode_jis_x_0201(value: str, errors: str = "strict") -> bytes:
    """Encode Latin letters or half-width katakana, one byte each.

    Strictly, all characters must be of the same half, as either needs its own escape sequence. Otherwise, what is not in the
    Latin half becomes a question mark.

    Raises
    ------
    UnicodeEncodeError
        For the first character that is not in the half of the first one.
    """
    encoded = bytearray()
    for i, char in enumerate(value):
        code = char.encode("shift_jis", errors="ignore")
        if errors != "strict":
            encoded += code if len(code) == 1 and code.isascii() else b"?"
            continue
        if len(code) != 1 or (encoded and (code[0] ^ encoded[0]) & 0x80):
            half = "ISO IR 13" if encoded and encoded[0] & 0x80 else "ISO IR 14"
            raise UnicodeEncodeError("shift_jis", value, i, len(value), f"Given character is out of {half}")
        encoded += code
    return bytes(encoded)


def _encode_two_byte(value: str, character_set: str, errors: str = "strict") -> bytes:
    """Encode characters of one Japanese set of two bytes; the codec would switch to others by itself.

    Raises
    ------
    UnicodeEncodeError
        For the first character that is not in the set.
    """
    encoding = python_encoding[character_set]
    if errors != "strict":
        return value.encode(encoding, errors=errors)
    encoder = codecs.getincrementalencoder(encoding)()
    encoded = bytearray()
    for i, char in enumerate(value):
        try:
            code = encoder.encode(char)
        except UnicodeEncodeError as exc:
            exc.start, exc.end = i, len(value)
            raise
        # The escape sequence of the set has to come first, and no other after it
        if code.startswith(ESC if encoded else ENCODINGS_TO_CODES[encoding]) == bool(encoded):
            raise UnicodeEncodeError(
                encoding, value, i, len(value), f"Given character is out of {character_set}"
            )
        encoded += code
    return bytes(encoded)


def _encode_jis_x_0208(value: str, errors: str = "strict") -> bytes:
    """Encode kanji, kana and other characters of JIS X 0208."""
    return _encode_two_byte(value, "ISO 2022 IR 87", errors)


def _encode_jis_x_0212(value: str, errors: str = "strict") -> bytes:
    """Encode supplementary kanji of JIS X 0212."""
    return _encode_two_byte(value, "ISO 2022 IR 159", errors)


custom_encoders: dict[str, Callable[..., bytes]] = {
    "shift_jis": _encode_jis_x_0201,
    "iso2022_jp": _encode_jis_x_0208,
    "iso2022_jp_2": _encode_jis_x_0212,
}
"""Functions ``(value, errors)`` that encode in place of Python's codec."""


# -- all ---------------------------------------------------------------------------------------------------------------


def _encode_plain(value: str, encoding: str, errors: str = "strict") -> bytes:
    """Encode without escape sequences but those that the codec writes."""
    custom = custom_encoders.get(encoding)
    return value.encode(encoding, errors=errors) if custom is None else custom(value, errors=errors)


def _escape_sequence(encoding: str, encoded: bytes = b"") -> bytes:
    """Return what has to stand before `encoded`."""
    if encoding == "shift_jis":
        return _KATAKANA if encoded and encoded[0] & 0x80 else _ROMAN
    return ENCODINGS_TO_CODES.get(encoding, b"")


def encode(value: str, encodings: Sequence[str]) -> bytes:
    """Do the work of :func:`pydcm.charset.encode_string` for text beyond ASCII."""
    for i, encoding in enumerate(encodings):
        try:
            encoded = _encode_plain(value, encoding)
        except UnicodeError:
            continue
        if i > 0 and encoding not in handled_encodings:
            encoded = _escape_sequence(encoding, encoded) + encoded
        if encoding in need_tail_escape_sequence_encodings:
            encoded += _escape_sequence(encodings[0])
        return encoded
    if len(encodings) > 1:
        try:
            return _encode_in_parts(value, encodings)
        except ValueError:
            pass
    if config.settings.writing_validation_mode == config.RAISE:
        # The codec names the character at fault best, but encodes more than the character set has
        value.encode(encodings[0])
        _encode_plain(value, encodings[0])
    warn_and_log(
        f"Failed to encode value with encodings: {', '.join(encodings)} - using replacement characters in encoded string",
        stacklevel=3,
    )
    return _encode_plain(value, encodings[0], errors="replace")


def _encode_in_parts(value: str, encodings: Sequence[str]) -> bytes:
    """Encode each part of `value` with the encoding that gets furthest from there.

    Raises
    ------
    ValueError
        If a character is in none of the encodings.
    """
    encoded = bytearray()
    encoding = default_encoding
    while value:
        reach = 0
        for candidate in encodings:
            end = _encodable(value, candidate)
            if end > reach:
                encoding, reach = candidate, end
        if reach == 0:
            raise ValueError("None of the given encodings can encode the first character")
        part = _encode_plain(value[:reach], encoding)
        if encoding not in handled_encodings:
            encoded += _escape_sequence(encoding, part)
        encoded += part
        value = value[reach:]
    if encoding in need_tail_escape_sequence_encodings:
        encoded += _escape_sequence(encodings[0])
    return bytes(encoded)


def _encodable(value: str, encoding: str) -> int:
    """Return how many characters from the start `encoding` can encode."""
    try:
        _encode_plain(value, encoding)
    except (UnicodeDecodeError, UnicodeEncodeError) as exc:
        return exc.start
    return len(value)
