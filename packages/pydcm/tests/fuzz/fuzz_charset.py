"""Fuzz target: text in every character set; what can be decoded and encoded again decodes to the same."""

from __future__ import annotations

import warnings

from pydcm import charset
from pydcm.valuerep import TEXT_VR_DELIMS, PersonName
from pydcm_testing.fuzzing import REFUSALS

#: Python's Shift JIS has kanji where JIS X 0201 (PS3.3 §C.12.1.1.2) has none, and ¥ and ‾ for \\ and ~.
JAPANESE = ("ISO_IR 13", "ISO 2022 IR 13", "ISO 2022 IR 87", "ISO 2022 IR 159")
TERMS = [term for term in charset.python_encoding if term]


def check(data: bytes) -> None:
    """Take the first bytes of `data` as choice of up to three character sets, the rest as text."""
    if len(data) < 4:
        return
    count = 1 + data[0] % 3
    terms = [TERMS[byte % len(TERMS)] for byte in data[1 : 1 + count]]
    if data[0] & 0x80:
        terms[0] = ""
    text = data[1 + count :]
    try:
        encodings = charset.convert_encodings(terms)
    except REFUSALS:
        return
    decoded = charset.decode_bytes(text, encodings, TEXT_VR_DELIMS)
    # One set, and nothing replaced on the way: there and back is the same. (Several sets may share characters.)
    plain = not any(ord(char) < 32 or 127 <= ord(char) < 160 for char in decoded)
    if count == 1 and plain and "\ufffd" not in decoded and terms[0] not in JAPANESE:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            try:
                encoded = charset.encode_string(
                    charset.decode_bytes(text, encodings, TEXT_VR_DELIMS), encodings
                )
                assert charset.decode_bytes(encoded, encodings, TEXT_VR_DELIMS) == decoded, (terms, decoded)
            except (UnicodeEncodeError, UserWarning, ValueError):
                pass
    try:
        charset.encode_string(decoded, encodings)
    except (UnicodeEncodeError, ValueError):
        pass
    name = PersonName(text, encodings)
    str(name), name.family_name, name.ideographic, name.components, hash(name), name == str(name)
    try:
        name.encode(encodings)
    except (UnicodeEncodeError, ValueError):
        pass
