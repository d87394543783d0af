"""Codecs of other distributions: found by their entry points, chosen by name or by a stated preference."""

from __future__ import annotations

import sys

import numpy as np
import pytest

import pydcm
from pydcm import plugins
from pydcm_pixels.transcoding import transcode

JPEG_LS, PART_2, J2K = "1.2.840.10008.1.2.4.80", "1.2.840.10008.1.2.4.92", "1.2.840.10008.1.2.4.90"
UNKNOWN = "1.2.3.4.5.6"
CODE = """
import numpy as np

def _samples(description):
    return np.dtype(f"u{description['bits_allocated'] // 8}"), (description["rows"], description["columns"])

def decode(frame, /, **description):
    dtype, shape = _samples(description)
    return np.frombuffer(frame[4:], dtype).reshape(shape)

def decode_to_bytes(frame, /, **description):
    return frame[4:]

def decode_wrongly(frame, /, **description):
    return frame[5:]

def encode(frame, /, **description):
    assert len(frame) == np.prod(_samples(description)[1]) * _samples(description)[0].itemsize
    return b"MINE" + bytes(frame)
"""


@pytest.fixture
def install(tmp_path, monkeypatch):
    """Return a function that makes a distribution with entry points ``{group: {key: object}}``."""

    def install(entry_points, name="other-codec"):
        package = name.replace("-", "_")
        (tmp_path / f"{package}.py").write_text(CODE)
        info = tmp_path / f"{package}-1.0.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
        lines = []
        for group, keys in entry_points.items():
            lines += [f"[{group}]", *(f"{key} = {package}:{function}" for key, function in keys.items())]
        (info / "entry_points.txt").write_text("\n".join(lines) + "\n")
        plugins.refresh()

    monkeypatch.syspath_prepend(str(tmp_path))
    yield install
    for group in ("pydcm.decoders", "pydcm.encoders"):
        plugins.prefer(group, [])
    monkeypatch.undo()
    sys.modules.pop("other_codec", None)
    plugins.refresh()


@pytest.fixture
def mine(install, make_dataset, tmp_path):
    """Return the path of a file that the other codec has written, and its samples."""
    install({"pydcm.decoders": {JPEG_LS: "decode"}, "pydcm.encoders": {JPEG_LS: "encode"}})
    arr = np.arange(24, dtype="u2").reshape(2, 3, 4)
    ds = make_dataset(arr, frames=True)
    transcode(ds, JPEG_LS, encoding_plugin="other-codec")
    path = tmp_path / "mine.dcm"
    ds.save_as(path, enforce_file_format=True)
    return path, arr


@pytest.mark.parametrize("name", ["other-codec", "Other_Codec"])
def test_chosen_by_name(name, mine):
    path, arr = mine
    assert b"MINE" in path.read_bytes()
    for source in (path, pydcm.dcmread(path)):
        got, meta = pydcm.decode(source, decoding_plugin=name, with_meta=True)
        assert np.array_equal(got, arr)
        assert meta["decoded_by"] == "other-codec"
        assert np.array_equal(pydcm.decode(source, 2, decoding_plugin=name), arr[1:])
    with pytest.raises(RuntimeError, match="imagecodecs"):  # who is asked by default
        pydcm.decode(path)


def test_preferred(mine):
    path, arr = mine
    plugins.prefer("pydcm.decoders", ["other-codec"])
    assert plugins.preferred("pydcm.decoders") == ("other-codec",)
    for source in (path, pydcm.dcmread(path)):
        assert np.array_equal(pydcm.decode(source), arr)
        assert np.array_equal(pydcm.pixel_array(source), arr)
    plain = pydcm.dcmread(path)
    plugins.prefer("pydcm.encoders", ["other-codec"])
    plain.decompress()
    plain.compress(JPEG_LS)
    assert b"MINE" in plain.PixelData
    plugins.prefer("pydcm.decoders", [])
    with pytest.raises(RuntimeError):
        pydcm.decode(path)


def test_the_next_one_is_tried(mine, make_dataset, smooth, tmp_path):
    arr = smooth((20, 30))
    ds = transcode(make_dataset(arr, bits_stored=12), JPEG_LS)
    ds.save_as(tmp_path / "plain.dcm", enforce_file_format=True)
    plugins.prefer("pydcm.decoders", ["other-codec"])
    got, meta = pydcm.decode(tmp_path / "plain.dcm", with_meta=True)
    assert np.array_equal(got[0], arr)
    assert meta["decoded_by"] == "imagecodecs"


@pytest.mark.parametrize("function", ["decode", "decode_to_bytes"])
def test_syntaxes_that_nobody_else_has(function, install, make_dataset, tmp_path):
    install({"pydcm.decoders": {UNKNOWN: function}, "pydcm.encoders": {UNKNOWN: "encode", PART_2: "encode"}})
    arr = np.arange(12, dtype="u1").reshape(3, 4)
    ds = transcode(make_dataset(arr), PART_2)
    assert b"MINE" in ds.PixelData
    ds.file_meta.TransferSyntaxUID = UNKNOWN
    assert np.array_equal(ds.pixel_array, arr)


def test_what_cannot_be_a_frame(install, make_dataset):
    install({"pydcm.decoders": {JPEG_LS: "decode_wrongly"}, "pydcm.encoders": {JPEG_LS: "encode"}})
    ds = transcode(make_dataset(np.zeros((3, 4), "u2")), JPEG_LS, encoding_plugin="other-codec")
    with pytest.raises(RuntimeError, match="other-codec: it returned 23 bytes for 12 samples"):
        pydcm.decode(ds, decoding_plugin="other-codec")


def test_broken_distributions(install, make_dataset):
    install({"pydcm.decoders": {JPEG_LS: "absent"}})
    arr = np.zeros((3, 4), "u2")
    ds = transcode(make_dataset(arr), JPEG_LS)
    with pytest.raises(RuntimeError, match="other-codec is installed but cannot be loaded"):
        pydcm.decode(ds, decoding_plugin="other-codec")
    plugins.prefer("pydcm.decoders", ["other-codec"])
    assert np.array_equal(pydcm.decode(ds)[0], arr)


def test_the_message_knows_them(mine):
    path, _ = mine
    with pytest.raises(ValueError, match=r"No plugin named 'nobody'.*other-codec"):
        pydcm.decode(path, decoding_plugin="nobody")


def test_pylibjpeg_by_its_distributions(make_dataset, smooth):
    pytest.importorskip("openjpeg")
    arr = smooth((20, 30))
    ds = transcode(make_dataset(arr, bits_stored=12), J2K)
    got, meta = pydcm.decode(ds, decoding_plugin="pylibjpeg-openjpeg", with_meta=True)
    assert np.array_equal(got[0], arr)
    assert meta["decoded_by"] == "pylibjpeg"


def test_a_library_that_cannot_be_imported(monkeypatch):
    from pydcm.uid import UID
    from pydcm_pixels._decode.decoder import Decoder

    decoder = Decoder(UID(J2K))
    monkeypatch.setattr("pydcm_pixels.pixels.decoders.pillow.is_available", lambda uid: __import__("absent_"))
    own = "pydcm_pixels.pixels.decoders."
    decoder._declare([(name, (own + name, "_decode_frame")) for name in ("pillow", "imagecodecs")])
    assert decoder.available_plugins == ("imagecodecs",)
    assert "absent_" in decoder.missing_dependencies[0]
