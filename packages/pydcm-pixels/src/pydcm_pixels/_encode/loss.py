"""Does an encoder, with these options, give back every sample? (PS3.5 §8.2, PS3.3 §C.7.6.1.1.5)"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_PREFIX = "1.2.840.10008.1.2.4."
LOSSY_METHODS = {
    _PREFIX + "50": "ISO_10918_1",
    _PREFIX + "51": "ISO_10918_1",
    _PREFIX + "81": "ISO_14495_1",
    _PREFIX + "91": "ISO_15444_1",
    _PREFIX + "203": "ISO_15444_15",
    _PREFIX + "112": "ISO_18181_1",
}
"""The defined term of *Lossy Image Compression Method* for each syntax that may lose something."""

ALWAYS_LOSSY = frozenset(
    _PREFIX + str(number) for number in (50, 51, 52, 53, 54, 55, 56, 59, 60, 61, 62, 63, 64)
)
"""The syntaxes whose frames cannot be lossless: the sequential and progressive processes of JPEG, most of them retired."""


def is_lossy(uid: str, options: Mapping[str, Any]) -> bool:
    """Return whether encoding to `uid` with `options` may change samples.

    JPEG-LS Near Lossless without `jls_error`, JPEG 2000 with `reversible`, HTJ2K without `htj2k_step` and JPEG XL with
    a `distance` of 0 do not, although their transfer syntaxes would allow it.
    """
    if uid not in LOSSY_METHODS:
        return False
    if uid == _PREFIX + "81":
        return bool(options.get("jls_error"))
    if uid == _PREFIX + "91":
        return not options.get("reversible")
    if uid == _PREFIX + "203":
        return options.get("htj2k_step") is not None
    return not (uid == _PREFIX + "112" and options.get("distance") == 0)
