"""Sampling of an image at the voxels of any other grid: nearest voxel, linear, cubic B-spline."""
cimport cython
from libc.math cimport fabs, floor, nearbyint, pow
from libc.stdint cimport int8_t, int16_t, int32_t, int64_t, uint8_t, uint16_t, uint32_t
from libc.stdlib cimport free, malloc

ctypedef fused Voxel:
    int8_t
    int16_t
    int32_t
    int64_t
    uint8_t
    uint16_t
    uint32_t
    float
    double

ctypedef fused Real:
    float
    double

ctypedef fused Value:
    float
    double

cdef enum:
    INSIDE = 0                # what is sampled outside of the image: a value beyond half a voxel from it
    BORDER = 1                # the nearest voxel
    ZEROS = 2                 # zeros, blended with the border's voxels
    MIRROR = 3                # the image mirrored at its edges

cdef double POLE = -0.267949192431122706472553658494127633    # of the cubic B-spline: sqrt(3) - 2
cdef double FAR = 4e18        # beyond this a coordinate is no index any more


cdef inline bint place(const double* matrix, const double* origin, const double* inverse, const double* zero,
                       double x, double y, double z, double* to) noexcept nogil:
    """Set `to` (x, y, z) to the index in the image of an index of the grid, by way of patient space."""
    cdef double p[3]
    cdef int i
    for i in range(3):
        p[i] = origin[i] + (matrix[3 * i] * x + matrix[3 * i + 1] * y + matrix[3 * i + 2] * z) - zero[i]
    for i in range(3):
        to[i] = inverse[3 * i] * p[0] + inverse[3 * i + 1] * p[1] + inverse[3 * i + 2] * p[2]
    return True


cdef inline double folded(double c, double n) noexcept nogil:
    """Bring a coordinate back into the image by mirrors at -0.5 and n - 0.5."""
    cdef double turns
    c = fabs(c + 0.5)
    turns = floor(c / n)
    c -= turns * n
    return n - c - 0.5 if turns - 2 * floor(turns / 2) == 1 else c - 0.5


cdef inline bint settle(double* at, const int64_t* size, int outside) noexcept nogil:
    """Bring a place into the image as far as `outside` says; say whether there is anything to sample."""
    cdef int i
    cdef double n
    for i in range(3):
        n = <double> size[i]
        if not -FAR < at[i] < FAR:
            return False
        if outside == INSIDE:
            if not -0.5 <= at[i] < n - 0.5:
                return False
        elif outside == ZEROS:
            if not -1 < at[i] < n:
                return False
        else:
            if outside == MIRROR:
                at[i] = folded(at[i], n)
            at[i] = 0 if at[i] < 0 else (n - 1 if at[i] > n - 1 else at[i])
    return True


cdef inline double corner(const Real* src, const int64_t* size, int64_t x, int64_t y, int64_t z) noexcept nogil:
    if x < 0 or y < 0 or z < 0 or x >= size[0] or y >= size[1] or z >= size[2]:
        return 0
    return <double> src[(z * size[1] + y) * size[0] + x]


cdef inline double blend(double a, double b, double t) noexcept nogil:
    # what has no share does not count, be it NaN or infinite: as in ITK, NaN stays where it is
    return a + (b - a) * t if t != 0 else a


cdef inline double linear(const Real* src, const int64_t* size, const double* at, bint zeros) noexcept nogil:
    """Interpolate between eight voxels, along x first."""
    cdef int64_t low[3]
    cdef int64_t step[3]
    cdef double t[3]
    cdef int i
    cdef const Real* p
    for i in range(3):
        low[i] = <int64_t> floor(at[i])
        if not zeros and low[i] < 0:
            low[i] = 0
        t[i] = at[i] - low[i]
        if not zeros and t[i] < 0:
            t[i] = 0
        step[i] = 1 if low[i] + 1 < size[i] else 0
    if zeros and (low[0] < 0 or low[1] < 0 or low[2] < 0 or not step[0] or not step[1] or not step[2]):
        return blend(
            blend(blend(corner(src, size, low[0], low[1], low[2]), corner(src, size, low[0] + 1, low[1], low[2]),
                        t[0]),
                  blend(corner(src, size, low[0], low[1] + 1, low[2]),
                        corner(src, size, low[0] + 1, low[1] + 1, low[2]), t[0]), t[1]),
            blend(blend(corner(src, size, low[0], low[1], low[2] + 1),
                        corner(src, size, low[0] + 1, low[1], low[2] + 1), t[0]),
                  blend(corner(src, size, low[0], low[1] + 1, low[2] + 1),
                        corner(src, size, low[0] + 1, low[1] + 1, low[2] + 1), t[0]), t[1]), t[2])
    p = src + (low[2] * size[1] + low[1]) * size[0] + low[0]
    step[1] *= size[0]
    step[2] *= size[0] * size[1]
    return blend(
        blend(blend(p[0], p[step[0]], t[0]), blend(p[step[1]], p[step[1] + step[0]], t[0]), t[1]),
        blend(blend(p[step[2]], p[step[2] + step[0]], t[0]),
              blend(p[step[2] + step[1]], p[step[2] + step[1] + step[0]], t[0]), t[1]), t[2])


