"""DS and IS values that are neither :class:`~pydcm.valuerep.DSfloat` nor :class:`~pydcm.valuerep.IS`."""

from __future__ import annotations

from decimal import Decimal
from math import floor, isfinite, log10

from pydcm import config
from pydcm._core._valuetypes import IS, DSfloat
from pydcm._values.validation import validate_length_and_type_and_regex

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_MAX_LENGTH = 16


def is_valid_ds(s: str) -> bool:
    """Return whether `s` is a decimal string of at most 16 characters (PS3.5 §6.2).

    Parameters
    ----------
    s : str
        The text.
    """
    return validate_length_and_type_and_regex("DS", s)[0]


def format_number_as_ds(val: float | Decimal) -> str:
    """Write a number in the at most 16 characters of a **DS** value, as exactly as these allow.

    Parameters
    ----------
    val : float or decimal.Decimal
        The number.

    Returns
    -------
    str
        What ``str(val)`` gives if that is short enough; otherwise fixed or scientific notation, whichever keeps more
        digits.

    Raises
    ------
    TypeError
        If `val` is not a float or Decimal.
    ValueError
        If `val` is infinite or not a number, which DS cannot say.
    """
    if not isinstance(val, float | Decimal):
        raise TypeError("'val' must be of type float or decimal.Decimal")
    if not isfinite(val):
        raise ValueError(f"Cannot encode non-finite floats as DICOM decimal strings. Got '{val}'")
    text = str(val)
    if len(text) <= _MAX_LENGTH:
        return text
    room = _MAX_LENGTH - (val < 0)
    magnitude = log10(abs(float(val)))
    # Fixed notation needs all digits left of the point and at least one right of it ("314159265358979." is not read
    # everywhere); below 1e-4 its leading zeros take more room than an exponent.
    if -4 <= magnitude < room - 2:
        before_point = floor(magnitude) + 1 if magnitude >= 1 else 1
        return f"{val:.{room - 1 - before_point}f}"
    # "d." and "e+dd" take six characters; an exponent of three digits one more
    for digits in (room - 6, room - 7):
        text = f"{val:.{digits}e}"
        if len(text) <= _MAX_LENGTH:
            break
    return text


