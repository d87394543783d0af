"""The shared collection of files with known answers, where it lies beside the checkout."""

from __future__ import annotations

import hashlib
import json
import os
import warnings
from pathlib import Path

import numpy as np
import pytest

import pydcm
from pydcm.pixels import apply_color_lut

_BESIDE = Path(__file__).resolve().parents[4] / "shared" / "data" / "pixels"
FOLDER = Path(os.environ.get("PYDCM_PIXEL_CORPUS", _BESIDE))
MANIFEST = FOLDER / "manifest.json"
ENTRIES = json.loads(MANIFEST.read_text()) if MANIFEST.is_file() else []
# Lossy decoders that round with floating point give other last bits on other processors or versions.
ROUNDS = (".4.51", ".4.111", ".4.112")
VIDEO = (".4.100", ".4.102", ".4.108")

pytestmark = pytest.mark.skipif(not ENTRIES, reason="the collection is not here")


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry["file"][:60])
def test_file(entry):
    path = FOLDER / entry["file"]
    syntax = entry["transfer_syntax"]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        if entry["reference"] == "noref":
            try:
                pydcm.decode(path, raw=True)
            except Exception as exc:
                assert str(exc)
            return
        if syntax.endswith(VIDEO):
            pytest.importorskip("av")
        arr = pydcm.decode(path, raw=True)
    arr = np.ascontiguousarray(np.squeeze(arr))
    arr = arr.astype(arr.dtype.newbyteorder("<"))
    if entry["photometric"] == "PALETTE COLOR" and arr.ndim + 1 == len(entry["ref_raw_shape"]):
        # this one reference is not of the stored values but of the colours that the palette gives, in 8 bits
        arr = (apply_color_lut(arr, pydcm.dcmread(path, force=True)) >> 8).astype("u1")
    assert list(arr.shape) == entry["ref_raw_shape"]
    same = hashlib.sha256(arr.tobytes()).hexdigest() == entry["ref_raw_sha256"]
    if not same and syntax.endswith((*ROUNDS, *VIDEO)):
        return  # test_corpus_lossy looks at how far they are from what was encoded
    assert same
