"""Every fuzz target on its corpus, on our example files, and on damaged versions of them."""

from __future__ import annotations

import importlib
import random
import sys
import time
import zlib
from pathlib import Path
from types import ModuleType

import pytest

import pydcm
from pydcm import examples

HERE = Path(__file__).parent
TARGETS = sorted(path.stem for path in HERE.glob("fuzz_*.py"))
EXAMPLES = ("ct", "mr", "rgb_color", "palette_color", "rt_plan", "rt_ss", "waveform", "no_meta")


def target_of(name: str) -> ModuleType:
    sys.path.insert(0, str(HERE))
    try:
        return importlib.import_module(name)
    finally:
        sys.path.remove(str(HERE))


def run(name: str, data: bytes) -> None:
    """Run a target, quietly and with a bound on the time: seconds where a megabyte takes milliseconds."""
    harness = target_of("harness")
    start = time.process_time()
    harness.quietly(target_of(name).check)(data)
    assert time.process_time() - start < 20


def damaged(data: bytes, chance: random.Random) -> bytes:
    """Return `data` with some bytes overwritten, taken out, put in, or cut off."""
    out = bytearray(data)
    for _ in range(chance.randint(1, 5)):
        position = chance.randrange(len(out))
        what = chance.random()
        if what < 0.5:
            out[position] = chance.choice((0, 0xFF, 0xFE, 0x80, chance.randrange(256)))
        elif what < 0.7:
            del out[position : position + chance.randint(1, 8)]
        elif what < 0.9:
            out[position:position] = chance.randbytes(chance.randint(1, 8))
        elif position > len(out) // 2:
            del out[position:]
    return bytes(out) or b"x"


@pytest.mark.parametrize("name", TARGETS)
def test_corpus(name: str) -> None:
    for path in sorted((HERE / "corpus" / name.removeprefix("fuzz_")).glob("*")):
        try:
            run(name, path.read_bytes())
        except Exception as exc:
            raise AssertionError(f"{path.name}: {exc!r}") from exc


@pytest.mark.parametrize("name", ["fuzz_reader", "fuzz_round_trip"])
@pytest.mark.parametrize("example", EXAMPLES)
def test_damaged_files(name: str, example: str) -> None:
    data = Path(examples.get_path(example)).read_bytes()[:8000]
    chance = random.Random(zlib.crc32(example.encode()))
    for _ in range(15):
        run(name, damaged(data, chance))


@pytest.mark.parametrize("example", EXAMPLES)
def test_damaged_json(example: str) -> None:
    data = pydcm.dcmread(examples.get_path(example), force=True, stop_before_pixels=True).to_json().encode()
    chance = random.Random(zlib.crc32(example.encode()))
    for _ in range(20):
        run("fuzz_json", damaged(data, chance))
