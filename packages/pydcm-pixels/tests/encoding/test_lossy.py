"""Lossy encoders stay within their bound, and other decoders see the same samples as ours."""

from __future__ import annotations

import numpy as np
import pytest

import pydcm
from pydcm_pixels.transcoding import transcode

PREFIX = "1.2.840.10008.1.2."


def saved(ds, folder):
    ds.save_as(folder / "ours.dcm", enforce_file_format=True)
    return pydcm.dcmread(folder / "ours.dcm")


def difference(one, other):
    return int(np.abs(np.asarray(one).astype(int) - other).max())


@pytest.mark.parametrize("error", [1, 3])
def test_near_lossless_is_near(error, dtype, bits, smooth, make_dataset, program, tmp_path):
    arr = smooth((33, 47), dtype, bits)
    lowest = -(1 << bits - 1) if dtype[0] == "i" else 0
    arr = np.clip(arr, lowest + error, lowest + (1 << bits) - 1 - error).astype(dtype)
    ds = make_dataset(arr, bits_stored=bits)
    transcode(ds, PREFIX + "4.81", jls_error=error)
    ours = saved(ds, tmp_path).pixel_array
    assert 0 < difference(ours, arr) <= error
    program("dcmdjpls", tmp_path / "ours.dcm", tmp_path / "theirs.dcm")
    assert np.array_equal(pydcm.dcmread(tmp_path / "theirs.dcm").pixel_array, ours)


@pytest.mark.parametrize(
    ("tail", "dtype", "bits", "colour"),
    [("4.50", "u1", 8, False), ("4.50", "u1", 8, True), ("4.51", "u1", 8, False), ("4.51", "u2", 12, False)],
)
@pytest.mark.parametrize(("quality", "bound"), [(100, 2), (90, 12), (50, 40)])
def test_jpeg_stays_within_its_bound(
    tail, dtype, bits, colour, quality, bound, smooth, make_dataset, program, tmp_path
):
    arr = smooth((33, 47, 3) if colour else (33, 47), dtype, bits)
    ds = make_dataset(arr, bits_stored=bits)
    transcode(ds, PREFIX + tail, quality=quality)
    again = saved(ds, tmp_path)
    ours = again.pixel_array
    # Colour has half of its chroma left.
    assert difference(ours, arr) <= (bound << bits - 8) + 8 * colour
    assert again.PhotometricInterpretation == ("YBR_FULL_422" if colour else "MONOCHROME2")
    assert again.LossyImageCompressionMethod == "ISO_10918_1"
    program("dcmdjpeg", tmp_path / "ours.dcm", tmp_path / "theirs.dcm")
    # Two inverse transforms may round differently (ITU-T T.83).
    assert difference(pydcm.dcmread(tmp_path / "theirs.dcm").pixel_array, ours) <= 1 << max(0, bits - 8) // 2


@pytest.mark.parametrize("tail", ["4.50", "4.51"])
@pytest.mark.parametrize("several", [False, True])
def test_we_read_dcmtks_jpeg(tail, several, smooth, make_dataset, program, tmp_path):
    option = {"4.50": "+eb", "4.51": "+ee"}[tail]
    bits, dtype = (8, "u1") if tail == "4.50" else (12, "u2")
    arr = smooth((33, 47), dtype, bits)
    if several:
        arr = np.stack([arr, arr[::-1], arr[:, ::-1]])
    make_dataset(arr, bits_stored=bits, frames=several).save_as(
        tmp_path / "plain.dcm", enforce_file_format=True
    )
    program("dcmcjpeg", option, "+q", 95, tmp_path / "plain.dcm", tmp_path / "theirs.dcm")
    theirs = pydcm.dcmread(tmp_path / "theirs.dcm")
    assert theirs.file_meta.TransferSyntaxUID == PREFIX + tail
    assert difference(theirs.pixel_array, arr) <= 8 << bits - 8


@pytest.mark.parametrize(("dtype", "bits"), [("u1", 8), ("u2", 12), ("i2", 16)])
@pytest.mark.parametrize("option", [{"j2k_psnr": [60]}, {"j2k_cr": [4]}])
def test_jpeg_2000(option, dtype, bits, smooth, make_dataset, program, tmp_path):
    arr = smooth((64, 80), dtype, bits)
    ds = make_dataset(arr, bits_stored=bits)
    transcode(ds, PREFIX + "4.91", **option)
    ours = saved(ds, tmp_path).pixel_array
    noise = np.mean((ours.astype(float) - arr) ** 2)
    assert 10 * np.log10(((1 << bits) - 1) ** 2 / noise) > 40
    program("gdcmconv", "--raw", tmp_path / "ours.dcm", tmp_path / "theirs.dcm")
    assert difference(pydcm.dcmread(tmp_path / "theirs.dcm").pixel_array, ours) <= 1


def test_lossy_htj2k_and_jpeg_xl(smooth, make_dataset, tmp_path):
    arr = smooth((64, 80, 3), "u1", 8)
    for tail, options in (("4.203", {"htj2k_step": 0.01}), ("4.112", {"distance": 1.0})):
        ds = make_dataset(arr)
        transcode(ds, PREFIX + tail, **options)
        again = saved(ds, tmp_path)
        assert 0 < difference(again.pixel_array, arr) <= 24
        assert again.LossyImageCompression == "01"


@pytest.mark.parametrize("target", ["1", "2", "5", "4.90", "4.81"])
@pytest.mark.parametrize("stated", [None, "00", "01"])
def test_an_earlier_loss_is_not_forgotten(target, stated, make_dataset, smooth):
    ds = make_dataset(smooth((64, 64), "u1", 8))
    transcode(ds, "1.2.840.10008.1.2.4.50")
    ratio = float(ds.LossyImageCompressionRatio)
    if stated != "01":
        for keyword in ("LossyImageCompression", "LossyImageCompressionMethod", "LossyImageCompressionRatio"):
            del ds[keyword]
        if stated:
            ds.LossyImageCompression = stated
    transcode(ds, "1.2.840.10008.1.2." + target, **({"jls_error": 1} if target == "4.81" else {}))
    assert ds.LossyImageCompression == "01"
    methods, ratios = ds.LossyImageCompressionMethod, ds.LossyImageCompressionRatio
    if target == "4.81":
        assert list(methods) == ["ISO_10918_1", "ISO_14495_1"]
        methods, ratios = methods[0], ratios[0]
    assert methods == "ISO_10918_1"
    assert float(ratios) == pytest.approx(ratio, rel=0.1)


@pytest.mark.filterwarnings("ignore:The JPEG stream has no end")
def test_what_is_refused_is_not_recorded(make_dataset, smooth):
    ds = make_dataset(smooth((64, 64), "u1", 8))
    transcode(ds, "1.2.840.10008.1.2.4.50")
    del ds.LossyImageCompression
    ds.PixelData = ds.PixelData[:200]
    with pytest.raises((RuntimeError, ValueError)):
        transcode(ds, "1.2.840.10008.1.2.1")
    assert "LossyImageCompression" not in ds
