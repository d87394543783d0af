"""Diffusion-weighted series: gradient tables, 4-D volumes, FSL's ``.bval`` and ``.bvec``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable
    from os import PathLike

    import numpy as np

    from pydcm_pixels._series.stack import Stack

__all__ = ["diffusion_table", "load_dwi", "save_dwi"]


def _stack(source: Any) -> Stack:
    from pydcm_pixels._diffusion.gradients import gradients
    from pydcm_pixels._series.discovery import find_stacks
    from pydcm_pixels._series.problems import SeriesError

    stacks = [source] if hasattr(source, "frames") else find_stacks(source)
    found = [stack for stack in stacks if (known := gradients(stack)) is not None and known.values.any()]
    if not found:
        raise SeriesError("there is no diffusion-weighted series: no image has a b value")
    return max(found, key=lambda stack: (len(stack.frames), stack.n_voxels))


def diffusion_table(
    source: str | PathLike[str] | Iterable[str | PathLike[str]] | Stack,
    *,
    rotate: bool = True,
    flip_rows: bool = True,
    output_prefix: str | PathLike[str] | None = None,
) -> tuple[np.ndarray, np.ndarray]:
    """Return the b values and directions of a diffusion-weighted series.

    Parameters
    ----------
    source : path, iterable of paths or Stack
        A folder, one file, or files; the largest diffusion-weighted series is taken.
    rotate : bool, optional
        Turn directions to the axes of the voxels, in FSL's convention; ``False`` leaves them in the patient (LPS).
    flip_rows : bool, optional
        The NIfTI file that the directions are for has its rows in reverse order, as dcm2niix writes.
    output_prefix : path, optional
        Write ``<prefix>.bval`` and ``<prefix>.bvec`` as well.

    Returns
    -------
    bvals : numpy.ndarray
        (n,) in s/mm2, one for each volume in the order of acquisition; repeats are kept apart.
    bvecs : numpy.ndarray
        (3, n), zero for volumes without a direction: b = 0, or means of several directions (trace images), which
        ``convert_series`` leaves out of the table as dcm2niix does.

    Raises
    ------
    SeriesError
        If no image has a b value.
    """
    from pydcm_pixels._diffusion.gradients import gradients, in_patient, rotated
    from pydcm_pixels._diffusion.text import write_table

    stack = _stack(source)
    found = gradients(stack)
    assert found is not None
    values = found.values
    directions = (
        rotated(found, stack.affine, flip_rows=flip_rows) if rotate else in_patient(found, stack.affine)
    )
    if output_prefix is not None:
        write_table(output_prefix, values, directions)
    return values, directions


def load_dwi(
    source: str | PathLike[str] | Iterable[str | PathLike[str]] | Stack, *, order: str = "gradient"
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Load a diffusion-weighted series, single-frame or enhanced.

    Parameters
    ----------
    source : path, iterable of paths or Stack
        A folder, one file, or files.
    order : {"gradient", "acquisition"}, optional
        Of the volumes: by b value, then direction, or as they were acquired (dcm2niix).

    Returns
    -------
    data : numpy.ndarray
        ``[v, z, y, x]``, rows as in DICOM.
    bvals : numpy.ndarray
        (v,)
    bvecs : numpy.ndarray
        (3, v), in FSL's convention for this array.
    affine : numpy.ndarray
        (4, 4): voxel (x, y, z, 1) to LPS, mm.
    """
    import numpy as np

    if order not in ("gradient", "acquisition"):
        raise ValueError(f"'order' is 'gradient' or 'acquisition', not {order!r}")
    stack = _stack(source)
    values, vectors = diffusion_table(stack, flip_rows=False)
    data = stack.read()
    data = data[None] if data.ndim == 3 else data
    if order == "gradient":
        places = np.lexsort((vectors[2].round(5), vectors[1].round(5), vectors[0].round(5), values.round(3)))
        data, values, vectors = data[places], values[places], vectors[:, places]
    return data, values, vectors, stack.affine


def save_dwi(
    source: str | PathLike[str] | Iterable[str | PathLike[str]] | Stack,
    prefix: str | PathLike[str],
    *,
    order: str = "acquisition",
) -> tuple[str, str, str]:
    """Write a diffusion-weighted series as NIfTI with ``.bval`` and ``.bvec``.

    Parameters
    ----------
    source : path, iterable of paths or Stack
        A folder, one file, or files.
    prefix : path
        ``<prefix>.nii.gz``, ``<prefix>.bval`` and ``<prefix>.bvec`` are written. If it ends in ``.nii.gz`` or ``.nii``, this
        is the name of the image, compressed or not, and the tables get the same name.
    order : {"acquisition", "gradient"}, optional
        Of the volumes.

    Returns
    -------
    tuple of str
        The three paths.
    """
    import os

    from pydcm_pixels._diffusion.text import write_table
    from pydcm_pixels._formats.nifti import to_nifti
    from pydcm_pixels._volume.model import Volume

    data, values, vectors, affine = load_dwi(source, order=order)
    # rows are written in reverse order: the second axis and FSL's handedness both change
    flipped = vectors * [[-1.0], [-1.0], [1.0]] + 0.0
    base, ending = os.fspath(prefix), ".nii.gz"
    for one in (".nii.gz", ".nii"):
        if base.endswith(one):
            base, ending = base.removesuffix(one), one
            break
    to_nifti(Volume(data, affine, axes="tzyx"), f"{base}{ending}", flip_rows=True)
    write_table(base, values, flipped)
    return f"{base}{ending}", f"{base}.bval", f"{base}.bvec"
