"""Unused high bits, 1-bit packing and byte order, one pass each, without the GIL (PS3.5 §8.1.1)."""
cimport cython
from cpython.buffer cimport PyBUF_C_CONTIGUOUS, PyBUF_WRITABLE, PyBuffer_Release, PyObject_GetBuffer
from libc.stdint cimport int8_t, int16_t, int32_t, int64_t, uint8_t, uint16_t, uint32_t, uint64_t
from libc.string cimport memcpy

cdef extern from *:
    """
    #include <stddef.h>
    #include <stdint.h>
    #include <string.h>
    #if defined(__GNUC__) && !defined(__clang__) && defined(__x86_64__) && defined(__GLIBC__)
    #define BITS_CLONES __attribute__((target_clones("avx2", "default")))
    #else
    #define BITS_CLONES
    #endif

    /* The bits that occur in n samples of 16 bits after `sign` was added to each. Four sums at a time: one alone would
       wait for itself. */
    BITS_CLONES static uint16_t bits_seen(const uint16_t *samples, ptrdiff_t n, uint16_t sign) {
        uint16_t seen = 0;
        ptrdiff_t i = 0;
    #if defined(__GNUC__)
        typedef uint16_t vector __attribute__((vector_size(32)));
        vector add = {0}, s0 = {0}, s1 = {0}, s2 = {0}, s3 = {0}, p0, p1, p2, p3;
        add += sign;
        for (; i + 64 <= n; i += 64) {
            memcpy(&p0, samples + i, 32);
            memcpy(&p1, samples + i + 16, 32);
            memcpy(&p2, samples + i + 32, 32);
            memcpy(&p3, samples + i + 48, 32);
            s0 |= p0 + add;
            s1 |= p1 + add;
            s2 |= p2 + add;
            s3 |= p3 + add;
        }
        s0 |= s1 | s2 | s3;
        for (int k = 0; k < 16; k++) seen |= s0[k];
    #endif
        for (; i < n; i++) seen |= (uint16_t)(samples[i] + sign);
        return seen;
    }

    /* Systems read 2 GB at once at most. */
    #define READ_MOST (1 << 30)
    #if defined(_WIN32)
    #include <io.h>
    #define read_some(descriptor, to, n) _read(descriptor, to, (unsigned)((n) < READ_MOST ? (n) : READ_MOST))
    #else
    #include <unistd.h>
    #define read_some(descriptor, to, n) read(descriptor, to, (size_t)((n) < READ_MOST ? (n) : READ_MOST))
    #endif
    /* What has been read is looked at while it is in a processor's own cache, half of which this is at least. */
    enum { READ_STEP = 1 << 18 };
    """
    enum:
        READ_STEP
    Py_ssize_t read_some(int descriptor, void *to, Py_ssize_t n) nogil
    uint16_t bits_seen(const uint16_t *samples, Py_ssize_t n, uint16_t sign) nogil

ctypedef fused Sample:
    int8_t
    int16_t
    int32_t
    int64_t
    uint8_t
    uint16_t
    uint32_t
    uint64_t


ctypedef fused Unit:
    uint8_t
    uint16_t
    uint32_t
    uint64_t


cdef void _extend(Unit *samples, Py_ssize_t n, Unit mask, Unit sign) noexcept nogil:
    # Flipping the sign bit and taking it away again copies it upwards; with no sign bit only the mask remains. All in
    # one unsigned type, so that compilers use vector instructions.
    cdef Py_ssize_t i
    for i in range(n):
        samples[i] = <Unit> (<Unit> ((samples[i] & mask) ^ sign) - sign)


cdef bint _differs(const Unit *samples, Py_ssize_t n, Unit mask, Unit sign) noexcept nogil:
    # Signed values that fit are below twice the sign bit when that is added to them, as unsigned ones are anyway: what
    # one sample has above the mask is in all of them together.
    cdef Py_ssize_t i
    cdef Unit seen = 0
    if sign:
        for i in range(n):
            seen |= <Unit> (samples[i] + sign)
    else:
        for i in range(n):
            seen |= samples[i]
    return (seen & <Unit> ~mask) != 0


cdef int _check_unused(int unused, int width) except -1:
    if not 0 < unused < width:
        raise ValueError(f"{unused} unused bits do not fit samples of {width} bits")
    return 0


def extend_sign(Sample[::1] samples not None, int unused) -> None:
    """Replace the `unused` high bits of every sample, in place.

    Signed samples get copies of their sign bit, unsigned samples get zeros.
    """
    cdef Py_ssize_t n = samples.shape[0]
    cdef int used = 8 * <int> sizeof(Sample) - unused
    _check_unused(unused, 8 * <int> sizeof(Sample))
    cdef uint64_t mask = (<uint64_t> 1 << used) - 1
    cdef uint64_t sign = 0
    if Sample is int8_t or Sample is int16_t or Sample is int32_t or Sample is int64_t:
        sign = <uint64_t> 1 << (used - 1)
    if n == 0:
        return
    with nogil:
        if sizeof(Sample) == 1:
            _extend(<uint8_t *> &samples[0], n, <uint8_t> mask, <uint8_t> sign)
        elif sizeof(Sample) == 2:
            _extend(<uint16_t *> &samples[0], n, <uint16_t> mask, <uint16_t> sign)
        elif sizeof(Sample) == 4:
            _extend(<uint32_t *> &samples[0], n, <uint32_t> mask, <uint32_t> sign)
        else:
            _extend(<uint64_t *> &samples[0], n, mask, sign)


