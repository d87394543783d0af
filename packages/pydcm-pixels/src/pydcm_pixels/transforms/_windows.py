"""A model applied to overlapping windows of a volume, and what it says blended."""

from __future__ import annotations

import math
import sys
from collections import deque
from contextlib import nullcontext
from itertools import islice, product
from typing import TYPE_CHECKING, Any

import numpy as np

from pydcm_pixels._core import _windows
from pydcm_pixels._series.scan import reporter
from pydcm_pixels._volume.model import Volume
from pydcm_pixels.transforms._maps import window_lines, window_shape, window_starts

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

_SINGLE, _DOUBLE = np.dtype(np.float32), np.dtype(np.float64)
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
    workers: int = 1,
    progress: bool | Callable[[int, int], Any] | None = False,
) -> np.ndarray:
    """Apply a predictor to overlapping windows and blend what it returns: MONAI's ``sliding_window_inference``.

    Parameters
    ----------
    image : array_like or Volume
        (z, y, x) or (channel, z, y, x). Of a tensor on the CPU the windows are tensors, too.
    roi_size : int or sequence of int
        Shape of a window, (z, y, x), or the one length of all sides. Along an axis on which the volume is shorter it is
        padded, half before and half behind, and the result cut.
    predictor : callable
        Takes a window, of the axes of `image`, and returns (channel, z, y, x) of the same lengths of z, y, x, or (z, y, x). The
        window is a read-only view of the image: a copy may be changed. With a `batch_size` both have an axis more in front.
        A ``torch.nn.Module`` always gets tensors of (n, channel, z, y, x) on its device, without gradients; whether it is in
        evaluation mode is the caller's affair.
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
    workers : int, default 1
        How many threads call the predictor. The result is the same.
    progress : bool or callable, default False
        Draw a bar, or call ``progress(done, total)`` after each window; None draws it in a terminal.

    Returns
    -------
    numpy.ndarray
        (channel, z, y, x), float32: sums of what was predicted times what it counts, divided by what all of it counts.

    Raises
    ------
    ValueError
        If a shape, an overlap or a word is not as above.
    TypeError
        If `image` holds no numbers.
    """
    array, as_tensor = _array(image)
    roi, shape = window_shape(roi_size), array.shape[-3:]
    if mode not in ("gaussian", "constant"):
        raise ValueError(f"mode is 'gaussian' or 'constant', not {mode!r}")
    if padding_mode not in _PADDING:
        raise ValueError(f"padding_mode is one of {', '.join(_PADDING)}, not {padding_mode!r}")
    for name, value in (("batch_size", batch_size), ("workers", workers)):
        if value is not None and value < 1:
            raise ValueError(f"{name} is a number from 1 on, not {value}")
    lines, least = window_lines(roi, mode, sigma_scale, convention)
    lacking = [max(r - n, 0) for r, n in zip(roi, shape, strict=True)]
    if any(lacking):
        widths: Any = [(0, 0)] * (array.ndim - 3) + [(n // 2, n - n // 2) for n in lacking]
        how: dict[str, Any] = {"constant_values": cval} if padding_mode == "constant" else {}
        array = np.pad(array, widths, _PADDING[padding_mode], **how)
    starts = window_starts(array.shape[-3:], roi, overlap, positions)
    predict = _Predictor(predictor, array, roi, batch_size, as_tensor)
    report = reporter(progress, math.prod(len(one) for one in starts), "windows")
    blend: _windows.Blend | None = None
    result = np.empty((0, 0, 0, 0), np.float32)
    for prediction in predict.all(starts, workers):
        if blend is None:
            result = np.empty((len(prediction), *array.shape[-3:]), np.float32)
            blend = _windows.Blend(starts, lines, least, result)
        elif len(prediction) != len(result):
            raise ValueError(f"the predictor returned {len(prediction)} channels after {len(result)}")
        if prediction.dtype is _SINGLE:
            blend.add(prediction)
        else:
            blend.add_double(prediction)
        if progress is not False:
            report(blend.done)
    inner = tuple(slice(n // 2, n // 2 + length) for n, length in zip(lacking, shape, strict=True))
    return result[(slice(None), *inner)]


def _array(image: Any) -> tuple[np.ndarray, bool]:
    """Return an array of an image, and whether it was a tensor."""
    torch = sys.modules.get("torch")
    as_tensor = torch is not None and isinstance(image, torch.Tensor)
    if as_tensor:
        image = image.detach().cpu()
    array = image.pixels if isinstance(image, Volume) else np.asarray(image)
    if array.ndim not in (3, 4) or not array.size:
        raise ValueError(
            f"an image has the axes [z, y, x] or [channel, z, y, x], not the shape {array.shape}"
        )
    if isinstance(image, Volume) and image.axes[-1] == "c":
        array = np.moveaxis(array, -1, 0)
    if array.dtype.kind not in "iubf":
        raise TypeError(f"an image of type {array.dtype} has no numbers")
    return array if array.dtype.isnative else array.astype(array.dtype.newbyteorder("=")), as_tensor


class _Predictor:
    """Calls a predictor for windows or batches of them."""

    def __init__(
        self,
        call: Callable[..., Any],
        array: np.ndarray,
        roi: tuple[int, ...],
        batch: int | None,
        as_tensor: bool,
    ) -> None:
        torch = sys.modules.get("torch")
        self.call, self.roi = call, roi
        self.module = torch is not None and isinstance(call, torch.nn.Module)
        self.torch: Any = torch if self.module or as_tensor else None
        self.context: Callable[[], Any] = (
            torch.inference_mode if torch is not None and self.module else nullcontext
        )
        self.batch = 1 if self.module and batch is None else batch
        self.array = array[None] if self.module and array.ndim == 3 else array.view()
        self.array.flags.writeable = as_tensor and array.flags.writeable
        self.device = next((one.device for one in self.parameters()), None)

    def parameters(self) -> Iterable[Any]:
        parameters: Iterable[Any] = getattr(self.call, "parameters", tuple)() if self.module else ()
        return parameters

    def all(self, starts: Iterable[np.ndarray], workers: int) -> Iterator[np.ndarray]:
        """Yield what is predicted for each window that begins at `starts` along z, y, x, in order: (channel, z, y, x)."""
        axes = [[slice(a, a + n) for a in one.tolist()] for one, n in zip(starts, self.roi, strict=True)]
        places = product(*([[slice(None)]] if self.array.ndim == 4 else []), *axes)
        if workers == 1 and self.batch is None:
            yield from map(self.predict_one, places)
            return
        groups = iter(lambda: list(islice(places, self.batch or 1)), [])
        if workers == 1:
            for group in groups:
                yield from self.predict(group)
            return
        from concurrent.futures import Future, ThreadPoolExecutor

        waiting: deque[Future[Iterable[np.ndarray]]] = deque()
        with ThreadPoolExecutor(workers, thread_name_prefix="pydcm-predictor") as pool:
            try:
                for group in groups:
                    waiting.append(pool.submit(self.predict, group))
                    if len(waiting) > workers:
                        yield from waiting.popleft().result()
                while waiting:
                    yield from waiting.popleft().result()
            finally:
                for future in waiting:
                    future.cancel()

    def predict_one(self, place: tuple[slice, ...]) -> np.ndarray:
        """Return what is predicted for a window, (channel, z, y, x)."""
        window = self.array[place]
        returned = self.call(window if self.torch is None else self.torch.from_numpy(window))
        array = _numbers(returned)
        if array.ndim == 3:
            array = array[None]
        if array.shape[1:] != self.roi:
            raise self.misfit(returned, "")
        return array

    def predict(self, places: list[tuple[slice, ...]]) -> Iterable[np.ndarray]:
        """Return what is predicted for each of a batch of windows, (channel, z, y, x)."""
        if self.batch is None:
            return [self.predict_one(places[0])]
        batch: Any = np.stack([self.array[place] for place in places])
        if self.torch is not None:
            batch = self.torch.from_numpy(batch).to(self.device)
        with self.context():
            returned = self.call(batch)
        array = _numbers(returned)
        if array.ndim == 4:
            array = array[:, None]
        if array.ndim != 5 or len(array) != len(places) or array.shape[2:] != self.roi:
            raise self.misfit(returned, f"{len(places)}, ")
        return array

    def misfit(self, returned: Any, front: str) -> ValueError:
        """Return the error of a prediction of another shape."""
        return ValueError(
            f"the predictor returned an array of shape {np.shape(returned)} for windows of {self.roi}, "
            f"not ({front}channels, {', '.join(map(str, self.roi))})"
        )


def _numbers(returned: Any) -> np.ndarray:
    """Return a prediction as an array of float32 or float64, whose rows are in one piece."""
    if type(returned) is not np.ndarray:
        torch = sys.modules.get("torch")
        if torch is not None and isinstance(returned, torch.Tensor):
            returned = returned.detach()
            if returned.dtype not in (torch.float32, torch.float64):
                returned = returned.float()
            returned = returned.cpu().numpy()
        returned = np.asarray(returned)
    array: np.ndarray = returned
    if array.dtype is not _SINGLE and array.dtype is not _DOUBLE:
        if array.dtype.kind not in "iubf":
            raise TypeError(f"the predictor returned an array of {array.dtype}, not numbers")
        array = array.astype(_DOUBLE if array.dtype == _DOUBLE else _SINGLE)
    return array if not array.ndim or array.strides[-1] == array.itemsize else np.ascontiguousarray(array)
