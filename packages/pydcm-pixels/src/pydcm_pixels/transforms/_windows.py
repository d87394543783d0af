"""A model applied to overlapping windows of a volume, and what it says blended."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from pydcm_pixels._series.scan import reporter
from pydcm_pixels.transforms._maps import window_lines, window_shape, window_starts
from pydcm_pixels.transforms._predictors import Predictor, image_array
from pydcm_pixels.transforms._stitching import Stitch, Weights

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

#: Names NumPy has for the ways to pad that NumPy, torch and MONAI name.
_PADDING: dict[str, Any] = {
    "constant": "constant",
    "reflect": "reflect",
    "edge": "edge",
    "replicate": "edge",
    "wrap": "wrap",
    "circular": "wrap",
}


def sliding_window_inference(
    image: Any,
    roi_size: Any,
    predictor: Callable[..., Any],
    *,
    overlap: Any = 0.25,
    mode: str = "gaussian",
    sigma_scale: Any = 0.125,
    convention: str = "nnunet",
    padding_mode: str = "constant",
    cval: float = 0.0,
    positions: str = "monai",
    batch_size: int | None = None,
    contiguous: bool = True,
    workers: int = 1,
    progress: bool | Callable[[int, int], Any] | None = False,
    roi_weight_map: Any = None,
    with_coord: bool = False,
    sw_device: Any = None,
    args: Sequence[Any] = (),
    kwargs: Mapping[str, Any] | None = None,
) -> Any:
    """Apply a predictor to overlapping windows and blend what it returns: MONAI's ``sliding_window_inference``.

    Parameters
    ----------
    image : array_like or Volume
        (z, y, x) or (channel, z, y, x). Of a tensor on the CPU the windows are tensors, too.
    roi_size : int or sequence of int
        Shape of a window, (z, y, x), or the one length of all sides; None, 0 or -1 is the image's. Along an axis on which the
        volume is shorter it is padded, half before and half behind, and the result cut.
    predictor : callable
        Takes a window, of the axes of `image`, and returns (channel, z, y, x) or (z, y, x). With a `batch_size` both have an
        axis more in front. It may return several outputs, in a tuple, list or mapping, and each may have more or fewer
        voxels than the window, as long as windows still begin at whole voxels. What it gets is only to be read: a view of
        the image where it can be one. A predictor that changes tensors in place is found out by the first one, and gets
        copies. A ``torch.nn.Module`` always gets tensors of (n, channel, z, y, x) on its device, without gradients; whether
        it is in evaluation mode is the caller's affair.
    overlap : float or sequence of float, default 0.25
        How much of a window the next one covers, along all axes or along (z, y, x).
    mode : {"gaussian", "constant"}, default "gaussian"
        Whether voxels count by :func:`gaussian_importance_map` or all alike.
    sigma_scale, convention
        For :func:`gaussian_importance_map`.
    padding_mode : {"constant", "reflect", "edge", "wrap"}, default "constant"
        How a volume is padded; torch's names ``"replicate"`` and ``"circular"`` will do, too.
    cval : float, default 0
        What it is padded with for ``"constant"``.
    positions : {"monai", "nnunet"}, default "monai"
        Where windows are, see :func:`sliding_window_positions`.
    batch_size : int, optional
        How many windows the predictor gets at once; the last batch may be smaller.
    contiguous : bool, default True
        Whether windows of a batch are copied to memory of their own, in the order of their voxels. If not, windows that are
        evenly spaced along x are handed over as one view of the image, and a batch also ends where their spacing does: for
        predictors that do little, since copies then take most of the time. ``Tensor.view`` does not take such a view,
        ``Tensor.reshape`` does.
    workers : int, default 1
        How many threads call the predictor. The result is the same.
    progress : bool or callable, default False
        Draw a bar, or call ``progress(done, total)`` after each window; None draws it in a terminal.
    roi_weight_map : array_like, optional
        What each voxel of a window counts, of the shape of a window, in place of `mode`.
    with_coord : bool, default False
        Whether the predictor gets a second argument: the tuple of slices of the (padded) image that the window is, with a
        `batch_size` or for a module a list of them.
    sw_device : torch.device or str, optional
        Where windows go if they are tensors; by default where the module is. The result is always put together on the CPU.
    args, kwargs : sequence and mapping, optional
        What the predictor gets besides.

    Returns
    -------
    numpy.ndarray, or tuple or dict of them
        (channel, z, y, x), float32: sums of what was predicted times what it counts, divided by what all of it counts. A
        tuple or a dict for several outputs, or for a mapping; each has as many voxels more or fewer than the image as
        predictions have than windows.

    Raises
    ------
    ValueError
        If a shape, an overlap or a word is not as above.
    TypeError
        If `image` holds no numbers.
    """
    array, as_tensor = image_array(image)
    shape = array.shape[-3:]
    roi = window_shape(_of_the_image(roi_size, shape))
    if mode not in ("gaussian", "constant"):
        raise ValueError(f"mode is 'gaussian' or 'constant', not {mode!r}")
    if padding_mode not in _PADDING:
        raise ValueError(f"padding_mode is one of {', '.join(_PADDING)}, not {padding_mode!r}")
    for name, value in (("batch_size", batch_size), ("workers", workers)):
        if value is not None and (value < 1 or value != int(value)):
            raise ValueError(f"{name} is a whole number from 1 on, not {value}")
    if roi_weight_map is None:
        weights = Weights(*window_lines(roi, mode, sigma_scale, convention))
    else:
        weights = _given_weights(roi_weight_map, roi)
    lacking = [max(r - n, 0) for r, n in zip(roi, shape, strict=True)]
    if any(lacking):
        widths: Any = [(0, 0)] * (array.ndim - 3) + [(n // 2, n - n // 2) for n in lacking]
        how: dict[str, Any] = {"constant_values": cval} if padding_mode == "constant" else {}
        array = np.pad(array, widths, _PADDING[padding_mode], **how)
    starts = window_starts(array.shape[-3:], roi, overlap, positions)
    predict = Predictor(
        predictor,
        array,
        roi,
        batch=batch_size,
        contiguous=contiguous,
        as_tensor=as_tensor,
        device=sw_device,
        with_coord=with_coord,
        arguments=args,
        options=kwargs,
    )
    report = reporter(progress, math.prod(len(one) for one in starts), "windows")
    stitches: list[Stitch] = []
    for done, outputs in enumerate(predict.all(starts, workers), 1):
        if not stitches:
            stitches = [Stitch(predict.array, starts, weights, one) for one in outputs]
        elif len(outputs) != len(stitches):
            raise ValueError(f"the predictor returned {len(outputs)} outputs after {len(stitches)}")
        for stitch, one in zip(stitches, outputs, strict=True):
            stitch.add(one)
        if progress is not False:
            report(done)
    results = [_cut(stitch.finished(), lacking, shape, roi) for stitch in stitches]
    if predict.names is not None:
        return dict(zip(predict.names, results, strict=True))
    return results[0] if len(results) == 1 else tuple(results)


def _of_the_image(roi_size: Any, shape: tuple[int, ...]) -> Any:
    """Return a window's shape in which None and numbers that are not above 0 are the image's."""
    if np.ndim(roi_size) == 0:
        roi_size = [roi_size] * 3
    if len(roi_size) != 3:
        return roi_size
    return [n if side is None or side <= 0 else side for side, n in zip(roi_size, shape, strict=True)]


def _given_weights(given: Any, roi: tuple[int, int, int]) -> Weights:
    """Return the weights that a caller gives for the voxels of a window."""
    whole = np.asarray(given.detach().cpu() if hasattr(given, "detach") else given, np.float32)
    whole = whole[(0,) * sum(n == 1 for n in whole.shape[:-3])]
    if whole.shape != roi:
        raise ValueError(f"roi_weight_map has the shape of a window, {roi}, not {np.shape(given)}")
    return Weights([np.ones(n, np.float32) for n in roi], whole=np.ascontiguousarray(whole))


def _cut(
    result: np.ndarray, lacking: list[int], shape: tuple[int, ...], roi: tuple[int, int, int]
) -> np.ndarray:
    """Return the part of a result that is not padding; it may have other voxels than the image."""
    inner = [slice(None)]
    for m, lack, n, r in zip(result.shape[1:], lacking, shape, roi, strict=True):
        before = lack // 2
        inner.append(slice(round(before * m / r), round((before + n) * m / r)) if lack else slice(None))
    return result[tuple(inner)]
