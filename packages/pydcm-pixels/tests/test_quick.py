"""The short way from a file to an array gives what the complete way gives, or leaves the file to it."""

from __future__ import annotations

import warnings
from io import BytesIO

import numpy as np
import pytest

import pydcm
from pydcm_pixels._core._bits import extend_sign, has_unused_bits, read_samples
from pydcm_pixels._core._color import ybr_full_to_rgb
from pydcm_pixels._core._image_header import fragment, plain_image
from pydcm_pixels._decode import process
from pydcm_pixels._decode.quick import _PHOTOMETRICS, PLAIN_SYNTAXES, quick_array
from pydcm_pixels.transcoding import transcode

PREFIX = "1.2.840.10008.1.2."
SYNTAXES = ["1", "1.98", "5", "4.57", "4.70", "4.80", "4.90", "4.201", "4.110", "8.1"]


def grey(bits, signed=False, frames=1, shape=(33, 46)):
    rng = np.random.default_rng(bits)
    ramp = np.add.outer(np.arange(shape[0]), np.arange(shape[1])) * ((1 << bits) - 9) // sum(shape)
    arr = np.stack([ramp + rng.integers(0, 9, shape) for _ in range(frames)])
    arr = arr - (1 << bits - 1) if signed else arr
    arr = arr.astype(f"{'iu'[not signed]}{1 if bits <= 8 else 2}")
    return arr if frames > 1 else arr[0]


def saved(ds, tmp_path):
    path = tmp_path / "image.dcm"
    ds.save_as(path, enforce_file_format=True)
    return path


def both(path, **options):
    """Return what each way gives, and its warnings."""
    found = []
    for source in (path, BytesIO(path.read_bytes())):
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            if source is path:
                quick = quick_array(path, **options)
                arr = None if quick is None else quick[0]
            else:
                arr = pydcm.pixel_array(source, **options)
        found.append((arr, [str(one.message) for one in caught]))
    return found


@pytest.mark.parametrize("frames", [1, 3])
@pytest.mark.parametrize(("bits", "signed"), [(8, False), (12, False), (12, True), (16, True), (16, False)])
@pytest.mark.parametrize("tail", SYNTAXES)
def test_grey(tail, bits, signed, frames, make_dataset, tmp_path):
    if tail == "4.110" and signed:
        pytest.skip("JPEG XL has no signed samples")
    arr = grey(bits, signed, frames)
    ds = make_dataset(arr, bits_stored=bits, frames=frames > 1)
    if tail != "1":
        transcode(ds, PREFIX + tail)
    path = saved(ds, tmp_path)
    (quick, told), (complete, _) = both(path)
    assert not told
    for found in (quick, complete, pydcm.dcmread(path).pixel_array, pydcm.pixel_array(path, workers=2)):
        assert np.array_equal(found, arr)
        assert found.dtype == arr.dtype
        assert found.flags.writeable


@pytest.mark.parametrize("raw", [False, True])
@pytest.mark.parametrize("photometric", ["RGB", "YBR_FULL"])
@pytest.mark.parametrize("tail", [*SYNTAXES, "4.50"])
def test_colour(tail, photometric, raw, make_dataset, tmp_path):
    arr = np.stack([grey(8), grey(8)[::-1], grey(8)[:, ::-1]], -1)
    ds = make_dataset(arr, bits_stored=8, photometric=photometric)
    if tail != "1":
        transcode(ds, PREFIX + tail)
    path = saved(ds, tmp_path)
    (quick, told), (complete, told_as_well) = both(path, raw=raw)
    assert told == told_as_well
    assert np.array_equal(quick, complete)
    assert np.array_equal(pydcm.pixel_array(pydcm.dcmread(path), raw=raw), complete)
    if tail != "4.50" and photometric == "RGB":
        assert np.array_equal(quick, arr)


