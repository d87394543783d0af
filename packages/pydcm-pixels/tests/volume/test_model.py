"""Volumes: geometry, parts, orientation, other libraries, pictures."""

from __future__ import annotations

import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pydcm_pixels.volume import Volume

ANGLE = 0.4
TURNED = np.array([[np.cos(ANGLE), -np.sin(ANGLE), 0], [np.sin(ANGLE), np.cos(ANGLE), 0], [0, 0, 1]])


def volume(axes: str = "zyx", mirrored: bool = False) -> Volume:
    lengths = {"t": 2, "z": 4, "y": 5, "x": 6, "c": 3}
    pixels = np.arange(np.prod([lengths[name] for name in axes]), dtype=np.int16).reshape(
        [lengths[name] for name in axes]
    )
    direction = TURNED @ np.diag([1, 1, -1 if mirrored else 1])
    return Volume(pixels, spacing=(0.5, 0.75, 2), origin=(-10, 20, 30), direction=direction, axes=axes)


class TestGeometry:
    def test_affine_and_the_rest_agree(self) -> None:
        one = volume()
        two = Volume(one.pixels, one.affine)
        assert two.spacing == pytest.approx((0.5, 0.75, 2))
        assert two.origin == (-10, 20, 30)
        np.testing.assert_allclose(two.direction, TURNED, atol=1e-12)
        assert two.same_grid(one)
        assert one.size == (6, 5, 4)

    def test_contradictions_are_refused(self) -> None:
        one = volume()
        with pytest.raises(ValueError, match="contradict"):
            Volume(one.pixels, one.affine, spacing=(1, 1, 1))
        with pytest.raises(ValueError, match="contradict"):
            Volume(one.pixels, one.affine, origin=(0, 0, 0))
        Volume(one.pixels, one.affine, spacing=(0.5, 0.75, 2), origin=(-10, 20, 30), direction=TURNED)

    @pytest.mark.parametrize(
        ("affine", "message"),
        [
            (np.zeros((4, 4)), "shape"),
            (np.eye(3), "shape"),
            (np.diag([1, 1, 0, 1]), "spacing is 0"),
            (np.full((4, 4), np.nan), "finite"),
        ],
    )
    def test_no_affine(self, affine: np.ndarray, message: str) -> None:
        with pytest.raises(ValueError, match=message):
            Volume(np.zeros((2, 2, 2)), affine)

    def test_axes_have_to_fit(self) -> None:
        with pytest.raises(ValueError, match="axes"):
            Volume(np.zeros((2, 2)))
        with pytest.raises(ValueError, match="axes"):
            Volume(np.zeros((2, 2, 2)), axes="tzyx")

    def test_there_and_back(self) -> None:
        one = volume()
        index = np.array([[0, 0, 0], [5, 4, 3], [1.5, -2, 0.25]])
        world = one.index_to_world(index)
        np.testing.assert_allclose(world[0], one.origin)
        np.testing.assert_allclose(one.world_to_index(world), index, atol=1e-12)

    @pytest.mark.parametrize("axes", ["zyx", "tzyx", "zyxc", "tzyxc"])
    def test_pickles(self, axes: str) -> None:
        one = volume(axes)
        two = pickle.loads(pickle.dumps(one))
        assert np.array_equal(one.pixels, two.pixels)
        assert one.same_grid(two)
        assert one.axes == two.axes


