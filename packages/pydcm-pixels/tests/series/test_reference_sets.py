"""Public dcm_qa sets, with what dcm2niix makes of them.

The sets are not part of the repository. The tests run where a folder holds them, each with its ``expected.json``:
``PYDCM_IMAGING_DATA`` names it, by default ``shared/data/imaging`` beside the repository.
"""

from __future__ import annotations

import hashlib
import json
import os
from itertools import permutations, product
from pathlib import Path

import numpy as np
import pytest

from pydcm_pixels._series.discovery import find_stacks

_BESIDE = Path(__file__).resolve().parents[5] / "shared" / "data" / "imaging"
FOLDER = Path(os.environ.get("PYDCM_IMAGING_DATA", _BESIDE))

CASES = [
    pytest.param(path.parent, expected, id=f"{path.parent.name}-{expected['name']}")
    for path in sorted(FOLDER.glob("dcm_qa_*/expected.json"))
    for expected in json.loads(path.read_text(encoding="utf-8"))
]


def canonical(pixels, affine):
    """Return voxels ``[x, y, z(, t)]`` and affine with the axes that are closest to right, anterior, superior."""
    voxels = np.moveaxis(pixels, (-3, -2, -1), (2, 1, 0))
    if pixels.ndim == 4:
        voxels = np.transpose(pixels, (3, 2, 1, 0))
    matrix = np.diag([-1.0, -1.0, 1.0, 1.0]) @ affine
    unit = matrix[:3, :3] / np.linalg.norm(matrix[:3, :3], axis=0)
    best = max(
        permutations(range(3)), key=lambda order: sum(abs(unit[row, axis]) for row, axis in enumerate(order))
    )
    voxels = np.transpose(voxels, (*best, *range(3, voxels.ndim)))
    matrix = matrix[:, (*best, 3)]
    for axis in range(3):
        if matrix[axis, axis] < 0:
            voxels = np.flip(voxels, axis)
            matrix[:3, 3] += matrix[:3, axis] * (voxels.shape[axis] - 1)
            matrix[:3, axis] *= -1
    return voxels, matrix


def digest(voxels):
    return hashlib.sha256(np.asarray(voxels, dtype="<f4").tobytes(order="F")).hexdigest()


def test_canonical():
    nibabel = pytest.importorskip("nibabel")
    rng = np.random.default_rng(3)
    for order, signs in product(permutations(range(3)), product((1, -1), repeat=3)):
        affine = np.eye(4)
        affine[:3, :3] = (np.eye(3)[:, order] * signs + rng.normal(0, 0.1, (3, 3))) @ np.diag([1, 2, 3])
        affine[:3, 3] = rng.normal(0, 50, 3)
        pixels = rng.normal(size=(4, 3, 2)).astype("f4")
        voxels, matrix = canonical(pixels, affine)
        image = nibabel.Nifti1Image(pixels.transpose(2, 1, 0), np.diag([-1, -1, 1, 1]) @ affine)
        expected = nibabel.as_closest_canonical(image)
        assert np.array_equal(voxels, np.asanyarray(expected.dataobj))
        assert np.allclose(matrix, expected.affine, atol=1e-4)


@pytest.mark.skipif(not CASES, reason="the dcm_qa sets are not here")
@pytest.mark.parametrize(("folder", "expected"), CASES)
def test_equals_dcm2niix(folder, expected):
    outcomes = []
    for stack in find_stacks([folder / name for name in expected["files"]]):
        voxels, matrix = canonical(stack.read(), stack.affine)
        outcomes.append(
            (
                list(voxels.shape) == expected["shape"],
                digest(voxels) == expected["canonical_sha256"],
                bool(np.abs(matrix - np.array(expected["canonical_affine"])).max() < 1e-3),
            )
        )
    assert (True, True, True) in outcomes
    siblings = [one for one in CASES if one.values[1]["files"] == expected["files"]]
    assert len(outcomes) == len(siblings)
