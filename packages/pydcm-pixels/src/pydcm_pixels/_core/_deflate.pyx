"""DEFLATE (RFC 1951) for voxels: greedy matches of whole samples, dynamic Huffman codes.

Neighbouring voxels differ by noise, so that short matches far away cost more bits than the samples themselves. Only
matches of six bytes and more are looked for, at samples only, and less often where there were none for a while: that is
several times faster than zlib at the same size.
"""
from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_FromStringAndSize
from libc.stdint cimport int32_t, uint8_t, uint16_t, uint32_t, uint64_t
from libc.stdlib cimport free, malloc, qsort
from libc.string cimport memcpy, memset

cdef extern from *:
    """
    #if defined(_MSC_VER)
    #include <intrin.h>
    static __inline int pydcm_low_zero_bytes(unsigned __int64 x) { unsigned long i; _BitScanForward64(&i, x); return (int)(i >> 3); }
    #else
    static inline int pydcm_low_zero_bytes(unsigned long long x) { return __builtin_ctzll(x) >> 3; }
    #endif
    """
    int pydcm_low_zero_bytes(uint64_t x) nogil

cdef enum:
    BLOCK = 1 << 17             # bytes of input that share their Huffman codes
    HASH_BITS = 13
    WINDOW = 32768
    LONGEST = 258
    SHORTEST = 6
    N_LITERALS = 286
    N_DISTANCES = 30
    N_LENGTHS = 19
    MAX_BITS = 14               # of a code: four of them and seven bits more fit into 64 bits
    PATIENCE = 5                # after 2 ** PATIENCE samples without a match every second one is looked for, and so on
    MOST_SKIPPED = 16

cdef struct Match:
    uint32_t literals           # in front of it
    uint16_t length
    uint16_t distance           # less 1

cdef struct Bits:
    uint64_t buffer
    int count
    uint8_t* out
    Py_ssize_t at

cdef uint8_t LENGTH_CODE[259]
cdef uint8_t LENGTH_EXTRA[29]
cdef uint16_t LENGTH_BASE[29]
cdef uint8_t DISTANCE_CODE[512]
cdef uint8_t DISTANCE_EXTRA[30]
cdef uint16_t DISTANCE_BASE[30]
cdef uint8_t[19] ORDER          # in which the lengths of code lengths are written


cdef void fill_tables() noexcept:
    """Work out the codes of lengths and distances (RFC 1951 §3.2.5)."""
    cdef int code, extra, i, at
    for i, code in enumerate((16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15)):
        ORDER[i] = code
    at = 3
    for code in range(28):
        extra = 0 if code < 8 else (code >> 2) - 1
        LENGTH_BASE[code] = at
        LENGTH_EXTRA[code] = extra
        for i in range(1 << extra):
            if at <= 258:
                LENGTH_CODE[at] = code
            at += 1
    LENGTH_BASE[28] = 258
    LENGTH_EXTRA[28] = 0
    LENGTH_CODE[258] = 28
    at = 0
    for code in range(30):
        extra = 0 if code < 4 else (code >> 1) - 1
        DISTANCE_BASE[code] = at
        DISTANCE_EXTRA[code] = extra
        for i in range(1 << extra):
            if at < 256:
                DISTANCE_CODE[at] = code
            else:
                DISTANCE_CODE[256 + (at >> 7)] = code
            at += 1


fill_tables()


cdef inline void put(Bits* bits, uint64_t value, int count) noexcept nogil:
    bits.buffer |= value << bits.count
    bits.count += count


cdef inline void flush(Bits* bits) noexcept nogil:
    """Write the whole bytes of the buffer; there have to be eight bytes of room."""
    memcpy(bits.out + bits.at, &bits.buffer, 8)
    bits.at += bits.count >> 3
    bits.buffer >>= bits.count & ~7
    bits.count &= 7


cdef int compare(const void* a, const void* b) noexcept nogil:
    cdef uint64_t one = (<const uint64_t*> a)[0], other = (<const uint64_t*> b)[0]
    return (one > other) - (one < other)


