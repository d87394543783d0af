"""Checks and parsers for DICOM values stored as text: plain C over a byte range, no Python object, no GIL."""
from libc.stdint cimport int64_t, uint16_t

cdef bint is_plain_ascii(const unsigned char* p, Py_ssize_t n) noexcept nogil
cdef bint is_clean(uint16_t vr, const unsigned char* p, Py_ssize_t n) noexcept nogil
cdef int parse_decimal(const unsigned char* p, Py_ssize_t n, double* out) noexcept nogil
cdef int parse_integer(const unsigned char* p, Py_ssize_t n, int64_t* out) noexcept nogil
cdef Py_ssize_t count_values(const unsigned char* p, Py_ssize_t n) noexcept nogil
cdef Py_ssize_t parse_ds_array(const unsigned char* p, Py_ssize_t n, double* out, Py_ssize_t max) noexcept nogil
cdef Py_ssize_t parse_is_array(const unsigned char* p, Py_ssize_t n, int64_t* out, Py_ssize_t max) noexcept nogil
