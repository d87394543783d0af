"""The headers of NIfTI-1 and NIfTI-2: fields, types of voxels, orientation.

NIfTI-1: J. Ashburner et al., "nifti1.h" (2003), https://nifti.nimh.nih.gov/nifti-1; NIfTI-2: "nifti2.h" (2011).
"""

from __future__ import annotations

import struct
from dataclasses import dataclass, field
from typing import Any

import numpy as np

__all__ = ["DTYPES", "FIELDS", "Header", "code_of", "matrix_of_quaternion", "quaternion_of"]

#: NumPy's type of each datatype code; 128 and 2304 are three and four bytes of colour.
DTYPES: dict[int, str] = {
    2: "u1", 4: "i2", 8: "i4", 16: "f4", 32: "c8", 64: "f8", 256: "i1", 512: "u2", 768: "u4", 1024: "i8", 1280: "u8",
    1792: "c16", 128: "u1", 2304: "u1",
}  # fmt: skip
_CODES = {np.dtype(kind): code for code, kind in DTYPES.items() if code not in (128, 2304)}

# (name, format) in the order of the file
_FIELDS_1 = (
    ("sizeof_hdr", "i"), ("unused", "35s"), ("dim_info", "b"), ("dim", "8h"), ("intent_p", "3f"), ("intent_code", "h"), ("datatype", "h"), ("bitpix", "h"),
    ("slice_start", "h"), ("pixdim", "8f"), ("vox_offset", "f"), ("scl_slope", "f"), ("scl_inter", "f"), ("slice_end", "h"),
    ("slice_code", "b"), ("xyzt_units", "b"), ("cal_max", "f"), ("cal_min", "f"), ("slice_duration", "f"), ("toffset", "f"),
    ("glmax", "i"), ("glmin", "i"), ("descrip", "80s"), ("aux_file", "24s"), ("qform_code", "h"), ("sform_code", "h"),
    ("quatern", "3f"), ("qoffset", "3f"), ("srow", "12f"), ("intent_name", "16s"), ("magic", "4s"),
)  # fmt: skip
_FIELDS_2 = (
    ("sizeof_hdr", "i"), ("magic", "8s"), ("datatype", "h"), ("bitpix", "h"), ("dim", "8q"), ("intent_p", "3d"), ("pixdim", "8d"),
    ("vox_offset", "q"), ("scl_slope", "d"), ("scl_inter", "d"), ("cal_max", "d"), ("cal_min", "d"), ("slice_duration", "d"),
    ("toffset", "d"), ("slice_start", "q"), ("slice_end", "q"), ("descrip", "80s"), ("aux_file", "24s"), ("qform_code", "i"),
    ("sform_code", "i"), ("quatern", "3d"), ("qoffset", "3d"), ("srow", "12d"), ("slice_code", "i"), ("xyzt_units", "i"),
    ("intent_code", "i"), ("intent_name", "16s"), ("dim_info", "b"), ("unused", "15s"),
)  # fmt: skip
_LAYOUTS = {1: _FIELDS_1, 2: _FIELDS_2}
FIELDS = frozenset(name for name, _ in (*_FIELDS_1, *_FIELDS_2))
_SIZES = {1: 348, 2: 540}
_MAGICS = {1: (b"n+1\0", b"ni1\0"), 2: (b"n+2\0\r\n\x1a\n", b"ni2\0\r\n\x1a\n")}
_SECONDS = {0: 1.0, 8: 1.0, 16: 1e-3, 24: 1e-6}
_LENGTHS = {1: 1000.0, 2: 1.0, 3: 1e-3}


