"""Sliding windows: predictions added up with their weights, and divided by the sum of those once no more will come."""
cimport cython
from cpython.buffer cimport PyBUF_FORMAT, PyBUF_STRIDES, PyBUF_WRITABLE, PyBuffer_Release, PyObject_GetBuffer
from libc.stdint cimport int64_t
from libc.stdlib cimport free, malloc

cdef extern from *:
    """
    #include <stdint.h>
    #include <stdlib.h>
    #include <string.h>
    #if defined(__GNUC__) && !defined(__clang__) && defined(__x86_64__) && defined(__GLIBC__)
    #define WINDOWS_CLONES __attribute__((target_clones("avx2", "default")))
    #else
    #define WINDOWS_CLONES
    #endif

    #if defined(__GNUC__)
    #pragma GCC diagnostic ignored "-Wpsabi"
    typedef float windows_lanes __attribute__((vector_size(32), aligned(4), may_alias));
    typedef double windows_doubles __attribute__((vector_size(64), aligned(8), may_alias));
    typedef int32_t windows_mask __attribute__((vector_size(32)));
    #define WINDOWS_ALL(v) ((windows_lanes){(v), (v), (v), (v), (v), (v), (v), (v)})
    /* one instruction for the compiler that knows these loops, which it does */
    static inline __attribute__((always_inline)) windows_lanes windows_raised(windows_lanes w, windows_lanes least) {
        for (int l = 0; l < 8; l++) w[l] = w[l] < least[l] ? least[l] : w[l];
        return w;
    }
    #define WINDOWS_RAISED(w, least) windows_raised(w, least)
    #define WINDOWS_SINGLE(v) __builtin_convertvector(v, windows_lanes)
    #define WINDOWS_FETCH(p, to_write) __builtin_prefetch(p, to_write)
    #else
    typedef float windows_lanes;
    typedef double windows_doubles;
    #define WINDOWS_ALL(v) (v)
    #define WINDOWS_RAISED(w, least) (w < least ? least : w)
    #define WINDOWS_SINGLE(v) ((float)(v))
    #define WINDOWS_FETCH(p, to_write) ((void)0)
    #endif
    #define WINDOWS_SAME(v) (v)
    enum { WINDOWS_LANES = sizeof(windows_lanes) / sizeof(float) };

    /* Rows of one length from place to place, too short for the processor to see what comes next. */
    static void windows_copy(const char *from, int64_t from_row, char *to, int64_t to_row, int64_t n_rows, int64_t length) {
        for (int64_t y = 0; y < n_rows; y++, from += from_row, to += to_row) {
            for (int64_t j = 0; j < length && y + 8 < n_rows; j += 64) WINDOWS_FETCH(from + 8 * from_row + j, 0);
            memcpy(to, from, (size_t)length);
        }
    }

    /* A window over a block of rows: what it says there and what that counts, the product of `plane`, `rows` and `line`. */
    typedef struct {
        const void *said;
        int64_t said_row;
        const float *rows;
        const float *line;
        int64_t line_row;
        float plane;
    } windows_over;

    /* The weight of a voxel: a product, no less than the least. */
    #define WINDOWS_WEIGHT(i) (scale * line[i] < least ? least : scale * line[i])
    /* One plane of a window. Voxels of `covered` rows, and the first `added` ones of the others, have a sum already, the
       rest has none. The first `last` voxels of the first `final` rows get no more and are divided by `total`. Rows are too
       short for the processor to see what comes next. */
    #define WINDOWS_PLANE(T, name) \\
        static WINDOWS_CLONES void name(const T *restrict p, int64_t p_row, float *restrict out, int64_t out_row, \\
                                        const float *restrict rows, const float *restrict line, int64_t line_row, \\
                                        float plane, float least, int64_t height, int64_t n, int64_t covered, \\
                                        int64_t added, int64_t final, int64_t last, const float *restrict total, \\
                                        int64_t t_row) { \\
            for (int64_t y = 0; y < height; y++, line += line_row) { \\
                const T *restrict q = p + y * p_row; \\
                float *restrict o = out + y * out_row; \\
                const float *restrict t = total + y * t_row; \\
                float scale = plane * rows[y]; \\
                int64_t i = 0, old = y < covered ? n : added, done = y < final ? last : 0; \\
                int64_t both = old < done ? old : done; \\
                for (int64_t j = 0; j < n && y + 4 < height; j += 16) { \\
                    WINDOWS_FETCH(o + 4 * out_row + j, 1); \\
                    WINDOWS_FETCH(q + 4 * p_row + j, 0); \\
                } \\
                for (; i < both; i++) o[i] = (o[i] + (float)q[i] * WINDOWS_WEIGHT(i)) / t[i]; \\
                for (; i < old; i++) o[i] += (float)q[i] * WINDOWS_WEIGHT(i); \\
                for (; i < done; i++) o[i] = (float)q[i] * WINDOWS_WEIGHT(i) / t[i]; \\
                for (; i < n; i++) o[i] = (float)q[i] * WINDOWS_WEIGHT(i); \\
            } \\
        }
    WINDOWS_PLANE(float, windows_plane_f4)
    WINDOWS_PLANE(double, windows_plane_f8)

    /* A stretch of row `y` of a block from all windows over it at once, so that sums stay in registers: what they say and
       count, or only what they count. The order of the sums is that of windows that come one by one. */
    #define WINDOWS_EACH(T, V, step) \\
        for (int64_t k = 0; k < n_over; k++) { \\
            const V *said = (const V *)((const T *)((const char *)over[k].said + y * over[k].said_row) + i); \\
            const windows_lanes *line = (const windows_lanes *)(over[k].line + y * over[k].line_row + i); \\
            float product = over[k].plane * over[k].rows[y]; \\
            windows_lanes weight, scale = WINDOWS_ALL(product); \\
            (void)said; \\
            step \\
        }
    #define WINDOWS_BLENDED(j, single) \\
        weight = scale * line[j]; \\
        weight = WINDOWS_RAISED(weight, low); \\
        sum##j += single(said[j]) * weight; \\
        all##j += weight;
    #define WINDOWS_ALIKE(j, single) (void)line, (void)scale, (void)weight, sum##j += single(said[j]);
    #define WINDOWS_COUNTED(j, single) (void)all##j; weight = scale * line[j]; sum##j += WINDOWS_RAISED(weight, low);
    #define WINDOWS_SAID(T) (float)((const T *)((const char *)over[k].said + y * over[k].said_row))[i]
    #define WINDOWS_ONE(T) 1.0f
    #define WINDOWS_ROW(name, T, V, single, step, voxel, nothing, over_all) \\
        static WINDOWS_CLONES void name(const windows_over *restrict over, int64_t n_over, float least, \\
                                        float *restrict out, int64_t y, int64_t n) { \\
            const windows_lanes low = WINDOWS_ALL(least), none = WINDOWS_ALL(0.0f), begin = WINDOWS_ALL((float)nothing); \\
            int64_t i = 0; \\
            for (; i + 4 * WINDOWS_LANES <= n; i += 4 * WINDOWS_LANES) { \\
                windows_lanes sum0 = none, sum1 = none, sum2 = none, sum3 = none; \\
                windows_lanes all0 = begin, all1 = begin, all2 = begin, all3 = begin; \\
                windows_lanes *o = (windows_lanes *)(out + i); \\
                WINDOWS_EACH(T, V, step(0, single) step(1, single) step(2, single) step(3, single)) \\
                o[0] = sum0 over_all(all0); \\
                o[1] = sum1 over_all(all1); \\
                o[2] = sum2 over_all(all2); \\
                o[3] = sum3 over_all(all3); \\
            } \\
            while (i < n && n >= WINDOWS_LANES) { \\
                windows_lanes sum0 = none, all0 = begin; \\
                if (i > n - WINDOWS_LANES) i = n - WINDOWS_LANES; \\
                WINDOWS_EACH(T, V, step(0, single)) \\
                *(windows_lanes *)(out + i) = sum0 over_all(all0); \\
                i += WINDOWS_LANES; \\
            } \\
            (void)low; \\
            for (; i < n; i++) { \\
                float sum = 0, all = 0; \\
                for (int64_t k = 0; k < n_over; k++) { \\
                    const float *line = over[k].line + y * over[k].line_row; \\
                    float scale = over[k].plane * over[k].rows[y]; \\
                    sum += voxel(T) * WINDOWS_WEIGHT(i); \\
                    all += WINDOWS_WEIGHT(i); \\
                } \\
                (void)all; \\
                out[i] = sum over_all(all); \\
            } \\
        }
    #define WINDOWS_RATIO(all) / all
    #define WINDOWS_SUM(all)
    WINDOWS_ROW(windows_row_f4, float, windows_lanes, WINDOWS_SAME, WINDOWS_BLENDED, WINDOWS_SAID, 0, WINDOWS_RATIO)
    WINDOWS_ROW(windows_row_f8, double, windows_doubles, WINDOWS_SINGLE, WINDOWS_BLENDED, WINDOWS_SAID, 0, WINDOWS_RATIO)
    WINDOWS_ROW(windows_alike_f4, float, windows_lanes, WINDOWS_SAME, WINDOWS_ALIKE, WINDOWS_SAID, n_over, WINDOWS_RATIO)
    WINDOWS_ROW(windows_alike_f8, double, windows_doubles, WINDOWS_SINGLE, WINDOWS_ALIKE, WINDOWS_SAID, n_over,
                WINDOWS_RATIO)
    WINDOWS_ROW(windows_total, float, windows_lanes, WINDOWS_SAME, WINDOWS_COUNTED, WINDOWS_ONE, 0, WINDOWS_SUM)
    """
    ctypedef struct windows_over:
        const void* said
        int64_t said_row
        const float* rows
        const float* line
        int64_t line_row
        float plane

    void windows_copy(const char* source, int64_t source_row, char* to, int64_t to_row, int64_t n_rows,
                      int64_t length) noexcept nogil
    void windows_plane_f4(const float* p, int64_t p_row, float* out, int64_t out_row, const float* rows,
                          const float* line, int64_t line_row, float plane, float least, int64_t height, int64_t n,
                          int64_t covered, int64_t added, int64_t final, int64_t last, const float* total,
                          int64_t t_row) noexcept nogil
    void windows_plane_f8(const double* p, int64_t p_row, float* out, int64_t out_row, const float* rows,
                          const float* line, int64_t line_row, float plane, float least, int64_t height, int64_t n,
                          int64_t covered, int64_t added, int64_t final, int64_t last, const float* total,
                          int64_t t_row) noexcept nogil
    void windows_total(const windows_over* over, int64_t n_over, float least, float* out, int64_t y,
                       int64_t n) noexcept nogil
    void windows_row_f4(const windows_over* over, int64_t n_over, float least, float* out, int64_t y,
                        int64_t n) noexcept nogil
    void windows_row_f8(const windows_over* over, int64_t n_over, float least, float* out, int64_t y,
                        int64_t n) noexcept nogil
    void windows_alike_f4(const windows_over* over, int64_t n_over, float least, float* out, int64_t y,
                          int64_t n) noexcept nogil
    void windows_alike_f8(const windows_over* over, int64_t n_over, float least, float* out, int64_t y,
                          int64_t n) noexcept nogil

