"""JSON as ASCII text, and encoded DICOM values written as such without a Python object in between (PS3.18 §F.2)."""
from json.encoder import encode_basestring_ascii as escape

from libc.math cimport isfinite
from libc.stdint cimport int16_t, int32_t, int64_t, uint16_t, uint32_t, uint64_t
from libc.stdio cimport snprintf
from libc.stdlib cimport free, realloc
from libc.string cimport memchr, memcpy, strlen

from pydcm._core._scan cimport CHILDREN, DEFERRED, UNDEFINED, Row, Table
from pydcm._core._textvalues cimport is_clean, is_plain_ascii, parse_decimal, parse_integer
from pydcm._core._vr cimport *

cdef extern from "Python.h":
    bint PyUnicode_IS_ASCII(object text)
    const unsigned char* PyUnicode_1BYTE_DATA(object text)
    Py_ssize_t PyUnicode_GET_LENGTH(object text)
    char* PyOS_double_to_string(double value, char code, int precision, int flags, int* kind) except NULL
    void PyMem_Free(void* memory)
    int Py_DTSF_ADD_DOT_0

cdef extern from "_vr_table.h" nogil:
    unsigned short pydcm_dictionary_vr(unsigned int tag)

cdef enum:
    SPACE = 0x20
    BACKSLASH = 0x5C
    EXACT_DIGITS = 15

cdef const char* HEX = "0123456789ABCDEF"
cdef const char* LOWER_HEX = "0123456789abcdef"
cdef const char* BASE64 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
cdef (const char*)[3] GROUPS
GROUPS[0] = "Alphabetic"
GROUPS[1] = "Ideographic"
GROUPS[2] = "Phonetic"


