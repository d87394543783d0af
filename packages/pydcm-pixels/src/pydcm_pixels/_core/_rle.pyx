"""RLE Lossless segments and frames (PS3.5 Annex G) without the GIL.

The encoder writes each row of each byte plane on its own, as PS3.5 G.3.1 asks; the decoder checks every read and
every write, so a broken stream ends in an error or in a short segment, never outside its buffers.
"""
from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_FromStringAndSize
from libc.stdint cimport uint8_t, uint32_t
from libc.stdlib cimport free, malloc
from libc.string cimport memcpy, memset

cdef enum:
    HEADER = 64
    MAX_SEGMENTS = 15


cdef inline Py_ssize_t _worst_case(Py_ssize_t n_bytes, Py_ssize_t n_rows) noexcept nogil:
    # The worst row is a lone byte before each pair: three bytes become four.
    return n_bytes + n_bytes // 2 + 4 * n_rows + 8


cdef Py_ssize_t _encode_row(const uint8_t *src, Py_ssize_t n, uint8_t *out) noexcept nogil:
    """Pack one row into `out` (at least `_worst_case(n, 1)` bytes) and return the number of bytes written."""
    cdef Py_ssize_t pos = 0, size = 0, literal = 0, run, take
    cdef uint8_t value
    while True:
        while pos + 1 < n and src[pos] != src[pos + 1]:
            pos += 1
        if pos + 1 >= n:
            break
        value = src[pos]
        run = 2
        while pos + run < n and src[pos + run] == value:
            run += 1
        while literal < pos:
            take = pos - literal
            if take > 128:
                take = 128
            out[size] = <uint8_t>(take - 1)
            memcpy(out + size + 1, src + literal, take)
            size += take + 1
            literal += take
        pos += run
        literal = pos
        while run >= 128:
            out[size] = 129
            out[size + 1] = value
            size += 2
            run -= 128
        if run > 1:
            out[size] = <uint8_t>(257 - run)
            out[size + 1] = value
            size += 2
        elif run == 1:
            out[size] = 0
            out[size + 1] = value
            size += 2
    while literal < n:
        take = n - literal
        if take > 128:
            take = 128
        out[size] = <uint8_t>(take - 1)
        memcpy(out + size + 1, src + literal, take)
        size += take + 1
        literal += take
    return size


cdef Py_ssize_t _encode_rows(const uint8_t *src, Py_ssize_t n, Py_ssize_t columns, uint8_t *out) noexcept nogil:
    cdef Py_ssize_t pos = 0, size = 0, take
    while pos < n:
        take = columns if n - pos > columns else n - pos
        size += _encode_row(src + pos, take, out + size)
        pos += take
    if size & 1:
        out[size] = 0
        size += 1
    return size


def encode_row(src) -> bytes:
    """Return one row of one byte plane as PackBits runs."""
    cdef const uint8_t[::1] view = bytes(src)
    cdef Py_ssize_t n = view.shape[0], size
    if n == 0:
        return b""
    cdef uint8_t *out = <uint8_t *> malloc(_worst_case(n, 1))
    if out == NULL:
        raise MemoryError()
    try:
        size = _encode_row(&view[0], n, out)
        return PyBytes_FromStringAndSize(<char *> out, size)
    finally:
        free(out)