cdef void lengths_of(const uint32_t* counts, int n, int most, uint8_t* lengths) noexcept nogil:
    """Work out the lengths of a Huffman code, at most `most` bits each; at least two symbols get one."""
    cdef uint64_t[288] sorted_
    cdef uint64_t[576] weights
    cdef int[576] parents
    cdef int[576] depths
    cdef int[64] by_length
    cdef int i, k = 0, leaf, node, made, first, total, length
    for i in range(n):
        lengths[i] = 0
        if counts[i]:
            sorted_[k] = <uint64_t> counts[i] << 16 | i
            k += 1
    i = 0
    while k < 2:
        if not counts[i]:
            sorted_[k] = <uint64_t> 1 << 16 | i
            k += 1
        i += 1
    qsort(sorted_, k, sizeof(uint64_t), compare)
    for i in range(k):
        weights[i] = sorted_[i] >> 16
    # two queues: leaves in order, and nodes, which are made in order
    leaf, node, made = 0, k, k
    while made < 2 * k - 1:
        weights[made] = 0
        for i in range(2):
            if leaf < k and (node >= made or weights[leaf] <= weights[node]):
                first = leaf
                leaf += 1
            else:
                first = node
                node += 1
            weights[made] += weights[first]
            parents[first] = made
        made += 1
    memset(by_length, 0, sizeof(by_length))
    depths[made - 1] = 0
    for i in range(made - 2, -1, -1):
        depths[i] = depths[parents[i]] + 1
        if i < k:
            by_length[depths[i] if depths[i] < most else most] += 1
    # codes that were too long make too many short ones: move some down (Kraft's inequality)
    total = 0
    for i in range(1, most + 1):
        total += by_length[i] << (most - i)
    while total > 1 << most:
        by_length[most] -= 1
        for i in range(most - 1, 0, -1):
            if by_length[i]:
                by_length[i] -= 1
                by_length[i + 1] += 2
                break
        total -= 1
    length = most
    for i in range(k):
        while not by_length[length]:
            length -= 1
        by_length[length] -= 1
        lengths[sorted_[i] & 0xFFFF] = length


cdef void codes_of(const uint8_t* lengths, int n, uint16_t* codes) noexcept nogil:
    """Work out the codes of given lengths (RFC 1951 §3.2.2), first bit lowest."""
    cdef int[16] count
    cdef int[16] following
    cdef int i, bit, code = 0
    cdef uint16_t turned
    memset(count, 0, sizeof(count))
    for i in range(n):
        count[lengths[i]] += 1
    count[0] = 0
    for i in range(1, 16):
        code = (code + count[i - 1]) << 1
        following[i] = code
    for i in range(n):
        turned = 0
        if lengths[i]:
            code = following[lengths[i]]
            following[lengths[i]] += 1
            for bit in range(lengths[i]):
                turned = turned << 1 | (code >> bit & 1)
        codes[i] = turned


cdef void put_header(Bits* bits, const uint8_t* literals, const uint8_t* distances, bint last) noexcept nogil:
    """Write the header of a block with dynamic codes (RFC 1951 §3.2.7)."""
    cdef uint8_t[N_LITERALS + N_DISTANCES] all_
    cdef uint16_t[N_LITERALS + N_DISTANCES] symbols
    cdef uint32_t[N_LENGTHS] counts
    cdef uint8_t[N_LENGTHS] lengths
    cdef uint16_t[N_LENGTHS] codes
    cdef int n_literals = N_LITERALS, n_distances = N_DISTANCES, n_lengths = N_LENGTHS
    cdef int n, i, run, k = 0, value
    while not literals[n_literals - 1]:
        n_literals -= 1
    while n_distances > 1 and not distances[n_distances - 1]:
        n_distances -= 1
    memcpy(all_, literals, n_literals)
    memcpy(all_ + n_literals, distances, n_distances)
    n = n_literals + n_distances
    memset(counts, 0, sizeof(counts))
    i = 0
    while i < n:
        value = all_[i]
        run = 1
        while i + run < n and all_[i + run] == value:
            run += 1
        if value == 0 and run >= 3:
            run = run if run < 138 else 138
            symbols[k] = (17 | (run - 3) << 8) if run < 11 else (18 | (run - 11) << 8)
        elif run >= 4:
            symbols[k] = value
            counts[value] += 1
            k += 1
            i += 1
            run = run - 1 if run - 1 < 6 else 6
            symbols[k] = 16 | (run - 3) << 8
        else:
            run = 1
            symbols[k] = value
        counts[symbols[k] & 0xFF] += 1
        k += 1
        i += run
    lengths_of(counts, N_LENGTHS, 7, lengths)
    codes_of(lengths, N_LENGTHS, codes)
    while not lengths[ORDER[n_lengths - 1]]:
        n_lengths -= 1
    put(bits, last | 2 << 1, 3)
    put(bits, (n_literals - 257) | (n_distances - 1) << 5 | (n_lengths - 4) << 10, 14)
    flush(bits)
    for i in range(n_lengths):
        put(bits, lengths[ORDER[i]], 3)
        flush(bits)
    for i in range(k):
        value = symbols[i] & 0xFF
        put(bits, codes[value], lengths[value])
        if value >= 16:
            put(bits, symbols[i] >> 8, 2 if value == 16 else 3 if value == 17 else 7)
        flush(bits)


