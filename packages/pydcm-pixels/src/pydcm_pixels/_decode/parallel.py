"""Decoding the frames of one data set in several threads; the codecs release the GIL."""

from __future__ import annotations

import os
from collections import deque
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from concurrent.futures import Future

    import numpy as np

    from pydcm_pixels._decode.runner import DecodeRunner


def available_cpus() -> int:
    """Return how many processors this process may use."""
    try:
        return len(os.sched_getaffinity(0))
    except AttributeError:
        return os.cpu_count() or 1


def useful_workers(workers: int | None, n_frames: int) -> int:
    """Return how many threads to use for so many frames; `workers` are allowed, by default one for each processor."""
    if n_frames < 2:
        return 1
    return max(1, min(available_cpus() if workers is None else workers, n_frames))


def decode_into(
    runner: DecodeRunner, sources: Iterator[bytes], whole: np.ndarray, size: int, workers: int
) -> int:
    """Decode frames 1, 2, … into their slices of `whole`; return how many there were.

    The first frame has been decoded by `runner`, whose plugin the threads use. At most two encoded frames per thread
    are held at a time.
    """
    from concurrent.futures import ThreadPoolExecutor

    from pydcm_pixels._decode.encapsulated import decode_frame_into

    pending: deque[Future[None]] = deque()
    done = 0
    with ThreadPoolExecutor(workers, thread_name_prefix="pydcm-decode") as pool:
        try:
            for at, src in enumerate(sources, start=1):
                target = whole[at * size : (at + 1) * size]
                pending.append(pool.submit(decode_frame_into, runner.clone(), src, target, at))
                done = at
                while len(pending) >= 2 * workers:
                    pending.popleft().result()
            while pending:
                pending.popleft().result()
        except BaseException:
            for future in pending:
                future.cancel()
            raise
    return done
