"""What a data set holds: a sorted view of scanned rows, with elements made when they are asked for.

Reading a file makes one Table and one of these objects. Looking an element up is a binary search over rows; the first look
makes its DataElement, which is kept. What was added by hand lives in a dictionary beside the rows. How people get at all this is
in ``_dataset.pyx``.
"""
from cpython.dict cimport PyDict_GetItem
from cpython.ref cimport Py_INCREF, Py_XDECREF, PyObject
from libc.stdint cimport int8_t, uint16_t, uint32_t, uint64_t
from libc.stdlib cimport calloc, free, malloc, qsort

from pydcm._core._element cimport ElementCore, make_element, tag_object
from pydcm._core._multival cimport ListCore, wrap_list
from pydcm._core._scan cimport (
    CHILDREN, DEFERRED, IMPLICIT, ITEM_IMPLICIT, Row, Table, scan_items, vr_string,
)
from pydcm._core._value cimport FALLBACK, convert_row, fast_enabled
from pydcm._core._vr cimport *
from pydcm import _dictionaries

cdef extern from "_vr_table.h" nogil:
    unsigned short pydcm_dictionary_vr(unsigned int tag)

cdef extern from *:
    """
    static CYTHON_INLINE PyObject *pydcm_new_dataset(PyTypeObject *cls, PyObject *no_args) {
        return cls->tp_new(cls, no_args, NULL);
    }
    """
    object pydcm_new_dataset(type cls, tuple no_args)

cdef enum:
    CHARACTER_SET = 0x00080005
    PIXEL_REPRESENTATION = 0x00280103
    UNDEFINED_LENGTH = 0xFFFFFFFF
    ASKING = -2    # in place of the pixel representation, while it is looked up

# The elements whose VR is no longer the one in the compiled dictionary; see pydcm._dictionaries
cdef dict vr_changes = _dictionaries.vr_changes
cdef tuple NO_ARGS = ()
cdef type dataset_class = None
cdef type sequence_class = None
cdef type raw_class = None


cdef int load_classes() except -1:
    """Bind the Python classes that this module makes instances of; they are defined on top of it."""
    global dataset_class, sequence_class, raw_class
    from pydcm import dataelem, dataset, sequence
    sequence_class = sequence.Sequence
    raw_class = dataelem.RawDataElement
    dataset_class = dataset.Dataset
    return 0


cdef inline int need_classes() except -1:
    return load_classes() if dataset_class is None else 0


cdef int compare_keys(const void* a, const void* b) noexcept nogil:
    cdef uint64_t x = (<uint64_t*>a)[0]
    cdef uint64_t y = (<uint64_t*>b)[0]
    return (x > y) - (x < y)


cdef uint16_t implied_vr(Row* row) noexcept:
    """The VR that a row has or that the dictionary gives it; 0 when the slow path has to decide."""
    cdef uint16_t vr = row.vr
    if vr == 0:
        if vr_changes and row.tag in vr_changes:
            return 0
        vr = pydcm_dictionary_vr(row.tag)
        return 0 if vr >= NOT_A_VR else vr
    return 0 if vr == VR_UN else vr


cdef object make_sequence(Table table, uint32_t first, uint32_t last, bint undefined, object parent_encoding,
                          ElementRows parent):
    """Return the Sequence of the items in rows [first, last) of `table`."""
    cdef list items = []
    cdef ElementRows item
    cdef uint32_t row = first
    cdef int8_t rep = -1 if parent is None or parent._rep == ASKING else parent._rep
    need_classes()
    while row < last:
        item = <ElementRows>pydcm_new_dataset(dataset_class, NO_ARGS)
        item.table = table
        item.first = row + 1
        item.last = table.rows[row].next
        item.is_item = True
        item.item_row = row
        item._parent_enc = parent_encoding
        item._rep = rep
        item._read_implicit = (table.rows[row].flags & ITEM_IMPLICIT) != 0
        item._read_little = table.little_endian
        items.append(item)
        row = item.last
    sequence = wrap_list(sequence_class, items)
    sequence.is_undefined_length = undefined
    if parent is not None:
        sequence._adopted_by(parent)
    return sequence


