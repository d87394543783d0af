"""Made series of every maker against what dcm2niix wrote down."""

from __future__ import annotations

import json

import numpy as np
import pytest

from . import oracle, recorded
from .test_dcm2niix import ALLOWED, BASES

EXPECTED = json.loads(recorded.FILE.read_text(encoding="utf-8"))


@pytest.mark.parametrize("name", BASES)
def test_like_recorded(name, tmp_path):
    oracle.ours(BASES[name](tmp_path / "in"), tmp_path / "out")
    found = recorded.outputs(tmp_path / "out")
    allowed = ALLOWED.get(name, {})
    assert list(found) == list(EXPECTED[name])
    for output, wanted in EXPECTED[name].items():
        ours = found[output]
        if "shape" not in allowed:
            assert ours["shape"] == wanted["shape"]
        if "voxels" not in allowed and "shape" not in allowed:
            assert ours["voxels"] == wanted["voxels"]
        for what in ("affine", "bval", "bvec"):
            if what in allowed:
                continue
            assert (what in ours) == (what in wanted)
            if what in wanted:
                np.testing.assert_allclose(ours[what], wanted[what], atol=1e-3)
        theirs, made = wanted.get("sidecar", {}), ours.get("sidecar", {})
        keys = {*theirs, *made} - allowed.keys() - recorded.CHANGING
        different = {
            key: (theirs.get(key), made.get(key))
            for key in keys
            if not oracle.same(theirs.get(key), made.get(key))
        }
        assert different == {}
