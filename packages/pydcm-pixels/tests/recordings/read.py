"""NIfTI read byte by byte: what the package itself does not read back."""

from __future__ import annotations

import json
import struct
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from pathlib import Path


class Nifti(NamedTuple):
    """A file: dimensions, steps, fields, extension and samples (first axis of the file first)."""

    dim: tuple[int, ...]
    pixdim: tuple[float, ...]
    fields: dict[str, Any]
    srow: np.ndarray
    extension: dict[str, Any] | None
    samples: np.ndarray


def read(path: Path) -> Nifti:
    """Read NIfTI-1, little endian."""
    content = path.read_bytes()
    dim = struct.unpack_from("<8h", content, 40)
    code, bits = struct.unpack_from("<2h", content, 70)
    pixdim = struct.unpack_from("<8f", content, 76)
    (offset,) = struct.unpack_from("<f", content, 108)
    fields = {
        "datatype": code,
        "bitpix": bits,
        "scl": struct.unpack_from("<2f", content, 112),
        "xyzt_units": content[123],
        "forms": struct.unpack_from("<2h", content, 252),
        "intent_name": content[328:344].rstrip(b"\0").decode(),
        "magic": content[344:348],
    }
    srow = np.array(struct.unpack_from("<12f", content, 280)).reshape(3, 4)
    extension = None
    if content[348]:
        size, ecode = struct.unpack_from("<2i", content, 352)
        assert size % 16 == 0 and 352 + size == offset
        fields["ecode"] = ecode
        extension = json.loads(content[360 : 352 + size].rstrip(b"\0"))
    kind = {2: "u1", 32: "<c8"}[code]
    samples = np.frombuffer(content, kind, offset=int(offset)).reshape(dim[1 : dim[0] + 1], order="F")
    return Nifti(dim, pixdim, fields, srow, extension, samples)
