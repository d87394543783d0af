"""What the fuzz targets of this folder share.

A target is a module with a function ``check(data: bytes)`` that raises for anything that must not happen. Hand it to atheris
with ``python fuzz_reader.py CORPUS``; ``test_corpus.py`` runs every target on every file of ``corpus/``, which keeps what once went wrong.
"""

from __future__ import annotations

import sys
import warnings
from collections.abc import Callable

from pydcm.errors import BytesLengthException, DicomLimitError, InvalidDicomError

#: What a file may be refused with when it is read.
NOT_READABLE = (
    BytesLengthException,
    DicomLimitError,
    EOFError,
    InvalidDicomError,
    NotImplementedError,
    OSError,
    ValueError,
)

#: What a data set that makes no sense may be refused with when it is looked at, changed or written.
REFUSALS = (*NOT_READABLE, AttributeError, KeyError, OverflowError, TypeError)


def quietly(check: Callable[[bytes], object]) -> Callable[[bytes], None]:
    """Return `check` without the warnings that damaged data gives."""

    def target(data: bytes) -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            check(data)

    return target


def main(check: Callable[[bytes], object]) -> None:
    """Hand `check` to atheris."""
    import atheris

    atheris.Setup(sys.argv, quietly(check))
    atheris.Fuzz()
