"""What other distributions add to pydcm, and who is chosen when several offer the same thing.

A plugin is any installed distribution that publishes entry points in one of the groups below. The routing key (a
Transfer Syntax UID, a SOP Class UID, a sub-command) is the entry point's *name*, so choosing a provider imports
nothing; its object is imported on the first use of that key. There is nothing to inherit and nothing to call: an object
is a plain callable that fits one of the protocols of this module.

===================  =====================  ===================================================
group                key                    object
===================  =====================  ===================================================
``pydcm.plugins``    short name             a :class:`PluginInfo`
``pydcm.decoders``   Transfer Syntax UID    a :class:`FrameDecoder`
``pydcm.encoders``   Transfer Syntax UID    a :class:`FrameEncoder`
``pydcm.content``    SOP Class UID          a :class:`ContentReader`
``pydcm.commands``   sub-command            a :class:`CommandRegistrar`
===================  =====================  ===================================================

Codec packages that publish the groups of pylibjpeg (keyed by Transfer Syntax UID as well) are found as they are.

Several providers of one key are ordered by the caller's choice, then by :func:`prefer`, then first-party before
third-party, then by the distribution's name; never by the order of ``sys.path``.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol, runtime_checkable

from .errors import MissingPluginError, PluginLoadError

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable, Iterable, Mapping
    from importlib.metadata import EntryPoint

    from .dataset import Dataset

__all__ = [
    "API_VERSION",
    "GROUPS",
    "CommandRegistrar",
    "ContentReader",
    "FrameDecoder",
    "FrameEncoder",
    "PluginInfo",
    "Provider",
    "UnknownKeyError",
    "choose",
    "describe_key",
    "is_installed",
    "keys",
    "load",
    "plugins",
    "prefer",
    "preferred",
    "providers",
    "refresh",
]

#: The version of the contract in this module; a plugin states the one it was written for.
API_VERSION = 1


class PluginInfo(NamedTuple):
    """What a plugin says of itself, from a module that imports nothing else.

    Attributes
    ----------
    name : str
        The short name, also the extra that installs it: ``"seg"``.
    api : int
        The :data:`API_VERSION` that it was written for.
    summary : str
        One line for ``pydcm plugins``.
    """

    name: str
    api: int
    summary: str


@runtime_checkable
class FrameDecoder(Protocol):
    """Decode one encapsulated frame (PS3.5 §A.4).

    `description` holds what the Image Pixel module says of the frame: ``transfer_syntax_uid``, ``rows``, ``columns``,
    ``samples_per_pixel``, ``bits_allocated``, ``bits_stored``, ``pixel_representation``,
    ``photometric_interpretation`` and, where there is one, ``planar_configuration``; a decoder ignores what it does
    not know. The result is the frame's pixels as little-endian bytes, or an array of shape
    ``(rows, columns[, samples])``.
    """

    def __call__(self, frame: bytes, /, **description: Any) -> Any: ...


@runtime_checkable
class FrameEncoder(Protocol):
    """Encode one frame's pixels, little-endian bytes, and return the encoded frame; the reverse of a decoder."""

    def __call__(self, frame: bytes, /, **description: Any) -> Any: ...


@runtime_checkable
class ContentReader(Protocol):
    """Return what a data set of one SOP class says, as a dict of plain values (see :mod:`pydcm.content`)."""

    def __call__(self, ds: Dataset, /, **options: Any) -> dict[str, Any]: ...


@runtime_checkable
class CommandRegistrar(Protocol):
    """Add one sub-command to the ``pydcm`` command line and set its ``func`` default."""

    def __call__(self, subparsers: argparse._SubParsersAction[Any], /) -> None: ...


#: First-party groups, and the distribution that somebody needs who finds a group empty.
GROUPS: dict[str, str | None] = {
    "pydcm.plugins": None,
    "pydcm.decoders": "pydcm-pixels",
    "pydcm.encoders": "pydcm-pixels",
    "pydcm.content": None,
    "pydcm.commands": None,
}

# Third-party groups with the same keys, and what makes their objects fit our protocol
_FOREIGN: dict[str, tuple[tuple[str, Callable[[Any], Any]], ...]] = {
    # pylibjpeg's decoders take the frame's description as keywords in version 2 of their interface
    "pydcm.decoders": (("pylibjpeg.pixel_data_decoders", partial(partial, version=2)),),
    "pydcm.encoders": (("pylibjpeg.pixel_data_encoders", lambda encoder: encoder),),
    # programs written for pydicom's command line register in the same way
    "pydcm.commands": (("pydicom_subcommands", lambda register: register),),
}


