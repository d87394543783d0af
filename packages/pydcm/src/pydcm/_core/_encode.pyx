"""Values of data elements to bytes (PS3.5 §6.2).

The usual values are formatted in C. Anything unusual goes to the functions of ``_io/_value_writers.py``, which also word
the errors.
"""
from cpython.bytes cimport PyBytes_AS_STRING
from cpython.float cimport PyFloat_AS_DOUBLE
from cpython.mem cimport PyMem_Free
from libc.math cimport isinf
from libc.stdint cimport int64_t, uint16_t, uint32_t, uint64_t
from libc.string cimport memcpy, strlen

from pydcm._core._kinds cimport BYTES, DIGITS, NAME, NUMBER, SIZE, TAGS, TEXT, kind_of, store
from pydcm._core._multival cimport ListCore
from pydcm._core._scan cimport vr_string
from pydcm._core._textvalues cimport is_plain_ascii
from pydcm._core._vr cimport *

cdef extern from "Python.h":
    bint PyUnicode_Check(object text)
    bint PyUnicode_IS_COMPACT_ASCII(object text)
    int PyUnicode_KIND(object text)
    int PyUnicode_1BYTE_KIND
    const unsigned char* PyUnicode_1BYTE_DATA(object text)
    Py_ssize_t PyUnicode_GET_LENGTH(object text)
    const char* PyUnicode_AsUTF8AndSize(object text, Py_ssize_t* size) except NULL
    int64_t PyLong_AsLongLongAndOverflow(object number, int* overflow) except? -1
    bint PyFloat_Check(object number)
    bint PyFloat_CheckExact(object number)
    bint PyLong_Check(object number)
    bint PyLong_CheckExact(object number)
    char* PyOS_double_to_string(double number, char format, int precision, int flags, int* kind) except NULL
    int Py_DTSF_ADD_DOT_0


cdef class Charset:
    """The Specific Character Set that holds for a data set.

    Parameters
    ----------
    names : str or list of str
        DICOM's or Python's names of the character sets.
    """

    def __init__(self, names):
        self.names = names

    cdef list codecs(self):
        """Return the Python codecs, found out with the first text that needs them."""
        if self._codecs is None:
            from pydcm.charset import convert_encodings
            names = self.names
            if isinstance(names, ListCore) or isinstance(names, tuple):
                names = list(names)
            self._codecs = list(convert_encodings(names or "iso8859"))
        return self._codecs

    cdef int how(self) except -1:
        """1: ASCII text is its own encoding, 2: Latin-1 text too, 3: all text is encoded as UTF-8, 4: ask the codec."""
        cdef str first
        if self.kind == 0:
            first = self.codecs()[0].lower().replace("-", "_")
            if first in ("utf8", "utf_8"):
                self.kind = 3
            elif first in ("iso8859", "latin_1", "latin1", "iso8859_1", "iso_8859_1"):
                self.kind = 2
            elif first.startswith(("iso8859", "iso_ir_", "gb", "euc_kr", "shift_jis")) and first != "iso_ir_58":
                self.kind = 1
            else:
                self.kind = 4
        return self.kind


cdef bint is_empty(object elem, object value) except? True:
    """`elem.is_empty` without asking the element for the usual kinds of values."""
    if value is None:
        return True
    if isinstance(value, str):
        return not <str>value
    if isinstance(value, bytes):
        return not <bytes>value
    if isinstance(value, ListCore):
        return not (<ListCore>value)._list
    if PyLong_Check(value) or PyFloat_Check(value):
        return False
    return elem.is_empty


