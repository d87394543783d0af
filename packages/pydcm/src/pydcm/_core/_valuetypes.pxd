"""Value classes at C speed: what a converted DS or IS value is. Names and checks of text come along."""
from cpython.ref cimport PyObject
from libc.stdint cimport int64_t

from pydcm._core._personname cimport PersonNameCore, make_person_name
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


cdef str text_of(DSfloat value)
cdef object make_dsfloat(double value, const unsigned char* text, Py_ssize_t n)
cdef object make_is(int64_t value, const unsigned char* text, Py_ssize_t n)
cdef list ds_list(const unsigned char* text, Py_ssize_t n, bint any_length)
cdef list is_list(const unsigned char* text, Py_ssize_t n)
cdef bint value_touched(object value)
