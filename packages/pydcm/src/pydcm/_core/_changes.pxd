from cpython.ref cimport PyObject
from libc.stdint cimport uint64_t
from pydcm._core._dataset cimport DatasetCore
from pydcm._core._element cimport ElementCore
from pydcm._core._encode cimport ValueEncoder

cdef inline uint64_t address(object thing) noexcept:
    return <uint64_t><size_t><PyObject*>thing

cdef class ChangeFinder(ValueEncoder):
    cdef int max_depth
    cdef set _changed             # addresses of data sets and sequence elements edited since reading

    cdef int refuse_depth(self) except -1
    cdef bint find_changes(self, DatasetCore ds, int depth) except? True
    cdef bint is_as_read(self, ElementCore elem) except? True
    cdef bint find_changes_below(self, ElementCore elem, object items, int depth) except? True
