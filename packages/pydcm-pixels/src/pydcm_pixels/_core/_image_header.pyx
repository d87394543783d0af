"""What a decoder needs to know of a file, from the file's first bytes.

Only files of a plain make are understood; of any other the complete reader tells the same, with its warnings and errors.
"""
from cpython.bytes cimport PyBytes_FromStringAndSize
from libc.string cimport memcmp, memset

ctypedef const unsigned char* Bytes

cdef enum:
    MAX_DEPTH = 16
    UNDEFINED = 0xFFFFFFFF
    ITEM = 0xFFFEE000
    ITEM_END = 0xFFFEE00D
    SEQUENCE_END = 0xFFFEE0DD
    EXTENDED_OFFSETS = 0x7FE00001
    EXTENDED_LENGTHS = 0x7FE00002
    PIXEL_DATA = 0x7FE00010

cdef struct Cursor:
    Bytes data
    Py_ssize_t size
    Py_ssize_t at
    bint explicit

cdef struct Image:
    int rows
    int columns
    int samples
    int planar
    int allocated
    int stored
    int high
    int representation
    int frames

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


def plain_image(const unsigned char[::1] head not None, dict syntaxes not None, dict photometrics not None):
    """Return what a file's beginning says about its pixel data, if the file is of a plain make.

    Parameters
    ----------
    head : bytes-like
        The file up to the value of *Pixel Data* at least (PS3.10 §7.1).
    syntaxes : dict[bytes, tuple[bool, Any]]
        By Transfer Syntax UID, whether the VR is explicit, and whatever the caller wants back.
    photometrics : dict[bytes, Any]
        What to return for a *Photometric Interpretation*.

    Returns
    -------
    options : dict[str, Any]
        The Image Pixel values, as options of a decoding run; all of them are there and have values that the standard
        allows. With an extended offset table also `extended_offsets`, the table and the lengths as they are stored.
    offset : int
        Where the value of *Pixel Data* starts.
    length : int
        Its length, -1 if that is not stated.
    known : Any
        What `syntaxes` has for the transfer syntax.

    ``None`` for what is not plain: a transfer syntax that is not in `syntaxes`, elements out of order, other VRs than
    the standard's, values that are missing or padded in unusual ways, floating point pixel data.
    """
    cdef Cursor c
    cdef Element e
    cdef unsigned int last = 0
    cdef tuple syntax = None
    cdef Image image
    cdef dict opts
    if head.shape[0] < 140 or memcmp(&head[128], b"DICM", 4) != 0:
        return None
    c.data, c.size, c.at, c.explicit = &head[0], head.shape[0], 132, True
    while c.size - c.at >= 2 and _u16(c.data + c.at) == 2:
        if not _next(&c, &e) or e.length > c.size - c.at:
            return None
        if e.tag == 0x00020010:
            if syntax is not None or e.vr0 != b'U' or e.vr1 != b'I':
                return None
            syntax = syntaxes.get(_value(&c, &e))
            if syntax is None:
                return None
        c.at += e.length
    if syntax is None:
        return None
    c.explicit = syntax[0]
    memset(&image, 0xFF, sizeof(Image))
    image.frames = 1
    photometric = offsets = lengths = None
    while True:
        if not _next(&c, &e) or e.tag <= last or e.tag >> 16 == 0xFFFE or e.tag > <unsigned int> PIXEL_DATA:
            return None
        last = e.tag
        if e.tag == <unsigned int> PIXEL_DATA:
            break
        if e.tag >> 16 == 0x7FE0:
            if e.tag > <unsigned int> EXTENDED_LENGTHS or e.length > c.size - c.at:
                return None
            if c.explicit and not (e.vr0 == b'O' and e.vr1 == b'V'):
                return None
            if e.tag == <unsigned int> EXTENDED_OFFSETS:
                offsets = PyBytes_FromStringAndSize(<char*> c.data + c.at, e.length)
            else:
                lengths = PyBytes_FromStringAndSize(<char*> c.data + c.at, e.length)
        elif e.tag == 0x00280004:
            if c.explicit and not (e.vr0 == b'C' and e.vr1 == b'S') or not 0 < e.length <= 16 or e.length > c.size - c.at:
                return None
            photometric = photometrics.get(_value(&c, &e))
            if photometric is None:
                return None
        elif e.tag >> 16 == 0x0028 and not _take(&c, &e, &image):
            return None
        if not _skip(&c, &e, 0):
            return None
    if photometric is None or not _is_right(&image) or (offsets is None) != (lengths is None):
        return None
    if c.explicit and (e.vr0 != b'O' or not (e.vr1 == b'B' or e.vr1 == b'W')):
        return None
    opts = {
        "rows": image.rows,
        "columns": image.columns,
        "samples_per_pixel": image.samples,
        "bits_allocated": image.allocated,
        "bits_stored": image.stored,
        "pixel_representation": image.representation,
        "photometric_interpretation": photometric,
        "number_of_frames": image.frames,
        "pixel_keyword": "PixelData",
        "pixel_vr": "OB" if c.explicit and e.vr1 == b'B' else "OW",
    }
    if image.planar >= 0:
        opts["planar_configuration"] = image.planar
    if offsets is not None and lengths is not None:
        opts["extended_offsets"] = offsets, lengths
    return opts, c.at, -1 if e.length == <unsigned int> UNDEFINED else <Py_ssize_t> e.length, syntax[1]