def encode_segment(src, Py_ssize_t columns) -> bytes:
    """Return one byte plane, row by row, as an RLE segment of even length."""
    cdef const uint8_t[::1] view = bytes(src)
    cdef Py_ssize_t n = view.shape[0], size
    if columns < 1:
        raise ValueError(f"An RLE segment needs at least one column, not {columns}")
    if n == 0:
        return b""
    cdef uint8_t *out = <uint8_t *> malloc(_worst_case(n, n // columns + 1))
    if out == NULL:
        raise MemoryError()
    try:
        with nogil:
            size = _encode_rows(&view[0], n, columns, out)
        return PyBytes_FromStringAndSize(<char *> out, size)
    finally:
        free(out)


cdef void _gather(const uint8_t *src, Py_ssize_t step, Py_ssize_t n, uint8_t *plane) noexcept nogil:
    cdef Py_ssize_t i
    if step == 1:
        memcpy(plane, src, n)
    elif step == 2:
        for i in range(n):
            plane[i] = src[2 * i]
    elif step == 3:
        for i in range(n):
            plane[i] = src[3 * i]
    else:
        for i in range(n):
            plane[i] = src[step * i]


def encode_frame(const uint8_t[::1] src not None, Py_ssize_t rows, Py_ssize_t columns, int samples,
                 int bytes_allocated) -> bytes:
    """Return a frame of little-endian, pixel-interleaved samples as RLE.

    Parameters
    ----------
    src : bytes-like
        ``rows * columns * samples * bytes_allocated`` bytes (a longer buffer is cut).
    rows, columns, samples, bytes_allocated : int
        The frame's shape; at most 15 byte planes fit the RLE header.
    """
    cdef Py_ssize_t n_pixels = rows * columns, capacity, total = HEADER, size
    cdef int n_segments = samples * bytes_allocated, sample, byte, index = 0
    cdef uint32_t offsets[MAX_SEGMENTS]
    cdef uint8_t *out
    cdef uint8_t *plane
    if not 1 <= n_segments <= MAX_SEGMENTS:
        raise ValueError(
            "Unable to encode as the DICOM standard only allows a maximum of 15 segments in RLE encoded data"
        )
    if rows < 1 or columns < 1 or src.shape[0] < n_pixels * n_segments:
        raise ValueError(
            f"Unable to encode {src.shape[0]} bytes as an RLE frame of {rows} rows, {columns} columns and "
            f"{n_segments} bytes per pixel"
        )
    capacity = HEADER + n_segments * _worst_case(n_pixels, rows)
    out = <uint8_t *> malloc(capacity)
    plane = <uint8_t *> malloc(n_pixels)
    if out == NULL or plane == NULL:
        free(out)
        free(plane)
        raise MemoryError()
    try:
        with nogil:
            memset(out, 0, HEADER)
            for sample in range(samples):
                # Segments hold the most significant byte first (PS3.5 G.2).
                for byte in range(bytes_allocated - 1, -1, -1):
                    _gather(&src[0] + sample * bytes_allocated + byte, n_segments, n_pixels, plane)
                    offsets[index] = <uint32_t> total
                    index += 1
                    size = _encode_rows(plane, n_pixels, columns, out + total)
                    total += size
            _put_u32(out, <uint32_t> n_segments)
            for index in range(n_segments):
                _put_u32(out + 4 + 4 * index, offsets[index])
        if total > 0xFFFFFFFF:
            raise ValueError(f"The encoded frame's {total} bytes are too many for an RLE header's 32-bit offsets")
        return PyBytes_FromStringAndSize(<char *> out, total)
    finally:
        free(out)
        free(plane)


cdef inline void _put_u32(uint8_t *out, uint32_t value) noexcept nogil:
    out[0] = value & 0xFF
    out[1] = (value >> 8) & 0xFF
    out[2] = (value >> 16) & 0xFF
    out[3] = value >> 24


cdef inline uint32_t _get_u32(const uint8_t *src) noexcept nogil:
    return src[0] | (<uint32_t> src[1] << 8) | (<uint32_t> src[2] << 16) | (<uint32_t> src[3] << 24)


def parse_header(header) -> list:
    """Return the segment offsets that a 64-byte RLE header holds (PS3.5 G.5)."""
    cdef const uint8_t[::1] view = bytes(header)
    cdef uint32_t n, i
    if view.shape[0] != HEADER:
        raise ValueError("The RLE header can only be 64 bytes long")
    n = _get_u32(&view[0])
    if n > MAX_SEGMENTS:
        raise ValueError(f"The RLE header specifies an invalid number of segments ({n})")
    return [_get_u32(&view[4 + 4 * i]) for i in range(n)]


cdef Py_ssize_t _decoded_size(const uint8_t *src, Py_ssize_t n) noexcept nogil:
    """Return the number of bytes that the runs of a segment hold."""
    cdef Py_ssize_t pos = 0, size = 0
    cdef int head
    while pos < n:
        head = src[pos]
        pos += 1
        if head > 128:
            if pos >= n:
                break
            size += 257 - head
            pos += 1
        elif head < 128:
            size += head + 1 if n - pos > head else n - pos
            pos += head + 1
    return size


cdef Py_ssize_t _decode_strided(const uint8_t *src, Py_ssize_t n, uint8_t *out, Py_ssize_t step,
                                Py_ssize_t limit) noexcept nogil:
    """Write at most `limit` bytes, `step` apart; return how many the segment holds (may exceed `limit`)."""
    cdef Py_ssize_t pos = 0, done = 0, take, i
    cdef int head
    cdef uint8_t value
    cdef uint8_t *to
    while pos < n:
        head = src[pos]
        pos += 1
        if head > 128:
            if pos >= n:
                break
            take = 257 - head
            value = src[pos]
            pos += 1
            to = out + done * step
            if take > limit - done:
                for i in range(limit - done):
                    to[i * step] = value
                return done + take + _decoded_size(src + pos, n - pos)
            if step == 1:
                memset(to, value, take)
            else:
                for i in range(take):
                    to[i * step] = value
            done += take
        elif head < 128:
            take = head + 1
            if take > n - pos:
                take = n - pos
            to = out + done * step
            if take > limit - done:
                _scatter(src + pos, to, step, limit - done)
                return done + take + _decoded_size(src + pos + take, n - pos - take)
            if step == 1:
                memcpy(to, src + pos, take)
            else:
                _scatter(src + pos, to, step, take)
            pos += take
            done += take
    return done


cdef void _scatter(const uint8_t *src, uint8_t *out, Py_ssize_t step, Py_ssize_t n) noexcept nogil:
    cdef Py_ssize_t i
    for i in range(n):
        out[i * step] = src[i]


def decode_segment(src) -> bytearray:
    """Return the byte plane that an RLE segment holds; a run cut off by the end counts as far as it goes."""
    cdef const uint8_t[::1] view = bytes(src)
    cdef Py_ssize_t n = view.shape[0], size
    if n == 0:
        return bytearray()
    size = _decoded_size(&view[0], n)
    result = bytearray(size)
    cdef uint8_t[::1] out = result
    if size:
        with nogil:
            _decode_strided(&view[0], n, &out[0], 1, size)
    return result


def decode_frame(const uint8_t[::1] src not None, uint8_t[::1] out not None, Py_ssize_t n_pixels, int samples,
                 int bytes_allocated, bint little_endian_segments=False, bint planar=True) -> int:
    """Decode an RLE frame into `out` as little-endian samples.

    Parameters
    ----------
    src : bytes-like
        The encoded frame, header included.
    out : writable buffer
        ``n_pixels * samples * bytes_allocated`` bytes: all of one sample after the other when `planar`, else
        pixel by pixel.
    n_pixels, samples, bytes_allocated : int
        The expected shape.
    little_endian_segments : bool, optional
        For streams written with the least significant byte plane first, against PS3.5 G.2.

    Returns
    -------
    int
        0, or the decoded length of the first segment that held more than `n_pixels` bytes.
    """
    cdef uint32_t starts[MAX_SEGMENTS + 1]
    cdef uint32_t n_found
    cdef Py_ssize_t end, got, step, base, excess = 0
    cdef int expected = samples * bytes_allocated, index, sample, byte, k
    if src.shape[0] < HEADER:
        raise ValueError("The RLE header can only be 64 bytes long")
    n_found = _get_u32(&src[0])
    if n_found > MAX_SEGMENTS:
        raise ValueError(f"The RLE header specifies an invalid number of segments ({n_found})")
    if <int> n_found != expected:
        raise ValueError(
            "The number of RLE segments in the pixel data doesn't match the expected amount "
            f"({n_found} vs. {expected} segments)"
        )
    if n_pixels < 1 or out.shape[0] < n_pixels * expected:
        raise ValueError(f"The RLE output buffer has {out.shape[0]} bytes, {n_pixels * expected} are needed")
    for index in range(expected):
        starts[index] = _get_u32(&src[4 + 4 * index])
    for index in range(expected):
        sample, k = divmod(index, bytes_allocated)
        byte = k if little_endian_segments else bytes_allocated - 1 - k
        end = starts[index + 1] if index + 1 < expected else src.shape[0]
        if end > src.shape[0]:
            end = src.shape[0]
        if planar:
            step = bytes_allocated
            base = sample * n_pixels * bytes_allocated + byte
        else:
            step = expected
            base = sample * bytes_allocated + byte
        got = 0
        if starts[index] < end:
            with nogil:
                got = _decode_strided(&src[0] + starts[index], end - starts[index], &out[0] + base, step, n_pixels)
        if got < n_pixels:
            raise ValueError(
                "The amount of decoded RLE segment data doesn't match the expected amount "
                f"({got} vs. {n_pixels} bytes)"
            )
        if got > n_pixels and not excess:
            excess = got
    return excess