@pytest.mark.parametrize("has_table", [True, False])
@pytest.mark.parametrize("tail", ["1", "5", "4.80", "4.201"])
def test_one_of_many(tail, has_table, make_dataset, tmp_path):
    arr = grey(12, frames=5)
    ds = make_dataset(arr, bits_stored=12, frames=True)
    if tail != "1":
        transcode(ds, PREFIX + tail)
        frames = list(pydcm.encaps.generate_frames(ds.PixelData, number_of_frames=5))
        ds.PixelData = pydcm.encaps.encapsulate(frames, has_bot=has_table)
        ds["PixelData"].is_undefined_length = True
    path = saved(ds, tmp_path)
    for index in range(5):
        assert np.array_equal(pydcm.pixel_array(path, index=index), arr[index])
        assert np.array_equal(pydcm.decode(path, index + 1), arr[index : index + 1])
        assert (quick_array(path, index) is not None) == (has_table or tail == "1")
    with pytest.raises(ValueError, match="insufficient|no frame|frame"):
        pydcm.pixel_array(path, index=5)


@pytest.mark.parametrize("damage", ["first", "middle", "last"])
def test_wrong_tables_are_left_alone(damage, make_dataset, tmp_path):
    arr = grey(12, frames=5)
    ds = make_dataset(arr, bits_stored=12, frames=True)
    transcode(ds, PREFIX + "5")
    data = bytearray(ds.PixelData)
    at = 8 + 4 * {"first": 0, "middle": 3, "last": 4}[damage]
    data[at] ^= 2
    ds.PixelData = bytes(data)
    ds["PixelData"].is_undefined_length = True
    path = saved(ds, tmp_path)
    assert quick_array(path) is None
    assert quick_array(path, 3) is None
    with pytest.warns(UserWarning, match="Basic Offset Table is ignored"):
        assert np.array_equal(pydcm.pixel_array(path, index=3), arr[3])


def test_unused_bits_are_filled(make_dataset, tmp_path):
    arr = grey(12, signed=True, shape=(600, 1100))
    ds = make_dataset(arr, bits_stored=12)
    ds.PixelData = (arr.view("u2") & 0x0FFF).tobytes()
    (quick, _), (complete, _) = both(saved(ds, tmp_path))
    assert np.array_equal(quick, arr)
    assert np.array_equal(complete, arr)


@pytest.mark.parametrize("bits", [1, 7, 15])
@pytest.mark.parametrize("n", [1, 63, 64, 200])
@pytest.mark.parametrize("dtype", ["u2", "i2"])
def test_unused_bits_are_seen_wherever_they_are(dtype, n, bits):
    clean = np.random.default_rng(n).integers(0, 1 << 16, n).astype("u2").view(dtype)
    extend_sign(clean, bits)
    assert not has_unused_bits(clean, bits)
    for at in range(n):
        dirty = clean.copy()
        dirty.view("u2")[at] ^= 0x8000
        assert has_unused_bits(dirty, bits)


def test_colours_are_the_equations():
    y, cb, cr = (axis.reshape(-1) for axis in np.meshgrid(*[np.arange(0, 256, 3)] * 3, indexing="ij"))
    pixels = np.stack([y, cb, cr], -1).astype("u1").reshape(-1)
    out = np.empty_like(pixels)
    ybr_full_to_rgb(pixels, out)
    blue, red = cb - 128.0, cr - 128.0
    green = y - 0.114 * 1.772 / 0.587 * blue - 0.299 * 1.402 / 0.587 * red
    exact = np.stack([y + 1.402 * red, green, y + 1.772 * blue], -1)
    # Exact halves are the only values that may be rounded either way.
    rounded = np.clip(np.floor(exact + 0.5), 0, 255)
    off = out.reshape(-1, 3) != rounded
    assert np.all(np.abs(exact[off] % 1 - 0.5) < 1e-9)
    ybr_full_to_rgb(pixels, pixels)
    assert np.array_equal(pixels, out)


@pytest.mark.parametrize("at", [0, 3, 70_000, 140_000, 199_999])
@pytest.mark.parametrize("dtype", ["u1", "i1", "u2", "i2", "u4", "i4", "u8", "i8"])
def test_samples_read_have_no_unused_bits(tmp_path, dtype, at):
    stored = np.random.default_rng(at).integers(0, 4, 200_000).astype(dtype)
    stored[at] |= np.array(-8, f"i{stored.itemsize}").view(dtype)
    path = tmp_path / "samples"
    path.write_bytes(b"head" + stored.tobytes())
    unused = 8 * stored.itemsize - 3
    expected = stored.copy()
    extend_sign(expected, unused)
    assert expected[at] != stored[at]
    for bits, values in ((unused, expected), (0, stored)):
        with path.open("rb", buffering=0) as stream:
            stream.seek(4)
            out = np.zeros((2, 100_000), dtype)
            assert read_samples(stream.fileno(), out, out.itemsize, dtype[0] == "i", bits) == out.nbytes
        assert np.array_equal(out.reshape(-1), values)


