"""Several images at one position: what tells them apart, and what happens if nothing does."""

from __future__ import annotations

import warnings

import numpy as np
import pytest

from pydcm_pixels._series.discovery import discover, find_stacks
from pydcm_pixels._series.loading import load_4d, load_series
from pydcm_pixels._series.problems import SeriesError

from .conftest import pattern


def fill(builder, volumes, slices=4, *, slice_major=False, step=2):
    """Write volumes whose elements `volumes` lists; return the pixels ``[t, z, y, x]``."""
    pixels = np.empty((len(volumes), slices, 6, 8), dtype="i2")
    places = [(t, z) for t in range(len(volumes)) for z in range(slices)]
    if slice_major:
        places.sort(key=lambda place: place[1])
    for t, z in places:
        pixels[t, z] = pattern(t * slices + z)
        builder.add(pixels[t, z], [0, 0, z * step], **volumes[t])
    return pixels


@pytest.mark.parametrize("slice_major", [False, True])
@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("TemporalPositionIdentifier", [1, 2, 3]),
        ("TriggerTime", [0, 40, 80]),
        ("InversionTime", [100, 500, 900]),
        ("DiffusionBValue", [0.0, 500.0, 1000.0]),
        ("FrameReferenceTime", [0, 1000, 2000]),
        ("AcquisitionNumber", [1, 2, 3]),
        ("AcquisitionTime", ["100000", "100010.5", "100100"]),
        ("ContentTime", ["100000", "100010.5", "100100"]),
        ("ImageType", [["ORIGINAL", "PRIMARY", "M", part] for part in ("A", "B", "C")]),
    ],
)
def test_one_element(series, name, values, slice_major):
    builder = series("MR")
    pixels = fill(builder, [{name: value} for value in values], slice_major=slice_major)
    (stack,) = find_stacks(builder.folder)
    assert stack.axes == "tzyx"
    assert np.array_equal(stack.read(rescale=False), pixels)
    assert list(stack.varying) == [name]
    assert len(stack.varying[name]) == 3


def test_echoes_are_stacks_or_volumes(series):
    builder = series("MR")
    pixels = fill(builder, [{"EchoTime": 5.0, "EchoNumbers": 1}, {"EchoTime": 10.0, "EchoNumbers": 2}])
    stacks = find_stacks(builder.folder)
    assert [stack.kind for stack in stacks] == [
        {"echo_time": 5.0, "echo_number": 1},
        {"echo_time": 10.0, "echo_number": 2},
    ]
    assert np.array_equal(stacks[1].read(rescale=False), pixels[1])
    (stack,) = find_stacks(builder.folder, split="series")
    assert stack.varying == {"EchoTime": [5.0, 10.0]}
    assert np.array_equal(stack.read(rescale=False), pixels)


def test_components_are_stacks(series):
    builder = series("MR")
    fill(builder, [{"ImageType": ["ORIGINAL", "PRIMARY", part, "ND"]} for part in "MPRI"])
    kinds = [stack.kind["component"] for stack in find_stacks(builder.folder)]
    assert kinds == ["magnitude", "phase", "real", "imaginary"]


def test_directions_and_repeats(series):
    builder = series("MR")
    volumes = [
        {"DiffusionBValue": b, "DiffusionGradientOrientation": g, "AcquisitionNumber": repeat}
        for repeat in (1, 2)
        for b, g in ((0.0, None), (1000.0, [1.0, 0.0, 0.0]), (1000.0, [0.0, 1.0, 0.0]))
    ]
    pixels = fill(builder, volumes)
    (stack,) = find_stacks(builder.folder)
    assert np.array_equal(stack.read(rescale=False), pixels)
    assert stack.varying == {
        "AcquisitionNumber": [1, 1, 1, 2, 2, 2],
        "DiffusionBValue": [0, 1000, 1000] * 2,
        "DiffusionGradientOrientation": [None, (1, 0, 0), (0, 1, 0)] * 2,
    }


