"""Names for samples that change when the files or the options behind them do."""

from __future__ import annotations

import hashlib
import os
import re
from types import BuiltinFunctionType, CodeType, FunctionType, MethodType
from typing import TYPE_CHECKING, Any

from pydcm_pixels import __version__

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["identity", "meaning", "state"]

#: What a function encloses and cannot change; a list that it fills, for example, says nothing about it.
_CONSTANT = (int, float, complex, str, bytes, tuple, frozenset, FunctionType)
_DEEP = 6  # functions within functions, and the like, that are looked at


def identity(files: Iterable[str], options: Any) -> str:
    """Return 32 hexadecimal digits that stand for these files, by their names, read with these options.

    Another version of the package may read them in another way, so that it counts.
    """
    return _digest([__version__, *map(os.path.abspath, files), repr(options)])


def state(files: Iterable[str]) -> str:
    """Return 16 hexadecimal digits that change with the size or the time of change of any of the files."""
    parts = []
    for file in files:
        found = os.stat(file)
        parts.append(f"{found.st_size}:{found.st_mtime_ns}")
    return _digest(parts)[:16]


def meaning(value: Any, depth: int = 0) -> str:
    """Return a text that stays the same from run to run and changes with what a function does, or with any other value.

    Of functions it has the code, defaults, enclosed values and bound parameters, not the functions that they call.
    """
    if depth > _DEEP:
        return "..."

    def within(one: Any) -> str:
        return meaning(one, depth + 1)

    if isinstance(value, list | tuple):
        return f"[{','.join(map(within, value))}]"
    if isinstance(value, dict):
        return f"{{{','.join(sorted(f'{within(key)}:{within(one)}' for key, one in value.items()))}}}"
    if isinstance(value, set | frozenset):  # their order is another one in each process
        return f"{{{','.join(sorted(map(within, value)))}}}"
    if isinstance(value, CodeType):
        return within((value.co_code.hex(), value.co_names, value.co_consts))
    if isinstance(value, FunctionType):
        enclosed = [cell.cell_contents for cell in value.__closure__ or () if _filled(cell)]
        kept = [one for one in enclosed if isinstance(one, _CONSTANT)]
        return within((value.__qualname__, value.__code__, value.__defaults__, value.__kwdefaults__, kept))
    if isinstance(value, MethodType):
        return within((value.__func__, value.__self__))
    if hasattr(value, "func") and hasattr(value, "keywords"):  # a partial
        return within((value.func, value.args, value.keywords))
    if (
        hasattr(value, "tobytes") and hasattr(value, "dtype") and not value.dtype.hasobject
    ):  # repr() leaves numbers out
        return within((str(value.dtype), list(value.shape), hashlib.sha256(value.tobytes()).hexdigest()))
    text = re.sub(r" at 0x[0-9a-fA-F]+", "", repr(value))
    if callable(value) and not isinstance(value, type | BuiltinFunctionType):
        own = vars(value) if hasattr(value, "__dict__") else {}
        kept = [(name, one) for name, one in own.items() if isinstance(one, _CONSTANT)]
        return within((text, type(value).__call__, kept))
    return text


def _filled(cell: Any) -> bool:
    try:
        cell.cell_contents  # noqa: B018
    except ValueError:
        return False
    return True


def _digest(parts: Iterable[str]) -> str:
    return hashlib.sha256("\0".join(parts).encode("utf-8", "surrogateescape")).hexdigest()[:32]
