"""A segmentation of a CT series and a measurement report, written for pydicom and highdicom."""

import io

import highdicom as hd
import numpy as np
import pydicom
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.sr.codedict import codes
from pydicom.uid import CTImageStorage, ExplicitVRLittleEndian, generate_uid

study, series, frame_of_reference = generate_uid(), generate_uid(), generate_uid()


def ct_slice(number):
    ds = Dataset()
    ds.SOPClassUID = CTImageStorage
    ds.SOPInstanceUID = generate_uid()
    ds.StudyInstanceUID, ds.SeriesInstanceUID, ds.FrameOfReferenceUID = study, series, frame_of_reference
    ds.Modality = "CT"
    ds.PatientID, ds.PatientName, ds.PatientBirthDate, ds.PatientSex = "P1", "Test^Phantom", "19700101", "O"
    ds.StudyID, ds.StudyDate, ds.StudyTime, ds.AccessionNumber = "1", "20260102", "101112", "A1"
    ds.SeriesNumber, ds.InstanceNumber = 1, number + 1
    ds.ReferringPhysicianName = ""
    ds.Rows, ds.Columns, ds.SamplesPerPixel, ds.PhotometricInterpretation = 16, 24, 1, "MONOCHROME2"
    ds.BitsAllocated, ds.BitsStored, ds.HighBit, ds.PixelRepresentation = 16, 12, 11, 0
    ds.PixelSpacing, ds.SliceThickness = [0.5, 0.5], 2.0
    ds.ImagePositionPatient, ds.ImageOrientationPatient = (
        [0.0, 0.0, 2.0 * number],
        [1.0, 0.0, 0.0, 0.0, 1.0, 0.0],
    )
    ds.PixelData = np.full((16, 24), number, dtype=np.uint16).tobytes()
    ds.file_meta = FileMetaDataset()
    ds.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    ds.file_meta.MediaStorageSOPClassUID = CTImageStorage
    ds.file_meta.MediaStorageSOPInstanceUID = ds.SOPInstanceUID
    buffer = io.BytesIO()
    ds.save_as(buffer, enforce_file_format=True)
    buffer.seek(0)
    return pydicom.dcmread(buffer)


images = [ct_slice(number) for number in range(3)]
mask = np.zeros((3, 16, 24), dtype=np.uint8)
mask[1, 4:8, 5:9] = 1

description = hd.seg.SegmentDescription(
    segment_number=1,
    segment_label="lesion",
    segmented_property_category=codes.SCT.MorphologicallyAbnormalStructure,
    segmented_property_type=codes.SCT.Neoplasm,
    algorithm_type=hd.seg.SegmentAlgorithmTypeValues.MANUAL,
)
segmentation = hd.seg.Segmentation(
    source_images=images,
    pixel_array=mask,
    segmentation_type=hd.seg.SegmentationTypeValues.BINARY,
    segment_descriptions=[description],
    series_instance_uid=generate_uid(),
    series_number=2,
    sop_instance_uid=generate_uid(),
    instance_number=1,
    manufacturer="pydcm",
    manufacturer_model_name="compat",
    software_versions="1",
    device_serial_number="1",
)
buffer = io.BytesIO()
segmentation.save_as(buffer, enforce_file_format=True)
buffer.seek(0)
again = hd.seg.segread(buffer)
pixels = again.get_pixels_by_source_instance([ds.SOPInstanceUID for ds in images], combine_segments=True)
assert np.array_equal(pixels, mask)

observer = hd.sr.ObserverContext(
    observer_type=codes.DCM.Person,
    observer_identifying_attributes=hd.sr.PersonObserverIdentifyingAttributes(name="Doe^Jane"),
)
measurement = hd.sr.Measurement(name=codes.SCT.Diameter, value=4.5, unit=codes.UCUM.Millimeter)
group = hd.sr.PlanarROIMeasurementsAndQualitativeEvaluations(
    tracking_identifier=hd.sr.TrackingIdentifier(uid=generate_uid(), identifier="lesion 1"),
    referenced_region=hd.sr.ImageRegion(
        graphic_type=hd.sr.GraphicTypeValues.CIRCLE,
        graphic_data=np.array([[6.0, 6.0], [8.0, 6.0]]),
        source_image=hd.sr.SourceImageForRegion(images[1].SOPClassUID, images[1].SOPInstanceUID),
    ),
    measurements=[measurement],
)
report = hd.sr.MeasurementReport(
    observation_context=hd.sr.ObservationContext(observer_person_context=observer),
    procedure_reported=codes.LN.CTUnspecifiedBodyRegion,
    imaging_measurements=[group],
)
document = hd.sr.Comprehensive3DSR(
    evidence=images,
    content=report,
    series_instance_uid=generate_uid(),
    series_number=3,
    sop_instance_uid=generate_uid(),
    instance_number=1,
    manufacturer="pydcm",
)
buffer = io.BytesIO()
document.save_as(buffer, enforce_file_format=True)
buffer.seek(0)
content = hd.sr.srread(buffer).content
[found] = content.get_planar_roi_measurement_groups()
assert found.get_measurements()[0].value == 4.5
print(
    f"{again.number_of_segments} segment, {int(pixels.sum())} voxels, 1 measurement, with {pydicom.__name__}"
)
