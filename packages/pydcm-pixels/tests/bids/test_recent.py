"""Sidecars of many files: what was made for one is taken for others only if their headers say the same."""

from __future__ import annotations

import struct
from io import BytesIO

import pytest

from pydcm import dcmread
from pydcm.dataset import Dataset, FileMetaDataset
from pydcm.uid import ExplicitVRLittleEndian, MRImageStorage, generate_uid
from pydcm_pixels._bids import sidecar as module
from pydcm_pixels.volume import bids_sidecar

MAKERS = {"Siemens": "SIEMENS", "GE": "GE MEDICAL SYSTEMS", "Philips": "Philips Medical Systems"}


def csa(entries):
    content = b"SV10\4\3\2\1" + struct.pack("<II", len(entries), 77)
    for name, values in entries.items():
        content += struct.pack("<64si4siii", name.encode(), 1, b"LO", 0, len(values), 77)
        for value in values:
            content += struct.pack("<4i", 0, len(value), 77, 0) + value.encode().ljust(
                -(-len(value) // 4) * 4, b"\0"
            )
    return content


def private(maker):
    """Return private elements: group, creator, and what is in it."""
    if maker == "Siemens":
        protocol = (
            b"### ASCCONV BEGIN ###\nsKSpace.lBaseResolution = 96\nsPat.ucPATMode = 2\n### ASCCONV END ###"
        )
        image = csa(
            {
                "BandwidthPerPixelPhaseEncode": ["21.5"],
                "PhaseEncodingDirectionPositive": ["1"],
                "B_value": ["5"],
            }
        )
        return [
            (
                0x0019,
                "SIEMENS MR HEADER",
                {0x0A: ("US", 4), 0x18: ("IS", 2500), 0x29: ("FD", [0.0, 20.0, 40.0, 60.0])},
            ),
            (0x0051, "SIEMENS MR HEADER", {0x0E: ("LO", "Tra"), 0x0F: ("LO", "HEA"), 0x11: ("LO", "p2")}),
            (0x0029, "SIEMENS CSA HEADER", {0x10: ("OB", image), 0x20: ("OB", protocol)}),
        ]
    if maker == "GE":
        parts = {
            0x02: ("SS", 3),
            0x2C: ("SS", 500),
            0x83: ("DS", ["0.5", "1"]),
            0xB2: ("LO", ["1", "2", "30.5"]),
        }
        return [
            (0x0019, "GEMS_ACQU_01", {0x5A: ("SL", 90000), 0x9C: ("LO", "epi2"), 0x9E: ("LO", "EPI2")}),
            (0x0043, "GEMS_PARM_01", parts),
        ]
    return [
        (0x2001, "Philips Imaging DD 001", {0x13: ("SL", 43), 0x22: ("FL", 12.5)}),
        (0x2005, "Philips MR Imaging DD 001", {0x0E: ("FL", 0.5)}),
    ]


def image(maker):
    ds = Dataset()
    ds.file_meta = FileMetaDataset()
    ds.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    ds.SOPClassUID = ds.file_meta.MediaStorageSOPClassUID = MRImageStorage
    ds.SOPInstanceUID = ds.file_meta.MediaStorageSOPInstanceUID = generate_uid()
    ds.SpecificCharacterSet = "ISO_IR 100"
    ds.Modality, ds.Manufacturer, ds.ManufacturerModelName = "MR", MAKERS[maker], "Model"
    ds.InstitutionName, ds.StationName, ds.PatientName, ds.PatientAge = "Universität", "MR1", "A^B", "040Y"
    ds.ImageType = ["ORIGINAL", "PRIMARY", "M", "ND"]
    ds.StudyInstanceUID, ds.SeriesInstanceUID = generate_uid(), generate_uid()
    ds.AcquisitionDate, ds.AcquisitionTime, ds.SeriesTime = "20240101", "101500.5", "101400"
    ds.SeriesDescription, ds.ProtocolName, ds.ImageComments = "epi", "epi", "none"
    ds.ScanningSequence, ds.SequenceVariant, ds.MRAcquisitionType = "EP", ["SK", "SP"], "2D"
    ds.SliceThickness, ds.RepetitionTime, ds.EchoTime, ds.FlipAngle = "2.5", "3000", "80.5", "90"
    ds.EchoTrainLength, ds.PixelBandwidth, ds.InPlanePhaseEncodingDirection = "48", "1502", "COL"
    ds.AcquisitionMatrix, ds.SeriesNumber, ds.AcquisitionNumber, ds.InstanceNumber = [96, 0, 0, 96], 5, 1, 1
    ds.ImageOrientationPatient, ds.PixelSpacing = [1, 0, 0, 0, 1, 0], [2.5, 2.5]
    ds.Rows = ds.Columns = 96
    for group, creator, elements in private(maker):
        block = ds.private_block(group, creator, create=True)
        for element, (vr, value) in elements.items():
            block.add_new(element, vr, value)
    return ds


def written(ds):
    file = BytesIO()
    ds.save_as(file, enforce_file_format=True)
    file.seek(0)
    return dcmread(file)


def alone(ds, **options):
    """Return the sidecar made without a look at others."""
    module._recent._known = ()
    return bids_sidecar(ds, **options)


@pytest.mark.parametrize("maker", MAKERS)
@pytest.mark.parametrize("anonymize", [False, True])
def test_every_element_counts(maker, anonymize):
    whole = image(maker)
    first = alone(written(whole), anonymize=anonymize)
    assert bids_sidecar(written(whole), anonymize=anonymize) == first
    for element in list(whole):
        for value in (None, ("9" if element.VR in ("DS", "IS", "LO", "SH", "CS", "TM") else None)):
            other = image(maker)
            other.update(
                {"StudyInstanceUID": whole.StudyInstanceUID, "SeriesInstanceUID": whole.SeriesInstanceUID}
            )
            if value is None:
                del other[element.tag]
            else:
                other[element.tag].value = value
            other = written(other)
            known = (alone(written(whole), anonymize=anonymize), bids_sidecar(other, anonymize=anonymize))[1]
            expected = alone(written(other), anonymize=anonymize)
            assert known == expected, element
            assert list(known) == list(expected)


def test_only_the_clock_goes_on():
    whole = image("Siemens")
    first = alone(written(whole))
    whole.AcquisitionTime, whole.InstanceNumber = "101512", 7
    second = bids_sidecar(written(whole))
    assert len(module._recent._known) == 1
    assert second.pop("AcquisitionTime") == "10:15:12.000000"
    assert second.pop("AcquisitionDateTime") == "2024-01-01T10:15:12.000000"
    assert second.items() <= first.items()


def test_sequences_count():
    whole = image("Siemens")
    code = Dataset()
    code.CodeValue, code.CodingSchemeDesignator, code.CodeMeaning = "113100", "DCM", "Basic"
    whole.DeidentificationMethodCodeSequence = [code]
    ds = written(whole)
    first = alone(ds)
    ds.DeidentificationMethodCodeSequence[0].CodeMeaning = "another"
    changed = bids_sidecar(ds)
    assert changed == alone(ds) != first
    alone(written(whole))
    assert bids_sidecar(written(whole)) == first
    assert len(module._recent._known) == 1


def test_own_to_change():
    ds = written(image("GE"))
    first = alone(ds)
    first["ImageType"].append("X")
    first["EchoTime"] = 0
    assert "X" not in bids_sidecar(ds)["ImageType"]
    ds.ImageType.append("NEW")
    assert "NEW" in bids_sidecar(ds)["ImageType"]
    ds.ImageType.append("MORE")
    assert "MORE" in bids_sidecar(ds)["ImageType"]
