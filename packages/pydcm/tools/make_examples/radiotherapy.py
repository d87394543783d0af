"""An RT structure set, plan and dose that belong together (PS3.3 §A.18 to §A.20)."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from common import DATE, TIME, fixed_uid, new_instance, save

from pydcm.dataset import Dataset
from pydcm.uid import ImplicitVRLittleEndian

DOSE_CLASS = "1.2.840.10008.5.1.4.1.1.481.2"
STRUCTURES_CLASS = "1.2.840.10008.5.1.4.1.1.481.3"
PLAN_CLASS = "1.2.840.10008.5.1.4.1.1.481.5"
CT_CLASS = "1.2.840.10008.5.1.4.1.1.2"
_FRAME = fixed_uid("rt.frame")
_SLICES = [-30.0, -15.0, 0.0, 15.0, 30.0]
# Number, name, interpreted type, colour, half axes of the ellipse in mm, centre in mm
_STRUCTURES = [
    (1, "BODY", "EXTERNAL", (0, 255, 0), (150, 110), (0, 0)),
    (2, "PTV", "PTV", (255, 0, 0), (30, 25), (0, 0)),
    (3, "CORD", "ORGAN", (255, 255, 0), (8, 8), (0, 60)),
]


def write_all(folder: Path) -> None:
    """Write the three files."""
    save(structures(), folder / "rtstruct.dcm")
    save(plan(), folder / "rtplan.dcm", ImplicitVRLittleEndian)
    save(dose(), folder / "rtdose.dcm")


def instance(name: str, sop_class: str, modality: str) -> Dataset:
    """Return what the three have in common."""
    ds = new_instance(
        name, sop_class, modality, patient="Phantom^Radiotherapy", patient_id="RT-1", study="rt"
    )
    ds.OperatorsName = ""
    ds.FrameOfReferenceUID = _FRAME
    ds.PositionReferenceIndicator = ""
    return ds


def reference(name: str, sop_class: str) -> Dataset:
    """Return an item that refers to an instance."""
    item = Dataset()
    item.ReferencedSOPClassUID = sop_class
    item.ReferencedSOPInstanceUID = fixed_uid(name)
    return item


def contour(half_axes: tuple[float, float], centre: tuple[float, float], z: float) -> Dataset:
    """Return an ellipse at height `z` as a Contour item with 24 points."""
    angles = np.arange(24) * 2 * np.pi / 24
    points = np.stack(
        [
            centre[0] + half_axes[0] * np.cos(angles),
            centre[1] + half_axes[1] * np.sin(angles),
            np.full(24, z),
        ],
        axis=1,
    )
    item = Dataset()
    item.ContourImageSequence = [reference(f"rt.ct{z}", CT_CLASS)]
    item.ContourGeometricType = "CLOSED_PLANAR"
    item.NumberOfContourPoints = len(points)
    item.ContourData = [f"{value:.2f}" for value in points.ravel()]
    return item


def structures() -> Dataset:
    """Return the structure set: a body, a target and a spinal cord on five slices."""
    ds = instance("rt_ss", STRUCTURES_CLASS, "RTSTRUCT")
    ds.StructureSetLabel = "EXAMPLE"
    ds.StructureSetName = "Example structures"
    ds.StructureSetDate = DATE
    ds.StructureSetTime = TIME
    series = Dataset()
    series.SeriesInstanceUID = fixed_uid("rt.ct.series")
    series.ContourImageSequence = [reference(f"rt.ct{z}", CT_CLASS) for z in _SLICES]
    study = reference("rt.study", "1.2.840.10008.3.1.2.3.1")
    study.ReferencedSOPInstanceUID = ds.StudyInstanceUID
    study.RTReferencedSeriesSequence = [series]
    frame = Dataset()
    frame.FrameOfReferenceUID = _FRAME
    frame.RTReferencedStudySequence = [study]
    ds.ReferencedFrameOfReferenceSequence = [frame]
    ds.StructureSetROISequence, ds.ROIContourSequence, ds.RTROIObservationsSequence = [], [], []
    for number, name, kind, colour, half_axes, centre in _STRUCTURES:
        roi = Dataset()
        roi.ROINumber = number
        roi.ReferencedFrameOfReferenceUID = _FRAME
        roi.ROIName = name
        roi.ROIGenerationAlgorithm = "AUTOMATIC"
        ds.StructureSetROISequence.append(roi)
        contours = Dataset()
        contours.ROIDisplayColor = list(colour)
        contours.ContourSequence = [contour(half_axes, centre, z) for z in _SLICES]
        contours.ReferencedROINumber = number
        ds.ROIContourSequence.append(contours)
        observation = Dataset()
        observation.ObservationNumber = number
        observation.ReferencedROINumber = number
        observation.RTROIInterpretedType = kind
        observation.ROIInterpreter = ""
        ds.RTROIObservationsSequence.append(observation)
    ds.ApprovalStatus = "UNAPPROVED"
    return ds


def plan() -> Dataset:
    """Return the plan: two opposed beams on the target in thirty fractions."""
    ds = instance("rt_plan", PLAN_CLASS, "RTPLAN")
    ds.RTPlanLabel = "EXAMPLE"
    ds.RTPlanName = "Two opposed beams"
    ds.RTPlanDate = DATE
    ds.RTPlanTime = TIME
    ds.PlanIntent = "RESEARCH"
    ds.RTPlanGeometry = "PATIENT"

    target = Dataset()
    target.DoseReferenceNumber = 1
    target.DoseReferenceUID = fixed_uid("rt.target")
    target.DoseReferenceStructureType = "VOLUME"
    target.DoseReferenceDescription = "PTV"
    target.DoseReferenceType = "TARGET"
    target.ReferencedROINumber = 2
    target.TargetPrescriptionDose = 60
    ds.DoseReferenceSequence = [target]

    group = Dataset()
    group.FractionGroupNumber = 1
    group.NumberOfFractionsPlanned = 30
    group.NumberOfBeams = 2
    group.NumberOfBrachyApplicationSetups = 0
    group.ReferencedBeamSequence = []
    for number in (1, 2):
        used = Dataset()
        used.BeamDose = 1
        used.BeamMeterset = 110
        used.ReferencedBeamNumber = number
        group.ReferencedBeamSequence.append(used)
    ds.FractionGroupSequence = [group]
    ds.BeamSequence = [beam(1, "AP", 0), beam(2, "PA", 180)]

    setup = Dataset()
    setup.PatientPosition = "HFS"
    setup.PatientSetupNumber = 1
    setup.SetupTechnique = "ISOCENTRIC"
    ds.PatientSetupSequence = [setup]
    ds.ReferencedStructureSetSequence = [reference("rt_ss", STRUCTURES_CLASS)]
    ds.ApprovalStatus = "UNAPPROVED"
    return ds


def beam(number: int, name: str, gantry: float) -> Dataset:
    """Return a static photon beam."""
    item = Dataset()
    item.Manufacturer = "pydcm"
    item.TreatmentMachineName = "Invented"
    item.PrimaryDosimeterUnit = "MU"
    item.SourceAxisDistance = 1000
    item.BeamNumber = number
    item.BeamName = name
    item.BeamType = "STATIC"
    item.RadiationType = "PHOTON"
    item.TreatmentDeliveryType = "TREATMENT"
    item.NumberOfWedges = 0
    item.NumberOfCompensators = 0
    item.NumberOfBoli = 0
    item.NumberOfBlocks = 0
    item.FinalCumulativeMetersetWeight = 1
    item.NumberOfControlPoints = 2
    item.ReferencedPatientSetupNumber = 1
    item.BeamLimitingDeviceSequence = []
    for device in ("ASYMX", "ASYMY"):
        jaw = Dataset()
        jaw.RTBeamLimitingDeviceType = device
        jaw.NumberOfLeafJawPairs = 1
        item.BeamLimitingDeviceSequence.append(jaw)

    start = Dataset()
    start.ControlPointIndex = 0
    start.NominalBeamEnergy = 6
    start.DoseRateSet = 600
    start.BeamLimitingDevicePositionSequence = []
    for device, reach in (("ASYMX", 35), ("ASYMY", 30)):
        position = Dataset()
        position.RTBeamLimitingDeviceType = device
        position.LeafJawPositions = [-reach, reach]
        start.BeamLimitingDevicePositionSequence.append(position)
    start.GantryAngle = gantry
    for keyword in (
        "GantryRotationDirection",
        "BeamLimitingDeviceRotationDirection",
        "PatientSupportRotationDirection",
        "TableTopEccentricRotationDirection",
    ):
        setattr(start, keyword, "NONE")
    start.BeamLimitingDeviceAngle = 0
    start.PatientSupportAngle = 0
    start.TableTopEccentricAngle = 0
    start.TableTopVerticalPosition = None
    start.TableTopLongitudinalPosition = None
    start.TableTopLateralPosition = None
    start.IsocenterPosition = [0, 0, 0]
    start.CumulativeMetersetWeight = 0
    stop = Dataset()
    stop.ControlPointIndex = 1
    stop.CumulativeMetersetWeight = 1
    item.ControlPointSequence = [start, stop]
    return item


def dose() -> Dataset:
    """Return the plan's dose, 15 planes of 10 rows and 10 columns."""
    ds = instance("rt_dose", DOSE_CLASS, "RTDOSE")
    z, y, x = np.meshgrid(
        np.arange(15) * 5 - 35.0, np.arange(10) * 20 - 90.0, np.arange(10) * 20 - 90.0, indexing="ij"
    )
    gray = 60 * np.exp(-((x / 45) ** 4) - (z / 40) ** 4) * (1 - 0.1 * abs(y) / 90)
    scaling = 1e-6
    ds.SliceThickness = 5
    ds.SamplesPerPixel = 1
    ds.PhotometricInterpretation = "MONOCHROME2"
    ds.NumberOfFrames = 15
    ds.FrameIncrementPointer = 0x3004000C
    ds.Rows, ds.Columns = 10, 10
    ds.PixelSpacing = [20, 20]
    ds.ImagePositionPatient = [-90, -90, -35]
    ds.ImageOrientationPatient = [1, 0, 0, 0, 1, 0]
    ds.BitsAllocated = ds.BitsStored = 32
    ds.HighBit = 31
    ds.PixelRepresentation = 0
    ds.DoseUnits = "GY"
    ds.DoseType = "PHYSICAL"
    ds.DoseSummationType = "PLAN"
    ds.GridFrameOffsetVector = [5 * i for i in range(15)]
    ds.DoseGridScaling = scaling
    ds.TissueHeterogeneityCorrection = "IMAGE"
    ds.ReferencedRTPlanSequence = [reference("rt_plan", PLAN_CLASS)]
    ds.PixelData = np.round(gray / scaling).astype("<u4").tobytes()
    return ds
