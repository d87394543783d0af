"""Headers that others write, and what a volume keeps on its way through files."""

from __future__ import annotations

import gzip
import struct
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from pydcm_pixels.volume import Volume, from_metaimage, from_nifti, from_nrrd, to_metaimage, to_nifti, to_nrrd

LPS_TO_RAS = np.diag([-1.0, -1.0, 1.0, 1.0])


def volume(axes: str = "zyx", **meta: Any) -> Volume:
    lengths = {"t": 2, "z": 3, "y": 4, "x": 5, "c": 3}
    pixels = np.arange(np.prod([lengths[name] for name in axes]), dtype="i2")
    return Volume(
        pixels.reshape([lengths[name] for name in axes]), spacing=(1, 2, 3), origin=(4, 5, -6), axes=axes, meta=meta
    )  # fmt: skip


def patched(path: Path, *changes: tuple[int, str, Any]) -> Path:
    content = bytearray(path.read_bytes())
    for offset, form, value in changes:
        struct.pack_into("<" + form, content, offset, *np.atleast_1d(value).tolist())
    path.write_bytes(content)
    return path


class TestNifti:
    @pytest.fixture
    def path(self, tmp_path: Path) -> Path:
        to_nifti(volume("tzyx", time=[0.0, 2.5]), tmp_path / "a.nii")
        return tmp_path / "a.nii"

    @pytest.mark.parametrize("rows", [[0.0] * 12, [np.nan] * 12, [1, 0, 0, 0, 2, 0, 0, 0, 3, 0, 0, 0]])
    def test_an_sform_that_spans_no_space_gives_way_to_the_qform(self, path: Path, rows: list[float]) -> None:
        found = from_nifti(patched(path, (280, "12f", rows)))
        np.testing.assert_allclose(found.affine, volume().affine, atol=1e-5)

    def test_without_a_qform_it_is_refused(self, path: Path) -> None:
        with pytest.raises(ValueError, match="span no space"):
            from_nifti(patched(path, (280, "12f", [0.0] * 12), (252, "h", 0)))

    @pytest.mark.parametrize("offset", [0, 352])
    def test_voxels_follow_the_header_and_four_bytes(self, path: Path, offset: float) -> None:
        found = from_nifti(patched(path, (108, "f", offset)))
        assert np.array_equal(found.pixels, volume("tzyx").pixels)

    @pytest.mark.parametrize(("unit", "seconds"), [(0, 2.5), (2, 2.5), (10, 2.5), (18, 0.0025), (34, None)])
    def test_time(self, path: Path, unit: int, seconds: float | None) -> None:
        found = from_nifti(patched(path, (123, "b", unit), (136, "f", 10.0)))
        step = None if seconds is None else [seconds * 4, seconds * 5]
        assert found.meta.get("time") == (pytest.approx(step) if step else None)

    def test_a_length_of_0_beyond_space_is_none(self, tmp_path: Path) -> None:
        to_nifti(volume(), tmp_path / "a.nii")
        assert from_nifti(patched(tmp_path / "a.nii", (40, "8h", [4, 5, 4, 3, 0, 0, 0, 0]))).shape == (
            3,
            4,
            5,
        )

    def test_header_in_several_gzip_members(self, path: Path) -> None:
        content = path.read_bytes()
        parts = [gzip.compress(content[at : at + 77]) for at in range(0, len(content), 77)]
        (path.parent / "b.nii.gz").write_bytes(b"".join(parts))
        assert np.array_equal(from_nifti(path.parent / "b.nii.gz").pixels, volume("tzyx").pixels)

    def test_what_is_kept(self, tmp_path: Path) -> None:
        one = volume("tzyx", time=[10.0, 12.0], descrip="labels", intent_code=1002)
        to_nifti(one, tmp_path / "a.nii")
        two = from_nifti(tmp_path / "a.nii")
        assert {key: two.meta[key] for key in one.meta} == one.meta
        to_nifti(volume("zyxc", intent_code=1006), tmp_path / "b.nii")
        field = from_nifti(tmp_path / "b.nii")
        assert field.meta["intent_code"] == 1006
        to_nifti(field[..., 0], tmp_path / "c.nii")  # one component is no displacement
        assert from_nifti(tmp_path / "c.nii").meta["intent_code"] == 0

    def test_nearly_orthogonal_axes_are_read_by_itk(self, tmp_path: Path) -> None:
        sitk = pytest.importorskip("SimpleITK")
        affine = np.diag([1.0, 2.0, 3.0, 1.0])
        affine[0, 1] = 1e-3  # as cosines of three digits make it
        to_nifti(Volume(volume().pixels, affine), tmp_path / "a.nii")
        np.testing.assert_allclose(from_nifti(tmp_path / "a.nii").affine, affine, atol=1e-6)
        image = sitk.ReadImage(str(tmp_path / "a.nii"))
        np.testing.assert_allclose(Volume.from_simpleitk(image).affine, affine, atol=2e-3)


