"""NIfTI, NRRD and MetaImage: there and back, and to and from the libraries that define them."""

from __future__ import annotations

import gzip
import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pydcm_pixels.volume import Volume, from_metaimage, from_nifti, from_nrrd, to_metaimage, to_nifti, to_nrrd

TYPES = ("u1", "i1", "i2", "u2", "i4", "u4", "i8", "u8", "f4", "f8")
LPS_TO_RAS = np.diag([-1.0, -1.0, 1.0, 1.0])
FORMATS: dict[str, tuple[Callable[..., None], Callable[..., Volume]]] = {
    "nii": (to_nifti, from_nifti), "nii.gz": (to_nifti, from_nifti), "hdr": (to_nifti, from_nifti), "img.gz": (to_nifti, from_nifti),
    "nrrd": (to_nrrd, from_nrrd), "nhdr": (to_nrrd, from_nrrd), "mha": (to_metaimage, from_metaimage), "mhd": (to_metaimage, from_metaimage),
}  # fmt: skip


def turned(a: float, b: float, mirrored: bool) -> np.ndarray:
    first = np.array([[np.cos(a), -np.sin(a), 0], [np.sin(a), np.cos(a), 0], [0, 0, 1]])
    second = np.array([[1, 0, 0], [0, np.cos(b), -np.sin(b)], [0, np.sin(b), np.cos(b)]])
    return first @ second @ np.diag([1, 1, -1 if mirrored else 1])


def volume(
    kind: str = "i2", axes: str = "zyx", a: float = 0.3, b: float = -0.7, mirrored: bool = False
) -> Volume:
    lengths = {"t": 2, "z": 3, "y": 4, "x": 5, "c": 3}
    shape = [lengths[name] for name in axes]
    pixels = (np.arange(np.prod(shape)) % 120).reshape(shape).astype(kind)
    meta = {"time": [0.0, 2.5]} if axes[0] == "t" else {}
    return Volume(
        pixels, spacing=(1, 2, 3), origin=(4, 5, -6), direction=turned(a, b, mirrored), axes=axes, meta=meta
    )


def assert_same(one: Volume, two: Volume) -> None:
    assert one.axes == two.axes
    assert one.dtype == two.dtype
    assert np.array_equal(one.pixels, two.pixels)
    np.testing.assert_allclose(one.affine, two.affine, atol=1e-5)


@pytest.mark.parametrize("ending", FORMATS)
@pytest.mark.parametrize("kind", TYPES)
@pytest.mark.parametrize("axes", ["zyx", "tzyx", "zyxc"])
def test_there_and_back(tmp_path: Path, ending: str, kind: str, axes: str) -> None:
    write, read = FORMATS[ending]
    one = volume(kind, axes)
    write(one, tmp_path / f"a.{ending}")
    two = read(tmp_path / f"a.{ending}")
    assert_same(one, two)
    if axes == "tzyx":
        assert two.meta["time"] == [0.0, 2.5]


@settings(max_examples=40, deadline=None)
@given(a=st.floats(-3.2, 3.2), b=st.floats(-3.2, 3.2), mirrored=st.booleans())
def test_orientation_by_quaternion_alone(
    tmp_path_factory: pytest.TempPathFactory, a: float, b: float, mirrored: bool
) -> None:
    path = tmp_path_factory.mktemp("q") / "a.nii"
    one = volume(a=a, b=b, mirrored=mirrored)
    to_nifti(one, path, fields={"sform_code": 0})
    two = from_nifti(path)
    assert np.array_equal(one.pixels, two.pixels)
    # Three floats of 32 bits do not hold small turns away from 180 degrees (nifti1.h, method 2)
    np.testing.assert_allclose(one.affine, two.affine, atol=5e-3)


