"""Where slices end up: order, spacing, tilt, what is irregular."""

from __future__ import annotations

import math

import numpy as np
import pytest

from pydcm_pixels._series.discovery import discover, find_stacks

from .conftest import pattern


def only(folder, **options):
    (stack,) = find_stacks(folder, **options)
    return stack


def test_slices_are_sorted_by_position(series):
    builder = series()
    pixels = builder.stack(7, step=2.5, start=-3)
    stack = only(builder.folder)
    assert np.array_equal(stack.read(rescale=False), pixels)
    assert stack.shape == (7, 6, 8)
    assert stack.axes == "zyx"
    expected = np.array([[0.75, 0, 0, -10], [0, 0.5, 0, -20], [0, 0, 2.5, -3], [0, 0, 0, 1]])
    assert np.allclose(stack.affine, expected)
    assert stack.spacing == pytest.approx((0.75, 0.5, 2.5))
    assert stack.regular
    assert not stack.notes


def test_numbers_against_the_normal(series):
    builder = series()
    pixels = builder.stack(5, step=-2.0, start=30)
    stack = only(builder.folder)
    assert np.array_equal(stack.read(rescale=False), pixels[::-1])
    assert stack.affine[2, 3] == 22


@pytest.mark.parametrize("seed", range(4))
def test_oblique(series, seed):
    rng = np.random.default_rng(seed)
    axes, _ = np.linalg.qr(rng.normal(size=(3, 3)))
    normal = np.cross(axes[0], axes[1])
    origin = rng.normal(0, 100, 3)
    builder = series(ImageOrientationPatient=[round(x, 10) for x in (*axes[0], *axes[1])])
    for at in rng.permutation(6):
        builder.add(pattern(int(at)), [round(x, 8) for x in origin + normal * 1.5 * at])
    stack = only(builder.folder)
    assert np.array_equal(stack.read(rescale=False), [pattern(at) for at in range(6)])
    assert np.allclose(stack.affine[:3, 0], axes[0] * 0.75, atol=1e-6)
    assert np.allclose(stack.affine[:3, 1], axes[1] * 0.5, atol=1e-6)
    assert np.allclose(stack.affine[:3, 2], normal * 1.5, atol=1e-6)
    assert np.allclose(stack.affine[:3, 3], origin, atol=1e-6)


def test_one_slice_has_its_stated_thickness(series):
    builder = series(SpacingBetweenSlices=3.3)
    builder.add(pattern(0), [0, 0, 0])
    assert only(builder.folder).affine[2, 2] == pytest.approx(3.3)


def rewrite_position(path, value):
    """Replace the encoded value of *Image Position (Patient)*."""
    content = path.read_bytes()
    at = content.index(b"\x20\x00\x32\x00DS")
    length = int.from_bytes(content[at + 6 : at + 8], "little")
    value += b" " * (len(value) % 2)
    header = content[at : at + 6] + len(value).to_bytes(2, "little")
    path.write_bytes(content[:at] + header + value + content[at + 8 + length :])


def test_overlong_decimal_strings(series):
    builder = series()
    for at in range(3):
        path = builder.add(pattern(at), [1, 2, 3])
        value = f"{-10.123456789012345:.15f}\\{20.1234567890123456:.15f}\\{at * 2:.18f}"
        rewrite_position(path, value.encode())
    stack = only(builder.folder)
    assert stack.affine[:3, 3] == pytest.approx([-10.123456789012345, 20.123456789012346, 0], abs=1e-12)
    assert stack.affine[2, 2] == 2


def test_missing_slice(series):
    builder = series()
    for at in (0, 1, 2, 5, 6):
        builder.add(pattern(at), [0, 0, at * 2.0])
    stack = only(builder.folder)
    assert stack.notes == [
        "2 slices missing at a spacing of 2 mm: after slice 2 (6 mm); the affine has the mean of 3 mm"
    ]
    assert not stack.regular
    assert np.allclose(stack.offsets, [0, 2, 4, 10, 12])


def test_far_slices_are_no_gap_to_fill(series):
    builder = series()
    for at, z in enumerate((0, 202.5, 203.75, 205)):
        builder.add(pattern(at), [0, 0, z])
    assert only(builder.folder).notes[0].startswith("uneven slice spacing: 1.25 to 202.5 mm")


