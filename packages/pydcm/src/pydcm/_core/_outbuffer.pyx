"""A growing buffer for encoded data that leaves big values where they are.

Small things are copied into one block of memory. Of big ones only the place is noted: the operating system gets them from
where they are when everything is written.
"""
from cpython.buffer cimport PyBUF_SIMPLE, PyBuffer_Release, PyObject_GetBuffer
from cpython.bytes cimport PyBytes_FromStringAndSize
from libc.stdint cimport uint32_t, uint64_t
from libc.stdlib cimport free, realloc
from libc.string cimport memcpy

from pydcm._core._kinds cimport store_u32
from pydcm._core._scan cimport Table

cdef enum:
    # From this size on a value stays where it is. Below, copying is cheaper than one more buffer to write.
    BY_REFERENCE = 32768


class BufferedValue:
    """A value that is a file-like object: it is read when it is written.

    Parameters
    ----------
    buffer : io.BufferedIOBase
        The readable and seekable object, positioned where the value starts.
    """

    def __init__(self, buffer):
        from pydcm.fileutil import buffer_remaining

        self.buffer = buffer
        self.nbytes = buffer_remaining(buffer)

    def chunks(self):
        """Give the value piece by piece, a zero byte after an odd number of bytes included, and rewind the buffer.

        Raises
        ------
        OSError
            If the buffer gives another number of bytes than when its length was asked for.
        """
        from pydcm.fileutil import read_buffer, reset_buffer_position

        total = 0
        with reset_buffer_position(self.buffer):
            for chunk in read_buffer(self.buffer):
                total += len(chunk)
                if total > self.nbytes:
                    break
                yield chunk
        if total != self.nbytes:
            raise OSError(f"A buffered value has changed its length while being written (it was {self.nbytes} bytes)")
        if total % 2:
            yield b"\0"


cdef class OutBuffer:
    """Encoded data in the making.

    Parameters
    ----------
    little : bool
        Whether numbers are little endian.
    """

    def __cinit__(self, *args, **kwargs):
        self.little = True
        self._spans = []

    def __dealloc__(self):
        free(self.data)

    def patch(self, uint64_t position, uint32_t number):
        """Replace four bytes at `position` by `number`; nothing of what is in front of it may be a big value."""
        if position + 4 > self.used:
            raise IndexError(f"There is nothing at {position}")
        store_u32(self.data + position, number, self.little)

    @property
    def nbytes(self):
        """The number of bytes so far."""
        return self.used + self.outside

    def pieces(self):
        """Return what was encoded as a list of bytes, memoryviews of big values, and `BufferedValue` objects."""
        cdef uint64_t done = 0
        cdef uint64_t at
        out = []
        for at, thing, start, stop in self._spans:
            if at > done:
                out.append(PyBytes_FromStringAndSize(<char*>self.data + done, at - done))
                done = at
            if isinstance(thing, BufferedValue):
                out.append(thing)
                continue
            view = memoryview((<Table>thing).owner if isinstance(thing, Table) else thing)
            if view.format != "B" or view.ndim != 1:
                view = view.cast("B")
            out.append(view[start:stop])
        if self.used > done:
            out.append(PyBytes_FromStringAndSize(<char*>self.data + done, self.used - done))
        return out

    def write_to(self, fp):
        """Write what was encoded to the file-like `fp` from front to back and return the number of bytes."""
        write = fp.write
        for piece in self.pieces():
            for chunk in piece.chunks() if isinstance(piece, BufferedValue) else (piece,):
                written = write(chunk)
                # An unbuffered file may take less than it is given.
                while written is not None and 0 < written < len(chunk):
                    chunk = memoryview(chunk)[written:]
                    written = write(chunk)
        return self.nbytes

    cdef int grow(self, uint64_t n) except -1:
        cdef uint64_t capacity = self.capacity * 2
        cdef unsigned char* data
        if capacity < 4096:
            capacity = 4096
        if capacity < self.used + n:
            capacity = self.used + n
        data = <unsigned char*>realloc(self.data, capacity)
        if data == NULL:
            raise MemoryError(f"Cannot get {capacity} bytes to encode the data set in")
        self.data = data
        self.capacity = capacity
        return 0

    cdef unsigned char* room(self, uint64_t n) except NULL:
        """Return where the next `n` bytes may be put; the caller then adds to `used` what it has put."""
        if self.capacity - self.used < n or self.data == NULL:
            self.grow(n)
        return self.data + self.used

    cdef int put(self, const unsigned char* source, uint64_t n) except -1:
        memcpy(self.room(n), source, n)
        self.used += n
        return 0

    cdef int put_object(self, object value, bint by_reference) except -1:
        """Put the bytes of `value`; big ones stay where they are if allowed to."""
        cdef Py_buffer view
        cdef uint64_t n
        PyObject_GetBuffer(value, &view, PyBUF_SIMPLE)
        try:
            n = view.len
            if by_reference and n >= BY_REFERENCE:
                self._spans.append((self.used, value, 0, n))
                self.outside += n
            else:
                self.put(<const unsigned char*>view.buf, n)
        finally:
            PyBuffer_Release(&view)
        return 0

    cdef int put_buffered(self, object buffer) except -1:
        """Put the value that `buffer`, a file-like object, will give; its padding is written along with it."""
        cdef object value = BufferedValue(buffer)
        cdef uint64_t n = value.nbytes
        self._spans.append((self.used, value, 0, n))
        self.outside += n + n % 2
        return 0

    cdef int put_source(self, Table table, uint64_t start, uint64_t stop) except -1:
        """Put the bytes from `start` to `stop` of what `table` describes."""
        cdef uint64_t n = stop - start
        if stop < start or stop > <uint64_t>table.size:
            raise IndexError(f"The source has {table.size} bytes, wanted are {start} to {stop}")
        if n < BY_REFERENCE:
            return self.put(table.data + start, n)
        if self._spans:
            at, last, first, end = self._spans[-1]
            if at == self.used and last is table and end == start:
                self._spans[-1] = (at, table, first, stop)
                self.outside += n
                return 0
        self._spans.append((self.used, table, start, stop))
        self.outside += n
        return 0
