"""One file of spectra: its header, whichever of the places they are in, and its samples.

Two kinds of files hold them: *MR Spectroscopy Storage* (PS3.3 §A.36.3) with *Spectroscopy Data*, and Siemens' older private
class whose facts are in the CSA header and whose samples are in a private element.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from pydcm.dataset import Dataset
from pydcm_pixels._series import fields
from pydcm_pixels._series.private import find_private
from pydcm_pixels._series.problems import CSA_NON_IMAGE, LeftOut
from pydcm_pixels._vendors.csa import floats
from pydcm_pixels._vendors.header import Header, header_of

__all__ = ["Spectra", "is_spectra", "payload_of", "spectra_of", "without_payload"]

_DATA = 0x56000020
_SHARED, _PER_FRAME = 0x52009229, 0x52009230
#: What an entry of the CSA header stands for, with the number of its values; public elements come first.
_ENTRIES = {
    "ImageOrientationPatient": ("ImageOrientationPatient", 6),
    "VoiPosition": ("ImagePositionPatient", 3),
    "SliceThickness": ("SliceThickness", 1),
    "Columns": ("Columns", 1),
    "Rows": ("Rows", 1),
    "NumberOfFrames": ("NumberOfFrames", 1),
    "SpectroscopyAcquisitionDataColumns": ("DataPointColumns", 1),
    "ImagingFrequency": ("ImagingFrequency", 1),
    "RepetitionTime": ("RepetitionTime", 1),
    "EchoTime": ("EchoTime", 1),
    "InversionTime": ("InversionTime", 1),
    "FlipAngle": ("FlipAngle", 1),
    "NumberOfAverages": ("NumberOfAverages", 1),
}
_TEXTS = {
    "ImagedNucleus": "ResonantNucleus",
    "TransmittingCoil": "TransmitCoilName",
    "SequenceName": "SequenceName",
}
_WHOLE = frozenset(("Columns", "Rows", "NumberOfFrames", "DataPointColumns"))
#: Entries one of which spectra have: the class is that of other things too.
_MARKS = (
    "SpectroscopyAcquisitionDataColumns",
    "ImagedNucleus",
    "RealDwellTime",
    "VoiPosition",
    "VoiPhaseFoV",
    "VoiReadoutFoV",
    "VoiThickness",
)
_MOST_ECHOES = 64
_EFFECTIVE_ECHO = 0x00189082
_GRIDS = ("ROW", "PLANE", "VOLUME")
#: Without a distance of rows and columns, as NIfTI has it, mm.
_NO_SPACING = (1.0, 1.0)


@dataclass(frozen=True)
class Spectra:
    """What one file holds.

    Attributes
    ----------
    path : str
        The file.
    header : Header
        Its header; of Siemens' private class with the facts of the CSA header in the standard's elements.
    kind : str
        *MR Spectroscopy Acquisition Type*, ``""`` if the file does not say.
    points : int
        Samples of each signal.
    grid : tuple of int
        Columns, rows and frames.
    width : float
        Spectral width in Hz, 0 if it is not known.
    frequency : float
        Of the spectrometer in MHz, 0 if it is not known.
    nucleus : str
        Such as ``1H``.
    orientation : tuple of float
        Direction of rows and columns (LPS), empty if it is not known.
    position : tuple of float
        Of the voxel, or of the first one of a grid, in mm (LPS); empty if it is not known.
    spacing : tuple of float
        Between the centres of rows and of columns in mm, as *Pixel Spacing* has them.
    thickness : float
        Of the slice in mm, 0 if it is not known.
    voxel : tuple of float
        Extent of the excited volume along the slice, the columns and the rows, in mm; empty without.
    centre : tuple of float
        Of the excited volume in mm (LPS); empty without.
    """

    path: str
    header: Header
    kind: str
    points: int
    grid: tuple[int, int, int]
    width: float
    frequency: float
    nucleus: str
    orientation: tuple[float, ...]
    position: tuple[float, ...]
    spacing: tuple[float, float]
    thickness: float
    voxel: tuple[float, ...]
    centre: tuple[float, ...]

    @property
    def is_grid(self) -> bool:
        """Whether signals were acquired of several voxels: spectroscopic imaging."""
        return self.kind in _GRIDS or (not self.kind and max(self.grid) > 1)

    @property
    def conjugated(self) -> bool:
        """Whether the imaginary part has the other sign than in NIfTI-MRS, as dcm2niix and spec2nii found it."""
        maker = self.header.maker
        if maker == "Philips":
            return not self.is_grid
        if maker != "Siemens":
            return False
        return bool(self.kind) if self.is_grid else "XA" in self.header.text(0x00181020)[1:]


def is_spectra(ds: Dataset) -> bool:
    """Say whether a file without images holds spectra."""
    if _DATA in ds:
        return True
    if fields.text(ds, 0x00080016) != CSA_NON_IMAGE or "DIFFUSION" in fields.text(ds, 0x00080008):
        return False
    header = header_of(ds)
    return any(header.csa(name) for name in _MARKS) or bool(fields.integer(ds, 0x00289002))


def payload_of(ds: Dataset) -> tuple[bytes, str]:
    """Return the samples of a file as they are stored, and the order of their bytes; none if it has none."""
    if _DATA in ds:
        value = ds[_DATA].value
        big = ds.file_meta.get("TransferSyntaxUID") == "1.2.840.10008.1.2.2"
        return _bytes_of(value), ">" if big else "<"
    tag = find_private(ds, 0x7FE1, "", 0x10)
    return (_bytes_of(ds[tag].value) if tag is not None else b""), "<"


def without_payload(ds: Dataset) -> Dataset:
    """Return a data set without the elements that hold samples, which may be large."""
    for tag in (_DATA, *(0x7FE10010 | block << 8 for block in range(0x10, 0x20))):
        if tag in ds:
            del ds[tag]
    return ds


def _bytes_of(value: Any) -> bytes:
    if isinstance(value, bytes | bytearray | memoryview):
        return bytes(value)
    return np.asarray(value, dtype="<f4").tobytes() if value is not None else b""


def spectra_of(path: str, ds: Dataset) -> Spectra:
    """Return what a file of spectra holds; the data set is completed, and its samples are let go.

    Raises
    ------
    LeftOut
        If it does not say how many samples a signal has.
    """
    classic = fields.text(ds, 0x00080016) == CSA_NON_IMAGE
    voxel: tuple[float, ...] = ()
    centre: tuple[float, ...] = ()
    if classic:
        voxel, centre = _complete(ds)
    for keyword in ("Rows", "Columns", "NumberOfFrames"):
        if keyword not in ds:
            setattr(ds, keyword, 1)
    if not ds.get("Modality"):
        ds.Modality = "MR"
    if _SHARED in ds and not fields.items(ds, _PER_FRAME):  # else what is shared is not looked at
        ds.PerFrameFunctionalGroupsSequence = [Dataset()]
    header = header_of(ds, path)
    kind = header.text(0x00189200)
    kind = kind if kind in ("SINGLE_VOXEL", *_GRIDS) else ""
    if kind not in _GRIDS and (kind or max(_grid(header)) == 1) and _add_echoes(header):
        header = header_of(ds, path)
    points = header.integer(0x00289002)
    if points < 1 and classic:
        points = len(payload_of(ds)[0]) // (8 * math.prod(_grid(header)))
    without_payload(ds)
    if points < 1:
        raise LeftOut("spectra without (0028,9002) Data Point Columns: the number of samples is not known")
    if not classic:
        voxel, centre = _slabs(header)
    orientation = tuple(header.numbers(0x00200037))
    position = tuple(header.numbers(0x00200032))
    spacing = header.numbers(0x00280030)
    return Spectra(
        path,
        header,
        kind,
        points,
        _grid(header),
        _width(header),
        header.number(0x00189098) or header.number(0x00180084) or 0.0,
        header.text(0x00189100),
        orientation if len(orientation) == 6 else (),
        position if len(position) == 3 else (),
        (spacing[0], spacing[1]) if len(spacing) == 2 else _NO_SPACING,
        header.number(0x00180050) or 0.0,
        voxel,
        centre,
    )


def _grid(header: Header) -> tuple[int, int, int]:
    columns, rows, frames = (max(header.integer(tag), 1) for tag in (0x00280011, 0x00280010, 0x00280008))
    return columns, rows, frames


def _width(header: Header) -> float:
    """Return the spectral width, by the time between samples if that is told in nanoseconds."""
    for group, creator, element in ((0x0021, "SIEMENS MR SDI 02", 0x42), (0x0019, "SIEMENS MR HEADER", 0x18)):
        dwell = header.private_number(group, creator, element)
        if dwell and dwell > 0:
            return 1e9 / dwell
    return header.number(0x00189052) or 0.0


def _slabs(header: Header) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Return the extents and the centre of the excited volume: the slabs that cut it out, in the order of the file."""
    slabs = list(header.items(0x00189126))[:3]
    extents = [fields.number(slab, 0x00189104) or 0.0 for slab in slabs]
    centre = fields.floats(slabs[0], 0x00189106, 3) if extents else ()
    if not centre or extents[0] <= 0:
        return (), ()
    return _filled(extents), centre