cdef inline double between(const Real* src, const int64_t* size, const double* at) noexcept nogil:
    """Interpolate between eight voxels at a place that is inside of the image: the same as :func:`linear`."""
    cdef double x = at[0] if at[0] > 0 else 0, y = at[1] if at[1] > 0 else 0, z = at[2] if at[2] > 0 else 0
    cdef int64_t i = <int64_t> x, j = <int64_t> y, k = <int64_t> z
    cdef int64_t right = 1 if i + 1 < size[0] else 0, down = size[0] if j + 1 < size[1] else 0
    cdef const Real* a = src + (k * size[1] + j) * size[0] + i
    cdef const Real* b = a + (size[0] * size[1] if k + 1 < size[2] else 0)
    x -= i
    y -= j
    z -= k
    return blend(blend(blend(a[0], a[right], x), blend(a[down], a[down + right], x), y),
                 blend(blend(b[0], b[right], x), blend(b[down], b[down + right], x), y), z)


cdef inline double cubic(const double* src, const int64_t* size, const double* at) noexcept nogil:
    """Sum 64 B-spline coefficients, mirrored at the middle of the last voxels."""
    cdef double w[3][4]
    cdef int64_t offset[3][4]
    cdef int64_t stride[3]
    cdef int64_t low, k, period
    cdef int i, j, l, m
    cdef double t, total = 0, plane, row
    cdef const double* p
    stride[0] = 1
    stride[1] = size[0]
    stride[2] = size[0] * size[1]
    for i in range(3):
        low = <int64_t> floor(at[i])
        t = at[i] - low
        w[i][3] = (1.0 / 6.0) * t * t * t
        w[i][0] = (1.0 / 6.0) + 0.5 * t * (t - 1.0) - w[i][3]
        w[i][2] = t + w[i][0] - 2.0 * w[i][3]
        w[i][1] = 1.0 - w[i][0] - w[i][2] - w[i][3]
        period = 2 * size[i] - 2
        for j in range(4):
            k = low - 1 + j
            if period == 0:
                k = 0
            else:
                k = k % period
                if k < 0:
                    k += period
                if k >= size[i]:
                    k = period - k
            offset[i][j] = k * stride[i]
    for l in range(4):
        plane = 0
        for m in range(4):
            p = src + offset[2][l] + offset[1][m]
            row = 0
            for j in range(4):
                row += p[offset[0][j]] * w[0][j]
            plane += row * w[1][m]
        total += plane * w[2][l]
    return total


cdef struct Scan:
    # one row of the grid: the index of its first voxel in the image, and of one past its last
    double first[3]
    double last[3]


cdef inline void scan(const double* geometry, int64_t columns, int64_t y, int64_t z, Scan* row) noexcept nogil:
    place(geometry, geometry + 9, geometry + 12, geometry + 21, 0, y, z, row.first)
    place(geometry, geometry + 9, geometry + 12, geometry + 21, columns, y, z, row.last)


cdef inline void along(const Scan* row, double t, double* at) noexcept nogil:
    cdef int i
    for i in range(3):
        at[i] = row.first[i] + t * (row.last[i] - row.first[i])


cdef double* parts_of(int64_t columns) except NULL:
    """Return how far along a row its voxels are, as parts of the whole."""
    cdef int64_t x
    cdef double* result = <double*> malloc((columns if columns > 0 else 1) * sizeof(double))
    if result == NULL:
        raise MemoryError
    for x in range(columns):
        result[x] = <double> x / <double> columns
    return result


cdef inline bint within(const Scan* row, double t, const int64_t* size) noexcept nogil:
    cdef double at[3]
    at[:] = [0, 0, 0]
    along(row, t, at)
    return (-0.5 <= at[0] < size[0] - 0.5) and (-0.5 <= at[1] < size[1] - 0.5) and (-0.5 <= at[2] < size[2] - 0.5)


cdef inline void stretch(const Scan* row, const double* parts, int64_t columns, const int64_t* size, int64_t* low,
                         int64_t* high) noexcept nogil:
    """Find the stretch of a row that is inside of the image: coordinates only rise or only fall along it."""
    low[0] = 0
    high[0] = columns
    while low[0] < columns and not within(row, parts[low[0]], size):
        low[0] += 1
    while high[0] > low[0] and not within(row, parts[high[0] - 1], size):
        high[0] -= 1


