"""The matrix that every encoder is held against: samples, shapes, and the programs that check them."""

from __future__ import annotations

import shutil
import subprocess
from itertools import product

import numpy as np
import pytest

PREFIX = "1.2.840.10008.1.2."
# Sample type and bits stored.
SAMPLES = [("u1", 8), ("i1", 8), ("u2", 10), ("i2", 10), ("u2", 12), ("i2", 12), ("u2", 16), ("i2", 16)]
SIZE = (33, 47)  # odd: an uncompressed frame of 8 bits needs a padding byte


def picture(shape, dtype, bits, seed=0):
    """Return a noisy ramp with the least and the greatest value that `bits` bits can hold."""
    rng = np.random.default_rng(seed)
    lowest = -(1 << bits - 1) if np.dtype(dtype).kind == "i" else 0
    top = (1 << bits) - 1
    ramp = np.add.outer(np.arange(shape[0]), np.arange(shape[1])) / (shape[0] + shape[1])
    values = np.clip(ramp * top + rng.integers(-3, 4, shape[:2]), 0, top)
    values[0, :2] = 0, top
    if len(shape) == 3:
        values = np.stack([values, values[::-1], values[:, ::-1]], axis=-1)
    return (values + lowest).astype(dtype)


@pytest.fixture
def images(make_dataset):
    """Return a function that yields data sets with their arrays: grey and colour, one frame and three.

    Colour is never signed (PS3.5 §8.2).
    """

    def make(dtype, bits, size=SIZE, **options):
        for colour, several in product((False, True), repeat=2):
            if colour and dtype[0] == "i":
                continue
            shape = (*size, 3) if colour else size
            arr = picture(shape, dtype, bits)
            if several:
                arr = np.stack([picture(shape, dtype, bits, seed) for seed in range(3)])
            yield make_dataset(arr, bits_stored=bits, frames=several, **options), arr

    return make


@pytest.fixture
def program():
    """Return a function that runs a command-line program, or skips the test when it is not installed."""

    def run(name, *arguments):
        path = shutil.which(name)
        if path is None:
            pytest.skip(f"{name} is not installed")
        result = subprocess.run([path, *map(str, arguments)], capture_output=True, text=True, timeout=60)
        assert result.returncode == 0, f"{name} {arguments}: {result.stdout}{result.stderr}"
        return result

    return run


def pytest_generate_tests(metafunc):
    """Give every test that takes `dtype` and `bits` the samples of the matrix."""
    wanted = {"dtype", "bits"}
    marked = [mark.args[0] for mark in metafunc.definition.iter_markers("parametrize")]
    if wanted <= set(metafunc.fixturenames) and not any("dtype" in names for names in marked):
        metafunc.parametrize(("dtype", "bits"), SAMPLES)
