"""Resizing of images by weighted sums along rows, then along columns, rounded where Pillow rounds."""
cimport cython
from libc.stdint cimport int32_t, int64_t, uint8_t
from libc.stdlib cimport free, malloc

ctypedef fused Sample:
    uint8_t
    float

ctypedef fused Weight:
    int32_t
    double

cdef enum:
    BITS = 22                 # of the fractions of weights for 8-bit images


cdef inline Sample rounded(Weight v, Sample unused) noexcept nogil:
    """Return a sum as a sample; the second argument only says of which type."""
    cdef int32_t whole
    if Sample is float:
        return <float> v
    else:
        whole = (<int32_t> v) >> BITS
        return <uint8_t> (0 if whole < 0 else (255 if whole > 255 else whole))


cdef inline void add_row(const Sample* row, Weight* sums, Weight weight, int64_t n) noexcept nogil:
    cdef int64_t x
    for x in range(n):
        sums[x] += <Weight> row[x] * weight


@cython.boundscheck(False)
@cython.wraparound(False)
def resize_rows(const Sample[:, :, ::1] src not None, Sample[:, :, ::1] out not None, const int64_t[::1] first not None,
                const int64_t[::1] length not None, const Weight[:, ::1] weight not None, int axis, int64_t start,
                int64_t stop) -> None:
    """Write images ``start:stop``, resized along one axis.

    Parameters
    ----------
    src, out : arrays, (image, y, x)
        Both of uint8 or of float32.
    first, length : arrays of int64
        For each place of `out` along the axis the first sample it takes, and how many.
    weight : array, (length in `out`, most samples)
        Their weights: int32 with 22 bits of fraction for uint8, float64 for float32.
    axis : {1, 2}
        Which axis.
    start, stop : int
        Which images.
    """
    cdef int64_t i, y, x, k, rows = out.shape[1], columns = out.shape[2], places = out.shape[axis]
    cdef Weight total
    cdef const Weight* w
    cdef Weight* sums
    if (sizeof(Sample) == 1) != (sizeof(Weight) == 4):
        raise ValueError("weights of 8-bit images are integers")
    if axis not in (1, 2) or src.shape[0] != out.shape[0] or src.shape[3 - axis] != out.shape[3 - axis]:
        raise ValueError("the arrays have different shapes")
    if min(first.shape[0], length.shape[0], weight.shape[0]) < places or not 0 <= start <= stop <= src.shape[0]:
        raise ValueError("each place needs its samples")
    for i in range(places):
        if not (1 <= length[i] <= weight.shape[1] and 0 <= first[i] <= src.shape[axis] - length[i]):
            raise ValueError("there are no such samples")
    sums = <Weight*> malloc((columns if columns > 0 else 1) * sizeof(Weight))
    if sums == NULL:
        raise MemoryError
    with nogil:
        for i in range(start, stop):
            for y in range(rows):
                if axis == 2:
                    for x in range(columns):
                        total = <Weight> (1 << (BITS - 1) if Sample is uint8_t else 0)
                        w = &weight[x, 0]
                        for k in range(length[x]):
                            total += <Weight> src[i, y, first[x] + k] * w[k]
                        out[i, y, x] = rounded(total, out[i, y, x])
                    continue
                for x in range(columns):
                    sums[x] = <Weight> (1 << (BITS - 1) if Sample is uint8_t else 0)
                for k in range(length[y]):
                    add_row(&src[i, first[y] + k, 0], sums, weight[y, k], columns)
                for x in range(columns):
                    out[i, y, x] = rounded(sums[x], out[i, y, x])
    free(sums)
