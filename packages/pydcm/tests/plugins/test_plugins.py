"""Choosing among providers, loading them, and saying what is wrong."""

from __future__ import annotations

import importlib.metadata
import pickle
import sys
import types
from collections.abc import Callable, Iterator

import pytest

from pydcm import plugins
from pydcm.errors import MissingPluginError, PluginLoadError

RLE = "1.2.840.10008.1.2.5"


class FakeDistribution:
    def __init__(self, name: str) -> None:
        self.name = name
        self.version = "1.0"


class FakeEntryPoint:
    """What importlib.metadata hands out, with a distribution of our choice."""

    def __init__(self, group: str, name: str, value: str, distribution: str) -> None:
        self.group, self.name, self.value = group, name, value
        self.dist = FakeDistribution(distribution)
        self.loads = 0

    def load(self) -> object:
        self.loads += 1
        module, _, attribute = self.value.partition(":")
        return getattr(sys.modules[module], attribute)


@pytest.fixture
def published(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., FakeEntryPoint]]:
    """A function that publishes an entry point; no others exist during the test."""
    points: list[FakeEntryPoint] = []

    def add(group: str, name: str, value: str, distribution: str) -> FakeEntryPoint:
        points.append(FakeEntryPoint(group, name, value, distribution))
        return points[-1]

    def entry_points(*, group: str) -> list[FakeEntryPoint]:
        return [point for point in points if point.group == group]

    module = types.ModuleType("fake_codecs")
    module.first = lambda frame, **description: b"first"  # type: ignore[attr-defined]
    module.second = lambda frame, **description: b"second"  # type: ignore[attr-defined]
    module.foreign = lambda src, version=1, **kwargs: bytes([version])  # type: ignore[attr-defined]
    module.number = 5  # type: ignore[attr-defined]
    module.info = plugins.PluginInfo("fake", 1, "a fake")  # type: ignore[attr-defined]
    module.old = plugins.PluginInfo("old", 0, "from long ago")  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "fake_codecs", module)
    monkeypatch.setattr(importlib.metadata, "entry_points", entry_points)
    plugins.refresh()
    yield add
    plugins.refresh()
    for group in plugins.GROUPS:
        plugins.prefer(group, [])


def names(key: str = RLE, **options: str) -> list[str]:
    return [provider.distribution for provider in plugins.providers("pydcm.decoders", key, **options)]


def test_order_of_providers(published: Callable[..., FakeEntryPoint]) -> None:
    for distribution in ("zebra", "pydcm-pixels", "Aard_vark"):
        published("pydcm.decoders", RLE, "fake_codecs:first", distribution)
    assert names() == ["pydcm-pixels", "aard-vark", "zebra"]
    plugins.prefer("pydcm.decoders", ["Zebra"])
    assert names() == ["zebra", "pydcm-pixels", "aard-vark"]
    assert names(choice="aard_vark") == ["aard-vark", "zebra", "pydcm-pixels"]
    plugins.prefer("pydcm.decoders", [])
    assert names() == ["pydcm-pixels", "aard-vark", "zebra"]


def test_choosing_imports_nothing_and_loading_once(published: Callable[..., FakeEntryPoint]) -> None:
    point = published("pydcm.decoders", RLE, "fake_codecs:first", "pydcm-pixels")
    provider = plugins.choose("pydcm.decoders", RLE)
    assert point.loads == 0
    assert plugins.load("pydcm.decoders", RLE)(b"") == b"first"
    assert provider.load() is plugins.load("pydcm.decoders", RLE)
    assert point.loads == 1


def test_group_is_read_once(published: Callable[..., FakeEntryPoint]) -> None:
    assert plugins.keys("pydcm.decoders") == []
    published("pydcm.decoders", RLE, "fake_codecs:first", "late")
    assert plugins.keys("pydcm.decoders") == []
    plugins.refresh()
    assert plugins.keys("pydcm.decoders") == [RLE]


