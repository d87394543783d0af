from libc.stdint cimport int8_t, uint16_t, uint32_t
from cpython.ref cimport PyObject
from pydcm._core._scan cimport Row, Table

cdef class ElementRows:
    """What a data set holds: a range of rows of a Table plus the objects made from them so far, plus elements added since.

    `_index[i]` (sorted by tag, the last of duplicates) is a row number, `_objects[i]` the DataElement or RawDataElement
    made or assigned for it (NULL: none yet), `_extra` the elements that have no row."""
    cdef Table table              # None: made in memory
    cdef uint32_t first           # rows of this data set: [first, last), siblings linked by Row.next
    cdef uint32_t last
    cdef bint indexed
    cdef uint32_t* _index
    cdef PyObject** _objects
    cdef Py_ssize_t n_index
    cdef dict _extra              # BaseTag -> element; None while there are none
    cdef public bint touched      # an element was set, added or deleted at this level
    cdef int8_t _rep              # nearest known Pixel Representation: -1 unknown, 0, 1 (children inherit it)
    cdef bint is_item             # made from item row `item_row` of `table`
    cdef uint32_t item_row
    cdef object _parent_enc
    cdef object _charset          # encodings as read; None: not asked yet
    cdef public object _read_implicit
    cdef public object _read_little
    cdef public object _pixel_array
    cdef public dict _private_blocks
    cdef object _pixel_ids
    cdef object _undefined_item   # None: as the item row says
    cdef object _tell             # (file_tell of the item) None: as the item row says
    cdef public object _origin    # (buffer, start, stop, deflated?) of the whole data set in its file; None unless all was read
    cdef object __weakref__

    cdef int ensure_index(self) except -1
    cdef Py_ssize_t find(self, uint32_t tag) noexcept
    cdef object stored(self, uint32_t tag)          # DataElement or RawDataElement, None if absent
    cdef object element_at(self, Py_ssize_t i)      # DataElement for index i (converted, kept)
    cdef object lookup(self, uint32_t tag)          # DataElement, None if absent
    cdef object raw_at(self, Py_ssize_t i)          # RawDataElement for index i
    cdef object convert_raw(self, object raw, bint assigned)
    cdef object scan_sequence(self, Row* row)
    cdef ElementRows with_pixel_rep(self)
    cdef int need_objects(self) except -1
    cdef int store_quietly(self, uint32_t tag, object element, bint assigned) except -1
    cdef int forget_pixels(self, uint32_t tag) except -1
    cdef bint has(self, uint32_t tag) except -1
    cdef int store(self, uint32_t tag, object key, object element) except -1
    cdef int remove(self, uint32_t tag) except -1   # 0 if absent
    cdef object encodings(self)
    cdef list sorted_tags(self)
    cdef list values_of(self, tuple tags, tuple order)

cdef object make_sequence(Table table, uint32_t first, uint32_t last, bint undefined, object parent_encoding,
                          ElementRows parent)
cdef uint16_t implied_vr(Row* row) noexcept
cdef bint is_unchanged_deep(ElementRows dataset)

cdef class TagIterator:
    cdef ElementRows dataset
    cdef uint32_t* tags
    cdef Py_ssize_t n, i