@pytest.mark.parametrize(
    ("count", "position", "orientation", "note"),
    [
        (1, None, True, "no position in the file; the volume is centred at the origin"),
        (2, None, True, "no positions in the files: the order of 2 slices"),
        (2, [1, 2, 3], False, "positions without an orientation: the order of 2 slices"),
        (1, [1, 2, 3], False, None),
    ],
)
def test_what_is_not_known_about_positions(series, count, position, orientation, note):
    builder = series(ImageOrientationPatient=[1, 0, 0, 0, 1, 0] if orientation else None)
    for at in range(count):
        builder.add(pattern(at), position and [*position[:2], position[2] + 2 * at])
    notes = [one for one in only(builder.folder).notes if not one.startswith("no orientation")]
    assert len(notes) == (note is not None)
    assert not notes or notes[0].startswith(note)


def test_uneven_slices(series):
    builder = series()
    for at, z in enumerate((0, 2, 4.5, 6, 9.1)):
        builder.add(pattern(at), [0, 0, z])
    stack = only(builder.folder)
    assert "uneven slice spacing: 1.5 to 3.1 mm" in stack.notes[0]
    assert stack.affine[2, 2] == pytest.approx(9.1 / 4)


def test_slightly_uneven_slices_are_no_missing_ones(series):
    builder = series()
    for at in range(6):
        builder.add(pattern(at), [0, 0, at * 2 + 0.05 * (at % 3)])
    stack = only(builder.folder)
    assert stack.notes == ["uneven slice spacing: 1.9 to 2.05 mm; the affine has the mean of 2.02 mm"]


def test_rounded_positions_are_even(series):
    builder = series()
    for at in range(20):
        builder.add(pattern(at), [0, 0, round(at * 1.3333333, 2)])
    stack = only(builder.folder)
    assert stack.regular
    assert not stack.notes


def test_gantry_tilt_shears_the_affine(series):
    angle = math.radians(12)
    builder = series(
        ImageOrientationPatient=[1, 0, 0, 0, math.cos(angle), -math.sin(angle)], GantryDetectorTilt=12
    )
    for at in range(8):
        builder.add(pattern(at), [0, 0, at * 3.0])
    stack = only(builder.folder)
    assert stack.tilt == pytest.approx(12, abs=0.01)
    assert "tilted by 12.00 degrees" in stack.notes[0]
    assert np.allclose(stack.affine[:3, 2], [0, 0, 3])
    assert abs(stack.affine[:3, 1] @ stack.affine[:3, 2]) > 0.1


def test_orientations_are_stacks_of_their_own(series):
    builder = series("MR")
    for orientation in ([1, 0, 0, 0, 1, 0], [1, 0, 0, 0, 0, -1], [0, 1, 0, 0, 0, -1]):
        normal = np.cross(orientation[:3], orientation[3:])
        for at in range(3):
            builder.add(pattern(at), (normal * at * 2.0).tolist(), ImageOrientationPatient=orientation)
    stacks = find_stacks(builder.folder)
    assert [stack.shape for stack in stacks] == [(3, 6, 8)] * 3
    assert len({tuple(stack.affine[:3, 2]) for stack in stacks}) == 3


def test_nearly_equal_orientations_are_one(series):
    builder = series("MR")
    for at in range(4):
        builder.add(pattern(at), [0, 0, at * 2], ImageOrientationPatient=[1, at * 1e-5, 0, 0, 1, 0])
    assert only(builder.folder).shape == (4, 6, 8)


def test_matrix_sizes_are_stacks_of_their_own(series):
    builder = series()
    for at in range(5):
        builder.add(pattern(at, columns=8 if at < 3 else 10), [0, 0, at * 2])
    assert sorted(stack.shape for stack in find_stacks(builder.folder)) == [(2, 6, 10), (3, 6, 8)]


