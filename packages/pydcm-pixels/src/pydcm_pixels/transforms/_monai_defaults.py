"""Transforms with the choices that are MONAI's defaults."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from pydcm_pixels.transforms import _boxes, _classes, _maps, _smoothing, _turns, _windows
from pydcm_pixels.transforms._pads import pad
from pydcm_pixels.transforms._volumes import checked, triple

if TYPE_CHECKING:
    from collections.abc import Callable

    from pydcm_pixels._volume.model import Volume


def crop_foreground(
    vol: Volume, margin: Any = 0, *, allow_smaller: bool = True, workers: int | None = None
) -> Volume:
    """Return the smallest box with all voxels above zero (MONAI's ``CropForeground``).

    Parameters
    ----------
    vol : Volume
        What to cut.
    margin : int or sequence of int, optional
        Voxels (z, y, x) to keep around the box.
    allow_smaller : bool, optional
        Whether the margin ends where the volume does; else zeros are added, as MONAI's ``CropForeground`` does by default
        in its recent versions.
    workers : int, optional
        Threads to use.

    Returns
    -------
    Volume
        A copy of the voxels at the same positions; `vol` itself if nothing in it is above zero.

    Raises
    ------
    ValueError
        If a margin is negative.
    """
    around = triple([margin] * 3 if np.ndim(margin) == 0 else margin, "margin", least=0)
    if not allow_smaller and (checked(vol).pixels > 0).any():
        vol = pad(vol, around, around, workers=workers)
    return _boxes.crop_foreground(vol, around, positive=True, workers=workers)


def reorient(vol: Volume, axcodes: str, *, workers: int | None = None) -> Volume:
    """Exchange and reverse axes until they lead to the directions nearest to `axcodes` (MONAI's ``Orientation``).

    The same as :func:`pydcm.transforms.reorient` with ``nearest=True``. Directions are those of LPS positions.
    """
    return _turns.reorient(vol, axcodes, nearest=True, workers=workers)


def as_discrete(vol: Volume, threshold: float = 0.5, *, inclusive: bool = True) -> Volume:
    """Return 1 from a threshold on (MONAI's ``AsDiscrete``): :func:`pydcm.transforms.as_discrete`, ``inclusive=True``."""
    return _classes.as_discrete(vol, threshold, inclusive=inclusive)


def gaussian_smooth(vol: Volume, sigma: Any = 1.0, **options: Any) -> Volume:
    """Smooth as MONAI's ``GaussianSmooth`` does: :func:`pydcm.transforms.gaussian_smooth`, ``convention="monai"``."""
    return _smoothing.gaussian_smooth(vol, sigma, **{"convention": "monai", **options})


def gaussian_importance_map(
    roi_size: Any, *, sigma_scale: Any = 0.125, convention: str = "monai"
) -> np.ndarray:
    """Return MONAI's map: :func:`pydcm.transforms.gaussian_importance_map`, ``convention="monai"``."""
    return _maps.gaussian_importance_map(roi_size, sigma_scale=sigma_scale, convention=convention)


def sliding_window_inference(image: Any, roi_size: Any, predictor: Callable[..., Any], **options: Any) -> Any:
    """Blend windows with MONAI's map: :func:`pydcm.transforms.sliding_window_inference`, ``convention="monai"``."""
    return _windows.sliding_window_inference(image, roi_size, predictor, **{"convention": "monai", **options})
