"""Value classes at C speed: what a converted DS, IS or PN value is."""
from cpython.ref cimport PyObject
from libc.stdint cimport int64_t

from pydcm._core._textvalues cimport (
    count_values, is_clean, is_plain_ascii, parse_decimal, parse_ds_array, parse_integer, parse_is_array,
)


cdef class DSfloat(float):
    # No method of C kind here: an instance made by ``tp_alloc`` alone has no table of them.
    # The text as stored: up to 16 characters lie in the object itself, longer ones in `_long`. -1: there is no text.
    cdef char _text[16]
    cdef signed char _n
    cdef unsigned char _auto_format
    cdef readonly unsigned char touched
    cdef PyObject* _long          # a str, owned


cdef class PersonNameCore:
    cdef object _original
    cdef tuple _components
    cdef object _encodings
    cdef public object validation_mode
    cdef readonly bint touched

    cdef tuple _get_components(self)
    cdef str _joined(self)


cdef str text_of(DSfloat value)
cdef object make_dsfloat(double value, const unsigned char* text, Py_ssize_t n)
cdef object make_is(int64_t value, const unsigned char* text, Py_ssize_t n)
cdef object make_person_name(bytes raw, object encodings, object validation_mode)
cdef list ds_list(const unsigned char* text, Py_ssize_t n, bint any_length)
cdef list is_list(const unsigned char* text, Py_ssize_t n)
cdef bint value_touched(object value)
