"""The package's own DEFLATE, read back by zlib."""

from __future__ import annotations

import gzip
import sys
import zlib

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pydcm_pixels._core._deflate import Deflater
from pydcm_pixels._formats.gzipped import compressed


def deflated(content, itemsize=2, piece=None):
    engine = Deflater(itemsize)
    step = piece or len(content) or 1
    parts = [engine.compress(content[at : at + step]) for at in range(0, len(content), step)]
    return b"".join(parts) + engine.compress(b"", True)


def noise(kind, count=200_000):
    rng = np.random.default_rng(1)
    if kind == "fibonacci":  # the counts that make the longest codes
        counts = [1, 1]
        while sum(counts) < count:
            counts.append(counts[-1] + counts[-2])
        values = np.repeat(np.arange(len(counts)), counts).astype("u1")
        rng.shuffle(values)
        return values.tobytes()
    if kind == "random":
        return rng.bytes(count)
    if kind == "constant":
        return bytes(count)
    if kind == "repeated":
        return rng.bytes(5000) * (count // 5000)
    return (rng.normal(0, 20, count // 2) + 1000).astype("i2").tobytes()


@pytest.mark.parametrize("kind", ["fibonacci", "random", "constant", "repeated", "voxels"])
@pytest.mark.parametrize("itemsize", [1, 2, 4])
@pytest.mark.parametrize("piece", [None, 70_001])
def test_read_back(kind, itemsize, piece):
    content = noise(kind)
    assert zlib.decompress(deflated(content, itemsize, piece), -15) == content


@given(
    st.lists(st.binary(max_size=40) | st.integers(0, 300).map(lambda n: b"ab" * n), max_size=20),
    st.sampled_from((1, 2)),
    st.integers(1, 700),
)
def test_any_content(parts, itemsize, piece):
    content = b"".join(parts)
    assert zlib.decompress(deflated(content, itemsize, piece), -15) == content


@pytest.mark.parametrize("kind", ["fibonacci", "voxels"])
@pytest.mark.parametrize("whole", [1 << 30, 1000])
def test_without_isal(monkeypatch, kind, whole):
    monkeypatch.setitem(sys.modules, "isal.isal_zlib", None)
    content = noise(kind)
    pieces = [b"head", memoryview(content)]
    stream = b"".join(compressed(iter(pieces), len(content) + 4, 1, whole=whole, itemsize=2))
    assert gzip.decompress(stream) == b"head" + content
    assert len(stream) <= 1.05 * len(zlib.compress(content, 1))