cdef class ValueEncoder(OutBuffer):
    """A buffer that knows how to encode the value of an element.

    Parameters
    ----------
    implicit : bool
        Implicit or explicit VR.
    little : bool
        Little or big endian.
    """

    def __init__(self, bint implicit, bint little):
        self.implicit = implicit
        self.little = little

    cdef int put_value(self, object elem, uint16_t vr, int kind, object value, Charset charset) except -1:
        """Put the value of `elem`, which is not empty, and make its length even."""
        cdef uint64_t start = self.used, outside = self.outside
        cdef bint done = True
        cdef bint first = True
        cdef object item
        cdef list values

        if kind & BYTES:
            if elem.is_buffered:
                return self.put_buffered(value)
            if not isinstance(value, bytes):
                return self.put_in_python(elem, vr, charset)
            self.put_object(value, True)
        elif isinstance(value, (list, ListCore)):
            values = (<ListCore>value)._list if isinstance(value, ListCore) else value
            if kind & NUMBER and vr != VR_SS:
                # SS: the first value of a look-up table descriptor is unsigned, which the Python function knows.
                for item in values:
                    if not self.put_number(vr, item):
                        done = False
                        break
            elif kind & NUMBER or kind & TAGS:
                done = False
            else:
                for item in values:
                    if not first:
                        self.room(1)[0] = c"\\"
                        self.used += 1
                    first = False
                    if not self.put_string(kind, item, charset):
                        done = False
                        break
        elif kind & NUMBER:
            done = self.put_number(vr, value)
        elif kind & TAGS:
            done = False
        else:
            done = self.put_string(kind, value, charset)
        if not done:
            self.used = start
            return self.put_in_python(elem, vr, charset)
        if (self.used - start + self.outside - outside) % 2 and vr != VR_UN:
            self.room(1)[0] = 0 if vr == VR_UI or kind & BYTES else c" "
            self.used += 1
        return 0

    cdef int put_in_python(self, object elem, uint16_t vr, Charset charset) except -1:
        """Put the value by the complete function for its VR."""
        from pydcm._io._value_writers import writers
        from pydcm.filebase import DicomBytesIO
        cdef object buffer = DicomBytesIO()
        cdef object function, form
        buffer.is_little_endian = bool(self.little)
        buffer.is_implicit_VR = bool(self.implicit)
        function, form = writers[elem.VR if vr == 0 else vr_string(vr)]
        if kind_of(vr) & (TEXT | NAME):
            function(buffer, elem, encodings=charset.codecs())
        elif form is not None:
            function(buffer, elem, form)
        else:
            function(buffer, elem)
        return self.put_object(buffer.getvalue(), False)

    cdef bint put_string(self, int kind, object value, Charset charset) except? True:
        """Put one value of a VR that is stored as text; False if that is beyond the means here."""
        if kind & TEXT:
            return PyUnicode_Check(value) and self.put_text(value, charset)
        if kind & NAME:
            return isinstance(value, PersonNameCore) and self.put_name(<PersonNameCore>value, charset)
        if kind & DIGITS:
            return self.put_number_string(value)
        return PyUnicode_Check(value) and self.put_latin(value)

    cdef bint put_text(self, object text, Charset charset) except? True:
        cdef Py_ssize_t n
        cdef const char* utf8
        cdef int how = charset.how()
        if PyUnicode_IS_COMPACT_ASCII(text):
            if how == 4:
                return self.put_encoded(text, charset)
            self.put(PyUnicode_1BYTE_DATA(text), PyUnicode_GET_LENGTH(text))
            return True
        if how == 3:
            try:
                utf8 = PyUnicode_AsUTF8AndSize(text, &n)
            except UnicodeEncodeError:
                return False
            self.put(<const unsigned char*>utf8, n)
            return True
        if how == 2:
            return self.put_latin(text) or self.put_encoded(text, charset)
        return self.put_encoded(text, charset)

    cdef bint put_encoded(self, object text, Charset charset) except? True:
        from pydcm.charset import encode_string
        self.put_object(encode_string(text, charset.codecs()), False)
        return True

    cdef bint put_latin(self, object text) except? True:
        """Put text whose characters are all in ISO 8859-1; False if one is not."""
        if PyUnicode_KIND(text) != PyUnicode_1BYTE_KIND:
            return False
        self.put(PyUnicode_1BYTE_DATA(text), PyUnicode_GET_LENGTH(text))
        return True

    cdef bint put_name(self, PersonNameCore name, Charset charset) except? True:
        cdef bytes original
        if charset.how() != 4 and type(name._original) is bytes:
            original = <bytes>name._original
            if is_plain_ascii(<const unsigned char*>PyBytes_AS_STRING(original), len(original)):
                self.put(<const unsigned char*>PyBytes_AS_STRING(original), len(original))
                return True
        self.put_object(name.encode(charset.codecs()), False)
        return True

    cdef bint put_number(self, uint16_t vr, object value) except? True:
        """Put one binary number if it is one of the plain types and fits; the complaints are the Python function's."""
        cdef int overflow = 0
        cdef int64_t number = 0
        cdef uint64_t bits
        cdef double real
        cdef float single
        cdef uint32_t word
        cdef int size = kind_of(vr) & SIZE
        cdef unsigned char* p
        if vr == VR_FD or vr == VR_FL:
            if PyFloat_Check(value):
                real = PyFloat_AS_DOUBLE(value)
            elif PyLong_CheckExact(value):
                number = PyLong_AsLongLongAndOverflow(value, &overflow)
                if overflow or number > 9007199254740992 or number < -9007199254740992:
                    return False
                real = <double>number
            else:
                return False
            if vr == VR_FD:
                memcpy(&bits, &real, 8)
            else:
                single = <float>real
                if isinf(single) and not isinf(real):
                    return False
                memcpy(&word, &single, 4)
                bits = word
        else:
            if not PyLong_Check(value):
                return False
            if vr == VR_UV:
                return False
            number = PyLong_AsLongLongAndOverflow(value, &overflow)
            if overflow:
                return False
            if vr == VR_US:
                if number < 0 or number > 0xFFFF:
                    return False
            elif vr == VR_UL:
                if number < 0 or number > 0xFFFFFFFF:
                    return False
            elif vr == VR_SS:
                if number < -0x8000 or number > 0x7FFF:
                    return False
            elif vr == VR_SL:
                if number < -0x80000000 or number > 0x7FFFFFFF:
                    return False
            bits = <uint64_t>number
        p = self.room(size)
        store(p, bits, size, self.little)
        self.used += size
        return True

    cdef bint put_number_string(self, object value) except? True:
        """Put one number of a DS or IS as text: the text it was made from if it has one."""
        cdef DSfloat decimal
        cdef char* text
        cdef Py_ssize_t n
        if isinstance(value, DSfloat):
            decimal = <DSfloat>value
            if decimal._long != NULL:
                return self.put_latin(<object>decimal._long)
            if decimal._n >= 0:
                self.put(<const unsigned char*>decimal._text, decimal._n)
                return True
        elif PyUnicode_Check(value):
            # A blank one is kept as it is.
            return self.put_latin(value)
        elif not PyFloat_CheckExact(value):
            # An IS among others, which gives its text as str()
            return PyLong_Check(value) and self.put_latin(str(value))
        text = PyOS_double_to_string(PyFloat_AS_DOUBLE(value), c"r", 0, Py_DTSF_ADD_DOT_0, NULL)
        try:
            self.put(<const unsigned char*>text, strlen(text))
        finally:
            PyMem_Free(text)
        return True
