"""The gradient table of a stack in FSL's convention."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from pydcm_pixels._bids.header import Header
from pydcm_pixels._bids.orientation import phase_axis
from pydcm_pixels._diffusion.weighting import weighting

if TYPE_CHECKING:
    from pydcm_pixels._series.stack import Stack

__all__ = ["raw_table", "rotated", "table"]

#: Signs of GE's directions along the axes of sagittal, coronal and axial images.
_GE_SIGNS = ((-1.0, -1.0, 1.0), (1.0, -1.0, -1.0), (1.0, 1.0, -1.0))


def raw_table(stack: Stack) -> tuple[np.ndarray, np.ndarray, Header] | None:
    """Return b values and directions as the headers have them, and the first header; ``None`` without diffusion.

    Returns
    -------
    tuple
        ``bvals`` (n,), ``directions`` (n, 3) in the patient (GE: in the image), zero where there is none.
    """
    bvals, directions = [], []
    first = None
    for volume in stack.frames:
        header = Header(volume[0])
        first = first or header
        found = weighting(header)
        if found is None:
            return None
        bvals.append(found[0])
        directions.append(found[1] or (0.0, 0.0, 0.0))
    if first is None:
        return None
    vectors = np.array(directions, dtype=np.float64)
    values = np.array(bvals, dtype=np.float64)
    return (values, vectors, first) if values.any() else None


def rotated(directions: np.ndarray, header: Header, affine: np.ndarray, *, flip_rows: bool) -> np.ndarray:
    """Return directions along the voxel axes of a NIfTI file, x negated where its determinant is positive (FSL).

    Parameters
    ----------
    directions : numpy.ndarray
        (n, 3).
    header : Header
        Of the first image: maker, direction of phase encoding.
    affine : numpy.ndarray
        (4, 4) from voxels to LPS, mm.
    flip_rows : bool
        Whether the file has its rows in reverse order.

    Returns
    -------
    numpy.ndarray
        (3, n).
    """
    x, y, z = (affine[:3, :3] / np.linalg.norm(affine[:3, :3], axis=0)).T
    normal = np.cross(x, y)
    normal /= np.linalg.norm(normal) or 1.0
    if np.dot(normal, z) < 0:
        normal = -normal
    if header.maker == "GE":
        image = directions.copy()
        if phase_axis(header) == "R":
            image[:, 0], image[:, 1] = directions[:, 1], -directions[:, 0]
        image *= _GE_SIGNS[int(np.argmax(np.abs(normal)))]
    elif header.maker == "UIH":
        image = directions.copy()  # along the axes of the image
    else:
        image = directions @ np.stack([x, y, normal], axis=1)
    matrix = np.stack([x, y, z], axis=1)
    positive = np.linalg.det(matrix) > 0  # LPS and RAS have the same handedness
    if flip_rows:
        image[:, 1] *= -1
        positive = not positive
    if positive:
        image[:, 0] *= -1
    return image.T + 0.0


def table(stack: Stack, *, flip_rows: bool = True) -> tuple[np.ndarray, np.ndarray] | None:
    """Return b values (n,) and FSL's directions (3, n) of a stack's volumes, ``None`` if it is not diffusion."""
    found = raw_table(stack)
    if found is None:
        return None
    values, vectors, header = found
    return values, rotated(vectors, header, stack.affine, flip_rows=flip_rows)
