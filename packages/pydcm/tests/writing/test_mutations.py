"""Damaged samples: read, edited, converted and written without a crash, and unchanged where nobody changed them."""

from __future__ import annotations

import importlib.util
import random
from pathlib import Path

import pytest

pydicom_data = pytest.importorskip("pydicom.data")

FUZZ = Path(__file__).parent.parent / "fuzz" / "fuzz_round_trip.py"
SAMPLES = [
    "CT_small.dcm",
    "MR_small_bigendian.dcm",
    "rtplan.dcm",
    "test-SR.dcm",
    "nested_priv_SQ.dcm",
    "image_dfl.dcm",
]


@pytest.fixture(scope="module")
def fuzz():
    spec = importlib.util.spec_from_file_location("fuzz_round_trip", FUZZ)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def damaged(data: bytes, chance: random.Random) -> bytes:
    """Return `data` with some bytes of the data set overwritten, taken out, put in, or cut off."""
    out = bytearray(data)
    for _ in range(chance.randint(1, 5)):
        position = chance.randrange(len(out) // 2 if len(out) < 800 else 400, len(out))
        what = chance.random()
        if what < 0.5:
            out[position] = chance.choice((0, 0xFF, 0xFE, 0x80, chance.randrange(256)))
        elif what < 0.7:
            del out[position : position + chance.randint(1, 8)]
        elif what < 0.9:
            out[position:position] = chance.randbytes(chance.randint(1, 8))
        elif position > 1000:
            del out[position:]
    return bytes(out)


@pytest.mark.parametrize("name", SAMPLES)
def test_damaged_samples(fuzz, name: str) -> None:
    path = pydicom_data.get_testdata_file(name, download=False)
    data = Path(path).read_bytes()[:60_000]
    chance = random.Random(name)
    readable = sum(fuzz.check(damaged(data, chance)) for _ in range(60))
    if name != "image_dfl.dcm":
        assert readable > 20
