"""Checks and parsers for DICOM values stored as text (PS3.5 Table 6.2-1).

Everything here works on a byte range and answers "yes, this is the plain standard case" or "no": a no is not an error, it
sends the value down the complete path in Python, which knows every oddity and words the warnings. So each check may be
narrower than the standard, but never wider than :func:`pydcm.valuerep.validate_value`.
"""

cimport cython
from libc.stdint cimport int64_t, uint16_t, uint64_t
from libc.string cimport memcpy

from pydcm._core._vr cimport *

cdef extern from "Python.h":
    double PyOS_string_to_double(const char* s, char** endptr, PyObject* overflow) except? -1.0
    ctypedef struct PyObject
    void* PyMem_RawMalloc(size_t n) nogil
    void PyMem_RawFree(void* p) nogil
    bint PyUnicode_IS_ASCII(object text)
    const unsigned char* PyUnicode_1BYTE_DATA(object text)
    Py_ssize_t PyUnicode_GET_LENGTH(object text)

cdef extern from *:
    """
    #include <math.h>

    static const double pydcm_pow10[23] = {
        1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19,
        1e20, 1e21, 1e22};
    static const uint64_t pydcm_upow10[9] = {1, 10, 100, 1000, 10000, 100000, 1000000, 10000000, 100000000};

    /* Append the run of ASCII digits at p to *mantissa (modulo 2**64) and return where the run ends. On little-endian
     * machines eight characters go at a time: the length of the run is found and its value computed without a branch
     * per digit, which the processor could not foresee. */
    static CYTHON_INLINE const unsigned char *pydcm_digits(
            const unsigned char *p, const unsigned char *end, uint64_t *mantissa) {
        uint64_t m = *mantissa;
    #if defined(__GNUC__) && defined(__BYTE_ORDER__) && __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
        while (end - p >= 8) {
            uint64_t w, other;
            int k;
            memcpy(&w, p, 8);
            w ^= 0x3030303030303030ULL;
            other = (((w & 0x7F7F7F7F7F7F7F7FULL) + 0x7676767676767676ULL) | w) & 0x8080808080808080ULL;
            k = other ? __builtin_ctzll(other) >> 3 : 8;
            if (k == 0) { *mantissa = m; return p; }
            w <<= 8 * (8 - k);
            w = (w * 10 + (w >> 8)) & 0x00FF00FF00FF00FFULL;
            w = (w * 100 + (w >> 16)) & 0x0000FFFF0000FFFFULL;
            w = (w * 10000 + (w >> 32)) & 0x00000000FFFFFFFFULL;
            m = m * pydcm_upow10[k] + w;
            p += k;
            if (k < 8) { *mantissa = m; return p; }
        }
    #endif
        while (p < end) {
            unsigned char c = (unsigned char)(*p - 0x30);
            if (c > 9) break;
            m = m * 10 + c;
            p++;
        }
        *mantissa = m;
        return p;
    }

    /* mantissa / 10**places for mantissa > 0 and 1 <= places <= 27, correctly rounded: the quotient is worked out in
     * integers, so that nothing is lost before the one rounding. Return 0 where there are no integers of 128 bits. */
    static int pydcm_scaled_down(uint64_t mantissa, int places, double *out) {
    #if defined(__SIZEOF_INT128__) && defined(__GNUC__)
        uint64_t divisor = 1, quotient, kept, rest, half;
        unsigned __int128 dividend;
        int i, lift_m, lift_d, drop, sticky;
        for (i = 0; i < places; i++) divisor *= 5;
        lift_m = __builtin_clzll(mantissa);
        lift_d = __builtin_clzll(divisor);
        divisor <<= lift_d;
        dividend = (unsigned __int128)(mantissa << lift_m) << 63;
        quotient = (uint64_t)(dividend / divisor);  /* more than 2**62, less than 2**64 */
        sticky = (uint64_t)(dividend - (unsigned __int128)quotient * divisor) != 0;
        drop = 64 - __builtin_clzll(quotient) - 53;
        kept = quotient >> drop;
        rest = quotient & (((uint64_t)1 << drop) - 1);
        half = (uint64_t)1 << (drop - 1);
        if (rest > half || (rest == half && (sticky || (kept & 1)))) kept++;
        *out = ldexp((double)kept, drop - 63 + lift_d - lift_m - places);
        return 1;
    #else
        (void)mantissa; (void)places; (void)out;
        return 0;
    #endif
    }

    /* Is any byte of the word zero? */
    static CYTHON_INLINE int pydcm_has_zero(uint64_t w) {
        return ((w - 0x0101010101010101ULL) & ~w & 0x8080808080808080ULL) != 0;
    }
    """
    const double* pydcm_pow10
    bint pydcm_has_zero(uint64_t w) nogil
    int pydcm_scaled_down(uint64_t mantissa, int places, double* out) nogil
    const unsigned char* pydcm_digits(const unsigned char* p, const unsigned char* end, uint64_t* mantissa) nogil

