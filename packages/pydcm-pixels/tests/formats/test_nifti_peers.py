"""NIfTI files that others wrote, or that say less or more than ours, read as nibabel and SimpleITK read them."""

from __future__ import annotations

import gzip
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from pydcm_pixels._formats import gzipped
from pydcm_pixels.volume import Volume, from_metaimage, from_nifti, from_nrrd, to_metaimage, to_nifti, to_nrrd

LPS_TO_RAS = np.diag([-1.0, -1.0, 1.0, 1.0])
TYPES = ("u1", "i1", "i2", "u2", "i4", "u4", "i8", "u8", "f4", "f8")


def voxels(kind: str = "i2", shape: tuple[int, ...] = (3, 4, 5)) -> np.ndarray:
    return (np.arange(np.prod(shape)).reshape(shape) * 7 % 120).astype(kind)


def affine(
    turn: float, spacing: tuple[float, float, float], origin: tuple[float, float, float]
) -> np.ndarray:
    """Return voxel index to RAS mm, turned about z and x."""
    c, s = np.cos(turn), np.sin(turn)
    about_z = np.array([[c, -s, 0], [s, c, 0], [0, 0, 1]])
    about_x = np.array([[1, 0, 0], [0, c, -s], [0, s, c]])
    matrix = np.eye(4)
    matrix[:3, :3] = about_z @ about_x @ np.diag(spacing)
    matrix[:3, 3] = origin
    return matrix


A, B = affine(0.4, (1.0, 2.0, 3.0), (-10, 20, 30)), affine(-0.9, (1.0, 2.0, 3.0), (5, -6, 7))


@pytest.mark.parametrize("cls", ["Nifti1Image", "Nifti2Image", "Nifti1Pair", "Nifti2Pair"])
@pytest.mark.parametrize("zipped", [False, True])
@pytest.mark.parametrize("swapped", [False, True])
@pytest.mark.parametrize(
    ("sform", "qform"),
    [((A, 1), (None, 0)), ((None, 0), (A, 1)), ((A, 2), (B, 1)), ((A, 4), (A, 1)), ((None, 0), (None, 0))],
    ids=["sform", "qform", "different", "equal", "neither"],
)
def test_affine_is_nibabels(
    tmp_path: Path, cls: str, zipped: bool, swapped: bool, sform: Any, qform: Any
) -> None:
    nibabel = pytest.importorskip("nibabel")
    header = getattr(nibabel, cls).header_class(endianness=">" if swapped else "<")
    header.set_data_dtype("i2")
    header.set_xyzt_units("mm", "msec")
    image = getattr(nibabel, cls)(voxels(shape=(2, 3, 4, 5)).T, None, header)
    image.header.set_zooms((1, 2, 3, 2500))
    image.set_sform(sform[0], sform[1])
    image.set_qform(qform[0], qform[1])
    ending = ("img" if cls.endswith("Pair") else "nii") + (".gz" if zipped else "")
    nibabel.save(image, tmp_path / f"a.{ending}")
    theirs = nibabel.load(tmp_path / f"a.{ending}")
    ours = from_nifti(tmp_path / f"a.{ending}")
    np.testing.assert_allclose(LPS_TO_RAS @ ours.affine, theirs.affine, atol=1e-5)
    assert np.array_equal(ours.pixels, np.asarray(theirs.dataobj).T)
    assert ours.pixels.dtype.isnative
    assert ours.meta["time"] == [0.0, 2.5]


@pytest.mark.parametrize(
    ("slope", "intercept"), [(1, 0), (2.5, -3), (0, 5), (np.nan, np.nan), (1, -1024), (1e-3, 0), (-1, 7)]
)
@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("kind", [*TYPES, "c8", "c16"])
def test_scaling_is_nibabels(tmp_path: Path, kind: str, order: str, slope: float, intercept: float) -> None:
    nibabel = pytest.importorskip("nibabel")
    header = nibabel.Nifti1Header(endianness=order)
    header.set_data_dtype(np.dtype(kind))
    header.set_data_shape((5, 4, 3))
    header["scl_slope"], header["scl_inter"], header["vox_offset"] = slope, intercept, 352
    header["magic"] = b"n+1"
    content = (
        header.binaryblock + bytes(4) + voxels(kind).astype(np.dtype(kind).newbyteorder(order)).tobytes()
    )
    (tmp_path / "a.nii").write_bytes(content)
    theirs = np.asanyarray(nibabel.load(tmp_path / "a.nii").dataobj).T
    ours = from_nifti(tmp_path / "a.nii").pixels
    assert ours.dtype.isnative
    assert ours.dtype.kind == theirs.dtype.kind
    np.testing.assert_allclose(ours, theirs, rtol=1e-6)


