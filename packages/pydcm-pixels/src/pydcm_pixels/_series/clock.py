"""When volumes were acquired, in seconds from the first."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from pydcm_pixels._series import fields

if TYPE_CHECKING:
    from pydcm_pixels._series.frame import Frame
    from pydcm_pixels._series.stack import Stack

__all__ = ["volume_times"]

#: What `varying` may hold that is a time after some event, ms.
_DELAYS = ("FrameTime", "TriggerTime", "FrameReferenceTime")
_DAY = 86400.0


def volume_times(stack: Stack) -> list[float] | None:
    """Return the seconds between the first volume and each one, ``None`` if the files do not say.

    They are those of the elements that tell the volumes apart where that is a time, else of the clock.
    """
    if len(stack.frames) < 2:
        return None
    for name in _DELAYS:
        values = stack.varying.get(name, ())
        if values and all(isinstance(value, float | int) for value in values):
            return [(value - values[0]) / 1000 for value in values]
    seconds = [_clock(volume[0]) for volume in stack.frames]
    if any(one is None for one in seconds):
        return None
    offsets = [one - seconds[0] for one in seconds if one is not None and seconds[0] is not None]
    # without dates, midnight is a step back of most of a day
    days = 0.0
    for at, (before, after) in enumerate(pairwise(list(offsets)), start=1):
        if after - before < -_DAY / 2:
            days += _DAY
        offsets[at] += days
    return offsets if all(a < b for a, b in pairwise(offsets)) else None


def _clock(frame: Frame) -> float | None:
    """Return the acquisition time of a frame in seconds; of its day unless the element has a date."""
    for tag in (0x00189074, 0x0008002A):
        holder = frame.find(tag) if frame.groups is not None else frame.ds
        stamp = fields.text(holder, tag) if holder is not None else ""
        if len(stamp) >= 14 and stamp[:14].isdigit():
            return _days(stamp[:8]) * _DAY + _seconds(stamp[8:].partition("+")[0].partition("-")[0])
    stamp = fields.text(frame.ds, 0x00080032)
    if len(stamp) < 4 or not stamp[:4].isdigit():
        return None
    date = fields.text(frame.ds, 0x00080022)
    return _days(date) * _DAY + _seconds(stamp)


def _days(date: str) -> int:
    from datetime import date as day

    try:
        return day(int(date[:4]), int(date[4:6]), int(date[6:8])).toordinal()
    except ValueError:
        return 0


def _seconds(stamp: str) -> float:
    """Return the seconds of a DICOM time, ``HHMMSS.FFFFFF``, of which the end may be missing."""
    try:
        return int(stamp[:2]) * 3600 + int(stamp[2:4]) * 60 + float(stamp[4:] or 0)
    except ValueError:
        return 0.0
