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
    /* One plane of a window. Voxels of `covered` rows, and the first `added` ones of the others, have a sum already, the
       rest has none. The first `last` voxels of the first `final` rows get no more and are divided by `total`. */
    #define WINDOWS_PLANE(T, name) \\
        static WINDOWS_CLONES void name(const T *restrict p, int64_t p_row, float *restrict out, int64_t out_row, \\
                                        const float *restrict rows, const float *restrict line, float plane, \\
                                        float least, int64_t height, int64_t n, int64_t covered, int64_t added, \\
                                        int64_t final, int64_t last, const float *restrict total, int64_t t_row) { \\
            for (int64_t y = 0; y < height; y++) { \\
                const T *restrict q = p + y * p_row; \\
                float *restrict o = out + y * out_row; \\
                const float *restrict t = total + y * t_row; \\
                float scale = plane * rows[y]; \\
                int64_t i = 0, old = y < covered ? n : added, done = y < final ? last : 0; \\
                int64_t both = old < done ? old : done; \\
                for (; i < both; i++) o[i] = (o[i] + (float)q[i] * WINDOWS_WEIGHT(i)) / t[i]; \\
                for (; i < old; i++) o[i] += (float)q[i] * WINDOWS_WEIGHT(i); \\
                for (; i < done; i++) o[i] = (float)q[i] * WINDOWS_WEIGHT(i) / t[i]; \\
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
    """
    void windows_plane_f4(const float* p, int64_t p_row, float* out, int64_t out_row, const float* rows,
                          const float* line, float plane, float least, int64_t height, int64_t n, int64_t covered,
                          int64_t added, int64_t final, int64_t last, const float* total, int64_t t_row) noexcept nogil
    void windows_plane_f8(const double* p, int64_t p_row, float* out, int64_t out_row, const float* rows,
                          const float* line, float plane, float least, int64_t height, int64_t n, int64_t covered,
                          int64_t added, int64_t final, int64_t last, const float* total, int64_t t_row) noexcept nogil
    void windows_total(const float* scales, int64_t n_scales, const float** lines, int64_t n_lines, float least,
                       float* total, int64_t n) noexcept nogil

cdef enum:
    KEPT = 1 << 22          # floats


cdef class Totals:
    """What windows count: memory that is freed with it."""

    cdef float* data

    def __cinit__(self, int64_t n):
        self.data = <float*> malloc((n + 1) * sizeof(float))
        if self.data == NULL:
            raise MemoryError

    def __dealloc__(self):
        free(self.data)


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
    cdef Totals plane               # of the final rows of one plane
    cdef Totals column              # of all final planes, for windows that differ only along x; or None
    cdef dict kept                  # those of before, which others share
    cdef int64_t n_kept
    cdef float* scales
    cdef const float** over

    def __dealloc__(self):
        for axis in range(3):
            free(self.starts[axis])
            free(self.lines[axis])
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
        self.plane = Totals(self.roi[1] * self.roi[2])
        self.kept = {}
        self.scales = <float*> malloc(self.most(0) * self.most(1) * sizeof(float))
        self.over = <const float**> malloc(self.most(2) * sizeof(float*))
        if self.scales == NULL or self.over == NULL:
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

    cdef void add_up(self, int64_t i, int64_t j, int64_t z, int64_t x, int64_t end, float* totals) noexcept nogil:
        """Add up what windows count in the final rows of plane z of windows (i, j), voxels `x` to `end`, in their order."""
        cdef int64_t a, b, c, y, row, at, low, high, stop, n_scales, n_lines, length = end - x
        z += self.starts[0][i]
        for row in range(self.final(1, j)):
            y = self.starts[1][j] + row
            n_scales = 0
            low = self.lowest(1, j, y)
            for a in range(self.lowest(0, i, z), i + 1):
                for b in range(low, j + 1):
                    self.scales[n_scales] = (self.lines[0][z - self.starts[0][a]]
                                             * self.lines[1][y - self.starts[1][b]])
                    n_scales += 1
            low = high = 0
            at = x
            while at < end:         # the windows over a stretch are the same until one begins or ends
                while self.starts[2][low] + self.roi[2] <= at:
                    low += 1
                while high < self.counts[2] and self.starts[2][high] <= at:
                    high += 1
                stop = min(end, self.starts[2][low] + self.roi[2])
                if high < self.counts[2]:
                    stop = min(stop, self.starts[2][high])
                n_lines = 0
                for c in range(low, high):
                    self.over[n_lines] = self.lines[2] + (at - self.starts[2][c])
                    n_lines += 1
                windows_total(self.scales, n_scales, self.over, n_lines, self.least, totals + row * length + at - x,
                              stop - at)
                at = stop

    cdef tuple around(self, int axis, int64_t window):
        """Return what tells apart how windows lie over the final voxels of one."""
        cdef int64_t i, at = self.starts[axis][window]
        return (self.final(axis, window),
                *[at - self.starts[axis][i] for i in range(self.lowest(axis, window, at), window)])

    cdef int begin_column(self, int64_t i, int64_t j) except -1:
        """Add up for all windows (i, j, …) at once, unless that were too much memory."""
        cdef int64_t z, planes = self.final(0, i), width = self.out.shape[3], size = self.final(1, j) * width
        self.column = None
        if not size or planes > KEPT // size:
            return 0
        key = self.around(0, i), self.around(1, j)
        self.column = self.kept.get(key)
        if self.column is not None:
            return 0
        self.column = Totals(planes * size)
        with nogil:
            for z in range(planes):
                self.add_up(i, j, z, 0, width, self.column.data + z * size)
        self.n_kept += planes * size
        if self.n_kept > KEPT:
            self.kept.clear()
            self.n_kept = planes * size
        self.kept[key] = self.column
        return 0

    @cython.boundscheck(False)
    @cython.wraparound(False)
    @cython.cdivision(True)
    cdef int add_any(self, const float[:, :, :, :] single, const double[:, :, :, :] double_, const Py_ssize_t* shape,
                     const Py_ssize_t* strides, int64_t size) except -1:
        cdef int64_t nj = self.counts[1], nk = self.counts[2]
        cdef int64_t i = self.next_window // (nj * nk), j = self.next_window // nk % nj, k = self.next_window % nk
        cdef int64_t c, z, n = self.roi[2], height = self.roi[1], covered, final, last, p_row, out_row, t_row
        cdef int64_t at_z, at_y, at_x, covered_z, covered_y, covered_x, final_z, final_y, final_x
        cdef const float* total
        if i >= self.counts[0]:
            raise ValueError("all windows have been added")
        if shape[0] != self.out.shape[0] or shape[1] != self.roi[0] or shape[2] != height or shape[3] != n:
            raise ValueError("the prediction has another shape than its window")
        if n > 1 and strides[3] != size:
            raise ValueError("the voxels of a row do not follow one another")
        if k == 0:
            self.begin_column(i, j)
        self.next_window += 1
        p_row, out_row = strides[2] // size, self.out.shape[3]
        at_z, at_y, at_x = self.starts[0][i], self.starts[1][j], self.starts[2][k]
        covered_z, covered_y, covered_x = self.covered(0, i), self.covered(1, j), self.covered(2, k)
        final_z, final_y, final_x = self.final(0, i), self.final(1, j), self.final(2, k)
        with nogil:
            for z in range(self.roi[0]):
                covered = height if z < covered_z else covered_y
                final = final_y if z < final_z else 0
                last = final_x if z < final_z else 0
                total, t_row = self.plane.data, last
                if final and last:
                    if self.column is not None:
                        total, t_row = self.column.data + z * final_y * out_row + at_x, out_row
                    else:
                        self.add_up(i, j, z, at_x, at_x + last, self.plane.data)
                for c in range(self.out.shape[0]):
                    if size == sizeof(float):
                        windows_plane_f4(&single[c, z, 0, 0], p_row, &self.out[c, at_z + z, at_y, at_x], out_row,
                                         self.lines[1], self.lines[2], self.lines[0][z], self.least, height, n, covered,
                                         covered_x, final, last, total, t_row)
                    else:
                        windows_plane_f8(&double_[c, z, 0, 0], p_row, &self.out[c, at_z + z, at_y, at_x], out_row,
                                         self.lines[1], self.lines[2], self.lines[0][z], self.least, height, n, covered,
                                         covered_x, final, last, total, t_row)
        return 0

    def add(self, const float[:, :, :, :] patch not None) -> None:
        """Add the prediction for the next window, in the order of the last axis first.

        Parameters
        ----------
        patch : array of float32, (channel, z, y, x)
            The prediction; voxels along x follow one another in memory.
        """
        self.add_any(patch, None, patch.shape, patch.strides, sizeof(float))

    def add_double(self, const double[:, :, :, :] patch not None) -> None:
        """Add a prediction of float64, see :meth:`add`."""
        self.add_any(None, patch, patch.shape, patch.strides, sizeof(double))
