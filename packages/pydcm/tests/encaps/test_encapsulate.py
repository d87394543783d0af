"""Encapsulation, whole and while it is read, and the way back."""

import os
from io import BytesIO
from struct import unpack

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pydcm import encaps
from pydcm.encaps import EncapsulatedBuffer, _BufferedItem

FRAMES = st.lists(st.binary(min_size=2, max_size=40), min_size=1, max_size=6)


def padded(frame):
    return frame + b"\0" * (len(frame) % 2)


@given(FRAMES, st.integers(1, 4))
def test_frames_come_back_through_the_basic_table(frames, fragments):
    fragments = min(fragments, min(map(len, frames)) // 2)
    data = encaps.encapsulate(frames, fragments)
    assert list(encaps.generate_frames(data)) == [padded(frame) for frame in frames]
    assert len(data) % 2 == 0
    assert [len(parts) for parts in encaps.generate_fragmented_frames(data)] == [fragments] * len(frames)


@given(FRAMES)
def test_frames_come_back_without_a_table(frames):
    data = encaps.encapsulate(frames, has_bot=False)
    assert data[:8] == b"\xfe\xff\x00\xe0\0\0\0\0"
    assert list(encaps.generate_frames(data, number_of_frames=len(frames))) == [padded(f) for f in frames]


@given(FRAMES)
def test_frames_come_back_through_the_extended_table(frames):
    data, offsets, lengths = encaps.encapsulate_extended(frames)
    assert list(encaps.generate_frames(data, extended_offsets=(offsets, lengths))) == [
        padded(f) for f in frames
    ]
    count = len(frames)
    assert list(unpack(f"<{count}Q", lengths)) == [len(padded(frame)) for frame in frames]
    index = encaps.frame_index(data, extended_offsets=(offsets, lengths))
    assert list(index) == [padded(frame) for frame in frames]


@given(FRAMES, st.booleans(), st.integers(1, 17))
def test_buffers_give_the_same_bytes(frames, has_bot, size):
    whole = encaps.encapsulate(frames, has_bot=has_bot)
    buffer = encaps.encapsulate_buffer([BytesIO(frame) for frame in frames], has_bot=has_bot)
    assert buffer.encapsulated_length == len(whole)
    assert b"".join(iter(lambda: buffer.read(size), b"")) == whole
    for position in range(0, len(whole), 7):
        assert buffer.seek(position) == position
        assert buffer.read(size) == whole[position : position + size]
    buffer.seek(0)
    assert buffer.read(None) == whole
    assert buffer.seek(-3, os.SEEK_END) == len(whole) - 3
    assert buffer.read(-1) == whole[-3:]


@given(FRAMES)
def test_buffers_give_the_same_extended_table(frames):
    data, offsets, lengths = encaps.encapsulate_extended(frames)
    buffer, *table = encaps.encapsulate_extended_buffer([BytesIO(frame) for frame in frames])
    assert buffer.read(None) == data
    assert table == [offsets, lengths]


class TestFragmenting:
    def test_fragments_are_even(self):
        assert list(encaps.fragment_frame(b"abcdefg", 2)) == [b"abcd", b"efg\0"]
        assert list(encaps.fragment_frame(b"abcdefg", 4)) == [b"ab", b"cd", b"ef", b"g\0"]

    def test_too_many(self):
        with pytest.raises(ValueError, match="Too many fragments"):
            list(encaps.fragment_frame(b"abcde", 4))

    def test_items(self):
        assert list(encaps.itemize_frame(b"abc", 2)) == [
            b"\xfe\xff\x00\xe0\x02\0\0\0ab",
            b"\xfe\xff\x00\xe0\x02\0\0\0c\0",
        ]


class Huge(BytesIO):
    """A buffer that claims to hold more than an item can."""

    def seek(self, offset, whence=0, /):
        return 2**32 if whence == os.SEEK_END else super().seek(offset, whence)


class Sized(bytes):
    """Bytes of a length that is made up."""

    def __len__(self):
        return 2**32


def test_too_large():
    with pytest.raises(ValueError, match="4294967294 bytes"):
        encaps.encapsulate_buffer([Huge()])
    with pytest.raises(ValueError, match="Extended Offset Table"):
        encaps.encapsulate([Sized(), b"ab"])


class TestBufferedItem:
    def test_parts(self):
        buffer = BytesIO(b"abc")
        buffer.seek(1)
        item = _BufferedItem(buffer)
        whole = b"\xfe\xff\x00\xe0\x04\0\0\0abc\0"
        assert item.length == len(whole)
        for start in range(len(whole)):
            for size in range(len(whole) + 2):
                assert item.read(start, size) == whole[start : start + size]
        assert buffer.tell() == 1
        with pytest.raises(ValueError, match=r"closed interval \[0, 11\]"):
            item.read(12, 1)

    def test_a_value_that_shrinks(self):
        buffer = BytesIO(b"abc")
        item = _BufferedItem(buffer)
        buffer.truncate(1)
        assert item.read(0, 50) == b"\xfe\xff\x00\xe0\x04\0\0\0a"


class TestEncapsulatedBuffer:
    def test_needs_a_list(self):
        with pytest.raises(TypeError, match="must be a list"):
            EncapsulatedBuffer(BytesIO())

    def test_state_of_the_buffers(self):
        parts = [BytesIO(b"ab"), BytesIO(b"cd")]
        buffer = EncapsulatedBuffer(parts)
        assert buffer.readable()
        assert buffer.seekable()
        assert not buffer.closed
        assert (buffer.lengths, buffer.offsets) == ([10, 10], [0, 10])
        parts[1].close()
        assert buffer.closed

    def test_positions(self):
        buffer = EncapsulatedBuffer([BytesIO(b"ab")])
        assert buffer.seek(5, os.SEEK_CUR) == 5
        assert buffer.seek(-9, os.SEEK_CUR) == 0
        assert buffer.seek(100) == 100
        assert buffer.read(1) == b""
        with pytest.raises(ValueError, match="Negative seek"):
            buffer.seek(-1)
        with pytest.raises(ValueError, match="whence"):
            buffer.seek(0, 3)

    def test_many_frames(self):
        frames = [b"ab"] * 5000
        buffer = EncapsulatedBuffer([BytesIO(frame) for frame in frames], use_bot=True)
        assert list(encaps.frame_index(buffer)) == frames


class TestDeprecated:
    @pytest.fixture(autouse=True)
    def _names(self):
        with pytest.warns(DeprecationWarning, match="is deprecated") as caught:
            from pydcm.encaps import decode_data_sequence, defragment_data, itemise_frame
        assert caught[0].filename == __file__
        self.decode, self.defragment, self.itemise = decode_data_sequence, defragment_data, itemise_frame

    def test_functions(self):
        data = encaps.encapsulate([b"ab", b"cd"])
        assert self.decode(data + b"\xfe\xff\xdd\xe0\0\0\0\0") == [b"ab", b"cd"]
        assert self.defragment(data) == b"abcd"
        assert self.itemise is encaps.itemize_frame

    def test_gone_in_the_future(self, monkeypatch):
        from pydcm import config

        monkeypatch.setattr(config, "_use_future", True)
        with pytest.raises(AttributeError):
            _ = encaps.read_item