def test_samples_read_to_the_end_of_the_file(tmp_path):
    path = tmp_path / "samples"
    path.write_bytes(bytes([0xFF] * 7))
    out = np.zeros(5, "u2")
    with path.open("rb", buffering=0) as stream:
        assert read_samples(stream.fileno(), out, 2, False, 4) == 7
    assert out.tolist() == [0xFFF, 0xFFF, 0xFFF, 0xFF, 0]
    with pytest.raises(ValueError, match="do not fit"):
        read_samples(0, out, 2, False, 16)
    with pytest.raises(ValueError, match="no samples of 3"):
        read_samples(0, out, 3, False, 0)


@pytest.mark.parametrize("shift", [0, 7])
def test_colours_are_those_of_pydicom(shift):
    y, cb, cr = np.meshgrid([0, 1, 37, 127, 128, 222, 255], np.arange(256), np.arange(256), indexing="ij")
    pixels = np.stack([y, cb, cr], -1).astype("u1").reshape(1, -1, 3)[:, shift:]  # any place in a vector
    expected = pytest.importorskip("pydicom.pixels").convert_color_space(pixels, "YBR_FULL", "RGB")[0]
    out = np.ascontiguousarray(pixels[0])
    ybr_full_to_rgb(out.reshape(-1), out.reshape(-1))
    # How NumPy rounds the exact halves of green depends on the processor.
    halves = np.all(np.abs(pixels[0, :, 1:].astype(int) - 128) == 50, axis=-1)
    assert np.array_equal(out[~halves], expected[~halves])
    assert np.abs(out[halves].astype(int) - expected[halves]).max() <= 1


def header(path):
    return plain_image(path.read_bytes(), PLAIN_SYNTAXES, _PHOTOMETRICS)


def test_header_says_what_the_data_set_says(make_dataset, tmp_path):
    ds = make_dataset(grey(12, frames=3), bits_stored=12, frames=True)
    ds.PatientName = "A^B"
    ds.ReferencedImageSequence = [pydcm.Dataset(), pydcm.Dataset()]
    ds.ReferencedImageSequence[0].Rows = 7
    ds["ReferencedImageSequence"].is_undefined_length = True
    path = saved(ds, tmp_path)
    options, offset, length, _ = header(path)
    assert (options["rows"], options["columns"], options["number_of_frames"]) == (33, 46, 3)
    assert (options["bits_allocated"], options["bits_stored"]) == (16, 12)
    assert length == len(ds.PixelData)
    assert path.read_bytes()[offset : offset + length] == ds.PixelData


@pytest.mark.parametrize(
    "change",
    [
        {"BitsAllocated": 12},
        {"Rows": 0},
        {"HighBit": 15},
        {"PixelRepresentation": 2},
        {"PhotometricInterpretation": "GREY"},
        {"NumberOfFrames": 0},
        {"SamplesPerPixel": 2},
        {"FloatPixelData": b"\0\0\0\0"},
    ],
)
def test_what_is_not_plain_is_left_alone(change, make_dataset, tmp_path):
    ds = make_dataset(grey(12), bits_stored=12)
    for name, value in change.items():
        setattr(ds, name, value)
    path = saved(ds, tmp_path)
    assert header(path) is None
    assert quick_array(path) is None


def test_a_file_cut_anywhere_is_left_alone(make_dataset, tmp_path):
    ds = make_dataset(grey(8), bits_stored=8)
    transcode(ds, PREFIX + "5")
    data = saved(ds, tmp_path).read_bytes()
    path = tmp_path / "cut.dcm"
    for end in [*range(0, len(data) - 1, 37), len(data) - 1]:
        path.write_bytes(data[:end])
        assert quick_array(path) is None
        header(path)
        fragment(data[:end], len(data) - 900)


def test_what_is_not_a_file_is_left_alone(tmp_path):
    assert quick_array(tmp_path) is None
    assert quick_array(tmp_path / "nothing") is None


def test_callbacks_are_heard(make_dataset, tmp_path):
    path = saved(make_dataset(grey(12), bits_stored=12), tmp_path)
    seen = []
    pydcm.config.data_element_callback = lambda element, **_: seen.append(element.tag) or element
    try:
        assert quick_array(path) is None
        pydcm.pixel_array(path)
    finally:
        pydcm.config.reset_data_element_callback()
    assert seen


