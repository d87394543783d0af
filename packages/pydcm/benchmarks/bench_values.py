"""Values: parsing decimal and integer strings, making and checking values, character sets; next to pydicom."""

from __future__ import annotations

import random
from array import array
from collections.abc import Callable, Iterator
from typing import Any

from pydcm_testing import timing
from pydcm_testing.timing import Row, interleaved

TIMES = 5000


def _texts(form: str, count: int) -> bytes:
    source = random.Random(0)
    return "\\".join(format(source.uniform(-500, 500), form) for _ in range(count)).encode()


def _parsing(count: int = 100_000) -> Iterator[Row]:
    import numpy as np

    from pydcm._core import _textarrays, _valuetypes

    decimals, integers = array("d", bytes(8 * count)), array("q", bytes(8 * count))
    for form in (".4f", ".15g", ".17g"):
        text = _texts(form, count)
        plain = text.decode()
        mine, numbers, peer = interleaved(
            lambda text=text: _textarrays.fill_decimals(text, decimals),
            lambda text=text: _valuetypes.dsfloats_from_text(text),
            lambda plain=plain: np.array(plain.split("\\"), dtype="f8"),
        )
        yield Row(f"100 000 DS of format {form} to a float64 array", mine, {"numpy": peer})
        yield Row(f"100 000 DS of format {form} to a list of values", numbers, {"numpy": peer})
    text = "\\".join(map(str, range(count))).encode()
    plain = text.decode()
    mine, peer = interleaved(
        lambda: _textarrays.fill_integers(text, integers), lambda: np.array(plain.split("\\"), dtype="i8")
    )
    yield Row("100 000 IS to an int64 array", mine, {"numpy": peer})


def _single(peer: Any) -> dict[str, Callable[[], Any]]:
    """Return calls that handle one value with the modules of `peer`."""
    vr, charset = peer.valuerep, peer.charset
    name = vr.PersonName(b"Family^Given", ["latin_1"])
    decimal = vr.DSfloat("1.5")
    return {
        "DSfloat(text)": lambda: vr.DSfloat("1.2345"),
        "IS(text)": lambda: vr.IS("12"),
        "PersonName(bytes)": lambda: vr.PersonName(b"Family^Given"),
        "name == text": lambda: name == "Family^Given",
        "DSfloat == float": lambda: decimal == 1.5,
        "validate CS": lambda: vr.validate_value("CS", "ORIGINAL", 1),
        "validate UI": lambda: vr.validate_value("UI", "1.2.840.10008.1.2", 1),
        "decode ASCII": lambda: charset.decode_bytes(b"chest", ["latin_1"], set()),
        "encode ASCII": lambda: charset.encode_string("chest", ["latin_1"]),
        "decode Japanese": lambda: charset.decode_bytes(
            b"\x1b$B;3ED\x1b(B^", ["iso8859", "iso2022_jp"], {94}
        ),
    }


def _often(call: Callable[[], Any]) -> Callable[[], None]:
    def repeated() -> None:
        for _ in range(TIMES):
            call()

    return repeated


def rows() -> Iterator[Row]:
    """Yield the rows of the table."""
    import pydicom.charset
    import pydicom.valuerep

    import pydcm.charset
    import pydcm.valuerep

    yield from _parsing()
    theirs = _single(pydicom)
    for what, call in _single(pydcm).items():
        mine, peer = interleaved(_often(call), _often(theirs[what]))
        yield Row(f"{TIMES} times {what}", mine, {"pydicom": peer})


if __name__ == "__main__":
    timing.main(rows)