class UnknownKeyError(LookupError):
    """Nothing that is installed provides a key.

    Attributes
    ----------
    group, key : str
        What was asked for.
    """

    def __init__(self, message: str, group: str, key: str) -> None:
        super().__init__(message)
        self.group = group
        self.key = key

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.args[0], self.group, self.key)


class Provider:
    """One entry point: who offers a key, and the object once it is asked for.

    Attributes
    ----------
    group : str
        The first-party group that it serves.
    key : str
        The routing key.
    distribution, version : str
        Where it comes from.
    value : str
        The object's address, ``module:attribute``.
    first_party : bool
        Whether the distribution belongs to the pydcm family.
    """

    __slots__ = (
        "_adapt",
        "_entry_point",
        "_object",
        "distribution",
        "first_party",
        "group",
        "key",
        "value",
        "version",
    )

    def __init__(
        self, group: str, entry_point: EntryPoint, adapt: Callable[[Any], Any] | None = None
    ) -> None:
        dist = entry_point.dist
        self.group = group
        self.key = entry_point.name
        self.value = entry_point.value
        self.distribution = _normalised(dist.name) if dist is not None else "unknown"
        self.version = dist.version if dist is not None else ""
        self.first_party = self.distribution == "pydcm" or self.distribution.startswith("pydcm-")
        self._entry_point = entry_point
        self._adapt = adapt
        self._object: Any = None

    def __repr__(self) -> str:
        return f"<Provider {self.describe()}>"

    def describe(self) -> str:
        """Return the entry point in full: group, key, object and distribution."""
        return f"[{self._entry_point.group}] {self.key} = {self.value} ({self.distribution} {self.version})".strip()

    def load(self) -> Any:
        """Import the object (once) and return it.

        Raises
        ------
        PluginLoadError
            If that fails or the object is not what its group asks for; the cause is chained, and every other key goes
            on working.
        """
        if self._object is None:
            try:
                loaded = self._entry_point.load()
            except Exception as exc:
                raise PluginLoadError(
                    f"{self.distribution} is installed but cannot be loaded: {type(exc).__name__}: {exc}",
                    entry_point=self.describe(),
                ) from exc
            if self.group == "pydcm.plugins":
                if not (hasattr(loaded, "name") and hasattr(loaded, "api") and hasattr(loaded, "summary")):
                    raise PluginLoadError(
                        f"{self.distribution} offers {type(loaded).__name__!r}, not a PluginInfo",
                        entry_point=self.describe(),
                    )
            elif not callable(loaded):
                raise PluginLoadError(
                    f"{self.distribution} offers {type(loaded).__name__!r}, which cannot be called",
                    entry_point=self.describe(),
                )
            self._object = loaded if self._adapt is None else self._adapt(loaded)
        return self._object


_cache: dict[str, dict[str, list[Provider]]] = {}
_preferences: dict[str, list[str]] = {}


def _normalised(name: str) -> str:
    """Return a distribution's name the way indexes compare them."""
    return name.lower().replace("_", "-").replace(".", "-")


def refresh() -> None:
    """Forget what was found, so that the next question reads the installed distributions again."""
    import importlib

    importlib.invalidate_caches()
    _cache.clear()


def prefer(group: str, distributions: Iterable[str]) -> None:
    """State which distributions win the keys of `group`, best first; an empty list takes that back.

    Raises
    ------
    ValueError
        If `group` is not one of :data:`GROUPS`.
    """
    _check_group(group)
    _preferences[group] = [_normalised(name) for name in distributions]


def preferred(group: str) -> tuple[str, ...]:
    """Return what :func:`prefer` was last told about `group`."""
    return tuple(_preferences.get(group, ()))


def _check_group(group: str) -> None:
    if group not in GROUPS:
        raise ValueError(f"there is no plugin group {group!r}; the groups are {', '.join(GROUPS)}")