cdef bint is_unchanged_deep(ElementRows dataset):
    """Is nothing in `dataset`, its items included, changed since it was read?"""
    cdef Py_ssize_t i
    cdef object value
    if dataset.touched or dataset.table is None or dataset._extra:
        return False
    if dataset._objects == NULL:
        return True
    for i in range(dataset.n_index):
        if dataset._objects[i] == NULL:
            continue
        if not isinstance(<object>dataset._objects[i], ElementCore):
            return False
        element = <ElementCore>dataset._objects[i]
        if not element.is_unchanged() or element.row != dataset._index[i]:
            return False
        value = element._val
        if element._vr == "SQ" and isinstance(value, ListCore):
            for item in (<ListCore>value)._list:
                if not is_unchanged_deep(<ElementRows>item):
                    return False
    return True


cdef class ElementRows:
    """Mapping of tags to elements over scanned bytes."""

    def __cinit__(self, *args, **kwargs):
        self._rep = -1

    def __dealloc__(self):
        cdef Py_ssize_t i
        if self._objects != NULL:
            for i in range(self.n_index):
                Py_XDECREF(self._objects[i])
            free(self._objects)
        free(self._index)

    # ---- the index over rows -------------------------------------------------------------------------------------
    cdef int ensure_index(self) except -1:
        """Sort the rows of this level by tag once; of equal tags the last one counts."""
        cdef Py_ssize_t n = 0, i, kept
        cdef uint32_t row
        cdef uint32_t previous = 0
        cdef bint ordered = True
        cdef Row* rows
        cdef uint64_t* keys
        if self.indexed:
            return 0
        self.indexed = True
        if self.table is None or self.first >= self.last:
            return 0
        rows = self.table.rows
        row = self.first
        while row < self.last:
            if n and rows[row].tag <= previous:
                ordered = False
            previous = rows[row].tag
            n += 1
            row = rows[row].next
        self._index = <uint32_t*>malloc(n * sizeof(uint32_t))
        if self._index == NULL:
            raise MemoryError
        row = self.first
        if ordered:
            for i in range(n):
                self._index[i] = row
                row = rows[row].next
            self.n_index = n
            return 0
        keys = <uint64_t*>malloc(n * sizeof(uint64_t))
        if keys == NULL:
            raise MemoryError
        for i in range(n):
            keys[i] = (<uint64_t>rows[row].tag << 32) | row
            row = rows[row].next
        qsort(keys, n, sizeof(uint64_t), compare_keys)
        kept = 0
        for i in range(n):
            if i + 1 == n or (keys[i] >> 32) != (keys[i + 1] >> 32):
                self._index[kept] = <uint32_t>keys[i]
                kept += 1
        self.n_index = kept
        free(keys)
        return 0

    cdef Py_ssize_t find(self, uint32_t tag) noexcept:
        """Return the index of `tag`, -1 if no row has it. The index must exist."""
        cdef Py_ssize_t low = 0, high = self.n_index, middle
        cdef Row* rows
        if high == 0:
            return -1
        rows = self.table.rows
        while low < high:
            middle = (low + high) >> 1
            if rows[self._index[middle]].tag < tag:
                low = middle + 1
            else:
                high = middle
        if low < self.n_index and rows[self._index[low]].tag == tag:
            return low
        return -1

    cdef int need_objects(self) except -1:
        if self._objects == NULL:
            self._objects = <PyObject**>calloc(self.n_index, sizeof(PyObject*))
            if self._objects == NULL:
                raise MemoryError
        return 0

    cdef object raw_at(self, Py_ssize_t i):
        """Return the RawDataElement of row `i`; its value is None when it was deferred."""
        cdef Row* row = &self.table.rows[self._index[i]]
        cdef object value
        need_classes()
        if row.flags & DEFERRED:
            value = None
        elif row.length == 0:
            from pydcm.dataelem import empty_value_for_VR
            value = empty_value_for_VR(vr_string(row.vr), raw=True)
        else:
            value = self.table.value_bytes(row)
        return raw_class(
            tag_object(row.tag), vr_string(row.vr), row.length, value, row.file_offset,
            (row.flags & IMPLICIT) != 0, bool(self.table.little_endian),
        )

    cdef object element_at(self, Py_ssize_t i):
        """Return the DataElement of row `i`, made on first use."""
        cdef Row* row
        cdef uint32_t number, tag
        cdef uint16_t vr
        cdef object value, element, creator
        cdef Table table
        if self._objects != NULL and self._objects[i] != NULL:
            element = <object>self._objects[i]
            if isinstance(element, ElementCore):
                return element
            return self.convert_raw(element, True)
        need_classes()
        table = self.table
        number = self._index[i]
        row = &table.rows[number]
        tag = row.tag
        if row.flags & DEFERRED:
            return self.convert_raw(self._read_deferred(self.raw_at(i)), False)
        vr = implied_vr(row)
        if row.flags & CHILDREN:
            vr = VR_SQ
            value = make_sequence(table, number + 1, row.next, True, self.encodings(), self.with_pixel_rep())
        elif vr == 0 or not fast_enabled():
            return self.convert_raw(self.raw_at(i), False)
        elif vr == VR_SQ:
            value = self.scan_sequence(row)
        else:
            value = convert_row(table, row, vr, self)
            if value is FALLBACK:
                return self.convert_raw(self.raw_at(i), False)
            if tag == CHARACTER_SET:
                self.encodings()      # who looks at it is told of a set that nobody knows
        element = make_element(tag_object(tag), vr_string(vr), value, table, number)
        if row.length == <uint32_t>UNDEFINED_LENGTH:
            (<ElementCore>element)._undefined = True
        if tag & 0x10000 and tag & 0xFF00:
            creator = self.lookup((tag & 0xFFFF0000) | ((tag >> 8) & 0xFF))
            if creator is not None:
                (<ElementCore>element).private_creator = (<ElementCore>creator)._val
        # looking things up above may have moved this element's place
        i = self.find(tag)
        if i >= 0:
            self.need_objects()
            Py_XDECREF(self._objects[i])
            Py_INCREF(element)
            self._objects[i] = <PyObject*>element
        return element

    cdef object scan_sequence(self, Row* row):
        """Return the Sequence for a row of defined length: its items are scanned into a table of their own."""
        cdef bint implicit = (row.flags & IMPLICIT) != 0
        cdef Table table
        if row.length == 0:
            return make_sequence(self.table, 0, 0, False, self.encodings(), self.with_pixel_rep())
        table = scan_items(self.table, row, implicit)
        return make_sequence(table, 0, table.n_rows, False, self.encodings(), self.with_pixel_rep())

    cdef ElementRows with_pixel_rep(self):
        """Return self after making sure that the pixel representation to hand down is known."""
        cdef object element
        cdef int8_t known = self._rep
        if known == ASKING:
            return self    # in a damaged file it may be a sequence, whose items ask for it
        self._rep = ASKING
        try:
            element = self.lookup(PIXEL_REPRESENTATION)
        except Exception:
            element = None    # it is damaged: a sequence is not, for that
        finally:
            self._rep = known
        if element is not None:
            value = element.value
            if isinstance(value, int):
                self._rep = <int8_t>(value & 1)
            elif isinstance(value, bytes):
                self._rep = 1 if b"\x01" in value else 0
        return self

    cdef object convert_raw(self, object raw, bint assigned):
        """Return the DataElement of a RawDataElement by the complete path with its hooks, and keep it."""
        cdef object element
        cdef uint32_t tag
        cdef Py_ssize_t i
        from pydcm.dataelem import convert_raw_data_element
        need_classes()
        if raw.value is None and raw.length != 0:
            raw = self._read_deferred(raw)
        if raw.tag == CHARACTER_SET:
            from pydcm.charset import default_encoding
            encodings = default_encoding
        else:
            encodings = self._read_charset or self._character_set
        element = convert_raw_data_element(raw, encoding=encodings, ds=self)
        tag = <uint32_t>raw.tag
        if element.VR == "SQ":
            value = element.value
            if not isinstance(value, sequence_class):
                element.value = value = sequence_class(value)
            value._adopted_by(self)
            self.store_quietly(tag, element, assigned)
            self._set_pixel_representation(element)
        elif len(element.VR) > 2:
            from pydcm.filewriter import correct_ambiguous_vr_element
            element = correct_ambiguous_vr_element(element, self, raw[6])
            self.store_quietly(tag, element, assigned)
        if tag & 0x10000 and tag & 0xFF00:
            creator = self.lookup((tag & 0xFFFF0000) | ((tag >> 8) & 0xFF))
            if creator is not None:
                element.private_creator = creator.value
        self.store_quietly(tag, element, assigned)
        return element

    cdef int store_quietly(self, uint32_t tag, object element, bint assigned) except -1:
        """Keep an element that was made by converting what was there already: no edit."""
        cdef Py_ssize_t i = self.find(tag)
        cdef ElementCore core = <ElementCore>element
        if i < 0:
            if self._extra is None:
                self._extra = {}
            self._extra[tag_object(tag)] = element
            return 0
        self.need_objects()
        Py_INCREF(element)
        Py_XDECREF(self._objects[i])
        self._objects[i] = <PyObject*>element
        if not assigned and core.table is None and not (self.table.rows[self._index[i]].flags & DEFERRED):
            core.table = self.table
            core.row = self._index[i]
            core.touched = False
        return 0

    cdef object stored(self, uint32_t tag):
        """Return what is held for `tag`: a DataElement, or a RawDataElement while nobody looked; None if absent."""
        cdef Py_ssize_t i
        cdef PyObject* found
        self.ensure_index()
        i = self.find(tag)
        if i < 0:
            if self._extra is None:
                return None
            need_classes()
            found = PyDict_GetItem(self._extra, tag_object(tag))
            return None if found == NULL else <object>found
        if self._objects != NULL and self._objects[i] != NULL:
            return <object>self._objects[i]
        if self.table.rows[self._index[i]].flags & CHILDREN:
            return self.element_at(i)
        return self.raw_at(i)

    cdef object lookup(self, uint32_t tag):
        """Return the DataElement for `tag`, None if absent."""
        cdef Py_ssize_t i
        cdef PyObject* found
        self.ensure_index()
        i = self.find(tag)
        if i >= 0:
            return self.element_at(i)
        if self._extra is None:
            return None
        need_classes()
        found = PyDict_GetItem(self._extra, tag_object(tag))
        if found == NULL:
            return None
        if isinstance(<object>found, ElementCore):
            return <object>found
        return self.convert_raw(<object>found, True)

    cdef list values_of(self, tuple tags, tuple order):
        """Return the values of the elements with these BaseTags, None for those that are not there.

        `order` are the positions in `tags` by ascending tag. While nobody looked at anything, values come straight from the
        rows, and neither index nor elements are made."""
        cdef list values = [None] * len(tags)
        cdef Py_ssize_t k = 0, place, n = len(tags)
        cdef uint32_t number, previous = 0, wanted
        cdef uint16_t vr
        cdef Row* row
        cdef object value
        cdef bint plain = not self.indexed and self.table is not None and self._extra is None and fast_enabled()
        number = self.first
        while plain and number < self.last:
            row = &self.table.rows[number]
            if row.tag <= previous and number != self.first:
                break                 # out of order: the index knows which of several counts
            previous = row.tag
            while k < n:
                place = order[k]
                wanted = <uint32_t>tags[place]
                if wanted > row.tag:
                    break
                k += 1
                if wanted == row.tag:
                    vr = implied_vr(row)
                    if vr == 0 or vr == VR_SQ or row.flags & (CHILDREN | DEFERRED) or wanted == CHARACTER_SET:
                        value = FALLBACK
                    else:
                        value = convert_row(self.table, row, vr, self)
                    if value is FALLBACK:
                        value = self.lookup(wanted).value
                    values[place] = value
            number = row.next
        else:
            if plain:
                return values
        for place in range(n):
            element = self.lookup(<uint32_t>tags[place])
            values[place] = None if element is None else element.value
        return values

    cdef bint has(self, uint32_t tag) except -1:
        self.ensure_index()
        if self.find(tag) >= 0:
            return True
        if self._extra is None:
            return False
        need_classes()
        return PyDict_GetItem(self._extra, tag_object(tag)) != NULL

    cdef int store(self, uint32_t tag, object key, object element) except -1:
        """Set the element for `tag`: an edit."""
        cdef Py_ssize_t i
        self.ensure_index()
        if tag == CHARACTER_SET and self.table is not None:
            self.encodings()          # text that was not converted yet is still in the old one
        i = self.find(tag)
        if i >= 0:
            self.need_objects()
            if self._objects[i] == <PyObject*>element:
                return 0              # the element itself knows whether it was changed
            Py_INCREF(element)
            Py_XDECREF(self._objects[i])
            self._objects[i] = <PyObject*>element
        else:
            if self._extra is None:
                self._extra = {}
            self._extra[key] = element
        self.touched = True
        return 0

    cdef int remove(self, uint32_t tag) except -1:
        """Delete the element for `tag`; 0 if there is none."""
        cdef Py_ssize_t i, k
        cdef PyObject* old = NULL
        self.ensure_index()
        if tag == CHARACTER_SET and self.table is not None:
            self.encodings()
        i = self.find(tag)
        if i < 0:
            if self._extra is None or tag_object(tag) not in self._extra:
                return 0
            del self._extra[tag_object(tag)]
        else:
            for k in range(i, self.n_index - 1):
                self._index[k] = self._index[k + 1]
            if self._objects != NULL:
                old = self._objects[i]
                for k in range(i, self.n_index - 1):
                    self._objects[k] = self._objects[k + 1]
                self._objects[self.n_index - 1] = NULL
            self.n_index -= 1
            Py_XDECREF(old)
        self.touched = True
        if tag & 0x10000 and 0x10 <= (tag & 0xFFFF) <= 0xFF:
            self._private_blocks = None
        self.forget_pixels(tag)
        return 1

    cdef int forget_pixels(self, uint32_t tag) except -1:
        if tag == 0x7FE00010 or tag == 0x7FE00009 or tag == 0x7FE00008:
            self._pixel_array = None
            self._pixel_ids = None
        return 0

    cdef list sorted_tags(self):
        """Return all tags in order, as BaseTag objects."""
        cdef list tags = []
        cdef Py_ssize_t i
        self.ensure_index()
        need_classes()
        for i in range(self.n_index):
            tags.append(tag_object(self.table.rows[self._index[i]].tag))
        if self._extra:
            tags.extend(self._extra)
            tags.sort(key=int)
        return tags

    cdef object encodings(self):
        """Return the Python encodings of the text as read (not of what Specific Character Set was changed to)."""
        cdef Py_ssize_t i
        cdef Row* row
        cdef object value = FALLBACK
        if self._charset is None:
            self._charset = self._parent_encoding
            self.ensure_index()
            i = self.find(CHARACTER_SET)
            if i >= 0:
                from pydcm.charset import convert_encodings
                row = &self.table.rows[self._index[i]]
                if implied_vr(row) == VR_CS and not row.flags & (DEFERRED | CHILDREN) and fast_enabled():
                    value = convert_row(self.table, row, VR_CS, self)
                if value is FALLBACK:
                    from pydcm.dataelem import convert_raw_data_element
                    value = convert_raw_data_element(self.raw_at(i)).value
                self._charset = convert_encodings(value)
        return self._charset


cdef class TagIterator:
    """Yields the elements of a data set in the order of their tags, as they were when the iteration began."""
    def __dealloc__(self):
        free(self.tags)

    def __iter__(self):
        return self

    def __length_hint__(self):
        return self.n - self.i

    def __next__(self):
        cdef Py_ssize_t i = self.i
        cdef ElementRows dataset = self.dataset
        cdef uint32_t tag
        if i >= self.n:
            raise StopIteration
        self.i = i + 1
        tag = self.tags[i]
        if i < dataset.n_index and dataset.table.rows[dataset._index[i]].tag == tag:
            return dataset.element_at(i)
        element = dataset.lookup(tag)
        if element is None:
            raise KeyError(tag_object(tag))
        return element
