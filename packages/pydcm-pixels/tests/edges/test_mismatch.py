"""Rows, columns, samples and bits of the data set against those of the stream: both values are told."""

from __future__ import annotations

from importlib import import_module

import numpy as np
import pytest

import pydcm
from pydcm_pixels.pixels import get_decoder

GREY = (np.add.outer(np.arange(16), np.arange(20)) * 100).astype("u2")
LYING = {
    "baseline": "jpeg",
    "lossless": "jpeg",
    "jpegls": "jpegls",
    "j2k": "jpeg2000",
    "htj2k": "htj2k",
    "jpegxl": "jpegxl",
    "rle": "rle",
    "deflated": "deflated",
    "plain": "uncompressed",
}
HEADED = ["baseline", "lossless", "jpegls", "j2k", "htj2k", "jpegxl"]


def encoded(streams, name, arr, **more):
    """Return a frame by our own encoder of the syntax."""
    description = {
        "transfer_syntax_uid": streams.syntaxes[name],
        "rows": arr.shape[0],
        "columns": arr.shape[1],
        "samples_per_pixel": 3 if arr.ndim == 3 else 1,
        "bits_allocated": 8 * arr.itemsize,
        "bits_stored": 8 * arr.itemsize,
        "pixel_representation": 0,
        "photometric_interpretation": "RGB" if arr.ndim == 3 else "MONOCHROME2",
        "planar_configuration": 0,
    }
    codec = import_module(f"pydcm_pixels._codecs.{LYING[name]}")
    return bytes(codec.encode(arr.tobytes(), **{**description, **more}))


def source(name):
    return GREY.astype("u1") if name == "baseline" else GREY


@pytest.mark.parametrize("keyword", ["Rows", "Columns"])
@pytest.mark.parametrize("name", HEADED)
def test_size(name, keyword, streams, make_dataset):
    arr = source(name)
    ds = streams.wrapped(make_dataset(arr), [encoded(streams, name, arr)], name)
    for wrong in (1, 7, 100, 65535):
        setattr(ds, keyword, wrong)
        with pytest.raises(RuntimeError, match=f"16 rows, 20 columns.*'{keyword}'.*{wrong}"):
            streams.pixels(ds)


@pytest.mark.parametrize("name", ["rle", "deflated", "plain"])
@pytest.mark.parametrize("keyword", ["Rows", "Columns"])
def test_size_of_streams_without_header(name, keyword, streams, make_dataset):
    ds = streams.wrapped(make_dataset(GREY), [encoded(streams, name, GREY)], name)
    for wrong in (100, 65535):
        setattr(ds, keyword, wrong)
        with pytest.raises((RuntimeError, ValueError), match=r"\d+"):
            streams.pixels(ds)


@pytest.mark.parametrize("name", HEADED)
def test_samples(name, streams, make_dataset):
    arr = source(name)
    ds = streams.wrapped(make_dataset(arr), [encoded(streams, name, arr)], name)
    ds.SamplesPerPixel, ds.PlanarConfiguration, ds.PhotometricInterpretation = 3, 0, "RGB"
    with pytest.raises(RuntimeError, match="1 samples per pixel.*'Samples per Pixel' 3"):
        streams.pixels(ds)
    colour = np.stack([arr] * 3, axis=-1).astype("u1")
    ds = streams.wrapped(make_dataset(colour), [encoded(streams, name, colour)], name)
    ds.SamplesPerPixel, ds.PhotometricInterpretation = 1, "MONOCHROME2"
    with pytest.raises(RuntimeError, match="3 samples per pixel.*'Samples per Pixel' 1"):
        streams.pixels(ds)


@pytest.mark.parametrize("name", ["lossless", "jpegls", "j2k", "htj2k", "jpegxl"])
def test_more_bits_than_allocated(name, streams, make_dataset):
    ds = streams.wrapped(make_dataset(GREY.astype("u1")), [encoded(streams, name, GREY)], name)
    with pytest.raises(RuntimeError, match="16-bit.*'Bits Allocated' is 8"):
        streams.pixels(ds)