cdef class Text:
    """ASCII text that grows."""

    def __dealloc__(self):
        free(self.data)

    cdef char* room(self, Py_ssize_t more) except NULL:
        """Return where the next `more` bytes go; the caller advances `n`."""
        cdef Py_ssize_t capacity
        cdef char* data
        if self.n + more > self.capacity:
            capacity = self.capacity + (self.capacity >> 1) + more + 256
            data = <char*>realloc(self.data, capacity)
            if data == NULL:
                raise MemoryError
            self.data = data
            self.capacity = capacity
        return self.data + self.n

    cdef int add(self, const char* p, Py_ssize_t n) except -1:
        memcpy(self.room(n), p, n)
        self.n += n
        return 0

    cdef int put(self, const char* p) except -1:
        return self.add(p, strlen(p))

    cdef int quoted(self, const unsigned char* p, Py_ssize_t n) except -1:
        """Add ASCII bytes as a JSON string, which takes up to six bytes each."""
        cdef char* out = self.room(6 * n + 2)
        cdef char* start = out
        cdef Py_ssize_t i
        cdef unsigned char c
        out[0] = 0x22
        out += 1
        for i in range(n):
            c = p[i]
            if c >= 0x20 and c < 0x7F and c != 0x22 and c != BACKSLASH:
                out[0] = c
                out += 1
                continue
            out[0] = BACKSLASH
            if c == 0x22 or c == BACKSLASH:
                out[1] = c
            elif c == 0x0A:
                out[1] = 0x6E
            elif c == 0x0D:
                out[1] = 0x72
            elif c == 0x09:
                out[1] = 0x74
            elif c == 0x0C:
                out[1] = 0x66
            elif c == 0x08:
                out[1] = 0x62
            else:
                out[1] = 0x75
                out[2] = 0x30
                out[3] = 0x30
                out[4] = LOWER_HEX[c >> 4]
                out[5] = LOWER_HEX[c & 15]
                out += 4
            out += 2
        out[0] = 0x22
        self.n += out + 1 - start
        return 0

    cdef int string(self, object text) except -1:
        """Add a `str` as a JSON string."""
        if PyUnicode_IS_ASCII(text):
            return self.quoted(PyUnicode_1BYTE_DATA(text), PyUnicode_GET_LENGTH(text))
        return self.ascii(escape(str(text)))

    cdef int ascii(self, object text) except -1:
        """Add a `str` of ASCII characters as it is."""
        return self.add(<const char*>PyUnicode_1BYTE_DATA(text), PyUnicode_GET_LENGTH(text))

    cdef int real(self, double value) except -1:
        cdef char* digits
        if not isfinite(value):
            return self.put("NaN" if value != value else "Infinity" if value > 0 else "-Infinity")
        digits = PyOS_double_to_string(value, c'r', 0, Py_DTSF_ADD_DOT_0, NULL)
        try:
            self.put(digits)
        finally:
            PyMem_Free(digits)
        return 0

    cdef int whole(self, int64_t value) except -1:
        self.n += snprintf(self.room(24), 24, "%lld", <long long>value)
        return 0

    cdef int tag(self, uint32_t tag) except -1:
        """Add a tag as eight hexadecimal digits in quotes."""
        cdef char* out = self.room(10)
        cdef int i
        out[0] = 0x22
        for i in range(8):
            out[1 + i] = HEX[(tag >> (28 - 4 * i)) & 15]
        out[9] = 0x22
        self.n += 10
        return 0

    cdef int base64(self, const unsigned char* p, Py_ssize_t n) except -1:
        cdef char* out = self.room(4 * (n // 3) + 6)
        cdef char* start = out
        cdef uint32_t group
        out[0] = 0x22
        out += 1
        while n > 2:
            group = (<uint32_t>p[0] << 16) | (<uint32_t>p[1] << 8) | p[2]
            out[0] = BASE64[group >> 18]
            out[1] = BASE64[(group >> 12) & 63]
            out[2] = BASE64[(group >> 6) & 63]
            out[3] = BASE64[group & 63]
            out += 4
            p += 3
            n -= 3
        if n:
            group = (<uint32_t>p[0] << 16) | ((<uint32_t>p[1] << 8) if n == 2 else 0)
            out[0] = BASE64[group >> 18]
            out[1] = BASE64[(group >> 12) & 63]
            out[2] = BASE64[(group >> 6) & 63] if n == 2 else 0x3D
            out[3] = 0x3D
            out += 4
        out[0] = 0x22
        self.n += out + 1 - start
        return 0

    cdef int open_values(self) except -1:
        return self.add(b'{"Value": [', 11)

    cdef int close_values(self, const char* vr) except -1:
        self.add(b'], "vr": "', 10)
        self.add(vr, 2)
        return self.add(b'"}', 2)

    cdef int only_vr(self, const char* vr) except -1:
        self.add(b'{"vr": "', 8)
        self.add(vr, 2)
        return self.add(b'"}', 2)


# -- from bytes ----------------------------------------------------------------------------------------------------------

cdef inline uint64_t load(const unsigned char* p, int size, bint little) noexcept nogil:
    """Return `size` bytes as an unsigned number."""
    cdef uint64_t value = 0
    cdef int i
    for i in range(size):
        value |= <uint64_t>p[i] << (8 * (i if little else size - 1 - i))
    return value


cdef inline bint is_printable(const unsigned char* p, Py_ssize_t n) noexcept nogil:
    cdef Py_ssize_t i
    for i in range(n):
        if p[i] < 0x20 or p[i] > 0x7E:
            return False
    return True


cdef inline Py_ssize_t trimmed(const unsigned char* p, Py_ssize_t n) noexcept nogil:
    while n and (p[n - 1] == SPACE or p[n - 1] == 0):
        n -= 1
    return n


cdef bint write_texts(Text out, const char* name, const unsigned char* p, Py_ssize_t n, uint16_t vr) except -1:
    """Write text values that mean the same in every character set; 0 if they have to go through their element."""
    cdef bint many = vr != VR_ST and vr != VR_LT and vr != VR_UT
    cdef bint encoded = vr == VR_LO or vr == VR_SH or vr == VR_UC or not many
    cdef Py_ssize_t start = out.n, length
    cdef const unsigned char* end
    cdef const unsigned char* stop
    if not encoded:
        n = trimmed(p, n)
        if not is_printable(p, n):
            return False
    elif not many or memchr(p, BACKSLASH, n) == NULL:
        if not is_clean(vr, p, n):
            return False
        n = trimmed(p, n)
        many = False
    if n == 0:
        out.only_vr(name)
        return True
    out.open_values()
    end = p + n
    while True:
        stop = <const unsigned char*>memchr(p, BACKSLASH, end - p) if many else NULL
        if stop == NULL:
            stop = end
        length = stop - p
        if encoded and many:
            if not is_clean(vr, p, length):
                out.n = start
                return False
            length = trimmed(p, length)
        elif vr == VR_UI and not is_clean(vr, p, length):
            out.n = start
            return False
        out.quoted(p, length)
        if stop == end:
            break
        out.add(b", ", 2)
        p = stop + 1
    out.close_values(name)
    return True


cdef bint write_names(Text out, const unsigned char* p, Py_ssize_t n) except -1:
    """Write names of persons that mean the same in every character set; 0 if they have to go through their element."""
    cdef Py_ssize_t start = out.n, length
    cdef const unsigned char* end
    cdef const unsigned char* stop
    cdef const unsigned char* group
    cdef int i
    n = trimmed(p, n)
    if not is_plain_ascii(p, n):
        return False
    end = p + n
    if n == 0:
        out.only_vr("PN")
        return True
    out.open_values()
    while True:
        stop = <const unsigned char*>memchr(p, BACKSLASH, end - p)
        if stop == NULL:
            stop = end
        length = trimmed(p, stop - p)
        while length and p[length - 1] == 0x3D:
            length -= 1
        if length == 0 or not is_clean(VR_PN, p, stop - p):
            out.n = start
            return False
        out.add(b"{", 1)
        for i in range(3):
            group = <const unsigned char*>memchr(p, 0x3D, length)
            out.add(b", \"" if i else b"\"", 3 if i else 1)
            out.put(GROUPS[i])
            out.add(b'": ', 3)
            out.quoted(p, length if group == NULL else group - p)
            if group == NULL:
                break
            length -= group + 1 - p
            p = group + 1
        out.add(b"}", 1)
        if stop == end:
            break
        out.add(b", ", 2)
        p = stop + 1
    out.close_values("PN")
    return True


cdef bint is_exact(const unsigned char* p, Py_ssize_t n) noexcept nogil:
    """Has the decimal `p[:n]` so few digits, and so small an exponent, that a double keeps them all?"""
    cdef Py_ssize_t i
    cdef int digits = 0
    for i in range(n):
        if 0x30 <= p[i] <= 0x39:
            digits += 1
        elif p[i] == 0x45 or p[i] == 0x65:
            i += 1
            if i < n and (p[i] == 0x2B or p[i] == 0x2D):
                i += 1
            return digits <= EXACT_DIGITS and n - i <= 2
    return digits <= EXACT_DIGITS


cdef bint write_decimals(Text out, const unsigned char* p, Py_ssize_t n) except -1:
    cdef Py_ssize_t start = out.n
    cdef const unsigned char* end
    cdef const unsigned char* stop
    cdef const unsigned char* last
    cdef double value = 0
    n = trimmed(p, n)
    end = p + n
    out.open_values()
    while True:
        stop = <const unsigned char*>memchr(p, BACKSLASH, end - p)
        if stop == NULL:
            stop = end
        while p < stop and p[0] == SPACE:
            p += 1
        last = p + (stop - p)
        while last > p and (last - 1)[0] == SPACE:
            last -= 1
        if last - p > 16 or not is_exact(p, last - p) or not parse_decimal(p, last - p, &value):
            out.n = start
            return False
        out.real(value)
        if stop == end:
            break
        out.add(b", ", 2)
        p = stop + 1
    out.close_values("DS")
    return True


cdef bint write_integers(Text out, const unsigned char* p, Py_ssize_t n) except -1:
    cdef Py_ssize_t start = out.n
    cdef const unsigned char* end
    cdef const unsigned char* stop
    cdef int64_t value = 0
    n = trimmed(p, n)
    end = p + n
    out.open_values()
    while True:
        stop = <const unsigned char*>memchr(p, BACKSLASH, end - p)
        if stop == NULL:
            stop = end
        if stop - p > 12 or not parse_integer(p, stop - p, &value) or not -2147483648 <= value <= 2147483647:
            out.n = start
            return False
        out.whole(value)
        if stop == end:
            break
        out.add(b", ", 2)
        p = stop + 1
    out.close_values("IS")
    return True


cdef bint write_numbers(Text out, const char* name, const unsigned char* p, Py_ssize_t n, uint16_t vr,
                        bint little) except -1:
    cdef int size = 8
    cdef Py_ssize_t i
    cdef uint64_t bits
    cdef uint32_t half
    cdef float single
    cdef double wide
    if vr == VR_US or vr == VR_SS:
        size = 2
    elif vr == VR_UL or vr == VR_SL or vr == VR_FL or vr == VR_AT:
        size = 4
    if n % size:
        return False
    out.open_values()
    for i in range(0, n, size):
        if i:
            out.add(b", ", 2)
        if vr == VR_AT:
            out.tag(<uint32_t>(load(p + i, 2, little) << 16) | <uint32_t>load(p + i + 2, 2, little))
            continue
        bits = load(p + i, size, little)
        if vr == VR_FL:
            half = <uint32_t>bits
            memcpy(&single, &half, 4)
            out.real(single)
        elif vr == VR_FD:
            memcpy(&wide, &bits, 8)
            out.real(wide)
        elif vr == VR_SS:
            out.whole(<int16_t><uint16_t>bits)
        elif vr == VR_SL:
            out.whole(<int32_t><uint32_t>bits)
        elif vr == VR_UV and bits > 0x7FFFFFFFFFFFFFFF:
            out.ascii(str(bits))
        else:
            out.whole(<int64_t>bits)
    out.close_values(name)
    return True


cdef uint16_t vr_of(Row* row) noexcept:
    """The VR that a row has or that the dictionary gives it; 0 if that takes more thought."""
    cdef uint16_t vr = row.vr
    if vr == 0:
        vr = pydcm_dictionary_vr(row.tag)
        return 0 if vr >= NOT_A_VR else vr
    return 0 if vr == VR_UN else vr


cdef bint write_row(Text out, Table table, Row* row, Py_ssize_t longest_inline) except -1:
    """Write the value of a row from its bytes; 0, and nothing written, if it is not plainly clean."""
    cdef const unsigned char* p = table.data + row.offset
    cdef Py_ssize_t n = <Py_ssize_t>row.nbytes
    cdef uint16_t vr = vr_of(row)
    cdef char[3] name
    if row.flags & (CHILDREN | DEFERRED | UNDEFINED) or vr == 0 or vr == VR_SQ or n == 0:
        return False
    name[0] = <char>(vr >> 8)
    name[1] = <char>(vr & 0xFF)
    name[2] = 0
    if (vr == VR_CS or vr == VR_DA or vr == VR_TM or vr == VR_DT or vr == VR_AS or vr == VR_UI or vr == VR_LO
            or vr == VR_SH or vr == VR_UC or vr == VR_ST or vr == VR_LT or vr == VR_UT):
        return write_texts(out, name, p, n, vr)
    if vr == VR_DS:
        return write_decimals(out, p, n)
    if vr == VR_IS:
        return write_integers(out, p, n)
    if vr == VR_PN:
        return write_names(out, p, n)
    if vr == VR_OB or vr == VR_OW or vr == VR_OF or vr == VR_OD or vr == VR_OL or vr == VR_OV:
        if n > longest_inline:
            return False
        out.add(b'{"InlineBinary": ', 17)
        out.base64(p, n)
        out.add(b', "vr": "', 9)
        out.add(name, 2)
        out.add(b'"}', 2)
        return True
    if (vr == VR_US or vr == VR_UL or vr == VR_SS or vr == VR_SL or vr == VR_FL or vr == VR_FD or vr == VR_UV
            or vr == VR_SV or vr == VR_AT):
        if 0x00281101 <= row.tag <= 0x00283002:
            return False       # lookup table descriptors have rules of their own
        return write_numbers(out, name, p, n, vr, table.little_endian)
    return False
