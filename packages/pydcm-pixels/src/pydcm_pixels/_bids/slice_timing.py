"""When each slice of a volume was acquired."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, NamedTuple

from pydcm_pixels._bids.equipment import is_3d
from pydcm_pixels._bids.mosaic_timing import of_mosaics
from pydcm_pixels._series import fields
from pydcm_pixels._vendors.ge import Release, cycling, echo_planar, release
from pydcm_pixels._vendors.header import Header, modality, rounded
from pydcm_pixels._vendors.siemens import is_xa

if TYPE_CHECKING:
    from pydcm_pixels._series.frame import Frame
    from pydcm_pixels._series.stack import Stack

__all__ = ["Timing", "single", "slice_timing"]

_SAME = 1e-3  # s
_SINGLE = struct.Struct("f")
_NOON, _DAY = 43_200, 86_400
_LOCALIZER = 256
_NEW_ORDER = Release(27, 0, 3)  # multi-band images are acquired in another order since this release
_BANDS = Release(26, 0, 0)


class Timing(NamedTuple):
    """When the slices of a volume were acquired.

    Attributes
    ----------
    times : list of float
        Seconds from the start of the volume for each slice in the order of the file; empty if not known.
    bands : int
        How many slices were acquired at once as far as times tell, 1 if that is not known.
    """

    times: list[float]
    bands: int


def slice_timing(header: Header, stack: Stack | None) -> Timing:
    """Return when the slices of a volume were acquired."""
    if modality(header) != "MR":
        return Timing([], 1)
    volumes = stack.frames if stack is not None else [[header.frame]]
    if is_3d(header):
        return Timing([], _bands_of_slab(header, volumes))
    times: list[float] = []
    bands = 1
    if header.maker == "Siemens":
        times, bands = _siemens(header, volumes)
    elif header.maker == "GE" and len(volumes) > 1:
        times = _ge(header, volumes[0])
        bands = _bands_of(header) if times else 1
    elif (
        header.maker == "UIH" and len(volumes[0]) > 1 and (len(volumes) > 1 or volumes[0][0].tile is not None)
    ):
        times = _stamps(volumes[0])
    if len(times) < 2 or max(times) - min(times) < 1e-6:
        times = []
    return Timing([rounded(value) for value in times], bands)


def _at_once(times: list[float]) -> int:
    """Return how many slices start with the first one."""
    return sum(time - min(times) < _SAME for time in times) if times else 1


def _siemens(header: Header, volumes: list[list[Frame]]) -> Timing:
    volume = volumes[0]
    if volume[0].tile is not None:
        times, bands = of_mosaics(header, Header(volumes[1][0]) if len(volumes) > 1 else None)
        times = _by_tile(times, volume)
        return Timing(times, max(bands, _at_once(times) if len(set(times)) > 1 else 1))
    elif len(volume) < 2:
        times = of_mosaics(header, None)[0] if len(volumes) == 1 else []  # of a file alone
    elif header.frame.groups is None:
        return _single_slices(header, volumes)
    else:
        if len(volumes) < 2:
            return _of_one_file(header, volume)
        times = _after_start(volumes[1])  # those of the first volume are wrong now and then
        if not times or not is_xa(header) or volumes[1][0].image is volume[0].image:
            return Timing(times or _stamps(volume), 1)
    varies = len(times) > 1 and max(times) - min(times) >= 1e-6
    return Timing(times, _at_once(times) if varies else 1)


def _of_one_file(header: Header, volume: list[Frame]) -> Timing:
    """Times of one volume in a multi-frame file as they are stored; none if slices take longer than a repetition."""
    times = _after_start(volume, relative=False)
    if not times:
        return Timing(_stamps(volume), 1)
    period = (header.number(0x00180080) or 0) / 1000
    low, high, bands = min(times), max(times), 1
    if high <= period or "SBRef" in header.text(0x0008103E):
        return Timing(times, bands)
    if low > 0 and high - low <= period:
        times, high, bands = [one - low for one in times], high - low, _at_once(times)
    return Timing([] if high >= period else times, bands)


def _bands_of_slab(header: Header, volumes: list[list[Frame]]) -> int:
    """Return how many slices of a slab of Siemens XA have the same time in the second volume, as dcm2niix counts them."""
    if header.maker != "Siemens" or not is_xa(header) or len(volumes) < 2:
        return 1
    if volumes[0][0].image is volumes[1][0].image:
        return 1
    bands = _at_once(_after_start(volumes[1]))
    return bands if bands < len(volumes[1]) else 1


def _single_slices(header: Header, volumes: list[list[Frame]]) -> Timing:
    """Times of files of one slice: of series of XA from the second volume, if they say it."""
    several = is_xa(header) and len(volumes) > 1
    if header.private_number(0x0021, "SIEMENS MR SDI 02", 0x04) is not None:
        times = _after_start(volumes[1]) if several else []
        return Timing(times, _at_once(times))
    times = _stamps(volumes[0])
    bands = _at_once(times) if times else len(volumes[0])
    return Timing([] if several else times, bands)


def _by_tile(times: list[float], volume: list[Frame]) -> list[float]:
    across = max(volume[0].image.columns // max(volume[0].columns, 1), 1)
    result = []
    for frame in volume:
        if frame.tile is None:
            return []
        row, column = frame.tile
        index = row // frame.rows * across + column // frame.columns
        if index >= len(times):
            return []
        result.append(times[index])
    return result


def _after_start(volume: list[Frame], *, relative: bool = True) -> list[float]:
    """Siemens XA: seconds since the start of the series, `relative` ones since that of the volume."""
    found = [Header(frame).private_number(0x0021, "SIEMENS MR SDI 02", 0x04) for frame in volume]
    known = [one for one in found if one is not None]
    if len(known) < len(found) or len(set(known)) < 2:
        return []
    start = min(known) if relative else 0.0
    return [one - start for one in known]


def _seconds(text: str) -> float | None:
    """Return seconds since midnight of a time, which dcm2niix keeps as a number hhmmss in single precision."""
    clock = text[8:] if len(text) >= 14 and text[:14].isdigit() else text
    try:
        value = round(single(float(clock.split("+")[0].split("-")[0])), 5)
    except (ValueError, OverflowError):
        return None
    return single(value // 10_000 * 3600 + value // 100 % 100 * 60 + value % 100)


def single(value: float) -> float:
    """Return a number in single precision."""
    (rounded_off,) = _SINGLE.unpack(_SINGLE.pack(value))
    return float(rounded_off)


def _stamps(volume: list[Frame]) -> list[float]:
    found: list[float] = []
    for frame in volume:
        text = ""
        for tag in (0x00080032, 0x00189074, 0x0008002A):
            holder = frame.find(tag)
            text = fields.text(holder, tag) if holder is not None else ""
            if text:
                break
        seconds = _seconds(text)
        if seconds is None:
            return []
        found.append(seconds)
    if max(found) - min(found) > _NOON:
        found = [one + _DAY if one < _NOON else one for one in found]
    least = min(found)
    return [float(f"{one - least:.5f}") for one in found]


def _ge(header: Header, volume: list[Frame]) -> list[float]:
    n = len(volume)
    period = (header.number(0x00180080) or 0) / 1000
    block = header.block
    version = release(header.text(0x00181020))
    if n < 2 or period <= 0 or not block or version is None:
        return []
    if header.private_number(0x0019, "GEMS_ACQU_01", 0x17) == _LOCALIZER:
        return []
    kind, options = echo_planar(header), block.get("IOPT", "")
    interleaved = True
    new_order = version >= _NEW_ORDER
    if kind == "pepolar":
        pass
    elif kind == "rt":
        interleaved = block.get("SLICEORDER") != "0"
    elif kind == "epi":
        if "MPhVar" in options:  # a delay of its own after each volume
            return []
    elif kind == "diffusion":
        if cycling(header) not in ("", "SPOFF"):
            return []
        new_order = False
    else:
        return []
    bands = _bands_of(header)
    if bands > 1 and version < _BANDS:
        return []
    sequence = _ge_order(n, bands, interleaved=interleaved, new_order=new_order)
    each = period / len(sequence)
    numbers = [fields.integer(frame.ds, 0x00200013) or 0 for frame in volume]
    rank = {number: at for at, number in enumerate(sorted(numbers))}
    if len(rank) != n:
        return []
    return [sequence[rank[number] % len(sequence)] * each for number in numbers]


def _bands_of(header: Header) -> int:
    """Return how many slices GE's scanner excited at once, by the image and by its protocol."""
    found = header.private_text(0x0043, "GEMS_PARM_01", 0xB6).split("\\")[0].strip()
    planned = header.block.get("MBACCEL", "")
    return max(int(text) if text.isdigit() else 1 for text in (found, planned, "1"))


def _ge_order(n: int, bands: int, *, interleaved: bool, new_order: bool) -> list[int]:
    """Return for each slice of a band when it is acquired, counted from 0.

    Before release 27.0 R03 there is an odd number of excitations, the last slices are thrown away; since then the last
    two odd ones are swapped, so that neighbours do not follow one another.
    """
    count = -(-n // bands)
    if bands > 1 and not new_order and count % 2 == 0:
        count += 1
    if not interleaved:
        return list(range(count))
    order = [0] * count
    for at, place in enumerate([*range(0, count, 2), *range(1, count, 2)]):
        order[place] = at
    if bands > 1 and new_order and count > 2 and count % 2 == 0:
        order[count - 1], order[count - 3] = order[count - 3], order[count - 1]
    return order