@dataclass
class Header:
    """A header's fields, whatever its version.

    Attributes
    ----------
    version : int
        1 or 2.
    single : bool
        Whether voxels follow in the same file.
    order : str
        ``"<"`` or ``">"``.
    values : dict
        The fields by their names in ``nifti1.h``; arrays are tuples.
    """

    version: int = 1
    single: bool = True
    order: str = "<"
    values: dict[str, Any] = field(default_factory=dict)

    @classmethod
    def from_bytes(cls, content: bytes) -> Header:
        """Parse the beginning of a file.

        Raises
        ------
        ValueError
            If it is no NIfTI header.
        """
        for order in "<>":
            for version, size in _SIZES.items():
                if len(content) >= size and struct.unpack_from(order + "i", content)[0] == size:
                    header = cls(version, True, order, _unpack(content, order, version))
                    magic = header.values["magic"]
                    if magic not in _MAGICS[version]:
                        break
                    header.single = magic == _MAGICS[version][0]
                    return header
        if len(content) >= 348 and 348 in (
            struct.unpack_from("<i", content)[0],
            struct.unpack_from(">i", content)[0],
        ):
            raise ValueError(
                "an Analyze 7.5 header, which does not say where the voxels are in the patient: convert it to NIfTI"
            )
        raise ValueError("no NIfTI header: it begins with neither 348 nor 540")

    def to_bytes(self) -> bytes:
        """Return the header as the file has it."""
        parts = []
        values = self.values | {
            "sizeof_hdr": _SIZES[self.version],
            "magic": _MAGICS[self.version][not self.single],
        }
        for name, form in _LAYOUTS[self.version]:
            value = values.get(name, b"" if form.endswith("s") else 0)
            count = int(form[:-1] or 1) if not form.endswith("s") else 1
            if count > 1:
                value = tuple(value) if value else (0,) * count
                parts.append(struct.pack(self.order + form, *value))
            else:
                parts.append(struct.pack(self.order + form, value))
        return b"".join(parts)

    @property
    def nbytes(self) -> int:
        """Length of the header itself."""
        return _SIZES[self.version]

    @property
    def shape(self) -> tuple[int, ...]:
        """Voxels along x, y, z, t, …; at least three numbers.

        Raises
        ------
        ValueError
            If the dimensions make no sense.
        """
        rank, *lengths = self.values["dim"]
        # beyond space a length of 0 is taken for none, as nifti_clib does
        kept = [n or 1 if at > 2 else n for at, n in enumerate(lengths[: max(rank, 0)])]
        if not 1 <= rank <= 7 or any(n < 1 for n in kept):
            raise ValueError(f"dim = {self.values['dim']} are no dimensions")
        while len(kept) > 3 and kept[-1] == 1:
            kept.pop()
        return tuple(kept + [1] * (3 - len(kept)))

    @property
    def dtype(self) -> np.dtype:
        """Type of one number.

        Raises
        ------
        ValueError
            If there is no such type here.
        """
        code = self.values["datatype"]
        if code not in DTYPES:
            raise ValueError(
                f"voxels of datatype {code} cannot be read (long doubles and single bits are of no fixed layout)"
            )
        return np.dtype(self.order + DTYPES[code])

    @property
    def samples(self) -> int:
        """Numbers in a voxel: 3 or 4 for colours."""
        return {128: 3, 2304: 4}.get(self.values["datatype"], 1)

    @property
    def affine(self) -> np.ndarray:
        """(4, 4): voxel index to RAS in mm: sform if it spans a space, else qform, else the spacing alone."""
        values = self.values
        unit = _LENGTHS.get(values["xyzt_units"] & 7, 1.0)
        steps = [abs(step) or 1.0 for step in values["pixdim"][1:4]]
        matrix = np.eye(4)
        rows = np.array(values["srow"], np.float64).reshape(3, 4)
        usable = np.isfinite(rows).all() and abs(np.linalg.det(rows[:, :3])) > 0
        if values["sform_code"] > 0 and (usable or values["qform_code"] <= 0):
            matrix[:3] = rows
        elif values["qform_code"] > 0:
            handed = -1.0 if values["pixdim"][0] < 0 else 1.0
            matrix[:3, :3] = matrix_of_quaternion(values["quatern"]) * (steps[0], steps[1], steps[2] * handed)
            matrix[:3, 3] = values["qoffset"]
        else:
            # Without either, files are taken for radiological: x leads to the left, the centre is at 0
            scale = np.array([-steps[0], steps[1], steps[2]])
            matrix[:3, :3] = np.diag(scale)
            matrix[:3, 3] = -scale * (np.array(self.shape[:3]) - 1) / 2
        matrix[:3] *= unit
        return matrix

    @property
    def time_step(self) -> float | None:
        """Seconds between volumes, ``None`` if the header does not say; without a unit they are taken for seconds."""
        seconds = self.time_unit
        step = self.values["pixdim"][4]
        return step * seconds if seconds and step > 0 else None

    @property
    def time_unit(self) -> float | None:
        """Seconds in the unit of the fourth axis, ``None`` if that is no time."""
        return _SECONDS.get(self.values["xyzt_units"] & 0x38)