cdef enum:
    SPACE = 0x20
    PLUS = 0x2B
    MINUS = 0x2D
    DOT = 0x2E
    BACKSLASH = 0x5C
    ESCAPE = 0x1B
    EQUALS = 0x3D


# -- characters --------------------------------------------------------------------------------------------------------

# 1: allowed in CS, 2: allowed in UR
cdef unsigned char _allowed[256]


cdef void _fill_allowed():
    cdef Py_ssize_t i
    for i in range(256):
        _allowed[i] = 0
    for c in b"ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 _":
        _allowed[<unsigned char>c] |= 1
    for c in b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_:/?#[]@!$&'()*+,;=%-.~":
        _allowed[<unsigned char>c] |= 2


_fill_allowed()


cdef inline bint _digit(unsigned char c) noexcept nogil:
    return <unsigned char>(c - 0x30) < 10


cdef inline int _two(const unsigned char* p) noexcept nogil:
    """Return the number that two digits spell, or 100 if they are not digits."""
    if _digit(p[0]) and _digit(p[1]):
        return (p[0] - 0x30) * 10 + (p[1] - 0x30)
    return 100


cdef bint is_plain_ascii(const unsigned char* p, Py_ssize_t n) noexcept nogil:
    """Are all bytes below 0x80 and none an escape, so that every DICOM character set reads them as ASCII?"""
    cdef uint64_t word
    while n >= 8:
        memcpy(&word, p, 8)
        if word & <uint64_t>0x8080808080808080 or pydcm_has_zero(word ^ <uint64_t>0x1B1B1B1B1B1B1B1B):
            return False
        p += 8
        n -= 8
    while n > 0:
        if p[0] >= 0x80 or p[0] == ESCAPE:
            return False
        p += 1
        n -= 1
    return True


cdef inline bint _only(const unsigned char* p, Py_ssize_t n, unsigned char kind) noexcept nogil:
    cdef Py_ssize_t i
    for i in range(n):
        if not _allowed[p[i]] & kind:
            return False
    return True


# -- one value per VR --------------------------------------------------------------------------------------------------

cdef bint _clean_uid(const unsigned char* p, Py_ssize_t n) noexcept nogil:
    cdef Py_ssize_t i = 0, start
    while True:
        start = i
        while i < n and _digit(p[i]):
            i += 1
        if i == start or (p[start] == 0x30 and i - start > 1):
            return False
        if i == n:
            return True
        if p[i] != DOT:
            return False
        i += 1


cdef bint _clean_date(const unsigned char* p, Py_ssize_t n) noexcept nogil:
    """YYYYMMDD; the ranges of a query go the long way."""
    cdef int month, day
    if n != 8 or _two(p) == 100 or _two(p + 2) == 100:
        return False
    month = _two(p + 4)
    day = _two(p + 6)
    return 1 <= month <= 12 and day <= 31


cdef bint _clean_time(const unsigned char* p, Py_ssize_t n) noexcept nogil:
    """HH, HHMM, HHMMSS or HHMMSS.F to HHMMSS.FFFFFF with one optional trailing space."""
    cdef Py_ssize_t i
    if n < 2 or _two(p) > 23:
        return False
    if n == 2:
        return True
    if n < 4 or _two(p + 2) > 59:
        return False
    if n == 4:
        return True
    if n < 6 or _two(p + 4) > 60:
        return False
    if n == 6:
        return True
    if p[6] != DOT:
        return False
    if p[n - 1] == SPACE:
        n -= 1
    if n < 8 or n > 13:
        return False
    for i in range(7, n):
        if not _digit(p[i]):
            return False
    return True


