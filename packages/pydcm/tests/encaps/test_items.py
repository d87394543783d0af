"""The Basic Offset Table and the fragments, from bytes and from files, good and hostile."""

import mmap
import tracemalloc
from array import array
from io import BytesIO
from struct import pack

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pydcm import encaps, limits
from pydcm._core import _fragments
from pydcm.errors import DicomLimitError

END = b"\xfe\xff\xdd\xe0\0\0\0\0"


def item(value, length=None):
    return b"\xfe\xff\x00\xe0" + pack("<L", len(value) if length is None else length) + value


class Readable:
    """No more than what a source needs."""

    def __init__(self, data):
        fp = BytesIO(data)
        self.read, self.seek, self.tell = fp.read, fp.seek, fp.tell


@pytest.fixture(params=[bytes, bytearray, memoryview, BytesIO, Readable, "mmap"])
def source(request, tmp_path):
    """Return what makes a source of each kind from bytes."""
    if request.param != "mmap":
        return request.param
    path = tmp_path / "data"

    def mapped(data):
        path.write_bytes(data)
        with open(path, "rb") as file:
            return mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)

    return mapped


class TestBasicOffsets:
    def test_offsets(self, source):
        assert encaps.parse_basic_offsets(source(item(pack("<3L", 0, 10, 4294967294)))) == [0, 10, 4294967294]
        assert encaps.parse_basic_offsets(source(item(b""))) == []

    def test_big_endian(self):
        data = b"\xff\xfe\xe0\x00\0\0\0\x04\0\0\0\x07"
        assert encaps.parse_basic_offsets(data, endianness=">") == [7]

    def test_file_is_left_behind_the_table(self):
        fp = BytesIO(b"xx" + item(bytes(8)) + b"rest")
        fp.seek(2)
        assert encaps.parse_basic_offsets(fp) == [0, 0]
        assert fp.read() == b"rest"

    @pytest.mark.parametrize(
        ("data", "message"),
        [
            (b"", "only 0 bytes"),
            (b"\xfe\xff\x00", "only 3 bytes"),
            (b"\xfe\xff\x00\xe0\0\0", "only 6 bytes"),
            (b"\x10\x00\x10\x00", r"unexpected tag \(0010,0010\)"),
            (item(b"abc"), "not a multiple of 4"),
            (item(bytes(8), 0xFFFFFFFC), "should have 4294967292 bytes, .* after 8"),
            (item(bytes(8), 12), "should have 12 bytes, .* after 8"),
        ],
    )
    def test_malformed(self, source, data, message):
        if not data and source.__name__ == "mapped":
            pytest.skip("nothing to map")
        with pytest.raises(ValueError, match=message):
            encaps.parse_basic_offsets(source(data))


