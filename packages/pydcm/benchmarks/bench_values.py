"""Values: parsing decimal and integer strings, making and checking values, character sets; next to pydicom.

Run it directly, or let ``run.py`` collect its rows. Times are nanoseconds per value, the best of several runs.
"""

from __future__ import annotations

import random
import timeit
from array import array
from collections.abc import Callable
from typing import Any

from pydcm._core import _textvalues, _valuetypes


def best(call: Callable[[], Any], number: int, per: int = 1) -> float:
    """Return the nanoseconds that `call`, which handles `per` values, takes for one."""
    return min(timeit.repeat(call, number=number, repeat=5)) / number / per * 1e9


def texts(form: str, count: int) -> bytes:
    """Return `count` backslash-separated decimal strings."""
    source = random.Random(0)
    return "\\".join(format(source.uniform(-500, 500), form) for _ in range(count)).encode()


def parsing(count: int = 100_000) -> list[tuple[str, float, float | None]]:
    """Time the array parsers and the lists of values of multi-valued elements."""
    rows: list[tuple[str, float, float | None]] = []
    out = array("d", bytes(8 * count))
    for form in (".4f", ".15g", ".17g"):
        text = texts(form, count)
        rows.append(
            (f"DS {form} to float64", best(lambda: _textvalues.fill_decimals(text, out), 5, count), None)
        )
        few = texts(form, 1000)
        plain = few.decode()
        rows.append(
            (
                f"DS {form} to values",
                best(lambda: _valuetypes.dsfloats_from_text(few), 100, 1000),
                best(lambda: [float(part) for part in plain.split("\\")], 100, 1000),
            )
        )
    integers = "\\".join(map(str, range(count))).encode()
    numbers = array("q", bytes(8 * count))
    rows.append(("IS to int64", best(lambda: _textvalues.fill_integers(integers, numbers), 5, count), None))
    return rows


def single(peer: Any) -> dict[str, Callable[[], Any]]:
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


def main() -> None:
    """Print the table; the second column is ``float()`` or pydicom, where it is installed."""
    import pydcm.charset
    import pydcm.valuerep

    rows = parsing()
    try:
        import pydicom.charset
        import pydicom.valuerep

        theirs = single(pydicom)
    except ImportError:
        theirs = {}
    for label, call in single(pydcm).items():
        peer = theirs.get(label)
        rows.append((label, best(call, 20_000), best(peer, 20_000) if peer else None))
    for label, ours, other in rows:
        print(f"{label:22s} {ours:8.1f} ns {'' if other is None else f'{other:10.1f} ns'}")


if __name__ == "__main__":
    main()
