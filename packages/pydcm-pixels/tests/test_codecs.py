"""Every codec: round trips, headers that contradict the data set, broken streams."""

from __future__ import annotations

import sys
from importlib import import_module
from types import SimpleNamespace

import numpy as np
import pytest

from pydcm.plugins import FrameDecoder, FrameEncoder
from pydcm_pixels._codecs.checks import StreamMismatchError

PREFIX = "1.2.840.10008.1.2."
LOSSLESS = {
    "4.57": "jpeg",
    "4.70": "jpeg",
    "4.80": "jpegls",
    "4.90": "jpeg2000",
    "4.201": "htj2k",
    "4.202": "htj2k",
    "4.110": "jpegxl",
    "5": "rle",
    "8.1": "deflated",
    "1.98": "uncompressed",
}


def describe(arr, tail, bits=None, **more):
    colour = arr.ndim == 3
    description = {
        "transfer_syntax_uid": PREFIX + tail,
        "rows": arr.shape[0],
        "columns": arr.shape[1],
        "samples_per_pixel": 3 if colour else 1,
        "bits_allocated": 8 * arr.dtype.itemsize,
        "bits_stored": bits or 8 * arr.dtype.itemsize,
        "pixel_representation": int(arr.dtype.kind == "i"),
        "photometric_interpretation": "RGB" if colour else "MONOCHROME2",
    }
    return {**description, **({"planar_configuration": 0} if colour else {}), **more}


def codec(tail):
    return import_module(f"pydcm_pixels._codecs.{LOSSLESS[tail]}")


def test_codecs_fit_the_plugin_protocols():
    for tail in LOSSLESS:
        assert isinstance(codec(tail).decode, FrameDecoder)
        assert isinstance(codec(tail).encode, FrameEncoder)


@pytest.mark.parametrize("tail", LOSSLESS)
@pytest.mark.parametrize(
    ("dtype", "bits"), [("u1", 8), ("u2", 10), ("u2", 12), ("u2", 16), ("i2", 12), ("i2", 16)]
)
@pytest.mark.parametrize("shape", [(33, 47), (33, 47, 3), (1, 1)])
def test_lossless_round_trip(tail, dtype, bits, shape, smooth):
    arr = smooth(shape, dtype, bits)
    description = describe(arr, tail, bits)
    decoded = codec(tail).decode(codec(tail).encode(arr.tobytes(), **description), **description)
    mask = (1 << bits) - 1
    assert np.array_equal(decoded.reshape(shape).astype("i4") & mask, arr.astype("i4") & mask)


@pytest.mark.parametrize("predictor", range(1, 8))
def test_jpeg_lossless_predictors(predictor, smooth):
    arr = smooth((19, 23), "u2", 16)
    description = describe(arr, "4.57", predictor=predictor)
    module = codec("4.57")
    assert np.array_equal(module.decode(module.encode(arr.tobytes(), **description), **description), arr)


@pytest.mark.parametrize("tail", LOSSLESS)
def test_decoding_into_the_callers_array(tail, smooth):
    arr = smooth((16, 20), "u2", 16)
    description = describe(arr, tail)
    out = np.zeros(320, "u2")
    result = codec(tail).decode(codec(tail).encode(arr.tobytes(), **description), out=out, **description)
    assert np.array_equal(result.reshape(arr.shape), arr)
    if tail != "4.110":
        assert np.shares_memory(result, out)


@pytest.mark.parametrize("tail", ["4.57", "4.80", "4.90", "4.201", "4.110"])
@pytest.mark.parametrize(
    "lie",
    [{"rows": 17}, {"columns": 65535, "rows": 65535}, {"samples_per_pixel": 3}],
    ids=["rows", "huge", "samples"],
)
def test_streams_that_contradict_the_data_set(tail, lie, smooth):
    arr = smooth((16, 20), "u2", 16)
    description = describe(arr, tail)
    encoded = codec(tail).encode(arr.tobytes(), **description)
    with pytest.raises(StreamMismatchError, match="'Rows'"):
        codec(tail).decode(encoded, **{**description, **lie})


@pytest.mark.parametrize("tail", ["4.57", "4.80", "4.90", "4.201"])
def test_precision_beyond_bits_allocated(tail, smooth):
    arr = smooth((16, 20), "u2", 16)
    description = describe(arr, tail)
    encoded = codec(tail).encode(arr.tobytes(), **description)
    with pytest.raises(StreamMismatchError, match="16-bit samples"):
        codec(tail).decode(encoded, **{**description, "bits_allocated": 8})


@pytest.mark.parametrize("tail", [*LOSSLESS])
def test_broken_streams_raise_or_decode(tail, smooth):
    arr = smooth((24, 31), "u2", 12)
    description = describe(arr, tail, 12)
    good = codec(tail).encode(arr.tobytes(), **description)
    rng = np.random.default_rng(3)
    for trial in range(60):
        broken = bytearray(good[: rng.integers(0, len(good))] if trial % 2 else good)
        for _ in range(int(rng.integers(0, 4))):
            if broken:
                broken[int(rng.integers(0, len(broken)))] = int(rng.integers(0, 256))
        try:
            result = codec(tail).decode(bytes(broken), **description)
        except Exception as exc:
            assert not isinstance(exc, MemoryError)
        else:
            assert result.size == arr.size


@pytest.mark.parametrize("tail", ["5", "8.1"])
def test_promises_that_the_bytes_cannot_keep_allocate_nothing(tail):
    description = describe(np.zeros((2, 2), "u2"), tail, rows=65535, columns=65535)
    with pytest.raises(ValueError, match="cannot hold"):
        codec(tail).decode(bytes(100), **description)


def test_lossy_options_of_lossless_syntaxes(smooth):
    arr = smooth((8, 8), "u1", 8)
    for tail, option in (
        ("4.80", "jls_error"),
        ("4.90", "j2k_psnr"),
        ("4.201", "htj2k_step"),
        ("4.110", "distance"),
    ):
        with pytest.raises(ValueError, match="lossy|jls_error"):
            codec(tail).encode(
                arr.tobytes(), **describe(arr, tail, **{option: [40] if "psnr" in option else 1})
            )


def test_an_error_that_the_htj2k_decoder_loses_is_raised(monkeypatch):
    from pydcm_pixels._codecs import htj2k

    passed_on = []
    monkeypatch.setattr(sys, "unraisablehook", passed_on.append)

    def decoder(frame, lost=None):
        if lost is not None:
            sys.unraisablehook(lost)
        return frame

    assert htj2k._noticing_errors(decoder, b"good") == b"good"
    other = SimpleNamespace(object="something else", exc_value=RuntimeError())
    assert htj2k._noticing_errors(decoder, b"good", lost=other) == b"good"
    assert passed_on == [other]
    lost = SimpleNamespace(
        object="imagecodecs._htj2k._copy_from_codestream", exc_value=RuntimeError("ojph error")
    )
    with pytest.raises(ValueError, match="broken: ojph error"):
        htj2k._noticing_errors(decoder, b"bad", lost=lost)


def test_libraries_that_abort_on_hostile_streams_are_used_by_name_only():
    from pydcm_pixels._decode.registry import get_decoder

    decoder = get_decoder(PREFIX + "4.90")
    assert not {"gdcm", "pylibjpeg"} & set(decoder._validate_plugins())
    for name in decoder.available_plugins:
        assert list(decoder._validate_plugins(name)) == [name]
