"""David Clunie's ``dciodvfy`` finds no more errors in a transcoded file than in the one it was made from."""

from __future__ import annotations

import shutil
import subprocess
from collections import Counter

import pytest

import pydcm
from pydcm_pixels.transcoding import transcode

PREFIX = "1.2.840.10008.1.2."
# Of several SOP classes: CT, MR, ultrasound with palette, colour and several frames, secondary capture, segmentation.
FILES = [
    ("pydicom.data", "CT_small.dcm"),
    ("pydicom.data", "MR_small_RLE.dcm"),
    ("pydicom.data", "examples_palette.dcm"),
    ("pydicom.data", "examples_rgb_color.dcm"),
    ("pydicom.data", "SC_rgb_small_odd.dcm"),
    ("pydicom.data", "SC_rgb_rle_2frame.dcm"),
    ("pydicom.data", "liver_1frame.dcm"),
    ("pydicom.data", "JPEG2000.dcm"),
    ("pydcm.data", "CT_small.dcm"),
    ("pydcm.data", "examples_overlay.dcm"),
    ("pydcm.data", "examples_palette.dcm"),
]
TARGETS = [
    ("", {}),
    ("1", {}),
    ("1.98", {}),
    ("2", {}),
    ("5", {}),
    ("8.1", {}),
    ("4.50", {}),
    ("4.51", {}),
    ("4.57", {}),
    ("4.70", {}),
    ("4.80", {}),
    ("4.81", {"jls_error": 1}),
    ("4.90", {}),
    ("4.91", {"j2k_psnr": [60]}),
    ("4.91", {"reversible": True}),
    ("4.110", {}),
    ("4.112", {"distance": 1.0}),
    ("4.201", {}),
    ("4.202", {}),
    ("4.203", {}),
    ("4.203", {"htj2k_step": 0.01}),
]
# Newer than the program, which takes them for uncompressed ones: it gets the same file under an older name.
ALIASES = {
    "1.98": "5",
    "8.1": "5",
    "4.110": "5",
    "4.112": "4.81",
    "4.201": "4.90",
    "4.202": "4.90",
    "4.203": "4.91",
}


def errors(path):
    found = subprocess.run(["dciodvfy", path], capture_output=True, text=True, errors="replace", timeout=60)
    assert found.returncode >= 0, f"dciodvfy died of signal {-found.returncode}"
    lines = (found.stdout + found.stderr).splitlines()
    return Counter(line for line in lines if line.startswith("Error"))


@pytest.mark.parametrize(("source", "name"), FILES)
def test_no_new_errors(source, name, tmp_path):
    if shutil.which("dciodvfy") is None:
        pytest.skip("dciodvfy is not installed")
    path = pytest.importorskip(source).get_testdata_file(name, download=False)
    if path is None:
        pytest.skip(f"{source} has no {name} here")
    before = errors(path)
    written = 0
    for tail, options in TARGETS:
        ds = pydcm.dcmread(path)
        try:
            transcode(ds, (PREFIX + tail).rstrip("."), **options)
        except ValueError as exc:
            assert "is not valid for pixel data encoded with" in str(exc)
            continue
        if tail in ALIASES:
            ds.file_meta.TransferSyntaxUID = PREFIX + ALIASES[tail]
        pydcm.dcmwrite(tmp_path / "after.dcm", ds, enforce_file_format=True)
        assert not errors(tmp_path / "after.dcm") - before, (tail, options)
        written += 1
    assert written >= 5
