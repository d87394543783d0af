from libc.stdint cimport uint32_t
from pydcm._core._scan cimport Table

cdef class ElementCore:
    """C side of DataElement. `touched` is set by every assignment after reading: an element with `table` set and not
    touched (and whose list value, if any, is not touched) is still exactly `table.rows[row]`."""
    cdef object _tag              # BaseTag
    cdef object _vr               # str
    cdef object _val              # converted value
    cdef public object private_creator
    cdef object _mode             # validation mode, None: the setting of the moment
    cdef object _file_tell
    cdef Table table              # source, None when made in memory
    cdef uint32_t row
    cdef bint _undefined          # is_undefined_length
    cdef public bint touched

    cdef int _detach(self) except -1
    cdef bint holds_same_numbers(self)
    cdef bint is_unchanged(self)  # still exactly what was read (sequences: apart from what is inside the items)?

cdef ElementCore make_element(object tag, object vr, object value, Table table, uint32_t row)
cdef object tag_object(uint32_t tag)