class TestParts:
    @settings(deadline=None)
    @given(st.data())
    def test_voxels_stay_where_they_are(self, data: st.DataObject) -> None:
        one = volume()
        keys = tuple(data.draw(st.slices(n)) for n in one.shape)
        if not one.pixels[keys].size:
            with pytest.raises(IndexError):
                one[keys]
            return
        two = one[keys]
        assert np.array_equal(two.pixels, one.pixels[keys])
        for x, y, z in np.ndindex(two.size):
            number = two.pixels[z, y, x]
            old = np.argwhere(one.pixels == number)[0][::-1]
            np.testing.assert_allclose(two.index_to_world((x, y, z)), one.index_to_world(old), atol=1e-9)

    def test_numbers_keep_space_and_drop_time(self) -> None:
        one = volume("tzyx")
        one.meta["varying"] = {"EchoTime": [1.0, 2.0]}
        assert one[1].shape == (4, 5, 6)
        assert one[1].axes == "zyx"
        assert one[:, 2].shape == (2, 1, 5, 6)
        assert one[..., -1].shape == (2, 4, 5, 1)
        assert one[1:].meta["varying"] == {"EchoTime": [2.0]}
        one.meta["time"] = [0.0, 2.5]
        assert one[1:].meta["time"] == [2.5]
        assert one[:, 1:].meta["time"] == [0.0, 2.5]
        assert "time" not in one[1].meta

    def test_refusals(self) -> None:
        with pytest.raises(TypeError):
            volume()[np.array([True])]
        with pytest.raises(IndexError):
            volume()[5:]
        with pytest.raises(IndexError):
            volume()[0, 0, 0, 0]
        with pytest.raises(ValueError, match="box"):
            volume().crop((0, 0, 0), (5, 1, 1))

    def test_crop(self) -> None:
        two = volume("tzyx").crop((1, 2, 3), (2, 2, 2))
        assert two.shape == (2, 2, 2, 2)
        np.testing.assert_allclose(two.origin, volume().index_to_world((3, 2, 1)))

    @pytest.mark.parametrize("axcodes", ["LPS", "RAS", "SAR", "ILP", "PIR", "ASL"])
    @pytest.mark.parametrize("axes", ["zyx", "tzyxc"])
    @pytest.mark.parametrize("mirrored", [False, True])
    def test_reorient(self, axcodes: str, axes: str, mirrored: bool) -> None:
        one = volume(axes, mirrored)
        two = one.reorient(axcodes)
        assert two.axcodes == axcodes
        assert np.shares_memory(one.pixels, two.pixels)
        corner = [0 if name in "xyz" else slice(None) for name in two.axes]
        index = np.rint(one.world_to_index(two.origin)).astype(int)
        there = [index["xyz".index(name)] if name in "xyz" else slice(None) for name in one.axes]
        assert np.array_equal(two.pixels[tuple(corner)], one.pixels[tuple(there)])
        assert two.reorient(one.axcodes).same_grid(one)
        with pytest.raises(ValueError, match="axcodes"):
            one.reorient("LLS")


class TestLibraries:
    @pytest.mark.parametrize("axes", ["zyx", "tzyx", "zyxc"])
    @pytest.mark.parametrize("mirrored", [False, True])
    def test_simpleitk(self, axes: str, mirrored: bool) -> None:
        sitk = pytest.importorskip("SimpleITK")
        one = volume(axes, mirrored)
        image = one.to_simpleitk()
        assert np.array_equal(sitk.GetArrayFromImage(image), one.pixels)
        index = (1, 2, 3, 1)[: image.GetDimension()]
        np.testing.assert_allclose(
            image.TransformIndexToPhysicalPoint(index)[:3], one.index_to_world(index[:3]), atol=1e-6
        )
        two = Volume.from_simpleitk(image)
        assert two.same_grid(one)
        assert two.axes == axes
        assert np.array_equal(two.pixels, one.pixels)

    @pytest.mark.parametrize("axes", ["zyx", "tzyx"])
    def test_nibabel(self, axes: str) -> None:
        nibabel = pytest.importorskip("nibabel")
        one = volume(axes)
        image = one.to_nibabel()
        assert nibabel.aff2axcodes(image.affine) == nibabel.aff2axcodes(np.diag([-1, -1, 1, 1]) @ one.affine)
        assert np.array_equal(np.asanyarray(image.dataobj).T, one.pixels)
        two = Volume.from_nibabel(image)
        assert two.same_grid(one)
        assert np.array_equal(two.pixels, one.pixels)

    def test_nibabel_units_and_colours(self) -> None:
        nibabel = pytest.importorskip("nibabel")
        image = nibabel.Nifti1Image(np.zeros((5, 4, 3, 2), "i2"), np.eye(4))
        for unit, factor in (("sec", 1.0), ("msec", 1e-3), ("usec", 1e-6), ("unknown", 1.0)):
            image.header.set_xyzt_units("mm", unit)
            image.header.set_zooms((1, 1, 1, 2500))
            assert Volume.from_nibabel(image).meta["time"] == [0.0, pytest.approx(2500 * factor)]
        colours = np.zeros((5, 4, 3), [("R", "u1"), ("G", "u1"), ("B", "u1")])
        colours["G"][1, 2, 0] = 7
        one = Volume.from_nibabel(nibabel.Nifti1Image(colours, np.eye(4)))
        assert one.axes == "zyxc"
        assert one.pixels[0, 2, 1].tolist() == [0, 7, 0]

    def test_torch(self) -> None:
        torch = pytest.importorskip("torch")
        one = volume()
        tensor = one.to_torch()
        tensor[0, 0, 0] = 77
        assert one.pixels[0, 0, 0] == 77
        assert torch.equal(one.flip("z").to_torch(), tensor.flip(0))
        assert Volume.from_torch(tensor, one.affine).same_grid(one)

    @pytest.mark.parametrize("axes", ["zyx", "tzyx", "zyxc"])
    def test_xarray(self, axes: str) -> None:
        pytest.importorskip("xarray")
        one = volume(axes)
        array = one.to_xarray()
        assert array.dims == tuple(axes)
        assert float(array.z[1]) == pytest.approx(2)
        two = Volume.from_xarray(array)
        assert two.same_grid(one)
        assert np.array_equal(two.pixels, one.pixels)

    def test_part_of_xarray(self) -> None:
        xarray = pytest.importorskip("xarray")
        one = volume("tzyx")
        one.meta["time"] = [1.0, 3.0]
        array = one.to_xarray().isel(
            t=slice(1, 2), z=slice(1, 3), y=slice(None, None, -1), x=slice(None, None, 2)
        )
        two = Volume.from_xarray(array.transpose("x", "t", "z", "y"))
        expected = one[1:, 1:3, ::-1, ::2]
        assert two.same_grid(expected)
        assert np.array_equal(two.pixels, expected.pixels)
        assert two.meta["time"] == [3.0]
        assert Volume.from_xarray(one.to_xarray().isel(t=0)).axes == "zyx"
        with pytest.raises(ValueError, match="evenly"):
            Volume.from_xarray(one.to_xarray().isel(z=[0, 1, 3]))
        named = xarray.DataArray(np.zeros((2, 3, 4)), dims=("z", "y", "x"), coords={"z": [10.0, 12.5]})
        assert Volume.from_xarray(named).spacing == (1, 1, 2.5)
        assert Volume.from_xarray(named).origin == (0, 0, 10)
        with pytest.raises(ValueError, match="axes"):
            Volume.from_xarray(named.rename(x="lon"))


