"""When the slices of Siemens' mosaics were acquired."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydcm_pixels._bids.acceleration import mosaic_times, multiband
from pydcm_pixels._bids.image_type import is_derived
from pydcm_pixels._vendors.csa import floats
from pydcm_pixels._vendors.siemens import is_xa

if TYPE_CHECKING:
    from pydcm_pixels._vendors.header import Header

__all__ = ["of_mosaics", "order_of_mosaic"]

_INTERLEAVED = 4
_DESCENDING = 2
_SAME = 1e-3  # s


def of_mosaics(header: Header, following: Header | None) -> tuple[list[float], int]:
    """Return seconds for each tile, and how many slices were acquired at once as far as they tell.

    The times of the first volume are wrong now and then: those of the `following` one are taken where they cannot be right,
    and none if these cannot be, either. The same as dcm2niix does.
    """
    first = _table(header)
    if not first:
        return _scheduled(header), 1
    second = first if following is None else _table(following)
    if not second:
        return first, 1
    if following is not None and is_xa(header):
        first = second = _from_zero(second)
    period = (header.number(0x00180080) or 0) / 1000
    span, other = max(first) - min(first), max(second) - min(second)
    if span and max(first) <= period and abs(span - other) < _SAME:
        return first, 1
    if (not span and multiband(header) >= len(first)) or "SBRef" in header.text(0x0008103E):
        return first, 1
    bands = 1
    if 0 < other <= period and min(second) > 0:
        second = _from_zero(second)
        bands = second.count(0.0)
    if other > 0 and max(second) < period:
        return second, bands
    return ([] if following is None or is_derived(header) else first), 1


def _from_zero(times: list[float]) -> list[float]:
    return [time - min(times) for time in times]


def _table(header: Header) -> list[float]:
    times = mosaic_times(header)
    count = int(
        header.private_number(0x0019, "SIEMENS MR HEADER", 0x0A)
        or next(iter(floats(header.csa("NumberOfImagesInMosaic"))), 0)
    )
    if not times or not count or len(times) < count:
        return []
    least = min(0.0, *times[:count])
    return [(time - least) / 1000 for time in times[:count]]


def _scheduled(header: Header) -> list[float]:
    """Times of a mosaic without a table, from its protocol: before software B13."""
    count = next(iter(floats(header.csa("NumberOfImagesInMosaic"))), 0)
    mode = header.protocol.integer("sSliceArray.ucMode")
    period = header.number(0x00180080)
    if count < 2 or not period or mode not in (1, _DESCENDING, _INTERLEAVED) or multiband(header) > 1:
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


def order_of_mosaic(header: Header) -> int:
    """Return NIfTI's code for the order in which the slices of a mosaic were acquired, 0 if their times do not say it.

    1 ascending, 2 descending, 3 and 5 odd or even ones first, 4 and 6 the same from the end.
    """
    times = _table(header)
    if len(times) < 3 or times.count(0.0) > 1:
        return 0
    first = times.index(min(times))
    if first == 1:
        return 5
    if first == len(times) - 2:
        return 6
    if first == 0:
        return 0 if times[1] == times[2] else 1 if times[1] < times[2] else 3
    if first == len(times) - 1:
        return 0 if times[-3] == times[-2] else 2 if times[-3] > times[-2] else 4
    return 0
