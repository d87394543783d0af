"""The sidecar of spectra: what BIDS asks for beside the fields of an image."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pydcm_pixels._bids.spectra_places import volume_of_interest

if TYPE_CHECKING:
    from pydcm_pixels._bids.spectra import Spectra

__all__ = ["is_reference", "spectra_sidecar"]

#: Words in names of series that were acquired without water suppression.
_WATER = ("wrsoff", "wrs_off", "no_Water_Suppression", "no_water_suppression", "noWS", "_mrsref")
#: What the sidecar of spectra is put before: the fields that dcm2niix writes later.
_LATER = (
    "TotalReadoutTime",
    "PixelBandwidth",
    "PhaseEncodingAxis",
    "PhaseEncodingDirection",
    "SliceTiming",
    "ImageOrientationPatientDICOM",
    "ImageOrientationText",
    "InPlanePhaseEncodingDirectionDICOM",
    "BidsGuess",
    "ConversionSoftware",
)
#: What an image's sidecar has otherwise, and its fields of coils.
_REPLACED = ("DwellTime", "ScanningSequence", "SliceTiming", "BidsGuess")
_COILS = ("ReceiveCoilName", "ReceiveCoilActiveElements", "CoilString")


def is_reference(one: Spectra) -> bool:
    """Say whether the name of the series says that its signals are of water."""
    tags = (0x0008103E, 0x00181030, 0x00180024, 0x00189005)
    names = [one.header.text(tag) for tag in tags]
    return any(word in name for name in names for word in _WATER)


def _guess(one: Spectra, of_water: bool) -> list[str] | None:
    """Return BIDS' data type and suffix, ``None`` if nothing says where the signal is from."""
    if one.is_grid:
        return ["mrs", "_mrsi"]
    localized = max(one.grid) == 1 and one.thickness > 0 and min(one.spacing) > 1
    if one.kind != "SINGLE_VOXEL" and (one.kind or not localized):
        return None
    return ["mrs", "_mrsref" if of_water else "_svs"]


def spectra_sidecar(
    one: Spectra, sidecar: dict[str, Any], *, dynamics: int = 1, of_water: bool | None = None
) -> dict[str, Any]:
    """Return the sidecar of an image with what there is to say of spectra.

    Parameters
    ----------
    one : Spectra
        The first file.
    sidecar : dict
        That of an image with its header.
    dynamics : int, optional
        How many signals of a voxel are in one output.
    of_water : bool, optional
        Whether water was not suppressed; by default the names of the series say it.
    """
    if of_water is None:
        of_water = is_reference(one)
    own: dict[str, Any] = {}
    if one.width > 0:
        own["SpectralWidth"], own["DwellTime"] = one.width, 1 / one.width
    if one.frequency > 0:
        own["SpectrometerFrequency"] = [one.frequency]
    if one.nucleus:
        own["ResonantNucleus"] = [one.nucleus]
    own["NumberOfSpectralPoints"] = one.points
    if min(*one.spacing, one.thickness) > 0:
        own["AcquisitionVoxelSize"] = [*one.spacing, one.thickness]
    averages = one.header.number(0x00180083) or 0
    own["NumberOfTransients"] = max(int(averages), 1) * dynamics
    own["ScanningSequence"] = (
        "MRSI" if one.is_grid else "SVS" if one.kind == "SINGLE_VOXEL" else "Unlocalized MRS"
    )
    if not one.is_grid or dynamics > 1:
        own["dim_5"] = "DIM_DYN"
    if transmitter := one.header.text(0x00181251):
        own["TransmitCoilName"] = transmitter
    own["InversionTime"] = sidecar.get("InversionTime", 0)
    own["WaterSuppressed"] = not of_water
    if voi := volume_of_interest(one):
        own["VOI"] = voi
    kind = one.kind
    if one.is_grid and not kind:
        columns, rows, frames = one.grid
        kind = "VOLUME" if frames > 1 else "PLANE" if rows > 1 else "ROW" if columns > 1 else ""
    if kind:
        own["MRSpectroscopyAcquisitionType"] = kind
    return _merged(sidecar, own, _guess(one, of_water), _coil(one))


def _coil(one: Spectra) -> str:
    """Return the coil of Siemens' spectra with a protocol, ``""`` of others: what the header says, not the protocol."""
    return one.header.text(0x00181250) if one.header.maker == "Siemens" and one.header.protocol else ""


def _merged(
    sidecar: dict[str, Any], own: dict[str, Any], guess: list[str] | None, coil: str
) -> dict[str, Any]:
    """Return fields in the order in which dcm2niix writes them."""
    result: dict[str, Any] = {}
    for name, value in sidecar.items():
        if name in _COILS and coil:
            result["ReceiveCoilName"] = coil
        if name in _LATER and own:
            result |= own
            own = {}
        if name == "ConversionSoftware" and guess:
            result["BidsGuess"] = guess
        if name not in _REPLACED and (name != "ReceiveCoilName" or not coil):
            result[name] = value
    return result
