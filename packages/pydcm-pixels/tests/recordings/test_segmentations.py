"""Segmentations become masks."""

from __future__ import annotations

import json

import numpy as np
import pytest

from pydcm.dataset import Dataset, FileMetaDataset
from pydcm.sequence import Sequence
from pydcm.uid import ExplicitVRLittleEndian, generate_uid
from pydcm_pixels._bids.convert import convert_series
from pydcm_pixels.volume import from_nifti, list_series

from .made import item, one, written

SEGMENTATION, LABELS = "1.2.840.10008.5.1.4.1.1.66.4", "1.2.840.10008.5.1.4.1.1.66.7"
ROWS, COLUMNS = 5, 6


def segmentation(frames, *, bits=1, sop_class=SEGMENTATION, orientation=(1, 0, 0, 0, 1, 0)):
    """Return a segmentation; `frames` has (segment, place, mask) for each."""
    ds = Dataset()
    ds.file_meta = FileMetaDataset()
    ds.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    ds.file_meta.MediaStorageSOPClassUID = ds.SOPClassUID = sop_class
    ds.file_meta.MediaStorageSOPInstanceUID = ds.SOPInstanceUID = generate_uid()
    ds.StudyInstanceUID, ds.SeriesInstanceUID = generate_uid(), generate_uid()
    ds.Modality, ds.SeriesNumber, ds.InstanceNumber, ds.SeriesDescription = "SEG", 7, 1, "masks"
    ds.Rows, ds.Columns, ds.NumberOfFrames, ds.SamplesPerPixel = ROWS, COLUMNS, len(frames), 1
    ds.BitsAllocated = ds.BitsStored = bits
    ds.HighBit, ds.PixelRepresentation, ds.PhotometricInterpretation = bits - 1, 0, "MONOCHROME2"
    ds.SegmentSequence = Sequence(
        [
            item(SegmentNumber=number, SegmentLabel=f"organ {number}")
            for number in sorted({one[0] for one in frames})
        ]
    )
    ds.SharedFunctionalGroupsSequence = one(
        PlaneOrientationSequence=one(ImageOrientationPatient=list(orientation)),
        PixelMeasuresSequence=one(PixelSpacing=[1.5, 2.0], SliceThickness=3.0),
    )
    normal = np.cross(orientation[:3], orientation[3:])
    groups = []
    for number, place, _ in frames:
        group = item(PlanePositionSequence=one(ImagePositionPatient=(normal * 3.0 * place).tolist()))
        if sop_class == SEGMENTATION:
            group.SegmentIdentificationSequence = one(ReferencedSegmentNumber=number)
        groups.append(group)
    ds.PerFrameFunctionalGroupsSequence = Sequence(groups)
    pixels = np.stack([mask for *_, mask in frames]).astype(np.uint8)
    content = np.packbits(pixels.ravel(), bitorder="little").tobytes() if bits == 1 else pixels.tobytes()
    ds.PixelData = content + b"\0" * (len(content) % 2)
    return ds


def mask(seed, values=2):
    return np.random.default_rng(seed).integers(0, values, (ROWS, COLUMNS))


def convert(ds, tmp_path, **options):
    found = convert_series(
        written(ds, tmp_path / "in"), tmp_path / "out", pattern="%s", gzip=False, progress=False, **options
    )
    return found, {path.stem: from_nifti(path) for path in (tmp_path / "out").glob("*.nii")}


def test_one_segment(tmp_path):
    masks = [mask(at) for at in range(4)]
    ds = segmentation([(1, 3 - at, masks[3 - at]) for at in range(4)])  # from the last to the first
    found, made = convert(ds, tmp_path)
    volume = made["7"]
    assert volume.axes == "zyx" and volume.pixels.dtype == np.uint8 and found.outputs[0].notes == []
    np.testing.assert_array_equal(volume.pixels[:, ::-1], masks)
    np.testing.assert_allclose(volume.spacing, (2, 1.5, 3))
    np.testing.assert_allclose(volume.affine @ [0, ROWS - 1, 2, 1], [0, 0, 6, 1], atol=1e-6)
    facts = json.loads((tmp_path / "out" / "7.json").read_text(encoding="utf-8"))
    assert facts["SegmentLabels"] == ["organ 1"] and facts["Modality"] == "SEG"


