"""JPEG 2000: component transformation, sign and precision in the stream against those of the data set."""

from __future__ import annotations

import numpy as np
import pytest

imagecodecs = pytest.importorskip("imagecodecs")

COLOUR = np.random.default_rng(8).integers(0, 256, (12, 9, 3)).astype("u1")
GREY = np.arange(132, dtype="u2").reshape(11, 12) * 31


def encode(arr, bits=8, mct=False, **options):
    return bytes(
        imagecodecs.jpeg2k_encode(
            arr, codecformat="J2K", reversible=True, mct=mct, bitspersample=bits, planar=False, **options
        )
    )


def said(messages, *words):
    return any(all(word in one for word in words) for one in messages)


@pytest.mark.parametrize("photometric", ["RGB", "YBR_RCT", "YBR_ICT"])
@pytest.mark.parametrize("mct", [False, True])
def test_a_component_transformation_is_undone(mct, photometric, streams, make_dataset):
    ds = streams.wrapped(make_dataset(COLOUR, photometric=photometric), [encode(COLOUR, mct=mct)], "j2k")
    for options in ({}, {"raw": True}):
        decoded, messages = streams.pixels(ds, **options)
        assert np.array_equal(decoded, COLOUR)
    # RGB with a transformation ought to be called YBR_RCT or YBR_ICT, but means the same
    doubtful = photometric != "RGB" and not mct
    assert said(messages, photometric, "component transformation") == doubtful, messages


@pytest.mark.parametrize("photometric", ["YBR_FULL", "YBR_FULL_422"])
def test_luma_and_chroma(photometric, streams, make_dataset):
    plain = streams.wrapped(make_dataset(COLOUR, photometric=photometric), [encode(COLOUR)], "j2k")
    decoded, messages = streams.pixels(plain, raw=True)
    assert np.array_equal(decoded, COLOUR)
    assert not messages
    y, cb, cr = (COLOUR[..., at].astype(float) for at in range(3))
    red = np.clip(y + 1.402 * (cr - 128), 0, 255)
    assert np.abs(streams.pixels(plain)[0][..., 0] - red).max() <= 1
    # What the stream transforms is RGB, whatever the data set calls it
    transformed = streams.wrapped(
        make_dataset(COLOUR, photometric=photometric), [encode(COLOUR, mct=True)], "j2k"
    )
    decoded, messages = streams.pixels(transformed)
    assert np.array_equal(decoded, COLOUR)
    assert said(messages, photometric, "component transformation", "'RGB'")


def resigned(stream, signed):
    """Return `stream` with its samples called signed, or not (ISO/IEC 15444-1 Table A.11)."""
    changed = bytearray(stream)
    changed[42] = changed[42] & 0x7F | (0x80 if signed else 0)
    return bytes(changed)


@pytest.mark.parametrize("syntax", ["j2k", "htj2k"])
def test_signed(syntax, streams, make_dataset):
    arr = GREY.astype("i2") - 2048
    if syntax == "j2k":
        stream = encode(arr, 12)
    else:
        stream = bytes(imagecodecs.htj2k_encode(arr, reversible=True, planar=False))
    decoded, messages = streams.pixels(streams.wrapped(make_dataset(arr, bits_stored=12), [stream], syntax))
    assert decoded.dtype == "i2"
    assert np.array_equal(decoded, arr)
    assert not messages


@pytest.mark.parametrize("stated_sign", [False, True])
def test_a_sign_that_only_one_side_knows(stated_sign, streams, make_dataset):
    """The stream's bit pattern is what counts, its precision tells where the sign is."""
    values = GREY.astype("i4") - 2048 if stated_sign else GREY.astype("i4")
    pattern = (values & 0xFFF).astype("u2")
    stream = encode(pattern, 12)
    if not stated_sign:
        stream = encode(((pattern.astype("i2") << 4) >> 4), 12)
    ds = make_dataset(values.astype("i2" if stated_sign else "u2"), bits_stored=12)
    decoded, messages = streams.pixels(streams.wrapped(ds, [stream], "j2k"))
    assert np.array_equal(decoded, values)
    assert said(messages, "'Pixel Representation'", "signed")


def test_fewer_bits_than_stated(streams, make_dataset):
    arr = np.arange(64, dtype="u2").reshape(8, 8)
    ds = streams.wrapped(make_dataset(arr, bits_stored=16), [encode(arr.astype("u1"), 8)], "j2k")
    decoded, messages = streams.pixels(ds)
    assert decoded.dtype == "u2"
    assert np.array_equal(decoded, arr)
    assert said(messages, "8-bit", "'Bits Stored' is 16")


