"""Clean standard values from encoded bytes, without a detour through Python.

`convert_row` takes what is plainly right: a VR it knows, text that needs no character set, numbers that fill their bytes.
Everything else is FALLBACK: the caller then goes the complete way (`hooks`, `values`), which knows every exception.
"""
from cpython.bytes cimport PyBytes_FromStringAndSize
from cpython.unicode cimport PyUnicode_DecodeASCII, PyUnicode_DecodeLatin1
from libc.stdint cimport int16_t, int32_t, int64_t, uint8_t, uint16_t, uint32_t, uint64_t
from libc.string cimport memchr, memcpy

from pydcm._core._element cimport tag_object
from pydcm._core._multival cimport make_multivalue
from pydcm._core._scan cimport Row, Table
from pydcm._core._textvalues cimport is_clean, is_plain_ascii
from pydcm._core._valuetypes cimport ds_list, is_list, make_person_name
from pydcm._core._vr cimport *

cdef extern from *:
    """
    static CYTHON_INLINE PyObject *pydcm_new_str_of(PyTypeObject *cls, PyObject *args) {
        return PyUnicode_Type.tp_new(cls, args, NULL);
    }
    """
    object pydcm_new_str_of(type cls, tuple args)

cdef enum:
    SPACE = 0x20
    BACKSLASH = 0x5C

cdef object FALLBACK = object()
cdef dict config_names = None
cdef object generation = None
cdef bint enabled = False
cdef object reading_mode = None
cdef bint raising = False
cdef type uid_class = None
cdef type tag_class = None
cdef object ds_class = None
cdef object is_class = None
cdef object person_class = None


cdef int refresh() except -1:
    """Read the settings that decide whether plain conversion is what the user wants."""
    global config_names, generation, enabled, reading_mode, raising, uid_class, ds_class, is_class, person_class, tag_class
    from pydcm import config, hooks, tag, uid, valuerep
    config_names = config.__dict__
    generation = config_names["_generation"]
    reading_mode = config.settings.reading_validation_mode
    raising = reading_mode == config.RAISE
    registered = hooks.hooks
    enabled = (
        config.data_element_callback is None
        and not config.use_DS_decimal
        and not config.use_DS_numpy
        and not config.use_IS_numpy
        and not config.datetime_conversion
        and not config.use_none_as_empty_text_VR_value
        and registered.raw_element_vr is hooks.raw_element_vr
        and registered.raw_element_value is hooks.raw_element_value
        and not registered.raw_element_kwargs
    )
    uid_class = uid.UID
    tag_class = tag.BaseTag
    ds_class = valuerep.DSfloat
    is_class = valuerep.IS
    person_class = valuerep.PersonName
    return 0


cdef bint fast_enabled() except -1:
    """Are all settings such that clean values need no Python code?"""
    if config_names is None or config_names["_generation"] is not generation:
        refresh()
    return enabled


cdef inline bint has_backslash(const unsigned char* p, Py_ssize_t n) noexcept nogil:
    return memchr(p, BACKSLASH, n) != NULL


cdef object plain_text(const unsigned char* p, Py_ssize_t n):
    """Values of the default repertoire, split at backslashes; only the very end is stripped."""
    cdef object text
    while n and (p[n - 1] == SPACE or p[n - 1] == 0):
        n -= 1
    text = PyUnicode_DecodeLatin1(<const char*>p, n, NULL)
    if not has_backslash(p, n):
        return text
    return make_multivalue(str, text.split("\\"))


cdef object title_text(const unsigned char* p, Py_ssize_t n):
    """AE: each value stripped on both sides."""
    cdef object text = PyUnicode_DecodeLatin1(<const char*>p, n, NULL)
    if not has_backslash(p, n):
        return text.strip()
    return make_multivalue(str, [part.strip() for part in text.split("\\")])


cdef object encoded_text(const unsigned char* p, Py_ssize_t n, uint16_t vr, bint many):
    """Text whose character set does not matter: ASCII only, each value valid as it stands (padding included)."""
    cdef const unsigned char* end = p + n
    cdef const unsigned char* stop
    cdef const unsigned char* last
    cdef list parts
    if many and has_backslash(p, n):
        parts = []
        while True:
            stop = <const unsigned char*>memchr(p, BACKSLASH, end - p)
            if stop == NULL:
                stop = end
            if not is_clean(vr, p, stop - p):
                return FALLBACK
            last = stop
            while last > p and ((last - 1)[0] == SPACE or (last - 1)[0] == 0):
                last -= 1
            parts.append(PyUnicode_DecodeASCII(<const char*>p, last - p, NULL))
            if stop == end:
                return make_multivalue(str, parts)
            p = stop + 1
    if not is_clean(vr, p, n):
        return FALLBACK
    while n and (p[n - 1] == SPACE or p[n - 1] == 0):
        n -= 1
    return PyUnicode_DecodeASCII(<const char*>p, n, NULL)


