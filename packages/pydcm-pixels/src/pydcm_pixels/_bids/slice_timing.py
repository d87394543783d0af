"""When each slice of a volume was acquired."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydcm_pixels._bids.header import Header, rounded
from pydcm_pixels._series import fields
from pydcm_pixels._vendors.csa import floats

if TYPE_CHECKING:
    from pydcm_pixels._series.frame import Frame
    from pydcm_pixels._series.stack import Stack

__all__ = ["slice_timing"]

_INTERLEAVED = 4
_DESCENDING = 2


def slice_timing(header: Header, stack: Stack | None) -> list[float]:
    """Return seconds from the start of the volume for each slice in the order of the file; empty if not known."""
    if header.text(0x00080060) in ("CT", "PT"):
        return []
    volume = stack.frames[0] if stack is not None else [header.frame]
    if header.maker == "Siemens":
        times = _mosaic(header) or _scheduled(header)
        if times:
            return _by_tile(times, volume, header)
        if len(volume) > 1 and header.frame.groups is not None:
            times = _after_start(volume) or _stamps(volume)
    elif header.maker == "GE" and stack is not None:
        times = _ge(header, volume)
    elif header.maker == "UIH" and len(volume) > 1:
        times = _stamps(volume)
    else:
        times = []
    return [rounded(value) for value in times]


def _mosaic(header: Header) -> list[float]:
    times = header.private_numbers(0x0019, "SIEMENS MR HEADER", 0x29)
    times = times or floats(header.csa.get("MosaicRefAcqTimes"))
    count = header.private_number(0x0019, "SIEMENS MR HEADER", 0x0A) or next(
        iter(floats(header.csa.get("NumberOfImagesInMosaic"))), 0
    )
    if not times or not count or len(times) < count:
        return []
    times = times[: int(count)]
    least = min(times)
    return [(time - least) / 1000 for time in times]


def _scheduled(header: Header) -> list[float]:
    """Times of a mosaic without a table, from its protocol: before software B13."""
    count = next(iter(floats(header.csa.get("NumberOfImagesInMosaic"))), 0)
    mode = header.protocol.integer("sSliceArray.ucMode")
    period = header.number(0x00180080)
    if count < 2 or not period or mode not in (1, _DESCENDING, _INTERLEAVED):
        return []
    n = int(count)
    each = (period - (header.protocol.number("lDelayTimeInTR") or 0) / 1000) / n / 1000
    order = list(range(n))
    if mode == _DESCENDING:
        order.reverse()
    elif mode == _INTERLEAVED:
        first = 0 if n % 2 else 1
        order = [*range(first, n, 2), *range(1 - first, n, 2)]
    times = [0.0] * n
    for at, place in enumerate(order):
        times[place] = at * each
    return times


def _by_tile(times: list[float], volume: list[Frame], header: Header) -> list[float]:
    if volume[0].tile is None:
        return [rounded(value) for value in times]
    across = max(volume[0].image.columns // max(volume[0].columns, 1), 1)
    result = []
    for frame in volume:
        if frame.tile is None:
            return []
        row, column = frame.tile
        index = row // frame.rows * across + column // frame.columns
        if index >= len(times):
            return []
        result.append(rounded(times[index]))
    return result


def _seconds(text: str) -> float | None:
    clock = text[8:] if len(text) >= 14 and text[:14].isdigit() else text
    try:
        return int(clock[:2]) * 3600 + int(clock[2:4]) * 60 + float(clock[4:].split("+")[0].split("-")[0])
    except ValueError:
        return None


def _after_start(volume: list[Frame]) -> list[float]:
    """Siemens XA: seconds since the start of the series."""
    found = [Header(frame).private_number(0x0021, "SIEMENS MR SDI 02", 0x04) for frame in volume]
    known = [one for one in found if one is not None]
    if len(known) < len(found) or len(set(known)) < 2:
        return []
    return [one - min(known) for one in known]


def _stamps(volume: list[Frame]) -> list[float]:
    found: list[float] = []
    for frame in volume:
        text = ""
        for tag in (0x00189074, 0x00080032, 0x0008002A):
            holder = frame.find(tag)
            text = fields.text(holder, tag) if holder is not None else ""
            if text:
                break
        seconds = _seconds(text)
        if seconds is None:
            return []
        found.append(seconds)
    if len(set(found)) < 2:
        return []
    least = min(found)
    return [one - least for one in found]


def _ge(header: Header, volume: list[Frame]) -> list[float]:
    n = len(volume)
    period = header.number(0x00180080)
    if n < 2 or not period or "EP" not in header.text(0x00180020):
        return []
    order = header.block.get("SLICEORDER")
    if order not in ("0", "1"):
        return []
    factor = max(int(header.private_number(0x0043, "GEMS_PARM_01", 0xB6) or 1), 1)
    shots = -(-n // factor)
    sequence = list(range(shots)) if order == "0" else [*range(0, shots, 2), *range(1, shots, 2)]
    times = [0.0] * n
    for at, place in enumerate(sequence):
        for slab in range(place, n, shots):
            times[slab] = at * period / 1000 / shots
    numbers = [fields.integer(frame.ds, 0x00200013) or 0 for frame in volume]
    rank = {number: at for at, number in enumerate(sorted(numbers))}
    return [times[rank[number]] for number in numbers] if len(rank) == n else []
