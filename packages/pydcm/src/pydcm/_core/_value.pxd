from libc.stdint cimport uint16_t
from pydcm._core._scan cimport Row, Table

cdef bint fast_enabled() except -1
cdef object convert_row(Table table, Row* row, uint16_t vr, object dataset)
cdef object FALLBACK
