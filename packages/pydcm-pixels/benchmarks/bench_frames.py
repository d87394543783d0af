"""120 frames of JPEG against pydicom, one thread against two, RLE encoding against pylibjpeg-rle.

    python benchmarks/bench_frames.py

CPU time in ms, interleaved, medians; wall-clock time for the threads.
"""

from __future__ import annotations

import statistics
import tempfile
import time
from pathlib import Path

import imagecodecs
import numpy as np
from bench_decode import dataset, image

import pydcm
from pydcm_pixels._core import _rle


def medians(functions, repeat, clock):
    """Return the median time of each function, called in turn."""
    times = [[] for _ in functions]
    for function in functions:
        function()
    for _ in range(repeat):
        for function, taken in zip(functions, times, strict=True):
            begin = clock()
            function()
            taken.append(1e3 * (clock() - begin))
    return [statistics.median(taken) for taken in times]


def jpeg(repeat=3):
    """Decode 120 frames of 480x640 JPEG baseline in colour."""
    import pydicom

    frame = image((480, 640, 3), "u1", 8)
    frames = np.stack([np.roll(frame, 5 * i, axis=0) for i in range(120)])
    ds = dataset(frames, 8)
    # RGB in, YCbCr with halved chroma in the stream, as scanners write it
    encoded = [imagecodecs.jpeg8_encode(one, level=85, subsampling="422") for one in frames]
    ds.PixelData = pydcm.encaps.encapsulate([one + b"\0" * (len(one) % 2) for one in encoded])
    ds["PixelData"].is_undefined_length = True
    ds.PhotometricInterpretation = "YBR_FULL_422"
    ds.file_meta.TransferSyntaxUID = pydcm.uid.JPEGBaseline8Bit
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "frames.dcm")
        ds.save_as(path, enforce_file_format=True)
        names = ["pydcm, 1 thread", "pydcm, 2 threads"]
        functions = [lambda: pydcm.decode(path, workers=1), lambda: pydcm.decode(path, workers=2)]
        try:
            _ = pydicom.dcmread(path).pixel_array
        except RuntimeError:
            print("pydicom has no plugin for JPEG here")
        else:
            names.append("pydicom")
            functions.append(lambda: pydicom.dcmread(path).pixel_array)
        cpu = medians(functions, repeat, time.process_time)
        wall = medians(functions, repeat, time.perf_counter)
    for name, one, two in zip(names, cpu, wall, strict=True):
        print(f"{name:20} CPU {one:8.1f}  wall {two:8.1f}")
    if len(cpu) > 2:
        print(f"{cpu[2] / cpu[0]:.1f}x pydicom")
    print(f"two threads {wall[0] / wall[1]:.2f}x one")


def rle(repeat=15):
    """Encode RLE frames."""
    import rle as foreign

    for size, shape, dtype, bits in (
        ("512x512x16", (512, 512), "u2", 12),
        ("1024x1024 RGB", (1024, 1024, 3), "u1", 8),
        ("flat 2560x2048x16", (2560, 2048), "u2", 3),
    ):
        arr = image(shape, dtype, bits)
        raw = arr.tobytes()
        samples, width = (3 if arr.ndim == 3 else 1), arr.dtype.itemsize
        options = {
            "rows": shape[0],
            "columns": shape[1],
            "samples_per_pixel": samples,
            "bits_allocated": 8 * width,
            "byteorder": "<",
        }
        ours, theirs = medians(
            [
                lambda raw=raw, s=samples, w=width, shape=shape: _rle.encode_frame(
                    raw, shape[0], shape[1], s, w
                ),
                lambda raw=raw, options=options: foreign.encode_pixel_data(raw, **options),
            ],
            repeat,
            time.process_time,
        )
        print(f"RLE encode {size:18} {ours:8.2f}  pylibjpeg-rle {theirs:8.2f}  {theirs / ours:.1f}x")


if __name__ == "__main__":
    jpeg()
    rle()
