"""The compiled part of Dataset: a sorted view of scanned rows, with elements made when they are asked for.

Reading a file makes one Table and one of these objects. Looking an element up is a binary search over rows; the first look
makes its DataElement, which is kept. What was added by hand lives in a dictionary beside the rows.
"""
from cpython.dict cimport PyDict_GetItem
from cpython.object cimport PyObject_GenericGetAttr
from cpython.ref cimport Py_DECREF, Py_INCREF, Py_XDECREF, PyObject
from libc.stdint cimport int8_t, uint16_t, uint32_t, uint64_t
from libc.stdlib cimport calloc, free, malloc, qsort

from pydcm._core._element cimport ElementCore, make_element, tag_object
from pydcm._core._multival cimport ListCore, wrap_list
from pydcm._core._scan cimport (
    CHILDREN, DEFERRED, IMPLICIT, ITEM_IMPLICIT, UNDEFINED, Row, Table, scan_items, vr_string,
)
from pydcm._core._value cimport FALLBACK, convert_row, fast_enabled
from pydcm import _dictionaries

cdef extern from "_vr_table.h" nogil:
    unsigned short pydcm_dictionary_vr(unsigned int tag)

cdef extern from "Python.h":
    int generic_setattr "PyObject_GenericSetAttr"(object self, object name, PyObject* value) except -1

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
    VR_CS = 0x4353
    VR_SQ = 0x5351
    VR_UN = 0x554E
    NOT_A_VR = 0xFF00
    UNDEFINED_LENGTH = 0xFFFFFFFF

# The elements whose VR is no longer the one in the compiled dictionary; see pydcm._dictionaries
cdef dict vr_changes = _dictionaries.vr_changes
cdef tuple NO_ARGS = ()
cdef type dataset_class = None
cdef type sequence_class = None
cdef type element_class = None
cdef type raw_class = None
cdef type tag_class = None
cdef object make_tag = None
cdef object keywords = None     # a dict that tells others of its changes


cdef int load_classes() except -1:
    """Bind the Python classes that this module makes instances of; they are defined on top of it."""
    global dataset_class, sequence_class, element_class, raw_class, tag_class, make_tag, keywords
    from pydcm import datadict, dataelem, dataset, sequence, tag
    sequence_class = sequence.Sequence
    element_class = dataelem.DataElement
    raw_class = dataelem.RawDataElement
    tag_class = tag.BaseTag
    make_tag = tag.Tag
    keywords = datadict.keyword_dict
    dataset_class = dataset.Dataset
    return 0


cdef inline int need_classes() except -1:
    return load_classes() if dataset_class is None else 0


cdef int compare_keys(const void* a, const void* b) noexcept nogil:
    cdef uint64_t x = (<uint64_t*>a)[0]
    cdef uint64_t y = (<uint64_t*>b)[0]
    return (x > y) - (x < y)


cdef inline uint16_t implied_vr(Row* row) noexcept:
    """The VR that a row has or that the dictionary gives it; 0 when the slow path has to decide."""
    cdef uint16_t vr = row.vr
    if vr == 0:
        if vr_changes and row.tag in vr_changes:
            return 0
        vr = pydcm_dictionary_vr(row.tag)
        return 0 if vr >= NOT_A_VR else vr
    return 0 if vr == VR_UN else vr


cdef object make_sequence(Table table, uint32_t first, uint32_t last, bint undefined, object parent_encoding,
                          DatasetCore parent):
    """Return the Sequence of the items in rows [first, last) of `table`."""
    cdef list items = []
    cdef DatasetCore item
    cdef uint32_t row = first
    cdef int8_t rep = -1 if parent is None else parent._rep
    need_classes()
    while row < last:
        item = <DatasetCore>pydcm_new_dataset(dataset_class, NO_ARGS)
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


cdef bint is_unchanged_deep(DatasetCore dataset):
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
                if not is_unchanged_deep(<DatasetCore>item):
                    return False
    return True