cdef int _take(Cursor* c, Element* e, Image* image) noexcept nogil:
    """Note an element of group 0028 if it is one of the Image Pixel module, 0 if it is not a plain one."""
    cdef int* target = NULL
    cdef Bytes p = c.data + c.at
    cdef long long frames = 0
    cdef unsigned int i
    if e.tag == 0x00280002:
        target = &image.samples
    elif e.tag == 0x00280006:
        target = &image.planar
    elif e.tag == 0x00280010:
        target = &image.rows
    elif e.tag == 0x00280011:
        target = &image.columns
    elif e.tag == 0x00280100:
        target = &image.allocated
    elif e.tag == 0x00280101:
        target = &image.stored
    elif e.tag == 0x00280102:
        target = &image.high
    elif e.tag == 0x00280103:
        target = &image.representation
    elif e.tag != 0x00280008:
        return 1
    if e.length > c.size - c.at:
        return 0
    if target != NULL:
        if e.length != 2 or (c.explicit and not (e.vr0 == b'U' and e.vr1 == b'S')):
            return 0
        target[0] = _u16(p)
        return 1
    if not 0 < e.length <= 10 or (c.explicit and not (e.vr0 == b'I' and e.vr1 == b'S')):
        return 0
    for i in range(e.length):
        if 48 <= p[i] <= 57:
            frames = 10 * frames + p[i] - 48
        elif i == 0 or i + 1 < e.length or not (p[i] == 32 or p[i] == 0):
            return 0
    if not 0 < frames <= 0x7FFFFFFF:
        return 0
    image.frames = <int> frames
    return 1


cdef bint _is_right(Image* image) noexcept nogil:
    # PS3.3 C.7.6.3; frames of single bits have a way of their own.
    return (
        image.rows > 0
        and image.columns > 0
        and (image.samples == 1 or (image.samples == 3 and 0 <= image.planar <= 1))
        and 8 <= image.allocated <= 64
        and image.allocated % 8 == 0
        and 1 <= image.stored <= image.allocated
        and image.high == image.stored - 1
        and 0 <= image.representation <= 1
    )


def fragment(const unsigned char[::1] head not None, Py_ssize_t at):
    """Return where the first fragment of encapsulated pixel data is, after an offset table for one frame or none.

    Parameters
    ----------
    head : bytes-like
        The file's beginning.
    at : int
        Where the value of *Pixel Data* starts.

    Returns
    -------
    tuple[int, int] or None
        The offset in the file and the length (PS3.5 §A.4), ``None`` if the items are not like that.
    """
    cdef Cursor c
    cdef Element e
    if not 0 <= at < head.shape[0]:
        return None
    c.data, c.size, c.at, c.explicit = &head[0], head.shape[0], at, False
    if not _next(&c, &e) or e.tag != <unsigned int> ITEM or e.length > 4 or e.length > c.size - c.at:
        return None
    if e.length and (e.length != 4 or _u32(c.data + c.at) != 0):
        return None
    c.at += e.length
    if not _next(&c, &e) or e.tag != <unsigned int> ITEM or e.length == 0 or e.length == <unsigned int> UNDEFINED:
        return None
    return c.at, e.length
