"""Backslash-separated numbers in text, straight into arrays."""
cimport cython
from libc.stdint cimport int64_t

from pydcm._core._textvalues cimport count_values, parse_ds_array, parse_is_array


@cython.boundscheck(False)
def text_extent(const unsigned char[::1] text not None):
    """Return (length of `text` without its padding, number of backslash-separated values in it)."""
    cdef Py_ssize_t n = text.shape[0]
    while n and (text[n - 1] == c" " or text[n - 1] == 0):
        n -= 1
    return n, (count_values(&text[0], n) if n else 0)


@cython.boundscheck(False)
def fill_decimals(const unsigned char[::1] text not None, double[::1] out not None):
    """Parse backslash-separated DS `text` into `out`.

    Returns
    -------
    int
        The number of values stored, or ``-1 - i`` if value `i` is not a decimal string or does not fit.
    """
    cdef Py_ssize_t n
    cdef double* target = &out[0] if out.shape[0] else NULL
    if not text.shape[0]:
        return 0
    with nogil:
        n = parse_ds_array(&text[0], text.shape[0], target, out.shape[0])
    return n


@cython.boundscheck(False)
def fill_integers(const unsigned char[::1] text not None, int64_t[::1] out not None):
    """Parse backslash-separated IS `text` into `out`; see `fill_decimals`."""
    cdef Py_ssize_t n
    cdef int64_t* target = &out[0] if out.shape[0] else NULL
    if not text.shape[0]:
        return 0
    with nogil:
        n = parse_is_array(&text[0], text.shape[0], target, out.shape[0])
    return n
