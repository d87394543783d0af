"""Where spectra are from: the voxel or the grid, and the volume that was excited."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from pydcm_pixels._series import fields

if TYPE_CHECKING:
    from pydcm_pixels._bids.spectra import Spectra

__all__ = ["affine_of", "steps_of", "volume_of_interest"]


def steps_of(one: Spectra) -> tuple[float, float, float]:
    """Return the extents of a voxel along x, y and z of the file in mm."""
    down, across = one.spacing
    turned = not one.is_grid or one.header.maker == "Siemens"
    return (down, across, one.thickness) if turned else (across, down, one.thickness)


def affine_of(one: Spectra) -> np.ndarray | None:
    """Return the affine to RAS of the voxel or the grid, ``None`` if it is not known.

    Where the makers' conventions differ from the standard's it follows spec2nii, as dcm2niix does.
    """
    maker = one.header.maker
    if not one.orientation or not one.position or min(*one.spacing, one.thickness) <= 0:
        return None
    axes = np.array(one.orientation, dtype=np.float64).reshape(2, 3)
    lengths = np.linalg.norm(axes, axis=1)
    if maker == "UIH":  # directions times extents
        if lengths.min() <= 0.5:
            return None
        axes = np.where(lengths[:, None] > 1.001, axes / lengths[:, None], axes)
    elif lengths.min() <= 0.5 or lengths.max() >= 1.5:
        return None
    if np.linalg.norm(np.cross(axes[0], axes[1])) <= 0.5:
        return None
    if maker == "Philips" and not one.is_grid:
        axes = -_slab_axes(one, axes)
    normal = np.cross(axes[0], axes[1])
    if maker == "UIH" and one.is_grid:
        normal = -normal
    steps = steps_of(one)
    matrix = np.column_stack([axes[0], axes[1], normal]) * steps
    origin = np.array(one.position, dtype=np.float64)
    shift = np.zeros(3)
    if maker == "UIH":
        shift[:] = (0.5, 0.5, 0.5) if one.is_grid else (0.5, 0.5, 0.0)
    elif maker == "Siemens" and one.is_grid and not one.kind:  # the place is that of the middle
        units = axes / np.linalg.norm(axes, axis=1)[:, None]
        columns, rows, frames = one.grid
        back = np.array([columns // 2 * steps[0], rows // 2 * steps[1], (frames - 1) / 2 * steps[2]])
        origin = origin - back @ np.vstack([units, np.cross(units[0], units[1])])
        shift[:2] = 0.5
    affine = np.eye(4)
    affine[:3, :3] = matrix
    affine[:3, 3] = origin + matrix @ shift
    affine[:2] *= -1
    return affine


def _slab_axes(one: Spectra, axes: np.ndarray) -> np.ndarray:
    """Return the directions of the first two slabs of the excited volume, those of the image if they are not told."""
    slabs = [fields.floats(slab, 0x00189105, 3) for slab in one.header.items(0x00189126)[:2]]
    return np.array(slabs, dtype=np.float64) if len(slabs) == 2 and all(slabs) else axes


def volume_of_interest(one: Spectra) -> list[list[float]] | None:
    """Return the excited volume as a matrix to RAS, ``None`` if it is not known."""
    if not one.voxel:
        return None
    axes = np.array(one.orientation or (0,) * 6, dtype=np.float64).reshape(2, 3)
    lengths = np.linalg.norm(axes, axis=1)
    axes = axes / np.where(lengths > 0.001, lengths, 1)[:, None]
    thickness, phase, readout = one.voxel
    matrix = np.eye(4)
    matrix[:3, :3] = np.column_stack(
        [axes[0] * readout, axes[1] * phase, np.cross(axes[0], axes[1]) * thickness]
    )
    matrix[:3, 3] = one.centre
    matrix[:2] *= -1
    return [[float(value) + 0.0 for value in row] for row in matrix]