cdef bint _clean_date_time(const unsigned char* p, Py_ssize_t n) noexcept nogil:
    """YYYY[MM[DD[time]]] with an optional offset from UTC at the end."""
    cdef int month, day
    if n >= 9 and (p[n - 5] == PLUS or p[n - 5] == MINUS):
        if p[n - 4] > 0x31 or _two(p + n - 4) == 100 or _two(p + n - 2) == 100:
            return False
        n -= 5
    if n < 4 or _two(p) == 100 or _two(p + 2) == 100:
        return False
    if n == 4:
        return True
    if n < 6:
        return False
    month = _two(p + 4)
    if month < 1 or month > 12:
        return False
    if n == 6:
        return True
    if n < 8:
        return False
    day = _two(p + 6)
    if day > 31:
        return False
    return n == 8 or _clean_time(p + 8, n - 8)


cdef bint _clean_integer(const unsigned char* p, Py_ssize_t n) noexcept nogil:
    cdef int64_t value
    return parse_integer(p, n, &value) == 1


cdef bint _clean_person_name(const unsigned char* p, Py_ssize_t n) noexcept nogil:
    """At most three component groups of at most 64 characters."""
    cdef Py_ssize_t i, start = 0
    cdef int groups = 1
    if not is_plain_ascii(p, n):
        return False
    for i in range(n):
        if p[i] == EQUALS:
            if i - start > 64:
                return False
            groups += 1
            start = i + 1
    return groups <= 3 and n - start <= 64


cdef bint is_clean(uint16_t vr, const unsigned char* p, Py_ssize_t n) noexcept nogil:
    """Would ``validate_value()`` accept the single value `p[:n]` of type `vr` (two ASCII bytes, first one high) silently?

    A no means "perhaps not": the caller then asks the complete check. Only plain ASCII is ever clean.
    """
    cdef Py_ssize_t i
    cdef double number
    if vr == VR_LO:
        return n <= 64 and is_plain_ascii(p, n)
    if vr == VR_SH:
        return n <= 16 and is_plain_ascii(p, n)
    if vr == VR_LT:
        return n <= 10240 and is_plain_ascii(p, n)
    if vr == VR_ST:
        return n <= 1024 and is_plain_ascii(p, n)
    if vr == VR_UT or vr == VR_UC:
        return is_plain_ascii(p, n)
    if vr == VR_PN:
        return _clean_person_name(p, n)
    if n == 0:
        return (vr == VR_AE or vr == VR_AS or vr == VR_CS or vr == VR_DA or vr == VR_DS or vr == VR_DT
                or vr == VR_IS or vr == VR_TM or vr == VR_UI or vr == VR_UR)
    if vr == VR_CS:
        return n <= 16 and _only(p, n, 1)
    if vr == VR_UI:
        return n <= 64 and _clean_uid(p, n)
    if vr == VR_DA:
        return _clean_date(p, n)
    if vr == VR_TM:
        return _clean_time(p, n)
    if vr == VR_DS:
        return n <= 16 and parse_decimal(p, n, &number) == 1
    if vr == VR_IS:
        return n <= 12 and _clean_integer(p, n)
    if vr == VR_DT:
        return _clean_date_time(p, n)
    if vr == VR_AE:
        if n > 16:
            return False
        for i in range(n):
            if p[i] < SPACE or p[i] > 0x7E:
                return False
        return True
    if vr == VR_AS:
        return (n == 4 and _digit(p[0]) and _digit(p[1]) and _digit(p[2])
                and (p[3] == 0x44 or p[3] == 0x57 or p[3] == 0x4D or p[3] == 0x59))
    if vr == VR_UR:
        while n > 0 and p[n - 1] == SPACE:
            n -= 1
        return _only(p, n, 2)
    return False


# -- numbers -----------------------------------------------------------------------------------------------------------