def test_no_position_falls_back_to_slice_location(series):
    builder = series(ImageOrientationPatient=None)
    for at in (3, 1, 2, 0):
        builder.add(pattern(at), None, SliceLocation=at * 4.0)
    stack = only(builder.folder)
    assert np.array_equal(stack.read(rescale=False), [pattern(at) for at in range(4)])
    assert len(stack.notes) == 2
    assert "no positions" in stack.notes[1]
    assert stack.affine[2, 2] == 2  # the stated thickness


def test_no_position_and_no_location_falls_back_to_numbers(series):
    builder = series(ImageOrientationPatient=None, SliceThickness=None)
    for at in (3, 1, 2, 0):
        builder.add(pattern(at), None, InstanceNumber=at + 1)
    stack = only(builder.folder)
    assert np.array_equal(stack.read(rescale=False), [pattern(at) for at in range(4)])
    assert "assumed to be 1 mm" in stack.notes[-1]


def test_zero_pixel_spacing_is_no_spacing(series):
    builder = series(PixelSpacing=[0, 0])
    builder.stack(3)
    stack = only(builder.folder)
    assert stack.spacing == (1, 1, 2)
    assert any("Pixel Spacing" in note for note in stack.notes)


@pytest.mark.parametrize("value", [b"x\\8\\1", b"1\\2", b"", b"nan\\0\\0", b"1e999\\0\\0", b"\xff\\\\"])
def test_unusable_numbers_are_absent(series, value):
    builder = series()
    for at in range(3):
        rewrite_position(builder.add(pattern(at), [7, 8, at]), value)
    stack = only(builder.folder)
    assert "no positions" in " ".join(stack.notes)
    assert stack.shape == (3, 6, 8)


def test_all_at_one_position(series):
    builder = series("MR")
    for at in range(4):
        builder.add(pattern(at), [0, 0, 5], TriggerTime=at * 40)
    stack = only(builder.folder)
    assert stack.shape == (4, 1, 6, 8)
    assert stack.varying == {"TriggerTime": [0, 40, 80, 120]}


def test_beside_the_line(series):
    builder = series()
    for at, x in enumerate((0, 0, 30, 0)):
        builder.add(pattern(at), [x, 0, at * 2])
    found = discover(builder.folder)
    assert any("not in a line" in note for stack in found.stacks for note in stack.notes)


def test_radiographs_are_no_slices(series):
    builder = series("CR", SOPClassUID="1.2.840.10008.5.1.4.1.1.1", ImageOrientationPatient=None)
    for at in range(3):
        builder.add(pattern(at), None)
    assert [stack.shape for stack in find_stacks(builder.folder)] == [(1, 6, 8)] * 3


@pytest.mark.parametrize("location", [None, 8.0])
def test_one_image_without_a_position(series, location):
    """It does not take the others' places from them."""
    builder = series()
    for z in range(9):
        builder.add(pattern(z), None if z == 4 else [0, 0, z * 2], SliceLocation=location)
    stack, astray = find_stacks(builder.folder)
    assert stack.shape[0] == 8
    assert stack.notes == [
        "one slice missing at a spacing of 2 mm: after slice 3 (4 mm); the affine has the mean of 2.28571 mm",
        f"one image has no usable position or orientation and cannot be placed: {builder.folder / 'image0005.dcm'}",
    ]
    assert astray.shape[0] == 1
    assert np.array_equal(astray.read(rescale=False)[0], pattern(4))


def test_frames_of_reference_are_stacks_of_their_own(series):
    builder = series()
    first = builder.stack(4)
    second = builder.stack(4, start=1, FrameOfReferenceUID="1.2.3")
    one, other = sorted(find_stacks(builder.folder), key=lambda stack: stack.affine[2, 3])
    assert np.array_equal(one.read(rescale=False), first)
    assert np.array_equal(other.read(rescale=False), second)


def test_frames_of_reference_that_somebody_removed(series):
    builder = series()
    for z in range(5):
        builder.add(pattern(z), [0, 0, z * 2], FrameOfReferenceUID=f"1.2.{z}")
    assert only(builder.folder).shape[0] == 5


def test_nearly_equal_spacings_are_one(series):
    builder = series()
    for z in range(6):
        builder.add(pattern(z), [0, 0, z * 2], PixelSpacing=[0.48825 + (-1) ** z * 1e-9] * 2)
    assert only(builder.folder).shape[0] == 6
