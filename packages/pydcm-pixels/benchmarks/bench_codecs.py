"""Which codec for which transfer syntax: every decoding plugin that is installed, on the same frames in memory.

    python benchmarks/bench_codecs.py

CPU time, interleaved, medians. The first plugin of each syntax, see `pydcm_pixels._decode.registry`, should be the
fastest. A plugin that cannot decode a frame, or decodes it to something else, is left out with a line that says so.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from bench_decode import PREFIX, dataset, image

import pydcm
from pydcm.dataset import Dataset
from pydcm_pixels.transcoding import transcode
from pydcm_testing import timing

SIZES = {"512x512x16": ((512, 512), "u2", 12), "512x512 RGB": ((512, 512, 3), "u1", 8)}
SYNTAXES: dict[str, tuple[str, dict[str, Any]]] = {
    "RLE": ("5", {}),
    "JPEG baseline": ("4.50", {}),
    "JPEG extended, 12 bits": ("4.51", {}),
    "JPEG lossless": ("4.57", {}),
    "JPEG lossless, first order": ("4.70", {}),
    "JPEG-LS": ("4.80", {}),
    "JPEG-LS near-lossless": ("4.81", {"jls_error": 2}),
    "JPEG 2000 lossless": ("4.90", {}),
    "JPEG 2000": ("4.91", {"j2k_psnr": [60]}),
    "HTJ2K lossless": ("4.201", {"verify": False}),
    "JPEG XL lossless": ("4.110", {"effort": 2, "verify": False}),
    "deflated frame": ("8.1", {}),
}


def encoded(arr: np.ndarray, bits: int, tail: str, options: dict[str, Any]) -> Dataset | None:
    """Return a compressed data set, ``None`` if the syntax does not take such images."""
    ds = dataset(arr, bits)
    try:
        transcode(ds, PREFIX + tail, **options)
    except (ValueError, RuntimeError):
        return None
    return ds


def plugins(ds: Dataset) -> tuple[list[str], dict[str, str]]:
    """Return the plugins that decode the data set, the first one first, and what the others do."""
    decoder = pydcm.pixels.get_decoder(ds.file_meta.TransferSyntaxUID)
    usable, others = list(decoder._available), {}
    reference = decoder.as_array(ds, decoding_plugin=usable[0])[0].astype(int)
    for name in usable[1:]:
        try:
            arr = decoder.as_array(ds, decoding_plugin=name)[0]
        except Exception as exc:
            others[name] = f"fails: {str(exc).splitlines()[-1].strip()[:60]}"
            continue
        difference = int(np.abs(arr - reference).max()) if arr.shape == reference.shape else -1
        if difference:
            others[name] = f"differs by up to {difference}"
    return usable, others


def rows() -> Iterator[timing.Row]:
    """Yield the rows of the table."""
    for name, (tail, options) in SYNTAXES.items():
        for size, (shape, dtype, bits) in SIZES.items():
            ds = encoded(image(shape, dtype, bits), bits, tail, options)
            if ds is None:
                continue
            decoder = pydcm.pixels.get_decoder(ds.file_meta.TransferSyntaxUID)
            usable, others = plugins(ds)
            lossless = tail not in ("4.50", "4.51", "4.91")
            timed = [
                one
                for one in usable
                if not (why := others.get(one)) or (not lossless and why.startswith("differs"))
            ]
            for one, why in others.items():
                print(f"  {name}, {size}: {one} {why}")
            calls = [
                lambda one=one, ds=ds: decoder.as_array(ds, raw=True, decoding_plugin=one) for one in timed
            ]
            ours, *theirs = timing.interleaved(*calls, rounds=9)
            peers = dict(zip(timed[1:], theirs, strict=True))
            yield timing.Row(f"{name}, {size}: {timed[0]}", ours, peers, dict.fromkeys(peers, 1.0))


if __name__ == "__main__":
    timing.main(rows)
