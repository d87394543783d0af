"""Hand a target to atheris: ``python -m pydcm_testing.fuzzing fuzz_NAME.py CORPUS... [-libFuzzer-option=...]``."""

from __future__ import annotations

import random
import sys
from pathlib import Path

import atheris

from pydcm_testing import fuzzing


def main() -> None:
    """Run the target named by the first argument until libFuzzer ends the process."""
    path = Path(sys.argv.pop(1))
    # Imports inside functions come later: they are instrumented only as long as the hook stays
    atheris.instrument_imports(include=["pydcm", "pydcm_pixels"]).__enter__()
    module = fuzzing.load(path)
    mutate = getattr(module, "mutate", None)

    def mutated(data: bytes, max_size: int, seed: int) -> bytes:
        chance = random.Random(seed)
        if chance.random() < 0.5:
            return atheris.Mutate(data, max_size)
        try:
            return mutate(data, chance)[:max_size]
        except Exception as exc:  # libFuzzer would swallow it
            sys.excepthook(type(exc), exc, exc.__traceback__)
            raise SystemExit(77) from exc

    # The default is larger in each atheris than the last; a target that wants long inputs gets them by -max_len
    options = {} if mutate is None else {"custom_mutator": mutated}
    atheris.Setup(sys.argv, fuzzing.quietly(module.check), **options)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
