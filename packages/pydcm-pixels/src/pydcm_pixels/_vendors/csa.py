"""Siemens CSA headers (0029,xx10) and (0029,xx20): named values in a binary block.

Two versions exist: the older starts with the number of elements, the newer with ``SV10``. Both are described by the
nibabel project ("Siemens format DICOM with CSA header").
"""

from __future__ import annotations

from pydcm_pixels._core._csa import CSAHeader

__all__ = ["CSAHeader", "floats"]


def floats(values: list[str] | None) -> list[float]:
    """Return those values that are numbers."""
    result = []
    for value in values or ():
        try:
            result.append(float(value))
        except ValueError:
            continue
    return result
