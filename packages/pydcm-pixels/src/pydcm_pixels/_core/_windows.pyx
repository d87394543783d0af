"""Sliding windows: predictions added up with their weights, and divided by the sum of those once no more will come."""
cimport cython
from libc.stdint cimport int64_t
from libc.stdlib cimport free, malloc

cdef extern from *:
    """
    #include <stdint.h>
    #include <stdlib.h>
    #if defined(__GNUC__) && !defined(__clang__) && defined(__x86_64__) && defined(__GLIBC__)
    #define WINDOWS_CLONES __attribute__((target_clones("avx2", "default")))
    #else
    #define WINDOWS_CLONES
    #endif

    /* The weight of a voxel: a product, no less than the least. */
    #define WINDOWS_WEIGHT(i) (scale * line[i] < least ? least : scale * line[i])
    /* One plane of a window. `covered` rows, and as many voxels of the others, have a sum already; the rest has none. */
    #define WINDOWS_PLANE(T, name) \\
        static WINDOWS_CLONES void name(const T *restrict p, int64_t p_row, float *restrict out, int64_t out_row, \\
                                        const float *restrict rows, const float *restrict line, float plane, \\
                                        float least, int64_t y, int64_t stop, int64_t n, int64_t covered, \\
                                        int64_t added) { \\
            for (; y < stop; y++) { \\
                const T *restrict q = p + y * p_row; \\
                float *restrict o = out + y * out_row; \\
                float scale = plane * rows[y]; \\
                int64_t i = 0, old = y < covered ? n : added; \\
                for (; i < old; i++) o[i] += (float)q[i] * WINDOWS_WEIGHT(i); \\
                for (; i < n; i++) o[i] = (float)q[i] * WINDOWS_WEIGHT(i); \\
            } \\
        }
    WINDOWS_PLANE(float, windows_plane_f4)
    WINDOWS_PLANE(double, windows_plane_f8)

    /* What all windows over a stretch of a row count: sums over `scales` of sums over `lines`, in that order. */
    static WINDOWS_CLONES void windows_total(const float *scales, int64_t n_scales, const float *const *lines,
                                             int64_t n_lines, float least, float *restrict total, int64_t n) {
        for (int64_t i = 0; i < n; i++) total[i] = 0;
        for (int64_t a = 0; a < n_scales; a++)
            for (int64_t b = 0; b < n_lines; b++) {
                const float *restrict line = lines[b];
                float scale = scales[a];
                for (int64_t i = 0; i < n; i++) total[i] += WINDOWS_WEIGHT(i);
            }
    }
    static WINDOWS_CLONES void windows_divide(float *restrict out, const float *restrict total, int64_t n) {
        for (int64_t i = 0; i < n; i++) out[i] /= total[i];
    }
    """
    void windows_plane_f4(const float* p, int64_t p_row, float* out, int64_t out_row, const float* rows,
                          const float* line, float plane, float least, int64_t y, int64_t stop, int64_t n,
                          int64_t covered, int64_t added) noexcept nogil
    void windows_plane_f8(const double* p, int64_t p_row, float* out, int64_t out_row, const float* rows,
                          const float* line, float plane, float least, int64_t y, int64_t stop, int64_t n,
                          int64_t covered, int64_t added) noexcept nogil
    void windows_total(const float* scales, int64_t n_scales, const float** lines, int64_t n_lines, float least,
                       float* total, int64_t n) noexcept nogil
    void windows_divide(float* out, const float* total, int64_t n) noexcept nogil

ctypedef fused Real:
    float
    double


