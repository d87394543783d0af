from libc.stdint cimport uint64_t
from pydcm._core._scan cimport Table

cdef class OutBuffer:
    cdef unsigned char* data
    cdef uint64_t used
    cdef uint64_t capacity
    cdef uint64_t outside         # bytes that `_spans` stand for
    cdef list _spans              # (position in data, object, start, stop)
    cdef bint little

    cdef int grow(self, uint64_t n) except -1
    cdef unsigned char* room(self, uint64_t n) except NULL
    cdef int put(self, const unsigned char* source, uint64_t n) except -1
    cdef int put_object(self, object value, bint by_reference) except -1
    cdef int put_buffered(self, object buffer) except -1
    cdef int put_source(self, Table table, uint64_t start, uint64_t stop) except -1
