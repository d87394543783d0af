"""Memory that a conversion takes: it does not grow with the series but for the headers."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest

from pydcm_pixels.volume import from_nifti

SLICES, SIZE = 3000, 256
#: What may be held besides the program itself: headers, and parts of the series on their way. The series has 393 MB.
BOUND = (16 << 20) + SLICES * 8_000
_PROGRAM = """
import resource, sys
from pydcm_pixels.volume import convert_series
small, folder, target, kind = sys.argv[1:]
def peak():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
convert_series(small, target, gzip=kind == "gz", pattern="small", progress=False)
before = peak()
found = convert_series(folder, target, gzip=kind == "gz", pattern="large", progress=False)
assert len(found.outputs) == 1, found
print(peak() - before, peak())
"""


def write(builder, count):
    """Write slices quickly: one file is made, the others differ in number, place and identifier only."""
    rng = np.random.default_rng(0)
    image = rng.integers(0, 900, (SIZE, SIZE)).astype("i2")
    path = builder.add(image, [0, 0, 12345.5], InstanceNumber=55555, SOPInstanceUID="1.2.3.777777")
    content = path.read_bytes()
    path.unlink()
    for at in range(count):
        text = content.replace(b"12345.5", f"{at:7d}".encode()).replace(b"55555", f"{at:05d}".encode())
        (builder.folder / f"{at}.dcm").write_bytes(text.replace(b"777777", f"{at:06d}".encode()))
    return image


@pytest.mark.skipif(sys.platform != "linux", reason="the unit of ru_maxrss differs")
@pytest.mark.parametrize("kind", ["nii", "gz"])
def test_3000_slices(series, tmp_path, kind):
    small, large = series(folder="small"), series(folder="large")
    write(small, 3)
    image = write(large, SLICES)
    done = subprocess.run(
        [sys.executable, "-c", _PROGRAM, str(small.folder), str(large.folder), str(tmp_path / "out"), kind],
        check=True,
        capture_output=True,
        text=True,
    )
    assert int(done.stdout.split()[0]) < BOUND, done.stdout
    (path,) = (tmp_path / "out").glob("large.nii*")
    voxels = from_nifti(path).pixels
    assert voxels.shape == (SLICES, SIZE, SIZE)
    assert np.array_equal(voxels[-1], image[::-1])
