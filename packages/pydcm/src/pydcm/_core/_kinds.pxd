"""What the values of each VR are made of, and how numbers are laid out: inline C for the serialiser."""
from libc.stdint cimport uint16_t, uint32_t, uint64_t

cdef extern from "Python.h":
    bint PyUnicode_Check(object text)
    int PyUnicode_KIND(object text)
    int PyUnicode_1BYTE_KIND
    const unsigned char* PyUnicode_1BYTE_DATA(object text)
    Py_ssize_t PyUnicode_GET_LENGTH(object text)

cdef extern from *:
    """
    enum {
        K_NUMBER = 0x10, K_TEXT = 0x20, K_NAME = 0x40, K_LATIN = 0x80, K_DIGITS = 0x100, K_MOMENT = 0x200, K_BYTES = 0x400,
        K_SEQUENCE = 0x800, K_TAGS = 0x1000, K_LONG = 0x8000
    };
    static const unsigned short pydcm_kinds[26][26] = {
        ['A' - 65]['E' - 65] = K_LATIN,
        ['A' - 65]['S' - 65] = K_LATIN,
        ['A' - 65]['T' - 65] = K_TAGS | 2,
        ['C' - 65]['S' - 65] = K_LATIN,
        ['D' - 65]['A' - 65] = K_MOMENT,
        ['D' - 65]['S' - 65] = K_DIGITS,
        ['D' - 65]['T' - 65] = K_MOMENT,
        ['F' - 65]['D' - 65] = K_NUMBER | 8,
        ['F' - 65]['L' - 65] = K_NUMBER | 4,
        ['I' - 65]['S' - 65] = K_DIGITS,
        ['L' - 65]['O' - 65] = K_TEXT,
        ['L' - 65]['T' - 65] = K_TEXT,
        ['O' - 65]['B' - 65] = K_BYTES | K_LONG,
        ['O' - 65]['D' - 65] = K_BYTES | K_LONG,
        ['O' - 65]['F' - 65] = K_BYTES | K_LONG,
        ['O' - 65]['L' - 65] = K_BYTES | K_LONG,
        ['O' - 65]['V' - 65] = K_BYTES | K_LONG,
        ['O' - 65]['W' - 65] = K_BYTES | K_LONG,
        ['P' - 65]['N' - 65] = K_NAME,
        ['S' - 65]['H' - 65] = K_TEXT,
        ['S' - 65]['L' - 65] = K_NUMBER | 4,
        ['S' - 65]['Q' - 65] = K_SEQUENCE | K_LONG,
        ['S' - 65]['S' - 65] = K_NUMBER | 2,
        ['S' - 65]['T' - 65] = K_TEXT,
        ['S' - 65]['V' - 65] = K_NUMBER | K_LONG | 8,
        ['T' - 65]['M' - 65] = K_MOMENT,
        ['U' - 65]['C' - 65] = K_TEXT | K_LONG,
        ['U' - 65]['I' - 65] = K_LATIN,
        ['U' - 65]['L' - 65] = K_NUMBER | 4,
        ['U' - 65]['N' - 65] = K_BYTES | K_LONG,
        ['U' - 65]['R' - 65] = K_LATIN | K_LONG,
        ['U' - 65]['S' - 65] = K_NUMBER | 2,
        ['U' - 65]['T' - 65] = K_TEXT | K_LONG,
        ['U' - 65]['V' - 65] = K_NUMBER | K_LONG | 8,
    };
    static CYTHON_INLINE int pydcm_kind_of(unsigned short vr) {
        unsigned int a = (vr >> 8) - 65u, b = (vr & 0xFF) - 65u;
        return a < 26 && b < 26 ? pydcm_kinds[a][b] : 0;
    }
    """
    # The kind of a VR, with the number of bytes of one number in the low bits; 0 for what is no VR of PS3.5 §6.2
    int kind_of "pydcm_kind_of"(uint16_t vr) nogil

cdef enum Kind:
    UNKNOWN = 0
    SIZE = 0xF            # bytes of one number
    NUMBER = 0x10
    TEXT = 0x20           # in the Specific Character Set
    NAME = 0x40           # a person name, in the Specific Character Set
    LATIN = 0x80          # text in the default repertoire
    DIGITS = 0x100        # numbers as text
    MOMENT = 0x200        # dates and times
    BYTES = 0x400
    SEQUENCE = 0x800
    TAGS = 0x1000
    LONG = 0x8000         # 32-bit length in explicit VR (PS3.5 Table 7.1-1)



cdef inline uint16_t vr_code(object vr) noexcept:
    """Return the code of a VR of two ASCII letters, 0 for anything else."""
    cdef const unsigned char* p
    if not PyUnicode_Check(vr) or PyUnicode_GET_LENGTH(vr) != 2 or PyUnicode_KIND(vr) != PyUnicode_1BYTE_KIND:
        return 0
    p = PyUnicode_1BYTE_DATA(vr)
    return <uint16_t>((p[0] << 8) | p[1])


cdef inline void store_u16(unsigned char* p, uint16_t number, bint little) noexcept:
    if little:
        p[0] = number & 0xFF
        p[1] = number >> 8
    else:
        p[0] = number >> 8
        p[1] = number & 0xFF


cdef inline void store_u32(unsigned char* p, uint32_t number, bint little) noexcept:
    if little:
        p[0] = number & 0xFF
        p[1] = (number >> 8) & 0xFF
        p[2] = (number >> 16) & 0xFF
        p[3] = number >> 24
    else:
        p[0] = number >> 24
        p[1] = (number >> 16) & 0xFF
        p[2] = (number >> 8) & 0xFF
        p[3] = number & 0xFF


cdef inline void store(unsigned char* p, uint64_t number, int nbytes, bint little) noexcept:
    """Store the low `nbytes` bytes of `number`."""
    cdef int i
    for i in range(nbytes):
        p[i if little else nbytes - 1 - i] = (number >> (8 * i)) & 0xFF
