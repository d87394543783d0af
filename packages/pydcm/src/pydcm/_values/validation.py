"""Checks of values against their VR (PS3.5 Table 6.2-1).

A check takes a VR and a value and returns whether the value is valid and, if not, a message. :func:`validate_value` picks the
check of a VR and does with the outcome what the validation mode says.
"""

from __future__ import annotations

from pydcm import config
from pydcm._core._textvalues import is_clean_value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    Validator = Callable[[str, Any], tuple[bool, str]]

    # Made by __getattr__
    STR_VR_REGEXES: dict[str, Any]
    BYTE_VR_REGEXES: dict[str, Any]

MAX_VALUE_LEN = {
    "AE": 16,
    "CS": 16,
    "DS": 16,
    "IS": 12,
    "LO": 64,
    "LT": 10240,
    "SH": 16,
    "ST": 1024,
    "UI": 64,
}
"""The most characters a value may have; VRs that are not here have no limit that could be exceeded."""

VALUE_LENGTH = {"US": 2, "SS": 2, "UL": 4, "SL": 4, "UV": 8, "SV": 8, "FL": 4, "FD": 8}
"""Bytes of one binary number."""

_VALID: tuple[bool, str] = (True, "")

# -- patterns ----------------------------------------------------------------------------------------------------------

_MONTH = r"(0[1-9]|1[0-2])"
_DAY = r"([0-2]\d|3[01])"
_HOUR = r"([01]\d|2[0-3])"
_SECOND = r"([0-5]\d|60)(\.\d{1,6} ?)?"
_TIME = rf"{_HOUR}([0-5]\d({_SECOND})?)?"
_OFFSET = r"([+-][01]\d{3})?"


def _or_range(one: str) -> str:
    """Return a pattern for `one` or a query's range: ``-one``, ``one-`` or ``one-one`` (PS3.4 §C.2.2.2.5)."""
    return "|".join((rf"^{one}$", rf"^-{one} ?$", rf"^{one}- ?$", rf"^{one}-{one} ?$"))


VR_REGEXES = {
    "AE": r"^[ -~]*$",
    "AS": r"^\d{3}[DMWY]$",
    "CS": r"^[ 0-9A-Z_]*$",
    "DA": _or_range(rf"\d{{4}}{_MONTH}{_DAY}"),
    "DS": r"^ *[-+]?(\d+(\.\d*)?|\.\d+)([Ee][-+]?\d+)? *$",
    "DT": _or_range(rf"\d{{4}}({_MONTH}({_DAY}({_TIME})?)?)?{_OFFSET}"),
    "IS": r"^ *[-+]?\d+ *$",
    "TM": _or_range(_TIME),
    "UI": r"^(0|[1-9][0-9]*)(\.(0|[1-9][0-9]*))*$",
    "UR": r"^[-\dA-Z_a-z.~:/?#\[\]@!$&'()*+,;=%]* *$",
}
"""Patterns that a value of the VR has to match."""

_compiled: dict[tuple[str, bool], Any] = {}


def _pattern(vr: str, as_bytes: bool) -> Any:
    """Return the compiled pattern of `vr`, made on first use."""
    key = (vr, as_bytes)
    pattern = _compiled.get(key)
    if pattern is None:
        import re

        source = VR_REGEXES[vr]
        pattern = _compiled[key] = re.compile(source.encode() if as_bytes else source)
    return pattern


def __getattr__(name: str) -> Any:
    if name in ("STR_VR_REGEXES", "BYTE_VR_REGEXES"):
        value = {vr: _pattern(vr, name == "BYTE_VR_REGEXES") for vr in VR_REGEXES}
        globals()[name] = value
        return value
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


# -- checks ------------------------------------------------------------------------------------------------------------