cdef int _slow_decimal(const unsigned char* p, Py_ssize_t n, double* out) noexcept nogil:
    """Convert the checked decimal `p[:n]` with Python's own correctly rounding parser."""
    cdef char small[64]
    cdef char* text = small
    if n >= 64:
        text = <char*>PyMem_RawMalloc(n + 1)
        if text == NULL:
            return 0
    memcpy(text, p, n)
    text[n] = 0
    with gil:
        try:
            out[0] = PyOS_string_to_double(text, NULL, NULL)
            ok = 1
        except Exception:
            ok = 0
    if text != small:
        PyMem_RawFree(text)
    return ok


@cython.cdivision(True)
cdef inline const unsigned char* _decimal(const unsigned char* p, const unsigned char* end, double* out) noexcept nogil:
    """Parse ``[+-]digits[.digits][e[+-]digits]`` at `p`; return where it ends, or NULL if there is none.

    Up to 2**53 and powers of ten up to 22 are exact in a double, so one multiplication or division rounds correctly
    (Clinger's fast path). Up to 19 digits with few places are divided as integers; the rest goes to Python's parser.
    """
    cdef const unsigned char* start = p
    cdef const unsigned char* q
    cdef uint64_t mantissa = 0
    cdef Py_ssize_t exponent = 0, kept = 0, digits
    cdef bint negative = False, negative_exponent = False, written
    cdef double value = 0.0
    if p < end and (p[0] == PLUS or p[0] == MINUS):
        negative = p[0] == MINUS
        p += 1
    q = p
    p = pydcm_digits(p, end, &mantissa)
    kept = p - q
    written = p > q
    if p < end and p[0] == DOT:
        p += 1
        q = p
        p = pydcm_digits(p, end, &mantissa)
        exponent = -(p - q)
        kept -= exponent
        written |= p > q
    if not written:
        return NULL
    if p < end and (p[0] | 0x20) == 0x65:
        p += 1
        if p < end and (p[0] == PLUS or p[0] == MINUS):
            negative_exponent = p[0] == MINUS
            p += 1
        q = p
        digits = 0
        while p < end and _digit(p[0]):
            if digits < 100000:
                digits = digits * 10 + (p[0] - 0x30)
            p += 1
        if p == q:
            return NULL
        exponent += -digits if negative_exponent else digits
    if kept > 19:
        # Zeros in front do not count
        q = start
        while q < p and (q[0] == 0x30 or q[0] == DOT or q[0] == PLUS or q[0] == MINUS):
            kept -= q[0] == 0x30
            q += 1
    # 19 digits always fit 64 bits; more may have wrapped round.
    if kept <= 19:
        if mantissa <= <uint64_t>9007199254740992 and -22 <= exponent <= 22:
            value = <double>mantissa
            if exponent < 0:
                value = value / pydcm_pow10[-exponent]
            elif exponent > 0:
                value = value * pydcm_pow10[exponent]
            out[0] = -value if negative else value
            return p
        if mantissa and -27 <= exponent < 0 and pydcm_scaled_down(mantissa, <int>-exponent, &value):
            out[0] = -value if negative else value
            return p
    return p if _slow_decimal(start, p - start, out) else NULL


cdef int parse_decimal(const unsigned char* p, Py_ssize_t n, double* out) noexcept nogil:
    """Parse one DS value, spaces around it allowed; return 1 and fill `out`, or 0 if it is not a decimal string."""
    cdef const unsigned char* end = p + n
    while p < end and p[0] == SPACE:
        p += 1
    p = _decimal(p, end, out)
    if p == NULL:
        return 0
    while p < end and p[0] == SPACE:
        p += 1
    return p == end


cdef inline const unsigned char* _integer(const unsigned char* p, const unsigned char* end, int64_t* out) noexcept nogil:
    """Parse ``[+-]digits`` at `p`, at most 18 of them; return where it ends, or NULL."""
    cdef const unsigned char* q
    cdef uint64_t value = 0
    cdef bint negative = False
    if p < end and (p[0] == PLUS or p[0] == MINUS):
        negative = p[0] == MINUS
        p += 1
    q = p
    p = pydcm_digits(p, end, &value)
    if p == q or p - q > 18:
        return NULL
    out[0] = -<int64_t>value if negative else <int64_t>value
    return p


