"""DA, DT and TM values as objects of the module ``datetime`` that remember how they were written."""

from __future__ import annotations

import datetime
import re

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, Self


class _Moment:
    """What the three classes have in common: the text, and copies that keep it."""

    original_string: str

    def __getstate__(self) -> dict[str, Any]:
        return self.__dict__.copy()

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)

    def __reduce_ex__(self, protocol: Any) -> tuple[Any, ...]:
        reduced = super().__reduce_ex__(protocol)
        return *reduced[:2], self.__getstate__()

    def __str__(self) -> str:
        text = self.__dict__.get("original_string")
        return super().__str__() if text is None else text

    def __repr__(self) -> str:
        return f'"{self}"'

    def _keep_text(self, val: Any, own: type, kind: type, write: Callable[[Any], str]) -> None:
        """Keep the text of the first constructor argument `val`.

        An instance of the class `own` hands its text on, for a plain object of the class `kind` it is written.
        """
        if isinstance(val, str):
            self.original_string = val
        elif isinstance(val, own) and hasattr(val, "original_string"):
            self.original_string = val.original_string
        elif isinstance(val, kind):
            self.original_string = write(val)


def _no_leap_second(second: int, kind: str) -> int:
    """Return `second`; the 60 that DICOM has for a leap second becomes 59 with a warning."""
    if second != 60:
        return second
    from pydcm.misc import warn_and_log

    warn_and_log(
        f"'datetime.{kind}' doesn't allow a value of '60' for the seconds component, changing to '59'",
        stacklevel=3,
    )
    return 59


def _microseconds(fraction: str | None) -> int:
    """Return the digits after the decimal point of a second as microseconds."""
    return int(fraction.ljust(6, "0")) if fraction else 0


class DA(_Moment, datetime.date):
    """A **DA** value as :class:`datetime.date`.

    Parameters
    ----------
    *args, **kwargs
        The text of the value (``YYYYMMDD``, or ``YYYY.MM.DD`` as ACR-NEMA had it), a :class:`datetime.date`, or what
        :class:`datetime.date` takes. ``None`` and blank text give ``None``.

    Raises
    ------
    ValueError
        If it is no date.
    """

    def __new__(cls, *args: Any, **kwargs: Any) -> Self:
        if not args or args[0] is None:
            return None  # type: ignore[return-value]
        val = args[0]
        if isinstance(val, str):
            if not val.strip():
                return None  # type: ignore[return-value]
            digits = val.replace(".", "") if len(val) == 10 and val[4] == val[7] == "." else val
            if len(digits) == 8:
                return super().__new__(cls, int(digits[:4]), int(digits[4:6]), int(digits[6:]))
        if isinstance(val, datetime.date):
            return super().__new__(cls, val.year, val.month, val.day)
        try:
            return super().__new__(cls, *args, **kwargs)
        except Exception as exc:
            raise ValueError(f"Unable to convert '{val}' to 'DA' object") from exc

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self._keep_text(args[0], DA, datetime.date, self._write)

    @staticmethod
    def _write(val: datetime.date) -> str:
        return f"{val.year}{val.month:02}{val.day:02}"


