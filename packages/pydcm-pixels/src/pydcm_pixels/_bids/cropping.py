"""Heads without what is below them: the part of a volume that shows the brain, as dcm2niix crops it."""

from __future__ import annotations

from math import floor
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from pydcm_pixels._volume.model import Volume

__all__ = ["cropped"]

#: Fewer slices are not cropped.
_FEWEST = 128
#: What is kept below the top slice, mm.
_HEIGHT = 169.0
#: Slices darker than this part of the brightest one are above the head.
_DARK = 0.09


def cropped(volume: Volume) -> Volume | None:
    """Return the upper part of a head.

    Parameters
    ----------
    volume : Volume
        ``[z, y, x]`` whose slices ascend from feet to head.

    Returns
    -------
    Volume or None
        At most 170 mm, from the slice above the topmost bright one downwards. ``None`` if nothing is cropped: only
        volumes of 128 slices or more with 16-bit voxels are, unless all slices are dark.
    """
    slices = volume.pixels.shape[0]
    if volume.axes != "zyx" or slices < _FEWEST or volume.pixels.dtype not in (np.int16, np.uint16):
        return None
    sums = np.array([image.sum(dtype=np.int64) for image in volume.pixels], np.float64)
    brightest = sums.max()
    if brightest <= 0:
        return None
    smooth = sums.copy()
    smooth[1:-1] = 0.25 * sums[:-2] + 0.5 * sums[1:-1] + 0.25 * sums[2:]
    bright = np.flatnonzero(smooth > _DARK * brightest)
    top = min(int(bright[-1]) + 1, slices - 1)
    bottom = max(top - floor(_HEIGHT / volume.spacing[2] + 0.5), 0)
    affine = volume.affine.copy()
    affine[:3, 3] += affine[:3, 2] * bottom
    return volume._like(volume.pixels[bottom : top + 1], affine)
