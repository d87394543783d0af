"""The same operations by the libraries themselves, on more shapes, types and directions than the stored arrays have."""

from __future__ import annotations

import numpy as np
import pytest

from pydcm_pixels import transforms as T
from pydcm_pixels._volume.model import Volume
from pydcm_pixels.transforms import monai, nnunet

SHAPES = [
    ((5, 7, 6), (9, 4, 12)),  # up and down
    ((1, 8, 9), (3, 9, 8)),  # one voxel along an axis
    ((7, 1, 5), (2, 3, 5)),
    ((8, 8, 8), (16, 4, 8)),  # whole factors, where halves occur
    ((9, 9, 9), (1, 2, 3)),
    ((20, 31, 42), (33, 31, 17)),
    ((6, 5, 4), (6, 5, 4)),
]


def image(shape, dtype=np.float32, seed=0):
    values = np.random.default_rng(seed).normal(size=shape) * 100
    return values.astype(dtype)


def labels(shape, dtype=np.int8, seed=0):
    return (
        np.random.default_rng(seed).integers(-1 if np.dtype(dtype).kind == "i" else 0, 4, shape).astype(dtype)
    )


@pytest.mark.parametrize(("shape", "target"), SHAPES)
class TestScikitImage:
    @pytest.mark.parametrize("dtype", [np.float32, np.float64])
    @pytest.mark.parametrize("order", [0, 1, 3])
    def test_resize(self, shape, target, order, dtype):
        peer = pytest.importorskip("skimage.transform")
        array = image(shape, dtype)
        wanted = peer.resize(array, target, order, mode="edge", anti_aliasing=False)
        ours = {0: T.resample_nearest, 1: T.resample_linear, 3: T.resample_cubic}[order](
            Volume(array), target
        )
        assert ours.dtype == wanted.dtype
        assert np.array_equal(ours.pixels, wanted)

    @pytest.mark.parametrize("dtype", [np.int16, np.uint8, np.int32, bool, np.uint32])
    def test_whole_numbers(self, shape, target, dtype):
        peer = pytest.importorskip("skimage.transform")
        array = (image(shape) > 0).astype(dtype) if dtype is bool else np.abs(image(shape)).astype(dtype)
        wanted = peer.resize(
            array.astype(float), target, 3, mode="edge", anti_aliasing=False, preserve_range=True
        )
        ours = T.resample_cubic(Volume(array), target, dtype=np.float64)
        assert np.array_equal(ours.pixels, wanted)
        assert T.resize(Volume(array), target).dtype == dtype


@pytest.mark.parametrize("grid_mode", [False, True])
@pytest.mark.parametrize("order", [0, 1, 3])
@pytest.mark.parametrize(("shape", "target"), SHAPES)
def test_scipy_zoom(shape, target, order, grid_mode):
    peer = pytest.importorskip("scipy.ndimage")
    array = image(shape, np.float64)
    factors = [m / n for n, m in zip(shape, target, strict=True)]
    wanted = peer.zoom(array, factors, order=order, mode="nearest", grid_mode=grid_mode)
    ours = T.zoom(Volume(array), target, order=order, grid_mode=grid_mode)
    assert np.array_equal(ours.pixels, wanted)


@pytest.mark.parametrize("order_z", [0, 1])
@pytest.mark.parametrize("axis", [None, 0, 1, 2])
@pytest.mark.parametrize(("shape", "target"), SHAPES)
def test_nnunet(shape, target, axis, order_z):
    peer = pytest.importorskip("nnunetv2.preprocessing.resampling.default_resampling").resample_data_or_seg
    for dtype in (np.float32, np.float64):
        array = image(shape, dtype)
        for order in (1, 3):
            wanted = peer(array[None], np.array(target), False, axis, order, axis is not None, order_z)[0]
            if axis is None:
                ours = (T.resample_linear if order == 1 else T.resample_cubic)(Volume(array), target)
            else:
                ours = T.resample_separate_z(Volume(array), target, order=order, order_z=order_z, axis=axis)
            assert np.array_equal(ours.pixels, wanted)
    classes = labels(shape)
    wanted = peer(classes[None], np.array(target), True, axis, 1, axis is not None, order_z)[0]
    ours = T.resample_labels(
        Volume(classes), target, separate_z=axis is not None, order_z=order_z, axis=axis or 0
    )
    assert np.array_equal(ours.pixels, wanted)


