"""Voxels moved: from any order in memory, in parts of any size."""

from __future__ import annotations

from itertools import permutations, product

import numpy as np
import pytest

from pydcm_pixels import transforms as T
from pydcm_pixels._core import _moves
from pydcm_pixels._volume.model import Volume


def numbers(shape, dtype):
    return (
        np.random.default_rng(3)
        .integers(0, 256, (*shape, np.dtype(dtype).itemsize), np.uint8)
        .view(dtype)[..., 0]
    )


@pytest.mark.parametrize("dtype", ["u1", "u2", "u4", "u8"])
@pytest.mark.parametrize("shape", [(1, 1, 1), (3, 70, 9), (65, 17, 66), (16, 64, 128), (2, 1, 130)])
def test_any_order_of_axes(shape, dtype):
    array = numbers(shape, dtype)
    for order, steps in product(permutations(range(3)), product((1, -1), repeat=3)):
        source = array.transpose(order)[tuple(slice(None, None, step) for step in steps)]
        target = np.zeros(source.shape, dtype)
        third = len(target) // 3
        for start, stop in ((0, third), (third, len(target))):
            _moves.permute(source, target, start, stop)
            assert not target[stop:].any()
        assert np.array_equal(target, source)


@pytest.mark.parametrize("dtype", ["u1", "u2", "u4", "u8"])
@pytest.mark.parametrize("steps", [(2, 1, 1), (1, 3, 1), (1, 1, 2), (-2, 3, -5)])
def test_every_second_voxel(steps, dtype):
    array = numbers((9, 40, 70), dtype)
    for order in permutations(range(3)):
        source = array[tuple(slice(None, None, step) for step in steps)].transpose(order)
        target = np.zeros(source.shape, dtype)
        _moves.permute(source, target, 0, len(target))
        assert np.array_equal(target, source)


@pytest.mark.parametrize("dtype", ["u1", "f4"])
@pytest.mark.parametrize("side", [1023, 1024, 1025, 3000])
def test_pieces_of_planes(side, dtype):
    volume = Volume(numbers((3, 2, side), dtype))
    assert T.flip(volume, "z").pixels.tobytes() == volume.pixels[::-1].tobytes()
    assert T.flip(volume, "y").pixels.tobytes() == volume.pixels[:, ::-1].tobytes()
