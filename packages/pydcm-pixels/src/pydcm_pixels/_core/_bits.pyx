"""Unused high bits, 1-bit packing and byte order, one pass each, without the GIL (PS3.5 §8.1.1)."""
cimport cython
from libc.stdint cimport int8_t, int16_t, int32_t, int64_t, uint8_t, uint16_t, uint32_t, uint64_t
from libc.string cimport memcpy

ctypedef fused Sample:
    int8_t
    int16_t
    int32_t
    int64_t
    uint8_t
    uint16_t
    uint32_t
    uint64_t


@cython.boundscheck(False)
@cython.wraparound(False)
def extend_sign(Sample[::1] samples not None, int unused) -> None:
    """Replace the `unused` high bits of every sample, in place.

    Signed samples get copies of their sign bit, unsigned samples get zeros.
    """
    cdef Py_ssize_t i, n = samples.shape[0]
    if not 0 < unused < 8 * <int> sizeof(Sample):
        raise ValueError(f"{unused} unused bits do not fit samples of {8 * sizeof(Sample)} bits")
    with nogil:
        for i in range(n):
            # The left shift is done unsigned: shifting a negative value is undefined in C.
            if Sample is int8_t:
                samples[i] = <int8_t> (<uint8_t> samples[i] << unused) >> unused
            elif Sample is int16_t:
                samples[i] = <int16_t> (<uint16_t> samples[i] << unused) >> unused
            elif Sample is int32_t:
                samples[i] = <int32_t> (<uint32_t> samples[i] << unused) >> unused
            elif Sample is int64_t:
                samples[i] = <int64_t> (<uint64_t> samples[i] << unused) >> unused
            elif Sample is uint8_t:
                samples[i] = <uint8_t> (samples[i] << unused) >> unused
            elif Sample is uint16_t:
                samples[i] = <uint16_t> (samples[i] << unused) >> unused
            else:
                samples[i] = (samples[i] << unused) >> unused


@cython.boundscheck(False)
@cython.wraparound(False)
def has_unused_bits(const Sample[::1] samples not None, int unused) -> bool:
    """Return whether any of the `unused` high bits differs from what :func:`extend_sign` would put there."""
    cdef Py_ssize_t i, n = samples.shape[0]
    cdef uint64_t seen = 0
    cdef uint8_t seen8 = 0
    cdef uint16_t seen16 = 0
    cdef uint32_t seen32 = 0
    if not 0 < unused < 8 * <int> sizeof(Sample):
        raise ValueError(f"{unused} unused bits do not fit samples of {8 * sizeof(Sample)} bits")
    cdef int used = 8 * <int> sizeof(Sample) - unused
    with nogil:
        for i in range(n):
            if Sample is int8_t:
                seen8 |= <uint8_t> (samples[i] >> (used - 1)) ^ <uint8_t> (samples[i] >> 7)
            elif Sample is int16_t:
                seen16 |= <uint16_t> (samples[i] >> (used - 1)) ^ <uint16_t> (samples[i] >> 15)
            elif Sample is int32_t:
                seen32 |= <uint32_t> (samples[i] >> (used - 1)) ^ <uint32_t> (samples[i] >> 31)
            elif Sample is int64_t:
                seen |= <uint64_t> (samples[i] >> (used - 1)) ^ <uint64_t> (samples[i] >> 63)
            elif Sample is uint8_t:
                seen8 |= samples[i] >> used
            elif Sample is uint16_t:
                seen16 |= samples[i] >> used
            elif Sample is uint32_t:
                seen32 |= samples[i] >> used
            else:
                seen |= samples[i] >> used
    return bool(seen | seen8 | seen16 | seen32)


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