def validate_type(vr: str, value: Any, types: type | tuple[type, ...]) -> tuple[bool, str]:
    """Check that `value` is ``None`` or of one of `types`.

    Parameters
    ----------
    vr : str
        The VR.
    value : Any
        The value.
    types : type or tuple of type
        What the value may be.

    Returns
    -------
    bool
        Whether the value is valid.
    str
        What is wrong with it, empty if nothing is.
    """
    if value is None or isinstance(value, types):
        return _VALID
    return False, f"A value of type '{type(value).__name__}' cannot be assigned to a tag with VR {vr}."


def validate_vr_length(vr: str, value: Any) -> tuple[bool, str]:
    """Check the length of `value`. For parameters and result see :func:`validate_type`."""
    limit = MAX_VALUE_LEN.get(vr)
    if limit and len(value) > limit:
        return (
            False,
            f"The value length ({len(value)}) exceeds the maximum length of {limit} allowed for VR {vr}.",
        )
    return _VALID


def validate_type_and_length(vr: str, value: Any) -> tuple[bool, str]:
    """Check that `value` is :class:`str` or :class:`bytes` and not too long; see :func:`validate_type`."""
    outcome = validate_type(vr, value, (str, bytes))
    return validate_vr_length(vr, value) if outcome[0] else outcome


def validate_regex(vr: str, value: Any) -> tuple[bool, str]:
    """Check that `value` is empty or matches the pattern of `vr`; see :func:`validate_type`."""
    if not value:
        return _VALID
    as_bytes = not isinstance(value, str)
    # "$" is content with a line feed at the end, DICOM is not
    line_feed: Any = b"\n" if as_bytes else "\n"
    if _pattern(vr, as_bytes).match(value) and value[-1:] != line_feed:
        return _VALID
    return False, f"Invalid value for VR {vr}: {value!r}."


def validate_type_and_regex(vr: str, value: Any) -> tuple[bool, str]:
    """Check that `value` is :class:`str` or :class:`bytes` and matches the pattern; see :func:`validate_type`."""
    outcome = validate_type(vr, value, (str, bytes))
    return validate_regex(vr, value) if outcome[0] else outcome


def validate_date_time(vr: str, value: Any, date_time_type: type) -> tuple[bool, str]:
    """Check that `value` is a `date_time_type`, or text of that kind; see :func:`validate_type`."""
    if value and isinstance(value, date_time_type):
        return _VALID
    return validate_type_and_regex(vr, value)


def validate_length_and_type_and_regex(vr: str, value: Any) -> tuple[bool, str]:
    """Check type, length and pattern of `value` and say all that is wrong; see :func:`validate_type`."""
    outcome = validate_type(vr, value, (str, bytes))
    if not outcome[0]:
        return outcome
    faults = [
        message for valid, message in (validate_vr_length(vr, value), validate_regex(vr, value)) if not valid
    ]
    if not faults:
        return _VALID
    faults.append(
        "Please see <https://dicom.nema.org/medical/dicom/current/output/html/part05.html#table_6.2-1> "
        "for allowed values for each VR."
    )
    return False, " ".join(faults)


def validate_pn_component_length(vr: str, value: Any) -> tuple[bool, str]:
    """Check the length of one component group of a name; see :func:`validate_type`."""
    if len(value) > 64:
        return False, f"The PN component length ({len(value)}) exceeds the maximum allowed length of 64."
    return _VALID


def validate_pn(vr: str, value: Any) -> tuple[bool, str]:
    """Check number and length of the component groups of a name; see :func:`validate_type`."""
    if not value:
        return _VALID
    from pydcm._core._personname import PersonNameCore

    if isinstance(value, PersonNameCore):
        return _VALID
    outcome = validate_type(vr, value, (str, bytes))
    if not outcome[0]:
        return outcome
    groups = value.split(b"=" if isinstance(value, bytes) else "=")
    if len(groups) > 3:
        return False, (
            f"The number of PN components length ({len(groups)}) exceeds the maximum allowed number of 3."
        )
    for group in groups:
        outcome = validate_pn_component_length("PN", group)
        if not outcome[0]:
            return outcome
    return _VALID