class TestFragments:
    DATA = item(b"ab") + item(b"") + item(b"abcdef")

    @pytest.mark.parametrize("end", [b"", END, END + b"more", b"\xfe\xff"])
    def test_fragments(self, source, end):
        data = source(self.DATA + end)
        assert encaps.parse_fragments(data) == (3, [0, 10, 18])
        assert list(encaps.generate_fragments(data)) == [b"ab", b"", b"abcdef"]

    def test_big_endian(self):
        data = b"\xff\xfe\xe0\x00\0\0\0\x02ab\xff\xfe\xe0\xdd\0\0\0\0"
        assert encaps.parse_fragments(data, endianness=">") == (1, [0])
        assert list(encaps.generate_fragments(BytesIO(data), endianness=">")) == [b"ab"]

    def test_file_positions(self):
        fp = BytesIO(b"xx" + self.DATA)
        fp.seek(2)
        assert encaps.parse_fragments(fp) == (3, [2, 12, 20])
        assert fp.tell() == 2
        fragments = encaps.generate_fragments(fp)
        assert next(fragments) == b"ab"
        assert fp.tell() == 12

    @pytest.mark.parametrize(
        ("data", "message"),
        [
            (item(b"ab") + b"\x10\x00\x10\x00", r"Unexpected tag '\(0010,0010\)' at offset 10"),
            (item(b"ab") + b"\xfe\xff\x0d\xe0\0\0\0\0", r"Unexpected tag '\(FFFE,E00D\)' at offset 10"),
            (
                item(b"ab") + b"\xfe\xff\x00\xe0\0\0",
                "Unable to determine the length of the item at offset 10",
            ),
            (item(b"ab") + item(b"", 0xFFFFFFFF), "Undefined item length at offset 14"),
        ],
    )
    def test_malformed(self, source, data, message):
        with pytest.raises(ValueError, match=message):
            encaps.parse_fragments(source(data))
        fragments = encaps.generate_fragments(source(data))
        assert next(fragments) == b"ab"
        with pytest.raises(ValueError, match=message):
            next(fragments)

    def test_what_is_missing_at_the_end(self, source):
        data = source(item(b"ab") + item(b"cd", 0xFFFFFFFE))
        assert encaps.parse_fragments(data) == (2, [0, 10])
        assert list(encaps.generate_fragments(data)) == [b"ab", b"cd"]

    def test_more_than_one_batch(self):
        data = item(b"ab") * 3000 + END
        assert encaps.parse_fragments(data)[0] == 3000
        assert list(encaps.generate_fragments(data)) == [b"ab"] * 3000

    @pytest.mark.parametrize("kind", [bytes, BytesIO])
    def test_limit(self, monkeypatch, kind):
        monkeypatch.setattr(limits, "MAX_FRAGMENTS", 3)
        assert encaps.parse_fragments(kind(item(b"") * 3 + END))[0] == 3
        with pytest.raises(DicomLimitError, match=r"raise pydcm\.limits\.MAX_FRAGMENTS"):
            encaps.parse_fragments(kind(item(b"") * 4))

    def test_a_hostile_length_allocates_nothing(self, tmp_path):
        path = tmp_path / "data"
        path.write_bytes(item(b"") + item(b"abcd", 0xFFFFFFF0))
        tracemalloc.start()
        try:
            with open(path, "rb") as fp:
                assert list(encaps.generate_fragments(fp)) == [b"", b"abcd"]
                fp.seek(0)
                assert encaps.get_frame(fp, 0) == b"abcd"
            assert tracemalloc.get_traced_memory()[1] < 2**20
        finally:
            tracemalloc.stop()


@given(st.binary(max_size=100), st.integers(0, 20), st.booleans(), st.integers(0, 5))
def test_the_walk_stays_inside(data, start, little_endian, limit):
    offsets, lengths, position, why = _fragments.walk(data, start, little_endian, limit)
    assert 0 <= why <= 5
    assert len(offsets) == len(lengths) <= limit
    assert all(0 <= length <= len(data) - offset for offset, length in zip(offsets, lengths, strict=True))
    assert position <= max(start, len(data))


@given(st.lists(st.binary(max_size=12), max_size=8), st.booleans(), st.binary(max_size=6))
def test_bytes_and_files_are_read_alike(values, delimited, rest):
    data = b"".join(map(item, values)) + END * delimited + rest

    def outcome(kind):
        try:
            return encaps.parse_fragments(kind(data)), list(encaps.generate_fragments(kind(data)))
        except ValueError as exc:
            return str(exc)

    assert outcome(bytes) == outcome(Readable)
    if delimited:
        assert outcome(bytes)[1] == values


def test_the_marker_search_checks_its_table():
    with pytest.raises(ValueError, match="not inside the data"):
        _fragments.frames_by_marker(b"abc", array("q", [1]), array("q", [3]))
    with pytest.raises(ValueError, match="not inside the data"):
        _fragments.frames_by_marker(b"abc", array("q", [-1]), array("q", [1]))
    with pytest.raises(ValueError, match="one length"):
        _fragments.frames_by_marker(b"abc", array("q", [1]), array("q"))
    with pytest.raises(ValueError, match="negative"):
        _fragments.walk(b"abc", -1, True, 1)
