"""Walk over the items of encapsulated pixel data (PS3.5 §A.4) without a Python object per item.

All positions are offsets from the start of the buffer. A length is never trusted: an item that claims to reach
beyond the end of the buffer gets what is there.
"""
cimport cython
from cpython cimport array
from cpython.buffer cimport PyBUF_SIMPLE, PyBuffer_Release, PyObject_GetBuffer
from libc.stdint cimport int64_t, uint32_t
from libc.stdlib cimport free, realloc

import array

cdef enum:
    ITEM = 0xFFFEE000
    SEQUENCE_DELIMITER = 0xFFFEE0DD
    UNDEFINED_LENGTH = 0xFFFFFFFF

cdef enum:
    C_END = 0
    C_DELIMITER = 1
    C_LIMIT = 2
    C_NO_LENGTH = 3
    C_UNDEFINED_LENGTH = 4
    C_NO_ITEM = 5

#: Why a walk ended: no more data, the sequence delimiter, or the number of items asked for ...
END, DELIMITER, LIMIT = C_END, C_DELIMITER, C_LIMIT
#: ... or a fault where it ended: no room for a length, an undefined length, or a tag that is neither.
NO_LENGTH, NO_ITEM_LENGTH, NO_ITEM = C_NO_LENGTH, C_UNDEFINED_LENGTH, C_NO_ITEM

cdef array.array _INT64 = array.array("q")


cdef struct Table:
    int64_t* rows           # alternating: where the value of an item begins, its number of bytes
    Py_ssize_t count
    Py_ssize_t capacity


cdef inline uint32_t _u32(const unsigned char* p, bint little) noexcept nogil:
    if little:
        return <uint32_t>p[0] | (<uint32_t>p[1] << 8) | (<uint32_t>p[2] << 16) | (<uint32_t>p[3] << 24)
    return <uint32_t>p[3] | (<uint32_t>p[2] << 8) | (<uint32_t>p[1] << 16) | (<uint32_t>p[0] << 24)


cdef inline uint32_t _tag(const unsigned char* p, bint little) noexcept nogil:
    cdef uint32_t raw = _u32(p, little)
    # Group and element number are swapped one by one
    return (raw << 16) | (raw >> 16) if little else raw


cdef int _append(Table* table, int64_t offset, int64_t length) except -1 nogil:
    cdef Py_ssize_t capacity
    cdef int64_t* rows
    if table.count == table.capacity:
        capacity = 64 if table.capacity == 0 else table.capacity * 2
        rows = <int64_t*>realloc(table.rows, capacity * 2 * sizeof(int64_t))
        if rows == NULL:
            with gil:
                raise MemoryError("no memory for the table of fragments")
        table.rows = rows
        table.capacity = capacity
    table.rows[2 * table.count] = offset
    table.rows[2 * table.count + 1] = length
    table.count += 1
    return 0


cdef int _walk(
    const unsigned char* data, int64_t size, int64_t* position, bint little, Py_ssize_t limit, Table* table
) except -1 nogil:
    """Fill the table from `position` on, which is moved to where the walk ends; return why it ends."""
    cdef int64_t at = position[0]
    cdef uint32_t tag, length
    cdef int why
    while True:
        if size - at < 4:
            why = C_END
            break
        tag = _tag(data + at, little)
        if tag == SEQUENCE_DELIMITER:
            why = C_DELIMITER
            break
        if tag != ITEM:
            why = C_NO_ITEM
            break
        if size - at < 8:
            why = C_NO_LENGTH
            break
        length = _u32(data + at + 4, little)
        if length == UNDEFINED_LENGTH:
            why = C_UNDEFINED_LENGTH
            break
        if table.count == limit:
            why = C_LIMIT
            break
        at += 8
        _append(table, at, length if length <= size - at else size - at)
        at += length
        if at > size:
            at = size
    position[0] = at
    return why


cdef array.array _column(Table* table, int column):
    cdef array.array result = array.clone(_INT64, table.count, False)
    cdef int64_t* target = <int64_t*>result.data.as_voidptr
    cdef Py_ssize_t i
    for i in range(table.count):
        target[i] = table.rows[2 * i + column]
    return result


def walk(data, Py_ssize_t start, bint little_endian, Py_ssize_t limit):
    """Return where the items are.

    Parameters
    ----------
    data : bytes-like
        The encapsulated data, contiguous.
    start : int
        Where the first item tag is.
    little_endian : bool
        The byte order of tags and lengths.
    limit : int
        After how many items to stop.

    Returns
    -------
    offsets : array.array of int64, shape (items,)
        Where the value of each item begins.
    lengths : array.array of int64, shape (items,)
        How many bytes of it there are in `data`.
    position : int
        Where the walk ended.
    why : int
        Why: :data:`END`, :data:`DELIMITER`, :data:`LIMIT`, :data:`NO_LENGTH`, :data:`NO_ITEM_LENGTH` or
        :data:`NO_ITEM`.
    """
    cdef Py_buffer view
    cdef Table table
    cdef int64_t position = start
    cdef int why
    table.rows = NULL
    table.count = table.capacity = 0
    if start < 0:
        raise ValueError("'start' must not be negative")
    PyObject_GetBuffer(data, &view, PyBUF_SIMPLE)
    try:
        with nogil:
            why = _walk(<const unsigned char*>view.buf, view.len, &position, little_endian, limit, &table)
        return _column(&table, 0), _column(&table, 1), position, why
    finally:
        free(table.rows)
        PyBuffer_Release(&view)


@cython.boundscheck(False)  # i stays below the length of both arrays, which is compared first
@cython.wraparound(False)
def frames_by_marker(data, int64_t[::1] offsets, int64_t[::1] lengths):
    """Return which fragments begin a frame, if a frame ends with an end-of-image marker (FF D9).

    The marker is looked for in the last ten bytes of a fragment, as padding may follow it.

    Parameters
    ----------
    data : bytes-like
        The encapsulated data.
    offsets, lengths : array of int64, shape (fragments,)
        As :func:`walk` returns them for the same data.

    Returns
    -------
    firsts : array.array of int64, shape (frames + 1,)
        The number of the first fragment of each frame, and the number of fragments that belong to a frame. It
        is less than that of all fragments if those at the end have no marker.
    """
    cdef Py_buffer view
    cdef Py_ssize_t i, count = offsets.shape[0], frames = 0
    cdef array.array firsts = array.clone(_INT64, count + 1, False)
    cdef int64_t* out = <int64_t*>firsts.data.as_voidptr
    cdef const unsigned char* bytes_
    cdef int64_t at, end
    if lengths.shape[0] != count:
        raise ValueError("'offsets' and 'lengths' must be of one length")
    out[0] = 0
    PyObject_GetBuffer(data, &view, PyBUF_SIMPLE)
    try:
        bytes_ = <const unsigned char*>view.buf
        for i in range(count):
            if offsets[i] < 0 or lengths[i] < 0 or lengths[i] > view.len - offsets[i]:
                raise ValueError("a fragment is not inside the data")
        with nogil:
            for i in range(count):
                end = offsets[i] + lengths[i]
                at = end - 10 if lengths[i] > 10 else offsets[i]
                while at + 1 < end:
                    if bytes_[at] == 0xFF and bytes_[at + 1] == 0xD9:
                        frames += 1
                        out[frames] = i + 1
                        break
                    at += 1
    finally:
        PyBuffer_Release(&view)
    array.resize(firsts, frames + 1)
    return firsts
