"""A dictionary that is loaded when first used and unpacks a value when it is first asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterator, MutableMapping
from typing import Any, Generic, TypeVar

__all__ = ["LazyDict"]

K = TypeVar("K")
V = TypeVar("V")


class LazyDict(MutableMapping[K, V], Generic[K, V]):
    """A dictionary over packed values.

    Parameters
    ----------
    load : callable
        Returns the packed values by key; called once, on first use.
    unpack : callable
        Makes the value from a key and its packed value; called once for each key asked for.
    """

    def __init__(self, load: Callable[[], dict[K, Any]], unpack: Callable[[K, Any], V]) -> None:
        self._load = load
        self._unpack = unpack
        self._packed: dict[K, Any] = {}
        self._made: dict[K, V | None] | None = None

    def _items(self) -> dict[K, V | None]:
        if self._made is None:
            self._packed = dict(self._load())
            self._made = dict.fromkeys(self._packed)
        return self._made

    def __getitem__(self, key: K) -> V:
        items = self._items()
        if key in self._packed:
            items[key] = self._unpack(key, self._packed[key])
            del self._packed[key]
        return items[key]  # type: ignore[return-value]

    def __setitem__(self, key: K, value: V) -> None:
        self._items()[key] = value
        self._packed.pop(key, None)

    def __delitem__(self, key: K) -> None:
        del self._items()[key]
        self._packed.pop(key, None)

    def __contains__(self, key: object) -> bool:
        return key in self._items()

    def __iter__(self) -> Iterator[K]:
        return iter(self._items())

    def __len__(self) -> int:
        return len(self._items())

    def __repr__(self) -> str:
        return repr(dict(self))

    def copy(self) -> dict[K, V]:
        """Return an ordinary dictionary of everything."""
        return dict(self)

    def packed(self, key: K) -> Any:
        """Return the packed value of `key`, or None once it has been unpacked or replaced."""
        self._items()
        return self._packed.get(key)