cdef class TagIterator:
    """Yields the elements of a data set in the order of their tags, as they were when the iteration began."""
    cdef DatasetCore dataset
    cdef uint32_t* tags
    cdef Py_ssize_t n, i

    def __dealloc__(self):
        free(self.tags)

    def __iter__(self):
        return self

    def __length_hint__(self):
        return self.n - self.i

    def __next__(self):
        cdef Py_ssize_t i = self.i
        cdef DatasetCore dataset = self.dataset
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


cdef class DatasetCore:
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
            (row.flags & IMPLICIT) != 0 or bool(self._read_implicit), bool(self.table.little_endian),
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
        cdef bint implicit = (row.flags & IMPLICIT) != 0 or bool(self._read_implicit)
        cdef Table table
        if row.length == 0:
            return make_sequence(self.table, 0, 0, False, self.encodings(), self.with_pixel_rep())
        table = scan_items(self.table, row, implicit)
        return make_sequence(table, 0, table.n_rows, False, self.encodings(), self.with_pixel_rep())

    cdef DatasetCore with_pixel_rep(self):
        """Return self after making sure that the pixel representation to hand down is known."""
        cdef object element = self.lookup(PIXEL_REPRESENTATION)
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

    # ---- keys ----------------------------------------------------------------------------------------------------
    def __getitem__(self, key):
        cdef object element
        if isinstance(key, slice):
            return self._dataset_slice(key)
        need_classes()
        if type(key) is not tag_class:
            try:
                key = make_tag(key)
            except Exception as exc:
                raise KeyError(f"'{key}'") from exc
        element = self.lookup(<uint32_t>key)
        if element is None:
            raise KeyError(key)
        return element

    def __setitem__(self, key, element):
        cdef uint32_t tag
        cdef object elem_tag, creator
        if isinstance(key, slice):
            raise NotImplementedError("Slicing is not supported when setting Dataset items")
        need_classes()
        if type(key) is not tag_class:
            try:
                key = make_tag(key)
            except Exception as exc:
                raise ValueError(f"Unable to convert the key '{key}' to an element tag") from exc
        if not isinstance(element, (element_class, raw_class)):
            raise TypeError("Dataset items must be 'DataElement' instances")
        elem_tag = element.tag
        if not isinstance(elem_tag, tag_class):
            elem_tag = make_tag(elem_tag)
        if key != elem_tag:
            raise ValueError(f"The key '{key}' doesn't match the 'DataElement' tag '{elem_tag}'")
        tag = <uint32_t>elem_tag
        if tag & 0x10000 and tag & 0xFF00:
            # PS3.5 §7.8.1: (gggg,00bb) reserves the block that (gggg,bbxx) is in
            creator = self.lookup((tag & 0xFFFF0000) | ((tag >> 8) & 0xFF))
            if creator is not None:
                if not isinstance(element, ElementCore):
                    from pydcm.dataelem import convert_raw_data_element
                    element = convert_raw_data_element(element, encoding=self._character_set, ds=self)
                element.private_creator = creator.value
        self.forget_pixels(tag)
        self.store(tag, elem_tag, element)
        if element.VR == "SQ" and isinstance(element, ElementCore):
            value = (<ElementCore>element)._val
            if not isinstance(value, sequence_class):
                element.value = value = sequence_class(value)
            value._adopted_by(self)
            self._set_pixel_representation(element)

    def __delitem__(self, key):
        if isinstance(key, slice):
            for tag in self._slice_dataset(key.start, key.stop, key.step):
                self.remove(<uint32_t>tag)
            return
        need_classes()
        if type(key) is not tag_class:
            key = make_tag(key)
        if not self.remove(<uint32_t>key):
            raise KeyError(key)

    def __contains__(self, name):
        need_classes()
        if type(name) is tag_class:
            return self.has(<uint32_t>name)
        try:
            tag = make_tag(name)
        except Exception as exc:
            return self._invalid_key(name, exc)
        return self.has(<uint32_t>tag)

    def __len__(self):
        self.ensure_index()
        return self.n_index + (len(self._extra) if self._extra is not None else 0)

    def __bool__(self):
        return len(self) > 0

    def __iter__(self):
        cdef TagIterator iterator = TagIterator.__new__(TagIterator)
        cdef Py_ssize_t i
        cdef list tags
        self.ensure_index()
        need_classes()
        iterator.dataset = self
        if not self._extra:
            iterator.n = self.n_index
            iterator.tags = <uint32_t*>malloc((self.n_index + 1) * sizeof(uint32_t))
            if iterator.tags == NULL:
                raise MemoryError
            for i in range(self.n_index):
                iterator.tags[i] = self.table.rows[self._index[i]].tag
            return iterator
        tags = self.sorted_tags()
        iterator.tags = <uint32_t*>malloc((len(tags) + 1) * sizeof(uint32_t))
        if iterator.tags == NULL:
            raise MemoryError
        iterator.n = len(tags)
        for i in range(iterator.n):
            iterator.tags[i] = <uint32_t>tags[i]
        return iterator

    def get(self, key, default=None):
        """Return the value for a keyword or attribute name, or the element for a tag; `default` if there is none.

        Parameters
        ----------
        key : str or int or tuple of int
            A keyword gives the element's value, a tag the :class:`~pydcm.dataelem.DataElement`.
        default : Any, optional
            Returned when there is no such element.
        """
        if isinstance(key, str):
            try:
                return getattr(self, key)
            except AttributeError:
                return default
        need_classes()
        try:
            key = make_tag(key)
        except Exception as exc:
            raise TypeError("Dataset.get key must be a string or tag") from exc
        try:
            return self[key]
        except KeyError:
            return default

    def get_item(self, key, *, bint keep_deferred=False):
        """Return the element as it is held: a RawDataElement until it was first used.

        Parameters
        ----------
        key : int or tuple of int or str or slice
            The tag, keyword or range of tags.
        keep_deferred : bool, optional
            ``True`` to get a deferred element without its value (``None``) instead of reading it now.
        """
        if isinstance(key, slice):
            return self._dataset_slice(key)
        need_classes()
        element = self.stored(<uint32_t>make_tag(key))
        if element is not None and not keep_deferred and element.is_raw and element.value is None:
            return self[key]
        return element

    def keys(self):
        """Return the tags."""
        return self._as_dict(False).keys()

    def values(self):
        """Return the elements as they are held, see :meth:`get_item`."""
        return self._as_dict(True).values()

    def items(self):
        """Return (tag, element) pairs, the elements as they are held, see :meth:`get_item`."""
        return self._as_dict(True).items()

    def _as_dict(self, bint with_elements):
        """Return a new dict of what is held, rows first; without elements the values are None."""
        cdef dict content = {}
        cdef Py_ssize_t i
        self.ensure_index()
        need_classes()
        for i in range(self.n_index):
            tag = self.table.rows[self._index[i]].tag
            content[tag_object(tag)] = self.stored(tag) if with_elements else None
        if self._extra is not None:
            content.update(self._extra)
        return content

    def pop(self, key, *args):
        """Remove an element and return it as it is held; the default (or KeyError) if there is none."""
        need_classes()
        try:
            tag = make_tag(key)
        except Exception:
            tag = None
        element = None if tag is None else self.stored(<uint32_t>tag)
        if element is None:
            if args:
                return args[0]
            raise KeyError(key if tag is None else tag)
        self.remove(<uint32_t>tag)
        return element

    def popitem(self):
        """Remove the last element and return (tag, element)."""
        self.ensure_index()
        if self._extra:
            tag = next(reversed(self._extra))
        elif self.n_index:
            tag = tag_object(self.table.rows[self._index[self.n_index - 1]].tag)
        else:
            raise KeyError("popitem(): the data set is empty")
        return tag, self.pop(tag)

    def clear(self):
        """Remove all elements."""
        self.encodings()
        self._drop_rows()
        self._extra = None
        self._private_blocks = None
        self._pixel_array = None
        self._pixel_ids = None

    def update(self, d):
        """Set elements from a mapping: keywords to values, tags to elements."""
        need_classes()
        for key, value in list(d.items()):
            if isinstance(key, str):
                setattr(self, key, value)
            else:
                self[make_tag(key)] = value

    def _drop_rows(self):
        """Leave only the elements that were added by hand."""
        cdef Py_ssize_t i
        self.ensure_index()
        if self._objects != NULL:
            for i in range(self.n_index):
                Py_XDECREF(self._objects[i])
            free(self._objects)
            self._objects = NULL
        self.n_index = 0
        self.touched = True

    @property
    def _dict(self):
        """Elements as a plain dict that this data set lives in from now on."""
        cdef dict content
        if self.n_index or not self.indexed or self._extra is None:
            content = self._as_dict(True)
            self.encodings()
            self._drop_rows()
            self._extra = content
        return self._extra

    @_dict.setter
    def _dict(self, content):
        self._drop_rows()
        self._take_elements(content)

    # ---- attributes ----------------------------------------------------------------------------------------------
    def __getattr__(self, name):
        cdef PyObject* found
        need_classes()
        found = PyDict_GetItem(keywords, name)
        if found != NULL:
            element = self.lookup(<uint32_t><object>found)
            if element is not None:
                return element.value
        # Raises; if it was the code of a property that failed, then with the message of that failure.
        return PyObject_GenericGetAttr(self, name)

    def __setattr__(self, name, value):
        cdef PyObject* found
        if name.islower() or name[0] == "_" or name.startswith("is_"):
            if name == "file_meta":
                self._set_file_meta(value)
            else:
                generic_setattr(self, name, <PyObject*>value)
            return
        need_classes()
        found = PyDict_GetItem(keywords, name)
        if found == NULL:
            self._set_other_attribute(name, value)
            return
        tag = <object>found
        element = self.lookup(<uint32_t>tag)
        tag = tag_object(tag)
        if element is None:
            from pydcm.datadict import dictionary_VR
            element = element_class(tag, dictionary_VR(tag), value)
        else:
            element.value = value
        self[tag] = element

    def __delattr__(self, name):
        cdef PyObject* found
        need_classes()
        found = PyDict_GetItem(keywords, name)
        if found != NULL and self.remove(<uint32_t><object>found):
            return
        generic_setattr(self, name, NULL)

    # ---- what was read -------------------------------------------------------------------------------------------
    @property
    def _parent_encoding(self):
        if self._parent_enc is None:
            from pydcm.charset import default_encoding
            return default_encoding
        return self._parent_enc

    @_parent_encoding.setter
    def _parent_encoding(self, encoding):
        self._parent_enc = encoding

    @property
    def _read_charset(self):
        if self.table is None and self._charset is None:
            return ""
        return self.encodings()

    @_read_charset.setter
    def _read_charset(self, encoding):
        self._charset = encoding

    @property
    def _pixel_id(self):
        return {} if self._pixel_ids is None else self._pixel_ids

    @_pixel_id.setter
    def _pixel_id(self, ids):
        self._pixel_ids = ids

    @property
    def _pixel_rep(self):
        if self.is_item:
            self.with_pixel_rep()     # its own one is nearer than the one handed down
        if self._rep < 0:
            raise AttributeError("_pixel_rep")
        return int(self._rep)

    @_pixel_rep.setter
    def _pixel_rep(self, value):
        self._rep = <int8_t>value

    def _set_pixel_representation(self, element):
        """Hand the nearest Pixel Representation down to the items of a sequence (for VRs that depend on it)."""
        cdef DatasetCore item
        self.with_pixel_rep()
        if element.VR != "SQ":
            return
        for core in element.value:
            item = <DatasetCore?>core
            if item.has(PIXEL_REPRESENTATION) and item.with_pixel_rep()._rep >= 0:
                continue
            if self._rep >= 0:
                item._rep = self._rep

    @property
    def is_undefined_length_sequence_item(self):
        """``True`` if this is an item that was read with undefined length, or is to be written so."""
        if self._undefined_item is None:
            return self.is_item and (self.table.rows[self.item_row].flags & UNDEFINED) != 0
        return self._undefined_item

    @is_undefined_length_sequence_item.setter
    def is_undefined_length_sequence_item(self, undefined):
        self._undefined_item = bool(undefined)
        self.touched = True

    @property
    def file_tell(self):
        """Where the item starts in the file (the offset of its item tag)."""
        return self._item_tell()

    @file_tell.setter
    def file_tell(self, position):
        self._tell = position

    @property
    def seq_item_tell(self):
        """Where the item starts in the file (the offset of its item tag)."""
        return self._item_tell()

    @seq_item_tell.setter
    def seq_item_tell(self, position):
        self._tell = position

    def _item_tell(self):
        if self._tell is not None:
            return self._tell
        if not self.is_item:
            raise AttributeError(f"'{type(self).__name__}' object has no attribute 'seq_item_tell'")
        return self.table.rows[self.item_row].file_offset - 8

    def _row_location(self, key):
        """Return (tag, VR or None, offset of the value in the file, length as stored, bytes of header, deferred?)
        of an element as it was read; None if it was not read."""
        cdef Py_ssize_t i
        cdef Row* row
        need_classes()
        self.ensure_index()
        i = self.find(<uint32_t>make_tag(key))
        if i < 0:
            return None
        row = &self.table.rows[self._index[i]]
        if self._objects != NULL and self._objects[i] != NULL:
            if not isinstance(<object>self._objects[i], ElementCore):
                return None
            if (<ElementCore><object>self._objects[i]).table is not self.table and not (row.flags & DEFERRED):
                return None
        return (tag_object(row.tag), vr_string(row.vr), row.file_offset, row.length, row.header,
                (row.flags & DEFERRED) != 0)

    def _buffer(self, key):
        """Return a read-only memoryview of an untouched element's encoded value (no copy); None if there is none."""
        cdef Py_ssize_t i
        cdef Row* row
        need_classes()
        self.ensure_index()
        i = self.find(<uint32_t>make_tag(key))
        if i < 0:
            return None
        row = &self.table.rows[self._index[i]]
        if row.flags & DEFERRED:
            return None
        if self._objects != NULL and self._objects[i] != NULL:
            if not isinstance(<object>self._objects[i], ElementCore):
                return None
            if not (<ElementCore><object>self._objects[i]).is_unchanged():
                return None
        return memoryview(self.table.owner).cast("B")[row.offset:row.offset + row.nbytes].toreadonly()

    # ---- copies --------------------------------------------------------------------------------------------------
    def _is_unchanged(self):
        """Is nothing in this data set, its items included, changed since it was read?"""
        return is_unchanged_deep(self)

    def _take_over(self, DatasetCore other):
        """Take over the content of `other`: its rows and the very same element objects."""
        self._copy_rows(other, None)

    def _take_elements(self, dict content):
        """Live in `content`, a dict of BaseTag to element."""
        self._extra = content
        self.indexed = True
        self.touched = True

    def _copy_rows(self, DatasetCore other, copy_element):
        """Become a copy of `other`; its elements go through `copy_element` when that is given."""
        cdef Py_ssize_t i
        other.ensure_index()
        self.table = other.table
        self.first = other.first
        self.last = other.last
        self.indexed = True
        self.n_index = 0
        self.touched = other.touched
        self._rep = other._rep
        self.is_item = other.is_item
        self.item_row = other.item_row
        self._parent_enc = other._parent_enc
        self._charset = other._charset
        self._read_implicit = other._read_implicit
        self._read_little = other._read_little
        self._undefined_item = other._undefined_item
        self._tell = other._tell
        if other.n_index:
            self._index = <uint32_t*>malloc(other.n_index * sizeof(uint32_t))
            if self._index == NULL:
                raise MemoryError
            for i in range(other.n_index):
                self._index[i] = other._index[i]
            self.n_index = other.n_index
            if other._objects != NULL:
                self.need_objects()
                for i in range(other.n_index):
                    if other._objects[i] == NULL:
                        continue
                    element = <object>other._objects[i]
                    if copy_element is not None:
                        element = copy_element(element)
                    Py_INCREF(element)
                    self._objects[i] = <PyObject*>element
        if other._extra is not None:
            if copy_element is None:
                self._extra = dict(other._extra)
            else:
                self._extra = {tag: copy_element(element) for tag, element in other._extra.items()}

    def _forget_elements(self):
        """Become empty again, as if nothing had been set."""
        self.indexed = False
        self._extra = None
        self.touched = False

    def _set_plain_attribute(self, name, value):
        """Set an attribute of the Python object, whatever its name."""
        generic_setattr(self, name, <PyObject*>value)
