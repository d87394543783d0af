from libc.stdint cimport int64_t, int8_t, uint8_t, uint32_t
from cpython.ref cimport PyObject
from pydcm._core._scan cimport Row, Table
from pydcm._core._element cimport ElementCore

cdef class DatasetCore:
    """C side of Dataset: a range of rows of a Table plus the objects made from them so far, plus elements added since.

    `_index[i]` (sorted by tag, duplicates resolved to the last) is a row number, `_objects[i]` the DataElement /
    RawDataElement made or assigned for it (NULL: none yet), `_extra` the elements with no row."""
    cdef Table table              # None: made in memory
    cdef uint32_t first           # rows of this data set: [first, last), siblings linked by Row.next
    cdef uint32_t last
    cdef bint indexed
    cdef uint32_t* _index
    cdef PyObject** _objects
    cdef Py_ssize_t n_index
    cdef dict _extra              # BaseTag -> element
    cdef public bint touched      # an element was set, added or deleted at this level
    cdef int8_t pixel_rep         # -1 unknown, else 0/1: nearest known Pixel Representation (children inherit it)
    cdef uint8_t item_flags       # 1: is an item read with undefined length
    cdef uint32_t item_row        # the item's own row in `table` (valid when is_item)
    cdef bint is_item
    cdef public object _parent_encoding
    cdef object _charset          # encodings as read, None: not asked yet
    cdef public object _read_implicit
    cdef public object _read_little
    cdef public object _parent_seq
    cdef public object _pixel_array
    cdef object _private_cache    # python side: _private_blocks
    cdef object __weakref__

    cdef int ensure_index(self) except -1
    cdef Py_ssize_t find(self, uint32_t tag) noexcept nogil
    cdef object element_at(self, Py_ssize_t i)      # DataElement for index i (converted, cached)
    cdef object lookup(self, uint32_t tag)          # DataElement or None
    cdef bint is_untouched_deep(self)               # nothing below was edited either