class TestPictures:
    def test_planes_are_seen_as_radiologists_see_them(self) -> None:
        from pydcm_pixels._volume.planes import plane_of

        pixels = np.zeros((8, 9, 10), np.float32)
        one = Volume(pixels, spacing=(1, 1, 3))
        pixels[4, 4, 9] = 1  # left
        pixels[7, 4, 5] = 2  # top
        pixels[4, 0, 5] = 3  # front
        for turned in (one, one.reorient("RAI"), one.reorient("SLP")):
            axial, *_ = plane_of(turned, "axial", None)
            assert axial.shape == (9, 10)
            coronal, down, across = plane_of(turned, "coronal", None)
            assert coronal.shape == (8, 10)
            assert (down, across) == (3, 1)
        axial, *_ = plane_of(one, "axial")
        assert axial[4, 9] == 1
        assert axial[0, 5] == 3
        coronal, *_ = plane_of(one, "coronal")
        assert coronal[0, 5] == 2
        sagittal, *_ = plane_of(one, "sagittal")
        assert sagittal[0, 4] == 2

    @pytest.mark.parametrize("axes", ["zyx", "tzyx", "zyxc", "tzyxc"])
    def test_html(self, axes: str) -> None:
        one = volume(axes)
        one.meta["description"] = "<b>T1"
        text = one._repr_html_()
        assert "data:image/png" in text
        assert "&lt;b&gt;T1" in text
        assert "0.5 × 0.75 × 2 mm" in text
        assert "zyx" not in repr(one)

    def test_show(self) -> None:
        matplotlib = pytest.importorskip("matplotlib")
        matplotlib.use("agg")
        one = volume()
        figure = one.show(window=(60, 120), mask=(one.pixels > 50).astype(np.uint8))
        assert [axes.get_title() for axes in figure.axes] == ["axial", "coronal", "sagittal"]
        letters = ["".join(text.get_text() for text in axes.texts) for axes in figure.axes]
        assert letters == ["RLAP", "RLSI", "APSI"]  # left, right, top and bottom edge
        with pytest.raises(ValueError, match="another grid"):
            one.show(mask=one[1:])

    def test_whatever_there_is_to_show(self) -> None:
        matplotlib = pytest.importorskip("matplotlib")
        matplotlib.use("agg")
        shape = (3, 4, 5)
        made = [
            np.ones(shape, bool),
            np.full(shape, np.nan),
            np.full(shape, -np.inf),
            np.full(shape, 2**64 - 1, np.uint64),
            np.full(shape, -(2**63), np.int64),
            np.ones(shape, np.complex64),
            np.ones(shape, np.float16),
            np.zeros((1, 1, 1)),
        ]
        for pixels in made:
            one = Volume(pixels, np.eye(4))
            assert "data:image/png" in one._repr_html_()
            matplotlib.pyplot.close(one.show(mask=pixels if pixels.dtype == bool else None))
        nothing = Volume(np.zeros((0, 4, 5)))
        assert "0 × 4 × 5" in nothing._repr_html_()
        for look in (nothing.show, lambda: nothing.save_animation("nothing.gif")):
            with pytest.raises(ValueError, match="no voxels to show"):
                look()

    def test_masks(self, tmp_path: Path) -> None:
        """Of a file, an array and a volume; drawn in colour where they are, nowhere else."""
        image = pytest.importorskip("PIL.Image")
        one = Volume(np.zeros((3, 4, 5), np.int16), np.diag([1.0, 1, 1, 1]))
        labels = np.zeros(one.shape, np.uint8)
        labels[1, 2, 3], labels[2, 0, 0] = 1, 2
        one._like(labels).to_nifti(tmp_path / "mask.nii.gz")
        for mask in (labels, labels > 0, one._like(labels), tmp_path / "mask.nii.gz"):
            one.save_animation(tmp_path / "a.gif", mask=mask, alpha=1, window=(0, 1))
            with image.open(tmp_path / "a.gif") as gif:
                found = []
                for at in range(gif.n_frames):
                    gif.seek(at)
                    found.append(np.asarray(gif.convert("RGB")))
            coloured = np.ptp(np.stack(found).astype(int), axis=-1) > 50
            assert np.array_equal(coloured, labels > 0)
        with pytest.raises(ValueError, match="another grid.*resample_to_reference"):
            one.save_animation(tmp_path / "a.gif", mask=labels[1:])

    def test_planes_of_an_animation(self, tmp_path: Path) -> None:
        image = pytest.importorskip("PIL.Image")
        one = volume()  # 4 x 5 x 6 voxels of 0.5 x 0.75 x 2 mm
        for plane, count, size in (("axial", 4, (6, 8)), ("coronal", 5, (6, 16)), ("sagittal", 6, (5, 11))):
            one.save_animation(tmp_path / "a.gif", plane=plane)
            with image.open(tmp_path / "a.gif") as gif:
                assert (gif.n_frames, gif.size) == (count, size)
        long = Volume(np.zeros((100, 2, 3)), spacing=(0.01, 0.01, 100))
        long.save_animation(tmp_path / "a.gif", plane="coronal")
        with image.open(tmp_path / "a.gif") as gif:
            assert gif.size == (1, 2048)

    def test_film(self, tmp_path: Path) -> None:
        av = pytest.importorskip("av")
        Volume(np.zeros((3, 15, 17))).save_animation(tmp_path / "a.mp4")
        with av.open(tmp_path / "a.mp4") as film:
            frames = list(film.decode(video=0))
        assert (len(frames), frames[0].width, frames[0].height) == (3, 18, 16)

    def test_animation(self, tmp_path: Path) -> None:
        image = pytest.importorskip("PIL.Image")
        volume().save_animation(tmp_path / "a.gif")
        with image.open(tmp_path / "a.gif") as gif:
            assert gif.n_frames == 4
            assert gif.size == (6, 8)  # with square dots
        with pytest.raises(ValueError, match="axial, coronal, sagittal, not 'x'"):
            volume().save_animation(tmp_path / "a.gif", plane="x")
        with pytest.raises(FileExistsError):
            volume().save_animation(tmp_path / "a.gif", overwrite=False)


