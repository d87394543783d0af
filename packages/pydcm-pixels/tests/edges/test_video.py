"""Video: sizes that differ, frames that are not there, ten bits, what is no video."""

from __future__ import annotations

from io import BytesIO

import numpy as np
import pytest

import pydcm

av = pytest.importorskip("av")

PREFIX = "1.2.840.10008.1.2.4."
FRAMES = np.zeros((5, 128, 192, 3), "u1")
FRAMES[:, :64] = (200, 60, 40)
FRAMES[:, 64:] = (30, 90, 220)
FRAMES[:, :, 96:] //= 2


def film(frames, codec="libx264", kind="yuv420p", container="mp4"):
    buffer = BytesIO()
    with av.open(buffer, mode="w", format=container) as out:
        stream = out.add_stream(codec, rate=10)
        stream.width, stream.height, stream.pix_fmt = frames.shape[2], frames.shape[1], kind
        if codec != "mpeg2video":
            stream.options = {"crf": "8"}
        for frame in frames:
            for packet in stream.encode(av.VideoFrame.from_ndarray(frame, format="rgb24")):
                out.mux(packet)
        for packet in stream.encode():
            out.mux(packet)
    return buffer.getvalue()


@pytest.fixture
def image(make_dataset, streams):
    def make(stream, syntax="102", fragments=1):
        ds = make_dataset(FRAMES, photometric="YBR_PARTIAL_420", frames=True)
        return streams.wrapped(ds, [stream], PREFIX + syntax, fragments=fragments)

    return make


@pytest.mark.parametrize(
    ("codec", "container", "syntax"),
    [
        ("libx264", "mp4", "102"),
        ("libx264", "mpegts", "102.1"),
        ("mpeg2video", "mpegts", "100"),
        ("libx265", "mp4", "107"),
    ],
)
@pytest.mark.parametrize("fragments", [1, 3])
def test_frames(fragments, codec, container, syntax, image, streams):
    ds = image(film(FRAMES, codec, container=container), syntax, fragments)
    decoded, _ = streams.pixels(ds)
    flat = np.abs(decoded.astype(int) - FRAMES)[:, [16, 48, 80, 112]][:, :, [16, 48, 144, 176]]
    assert flat.max() <= 12
    assert np.array_equal(streams.pixels(ds, index=3)[0], decoded[3])


def test_another_size(image, streams):
    ds = image(film(FRAMES))
    ds.Rows = 120
    with pytest.raises((RuntimeError, ValueError), match="128 rows, 192 columns.*'Rows' is 120"):
        streams.pixels(ds)


def test_fewer_frames_than_stated(image, streams):
    ds = image(film(FRAMES))
    ds.NumberOfFrames = 9
    with pytest.raises(ValueError, match="holds 5 frames"):
        streams.pixels(ds)
    with pytest.raises(ValueError, match="insufficient|no frame"):
        streams.pixels(ds, index=7)


def test_ten_bits(image, streams):
    ds = image(film(FRAMES, "libx265", "yuv420p10le"), "108")
    ds.BitsAllocated, ds.BitsStored, ds.HighBit = 16, 10, 9
    decoded, _ = streams.pixels(ds)
    assert decoded.dtype == "u2"
    assert np.abs(decoded[2, 8, 8].astype(int) - FRAMES[2, 8, 8] * (1023 / 255)).max() <= 24
    ds.BitsAllocated, ds.BitsStored, ds.HighBit = 8, 8, 7
    assert streams.pixels(ds)[0].dtype == "u1"


@pytest.mark.parametrize(
    "stream",
    [b"", bytes(4000), b"#EXTM3U\n#EXTINF:1,\n{path}\n", b"ffconcat version 1.0\nfile {path}\n"],
    ids=["nothing", "zeros", "playlist", "list of files"],
)
def test_what_is_no_video(stream, image, streams, tmp_path):
    """Neither decoded, nor a way to other files."""
    (tmp_path / "other.mp4").write_bytes(film(FRAMES))
    stream = stream.replace(b"{path}", str(tmp_path / "other.mp4").encode())
    with pytest.raises((RuntimeError, ValueError, OSError)):
        streams.pixels(image(stream))


def test_truncated_and_changed(image, streams):
    good = film(FRAMES, container="mpegts")
    chance = np.random.default_rng(5)
    for trial in range(30):
        broken = bytearray(good[: int(chance.integers(100, len(good)))] if trial % 2 else good)
        for at in chance.integers(0, len(broken), 5):
            broken[at] = int(chance.integers(0, 256))
        try:
            decoded, _ = streams.pixels(image(bytes(broken)))
        except (RuntimeError, ValueError, OSError) as exc:
            assert str(exc)
        else:
            assert decoded.shape == FRAMES.shape


def test_pydcm_decode(image, tmp_path):
    ds = image(film(FRAMES))
    ds.save_as(tmp_path / "a.dcm", enforce_file_format=True)
    arr, meta = pydcm.decode(tmp_path / "a.dcm", with_meta=True)
    assert arr.shape == FRAMES.shape
    assert meta["decoded_by"] == "pyav"
    assert np.array_equal(pydcm.decode(tmp_path / "a.dcm", 4)[0], arr[3])


@pytest.mark.parametrize(("frames", "decoded"), [(None, 5), ([2, 4, 5], 5), ([5, 1, 2], 7)])
def test_films_are_decoded_once_and_not_from_the_start_for_each_frame(
    frames, decoded, image, monkeypatch, tmp_path
):
    pytest.importorskip("PIL")
    from pydcm_pixels._decode import runner

    count = 0

    def counted(*args):
        nonlocal count
        for frame in original(*args):
            count += 1
            yield frame

    original = runner.iter_video
    monkeypatch.setattr(runner, "iter_video", counted)
    pydcm.pixels.export(image(film(FRAMES)), tmp_path / "film.gif", frames=frames)
    assert count == decoded
