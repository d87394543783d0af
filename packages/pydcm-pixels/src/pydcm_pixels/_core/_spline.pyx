"""B-splines on a grid whose axes are parallel to the image's: coefficients and values, rounded where SciPy rounds.

``scipy.ndimage`` filters axis after axis in double precision and adds the products of an output voxel in the order of
the array, each multiplied by the weights of z, y, x in this order. The same is done here for many voxels at once, so
that the results are equal to the last bit; nothing may be reordered, and nothing contracted to fused multiply-adds.
"""
cimport cython
from libc.math cimport pow
from libc.stdint cimport int16_t, int32_t, int64_t, uint8_t, uint16_t
from libc.stdlib cimport free, malloc

cdef extern from *:
    """
    #include <math.h>
    #include <stdint.h>
    #include <stdlib.h>
    #include <string.h>
    #if defined(__GNUC__) && !defined(__clang__) && defined(__x86_64__) && defined(__GLIBC__)
    /* AVX2 has wider vectors, not other roundings: it does not bring fused multiply-adds */
    #define SPLINE_CLONES __attribute__((target_clones("avx2", "default")))
    #else
    #define SPLINE_CLONES
    #endif
    #if defined(__GNUC__)
    #define SPLINE_INLINE static inline __attribute__((always_inline))
    typedef double spline_vector __attribute__((vector_size(32)));
    SPLINE_INLINE void spline_add(spline_vector *sum, const double *p, double w) {
        spline_vector v;
        memcpy(&v, p, sizeof v);
        *sum += v * w;
    }
    #else
    #define SPLINE_INLINE static __inline
    typedef struct { double d[4]; } spline_vector;
    SPLINE_INLINE void spline_add(spline_vector *sum, const double *p, double w) {
        for (int i = 0; i < 4; i++) sum->d[i] += p[i] * w;
    }
    #endif

    enum { SPLINE_TILE = 32, SPLINE_LANES = 8 };

    /* Filter SPLINE_TILE lines at once, element i of line l at t[i * SPLINE_TILE + l]; before and after its ends a line
       is taken to come back, its last voxel twice. */
    static SPLINE_CLONES void spline_filter(double *t, int64_t n, double z) {
        double gain = (1.0 - z) * (1.0 - 1.0 / z), far = pow(z, (double)n), near = z;
        double first[SPLINE_TILE], weight[SPLINE_TILE] = {0};
        int64_t i;
        int l;
        if (n < 2) return;
        for (i = 0; i < n; i++)
            for (l = 0; l < SPLINE_TILE; l++) {
                t[i * SPLINE_TILE + l] *= gain;
                weight[l] += fabs(t[i * SPLINE_TILE + l]);
            }
        for (l = 0; l < SPLINE_TILE; l++) first[l] = t[l] + far * t[(n - 1) * SPLINE_TILE + l];
        for (i = 1; i < n; i++) {
            const double *a = t + i * SPLINE_TILE, *b = t + (n - 1 - i) * SPLINE_TILE;
            for (l = 0; l < SPLINE_TILE; l++) first[l] += near * (a[l] + far * b[l]);
            near *= z;
            if ((i & 15) == 15) {  /* all that is still to come would be rounded away */
                int small = 1;
                for (l = 0; l < SPLINE_TILE; l++)
                    small &= fabs(first[l]) * 0x1p-55 > fabs(near) * 1.5 * weight[l];
                if (small) break;
            }
        }
        for (l = 0; l < SPLINE_TILE; l++) t[l] = first[l] * (z / (1 - far * far)) + t[l];
        for (i = 1; i < n; i++)
            for (l = 0; l < SPLINE_TILE; l++)
                t[i * SPLINE_TILE + l] += z * t[(i - 1) * SPLINE_TILE + l];
        for (l = 0; l < SPLINE_TILE; l++) t[(n - 1) * SPLINE_TILE + l] *= z / (z - 1);
        for (i = n - 2; i >= 0; i--)
            for (l = 0; l < SPLINE_TILE; l++)
                t[i * SPLINE_TILE + l] = z * (t[(i + 1) * SPLINE_TILE + l] - t[i * SPLINE_TILE + l]);
    }

    /* Sums for SPLINE_LANES rows at once: p[k][x][lane] are the values of `nk` rows times their weights along z and
       y; each output `o` takes `taps` of each from x = at[o] on, with the weights w[o][tap]. */
    SPLINE_INLINE void spline_sums(const double *p, int64_t n, int nk, int taps, const int64_t *at, int64_t shift,
                                   const double *w, int64_t count, double *out) {
        int64_t o = 0, row = n * SPLINE_LANES;
        int k, j;
        for (; o + 1 < count; o += 2) {
            spline_vector s[4] = {{0}, {0}, {0}, {0}};
            const double *a = p + (at[o] - shift) * SPLINE_LANES, *b = p + (at[o + 1] - shift) * SPLINE_LANES;
            const double *u = w + o * taps, *v = u + taps;
            for (k = 0; k < nk; k++, a += row, b += row)
                for (j = 0; j < taps; j++) {
                    spline_add(s, a + j * SPLINE_LANES, u[j]);
                    spline_add(s + 1, a + j * SPLINE_LANES + 4, u[j]);
                    spline_add(s + 2, b + j * SPLINE_LANES, v[j]);
                    spline_add(s + 3, b + j * SPLINE_LANES + 4, v[j]);
                }
            for (j = 0; j < 4; j++) memcpy(out + o * SPLINE_LANES + 4 * j, s + j, sizeof *s);
        }
        if (o < count) {
            spline_vector s[2] = {{0}, {0}};
            const double *a = p + (at[o] - shift) * SPLINE_LANES, *u = w + o * taps;
            for (k = 0; k < nk; k++, a += row)
                for (j = 0; j < taps; j++) {
                    spline_add(s, a + j * SPLINE_LANES, u[j]);
                    spline_add(s + 1, a + j * SPLINE_LANES + 4, u[j]);
                }
            for (j = 0; j < 2; j++) memcpy(out + o * SPLINE_LANES + 4 * j, s + j, sizeof *s);
        }
    }
    static SPLINE_CLONES void spline_cubic(const double *p, int64_t n, int nk, const int64_t *at, int64_t shift,
                                           const double *w, int64_t count, double *out) {
        spline_sums(p, n, nk, 4, at, shift, w, count, out);
    }
    static SPLINE_CLONES void spline_linear(const double *p, int64_t n, int nk, const int64_t *at, int64_t shift,
                                            const double *w, int64_t count, double *out) {
        spline_sums(p, n, nk, 2, at, shift, w, count, out);
    }
    """
    void spline_filter(double* t, int64_t n, double z) noexcept nogil
    void spline_cubic(const double* p, int64_t n, int nk, const int64_t* at, int64_t shift, const double* w,
                      int64_t count, double* out) noexcept nogil
    void spline_linear(const double* p, int64_t n, int nk, const int64_t* at, int64_t shift, const double* w,
                       int64_t count, double* out) noexcept nogil