def _filled(extents: list[float]) -> tuple[float, ...]:
    """Return three extents; those that are not told are taken for the first."""
    padded = [*extents, 0.0, 0.0][:3]
    return tuple(extent if extent > 0 else extents[0] for extent in padded)


def _complete(ds: Dataset) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Put the facts of Siemens' CSA header into the standard's elements; return extents and centre of the volume."""
    header = header_of(ds)
    entry = {
        name: [one for one in floats(header.csa(name)) if math.isfinite(one)]
        for name in (*_ENTRIES, "PixelSpacing", "VoiPhaseFoV", "VoiReadoutFoV", "VoiThickness")
    }
    for name, (keyword, count) in _ENTRIES.items():
        found = entry[name][:count]
        if len(found) == count and keyword not in ds:
            exact = [int(one) for one in found] if keyword in _WHOLE else found
            setattr(ds, keyword, exact[0] if count == 1 else exact)
    extents = [next(iter(entry[name]), 0.0) for name in ("VoiThickness", "VoiPhaseFoV", "VoiReadoutFoV")]
    steps = entry["PixelSpacing"] if len(entry["PixelSpacing"]) == 2 else extents[1:]
    if "PixelSpacing" not in ds and max(steps) > 0:  # the standard has the distance of rows first
        ds.PixelSpacing = [step if step > 0 else 1.0 for step in reversed(steps)]
    if "SliceThickness" not in ds and extents[0] > 0:
        ds.SliceThickness = extents[0]
    dwell = floats(header.csa("RealDwellTime"))
    if dwell and dwell[0] > 0 and "SpectralWidth" not in ds:
        ds.SpectralWidth = 1e9 / dwell[0]
    for name, keyword in _TEXTS.items():
        text = next(iter(header.csa(name)), "").strip()
        if text and keyword not in ds:
            setattr(ds, keyword, text)
    coils = [next(iter(header.csa(name)), "").strip() for name in ("ReceivingCoil", "ImaCoilString")]
    if any(coils):
        ds.ReceiveCoilName = next(one for one in reversed(coils) if one)
    centre = tuple(entry["VoiPosition"])
    return (_filled(extents), centre) if extents[0] > 0 and len(centre) == 3 else ((), ())


def _add_echoes(header: Header) -> bool:
    """Put the sum of the protocol's echo times in place of the echo time: pulses after the first have times of their own.

    Say whether something was changed.
    """
    total = 0.0
    for at in range(_MOST_ECHOES):
        time = header.protocol.number(f"alTE[{at}]")
        if time is None:
            break
        total += time / 1000
    if header.maker != "Siemens" or total <= 0:
        return False
    holder = header.frame.find(_EFFECTIVE_ECHO) if header.frame.groups is not None else None
    if holder is not None:
        holder.EffectiveEchoTime = total
    else:
        header.ds.EchoTime = total
    return True
