"""Fuzz target: text in every character set; what can be decoded and encoded again decodes to the same."""

from __future__ import annotations

import harness

from pydcm import charset
from pydcm.valuerep import TEXT_VR_DELIMS, PersonName

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
    except harness.REFUSALS:
        return
    decoded = charset.decode_bytes(text, encodings, TEXT_VR_DELIMS)
    try:
        encoded = charset.encode_string(decoded, encodings)
    except (UnicodeEncodeError, ValueError):
        pass
    else:
        if "\ufffd" not in decoded and not any(ord(char) < 32 or 127 <= ord(char) < 160 for char in decoded):
            again = charset.decode_bytes(encoded, encodings, TEXT_VR_DELIMS)
            assert again == decoded or "?" in again or "\\" in again or "~" in again or "¥" in again, (
                terms,
                decoded,
                again,
            )
    name = PersonName(text, encodings)
    str(name), name.family_name, name.ideographic, name.components, hash(name), name == str(name)
    try:
        name.encode(encodings)
    except (UnicodeEncodeError, ValueError):
        pass


if __name__ == "__main__":
    harness.main(check)
