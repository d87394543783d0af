"""Headers of JPEG, JPEG-LS and JPEG 2000 streams: every frame that is decoded is looked at (ITU-T T.81 B, T.87 C, T.800 A)."""
from libc.string cimport memcmp

ctypedef const unsigned char* Bytes


cdef inline Py_ssize_t _u16(Bytes at) noexcept nogil:
    return at[0] << 8 | at[1]


cdef inline unsigned int _u32(Bytes at) noexcept nogil:
    return <unsigned int> at[0] << 24 | at[1] << 16 | at[2] << 8 | at[3]


cdef inline bint _starts_frame(unsigned char marker) noexcept nogil:
    # SOFn: C0 to CF but DHT (C4), JPG (C8) and DAC (CC); F7 is JPEG-LS.
    return marker == 0xF7 or (0xC0 <= marker <= 0xCF and marker != 0xC4 and marker != 0xC8 and marker != 0xCC)


cdef inline int _adobe(Bytes p, Py_ssize_t size) noexcept nogil:
    if size < 16 or memcmp(p + 4, b"Adobe", 5) != 0 or _u16(p + 2) < 14:
        return 16
    return 4 if p[15] == 0 else 8 if p[15] == 1 else 0


def jpeg_header(const unsigned char[::1] src not None):
    """Return what the header of a JPEG or JPEG-LS stream says, ``None`` for anything else.

    Returns
    -------
    marker, precision, height, width, components : int
        Of the start of frame.
    colour : int
        What there is about colour: 1 a JFIF segment, 2 components called R, G or B, 4 an Adobe segment that says no
        transformation, 8 one that says YCbCr; 16 the header is not plain, so that there may be more.
    """
    cdef Py_ssize_t size = src.shape[0], at = 2, i
    cdef Bytes p
    cdef int colour = 0
    cdef unsigned char marker
    if size < 4:
        return None
    p = &src[0]
    if p[0] != 0xFF or p[1] != 0xD8:
        return None
    while at + 9 < size:
        if p[at] != 0xFF:
            return None
        marker = p[at + 1]
        if marker == 0xFF:          # a fill byte
            at += 1
            colour |= 16
        elif _starts_frame(marker):
            if at + 10 + 3 * p[at + 9] > size:
                colour |= 16
            else:
                for i in range(p[at + 9]):
                    if p[at + 10 + 3 * i] in (82, 71, 66, 114, 103, 98):
                        colour |= 2
            return marker, p[at + 4], _u16(p + at + 5), _u16(p + at + 7), p[at + 9], colour
        elif marker == 0x01 or 0xD0 <= marker <= 0xD7:
            at += 2
            colour |= 16
        else:
            if marker == 0xEE:
                colour |= _adobe(p + at, size - at)
            elif 0xE0 <= marker <= 0xEF and memcmp(p + at + 4, b"JFIF", 4) == 0:
                colour |= 1
            at += 2 + _u16(p + at + 2)
    return None


def first_scan(const unsigned char[::1] src not None):
    """Return the last parameters of the first scan of a JPEG or JPEG-LS stream, ``None`` if there is no scan.

    Returns
    -------
    near, interleave_mode : int
        What they are in JPEG-LS: the difference allowed per sample, and 0 for one component in each scan, 1 for lines, 2
        for samples of all in turn (ITU-T T.87 C.2.3).
    """
    cdef Py_ssize_t size = src.shape[0], at = 2, place
    cdef Bytes p
    cdef unsigned char marker
    if size < 4:
        return None
    p = &src[0]
    while at + 5 <= size:
        if p[at] != 0xFF:
            return None
        marker = p[at + 1]
        if marker == 0xDA:
            place = at + 5 + 2 * p[at + 4]
            return (p[place], p[place + 1]) if place + 1 < size else None
        if marker == 0xFF:
            at += 1
        elif marker == 0x01 or 0xD0 <= marker <= 0xD7:
            at += 2
        else:
            at += 2 + _u16(p + at + 2)
    return None


def codestream_header(const unsigned char[::1] src not None, Py_ssize_t at):
    """Return what SIZ and COD of the JPEG 2000 codestream that starts at `at` say, ``None`` if there is none.

    Returns
    -------
    width, height, components, precision : int
    is_signed, is_htj2k, mct, reversible : bool
    resolutions : int
    """
    cdef Py_ssize_t size = src.shape[0], seek
    cdef Bytes p, q
    cdef bint mct = False, reversible = False
    cdef int levels = 0
    if at < 0 or size < at + 43:
        return None
    p = &src[0]
    q = p + at
    if q[0] != 0xFF or q[1] != 0x4F or q[2] != 0xFF or q[3] != 0x51:
        return None
    seek = at + 4 + _u16(q + 4)
    while seek + 14 <= size and p[seek] == 0xFF and p[seek + 1] != 0x90 and p[seek + 1] != 0x93:
        if p[seek + 1] == 0x52:
            mct, levels, reversible = p[seek + 8] != 0, p[seek + 9], p[seek + 13] == 1
            break
        seek += 2 + _u16(p + seek + 2)
    return (
        <long long> _u32(q + 8) - <long long> _u32(q + 16),
        <long long> _u32(q + 12) - <long long> _u32(q + 20),
        _u16(q + 40),
        (q[42] & 0x7F) + 1,
        (q[42] & 0x80) != 0,
        (q[6] & 0x40) != 0,         # Rsiz bit 14: the stream needs Part 15 (ISO/IEC 15444-15 A.2)
        mct,
        reversible,
        levels + 1,
    )
