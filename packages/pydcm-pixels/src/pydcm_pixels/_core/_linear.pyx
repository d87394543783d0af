"""Linear interpolation on a grid whose axes are parallel to the image's: along x, then y, then z.

A row that is interpolated along x serves all rows of the result between it and its neighbour, a plane all planes, so
that there is little more to do than one sum of two products per voxel of the result.
"""
cimport cython
from libc.stdint cimport int16_t, int64_t, uint8_t, uint16_t
from libc.stdlib cimport free, malloc

ctypedef fused Voxel:
    int16_t
    uint8_t
    uint16_t
    float
    double

ctypedef fused Real:
    float
    double


cdef inline void across(const Voxel* row, Real* out, const int64_t* first, const int64_t* second, const Real* weights,
                        int64_t n) noexcept nogil:
    cdef int64_t i
    for i in range(n):
        out[i] = weights[2 * i] * <Real> row[first[i]] + weights[2 * i + 1] * <Real> row[second[i]]


cdef inline void between(const Real* a, const Real* b, Real* out, Real wa, Real wb, int64_t n) noexcept nogil:
    cdef int64_t i
    for i in range(n):
        out[i] = wa * a[i] + wb * b[i]


cdef inline int keep(int64_t* kept, int64_t wanted, int64_t other) noexcept nogil:
    """Return the one of two places that holds `wanted`, or else one that can be overwritten, which becomes -1."""
    if kept[0] == wanted:
        return 0
    if kept[1] == wanted:
        return 1
    cdef int place = 1 if kept[0] == other else 0
    kept[place] = -1
    return place


cdef inline void plane_of(const Voxel* plane, int64_t columns, Real* out, const int64_t* iy, const int64_t* jy,
                          const Real* wy, const int64_t* ix, const int64_t* jx, const Real* wx, int64_t rows,
                          int64_t n, Real* lines) noexcept nogil:
    """Interpolate one plane of the image; `lines` has room for two rows of the result."""
    cdef int64_t y
    cdef int64_t kept[2]
    cdef int a, b
    kept[0] = kept[1] = -1
    for y in range(rows):
        a = keep(kept, iy[y], jy[y])
        if kept[a] < 0:
            across(plane + iy[y] * columns, lines + a * n, ix, jx, wx, n)
            kept[a] = iy[y]
        b = keep(kept, jy[y], iy[y])
        if kept[b] < 0:
            across(plane + jy[y] * columns, lines + b * n, ix, jx, wx, n)
            kept[b] = jy[y]
        between(lines + a * n, lines + b * n, out + y * n, wy[2 * y], wy[2 * y + 1], n)


cdef inline void spread(const Real* plane, int64_t rows, int64_t columns, Real* out, const int64_t* ix,
                        const int64_t* jx, int64_t n) noexcept nogil:
    """Copy the voxels of a plane that lie on the left, then those that lie on the right, of each place of a row."""
    cdef int64_t y, i
    for y in range(rows):
        for i in range(n):
            out[i] = plane[ix[i]]
        for i in range(n):
            out[n + i] = plane[jx[i]]
        out += 2 * n
        plane += columns


cdef inline void corners(const Real* a, const Real* b, const Real* c, const Real* d, Real* out, const Real* left,
                         const Real* right, const Real* wy, const Real* wz, int64_t n, bint reverse) noexcept nogil:
    """Sum eight voxels times the product of their weights, along x, y, z in turn or z, y, x in turn."""
    cdef int64_t i
    cdef Real low = wy[0], high = wy[1], near = wz[0], far = wz[1]
    cdef Real p = near * low, q = far * low, r = near * high, s = far * high
    if reverse:
        for i in range(n):
            out[i] = (((((((a[i] * (p * left[i]) + c[i] * (q * left[i])) + b[i] * (r * left[i])) + d[i] * (s * left[i]))
                         + a[n + i] * (p * right[i])) + c[n + i] * (q * right[i])) + b[n + i] * (r * right[i]))
                      + d[n + i] * (s * right[i]))
        return
    for i in range(n):
        out[i] = (((((((a[i] * (left[i] * low * near) + a[n + i] * (right[i] * low * near))
                       + b[i] * (left[i] * high * near)) + b[n + i] * (right[i] * high * near))
                     + c[i] * (left[i] * low * far)) + c[n + i] * (right[i] * low * far))
                   + d[i] * (left[i] * high * far)) + d[n + i] * (right[i] * high * far))


cdef check_axis(const int64_t[::1] first, const int64_t[::1] second, Real[:, ::1] weight, int64_t length, int64_t n):
    cdef Py_ssize_t i
    if first.shape[0] != n or second.shape[0] != n or weight.shape[0] != n or weight.shape[1] != 2:
        raise ValueError("each place of the result needs two indices and two weights")
    for i in range(n):
        if not (0 <= first[i] < length and 0 <= second[i] < length):
            raise ValueError(f"index {first[i]} or {second[i]} is outside of an axis of length {length}")