cdef struct Stretch:        # of a row, with the same windows over it
    windows_over* over
    int64_t n_over
    int64_t start
    int64_t length


def copy_window(source not None, target not None) -> bool:
    """Copy an array (..., z, y, x) into another one of its shape and type, faster than NumPy does from a part of an image.

    Returns
    -------
    bool
        Whether that was possible: rows have to be in one piece, and there are three or four axes.
    """
    cdef Py_buffer a, b
    cdef Py_ssize_t c, z, n
    cdef int k
    cdef bint alike
    cdef int64_t rows, length
    PyObject_GetBuffer(source, &a, PyBUF_STRIDES)
    try:
        PyObject_GetBuffer(target, &b, PyBUF_STRIDES | PyBUF_WRITABLE)
        try:
            n = a.ndim
            alike = n == b.ndim and 3 <= n <= 4 and a.itemsize == b.itemsize
            if alike:
                for k in range(n):
                    alike = alike and a.shape[k] == b.shape[k] and a.shape[k] > 0
                alike = alike and a.strides[n - 1] == b.strides[n - 1] == a.itemsize
            if not alike:
                return False
            rows, length = a.shape[n - 2], a.shape[n - 1] * a.itemsize
            with nogil:
                for c in range(a.shape[0] if n == 4 else 1):
                    for z in range(a.shape[n - 3]):
                        windows_copy(
                            <const char*> a.buf + z * a.strides[n - 3] + (c * a.strides[0] if n == 4 else 0),
                            a.strides[n - 2],
                            <char*> b.buf + z * b.strides[n - 3] + (c * b.strides[0] if n == 4 else 0),
                            b.strides[n - 2], rows, length)
            return True
        finally:
            PyBuffer_Release(&b)
    finally:
        PyBuffer_Release(&a)


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
    weights : array of float32, (z, y, x), optional
        What voxels of a window count, in place of the products.
    """

    cdef int64_t* starts[3]
    cdef float* lines[3]
    cdef int64_t counts[3]
    cdef int64_t roi[3]
    cdef float[:, :, :, ::1] out
    cdef const float[:, :, ::1] weights
    cdef const float* line          # the weights along x, of the first row if they differ
    cdef int64_t line_plane, line_row
    cdef bint flat                  # all weights are 1
    cdef float least
    cdef int64_t next_window
    cdef float* totals              # what all windows count over the final voxels of one plane
    cdef windows_over* over         # as many as are over all stretches of a row
    cdef Stretch* stretches

    def __dealloc__(self):
        for axis in range(3):
            free(self.starts[axis])
            free(self.lines[axis])
        free(self.totals)
        free(self.over)
        free(self.stretches)

    def __cinit__(self, starts, lines, float least, float[:, :, :, ::1] out not None,
                  const float[:, :, ::1] weights=None):
        cdef const int64_t[::1] begins
        cdef const float[::1] line
        cdef int64_t i, n
        cdef int axis
        self.flat = least <= 1 and weights is None
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
                self.flat = self.flat and line[i] == 1
        self.out = out
        self.least = least
        self.line = self.lines[2]
        if weights is not None:
            if [weights.shape[0], weights.shape[1], weights.shape[2]] != [self.roi[0], self.roi[1], self.roi[2]]:
                raise ValueError("the weights have another shape than a window")
            self.weights = weights
            self.line = &weights[0, 0, 0]
            self.line_row = self.roi[2]
            self.line_plane = self.roi[1] * self.roi[2]
        n = 2 * self.counts[2]      # a stretch begins where a window begins or ends
        self.over = <windows_over*> malloc(n * self.most(0) * self.most(1) * self.most(2) * sizeof(windows_over))
        self.stretches = <Stretch*> malloc(n * sizeof(Stretch))
        self.totals = <float*> malloc(self.roi[1] * self.roi[2] * sizeof(float))
        if self.over == NULL or self.stretches == NULL or self.totals == NULL:
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

    cdef inline int64_t stretch(self, int axis, int64_t at, int64_t end, int64_t* low, int64_t* high) noexcept nogil:
        """Return how far along an axis the windows over place `at` are the same ones, at most to `end`; from `low` to `high`."""
        while self.starts[axis][low[0]] + self.roi[axis] <= at:
            low[0] += 1
        while high[0] < self.counts[axis] and self.starts[axis][high[0]] <= at:
            high[0] += 1
        end = min(end, self.starts[axis][low[0]] + self.roi[axis])
        return end if high[0] == self.counts[axis] else min(end, self.starts[axis][high[0]])

    cdef int64_t look_up(self, windows_over* over, const Py_buffer* views, int64_t c, const int64_t* at,
                         const int64_t* low, const int64_t* high) noexcept nogil:
        """Set what windows `low` to `high` say and count from voxel `at` (z, y, x) on; return how many there are."""
        cdef int64_t a, b, k, n = 0, z, y, x
        cdef const Py_buffer* view
        for a in range(low[0], high[0]):
            z = at[0] - self.starts[0][a]
            for b in range(low[1], high[1]):
                y = at[1] - self.starts[1][b]
                for k in range(low[2], high[2]):
                    x = at[2] - self.starts[2][k]
                    if views != NULL:
                        view = views + (a * self.counts[1] + b) * self.counts[2] + k
                        over.said = (<const char*> view.buf + c * view.strides[0] + z * view.strides[1]
                                     + y * view.strides[2] + x * view.itemsize)
                        over.said_row = view.strides[2]
                    over.plane = self.lines[0][z]
                    over.rows = self.lines[1] + y
                    over.line = self.line + z * self.line_plane + y * self.line_row + x
                    over.line_row = self.line_row
                    over += 1
                    n += 1
        return n

    cdef void add_up(self, int64_t i, int64_t j, int64_t z, int64_t x, int64_t end, float* totals) noexcept nogil:
        """Add up what windows count in the final rows of plane z of windows (i, j), voxels `x` to `end`, in their order."""
        cdef int64_t y, right, bottom, n, length = end - x, top = self.starts[1][j], last = top + self.final(1, j)
        cdef int64_t[3] at
        cdef int64_t[3] low
        cdef int64_t[3] high
        at[0] = z + self.starts[0][i]
        low[0], high[0] = self.lowest(0, i, at[0]), i + 1
        low[1] = high[1] = 0
        at[1] = top
        while at[1] < last:
            bottom = self.stretch(1, at[1], last, &low[1], &high[1])
            low[2] = high[2] = 0
            at[2] = x
            while at[2] < end:
                right = self.stretch(2, at[2], end, &low[2], &high[2])
                n = self.look_up(self.over, NULL, 0, at, low, high)
                for y in range(bottom - at[1]):
                    windows_total(self.over, n, self.least, totals + (at[1] - top + y) * length + at[2] - x, y,
                                  right - at[2])
                at[2] = right
            at[1] = bottom

    @cython.boundscheck(False)
    @cython.wraparound(False)
    @cython.cdivision(True)
    cdef int add_any(self, const float[:, :, :, :] single, const double[:, :, :, :] double_, const Py_ssize_t* shape,
                     const Py_ssize_t* strides, int64_t size) except -1:
        cdef int64_t nj = self.counts[1], nk = self.counts[2]
        cdef int64_t i = self.next_window // (nj * nk), j = self.next_window // nk % nj, k = self.next_window % nk
        cdef int64_t c, z, n = self.roi[2], height = self.roi[1], covered, final, last, p_row, out_row, l_row
        cdef int64_t at_z, at_y, at_x, covered_z, covered_y, covered_x, final_z, final_y, final_x
        cdef const float* line
        if i >= self.counts[0]:
            raise ValueError("all windows have been added")
        if shape[0] != self.out.shape[0] or shape[1] != self.roi[0] or shape[2] != height or shape[3] != n:
            raise ValueError("the prediction has another shape than its window")
        if n > 1 and strides[3] != size:
            raise ValueError("the voxels of a row do not follow one another")
        self.next_window += 1
        p_row, out_row, l_row = strides[2] // size, self.out.shape[3], self.line_row
        at_z, at_y, at_x = self.starts[0][i], self.starts[1][j], self.starts[2][k]
        covered_z, covered_y, covered_x = self.covered(0, i), self.covered(1, j), self.covered(2, k)
        final_z, final_y, final_x = self.final(0, i), self.final(1, j), self.final(2, k)
        with nogil:
            for z in range(self.roi[0]):
                line = self.line + z * self.line_plane
                covered = height if z < covered_z else covered_y
                final = final_y if z < final_z else 0
                last = final_x if z < final_z else 0
                if final and last:
                    self.add_up(i, j, z, at_x, at_x + last, self.totals)
                for c in range(self.out.shape[0]):
                    if size == sizeof(float):
                        windows_plane_f4(&single[c, z, 0, 0], p_row, &self.out[c, at_z + z, at_y, at_x], out_row,
                                         self.lines[1], line, l_row, self.lines[0][z], self.least, height, n, covered,
                                         covered_x, final, last, self.totals, last)
                    else:
                        windows_plane_f8(&double_[c, z, 0, 0], p_row, &self.out[c, at_z + z, at_y, at_x], out_row,
                                         self.lines[1], line, l_row, self.lines[0][z], self.least, height, n, covered,
                                         covered_x, final, last, self.totals, last)
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

    def add_all(self, list said not None) -> None:
        """Blend the predictions for all windows, which are in memory at once: row by row of the result, each written once.

        Parameters
        ----------
        said : list of arrays of float32 or float64, (channel, z, y, x)
            The predictions, all of one type; voxels along x follow one another in memory.
        """
        cdef Py_ssize_t n = len(said), held = 0, w
        cdef Py_buffer* views
        cdef char kind
        if n != self.counts[0] * self.counts[1] * self.counts[2] or self.next_window:
            raise ValueError("the predictions are not those of all windows")
        views = <Py_buffer*> malloc(n * sizeof(Py_buffer))
        if views == NULL:
            raise MemoryError
        try:
            for w in range(n):
                PyObject_GetBuffer(said[w], &views[w], PyBUF_STRIDES | PyBUF_FORMAT)
                held += 1
                kind = views[w].format[0]
                if kind not in (c"f", c"d") or kind != views[0].format[0] or views[w].ndim != 4:
                    raise ValueError("predictions are arrays of (channel, z, y, x), either all float32 or all float64")
                if (views[w].shape[0] != self.out.shape[0] or views[w].shape[1] != self.roi[0]
                        or views[w].shape[2] != self.roi[1] or views[w].shape[3] != self.roi[2]):
                    raise ValueError("a prediction has another shape than its window")
                if self.roi[2] > 1 and views[w].strides[3] != views[w].itemsize:
                    raise ValueError("the voxels of a row do not follow one another")
            with nogil:
                self.blend(views)
            self.next_window = n
        finally:
            for w in range(held):
                PyBuffer_Release(&views[w])
            free(views)

    @cython.boundscheck(False)
    @cython.wraparound(False)
    cdef void blend(self, const Py_buffer* views) noexcept nogil:
        """Write the whole result, row by row, looking up anew what is over a row where other windows are."""
        cdef int64_t row = self.out.shape[3], c, y, n, bottom, right
        cdef int64_t[3] at
        cdef int64_t[3] low
        cdef int64_t[3] high
        cdef windows_over* over
        for c in range(self.out.shape[0]):
            low[0] = high[0] = 0
            for at[0] in range(self.out.shape[1]):
                self.stretch(0, at[0], self.out.shape[1], &low[0], &high[0])
                low[1] = high[1] = at[1] = 0
                while at[1] < self.out.shape[2]:
                    bottom = self.stretch(1, at[1], self.out.shape[2], &low[1], &high[1])
                    low[2] = high[2] = at[2] = n = 0
                    over = self.over
                    while at[2] < row:
                        right = self.stretch(2, at[2], row, &low[2], &high[2])
                        self.stretches[n].over = over
                        self.stretches[n].n_over = self.look_up(over, views, c, at, low, high)
                        self.stretches[n].start, self.stretches[n].length = at[2], right - at[2]
                        over += self.stretches[n].n_over
                        n += 1
                        at[2] = right
                    for y in range(bottom - at[1]):
                        self.write_row(&self.out[c, at[0], at[1] + y, 0], n, y, views[0].itemsize == sizeof(float))
                    at[1] = bottom

    cdef inline void write_row(self, float* out, int64_t n, int64_t y, bint single) noexcept nogil:
        """Write a row of n stretches, the y-th of those for which they hold."""
        cdef int64_t i
        cdef const Stretch* one = self.stretches
        for i in range(n):
            if self.flat:
                if single:
                    windows_alike_f4(one.over, one.n_over, self.least, out + one.start, y, one.length)
                else:
                    windows_alike_f8(one.over, one.n_over, self.least, out + one.start, y, one.length)
            elif single:
                windows_row_f4(one.over, one.n_over, self.least, out + one.start, y, one.length)
            else:
                windows_row_f8(one.over, one.n_over, self.least, out + one.start, y, one.length)
            one += 1