def test_more_bits_than_stated(streams, make_dataset):
    arr = GREY * 16
    ds = streams.wrapped(make_dataset(arr, bits_stored=12), [encode(arr, 16)], "j2k")
    _, messages = streams.pixels(ds)
    assert said(messages, "16-bit", "'Bits Stored' is 12")
    # As long as the values fit there is nothing to say
    small = GREY & 0xFFF
    ds = streams.wrapped(make_dataset(small, bits_stored=12), [encode(small, 16)], "j2k")
    decoded, messages = streams.pixels(ds)
    assert np.array_equal(decoded, small)
    assert not messages


def test_components_that_differ(streams, make_dataset):
    stream = bytearray(encode(COLOUR))
    stream[45] = 11  # 12 bits for the second component
    ds = streams.wrapped(make_dataset(COLOUR), [bytes(stream)], "j2k")
    with pytest.raises(RuntimeError, match="component"):
        streams.pixels(ds)
    stream[45], stream[46] = 7, 2  # half the width
    ds = streams.wrapped(make_dataset(COLOUR), [bytes(stream)], "j2k")
    with pytest.raises(RuntimeError, match="component"):
        streams.pixels(ds)


def test_jp2_file_in_a_frame(streams, make_dataset):
    stream = bytes(imagecodecs.jpeg2k_encode(GREY, codecformat="JP2", reversible=True, bitspersample=12))
    ds = streams.wrapped(make_dataset(GREY, bits_stored=12), [stream], "j2k")
    decoded, _ = streams.pixels(ds)
    assert np.array_equal(decoded, GREY)


@pytest.mark.parametrize("photometric", ["YBR_ICT", "RGB", "YBR_FULL"])
def test_irreversible_component_transformation(photometric, streams, make_dataset):
    ramp = np.add.outer(np.arange(40), np.arange(50))
    arr = np.stack([ramp, 200 - ramp, ramp // 2 + 90], axis=-1).astype("u1")
    stream = bytes(
        imagecodecs.jpeg2k_encode(arr, codecformat="J2K", level=50, reversible=False, mct=True, planar=False)
    )
    ds = streams.wrapped(make_dataset(arr, photometric=photometric), [stream], "j2k lossy")
    decoded, messages = streams.pixels(ds)
    assert np.abs(decoded.astype(int) - arr).max() <= 4
    assert said(messages, photometric, "component transformation") == (photometric == "YBR_FULL")


@pytest.mark.parametrize("gone", [0.5, 0.9, 2])
def test_truncated(gone, streams, make_dataset):
    stream = encode(GREY, 12)
    short = stream[: int(len(stream) * gone)] if gone < 1 else stream.rstrip(b"\0")[:-gone]
    ds = streams.wrapped(make_dataset(GREY, bits_stored=12), [short], "j2k")
    if gone < 1:
        with pytest.raises(RuntimeError, match="truncated: .* bytes"):
            streams.pixels(ds)
    else:
        decoded, messages = streams.pixels(ds)
        assert np.array_equal(decoded, GREY)
        assert said(messages, "no end marker")


IMPOSSIBLE = {
    "no tiles": (24, bytes(8)),
    "tiles elsewhere": (32, b"\0\0\1\0" * 2),
    "no image": (8, bytes(8)),
    "no components": (40, bytes(2)),
    "many components": (40, b"\xff\xff"),
    "long segment": (4, b"\xff\xff"),
}


@pytest.mark.parametrize("syntax", ["j2k", "htj2k"])
@pytest.mark.parametrize("name", IMPOSSIBLE)
def test_impossible_headers(name, syntax, streams, make_dataset):
    """No decoder gets to see them: some divide by the size of a tile."""
    stream = encode(GREY, 12)
    if syntax == "htj2k":
        stream = bytes(imagecodecs.htj2k_encode(GREY, reversible=True, planar=False))
    at, value = IMPOSSIBLE[name]
    broken = stream[:at] + value + stream[at + len(value) :]
    ds = streams.wrapped(make_dataset(GREY, bits_stored=12), [broken], syntax)
    with pytest.raises(RuntimeError, match="JPEG 2000"):
        streams.pixels(ds)


@pytest.mark.parametrize("marker", [0x52, 0x5C])
def test_changed_coding_styles(marker, streams, make_dataset):
    """Each byte of coding style and quantisation to each of some values: decoded or refused, and nothing worse."""
    stream = bytes(imagecodecs.htj2k_encode(GREY, reversible=True, planar=False))
    start = stream.index(bytes([0xFF, marker]))
    for at in range(start + 2, start + 14):
        for value in (0, 1, 2, 9, 0x20, 0x7F, 0xFF):
            broken = stream[:at] + bytes([value]) + stream[at + 1 :]
            ds = streams.wrapped(make_dataset(GREY, bits_stored=12), [broken], "htj2k")
            try:
                decoded, _ = streams.pixels(ds)
            except (RuntimeError, ValueError) as exc:
                assert str(exc)
            else:
                assert decoded.shape == GREY.shape
