"""Every fuzz target on its corpus, on streams made for it, and on damaged versions of them."""

from __future__ import annotations

import random
import warnings
import zlib
from pathlib import Path

import pytest

pytest.importorskip("imagecodecs")

from pydcm_testing import fuzzing

HERE = Path(__file__).parent
TARGETS = sorted(HERE.glob("fuzz_*.py"))


@pytest.mark.parametrize("path", TARGETS, ids=lambda path: path.stem)
def test_corpus(path: Path) -> None:
    fuzzing.on_corpus(path)


@pytest.mark.parametrize("path", TARGETS, ids=lambda path: path.stem)
def test_samples_and_damaged_ones(path: Path) -> None:
    target = fuzzing.load(path)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        assert all(map(target.check, target.samples()))
    check = fuzzing.quietly(target.check)
    chance = random.Random(zlib.crc32(path.stem.encode()))
    with fuzzing.bounded():
        for sample in target.samples():
            for number in range(30):
                check((target.mutate if number % 2 else fuzzing.overwrite)(sample, chance))
