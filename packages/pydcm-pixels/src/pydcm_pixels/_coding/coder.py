"""One transfer syntax and the named functions that can decode or encode it."""

from __future__ import annotations

from importlib import import_module
from threading import RLock
from typing import TYPE_CHECKING, Any

from pydcm.plugins import preferred
from pydcm_pixels._coding.foreign import (
    DECODERS,
    ENCODERS,
    foreign_plugins,
    in_stated_order,
    named_plugin,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import TypeVar

    from pydcm.uid import UID

    _Coder = TypeVar("_Coder", bound="CoderBase")

_LOCK = RLock()


def _listing(dependencies: tuple[str, ...]) -> str:
    """Return ``a``, ``a and b`` or ``a, b and c``."""
    *head, last = dependencies
    return f"{', '.join(head)} and {last}" if head else last


def by_keyword(table: Mapping[UID, tuple[_Coder, str]], name: str, ending: str) -> _Coder | None:
    """Return the coder of `table` whose name is the keyword of its UID + `ending`, as in ``RLELosslessDecoder``."""
    for uid, (coder, _) in table.items():
        if name == uid.keyword + ending:
            return coder
    return None


class CoderBase:
    """The plugin table of one transfer syntax; base of `Decoder` and `Encoder`.

    Plugins are tried in the order in which they were added. Changing the table is not thread-safe.

    Parameters
    ----------
    uid : pydcm.uid.UID
        The *Transfer Syntax UID*.
    decoder : bool
        Whether the plugins decode (``True``) or encode.
    """

    def __init__(self, uid: UID, decoder: bool) -> None:
        self._uid = uid
        self._decoder = decoder
        try:
            self._encapsulated = bool(uid.is_encapsulated)
        except ValueError:  # a UID that is no transfer syntax, or one that only a plugin knows
            self._encapsulated = True
        self._group = DECODERS if decoder else ENCODERS
        self._usable: dict[str, Callable[..., Any]] = {}
        self._unusable: dict[str, tuple[str, ...]] = {}
        self._pending: list[tuple[str, tuple[str, str]]] = []
        self._by_name: frozenset[str] = frozenset()

    def _declare(
        self, plugins: list[tuple[str, tuple[str, str]]], by_name: frozenset[str] = frozenset()
    ) -> None:
        """Add plugins that are looked for when the table is first used, so that importing costs nothing.

        Those in `by_name` are not tried of themselves while there is another one, only when somebody asks for them.
        """
        self._pending.extend(plugins)
        self._by_name |= by_name

    def _settle(self) -> None:
        if self._pending:
            with _LOCK:
                # Emptied last: other threads wait here until the table is complete.
                for label, import_path in self._pending:
                    if label not in self._usable and label not in self._unusable:
                        try:
                            self._add(label, import_path)
                        except (
                            ImportError
                        ) as exc:  # a library that is installed but broken: others may not be
                            self._unusable[label] = (f"a library that can be imported ({exc})",)
                self._pending = []

    @property
    def _available(self) -> dict[str, Callable[..., Any]]:
        self._settle()
        return self._usable

    @_available.setter
    def _available(self, table: dict[str, Callable[..., Any]]) -> None:
        self._settle()
        self._usable = table

    @property
    def _unavailable(self) -> dict[str, tuple[str, ...]]:
        self._settle()
        return self._unusable

    @property
    def UID(self) -> UID:
        """The *Transfer Syntax UID*."""
        return self._uid

    @property
    def is_encapsulated(self) -> bool:
        """Whether the transfer syntax wraps each frame in items."""
        return self._encapsulated

    @property
    def is_native(self) -> bool:
        """Whether the pixel data is uncompressed and not encapsulated."""
        return not self._encapsulated

    @property
    def is_available(self) -> bool:
        """Whether this syntax can be decoded or encoded here; native data needs no plugin to be decoded."""
        return (self._decoder and self.is_native) or bool(self._available)

    @property
    def available_plugins(self) -> tuple[str, ...]:
        """The names of the usable plugins, sorted."""
        return tuple(sorted(self._available))

    @property
    def missing_dependencies(self) -> list[str]:
        """One line for each plugin that cannot be used, saying what it needs."""
        return [
            f"{label} - requires {_listing(needs)}"
            if needs
            else f"{label} - plugin indicating it is unavailable"
            for label, needs in self._unavailable.items()
        ]

    def add_plugin(self, label: str, import_path: tuple[str, str]) -> None:
        """Add a plugin.

        Parameters
        ----------
        label : str
            Its name, unique in this table.
        import_path : tuple[str, str]
            The module and the name of the function in it. The module has ``is_available(uid)`` and
            ``DECODER_DEPENDENCIES`` or ``ENCODER_DEPENDENCIES``, ``{uid: (requirement, ...)}``.

        Raises
        ------
        ValueError
            If the name is taken, or the module does not know the transfer syntax.
        ModuleNotFoundError, AttributeError
            If there is no such module or function.
        """
        if label in self._available or label in self._unavailable:
            raise ValueError(f"'{type(self).__name__}' already has a plugin named '{label}'")
        self._add(label, import_path)

    def _add(self, label: str, import_path: tuple[str, str]) -> None:
        module_name, function_name = import_path
        module = import_module(module_name)
        if module.is_available(self._uid):
            self._usable[label] = getattr(module, function_name)
            return
        needs = module.DECODER_DEPENDENCIES if self._decoder else module.ENCODER_DEPENDENCIES
        if self._uid not in needs:
            raise ValueError(f"The '{label}' plugin doesn't support '{self._uid.name}'")
        self._unusable[label] = needs[self._uid]

    def add_plugins(self, plugins: list[tuple[str, tuple[str, str]]]) -> None:
        """Add several plugins, given as ``(label, (module, function))``."""
        for label, import_path in plugins:
            self.add_plugin(label, import_path)

    def remove_plugin(self, label: str) -> None:
        """Remove the plugin called `label`; ValueError if there is none."""
        for table in (self._available, self._unavailable):
            if label in table:
                del table[label]
                return
        raise ValueError(f"Unable to remove '{label}', no such plugin'")

    def _validate_plugins(self, plugin: str = "") -> dict[str, Callable[..., Any]]:
        """Return ``{label: function}`` of the plugins to try: all usable ones, or the one asked for."""
        if self._decoder and self.is_native:
            return {}
        if not plugin:
            if self._available:
                chosen = {name: one for name, one in self._available.items() if name not in self._by_name}
                chosen = chosen or dict(self._available)
                if preferred(self._group):
                    chosen = in_stated_order(self._group, self._uid, chosen, self._available)
                return chosen
            if foreign := foreign_plugins(self._group, self._uid):
                return foreign
            listing = "\n".join(f"\t{line}" for line in self.missing_dependencies)
            raise RuntimeError(f"{self._cannot()} because all plugins are missing dependencies:\n{listing}")
        if plugin in self._available:
            return {plugin: self._available[plugin]}
        if needs := self._unavailable.get(plugin):
            raise RuntimeError(
                f"{self._cannot()} because the specified plugin is missing dependencies:\n"
                f"\t{plugin} - requires {_listing(needs)}"
            )
        if found := named_plugin(self._group, self._uid, plugin, self._available):
            return found
        message = f"No plugin named '{plugin}' has been added to '{self._uid.keyword}{type(self).__name__}'"
        names = {*self.available_plugins, *foreign_plugins(self._group, self._uid)}
        if names:
            message += f", available plugins are: {', '.join(sorted(names))}"
        raise ValueError(message)

    def _cannot(self) -> str:
        if self._decoder:
            return f"Unable to decompress '{self._uid.name}' pixel data"
        return f"Unable to compress the pixel data using '{self._uid.name}'"
