"""Array to encoded frame against the bare codec call, and RLE against other encoders of it.

    python benchmarks/bench_encode.py

CPU time, interleaved, medians. The bare call gives the codec library the same array with the same options, and at most 1.1
times its time is wanted, on small images at most 0.06 ms more; verification,
which is on by default for HTJ2K and JPEG XL, is off but in the rows that say so. 120 frames in two threads: wall-clock time.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import imagecodecs
import numpy as np

from pydcm.dataset import Dataset, FileMetaDataset
from pydcm.uid import ExplicitVRLittleEndian, generate_uid
from pydcm_pixels.pixels import get_encoder, transcode
from pydcm_testing import timing

PREFIX = "1.2.840.10008.1.2."
IMAGES = {
    "512x512x16": ((512, 512), "u2", 12),
    "1024x1024 RGB": ((1024, 1024, 3), "u1", 8),
    "2560x2048x16": ((2560, 2048), "u2", 14),
    "256x256 RGB": ((256, 256, 3), "u1", 8),
}
OVERHEAD = 0.06e-3  # seconds that small images may take longer


def image(shape: tuple[int, ...], dtype: str, bits: int) -> np.ndarray:
    """Return a smooth image with a little noise."""
    rng = np.random.default_rng(0)
    ramp = np.add.outer(np.sin(np.arange(shape[0]) / 40), np.cos(np.arange(shape[1]) / 30)) / 4 + 0.5
    values = ramp * ((1 << bits) - 9) + rng.integers(0, 8, shape[:2])
    if len(shape) == 3:
        values = np.stack([values, values[:, ::-1], values[::-1]], -1)
    return values.astype(dtype)


def description(arr: np.ndarray, bits: int) -> dict[str, Any]:
    """Return the options that describe `arr`."""
    colour = arr.ndim == 3
    options: dict[str, Any] = {
        "rows": arr.shape[0],
        "columns": arr.shape[1],
        "samples_per_pixel": 3 if colour else 1,
        "photometric_interpretation": "RGB" if colour else "MONOCHROME2",
        "bits_allocated": 8 * arr.dtype.itemsize,
        "bits_stored": bits,
        "pixel_representation": 0,
        "number_of_frames": 1,
    }
    if colour:
        options["planar_configuration"] = 0
    return options


def codecs(arr: np.ndarray, bits: int) -> Iterator[tuple[str, str, dict[str, Any], Callable[[], Any]]]:
    """Yield name, end of the UID, options and the bare codec call."""
    colour = arr.ndim == 3
    space = {"colorspace": "RGB", "outcolorspace": "RGB"} if colour else {}
    if bits == 8:
        more = {"subsampling": "444"} if colour else {}
        yield (
            "JPEG",
            "4.50",
            {},
            partial(imagecodecs.jpeg8_encode, arr, level=90, bitspersample=8, **space, **more),
        )
    yield (
        "JPEG lossless",
        "4.70",
        {},
        partial(imagecodecs.jpeg8_encode, arr, lossless=True, predictor=1, bitspersample=bits, **space),
    )
    yield (
        "JPEG-LS",
        "4.80",
        {"encoding_plugin": "imagecodecs"},
        partial(imagecodecs.jpegls_encode, arr, level=0),
    )
    wavelet = {"photometric_interpretation": "YBR_RCT"} if colour else {}
    yield (
        "JPEG 2000",
        "4.90",
        wavelet,
        partial(
            imagecodecs.jpeg2k_encode,
            arr,
            level=0,
            codecformat="J2K",
            bitspersample=bits,
            reversible=True,
            mct=colour,
            resolutions=6,
            numthreads=1,
        ),
    )
    yield (
        "HTJ2K",
        "4.201",
        {"verify": False, **wavelet},
        partial(imagecodecs.htj2k_encode, arr, reversible=True, rgb=colour, planar=False, resolutions=5),
    )
    yield (
        "JPEG XL",
        "4.110",
        {"verify": False, "effort": 2},
        partial(imagecodecs.jpegxl_encode, arr, lossless=True, effort=2, bitspersample=bits, numthreads=1),
    )
    yield "deflated frame", "8.1", {}, partial(imagecodecs.deflate_encode, arr.tobytes(), level=6, raw=True)


def rle_peers(arr: np.ndarray, options: dict[str, Any]) -> dict[str, Callable[[], Any]]:
    """Return the other RLE encoders by name."""
    peers: dict[str, Callable[[], Any]] = {}
    encoder = get_encoder(PREFIX + "5")
    for name in ("pylibjpeg", "gdcm"):
        if name in encoder.available_plugins:
            peers[name] = lambda name=name: encoder.encode(arr, encoding_plugin=name, **options)
    return peers


def dataset(frames: np.ndarray) -> Dataset:
    """Return an uncompressed data set of 16-bit frames."""
    ds = Dataset()
    ds.file_meta = FileMetaDataset()
    ds.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    ds.SOPClassUID, ds.SOPInstanceUID = "1.2.840.10008.5.1.4.1.1.7.3", generate_uid()
    ds.NumberOfFrames, ds.Rows, ds.Columns = frames.shape
    ds.SamplesPerPixel, ds.PhotometricInterpretation = 1, "MONOCHROME2"
    ds.BitsAllocated, ds.BitsStored, ds.HighBit, ds.PixelRepresentation = 16, 12, 11, 0
    ds.PixelData = frames.tobytes()
    ds["PixelData"].VR = "OW"
    return ds


def transcoded(frames: np.ndarray, tail: str, **options: Any) -> Dataset:
    return transcode(dataset(frames), PREFIX + tail, **options)


def rows() -> Iterator[timing.Row]:
    """Yield the rows of the table."""
    for size, (shape, dtype, bits) in IMAGES.items():
        arr = image(shape, dtype, bits)
        plain = description(arr, bits)
        rounds = 5 if arr.size > 1 << 21 else 9
        encode = partial(get_encoder(PREFIX + "5").encode, arr, encoding_plugin="pydicom", **plain)
        others = rle_peers(arr, plain)
        ours, *theirs = timing.interleaved(encode, *others.values(), rounds=rounds)
        yield timing.Row(
            f"RLE {size}", ours, dict(zip(others, theirs, strict=True)), {"pylibjpeg": 4, "gdcm": 1}
        )
        for name, tail, options, bare in codecs(arr, bits):
            encode = partial(get_encoder(PREFIX + tail).encode, arr, **{**plain, **options})
            ours, codec = timing.interleaved(encode, bare, rounds=rounds)
            yield timing.Row(
                f"{name} {size}", ours, {"codec": codec}, {"<codec": max(1.1, 1 + OVERHEAD / codec)}
            )
    frames = np.stack([np.roll(image((256, 256), "u2", 12), at, axis=0) for at in range(120)])
    for name, tail in (("RLE", "5"), ("JPEG-LS", "4.80"), ("HTJ2K, verified", "4.201")):
        extra = {"encoding_plugin": "imagecodecs"} if tail == "4.80" else {}
        two, one = timing.interleaved(
            lambda tail=tail, extra=extra: transcoded(frames, tail, workers=2, **extra),
            lambda tail=tail, extra=extra: transcoded(frames, tail, workers=1, **extra),
            clock=time.perf_counter,
            choose=min,
            rounds=7,
        )
        yield timing.Row(
            f"{name} 120 frames, two threads, wall clock", two, {"one thread": one}, {"one thread": 1.6}
        )
    single = image((512, 512), "u2", 12)
    options = description(single, 12)
    ours, exact = timing.interleaved(
        lambda: get_encoder(PREFIX + "4.91").encode(single, j2k_cr=[10], **options),
        lambda: get_encoder(PREFIX + "4.90").encode(single, encoding_plugin="imagecodecs", **options),
        rounds=5,
    )
    yield timing.Row("JPEG 2000 by ratio 512x512x16", ours, {"lossless": exact})


if __name__ == "__main__":
    timing.main(rows)
