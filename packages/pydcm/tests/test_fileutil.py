"""Searching for delimiters, values of undefined length, buffers as values."""

from io import BytesIO, RawIOBase
from pathlib import Path
from struct import pack

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pydcm import config, fileutil
from pydcm.tag import ItemDelimiterTag, ItemTag, SequenceDelimiterTag

DELIMITER = b"\xfe\xff\xdd\xe0\0\0\0\0"


def item(value):
    return b"\xfe\xff\x00\xe0" + pack("<L", len(value)) + value


@given(st.binary(max_size=400), st.binary(min_size=1, max_size=4), st.integers(1, 20), st.integers(0, 30))
def test_bytes_are_found_across_reads(data, wanted, read_size, start):
    fp = BytesIO(data)
    start = fp.seek(min(start, len(data)))
    expected = data.find(wanted, start)
    found = fileutil.find_bytes(fp, wanted, read_size=read_size)
    assert found == (None if expected < 0 else expected)
    assert fp.tell() == start
    fileutil.find_bytes(fp, wanted, read_size=read_size, rewind=False)
    assert fp.tell() == (len(data) if expected < 0 else expected + len(wanted))


@pytest.mark.parametrize(("little", "raw"), [(True, b"\xfe\xff\xdd\xe0"), (False, b"\xff\xfe\xe0\xdd")])
def test_delimiter(little, raw):
    fp = BytesIO(b"xx" + bytes(200) + raw)
    fp.seek(2)
    assert fileutil.find_delimiter(fp, SequenceDelimiterTag, little) == 202
    assert fileutil.length_of_undefined_length(fp, SequenceDelimiterTag, little) == 200
    assert fileutil.length_of_undefined_length(fp, ItemTag, little) is None
    assert fp.tell() == 2


class TestUndefinedLength:
    def read(self, data, **options):
        fp = BytesIO(data)
        return fileutil.read_undefined_length_value(fp, True, SequenceDelimiterTag, **options), fp.tell()

    def test_items_may_hold_the_delimiter(self):
        value = item(b"") + item(b"ab" + DELIMITER + b"cd")
        assert self.read(value + DELIMITER + b"rest") == (value, len(value) + 8)

    def test_without_items_the_first_delimiter_counts(self):
        assert self.read(b"ABCDEFGHIJ" + DELIMITER) == (b"ABCDEFGHIJ", 18)

    @pytest.mark.parametrize("length", [0xFFFFFFFF, 0xFFFFFFFE, 100])
    def test_items_that_are_too_long(self, length):
        value = b"\xfe\xff\x00\xe0" + pack("<L", length) + b"abcd"
        assert self.read(value + DELIMITER) == (value, len(value) + 8)

    def test_no_delimiter(self):
        fp = BytesIO(item(b"abcd") + b"xyz")
        with pytest.raises(EOFError, match="End of file reached before delimiter"):
            fileutil.read_undefined_length_value(fp, True, SequenceDelimiterTag)
        assert fp.tell() == 0

    def test_deferred(self):
        value = item(b"abcd")
        assert self.read(value + DELIMITER, defer_size=16) == (None, 20)
        assert self.read(value + DELIMITER, defer_size=17) == (value, 20)
        assert self.read(b"ABCDEFGHIJ" + DELIMITER, defer_size="10") == (None, 18)
        assert self.read(b"ABCDEFGHIJ" + DELIMITER, defer_size=11) == (b"ABCDEFGHIJ", 18)

    def test_other_delimiter(self):
        fp = BytesIO(b"abc\xfe\xff\x0d\xe0\0\0\0\0")
        assert fileutil.read_undefined_length_value(fp, True, ItemDelimiterTag) == b"abc"

    def test_delimiter_with_a_length(self, caplog):
        assert self.read(b"ABCDEFGHIJ" + DELIMITER[:4] + b"\1\0\0\0") == (b"ABCDEFGHIJ", 18)
        assert "Expected 4 zero bytes" in caplog.text


class TestAbsorb:
    def test_expected(self):
        fp = BytesIO(DELIMITER)
        fileutil.absorb_delimiter_item(fp, True, SequenceDelimiterTag)
        assert fp.tell() == 8

    def test_another_tag(self, caplog):
        fp = BytesIO(DELIMITER)
        fileutil.absorb_delimiter_item(fp, True, ItemDelimiterTag)
        assert fp.tell() == 0
        assert "instead found (FFFE,E0DD)" in caplog.text

    def test_end_of_file(self):
        with pytest.raises(EOFError, match="position 0x0"):
            fileutil.absorb_delimiter_item(BytesIO(b"\xfe\xff"), True, ItemDelimiterTag)


def test_paths():
    assert fileutil.path_from_pathlike(Path("a") / "b") == str(Path("a") / "b")
    assert fileutil.path_from_pathlike("a") == "a"
    buffer = BytesIO()
    assert fileutil.path_from_pathlike(buffer) is buffer


class TestBuffers:
    def test_check(self):
        with pytest.raises(TypeError):
            fileutil.check_buffer(RawIOBase())
        buffer = BytesIO()
        fileutil.check_buffer(buffer)
        buffer.close()
        with pytest.raises(ValueError, match="closed"):
            fileutil.check_buffer(buffer)

    def test_check_write_only(self, tmp_path):
        with open(tmp_path / "a", "wb") as file, pytest.raises(ValueError, match="readable and seekable"):
            fileutil.check_buffer(file)

    def test_position_is_restored_after_an_exception(self):
        buffer = BytesIO(b"abcd")
        buffer.seek(1)
        with pytest.raises(ValueError, match="whence"), fileutil.reset_buffer_position(buffer):
            buffer.seek(buffer.seek(3), 7)
        assert buffer.tell() == 1

    def test_lengths(self):
        buffer = BytesIO(b"abcd")
        buffer.seek(1)
        assert (fileutil.buffer_length(buffer), fileutil.buffer_remaining(buffer)) == (4, 3)
        assert buffer.tell() == 1

    def test_read_in_chunks(self):
        buffer = BytesIO(b"abcde")
        buffer.seek(1)
        assert list(fileutil.read_buffer(buffer, chunk_size=3)) == [b"bcd", b"e"]
        with pytest.raises(ValueError, match="'0'"):
            next(fileutil.read_buffer(buffer, chunk_size=0))

    @given(st.binary(max_size=50), st.binary(max_size=50), st.booleans())
    def test_equality(self, one, two, same):
        if same:
            two = one
        size = config.settings.buffered_read_size
        try:
            config.settings.buffered_read_size = 7
            for other in (two, bytearray(two), BytesIO(two)):
                assert fileutil.buffer_equality(BytesIO(one), other) == (one == two)
        finally:
            config.settings.buffered_read_size = size

    def test_equality_with_something_else(self):
        buffer = BytesIO(b"a")
        assert not fileutil.buffer_equality(buffer, "a")
        assert fileutil.buffer_equality(buffer, buffer)
