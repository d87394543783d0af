"""What dcm2niix makes of a folder, and how ours differs from it."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from pydcm_pixels._bids.convert import convert_series
from pydcm_pixels._formats.nifti_header import Header
from pydcm_pixels.volume import from_nifti
from pydcm_testing.programs import dcm2niix

PROGRAM = dcm2niix()

#: Keys that name the program.
OWN = {"ConversionSoftware", "ConversionSoftwareVersion"}

#: Fields of NIfTI's header that are compared beside voxels and affine.
FIELDS = [
    *("dim_info", "intent_code", "datatype", "slice_start", "slice_end", "slice_code", "slice_duration"),
    *("pixdim", "scl_slope", "scl_inter", "xyzt_units", "cal_max", "cal_min", "toffset", "descrip"),
    *("aux_file", "qform_code", "sform_code", "intent_name"),
]


class Difference(NamedTuple):
    """What of one output differs: name, what, theirs, ours."""

    output: str
    what: str
    theirs: Any
    ours: Any


def theirs(folder: Path, target: Path) -> None:
    """Run dcm2niix."""
    target.mkdir(parents=True, exist_ok=True)
    assert PROGRAM
    subprocess.run(
        [PROGRAM, "-ba", "n", "-b", "y", "-z", "n", "-f", "%s_%p", "-o", str(target), str(folder)],
        check=False,
        capture_output=True,
        timeout=120,
    )


def ours(folder: Path, target: Path) -> None:
    """Convert with pydcm."""
    convert_series(folder, target, pattern="%s_%p", gzip=False, anonymize=False, progress=False)


def table(path: Path) -> list[list[float]] | None:
    """Return a table of numbers."""
    if not path.exists():
        return None
    return [[float(one) for one in line.split()] for line in path.read_text().splitlines() if line.strip()]


def same(a: Any, b: Any) -> bool:
    """Whether two values of a sidecar are equal."""
    if isinstance(a, bool) or isinstance(b, bool) or isinstance(a, str) or isinstance(b, str):
        return a == b and type(a) is type(b)
    if isinstance(a, list) and isinstance(b, list):
        return len(a) == len(b) and all(same(x, y) for x, y in zip(a, b, strict=True))
    if isinstance(a, int | float) and isinstance(b, int | float):
        return abs(a - b) <= 2e-5 * max(abs(a), abs(b))
    return a == b


def differences(folder: Path, work: Path) -> list[Difference]:
    """Return everything in which ours differs from dcm2niix's."""
    theirs(folder, work / "theirs")
    ours(folder, work / "ours")
    found = _renamed(work)
    names = {path.name for kind in ("theirs", "ours") for path in (work / kind).iterdir()}
    for name in sorted(names):
        a, b = work / "theirs" / name, work / "ours" / name
        stem, _, kind = name.rpartition(".")
        if not a.exists() or not b.exists():
            found.append(Difference(stem, f"file .{kind}", a.exists(), b.exists()))
        elif kind == "json":
            found.extend(_sidecars(stem, a, b))
        elif kind == "nii":
            found.extend(_images(stem, a, b))
        else:
            one, two = table(a), table(b)
            if np.shape(one) != np.shape(two) or not np.allclose(one, two, atol=1e-3):
                found.append(Difference(stem, kind, one, two))
    return found


def _renamed(work: Path) -> list[Difference]:
    """Give ours the name of theirs if there is one of each."""
    (one, *more), (two, *others) = [
        sorted((work / kind).glob("*.nii")) or [None] for kind in ("theirs", "ours")
    ]
    if more or others or one is None or two is None or one.name == two.name:
        return []
    for path in [*two.parent.glob(two.stem + ".*")]:
        path.rename(path.with_name(one.stem + path.suffix))
    return [Difference(one.stem, "name", one.stem, two.stem)]


def _sidecars(stem: str, a: Path, b: Path) -> list[Difference]:
    one = json.loads(a.read_text(encoding="utf-8"))
    two = json.loads(b.read_text(encoding="utf-8"))
    keys = [key for key in (*one, *(key for key in two if key not in one)) if key not in OWN]
    found = [
        Difference(stem, key, one.get(key), two.get(key))
        for key in keys
        if not same(one.get(key), two.get(key))
    ]
    orders = [[key for key in side if key in one and key in two and key not in OWN] for side in (one, two)]
    return found if orders[0] == orders[1] else [*found, Difference(stem, "order", *orders)]


def _headers(stem: str, a: Path, b: Path) -> list[Difference]:
    """Compare fields that say what is not in geometry and voxels."""
    one, two = (Header.from_bytes(path.read_bytes()[:540]).values for path in (a, b))
    found = []
    for name in FIELDS:
        x, y = one.get(name), two.get(name)
        if name == "pixdim" and not one["qform_code"] and not two["qform_code"]:
            x, y = x[1:], y[1:]  # the first is of the qform
        if isinstance(x, bytes) and isinstance(y, bytes):
            x, y = x.rstrip(b"\0").decode("latin-1"), y.rstrip(b"\0").decode("latin-1")
            if x.startswith("Time="):  # no MR: slices that have one time are no bands
                x = x.partition(";mb=")[0]
        if not (x == y if isinstance(x, str) else np.allclose(x, y, rtol=2e-5, atol=1e-4)):
            found.append(Difference(stem, name, x, y))
    return found


def _images(stem: str, a: Path, b: Path) -> list[Difference]:
    try:
        one, two = from_nifti(a), from_nifti(b)
    except ValueError as error:  # an affine without a volume
        return [Difference(stem, "error", str(error), "")]
    found = _headers(stem, a, b)
    if one.pixels.shape != two.pixels.shape:
        return [Difference(stem, "shape", one.pixels.shape, two.pixels.shape)]
    if not np.allclose(one.affine, two.affine, atol=1e-3):
        found.append(Difference(stem, "affine", one.affine.round(4).tolist(), two.affine.round(4).tolist()))
    if not np.array_equal(one.pixels, two.pixels):
        found.append(Difference(stem, "voxels", "", ""))
    return found
