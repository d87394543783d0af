"""The UID dictionary under the name of the module that holds it in pydicom."""

from __future__ import annotations

TYPE_CHECKING = False

if TYPE_CHECKING:
    from typing import Any

    from .uid import UID_dictionary

__all__ = ["UID_dictionary"]


def __getattr__(name: str) -> Any:
    if name in __all__:
        from . import uid

        return getattr(uid, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
