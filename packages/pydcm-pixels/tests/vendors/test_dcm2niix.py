"""Made series of every maker: images, gradient tables and sidecars as dcm2niix makes them."""

from __future__ import annotations

import subprocess

import pytest

from . import (
    branches,
    changed,
    components,
    emission,
    ge,
    grids,
    labeled,
    oracle,
    ordered,
    others,
    references,
    scenes,
    siemens,
    turned,
    unusual,
)

#: The release whose behaviour is followed; others differ in some fields.
RELEASE = "v1.0.20260724"

_NOWHERE = dict.fromkeys(("pixdim", "qform_code", "sform_code", "affine"), "of images without a position")
#: What may differ, and why.
ALLOWED = {
    "plain_enhanced": {
        "Manufacturer": "dcm2niix takes a b value for a sign of Philips",
        "BidsGuess": "as before",
    },
    "ge_enhanced": {"shape": "dcm2niix makes one volume of all frames"},
    "mosaic_backwards": {"slice_code": "slices are in the order of the file here"},
    "ge_phases_delayed": {"pixdim": "without the delay"},
    "detector": {"Modality": "dcm2niix names some modalities only"},
    "film": _NOWHERE,
    "nowhere": _NOWHERE,
}
BASES = {name: getattr(module, name) for module in (siemens, ge, others, emission) for name in module.CASES}
BASES |= {"uih_grid": grids.uih_grid} | ordered.BASES | branches.CASES | components.CASES
CASES = (
    BASES
    | scenes.CASES
    | grids.CASES
    | changed.CASES
    | turned.CASES
    | labeled.CASES
    | ordered.CASES
    | unusual.CASES
    | references.CASES
)


def _release() -> str:
    if oracle.PROGRAM is None:
        return ""
    shown = subprocess.run(
        [oracle.PROGRAM, "--version"], check=False, capture_output=True, text=True, timeout=60
    )
    return next((word for word in shown.stdout.split() if word == RELEASE), "")


@pytest.mark.skipif(_release() != RELEASE, reason=f"dcm2niix {RELEASE} is not here")
@pytest.mark.parametrize("name", CASES)
def test_like_dcm2niix(name, tmp_path):
    folder = CASES[name](tmp_path / "in")
    found = oracle.differences(folder, tmp_path)
    assert [one for one in found if one.what not in ALLOWED.get(name, {})] == []
