"""Names for samples that change when the files or the options behind them do."""

from __future__ import annotations

import hashlib
import os
import re
import sys
from functools import partial
from types import BuiltinFunctionType, CellType, CodeType, FunctionType, MethodType
from typing import TYPE_CHECKING, Any

from pydcm_pixels import __version__

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

__all__ = ["identity", "meaning", "state"]

_CONSTANT = (int, float, complex, str, bytes, type(None), FunctionType, partial)
_DEEP = 8  # things within things that are looked at
_MANY = 64  # functions
#: What changes a list, dict or set: one that a function fills says nothing about it.
_FILLING = frozenset(
    "add append appendleft clear discard extend insert pop popitem remove setdefault sort update".split()
)


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


def meaning(value: Any) -> str:
    """Return a text that stays the same from run to run and changes with what a function does, or with any other value.

    Of functions it has the code, defaults, bound parameters, and what they enclose or find in their module: plain
    values, arrays, and other functions of that module. Functions of other modules count by their names.
    """
    return _Meaning().of(value, 0)


class _Meaning:
    """What a value means, each function in it once."""

    def __init__(self) -> None:
        self.told: set[int] = set()

    def of(self, value: Any, depth: int) -> str:
        if depth > _DEEP:
            return "..."

        def within(one: Any) -> str:
            return self.of(one, depth + 1)

        if isinstance(value, list | tuple):
            return f"[{','.join(map(within, value))}]"
        if isinstance(value, dict):
            return f"{{{','.join(sorted(f'{within(key)}:{within(one)}' for key, one in value.items()))}}}"
        if isinstance(value, set | frozenset):  # their order is another one in each process
            return f"{{{','.join(sorted(map(within, value)))}}}"
        if isinstance(value, CodeType):
            return within((value.co_code.hex(), value.co_names, value.co_consts))
        if isinstance(value, FunctionType):
            if id(value) in self.told or len(self.told) >= _MANY:  # it calls itself, or is called twice
                return value.__qualname__
            self.told.add(id(value))
            parts = (
                value.__qualname__,
                value.__code__,
                value.__defaults__,
                value.__kwdefaults__,
                _known_to(value),
            )
            return self.of(parts, 0)
        if isinstance(value, MethodType):
            return within((value.__func__, value.__self__))
        if isinstance(value, partial):
            return within((value.func, value.args, value.keywords))
        if _is_array(value):  # repr() leaves numbers out
            return within((str(value.dtype), list(value.shape), hashlib.sha256(value.tobytes()).hexdigest()))
        text = re.sub(r" at 0x[0-9a-fA-F]+", "", repr(value))
        if callable(value) and not isinstance(value, type | BuiltinFunctionType):
            call = type(value).__call__
            own = vars(value) if hasattr(value, "__dict__") else {}
            return within((text, call, _steady(own, getattr(call, "__code__", None))))
        return text


def _known_to(function: FunctionType) -> list[tuple[str, Any]]:
    """Return names and values that a function encloses or finds in its module, and does not change."""
    cells = zip(function.__code__.co_freevars, function.__closure__ or (), strict=True)
    found = {name: cell.cell_contents for name, cell in cells if _filled(cell)}
    used = {name for code in _codes(function.__code__) for name in code.co_names}
    for name in sorted(used & function.__globals__.keys()):
        value = function.__globals__[name]
        if not isinstance(value, FunctionType) or value.__module__ == function.__module__:
            found[name] = value
    return _steady(found, function.__code__)


def _steady(values: dict[str, Any], code: CodeType | None) -> list[tuple[str, Any]]:
    """Return the names and plain values of those that the code does not fill."""
    filled = set().union(*map(_filled_by, _codes(code))) if code is not None else set()
    return [(name, value) for name, value in values.items() if name not in filled and _is_plain(value)]


def _codes(code: CodeType) -> Iterator[CodeType]:
    """Yield a function's code and that of the functions and comprehensions in it."""
    yield code
    for one in code.co_consts:
        if isinstance(one, CodeType):
            yield from _codes(one)


def _filled_by(code: CodeType) -> set[str]:
    """Return the names of what is changed by a method or gets an item."""
    import dis

    steps = list(dis.get_instructions(code))
    found = set()
    for at, step in enumerate(steps):
        following = [(one.opname, one.argval) for one in steps[at + 1 : at + 3]]
        method = following and following[0][0] in ("LOAD_ATTR", "LOAD_METHOD") and following[0][1] in _FILLING
        if step.opname.startswith("LOAD_") and (method or ("STORE_SUBSCR", None) in following[1:]):
            found.add(step.argval)
    return {name for name in found if isinstance(name, str)}


def _is_plain(value: Any, depth: int = 0) -> bool:
    """Say whether a value is of numbers, texts, arrays and functions."""
    if isinstance(value, _CONSTANT) or _is_array(value):
        return True
    if depth > _DEEP or not isinstance(value, list | tuple | set | frozenset | dict):
        return False
    inner = [*value, *value.values()] if isinstance(value, dict) else value
    return all(_is_plain(one, depth + 1) for one in inner)


def _is_array(value: Any) -> bool:
    numpy = sys.modules.get("numpy")
    return (
        numpy is not None and isinstance(value, numpy.ndarray | numpy.generic) and not value.dtype.hasobject
    )


def _filled(cell: CellType) -> bool:
    try:
        cell.cell_contents  # noqa: B018
    except ValueError:
        return False
    return True


def _digest(parts: Iterable[str]) -> str:
    return hashlib.sha256("\0".join(parts).encode("utf-8", "surrogateescape")).hexdigest()[:32]
