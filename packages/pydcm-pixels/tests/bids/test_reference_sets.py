"""Public dcm_qa sets, file for file with what dcm2niix makes of them (see tests/series/test_reference_sets.py)."""

from __future__ import annotations

import json
import os
from pathlib import Path

import numpy as np
import pytest

from pydcm_pixels._bids.sidecar import bids_sidecar
from pydcm_pixels._series.discovery import find_stacks
from pydcm_pixels.diffusion import diffusion_table

_BESIDE = Path(__file__).resolve().parents[5] / "shared" / "data" / "imaging"
FOLDER = Path(os.environ.get("PYDCM_IMAGING_DATA", _BESIDE))

CASES = [
    pytest.param(path.parent, expected, id=f"{path.parent.name}-{expected['name']}")
    for path in sorted(FOLDER.glob("dcm_qa_*/expected.json"))
    for expected in json.loads(path.read_text(encoding="utf-8"))
]

#: Those of diffusion.
WEIGHTED = [case for case in CASES if "bval" in case.values[1]]
#: Fields that differ, and why.
REASONS = {
    "ConversionSoftware": "names the program",
    "ConversionSoftwareVersion": "names the program",
    "StudyInstanceUID": "dcm2niix takes that of a nested Request Attributes item, if it comes later in the file",
    "BidsGuess": "has the number of the echo, if there is one",
    "EchoNumber": "told from the echo times of all outputs of a series: convert_series does",
    "SliceTiming": "XA10: dcm2niix takes the clock of single slices, in single precision",
}


def _stack(folder, expected):
    files = [str(folder / name) for name in expected["files"]]
    found = [stack for stack in find_stacks(files, progress=False) if sorted(stack.files) == sorted(files)]
    real = "fieldmap" in expected["name"]
    return next(stack for stack in found if (stack.kind.get("component") == "real") == real)


@pytest.mark.parametrize(("folder", "expected"), CASES)
def test_sidecar(folder, expected):
    sidecar = bids_sidecar(_stack(folder, expected))
    wanted = expected["sidecar"]
    differing = {name for name, value in wanted.items() if sidecar.get(name) != value}
    assert differing <= set(REASONS)
    assert len(differing - {"ConversionSoftware", "ConversionSoftwareVersion"}) <= 0.05 * len(wanted)


@pytest.mark.parametrize(("folder", "expected"), WEIGHTED)
def test_gradients(folder, expected):
    bvals, bvecs = diffusion_table(_stack(folder, expected))
    np.testing.assert_allclose(bvals, expected["bval"], atol=1e-3)
    np.testing.assert_allclose(bvecs, expected["bvec"], atol=1e-3)


def test_few_differences():
    """Differences are few in all: a rule that is wrong for one maker shows here."""
    differing = 0
    for folder, expected in (case.values if hasattr(case, "values") else case for case in CASES):
        sidecar = bids_sidecar(_stack(folder, expected))
        wanted = expected["sidecar"]
        differing += sum(
            sidecar.get(name) != wanted[name] for name in wanted if not name.startswith("Conversion")
        )
    assert differing <= 5
