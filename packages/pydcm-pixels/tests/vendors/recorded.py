"""What dcm2niix made of the made series, for machines without it: ``python -m tests.vendors.recorded`` renews it."""

from __future__ import annotations

import hashlib
import json
import tempfile
from pathlib import Path
from typing import Any

from pydcm_pixels.volume import from_nifti

from . import oracle

FILE = Path(__file__).parent / "recorded.json"
#: Made anew each time, or of the program.
CHANGING = oracle.OWN | {"StudyInstanceUID", "SeriesInstanceUID"}


def outputs(folder: Path) -> dict[str, Any]:
    """Return what a conversion made, by the outputs' names."""
    found = {}
    for path in sorted(folder.glob("*.nii")):
        volume = from_nifti(path)
        one: dict[str, Any] = {
            "shape": list(volume.pixels.shape),
            "voxels": hashlib.sha256(volume.pixels.astype("<f4").tobytes()).hexdigest()[:16],
            "affine": volume.affine.round(4).tolist(),
        }
        for ending in ("bval", "bvec"):
            values = oracle.table(path.with_suffix(f".{ending}"))
            if values is not None:
                one[ending] = [[round(value, 4) for value in row] for row in values]
        sidecar = path.with_suffix(".json")
        if sidecar.exists():
            text = json.loads(sidecar.read_text(encoding="utf-8"))
            one["sidecar"] = {key: value for key, value in text.items() if key not in CHANGING}
        found[path.stem] = one
    return found


def record() -> None:
    """Write down what dcm2niix makes."""
    from .test_dcm2niix import BASES

    result = {}
    for name, make in BASES.items():
        with tempfile.TemporaryDirectory() as work:
            folder = Path(work)
            oracle.theirs(make(folder / "in"), folder / "out")
            result[name] = outputs(folder / "out")
    lines = [f"{json.dumps(name)}: {json.dumps(one, ensure_ascii=False)}" for name, one in result.items()]
    FILE.write_text("{\n" + ",\n".join(lines) + "\n}\n", encoding="utf-8")


if __name__ == "__main__":
    record()