@cython.boundscheck(False)
@cython.wraparound(False)
def blend(const Voxel[:, :, ::1] src not None, Real[:, :, ::1] out not None,
          const int64_t[::1] iz not None, const int64_t[::1] jz not None, Real[:, ::1] wz not None,
          const int64_t[::1] iy not None, const int64_t[::1] jy not None, Real[:, ::1] wy not None,
          const int64_t[::1] ix not None, const int64_t[::1] jx not None, Real[:, ::1] wx not None,
          int64_t start, int64_t stop) -> None:
    """Write planes ``start:stop`` of a resampled volume.

    Parameters
    ----------
    src : array, (z, y, x)
        The volume.
    out : array of float32 or float64
        Gets the values, in the precision that is calculated in.
    iz, jz, iy, jy, ix, jx : arrays of int64
        For each place of `out` along an axis the two voxels it lies between.
    wz, wy, wx : arrays of float32 or float64, (n, 2)
        Their weights, of the type of `out`.
    start, stop : int
        Which planes of `out`.
    """
    cdef int64_t rows = out.shape[1], n = out.shape[2], z, columns = src.shape[2], size
    cdef int64_t kept[2]
    cdef int a, b
    cdef Real* room
    cdef Real* lines
    check_axis(iz, jz, wz, src.shape[0], out.shape[0])
    check_axis(iy, jy, wy, src.shape[1], rows)
    check_axis(ix, jx, wx, columns, n)
    if not 0 <= start <= stop <= out.shape[0]:
        raise ValueError("there are no such planes")
    if start == stop or not rows or not n:
        return
    size = rows * n
    room = <Real*> malloc((2 * size + 2 * n) * sizeof(Real))
    if room == NULL:
        raise MemoryError
    lines = room + 2 * size
    kept[0] = kept[1] = -1
    with nogil:
        for z in range(start, stop):
            a = keep(kept, iz[z], jz[z])
            if kept[a] < 0:
                plane_of(&src[iz[z], 0, 0], columns, room + a * size, &iy[0], &jy[0], &wy[0, 0], &ix[0], &jx[0],
                         &wx[0, 0], rows, n, lines)
                kept[a] = iz[z]
            b = keep(kept, jz[z], iz[z])
            if kept[b] < 0:
                plane_of(&src[jz[z], 0, 0], columns, room + b * size, &iy[0], &jy[0], &wy[0, 0], &ix[0], &jx[0],
                         &wx[0, 0], rows, n, lines)
                kept[b] = jz[z]
            between(room + a * size, room + b * size, &out[z, 0, 0], wz[z, 0], wz[z, 1], size)
    free(room)


@cython.boundscheck(False)
@cython.wraparound(False)
def blend_corners(const Real[:, :, ::1] src not None, Real[:, :, ::1] out not None,
                  const int64_t[::1] iz not None, const int64_t[::1] jz not None, Real[:, ::1] wz not None,
                  const int64_t[::1] iy not None, const int64_t[::1] jy not None, Real[:, ::1] wy not None,
                  const int64_t[::1] ix not None, const int64_t[::1] jx not None, Real[:, ::1] wx not None,
                  bint reverse, int64_t start, int64_t stop) -> None:
    """Do the same as :func:`blend`, but round as torch's ``grid_sample`` does; all in one precision.

    With `reverse` as if the array were [x, y, z].
    """
    cdef int64_t rows = out.shape[1], n = out.shape[2], z, y, i, deep = src.shape[1], columns = src.shape[2], size
    cdef int64_t kept[2]
    cdef int a, b
    cdef Real* room
    cdef Real* left
    cdef Real* near
    cdef Real* far
    check_axis(iz, jz, wz, src.shape[0], out.shape[0])
    check_axis(iy, jy, wy, deep, rows)
    check_axis(ix, jx, wx, columns, n)
    if not 0 <= start <= stop <= out.shape[0]:
        raise ValueError("there are no such planes")
    if start == stop or not rows or not n:
        return
    size = deep * 2 * n
    room = <Real*> malloc((2 * size + 2 * n) * sizeof(Real))
    if room == NULL:
        raise MemoryError
    left = room + 2 * size
    kept[0] = kept[1] = -1
    with nogil:
        for i in range(n):
            left[i] = wx[i, 0]
            left[n + i] = wx[i, 1]
        for z in range(start, stop):
            a = keep(kept, iz[z], jz[z])
            if kept[a] < 0:
                spread(&src[iz[z], 0, 0], deep, columns, room + a * size, &ix[0], &jx[0], n)
                kept[a] = iz[z]
            b = keep(kept, jz[z], iz[z])
            if kept[b] < 0:
                spread(&src[jz[z], 0, 0], deep, columns, room + b * size, &ix[0], &jx[0], n)
                kept[b] = jz[z]
            near = room + a * size
            far = room + b * size
            for y in range(rows):
                corners(near + iy[y] * 2 * n, near + jy[y] * 2 * n, far + iy[y] * 2 * n, far + jy[y] * 2 * n,
                        &out[z, y, 0], left, left + n, &wy[y, 0], &wz[z, 0], n, reverse)
    free(room)
