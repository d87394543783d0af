"""Filters that weigh the neighbours along one axis after the other, rounded where SciPy rounds."""
cimport cython
from libc.stdint cimport int64_t
from libc.stdlib cimport free, malloc

cdef extern from *:
    """
    #include <stdint.h>
    #include <stdlib.h>
    #if defined(__GNUC__) && !defined(__clang__) && defined(__x86_64__) && defined(__GLIBC__)
    #define SMOOTH_CLONES __attribute__((target_clones("avx2", "default")))
    #else
    #define SMOOTH_CLONES
    #endif
    enum { SMOOTH_TILE = 16 };

    /* Weighted sums for SMOOTH_TILE lines, element i of line l at t[i * SMOOTH_TILE + l]: the middle first, then the two
       neighbours farthest away added to one another, and so on inwards, as SciPy does for symmetric weights. */
    static SMOOTH_CLONES void smooth_lines(const double *t, const double *w, int64_t radius, int64_t n, double *out) {
        for (int64_t i = 0; i < n; i++) {
            const double *c = t + (i + radius) * SMOOTH_TILE;
            double s[SMOOTH_TILE];
            int l;
            for (l = 0; l < SMOOTH_TILE; l++) s[l] = c[l] * w[0];
            for (int64_t j = radius; j > 0; j--) {
                const double *a = c - j * SMOOTH_TILE, *b = c + j * SMOOTH_TILE;
                double v = w[j];
                for (l = 0; l < SMOOTH_TILE; l++) s[l] += (a[l] + b[l]) * v;
            }
            for (l = 0; l < SMOOTH_TILE; l++) out[i * SMOOTH_TILE + l] = s[l];
        }
    }
    """
    void smooth_lines(const double* t, const double* w, int64_t radius, int64_t n, double* out) noexcept nogil

ctypedef fused Real:
    float
    double

cdef enum:
    SMOOTH_TILE = 16          # as in the C code above


@cython.boundscheck(False)
@cython.wraparound(False)
def smooth(const Real[:, :, :] src not None, Real[:, :, :] out not None, const double[::1] weights not None,
           const int64_t[::1] index not None, double value, int64_t start, int64_t stop) -> None:
    """Filter ``start:stop`` of the first axis along the second.

    Parameters
    ----------
    src, out : arrays of three axes
        Both of float32 or of float64, of any order in memory; they may be the same array.
    weights : array of float64, (radius + 1,)
        Symmetric weights: of the voxel itself, of its two neighbours, and so on.
    index : array of int64, (length + 2 radius,)
        Which voxels stand before, in and after a line; -1 for none.
    value : float
        What stands where there is none.
    start, stop : int
        Which part of the first axis.
    """
    cdef int64_t n = src.shape[1], lanes = src.shape[2], radius = weights.shape[0] - 1, whole = n + 2 * radius
    cdef int64_t step = src.strides[1] // <int64_t> sizeof(Real), apart = src.strides[2] // <int64_t> sizeof(Real)
    cdef int64_t out_step = out.strides[1] // <int64_t> sizeof(Real)
    cdef int64_t out_apart = out.strides[2] // <int64_t> sizeof(Real)
    cdef int64_t z, first, i, j, count, low, high
    cdef const Real* line
    cdef Real* to
    cdef double* tile
    cdef double* sums
    if out.shape[0] != src.shape[0] or out.shape[1] != n or out.shape[2] != lanes or index.shape[0] != whole:
        raise ValueError("the arrays have different shapes")
    if radius < 0 or not 0 <= start <= stop <= src.shape[0]:
        raise ValueError("there is no such part")
    for i in range(whole):
        if not -1 <= index[i] < n:
            raise ValueError(f"index {index[i]} is outside of an axis of length {n}")
    if start == stop or not n or not lanes:
        return
    tile = <double*> malloc((whole + n) * SMOOTH_TILE * sizeof(double))
    if tile == NULL:
        raise MemoryError
    sums = tile + whole * SMOOTH_TILE
    with nogil:
        for i in range(whole * SMOOTH_TILE):
            tile[i] = 0
        for z in range(start, stop):
            for first in range(0, lanes, 16):         # SMOOTH_TILE
                count = lanes - first if lanes - first < SMOOTH_TILE else SMOOTH_TILE
                line = &src[z, 0, first]
                to = &out[z, 0, first]
                if apart == 1:
                    for i in range(n):
                        for j in range(count):
                            tile[(i + radius) * SMOOTH_TILE + j] = line[i * step + j]
                else:
                    for low in range(0, n, 16):
                        high = low + 16 if low + 16 < n else n
                        for j in range(count):
                            for i in range(low, high):
                                tile[(i + radius) * SMOOTH_TILE + j] = line[i * step + j * apart]
                for i in range(whole):
                    if i < radius or i >= n + radius:
                        for j in range(count):
                            tile[i * SMOOTH_TILE + j] = (
                                tile[(index[i] + radius) * SMOOTH_TILE + j] if index[i] >= 0 else value)
                smooth_lines(tile, &weights[0], radius, n, sums)
                if out_apart == 1:
                    for i in range(n):
                        for j in range(count):
                            to[i * out_step + j] = <Real> sums[i * SMOOTH_TILE + j]
                else:
                    for low in range(0, n, 16):
                        high = low + 16 if low + 16 < n else n
                        for j in range(count):
                            for i in range(low, high):
                                to[i * out_step + j * out_apart] = <Real> sums[i * SMOOTH_TILE + j]
    free(tile)
