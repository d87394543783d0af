"""Made series of PET and CT."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydcm import dcmread
from pydcm.dataset import Dataset
from pydcm.sequence import Sequence
from pydcm.uid import CTImageStorage, PositronEmissionTomographyImageStorage

from .made import classic, private

if TYPE_CHECKING:
    from pathlib import Path

MR_ONLY = (
    "MRAcquisitionType",
    "RepetitionTime",
    "EchoTime",
    "FlipAngle",
    "EchoTrainLength",
    "MagneticFieldStrength",
    "ImagingFrequency",
    "InPlanePhaseEncodingDirection",
    "AcquisitionMatrix",
    "PercentPhaseFieldOfView",
    "PercentSampling",
    "PixelBandwidth",
    "SpacingBetweenSlices",
)


def _code(value: str, meaning: str) -> Sequence:
    item = Dataset()
    item.CodeValue, item.CodingSchemeDesignator, item.CodeMeaning = value, "SRT", meaning
    return Sequence([item])


def pet(
    folder: Path,
    maker: str = "SIEMENS",
    volumes: int = 3,
    method: str = "OP-OSEM4i21s",
    *,
    same: bool = False,
) -> Path:
    """Dynamic PET."""

    def fill(ds: Dataset, volume: int, place: int) -> None:
        for keyword in MR_ONLY:
            delattr(ds, keyword)
        ds.Modality, ds.SOPClassUID = "PT", PositronEmissionTomographyImageStorage
        ds.file_meta.MediaStorageSOPClassUID = PositronEmissionTomographyImageStorage
        ds.ImageType, ds.SeriesType = ["ORIGINAL", "PRIMARY"], ["DYNAMIC", "IMAGE"]
        ds.RescaleSlope, ds.RescaleIntercept = "2.5" if same else f"{1 + 0.25 * volume:.6f}", "0"
        ds.SeriesTime, ds.AcquisitionTime = "101200", f"10{12 + volume}{10 * volume:02d}.000000"
        ds.FrameReferenceTime, ds.ActualFrameDuration = (
            f"{1000 * (60 * volume + 30)}",
            f"{60000 + 10000 * volume}",
        )
        ds.Units, ds.DecayCorrection, ds.CountsSource = "BQML", "START", "EMISSION"
        ds.AttenuationCorrectionMethod, ds.ReconstructionMethod = "measured,AC CT", method
        ds.RandomsCorrectionMethod, ds.ScatterCorrectionMethod = "DLYD", "Model-based"
        ds.ConvolutionKernel, ds.ScatterFractionFactor = "XYZ Gauss4.00", "0.35"
        ds.DecayFactor, ds.DoseCalibrationFactor = f"{1.01 + 0.01 * volume}", "1.0"
        ds.NumberOfSlices, ds.NumberOfTimeSlices, ds.ImageIndex = 4, volumes, volume * 4 + place + 1
        item = Dataset()
        item.Radiopharmaceutical, item.RadiopharmaceuticalVolume = "Fluorodeoxyglucose", "5.5"
        item.RadiopharmaceuticalStartTime, item.RadionuclideTotalDose = "091200.00", "350500000"
        item.RadionuclideHalfLife, item.RadionuclidePositronFraction = "6586.2", "0.97"
        item.RadiopharmaceuticalSpecificActivity = "12345"
        item.RadionuclideCodeSequence = _code("C-111A1", "^18^Fluorine")
        item.RadiopharmaceuticalCodeSequence = _code("C-B1031", "Fluorodeoxyglucose F^18^")
        ds.RadiopharmaceuticalInformationSequence = Sequence([item])
        ds.PatientWeight, ds.PatientSize, ds.PatientAge, ds.PatientSex, ds.PatientBirthDate = (
            "70.5",
            "1.75",
            "050Y",
            "F",
            "19760101",
        )
        if maker.startswith("GE"):
            private(ds, 0x0009, "GEMS_PETD_01", {0x3A: ("FL", 5.25), 0x8F: ("FL", 6.4)})

    return classic(folder, maker, fill, volumes=volumes)


def pet_single(folder: Path) -> Path:
    """Static PET."""
    return pet(folder, volumes=1, method="PSF+TOF3i21s")


def pet_ge(folder: Path) -> Path:
    """GE."""
    return pet(folder, "GE MEDICAL SYSTEMS", method="VPFXS", same=True)


def pet_philips(folder: Path) -> Path:
    """Philips."""
    return pet(folder, "Philips Medical Systems", volumes=1, method="BLOB-OS-TF")


def ct(folder: Path, kernel: str = "B30f", exposure: str = "100") -> Path:
    """CT."""

    def fill(ds: Dataset, volume: int, place: int) -> None:
        for keyword in MR_ONLY:
            delattr(ds, keyword)
        ds.Modality, ds.SOPClassUID = "CT", CTImageStorage
        ds.file_meta.MediaStorageSOPClassUID = CTImageStorage
        ds.ImageType = ["ORIGINAL", "PRIMARY", "AXIAL"]
        ds.RescaleSlope, ds.RescaleIntercept, ds.KVP = "1", "-1024", "120"
        ds.ExposureTime, ds.XRayTubeCurrent, ds.ConvolutionKernel = "500", "200", kernel
        ds.Exposure = exposure
        ds.BodyPartExamined, ds.GantryDetectorTilt, ds.TableHeight = "HEAD", "0", "150"
        ds.PatientAge, ds.ScanOptions, ds.InstitutionName, ds.StationName = "050Y", "SPIRAL", "Here", "CT1"

    return classic(folder, "SIEMENS", fill, volumes=1, slices=6)


def ct_numbered(folder: Path) -> Path:
    """CT with a kernel whose name ends in a number."""
    return ct(folder, "FC30")


def ct_unexposed(folder: Path) -> Path:
    """CT whose exposure is said to be none."""
    return ct(folder, exposure="0")


def pet_undated(folder: Path) -> Path:
    """PET without the date of acquisition."""
    pet(folder)
    for path in folder.iterdir():
        ds = dcmread(path)
        del ds.AcquisitionDate
        ds.save_as(path)
    return folder


CASES = ["pet", "pet_single", "pet_ge", "pet_philips", "pet_undated", "ct", "ct_numbered", "ct_unexposed"]
