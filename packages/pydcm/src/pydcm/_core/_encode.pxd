from libc.stdint cimport uint16_t
from pydcm._core._outbuffer cimport OutBuffer
from pydcm._core._personname cimport PersonNameCore
from pydcm._core._valuetypes cimport DSfloat

cdef class Charset:
    """The Specific Character Set in force, as given and, once asked for, as Python codecs."""
    cdef readonly object names
    cdef object _codecs
    cdef int kind

    cdef list codecs(self)
    cdef int how(self) except -1

cdef class ValueEncoder(OutBuffer):
    cdef bint implicit

    cdef int put_value(self, object elem, uint16_t vr, int kind, object value, Charset charset) except -1
    cdef int put_in_python(self, object elem, uint16_t vr, Charset charset) except -1
    cdef bint put_string(self, int kind, object value, Charset charset) except? True
    cdef bint put_text(self, object text, Charset charset) except? True
    cdef bint put_encoded(self, object text, Charset charset) except? True
    cdef bint put_latin(self, object text) except? True
    cdef bint put_name(self, PersonNameCore name, Charset charset) except? True
    cdef bint put_number(self, uint16_t vr, object value) except? True
    cdef bint put_number_string(self, object value) except? True

cdef bint is_empty(object elem, object value) except? True
