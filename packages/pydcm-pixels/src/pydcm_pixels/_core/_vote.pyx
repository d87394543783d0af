"""Labels on a new grid: each class interpolated linearly on its own, the greatest share wins."""
cimport cython
from libc.stdint cimport int8_t, int16_t, int32_t, int64_t, uint8_t, uint16_t

ctypedef fused Label:
    int8_t
    int16_t
    int32_t
    int64_t
    uint8_t
    uint16_t


cdef inline int64_t clamped(int64_t i, int64_t n) noexcept nogil:
    return 0 if i < 0 else (n - 1 if i >= n else i)


cdef inline Label winner(const Label* labels, const double* shares, int n, Label nearest) noexcept nogil:
    """Return the label with the greatest sum of shares; among equals the nearest one, or else the lowest."""
    cdef Label found[8]
    cdef double sums[8]
    cdef int i, j, count = 0
    cdef double best = -1
    cdef Label result = labels[0]
    for i in range(n):                               # added in this order, so that equal sums are equal to the bit
        j = 0
        while j < count and found[j] != labels[i]:
            j += 1
        if j == count:
            found[j] = labels[i]
            sums[j] = 0
            count += 1
        sums[j] += shares[i]
    for j in range(count):
        if sums[j] > best or (sums[j] == best and found[j] < result):
            best = sums[j]
            result = found[j]
    for j in range(count):
        if found[j] == nearest and sums[j] == best:
            return nearest
    return result


cdef check_axis(const int64_t[::1] start, const double[:, ::1] weight, const int64_t[::1] near, int64_t length,
                int64_t n):
    cdef Py_ssize_t i
    if start.shape[0] != n or weight.shape[0] != n or near.shape[0] != n:
        raise ValueError("each place of the result needs an index, weights and the nearest index")
    for i in range(near.shape[0]):
        if not 0 <= near[i] < length or not -length <= start[i] <= 2 * length:
            raise ValueError(f"index {near[i]} is outside of an axis of length {length}")


@cython.boundscheck(False)
@cython.wraparound(False)
def vote(const Label[:, :, ::1] src not None, Label[:, :, ::1] out not None,
         const int64_t[::1] iz not None, const double[:, ::1] wz not None, const int64_t[::1] nz not None,
         const int64_t[::1] iy not None, const double[:, ::1] wy not None, const int64_t[::1] ny not None,
         const int64_t[::1] ix not None, const double[:, ::1] wx not None, const int64_t[::1] nx not None,
         int64_t start, int64_t stop) -> None:
    """Write planes ``start:stop`` of a resampled label volume.

    Parameters
    ----------
    src, out : arrays of integers, (z, y, x)
        The labels.
    iz, iy, ix : arrays of int64
        For each place of `out` along an axis the first voxel it takes; past the ends the last one is taken.
    wz, wy, wx : arrays of float64, (n, 2)
        Weights of that voxel and the next; one weight along z leaves z alone.
    nz, ny, nx : arrays of int64
        The nearest voxels, which decide between equal shares.
    start, stop : int
        Which planes of `out`.
    """
    cdef int64_t z, y, x, x0, x1, depth = src.shape[0], height = src.shape[1], width = src.shape[2]
    cdef int deep = <int> wz.shape[1], n = 4 * <int> wz.shape[1], k, i
    cdef const Label* rows[4]
    cdef double shares[8]
    cdef double plane[4]
    cdef Label labels[8]
    cdef bint same
    if (deep != 1 and deep != 2) or wy.shape[1] != 2 or wx.shape[1] != 2:
        raise ValueError("there are two weights")
    check_axis(iz, wz, nz, depth, out.shape[0])
    check_axis(iy, wy, ny, height, out.shape[1])
    check_axis(ix, wx, nx, width, out.shape[2])
    if not 0 <= start <= stop <= out.shape[0]:
        raise ValueError("there are no such planes")
    with nogil:
        for z in range(start, stop):
            for y in range(out.shape[1]):
                for k in range(2 * deep):
                    rows[k] = &src[clamped(iz[z] + k // 2, depth), clamped(iy[y] + k % 2, height), 0]
                    plane[k] = wz[z, k // 2] * wy[y, k % 2] if deep == 2 else wy[y, k]
                for x in range(out.shape[2]):
                    x0 = clamped(ix[x], width)
                    x1 = clamped(ix[x] + 1, width)
                    same = True
                    for k in range(2 * deep):
                        labels[2 * k] = rows[k][x0]
                        labels[2 * k + 1] = rows[k][x1]
                        same = same and labels[2 * k] == labels[0] and labels[2 * k + 1] == labels[0]
                    if same:
                        out[z, y, x] = labels[0]
                    else:
                        for i in range(n):
                            shares[i] = plane[i // 2] * wx[x, i % 2]
                        out[z, y, x] = winner(labels, shares, n, src[nz[z], ny[y], nx[x]])
