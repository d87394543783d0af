"""Sidecars of images whose headers give the same answers as one seen before.

The thousands of images of a series differ in their numbers, times and places; hardly any of this is in a sidecar. It is
quicker to ask a header the hundred questions that led to the last sidecar than to work it out again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable

    from pydcm_pixels._vendors.header import Header

__all__ = ["CLOCK", "Recent"]

#: What the fields of the clock are made of: it goes on from image to image.
CLOCK = frozenset((0x00080022, 0x0008002A, 0x00080032))
_TIMES = {"AcquisitionTime", "AcquisitionDateTime"}
_MOST = 8


class Recent:
    """The sidecars made last.

    Parameters
    ----------
    make : callable
        From a header (of a single-frame file) and options to a sidecar.
    tell_time : callable
        Adds those fields to a dict that depend on elements in `CLOCK`; nothing else does, but one of them may be there.
    """

    def __init__(
        self, make: Callable[..., dict[str, Any]], tell_time: Callable[[dict[str, Any], Header, bool], None]
    ) -> None:
        self._make = make
        self._tell_time = tell_time
        self._known: tuple[tuple[Hashable, tuple[Any, ...], dict[str, Any]], ...] = ()

    def sidecar(self, header: Header, anonymize: bool, flip_rows: bool) -> dict[str, Any]:
        """Return the sidecar of a header, its own to change."""
        key = (anonymize, flip_rows, header.frame.rows, header.frame.columns)
        for known, answers, result in self._known:
            if known != key or (different := header.differs(answers)) is None:
                continue
            if not different:
                return _copy(result)
            if CLOCK.issuperset(different):
                times: dict[str, Any] = {}
                self._tell_time(times, header, anonymize)
                if times.keys() == result.keys() & _TIMES:
                    return {**_copy(result), **times}
        result = self._make(header, None, anonymize, flip_rows)
        if (made_of := header.answers()) is not None:
            # replaced at once: threads see the one tuple or the other
            self._known = ((key, made_of, _copy(result)), *self._known[: _MOST - 1])
        return result


def _copy(sidecar: dict[str, Any]) -> dict[str, Any]:
    return {
        name: [dict(one) if type(one) is dict else one for one in value] if type(value) is list else value
        for name, value in sidecar.items()
    }