@pytest.mark.parametrize("name", ["baseline", "lossless", "jpegls", "j2k", "htj2k"])
def test_fewer_bits_than_stored(name, streams, make_dataset):
    arr = GREY.astype("u1")
    ds = streams.wrapped(make_dataset(arr.astype("u2"), bits_stored=12), [encoded(streams, name, arr)], name)
    decoded, messages = streams.pixels(ds)
    assert np.abs(decoded - arr.astype(int)).max() <= (20 if name == "baseline" else 0)
    assert decoded.dtype == "u2"
    assert any("8-bit" in one and "'Bits Stored' is 12" in one for one in messages)


@pytest.mark.parametrize("name", ["lossless", "jpegls", "j2k", "htj2k", "jpegxl"])
def test_values_beyond_bits_stored(name, streams, make_dataset):
    ds = streams.wrapped(make_dataset(GREY, bits_stored=10), [encoded(streams, name, GREY)], name)
    for options in ({}, {"index": 0}):
        _, messages = streams.pixels(ds, **options)
        assert any("to 3400" in one and "'Bits Stored' is 10" in one for one in messages)


def test_each_difference_is_told_once(streams, make_dataset):
    arr = GREY.astype("u1")
    frames = [encoded(streams, "jpegls", arr)] * 5
    ds = make_dataset(np.stack([arr.astype("u2")] * 5), bits_stored=12, frames=True)
    _, messages = streams.pixels(streams.wrapped(ds, frames, "jpegls"))
    assert len([one for one in messages if "Bits Stored" in one]) == 1


def test_float_samples_of_jpegxl(streams, make_dataset):
    imagecodecs = pytest.importorskip("imagecodecs")
    stream = bytes(imagecodecs.jpegxl_encode(GREY.astype("f4") / 4000, lossless=True))
    ds = streams.wrapped(make_dataset(np.zeros((16, 20), "u4")), [stream], "jpegxl")
    with pytest.raises(RuntimeError, match="float"):
        streams.pixels(ds)


def test_which_codec_decoded_is_known(streams, make_dataset, tmp_path):
    ds = streams.wrapped(make_dataset(GREY), [encoded(streams, "j2k", GREY)], "j2k")
    ds.save_as(tmp_path / "a.dcm", enforce_file_format=True)
    assert pydcm.decode(tmp_path / "a.dcm", with_meta=True)[1]["decoded_by"] == "imagecodecs"
    decoder = get_decoder(streams.syntaxes["j2k"])
    for name in decoder.available_plugins:
        _, meta = pydcm.decode(tmp_path / "a.dcm", with_meta=True, decoding_plugin=name)
        assert meta["decoded_by"] == name
        assert decoder.as_array(ds, decoding_plugin=name)[1]["decoded_by"] == name
    several = streams.wrapped(
        make_dataset(np.stack([GREY] * 3), frames=True), [encoded(streams, "j2k", GREY)] * 3, "j2k"
    )
    several.save_as(tmp_path / "c.dcm", enforce_file_format=True)
    for workers in (1, 2):
        _, meta = pydcm.decode(tmp_path / "c.dcm", with_meta=True, workers=workers)
        assert meta["decoded_by"] == "imagecodecs"
        assert decoder.as_array(several, workers=workers)[1]["decoded_by"] == "imagecodecs"
    assert [meta["decoded_by"] for _, meta in decoder.iter_array(several)] == ["imagecodecs"] * 3
    assert "decoded_by" not in get_decoder("1.2.840.10008.1.2.1").as_array(make_dataset(GREY))[1]
    native = make_dataset(GREY)
    native.save_as(tmp_path / "b.dcm", enforce_file_format=True)
    assert pydcm.decode(tmp_path / "b.dcm", with_meta=True)[1]["decoded_by"] == "pydcm"


