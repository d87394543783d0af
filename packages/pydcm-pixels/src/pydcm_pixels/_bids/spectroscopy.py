"""Spectra as NIfTI-MRS: complex signals with their facts in a header extension, as dcm2niix writes them.

The format is that of W. Clarke et al., "NIfTI-MRS: A standard data format for magnetic resonance spectroscopy" (2022).
"""

from __future__ import annotations

import json
import math
import os
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from pydcm_pixels._bids.files import keep_whole, write_sidecar
from pydcm_pixels._bids.image_type import is_derived, protocol_name
from pydcm_pixels._bids.naming import clean, echo_mark
from pydcm_pixels._bids.output import Output
from pydcm_pixels._bids.spectra import payload_of
from pydcm_pixels._bids.spectra_places import affine_of, steps_of, volume_of_interest
from pydcm_pixels._bids.spectra_sidecar import is_reference, spectra_sidecar
from pydcm_pixels._formats.nifti_write import write_nifti
from pydcm_pixels._series.grouping import series_key
from pydcm_pixels._series.problems import LeftOut

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable, Iterator

    from pydcm.dataset import Dataset
    from pydcm_pixels._bids.output import Choices
    from pydcm_pixels._bids.spectra import Spectra
    from pydcm_pixels._vendors.header import Header

__all__ = ["Signals", "endings", "grouped", "read_signals", "reference_name", "write_signals"]

#: Code of the header extension of NIfTI-MRS, and the name that says its version.
_EXTENSION, _INTENT = 44, "mrs_v0_11"
#: Positions, directions and distances that differ by less (mm) are of one voxel.
_NEAR = 1e-4
_MAKERS = frozenset(("Siemens", "GE", "Philips", "UIH", "Canon", "Bruker"))


class Signals(NamedTuple):
    """What is written into one file.

    Attributes
    ----------
    spectra : list of Spectra
        The files that it was read from.
    samples : numpy.ndarray
        Complex, ``[dynamic, point, z, y, x]``.
    reference : numpy.ndarray or None
        Signals without water suppression that the same files hold, of the same shape.
    notes : list of str
        What was left out.
    """

    spectra: list[Spectra]
    samples: np.ndarray
    reference: np.ndarray | None
    notes: list[str]


def grouped(files: Iterable[Spectra], merge: bool = False) -> list[list[Spectra]]:
    """Return files whose signals go into one output together, in the order of acquisition.

    As in dcm2niix a series is split by contrast (unless its files are to be merged); by voxel as well, where dcm2niix
    gives up.
    """
    series: dict[Hashable, list[list[Spectra]]] = {}
    for one in files:
        header = one.header
        numbers = (header.number(tag) or 0.0 for tag in (0x00180080, 0x00181314))
        echo = header.number(0x00189082) or header.number(0x00180081) or 0.0
        key = (
            series_key(header.frame),
            (header.maker, one.kind, one.points, one.grid, one.conjugated, is_derived(header)),
            () if merge else (echo, header.integer(0x00180086), *numbers, protocol_name(header)),
            round(one.width, 3),
        )
        groups = series.setdefault(key, [])
        for members in groups:
            if _is_near(one, members[0]):
                members.append(one)
                break
        else:
            groups.append([one])
    result = [members for groups in series.values() for members in groups]
    for members in result:
        members.sort(key=lambda one: (one.header.integer(0x00200013), one.header.text(0x00080032), one.path))
    return result


def _is_near(one: Spectra, other: Spectra) -> bool:
    """Say whether two files are of one voxel."""
    return all(
        len(a) == len(b) and all(abs(x - y) <= _NEAR for x, y in zip(a, b, strict=True))
        for a, b in (
            (one.position, other.position),
            (one.orientation, other.orientation),
            ((*one.spacing, one.thickness), (*other.spacing, other.thickness)),
        )
    )


def endings(groups: list[list[Spectra]]) -> list[str]:
    """Return endings of names that tell the outputs of a series apart: echo time, orientation, coil."""
    series: dict[Hashable, list[list[Spectra]]] = {}
    for members in groups:
        series.setdefault(series_key(members[0].header.frame), []).append(members)
    result = []
    for members in groups:
        first = members[0]
        alike = [one[0] for one in series[series_key(first.header.frame)]]
        ending = ""
        if len({one.header.text(0x00181250) for one in members}) > 1:
            ending += f"_c{clean(first.header.text(0x00181250))}"
        if len({_contrast(one.header) for one in alike}) > 1:
            ending += f"_e{echo_mark(first.header)}"
        if len({tuple(round(value, 3) for value in one.orientation) for one in alike}) > 1:
            ending += f"_i{_number(first):05d}"
        result.append(ending)
    return result