cdef class Blend:
    """Predictions for windows that stand in a grid, blended.

    Parameters
    ----------
    starts : list of three arrays of int64
        Where windows begin along z, y, x, ascending; the first begins at 0, and each before the end of the one before.
    lines : list of three arrays of float32
        What voxels of a window count, along z, y, x; the weight of a voxel is the product of three.
    least : float
        The lowest weight; products below are raised to it.
    out : array of float32, (channel, z, y, x)
        Gets the result. Its contents do not matter before.
    """

    cdef int64_t* starts[3]
    cdef float* lines[3]
    cdef int64_t counts[3]
    cdef int64_t roi[3]
    cdef float[:, :, :, ::1] out
    cdef float least
    cdef int64_t next_window
    cdef float* total
    cdef float* scales
    cdef const float** over

    def __dealloc__(self):
        for axis in range(3):
            free(self.starts[axis])
            free(self.lines[axis])
        free(self.total)
        free(self.scales)
        free(self.over)

    def __cinit__(self, starts, lines, float least, float[:, :, :, ::1] out not None):
        cdef const int64_t[::1] begins
        cdef const float[::1] line
        cdef int64_t i, n
        cdef int axis
        for axis in range(3):
            begins, line = starts[axis], lines[axis]
            n = self.counts[axis] = begins.shape[0]
            self.roi[axis] = line.shape[0]
            if not n or not line.shape[0] or begins[0] != 0 or begins[n - 1] + line.shape[0] != out.shape[axis + 1]:
                raise ValueError("the windows do not begin and end where the volume does")
            self.starts[axis] = <int64_t*> malloc(n * sizeof(int64_t))
            self.lines[axis] = <float*> malloc(line.shape[0] * sizeof(float))
            if self.starts[axis] == NULL or self.lines[axis] == NULL:
                raise MemoryError
            for i in range(n):
                if i and not 0 <= begins[i] - begins[i - 1] <= line.shape[0]:
                    raise ValueError("windows leave a gap")
                self.starts[axis][i] = begins[i]
            for i in range(line.shape[0]):
                self.lines[axis][i] = line[i]
        self.out = out
        self.least = least
        self.total = <float*> malloc(self.roi[2] * sizeof(float))
        self.scales = <float*> malloc(self.most(0) * self.most(1) * sizeof(float))
        self.over = <const float**> malloc(self.most(2) * sizeof(float*))
        if self.total == NULL or self.scales == NULL or self.over == NULL:
            raise MemoryError

    cdef int64_t most(self, int axis) noexcept:
        """Return how many windows at most are over one voxel along an axis."""
        cdef int64_t i, low = 0, most = 1
        for i in range(self.counts[axis]):
            while self.starts[axis][low] + self.roi[axis] <= self.starts[axis][i]:
                low += 1
            most = max(most, i - low + 1)
        return most

    @property
    def n_windows(self):
        """How many windows there are."""
        return self.counts[0] * self.counts[1] * self.counts[2]

    @property
    def done(self):
        """How many predictions have been added."""
        return self.next_window

    cdef int64_t covered(self, int axis, int64_t window) noexcept nogil:
        """Return how many voxels along an axis the windows before cover."""
        if window == 0:
            return 0
        return self.starts[axis][window - 1] + self.roi[axis] - self.starts[axis][window]

    cdef int64_t final(self, int axis, int64_t window) noexcept nogil:
        """Return how many voxels along an axis are in no window that follows."""
        if window == self.counts[axis] - 1:
            return self.roi[axis]
        return self.starts[axis][window + 1] - self.starts[axis][window]

    cdef int64_t lowest(self, int axis, int64_t window, int64_t place) noexcept nogil:
        """Return the first window, up to the one given, that reaches beyond a place of the volume."""
        while window > 0 and self.starts[axis][window - 1] + self.roi[axis] > place:
            window -= 1
        return window

    cdef void divide_row(self, int64_t i, int64_t j, int64_t k, int64_t z, int64_t y, int64_t n) noexcept nogil:
        """Divide the first `n` voxels of row z, y of window (i, j, k), by what all windows up to it count, in their order."""
        cdef int64_t a, b, c, x = self.starts[2][k], stop, end = x + n, n_scales = 0, n_lines, low
        cdef int64_t channels = self.out.shape[0]
        z += self.starts[0][i]
        y += self.starts[1][j]
        low = self.lowest(1, j, y)
        for a in range(self.lowest(0, i, z), i + 1):
            for b in range(low, j + 1):
                self.scales[n_scales] = self.lines[0][z - self.starts[0][a]] * self.lines[1][y - self.starts[1][b]]
                n_scales += 1
        while x < end:              # the windows over a stretch are the same until one ends
            low = self.lowest(2, k, x)
            stop = self.starts[2][low] + self.roi[2]
            if stop > end:
                stop = end
            n_lines = 0
            for c in range(low, k + 1):
                self.over[n_lines] = self.lines[2] + (x - self.starts[2][c])
                n_lines += 1
            windows_total(self.scales, n_scales, self.over, n_lines, self.least, self.total, stop - x)
            for c in range(channels):
                windows_divide(&self.out[c, z, y, x], self.total, stop - x)
            x = stop

    @cython.boundscheck(False)
    @cython.wraparound(False)
    @cython.cdivision(True)
    def add(self, const Real[:, :, :, :] patch not None) -> None:
        """Add the prediction for the next window, in the order of the last axis first.

        Parameters
        ----------
        patch : array, (channel, z, y, x)
            The prediction; voxels along x follow one another in memory.
        """
        cdef int64_t nj = self.counts[1], nk = self.counts[2]
        cdef int64_t i = self.next_window // (nj * nk), j = self.next_window // nk % nj, k = self.next_window % nk
        cdef int64_t channels = self.out.shape[0], c, z, y, stop, n = self.roi[2]
        cdef int64_t at_z, at_y, at_x, covered_z, covered_y, covered_x, final_z, final_y, final_x
        cdef int64_t p_row = patch.strides[2] // <int64_t> sizeof(Real), out_row = self.out.shape[3]
        if i >= self.counts[0]:
            raise ValueError("all windows have been added")
        if (patch.shape[0] != channels or patch.shape[1] != self.roi[0] or patch.shape[2] != self.roi[1]
                or patch.shape[3] != n):
            raise ValueError("the prediction has another shape than its window")
        if n > 1 and patch.strides[3] != sizeof(Real):
            raise ValueError("the voxels of a row do not follow one another")
        self.next_window += 1
        if not channels:
            return
        at_z, at_y, at_x = self.starts[0][i], self.starts[1][j], self.starts[2][k]
        covered_z, covered_y, covered_x = self.covered(0, i), self.covered(1, j), self.covered(2, k)
        final_z, final_y, final_x = self.final(0, i), self.final(1, j), self.final(2, k)
        with nogil:
            for z in range(self.roi[0]):
                # a few rows at a time, so that they are still near when they are divided
                for y in range(0, self.roi[1], 16):
                    stop = y + 16 if y + 16 < self.roi[1] else self.roi[1]
                    for c in range(channels):
                        if Real is float:
                            windows_plane_f4(&patch[c, z, 0, 0], p_row, &self.out[c, at_z + z, at_y, at_x], out_row,
                                             self.lines[1], self.lines[2], self.lines[0][z], self.least, y, stop, n,
                                             self.roi[1] if z < covered_z else covered_y, covered_x)
                        else:
                            windows_plane_f8(&patch[c, z, 0, 0], p_row, &self.out[c, at_z + z, at_y, at_x], out_row,
                                             self.lines[1], self.lines[2], self.lines[0][z], self.least, y, stop, n,
                                             self.roi[1] if z < covered_z else covered_y, covered_x)
                    if z < final_z and final_x:
                        while y < stop and y < final_y:
                            self.divide_row(i, j, k, z, y, final_x)
                            y += 1
