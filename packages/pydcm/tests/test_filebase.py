"""Numbers and tags read from and written to buffers."""

from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pydcm.filebase import DicomBytesIO, DicomFile, DicomFileLike, DicomIO
from pydcm.tag import BaseTag


@given(st.booleans(), st.integers(0, 0xFFFF), st.integers(0, 0xFFFFFFFF), st.integers(0, 0xFFFFFFFF))
def test_what_is_written_is_read(little_endian, short, long, tag):
    fp = DicomBytesIO()
    fp.is_little_endian = little_endian
    fp.write_US(short)
    fp.write_UL(long)
    fp.write_tag(BaseTag(tag))
    order = "little" if little_endian else "big"
    assert fp.getvalue()[:6] == short.to_bytes(2, order) + long.to_bytes(4, order)
    fp.seek(0)
    assert (fp.read_US(), fp.read_UL()) == (short, long)
    assert fp.read_tag() == (tag >> 16, tag & 0xFFFF)


@pytest.mark.parametrize("method", ["read_US", "read_UL", "read_tag"])
def test_numbers_at_the_end(method):
    fp = DicomBytesIO(b"\x01")
    fp.is_little_endian = True
    with pytest.raises(EOFError, match=r"Read 1 bytes of . expected starting at position 0x0"):
        getattr(fp, method)()


@pytest.mark.parametrize("attribute", ["is_little_endian", "is_implicit_VR"])
def test_encoding_is_set_before_it_is_used(attribute):
    fp = DicomIO(BytesIO())
    with pytest.raises(AttributeError, match=f"{attribute}' has not been set"):
        getattr(fp, attribute)
    with pytest.raises(TypeError, match=f"{attribute}' must be bool"):
        setattr(fp, attribute, 1)
    setattr(fp, attribute, False)
    assert getattr(fp, attribute) is False


class Dribble(BytesIO):
    """Gives one byte at a time."""

    def read(self, size=-1, /):
        return super().read(min(size, 1))


def test_short_reads_are_repeated():
    assert DicomIO(Dribble(b"abcd")).read_exact(4) == b"abcd"
    with pytest.raises(EOFError):
        DicomIO(Dribble(b"abcd")).read_exact(4, nr_retries=2)


class Nothing:
    """Neither readable nor writeable."""

    def seek(self, offset, whence=0, /):
        return 0

    def tell(self):
        return 0


def test_missing_methods_are_named():
    fp = DicomFileLike(Nothing())
    with pytest.raises(TypeError, match=r"'DicomFileLike' cannot be used with 'Nothing': .* read\(\) method"):
        fp.read(1)
    with pytest.raises(TypeError, match=r"write\(\) method"):
        fp.write(b"")
    fp.close()
    assert fp.name is None
    fp.name = "x"
    assert fp.name == "x"


def test_file(tmp_path):
    path = tmp_path / "a"
    path.write_bytes(b"ab")
    with DicomFile(path, "rb") as fp:
        assert fp.name == str(path)
        assert fp.read() == b"ab"
        parent = fp.parent
    assert parent.closed
