"""Every fuzz target on its corpus, on our example files, and on damaged versions of them."""

from __future__ import annotations

import random
import zlib
from pathlib import Path

import pytest

import pydcm
from pydcm import examples
from pydcm_testing import fuzzing

HERE = Path(__file__).parent
TARGETS = sorted(HERE.glob("fuzz_*.py"))
EXAMPLES = ("ct", "mr", "rgb_color", "palette_color", "rt_plan", "rt_ss", "waveform", "no_meta")


def run(name: str, data: bytes) -> None:
    """Run a target, quietly and with bounds on time and memory."""
    check = fuzzing.quietly(fuzzing.load(HERE / f"{name}.py").check)
    with fuzzing.bounded():
        check(data)


@pytest.mark.parametrize("path", TARGETS, ids=lambda path: path.stem)
def test_corpus(path: Path) -> None:
    fuzzing.on_corpus(path)


@pytest.mark.parametrize("name", ["fuzz_reader", "fuzz_round_trip"])
@pytest.mark.parametrize("example", EXAMPLES)
def test_damaged_files(name: str, example: str) -> None:
    data = Path(examples.get_path(example)).read_bytes()[:8000]
    chance = random.Random(zlib.crc32(example.encode()))
    mutate = fuzzing.load(HERE / f"{name}.py").mutate
    for number in range(20):
        run(name, (mutate if number % 2 else fuzzing.overwrite)(data, chance))


@pytest.mark.parametrize("example", EXAMPLES)
def test_damaged_json(example: str) -> None:
    data = pydcm.dcmread(examples.get_path(example), force=True, stop_before_pixels=True).to_json().encode()
    chance = random.Random(zlib.crc32(example.encode()))
    for _ in range(20):
        run("fuzz_json", fuzzing.overwrite(data, chance))


def test_damaged_dicomdir() -> None:
    target = fuzzing.load(HERE / "fuzz_fileset.py")
    data = Path(examples.get_path("dicomdir")).read_bytes()
    assert target.check(data), "the target must get as far as the records"
    chance = random.Random(1)
    for number in range(40):
        run("fuzz_fileset", (target.mutate if number % 2 else fuzzing.overwrite)(data, chance))
