"""File to array against reading the file and calling the codec, for each transfer syntax and size of image.

    python benchmarks/bench_decode.py

CPU time, interleaved, medians. The bare call reads the whole file and gives the codec the frame; uncompressed files are
read and viewed as an array. At most 1.10 times that is wanted (1.2 times for uncompressed files), on small images at most
0.06 ms more; what is more is said in each row.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import imagecodecs
import numpy as np

import pydcm
from pydcm.dataset import Dataset, FileMetaDataset
from pydcm.uid import ExplicitVRLittleEndian, generate_uid
from pydcm_pixels.transcoding import transcode
from pydcm_testing import timing

SIZES = {
    "512x512x16": ((512, 512), "u2", 12),
    "1024x1024 RGB": ((1024, 1024, 3), "u1", 8),
    "2560x2048x16": ((2560, 2048), "u2", 16),
    "256x256 RGB": ((256, 256, 3), "u1", 8),
}
PREFIX = "1.2.840.10008.1.2."
SYNTAXES: dict[str, tuple[str, dict[str, Any]]] = {
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
OVERHEAD = 0.06e-3  # seconds


def image(shape: tuple[int, ...], dtype: str, bits: int) -> np.ndarray:
    """Return a smooth image with a little noise."""
    rng = np.random.default_rng(0)
    ramp = np.add.outer(np.sin(np.arange(shape[0]) / 40), np.cos(np.arange(shape[1]) / 30)) / 4 + 0.5
    values = ramp * ((1 << bits) - 9) + rng.integers(0, 8, shape[:2])
    if len(shape) == 3:
        values = np.stack([values, values[:, ::-1], values[::-1]], -1)
    return values.astype(dtype)


def dataset(arr: np.ndarray, bits: int) -> Dataset:
    """Return an uncompressed data set."""
    ds = Dataset()
    ds.file_meta = FileMetaDataset()
    ds.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    ds.SOPClassUID = "1.2.840.10008.5.1.4.1.1.7"
    ds.SOPInstanceUID = generate_uid()
    pydcm.pixels.set_pixel_data(ds, arr, "RGB" if arr.shape[-1] == 3 else "MONOCHROME2", bits)
    return ds


def write(path: Path, arr: np.ndarray, bits: int, tail: str, options: dict[str, Any]) -> Dataset:
    """Write an image as a file of a transfer syntax and return its data set."""
    ds = dataset(arr, bits)
    if tail != "1":
        transcode(ds, PREFIX + tail, **options)
    ds.save_as(path, enforce_file_format=True)
    return ds


def codec(tail: str, ds: Dataset) -> Callable[[bytes], Any]:
    """Return the bare codec: a function of the encoded frame."""
    shape = (ds.Rows, ds.Columns, 3) if ds.SamplesPerPixel == 3 else (ds.Rows, ds.Columns)
    width = ds.BitsAllocated // 8
    if tail == "5":
        from pydcm_pixels._core._rle import decode_frame

        def rle(src: bytes) -> np.ndarray:
            out = np.empty(shape, f"u{width}")
            decode_frame(
                src, out.reshape(-1).view("u1"), ds.Rows * ds.Columns, ds.SamplesPerPixel, width, False, False
            )
            return out

        return rle
    rgb = {"colorspace": "RGB", "outcolorspace": "RGB"} if ds.SamplesPerPixel == 3 else {}
    return {
        "4.50": imagecodecs.jpeg8_decode,  # RGB of YCbCr, as we give it
        "4.70": lambda src: imagecodecs.jpeg8_decode(src, **rgb),
        "4.80": imagecodecs.jpegls_decode,
        "4.90": lambda src: imagecodecs.jpeg2k_decode(src, numthreads=1),
        "4.201": imagecodecs.htj2k_decode,
        "4.110": lambda src: imagecodecs.jpegxl_decode(src, numthreads=1),
        "8.1": lambda src: imagecodecs.deflate_decode(
            src, raw=True, out=np.empty(np.prod(shape) * width, "u1")
        ),
    }[tail]


def bare(tail: str, path: Path, ds: Dataset) -> Callable[[], Any]:
    """Return a function that reads the file's bytes and calls the codec on the frame, nothing else."""
    raw = path.read_bytes()
    name = str(path)

    def read() -> bytes:
        with open(name, "rb") as stream:
            return stream.read()

    if tail == "1":
        start, count = raw.index(ds.PixelData[:64]), ds.Rows * ds.Columns * ds.SamplesPerPixel
        dtype = f"<u{ds.BitsAllocated // 8}"
        return lambda: np.frombuffer(read(), dtype, count, start)
    frame = pydcm.encaps.get_frame(ds.PixelData, 0, number_of_frames=1)
    start = raw.index(frame[:64])
    span = slice(start, start + len(frame))
    decode = codec(tail, ds)
    return lambda: decode(read()[span])


def row(what: str, call: Callable[[], Any], alone: Callable[[], Any], aim: float | None = None) -> timing.Row:
    """Return the row of a call and what it cannot do without, which may take `aim` times as long."""
    call(), alone()
    (once,) = timing.interleaved(alone, rounds=1)
    rounds = int(min(401, max(9, 0.6 / max(once, 1e-5)))) | 1
    ours, theirs = timing.interleaved(call, alone, rounds=rounds)
    peer = "raw read" if what.startswith("uncompressed") else "codec + raw read"
    aims = {} if aim is None else {"<" + peer: round(max(aim, 1 + OVERHEAD / theirs), 2)}
    return timing.Row(f"{what} ({(ours - theirs) * 1e3:+.3f} ms)", ours, {peer: theirs}, aims)


def rows() -> Iterator[timing.Row]:
    """Yield the rows of the table."""
    with tempfile.TemporaryDirectory() as folder:
        for size, (shape, dtype, bits) in SIZES.items():
            arr = image(shape, dtype, bits)
            for name, (tail, options) in SYNTAXES.items():
                if tail == "4.50" and dtype != "u1":
                    continue
                path = Path(folder, f"{size}{tail}.dcm")
                alone = bare(tail, path, write(path, arr, bits, tail, options))
                aim = 1.2 if tail == "1" else 1.1
                yield row(f"{name}, {size}", lambda path=path: pydcm.pixel_array(path), alone, aim)
                if size != "256x256 RGB":
                    continue
                yield row(f"{name}, {size}, decode", lambda path=path: pydcm.decode(path), alone, aim)
                yield row(
                    f"{name}, {size}, dcmread", lambda path=path: pydcm.dcmread(path).pixel_array, alone
                )
        # The bits above 14 have to be looked at: they may hold anything.
        path = Path(folder, "14.dcm")
        alone = bare("1", path, write(path, image((2560, 2048), "u2", 14), 14, "1", {}))
        yield row("uncompressed, 2560x2048, 14 of 16 bits", lambda: pydcm.pixel_array(path), alone)


if __name__ == "__main__":
    timing.main(rows)
