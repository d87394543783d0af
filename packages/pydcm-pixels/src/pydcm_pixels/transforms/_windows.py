"""A model applied to overlapping windows of a volume, and what it says blended."""

from __future__ import annotations

import sys
from collections import deque
from contextlib import nullcontext
from typing import TYPE_CHECKING, Any

import numpy as np

from pydcm_pixels._core import _windows
from pydcm_pixels._series.scan import reporter
from pydcm_pixels._volume.model import Volume
from pydcm_pixels.transforms._maps import gaussian_importance_map, sliding_window_positions, window_shape
from pydcm_pixels.transforms._volumes import in_parts

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

#: Names NumPy has for the ways to pad that NumPy, torch and MONAI name.
_PADDING = {
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
        Draw a bar, or call ``progress(done, total)`` after each batch; None draws it in a terminal.

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
    if mode == "gaussian":
        weights = gaussian_importance_map(roi, sigma_scale=sigma_scale, convention=convention)
    else:
        weights = np.ones(roi, np.float32)
    lacking = [max(r - n, 0) for r, n in zip(roi, shape, strict=True)]
    if any(lacking):
        widths = [(0, 0)] * (array.ndim - 3) + [(n // 2, n - n // 2) for n in lacking]
        how: dict[str, Any] = {"constant_values": cval} if padding_mode == "constant" else {}
        array = np.pad(array, widths, _PADDING[padding_mode], **how)
    starts = sliding_window_positions(array.shape[-3:], roi, overlap, convention=positions).tolist()
    predict = _Predictor(predictor, array, roi, batch_size, as_tensor)
    blend = _Blend(array.shape[-3:], weights)
    report = reporter(progress, len(starts), "windows")
    done = 0
    for places, predictions in predict.all(starts, workers):
        blend.add(places, predictions)
        done += len(places)
        report(done)
    inner = tuple(slice(n // 2, n // 2 + length) for n, length in zip(lacking, shape, strict=True))
    return blend.result()[(slice(None), *inner)]


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
        module = torch is not None and isinstance(call, torch.nn.Module)
        self.call, self.roi = call, roi
        self.array = array.view()
        self.array.flags.writeable = as_tensor and array.flags.writeable
        self.batch = 1 if module and batch is None else batch
        self.torch: Any = torch if module or as_tensor else None
        self.device: Any = None
        if module:
            self.array = self.array if array.ndim == 4 else self.array[None]
            self.device = next((one.device for one in call.parameters()), None)  # type: ignore[attr-defined]

    def all(self, starts: list[list[int]], workers: int) -> Iterator[tuple[list[list[int]], np.ndarray]]:
        """Yield starts of windows and what was predicted, (n, channel, z, y, x), in order."""
        size = self.batch or 1
        groups = [starts[i : i + size] for i in range(0, len(starts), size)]
        if workers == 1 or len(groups) == 1:
            for group in groups:
                yield group, self.predict(group)
            return
        from concurrent.futures import Future, ThreadPoolExecutor

        with ThreadPoolExecutor(workers, thread_name_prefix="pydcm-predictor") as pool:
            waiting: deque[tuple[list[list[int]], Future[np.ndarray]]] = deque()
            try:
                for group in groups:
                    if len(waiting) > workers:
                        first, future = waiting.popleft()
                        yield first, future.result()
                    waiting.append((group, pool.submit(self.predict, group)))
                for first, future in waiting:
                    yield first, future.result()
            finally:
                for _, future in waiting:
                    future.cancel()

    def predict(self, starts: list[list[int]]) -> np.ndarray:
        """Return what is predicted for windows, (n, channel, z, y, x)."""
        views = [
            self.array[(..., *(slice(a, a + n) for a, n in zip(start, self.roi, strict=True)))]
            for start in starts
        ]
        given = views[0] if self.batch is None else np.stack(views)
        with self.torch.inference_mode() if self.device is not None else nullcontext():
            returned = self.call(self.to_tensor(given) if self.torch is not None else given)
        return self.checked(_numbers(returned), len(starts))

    def to_tensor(self, given: np.ndarray) -> Any:
        tensor = self.torch.from_numpy(given)
        return tensor if self.device is None else tensor.to(self.device)

    def checked(self, array: np.ndarray, n: int) -> np.ndarray:
        """Return a prediction with all its axes."""
        front = () if self.batch is None else (n,)
        shape = array.shape
        if (
            array.ndim in (len(front) + 3, len(front) + 4)
            and shape[-3:] == self.roi
            and shape[: len(front)] == front
        ):
            return array.reshape((n, -1, *self.roi)) if array.ndim != 5 else array
        wanted = ", ".join(map(str, (*front, "channels", *self.roi)))
        raise ValueError(
            f"the predictor returned an array of shape {shape} for windows of {self.roi}, not ({wanted})"
        )


def _numbers(returned: Any) -> np.ndarray:
    """Return a prediction as an array of float32 or float64."""
    torch = sys.modules.get("torch")
    if torch is not None and isinstance(returned, torch.Tensor):
        returned = returned.detach()
        if returned.dtype not in (torch.float32, torch.float64):
            returned = returned.float()
        returned = returned.cpu().numpy()
    array = np.asarray(returned)
    if array.dtype.kind not in "iubf":
        raise TypeError(f"the predictor returned {type(returned).__name__} of {array.dtype}, not numbers")
    if array.dtype in (np.dtype(np.float32), np.dtype(np.float64)):
        return array
    return array.astype(np.float32)


class _Blend:
    """Sums of predictions times what they count."""

    def __init__(self, shape: tuple[int, ...], weights: np.ndarray) -> None:
        self.shape, self.weights = shape, weights
        self.total = np.zeros(shape, np.float32)
        self.sums: np.ndarray | None = None

    def add(self, starts: list[list[int]], predictions: np.ndarray) -> None:
        """Add what was predicted for windows."""
        if self.sums is None:
            self.sums = np.zeros((predictions.shape[1], *self.shape), np.float32)
        if predictions.shape[1] != len(self.sums):
            raise ValueError(f"the predictor returned {predictions.shape[1]} channels after {len(self.sums)}")
        for start, prediction in zip(starts, predictions, strict=True):
            _windows.add_window(prediction, self.weights, self.sums, self.total, *start)

    def result(self) -> np.ndarray:
        """Return the sums divided by what all that was added counts."""
        assert self.sums is not None  # there is at least one window
        sums, total = self.sums.reshape(len(self.sums), -1), self.total.reshape(-1)
        in_parts(lambda start, stop: _windows.divide(sums, total, start, stop), total.size, sums.size, 1)
        return self.sums