def test_nnunet_chooses_shape_and_axis():
    peer = pytest.importorskip("nnunetv2.preprocessing.resampling.default_resampling")
    array, classes = image((12, 9, 7)), labels((12, 9, 7))
    spacings = [(5, 0.7, 0.7), (1, 1, 1), (0.5, 3, 0.5), (3, 3, 0.7), (1, 0.7, 5)]
    for old in spacings:
        for new in spacings:
            for values, is_label in ((array, False), (classes, True)):
                wanted = peer.resample_data_or_seg_to_spacing(
                    values[None], old, new, is_label, 1 if is_label else 3, 0, None
                )[0]
                if wanted.size:
                    volume = Volume(values, spacing=old[::-1])
                    ours = nnunet.resample_to_spacing(volume, new[::-1], is_label=is_label)
                    assert np.array_equal(ours.pixels, wanted)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize(("shape", "target"), [*SHAPES, ((64, 50, 70), (100, 33, 257))])
def test_torch(shape, target, dtype):
    torch = pytest.importorskip("torch")
    functional = torch.nn.functional
    array = image(shape, dtype)
    tensor = torch.from_numpy(array)[None, None]
    matrix = torch.eye(3, 4, dtype=tensor.dtype)[None]
    grid = functional.affine_grid(matrix, (1, 1, *target), align_corners=False)
    wanted = functional.grid_sample(tensor, grid, padding_mode="border", align_corners=False)[0, 0].numpy()
    ours = T.resample_grid_sample(Volume(array), target).pixels
    assert np.abs(ours - wanted).max() <= np.spacing(np.abs(array).max())
    wanted = functional.interpolate(tensor, target, mode="trilinear", align_corners=False)[0, 0].numpy()
    for function in (T.resize, monai.resize):
        assert np.abs(function(Volume(array), target).pixels - wanted).max() < 1e-5 * np.ptp(array)


def test_pillow():
    from PIL import Image

    rng = np.random.default_rng(0)
    for _ in range(60):
        size, target = rng.integers(1, 70, 2), rng.integers(1, 70, 2)
        if size[0] > target[0]:  # which axis comes first then depends on Pillow's version
            target[0] = size[0] + target[0]
        for dtype in (np.uint8, np.float32):
            array = (rng.random(size) * 255).astype(dtype)
            for interp, filter_ in (
                ("bicubic", Image.Resampling.BICUBIC),
                ("bilinear", Image.Resampling.BILINEAR),
            ):
                wanted = np.asarray(Image.fromarray(array).resize(tuple(target[::-1].tolist()), filter_))
                ours = T.resize_2d(Volume(array[None]), target, interp=interp)
                assert np.array_equal(ours.pixels[0], wanted)


def test_pillow_smaller_down_the_columns():
    PIL = pytest.importorskip("PIL", minversion="13")
    from PIL import Image

    assert PIL
    rng = np.random.default_rng(1)
    for size, target in [((60, 40), (39, 30)), ((60, 40), (40, 30)), ((60, 20), (5, 80)), ((9, 50), (3, 39))]:
        array = rng.random(size).astype(np.float32)
        wanted = np.asarray(Image.fromarray(array).resize(target[::-1], Image.Resampling.BICUBIC))
        assert np.array_equal(T.resize_2d(Volume(array[None]), target).pixels[0], wanted)


def turned(rng, spacing):
    matrix = np.eye(4)
    matrix[:3, :3] = np.linalg.qr(rng.normal(size=(3, 3)))[0] * spacing
    matrix[:3, 3] = rng.normal(size=3) * 5
    return matrix


@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.int16])
@pytest.mark.parametrize("seed", range(4))
def test_itk(seed, dtype):
    sitk = pytest.importorskip("SimpleITK")
    rng = np.random.default_rng(seed)
    shape = tuple(rng.integers(5, 24, 3))
    moving = Volume(image(shape, dtype, seed), turned(rng, (0.8, 0.9, 2.5)))
    grid = moving.affine @ np.diag([1.31, 0.71, 0.53, 1.0])  # no halves, which rounding decides
    tilt = turned(rng, (1, 1, 1))[:3, :3] if seed % 2 else np.eye(3)
    grid[:3, :3] = tilt @ grid[:3, :3]
    reference = Volume(np.zeros((11, 18, 13), np.uint8), grid)
    kinds = {"linear": sitk.sitkLinear, "nearest": sitk.sitkNearestNeighbor, "cubic": sitk.sitkBSpline}
    for interp, kind in kinds.items():
        made = dtype if interp == "nearest" else np.float32 if dtype == np.int16 else dtype
        wanted = sitk.Resample(
            Volume(moving.pixels.astype(made), moving.affine).to_simpleitk(),
            reference.to_simpleitk(),
            sitk.Transform(),
            kind,
            -7.0,
        )
        ours = T.resample_to_reference(moving, reference, is_label=False, interp=interp, fill=-7)
        assert ours.dtype == made
        assert np.abs(ours.pixels - sitk.GetArrayFromImage(wanted)).max() <= 1e-6 * np.ptp(moving.pixels)


