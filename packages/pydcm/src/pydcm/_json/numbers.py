"""Values of DS, IS and the binary number VRs as JSON numbers (PS3.18 Table F.2.3-1)."""

from __future__ import annotations

from typing import Any

# A decimal text of up to 15 significant digits survives the way through a double and back
_EXACT_DIGITS = 15
_INFINITIES = (float("inf"), float("-inf"))


def convert_to_python_number(value: Any, vr: str) -> Any:
    """Return the numbers of a numeric VR as plain `int` or `float`.

    Parameters
    ----------
    value : Any
        One value or a list of them.
    vr : str
        The value representation.

    Returns
    -------
    Any
        For a numeric VR, a number or a list of numbers, in which an empty value is what is empty for the VR; `value`
        itself for other VRs and if it is ``None``.
    """
    from pydcm.valuerep import FLOAT_VR, INT_VR

    if value is None:
        return None
    number: type[int | float]
    if vr in FLOAT_VR:
        number = float
    elif vr == "US or SS" or (vr in INT_VR and vr != "AT"):
        number = int
    else:
        return value
    if not isinstance(value, list | tuple):
        return number(value)
    from pydcm.dataelem import empty_value_for_VR

    return [empty_value_for_VR(vr) if item is None else number(item) for item in value]


def exact_number(value: Any, vr: str) -> Any:
    """Return a value for JSON: a number, or the text of a DS or IS whose digits a number would not keep."""
    if value is None or (isinstance(value, str) and not value.strip()):
        from pydcm.dataelem import empty_value_for_VR

        return empty_value_for_VR(vr)
    number = convert_to_python_number(value, vr)
    if vr == "IS" and isinstance(value, float) and value != number:
        return float(value)
    if vr != "DS":
        return number
    text = str(value)
    if len(text) <= _EXACT_DIGITS and "E" not in text.upper():
        return number
    return number if keeps_digits(text, number) else text.strip()


def keeps_digits(text: str, number: float) -> bool:
    """Return whether `number` says just what the decimal `text` says."""
    if number != number or number in _INFINITIES:
        # Python's json writes these as NaN and Infinity; a text that overflows says something else
        return not any(character.isdigit() for character in text)
    from decimal import Decimal

    return Decimal(text.strip()) == Decimal(repr(number))
