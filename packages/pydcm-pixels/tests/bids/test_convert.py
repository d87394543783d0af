"""convert_series on made series."""

from __future__ import annotations

import json

import numpy as np
import pytest

from pydcm.dataset import Dataset, FileMetaDataset
from pydcm.uid import ExplicitVRLittleEndian, MRImageStorage, generate_uid
from pydcm_pixels._bids.convert import convert_series
from pydcm_pixels.diffusion import diffusion_table, load_dwi
from pydcm_pixels.volume import from_nifti

DIRECTIONS = [None, (1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.6, 0.8)]


@pytest.fixture
def folder(tmp_path):
    """Return a folder with a diffusion-weighted series: b = 0 and three directions, two slices."""
    source = tmp_path / "in"
    source.mkdir()
    series, study = generate_uid(), generate_uid()
    number = 0
    for volume, direction in enumerate(DIRECTIONS):
        for place in range(2):
            number += 1
            ds = Dataset()
            ds.file_meta = FileMetaDataset()
            ds.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
            ds.file_meta.MediaStorageSOPClassUID = ds.SOPClassUID = MRImageStorage
            ds.file_meta.MediaStorageSOPInstanceUID = ds.SOPInstanceUID = generate_uid()
            ds.SeriesInstanceUID, ds.StudyInstanceUID = series, study
            ds.Modality, ds.PatientName, ds.ProtocolName = "MR", "Nobody", "dwi/../x"
            ds.SeriesNumber, ds.InstanceNumber, ds.AcquisitionNumber = 3, number, volume + 1
            ds.ImagePositionPatient = [0, 0, 3 * place]
            ds.ImageOrientationPatient = [1, 0, 0, 0, 1, 0]
            ds.PixelSpacing, ds.SliceThickness = [2, 2], 3
            ds.RepetitionTime, ds.EchoTime = 3000, 80
            ds.DiffusionBValue = 1000.0 if direction else 0.0
            if direction:
                ds.DiffusionGradientOrientation = list(direction)
            ds.Rows, ds.Columns, ds.SamplesPerPixel = 4, 5, 1
            ds.PhotometricInterpretation = "MONOCHROME2"
            ds.BitsAllocated = ds.BitsStored = 16
            ds.HighBit, ds.PixelRepresentation = 15, 1
            ds.PixelData = np.full((4, 5), number, "<i2").tobytes()
            ds.save_as(source / f"{number}.dcm", enforce_file_format=True)
    return source


def test_directions(folder):
    bvals, bvecs = diffusion_table(folder)
    np.testing.assert_array_equal(bvals, [0, 1000, 1000, 1000])
    # rows are in reverse order in the file: y changes its sign; the determinant is negative, x keeps it
    np.testing.assert_allclose(bvecs.T, [[0, 0, 0], [1, 0, 0], [0, -1, 0], [0, -0.6, 0.8]], atol=1e-7)
    _, unflipped = diffusion_table(folder, flip_rows=False)
    np.testing.assert_allclose(unflipped.T, [[0, 0, 0], [-1, 0, 0], [0, 1, 0], [0, 0.6, 0.8]], atol=1e-7)
    data, bvals, _, affine = load_dwi(folder, order="acquisition")
    assert data.shape == (4, 2, 4, 5)
    assert affine[2, 2] == 3


def test_outputs(folder, tmp_path):
    (folder / "broken.dcm").write_bytes(b"\0" * 128 + b"DICM" + b"\xff" * 40)
    target = tmp_path / "out"
    found = convert_series(folder, target, pattern="%p_%s", gzip=False)
    (output,) = found.outputs
    assert output.shape == (4, 2, 4, 5)
    assert any("broken.dcm" in path for path, _ in found.left_out)
    assert all(
        str(target) in path and ".." not in path[len(str(target)) + 1 :].split("_")[0]
        for path in output.files
    )
    assert sorted(path.rpartition(".")[2] for path in output.files) == ["bval", "bvec", "json", "nii"]
    with open(output.files[1], encoding="utf-8") as file:
        sidecar = json.load(file)
    assert sidecar["RepetitionTime"] == 3
    assert sidecar["EchoTime"] == 0.08
    assert "PatientName" not in sidecar
    assert from_nifti(output.path).pixels.shape == (4, 2, 4, 5)
    again = convert_series(folder, target, pattern="%p_%s", gzip=False)
    assert again.outputs[0].path == output.path.replace(".nii", "a.nii")
    assert not convert_series(folder, target, pattern="%p_%s", gzip=False, on_conflict="skip").outputs