class TestWithPixels:
    """Other voxels on the same grid."""

    def test_mask(self) -> None:
        one = volume()
        one.meta["modality"] = "CT"
        mask = one.with_pixels(one.pixels > 50)
        assert mask.dtype == bool
        assert mask.same_grid(one)
        assert mask.meta == one.meta
        assert mask.meta is not one.meta
        assert one.with_pixels(one.pixels.tolist()).shape == one.shape

    def test_of_several_time_points(self) -> None:
        moving = volume("tzyx")
        moving.meta |= {"varying": {"EchoTime": [1.0, 2.0]}, "time": [0, 1], "modality": "MR"}
        assert "varying" in moving.with_pixels(moving.pixels * 2).meta
        still = moving.with_pixels(moving.pixels.mean(0))
        assert (still.axes, still.meta) == ("zyx", {"modality": "MR"})

    def test_colours_stay(self) -> None:
        coloured = volume("zyxc")
        assert coloured.with_pixels(coloured.pixels).axes == "zyxc"
        assert coloured.with_pixels(coloured.pixels[..., 0]).axes == "zyx"

    @pytest.mark.parametrize("shape", [(3, 5, 6), (4, 5), (4, 5, 7), (6, 5, 4), (2, 4, 5, 7)])
    def test_another_grid(self, shape: tuple[int, ...]) -> None:
        with pytest.raises(ValueError, match="shape"):
            volume().with_pixels(np.zeros(shape))


