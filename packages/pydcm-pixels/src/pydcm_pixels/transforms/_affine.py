"""Volumes moved, turned, stretched and sheared within their own grid."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from pydcm_pixels.transforms._sampling import OUTSIDE, sampled
from pydcm_pixels.transforms._volumes import checked, is_labels, spatial_shape

if TYPE_CHECKING:
    from pydcm_pixels._volume.model import Volume


def affine(
    vol: Volume,
    matrix: Any,
    *,
    is_label: bool | None = None,
    interp: str = "linear",
    fill: float = 0.0,
    outside: str = "fill",
    workers: int | None = None,
) -> Volume:
    """Move the content of a volume by a matrix; the grid stays, and what leaves it is cut off.

    Parameters
    ----------
    vol : Volume
        What to transform; each time and colour by itself.
    matrix : array_like
        (4, 4): where a voxel index (x, y, z, 1) goes to.
    is_label : bool, optional
        Whether voxels are labels, which get the nearest one; by default if they are whole numbers.
    interp : {"linear", "cubic", "nearest"}, optional
        How others are interpolated; cubic are ITK's B-splines.
    fill : float, optional
        Value of voxels to which nothing goes.
    outside : {"fill", "border", "zeros", "mirror"}, optional
        Whether those get `fill`; or what is beyond the faces of `vol`: its last voxels, zeros into which these fade (torch's
        ``padding_mode="zeros"``), or its mirror image.
    workers : int, optional
        Threads to use; by default as many as there are processors, for volumes that are worth it.

    Returns
    -------
    Volume
        Of the same shape and affine as `vol`; float32 or float64 if interpolated.

    Raises
    ------
    ValueError
        If `matrix` is not an invertible one with (0, 0, 0, 1) as its last row, or an option is none of these.
    """
    shape = spatial_shape(checked(vol))
    if interp not in ("linear", "cubic", "nearest"):
        raise ValueError(f"interp is linear, cubic or nearest, not {interp!r}")
    if outside not in OUTSIDE:
        raise ValueError(f"outside is one of {', '.join(OUTSIDE)}, not {outside!r}")
    inverse = inverted(matrix)
    how = "nearest" if is_labels(vol, is_label) else interp
    indices = vol._like(vol.pixels, np.eye(4))
    moved = sampled(indices, shape, inverse, how, fill=fill, outside=outside, workers=workers)
    return moved._like(moved.pixels, vol.affine)


def inverted(matrix: Any) -> np.ndarray:
    """Return the inverse of an affine matrix.

    Raises
    ------
    ValueError
        If it has none, or is not one.
    """
    given = np.asarray(matrix, np.float64)
    if given.shape != (4, 4) or not np.isfinite(given).all() or (given[3] != (0, 0, 0, 1)).any():
        raise ValueError("the matrix has shape (4, 4), finite numbers, and (0, 0, 0, 1) for its last row")
    lengths = np.linalg.norm(given[:3, :3], axis=0)
    if not abs(np.linalg.det(given[:3, :3])) > 1e-9 * np.prod(lengths):
        raise ValueError("the matrix maps the volume to a plane, a line or a point")
    return np.asarray(np.linalg.inv(given))
