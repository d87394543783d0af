"""Sliding windows: predictions added up with their weights."""
cimport cython
from libc.stdint cimport int64_t

ctypedef fused Real:
    float
    double


cdef check_window(int64_t z, int64_t y, int64_t x, const float[:, :, ::1] weight, const float[:, :, ::1] total):
    if (min(z, y, x) < 0 or z + weight.shape[0] > total.shape[0] or y + weight.shape[1] > total.shape[1]
            or x + weight.shape[2] > total.shape[2]):
        raise ValueError("the window reaches out of the volume")


@cython.boundscheck(False)
@cython.wraparound(False)
def add_window(const Real[:, :, :, :] patch not None, const float[:, :, ::1] weight not None,
               float[:, :, :, ::1] out not None, float[:, :, ::1] total not None, int64_t z, int64_t y,
               int64_t x) -> None:
    """Add a weighted prediction to the sums of all, and its weights to the sums of weights.

    Parameters
    ----------
    patch : array, (channel, z, y, x)
        The prediction, any order in memory.
    weight : array of float32, (z, y, x)
        Its weights.
    out : array of float32, (channel, z, y, x)
        The sums.
    total : array of float32, (z, y, x)
        The sums of the weights.
    z, y, x : int
        Where the window begins.
    """
    cdef int64_t channels = patch.shape[0], depth = weight.shape[0], rows = weight.shape[1], columns = weight.shape[2]
    cdef int64_t c, i, j, k, step = patch.strides[3] // <int64_t> sizeof(Real)
    cdef const Real* src
    cdef const float* w
    cdef float* to
    cdef float value
    check_window(z, y, x, weight, total)
    if patch.shape[1] != depth or patch.shape[2] != rows or patch.shape[3] != columns:
        raise ValueError("the prediction has another shape than its window")
    if out.shape[0] != channels or out.shape[1] != total.shape[0] or out.shape[2] != total.shape[1] or (
            out.shape[3] != total.shape[2]):
        raise ValueError("the sums have different shapes")
    if not channels or not depth or not rows or not columns:
        return
    with nogil:
        for i in range(depth):
            for j in range(rows):
                w = &weight[i, j, 0]
                to = &total[z + i, y + j, x]
                for k in range(columns):
                    to[k] += w[k]
                for c in range(channels):
                    src = &patch[c, i, j, 0]
                    to = &out[c, z + i, y + j, x]
                    if step == 1:
                        for k in range(columns):
                            value = <float> src[k] * w[k]
                            to[k] += value
                    else:
                        for k in range(columns):
                            value = <float> src[k * step] * w[k]
                            to[k] += value


@cython.boundscheck(False)
@cython.wraparound(False)
@cython.cdivision(True)
def divide(float[:, ::1] out not None, const float[::1] total not None, int64_t start, int64_t stop) -> None:
    """Divide voxels ``start:stop`` of each channel by the sums of weights."""
    cdef int64_t c, i
    if not 0 <= start <= stop <= total.shape[0] or out.shape[1] != total.shape[0]:
        raise ValueError("there are no such voxels")
    with nogil:
        for c in range(out.shape[0]):
            for i in range(start, stop):
                out[c, i] /= total[i]
