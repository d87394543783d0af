"""Transforms with the choices that are nnU-Net's defaults."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pydcm_pixels.transforms import _maps, _windows

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy as np


def sliding_window_positions(
    spatial: Any, roi_size: Any, overlap: Any = 0.5, *, convention: str = "nnunet"
) -> np.ndarray:
    """Return where nnU-Net's windows begin, see :func:`pydcm.transforms.sliding_window_positions`.

    Parameters
    ----------
    spatial, roi_size, overlap, convention
        As there; by default a step is half a window.

    Returns
    -------
    numpy.ndarray
        (n, 3) int64: first voxels of the windows, (z, y, x).
    """
    return _maps.sliding_window_positions(spatial, roi_size, overlap, convention=convention)


def sliding_window_inference(image: Any, roi_size: Any, predictor: Callable[..., Any], **options: Any) -> Any:
    """Blend nnU-Net's windows, see :func:`pydcm.transforms.sliding_window_inference`.

    Parameters
    ----------
    image, roi_size, predictor, **options
        As there; by default ``positions="nnunet"`` and ``overlap=0.5``.

    Returns
    -------
    numpy.ndarray, or tuple or dict of them
        (channel, z, y, x), float32.
    """
    return _windows.sliding_window_inference(
        image, roi_size, predictor, **{"positions": "nnunet", "overlap": 0.5, **options}
    )