@pytest.mark.parametrize("name", ["a.nii", "a.nii.gz", "a.img", "a.img.gz", "a.hdr"])
@pytest.mark.parametrize("kind", TYPES)
def test_simpleitk_both_ways(tmp_path: Path, name: str, kind: str) -> None:
    sitk = pytest.importorskip("SimpleITK")
    path = str(tmp_path / name)
    one = Volume(voxels(kind), LPS_TO_RAS @ A)
    to_nifti(one, path)
    image = sitk.ReadImage(path)
    assert np.array_equal(sitk.GetArrayFromImage(image), one.pixels)
    np.testing.assert_allclose(Volume.from_simpleitk(image).affine, one.affine, atol=1e-5)
    sitk.WriteImage(image, path)
    two = from_nifti(path)
    assert two.dtype == one.dtype
    assert np.array_equal(two.pixels, one.pixels)
    np.testing.assert_allclose(two.affine, one.affine, atol=1e-5)


@pytest.mark.parametrize("axes", ["tzyx", "zyxc"])
def test_simpleitk_reads_four_dimensions(tmp_path: Path, axes: str) -> None:
    sitk = pytest.importorskip("SimpleITK")
    shape = (2, 3, 4, 5) if axes == "tzyx" else (3, 4, 5, 3)
    one = Volume(voxels("u1", shape), LPS_TO_RAS @ A, axes=axes, meta={"time": [0.0, 1.5]})
    to_nifti(one, tmp_path / "a.nii.gz")
    image = sitk.ReadImage(str(tmp_path / "a.nii.gz"))
    assert np.array_equal(sitk.GetArrayFromImage(image), one.pixels)
    if axes == "tzyx":
        assert image.GetSpacing() == pytest.approx((1, 2, 3, 1.5))
    sitk.WriteImage(image, str(tmp_path / "b.nii.gz"))
    two = from_nifti(tmp_path / "b.nii.gz")
    assert two.axes == axes
    assert np.array_equal(two.pixels, one.pixels)


def test_extensions_of_pairs(tmp_path: Path) -> None:
    one = Volume(voxels(), meta={"extensions": [(6, b"a comment")]})
    for name in ("a.hdr", "b.img.gz"):
        to_nifti(one, tmp_path / name)
        ((code, content),) = from_nifti(tmp_path / name).meta["extensions"]
        assert (code, content.rstrip(b"\0")) == (6, b"a comment")


@pytest.mark.parametrize("at_once", [0, 1 << 28], ids=["streamed", "at once"])
class TestGzip:
    """Both ways to inflate; streams that are unusual, and damaged ones."""

    @pytest.fixture
    def content(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, at_once: int) -> bytes:
        monkeypatch.setattr(gzipped, "_AT_ONCE", at_once)
        to_nifti(Volume(voxels(shape=(30, 40, 50))), tmp_path / "a.nii")
        return (tmp_path / "a.nii").read_bytes()

    def read(self, folder: Path, content: bytes) -> np.ndarray:
        (folder / "b.nii.gz").write_bytes(content)
        return from_nifti(folder / "b.nii.gz").pixels

    def test_whole(self, tmp_path: Path, content: bytes) -> None:
        expected = voxels(shape=(30, 40, 50))
        zipped = gzip.compress(content)
        half = len(content) // 2
        several = gzip.compress(content[:half]) + gzip.compress(content[half:])
        alike = gzip.compress(content[:half]) + gzip.compress(content[half:] + bytes(half))
        for stream in (zipped, several, alike, gzip.compress(content + b"more"), zipped + bytes(8)):
            assert np.array_equal(self.read(tmp_path, stream), expected)

    def test_damaged(self, tmp_path: Path, content: bytes) -> None:
        zipped = gzip.compress(content)
        garbled = zipped[:-60] + bytes(range(40)) + zipped[-20:]
        checksum = zipped[:-8] + bytes(4) + zipped[-4:]
        for stream, message in (
            (zipped[:-60], "promised"),
            (garbled, "damaged"),
            (checksum, "damaged"),
            (gzip.compress(content[:-2]), "promised"),
        ):
            with pytest.raises(ValueError, match=message):
                self.read(tmp_path, stream)

    def test_nrrd_and_metaimage(self, tmp_path: Path, content: bytes) -> None:
        one = Volume(voxels(shape=(30, 40, 50)))
        to_nrrd(one, tmp_path / "a.nrrd")
        to_metaimage(one, tmp_path / "a.mha")
        assert np.array_equal(from_nrrd(tmp_path / "a.nrrd").pixels, one.pixels)
        assert np.array_equal(from_metaimage(tmp_path / "a.mha").pixels, one.pixels)
        to_nrrd(one, tmp_path / "b.nrrd", compress=False)
        head = (tmp_path / "b.nrrd").read_bytes()[: -one.pixels.nbytes].replace(b"raw", b"gzip")
        (tmp_path / "b.nrrd").write_bytes(head + gzip.compress(one.pixels.tobytes()[:-1]))
        with pytest.raises(ValueError, match="promised"):
            from_nrrd(tmp_path / "b.nrrd")
        short = zlib.compress(one.pixels.tobytes()[:-1])
        mha = (tmp_path / "a.mha").read_bytes()
        start = mha.index(b"LOCAL\n") + 6
        (tmp_path / "a.mha").write_bytes(mha[:start] + short)
        with pytest.raises(ValueError, match="promised"):
            from_metaimage(tmp_path / "a.mha")
