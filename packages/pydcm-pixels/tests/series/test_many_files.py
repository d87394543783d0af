"""Folders with so many files that their headers are not held at once."""

from __future__ import annotations

import numpy as np
import pytest

from pydcm_pixels._series import scan
from pydcm_pixels._series.discovery import discover, find_stacks
from pydcm_pixels.volume import convert_series, list_series, load_4d, load_series


@pytest.fixture
def folder(series):
    """Two series: a stack, and one with two echoes."""
    image = np.arange(24, dtype="i2").reshape(4, 6)
    first = series(modality="MR", SeriesDescription="one")
    for at in (3, 1, 2):
        first.add(image + at, [0, 0, 2.0 * at], SeriesNumber=1)
    for at in range(4):
        for echo in (10, 20):
            first.add(
                image * echo,
                [0, 0, 3.0 * at],
                SeriesNumber=2,
                SeriesInstanceUID="1.2.3.4",
                SeriesDescription="two",
                EchoTime=str(echo),
            )
    return first.folder


def described(stacks):
    return [(str(stack), stack.files, stack.kind, stack.varying, stack.affine.tolist()) for stack in stacks]


def held(stacks):
    return [frame.image._ds is not None for stack in stacks for volume in stack.frames for frame in volume]


def test_headers_are_read_again(folder, monkeypatch):
    expected = find_stacks(folder)
    assert all(held(expected))
    monkeypatch.setattr(scan, "MANY", 5)
    stacks = find_stacks(folder)
    assert not any(held(stacks))
    assert described(stacks) == described(expected)
    for one, other in zip(stacks, expected, strict=True):
        assert np.array_equal(one.read(), other.read())
        assert one.meta() == other.meta()
    stacks[0].release()
    assert sum(held(stacks[:1])) == 0
    expected[0].release()
    assert all(held(expected))


def test_volumes_are_the_same(folder, monkeypatch):
    expected = load_series(folder), load_4d(folder, which="two"), str(list_series(folder))
    monkeypatch.setattr(scan, "MANY", 5)
    volumes = load_series(folder), load_4d(folder, which="two")
    assert str(list_series(folder)) == expected[2]
    for one, other in zip(volumes, expected[:2], strict=True):
        assert np.array_equal(one.pixels, other.pixels)
        assert one.meta == other.meta


def test_outputs_are_the_same(folder, tmp_path, monkeypatch):
    convert_series(folder, tmp_path / "a", gzip=False)
    monkeypatch.setattr(scan, "MANY", 5)
    convert_series(folder, tmp_path / "b", gzip=False)
    names = sorted(path.name for path in (tmp_path / "a").iterdir())
    assert len(names) > 4
    assert names == sorted(path.name for path in (tmp_path / "b").iterdir())
    for name in names:
        assert (tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes()


def test_a_file_that_went_away(folder, monkeypatch):
    monkeypatch.setattr(scan, "MANY", 5)
    gone = max(path for stack in find_stacks(folder) for path in stack.files)

    def then_gone(done, total):
        if done == total:
            (folder / gone).unlink(missing_ok=True)

    found = discover(folder, progress=then_gone)
    assert [path for path, _ in found.left_out] == [gone]
    assert found.left_out[0][1].startswith(scan.UNREADABLE)
