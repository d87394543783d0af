"""Decoding of text with code extensions, and of text that does not fit its encoding."""

from __future__ import annotations

from pydcm import config
from pydcm._charset.tables import CODES_TO_ENCODINGS, ESC, default_encoding, handled_encodings
from pydcm.misc import warn_and_log

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Container, Sequence


def _strict() -> bool:
    return config.settings.reading_validation_mode == config.RAISE


def decode_unfit(value: bytes, encoding: str) -> str:
    """Decode `value`, which `encoding` cannot decode or which Python does not know, as well as possible.

    Raises
    ------
    LookupError, UnicodeError
        If the reading validation mode is ``RAISE``. With ``IGNORE`` there is still a warning: data are being lost.
    """
    try:
        return value.decode(encoding)
    except LookupError:
        if _strict():
            raise
        warn_and_log(f"Unknown encoding '{encoding}' - using default encoding instead", stacklevel=3)
        return value.decode(default_encoding)
    except UnicodeError:
        if _strict():
            raise
        warn_and_log(
            f"Failed to decode byte string with encoding '{encoding}' - using replacement characters in decoded string",
            stacklevel=3,
        )
        return value.decode(encoding, errors="replace")


def decode_extended(value: bytes, encodings: Sequence[str], delimiters: Container[int]) -> str:
    """Decode `value`, which holds escape sequences: each begins a fragment with an encoding of its own."""
    start, *fragments = value.split(ESC)
    parts = [_decode_fragment(start, encodings, delimiters)] if start else []
    parts += [_decode_fragment(ESC + fragment, encodings, delimiters) for fragment in fragments]
    return "".join(parts)


def _decode_fragment(fragment: bytes, encodings: Sequence[str], delimiters: Container[int]) -> str:
    """Decode a part of a value that has at most one escape sequence, at its start."""
    try:
        if fragment.startswith(ESC):
            return _decode_escaped(fragment, encodings, delimiters)
        return fragment.decode(encodings[0])
    except UnicodeError:
        if _strict():
            raise
        warn_and_log(
            f"Failed to decode byte string with encodings: {', '.join(encodings)} - using replacement characters in "
            "decoded string",
            stacklevel=4,
        )
        return fragment.decode(encodings[0], errors="replace")


def _decode_escaped(fragment: bytes, encodings: Sequence[str], delimiters: Container[int]) -> str:
    # A parenthesis after the dollar sign makes the sequence one byte longer
    length = 4 if fragment[1:3] in (b"$(", b"$)") else 3
    encoding = CODES_TO_ENCODINGS.get(fragment[:length], "")
    if encoding != default_encoding and encoding not in encodings:
        message = "Found unknown escape sequence in encoded string value"
        if _strict():
            raise ValueError(message)
        warn_and_log(f"{message} - using encoding {encodings[0]}", stacklevel=5)
        return fragment.decode(encodings[0], errors="replace")
    if encoding in handled_encodings:
        return fragment.decode(encoding)
    text = fragment[length:]
    for end, byte in enumerate(text):
        if byte in delimiters:
            return text[:end].decode(encoding) + text[end:].decode(encodings[0])
    return text.decode(encoding)
