"""Directory records made from SOP Instances (PS3.3 §F.5).

What a record takes from its instance is a table: per Directory Record Type the keywords, and for each what the record
needs: ``1`` a value; ``1C`` a value if the instance has the element; ``2`` the element, empty where the instance has
none.
"""

from __future__ import annotations

import copy
import functools
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from pydcm.datadict import dictionary_description, dictionary_VR
from pydcm.dataset import Dataset
from pydcm.tag import Tag

if TYPE_CHECKING:
    from collections.abc import Iterable

_CONTENT = "InstanceNumber:1 ContentDate:1 ContentTime:1"
# The Content Identification Macro, PS3.3 Table 10-12
_IDENTIFIED_CONTENT = f"{_CONTENT} ContentLabel:1 ContentDescription:2 ContentCreatorName:2"

_TABLE = {
    "PATIENT": "PatientID:1 PatientName:2",
    "STUDY": "StudyDate:1 StudyTime:1 StudyID:1 StudyDescription:2 StudyInstanceUID:1C AccessionNumber:2",
    "SERIES": "Modality:1 SeriesInstanceUID:1 SeriesNumber:1",
    "IMAGE": "InstanceNumber:1",
    "RT DOSE": "InstanceNumber:1 DoseSummationType:1",
    "RT STRUCTURE SET": "InstanceNumber:1 StructureSetLabel:1 StructureSetDate:2 StructureSetTime:2",
    "RT PLAN": "InstanceNumber:1 RTPlanLabel:1 RTPlanDate:2 RTPlanTime:2",
    "RT TREAT RECORD": "InstanceNumber:1 TreatmentDate:2 TreatmentTime:2",
    "PRESENTATION": (
        "PresentationCreationDate:1 PresentationCreationTime:1 InstanceNumber:1 ContentLabel:1 ContentDescription:2 "
        "ContentCreatorName:2 ReferencedSeriesSequence:1C BlendingSequence:1C"
    ),
    "WAVEFORM": _CONTENT,
    "SR DOCUMENT": (
        "InstanceNumber:1 CompletionFlag:1 VerificationFlag:1 ContentDate:1 ContentTime:1 ConceptNameCodeSequence:1 "
        "VerificationDateTime:1C ContentSequence:1C"
    ),
    "KEY OBJECT DOC": f"{_CONTENT} ConceptNameCodeSequence:1 ContentSequence:1C",
    "SPECTROSCOPY": (
        "ImageType:1 ContentDate:1 ContentTime:1 InstanceNumber:1 NumberOfFrames:1 Rows:1 Columns:1 DataPointRows:1 "
        "DataPointColumns:1 ReferencedImageEvidenceSequence:1C"
    ),
    "RAW DATA": _CONTENT,
    "REGISTRATION": _IDENTIFIED_CONTENT,
    "FIDUCIAL": _IDENTIFIED_CONTENT,
    "HANGING PROTOCOL": (
        "HangingProtocolCreator:1 HangingProtocolCreationDateTime:1 HangingProtocolDefinitionSequence:1 "
        "NumberOfPriorsReferenced:1 HangingProtocolUserIdentificationCodeSequence:2"
    ),
    "ENCAP DOC": (
        "InstanceNumber:1 MIMETypeOfEncapsulatedDocument:1 ContentDate:2 ContentTime:2 DocumentTitle:2 "
        "HL7InstanceIdentifier:1C ConceptNameCodeSequence:2"
    ),
    "VALUE MAP": _IDENTIFIED_CONTENT,
    "STEREOMETRIC": "",
    "PALETTE": "ContentLabel:1 ContentDescription:2",
    "IMPLANT": "Manufacturer:1 ImplantName:1 ImplantPartNumber:1 ImplantSize:1C",
    "IMPLANT ASSY": "ImplantAssemblyTemplateName:1 Manufacturer:1 ProcedureTypeCodeSequence:1",
    "IMPLANT GROUP": "ImplantTemplateGroupName:1 ImplantTemplateGroupIssuer:1",
    "PLAN": "",
    "MEASUREMENT": _IDENTIFIED_CONTENT,
    "SURFACE": _IDENTIFIED_CONTENT,
    "SURFACE SCAN": "ContentDate:1 ContentTime:1",
    "TRACT": _IDENTIFIED_CONTENT,
    "ASSESSMENT": "InstanceNumber:1 InstanceCreationDate:1 InstanceCreationTime:2",
    "RADIOTHERAPY": (
        "InstanceNumber:1 UserContentLabel:1C UserContentLongLabel:1C ContentDescription:2 ContentCreatorName:2"
    ),
}