cdef check_grid(shape, const double[::1] geometry, int64_t start, int64_t stop, int64_t planes, int outside):
    if min(shape) < 1:
        raise ValueError("there is nothing to sample")
    if geometry.shape[0] != 24 or not 0 <= start <= stop <= planes:
        raise ValueError("there is no such part of the grid")
    if not 0 <= outside <= MIRROR:
        raise ValueError("there is no such way to sample outside of the image")


@cython.boundscheck(False)
@cython.wraparound(False)
@cython.cdivision(True)
def sample_nearest(const Voxel[:, :, ::1] src not None, Voxel[:, :, ::1] out not None,
                   const double[::1] geometry not None, int outside, bint even, Voxel value, int64_t start,
                   int64_t stop) -> None:
    """Write planes ``start:stop`` of the grid with the nearest voxels.

    Parameters
    ----------
    src, out : arrays, (z, y, x)
        The image, and what is sampled of it.
    geometry : array of float64, (24,)
        The grid's matrix (9) and origin (3), then the image's inverse matrix (9) and origin (3), in x, y, z.
    outside : int
        0 for `value` beyond half a voxel, 1 for the nearest voxel, 2 for zero, 3 for a mirror.
    even : bool
        Whether halves are rounded to even indices, or else upwards.
    value : number
        For what is outside, if `outside` is 0.
    start, stop : int
        Which planes.
    """
    cdef int64_t rows = out.shape[1], columns = out.shape[2], z, y, x, i, low = 0, high = 0
    cdef int64_t size[3]
    cdef int64_t index[3]
    cdef double at[3]
    at[:] = [0, 0, 0]
    cdef Scan row
    cdef bint found
    check_grid((src.shape[0], src.shape[1], src.shape[2]), geometry, start, stop, out.shape[0], outside)
    cdef double* parts = parts_of(columns)
    for i in range(3):
        size[i] = src.shape[2 - i]
    if outside == ZEROS:
        value = 0
    with nogil:
        for z in range(start, stop):
            for y in range(rows):
                scan(&geometry[0], columns, y, z, &row)
                if outside == INSIDE and not even:
                    stretch(&row, parts, columns, size, &low, &high)
                    for x in range(low):
                        out[z, y, x] = value
                    for x in range(low, high):
                        along(&row, parts[x], at)
                        out[z, y, x] = src[<int64_t> (at[2] + 0.5), <int64_t> (at[1] + 0.5), <int64_t> (at[0] + 0.5)]
                    for x in range(high, columns):
                        out[z, y, x] = value
                    continue
                for x in range(columns):
                    along(&row, parts[x], at)
                    found = settle(at, size, outside)
                    if found:
                        for i in range(3):
                            index[i] = <int64_t> (nearbyint(at[i]) if even else floor(at[i] + 0.5))
                            if index[i] < 0 or index[i] >= size[i]:
                                found = False
                    out[z, y, x] = src[index[2], index[1], index[0]] if found else value
    free(parts)


@cython.boundscheck(False)
@cython.wraparound(False)
@cython.cdivision(True)
def sample_linear(const Real[:, :, ::1] src not None, Value[:, :, ::1] out not None,
                  const double[::1] geometry not None, int outside, double value, int64_t start, int64_t stop) -> None:
    """Write planes ``start:stop`` of the grid, interpolated linearly; parameters as for :func:`sample_nearest`."""
    cdef int64_t rows = out.shape[1], columns = out.shape[2], z, y, x, i, low = 0, high = 0
    cdef int64_t size[3]
    cdef double at[3]
    at[:] = [0, 0, 0]
    cdef Scan row
    check_grid((src.shape[0], src.shape[1], src.shape[2]), geometry, start, stop, out.shape[0], outside)
    cdef double* parts = parts_of(columns)
    for i in range(3):
        size[i] = src.shape[2 - i]
    if outside == ZEROS:
        value = 0
    with nogil:
        for z in range(start, stop):
            for y in range(rows):
                scan(&geometry[0], columns, y, z, &row)
                if outside == INSIDE:
                    stretch(&row, parts, columns, size, &low, &high)
                    for x in range(low):
                        out[z, y, x] = <Value> value
                    for x in range(low, high):
                        along(&row, parts[x], at)
                        out[z, y, x] = <Value> between(&src[0, 0, 0], size, at)
                    for x in range(high, columns):
                        out[z, y, x] = <Value> value
                    continue
                for x in range(columns):
                    along(&row, parts[x], at)
                    if settle(at, size, outside):
                        out[z, y, x] = <Value> linear(&src[0, 0, 0], size, at, outside == ZEROS)
                    else:
                        out[z, y, x] = <Value> value
    free(parts)


