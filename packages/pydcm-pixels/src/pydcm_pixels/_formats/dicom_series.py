"""A volume as a DICOM series: one file per slice, as CT, MR or Secondary Capture images."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from pydcm.datadict import dictionary_VR
from pydcm.dataset import Dataset, FileMetaDataset
from pydcm.uid import (
    CTImageStorage,
    ExplicitVRLittleEndian,
    MRImageStorage,
    SecondaryCaptureImageStorage,
    generate_uid,
)
from pydcm.valuerep import format_number_as_ds
from pydcm_pixels._formats.dicom_values import Stored, stored_values

if TYPE_CHECKING:
    from os import PathLike

    from pydcm_pixels._volume.model import Volume

__all__ = ["to_dicom_series"]

_NEARLY = 2e-3  # cosine between rows and columns: that of series whose cosines have three digits
_CLASSES = {"CT": CTImageStorage, "MR": MRImageStorage}
# Types 1 and 2 of the modules of each class, PS3.3 §C.7, §C.8.2.1, §C.8.3.1, §C.8.6.1, where no template has a value
_COMMON: dict[str, Any] = {
    "StudyDate": "", "StudyTime": "", "AccessionNumber": "", "Manufacturer": "", "ReferringPhysicianName": "", "PatientName": "",
    "PatientID": "", "PatientBirthDate": "", "PatientSex": "", "StudyID": "", "SeriesNumber": None,
    "PositionReferenceIndicator": "",
}  # fmt: skip
_SPECIFIC: dict[str, dict[str, Any]] = {
    "CT": {"KVP": None, "AcquisitionNumber": None},
    "MR": {
        "ScanningSequence": "RM", "SequenceVariant": "NONE", "ScanOptions": "", "MRAcquisitionType": "", "RepetitionTime": None,
        "EchoTime": None, "EchoTrainLength": None, "MagneticFieldStrength": None,
    },
    "": {"ConversionType": "SYN", "PatientOrientation": ""},
}  # fmt: skip
# Of a template: what belongs to its images' pixels, geometry or files, not to patient, study, equipment or protocol
_NOT_TAKEN = frozenset(
    "ImageType SOPClassUID SOPInstanceUID InstanceCreationDate InstanceCreationTime SeriesInstanceUID SeriesNumber "
    "SeriesDescription InstanceNumber ImagePositionPatient ImageOrientationPatient SliceLocation SliceThickness "
    "SpacingBetweenSlices ImagesInAcquisition TemporalPositionIdentifier NumberOfTemporalPositions TriggerTime "
    "AcquisitionTime AcquisitionDateTime ContentTime ContentDate SharedFunctionalGroupsSequence GantryDetectorTilt "
    "PerFrameFunctionalGroupsSequence DimensionIndexSequence DimensionOrganizationSequence DimensionOrganizationType "
    "RealWorldValueMappingSequence SourceImageSequence ReferencedImageSequence DerivationDescription IconImageSequence "
    "ReconstructionDiameter".split()
)
#: What describes voxels that are written: another value would make other images of them.
_FROM_VOLUME = frozenset(
    "SOPClassUID SOPInstanceUID InstanceNumber Rows Columns BitsAllocated BitsStored HighBit PixelRepresentation PixelData "
    "SamplesPerPixel PhotometricInterpretation PlanarConfiguration NumberOfFrames RescaleSlope RescaleIntercept PixelSpacing "
    "ImagePositionPatient ImageOrientationPatient SliceLocation".split()
)
#: What may tell volumes of one series apart.
_TELLING = frozenset(
    "EchoTime EchoNumbers DiffusionBValue DiffusionGradientOrientation TemporalPositionIdentifier TemporalPositionIndex "
    "InversionTime FlipAngle TriggerTime NominalPercentageOfCardiacPhase FrameReferenceTime ContrastBolusStartTime ImageType "
    "KVP ConvolutionKernel ReceiveCoilName SequenceName ScanOptions ScanningSequence NumberOfAverages AcquisitionTime "
    "AcquisitionDateTime ContentTime RepetitionTime ImageComments".split()
)


def to_dicom_series(
    volume: Volume,
    folder: str | PathLike[str],
    *,
    template: Any = None,
    modality: str | None = None,
    description: str | None = None,
    series_number: int | None = None,
    overwrite: bool = False,
    **elements: Any,
) -> list[Path]:
    """Write a volume as a series of single-frame DICOM files.

    Voxels are stored with 16 bits (8 for 8-bit voxels that are neither CT nor MR, and for colours). Whole numbers that fit
    are stored as they are; others get a rescale slope and intercept for the whole volume and are off by at most half of
    that slope.

    Parameters
    ----------
    volume : Volume
        ``[z, y, x]`` or ``[t, z, y, x]``, or either of three 8-bit colours. Rows and columns have to be perpendicular.
    folder : str or PathLike
        Made if it is not there; gets ``00001.dcm``, ….
    template : Dataset, str or PathLike, optional
        An image whose patient, study, frame of reference, equipment and protocol are taken over; one of the series that
        the volume was made from.
    modality : str, optional
        By default the template's, else what ``volume.meta`` says, else ``"OT"``. CT and MR become images of these classes,
        others Secondary Capture.
    description, series_number : optional
        *Series Description* and *Series Number*.
    overwrite : bool, optional
        Replace files of these names.
    **elements
        Other elements of every file, by keyword: ``PatientID="1"``. Those of voxels and their places are not among them.

    Returns
    -------
    list of pathlib.Path
        The files, z before t.

    Raises
    ------
    ValueError
        If the voxels or the geometry cannot be stored.
    TypeError
        If there is no such element, or `template` is something else.
    FileExistsError
        If one of the files is there, without `overwrite`.

    Notes
    -----
    MR images have no rescale in the standard's own definition (PS3.3 §A.4); where voxels need one it is there nevertheless,
    as scanners do it. Reading gives back the voxels in their places; slices that run against the normal of rows and columns come in reverse
    order, which is how series are read.
    """
    _check_geometry(volume)
    _check_elements(elements)
    source = _template(template)
    kind = modality or source.get("Modality") or volume.meta.get("modality") or "OT"
    stored = stored_values(volume, 16 if kind in _CLASSES and not volume.axes.endswith("c") else 8)
    series = _series_level(volume, source, kind, stored)
    if description is not None:
        series.SeriesDescription = description
    if series_number is not None:
        series.SeriesNumber = series_number
    for name, value in elements.items():
        setattr(series, name, value)
    return _write(volume, series, stored, Path(folder), overwrite)


def _check_geometry(volume: Volume) -> None:
    x, y, _ = volume.direction.T
    if abs(float(x @ y)) > _NEARLY:
        raise ValueError(
            "DICOM images have perpendicular rows and columns, this volume does not: resample it first"
        )


def _check_elements(elements: dict[str, Any]) -> None:
    from pydcm.datadict import tag_for_keyword

    for name in elements:
        if tag_for_keyword(name) is None:
            raise TypeError(f"{name!r} is neither an option nor the keyword of an element")
        if name in _FROM_VOLUME:
            raise ValueError(f"{name} says what the voxels are and where: it comes from the volume")


def _template(template: Any) -> Dataset:
    """Return what is taken over from a template."""
    if template is None:
        return Dataset()
    if isinstance(template, str | os.PathLike):
        from pydcm.filereader import dcmread

        template = dcmread(template, stop_before_pixels=True)
    if not isinstance(template, Dataset):
        raise TypeError(
            f"a template is a path or a pydcm.Dataset, not a {type(template).__module__}.{type(template).__qualname__}; "
            "of a data set of another library give the path of its file"
        )
    taken = Dataset()
    for element in template:
        tag = element.tag
        # The image's pixels (0028), its own private values, overlays and curves, and the pixel data
        if tag.is_private or tag.group == 0x0028 or tag.group >= 0x5000 or element.keyword in _NOT_TAKEN:
            continue
        taken.add(element)
    return taken


def _series_level(volume: Volume, source: Dataset, kind: str, stored: Stored) -> Dataset:
    """Return what all files have."""
    image_class = SecondaryCaptureImageStorage
    if not volume.axes.endswith("c"):
        image_class = _CLASSES.get(kind, image_class)
    series = Dataset()
    series.update(source)
    known = kind if image_class != SecondaryCaptureImageStorage else ""
    for name, value in (_COMMON | _SPECIFIC[known]).items():
        if name not in series:
            setattr(series, name, value)
    meta = volume.meta
    series.SOPClassUID = image_class
    series.ImageType = ["DERIVED", "SECONDARY", *{"CT": ["AXIAL"], "MR": ["OTHER"]}.get(known, [])]
    series.Modality = kind
    for name, key in (
        ("StudyInstanceUID", "study_instance_uid"),
        ("FrameOfReferenceUID", "frame_of_reference_uid"),
    ):
        if not series.get(name):
            setattr(series, name, meta.get(key) or generate_uid())
    series.SeriesInstanceUID = generate_uid()
    spacing = volume.spacing
    x, y, _ = volume.direction.T
    normal = np.cross(x, y)
    distance = abs(float(volume.affine[:3, 2] @ normal))
    series.ImageOrientationPatient = [_text(value) for value in (*x, *y)]
    series.PixelSpacing = [_text(spacing[1]), _text(spacing[0])]
    series.SliceThickness = _text(distance)
    if known == "MR":
        series.SpacingBetweenSlices = _text(distance)
    if not any(name in series for name in ("Laterality", "ImageLaterality", "BodyPartExamined")):
        series.Laterality = ""
    if known and "PatientPosition" not in series:
        series.PatientPosition = ""
    stored.describe(series, known)
    return series


def _text(value: float) -> str:
    """Return a number as a decimal string of at most 16 characters, as near as these allow."""
    text = format_number_as_ds(float(value) + 0.0)  # no negative zero
    # as in pydicom, what is rounded up to a digit more (9.999999999999998) has a character too many, a zero
    return text if len(text) <= 16 else format_number_as_ds(float(text))


def _write(volume: Volume, series: Dataset, stored: Stored, folder: Path, overwrite: bool) -> list[Path]:
    pixels = stored.pixels if volume.axes[0] == "t" else stored.pixels[None]
    n_times, n_slices = pixels.shape[:2]
    width = max(5, len(str(n_times * n_slices)))
    paths = [folder / f"{number + 1:0{width}}.dcm" for number in range(n_times * n_slices)]
    if not overwrite and (there := next((path for path in paths if path.exists()), None)):
        raise FileExistsError(f"{there} is there already; overwrite=True replaces it")
    folder.mkdir(parents=True, exist_ok=True)
    x, y, _ = volume.direction.T
    normal = np.cross(x, y)
    for number, path in enumerate(paths):
        time, at = divmod(number, n_slices)
        position = volume.affine[:3, 3] + at * volume.affine[:3, 2]
        ds = Dataset()
        ds.update(series)
        if n_times > 1:
            _tell_apart(ds, volume.meta, time, n_times)
        ds.SOPInstanceUID = generate_uid()
        ds.InstanceNumber = number + 1
        ds.ImagePositionPatient = [_text(value) for value in position]
        ds.SliceLocation = _text(float(position @ normal))
        data = np.ascontiguousarray(pixels[time, at]).tobytes()
        ds.PixelData = data + b"\0" * (len(data) % 2)
        ds["PixelData"].VR = "OW" if stored.pixels.dtype.itemsize > 1 else "OB"
        ds.file_meta = FileMetaDataset()
        ds.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
        ds.file_meta.MediaStorageSOPClassUID = ds.SOPClassUID
        ds.file_meta.MediaStorageSOPInstanceUID = ds.SOPInstanceUID
        ds.save_as(path, enforce_file_format=True)
    return paths


def _encodable(value: Any, vr: str) -> Any:
    """Return a number, or several, as an element of this VR holds it."""
    if isinstance(value, tuple | list):
        return [_encodable(each, vr) for each in value]
    if vr == "DS":
        return _text(value)
    return int(value) if vr in ("IS", "US", "UL", "SS", "SL") else value


def _tell_apart(ds: Dataset, meta: dict[str, Any], time: int, n_times: int) -> None:
    """Set the elements by which a reader tells volumes of one place apart."""
    told = False
    for name, values in (meta.get("varying") or {}).items():
        if name not in _TELLING or len(values) != n_times:
            continue
        told = told or len(set(map(str, values))) == n_times
        value, vr = values[time], dictionary_VR(name)
        if value is not None:
            ds.add_new(name, vr, _encodable(value, vr))
        elif name in ds:  # the template's
            ds.add_new(name, vr, None)
    if not told:
        ds.TemporalPositionIdentifier = time + 1
        ds.NumberOfTemporalPositions = n_times
    ds.add_new("AcquisitionNumber", "IS", time + 1)
