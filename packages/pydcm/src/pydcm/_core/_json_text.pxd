"""JSON as ASCII text, and encoded DICOM values written as such."""
from libc.stdint cimport int64_t, uint16_t, uint32_t

from pydcm._core._scan cimport Row, Table

cdef (const char*)[3] GROUPS


cdef class Text:
    cdef char* data
    cdef Py_ssize_t n
    cdef Py_ssize_t capacity

    cdef char* room(self, Py_ssize_t more) except NULL
    cdef int add(self, const char* p, Py_ssize_t n) except -1
    cdef int put(self, const char* p) except -1
    cdef int quoted(self, const unsigned char* p, Py_ssize_t n) except -1
    cdef int string(self, object text) except -1
    cdef int ascii(self, object text) except -1
    cdef int real(self, double value) except -1
    cdef int whole(self, int64_t value) except -1
    cdef int tag(self, uint32_t tag) except -1
    cdef int base64(self, const unsigned char* p, Py_ssize_t n) except -1
    cdef int open_values(self) except -1
    cdef int close_values(self, const char* vr) except -1
    cdef int only_vr(self, const char* vr) except -1


cdef bint is_exact(const unsigned char* p, Py_ssize_t n) noexcept nogil
cdef uint16_t vr_of(Row* row) noexcept
cdef bint write_row(Text out, Table table, Row* row, Py_ssize_t longest_inline) except -1