@cython.boundscheck(False)
@cython.wraparound(False)
@cython.cdivision(True)
def sample_cubic(const double[:, :, ::1] src not None, Value[:, :, ::1] out not None,
                 const double[::1] geometry not None, int outside, double value, int64_t start, int64_t stop) -> None:
    """Write planes ``start:stop`` of the grid from B-spline coefficients; parameters as for :func:`sample_nearest`.

    The coefficients are those of :func:`mirror_coefficients`. Zeros are not blended in: `outside` 2 is as 0.
    """
    cdef int64_t rows = out.shape[1], columns = out.shape[2], z, y, x, i, low = 0, high = 0
    cdef int64_t size[3]
    cdef double at[3]
    at[:] = [0, 0, 0]
    cdef Scan row
    check_grid((src.shape[0], src.shape[1], src.shape[2]), geometry, start, stop, out.shape[0], outside)
    cdef double* parts = parts_of(columns)
    if outside == ZEROS:
        value = outside = 0
    for i in range(3):
        size[i] = src.shape[2 - i]
    with nogil:
        for z in range(start, stop):
            for y in range(rows):
                scan(&geometry[0], columns, y, z, &row)
                for x in range(columns):
                    along(&row, parts[x], at)
                    out[z, y, x] = <Value> (
                        cubic(&src[0, 0, 0], size, at) if settle(at, size, outside) else value)
    free(parts)


cdef void mirror_line(double* c, int64_t n, int64_t step, int64_t lanes) noexcept nogil:
    """Filter `lanes` lines side by side: ITK's initial values, of 18 voxels where a line has more."""
    cdef int64_t i, l, horizon = 18
    cdef double near, far, z = POLE, gain = (1.0 - z) * (1.0 - 1.0 / z)
    cdef double* before
    cdef double* line
    if n < 2:
        return
    for i in range(n):
        line = c + i * step
        for l in range(lanes):
            line[l] *= gain
    near = z
    if horizon < n:
        for i in range(1, horizon):
            line = c + i * step
            for l in range(lanes):
                c[l] += near * line[l]
            near *= z
    else:
        far = pow(z, <double> (n - 1))
        line = c + (n - 1) * step
        for l in range(lanes):
            c[l] += far * line[l]
        far *= far / z
        for i in range(1, n - 1):
            line = c + i * step
            for l in range(lanes):
                c[l] += (near + far) * line[l]
            near *= z
            far /= z
        for l in range(lanes):
            c[l] /= 1.0 - near * near
    for i in range(1, n):
        line = c + i * step
        before = line - step
        for l in range(lanes):
            line[l] += z * before[l]
    line = c + (n - 1) * step
    before = line - step
    for l in range(lanes):
        line[l] = (z / (z * z - 1.0)) * (z * before[l] + line[l])
    for i in range(n - 2, -1, -1):
        line = c + i * step
        before = line + step
        for l in range(lanes):
            line[l] = z * (before[l] - line[l])


@cython.boundscheck(False)
@cython.wraparound(False)
def mirror_coefficients(double[:, :, ::1] c not None, int axis, int64_t start, int64_t stop) -> None:
    """Turn voxels into coefficients of cubic B-splines along one axis, in place; the image is mirrored at its ends.

    Parameters
    ----------
    c : array of float64, (z, y, x)
        Voxels, or coefficients along other axes.
    axis : {0, 1, 2}
        Which axis.
    start, stop : int
        Which planes, or which rows (y) if the axis is 0.
    """
    cdef int64_t depth = c.shape[0], rows = c.shape[1], columns = c.shape[2], i, j, k, n
    cdef double* tile
    if min(depth, rows, columns) < 1 or not 0 <= axis < 3 or not 0 <= start <= stop <= (depth if axis else rows):
        raise ValueError("there is no such part")
    tile = <double*> malloc(16 * columns * sizeof(double))
    if tile == NULL:
        raise MemoryError
    with nogil:
        for i in range(start, stop):
            if axis == 0:
                mirror_line(&c[0, i, 0], depth, rows * columns, columns)
            elif axis == 1:
                mirror_line(&c[i, 0, 0], rows, columns, columns)
            else:
                for j in range(0, rows, 16):
                    n = rows - j if rows - j < 16 else 16
                    for k in range(columns * n):
                        tile[k] = c[i, j + k % n, k // n]
                    mirror_line(tile, columns, n, n)
                    for k in range(columns * n):
                        c[i, j + k % n, k // n] = tile[k]
    free(tile)