def _read(group: str) -> Mapping[str, list[Provider]]:
    found = _cache.get(group)
    if found is None:
        from importlib.metadata import entry_points

        _check_group(group)
        sources: tuple[tuple[str, Callable[[Any], Any] | None], ...] = (
            (group, None),
            *_FOREIGN.get(group, ()),
        )
        found = {}
        seen = set()
        for name, adapt in sources:
            for entry_point in entry_points(group=name):
                provider = Provider(group, entry_point, adapt)
                # One distribution on two sys.path entries is one provider
                identity = (name, provider.key, provider.value, provider.distribution)
                if identity not in seen:
                    seen.add(identity)
                    found.setdefault(provider.key, []).append(provider)
        _cache[group] = found
    return found


def keys(group: str) -> list[str]:
    """Return the keys of `group` that something installed provides, sorted."""
    return sorted(_read(group))


def providers(group: str, key: str, *, choice: str | None = None) -> list[Provider]:
    """Return the providers of `key`, best first; importing none of them.

    Parameters
    ----------
    group, key : str
        What is asked for.
    choice : str, optional
        The caller's choice: this distribution comes first.
    """
    chosen = _normalised(choice) if choice else None
    order = _preferences.get(group, [])

    def rank(provider: Provider) -> tuple[bool, int, bool, str, str]:
        name = provider.distribution
        place = order.index(name) if name in order else len(order)
        return name != chosen, place, not provider.first_party, name, provider.value

    return sorted(_read(group).get(key, ()), key=rank)


def choose(group: str, key: str, *, choice: str | None = None) -> Provider:
    """Return the provider of `key` that is to be used; importing nothing.

    Parameters
    ----------
    group, key : str
        What is asked for.
    choice : str, optional
        The distribution that the caller wants and no other.

    Raises
    ------
    MissingPluginError
        If nothing offers `key` and the first-party distribution that would is not installed, or if the
        distribution chosen is not installed.
    UnknownKeyError
        If nothing that is installed offers `key`.
    """
    found = providers(group, key, choice=choice)
    if choice is not None and (not found or found[0].distribution != _normalised(choice)):
        if not is_installed(choice):
            raise MissingPluginError(
                _normalised(choice), _extra(choice), feature=f"{group} for {describe_key(key)}"
            )
        offered = ", ".join(provider.distribution for provider in found) or "nobody"
        raise UnknownKeyError(
            f"{choice} offers no {group} for {describe_key(key)} (offered by: {offered})", group, key
        )
    if found:
        return found[0]
    home = GROUPS[group]
    if home is not None and not is_installed(home):
        raise MissingPluginError(home, feature=f"{group} for {describe_key(key)}")
    raise UnknownKeyError(f"nothing that is installed offers {group} for {describe_key(key)}", group, key)


def load(group: str, key: str, *, choice: str | None = None) -> Any:
    """Return the object that provides `key`: :func:`choose`, then import it.

    Raises
    ------
    MissingPluginError, UnknownKeyError
        As :func:`choose`.
    PluginLoadError
        If the provider is installed but broken.
    """
    return choose(group, key, choice=choice).load()


def plugins() -> list[tuple[Provider, PluginInfo | PluginLoadError]]:
    """Return every installed plugin with what it says of itself, or with the reason why it cannot be used."""
    result: list[tuple[Provider, PluginInfo | PluginLoadError]] = []
    for key in keys("pydcm.plugins"):
        for provider in providers("pydcm.plugins", key):
            try:
                info = provider.load()
            except PluginLoadError as exc:
                result.append((provider, exc))
                continue
            if info.api != API_VERSION:
                problem = PluginLoadError(
                    f"{provider.distribution} was written for version {info.api} of the plugin contract, this pydcm "
                    f"has version {API_VERSION}; install matching versions",
                    entry_point=provider.describe(),
                )
                result.append((provider, problem))
            else:
                result.append((provider, info))
    return result


def describe_key(key: str) -> str:
    """Return a UID with its standard name, any other key as it is."""
    if not key.replace(".", "").isdigit():
        return repr(key)
    from .uid import UID

    name = UID(key).name
    return key if name == key else f"{key} ({name})"


def is_installed(distribution: str) -> bool:
    """Whether a distribution of this name is installed."""
    from importlib.metadata import PackageNotFoundError, version

    try:
        version(distribution)
    except PackageNotFoundError:
        return False
    return True


def _extra(distribution: str) -> str | None:
    """Return ``None`` (let the error work it out) for the family, ``""`` for distributions without an extra."""
    return None if _normalised(distribution).startswith("pydcm-") else ""
