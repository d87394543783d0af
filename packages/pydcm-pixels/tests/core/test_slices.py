"""The kernel that reads uncompressed images into a volume."""

from __future__ import annotations

import os
import signal
import threading

import numpy as np
import pytest

from pydcm_pixels._core._slices import read_frames

HEADER = b"\xe0\x7f\x10\0OW\0\0"


def arguments(path, count, size=64):
    """Return the arguments that read one file `count` times, and the array they fill."""
    image = np.arange(size * size, dtype="i2")
    path.write_bytes(HEADER + image.nbytes.to_bytes(4, "little") + image.tobytes())
    out = np.zeros((count, size * size), dtype="f4")
    jobs = [(at, 0, 0, size, size, size, at * image.size) for at in range(count)]
    return (
        [os.fsencode(path)] * count,
        np.array(jobs, dtype=np.int64),
        np.tile([2.0, 1.0], (count, 1)),
        np.full(count, image.nbytes, dtype=np.int64),
        np.full(count, image.nbytes, dtype=np.int64),
        np.full(count, -1, dtype=np.int64),
        out.reshape(-1),
        np.zeros(count, dtype=np.int8),
        2,
        0,
        True,
        None,
        np.array([0, 4], dtype=np.int64),
    ), out


def test_threads_share_the_work(tmp_path):
    task, out = arguments(tmp_path / "a", 200)
    threads = [threading.Thread(target=read_frames, args=task) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not task[7].any()
    assert np.array_equal(out, np.tile(np.arange(4096, dtype="f4") * 2 + 1, (200, 1)))


@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="there is no such timer")
def test_an_interruption_stops_all(tmp_path):
    class StopNow(Exception):
        pass

    def stop(*_):
        raise StopNow

    task, _ = arguments(tmp_path / "a", 200_000, 8)
    other = threading.Thread(target=read_frames, args=task)
    before = signal.signal(signal.SIGALRM, stop)
    other.start()
    try:
        signal.setitimer(signal.ITIMER_REAL, 0.1)
        with pytest.raises(StopNow):
            read_frames(*task)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
        other.join(10)
    assert not other.is_alive()
    assert task[12][0] < 0


CODES = "i1 u1 i2 u2 i4 u4 f4 f8".split()


@pytest.mark.parametrize("provided", [0, 1 << 40])
@pytest.mark.parametrize("target", ["f4", "f8"])
@pytest.mark.parametrize("code", range(8))
def test_every_type(tmp_path, code, target, provided):
    image = np.random.default_rng(code).integers(0, 255, 61 * 1077).astype("u1").astype(CODES[code]) * (
        1 if code < 2 else 93
    )
    content = HEADER + image.nbytes.to_bytes(4, "little") + image.tobytes() + b"\0" * (image.nbytes % 2)
    path = tmp_path / "image"
    path.write_bytes(content)
    for slope, intercept in ((1.0, 0.0), (1.0, -1024.0), (2.5, 0.25), (1.0, 0.1)):
        for first in (0, 3):
            out = np.full(image.size + 8, 7, dtype=target)
            read_frames(
                [os.fsencode(path)],
                np.array([(0, 0, 0, 1077, 61, 1077, first)], dtype=np.int64),
                np.array([(slope, intercept)]),
                np.array([image.nbytes]),
                np.array([image.nbytes + image.nbytes % 2]),
                np.array([12 if image.nbytes % 2 else -1]),
                out,
                status := np.ones(1, dtype=np.int8),
                code,
                0,
                target == "f4",
                np.array([provided, 0, 0]),
                np.array([0, 1]),
            )
            if target == "f4" and code < 4:
                wanted = image.astype("f4") * np.float32(slope) + np.float32(intercept)
            else:
                wanted = (image.astype("f8") * slope + intercept).astype(target)
            assert not status.any()
            assert np.array_equal(out[first : first + image.size], wanted)
            assert (out[:first] == 7).all() and (out[first + image.size :] == 7).all()
