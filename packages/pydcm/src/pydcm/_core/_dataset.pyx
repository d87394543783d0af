"""The compiled part of Dataset: the mapping of tags to elements, and their keywords as attributes.

What it holds and how elements come to be is in ``_rows.pyx``.
"""
from cpython.dict cimport PyDict_GetItem
from cpython.long cimport PyLong_CheckExact
from cpython.object cimport PyObject_GenericGetAttr
from cpython.ref cimport Py_INCREF, Py_XDECREF, PyObject
from libc.stdint cimport int8_t, uint16_t, uint32_t
from libc.stdlib cimport free, malloc

from pydcm._core._element cimport ElementCore, tag_object
from pydcm._core._multival cimport ListCore
from pydcm._core._rows cimport ElementRows, TagIterator, implied_vr, is_unchanged_deep
from pydcm._core._scan cimport DEFERRED, UNDEFINED, Row, vr_string

cdef extern from "Python.h":
    int generic_setattr "PyObject_GenericSetAttr"(object self, object name, PyObject* value) except -1
    long long PyLong_AsLongLongAndOverflow(object number, int* overflow)

cdef enum:
    PIXEL_REPRESENTATION = 0x00280103

cdef type sequence_class = None
cdef type element_class = None
cdef type raw_class = None
cdef type tag_class = None
cdef object make_tag = None
cdef object keywords = None     # a dict that tells others of its changes


cdef int load_classes() except -1:
    """Bind the Python classes that this module makes instances of; they are defined on top of it."""
    global sequence_class, element_class, raw_class, tag_class, make_tag, keywords
    from pydcm import datadict, dataelem, sequence, tag
    sequence_class = sequence.Sequence
    element_class = dataelem.DataElement
    raw_class = dataelem.RawDataElement
    tag_class = tag.BaseTag
    keywords = datadict.keyword_dict
    make_tag = tag.Tag
    return 0


cdef inline int need_classes() except -1:
    return load_classes() if make_tag is None else 0


cdef inline object as_tag(object key):
    """Return the BaseTag that `key` names, whatever its form; raises what ``Tag()`` raises."""
    cdef PyObject* found
    cdef long long number
    cdef int overflow = 0
    if type(key) is tag_class:
        return key
    if PyLong_CheckExact(key):
        number = PyLong_AsLongLongAndOverflow(key, &overflow)
        if not overflow and 0 <= number <= 0xFFFFFFFF:
            return tag_object(<uint32_t>number)
    elif type(key) is str:
        found = PyDict_GetItem(keywords, key)
        if found != NULL:
            return tag_object(<uint32_t><object>found)
    return make_tag(key)



cdef object buffer_of(DatasetCore dataset, Row* row):
    view = memoryview(dataset.table.owner)
    if view.format != "B":
        view = view.cast("B")
    return view[row.offset:row.offset + row.nbytes].toreadonly()


cdef class DatasetCore(ElementRows):
    """Mapping of tags to elements over scanned bytes."""

    # ---- keys ----------------------------------------------------------------------------------------------------
    def __getitem__(self, key):
        cdef object element
        if isinstance(key, slice):
            return self._dataset_slice(key)
        need_classes()
        if type(key) is not tag_class:
            try:
                key = as_tag(key)
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
                key = as_tag(key)
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
        key = as_tag(key)
        if not self.remove(<uint32_t>key):
            raise KeyError(key)

    def __contains__(self, name):
        need_classes()
        try:
            tag = as_tag(name)
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
            key = as_tag(key)
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
        element = self.stored(<uint32_t>as_tag(key))
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
            tag = as_tag(key)
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
                self[as_tag(key)] = value

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
        i = self.find(<uint32_t>as_tag(key))
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

    def _values_of(self, tuple tags, tuple order):
        """Return the values of the elements with these BaseTags as a list, None for those that are not there; `order` are the
        positions in `tags` by ascending tag."""
        return self.values_of(tags, order)

    cdef Row* untouched_row(self, object key) except? NULL:
        """Return the row of an element that still is what was read; NULL if there is none."""
        cdef Py_ssize_t i
        cdef Row* row
        need_classes()
        self.ensure_index()
        i = self.find(<uint32_t>as_tag(key))
        if i < 0:
            return NULL
        row = &self.table.rows[self._index[i]]
        if row.flags & DEFERRED:
            return NULL
        if self._objects != NULL and self._objects[i] != NULL:
            if not isinstance(<object>self._objects[i], ElementCore):
                return NULL
            if not (<ElementCore><object>self._objects[i]).is_unchanged():
                return NULL
        return row

    def _buffer(self, key):
        """Return a read-only memoryview of an untouched element's encoded value (no copy); None if there is none."""
        cdef Row* row = self.untouched_row(key)
        return None if row == NULL else buffer_of(self, row)

    def _encoded(self, key):
        """Return (VR, encoded value) of an untouched element whose VR is beyond doubt; None for all others."""
        cdef Row* row = self.untouched_row(key)
        cdef uint16_t vr
        if row == NULL:
            return None
        vr = implied_vr(row)
        return None if vr == 0 else (vr_string(vr), buffer_of(self, row))

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

    def _copy_rows(self, ElementRows other, copy_element):
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

    def _made_items(self):
        """Return the items of the sequences that exist as objects, in no particular order."""
        cdef Py_ssize_t i
        cdef list elements = [] if self._extra is None else list(self._extra.values())
        cdef list items = []
        if self._objects != NULL:
            elements += [<object>self._objects[i] for i in range(self.n_index) if self._objects[i] != NULL]
        for element in elements:
            if isinstance(element, ElementCore) and (<ElementCore>element)._vr == "SQ":
                value = (<ElementCore>element)._val
                if isinstance(value, ListCore):
                    items.extend((<ListCore>value)._list)
        return items

    def _forget_elements(self):
        """Become empty again, as if nothing had been set."""
        self.indexed = False
        self._extra = None
        self.touched = False

    def _set_plain_attribute(self, name, value):
        """Set an attribute of the Python object, whatever its name."""
        generic_setattr(self, name, <PyObject*>value)
