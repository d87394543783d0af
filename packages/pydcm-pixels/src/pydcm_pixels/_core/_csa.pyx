"""Siemens CSA headers: some hundred named values in a binary block of every image."""
from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_GET_SIZE
from cpython.unicode cimport PyUnicode_DecodeLatin1
from libc.stdint cimport int32_t
from libc.string cimport memchr, memcmp

cdef enum:
    MAX_ELEMENTS = 1000
    MAX_ITEMS = 10000
    NAME = 64                   # bytes of a name
    ELEMENT = 84                # bytes before the values of an element
    ITEM = 16                   # bytes before a value


cdef inline int32_t number_at(const char* content, Py_ssize_t at) noexcept:
    """Return a little-endian number."""
    cdef const unsigned char* p = <const unsigned char*> content + at
    return <int32_t> (p[0] | <unsigned int> p[1] << 8 | <unsigned int> p[2] << 16 | <unsigned int> p[3] << 24)


cdef str text_at(const char* start, Py_ssize_t length):
    """Return text up to a NUL, without white space around."""
    cdef const char* end = <const char*> memchr(start, 0, length)
    cdef Py_ssize_t first = 0
    if end != NULL:
        length = end - start
    while first < length and <unsigned char> start[first] <= 32:
        first += 1
    while length > first and <unsigned char> start[length - 1] <= 32:
        length -= 1
    return PyUnicode_DecodeLatin1(start + first, length - first, NULL)


def read_csa(bytes content not None, wanted=None):
    """Return the values of a CSA header by name.

    Parameters
    ----------
    content : bytes
        Value of the element.
    wanted : collection of str, optional
        Names that are of interest; by default all.

    Returns
    -------
    dict
        Text of every value that is not empty. Damaged headers give what precedes the damage.
    """
    cdef const char* p = PyBytes_AS_STRING(content)
    cdef Py_ssize_t size = PyBytes_GET_SIZE(content)
    cdef Py_ssize_t at, start
    cdef int32_t count, n_items, length
    cdef dict found = {}
    cdef list values
    cdef str name, text
    cdef bint keep
    at = 8 if size >= 8 and not memcmp(p, b"SV10", 4) else 0
    if size < at + 8:
        return found
    count = number_at(p, at)
    if count < 0 or count > MAX_ELEMENTS:
        count = MAX_ELEMENTS
    at += 8
    for _ in range(count):
        if at + ELEMENT > size:
            break
        n_items = number_at(p, at + 76)
        if not 0 <= n_items <= MAX_ITEMS:
            break
        name = text_at(p + at, NAME)
        at += ELEMENT
        keep = wanted is None or name in wanted
        values = []
        for _ in range(n_items):
            if at + ITEM > size:
                return found
            length = number_at(p, at + 4)
            start = at + ITEM
            if length < 0 or length > size - start:
                return found
            if keep and length:
                text = text_at(p + start, length)
                if text:
                    values.append(text)
            at = start + (length + 3) // 4 * 4
        if keep:
            found[name] = values
    return found