class DT(_Moment, datetime.datetime):
    """A **DT** value as :class:`datetime.datetime`.

    Parameters
    ----------
    *args, **kwargs
        The text of the value (``YYYYMMDDHHMMSS.FFFFFF&ZZXX``, of which all but the year may be absent), a
        :class:`datetime.datetime`, or what that class takes. ``None`` and blank text give ``None``.

    Raises
    ------
    ValueError
        If it is no date and time.
    """

    _regex_dt = re.compile(r"(?P<digits>\d{4,14})(?:\.(?P<fraction>\d{1,6}))?(?P<offset>[-+]\d{4})?")

    @staticmethod
    def _utc_offset(value: str) -> datetime.timezone:
        """Return the time zone of an offset ``&ZZXX``: sign, hours and minutes."""
        ahead = datetime.timedelta(hours=int(value[1:3]), minutes=int(value[3:5]))
        return datetime.timezone(-ahead if value[0] == "-" else ahead, name=value)

    def __new__(cls, *args: Any, **kwargs: Any) -> Self:
        if not args or args[0] is None:
            return None  # type: ignore[return-value]
        val = args[0]
        if isinstance(val, str):
            if not val.strip():
                return None  # type: ignore[return-value]
            return cls._parse(val)  # type: ignore[return-value]
        if isinstance(val, datetime.datetime):
            return super().__new__(cls, *val.timetuple()[:6], val.microsecond, val.tzinfo)
        try:
            return super().__new__(cls, *args, **kwargs)
        except Exception as exc:
            raise ValueError(f"Unable to convert '{val}' to 'DT' object") from exc

    @classmethod
    def _parse(cls, val: str) -> DT:
        match = cls._regex_dt.match(val)
        if match is None or len(val) > 26:
            raise ValueError(f"Unable to convert non-conformant value '{val}' to 'DT' object")
        digits, fraction, offset = match.group("digits", "fraction", "offset")
        fields = [int(digits[:4]), 1, 1, 0, 0, 0]
        for i in range(1, 6):
            end = 4 + 2 * i
            if len(digits) >= end:
                fields[i] = int(digits[end - 2 : end])
        year, month, day, hour, minute, second = fields
        second = _no_leap_second(second, "datetime")
        # A fraction is one of seconds, without those it has no meaning
        microsecond = _microseconds(fraction) if len(digits) == 14 else 0
        tzinfo = cls._utc_offset(offset) if offset else None
        return super().__new__(cls, year, month, day, hour, minute, second, microsecond, tzinfo)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self._keep_text(args[0], DT, datetime.datetime, self._write)

    @staticmethod
    def _write(val: datetime.datetime) -> str:
        text = f"{val.year:04}{val.month:02}{val.day:02}{val.hour:02}{val.minute:02}{val.second:02}"
        if val.microsecond:
            text += f".{val.microsecond:06}"
        offset = val.utcoffset()
        if offset is not None:
            minutes = offset // datetime.timedelta(minutes=1)
            text += f"{'-' if minutes < 0 else '+'}{abs(minutes) // 60:02}{abs(minutes) % 60:02}"
        return text


class TM(_Moment, datetime.time):
    """A **TM** value as :class:`datetime.time`.

    Parameters
    ----------
    *args, **kwargs
        The text of the value (``HHMMSS.FFFFFF``, of which all but the hour may be absent), a :class:`datetime.time`, or
        what that class takes. ``None`` and blank text give ``None``.

    Raises
    ------
    ValueError
        If it is no time of day.
    """

    _RE_TIME = re.compile(
        r"(?P<hour>[01]\d|2[0-3])(?:(?P<minute>[0-5]\d)(?:(?P<second>[0-5]\d|60)(?:\.(?P<fraction>\d{0,6}))?)?)?$",
        re.ASCII,
    )

    def __new__(cls, *args: Any, **kwargs: Any) -> Self:
        if not args or args[0] is None:
            return None  # type: ignore[return-value]
        val = args[0]
        if isinstance(val, str):
            if not val.strip():
                return None  # type: ignore[return-value]
            match = cls._RE_TIME.match(val)
            if match is None:
                raise ValueError(f"Unable to convert non-conformant value '{val}' to 'TM' object")
            hour, minute, second = (int(part or 0) for part in match.group("hour", "minute", "second"))
            return super().__new__(
                cls, hour, minute, _no_leap_second(second, "time"), _microseconds(match["fraction"])
            )
        if isinstance(val, datetime.time):
            return super().__new__(cls, val.hour, val.minute, val.second, val.microsecond)
        try:
            return super().__new__(cls, *args, **kwargs)
        except Exception as exc:
            raise ValueError(f"Unable to convert '{val}' to 'TM' object") from exc

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self._keep_text(args[0], TM, datetime.time, self._write)

    @staticmethod
    def _write(val: datetime.time) -> str:
        text = f"{val.hour:02}{val.minute:02}{val.second:02}"
        return f"{text}.{val.microsecond:06}" if val.microsecond else text


# Pickles and messages name the public module
for _cls in (DA, DT, TM):
    _cls.__module__ = "pydcm.valuerep"