@pytest.mark.parametrize("dtype", ["u1", "i2", "i4", "u4", "i8", "u8", "f4", "f8"])
@pytest.mark.parametrize("values", [[5, 6, 7], [0, 5, 6], [-1, 2, 3]])
def test_nnunet_labels_across_slices(dtype, values):
    peer = pytest.importorskip("nnunetv2.preprocessing.resampling.default_resampling").resample_data_or_seg
    kept = [abs(value) for value in values] if dtype.startswith("u") else values
    array = np.random.default_rng(1).choice(kept, (12, 5, 6)).astype(dtype)
    wanted = peer(array[None], np.array((18, 7, 6)), True, 0, 1, True, 1)[0]
    ours = T.resample_labels(Volume(array), (18, 7, 6), separate_z=True, order_z=1)
    assert (wanted == 0).any()  # places between slices of two labels
    assert np.array_equal(ours.pixels, wanted)


@pytest.mark.parametrize(
    ("spacing", "new"),
    [
        ((1, 1, 3), (1, 1, 2)),  # just not thick
        ((0.5, 0.5, 1.5), (0.7, 0.7, 1.5)),
        ((0.25, 1.25, 1.25), (0.5, 1, 1)),  # no one axis is the thick one
        ((1.5, 1.5, 3), (1, 1, 2)),  # half voxels: 7 * 1.5 = 10.5
        ((1, 1, 4), (1.25, 1.25, 4)),
    ],
)
@pytest.mark.parametrize("turn", range(4))
def test_nnunet_of_oblique_volumes(spacing, new, turn):
    """The lengths of an oblique matrix's columns are not quite the spacings that its file states."""
    peer = pytest.importorskip("nnunetv2.preprocessing.resampling.default_resampling")
    array = image((6, 8, 7))
    wanted = peer.resample_data_or_seg_to_spacing(
        array[None], spacing[::-1], new[::-1], force_separate_z=None
    )[0]
    direction = np.linalg.qr(np.random.default_rng(turn).normal(size=(3, 3)))[0]
    matrix = np.eye(4)
    matrix[:3, :3] = (direction * spacing).astype(np.float32 if turn % 2 else np.float64)
    ours = nnunet.resample_to_spacing(Volume(array, matrix), new)
    assert ours.shape == wanted.shape
    assert np.array_equal(ours.pixels, wanted)


@pytest.mark.parametrize("digits", [4, 6, 7])
@pytest.mark.parametrize("scale_extent", [False, True])
def test_monai_spacing_of_rounded_directions(digits, scale_extent):
    """What files say of directions is rounded, so that their axes are not quite at right angles."""
    peer = pytest.importorskip("monai.transforms").Spacing
    tensors = pytest.importorskip("monai.data")
    rng = np.random.default_rng(digits)
    for spacing in ((1.5, 1.5, 2), (0.4, 0.7, 1.3), (2.001, 1.0, 3.999)):
        array, matrix = image((7, 12, 9)), np.eye(4)
        matrix[:3, :3] = np.linalg.qr(rng.normal(size=(3, 3)))[0].round(digits) * (1, 0.9, 4)
        matrix[:3, 3] = rng.uniform(-100, 100, 3)
        wanted = peer(spacing, scale_extent=scale_extent)(
            tensors.MetaTensor(array.T[None], affine=np.diag([-1, -1, 1, 1]) @ matrix)
        )
        ours = monai.resample_to_spacing(Volume(array, matrix), spacing, scale_extent=scale_extent)
        assert np.allclose(np.diag([-1, -1, 1, 1]) @ ours.affine, wanted.affine.numpy(), atol=1e-9)
        assert np.allclose(ours.pixels.T, wanted.numpy()[0], atol=1e-3)


def test_monai_spacing_that_changes_the_affine_hardly():
    peer = pytest.importorskip("monai.transforms").Spacing
    tensors = pytest.importorskip("monai.data")
    array, matrix = image((5, 6, 7)), np.diag([0.4, 0.4, 0.4, 1])
    wanted = peer((0.4, 0.4014, 0.4))(
        tensors.MetaTensor(array.T[None], affine=np.diag([-1, -1, 1, 1]) @ matrix)
    )
    ours = monai.resample_to_spacing(Volume(array, matrix), (0.4, 0.4014, 0.4))
    assert np.allclose(ours.pixels.T, wanted.numpy()[0], atol=1e-3)
    assert np.allclose(np.diag([-1, -1, 1, 1]) @ ours.affine, wanted.affine.numpy())


