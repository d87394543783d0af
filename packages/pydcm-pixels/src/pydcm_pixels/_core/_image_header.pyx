"""What a decoder needs to know of a file, from the file's first bytes.

Only files of a plain make are understood; of any other the complete reader tells the same, with its warnings and errors.
"""
cimport cython
from cpython.bytes cimport PyBytes_FromStringAndSize
from libc.string cimport memcmp

ctypedef const unsigned char* Bytes

cdef enum:
    MAX_DEPTH = 16
    UNDEFINED = 0xFFFFFFFF
    ITEM = 0xFFFEE000
    ITEM_END = 0xFFFEE00D
    SEQUENCE_END = 0xFFFEE0DD
    PIXEL_DATA = 0x7FE00010

cdef struct Cursor:
    Bytes data
    Py_ssize_t size
    Py_ssize_t at
    bint explicit

cdef struct Element:
    unsigned int tag
    unsigned int length
    char vr0
    char vr1


cdef inline unsigned int _u16(Bytes at) noexcept nogil:
    return at[0] | at[1] << 8


cdef inline unsigned int _u32(Bytes at) noexcept nogil:
    return at[0] | at[1] << 8 | at[2] << 16 | <unsigned int> at[3] << 24


cdef inline bint _is_long(char a, char b) noexcept nogil:
    # The VRs whose length has four bytes (PS3.5 §7.1.2).
    if a == b'O':
        return b == b'B' or b == b'W' or b == b'F' or b == b'D' or b == b'L' or b == b'V'
    if a == b'U':
        return b == b'N' or b == b'T' or b == b'C' or b == b'R' or b == b'V'
    return a == b'S' and (b == b'Q' or b == b'V')


cdef int _next(Cursor* c, Element* e) noexcept nogil:
    """Read an element's header, 0 if that cannot be done here."""
    cdef Bytes p = c.data + c.at
    if c.size - c.at < 8:
        return 0
    e.tag = _u16(p) << 16 | _u16(p + 2)
    e.vr0 = e.vr1 = 0
    if not c.explicit or e.tag >> 16 == 0xFFFE:
        e.length = _u32(p + 4)
        c.at += 8
        return 1
    e.vr0, e.vr1 = <char> p[4], <char> p[5]
    if not (b'A' <= e.vr0 <= b'Z' and b'A' <= e.vr1 <= b'Z'):
        return 0
    if not _is_long(e.vr0, e.vr1):
        e.length = _u16(p + 6)
        c.at += 8
        return 1
    if c.size - c.at < 12:
        return 0
    e.length = _u32(p + 8)
    c.at += 12
    return 1


cdef int _skip(Cursor* c, Element* e, int depth) noexcept nogil:
    """Move past an element's value, 0 if that cannot be done here."""
    cdef Element item
    if e.length != <unsigned int> UNDEFINED:
        if e.length > c.size - c.at:
            return 0
        c.at += e.length
        return 1
    if depth >= MAX_DEPTH or (c.explicit and not (e.vr0 == b'S' and e.vr1 == b'Q')):
        return 0
    while _next(c, &item):
        if item.tag == <unsigned int> SEQUENCE_END:
            return item.length == 0
        if item.tag != <unsigned int> ITEM:
            return 0
        if item.length != <unsigned int> UNDEFINED:
            if item.length > c.size - c.at:
                return 0
            c.at += item.length
            continue
        while True:
            if not _next(c, &item):
                return 0
            if item.tag == <unsigned int> ITEM_END:
                break
            if item.tag >> 16 == 0xFFFE or not _skip(c, &item, depth + 1):
                return 0
    return 0


cdef bytes _value(Cursor* c, Element* e):
    """Return an element's value without trailing padding."""
    cdef Py_ssize_t n = e.length
    cdef Bytes p = c.data + c.at
    while n and (p[n - 1] == 0 or p[n - 1] == 32):
        n -= 1
    return PyBytes_FromStringAndSize(<char*> p, n)


cdef dict _NAMES = {
    0x00280002: "samples_per_pixel",
    0x00280006: "planar_configuration",
    0x00280010: "rows",
    0x00280011: "columns",
    0x00280100: "bits_allocated",
    0x00280101: "bits_stored",
    0x00280102: "high_bit",
    0x00280103: "pixel_representation",
}