def _unpack(content: bytes, order: str, version: int) -> dict[str, Any]:
    values, offset = {}, 0
    for name, form in _LAYOUTS[version]:
        found = struct.unpack_from(order + form, content, offset)
        offset += struct.calcsize(order + form)
        values[name] = found[0] if len(found) == 1 else found
    return values


def code_of(dtype: np.dtype) -> int:
    """Return the datatype code of a NumPy type.

    Raises
    ------
    ValueError
        If NIfTI has none.
    """
    try:
        return _CODES[dtype.newbyteorder("=")]
    except KeyError:
        raise ValueError(f"NIfTI has no type for {dtype} voxels; use volume.pixels.astype() first") from None


def quaternion_of(rotation: np.ndarray) -> tuple[float, float, float]:
    """Return b, c, d of the unit quaternion (a >= 0) of a proper rotation matrix (nifti1.h, method 2)."""
    r = rotation
    candidates = np.array([
        1 + r[0, 0] + r[1, 1] + r[2, 2], 1 + r[0, 0] - r[1, 1] - r[2, 2],
        1 - r[0, 0] + r[1, 1] - r[2, 2], 1 - r[0, 0] - r[1, 1] + r[2, 2],
    ])  # fmt: skip
    which = int(np.argmax(candidates))
    s = 2 * np.sqrt(candidates[which])  # four times the largest component
    if which == 0:
        a, b, c, d = s / 4, (r[2, 1] - r[1, 2]) / s, (r[0, 2] - r[2, 0]) / s, (r[1, 0] - r[0, 1]) / s
    elif which == 1:
        a, b, c, d = (r[2, 1] - r[1, 2]) / s, s / 4, (r[0, 1] + r[1, 0]) / s, (r[0, 2] + r[2, 0]) / s
    elif which == 2:
        a, b, c, d = (r[0, 2] - r[2, 0]) / s, (r[0, 1] + r[1, 0]) / s, s / 4, (r[1, 2] + r[2, 1]) / s
    else:
        a, b, c, d = (r[1, 0] - r[0, 1]) / s, (r[0, 2] + r[2, 0]) / s, (r[1, 2] + r[2, 1]) / s, s / 4
    sign = -1.0 if a < 0 else 1.0
    return float(b * sign), float(c * sign), float(d * sign)


def matrix_of_quaternion(bcd: tuple[float, float, float]) -> np.ndarray:
    """Return the rotation matrix of a quaternion's b, c, d (nifti1.h, method 2)."""
    b, c, d = (float(value) for value in bcd)
    rest = 1 - (b * b + c * c + d * d)
    if rest < 1e-7:  # rounded: a is 0, and the others are brought back to length 1
        length = np.sqrt(b * b + c * c + d * d)
        a, b, c, d = 0.0, b / length, c / length, d / length
    else:
        a = np.sqrt(rest)
    return np.array([
        [a * a + b * b - c * c - d * d, 2 * (b * c - a * d), 2 * (b * d + a * c)],
        [2 * (b * c + a * d), a * a + c * c - b * b - d * d, 2 * (c * d - a * b)],
        [2 * (b * d - a * c), 2 * (c * d + a * b), a * a + d * d - b * b - c * c],
    ])  # fmt: skip
