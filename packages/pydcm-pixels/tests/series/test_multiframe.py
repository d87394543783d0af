"""Files of several images: functional groups, dose grids, NM and PET, mosaics, float pixels."""

from __future__ import annotations

import struct

import numpy as np
import pytest

from pydcm.dataset import Dataset
from pydcm.filereader import dcmread
from pydcm.uid import generate_uid
from pydcm_pixels._series.discovery import discover, find_stacks

from .conftest import pattern

ENHANCED = {"SOPClassUID": "1.2.840.10008.5.1.4.1.1.4.1", "ImageType": ["ORIGINAL", "PRIMARY", "M", "NONE"]}
STACK, IN_STACK, TIME = (0x00209056, 0x00209057, 0x00209128)
B_VALUE = 0x00189087


def item(**elements):
    ds = Dataset()
    for name, value in elements.items():
        setattr(ds, name, value)
    return ds


def enhanced(builder, frames, pointers, name="enhanced.dcm", **elements):
    """Write an enhanced MR file; a frame is its z, its dimension indices and more functional groups."""
    pixels = np.stack([pattern(at) for at in range(len(frames))])
    common = {**ENHANCED, "ImageOrientationPatient": None, "PixelSpacing": None, "SliceThickness": None}
    ds = builder.dataset(pixels, NumberOfFrames=len(frames), **{**common, **elements})
    uid = generate_uid()
    ds.DimensionIndexSequence = [
        item(DimensionOrganizationUID=uid, DimensionIndexPointer=pointer) for pointer in pointers
    ]
    ds.SharedFunctionalGroupsSequence = [
        item(
            PlaneOrientationSequence=[item(ImageOrientationPatient=[1, 0, 0, 0, 1, 0])],
            PixelMeasuresSequence=[item(PixelSpacing=[0.5, 0.75], SliceThickness=2)],
        )
    ]
    ds.PerFrameFunctionalGroupsSequence = [
        item(
            FrameContentSequence=[item(StackID="1", DimensionIndexValues=index, **content)],
            PlanePositionSequence=[item(ImagePositionPatient=[-10, -20, z * 2])],
            **groups,
        )
        for z, index, content, groups in frames
    ]
    path = builder.folder / name
    ds.save_as(path, enforce_file_format=True)
    return pixels


@pytest.mark.parametrize("slice_major", [False, True])
def test_times(series, slice_major):
    builder = series("MR")
    places = [(t, z) for t in range(3) for z in range(4)]
    if slice_major:
        places.sort(key=lambda place: place[1])
    frames = [(z, [1, z + 1, t + 1], {"TemporalPositionIndex": t + 1}, {}) for t, z in places]
    pixels = enhanced(builder, frames, (STACK, IN_STACK, TIME))
    (stack,) = find_stacks(builder.folder)
    expected = np.empty((3, 4, 6, 8), dtype="i2")
    for frame, (t, z) in zip(pixels, places, strict=True):
        expected[t, z] = frame
    assert np.array_equal(stack.read(rescale=False), expected)
    assert stack.varying == {"TemporalPositionIndex": [1, 2, 3]}
    assert np.allclose(np.diag(stack.affine), [0.75, 0.5, 2, 1])


@pytest.mark.parametrize(
    ("maker", "slow"), [("Philips", "b"), ("CANON_MEC", "b"), ("Bruker", "b"), ("SIEMENS", "t"), ("UIH", "t")]
)
def test_order_of_two_dimensions(series, maker, slow):
    builder = series("MR", Manufacturer=maker)
    places = [(t, b, z) for b in range(3) for t in range(2) for z in range(4)]
    frames = [
        (
            z,
            [1, z + 1, t + 1, b + 1],
            {"TemporalPositionIndex": t + 1},
            {"MRDiffusionSequence": [item(DiffusionBValue=b * 500.0)]},
        )
        for t, b, z in places
    ]
    enhanced(builder, frames, (STACK, IN_STACK, TIME, B_VALUE))
    (stack,) = find_stacks(builder.folder)
    assert stack.shape == (6, 4, 6, 8)
    assert stack.varying["DiffusionBValue"] == (
        [0, 0, 500, 500, 1000, 1000] if slow == "b" else [0, 500, 1000] * 2
    )