def validate_pn_component(value: str | bytes) -> None:
    """Check the length of one component group of a name that is to be written.

    Parameters
    ----------
    value : str or bytes
        The component group.

    Raises
    ------
    ValueError
        If it is too long and ``config.settings.writing_validation_mode`` is ``RAISE``.
    """
    validate_value("PN", value, config.settings.writing_validation_mode, validate_pn_component_length)


def validate_number(vr: str, value: Any, min_value: int, max_value: int) -> tuple[bool, str]:
    """Check that `value` is an integer from `min_value` to `max_value`, or whole encoded ones; see :func:`validate_type`."""
    outcome = validate_type(vr, value, (int, bytes))
    if not outcome[0] or value is None:
        return outcome
    if isinstance(value, int):
        if not min_value <= value <= max_value:
            return False, (
                f"Invalid value: a value for a tag with VR {vr} must be between {min_value} and {max_value}."
            )
    elif len(value) % VALUE_LENGTH[vr]:
        return False, (
            f"Invalid value length {len(value)}: the value length for a tag with VR {vr} must be a multiple of "
            f"{VALUE_LENGTH[vr]}."
        )
    return _VALID


# -- the check of each VR ----------------------------------------------------------------------------------------------


def _check_moment(vr: str, value: Any) -> tuple[bool, str]:
    """Check a DA, DT or TM value, text or an object of the module ``datetime``."""
    if value is None or isinstance(value, str | bytes):
        return validate_type_and_regex(vr, value)
    import datetime

    kinds = {"DA": datetime.date, "DT": datetime.datetime, "TM": datetime.time}
    return validate_date_time(vr, value, kinds[vr])


def _check_float(vr: str, value: Any) -> tuple[bool, str]:
    return validate_type(vr, value, (float, int))


def _check_bytes(vr: str, value: Any) -> tuple[bool, str]:
    return validate_type(vr, value, (bytes, bytearray))


def _check_unsigned(vr: str, value: Any) -> tuple[bool, str]:
    return validate_number(vr, value, 0, (1 << 8 * VALUE_LENGTH[vr]) - 1)


def _check_signed(vr: str, value: Any) -> tuple[bool, str]:
    half = 1 << 8 * VALUE_LENGTH[vr] - 1
    return validate_number(vr, value, -half, half - 1)


VALIDATORS: dict[str, Validator] = {"PN": validate_pn}
"""The check of each VR that has one."""
for _vrs, _check in {
    "AE CS DS IS UI": validate_length_and_type_and_regex,
    "AS UR": validate_type_and_regex,
    "LO LT SH ST": validate_type_and_length,
    "DA DT TM": _check_moment,
    "FD FL": _check_float,
    "OB OD OF OL OV OW": _check_bytes,
    "UL US UV": _check_unsigned,
    "SL SS SV": _check_signed,
}.items():
    VALIDATORS |= dict.fromkeys(_vrs.split(), _check)

_standard = dict(VALIDATORS)


def validate_value(vr: str, value: Any, validation_mode: int, validator: Validator | None = None) -> None:
    """Check a value and warn or raise as the validation mode says.

    Parameters
    ----------
    vr : str
        The VR.
    value : Any
        The value; ``None`` is always valid.
    validation_mode : int
        ``config.IGNORE``: no check, ``WARN``: a warning, ``RAISE``: an exception.
    validator : callable, optional
        A check other than that of the VR in :data:`VALIDATORS`.

    Raises
    ------
    ValueError
        If the value is not valid and the mode is ``RAISE``.
    """
    if not validation_mode or value is None:
        return
    if validator is None:
        validator = VALIDATORS.get(vr)
        if validator is None or (validator is _standard.get(vr) and is_clean_value(vr, value)):
            return
    valid, message = validator(vr, value)
    if valid:
        return
    if validation_mode == config.RAISE:
        raise ValueError(message)
    from pydcm.misc import warn_and_log

    warn_and_log(message)
