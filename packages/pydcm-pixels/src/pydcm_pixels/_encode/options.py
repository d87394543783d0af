"""Which options an encoder has for each transfer syntax, and what values they may have."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from numbers import Real
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from pydcm.uid import UID

_PREFIX = "1.2.840.10008.1.2."


class _Range(NamedTuple):
    """The values an option may have."""

    least: float
    most: float
    whole: bool = True

    def __str__(self) -> str:
        kind = "a whole number" if self.whole else "a number"
        return f"{kind} from {self.least:g} to {self.most:g}"

    def holds(self, value: Any) -> bool:
        if isinstance(value, bool) or not isinstance(value, Real):
            return False
        number = float(value)
        return self.least <= number <= self.most and (not self.whole or number == int(number))


_RANGES = {
    "quality": _Range(1, 100),
    "predictor": _Range(1, 7),
    # NEAR is no more than 255 (ITU-T T.87 §C.2.3), and no more than half of the greatest value.
    "jls_error": _Range(0, 255),
    "htj2k_step": _Range(0.00001, 0.5, whole=False),
    "distance": _Range(0, 25, whole=False),
    "effort": _Range(1, 9),
    "deflate_level": _Range(1, 12),
}
_OPTIONS = {
    "4.50": ("quality", "photometric_interpretation"),
    "4.51": ("quality",),
    "4.57": ("predictor",),
    "4.81": ("jls_error",),
    "4.91": ("j2k_cr", "j2k_psnr", "reversible"),
    "4.203": ("htj2k_step",),
    "4.110": ("effort",),
    "4.112": ("distance", "effort"),
    "8.1": ("deflate_level",),
}


def options_of(uid: str) -> tuple[str, ...]:
    """Return the names of the options that the encoder of a transfer syntax has."""
    return (*_OPTIONS.get(uid.removeprefix(_PREFIX), ()), "verify")


def check_names(uid: UID, names: Iterable[str]) -> None:
    """Refuse options that the encoder of a transfer syntax does not have.

    Raises
    ------
    ValueError
        With the options it has.
    """
    known = options_of(uid)
    unknown = sorted(set(names) - set(known))
    if unknown:
        raise ValueError(
            f"The encoder of '{uid.name}' has no option {_listed(unknown)}; it has {_listed(known)}"
        )


def check_values(options: Mapping[str, Any]) -> None:
    """Refuse values that no encoder can do anything with.

    Raises
    ------
    ValueError
        With the values that are possible.
    """
    for name, allowed in _RANGES.items():
        value = options.get(name)
        if value is not None and not allowed.holds(value):
            raise ValueError(f"A '{name}' value of '{value}' is invalid, it must be {allowed}")
    error, stored = options.get("jls_error"), options.get("bits_stored")
    if error and stored and error > ((1 << stored) - 1) // 2:
        raise ValueError(
            f"A 'jls_error' value of '{error}' is invalid for a (0028,0101) 'Bits Stored' value of '{stored}', it must be "
            f"no more than half of the greatest value: {((1 << stored) - 1) // 2}"
        )


def _listed(names: Iterable[str]) -> str:
    return ", ".join(f"'{name}'" for name in names)