#: SOP Classes whose instances are described by one record at the top of the tree, by the class's keyword.
_TOP_LEVEL = {
    "HANGING PROTOCOL": "HangingProtocolStorage",
    "PALETTE": "ColorPaletteStorage",
    "IMPLANT": "GenericImplantTemplateStorage",
    "IMPLANT ASSY": "ImplantAssemblyTemplateStorage",
    "IMPLANT GROUP": "ImplantTemplateGroupStorage",
}

#: Record types of the fourth level by the keywords of their SOP Classes; whatever is not listed is an IMAGE.
_FOURTH_LEVEL = {
    "RT DOSE": "RTDoseStorage",
    "RT STRUCTURE SET": "RTStructureSetStorage",
    "RT TREAT RECORD": (
        "RTBeamsTreatmentRecordStorage RTBrachyTreatmentRecordStorage RTTreatmentSummaryRecordStorage "
        "RTIonBeamsTreatmentRecordStorage"
    ),
    "PRESENTATION": (
        "GrayscaleSoftcopyPresentationStateStorage ColorSoftcopyPresentationStateStorage "
        "PseudoColorSoftcopyPresentationStateStorage BlendingSoftcopyPresentationStateStorage "
        "XAXRFGrayscaleSoftcopyPresentationStateStorage BasicStructuredDisplayStorage "
        "AdvancedBlendingPresentationStateStorage VariableModalityLUTSoftcopyPresentationStateStorage "
        "VolumeRenderingVolumetricPresentationStateStorage SegmentedVolumeRenderingVolumetricPresentationStateStorage "
        "MultipleVolumeRenderingVolumetricPresentationStateStorage "
        "GrayscalePlanarMPRVolumetricPresentationStateStorage CompositingPlanarMPRVolumetricPresentationStateStorage"
    ),
    "WAVEFORM": (
        "BasicVoiceAudioWaveformStorage TwelveLeadECGWaveformStorage GeneralECGWaveformStorage "
        "AmbulatoryECGWaveformStorage General32bitECGWaveformStorage HemodynamicWaveformStorage "
        "CardiacElectrophysiologyWaveformStorage ArterialPulseWaveformStorage RespiratoryWaveformStorage "
        "GeneralAudioWaveformStorage RoutineScalpElectroencephalogramWaveformStorage ElectromyogramWaveformStorage "
        "ElectrooculogramWaveformStorage SleepElectroencephalogramWaveformStorage "
        "MultichannelRespiratoryWaveformStorage BodyPositionWaveformStorage"
    ),
    "SR DOCUMENT": (
        "BasicTextSRStorage EnhancedSRStorage ComprehensiveSRStorage Comprehensive3DSRStorage ExtensibleSRStorage "
        "MammographyCADSRStorage ChestCADSRStorage ColonCADSRStorage ProcedureLogStorage XRayRadiationDoseSRStorage "
        "RadiopharmaceuticalRadiationDoseSRStorage PatientRadiationDoseSRStorage "
        "EnhancedXRayRadiationDoseSRStorage SpectaclePrescriptionReportStorage "
        "MacularGridThicknessAndVolumeReportStorage ImplantationPlanSRStorage AcquisitionContextSRStorage "
        "SimplifiedAdultEchoSRStorage PlannedImagingAgentAdministrationSRStorage "
        "PerformedImagingAgentAdministrationSRStorage WaveformAnnotationSRStorage"
    ),
    "KEY OBJECT DOC": "KeyObjectSelectionDocumentStorage",
    "SPECTROSCOPY": "MRSpectroscopyStorage",
    "RAW DATA": "RawDataStorage",
    "REGISTRATION": "SpatialRegistrationStorage DeformableSpatialRegistrationStorage",
    "FIDUCIAL": "SpatialFiducialsStorage",
    "VALUE MAP": "RealWorldValueMappingStorage",
    "STEREOMETRIC": "StereometricRelationshipStorage",
    "MEASUREMENT": (
        "LensometryMeasurementsStorage AutorefractionMeasurementsStorage KeratometryMeasurementsStorage "
        "SubjectiveRefractionMeasurementsStorage VisualAcuityMeasurementsStorage OphthalmicAxialMeasurementsStorage "
        "OphthalmicVisualFieldStaticPerimetryMeasurementsStorage"
    ),
    "SURFACE": "SurfaceSegmentationStorage",
    "SURFACE SCAN": "SurfaceScanMeshStorage SurfaceScanPointCloudStorage",
    "TRACT": "TractographyResultsStorage",
    "ASSESSMENT": "ContentAssessmentResultsStorage",
}

_RADIOTHERAPY_MODALITIES = {"RTINTENT", "RTSEGANN", "RTRAD"}


def require_values(ds: Dataset, keywords: Iterable[str]) -> None:
    """Check that `ds` has each of the elements, with a value.

    Raises
    ------
    ValueError
        Naming the first element that is missing or empty.
    """
    for keyword in keywords:
        if keyword in ds and ds[keyword].VM:
            continue
        tag = Tag(keyword)
        trouble = "element cannot be empty" if keyword in ds else "element is missing"
        raise ValueError(f"The instance's {tag} '{dictionary_description(tag)}' {trouble}")