def test_monai_spacing():
    torch = pytest.importorskip("torch")
    peer = pytest.importorskip("monai.transforms").Spacing
    tensors = pytest.importorskip("monai.data")
    rng = np.random.default_rng(1)
    for turn in range(24):
        shape = tuple(rng.integers(3, 16, 3))
        matrix = turned(rng, rng.choice([0.5, 0.7, 0.8, 1, 1.25, 2.5, 3], 3))
        if turn % 3 == 0:
            matrix[:3, :3] = np.diag(np.linalg.norm(matrix[:3, :3], axis=0))
        if turn % 3 == 1:
            matrix[:3, :3] @= np.array([[1, 0.2, 0], [0, 1, 0], [0, 0, 1]])
        spacing = tuple(rng.choice([0.5, 0.8, 1, 1.5, 2], 3))
        if turn % 4 == 1:  # nearly what is there already
            spacing = (np.linalg.norm(matrix[:3, 0]) + 9e-4, *spacing[1:])
        array = image(shape, seed=turn)
        tensor = tensors.MetaTensor(
            torch.from_numpy(np.ascontiguousarray(array.transpose())[None]), affine=torch.from_numpy(matrix)
        )
        wanted = peer(spacing, scale_extent=bool(turn % 2))(tensor)
        ours = monai.resample_to_spacing(Volume(array, matrix), spacing, scale_extent=bool(turn % 2))
        assert np.abs(ours.affine - np.asarray(wanted.affine)).max() < 1e-9
        assert np.abs(ours.pixels - np.asarray(wanted)[0].transpose()).max() < 1e-6 * np.ptp(array)


@pytest.mark.parametrize("interp", ["trilinear", "area", "nearest", "nearest-exact"])
@pytest.mark.parametrize(("shape", "target"), SHAPES)
def test_monai_resize(shape, target, interp):
    peer = pytest.importorskip("monai.transforms").Resize
    torch = pytest.importorskip("torch")
    array = image(shape)
    wanted = np.asarray(peer(target, mode=interp)(torch.from_numpy(array[None])))[0]
    ours = monai.resize(Volume(array), target, interp=interp)
    assert np.abs(ours.pixels - wanted).max() < 1e-6 * np.ptp(array)


def test_monai_affine():
    peer = pytest.importorskip("monai.transforms").Affine
    torch = pytest.importorskip("torch")
    array = image((9, 12, 10))
    forward = np.eye(4)
    forward[:3] += np.random.default_rng(2).normal(size=(3, 4)) * 0.1
    centre = np.eye(4)
    centre[:3, 3] = (np.array(array.shape[::-1]) - 1) / 2
    there = centre @ np.linalg.inv(forward) @ np.linalg.inv(centre)
    options = {"image_only": True, "normalized": False, "dtype": torch.float64}
    for mode, outside in (("zeros", "zeros"), ("border", "border"), ("reflection", "mirror")):
        made = peer(affine=torch.from_numpy(forward), padding_mode=mode, **options)
        wanted = np.asarray(made(torch.from_numpy(np.ascontiguousarray(array.transpose())[None])))[
            0
        ].transpose()
        ours = T.affine(Volume(array), there, outside=outside)
        assert np.abs(ours.pixels - wanted).max() < 1e-6 * np.ptp(array)


@pytest.mark.parametrize("mode", ["constant", "edge", "reflect", "symmetric", "wrap"])
def test_numpy_pad(mode):
    array = image((4, 5, 6), np.int16)
    for low, high in (((0, 1, 2), (3, 0, 1)), ((9, 11, 0), (10, 3, 20))):
        options = {"constant_values": -3} if mode == "constant" else {}
        wanted = np.pad(array, list(zip(low, high, strict=True)), mode, **options)
        assert np.array_equal(T.pad(Volume(array), low, high, mode=mode, value=-3).pixels, wanted)


@pytest.mark.parametrize("k", [-1, 0, 1, 2, 3, 5])
@pytest.mark.parametrize("axes", [(0, 1), (1, 0), (1, 2), (2, 0), (-1, 0)])
def test_numpy_rot90(k, axes):
    array = image((4, 5, 6), np.int16)
    assert np.array_equal(T.rotate90(Volume(array), k, axes).pixels, np.rot90(array, k, axes))


def test_letters_of_sheared_volumes():
    nibabel = pytest.importorskip("nibabel")
    rng = np.random.default_rng(3)
    to_ras = np.diag([-1, -1, 1, 1])
    for _ in range(200):
        matrix = np.eye(4)
        matrix[:3, :3] = np.linalg.qr(rng.normal(size=(3, 3)))[0] @ [
            [1, 0, 0],
            [0, 1, rng.uniform(-0.6, 0.6)],
            [0, 0, 1],
        ]
        matrix[:3, :3] *= rng.uniform(0.5, 4, 3)
        volume = Volume(np.arange(24).reshape(2, 3, 4), matrix)
        assert volume.axcodes == "".join(nibabel.aff2axcodes(to_ras @ matrix))
        wanted = nibabel.as_closest_canonical(
            nibabel.Nifti1Image(volume.pixels.T.astype("i4"), to_ras @ matrix)
        )
        assert np.array_equal(monai.reorient(volume, "RAS").pixels.T, np.asarray(wanted.dataobj))