cdef inline uint64_t eight(const uint8_t* p) noexcept nogil:
    cdef uint64_t value
    memcpy(&value, p, 8)
    return value


cdef int find_matches(const uint8_t* p, Py_ssize_t start, Py_ssize_t stop, Py_ssize_t size, int step, int32_t* table,
                      Match* matches) noexcept nogil:
    """Find matches in p[start:stop]; return their number. The bytes behind the last one are literals."""
    cdef Py_ssize_t at = start, done = start, length, most, candidate
    cdef Py_ssize_t limit = stop - 8 if stop - 8 < size - 8 else size - 8
    cdef uint64_t value, different
    cdef uint32_t hashed
    cdef int found = 0, misses = 0, skip
    while at <= limit:
        value = eight(p + at) << 16             # six bytes
        hashed = <uint32_t> ((value * <uint64_t> 0x9E3779B97F4A7C15) >> (64 - HASH_BITS))
        candidate = table[hashed]
        table[hashed] = <int32_t> at
        if candidate >= 0 and at - candidate <= WINDOW and eight(p + candidate) << 16 == value:
            most = stop - at if stop - at < LONGEST else LONGEST
            length = SHORTEST
            while length + 8 <= most:
                different = eight(p + at + length) ^ eight(p + candidate + length)
                if different:
                    length += pydcm_low_zero_bytes(different)
                    break
                length += 8
            else:
                while length < most and p[at + length] == p[candidate + length]:
                    length += 1
            length -= length % step
            matches[found].literals = <uint32_t> (at - done)
            matches[found].length = <uint16_t> length
            matches[found].distance = <uint16_t> (at - candidate - 1)
            found += 1
            at += length
            done = at
            misses = 0
            if at <= limit:                      # one place within the match is enough to find the next ones by
                value = eight(p + at - step) << 16
                table[(value * <uint64_t> 0x9E3779B97F4A7C15) >> (64 - HASH_BITS)] = <int32_t> (at - step)
        else:
            misses += 1
            skip = misses >> PATIENCE
            at += step * (1 + (skip if skip < MOST_SKIPPED else MOST_SKIPPED))
    return found


cdef void count(const uint8_t* p, Py_ssize_t start, Py_ssize_t stop, const Match* matches, int n, uint32_t* literals,
                uint32_t* distances) noexcept nogil:
    """Count the symbols of a block."""
    cdef uint32_t[4][256] parts                  # equal neighbours do not wait for one another
    cdef Py_ssize_t at = start, end
    cdef int i, k
    cdef uint32_t distance
    memset(parts, 0, sizeof(parts))
    memset(literals, 0, N_LITERALS * sizeof(uint32_t))
    memset(distances, 0, N_DISTANCES * sizeof(uint32_t))
    for i in range(n + 1):
        end = at + matches[i].literals if i < n else stop
        while at + 4 <= end:
            parts[0][p[at]] += 1
            parts[1][p[at + 1]] += 1
            parts[2][p[at + 2]] += 1
            parts[3][p[at + 3]] += 1
            at += 4
        while at < end:
            parts[0][p[at]] += 1
            at += 1
        if i < n:
            literals[257 + LENGTH_CODE[matches[i].length]] += 1
            distance = matches[i].distance
            distances[DISTANCE_CODE[distance] if distance < 256 else DISTANCE_CODE[256 + (distance >> 7)]] += 1
            at += matches[i].length
    for i in range(256):
        for k in range(4):
            literals[i] += parts[k][i]
    literals[256] = 1


