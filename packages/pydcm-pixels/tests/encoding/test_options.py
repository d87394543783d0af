"""Options that make no sense are refused with what would; nothing is changed then."""

from __future__ import annotations

import numpy as np
import pytest

from pydcm_pixels.transcoding import transcode

PREFIX = "1.2.840.10008.1.2."
NAN = float("nan")


def refused(ds, tail, match, error=ValueError, **options):
    before = {element.tag: element.value for element in ds}
    with pytest.raises(error, match=match):
        transcode(ds, PREFIX + tail, **options)
    assert {element.tag: element.value for element in ds} == before
    assert ds.file_meta.TransferSyntaxUID == PREFIX + "1"


@pytest.mark.parametrize(
    ("tail", "options", "match"),
    [
        ("4.50", {"quality": 0}, "whole number from 1 to 100"),
        ("4.50", {"quality": 101}, "whole number from 1 to 100"),
        ("4.50", {"quality": 50.5}, "whole number from 1 to 100"),
        ("4.50", {"quality": "high"}, "whole number from 1 to 100"),
        ("4.50", {"quality": True}, "whole number from 1 to 100"),
        ("4.57", {"predictor": 8}, "whole number from 1 to 7"),
        ("4.81", {"jls_error": -1}, "whole number from 0 to 255"),
        ("4.81", {"jls_error": 256}, "whole number from 0 to 255"),
        ("4.81", {"jls_error": 128}, "half of the greatest value: 127"),
        ("4.91", {"j2k_cr": 20}, "must be a list of compression ratios of 1 or more"),
        ("4.91", {"j2k_cr": [0]}, "must be a list of compression ratios of 1 or more"),
        ("4.91", {"j2k_cr": [-5]}, "must be a list of compression ratios of 1 or more"),
        ("4.91", {"j2k_cr": [NAN]}, "must be a list of compression ratios of 1 or more"),
        ("4.91", {"j2k_cr": ["20"]}, "must be a list of compression ratios of 1 or more"),
        (
            "4.91",
            {"j2k_cr": [100000], "encoding_plugin": "imagecodecs"},
            "ask for a smaller compression ratio",
        ),
        ("4.91", {"j2k_psnr": [float("inf")]}, "must be a list of signal-to-noise ratios"),
        ("4.91", {}, "requires a lossy configuration option"),
        ("4.91", {"j2k_cr": [5], "j2k_psnr": [50]}, "please specify only one"),
        ("4.91", {"j2k_cr": [5], "reversible": True}, "please specify only one"),
        ("4.203", {"htj2k_step": 0}, "a number from 1e-05 to 0.5"),
        ("4.203", {"htj2k_step": 2}, "a number from 1e-05 to 0.5"),
        ("4.112", {"distance": -1}, "a number from 0 to 25"),
        ("4.112", {"distance": NAN}, "a number from 0 to 25"),
        ("4.110", {"effort": 99}, "whole number from 1 to 9"),
        ("8.1", {"deflate_level": 13}, "whole number from 1 to 12"),
    ],
)
def test_values(tail, options, match, make_dataset, smooth):
    # What a plugin refuses comes with the names of all plugins that were tried.
    refused(make_dataset(smooth((33, 47), "u1", 8)), tail, match, (ValueError, RuntimeError), **options)


@pytest.mark.parametrize(
    ("tail", "options", "match"),
    [
        ("4.90", {"j2k_cr": [20]}, "has no option 'j2k_cr'; it has 'verify'"),
        ("4.80", {"jls_error": 2}, "has no option 'jls_error'"),
        ("4.110", {"distance": 1.0}, "has no option 'distance'; it has 'effort', 'verify'"),
        ("4.50", {"qualty": 50}, "has no option 'qualty'; it has 'quality'"),
        ("5", {"quality": 50, "level": 1}, "has no option 'level', 'quality'; it has 'verify'"),
    ],
)
def test_names(tail, options, match, make_dataset, smooth):
    refused(make_dataset(smooth((33, 47), "u1", 8)), tail, match, **options)


@pytest.mark.parametrize("tail", ["4.50", "4.51", "4.57", "4.70", "4.80", "4.81", "4.110", "4.112", "5"])
def test_samples_too_wide(tail, make_dataset):
    ds = make_dataset(np.arange(33 * 47, dtype="u4").reshape(33, 47) * 2000)
    refused(ds, tail, "They are valid for: .*JPEG 2000")


@pytest.mark.parametrize("tail", ["8.1", "1.98", "4.201"])
def test_what_takes_wide_samples(tail, make_dataset):
    arr = np.arange(33 * 47, dtype="u4").reshape(33, 47) * 20
    ds = make_dataset(arr, bits_stored=20)
    transcode(ds, PREFIX + tail)
    assert np.array_equal(ds.pixel_array, arr)


def test_wide_samples_and_jpeg_2000(make_dataset):
    ds = make_dataset(np.arange(33 * 47, dtype="u4").reshape(33, 47) * 2000)
    refused(ds, "4.90", "up to 16 bits, not 32", RuntimeError, encoding_plugin="imagecodecs")


def test_no_pixels(make_dataset):
    ds = make_dataset(np.zeros((3, 4), "u1"))
    del ds.PixelData
    refused(ds, "5", "which the data set does not have")
    transcode(ds, PREFIX + "1.99")
    assert ds.file_meta.TransferSyntaxUID == PREFIX + "1.99"


def test_a_plugin_may_have_options_of_its_own(make_dataset, smooth):
    pytest.importorskip("openjpeg")
    arr = smooth((64, 64), "u1", 8)
    ds = make_dataset(arr)
    transcode(ds, PREFIX + "4.90", encoding_plugin="pylibjpeg", use_mct=False)
    assert np.array_equal(ds.pixel_array, arr)


def test_verification_of_every_lossless_encoder(make_dataset, smooth, monkeypatch):
    from pydcm_pixels._codecs import jpeg

    ds = make_dataset(smooth((33, 47), "u2", 12), bits_stored=12)
    honest = jpeg.encode
    monkeypatch.setattr(jpeg, "encode", lambda frame, /, **d: honest(bytes(len(frame)), **d))
    refused(ds, "4.57", "did not give back the samples", RuntimeError, verify=True)
    for tail in ("5", "4.80", "4.90", "4.203", "8.1", "1.98"):
        transcode(ds, PREFIX + tail, verify=True)
