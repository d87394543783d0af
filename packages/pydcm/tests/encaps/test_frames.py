"""Frames: which fragments make one up, from either offset table, by counting, by markers."""

import mmap
import threading
from io import BytesIO
from struct import pack

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pydcm import encaps

END = b"\xfe\xff\xdd\xe0\0\0\0\0"


def item(value):
    return b"\xfe\xff\x00\xe0" + pack("<L", len(value)) + value


def encapsulated(*fragments, offsets=()):
    return item(pack(f"<{len(offsets)}L", *offsets)) + b"".join(map(item, fragments)) + END


def every_way(data, **options):
    """Return the frames as each function gives them, after checking that these agree."""
    frames = list(encaps.generate_frames(data, **options))
    assert [b"".join(f) for f in encaps.generate_fragmented_frames(BytesIO(data), **options)] == frames
    count = range(len(frames))
    assert [encaps.get_frame(data, i, **options) for i in count] == frames
    fp = BytesIO(b"xx" + data)
    fp.seek(2)
    assert [encaps.get_frame(fp, i, **options) for i in count] == frames
    assert fp.tell() == 2
    for source in (data, fp):
        index = encaps.frame_index(source, **options)
        if source is fp:
            assert fp.tell() == 2
            fp.seek(0)
        assert list(index) == frames
        assert [bytes(index.view(i)) for i in reversed(count)] == frames[::-1]
        assert len(index) == len(frames)
        assert index[-1] == frames[-1]
        for wrong in (len(frames), -len(frames) - 1):
            with pytest.raises(IndexError, match=f"no frame {wrong}, .* has {len(frames)} frames"):
                index.ranges(wrong)
    return frames


class TestWithoutTable:
    def test_one_fragment(self):
        assert every_way(encapsulated(b"ab")) == [b"ab"]
        # One fragment is one frame, whatever is said
        assert every_way(encapsulated(b"ab"), number_of_frames=3) == [b"ab"]

    def test_a_fragment_per_frame(self):
        assert every_way(encapsulated(b"ab", b"cdef"), number_of_frames=2) == [b"ab", b"cdef"]

    def test_fragments_of_one_frame(self):
        assert every_way(encapsulated(b"ab", b"cdef"), number_of_frames=1) == [b"abcdef"]

    def test_markers(self):
        data = encapsulated(b"ab", b"cd\xff\xd9", b"\xff\xd9" + bytes(8), b"ef", b"gh", b"\xff\xd9\0\0")
        frames = [b"abcd\xff\xd9", b"\xff\xd9" + bytes(8), b"efgh\xff\xd9\0\0"]
        assert every_way(data, number_of_frames=3) == frames

    def test_a_marker_far_from_the_end_does_not_count(self):
        data = encapsulated(b"\xff\xd9" + bytes(10), b"\xff\xd9", b"ab\xff\xd9")
        assert every_way(data, number_of_frames=2) == [b"\xff\xd9" + bytes(10) + b"\xff\xd9", b"ab\xff\xd9"]

    def test_more_frames_than_expected(self):
        data = encapsulated(b"\xff\xd9", b"\xff\xd9", b"ab", b"\xff\xd9")
        assert every_way(data, number_of_frames=2) == [b"\xff\xd9", b"\xff\xd9", b"ab\xff\xd9"]

    @pytest.mark.parametrize(
        ("fragments", "expected", "message"),
        [
            ((b"\xff\xd9", b"\xff\xd9", b"ab"), 2, "no JPEG EOI/EOC marker was found"),
            ((b"\xff\xd9", b"ab", b"cd"), 2, "fewer frames than expected have been found. Please"),
            ((b"ab", b"cd", b"\xff\xd9"), 2, "fewer frames than expected have been found$"),
        ],
    )
    def test_markers_missing(self, fragments, expected, message):
        data = encapsulated(*fragments)
        with pytest.warns(UserWarning, match=message):
            frames = list(encaps.generate_frames(data, number_of_frames=expected))
        with pytest.warns(UserWarning, match=message):
            assert list(encaps.frame_index(BytesIO(data), number_of_frames=expected)) == frames
        assert b"".join(frames) == b"".join(fragments)

    def test_get_frame_without_its_marker(self):
        data = encapsulated(b"\xff\xd9", b"ab", b"cd")
        with pytest.warns(UserWarning, match="may be invalid") as caught:
            assert encaps.get_frame(data, 1, number_of_frames=2) == b"abcd"
        assert caught[0].filename == __file__
        with pytest.raises(ValueError, match="insufficient pixel data to contain 3 frames"):
            encaps.get_frame(data, 2, number_of_frames=2)

    @pytest.mark.parametrize("function", [encaps.generate_frames, encaps.frame_index])
    def test_frames_that_cannot_be_told_apart(self, function):
        with pytest.raises(ValueError, match="Unable to determine the frame boundaries"):
            list(function(encapsulated(b"ab", b"cd")))
        with pytest.raises(ValueError, match="the number of frames may be incorrect"):
            list(function(encapsulated(b"ab", b"cd"), number_of_frames=3))
        with pytest.raises(ValueError):
            list(function(encapsulated(), number_of_frames=3))

    @pytest.mark.parametrize(
        ("fragments", "expected", "message"),
        [
            ((b"ab",), None, "'index' must be 0"),
            ((b"ab", b"cd"), None, "Unable to determine the frame boundaries"),
            ((b"ab", b"cd"), 2, "'index' of 5 is invalid"),
            ((b"ab", b"cd"), 1, "'index' must be 0 if"),
        ],
    )
    def test_no_such_frame(self, fragments, expected, message):
        with pytest.raises(ValueError, match=message):
            encaps.get_frame(encapsulated(*fragments), 5, number_of_frames=expected)


