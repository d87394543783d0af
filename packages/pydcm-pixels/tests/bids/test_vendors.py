"""Readers of private headers: made ones, and damaged ones."""

from __future__ import annotations

import gzip
import struct

from hypothesis import given, settings
from hypothesis import strategies as st

from pydcm_pixels._vendors.csa import CSAHeader, floats
from pydcm_pixels._vendors.ge_protocol import read_protocol_block
from pydcm_pixels._vendors.header import rounded
from pydcm_pixels._vendors.protocol import read_protocol


def csa(elements, *, new=True):
    content = b"SV10\4\3\2\1" if new else b""
    content += struct.pack("<II", len(elements), 77)
    for name, values in elements.items():
        content += name.encode().ljust(64, b"\0") + struct.pack("<i4siii", 1, b"FD\0\0", 0, len(values), 77)
        for value in values:
            raw = value.encode() + b"\0"
            content += struct.pack("<4i", 0, len(raw), 77, 0) + raw.ljust(-(-len(raw) // 4) * 4, b"\0")
    return content


def test_csa():
    content = csa({"B_value": ["1000"], "Empty": [], "Direction": ["0.5", "-0.5", "1"]})
    header = CSAHeader(content)
    assert floats(header.get("Direction")) == [0.5, -0.5, 1.0]
    assert header.get("B_value") == header.get("B_value") == ["1000"]
    assert header.get("Empty") == []
    assert header.get("B_val") is header.get("B_value2") is header.get("x" * 70) is None
    assert CSAHeader(csa({"A": ["1"]}, new=False)).get("A") == ["1"]


@settings(deadline=None)
@given(st.binary(max_size=300), st.integers(0, 400))
def test_damaged(noise, cut):
    content = csa({"B_value": ["1000"], "Direction": ["1", "0", "0"]})
    for damaged in (content[:cut] + noise, noise):
        assert CSAHeader(damaged).get("Nothing") is None
        assert CSAHeader(damaged).get("B_value") in (None, [], ["1000"]) or cut < 260
    read_protocol(b"### ASCCONV BEGIN ###\n" + noise)
    read_protocol_block(noise)
    read_protocol_block(b"\x1f\x8b" + noise)


def test_protocol():
    text = b'<x>\n### ASCCONV BEGIN ###\nulVersion = 0x10\nalTE[1]\t = \t4920\ntName = ""a b""\n### ASCCONV END ###'
    found = read_protocol(text)
    assert found.integer("ulVersion") == 16
    assert found.number("missing", "alTE[1]") == 4920
    assert found.text("tName") == "a b"
    assert not read_protocol(b"nothing")


def test_ge_block():
    raw = b'SLICEORDER "1"\nVIEWORDER "0"\n'
    assert read_protocol_block(struct.pack("<I", len(raw)) + gzip.compress(raw)) == {
        "SLICEORDER": "1",
        "VIEWORDER": "0",
    }


def test_rounded():
    assert rounded(0.1234567) == 0.123457
    assert rounded(3.0) == 3
    assert isinstance(rounded(3.0), int)
    assert rounded(123.2438331, 9, single=False) == 123.243833