def test_time_differs_from_slice_to_slice(series):
    builder = series("MR")
    pixels = np.empty((3, 4, 6, 8), dtype="i2")
    for t in range(3):
        for z in (0, 2, 1, 3):  # interleaved
            pixels[t, z] = pattern(t * 4 + z)
            builder.add(pixels[t, z], [0, 0, z * 2], AcquisitionTime=f"1000{builder.count:02d}.5")
    (stack,) = find_stacks(builder.folder)
    assert np.array_equal(stack.read(rescale=False), pixels)
    assert stack.varying == {"AcquisitionTime": ["100000.5", "100004.5", "100008.5"]}


def test_numbers_that_restart(series):
    builder = series("MR")
    pixels = np.empty((2, 4, 6, 8), dtype="i2")
    for t in (1, 0):
        for z in range(4):
            pixels[t, z] = pattern(t * 4 + z)
            builder.add(pixels[t, z], [0, 0, z * 2], InstanceNumber=z + 1, AcquisitionTime=f"10000{t}")
    (stack,) = find_stacks(builder.folder)
    assert np.array_equal(stack.read(rescale=False), pixels)


@pytest.mark.parametrize("slice_major", [False, True])
def test_nothing_but_regular_numbers(series, slice_major):
    builder = series("MR")
    pixels = fill(builder, [{}, {}, {}], slice_major=slice_major)
    (stack,) = find_stacks(builder.folder)
    assert np.array_equal(stack.read(rescale=False), pixels)
    assert list(stack.varying) == ["InstanceNumber"]


def test_nothing_tells_them_apart(series):
    builder = series("MR")
    for number in (1, 8, 3, 6, 5, 4, 7, 2):
        builder.add(pattern(number), [0, 0, number % 4 * 2], InstanceNumber=1)
    found = discover(builder.folder)
    assert not found.stacks
    (unsorted,) = found.unsorted
    assert "2 images are at one position" in unsorted.reason
    assert "no element tells them apart: nothing known differs" in unsorted.reason


def test_error_names_what_differs(series):
    builder = series("MR")
    for z in range(4):
        for t in range(2):
            angle = {"FlipAngle": 5 + t} if z < 3 else {"FlipAngle": 5}
            builder.add(pattern(builder.count), [0, 0, z * 2], InstanceNumber=1, **angle)
    (unsorted,) = discover(builder.folder).unsorted
    assert "they differ in FlipAngle, but not at every position" in unsorted.reason


def test_second_copies_are_left_out(series):
    builder = series()
    pixels = builder.stack(4)
    copies = builder.folder / "copies"
    copies.mkdir()
    for path in sorted(builder.folder.glob("*.dcm"))[:2]:
        (copies / path.name).write_bytes(path.read_bytes())
    found = discover(builder.folder)
    assert np.array_equal(found.stacks[0].read(rescale=False), pixels)
    assert [reason for _, reason in found.left_out] == [
        "the same image (SOP Instance UID) is there twice"
    ] * 2


def test_one_position_twice(series):
    builder = series()
    for at, z in enumerate((0, 1, 2, 2, 3, 4)):
        builder.add(pattern(at), [0, 0, z * 2])
    (stack,) = find_stacks(builder.folder)
    assert np.array_equal(stack.read(rescale=False), [pattern(at) for at in (0, 1, 2, 4, 5)])
    assert "2 images at slice 2: nothing tells them apart" in stack.notes[0]


def test_two_acquisitions_over_one_another(series):
    builder = series()
    for acquisition in (1, 2):
        for z in range(5):
            builder.add(
                pattern(builder.count), [0, 0, z * 2 + (acquisition - 1) * 6], AcquisitionNumber=acquisition
            )
    stacks = find_stacks(builder.folder)
    assert [stack.shape for stack in stacks] == [(5, 6, 8), (5, 6, 8)]
    assert [stack.affine[2, 3] for stack in stacks] == [0, 6]
    assert "AcquisitionNumber" in stacks[0].notes[0]


@pytest.mark.parametrize("elements", [{}, {"TemporalPositionIdentifier": True}])
def test_incomplete_last_volume(series, elements):
    builder = series("MR")
    for t in range(3):
        for z in range(4 if t < 2 else 2):
            builder.add(pattern(builder.count), [0, 0, z * 2], **dict.fromkeys(elements, t + 1))
    whole, rest = find_stacks(builder.folder)
    assert whole.shape == (2, 4, 6, 8)
    assert rest.shape == (2, 6, 8)
    assert whole.notes