cdef int parse_integer(const unsigned char* p, Py_ssize_t n, int64_t* out) noexcept nogil:
    """Parse one IS value, spaces around it allowed; return 1 and fill `out`, or 0 if it is no integer of 18 digits."""
    cdef const unsigned char* end = p + n
    while p < end and p[0] == SPACE:
        p += 1
    p = _integer(p, end, out)
    if p == NULL:
        return 0
    while p < end and p[0] == SPACE:
        p += 1
    return p == end


cdef Py_ssize_t count_values(const unsigned char* p, Py_ssize_t n) noexcept nogil:
    """Return the number of values that backslashes part `p[:n]` into; 0 if it is empty."""
    cdef Py_ssize_t i, count = 1
    if n == 0:
        return 0
    for i in range(n):
        count += p[i] == BACKSLASH
    return count


cdef Py_ssize_t parse_ds_array(const unsigned char* p, Py_ssize_t n, double* out, Py_ssize_t max) noexcept nogil:
    """Parse backslash-separated DS text; return how many numbers were stored.

    ``-1 - i`` says that value `i` is blank, not a decimal string, or one more than `max`.
    """
    cdef const unsigned char* end = p + n
    cdef Py_ssize_t i = 0
    if n == 0:
        return 0
    while True:
        while p < end and p[0] == SPACE:
            p += 1
        if i >= max:
            return -1 - i
        p = _decimal(p, end, out + i)
        if p == NULL:
            return -1 - i
        while p < end and p[0] == SPACE:
            p += 1
        if p < end and p[0] != BACKSLASH:
            return -1 - i
        i += 1
        if p == end:
            return i
        p += 1


cdef Py_ssize_t parse_is_array(const unsigned char* p, Py_ssize_t n, int64_t* out, Py_ssize_t max) noexcept nogil:
    """Parse backslash-separated IS text; the result is that of `parse_ds_array`."""
    cdef const unsigned char* end = p + n
    cdef Py_ssize_t i = 0
    if n == 0:
        return 0
    while True:
        while p < end and p[0] == SPACE:
            p += 1
        if i >= max:
            return -1 - i
        p = _integer(p, end, out + i)
        if p == NULL:
            return -1 - i
        while p < end and p[0] == SPACE:
            p += 1
        if p < end and p[0] != BACKSLASH:
            return -1 - i
        i += 1
        if p == end:
            return i
        p += 1


# -- for Python --------------------------------------------------------------------------------------------------------

def is_clean_value(vr, value):
    """Return ``True`` if the :class:`str` or :class:`bytes` `value` is a plain standard value of type `vr`.

    ``False`` means that the complete check has to say. See `is_clean`.
    """
    cdef const unsigned char* name
    cdef uint16_t code
    if not isinstance(vr, str) or PyUnicode_GET_LENGTH(vr) != 2 or not PyUnicode_IS_ASCII(vr):
        return False
    name = PyUnicode_1BYTE_DATA(vr)
    code = <uint16_t>((name[0] << 8) | name[1])
    if isinstance(value, str):
        if not PyUnicode_IS_ASCII(value):
            return False
        return bool(is_clean(code, PyUnicode_1BYTE_DATA(value), PyUnicode_GET_LENGTH(value)))
    if isinstance(value, bytes):
        return bool(is_clean(code, <const unsigned char*><bytes>value, len(<bytes>value)))
    return False


@cython.boundscheck(False)  # the length is tested before the one look at the first byte
def decimal_from_text(const unsigned char[::1] text not None):
    """Return the number in the DS value `text`, or ``None`` if it is not a decimal string."""
    cdef double value = 0.0
    cdef const unsigned char* p = &text[0] if text.shape[0] else NULL
    if p == NULL or not parse_decimal(p, text.shape[0], &value):
        return None
    return value


@cython.boundscheck(False)
def integer_from_text(const unsigned char[::1] text not None):
    """Return the number in the IS value `text`, or ``None`` if it is not an integer string of at most 18 digits."""
    cdef int64_t value = 0
    cdef const unsigned char* p = &text[0] if text.shape[0] else NULL
    if p == NULL or not parse_integer(p, text.shape[0], &value):
        return None
    return value
