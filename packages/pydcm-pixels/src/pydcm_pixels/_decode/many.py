"""All frames of a plain file, decoded in threads into one array, without a run as in :mod:`pydcm_pixels._decode.direct`.

Each thread takes the next few frames, reads them, decodes them where they belong, corrects and converts them while they
are in its cache.
"""

from __future__ import annotations

from itertools import count
from math import prod
from threading import Thread
from typing import TYPE_CHECKING, Any

from pydcm_pixels._core._bits import extend_sign, has_unused_bits
from pydcm_pixels._core._color import ybr_full_to_rgb
from pydcm_pixels._decode.direct import LUMA_CHROMA, finish
from pydcm_pixels._decode.framing import NotPlainError

if TYPE_CHECKING:
    import numpy as np

    from pydcm_pixels._decode.direct import Lane
    from pydcm_pixels._decode.framing import FileParts, MemoryParts, Spans

_MAX_BATCH = 16
_FEW = 64


class _Frames:
    """The frames of one file on their way into one array."""

    def __init__(self, lane: Lane, opts: dict[str, Any], raw: bool) -> None:
        self.lane = lane
        self.opts = {**opts, "number_of_frames": 1}
        self.options = {"to_rgb": True} if lane.converts(opts, raw) else {}
        self.raw = raw or lane.is_rgb or bool(self.options)
        self.unused = opts["bits_allocated"] - opts["bits_stored"]
        self.to_rgb = opts["photometric_interpretation"] in LUMA_CHROMA and not self.raw
        self.failed = self.stopped = False

    def first(self, frame: bytes) -> np.ndarray:
        """Return the first frame, with all that can be found out from it checked."""
        precision = self.lane.stated_precision(frame, self.opts)
        if precision == 0:
            raise NotPlainError
        arr = self.lane.decode(frame, **self.options, **self.opts)
        arr = finish(arr, self.opts, self.raw, self.lane.fills, precision)
        if arr is None:
            raise NotPlainError
        return arr

    def decode(self, frame: bytes, out: np.ndarray, owner: np.ndarray) -> None:
        """Decode a frame into `out`, flat and a part of `owner`; what `finish` does, for a known type and size."""
        precision = self.lane.stated_precision(frame, self.opts)
        if precision == 0:
            raise NotPlainError
        arr = self.lane.decode(frame, out=out, **self.options, **self.opts)
        if arr.base is not owner or arr.size != out.size:
            if arr.dtype.itemsize != out.dtype.itemsize:
                raise NotPlainError
            out[:] = arr.reshape(-1).view(out.dtype)
        stored = self.opts["bits_stored"]
        if self.unused and (self.lane.fills or precision > stored) and has_unused_bits(out, self.unused):
            if precision > stored:
                raise NotPlainError
            extend_sign(out, self.unused)
        if self.to_rgb:
            ybr_full_to_rgb(out, out)

    def try_one(
        self, found: list[np.ndarray | None], parts: FileParts | MemoryParts, spans: Spans, at: int
    ) -> None:
        """Put frame `at` into `found`, which stays as it is if the frame needs a run."""
        try:
            found[at] = self.first(parts.read(*spans[at]))
        except Exception:  # a run says which plugin failed and why
            return

    def try_work(self, *arguments: Any) -> None:
        """Do :meth:`work`; note that a frame needs a run."""
        try:
            self.work(*arguments)
        except Exception:
            self.failed = self.stopped = True

    def work(
        self,
        parts: FileParts | MemoryParts,
        spans: Spans,
        flat: np.ndarray,
        turns: Any,
        first: int,
        batch: int,
    ) -> None:
        """Decode frames from `first` on into the rows of `flat`, a batch at a time, until there are none left."""
        owner = flat if flat.base is None else flat.base
        for turn in turns:
            start = first + turn * batch
            if start >= len(spans):
                return
            for at in range(start, min(start + batch, len(spans))):
                if self.stopped:
                    return
                self.decode(parts.read(*spans[at]), flat[at], owner)


def all_frames(
    lane: Lane,
    parts: FileParts | MemoryParts,
    spans: Spans,
    opts: dict[str, Any],
    raw: bool,
    workers: int,
    out: np.ndarray | None,
) -> np.ndarray | None:
    """Return all frames of a file, ``None`` if a run has to look at one of them.

    Nothing is allocated for all frames before the first one has been decoded.

    Parameters
    ----------
    lane : Lane
        How the transfer syntax is decoded.
    parts : FileParts or MemoryParts
        What the frames are in.
    spans : list[tuple[int, int]]
        Where each frame starts and ends.
    opts : dict[str, Any]
        The Image Pixel values, as :func:`plain_image` has checked them.
    raw : bool
        Whether to leave colours in the stored colour space.
    workers : int
        How many threads decode.
    out : numpy.ndarray, optional
        A flat array for the result, used if its type and size fit.
    """
    import numpy as np

    if not lane.is_first():
        return None
    frames = _Frames(lane, {**opts, "transfer_syntax_uid": lane.decoder.UID}, raw)
    # Of few frames the first one alone would keep the other threads waiting for long.
    n_first = workers if len(spans) < _FEW * workers else 1
    found: list[np.ndarray | None] = [None] * min(n_first, len(spans))
    _in_threads(frames, frames.try_one, [(found, parts, spans, at) for at in range(len(found))])
    firsts = [arr for arr in found if arr is not None]
    if len(firsts) < len(found):
        return None
    first = firsts[0]
    shape = (len(spans), *first.shape)
    if out is not None and out.dtype == first.dtype and out.shape == (prod(shape),):
        whole = out.reshape(shape)
    else:
        whole = np.empty(shape, first.dtype)
    whole[: len(firsts)] = firsts
    flat = whole.reshape(len(spans), -1)
    batch = max(1, min(_MAX_BATCH, len(spans) // (16 * workers)))
    turns = count()
    _in_threads(frames, frames.try_work, [(parts, spans, flat, turns, len(firsts), batch)] * workers)
    return None if frames.failed else whole


def _in_threads(frames: _Frames, call: Any, arguments: list[Any]) -> None:
    """Call with the first arguments here, with the others in threads, and wait for all."""
    others = [Thread(target=call, args=some, name="pydcm-decode") for some in arguments[1:]]
    for thread in others:
        thread.start()
    try:
        call(*arguments[0])
    except BaseException:  # an interrupt ends the others' work
        frames.stopped = True
        raise
    finally:
        for thread in others:
            thread.join()