ctypedef fused Voxel:
    int16_t
    int32_t
    uint8_t
    uint16_t
    float
    double

ctypedef fused Real:
    float
    double

ctypedef fused Value:
    float
    double

cdef enum:
    CHUNK = 24                # voxels along x whose weighted rows are held at a time
    SPLINE_TILE = 32          # as in the C code above
    SPLINE_LANES = 8
cdef double POLE = -0.267949192431122706472553658494127633    # of the cubic B-spline: sqrt(3) - 2


cdef inline void filter_lines(const Voxel* src, int64_t step, int64_t apart, double* dst, int64_t dst_step,
                              int64_t dst_apart, int64_t n, int64_t lanes, int64_t pad, int64_t margin,
                              double* tile) noexcept nogil:
    """Filter `lanes` lines of `n` voxels, repeated `pad` times at both ends, of which `margin` are written too."""
    cdef int64_t first, i, j, count, at, low, high
    cdef int64_t whole = n + 2 * pad
    cdef const Voxel* row
    cdef double* out
    for first in range(0, lanes, 32):     # SPLINE_TILE
        count = lanes - first if lanes - first < SPLINE_TILE else SPLINE_TILE
        if count < SPLINE_TILE:
            for i in range(whole * SPLINE_TILE):
                tile[i] = 0
        if step >= apart:                     # lines lie side by side
            for i in range(whole):
                at = i - pad
                at = 0 if at < 0 else (n - 1 if at >= n else at)
                row = src + first * apart + at * step
                for j in range(count):
                    tile[i * SPLINE_TILE + j] = <double> row[j * apart]
        else:                                 # a line's voxels do: transpose eight of each at a time
            for low in range(0, whole, 8):
                high = low + 8 if low + 8 < whole else whole
                for j in range(count):
                    row = src + (first + j) * apart
                    for i in range(low, high):
                        at = i - pad
                        at = 0 if at < 0 else (n - 1 if at >= n else at)
                        tile[i * SPLINE_TILE + j] = <double> row[at * step]
        spline_filter(tile, whole, POLE)
        low = pad - margin
        if dst_step >= dst_apart:
            for i in range(n + 2 * margin):
                out = dst + first * dst_apart + i * dst_step
                for j in range(count):
                    out[j * dst_apart] = tile[(i + low) * SPLINE_TILE + j]
        else:
            for at in range(0, n + 2 * margin, 8):
                high = at + 8 if at + 8 < n + 2 * margin else n + 2 * margin
                for j in range(count):
                    out = dst + (first + j) * dst_apart
                    for i in range(at, high):
                        out[i * dst_step] = tile[(i + low) * SPLINE_TILE + j]


