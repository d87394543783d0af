"""Lossy files of the shared collection whose last bits depend on the decoder: how far they are from what is known."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest

import pydcm
from pydcm.data import get_testdata_file
from pydcm.encaps import get_frame

_BESIDE = Path(__file__).resolve().parents[4] / "shared" / "data" / "pixels"
FOLDER = Path(os.environ.get("PYDCM_PIXEL_CORPUS", _BESIDE))
MANIFEST = FOLDER / "manifest.json"
FILES = {entry["file"]: entry for entry in json.loads(MANIFEST.read_text())} if MANIFEST.is_file() else {}
RECOMPRESSED = "ts4_111__synth__examples_ybr_color_JXL_jpegrecompress.dcm"
# What was encoded, and the largest and the mean difference that this made when the files were written.
SOURCES = {
    "ts4_112__synth__MR2_JXL_lossy.dcm": ("RLE__dicom-test-files__MR2_RLE.dcm", 130, 10),
    "ts4_112__synth__US1_JXL_lossy.dcm": ("RLE__dicom-test-files__US1_RLE.dcm", 124, 1.4),
    RECOMPRESSED: ("ts4_50__pydicom__examples_ybr_color.dcm", 12, 0.2),
}
VIDEO = [
    "ts4_100__synth__US_MPEG2_MPML.dcm",
    "ts4_102__synth__US_MPEG4_HP41.dcm",
    "ts4_108__synth__US_HEVC_main10_51.dcm",
]
EXTENDED = [name for name, entry in FILES.items() if entry["agreed_by"] == ["pylibjpeg"]]

pytestmark = [
    pytest.mark.skipif(not FILES, reason="the collection is not here"),
    pytest.mark.filterwarnings("ignore"),
]


def difference(a, b):
    assert a.shape == b.shape
    apart = np.abs(a.astype("i4") - b.astype("i4"))
    return int(apart.max()), float(apart.mean())


@pytest.mark.parametrize("name", SOURCES)
def test_against_what_was_encoded(name):
    source, largest, mean = SOURCES[name]
    found = difference(pydcm.decode(FOLDER / name), pydcm.decode(FOLDER / source))
    assert found[0] <= largest + 1
    assert found[1] <= 1.05 * mean


@pytest.mark.skipif(shutil.which("djxl") is None, reason="djxl is not installed")
@pytest.mark.parametrize("name", SOURCES)
def test_jpegxl_against_the_decoder_of_its_authors(name, tmp_path):
    imagecodecs = pytest.importorskip("imagecodecs")
    ds = pydcm.dcmread(FOLDER / name)
    n_frames = int(ds.get("NumberOfFrames") or 1)
    (tmp_path / "a.jxl").write_bytes(get_frame(ds.PixelData, n_frames // 2, number_of_frames=n_frames))
    subprocess.run(["djxl", tmp_path / "a.jxl", tmp_path / "a.png"], check=True, capture_output=True)
    theirs = imagecodecs.png_decode((tmp_path / "a.png").read_bytes())
    ours = pydcm.decode(FOLDER / name, n_frames // 2 + 1, raw=True)[0]
    assert difference(ours, theirs)[0] <= 1


@pytest.mark.parametrize("name", EXTENDED)
def test_twelve_bit_jpeg_against_the_reference_decoder(name):
    decoder = pydcm.pixels.get_decoder(FILES[name]["transfer_syntax"])
    if "pylibjpeg" not in decoder.available_plugins:
        pytest.skip("pylibjpeg-libjpeg is not installed")
    reference = pydcm.decode(FOLDER / name, decoding_plugin="pylibjpeg")
    assert hashlib.sha256(reference.tobytes()).hexdigest() == FILES[name]["ref_raw_sha256"]
    assert difference(pydcm.decode(FOLDER / name), reference)[0] <= 1


@pytest.mark.parametrize("name", VIDEO)
def test_video_against_what_was_encoded(name):
    pytest.importorskip("av")
    source = get_testdata_file("color3d_jpeg_baseline.dcm")
    if source is None:
        pytest.skip("pydicom-data is not installed")
    chosen = (1, 31, 60)
    ours = pydcm.decode(FOLDER / name)[[at - 1 for at in chosen]]
    original = np.concatenate([pydcm.decode(source, at) for at in chosen])
    largest, mean = difference(ours, original)
    assert largest <= 64
    assert mean <= 1.5


@pytest.mark.parametrize("name", VIDEO)
def test_luma_of_video(name):
    """RGB, turned into luma again (ITU-R BT.601, studio range), is the luma that the stream holds."""
    av = pytest.importorskip("av")
    from io import BytesIO

    ds = pydcm.dcmread(FOLDER / name)
    stream = get_frame(ds.PixelData, 0, number_of_frames=1)
    ours = pydcm.decode(FOLDER / name)
    with av.open(BytesIO(stream)) as container:
        for at, frame in enumerate(container.decode(video=0)):
            if at % 20:
                continue
            luma = frame.reformat(format="yuv420p").to_ndarray()[: frame.height]
            red, green, blue = np.moveaxis(ours[at].astype(float), -1, 0)
            expected = 16 + (65.481 * red + 128.553 * green + 24.966 * blue) / 255
            inside = ((ours[at] > 0) & (ours[at] < 255)).all(axis=-1)
            assert inside.mean() > 0.05
            assert np.abs(expected - luma)[inside].max() <= 3
