"""Value representations (VR): their properties, checks and Python classes (PS3.5 §6.2)."""

from __future__ import annotations

from pydcm import config
from pydcm._core._textvalues import is_clean_value
from pydcm._core._valuetypes import IS, DSfloat

TYPE_CHECKING = False
if TYPE_CHECKING:
    from decimal import Decimal
    from typing import Any

    from pydcm._values.dates import DA, DT, TM
    from pydcm._values.number_strings import DSdecimal, ISfloat, format_number_as_ds, is_valid_ds
    from pydcm._values.person_name import PersonName
    from pydcm._values.validation import (
        BYTE_VR_REGEXES,
        MAX_VALUE_LEN,
        STR_VR_REGEXES,
        VALIDATORS,
        VALUE_LENGTH,
        VR_REGEXES,
        validate_date_time,
        validate_length_and_type_and_regex,
        validate_number,
        validate_pn,
        validate_pn_component,
        validate_pn_component_length,
        validate_regex,
        validate_type,
        validate_type_and_length,
        validate_type_and_regex,
        validate_value,
        validate_vr_length,
    )
    from pydcm._values.vr import (
        ALLOW_BACKSLASH,
        AMBIGUOUS_VR,
        BUFFERABLE_VRS,
        BYTES_VR,
        CUSTOMIZABLE_CHARSET_VR,
        DEFAULT_CHARSET_VR,
        EXPLICIT_VR_LENGTH_16,
        EXPLICIT_VR_LENGTH_32,
        FLOAT_VR,
        INT_VR,
        LIST_VR,
        LONG_VALUE_VR,
        STANDARD_VR,
        STR_VR,
        VR,
    )

__all__ = [
    "ALLOW_BACKSLASH",
    "AMBIGUOUS_VR",
    "BUFFERABLE_VRS",
    "BYTES_VR",
    "BYTE_VR_REGEXES",
    "CUSTOMIZABLE_CHARSET_VR",
    "DA",
    "DEFAULT_CHARSET_VR",
    "DS",
    "DSclass",
    "DSdecimal",
    "DSfloat",
    "DT",
    "EXPLICIT_VR_LENGTH_16",
    "EXPLICIT_VR_LENGTH_32",
    "FLOAT_VR",
    "INT_VR",
    "IS",
    "ISfloat",
    "LIST_VR",
    "LONG_VALUE_VR",
    "MAX_VALUE_LEN",
    "PN_DELIMS",
    "PersonName",
    "STANDARD_VR",
    "STR_VR",
    "STR_VR_REGEXES",
    "TEXT_VR_DELIMS",
    "TM",
    "VALIDATORS",
    "VALUE_LENGTH",
    "VR",
    "VR_REGEXES",
    "default_encoding",
    "format_number_as_ds",
    "is_valid_ds",
    "validate_date_time",
    "validate_length_and_type_and_regex",
    "validate_number",
    "validate_pn",
    "validate_pn_component",
    "validate_pn_component_length",
    "validate_regex",
    "validate_type",
    "validate_type_and_length",
    "validate_type_and_regex",
    "validate_value",
    "validate_vr_length",
]

default_encoding = "iso8859"
"""The encoding of text for which no other is declared."""

TEXT_VR_DELIMS = set(b"\t\n\f\r")
"""Bytes of a text after which its first character set applies again (PS3.5 §6.1.2.5.3)."""

PN_DELIMS = set(b"^")
"""Bytes of a component group of a person's name after which its first character set applies again."""

# name -> module of `_values` that has it
_HOMES: dict[str, str] = dict.fromkeys(("DA", "DT", "TM"), "dates")
_HOMES |= dict.fromkeys(("DSdecimal", "ISfloat", "format_number_as_ds", "is_valid_ds"), "number_strings")
_HOMES |= dict.fromkeys(("PersonName", "_decode_personname", "_encode_personname"), "person_name")
_HOMES |= dict.fromkeys(
    (
        "ALLOW_BACKSLASH",
        "AMBIGUOUS_VR",
        "BUFFERABLE_VRS",
        "BYTES_VR",
        "CUSTOMIZABLE_CHARSET_VR",
        "DEFAULT_CHARSET_VR",
        "EXPLICIT_VR_LENGTH_16",
        "EXPLICIT_VR_LENGTH_32",
        "FLOAT_VR",
        "INT_VR",
        "LIST_VR",
        "LONG_VALUE_VR",
        "STANDARD_VR",
        "STR_VR",
        "VR",
    ),
    "vr",
)
_HOMES |= dict.fromkeys(
    (
        "BYTE_VR_REGEXES",
        "MAX_VALUE_LEN",
        "STR_VR_REGEXES",
        "VALIDATORS",
        "VALUE_LENGTH",
        "VR_REGEXES",
        "validate_date_time",
        "validate_length_and_type_and_regex",
        "validate_number",
        "validate_pn",
        "validate_pn_component",
        "validate_pn_component_length",
        "validate_regex",
        "validate_type",
        "validate_type_and_length",
        "validate_type_and_regex",
        "validate_value",
        "validate_vr_length",
    ),
    "validation",
)


def __getattr__(name: str) -> Any:
    """Load the module that has `name` on first use."""
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    value = getattr(import_module(f"pydcm._values.{home}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *_HOMES})


def DS(
    val: str | int | float | Decimal | None,
    auto_format: bool = False,
    validation_mode: int | None = None,
) -> str | DSfloat | DSdecimal | None:
    """Return a **DS** value of the class that the settings ask for.

    Parameters
    ----------
    val : str, int, float, decimal.Decimal or None
        The number or its text. ``None`` and blank text are returned as they are.
    auto_format : bool, optional
        Shorten the text to the 16 characters that DS allows if it is longer.
    validation_mode : int, optional
        ``config.IGNORE``, ``WARN`` or ``RAISE``; the reading validation mode if not given.

    Returns
    -------
    DSfloat, DSdecimal, str or None
        A :class:`DSdecimal` if ``config.use_DS_decimal`` is set, else a :class:`DSfloat`.

    Raises
    ------
    ValueError
        If `val` is not a number; with ``RAISE``, if its text is not a decimal string (PS3.5 §6.2).
    """
    if val is None:
        return None
    if validation_mode is None:
        validation_mode = config.settings.reading_validation_mode
    if isinstance(val, str):
        if not val.strip():
            return val
        if not is_clean_value("DS", val):
            from pydcm._values.validation import validate_value

            validate_value("DS", val, validation_mode)
    if config.use_DS_decimal:
        from pydcm._values.number_strings import DSdecimal

        return DSdecimal(val, auto_format, validation_mode)
    return DSfloat(val, auto_format, validation_mode)


DSclass: Any = DSfloat
"""The class of DS values that are read, :class:`DSfloat` or :class:`DSdecimal`; ``config.DS_decimal()`` sets it."""