cdef void put_block(Bits* bits, const uint8_t* p, Py_ssize_t start, Py_ssize_t stop, const Match* matches, int n,
                    bint last) noexcept nogil:
    cdef uint32_t[N_LITERALS] counts
    cdef uint32_t[N_DISTANCES] distance_counts
    cdef uint8_t[N_LITERALS] lengths
    cdef uint8_t[N_DISTANCES] distance_lengths
    cdef uint16_t[N_LITERALS] codes
    cdef uint16_t[N_DISTANCES] distance_codes
    cdef uint32_t[256] literals                  # code and its length
    cdef Py_ssize_t at = start, end
    cdef uint32_t a, b, c, d, distance
    cdef int i, code
    count(p, start, stop, matches, n, counts, distance_counts)
    lengths_of(counts, N_LITERALS, MAX_BITS, lengths)
    lengths_of(distance_counts, N_DISTANCES, MAX_BITS, distance_lengths)
    codes_of(lengths, N_LITERALS, codes)
    codes_of(distance_lengths, N_DISTANCES, distance_codes)
    put_header(bits, lengths, distance_lengths, last)
    for i in range(256):
        literals[i] = <uint32_t> codes[i] << 8 | lengths[i]
    for i in range(n + 1):
        end = at + matches[i].literals if i < n else stop
        while at + 4 <= end:
            a, b, c, d = literals[p[at]], literals[p[at + 1]], literals[p[at + 2]], literals[p[at + 3]]
            put(bits, a >> 8, a & 0xFF)
            put(bits, b >> 8, b & 0xFF)
            put(bits, c >> 8, c & 0xFF)
            put(bits, d >> 8, d & 0xFF)
            flush(bits)
            at += 4
        while at < end:
            a = literals[p[at]]
            put(bits, a >> 8, a & 0xFF)
            flush(bits)
            at += 1
        if i < n:
            code = LENGTH_CODE[matches[i].length]
            put(bits, codes[257 + code], lengths[257 + code])
            put(bits, matches[i].length - LENGTH_BASE[code], LENGTH_EXTRA[code])
            distance = matches[i].distance
            code = DISTANCE_CODE[distance] if distance < 256 else DISTANCE_CODE[256 + (distance >> 7)]
            put(bits, distance_codes[code], distance_lengths[code])
            put(bits, distance - DISTANCE_BASE[code], DISTANCE_EXTRA[code])
            flush(bits)
            at += matches[i].length
    put(bits, codes[256], lengths[256])
    flush(bits)


cdef class Deflater:
    """Makes one DEFLATE stream of pieces.

    Parameters
    ----------
    itemsize : int
        Bytes of a sample.
    """

    cdef int _step
    cdef uint64_t _buffer                        # bits of the last byte, which is not full
    cdef int _count

    def __init__(self, int itemsize=1):
        self._step = itemsize if itemsize in (1, 2) else 2 if itemsize % 2 == 0 else 1

    def compress(self, const uint8_t[::1] data not None, bint last=False):
        """Return the next bytes of the stream.

        Parameters
        ----------
        data : bytes-like
            The next piece, less than 2 GB.
        last : bool, optional
            Whether it is the last one.
        """
        cdef Py_ssize_t size = data.shape[0], start = 0, stop
        cdef int found
        cdef Bits bits
        cdef int32_t* table = NULL
        cdef Match* matches = NULL
        cdef const uint8_t* p = &data[0] if size else NULL
        if size > 0x7FFFFFFF:
            raise ValueError("a piece has to be less than 2 GB")
        if not size and not last:
            return b""
        # no code is longer than 14 bits, and a match is shorter than what it stands for
        bits.out = <uint8_t*> malloc(2 * size + 4096 + size // 256)
        table = <int32_t*> malloc((1 << HASH_BITS) * sizeof(int32_t))
        matches = <Match*> malloc((2 * BLOCK // SHORTEST + 2) * sizeof(Match))
        try:
            if bits.out == NULL or table == NULL or matches == NULL:
                raise MemoryError
            bits.at, bits.buffer, bits.count = 0, self._buffer, self._count
            with nogil:
                memset(table, 0xFF, (1 << HASH_BITS) * sizeof(int32_t))
                while True:
                    stop = start + BLOCK if size - start > BLOCK + BLOCK // 2 else size
                    found = find_matches(p, start, stop, size, self._step, table, matches)
                    put_block(&bits, p, start, stop, matches, found, last and stop == size)
                    start = stop
                    if start >= size:
                        break
                if last:
                    bits.count = (bits.count + 7) & ~7
                    flush(&bits)
            self._buffer, self._count = bits.buffer, bits.count
            return PyBytes_FromStringAndSize(<const char*> bits.out, bits.at)
        finally:
            free(bits.out)
            free(table)
            free(matches)