def test_philips_cardiac_phases_are_kinds(series):
    builder = series("MR", Manufacturer="Philips Medical Systems")
    pixels = fill(builder, [{"TriggerTime": time} for time in (0, 40, 80)], slice_major=True)
    stacks = find_stacks(builder.folder)
    assert [stack.kind for stack in stacks] == [{"trigger_time": time} for time in (0, 40, 80)]
    (stack,) = find_stacks(builder.folder, split="series")
    assert np.array_equal(stack.read(rescale=False), pixels)


@pytest.mark.parametrize(
    ("volumes", "expected"),
    [
        ([{"TriggerTime": 10}, {"TriggerTime": 50}], [0, 0.04]),
        ([{"AcquisitionTime": "235958.5"}, {"AcquisitionTime": "000000.25"}], [0, 1.75]),
        (
            [
                {"AcquisitionDateTime": "20240229235959.000+0100"},
                {"AcquisitionDateTime": "20240301000001.5+0100"},
            ],
            [0, 2.5],
        ),
        ([{"KVP": 5}, {"KVP": 10}], None),
        ([{"KVP": 5, "AcquisitionTime": "x"}, {"KVP": 10, "AcquisitionTime": "12"}], None),
    ],
)
def test_times(series, volumes, expected):
    builder = series("MR")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        fill(builder, volumes)
    (stack,) = find_stacks(builder.folder)
    assert stack.times == expected


def test_copies_without_positions(series):
    builder = series()
    for at in range(3):
        builder.add(pattern(at), None)
    path = builder.folder / "image0002.dcm"
    (builder.folder / "copy.dcm").write_bytes(path.read_bytes())
    found = discover(builder.folder)
    assert found.stacks[0].shape == (3, 6, 8)
    assert len(found.left_out) == 1


def test_three_dimensions(series):
    builder = series("MR")
    volumes = [
        {"InversionTime": ti, "KVP": angle, "TemporalPositionIdentifier": time}
        for ti in (100, 200)
        for angle in (5, 10)
        for time in (1, 2)
    ]
    pixels = fill(builder, volumes)
    (stack,) = find_stacks(builder.folder)
    assert np.array_equal(stack.read(rescale=False), pixels)
    assert {name: stack.varying[name] for name in volumes[0]} == {
        name: [volume[name] for volume in volumes] for name in volumes[0]
    }


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("FlipAngle", [5, 15]),
        ("RepetitionTime", [500, 900]),
        ("NumberOfAverages", [1, 4]),
        ("ScanOptions", ["FS", "MT"]),
        ("SequenceName", ["a", "b"]),
        ("ScanningSequence", ["SE", "GR"]),
        ("ContrastBolusAgent", ["none", "Gd"]),
        ("SliceThickness", [1, 5]),
    ],
)
def test_contrasts(series, name, values):
    builder = series("MR")
    pixels = fill(builder, [{name: value, "InstanceNumber": 7} for value in values])
    volume = load_series(builder.folder, rescale=False)
    assert volume.meta["varying"][name] == values
    assert np.array_equal(volume.pixels, pixels)


def test_repetition_times_of_a_heart(series):
    """They differ from image to image, which makes no volumes."""
    builder = series("MR")
    for at in range(8):
        builder.add(pattern(at), [0, 0, at % 4 * 2], InstanceNumber=7, RepetitionTime=900 + at)
    with pytest.raises(SeriesError, match="no element tells them apart: they differ in RepetitionTime"):
        load_series(builder.folder)


def test_error_names_elements_that_tell_nothing(series):
    builder = series("MR")
    for t in range(2):
        for z in range(4):
            builder.add(
                pattern(builder.count),
                [0, 0, z * 2],
                InstanceNumber=1,
                WindowCenter=builder.count,
                StationName="AB"[t],
                EchoTrainLength=t + 1,
            )
    (unsorted,) = discover(builder.folder).unsorted
    assert "they differ in StationName, EchoTrainLength, none of which tells volumes apart" in unsorted.reason


