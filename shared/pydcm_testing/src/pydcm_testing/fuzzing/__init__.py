"""Fuzzing: what the targets in ``packages/*/tests/fuzz`` share.

A target is a file ``fuzz_NAME.py`` with a function ``check(data: bytes)`` that raises for whatever must not happen; it may have a
function ``mutate(data, chance)`` that returns `data` with something changed that makes sense to the code under test (a length, a
nesting, a header), where single bytes would seldom get past the first check. Neither needs atheris: ``test_corpus.py`` beside it
runs every target on the files of ``corpus/NAME``, which keep what once went wrong, and on mutations of samples. To fuzz::

    python -m pydcm_testing.fuzzing packages/pydcm/tests/fuzz/fuzz_reader.py CORPUS -max_total_time=600

The options are libFuzzer's.
"""

from __future__ import annotations

import importlib.util
import sys
import warnings
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from pydcm.errors import DicomError

if TYPE_CHECKING:
    import random
    from collections.abc import Callable, Iterator
    from types import ModuleType

__all__ = ["REFUSALS", "bounded", "load", "on_corpus", "overwrite", "quietly"]

#: What damaged content may be refused with. Anything else (IndexError, AttributeError, RecursionError, MemoryError ...) is our mistake.
REFUSALS = (DicomError, EOFError, NotImplementedError, OSError, ValueError)

#: Seconds of CPU that one input may take, and bytes of memory that a target's whole corpus may: far above what they do take.
SECONDS = 20
MEMORY = 1 << 30


def load(path: Path) -> ModuleType:
    """Return the target in the file `path`."""
    name = path.stem
    if name in sys.modules:
        return sys.modules[name]
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


def quietly(check: Callable[[bytes], object]) -> Callable[[bytes], None]:
    """Return `check` without the warnings that damaged data gives."""

    def target(data: bytes) -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            check(data)

    return target


def overwrite(data: bytes, chance: random.Random) -> bytes:
    """Return `data` with some bytes overwritten, taken out, put in, or cut off."""
    out = bytearray(data) or bytearray(b"\0")
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
        if not out:
            out = bytearray(b"\0")
    return bytes(out)


@contextmanager
def bounded() -> Iterator[None]:
    """Fail if what is done meanwhile takes long, or lets the process grow; where the platform tells, that is."""
    import time

    before, start = _peak(), time.process_time()
    yield
    assert time.process_time() - start < SECONDS, "takes too long"
    assert _peak() - before < MEMORY, "takes too much memory"


def _peak() -> int:
    """Return the most memory that this process has had, in bytes."""
    try:
        import resource
    except ImportError:
        return 0
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024


def on_corpus(path: Path) -> None:
    """Run the target in the file `path` on its part of the corpus beside it.

    Raises
    ------
    AssertionError
        Naming the input, for anything that a target raised.
    """
    check = quietly(load(path).check)
    for sample in sorted((path.parent / "corpus" / path.stem.removeprefix("fuzz_")).glob("*")):
        try:
            with bounded():
                check(sample.read_bytes())
        except Exception as exc:
            raise AssertionError(f"{sample.name}: {exc!r}") from exc
