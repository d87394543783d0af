"""File to array against the bare codec call plus reading the file: CPU time, interleaved, medians.

python benchmarks/bench_decode.py [--repeat 15]
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from pathlib import Path

import numpy as np

import pydcm
from pydcm.dataset import Dataset, FileMetaDataset
from pydcm.uid import ExplicitVRLittleEndian, generate_uid
from pydcm_pixels.transcoding import transcode

SIZES = {
    "512x512x16": ((512, 512), "u2", 12),
    "1024x1024 RGB": ((1024, 1024, 3), "u1", 8),
    "2560x2048x16": ((2560, 2048), "u2", 14),
    "256x256 RGB": ((256, 256, 3), "u1", 8),
}
PREFIX = "1.2.840.10008.1.2."
SYNTAXES = {
    "uncompressed": ("1", {}),
    "RLE": ("5", {}),
    "JPEG": ("4.50", {}),
    "JPEG lossless": ("4.70", {}),
    "JPEG-LS": ("4.80", {}),
    "JPEG 2000": ("4.90", {}),
    "HTJ2K": ("4.201", {"verify": False}),
    "JPEG XL": ("4.110", {"effort": 2, "verify": False}),
    "deflated frame": ("8.1", {}),
}


def image(shape, dtype, bits):
    """Return a smooth image with a little noise."""
    rng = np.random.default_rng(0)
    ramp = np.add.outer(np.sin(np.arange(shape[0]) / 40), np.cos(np.arange(shape[1]) / 30)) / 4 + 0.5
    values = ramp * ((1 << bits) - 9) + rng.integers(0, 8, shape[:2])
    if len(shape) == 3:
        values = np.stack([values, values[:, ::-1], values[::-1]], -1)
    return values.astype(dtype)


def dataset(arr, bits):
    """Return an uncompressed data set."""
    ds = Dataset()
    ds.file_meta = FileMetaDataset()
    ds.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    ds.SOPClassUID = "1.2.840.10008.5.1.4.1.1.7"
    ds.SOPInstanceUID = generate_uid()
    pydcm.pixels.set_pixel_data(ds, arr, "RGB" if arr.shape[-1] == 3 else "MONOCHROME2", bits)
    return ds


def bare(tail, path, ds):
    """Return a function that reads the file's bytes and calls the codec on the frame, nothing else."""
    import imagecodecs

    raw = path.read_bytes()
    data = ds.PixelData
    if tail == "1":
        return lambda: np.frombuffer(path.read_bytes(), "u1")
    frame = pydcm.encaps.get_frame(data, 0, number_of_frames=1)
    start = raw.index(frame[:64])
    size = len(frame)
    if tail == "5":
        from pydcm_pixels._core._rle import decode_frame

        n, samples, width = ds.Rows * ds.Columns, ds.SamplesPerPixel, ds.BitsAllocated // 8

        def call(src):
            out = np.empty(n * samples * width, "u1")
            decode_frame(src, out, n, samples, width, False, False)

    elif tail == "8.1":
        import zlib

        def call(src):
            zlib.decompressobj(-15).decompress(src)

    else:
        kinds = {
            "4.50": lambda src: imagecodecs.jpeg8_decode(
                src, **({"outcolorspace": "RGB", "colorspace": "RGB"} if ds.SamplesPerPixel == 3 else {})
            ),
            "4.70": lambda src: (
                imagecodecs.jpeg8_decode(src, colorspace="RGB", outcolorspace="RGB")
                if ds.SamplesPerPixel == 3
                else imagecodecs.jpeg8_decode(src)
            ),
            "4.80": imagecodecs.jpegls_decode,
            "4.90": lambda src: imagecodecs.jpeg2k_decode(src, numthreads=1),
            "4.201": imagecodecs.htj2k_decode,
            "4.110": lambda src: imagecodecs.jpegxl_decode(src, numthreads=1),
        }
        call = kinds[tail]
    return lambda: call(path.read_bytes()[start : start + size])


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--repeat", type=int, default=15)
    repeat = parser.parse_args().repeat
    print(f"{'syntax':16}{'image':16}{'bare ms':>9}{'ours ms':>9}{'ratio':>7}{'over ms':>9}")
    with tempfile.TemporaryDirectory() as folder:
        for size, (shape, dtype, bits) in SIZES.items():
            arr = image(shape, dtype, bits)
            for name, (tail, options) in SYNTAXES.items():
                if tail == "4.50" and dtype != "u1":
                    continue
                ds = dataset(arr, bits)
                if tail != "1":
                    transcode(ds, PREFIX + tail, **options)
                path = Path(folder, "image.dcm")
                ds.save_as(path, enforce_file_format=True)
                functions = (bare(tail, path, ds), lambda path=path: pydcm.pixel_array(path))
                times: tuple[list[float], list[float]] = ([], [])
                for function in functions:
                    function()
                for _ in range(repeat):
                    for function, taken in zip(functions, times, strict=True):
                        begin = time.process_time()
                        function()
                        taken.append(1e3 * (time.process_time() - begin))
                codec, ours = (statistics.median(taken) for taken in times)
                print(f"{name:16}{size:16}{codec:9.3f}{ours:9.3f}{ours / codec:7.2f}{ours - codec:9.3f}")


if __name__ == "__main__":
    main()