@pytest.mark.parametrize("shift", [0.0, 0.5])
def test_thin_and_thick_slices(series, shift):
    builder = series()
    thin = builder.stack(11, step=1, SliceThickness=1)
    thick = builder.stack(3, step=4, start=shift, SliceThickness=4)
    first, second = find_stacks(builder.folder)
    assert np.array_equal(first.read(rescale=False), thin)
    assert np.array_equal(second.read(rescale=False), thick)
    assert second.affine[:3, 3].tolist() == [-10, -20, shift]
    assert second.affine[2, 2] == 4


def test_thick_slices_behind_thin_ones(series):
    builder = series()
    thin = builder.stack(6, step=2, SliceThickness=2)
    thick = builder.stack(4, step=4, start=13, SliceThickness=4)
    (stack,) = find_stacks(builder.folder)
    assert np.array_equal(stack.read(rescale=False), [*thin, *thick])
    assert "uneven slice spacing" in stack.notes[0]


def test_error_says_that_some_are_equal(series):
    builder = series("MR")
    fill(builder, [{"DiffusionBValue": b, "InstanceNumber": 1} for b in (0.0, 0.0, 500.0, 500.0)])
    (unsorted,) = discover(builder.folder).unsorted
    assert "they differ in DiffusionBValue, but some have the same values" in unsorted.reason


NUMBERS = {
    "none": lambda t, z, count: None,
    "one": lambda t, z, count: 1,
    "of the slice": lambda t, z, count: z + 1,
    "of the file": lambda t, z, count: count,
}


@pytest.mark.parametrize("numbers", NUMBERS)
@pytest.mark.parametrize(
    "name", ["TemporalPositionIdentifier", "TriggerTime", "EchoTime", "DiffusionBValue", "AcquisitionTime"]
)
def test_names_of_files_order_no_volumes(series, numbers, name):
    """Where numbers of images do not say which volume is first, it is that with the smallest value."""
    builder = series("MR")
    pixels = np.stack([[pattern(10 * t + z) for z in range(5)] for t in range(4)])
    places = list(np.ndindex(4, 5))
    np.random.default_rng(1).shuffle(places)
    for t, z in places:
        number = NUMBERS[numbers](t, z, builder.count + 1)
        value = f"10000{t}" if name == "AcquisitionTime" else 100.0 * (t + 1)
        builder.add(pixels[t, z], [0, 0, 2 * z], **{name: value, "InstanceNumber": number})
    volume = load_4d(builder.folder)
    values = volume.meta["varying"][name]
    order = list(range(4))
    if numbers == "of the file" and name in ("EchoTime", "DiffusionBValue"):  # numbers say what came first
        order = [int(value) // 100 - 1 for value in values]
    else:
        assert values == sorted(values)
    assert np.array_equal(volume.pixels, pixels[order])


@pytest.mark.parametrize("numbers", NUMBERS)
def test_times_of_slices(series, numbers):
    """Each slice has times of its own: the first of each is in the first volume, whatever the files are called."""
    builder = series("MR")
    pixels = np.stack([[pattern(10 * t + z) for z in range(5)] for t in range(4)])
    places = list(np.ndindex(4, 5))
    np.random.default_rng(1).shuffle(places)
    for t, z in places:
        number = NUMBERS[numbers](t, z, builder.count + 1)
        builder.add(pixels[t, z], [0, 0, 2 * z], TriggerTime=100.0 * t + 7 * z % 5, InstanceNumber=number)
    volume = load_4d(builder.folder)
    assert np.array_equal(volume.pixels, pixels)
    assert volume.meta["varying"] == {"TriggerTime": [0, 100, 200, 300]}


@pytest.mark.parametrize("name", ["Acquisition", "Content"])
def test_midnight(series, name):
    builder = series("MR")
    times = [("20240101", "235958"), ("20240101", "235959"), ("20240102", "000001")]
    pixels = np.stack([[pattern(10 * t + z) for z in range(3)] for t in range(3)])
    for t, z in ((2, 0), (0, 0), (1, 0), (0, 1), (1, 1), (2, 1), (1, 2), (2, 2), (0, 2)):
        date, time = times[t]
        elements = {f"{name}Date": date, f"{name}Time": time}
        builder.add(pixels[t, z], [0, 0, 2 * z], InstanceNumber=1, **elements)
    volume = load_series(builder.folder)
    assert np.array_equal(volume.pixels, pixels)
    assert volume.meta["varying"] == {f"{name}Time": [time for _, time in times]}
