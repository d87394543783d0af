"""What all example files have in common."""

from __future__ import annotations

import uuid
from pathlib import Path

from pydcm.dataset import Dataset, FileMetaDataset
from pydcm.uid import ExplicitVRLittleEndian

DATE = "20240229"
TIME = "101112"


def fixed_uid(name: str) -> str:
    """Return the UID that stands for `name`, the same in every run (PS3.5 §B.2)."""
    return f"2.25.{uuid.uuid5(uuid.NAMESPACE_URL, 'pydcm:example:' + name).int}"


def code(value: str, scheme: str, meaning: str) -> Dataset:
    """Return an item with a coded entry (PS3.3 §8.8)."""
    item = Dataset()
    item.CodeValue = value
    item.CodingSchemeDesignator = scheme
    item.CodeMeaning = meaning
    return item


def new_instance(
    name: str, sop_class: str, modality: str, *, patient: str, patient_id: str, study: str
) -> Dataset:
    """Return a data set with the modules that nearly every IOD has (PS3.3 §C.7.1 to §C.7.5, §C.12.1).

    Parameters
    ----------
    name : str
        What the instance is called here; its UIDs are made of it.
    sop_class : str
        The SOP Class UID.
    modality : str
        The modality.
    patient, patient_id : str
        Whose instance it is.
    study : str
        What the study is called here.
    """
    ds = Dataset()
    ds.SpecificCharacterSet = "ISO_IR 100"
    ds.InstanceCreationDate = DATE
    ds.InstanceCreationTime = TIME
    ds.SOPClassUID = sop_class
    ds.SOPInstanceUID = fixed_uid(name)
    ds.StudyDate = DATE
    ds.ContentDate = DATE
    ds.StudyTime = TIME
    ds.ContentTime = TIME
    ds.AccessionNumber = ""
    ds.Modality = modality
    ds.Manufacturer = "pydcm"
    ds.InstitutionName = "Nowhere General Hospital"
    ds.ReferringPhysicianName = ""
    ds.StudyDescription = "Invented for pydcm"
    ds.SeriesDescription = f"Example {name}"
    ds.ManufacturerModelName = "make_examples"
    ds.PatientName = patient
    ds.PatientID = patient_id
    ds.PatientBirthDate = "19700101"
    ds.PatientSex = "O"
    ds.SoftwareVersions = "1"
    ds.StudyInstanceUID = fixed_uid(f"{study}.study")
    ds.SeriesInstanceUID = fixed_uid(f"{name}.series")
    ds.StudyID = "1"
    ds.SeriesNumber = 1
    ds.InstanceNumber = 1
    return ds


def give_meta(ds: Dataset, transfer_syntax: str = ExplicitVRLittleEndian) -> None:
    """Give `ds` its File Meta Information."""
    ds.file_meta = FileMetaDataset()
    ds.file_meta.TransferSyntaxUID = transfer_syntax
    ds.file_meta.ImplementationClassUID = fixed_uid("implementation")
    ds.file_meta.ImplementationVersionName = "PYDCM_EXAMPLES"


def save(ds: Dataset, path: Path, transfer_syntax: str = ExplicitVRLittleEndian) -> None:
    """Write `ds` as a conformant file."""
    give_meta(ds, transfer_syntax)
    path.parent.mkdir(parents=True, exist_ok=True)
    ds.save_as(path, enforce_file_format=True)