def has_unused_bits(const Sample[::1] samples not None, int unused) -> bool:
    """Return whether any of the `unused` high bits differs from what :func:`extend_sign` would put there."""
    cdef Py_ssize_t n = samples.shape[0]
    cdef int used = 8 * <int> sizeof(Sample) - unused
    cdef bint result
    _check_unused(unused, 8 * <int> sizeof(Sample))
    cdef uint64_t mask = (<uint64_t> 1 << used) - 1
    cdef uint64_t sign = 0
    if Sample is int8_t or Sample is int16_t or Sample is int32_t or Sample is int64_t:
        sign = <uint64_t> 1 << (used - 1)
    if n == 0:
        return False
    with nogil:
        if sizeof(Sample) == 1:
            result = _differs(<const uint8_t *> &samples[0], n, <uint8_t> mask, <uint8_t> sign)
        elif sizeof(Sample) == 2:
            result = (bits_seen(<const uint16_t *> &samples[0], n, <uint16_t> sign) & <uint16_t> ~mask) != 0
        elif sizeof(Sample) == 4:
            result = _differs(<const uint32_t *> &samples[0], n, <uint32_t> mask, <uint32_t> sign)
        else:
            result = _differs(<const uint64_t *> &samples[0], n, mask, sign)
    return result


cdef void _tidy(uint8_t *data, Py_ssize_t n, int width, uint64_t mask, uint64_t sign) noexcept nogil:
    """Do what :func:`extend_sign` does to `n` samples of `width` bytes, without writing where all is well."""
    if width == 1:
        if _differs(data, n, <uint8_t> mask, <uint8_t> sign):
            _extend(data, n, <uint8_t> mask, <uint8_t> sign)
    elif width == 2:
        if bits_seen(<uint16_t *> data, n, <uint16_t> sign) & <uint16_t> ~mask:
            _extend(<uint16_t *> data, n, <uint16_t> mask, <uint16_t> sign)
    elif width == 4:
        if _differs(<uint32_t *> data, n, <uint32_t> mask, <uint32_t> sign):
            _extend(<uint32_t *> data, n, <uint32_t> mask, <uint32_t> sign)
    elif _differs(<uint64_t *> data, n, mask, sign):
        _extend(<uint64_t *> data, n, mask, sign)


cdef Py_ssize_t _read(
    int descriptor, uint8_t *data, Py_ssize_t size, Py_ssize_t step, int width, uint64_t mask, uint64_t sign
) noexcept nogil:
    cdef Py_ssize_t got = 0, tidy = 0, count
    while got < size:
        count = read_some(descriptor, data + got, min(size - got, step))
        if count <= 0:
            break
        got += count
        if mask:
            count = (got - tidy) // width
            _tidy(data + tidy, count, width, mask, sign)
            tidy += count * width
    return got


@cython.cdivision(True)
def read_samples(int descriptor, out not None, int width, bint is_signed, int unused) -> int:
    """Fill an array from where an open file is at, and replace the unused high bits as :func:`extend_sign` does.

    Parameters
    ----------
    descriptor : int
        The file's descriptor.
    out : buffer
        A contiguous array of little-endian samples.
    width : int
        The bytes of a sample: 1, 2, 4 or 8.
    is_signed : bool
        Whether samples have a sign.
    unused : int
        How many high bits are unused; 0 leaves samples as they are.

    Returns
    -------
    int
        How many bytes were read: fewer than `out` has if the file ends, or an error or a signal comes in between.
    """
    cdef Py_buffer view
    cdef Py_ssize_t got
    cdef uint64_t mask = 0, sign = 0
    if width not in (1, 2, 4, 8):
        raise ValueError(f"There are no samples of {width} bytes")
    if unused:
        _check_unused(unused, 8 * width)
        mask = (<uint64_t> 1 << (8 * width - unused)) - 1
        sign = (mask + 1) >> 1 if is_signed else 0
    PyObject_GetBuffer(out, &view, PyBUF_C_CONTIGUOUS | PyBUF_WRITABLE)
    try:
        with nogil:
            got = _read(descriptor, <uint8_t *> view.buf, view.len, READ_STEP if unused else view.len, width, mask, sign)
    finally:
        PyBuffer_Release(&view)
    return got


cdef uint8_t[256][8] _BITS
cdef int _value, _bit
for _value in range(256):
    for _bit in range(8):
        _BITS[_value][_bit] = (_value >> _bit) & 1


@cython.boundscheck(False)
@cython.wraparound(False)
def unpack(const uint8_t[::1] src not None, uint8_t[::1] out not None, Py_ssize_t first=0) -> None:
    """Write the bits of `src` from bit `first` on, least significant first, as bytes 0 or 1 that fill `out`."""
    cdef Py_ssize_t n = out.shape[0], at = 0, byte = first >> 3
    cdef int bit = first & 7
    if first < 0 or first + n > 8 * src.shape[0]:
        raise ValueError(f"{src.shape[0]} bytes do not hold bits {first} to {first + n}")
    with nogil:
        if bit:
            while bit < 8 and at < n:
                out[at] = (src[byte] >> bit) & 1
                at += 1
                bit += 1
            byte += 1
        while n - at >= 8:
            memcpy(&out[at], &_BITS[src[byte]][0], 8)
            at += 8
            byte += 1
        bit = 0
        while at < n:
            out[at] = (src[byte] >> bit) & 1
            at += 1
            bit += 1


@cython.boundscheck(False)
@cython.wraparound(False)
def swap_pairs(const uint8_t[::1] src not None, uint8_t[::1] out not None) -> None:
    """Copy `src` to `out` with the two bytes of every 16-bit word exchanged (8-bit samples in big-endian OW)."""
    cdef Py_ssize_t i, n = out.shape[0] & ~1
    if src.shape[0] < n:
        raise ValueError(f"{src.shape[0]} bytes cannot fill a buffer of {n} bytes")
    with nogil:
        for i in range(0, n, 2):
            out[i] = src[i + 1]
            out[i + 1] = src[i]