def test_echoes_and_components(series):
    builder = series("MR")
    frames = [
        (
            z,
            [1, z + 1, number + 1],
            {},
            {
                "MREchoSequence": [item(EffectiveEchoTime=5.0 * echo)],
                "MRImageFrameTypeSequence": [item(ComplexImageComponent=component)],
            },
        )
        for number, (echo, component) in enumerate(((1, "MAGNITUDE"), (1, "PHASE"), (2, "MAGNITUDE")))
        for z in range(3)
    ]
    enhanced(builder, frames, (STACK, IN_STACK, 0x00189082))
    kinds = [stack.kind for stack in find_stacks(builder.folder)]
    assert kinds == [
        {"echo_time": 5.0, "component": "magnitude"},
        {"echo_time": 5.0, "component": "phase"},
        {"echo_time": 10.0, "component": "magnitude"},
    ]


def test_scaling_per_frame(series):
    builder = series("MR")
    frames = [
        (
            z,
            [1, z + 1],
            {},
            {"PixelValueTransformationSequence": [item(RescaleSlope=1 + z / 3, RescaleIntercept=-z)]},
        )
        for z in range(4)
    ]
    pixels = enhanced(builder, frames, (STACK, IN_STACK))
    (stack,) = find_stacks(builder.folder)
    expected = [
        frame.astype("f4") * np.float32(one.slope) + np.float32(one.intercept)
        for frame, one in zip(pixels, stack.frames[0], strict=True)
    ]
    assert stack.frames[0][2].slope == pytest.approx(1 + 2 / 3)
    assert np.array_equal(stack.read(), expected)


def test_a_file_per_volume(series):
    builder = series("MR", Manufacturer="SIEMENS")
    for time in (1, 2, 3):
        frames = [(z, [1, z + 1, time], {"TemporalPositionIndex": time}, {}) for z in range(4)]
        enhanced(builder, frames, (STACK, IN_STACK, TIME), name=f"{time}.dcm")
    (stack,) = find_stacks(builder.folder)
    assert stack.shape == (3, 4, 6, 8)
    assert stack.files == [str(builder.folder / f"{time}.dcm") for time in (1, 2, 3)]


def test_more_frames_stated_than_described(series):
    builder = series("MR")
    pixels = enhanced(builder, [(z, [1, z + 1], {}, {}) for z in range(3)], (STACK, IN_STACK))
    path = builder.folder / "enhanced.dcm"
    ds = dcmread(path)
    ds.NumberOfFrames = 5
    ds.save_as(path)
    (stack,) = find_stacks(builder.folder)
    assert stack.shape == (3, 6, 8)
    assert np.array_equal(stack.read(rescale=False), pixels)
    ds.PixelData += bytes(2 * 6 * 8 * 2)
    ds.save_as(path)
    assert np.array_equal(find_stacks(builder.folder)[0].read(rescale=False), pixels)


DOSE = {
    "SOPClassUID": "1.2.840.10008.5.1.4.1.1.481.2",
    "NumberOfFrames": 4,
    "FrameIncrementPointer": 0x3004000C,
    "DoseGridScaling": "0.00125",
    "DoseUnits": "GY",
    "SliceThickness": None,
}