cdef object unique_identifiers(const unsigned char* p, Py_ssize_t n):
    cdef const unsigned char* end
    cdef const unsigned char* stop
    cdef list parts
    while n and (p[n - 1] == SPACE or p[n - 1] == 0):
        n -= 1
    if not has_backslash(p, n):
        if not is_clean(VR_UI, p, n):
            return FALLBACK
        return pydcm_new_str_of(uid_class, (PyUnicode_DecodeASCII(<const char*>p, n, NULL),))
    end = p + n
    parts = []
    while True:
        stop = <const unsigned char*>memchr(p, BACKSLASH, end - p)
        if stop == NULL:
            stop = end
        if not is_clean(VR_UI, p, stop - p):
            return FALLBACK
        parts.append(pydcm_new_str_of(uid_class, (PyUnicode_DecodeASCII(<const char*>p, stop - p, NULL),)))
        if stop == end:
            return make_multivalue(uid_class, parts)
        p = stop + 1


cdef object person_names(const unsigned char* p, Py_ssize_t n, object dataset):
    cdef list parts
    cdef bytes raw
    while n and (p[n - 1] == SPACE or p[n - 1] == 0):
        n -= 1
    if not is_plain_ascii(p, n):
        return FALLBACK
    if not has_backslash(p, n):
        if not is_clean(VR_PN, p, n):
            return FALLBACK
        return make_person_name(PyBytes_FromStringAndSize(<const char*>p, n), dataset._read_charset, reading_mode)
    raw = PyBytes_FromStringAndSize(<const char*>p, n)
    parts = []
    for part in raw.split(b"\\"):
        if not is_clean(VR_PN, <const unsigned char*>(<bytes>part), len(<bytes>part)):
            return FALLBACK
        parts.append(make_person_name(part, dataset._read_charset, reading_mode))
    return make_multivalue(person_class, parts)


cdef inline uint64_t load(const unsigned char* p, int size, bint little) noexcept nogil:
    """Return `size` bytes as an unsigned number."""
    cdef uint64_t value = 0
    cdef int i
    if little:
        memcpy(&value, p, size)      # every platform that pydcm is built for is little endian; see swap below otherwise
        return value
    for i in range(size):
        value = (value << 8) | p[i]
    return value


cdef inline object number(const unsigned char* p, uint16_t vr, bint little):
    cdef uint64_t bits
    cdef uint32_t half
    cdef float single
    cdef double wide
    if vr == VR_US:
        return <uint16_t>load(p, 2, little)
    if vr == VR_SS:
        return <int16_t><uint16_t>load(p, 2, little)
    if vr == VR_UL:
        return <uint32_t>load(p, 4, little)
    if vr == VR_SL:
        return <int32_t><uint32_t>load(p, 4, little)
    if vr == VR_FL:
        half = <uint32_t>load(p, 4, little)
        memcpy(&single, &half, 4)
        return single
    bits = load(p, 8, little)
    if vr == VR_FD:
        memcpy(&wide, &bits, 8)
        return wide
    if vr == VR_UV:
        return bits
    return <int64_t>bits


cdef object numbers(const unsigned char* p, Py_ssize_t n, uint16_t vr, bint little):
    cdef int size = 8
    cdef Py_ssize_t i
    cdef list values
    if vr == VR_US or vr == VR_SS:
        size = 2
    elif vr == VR_UL or vr == VR_SL or vr == VR_FL:
        size = 4
    if n == size:
        return number(p, vr, little)
    if n % size or n == 0:
        return FALLBACK
    values = []
    for i in range(0, n, size):
        values.append(number(p + i, vr, little))
    return values


def same_numbers(Table table, uint32_t row_number, str vr, list values):
    """Are `values` still the numbers of a row? Nobody tells when a plain list is changed."""
    cdef Row* row = &table.rows[row_number]
    cdef uint16_t code = <uint16_t>((<int>ord(vr[0]) << 8) | <int>ord(vr[1]))
    cdef object fresh
    cdef Py_ssize_t i
    if code not in (VR_US, VR_SS, VR_UL, VR_SL, VR_FL, VR_FD, VR_UV, VR_SV):
        return False
    fresh = numbers(table.data + row.offset, <Py_ssize_t>row.nbytes, code, table.little_endian)
    if type(fresh) is not list or len(fresh) != len(values):
        return False
    for i in range(len(values)):
        a, b = fresh[i], values[i]
        if type(a) is not type(b) or (a != b and (a == a or b == b)):
            return False
        if a == 0 and str(a) != str(b):
            return False              # 0.0 and -0.0 are two values
    return True


