"""Calls of a predictor for windows or batches of them, and what it returns as arrays."""

from __future__ import annotations

import math
import sys
from collections import deque
from collections.abc import Mapping
from contextlib import nullcontext
from itertools import islice, product
from typing import TYPE_CHECKING, Any

import numpy as np

from pydcm_pixels._core._windows import copy_windows
from pydcm_pixels._volume.model import Volume

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    Place = tuple[slice, ...]

#: What an object has that only a variable names: that one and the call that counts.
_OWN_REFERENCES = 2
_SINGLE, _DOUBLE = np.dtype(np.float32), np.dtype(np.float64)
_LINE = 64  # bytes of a line of the processor's cache


def image_array(image: Any) -> tuple[np.ndarray, bool]:
    """Return an array (z, y, x) or (channel, z, y, x) of an image, and whether it was a tensor."""
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


class Predictor:
    """Calls a predictor for windows or batches of them.

    Parameters
    ----------
    call : callable
        The predictor; what it takes besides a window are `arguments` and `options`.
    array : numpy.ndarray
        The image, (z, y, x) or (channel, z, y, x).
    roi : tuple of int
        Shape of a window, (z, y, x).
    batch : int or None
        How many windows it takes at once; None for one without an axis for it.
    contiguous : bool
        Whether a batch is always full and in memory of its own; else one view of windows that are evenly spaced along x.
    as_tensor : bool
        Whether windows are tensors; always so for a ``torch.nn.Module``, which also takes batches only.
    device : object
        Where tensors go; by default where the module is.
    with_coord : bool
        Whether the predictor is told which part of the image it gets.

    Attributes
    ----------
    names : list or None
        What the predictor calls its outputs if it returns a mapping.
    """

    def __init__(
        self,
        call: Callable[..., Any],
        array: np.ndarray,
        roi: tuple[int, ...],
        *,
        batch: int | None = None,
        contiguous: bool = True,
        as_tensor: bool = False,
        device: Any = None,
        with_coord: bool = False,
        arguments: Sequence[Any] = (),
        options: Mapping[str, Any] | None = None,
    ) -> None:
        torch = sys.modules.get("torch")
        module = torch is not None and isinstance(call, torch.nn.Module)
        self.call, self.roi, self.with_coord = call, roi, with_coord
        if arguments or options:
            more = dict(options or {})
            self.call = lambda *given: call(*given, *arguments, **more)
        self.torch: Any = torch if module or as_tensor else None
        self.context: Callable[[], Any] = nullcontext if torch is None or not module else torch.inference_mode
        self.batch = 1 if module and batch is None else batch
        self.contiguous = contiguous
        array = array[None] if module and array.ndim == 3 else array
        if self.torch is None:
            self.array = array.view()
            self.array.flags.writeable = False
        else:  # torch knows neither memory that is only to be read nor steps backwards
            fits = array.flags.writeable and min(array.strides) >= 0
            self.array = array if fits else array.copy()
            if device is None and module:
                parameters: Iterable[Any] = getattr(call, "parameters", tuple)()
                device = next((one.device for one in parameters), None)
        self.device = device
        self.names: list[Any] | None = None
        self.copies: bool | None = None if self.torch is not None else False
        self.buffers: list[np.ndarray] = []

    def all(self, starts: Sequence[np.ndarray], workers: int) -> Iterator[list[np.ndarray]]:
        """Yield the outputs (channel, z, y, x) for each window that begins at `starts` along z, y, x, in order."""
        axes = [[slice(a, a + n) for a in one.tolist()] for one, n in zip(starts, self.roi, strict=True)]
        places = product(*([[slice(None)]] if self.array.ndim == 4 else []), *axes)
        if workers == 1 and self.batch is None:
            yield from map(self.predict_one, places)
            return
        if self.contiguous or self.batch is None:
            groups = iter(lambda: list(islice(places, self.batch or 1)), [])
        else:
            lengths = _even(starts[-1].tolist(), self.batch)
            groups = (
                list(islice(places, n)) for _ in range(len(starts[0]) * len(starts[1])) for n in lengths
            )
        if workers == 1:
            for group in groups:
                yield from self.predict(group)
            return
        from concurrent.futures import Future, ThreadPoolExecutor

        waiting: deque[Future[list[list[np.ndarray]]]] = deque()
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

    def predict_one(self, place: Place) -> list[np.ndarray]:
        """Return what is predicted for a window: a list of outputs, (channel, z, y, x)."""
        pixels = self.array[place]
        window, is_view = (pixels, True) if self.torch is None else self.tensor(pixels, True)
        returned = self.call(window, place) if self.with_coord else self.call(window)
        if self.is_same(returned, window, is_view):
            return [_with_channel(_numbers(pixels))]
        return [self.checked(one) for one in self.unpacked(returned)]

    def predict(self, places: list[Place]) -> list[list[np.ndarray]]:
        """Return what is predicted for each of a batch of windows, as :meth:`predict_one` does."""
        if self.batch is None:
            return [self.predict_one(places[0])]
        is_view = len(places) == 1 or not self.contiguous
        window = self.spaced(places) if is_view else self.stacked(places)
        if self.torch is not None:
            window, is_view = self.tensor(window, is_view)
        with self.context():
            returned = self.call(window, places) if self.with_coord else self.call(window)
        if self.is_same(returned, window, is_view):
            return [[_with_channel(_numbers(self.array[place]))] for place in places]
        outputs = [self.checked(one, len(places)) for one in self.unpacked(returned)]
        return [list(of_window) for of_window in zip(*outputs, strict=True)]

    def spaced(self, places: list[Place]) -> np.ndarray:
        """Return windows that are evenly spaced along x as one view of the image."""
        first = self.array[places[0]]
        if len(places) == 1:
            return first[None]
        step = (places[1][-1].start - places[0][-1].start) * first.strides[-1]
        return np.lib.stride_tricks.as_strided(
            first, (len(places), *first.shape), (step, *first.strides), writeable=self.torch is not None
        )

    def stacked(self, places: list[Place]) -> np.ndarray:
        """Return copies of windows as one array, in the memory of an earlier batch that nobody has kept."""
        kind, shape = self.array.dtype, (len(places), *self.array.shape[:-3], *self.roi)
        nbytes = math.prod(shape) * kind.itemsize
        memory = self.buffers.pop() if self.buffers else None
        if memory is None or len(memory) < nbytes + _LINE or sys.getrefcount(memory) > _OWN_REFERENCES:
            memory = np.empty(nbytes + _LINE, np.uint8)
        start = -memory.ctypes.data % _LINE
        window: np.ndarray = memory[start : start + nbytes].view(kind).reshape(shape)
        if not copy_windows(self.array, places, window):
            for copy, place in zip(window, places, strict=True):
                copy[...] = self.array[place]
        self.buffers.append(memory)
        window.flags.writeable = self.torch is not None
        return window

    def tensor(self, pixels: np.ndarray, is_view: bool) -> tuple[Any, bool]:
        """Return a tensor for the predictor, and whether it is a view of the image."""
        tensor = self.torch.from_numpy(pixels)
        if self.device is not None:
            tensor = tensor.to(self.device)
            is_view = is_view and tensor.device.type == "cpu"
        if is_view and self.copies is not False:
            return tensor.clone(), False
        return tensor, is_view

    def is_same(self, returned: Any, window: Any, is_view: bool) -> bool:
        """Return whether the predictor returned just what it got; windows are copies once it writes to its tensor."""
        if self.torch is None:
            return returned is window
        changed: bool = window._version != 0
        if changed and is_view:
            raise ValueError(
                "the predictor changed a window in place, and so the image, after it had left the first one alone; "
                "let it change a clone"
            )
        if not is_view and self.copies is None:
            self.copies = changed
        return returned is window and not changed

    def unpacked(self, returned: Any) -> list[Any]:
        """Return the outputs in what a predictor returned."""
        if isinstance(returned, Mapping):
            names = self.names = self.names or list(returned)
            if returned.keys() != set(names):
                raise ValueError(f"the predictor returned {list(returned)} after {names}")
            returned = [returned[name] for name in names]
        outputs = list(returned) if isinstance(returned, (tuple, list)) else [returned]
        if not outputs:
            raise ValueError("the predictor returned no output at all")
        return outputs

    def checked(self, returned: Any, n: int | None = None) -> np.ndarray:
        """Return an output as an array (channel, z, y, x), or (n, channel, z, y, x) for a batch."""
        array = _numbers(returned)
        front = () if n is None else (n,)
        if array.ndim == len(front) + 3:
            array = array[:, None] if front else array[None]
        if array.ndim != len(front) + 4 or (front and len(array) != n) or not array.size:
            raise ValueError(
                f"the predictor returned an array of shape {np.shape(returned)} for windows of {self.roi}, "
                f"not ({', '.join(map(str, [*front, 'channels', *self.roi]))})"
            )
        return array


def _even(starts: Sequence[int], most: int) -> list[int]:
    """Return how many windows along x, up to `most`, follow one another evenly spaced, for all of them in turn."""
    lengths = [1]
    for before, start, after in zip([starts[0], *starts], starts, starts[1:], strict=False):
        if lengths[-1] < most and (lengths[-1] == 1 or start - before == after - start):
            lengths[-1] += 1
        else:
            lengths.append(1)
    return lengths


def _with_channel(array: np.ndarray) -> np.ndarray:
    return array if array.ndim == 4 else array[None]


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
