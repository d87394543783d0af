"""Sliding windows: predictions added up with their weights, and divided by the sum of those once no more will come."""
cimport cython
from cpython.buffer cimport (
    PyBUF_C_CONTIGUOUS, PyBUF_FORMAT, PyBUF_ND, PyBUF_STRIDES, PyBUF_WRITABLE, PyBuffer_Release, PyObject_GetBuffer
)
from libc.stdint cimport int64_t
from libc.stdlib cimport free, malloc

cdef extern from "_windows_rows.h":
    ctypedef struct windows_over:
        const void* said
        int64_t said_row
        const float* rows
        const float* line
        int64_t line_row
        float plane
        float scale[4]

    void windows_copy(const char** source, int64_t n, int64_t row, int64_t plane, char* to, int64_t box,
                      int64_t n_planes, int64_t n_rows, int64_t length) noexcept nogil
    void windows_plane_f4(const float* p, int64_t p_row, float* out, int64_t out_row, const float* rows,
                          const float* line, int64_t line_row, float plane, float least, int64_t height, int64_t n,
                          int64_t covered, int64_t added, int64_t final, int64_t last, const float* total,
                          int64_t t_row, int alike) noexcept nogil
    void windows_plane_f8(const double* p, int64_t p_row, float* out, int64_t out_row, const float* rows,
                          const float* line, int64_t line_row, float plane, float least, int64_t height, int64_t n,
                          int64_t covered, int64_t added, int64_t final, int64_t last, const float* total,
                          int64_t t_row, int alike) noexcept nogil
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
    void windows_four_f4(windows_over* over, int64_t n_over, float least, float* out, int64_t out_row, int64_t y,
                         int64_t n) noexcept nogil
    void windows_four_f8(windows_over* over, int64_t n_over, float least, float* out, int64_t out_row, int64_t y,
                         int64_t n) noexcept nogil
    void windows_four_alike_f4(windows_over* over, int64_t n_over, float least, float* out, int64_t out_row, int64_t y,
                               int64_t n) noexcept nogil
    void windows_four_alike_f8(windows_over* over, int64_t n_over, float least, float* out, int64_t out_row, int64_t y,
                               int64_t n) noexcept nogil
    void windows_alone_f4(const windows_over* over, float* out, int64_t out_row, int64_t y, int64_t n_rows,
                          int64_t n) noexcept nogil
    void windows_alone_f8(const windows_over* over, float* out, int64_t out_row, int64_t y, int64_t n_rows,
                          int64_t n) noexcept nogil
    const int64_t WINDOWS_LANES

cdef struct Stretch:        # of a row, with the same windows over it
    windows_over* over
    int64_t n_over
    int64_t start
    int64_t length