@pytest.mark.parametrize("name", ["a.nhdr", "a.mhd", "a.hdr"])
def test_neither_of_a_pair_is_written_where_one_is(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(b"mine")
    write = {"nhdr": to_nrrd, "mhd": to_metaimage, "hdr": to_nifti}[name[2:]]
    with pytest.raises(FileExistsError):
        write(volume(), tmp_path / name, overwrite=False)
    assert [path.name for path in tmp_path.iterdir()] == [name]


HEADER = "NRRD0005\ntype: int16\nspace: LPS\nencoding: raw\nendian: little\n"
SPACE = "dimension: 3\nsizes: 5 4 3\nspace directions: (1,0,0) (0,2,0) (0,0,3)\nspace origin: (4,5,-6)\n"


class TestNrrd:
    @pytest.mark.parametrize("compress", [False, True])
    @pytest.mark.parametrize("axes", ["zyx", "zyxc"])
    def test_detached(self, tmp_path: Path, compress: bool, axes: str) -> None:
        sitk = pytest.importorskip("SimpleITK")
        one, path = volume(axes), tmp_path / "a.nhdr"
        to_nrrd(one, path, compress=compress)
        assert (tmp_path / ("a.raw.gz" if compress else "a.raw")).exists()
        for found in (from_nrrd(path), Volume.from_simpleitk(sitk.ReadImage(str(path)))):
            assert found.axes == axes
            assert np.array_equal(found.pixels, one.pixels)
            np.testing.assert_allclose(found.affine, one.affine)
        sitk.WriteImage(one.to_simpleitk(), str(tmp_path / "b.nhdr"), compress)
        assert np.array_equal(from_nrrd(tmp_path / "b.nhdr").pixels, one.pixels)

    @pytest.mark.parametrize(
        ("fields", "before"),
        [
            ("byte skip: 7\n", b"1234567"),
            ("byte skip: -1\n", b"12345"),
            ("line skip: 2\n", b"one\ntwo\n"),
            ("line skip: 1\nbyte skip: 3\n", b"one\nabc"),
        ],
    )
    def test_skips(self, tmp_path: Path, fields: str, before: bytes) -> None:
        pixels = volume().pixels.tobytes()
        (tmp_path / "a.nrrd").write_bytes((HEADER + SPACE + fields + "\n").encode() + before + pixels)
        (tmp_path / "b.bin").write_bytes(before + pixels)
        (tmp_path / "b.nhdr").write_text(HEADER + SPACE + fields + "data file: b.bin\n\n")
        for name in ("a.nrrd", "b.nhdr"):
            assert np.array_equal(from_nrrd(tmp_path / name).pixels, volume().pixels)

    @pytest.mark.parametrize(
        ("fields", "message"),
        [
            ("line skip: x\n", "line skip is a number"),
            ("line skip: 99\n", "99 lines"),
            ("byte skip: 99999999999999999999\n", "should be"),
            ("sizes: 9 9 9\nbyte skip: -1\n", "should be"),
            ("sizes: 9 inf 9\n", "sizes should be"),
            ("byte skip: -2\n", "byte skip is a number"),
            ("data file: LIST\n", "several files"),
            ("data file: %03d.raw 1 3 1\n", "several files"),
            ('space units: "mm" "mm" "s"\n', "unit of space"),
        ],
    )
    def test_refusals(self, tmp_path: Path, fields: str, message: str) -> None:
        content = (HEADER + SPACE + fields + "\n").encode()
        (tmp_path / "a.nrrd").write_bytes(content + volume().pixels.tobytes())
        with pytest.raises(ValueError, match=message):
            from_nrrd(tmp_path / "a.nrrd")

    @pytest.mark.parametrize(
        ("fields", "origin"),
        [
            ("", (0, 0, 0)),
            ("axis mins: 5 6 7\n", (5.5, 7, 8.5)),
            ("axis mins: 5 6 7\ncenterings: node node cell\n", (5, 6, 8.5)),
        ],
    )
    def test_axes_without_a_space(self, tmp_path: Path, fields: str, origin: tuple[float, ...]) -> None:
        sitk = pytest.importorskip("SimpleITK")
        header = HEADER.replace("space: LPS\n", "") + "dimension: 3\nsizes: 5 4 3\nspacings: 1 2 3\n"
        (tmp_path / "a.nrrd").write_bytes((header + fields + "\n").encode() + volume().pixels.tobytes())
        found = from_nrrd(tmp_path / "a.nrrd")
        assert found.spacing == (1, 2, 3)
        assert found.origin == sitk.ReadImage(str(tmp_path / "a.nrrd")).GetOrigin() == origin

    def test_no_origin(self, tmp_path: Path) -> None:
        fields = (HEADER + SPACE).replace("(4,5,-6)", "none")
        (tmp_path / "a.nrrd").write_bytes(fields.encode() + b"\n" + volume().pixels.tobytes())
        assert from_nrrd(tmp_path / "a.nrrd").origin == (0, 0, 0)

    def test_units_of_space(self, tmp_path: Path) -> None:
        content = (HEADER + SPACE + 'space units: "cm" "cm" "cm"\n\n').encode()
        (tmp_path / "a.nrrd").write_bytes(content + volume().pixels.tobytes())
        assert from_nrrd(tmp_path / "a.nrrd").spacing == (10, 20, 30)
        assert from_nrrd(tmp_path / "a.nrrd").origin == (40, 50, -60)

    @pytest.mark.parametrize(("kind", "axes"), [("list", "tzyx"), ("vector", "zyxc")])
    def test_a_list_of_volumes_may_come_first(self, tmp_path: Path, kind: str, axes: str) -> None:
        fields = f"dimension: 4\nsizes: 2 5 4 3\nspace directions: none (1,0,0) (0,2,0) (0,0,3)\nkinds: {kind} space space space\n\n"
        voxels = np.arange(120, dtype="i2").reshape(3, 4, 5, 2)
        (tmp_path / "a.nrrd").write_bytes((HEADER + fields).encode() + voxels.tobytes())
        found = from_nrrd(tmp_path / "a.nrrd")
        assert found.axes == axes
        assert np.array_equal(found.pixels, np.moveaxis(voxels, -1, 0) if axes == "tzyx" else voxels)


class TestMetaImage:
    @pytest.mark.parametrize(("size", "before"), [("5", 5), ("-1", 9)])
    def test_header_in_the_file_of_voxels(self, tmp_path: Path, size: str, before: int) -> None:
        (tmp_path / "a.raw").write_bytes(bytes(before) + volume().pixels.tobytes())
        (tmp_path / "a.mhd").write_text(
            f"NDims = 3\nDimSize = 5 4 3\nElementType = MET_SHORT\nHeaderSize = {size}\nElementDataFile = a.raw\n"
        )
        assert np.array_equal(from_metaimage(tmp_path / "a.mhd").pixels, volume().pixels)

    @pytest.mark.parametrize(
        ("field", "message"),
        [
            ("BinaryData = False", "as text"),
            ("HeaderSize = x", "number of bytes"),
            ("HeaderSize = 99999999999999999999", "should be"),
            ("BinaryData = F", "as text"),
            ("ElementNumberOfChannels = x", "ElementNumberOfChannels should be"),
            ("ElementDataFile = LIST", "several files"),
        ],
    )
    def test_refusals(self, tmp_path: Path, field: str, message: str) -> None:
        (tmp_path / "a.raw").write_bytes(volume().pixels.tobytes())
        (tmp_path / "a.mhd").write_text(
            f"NDims = 3\nDimSize = 5 4 3\nElementType = MET_SHORT\n{field}\nElementDataFile = a.raw\n"
        )
        with pytest.raises(ValueError, match=message):
            from_metaimage(tmp_path / "a.mhd")

    @pytest.mark.parametrize("yes", ["True", "true", "T", "1"])
    def test_byte_order(self, tmp_path: Path, yes: str) -> None:
        (tmp_path / "a.raw").write_bytes(volume().pixels.astype(">i2").tobytes())
        (tmp_path / "a.mhd").write_text(
            f"NDims = 3\nDimSize = 5 4 3\nElementType = MET_SHORT\nBinaryData = {yes}\n"
            f"BinaryDataByteOrderMSB = {yes}\nCompressedData = F\nElementDataFile = a.raw\n"
        )
        assert np.array_equal(from_metaimage(tmp_path / "a.mhd").pixels, volume().pixels)

    def test_time(self, tmp_path: Path) -> None:
        to_metaimage(volume("tzyx", time=[10.0, 12.5]), tmp_path / "a.mha")
        assert from_metaimage(tmp_path / "a.mha").meta["time"] == [10.0, 12.5]


class TestOtherLibraries:
    def test_nibabels_units(self) -> None:
        nibabel = pytest.importorskip("nibabel")
        image = nibabel.Nifti1Image(volume("tzyx").pixels.T, LPS_TO_RAS @ np.diag([0.001, 0.002, 0.003, 1]))
        image.header.set_xyzt_units("meter", "msec")
        image.header.set_zooms((0.001, 0.002, 0.003, 500.0))
        image.header["toffset"] = 1000.0
        found = Volume.from_nibabel(image)
        assert found.spacing == pytest.approx((1, 2, 3))
        assert found.meta["time"] == [1.0, 1.5]

    def test_freesurfers_milliseconds(self) -> None:
        nibabel = pytest.importorskip("nibabel")
        image = nibabel.MGHImage(volume("tzyx").pixels.T.copy(), np.eye(4))
        assert "time" not in Volume.from_nibabel(image).meta
        image.header.set_zooms((1, 1, 1, 2500))
        assert Volume.from_nibabel(image).meta["time"] == [0.0, 2.5]

    def test_times_that_do_not_begin_at_0(self) -> None:
        one = volume("tzyx", time=[10.0, 12.5])
        nibabel = pytest.importorskip("nibabel")
        assert nibabel.Nifti1Image is type(one.to_nibabel())
        assert Volume.from_nibabel(one.to_nibabel()).meta["time"] == [10.0, 12.5]
        pytest.importorskip("SimpleITK")
        assert Volume.from_simpleitk(one.to_simpleitk()).meta["time"] == [10.0, 12.5]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"version": 3}, "version is 1 or 2"),
        ({"level": 99}, "level 0 to 9"),
        ({"fields": {"slice_cod": 1}}, "no field 'slice_cod'"),
    ],
)
def test_options_that_there_are_not(tmp_path: Path, options: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        to_nifti(volume(), tmp_path / "a.nii.gz", **options)
    assert not list(tmp_path.iterdir())


def test_texts(tmp_path: Path) -> None:
    to_nifti(volume(), tmp_path / "a.nii", description="é" * 60, fields={"aux_file": "map"})
    assert from_nifti(tmp_path / "a.nii").meta["descrip"] == "é" * 39


def test_no_voxels(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="no voxels to write"):
        to_nifti(Volume(np.zeros((0, 2, 2))), tmp_path / "a.nii")


@pytest.mark.parametrize("kind", ["i2", "u4", "i8", "f4", "f8"])
def test_values_of_another_type(tmp_path: Path, kind: str) -> None:
    values = np.array([0, 1, 300, 32767, 5, 7, 128, 255], kind).reshape(2, 2, 2)
    values[0, 0, 0] = -9 if kind[0] != "u" else 9
    if kind[0] == "f":
        values[0, 0, 1:] = (2.6,)
        values[1] = [[np.nan, np.inf], [-np.inf, 1e30]]
    to_nifti(Volume(values), tmp_path / "a.nii")
    for wanted in ("u1", "i2", "i8", "u8"):
        info = np.iinfo(wanted)
        found = from_nifti(tmp_path / "a.nii", dtype=wanted).pixels
        whole = [
            0 if np.isnan(one) else min(max(float(np.rint(one)), info.min), info.max)
            for one in values.ravel().tolist()
        ]
        assert found.ravel().tolist() == [min(max(int(one), info.min), info.max) for one in whole]


class TestNrrdInTime:
    def test_simpleitks_fourth_dimension(self, tmp_path: Path) -> None:
        sitk = pytest.importorskip("SimpleITK")
        one = volume("tzyx", time=[10.0, 12.5])
        sitk.WriteImage(one.to_simpleitk(), str(tmp_path / "a.nrrd"))
        two = from_nrrd(tmp_path / "a.nrrd")
        assert two.axes == "tzyx"
        assert np.array_equal(two.pixels, one.pixels)
        np.testing.assert_allclose(two.affine, one.affine)
        assert two.meta["time"] == [10.0, 12.5]

    def test_simpleitk_reads_ours(self, tmp_path: Path) -> None:
        sitk = pytest.importorskip("SimpleITK")
        one = volume("tzyx", time=[10.0, 12.5])
        to_nrrd(one, tmp_path / "a.nrrd")
        array = sitk.GetArrayFromImage(
            sitk.ReadImage(str(tmp_path / "a.nrrd"))
        )  # time points are components there
        assert np.array_equal(np.moveaxis(array, -1, 0), one.pixels)

    def test_other_units(self, tmp_path: Path) -> None:
        to_nrrd(volume("tzyx", time=[10.0, 12.5]), tmp_path / "a.nrrd", compress=False)
        content = (tmp_path / "a.nrrd").read_bytes().replace(b'"" "s"', b'"" "ms"')
        (tmp_path / "a.nrrd").write_bytes(content)
        assert from_nrrd(tmp_path / "a.nrrd").meta["time"] == pytest.approx([0.01, 0.0125])

    def test_space_and_time_at_once(self, tmp_path: Path) -> None:
        fields = "dimension: 4\nsizes: 5 4 3 2\nspace dimension: 4\nspace directions: (1,0,0,1) (0,2,0,0) (0,0,3,0) (0,0,0,1)\n\n"
        (tmp_path / "a.nrrd").write_bytes((HEADER + fields).encode() + bytes(240))
        with pytest.raises(ValueError, match="space and time at once"):
            from_nrrd(tmp_path / "a.nrrd")
