"""The private dictionary under the name of the module that holds it in pydicom."""

from __future__ import annotations

TYPE_CHECKING = False

if TYPE_CHECKING:
    from typing import Any

    from .datadict import private_dictionaries

__all__ = ["private_dictionaries"]


def __getattr__(name: str) -> Any:
    if name in __all__:
        from . import datadict

        return getattr(datadict, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