@pytest.mark.parametrize("mirrored", [False, True])
@pytest.mark.parametrize("kind", [*TYPES, "c8", "c16"])
class TestNibabel:
    def test_reads_ours(self, tmp_path: Path, kind: str, mirrored: bool) -> None:
        nibabel = pytest.importorskip("nibabel")
        one = volume(kind, "tzyx", mirrored=mirrored)
        for name, version in (("a.nii", None), ("b.nii.gz", 2), ("c.hdr", 1)):
            to_nifti(one, tmp_path / name, version=version)
            image = nibabel.load(tmp_path / name)
            assert np.array_equal(np.asanyarray(image.dataobj).T, one.pixels)
            np.testing.assert_allclose(image.affine, LPS_TO_RAS @ one.affine, atol=1e-5)
            np.testing.assert_allclose(image.get_qform(), image.get_sform(), atol=1e-5)
            assert image.header.get_zooms()[3] == 2.5
            assert image.header.get_xyzt_units() == ("mm", "sec")

    def test_ours_reads_it(self, tmp_path: Path, kind: str, mirrored: bool) -> None:
        nibabel = pytest.importorskip("nibabel")
        one = volume(kind, "zyx", mirrored=mirrored)
        for cls in (nibabel.Nifti1Image, nibabel.Nifti2Image, nibabel.Nifti1Pair):
            image = cls(one.pixels.T, LPS_TO_RAS @ one.affine, dtype=one.dtype)
            name = tmp_path / ("a.img" if cls is nibabel.Nifti1Pair else "a.nii.gz")
            nibabel.save(image, name)
            assert_same(one, from_nifti(name))
            swapped = cls(one.pixels.T, None, image.header.as_byteswapped())
            nibabel.save(swapped, tmp_path / "b.nii" if cls is not nibabel.Nifti1Pair else tmp_path / "b.img")
            assert np.array_equal(
                from_nifti(tmp_path / ("b.img" if cls is nibabel.Nifti1Pair else "b.nii")).pixels, one.pixels
            )


class TestNifti:
    def test_scaled(self, tmp_path: Path) -> None:
        one = volume("i2")
        to_nifti(one, tmp_path / "a.nii", slope=2.5, intercept=-3)
        scaled = from_nifti(tmp_path / "a.nii")
        assert scaled.dtype == np.float32
        np.testing.assert_array_equal(scaled.pixels, one.pixels * np.float32(2.5) - np.float32(3))
        assert_same(one, from_nifti(tmp_path / "a.nii", scale=False))
        assert from_nifti(tmp_path / "a.nii", scale=False, dtype="f8").dtype == np.float64

    def test_flipped_rows_are_in_the_same_place(self, tmp_path: Path) -> None:
        one = volume()
        to_nifti(one, tmp_path / "a.nii", flip_rows=True)
        two = from_nifti(tmp_path / "a.nii")
        assert np.array_equal(two.pixels, one.pixels[:, ::-1])
        np.testing.assert_allclose(two.flip("y").affine, one.affine, atol=1e-5)

    def test_extensions_are_kept(self, tmp_path: Path) -> None:
        one = volume()
        one.meta["extensions"] = [(6, b"a comment"), (44, b"x" * 100)]
        to_nifti(one, tmp_path / "a.nii.gz")
        two = from_nifti(tmp_path / "a.nii.gz")
        assert [(code, content.rstrip(b"\0")) for code, content in two.meta["extensions"]] == one.meta[
            "extensions"
        ]
        assert_same(one, two)

    def test_sheared_affines_have_no_qform(self, tmp_path: Path) -> None:
        affine = np.eye(4)
        affine[1, 2] = 0.3
        one = Volume(np.zeros((2, 3, 4), np.float32), affine)
        to_nifti(one, tmp_path / "a.nii")
        content = (tmp_path / "a.nii").read_bytes()
        assert struct.unpack_from("<hh", content, 252) == (0, 1)
        assert_same(one, from_nifti(tmp_path / "a.nii"))

    def test_wide_volumes_are_nifti_2(self, tmp_path: Path) -> None:
        one = Volume(np.zeros((1, 1, 40000), np.uint8))
        to_nifti(one, tmp_path / "a.nii")
        assert struct.unpack_from("<i", (tmp_path / "a.nii").read_bytes())[0] == 540
        assert_same(one, from_nifti(tmp_path / "a.nii"))

    def test_millimetres_whatever_the_unit(self, tmp_path: Path) -> None:
        to_nifti(volume(), tmp_path / "a.nii", fields={"xyzt_units": 1})  # metres
        assert from_nifti(tmp_path / "a.nii").spacing == pytest.approx((1000, 2000, 3000))

    def test_booleans_and_halves(self, tmp_path: Path) -> None:
        for kind, stored in (("?", "u1"), ("f2", "f4")):
            one = volume(kind)
            to_nifti(one, tmp_path / "a.nii")
            two = from_nifti(tmp_path / "a.nii")
            assert two.dtype == stored
            assert np.array_equal(one.pixels, two.pixels)

    def test_nothing_is_replaced_unasked(self, tmp_path: Path) -> None:
        to_nifti(volume(), tmp_path / "a.nii")
        with pytest.raises(FileExistsError):
            to_nifti(volume(), tmp_path / "a.nii", overwrite=False)
        with pytest.raises(ValueError, match=r"ends in \.nii"):
            to_nifti(volume(), tmp_path / "a.dcm")