@pytest.mark.parametrize(
    ("orientation", "z", "offsets", "expected"),
    [
        ([1, 0, 0, 0, 1, 0], 30, [0, 2.5, 5, 7.5], 30),
        ([1, 0, 0, 0, 1, 0], 30, [30, 32.5, 35, 37.5], 30),
        ([1, 0, 0, 0, 1, 0], 30, [0, -2.5, -5, -7.5], 22.5),
        ([1, 0, 0, 0, -1, 0], 30, [30, 32.5, 35, 37.5], 37.5),
        ([1, 0, 0, 0, -1, 0], 30, [0, 2.5, 5, 7.5], 30),
    ],
)
def test_dose_grid(series, orientation, z, offsets, expected):
    builder = series("RTDOSE", **DOSE)
    pixels = np.arange(4 * 6 * 8, dtype="u4").reshape(4, 6, 8) * 1000
    builder.add(pixels, [0, 0, z], ImageOrientationPatient=orientation, GridFrameOffsetVector=offsets)
    (stack,) = find_stacks(builder.folder)
    normal = np.cross(orientation[:3], orientation[3:])
    steps = np.diff(offsets)[0] * (normal[2] if offsets[0] == 0 else 1)
    ascending = pixels if steps * normal[2] > 0 else pixels[::-1]
    assert stack.affine[2, 3] == pytest.approx(expected)
    assert stack.units == "GY"
    assert np.allclose(stack.affine[:3, 2], normal * 2.5)
    assert np.allclose(stack.read(), ascending * 0.00125, rtol=1e-6)


def test_dose_of_one_plane(series):
    builder = series("RTDOSE", **{**DOSE, "NumberOfFrames": None, "FrameIncrementPointer": None})
    pixels = np.arange(6 * 8, dtype="u4").reshape(6, 8) * 1000
    builder.add(pixels, [0, 0, 5])
    (stack,) = find_stacks(builder.folder)
    assert np.allclose(stack.read()[0], pixels * 0.00125, rtol=1e-6)
    assert stack.units == "GY"


def test_dose_grid_without_its_offsets(series):
    builder = series("RTDOSE", **DOSE)
    builder.add(np.zeros((4, 6, 8), "u4"), [0, 0, 0], GridFrameOffsetVector=[0, 1])
    assert "4 planes with 2 values" in discover(builder.folder).left_out[0][1]


def test_nm_with_slices_and_times(series):
    builder = series(
        "NM", SOPClassUID="1.2.840.10008.5.1.4.1.1.20", ImageType=["ORIGINAL", "PRIMARY", "RECON GATED TOMO"]
    )
    pixels = np.arange(6 * 6 * 8, dtype="u2").reshape(6, 6, 8)
    builder.add(
        pixels,
        None,
        NumberOfFrames=6,
        ImageOrientationPatient=None,
        SpacingBetweenSlices=4,
        FrameIncrementPointer=[0x00540070, 0x00540080],
        TimeSlotVector=[1, 1, 1, 2, 2, 2],
        SliceVector=[1, 2, 3, 1, 2, 3],
        DetectorInformationSequence=[
            item(ImagePositionPatient=[1, 2, 3], ImageOrientationPatient=[1, 0, 0, 0, 1, 0])
        ],
    )
    (stack,) = find_stacks(builder.folder)
    assert stack.shape == (2, 3, 6, 8)
    assert stack.varying == {"TimeSlotVector": [1, 2]}
    assert stack.affine[:3, 3].tolist() == [1, 2, 3]
    assert stack.spacing[2] == 4
    assert np.array_equal(stack.read(rescale=False), pixels.reshape(2, 3, 6, 8))


def test_cine_of_one_plane(series):
    builder = series("US", SOPClassUID="1.2.840.10008.5.1.4.1.1.3.1", ImageOrientationPatient=None)
    pixels = np.random.default_rng(0).integers(0, 255, (5, 6, 8, 3)).astype("u1")
    builder.add(pixels, None, NumberOfFrames=5, FrameIncrementPointer=0x00181063, FrameTime=40)
    (stack,) = find_stacks(builder.folder)
    assert stack.axes == "tzyxc"
    assert stack.varying == {"FrameTime": [0, 40, 80, 120, 160]}
    assert np.array_equal(stack.read(rescale=False), pixels[:, None])