def test_pylibjpeg_groups_fit_the_protocol(published: Callable[..., FakeEntryPoint]) -> None:
    published("pylibjpeg.pixel_data_decoders", RLE, "fake_codecs:foreign", "pylibjpeg-rle")
    decoder = plugins.load("pydcm.decoders", RLE)
    assert decoder(b"frame", rows=1) == b"\x02"  # version 2 of its interface
    assert "pylibjpeg.pixel_data_decoders" in plugins.choose("pydcm.decoders", RLE).describe()


def test_same_distribution_twice_is_one_provider(published: Callable[..., FakeEntryPoint]) -> None:
    published("pydcm.decoders", RLE, "fake_codecs:first", "one")
    published("pydcm.decoders", RLE, "fake_codecs:first", "one")
    assert names() == ["one"]


def test_broken_provider_hurts_no_other(published: Callable[..., FakeEntryPoint]) -> None:
    published("pydcm.decoders", RLE, "fake_codecs:missing", "broken")
    published("pydcm.decoders", "1.2.3", "fake_codecs:second", "whole")
    with pytest.raises(PluginLoadError, match=r"broken .*AttributeError.*fake_codecs:missing") as caught:
        plugins.load("pydcm.decoders", RLE)
    assert isinstance(caught.value.__cause__, AttributeError)
    assert plugins.load("pydcm.decoders", "1.2.3")(b"") == b"second"


def test_object_of_the_wrong_kind(published: Callable[..., FakeEntryPoint]) -> None:
    published("pydcm.decoders", RLE, "fake_codecs:number", "odd")
    published("pydcm.plugins", "odd", "fake_codecs:number", "odd")
    with pytest.raises(PluginLoadError, match="cannot be called"):
        plugins.load("pydcm.decoders", RLE)
    with pytest.raises(PluginLoadError, match="not a PluginInfo"):
        plugins.load("pydcm.plugins", "odd")


def test_unknown_key_is_named(
    published: Callable[..., FakeEntryPoint], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(plugins, "is_installed", lambda distribution: True)
    with pytest.raises(plugins.UnknownKeyError, match="RLE Lossless") as caught:
        plugins.choose("pydcm.decoders", RLE)
    again = pickle.loads(pickle.dumps(caught.value))
    assert (again.group, again.key, str(again)) == ("pydcm.decoders", RLE, str(caught.value))


def test_missing_first_party_plugin(
    published: Callable[..., FakeEntryPoint], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(plugins, "is_installed", lambda distribution: False)
    with pytest.raises(MissingPluginError, match=r'pip install "pydcm\[pixels\]"'):
        plugins.choose("pydcm.decoders", RLE)


def test_choice_that_is_not_there(
    published: Callable[..., FakeEntryPoint], monkeypatch: pytest.MonkeyPatch
) -> None:
    published("pydcm.decoders", RLE, "fake_codecs:first", "other")
    monkeypatch.setattr(plugins, "is_installed", lambda distribution: distribution == "mute")
    with pytest.raises(MissingPluginError, match="pip install absent"):
        plugins.choose("pydcm.decoders", RLE, choice="absent")
    with pytest.raises(plugins.UnknownKeyError, match="mute offers no"):
        plugins.choose("pydcm.decoders", RLE, choice="mute")


def test_introductions(published: Callable[..., FakeEntryPoint]) -> None:
    published("pydcm.plugins", "fake", "fake_codecs:info", "fake")
    published("pydcm.plugins", "old", "fake_codecs:old", "old")
    published("pydcm.plugins", "broken", "fake_codecs:missing", "broken")
    said = {provider.key: info for provider, info in plugins.plugins()}
    assert said["fake"] == plugins.PluginInfo("fake", 1, "a fake")
    assert isinstance(said["old"], PluginLoadError)
    assert "version 0" in str(said["old"])
    assert isinstance(said["broken"], PluginLoadError)


def test_unknown_group() -> None:
    with pytest.raises(ValueError, match=r"no plugin group 'pydcm.nothing'"):
        plugins.keys("pydcm.nothing")
    with pytest.raises(ValueError, match=r"no plugin group"):
        plugins.prefer("pydcm.nothing", [])