def _contrast(header: Header) -> tuple[float, ...]:
    tags = (0x00189082, 0x00180081, 0x00180080, 0x00181314)
    return tuple(header.number(tag) or 0.0 for tag in tags)


def _number(one: Spectra) -> int:
    """Return the number of an instance; of XA's, after that of the series, as dcm2niix has it."""
    modern = one.header.maker == "Siemens" and "XA" in one.header.text(0x00181020)[1:]
    return one.header.integer(0x00200013) + (1000 * one.header.integer(0x00200011) if modern else 0)


def read_signals(members: list[Spectra]) -> Signals:
    """Read the samples of files that belong together.

    Raises
    ------
    LeftOut
        If a file does not hold as many as its header says.
    """
    first = members[0]
    columns, rows, frames = first.grid if first.is_grid else (1, 1, 1)
    voxels = columns * rows * frames
    expected = 8 * voxels * first.points
    parts, several = [], set()
    for one in members:
        content, order = payload_of(_read(one.path))
        if not content or len(content) % expected or (first.is_grid and len(content) != expected):
            where = "" if one is first else f" in {one.path}"
            raise LeftOut(
                f"spectra of {len(content)} bytes{where}, {expected} expected for "
                f"{columns} x {rows} x {frames} voxels of {first.points} complex samples"
            )
        several.add(len(content) // expected)
        parts.append(np.frombuffer(content, order + "f4"))
    times = several.pop() if len(several) == 1 else 1
    dynamics = times if times > 2 and len(members) == 1 and first.header.maker == "Philips" else 1
    notes = []
    if several or times > max(dynamics, 2):
        notes.append(
            "files hold several signals of which the first is taken: the header does not say what the others are"
        )
    count = dynamics * expected // 4
    samples = _arranged(first, [part[:count] for part in parts], dynamics)
    reference = None
    if times == 2 and dynamics == 1 and not first.is_grid:
        reference = _arranged(first, [part[count : 2 * count] for part in parts], dynamics)
    return Signals(members, samples, reference, notes)


def _read(path: str) -> Dataset:
    from pydcm.filereader import dcmread

    return dcmread(path, force=True)


def _arranged(first: Spectra, parts: list[np.ndarray], dynamics: int) -> np.ndarray:
    """Return samples as ``[dynamic, point, z, y, x]``, as NIfTI has them."""
    pairs = np.stack(parts).astype("<f4")
    if first.conjugated:
        pairs[:, 1::2] = np.where(pairs[:, 1::2] == 0, pairs[:, 1::2], -pairs[:, 1::2])
    if first.is_grid:
        pairs += np.float32(0)  # no negative zeros, which fill up spectra
    samples = pairs.view("<c8")
    if not first.is_grid:
        return samples.reshape(len(parts) * dynamics, first.points, 1, 1, 1)
    columns, rows, frames = first.grid
    if first.header.maker == "UIH":  # columns outermost; x of the file are its rows
        grid = samples.reshape(len(parts), columns, rows, frames, first.points)
        return np.ascontiguousarray(grid.transpose(0, 4, 3, 1, 2))
    grid = samples.reshape(len(parts), frames, rows, columns, first.points)
    return np.ascontiguousarray(grid.transpose(0, 4, 1, 2, 3))


def extension(signals: Signals, sidecar: dict[str, Any], of_water: bool, personal: bool) -> bytes | None:
    """Return NIfTI-MRS's header extension, ``None`` without frequency or nucleus, which it must have.

    Parameters
    ----------
    signals : Signals
        What is written.
    sidecar : dict
        Its sidecar.
    of_water : bool
        Whether the signals are of water.
    personal : bool
        Whether the patient and the names of files may be in it.
    """
    one = signals.spectra[0]
    header = one.header
    if one.frequency <= 0 or not one.nucleus:
        return None
    facts: dict[str, Any] = {
        "SpectrometerFrequency": [one.frequency],
        "ResonantNucleus": [one.nucleus],
        "dim_5": "DIM_DYN",
        "SpectralWidth": one.width,
        "EchoTime": sidecar.get("EchoTime", 0),
        "RepetitionTime": sidecar.get("RepetitionTime", 0),
        "InversionTime": sidecar.get("InversionTime", 0),
        "ExcitationFlipAngle": sidecar.get("FlipAngle", 0),
        "Manufacturer": header.maker if header.maker in _MAKERS else "",
    }
    for name in (
        "ManufacturersModelName",
        "DeviceSerialNumber",
        "SoftwareVersions",
        "InstitutionName",
        "InstitutionAddress",
    ):
        facts[name] = sidecar.get(name, "")
    facts["TxCoil"], facts["RxCoil"] = header.text(0x00181251), header.text(0x00181250)
    for name in ("SequenceName", "ProtocolName", "PatientPosition"):
        facts[name] = sidecar.get(name, "")
    if personal:
        facts["PatientName"], facts["PatientID"] = header.name(0x00100010), header.text(0x00100020)
        facts["PatientWeight"] = header.number(0x00101030) or 0
        facts["PatientDoB"] = header.text(0x00100030)
        sex = header.text(0x00100040)[:1]
        facts["PatientSex"] = sex if sex in "MFO" else ""
    facts = {name: value for name, value in facts.items() if value or name == "InversionTime"}
    facts["WaterSuppressed"] = not of_water
    if voi := volume_of_interest(one):
        facts["VOI"] = voi
    from pydcm_pixels import __version__

    facts["ConversionMethod"] = f"pydcm {__version__}"
    facts["kSpace"] = [False, False, False]
    if personal:
        facts["OriginalFile"] = [os.path.basename(member.path) for member in signals.spectra]
    return json.dumps(facts, ensure_ascii=False, separators=(",", ":")).encode()


def write_signals(
    signals: Signals, base: str, sidecar: dict[str, Any], choices: Choices, *, personal: bool
) -> Iterator[Output]:
    """Write signals, and those of water beside them.

    Parameters
    ----------
    signals : Signals
        What to write.
    base : str
        Path without ending.
    sidecar : dict
        The sidecar of an image with this header.
    choices : Choices
        How to write.
    personal : bool
        Whether the patient may be in the header extension.
    """
    of_water = signals.reference is None and is_reference(signals.spectra[0])
    yield _write(signals, base, sidecar, choices, of_water, personal)
    if signals.reference is not None:
        other = signals._replace(samples=signals.reference, reference=None, notes=[])
        yield _write(other, reference_name(base), sidecar, choices, True, personal)


def reference_name(base: str) -> str:
    """Return the name of what is written beside spectra: BIDS' suffix instead of theirs, or after the name."""
    folder, name = os.path.split(base)
    before, found, after = name.rpartition("_svs")
    return os.path.join(folder, f"{before}_mrsref{after}" if found else f"{name}_mrsref")


def _write(
    signals: Signals, base: str, sidecar: dict[str, Any], choices: Choices, of_water: bool, personal: bool
) -> Output:
    one = signals.spectra[0]
    sidecar = spectra_sidecar(one, sidecar, dynamics=len(signals.samples), of_water=of_water)
    path = f"{base}{choices.ending}"
    with keep_whole(choices.new) as files:
        if choices.voxels:
            facts = extension(signals, sidecar, of_water, personal)
            _write_nifti(path, signals, facts, choices)
            files.append(path)
        if choices.sidecar:
            files.append(write_sidecar(base, sidecar))
    notes = list(signals.notes)
    if affine_of(one) is None:
        notes.append("nothing says where the signal is from: the file has no affine")
    dynamics, points, *grid = signals.samples.shape
    shape = (dynamics, points, *grid) if dynamics > 1 else (points, *grid)
    return Output(path, list(files), shape, notes)


def _write_nifti(path: str, signals: Signals, facts: bytes | None, choices: Choices) -> None:
    one = signals.spectra[0]
    samples = signals.samples if len(signals.samples) > 1 else signals.samples[0]
    affine = affine_of(one)
    steps = steps_of(one)
    known = "PixelSpacing" in one.header.ds or math.prod(steps) > 0
    sense = -1.0 if one.is_grid and one.header.maker == "UIH" else 1.0
    values = {
        "pixdim": (
            sense,
            *(steps if known else (1.0, 1.0, 0.0)),
            1 / one.width if one.width > 0 else 1.0,
            1,
            1,
            1,
        ),
        "xyzt_units": 2 + 8,
        "scl_slope": 1.0,
        "sform_code": 0 if affine is None else 2,
        "srow": (0.0,) * 12 if affine is None else tuple(affine[:3].ravel()),
        "intent_name": _INTENT.encode() if facts is not None else b"",
    }
    extensions = [(_EXTENSION, facts)] if facts is not None else []
    write_nifti(path, samples, values, extensions=extensions, level=choices.level)