def test_clips_stay_apart(series):
    builder = series("US", SOPClassUID="1.2.840.10008.5.1.4.1.1.3.1", ImageOrientationPatient=None)
    for seed in range(2):
        pixels = np.random.default_rng(seed).integers(0, 255, (5, 6, 8)).astype("u1")
        builder.add(pixels, None, NumberOfFrames=5)
    first, second = find_stacks(builder.folder)
    assert first.shape == second.shape == (5, 1, 6, 8)
    assert first.varying == {"FrameNumber": [1, 2, 3, 4, 5]}


def csa(elements):
    """Return a Siemens CSA2 header with some elements, each a list of strings."""
    content = b"SV10\4\3\2\1" + struct.pack("<II", len(elements), 77)
    for name, values in elements.items():
        content += struct.pack("<64si4siii", name.encode(), len(values), b"FD", 3, len(values), 77)
        for value in values:
            data = value.encode() + b"\0"
            content += (
                struct.pack("<4i", len(data), len(data), 77, len(data)) + data + b"\0" * (-len(data) % 4)
            )
    return content


@pytest.mark.parametrize("sign", [1, -1])
@pytest.mark.parametrize("count", [4, 7])
def test_siemens_mosaic(series, sign, count):
    builder = series("MR", Manufacturer="SIEMENS", SpacingBetweenSlices=3)
    per_row = 2 if count == 4 else 3
    slices = np.stack([pattern(at) for at in range(count)])
    mosaic = np.zeros((6 * per_row, 8 * per_row), "i2")
    for at in range(count):
        row, column = divmod(at, per_row)
        mosaic[row * 6 : row * 6 + 6, column * 8 : column * 8 + 8] = slices[at]
    header = csa({"NumberOfImagesInMosaic": [str(count)], "SliceNormalVector": ["0", "0", str(sign)]})
    ds = builder.dataset(
        mosaic,
        ImageType=["ORIGINAL", "PRIMARY", "M", "ND", "MOSAIC"],
        ImagePositionPatient=[-8 * per_row * 0.75 / 2, -6 * per_row * 0.5 / 2, 10],
    )
    ds.private_block(0x0029, "SIEMENS CSA HEADER", create=True).add_new(0x10, "OB", header)
    ds.save_as(builder.folder / "mosaic.dcm", enforce_file_format=True)
    (stack,) = find_stacks(builder.folder)
    assert np.array_equal(stack.read(rescale=False), slices[::sign])
    # the tiles are around the centre of the mosaic
    assert stack.affine[:3, 3] == pytest.approx([-3, -1.5, 10 if sign > 0 else 10 - 3 * (count - 1)])
    assert stack.spacing == (0.75, 0.5, 3)


def test_mosaic_without_its_header(series):
    builder = series("MR", Manufacturer="SIEMENS", ImageType=["ORIGINAL", "PRIMARY", "M", "MOSAIC"])
    builder.add(pattern(0), [0, 0, 0])
    assert "cannot be taken apart" in discover(builder.folder).left_out[0][1]


def test_uih_vframe(series):
    builder = series("MR", Manufacturer="UIH", ImageType=["ORIGINAL", "PRIMARY", "M", "VFRAME"])
    mosaic = np.arange(12 * 24, dtype="u2").reshape(12, 24)
    ds = builder.dataset(mosaic)
    block = ds.private_block(0x0065, "Image Private Header", create=True)
    block.add_new(0x50, "DS", "5")
    block.add_new(0x51, "SQ", [item(ImagePositionPatient=[0, 0, z * 4]) for z in range(5)])
    ds.save_as(builder.folder / "vframe.dcm", enforce_file_format=True)
    (stack,) = find_stacks(builder.folder)
    assert stack.shape == (5, 6, 8)
    assert np.array_equal(stack.read(rescale=False)[4], mosaic[6:, 8:16])
    assert stack.spacing[2] == 4
    assert stack.notes == []