cdef check_coefficients(int64_t z, int64_t y, int64_t x, double[:, :, ::1] out, int64_t pad, int64_t margin):
    if min(z, y, x) < 1 or not 0 <= margin <= pad <= 1 << 20:
        raise ValueError("there is nothing to filter")
    if (out.shape[0] != z and out.shape[0] != z + 2 * margin) or out.shape[1] != y + 2 * margin or (
            out.shape[2] != x + 2 * margin):
        raise ValueError("the coefficients have another shape")


@cython.boundscheck(False)
@cython.wraparound(False)
@cython.cdivision(True)
def filter_depth(const Voxel[:, :, ::1] src not None, double[:, :, ::1] out not None, int64_t pad, int64_t margin,
                 int64_t start, int64_t stop) -> None:
    """Filter rows ``start:stop`` of a volume along z: the first step of three.

    Parameters
    ----------
    src : array, (z, y, x)
        The volume.
    out : array of float64, (z, y, x) with `margin` more at each end of each axis
        Gets the coefficients, in its middle along y and x.
    pad, margin : int
        How often the first and last voxel of a line are repeated, and how many of these places are kept.
    start, stop : int
        Which rows (y).
    """
    cdef int64_t z = src.shape[0], y = src.shape[1], x = src.shape[2], row, plane = out.shape[1] * out.shape[2]
    cdef double* tile
    check_coefficients(z, y, x, out, pad, margin)
    if out.shape[0] != z + 2 * margin or not 0 <= start <= stop <= y:
        raise ValueError("the coefficients have another shape")
    if start == stop:
        return
    tile = <double*> malloc((z + 2 * pad) * SPLINE_TILE * sizeof(double))
    if tile == NULL:
        raise MemoryError
    with nogil:
        for row in range(start, stop):
            filter_lines(&src[0, row, 0], y * x, 1, &out[0, row + margin, margin], plane, 1, z, x, pad, margin, tile)
    free(tile)


@cython.boundscheck(False)
@cython.wraparound(False)
@cython.cdivision(True)
def filter_planes(const Voxel[:, :, ::1] src not None, double[:, :, ::1] out not None, int64_t pad, int64_t margin,
                  int64_t start, int64_t stop, bint inplace) -> None:
    """Filter planes ``start:stop`` of `out` along y and x.

    Parameters
    ----------
    src : array, (z, y, x)
        The volume; only its shape counts if `inplace`.
    out : array of float64
        Gets the coefficients; has been through :func:`filter_depth` if `inplace`.
    pad, margin : int
        As for :func:`filter_depth`.
    start, stop : int
        Which planes (z) of `out`.
    inplace : bool
        Whether to filter what is in `out`, or else the planes of `src`, each on its own.
    """
    cdef int64_t z = src.shape[0], y = src.shape[1], x = src.shape[2], plane, row = out.shape[2]
    cdef double* tile
    check_coefficients(z, y, x, out, pad, margin)
    if not 0 <= start <= stop <= out.shape[0] or (not inplace and out.shape[0] != z):
        raise ValueError("the coefficients have another shape")
    if start == stop:
        return
    tile = <double*> malloc(((y if y > x else x) + 2 * pad) * SPLINE_TILE * sizeof(double))
    if tile == NULL:
        raise MemoryError
    with nogil:
        for plane in range(start, stop):
            if inplace:
                filter_lines(&out[plane, margin, margin], row, 1, &out[plane, 0, margin], row, 1, y, x, pad, margin,
                             tile)
            else:
                filter_lines(&src[plane, 0, 0], x, 1, &out[plane, 0, margin], row, 1, y, x, pad, margin, tile)
            filter_lines(&out[plane, 0, margin], 1, row, &out[plane, 0, 0], 1, row, x, y + 2 * margin, pad, margin,
                         tile)
    free(tile)


cdef inline int64_t clamped(int64_t i, int64_t n) noexcept nogil:
    return 0 if i < 0 else (n - 1 if i >= n else i)


