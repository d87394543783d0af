"""Encoding of data sets: what the serialiser keeps while it descends into sequences."""
from libc.stdint cimport uint16_t, uint32_t, uint64_t
from pydcm._core._changes cimport ChangeFinder
from pydcm._core._dataset cimport DatasetCore
from pydcm._core._element cimport ElementCore
from pydcm._core._encode cimport Charset
from pydcm._core._scan cimport Row, Table

cdef class Serialiser(ChangeFinder):
    cdef bint hooked              # conversions are customised: do not decide about VRs here
    cdef int depth
    cdef uint32_t* path           # per depth: tag, item number
    cdef list _around             # the data sets being written, outermost first
    cdef object _same_a           # the last two character sets compared
    cdef object _same_b
    cdef bint _same

    cdef int put_header(self, uint32_t tag, uint16_t vr, uint32_t length) except -1
    cdef int close_header(self, uint64_t header, uint64_t start, uint64_t outside, uint16_t vr, object tag) except -1
    cdef int put_mark(self, uint32_t tag, uint32_t length) except -1
    cdef bint same_charset(self, object a, object b) except? True
    cdef Charset charset_of(self, DatasetCore ds, Charset inherited, bint* same)
    cdef int enter(self, DatasetCore ds) except -1
    cdef int put_dataset(self, DatasetCore ds, Charset inherited, bint correcting, bint keep_all) except -1
    cdef bint put_all_rows(self, DatasetCore ds) except? True
    cdef int put_row(self, DatasetCore ds, Py_ssize_t i, Charset charset, bint same_charset, bint correcting) except -1
    cdef bint is_ascii(self, Table table, Row* row, Charset charset) except? True
    cdef int put_row_source(self, Table table, Row* row) except -1
    cdef int put_row_value(self, Table table, Row* row, uint16_t vr) except -1
    cdef object tag_object(self, uint32_t tag)
    cdef int require_item(self, const unsigned char* value, uint64_t n) except -1
    cdef int put_made(self, DatasetCore ds, object made, Charset charset, bint own_row, bint correcting) except -1
    cdef int put_element(self, object elem, object tag, object vr, object value, bint undefined,
                         Charset charset, bint correcting) except -1
    cdef object settle(self, object elem, object vr, bint correcting)
    cdef int require_encapsulated(self, object value) except -1
    cdef int put_raw(self, object raw) except -1
    cdef int put_items(self, object items, Charset charset, bint correcting) except -1
    cdef int put_item(self, DatasetCore item, Charset charset, bint correcting) except -1