class DSdecimal(Decimal):
    """A **DS** value as :class:`decimal.Decimal` that remembers how it was written.

    A blank string is returned as it is, and ``None`` gives ``None``.

    Parameters
    ----------
    val : str, int, float or decimal.Decimal
        The number or its text.
    auto_format : bool, optional
        Shorten the text to the 16 characters that DS allows if it is longer; the number itself stays as it is.
    validation_mode : int, optional
        ``config.IGNORE``, ``WARN`` or ``RAISE``; the reading validation mode if not given.

    Raises
    ------
    OverflowError
        With ``RAISE``, if the text is longer than 16 characters.
    TypeError
        If `val` is a float and ``config.allow_DS_float`` is not set.
    ValueError
        With ``RAISE``, if the text is not a decimal string (PS3.5 §6.2).
    """

    auto_format: bool
    original_string: str

    def __new__(  # type: ignore[misc]
        cls,
        val: str | int | float | Decimal | None,
        auto_format: bool = False,
        validation_mode: int | None = None,
    ) -> str | DSdecimal | None:
        if val is None or (isinstance(val, str) and not val.strip()):
            return val
        if isinstance(val, float):
            if not config.allow_DS_float:
                raise TypeError(
                    "'DS' cannot be instantiated with a float value unless 'config.allow_DS_float' is set to True. You "
                    "should convert the value to a string with the desired number of digits, or use "
                    "'Decimal.quantize()' and pass a 'Decimal' instance."
                )
        return super().__new__(cls, val)

    def __init__(
        self,
        val: str | int | float | Decimal,
        auto_format: bool = False,
        validation_mode: int | None = None,
    ) -> None:
        formatted = False
        if isinstance(val, str):
            self.original_string = val.strip()
        elif isinstance(val, DSfloat | DSdecimal):
            formatted = val.auto_format
            if hasattr(val, "original_string"):
                self.original_string = val.original_string
        self.auto_format = auto_format or formatted
        if self.auto_format and not formatted:
            if not hasattr(self, "original_string"):
                self.original_string = format_number_as_ds(self)
            elif not is_valid_ds(self.original_string):
                self.original_string = format_number_as_ds(float(self.original_string))
        if validation_mode is None:
            validation_mode = config.settings.reading_validation_mode
        if validation_mode != config.IGNORE:
            self._validate(validation_mode == config.RAISE)

    def _validate(self, strict: bool) -> None:
        """Warn, or if `strict` raise, if the text is not valid."""
        text = repr(self).strip("'")
        if len(text) > _MAX_LENGTH:
            error: type[Exception] = OverflowError
            message = (
                "Values for elements with a VR of 'DS' values must be <= 16 characters long. Use a smaller string, set "
                "'config.settings.reading_validation_mode' to 'WARN' to override the length check, use "
                "'Decimal.quantize()' and initialize with a 'Decimal' instance, or explicitly construct a DS instance "
                "with 'auto_format' set to True"
            )
        elif not is_valid_ds(text):
            error = ValueError
            message = f'Value "{self}" is not valid for elements with a VR of DS'
        else:
            return
        if strict:
            raise error(message)
        from pydcm.misc import warn_and_log

        warn_and_log(message)

    def __eq__(self, other: object) -> Any:
        if isinstance(other, str):
            return str(self) == other
        return super().__eq__(other)

    def __ne__(self, other: object) -> Any:
        return not self == other

    def __hash__(self) -> int:
        return super().__hash__()

    def __str__(self) -> str:
        text = self.__dict__.get("original_string")
        return text if text is not None and len(text) <= _MAX_LENGTH else super().__str__()

    def __repr__(self) -> str:
        return f"'{self.__dict__.get('original_string', self)}'"

    def __reduce__(self) -> tuple[Any, ...]:
        return _restore_decimal, (type(self), Decimal(self)), self.__dict__


def _restore_decimal(cls: type[DSdecimal], number: Decimal) -> DSdecimal:
    """Rebuild a pickled value without validating it again; its attributes follow."""
    return Decimal.__new__(cls, number)


class ISfloat(float):
    """An **IS** value that is no integer, though the standard demands one, as :class:`float`.

    :class:`~pydcm.valuerep.IS` makes one where the settings let such a value pass.

    Parameters
    ----------
    val : str, float or decimal.Decimal
        The number or its text; blank text gives an empty string.
    validation_mode : int, optional
        ``config.WARN`` to warn of the value, ``RAISE`` to refuse it.

    Raises
    ------
    TypeError
        With ``RAISE``.
    """

    original_string: str

    def __new__(  # type: ignore[misc]
        cls, val: str | float | Decimal, validation_mode: int | None = None
    ) -> float | str:
        if isinstance(val, str) and not val.strip():
            return ""
        return super().__new__(cls, val)

    def __init__(self, val: str | float | Decimal, validation_mode: int | None = None) -> None:
        if isinstance(val, str):
            self.original_string = val.strip()
        elif isinstance(val, IS | ISfloat) and hasattr(val, "original_string"):
            self.original_string = val.original_string
        if not validation_mode:
            return
        message = f'Value "{self}" is not valid for elements with a VR of IS'
        if validation_mode == config.RAISE:
            raise TypeError(f"{message}\nSet reading_validation_mode to WARN or IGNORE to bypass")
        if validation_mode == config.WARN:
            from pydcm.misc import warn_and_log

            warn_and_log(message)


# Pickles and messages name the public module
for _cls in (DSdecimal, ISfloat):
    _cls.__module__ = "pydcm.valuerep"