def damaged_nifti(**fields: Any) -> bytes:
    from pydcm_pixels._formats.nifti_header import Header

    values: dict[str, Any] = {
        "dim": (3, 2, 2, 2, 1, 1, 1, 1),
        "datatype": 4,
        "bitpix": 16,
        "vox_offset": 352,
        "pixdim": (1,) * 8,
    }
    return Header(values=values | fields).to_bytes() + bytes(4 + 16)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "no NIfTI"),
        (b"hello" * 100, "no NIfTI"),
        (struct.pack("<i", 348) + bytes(400), "Analyze"),
        (damaged_nifti(dim=(3, 30000, 30000, 30000, 1, 1, 1, 1)), "promised by the header"),
        (damaged_nifti(dim=(3, -1, 2, 2, 1, 1, 1, 1)), "dimensions"),
        (damaged_nifti(dim=(9, 1, 2, 2, 1, 1, 1, 1)), "dimensions"),
        (damaged_nifti(datatype=1536), "datatype 1536"),
        (damaged_nifti(vox_offset=1e12), "cannot begin"),
        (damaged_nifti(vox_offset=float("inf")), "cannot begin"),
        (damaged_nifti(vox_offset=float("nan")), "cannot begin"),
        (damaged_nifti()[:-4], "promised by the header"),
        (gzip.compress(damaged_nifti(dim=(3, 30000, 30000, 30000, 1, 1, 1, 1)), mtime=0), "cannot hold"),
        (gzip.compress(damaged_nifti(), mtime=0)[:-20], "no NIfTI"),
        (gzip.compress(damaged_nifti()[:-4], mtime=0), "promised by the header"),
        (damaged_nifti(sform_code=1, srow=(0,) * 12), "spacing is 0"),
    ],
)
def test_damaged_nifti(tmp_path: Path, content: bytes, message: str) -> None:
    (tmp_path / "a.nii").write_bytes(content)
    with pytest.raises(ValueError, match=message):
        from_nifti(tmp_path / "a.nii")


@pytest.mark.parametrize("ending", ["nrrd", "mha", "mhd"])
@pytest.mark.parametrize("kind", TYPES)
@pytest.mark.parametrize("axes", ["zyx", "zyxc"])
def test_simpleitk_both_ways(tmp_path: Path, ending: str, kind: str, axes: str) -> None:
    sitk = pytest.importorskip("SimpleITK")
    write, read = FORMATS[ending]
    path = str(tmp_path / f"a.{ending}")
    one = volume(kind, axes, mirrored=True)
    for compress in (False, True):
        write(one, path, compress=compress)
        image = sitk.ReadImage(path)
        assert np.array_equal(sitk.GetArrayFromImage(image), one.pixels)
        assert_same(one, Volume.from_simpleitk(image))
        sitk.WriteImage(image, path, compress)
        assert_same(one, read(path))


NRRD = "NRRD0005\ntype: short\ndimension: 3\nsizes: {}\nencoding: raw\nspace: LPS\nspace directions: (1,0,0) (0,1,0) (0,0,1)\n{}\n"
MHA = "NDims = 3\nDimSize = {}\nElementType = MET_SHORT\nElementDataFile = {}\n"


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.nrrd", NRRD.format("9999 9999 9999", ""), "not a volume|promised"),
        ("a.nrrd", NRRD.format("1 1 1", "data file: /etc/passwd\n"), "same folder"),
        ("a.nrrd", NRRD.format("1 1", ""), "not a volume"),
        ("a.nrrd", "NRRD0005\ntype: block\n\n", "type 'block'"),
        ("a.nrrd", "P5 1 1", "no NRRD"),
        ("a.mha", MHA.format("9999 9999 9999", "LOCAL"), "not a volume|promised"),
        ("a.mha", MHA.format("1 1 1", "../../etc/passwd"), "same folder"),
        ("a.mha", MHA.format("a b c", "LOCAL"), "DimSize"),
        ("a.mha", "nothing", "no MetaImage"),
    ],
)
def test_damaged_headers(tmp_path: Path, name: str, content: str, message: str) -> None:
    (tmp_path / name).write_text(content)
    with pytest.raises(ValueError, match=message):
        (from_nrrd if name.endswith("nrrd") else from_metaimage)(tmp_path / name)


@pytest.mark.parametrize("ending", FORMATS)
def test_names_as_bytes(tmp_path: Path, ending: str) -> None:
    write, read = FORMATS[ending]
    name = str(tmp_path / f"x.{ending}").encode()
    write(volume(), name)
    assert np.array_equal(read(name).pixels, volume().pixels)


def test_errors_name_the_file(tmp_path: Path) -> None:
    (tmp_path / "x.nii").write_bytes(b"no header" * 100)
    with pytest.raises(ValueError, match="x.nii: no NIfTI header"):
        from_nifti(tmp_path / "x.nii")
