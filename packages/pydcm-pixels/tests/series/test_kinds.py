"""Which component of a complex image an MR image is."""

from __future__ import annotations

import numpy as np
import pytest

from pydcm_pixels._series.discovery import find_stacks
from pydcm_pixels._series.kinds import component_of


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (["M", "ND"], "magnitude"),
        (["M_FFE", "M", "FFE"], "magnitude"),
        (["P", "ND"], "phase"),
        (["PHASE MAP", "P", "FFE"], "phase"),
        (["OTHER", "PHASE"], "phase"),
        (["VELOCITY MAP", "P", "PCA"], "phase"),
        (["R_IR", "R", "IR"], "real"),
        (["REAL", "ND"], "real"),
        (["I_SE"], "imaginary"),
        (["P"], "magnitude"),
        (["M", "ND", "REAL"], "magnitude"),
        (["T2 MAP", "T2_STAR_UNSPECI", "UNSPECIFIED"], "magnitude"),
        ([], "magnitude"),
    ],
)
def test_image_type(values, expected):
    assert component_of(["ORIGINAL", "PRIMARY", *values]) == expected


def test_stated_component():
    assert component_of(["ORIGINAL", "PRIMARY", "M", "NONE"], "PHASE") == "phase"
    assert component_of(["ORIGINAL"], "MIXED") == "magnitude"


def test_ge_has_an_element_of_its_own(series):
    builder = series("MR", Manufacturer="GE MEDICAL SYSTEMS", ImageType=["ORIGINAL", "PRIMARY", "OTHER"])
    for component in range(4):
        for z in range(2):
            ds = builder.dataset(np.full((4, 5), component, "i2"), ImagePositionPatient=[0, 0, z])
            ds.private_block(0x0043, "GEMS_PARM_01", create=True).add_new(0x2F, "SS", component)
            ds.save_as(builder.folder / f"{component}{z}.dcm", enforce_file_format=True)
    kinds = [stack.kind["component"] for stack in find_stacks(builder.folder)]
    assert kinds == ["magnitude", "phase", "real", "imaginary"]
