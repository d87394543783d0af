"""Siemens CSA headers: some hundred named values in a binary block of every image."""
from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_GET_SIZE
from cpython.unicode cimport PyUnicode_DecodeLatin1
from libc.stdint cimport int32_t
from libc.stdlib cimport free, malloc
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


cdef class CSAHeader:
    """The values of a CSA header by name, each looked for when it is asked for.

    Parameters
    ----------
    content : bytes
        Value of the element. Of a damaged header, what precedes the damage counts.
    """

    cdef bytes _content
    cdef dict _found
    cdef Py_ssize_t* _places        # where the entries begin
    cdef Py_ssize_t _count          # -1: nobody looked yet

    def __cinit__(self):
        self._places = NULL
        self._count = -1

    def __dealloc__(self):
        free(self._places)

    def __init__(self, bytes content not None):
        self._content = content
        self._found = {}
        self._count = -1

    def get(self, str name):
        """Return the text of an entry's values, those that are not empty; ``None`` if there is no such entry."""
        try:
            return self._found[name]
        except KeyError:
            values = self._found[name] = self._look(name.encode("latin-1", "replace"))
            return values

    cdef int _find_entries(self) except -1:
        """Note where entries begin, up to the first one that is damaged."""
        cdef const char* p = PyBytes_AS_STRING(self._content)
        cdef Py_ssize_t size = PyBytes_GET_SIZE(self._content)
        cdef Py_ssize_t at = 8 if size >= 8 and not memcmp(p, b"SV10", 4) else 0
        cdef int32_t count, n_items, n_bytes
        self._count = 0
        if size < at + 8:
            return 0
        count = number_at(p, at)
        if count < 0 or count > MAX_ELEMENTS:
            count = MAX_ELEMENTS
        free(self._places)
        self._places = <Py_ssize_t*> malloc((count + 1) * sizeof(Py_ssize_t))
        if self._places == NULL:
            raise MemoryError
        at += 8
        while self._count < count and at + ELEMENT <= size:
            n_items = number_at(p, at + 76)
            if not 0 <= n_items <= MAX_ITEMS:
                return 0
            self._places[self._count] = at
            self._count += 1
            at += ELEMENT
            for _ in range(n_items):
                if at + ITEM > size:
                    return 0
                n_bytes = number_at(p, at + 4)
                if n_bytes < 0 or n_bytes > size - at - ITEM:
                    return 0
                at += ITEM + (n_bytes + 3) // 4 * 4
        return 0

    cdef list _look(self, bytes name):
        cdef const char* p = PyBytes_AS_STRING(self._content)
        cdef const char* wanted = PyBytes_AS_STRING(name)
        cdef Py_ssize_t size = PyBytes_GET_SIZE(self._content)
        cdef Py_ssize_t length = PyBytes_GET_SIZE(name)
        cdef Py_ssize_t at, i
        cdef int32_t n_bytes
        cdef list values = []
        cdef str text
        if self._count < 0:
            self._find_entries()
        if length >= NAME:
            return None
        for i in range(self._count):
            at = self._places[i]
            if memcmp(p + at, wanted, length + 1):
                continue
            n_items = number_at(p, at + 76)
            at += ELEMENT
            for _ in range(n_items):
                if at + ITEM > size:
                    break
                n_bytes = number_at(p, at + 4)
                at += ITEM
                if n_bytes < 0 or n_bytes > size - at:
                    break
                if n_bytes:
                    text = text_at(p + at, n_bytes)
                    if text:
                        values.append(text)
                at += (n_bytes + 3) // 4 * 4
            return values
        return None