def test_a_codec_that_fails_is_named(streams, make_dataset, caplog):
    ds = streams.wrapped(make_dataset(GREY), [encoded(streams, "jpegls", GREY)], "jpegls")
    decoder = get_decoder(streams.syntaxes["jpegls"])

    def broken(src, runner):
        raise OSError("no luck")

    decoder._available = {"first": broken, **decoder._available}
    try:
        decoded, _ = streams.pixels(ds)
        assert np.array_equal(decoded, GREY)
        assert "first: no luck" in caplog.text
        with pytest.raises(RuntimeError, match="first: no luck"):
            streams.pixels(ds, decoding_plugin="first")
    finally:
        del decoder._available["first"]


def test_all_that_fail_are_named(streams, make_dataset):
    ds = streams.wrapped(make_dataset(GREY), [b"\xff\xd8\xff\x00" * 20], "jpegls")
    with pytest.raises(RuntimeError, match=r"imagecodecs: The frame's 80 bytes, starting with ff d8"):
        streams.pixels(ds)


def test_jpip_says_what_to_do(make_dataset):
    ds = make_dataset(GREY)
    del ds.PixelData
    ds.PixelDataProviderURL = "https://example.org/jpip"
    for last in ("94", "95"):
        ds.file_meta.TransferSyntaxUID = pydcm.uid.UID("1.2.840.10008.1.2.4." + last)
        with pytest.raises(NotImplementedError, match="not supported") as caught:
            pydcm.pixel_array(ds)
        assert "JPIP client" in f"{caught.value} {caught.value.__cause__}"


@pytest.mark.parametrize("last", ["7.1", "7.2", "7.3"])
def test_streamed_video_says_what_to_do(last):
    with pytest.raises(NotImplementedError, match=r"RTP stream of their own \(DICOM-RTV"):
        get_decoder("1.2.840.10008.1.2." + last)


@pytest.mark.parametrize("workers", [1, 2])
@pytest.mark.parametrize("damage", ["no stream", "another size"])
def test_the_frame_that_fails_is_named(damage, workers, streams, make_dataset, caplog):
    frames = [encoded(streams, "jpegls", GREY)] * 5
    frames[3] = bytes(60) if damage == "no stream" else encoded(streams, "jpegls", GREY[:8])
    ds = streams.wrapped(make_dataset(np.stack([GREY] * 5), frames=True), frames, "jpegls")
    words = "imagecodecs" if damage == "no stream" else "8 rows, 20 columns"
    with pytest.raises(RuntimeError, match="index 3") as caught:
        streams.pixels(ds, workers=workers)
    assert words in str(caught.value)
    for index in (0, 1, 2, 4):
        assert np.array_equal(streams.pixels(ds, index=index)[0], GREY)
    frames_in_turn = pydcm.iter_pixels(ds)
    for _ in range(3):
        assert np.array_equal(next(frames_in_turn), GREY)
    with pytest.raises(RuntimeError, match="index 3"):
        next(frames_in_turn)


@pytest.mark.parametrize(
    ("codec", "lossy", "lossless", "options"),
    [
        ("jpeg", "4.50", "4.70", {}),
        ("jpegls", "4.81", "4.80", {"jls_error": 2}),
        ("jpeg2000", "4.91", "4.90", {"j2k_psnr": [40]}),
        ("htj2k", "4.203", "4.201", {"htj2k_step": 0.01}),
    ],
)
def test_lossy_streams_that_are_called_lossless(codec, lossy, lossless, options, streams, make_dataset):
    arr = GREY.astype("u1")
    prefix = "1.2.840.10008.1.2."
    description = {
        "transfer_syntax_uid": prefix + lossy,
        "rows": 16,
        "columns": 20,
        "samples_per_pixel": 1,
        "bits_allocated": 8,
        "bits_stored": 8,
        "pixel_representation": 0,
        "photometric_interpretation": "MONOCHROME2",
    }
    encode = import_module(f"pydcm_pixels._codecs.{codec}").encode
    stream = bytes(encode(arr.tobytes(), **description, **options))
    _, messages = streams.pixels(streams.wrapped(make_dataset(arr), [stream], prefix + lossless))
    assert any("lossy kind" in one and "Lossless" in one for one in messages), messages
    _, messages = streams.pixels(streams.wrapped(make_dataset(arr), [stream], prefix + lossy))
    assert not messages
