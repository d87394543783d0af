"""Converters of values in ASCII: strings, UIDs, dates and times."""

from __future__ import annotations

from .. import config
from ..charset import default_encoding
from ..multival import MultiValue
from ..uid import UID

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, MutableSequence
    from typing import Any, TypeVar

    from ..valuerep import DA, DT, TM

    _T = TypeVar("_T")


def multi_string(val: str, valtype: Callable[[str], _T] | None = None) -> _T | MutableSequence[_T]:
    r"""Split text at backslashes, after removing spaces and NULs from its end.

    Parameters
    ----------
    val : str
        The text.
    valtype : callable, optional
        What to make of each part, such as :class:`~pydcm.uid.UID`; :class:`str` by default.

    Returns
    -------
    valtype or MultiValue of valtype
        The one value, or several.
    """
    make: Any = str if valtype is None else valtype
    parts = val.rstrip(" \0").split("\\")
    return make(parts[0]) if len(parts) == 1 else MultiValue(make, parts)


def convert_string(
    byte_string: bytes, is_little_endian: bool, struct_format: str | None = None
) -> str | MutableSequence[str]:
    """Return the value of an AS or CS element, or of DA, DT or TM where these stay text.

    Parameters
    ----------
    byte_string : bytes
        The encoded value.
    is_little_endian : bool
        Not used, as in all the converters of text.
    struct_format : str, optional
        Not used.

    Returns
    -------
    str or MultiValue of str
    """
    return multi_string(byte_string.decode(default_encoding))


def convert_AE_string(
    byte_string: bytes, is_little_endian: bool, struct_format: str | None = None
) -> str | MutableSequence[str]:
    """Return the value of an AE element without leading and trailing spaces (PS3.5 §6.2).

    Parameters
    ----------
    byte_string, is_little_endian, struct_format
        As for :func:`convert_string`.

    Returns
    -------
    str or MultiValue of str
    """
    parts = [part.strip() for part in byte_string.decode(default_encoding).split("\\")]
    return parts[0] if len(parts) == 1 else MultiValue(str, parts)


def convert_UI(
    byte_string: bytes, is_little_endian: bool, struct_format: str | None = None
) -> UID | MutableSequence[UID]:
    """Return the value of a UI element without its padding.

    Parameters
    ----------
    byte_string, is_little_endian, struct_format
        As for :func:`convert_string`.

    Returns
    -------
    UID or MultiValue of UID
    """
    return multi_string(byte_string.decode(default_encoding), UID)


def convert_UR_string(byte_string: bytes, is_little_endian: bool, struct_format: str | None = None) -> str:
    """Return the value of a UR element, which is never multi-valued, without trailing white space.

    Parameters
    ----------
    byte_string, is_little_endian, struct_format
        As for :func:`convert_string`.

    Returns
    -------
    str
    """
    return byte_string.decode(default_encoding).rstrip()


def _convert_temporal(byte_string: bytes, is_little_endian: bool, from_text: Callable[[str], Any]) -> Any:
    """Return the text, or what `from_text` makes of its parts if temporal values are to be converted."""
    if not config.datetime_conversion:
        return convert_string(byte_string, is_little_endian)
    parts = byte_string.decode(default_encoding).split("\\")
    return from_text(parts[0]) if len(parts) == 1 else MultiValue(from_text, parts)


def _checked(value: str, shortest: int, longest: int) -> str:
    """Return `value` without trailing white space, with a note in the log if its length is out of bounds."""
    value = value.rstrip()
    if not shortest <= len(value) <= longest:
        config.logger.warning(
            "Expected length between %d and %d, got length %d", shortest, longest, len(value)
        )
    return value


def _DA_from_str(value: str) -> DA:
    from ..valuerep import DA

    return DA(value.rstrip())


def _DT_from_str(value: str) -> DT:
    from ..valuerep import DT

    return DT(_checked(value, 4, 26))


def _TM_from_str(value: str) -> TM:
    from ..valuerep import TM

    return TM(_checked(value, 2, 16) if value.rstrip() else "")


def convert_DA_string(
    byte_string: bytes, is_little_endian: bool, struct_format: str | None = None
) -> str | DA | MutableSequence[str] | MutableSequence[DA]:
    """Return the value of a DA element.

    Parameters
    ----------
    byte_string, is_little_endian, struct_format
        As for :func:`convert_string`.

    Returns
    -------
    str or DA, or MultiValue of them
        :class:`~pydcm.valuerep.DA` if :data:`~pydcm.config.datetime_conversion`.
    """
    return _convert_temporal(byte_string, is_little_endian, _DA_from_str)


def convert_DT_string(
    byte_string: bytes, is_little_endian: bool, struct_format: str | None = None
) -> str | DT | MutableSequence[str] | MutableSequence[DT]:
    """Return the value of a DT element.

    Parameters
    ----------
    byte_string, is_little_endian, struct_format
        As for :func:`convert_string`.

    Returns
    -------
    str or DT, or MultiValue of them
        :class:`~pydcm.valuerep.DT` if :data:`~pydcm.config.datetime_conversion`.
    """
    return _convert_temporal(byte_string, is_little_endian, _DT_from_str)


def convert_TM_string(
    byte_string: bytes, is_little_endian: bool, struct_format: str | None = None
) -> str | TM | MutableSequence[str] | MutableSequence[TM]:
    """Return the value of a TM element.

    Parameters
    ----------
    byte_string, is_little_endian, struct_format
        As for :func:`convert_string`.

    Returns
    -------
    str or TM, or MultiValue of them
        :class:`~pydcm.valuerep.TM` if :data:`~pydcm.config.datetime_conversion`.
    """
    return _convert_temporal(byte_string, is_little_endian, _TM_from_str)
