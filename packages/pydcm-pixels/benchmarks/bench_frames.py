"""Files of many frames: against pydicom, one thread against two, and RLE encoding against pylibjpeg-rle.

    python benchmarks/bench_frames.py

CPU time, interleaved, medians; for the threads wall-clock time, the best of the rounds. What is not installed is not
shown.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import imagecodecs
import numpy as np
from bench_decode import PREFIX, codec, dataset, image

import pydcm
from pydcm_pixels._core import _rle
from pydcm_pixels.transcoding import transcode
from pydcm_testing import timing

THREADED: dict[str, tuple[str, dict[str, Any]]] = {
    "RLE": ("5", {}),
    "JPEG": ("4.50", {}),
    "JPEG lossless": ("4.70", {}),
    "JPEG-LS": ("4.80", {}),
    "JPEG 2000": ("4.90", {}),
    "HTJ2K": ("4.201", {"verify": False}),
    "JPEG XL": ("4.110", {"effort": 1, "verify": False}),
    "deflated frame": ("8.1", {}),
}


def cine(path: Path, n_frames: int = 120) -> None:
    """Write frames of 480x640 as scanners do: RGB in, YCbCr with halved chroma in the stream."""
    frame = image((480, 640, 3), "u1", 8)
    frames = np.stack([np.roll(frame, 5 * i, axis=0) for i in range(n_frames)])
    ds = dataset(frames, 8)
    encoded = [imagecodecs.jpeg8_encode(one, level=85, subsampling="422") for one in frames]
    ds.PixelData = pydcm.encaps.encapsulate([one + b"\0" * (len(one) % 2) for one in encoded])
    ds["PixelData"].is_undefined_length = True
    ds.PhotometricInterpretation = "YBR_FULL_422"
    ds.file_meta.TransferSyntaxUID = pydcm.uid.JPEGBaseline8Bit
    ds.save_as(path, enforce_file_format=True)


def cine_rows(path: Path) -> Iterator[timing.Row]:
    """Yield the rows of 120 frames of JPEG baseline."""
    cine(path)
    calls: dict[str, Any] = {}
    try:
        import pydicom

        pydicom.dcmread(path).pixel_array  # noqa: B018
        calls["pydicom"] = lambda: pydicom.dcmread(path).pixel_array
    except (ImportError, RuntimeError):  # no plugin for JPEG
        pass
    ours, *theirs = timing.interleaved(lambda: pydcm.decode(path, workers=1), *calls.values(), rounds=3)
    peers = dict(zip(calls, theirs, strict=True))
    yield timing.Row("JPEG, 120 x 480 x 640 RGB, one thread, CPU", ours, peers, {"pydicom": 7})
    one_frame = timing.interleaved(lambda: pydcm.decode(path, 60), rounds=21)[0]
    yield timing.Row("JPEG, frame 60 of 120", one_frame, {"all frames": ours})


def thread_rows(path: Path) -> Iterator[timing.Row]:
    """Yield a row for each codec with two threads, and for tiles against the bare codec."""
    for name, (tail, options) in THREADED.items():
        shape, dtype, bits = ((256, 256, 3), "u1", 8) if tail == "4.50" else ((256, 256), "u2", 12)
        if tail == "5":  # one of 256 x 256 takes a tenth of a millisecond
            shape = (512, 512)
        frame = image(shape, dtype, bits)
        n_frames = 8 if tail == "4.90" else 64
        ds = dataset(np.stack([np.roll(frame, i, axis=0) for i in range(n_frames)]), bits)
        transcode(ds, PREFIX + tail, **options)
        ds.save_as(path, enforce_file_format=True)
        tiles = list(pydcm.encaps.generate_frames(ds.PixelData, number_of_frames=n_frames))
        decode = codec(tail, ds)

        def alone(decode: Any = decode, tiles: list[bytes] = tiles) -> None:
            path.read_bytes()
            for tile in tiles:
                decode(tile)

        one, bare = timing.interleaved(lambda: pydcm.decode(path, workers=1), alone, rounds=15)
        what = f"{name}, {n_frames} x {' x '.join(map(str, shape))}"
        yield timing.Row(f"{what}, CPU", one, {"codec + raw read": bare})
        two, one = timing.interleaved(
            lambda: pydcm.decode(path, workers=2),
            lambda: pydcm.decode(path, workers=1),
            rounds=25,
            clock=time.perf_counter,
            choose=min,
        )
        yield timing.Row(f"{what}, two threads, wall clock", two, {"one thread": one}, {"one thread": 1.7})


def rle_rows() -> Iterator[timing.Row]:
    """Yield the rows of RLE encoding."""
    try:
        import rle
    except ImportError:
        return
    for size, shape, dtype, bits in (
        ("512x512x16", (512, 512), "u2", 12),
        ("1024x1024 RGB", (1024, 1024, 3), "u1", 8),
        ("flat 2560x2048x16", (2560, 2048), "u2", 3),
    ):
        arr = image(shape, dtype, bits)
        raw, width = arr.tobytes(), arr.dtype.itemsize
        samples = 3 if arr.ndim == 3 else 1
        options = {"rows": shape[0], "columns": shape[1], "samples_per_pixel": samples, "byteorder": "<"}

        def ours(raw: bytes = raw, shape: Any = shape, samples: int = samples, width: int = width) -> bytes:
            return _rle.encode_frame(raw, shape[0], shape[1], samples, width)

        def theirs(raw: bytes = raw, options: Any = options, width: int = width) -> bytes:
            return rle.encode_pixel_data(raw, bits_allocated=8 * width, **options)

        own, peer = timing.interleaved(ours, theirs)
        yield timing.Row(f"RLE encode, {size}", own, {"pylibjpeg-rle": peer}, {"pylibjpeg-rle": 4})


def rows() -> Iterator[timing.Row]:
    """Yield the rows of the table."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "frames.dcm")
        yield from cine_rows(path)
        yield from thread_rows(path)
    yield from rle_rows()


if __name__ == "__main__":
    timing.main(rows)
