from libc.stdint cimport int64_t, uint32_t
from pydcm._core._scan cimport Table

cdef class ElementCore:
    """C side of DataElement. `touched` is set by every assignment after reading: an element with `table` set and not
    touched (and whose list value, if any, is not touched) is still exactly `table.rows[row]`."""
    cdef object _tag              # BaseTag
    cdef object _vr               # str
    cdef object _val              # converted value
    cdef public object private_creator
    cdef public object validation_mode
    cdef public object file_tell
    cdef Table table              # source, None when made in memory
    cdef uint32_t row
    cdef public bint is_undefined_length
    cdef public bint touched
    cdef bint is_unchanged(self)  # still exactly what was read?