cdef inline void weighted_rows(const Real* plane, int64_t rows, int64_t columns, const int64_t* starts,
                               const double* wy, int taps, double wz, bint deep, int64_t x, int64_t n, int lanes,
                               double* p) noexcept nogil:
    """Fill ``p[tap][x][lane]`` for one plane: voxels times the weights of z (if `deep`) and of y."""
    cdef int64_t i
    cdef int lane, tap
    cdef double w
    cdef const Real* row
    cdef double* out
    for tap in range(taps):
        for lane in range(lanes):
            row = plane + clamped(starts[lane] + tap, rows) * columns
            w = wy[lane * taps + tap]
            out = p + tap * n * SPLINE_LANES + lane
            if x < 0 or x + n > columns:
                for i in range(n):
                    if deep:
                        out[i * SPLINE_LANES] = (<double> row[clamped(x + i, columns)] * wz) * w
                    else:
                        out[i * SPLINE_LANES] = <double> row[clamped(x + i, columns)] * w
            elif deep:
                for i in range(n):
                    out[i * SPLINE_LANES] = (<double> row[x + i] * wz) * w
            else:
                for i in range(n):
                    out[i * SPLINE_LANES] = <double> row[x + i] * w


cdef check_axis(const int64_t[::1] start, const double[:, ::1] weight, int64_t n, int64_t taps):
    cdef Py_ssize_t i
    if start.shape[0] != n or weight.shape[0] != n or weight.shape[1] != taps:
        raise ValueError("each output needs its first index and its weights")
    for i in range(1, start.shape[0]):
        if start[i] < start[i - 1]:
            raise ValueError("the indices have to ascend")


@cython.boundscheck(False)
@cython.wraparound(False)
@cython.cdivision(True)
def interpolate(const Real[:, :, ::1] src not None, Value[:, :, ::1] out not None,
                const int64_t[::1] iz not None, const double[:, ::1] wz not None,
                const int64_t[::1] iy not None, const double[:, ::1] wy not None,
                const int64_t[::1] ix not None, const double[:, ::1] wx not None,
                double low, double high, int64_t start, int64_t stop) -> None:
    """Write planes ``start:stop`` of a resampled volume.

    Parameters
    ----------
    src : array, (z, y, x)
        Spline coefficients; for linear interpolation the volume.
    out : array of float32 or float64
        Gets the values.
    iz, iy, ix : arrays of int64, one per index of `out`
        The first voxel of `src` it takes along each axis, ascending; past the ends the last voxel is taken.
    wz, wy, wx : arrays of float64, (length in `out`, taps)
        Weights of that voxel and those after it. Taps are 2 or 4; one along z leaves z out of the products.
    low, high : float
        Values are clipped to these.
    start, stop : int
        Which planes of `out`.
    """
    cdef int64_t oz = out.shape[0], oy = out.shape[1], ox = out.shape[2]
    cdef int64_t rows = src.shape[1], columns = src.shape[2], z, y, first, last, n, i
    cdef int taps = <int> wx.shape[1], deep = <int> wz.shape[1], nk, lanes, lane, k
    cdef int64_t room = CHUNK + 4
    cdef double value
    cdef double* p
    cdef double* sums
    if (taps != 2 and taps != 4) or (deep != 1 and deep != taps):
        raise ValueError("there are two or four taps")
    if min(src.shape[0], rows, columns) < 1 or not 0 <= start <= stop <= oz:
        raise ValueError("there are no such planes")
    check_axis(iz, wz, oz, deep)
    check_axis(iy, wy, oy, taps)
    check_axis(ix, wx, ox, taps)
    if start == stop or not oy or not ox:
        return
    nk = taps * deep
    p = <double*> malloc(nk * room * SPLINE_LANES * sizeof(double))
    sums = <double*> malloc(ox * SPLINE_LANES * sizeof(double))
    if p == NULL or sums == NULL:
        free(p)
        free(sums)
        raise MemoryError
    with nogil:
        for i in range(nk * room * SPLINE_LANES):
            p[i] = 0
        for z in range(start, stop):
            for y in range(0, oy, 8):               # SPLINE_LANES
                lanes = <int> (oy - y if oy - y < SPLINE_LANES else SPLINE_LANES)
                first = 0
                while first < ox:
                    last = first + 1
                    while last < ox and ix[last] + taps - ix[first] <= room:
                        last += 1
                    n = ix[last - 1] + taps - ix[first]
                    for k in range(deep):
                        weighted_rows(&src[clamped(iz[z] + k, src.shape[0]), 0, 0], rows, columns, &iy[y], &wy[y, 0],
                                      taps, wz[z, k], deep > 1, ix[first], n, lanes,
                                      p + k * taps * n * SPLINE_LANES)
                    if taps == 4:
                        spline_cubic(p, n, nk, &ix[first], ix[first], &wx[first, 0], last - first, sums)
                    else:
                        spline_linear(p, n, nk, &ix[first], ix[first], &wx[first, 0], last - first, sums)
                    for lane in range(lanes):
                        for i in range(last - first):
                            value = sums[i * SPLINE_LANES + lane]
                            value = low if value < low else (high if value > high else value)
                            out[z, y + lane, first + i] = <Value> value
                    first = last
    free(p)
    free(sums)