def transfer_syntax(const unsigned char[::1] head not None):
    """Return the Transfer Syntax UID of a DICOM file and where its data set starts, ``None`` if it has no plain header.

    Parameters
    ----------
    head : bytes-like
        The file's beginning.

    Returns
    -------
    tuple[str, int] or None
        The UID and the offset of the first element after the file meta information (PS3.10 §7.1).
    """
    cdef Cursor c
    cdef Element e
    cdef bytes uid = None
    if head.shape[0] < 140 or memcmp(&head[128], b"DICM", 4) != 0:
        return None
    c.data, c.size, c.at, c.explicit = &head[0], head.shape[0], 132, True
    while c.size - c.at >= 2 and _u16(c.data + c.at) == 2:
        if not _next(&c, &e) or e.length > c.size - c.at:
            return None
        if e.tag == 0x00020010:
            if uid is not None or e.vr0 != b'U' or e.vr1 != b'I':
                return None
            uid = _value(&c, &e)
        c.at += e.length
    if uid is None or not uid.isascii():
        return None
    return uid.decode("ascii"), c.at


def image_description(const unsigned char[::1] head not None, Py_ssize_t start, bint explicit):
    """Return the Image Pixel values of a little endian data set and where its pixel data is.

    Parameters
    ----------
    head : bytes-like
        The file up to the value of *Pixel Data* at least.
    start : int
        Where the data set starts.
    explicit : bool
        Whether the VR is explicit.

    Returns
    -------
    tuple[dict[str, Any], int, int] or None
        The options of a decoding run; the offset of the value of *Pixel Data*; its length, -1 if that is not stated.
        ``None`` for data sets that are not plain: elements out of order, other VRs than the standard's, values that
        are missing or padded in unusual ways, extended offset tables, floating point pixel data.
    """
    cdef Cursor c
    cdef Element e
    cdef unsigned int last = 0
    cdef dict opts = {"number_of_frames": 1, "pixel_keyword": "PixelData"}
    if not 0 < start < head.shape[0]:
        return None
    c.data, c.size, c.at, c.explicit = &head[0], head.shape[0], start, explicit
    while True:
        if not _next(&c, &e) or e.tag <= last or e.tag >> 16 == 0xFFFE or e.tag > <unsigned int> PIXEL_DATA:
            return None
        last = e.tag
        if e.tag == <unsigned int> PIXEL_DATA:
            break
        if e.tag >> 16 == 0x7FE0:
            return None
        if e.tag >> 16 == 0x0028 and not _take(&c, &e, opts):
            return None
        if not _skip(&c, &e, 0):
            return None
    if explicit and (e.vr0 != b'O' or not (e.vr1 == b'B' or e.vr1 == b'W')):
        return None
    opts["pixel_vr"] = "OB" if e.vr1 == b'B' else "OW"
    return opts, c.at, -1 if e.length == <unsigned int> UNDEFINED else <Py_ssize_t> e.length


cdef int _take(Cursor* c, Element* e, dict opts) except -1:
    """Note an element of group 0028 if it is one of the Image Pixel module, 0 if it is not a plain one."""
    cdef bytes value
    name = _NAMES.get(e.tag)
    if name is not None:
        if e.length != 2 or c.size - c.at < 2 or (c.explicit and not (e.vr0 == b'U' and e.vr1 == b'S')):
            return 0
        opts[name] = _u16(c.data + c.at)
        return 1
    if e.tag != 0x00280004 and e.tag != 0x00280008:
        return 1
    if not 0 < e.length <= 16 or e.length > c.size - c.at:
        return 0
    value = _value(c, e)
    if e.tag == 0x00280004:
        if c.explicit and not (e.vr0 == b'C' and e.vr1 == b'S') or not value.isascii():
            return 0
        if not value or value[0] == 32:
            return 0
        opts["photometric_interpretation"] = value.decode("ascii")
        return 1
    if c.explicit and not (e.vr0 == b'I' and e.vr1 == b'S') or not value.isdigit():
        return 0
    opts["number_of_frames"] = int(value)
    return opts["number_of_frames"] > 0