def test_segments_and_planes_that_are_not_stored(tmp_path):
    frames = [(2, 0, mask(1)), (5, 4, mask(2)), (2, 2, mask(3)), (2, 1, mask(5))]
    found, made = convert(segmentation(frames), tmp_path)
    volume = made["7"]
    assert volume.pixels.shape == (2, 5, ROWS, COLUMNS)
    assert "1 planes are not stored" in found.outputs[0].notes[0]
    for number, place, stored in frames:
        np.testing.assert_array_equal(volume.pixels[[2, 5].index(number), place, ::-1], stored)
    assert not volume.pixels[0, 3:].any() and not volume.pixels[1, :4].any()
    np.testing.assert_allclose(volume.spacing, (2, 1.5, 3))


@pytest.mark.parametrize("orientation", [(0.96, 0.28, 0, -0.168, 0.576, -0.8), (0, 1, 0, 0, 0, -1)])
def test_oblique(tmp_path, orientation):
    _, made = convert(segmentation([(1, at, mask(at)) for at in range(3)], orientation=orientation), tmp_path)
    normal = np.cross(orientation[:3], orientation[3:])
    np.testing.assert_allclose(made["7"].affine[:3] @ [0, ROWS - 1, 2, 1], normal * 6, atol=1e-5)


def test_labels(tmp_path):
    ds = segmentation([(1, at, mask(at, 3)) for at in range(3)], bits=8, sop_class=LABELS)
    _, made = convert(ds, tmp_path)
    volume = made["7_Raw"]  # as dcm2niix: its class begins like that of raw data
    np.testing.assert_array_equal(volume.pixels[:, ::-1], [mask(at, 3) for at in range(3)])


def test_fractions(tmp_path):
    _, made = convert(segmentation([(1, at, mask(at, 256)) for at in range(2)], bits=8), tmp_path)
    np.testing.assert_array_equal(made["7"].pixels[:, ::-1], [mask(at, 256) for at in range(2)])


def test_uneven(tmp_path):
    found, made = convert(segmentation([(1, at, mask(1)) for at in (0, 1, 2.5)]), tmp_path)
    assert made["7"].pixels.shape[0] == 3 and "distances between planes differ" in found.outputs[0].notes[0]


def test_next_to_nothing_is_stored(tmp_path):
    places = [0, 1, *range(500, 5000, 250)]  # 4751 planes for each of 20 segments
    ds = segmentation([(at + 1, place, mask(at)) for at, place in enumerate(places)])
    found, made = convert(ds, tmp_path)
    assert made == {} and "20 segments and 4751 planes, of which 20 are stored" in found.left_out[0][1]


def test_far_apart(tmp_path):
    _, made = convert(segmentation([(1, at, mask(1)) for at in (0, 0.01, 1e6)]), tmp_path)
    assert made["7"].pixels.shape[0] == 3


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda ds: delattr(ds, "SharedFunctionalGroupsSequence"), "without an orientation"),
        (
            lambda ds: delattr(ds.PerFrameFunctionalGroupsSequence[0], "PlanePositionSequence"),
            "without positions",
        ),
        (lambda ds: delattr(ds, "Rows"), "without positions"),
        (lambda ds: setattr(ds, "PixelData", b"\0\0"), ""),
        (
            lambda ds: setattr(
                ds.PerFrameFunctionalGroupsSequence[1],
                "PlanePositionSequence",
                ds.PerFrameFunctionalGroupsSequence[0].PlanePositionSequence,
            ),
            "several frames of segment 1 at one place",
        ),
    ],
)
def test_broken(tmp_path, change, reason):
    ds = segmentation([(1, at, mask(at)) for at in range(2)])
    change(ds)
    found, made = convert(ds, tmp_path)
    assert made == {} and reason in found.left_out[0][1]


def test_no_series_of_images(tmp_path):
    folder = written(segmentation([(1, at, mask(at)) for at in range(2)]), tmp_path / "in")
    assert list(list_series(folder, progress=False)) == []


def test_frames_numbered_by_different_rules(tmp_path):
    ds = segmentation([(1, at, mask(at)) for at in range(3)], bits=8, sop_class="1.2.840.10008.5.1.4.1.1.7.2")
    ds.DimensionIndexSequence = Sequence([item(DimensionIndexPointer=0x00209128) for _ in range(2)])
    for at, group in enumerate(ds.PerFrameFunctionalGroupsSequence):
        del group["PlanePositionSequence"]
        group.FrameContentSequence = one(DimensionIndexValues=[1] if at == 1 else [1, at + 1])
    found, made = convert(ds, tmp_path)
    assert len(found.outputs) == len(made) == 1