def _value_of(ds: Dataset, keyword: str) -> Any:
    """Return an element's value for a record, which must not share the instance's sequence items."""
    if dictionary_VR(keyword) != "SQ":
        return ds[keyword].value if keyword in ds else None
    return copy.deepcopy(ds[keyword].value) if keyword in ds else []


def make_record(ds: Dataset, record_type: str) -> Dataset:
    """Return the elements that a directory record of `record_type` takes from the instance `ds`.

    Raises
    ------
    ValueError
        If an element that the record needs is missing or empty.
    """
    wanted = [item.split(":") for item in _TABLE[record_type].split()]
    require_values(ds, [keyword for keyword, need in wanted if need == "1"])
    record = Dataset()
    for keyword, need in wanted:
        if need == "1C":
            if keyword not in ds:
                continue
            require_values(ds, [keyword])
        setattr(record, keyword, _value_of(ds, keyword))
    return record


def _definer(record_type: str) -> Callable[[Dataset], Dataset]:
    def define(ds: Dataset) -> Dataset:
        return make_record(ds, record_type)

    define.__name__ = define.__qualname__ = f"_define_{record_type.lower().replace(' ', '_')}"
    define.__doc__ = f"Return the elements of a {record_type} directory record for the instance `ds`."
    return define


#: Functions that make the directory records, by Directory Record Type. Replace one to change what the DICOMDIR says of
#: every instance added from then on: it gets the instance and returns a data set with the record's elements; those
#: that link records and refer to the file are added to it. PRIVATE records need ``FileSet.add_custom()``.
DIRECTORY_RECORDERS: dict[str, Callable[[Dataset], Dataset]] = {name: _definer(name) for name in _TABLE}


@functools.cache
def _types_by_class(fourth_level: bool) -> dict[str, str]:
    from pydcm import uid

    table = _FOURTH_LEVEL if fourth_level else _TOP_LEVEL
    return {
        str(getattr(uid, keyword)): record_type
        for record_type, keywords in table.items()
        for keyword in keywords.split()
        if hasattr(uid, keyword)
    }


def single_level_record_type(ds: Dataset) -> str:
    """Return the type of the top record for `ds`, which is ``"PATIENT"`` for nearly everything."""
    return _types_by_class(False).get(str(ds.get("SOPClassUID")), "PATIENT")


def four_level_record_type(ds: Dataset) -> str:
    """Return the type of the record below PATIENT, STUDY and SERIES for `ds`."""
    modality = ds.get("Modality")
    if modality in _RADIOTHERAPY_MODALITIES:
        return "RADIOTHERAPY"
    if modality == "PLAN":
        return "PLAN"
    if "EncapsulatedDocument" in ds:
        return "ENCAP DOC"
    if "RTPlanLabel" in ds:
        return "RT PLAN"
    return _types_by_class(True).get(str(ds.get("SOPClassUID")), "IMAGE")


def records_for(ds: Dataset) -> Iterator[Dataset]:
    """Return the directory records of an instance, from the top of the tree downwards.

    Raises
    ------
    ValueError
        If the instance lacks an element that one of the records needs.
    """
    top = single_level_record_type(ds)
    types = [top] if top != "PATIENT" else ["PATIENT", "STUDY", "SERIES", four_level_record_type(ds)]
    records = [_complete_record(ds, record_type) for record_type in types]
    refer_to_instance(records[-1], ds)
    return iter(records)


def _complete_record(ds: Dataset, record_type: str) -> Dataset:
    try:
        record = DIRECTORY_RECORDERS[record_type](ds)
    except ValueError as exc:
        raise ValueError(
            f"Unable to use the default '{record_type}' record creator: {exc}. See DICOM PS3.3 Section F.5. Either "
            "update the instance, define your own record creation function or use 'FileSet.add_custom()' instead"
        ) from exc
    record.OffsetOfTheNextDirectoryRecord = 0
    record.RecordInUseFlag = 0xFFFF
    record.OffsetOfReferencedLowerLevelDirectoryEntity = 0
    record.DirectoryRecordType = record_type
    if "SpecificCharacterSet" in ds:
        record.SpecificCharacterSet = ds.SpecificCharacterSet
    return record


def refer_to_instance(record: Dataset, ds: Dataset) -> None:
    """Make `record` the leaf record of the instance `ds`, whose File ID is not known yet."""
    record.ReferencedFileID = None
    record.ReferencedSOPClassUIDInFile = ds.SOPClassUID
    record.ReferencedSOPInstanceUIDInFile = ds.SOPInstanceUID
    record.ReferencedTransferSyntaxUIDInFile = ds.file_meta.TransferSyntaxUID
