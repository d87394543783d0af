"""A dose-volume histogram, written for pydicom and dicompyler-core.

The structure is a box of 20 mm x 20 mm in five planes 2 mm apart, the dose 2 Gy everywhere: the histogram has to be a
step at 2 Gy and its volume 4 cm3.
"""

import io

import numpy as np
import pydicom
from dicompylercore import dvhcalc
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import ExplicitVRLittleEndian, RTDoseStorage, RTStructureSetStorage, generate_uid

frame_of_reference = generate_uid()


def as_file(ds, sop_class):
    ds.SOPClassUID, ds.SOPInstanceUID = sop_class, generate_uid()
    ds.FrameOfReferenceUID = frame_of_reference
    ds.file_meta = FileMetaDataset()
    ds.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    ds.file_meta.MediaStorageSOPClassUID, ds.file_meta.MediaStorageSOPInstanceUID = (
        sop_class,
        ds.SOPInstanceUID,
    )
    buffer = io.BytesIO()
    ds.save_as(buffer, enforce_file_format=True)
    buffer.seek(0)
    return pydicom.dcmread(buffer)


dose = Dataset()
dose.Modality = "RTDOSE"
dose.Rows = dose.Columns = 40
dose.NumberOfFrames = 10
dose.SamplesPerPixel, dose.PhotometricInterpretation = 1, "MONOCHROME2"
dose.BitsAllocated, dose.BitsStored, dose.HighBit, dose.PixelRepresentation = 32, 32, 31, 0
dose.DoseUnits, dose.DoseType, dose.DoseSummationType = "GY", "PHYSICAL", "PLAN"
dose.DoseGridScaling = 0.001
dose.PixelSpacing = [1.0, 1.0]
dose.ImagePositionPatient, dose.ImageOrientationPatient = [0.5, 0.5, 0.0], [1, 0, 0, 0, 1, 0]
dose.GridFrameOffsetVector = [2.0 * plane for plane in range(10)]
dose.FrameIncrementPointer = 0x3004000C
dose.PixelData = np.full((10, 40, 40), 2000, dtype=np.uint32).tobytes()

structure = Dataset()
structure.Modality = "RTSTRUCT"
structure.StructureSetLabel = "BOX"
name = Dataset()
name.ROINumber, name.ROIName = 1, "box"
structure.StructureSetROISequence = [name]
roi = Dataset()
roi.ReferencedROINumber = 1
roi.ROIDisplayColor = [255, 0, 0]
roi.ContourSequence = []
for plane in range(2, 7):
    contour = Dataset()
    contour.ContourGeometricType = "CLOSED_PLANAR"
    contour.NumberOfContourPoints = 4
    corners = [(10, 10), (30, 10), (30, 30), (10, 30)]
    contour.ContourData = [float(number) for x, y in corners for number in (x, y, 2 * plane)]
    roi.ContourSequence.append(contour)
structure.ROIContourSequence = [roi]
observation = Dataset()
observation.ObservationNumber, observation.ReferencedROINumber, observation.RTROIInterpretedType = 1, 1, "PTV"
structure.RTROIObservationsSequence = [observation]

histogram = dvhcalc.get_dvh(as_file(structure, RTStructureSetStorage), as_file(dose, RTDoseStorage), 1)
assert abs(histogram.volume - 4.0) < 0.05, histogram.volume
assert abs(histogram.mean - 2.0) < 0.02, histogram.mean
print(f"{histogram.name}: {histogram.volume:.1f} cm3, mean {histogram.mean:.1f} Gy, with {pydicom.__name__}")