@pytest.mark.parametrize("dtype", ["f4", "f8"])
def test_float_pixels(series, dtype):
    builder = series(SOPClassUID="1.2.840.10008.5.1.4.1.1.30", RescaleSlope=None)
    pixels = np.random.default_rng(0).normal(size=(3, 6, 8)).astype(dtype)
    for at in range(3):
        builder.add(pixels[at], [0, 0, at])
    (stack,) = find_stacks(builder.folder)
    assert stack.dtype == dtype
    assert np.array_equal(stack.read(rescale=False), pixels)
    assert np.array_equal(stack.read(), pixels.astype("f4"))
    assert np.array_equal(stack.read(dtype="f8"), pixels)


@pytest.mark.parametrize("count", [50, 900_000, 2_000_000_000])
def test_more_frames_than_the_file_can_hold(series, count):
    builder = series("US", SOPClassUID="1.2.840.10008.5.1.4.1.1.3.1", ImageOrientationPatient=None)
    path = builder.add(np.zeros((5, 6, 8), "u1"), None, NumberOfFrames=5)
    ds = dcmread(path)
    ds.NumberOfFrames = count
    ds.save_as(path)
    found = discover(builder.folder)
    assert not found.stacks
    assert str(count) in found.left_out[0][1]


@pytest.mark.parametrize("workers", [1, 3])
def test_compressed_frames(series, workers):
    builder = series("MR")
    frames = [(z, [1, z + 1], {}, {}) for z in range(20)]
    pixels = enhanced(builder, frames, (STACK, IN_STACK))
    path = builder.folder / "enhanced.dcm"
    ds = dcmread(path)
    ds.compress("1.2.840.10008.1.2.5")
    ds.save_as(path)
    (stack,) = find_stacks(builder.folder)
    assert np.array_equal(stack.read(rescale=False, workers=workers), pixels)
    parts = [part.copy() for part in stack.stream(max_bytes=7 * 6 * 8 * 4, workers=workers)]
    assert [len(part) for part in parts] == [7, 7, 6]
    assert np.array_equal(np.concatenate(parts), pixels)


def _parts(builder, split, **elements):
    """Write enhanced files with the slices that each has; return all pixels in their order."""
    pixels = {}
    for number, places in enumerate(split):
        frames = [(z, [1, z + 1], {}, {}) for z in places]
        here = enhanced(builder, frames, (STACK, IN_STACK), f"{number}.dcm", **elements)
        ds = dcmread(builder.folder / f"{number}.dcm")
        here = here + (100 * number)
        ds.PixelData = here.astype("<i2").tobytes()
        if elements.get("ConcatenationUID"):
            ds.InConcatenationNumber = number + 1
            ds.ConcatenationFrameOffsetNumber = sum(map(len, split[:number]))
        ds.save_as(builder.folder / f"{number}.dcm")
        pixels |= dict(zip(places, here, strict=True))
    return np.stack([pixels[z] for z in sorted(pixels)])


@pytest.mark.parametrize("modality", ["MR", "CT"])
def test_parts_of_a_concatenation_are_one_volume(series, modality):
    builder = series(modality)
    pixels = _parts(builder, [(0, 1, 2), (3, 4, 5), (6,)], ConcatenationUID="1.2.3", InstanceNumber=1)
    (stack,) = find_stacks(builder.folder)
    assert np.array_equal(stack.read(rescale=False), pixels)


@pytest.mark.parametrize("modality", ["MR", "CT"])
def test_files_with_one_frame_each_are_one_volume(series, modality):
    builder = series(modality)
    pixels = _parts(builder, [(2,), (0,), (3,), (1,)])
    (stack,) = find_stacks(builder.folder)
    assert np.array_equal(stack.read(rescale=False), pixels)
