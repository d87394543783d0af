"""Import one module tree under a second name.

``pydcm.pixels.decoders`` has to be the module ``pydcm_pixels.pixels.decoders`` and, once asked for, ``pydicom.dataset``
the module ``pydcm.dataset``: the *same* object, so that classes, caches and settings exist once. A finder in front of
the ordinary ones answers for every name below an alias, and its loader puts the real module into :data:`sys.modules`
in place of the empty one that the import system made.
"""

from __future__ import annotations

import sys
from importlib import import_module
from importlib.machinery import ModuleSpec
from importlib.util import find_spec

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import ModuleType

__all__ = ["AliasFinder", "add_alias", "remove_alias"]


class AliasFinder:
    """Meta-path finder and loader for names below the aliases added to it.

    Attributes
    ----------
    aliases : dict of str to str
        The real module's full name by alias. An alias covers the whole tree below it.
    """

    def __init__(self) -> None:
        self.aliases: dict[str, str] = {}

    def real_name(self, fullname: str) -> str | None:
        """Return the real name behind `fullname`, or ``None`` if no alias covers it."""
        head = fullname
        while head:
            real = self.aliases.get(head)
            if real is not None:
                return real + fullname[len(head) :]
            head = head.rpartition(".")[0]
        return None

    def find_spec(
        self, fullname: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Return a spec for an aliased name whose real module exists."""
        real = self.real_name(fullname)
        if real is None:
            return None
        if real not in sys.modules:
            try:
                if find_spec(real) is None:
                    return None
            except ModuleNotFoundError as exc:
                if not _is_or_contains(exc.name, real):
                    raise  # a dependency of a parent package is missing, not the module asked for
                return None
        return ModuleSpec(fullname, self, origin=real)  # type: ignore[arg-type]

    def create_module(self, spec: ModuleSpec) -> None:
        """Let the import system make its (temporary) module."""

    def exec_module(self, module: ModuleType) -> None:
        """Import the real module and register it under the alias."""
        spec = module.__spec__
        assert spec is not None and spec.origin is not None
        sys.modules[spec.name] = import_module(spec.origin)


def _is_or_contains(name: str | None, module: str) -> bool:
    """Whether `name` is `module` or one of the packages it is in."""
    return name is not None and (module == name or module.startswith(name + "."))


_finder = AliasFinder()


def add_alias(alias: str, real: str) -> None:
    """Make `alias` and everything below it import as `real` and everything below that."""
    _finder.aliases[alias] = real
    if _finder not in sys.meta_path:
        sys.meta_path.insert(0, _finder)  # type: ignore[arg-type]  # duck-typed: importlib.abc is slow to import


def remove_alias(alias: str) -> None:
    """Undo :func:`add_alias` and forget the modules registered below `alias`."""
    if _finder.aliases.pop(alias, None) is None:
        return
    for name in [name for name in sys.modules if name == alias or name.startswith(alias + ".")]:
        del sys.modules[name]
