"""Headers that promise more than there is: an error, and no memory for it."""

from __future__ import annotations

import subprocess
import sys
import textwrap

import pytest

CHILD = """
import resource
import sys
import warnings
import numpy as np, imagecodecs
import pydcm
from pydcm.dataset import Dataset, FileMetaDataset
from pydcm.encaps import encapsulate
warnings.simplefilter("ignore")

def image(syntax, frames, rows, columns, n_frames, allocated=16, samples=1):
    ds = Dataset()
    ds.file_meta = FileMetaDataset()
    ds.file_meta.TransferSyntaxUID = pydcm.uid.UID("1.2.840.10008.1.2" + syntax)
    ds.Rows, ds.Columns, ds.NumberOfFrames = rows, columns, n_frames
    ds.SamplesPerPixel, ds.BitsAllocated, ds.BitsStored, ds.HighBit = samples, allocated, allocated, allocated - 1
    ds.PixelRepresentation, ds.PhotometricInterpretation = 0, "MONOCHROME2"
    ds.PixelData = encapsulate(frames) if syntax else frames[0]
    ds["PixelData"].VR = "OB" if syntax else "OW"
    return ds

import importlib
for codec in ("jpeg", "jpegls", "jpeg2000", "htj2k", "jpegxl", "rle", "deflated", "uncompressed", "video"):
    importlib.import_module("pydcm_pixels._codecs." + codec)
arr = np.zeros((8, 8), "u2")
stream = {streams}[sys.argv[1]]
def peak():
    lines = open("/proc/self/status").read().splitlines()
    return int(next(line.split()[1] for line in lines if line.startswith("VmPeak"))) // 1024

before = peak()
resource.setrlimit(resource.RLIMIT_AS, (before + 16000 << 20,) * 2)
for rows, columns, n_frames in ((65535, 65535, 10**6), (65535, 65535, 1), (8, 8, 10**9), (8, 8, 2**31 - 1)):
    ds = image(sys.argv[2], [stream], rows, columns, n_frames)
    for ask in (
        lambda: ds.pixel_array, lambda: pydcm.pixel_array(ds, index=n_frames - 1), lambda: list(pydcm.iter_pixels(ds))
    ):
        try:
            made = ask()
        except (ValueError, RuntimeError, OSError) as exc:
            assert str(exc)
        else:
            assert n_frames > 1 and len(made) == 1 and made[0].shape == (8, 8), (rows, columns, n_frames)
        grown = peak() - before
        assert grown < 300, f"{{grown}} MB for {{rows}} x {{columns}} x {{n_frames}}"
print("good")
"""
# Sizes that the stream promises as well, where that can be written into it
STREAMS = textwrap.dedent("""\
    {
        "jpegls": b"\\xff\\xd8\\xff\\xf7\\0\\x0b\\x10\\xff\\xff\\xff\\xff\\1\\1\\x11\\0\\xff\\xda\\0\\x08\\1\\1\\0\\0\\0\\0" + bytes(99),
        "jpeg": b"\\xff\\xd8\\xff\\xc3\\0\\x0b\\x10\\xff\\xff\\xff\\xff\\1\\1\\x11\\0\\xff\\xda\\0\\x08\\1\\1\\0\\1\\0\\0" + bytes(99),
        "j2k": bytes(imagecodecs.jpeg2k_encode(arr, codecformat="J2K", level=0)).replace(
            b"\\0\\0\\0\\x08\\0\\0\\0\\x08", b"\\0\\0\\xff\\xff\\0\\0\\xff\\xff"),
        "small": bytes(imagecodecs.jpegls_encode(arr)),
        "nothing": bytes(200),
    }""")


@pytest.mark.skipif(sys.platform != "linux", reason="the limit on memory is Linux's")
@pytest.mark.parametrize(
    ("stream", "syntax"),
    [
        ("jpegls", ".4.80"),
        ("small", ".4.80"),
        ("jpeg", ".4.57"),
        ("jpeg", ".4.50"),
        ("j2k", ".4.90"),
        ("j2k", ".4.201"),
        ("nothing", ".5"),
        ("nothing", ".8.1"),
        ("nothing", ".1.98"),
        ("nothing", ".1"),
        ("nothing", ".4.110"),
    ],
)
def test_promises(stream, syntax):
    child = CHILD.replace("{streams}", STREAMS).replace("{{", "{").replace("}}", "}")
    done = subprocess.run(
        [sys.executable, "-c", child, stream, syntax],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.stdout.strip() == "good", done.stderr[-2000:]
