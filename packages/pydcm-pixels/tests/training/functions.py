"""Functions that other processes can import."""

from __future__ import annotations

import os


def mean(volume):
    return float(volume.pixels.mean())


def shape_or_fail(volume):
    if volume.meta["description"] == "b":
        raise ArithmeticError("b is refused")
    return list(volume.shape)


def as_it_is(volume):
    return volume


def with_one_channel(volume):
    return volume.pixels[None, :2]


def shape(axis, volume):
    return volume.shape[axis]


def die(volume):
    os._exit(3)


class Odd(Exception):
    def __init__(self, one, other):
        super().__init__(one)


def unpickable_error(volume):
    raise Odd("it", 2)


class Silent(Exception):
    def __str__(self):
        raise RuntimeError


def silent_error(volume):
    raise Silent


def numbers(volume):
    import numpy as np

    return {"shape": np.array(volume.shape), "mean": volume.pixels.mean()}