cdef object attribute_tags(const unsigned char* p, Py_ssize_t n, bint little):
    cdef Py_ssize_t i
    cdef list values
    if n % 4 or n == 0:
        return FALLBACK
    if n == 4:
        return tag_object(<uint32_t>(load(p, 2, little) << 16) | <uint32_t>load(p + 2, 2, little))
    values = []
    for i in range(0, n, 4):
        values.append(tag_object(
            <uint32_t>(load(p + i, 2, little) << 16) | <uint32_t>load(p + i + 2, 2, little)
        ))
    from pydcm.tag import Tag
    return make_multivalue(Tag, values)


cdef object decimal_strings(const unsigned char* p, Py_ssize_t n):
    cdef list values
    while n and (p[n - 1] == SPACE or p[n - 1] == 0):
        n -= 1
    values = ds_list(p, n, not raising)
    if values is None:
        return FALLBACK
    return values[0] if len(values) == 1 else make_multivalue(ds_class, values)


cdef object integer_strings(const unsigned char* p, Py_ssize_t n):
    cdef list values
    while n and (p[n - 1] == SPACE or p[n - 1] == 0):
        n -= 1
    values = is_list(p, n)
    if values is None:
        return FALLBACK
    return values[0] if len(values) == 1 else make_multivalue(is_class, values)


cdef object empty_value(uint16_t vr, object dataset):
    if vr == VR_PN:
        return make_person_name(b"", dataset._read_charset, reading_mode)
    if (
        vr == VR_AE or vr == VR_AS or vr == VR_CS or vr == VR_DA or vr == VR_DT or vr == VR_LO or vr == VR_LT
        or vr == VR_SH or vr == VR_ST or vr == VR_TM or vr == VR_UC or vr == VR_UI or vr == VR_UR or vr == VR_UT
    ):
        return ""
    if (
        vr == VR_DS or vr == VR_IS or vr == VR_US or vr == VR_UL or vr == VR_SS or vr == VR_SL or vr == VR_FL
        or vr == VR_FD or vr == VR_UV or vr == VR_SV or vr == VR_OB or vr == VR_OW
    ):
        return None
    return FALLBACK      # may not even be a VR


cdef object convert_row(Table table, Row* row, uint16_t vr, object dataset):
    """Return the converted value of `row`, or FALLBACK when it is not plainly clean."""
    cdef const unsigned char* p = table.data + row.offset
    cdef Py_ssize_t n = <Py_ssize_t>row.nbytes
    if row.length == 0:
        return empty_value(vr, dataset)
    if n == 0:
        return FALLBACK
    if vr == VR_CS or vr == VR_DA or vr == VR_TM or vr == VR_DT or vr == VR_AS:
        return plain_text(p, n)
    if vr == VR_UI:
        return unique_identifiers(p, n)
    if vr == VR_DS:
        return decimal_strings(p, n)
    if vr == VR_IS:
        return integer_strings(p, n)
    if vr == VR_LO or vr == VR_SH or vr == VR_UC:
        return encoded_text(p, n, vr, True)
    if vr == VR_ST or vr == VR_LT or vr == VR_UT:
        return encoded_text(p, n, vr, False)
    if vr == VR_PN:
        return person_names(p, n, dataset)
    if (vr == VR_US or vr == VR_UL or vr == VR_SS or vr == VR_SL or vr == VR_FL or vr == VR_FD
            or vr == VR_UV or vr == VR_SV):
        if vr <= VR_US and 0x00281101 <= row.tag <= 0x00283002:
            return FALLBACK if is_lut_descriptor(row.tag) else numbers(p, n, vr, table.little_endian)
        return numbers(p, n, vr, table.little_endian)
    if vr == VR_OB or vr == VR_OW or vr == VR_OF or vr == VR_OD or vr == VR_OL or vr == VR_OV:
        return table.value_bytes(row)
    if vr == VR_AT:
        return attribute_tags(p, n, table.little_endian)
    if vr == VR_AE:
        return title_text(p, n)
    return FALLBACK


cdef bint is_lut_descriptor(uint32_t tag) noexcept nogil:
    """Descriptors have a first value that must be read as unsigned whatever the VR says (PS3.3 C.11.1.1.1)."""
    return tag == 0x00281101 or tag == 0x00281102 or tag == 0x00281103 or tag == 0x00283002