class TestBasicOffsetTable:
    def test_frames(self):
        data = encapsulated(b"ab", b"cd", b"efgh", b"ij", b"kl", offsets=(0, 20, 32))
        assert every_way(data) == [b"abcd", b"efgh", b"ijkl"]
        assert encaps.frame_index(data).ranges(0) == [(28, 2), (38, 2)]

    def test_one_offset(self):
        assert every_way(encapsulated(b"ab", b"cd", offsets=(0,))) == [b"abcd"]

    def test_no_such_frame(self):
        with pytest.raises(ValueError, match="enough offsets in the Basic Offset Table for 2 frames"):
            encaps.get_frame(encapsulated(b"ab", offsets=(0,)), 1)

    def test_an_offset_that_leads_astray(self):
        data = encapsulated(b"abcdefgh", b"cd", offsets=(4, 16))
        with pytest.raises(ValueError, match="Unexpected tag"):
            encaps.frame_index(data)[0]
        assert encaps.frame_index(data)[1] == b"cd"

    def test_offsets_in_disorder_and_beyond_the_end(self):
        index = encaps.frame_index(encapsulated(b"ab", b"cd", offsets=(10, 0, 0xFFFFFFF0)))
        assert list(index) == [b"", b"abcd", b""]


class TestExtendedOffsetTable:
    DATA = encapsulated(b"ab", b"cdef", b"gh")

    def test_frames(self):
        assert every_way(self.DATA, extended_offsets=([0, 10, 22], [2, 4, 2])) == [b"ab", b"cdef", b"gh"]
        # The unpadded length of a frame is allowed
        table = pack("<2Q", 0, 10), pack("<2Q", 2, 3)
        assert every_way(self.DATA, extended_offsets=table) == [b"ab", b"cde"]

    def test_beyond_the_end(self):
        index = encaps.frame_index(self.DATA, extended_offsets=([22, 500], [2**63, 2]))
        assert list(index) == [b"gh" + END, b""]

    @pytest.mark.parametrize("kind", [bytes, BytesIO])
    def test_absurd_offsets(self, kind):
        table = pack("<Q", 2**64 - 1), pack("<Q", 2**64 - 1)
        for read in (
            lambda: encaps.get_frame(kind(self.DATA), 0, extended_offsets=table),
            lambda: list(encaps.generate_frames(kind(self.DATA), extended_offsets=table)),
            lambda: encaps.frame_index(kind(self.DATA), extended_offsets=table)[0],
        ):
            with pytest.raises(ValueError, match="cannot be a frame at offset"):
                read()

    def test_no_such_frame(self):
        with pytest.raises(ValueError, match="Extended Offset Table for 3 frames"):
            encaps.get_frame(self.DATA, 2, extended_offsets=([0, 10], [2, 4]))
        with pytest.raises(ValueError, match="Extended Offset Table for 2 frames"):
            encaps.get_frame(self.DATA, 1, extended_offsets=([0, 10], [2]))


class TestIndex:
    def test_views_of_a_mapped_file_are_no_copies(self, tmp_path):
        path = tmp_path / "data"
        path.write_bytes(b"preamble" + encapsulated(b"ab", b"cd", b"ef", offsets=(0, 10)))
        with open(path, "rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as mapped:
            mapped.seek(8)
            index = encaps.frame_index(mapped)
            assert mapped.tell() == 8
            assert (index[0], index[1]) == (b"ab", b"cdef")
            view = index.view(0)
            assert view.obj is mapped
            view.release()

    def test_views_of_a_read_only_buffer(self):
        view = encaps.frame_index(encapsulated(b"ab")).view(0)
        assert view.readonly
        assert (view.format, view.ndim) == ("B", 1)

    def test_threads(self):
        frames = [bytes([i]) * 100 for i in range(200)]
        index = encaps.frame_index(encaps.encapsulate(frames, 2))
        wrong = []

        def read():
            wrong.extend(i for i in range(200) if index[i] != frames[i])

        threads = [threading.Thread(target=read) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert wrong == []


@st.composite
def hostile(draw):
    """Bytes that look like encapsulated data but need not be."""
    parts = draw(
        st.lists(
            st.one_of(
                st.binary(max_size=10).map(item),
                st.tuples(st.integers(0, 2**32 - 1), st.binary(max_size=8)).map(
                    lambda header: b"\xfe\xff\x00\xe0" + pack("<L", header[0]) + header[1]
                ),
                st.sampled_from([END, item(pack("<2L", 0, 9)), item(b"\xff\xd9"), b"\xfe\xff"]),
            ),
            max_size=6,
        )
    )
    return b"".join(parts)


@pytest.mark.filterwarnings("ignore:The end of the encapsulated pixel data")
@given(hostile(), st.one_of(st.none(), st.integers(0, 5)), st.integers(0, 5))
def test_hostile_data_gives_frames_or_a_value_error(data, count, index):
    for kind in (bytes, BytesIO):
        try:
            assert all(
                isinstance(frame, bytes)
                for frame in encaps.generate_frames(kind(data), number_of_frames=count)
            )
        except ValueError:
            pass
        try:
            encaps.get_frame(kind(data), index, number_of_frames=count)
        except ValueError:
            pass
        try:
            found = encaps.frame_index(kind(data), number_of_frames=count)
        except ValueError:
            continue
        for frame in range(len(found)):
            try:
                assert sum(length for _, length in found.ranges(frame)) == len(found[frame])
            except ValueError:
                pass
