"""Look-up tables and windows applied to stored values in one pass, without the GIL (PS3.3 §C.11)."""
cimport cython
from libc.stdint cimport int8_t, int16_t, int32_t, uint8_t, uint16_t, uint32_t

ctypedef fused Stored:
    int8_t
    int16_t
    int32_t
    uint8_t
    uint16_t
    uint32_t

ctypedef fused Entry:
    uint8_t
    uint16_t
    uint32_t


@cython.boundscheck(False)
@cython.wraparound(False)
def lookup(const Stored[::1] values not None, const Entry[::1] table not None, long long first,
           Entry[::1] out not None) -> None:
    """Map each value to its table entry.

    Values up to `first` get the first entry, values past the table's end the last one (PS3.3 §C.11.1.1).
    """
    cdef Py_ssize_t i, n = values.shape[0], n_entries = table.shape[0]
    cdef long long at
    if n_entries < 1:
        raise ValueError("The look-up table has no entries")
    if out.shape[0] < n:
        raise ValueError(f"The output has room for {out.shape[0]} values, {n} are needed")
    with nogil:
        for i in range(n):
            at = <long long> values[i] - first
            if at < 0:
                at = 0
            elif at >= n_entries:
                at = n_entries - 1
            out[i] = table[at]


@cython.boundscheck(False)
@cython.wraparound(False)
def lookup_rgb(const Stored[::1] values not None, const Entry[::1] red not None, const Entry[::1] green not None,
               const Entry[::1] blue not None, long long first, Entry[::1] out not None) -> None:
    """Map each value to an interleaved RGB pixel; the three tables have the same length."""
    cdef Py_ssize_t i, n = values.shape[0], n_entries = red.shape[0]
    cdef long long at
    if n_entries < 1 or green.shape[0] != n_entries or blue.shape[0] != n_entries:
        raise ValueError("LUT data must be the same length")
    if out.shape[0] < 3 * n:
        raise ValueError(f"The output has room for {out.shape[0]} values, {3 * n} are needed")
    with nogil:
        for i in range(n):
            at = <long long> values[i] - first
            if at < 0:
                at = 0
            elif at >= n_entries:
                at = n_entries - 1
            out[3 * i] = red[at]
            out[3 * i + 1] = green[at]
            out[3 * i + 2] = blue[at]