def copy_windows(source not None, list places not None, target not None) -> bool:
    """Copy parts of an array into another one, one after the other.

    Parameters
    ----------
    source : array (z, y, x) or (channel, z, y, x)
        Of any type.
    places : list of tuple of slice
        What the parts are: the last three slices, (z, y, x), have a start each.
    target : array (part, z, y, x) or (part, channel, z, y, x)
        Of the same type, contiguous, at least as many parts as places.

    Returns
    -------
    bool
        Whether that was possible: rows of `source` have to be in one piece.

    Raises
    ------
    ValueError
        If the arrays are not as above or a part is not inside `source`.
    """
    cdef Py_buffer a, b
    cdef Py_ssize_t k, c, i, n = len(places), axis, at
    cdef int64_t box
    cdef const char** parts = <const char**> malloc((2 * n + 1) * sizeof(char*))
    if parts == NULL:
        raise MemoryError
    try:
        PyObject_GetBuffer(source, &a, PyBUF_STRIDES)
        try:
            PyObject_GetBuffer(target, &b, PyBUF_ND | PyBUF_C_CONTIGUOUS | PyBUF_WRITABLE)
            try:
                axis = a.ndim - 3
                if not 0 <= axis <= 1 or b.ndim != a.ndim + 1 or a.itemsize != b.itemsize or n > b.shape[0]:
                    raise ValueError("the target has other axes than parts of the source, or fewer parts")
                if axis and a.shape[0] != b.shape[1]:
                    raise ValueError("the target has other channels than the source")
                if a.strides[a.ndim - 1] != a.itemsize:
                    return False
                for k in range(n):
                    parts[k] = <const char*> a.buf
                    for i in range(3):
                        at = places[k][i - 3].start
                        if not 0 <= at <= a.shape[axis + i] - b.shape[axis + 1 + i]:
                            raise ValueError("a part is not inside the source")
                        parts[k] += at * a.strides[axis + i]
                box = b.itemsize
                for i in range(1, b.ndim):
                    box *= b.shape[i]
                with nogil:
                    for c in range(a.shape[0] if axis else 1):
                        for k in range(n):
                            parts[n + k] = parts[k] + (c * a.strides[0] if axis else 0)
                        windows_copy(parts + n, n, a.strides[axis + 1], a.strides[axis],
                                     <char*> b.buf + (c * (box // a.shape[0]) if axis else 0), box, b.shape[axis + 1],
                                     b.shape[axis + 2], b.shape[axis + 3] * b.itemsize)
                return True
            finally:
                PyBuffer_Release(&b)
        finally:
            PyBuffer_Release(&a)
    finally:
        free(parts)


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
                                         covered_x, final, last, self.totals, last, self.flat)
                    else:
                        windows_plane_f8(&double_[c, z, 0, 0], p_row, &self.out[c, at_z + z, at_y, at_x], out_row,
                                         self.lines[1], line, l_row, self.lines[0][z], self.least, height, n, covered,
                                         covered_x, final, last, self.totals, last, self.flat)
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
        cdef int64_t row = self.out.shape[3], c, y, n, n_said, at_once, rows, bottom, right
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
                    low[2] = high[2] = at[2] = n = n_said = 0
                    over = self.over
                    while at[2] < row:
                        right = self.stretch(2, at[2], row, &low[2], &high[2])
                        self.stretches[n].over = over
                        self.stretches[n].n_over = self.look_up(over, views, c, at, low, high)
                        self.stretches[n].start, self.stretches[n].length = at[2], right - at[2]
                        over += self.stretches[n].n_over
                        n_said += self.stretches[n].n_over * self.stretches[n].length
                        n += 1
                        at[2] = right
                    # one row after the other is how memory likes it, four at once is less to do
                    at_once = 4 if n * 24 > row or (n_said >= 4 * row and not self.flat) else 1
                    y = 0
                    while y < bottom - at[1]:
                        rows = min(at_once, bottom - at[1] - y)
                        self.write_rows(&self.out[c, at[0], at[1] + y, 0], n, y, rows,
                                        views[0].itemsize == sizeof(float))
                        y += rows
                    at[1] = bottom

    cdef inline void write_rows(self, float* out, int64_t n, int64_t y, int64_t rows, bint single) noexcept nogil:
        """Write up to four rows of n stretches, from the y-th of those for which they hold."""
        cdef int64_t i
        cdef const Stretch* one = self.stretches
        for i in range(n):
            if one.n_over == 1 and self.flat:
                if single:
                    windows_alone_f4(one.over, out + one.start, self.out.shape[3], y, rows, one.length)
                else:
                    windows_alone_f8(one.over, out + one.start, self.out.shape[3], y, rows, one.length)
            elif rows == 4 and one.length >= WINDOWS_LANES and self.line_row == 0:
                self.write_four(one, out + one.start, y, single)
            else:
                self.write_each(one, out + one.start, y, rows, single)
            one += 1

    cdef inline void write_four(self, const Stretch* one, float* out, int64_t y, bint single) noexcept nogil:
        """Write a stretch of four rows."""
        cdef int64_t row = self.out.shape[3]
        if self.flat:
            if single:
                windows_four_alike_f4(one.over, one.n_over, self.least, out, row, y, one.length)
            else:
                windows_four_alike_f8(one.over, one.n_over, self.least, out, row, y, one.length)
        elif single:
            windows_four_f4(one.over, one.n_over, self.least, out, row, y, one.length)
        else:
            windows_four_f8(one.over, one.n_over, self.least, out, row, y, one.length)

    cdef inline void write_each(self, const Stretch* one, float* out, int64_t y, int64_t rows,
                                bint single) noexcept nogil:
        """Write a stretch of some rows, one after the other."""
        cdef int64_t r
        for r in range(y, y + rows):
            if self.flat:
                if single:
                    windows_alike_f4(one.over, one.n_over, self.least, out, r, one.length)
                else:
                    windows_alike_f8(one.over, one.n_over, self.least, out, r, one.length)
            elif single:
                windows_row_f4(one.over, one.n_over, self.least, out, r, one.length)
            else:
                windows_row_f8(one.over, one.n_over, self.least, out, r, one.length)
            out += self.out.shape[3]
