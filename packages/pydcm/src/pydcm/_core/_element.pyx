"""The compiled part of DataElement: its fields, and what remembers whether they still are what was read."""
from cpython.ref cimport Py_INCREF, Py_XDECREF, PyObject
from libc.stdint cimport uint32_t

from pydcm._core._multival cimport ListCore
from pydcm._core._scan cimport Row, Table
from pydcm._core._valuetypes cimport value_touched

cdef extern from *:
    """
    static CYTHON_INLINE PyObject *pydcm_new_of(PyTypeObject *cls, PyObject *no_args) {
        return cls->tp_new(cls, no_args, NULL);
    }
    """
    object pydcm_new_of(type cls, tuple no_args)

cdef enum:
    SLOTS = 16384

cdef tuple NO_ARGS = ()
cdef type element_class = None
cdef object intern_tag = None
cdef object same_numbers = None    # imported late: that module is built on this one
cdef PyObject* TAGS[SLOTS]         # the BaseTag last made for each slot
cdef uint32_t TAG_VALUES[SLOTS]


cdef object tag_object(uint32_t tag):
    """Return the shared BaseTag of `tag`."""
    global intern_tag
    cdef uint32_t slot = ((tag * <uint32_t>0x9E3779B1) >> 18) & (SLOTS - 1)
    if TAGS[slot] != NULL and TAG_VALUES[slot] == tag:
        return <object>TAGS[slot]
    if intern_tag is None:
        from pydcm.tag import intern_tag as function
        intern_tag = function
    made = intern_tag(tag)
    Py_INCREF(made)
    Py_XDECREF(TAGS[slot])
    TAGS[slot] = <PyObject*>made
    TAG_VALUES[slot] = tag
    return made


cdef ElementCore make_element(object tag, object vr, object value, Table table, uint32_t row):
    """Return a DataElement around an already converted value, without running its constructor."""
    global element_class
    cdef ElementCore element
    if element_class is None:
        from pydcm.dataelem import DataElement
        element_class = DataElement
    element = <ElementCore>pydcm_new_of(element_class, NO_ARGS)
    element._tag = tag
    element._vr = vr
    element._val = value
    element.table = table
    element.row = row
    return element


cdef class ElementCore:
    """Fields of a data element.

    `touched` is set by every assignment to the tag, VR or value. What was read and not touched since is copied by the
    writer from the bytes it came from.
    """

    @property
    def tag(self):
        return self._tag

    @tag.setter
    def tag(self, tag):
        self._tag = tag
        self.touched = True

    @property
    def VR(self):
        return self._vr

    @VR.setter
    def VR(self, vr):
        self._vr = vr
        self.touched = True

    @property
    def value(self):
        return self._val

    @value.setter
    def value(self, value):
        self._val = self._accept(value)
        self.touched = True

    @property
    def _value(self):
        return self._val

    @_value.setter
    def _value(self, value):
        self._val = value
        self.touched = True

    @property
    def file_tell(self):
        if self.table is not None:
            return self.table.rows[self.row].file_offset
        return self._file_tell

    @file_tell.setter
    def file_tell(self, position):
        if self.table is not None:
            self._detach()
        self._file_tell = position

    @property
    def is_undefined_length(self):
        return bool(self._undefined)

    @is_undefined_length.setter
    def is_undefined_length(self, undefined):
        self._undefined = bool(undefined)
        self.touched = True

    @property
    def validation_mode(self):
        if self._mode is None:
            from pydcm.config import settings
            return settings.reading_validation_mode
        return self._mode

    @validation_mode.setter
    def validation_mode(self, mode):
        self._mode = mode

    cdef int _detach(self) except -1:
        """Forget the source bytes."""
        self._file_tell = self.table.rows[self.row].file_offset
        self.table = None
        self.touched = True
        return 0

    cdef bint is_unchanged(self):
        """Is this element, apart from the items of a sequence, still exactly its row?"""
        cdef object value = self._val
        if self.touched or self.table is None:
            return False
        if isinstance(value, ListCore) and self._vr == "SQ":
            return not (<ListCore>value).touched
        if type(value) is list:
            return self.holds_same_numbers()
        if isinstance(value, (list, bytearray)) or type(value).__module__ == "numpy":
            return False      # an array can be changed without our knowing
        return not value_touched(value)

    cdef bint holds_same_numbers(self):
        global same_numbers
        if same_numbers is None:
            from pydcm._core._value import same_numbers as function
            same_numbers = function
        return same_numbers(self.table, self.row, self._vr, self._val)

    def _is_unchanged(self):
        """Is this element, apart from the items of a sequence, still exactly what was read?"""
        return self.is_unchanged()

    def _source(self):
        """Return (buffer, offset in it, number of bytes, offset in the file, little endian?) or None if not read."""
        cdef Row* row
        if self.table is None:
            return None
        row = &self.table.rows[self.row]
        return self.table.owner, row.offset, row.nbytes, row.file_offset, bool(self.table.little_endian)

    def _fields(self):
        """Return the state to pickle or copy."""
        return {
            "tag": self._tag, "VR": self._vr, "_value": self._val, "file_tell": self.file_tell,
            "private_creator": self.private_creator, "_mode": self._mode,
            "is_undefined_length": bool(self._undefined),
        }

    def _set_fields(self, dict fields):
        """Take over what `_fields` gave."""
        self._tag = fields["tag"]
        self._vr = fields["VR"]
        self._val = fields["_value"]
        self.table = None
        self._file_tell = fields["file_tell"]
        self.private_creator = fields["private_creator"]
        self._mode = fields["_mode"]
        self._undefined = fields["is_undefined_length"]
        self.touched = True

    def _copy_fields(self, ElementCore other, object value):
        """Become a copy of `other` with `value` in place of its value; the source bytes stay shared if it is unchanged."""
        self._tag = other._tag
        self._vr = other._vr
        self._val = value
        self.table = other.table
        self.row = other.row
        self._file_tell = other._file_tell
        self.private_creator = other.private_creator
        self._mode = other._mode
        self._undefined = other._undefined
        self.touched = other.touched