@pytest.mark.parametrize("tail", ["1", "5"])
def test_processors_are_heard(tail, make_dataset, tmp_path, monkeypatch):
    ds = make_dataset(grey(12), bits_stored=12)
    if tail != "1":
        transcode(ds, PREFIX + tail)
    path = saved(ds, tmp_path)
    monkeypatch.setattr(process, "PROCESSORS", process.PROCESSORS)
    process.PROCESSORS.append(lambda arr, runner, changes: arr + 1)
    try:
        assert np.array_equal(pydcm.pixel_array(path), grey(12) + 1)
    finally:
        process.PROCESSORS.pop()


def test_removed_plugins_are_not_used(make_dataset, tmp_path):
    ds = make_dataset(grey(12), bits_stored=12)
    transcode(ds, PREFIX + "4.80")
    path = saved(ds, tmp_path)
    decoder = pydcm.pixels.get_decoder(PREFIX + "4.80")
    plugins = dict(decoder._available)
    decoder._available = {"mine": lambda src, runner: grey(12)[::-1].tobytes()}
    try:
        assert np.array_equal(pydcm.pixel_array(path), grey(12)[::-1])
    finally:
        decoder._available = plugins


def test_frames_of_a_video_by_index(make_dataset, tmp_path):
    av = pytest.importorskip("av")
    frames = np.repeat(np.arange(10, 250, 40, "u1"), 64 * 96 * 3).reshape(-1, 64, 96, 3)
    buffer = BytesIO()
    with av.open(buffer, mode="w", format="mpegts") as out:
        stream = out.add_stream("mpeg2video", rate=25)
        stream.width, stream.height, stream.pix_fmt = 96, 64, "yuv420p"
        for frame in frames:
            for packet in stream.encode(av.VideoFrame.from_ndarray(frame, format="rgb24")):
                out.mux(packet)
        for packet in stream.encode():
            out.mux(packet)
    ds = make_dataset(frames, bits_stored=8, photometric="YBR_PARTIAL_420", frames=True)
    ds.PixelData = pydcm.encaps.encapsulate([buffer.getvalue() + b"\0" * (len(buffer.getvalue()) % 2)])
    ds["PixelData"].is_undefined_length = True
    ds.file_meta.TransferSyntaxUID = PREFIX + "4.100"
    path = saved(ds, tmp_path)
    everything = pydcm.pixel_array(path)
    for source in (path, pydcm.dcmread(path)):
        for indices in ([0, 1, 4], [4, 0], [2, 2], iter([3])):
            wanted = [3] if not isinstance(indices, list) else indices
            assert np.array_equal(list(pydcm.iter_pixels(source, indices=indices)), everything[wanted])
        with pytest.raises(ValueError, match="contain 71 frames"):
            list(pydcm.iter_pixels(source, indices=[3, 70]))


@pytest.mark.parametrize("tail", ["1", "5"])
def test_arrays_of_a_data_set_are_its_own(tail, make_dataset):
    arr = grey(12)
    ds = make_dataset(arr, bits_stored=12)
    if tail != "1":
        transcode(ds, PREFIX + tail)
    first = ds.pixel_array
    first[:] = 0
    ds.Rows = ds.Rows
    assert np.array_equal(pydcm.pixel_array(ds), arr)
    ds.BitsStored = ds.BitsStored + 1
    ds.HighBit = 7
    with pytest.warns(UserWarning, match="High Bit"):
        _ = ds.pixel_array


@pytest.mark.parametrize("tail", ["4.50", "4.70", "4.80"])
def test_a_frame_that_fails_is_warned_of_once(tail, make_dataset):
    arr = np.add.outer(np.arange(40), np.arange(50)).astype("u1")
    ds = make_dataset(arr)
    transcode(ds, PREFIX + tail)
    frame = pydcm.encaps.get_frame(ds.PixelData, 0, number_of_frames=1)
    ds.PixelData = pydcm.encaps.encapsulate([frame[: frame.index(b"\xff\xda") + 2]])
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        with pytest.raises(RuntimeError):
            pydcm.pixel_array(ds)
    messages = [str(one.message) for one in caught]
    assert sum("no end marker" in one for one in messages) == 1, messages
