"""How long it is from volume to volume."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

from pydcm_pixels._bids.acceleration import out_of_plane
from pydcm_pixels._bids.equipment import is_3d
from pydcm_pixels._series import fields
from pydcm_pixels._vendors.ge import echo_planar, group_delay, release
from pydcm_pixels._vendors.siemens import private_bandwidth, shots

if TYPE_CHECKING:
    from pydcm_pixels._series.frame import Frame
    from pydcm_pixels._series.stack import Stack
    from pydcm_pixels._vendors.header import Header

__all__ = ["Repetition", "repetition", "seconds_of"]

_TOLERANCE = 0.05  # s


class Repetition(NamedTuple):
    """Times of a series, s.

    Attributes
    ----------
    period : float
        From volume to volume.
    excitation : float
        From excitation to excitation if that is another time, else 0.
    stated : float
        *Repetition Time* if that is neither, else 0.
    onsets : list of float
        Start of each volume if the time between them varies.
    """

    period: float
    excitation: float
    stated: float
    onsets: list[float]


def seconds_of(text: str) -> float | None:
    """Return seconds since midnight of a DICOM time, ``None`` if it is none."""
    clock = text.replace(":", "")
    try:
        return int(clock[:2]) * 3600 + int(clock[2:4]) * 60 + float(clock[4:])
    except ValueError:
        return None


def repetition(header: Header, stack: Stack | None) -> Repetition:
    """Return the time from volume to volume: of series of single slices, by their clock, as other times are no TR."""
    stated = (header.number(0x00180080) or 0) / 1000
    averages = header.number(0x00180083) or 0
    if header.maker == "GE":  # a pause after each volume is not counted
        averages = 1
        stated += header.private_number(0x0043, "GEMS_PARM_01", 0x7C) or 0
        if not is_3d(header):
            known = (
                stack is not None and len(stack.frames) > 1 and release(header.text(0x00181020)) is not None
            )
            if known and echo_planar(header) == "epi":
                stated += group_delay(header)
            return Repetition(stated, 0.0, 0.0, [])
    if stack is None or len(stack.frames) < 2:
        return Repetition(stated, 0.0, 0.0, [])
    whole = stack.first.tile is not None or header.frame.groups is not None
    if header.maker == "GE" or whole:
        return _of_slabs(header, stack, stated) if is_3d(header) else Repetition(stated, 0.0, 0.0, [])
    starts = _starts(stack)
    if is_3d(header) and max(starts, default=0) <= 0:
        return _of_slabs(header, stack, stated)
    if not starts or max(starts) <= 0:
        return Repetition(stated, 0.0, 0.0, [])
    steps = [later - earlier for earlier, later in pairwise(starts) if later > earlier]
    onsets = starts if steps and max(steps) - min(steps) > _TOLERANCE else []
    period = max(starts) / (len(starts) - 1)
    if abs(period - stated) <= _TOLERANCE:
        return Repetition(stated, 0.0, 0.0, onsets)
    if averages <= 1:
        return Repetition(period, 0.0, stated, onsets)
    excitation = period / averages
    other = stated if abs(excitation - stated) > _TOLERANCE else 0.0
    if is_3d(header):
        return Repetition(period, excitation, other, onsets)
    return Repetition(excitation, 0.0, other, onsets)


def _of_slabs(header: Header, stack: Stack, stated: float) -> Repetition:
    """Times of a series of slabs: *Repetition Time* is from excitation to excitation if volumes take longer than that.

    If the clock does not tell how long they take, the numbers of steps of Siemens' echo-planar slabs do.
    """
    files = {id(volume[0].image) for volume in stack.frames}
    starts = _starts(stack) if len(files) == len(stack.frames) else []
    period = max(starts, default=0.0) / (len(stack.frames) - 1)
    if period <= 0 and private_bandwidth(header) > 0:
        factor, steps = out_of_plane(header), header.integer(0x00189232)
        period = stated * steps / factor * shots(header) if factor >= 1 else 0.0
    if stated > 0 and period - stated > _TOLERANCE:
        return Repetition(period, stated, 0.0, [])
    return Repetition(stated, 0.0, 0.0, [])


def _starts(stack: Stack) -> list[float]:
    """Return when each volume's image at the place of the very first image was acquired; empty if not known."""
    volume = stack.frames[0]
    place = min(range(len(volume)), key=lambda at: volume[at].order)
    found = [_clock(one[place]) for one in stack.frames]
    known = [one for one in found if one is not None]
    if len(known) < len(found) or len({date for date, _ in known}) > 1:
        return []
    return [seconds - known[0][1] for _, seconds in known]


def _clock(frame: Frame) -> tuple[str, float] | None:
    date, time = fields.text(frame.ds, 0x00080022), fields.text(frame.ds, 0x00080032)
    both = fields.text(frame.ds, 0x0008002A)
    if not date and not time and len(both) >= 14:
        date, time = both[:8], both[8:].split("+")[0].split("-")[0]
    seconds = seconds_of(time)
    return None if seconds is None else (date, round(seconds, 5))
