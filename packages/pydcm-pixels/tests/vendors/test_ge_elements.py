"""GE's private elements."""

from __future__ import annotations

import struct

import pytest

from pydcm.dataset import Dataset
from pydcm_pixels._vendors.ge import (
    Release,
    cycling,
    echo_planar,
    n_directions,
    release,
    unflipped,
)
from pydcm_pixels._vendors.ge_protocol import read_protocol_block
from pydcm_pixels._vendors.header import header_of

from . import ge
from .made import private


def _image(acquisition: dict | None = None, parameters: dict | None = None, **values) -> Dataset:
    ds = Dataset()
    ds.Manufacturer, ds.Modality = "GE MEDICAL SYSTEMS", "MR"
    for keyword, value in values.items():
        setattr(ds, keyword, value)
    private(ds, 0x0019, "GEMS_ACQU_01", acquisition or {})
    private(ds, 0x0043, "GEMS_PARM_01", parameters or {})
    return ds


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("27\\LX\\MR Software release:RX27.0_R02_1831.a", Release(27, 0, 2)),
        ("28\\LX\\MR29.1_EA_2039.g", Release(29, 1, 0)),
        ("something else", Release(0, 0, 0)),
        ("24", None),
    ],
)
def test_release(text, expected):
    assert release(text) == expected


def test_block():
    assert read_protocol_block(ge.block({"IOPT": "EPI, FMRI", "NOSLC": "8"}))["IOPT"] == "EPI, FMRI"
    assert read_protocol_block(b'set NOSLC "8"\nIOPT "x y"\n') == {"NOSLC": "8", "IOPT": "x y"}
    assert read_protocol_block(b'<a NOSLC="8"/>') == {"NOSLC": "8"}
    assert read_protocol_block(b"") == {}
    assert read_protocol_block(b"\0\0\0\0\x1f\x8bnothing") == {}


@pytest.mark.parametrize(
    ("name", "internal", "kind"),
    [
        ("epi", "EPI", "epi"),
        ("/usr/g/bin/epiRT", "EPI", "rt"),
        ("epi2", "EPI2", "diffusion"),
        ("epi2", "EPI", "epi"),
        ("epi_pepolar", "", "pepolar"),
        ("", "EPI2", "diffusion"),
        ("efgre3d", "EFGRE3D", ""),
    ],
)
def test_echo_planar(name, internal, kind):
    assert echo_planar(header_of(_image({0x9C: ("LO", name), 0x9E: ("LO", internal)}))) == kind


@pytest.mark.parametrize(("text", "expected"), [("LINEAR", False), ("REVERSE_LINEAR", True), ("", None)])
def test_stated_polarity(text, expected):
    assert unflipped(header_of(_image(RectilinearPhaseEncodeReordering=text))) is expected


@pytest.mark.parametrize("version", [14.3, 24.0, 26.0])
@pytest.mark.parametrize(
    ("options", "blips", "order", "expected"),
    [(0x800, 0, 0, True), (0x800, 4, 0, False), (0x800, 0, 2, False), (0x800, 4, 2, True), (0, 4, 0, None)],
)
def test_polarity_of_raw_header(version, options, blips, order, expected):
    content = bytearray(2048)
    start = 64
    struct.pack_into("<H", content, 24, start)
    struct.pack_into("<f", content, start, version)
    moved, views = (0x4C, 0x394 - 0x8C) if version > 25 else (0, 0x394)
    for at, value in ((0x3A, options), (0x30, blips), (views, order)):
        struct.pack_into("<H", content, start + moved + at, value)
    assert unflipped(header_of(_image(None, {0x2A: ("OB", bytes(content))}))) is expected


@pytest.mark.parametrize("content", [b"", b"\0" * 20, b"\xff" * 64, b"\0" * 4096])
def test_raw_header_of_something_else(content):
    assert unflipped(header_of(_image(None, {0x2A: ("OB", content)}))) is None


def test_directions():
    assert n_directions(header_of(_image())) is None
    assert n_directions(header_of(_image({0xE0: ("DS", "30")}, {0x30: ("SS", 14)}))) == 30
    assert n_directions(header_of(_image({0xE0: ("DS", "30")}, {0x30: ("SS", 15)}))) == 0


@pytest.mark.parametrize(
    ("model", "special", "kind", "expected"),
    [
        ("SIGNA Premier", "0.72", "2", "SPOFF"),
        ("SIGNA Premier", "0.6", "2", "2TR"),
        ("SIGNA UHP", "0.6", "2", "SPOFF"),
        ("SIGNA UHP", "0", "3", "3TR"),
        ("SIGNA UHP", "0", "0", "ALLTR"),
        ("SIGNA Architect", "0", "2", ""),
    ],
)
def test_cycling(model, special, kind, expected):
    image = _image({0xB3: ("DS", kind), 0xB6: ("DS", special)}, ManufacturerModelName=model)
    assert cycling(header_of(image)) == expected