@pytest.mark.parametrize(
    "axis", [0, None, (0, 1), (0, 1, 2), (True, False, True, False), "q", ("x", "y", "z")]
)
def test_flips_of_no_axes(axis: object) -> None:
    with pytest.raises(ValueError, match="axes are"):
        volume().flip(axis)  # type: ignore[arg-type]


@pytest.mark.parametrize("kind", ["?", "f2", ">i2", ">f4", ">f2", "u8", "i1"])
def test_types_that_others_do_not_have(kind: str) -> None:
    one = Volume(np.arange(24).reshape(2, 3, 4).astype(kind))[::-1, :, ::2]
    for needed, there, back in (
        ("SimpleITK", one.to_simpleitk, Volume.from_simpleitk),
        ("nibabel", one.to_nibabel, Volume.from_nibabel),
        ("torch", one.to_torch, Volume.from_torch),
    ):
        pytest.importorskip(needed)
        assert np.array_equal(back(there()).pixels, one.pixels)


@pytest.mark.parametrize("key", ["mask", [1, 2], 1.5, None, ("mask", slice(None)), "z"])
def test_what_a_volume_does_not_take(key: object) -> None:
    one = volume()
    mask = one.pixels > 3
    key = {"mask": mask}.get(key, key) if isinstance(key, str) else key
    key = (mask, slice(None)) if isinstance(key, tuple) else key
    with pytest.raises(TypeError, match="slices and whole numbers"):
        one[key]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"direction": 2 * np.eye(3)}, "unit vectors"),
        ({"direction": np.eye(4)}, "unit vectors"),
        ({"origin": (1, 2)}, "origin"),
        ({"spacing": (1, 2, np.inf)}, "spacing"),
    ],
)
def test_no_geometry(options: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Volume(np.zeros((2, 3, 4)), **options)


def test_types_and_copies_stay_in_place() -> None:
    one = Volume(np.ones((2, 3, 4)), spacing=(1, 2, 3), origin=(4, 5, 6), meta={"modality": "CT"})
    two = one.astype("i2")
    assert two.dtype == np.int16
    assert two.same_grid(one)
    three = one.copy()
    three.pixels[0] = 7
    three.affine[0, 3] = 9
    three.meta["modality"] = "MR"
    assert one.pixels.max() == 1
    assert one.origin == (4, 5, 6)
    assert one.meta == two.meta == {"modality": "CT"}


def test_indices_that_are_none() -> None:
    one = Volume(np.ones((2, 3, 4)))
    with pytest.raises(TypeError, match="slices and whole numbers"):
        one[True]
    with pytest.raises(IndexError, match="no index 2 along z, it has 2"):
        one[2]
    with pytest.raises(IndexError, match="indices for a volume"):
        one[..., ...]
    with pytest.raises(ValueError, match="three numbers"):
        one.crop((0, 0), (1, 1, 1))


def test_a_volume_is_no_array_of_voxels() -> None:
    one = Volume(np.ones((2, 3, 4)), spacing=(1, 2, 3))
    with pytest.raises(TypeError, match="place would be lost"):
        Volume(one)  # type: ignore[arg-type]


def test_window_of_all_columns() -> None:
    """As many voxels as make every 512th one enough to look at: those of one column of each row."""
    from pydcm_pixels._volume.planes import window_of

    pixels = np.full((391, 512, 512), -100, np.int8)
    pixels[:, 100:400, 100:400] = np.arange(-50, 100).repeat(2)
    low, high = window_of(Volume(pixels))
    assert low == -100
    assert 90 < high < 100


def test_masks_that_are_none() -> None:
    pytest.importorskip("matplotlib").use("agg")
    one = Volume(np.ones((2, 3, 4)))
    for mask in (np.full((2, 3, 4), 0.7), np.full((2, 3, 4), np.nan)):
        with pytest.raises(ValueError, match=r"a mask has whole numbers.*as_discrete"):
            one.show(mask=mask)
    for alpha in (-0.1, 1.5):
        with pytest.raises(ValueError, match="from 0, nothing to see of the mask, to 1"):
            one.show(mask=np.ones((2, 3, 4)), alpha=alpha)
        with pytest.raises(ValueError, match="from 0, nothing to see of the mask, to 1"):
            one.save_animation("a.gif", alpha=alpha)


def test_masks_of_numbers_that_are_nearly_whole(tmp_path: Path) -> None:
    from pydcm_pixels._volume.picture import labels_on

    one = Volume(np.ones((1, 1, 3)))
    labels = labels_on(one, np.array([[[0.9999, 2.0001, 0]]], np.float32))
    assert labels is not None
    assert labels.pixels.tolist() == [[[1, 2, 0]]]


@pytest.mark.parametrize("codes", ["LAS", "RAS", "SLP"])
def test_masks_whose_axes_are_in_another_order(codes: str) -> None:
    from pydcm_pixels._volume.picture import labels_on

    one = Volume(np.arange(24).reshape(2, 3, 4), spacing=(1, 2, 3), origin=(5, 6, 7))
    labels = labels_on(one, one.reorient(codes))
    assert labels is not None
    assert np.array_equal(labels.pixels, one.pixels)
    with pytest.raises(ValueError, match="another grid"):
        labels_on(one, one.reorient(codes)[:1])


def test_slabs_have_their_proportions() -> None:
    from pydcm_pixels._volume.picture import three_planes

    axial, strip = 180, 2 * 180
    planes = three_planes(
        Volume(np.ones((2, 100, 100), np.uint8) + np.arange(100, dtype=np.uint8), spacing=(1, 1, 5))
    )
    assert planes.shape == (180, axial + 2 * strip)
    rows = np.flatnonzero(planes[:, axial + strip - 1])
    assert (len(rows), rows[0]) == (36, 72)  # 100 x 10 mm, in the middle


@pytest.mark.parametrize("samples", [2, 4])
def test_colours_with_more_or_fewer_than_three(samples: int, tmp_path: Path) -> None:
    pytest.importorskip("PIL")
    one = Volume(np.ones((2, 3, 4, samples), np.uint8), axes="zyxc")
    assert "data:image/png" in one._repr_html_()
    one.save_animation(tmp_path / "a.gif", mask=np.ones((2, 3, 4)))


def test_pictures_that_cannot_be_several(tmp_path: Path) -> None:
    pytest.importorskip("PIL")
    with pytest.raises(ValueError, match="of kind JPEG holds one picture, not 2"):
        Volume(np.ones((2, 3, 4))).save_animation(tmp_path / "a.jpg")
    assert not list(tmp_path.iterdir())


def test_what_cannot_be_shown() -> None:
    pytest.importorskip("matplotlib").use("agg")
    one = Volume(np.ones((2, 3, 4)))
    for window in ((1, 0), (1, -5), (1,), 3, "auto", (1, np.inf), (np.nan, 1)):
        with pytest.raises(ValueError, match="width above 0"):
            one.show(window=window)
    for at in ((4, 0, 0), (0, 0), (0, -1, 0), (0.5, 0, 0)):
        with pytest.raises(ValueError, match="a voxel"):
            one.show(at=at)


def test_parts_of_xarrays_in_time() -> None:
    pytest.importorskip("xarray")
    varying = {"EchoTime": [1.0, 2.0, 3.0], "DiffusionGradientOrientation": [None, (0, 0, 1), (0, 1, 0)]}
    one = Volume(np.arange(72.0).reshape(3, 2, 3, 4), meta={"time": [0.0, 1.0, 2.0], "varying": varying})
    assert Volume.from_xarray(one.to_xarray()).meta == one.meta
    two = Volume.from_xarray(one.to_xarray().isel(t=[2, 0]))
    assert two.meta["time"] == [2.0, 0.0]
    assert two.meta["varying"] == {key: [values[2], values[0]] for key, values in varying.items()}
    assert "varying" not in Volume.from_xarray(one.to_xarray().isel(t=0)).meta
