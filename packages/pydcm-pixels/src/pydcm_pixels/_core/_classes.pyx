"""Classes of voxels: the likeliest of several, and each as a channel of its own."""
cimport cython
from libc.stdint cimport int32_t, int64_t, uint8_t, uint16_t

cdef extern from *:
    """
    #include <stdint.h>
    #if defined(__GNUC__) && !defined(__clang__) && defined(__x86_64__) && defined(__GLIBC__)
    #define CLASSES_CLONES __attribute__((target_clones("avx2", "default")))
    #else
    #define CLASSES_CLONES
    #endif
    enum { CLASSES_BLOCK = 1024 };
    /* Channels of the highest values of up to CLASSES_BLOCK voxels. I has the size of T, for the compiler's sake; where
       a value is above the best so far, or the first that is not a number, it and its channel take the place. */
    #define CLASSES_BEST(T, I, name) \\
        static CLASSES_CLONES void name(const T *p, int64_t channels, int64_t apart, int64_t step, int64_t n, \\
                                        uint16_t *out) { \\
            T best[CLASSES_BLOCK]; \\
            I at[CLASSES_BLOCK]; \\
            for (int64_t i = 0; i < n; i++) { best[i] = p[i * step]; at[i] = 0; } \\
            for (int64_t c = 1; c < channels; c++) { \\
                const T *q = p + c * apart; \\
                I channel = (I)c; \\
                if (step == 1) \\
                    for (int64_t i = 0; i < n; i++) { \\
                        int better = !(q[i] <= best[i]) & (best[i] == best[i]); \\
                        best[i] = better ? q[i] : best[i]; \\
                        at[i] = better ? channel : at[i]; \\
                    } \\
                else \\
                    for (int64_t i = 0; i < n; i++) { \\
                        T value = q[i * step]; \\
                        int better = !(value <= best[i]) & (best[i] == best[i]); \\
                        best[i] = better ? value : best[i]; \\
                        at[i] = better ? channel : at[i]; \\
                    } \\
            } \\
            for (int64_t i = 0; i < n; i++) out[i] = (uint16_t)at[i]; \\
        }
    CLASSES_BEST(float, int32_t, classes_best_f4)
    CLASSES_BEST(double, int64_t, classes_best_f8)
    CLASSES_BEST(uint8_t, uint8_t, classes_best_u1)
    CLASSES_BEST(uint16_t, uint16_t, classes_best_u2)
    #define CLASSES_EQUAL(T, name) \\
        static CLASSES_CLONES void name(const T *label, float *out, T one, int64_t n) { \\
            for (int64_t i = 0; i < n; i++) out[i] = label[i] == one ? 1.0f : 0.0f; \\
        }
    CLASSES_EQUAL(uint8_t, classes_equal_u1)
    CLASSES_EQUAL(uint16_t, classes_equal_u2)
    CLASSES_EQUAL(int32_t, classes_equal_i4)
    """
    void classes_best_f4(const float* p, int64_t channels, int64_t apart, int64_t step, int64_t n,
                         uint16_t* out) noexcept nogil
    void classes_best_f8(const double* p, int64_t channels, int64_t apart, int64_t step, int64_t n,
                         uint16_t* out) noexcept nogil
    void classes_best_u1(const uint8_t* p, int64_t channels, int64_t apart, int64_t step, int64_t n,
                         uint16_t* out) noexcept nogil
    void classes_best_u2(const uint16_t* p, int64_t channels, int64_t apart, int64_t step, int64_t n,
                         uint16_t* out) noexcept nogil
    void classes_equal_u1(const uint8_t* label, float* out, uint8_t one, int64_t n) noexcept nogil
    void classes_equal_u2(const uint16_t* label, float* out, uint16_t one, int64_t n) noexcept nogil
    void classes_equal_i4(const int32_t* label, float* out, int32_t one, int64_t n) noexcept nogil

cdef enum:
    CLASSES_BLOCK = 1024          # as in the C code above

ctypedef fused Value:
    float
    double
    uint8_t
    uint16_t

ctypedef fused Class:
    uint8_t
    uint16_t

ctypedef fused Label:
    uint8_t
    uint16_t
    int32_t


@cython.boundscheck(False)
@cython.wraparound(False)
def argmax(const Value[:, :] values not None, Class[::1] out not None, int64_t start, int64_t stop) -> None:
    """Write which channel has the highest value, for voxels ``start:stop``; the first of equals, or that is NaN.

    Parameters
    ----------
    values : array, (channel, voxel)
        Of any order in memory.
    out : array of uint8 or uint16, (voxel,)
        Gets the channels.
    start, stop : int
        Which voxels.
    """
    cdef int64_t channels = values.shape[0], i, first, n
    cdef int64_t apart = values.strides[0] // <int64_t> sizeof(Value)
    cdef int64_t step = values.strides[1] // <int64_t> sizeof(Value)
    cdef uint16_t at[CLASSES_BLOCK]
    cdef const Value* p
    if out.shape[0] != values.shape[1] or not 0 <= start <= stop <= out.shape[0]:
        raise ValueError("there are no such voxels")
    if not 1 <= channels <= <int64_t> 1 << (8 * sizeof(Class)):
        raise ValueError(f"{channels} channels do not fit")
    if Value is uint8_t and channels > 256:
        raise ValueError("so many channels have to be of another type")
    with nogil:
        for first in range(start, stop, 1024):                    # CLASSES_BLOCK
            n = stop - first if stop - first < CLASSES_BLOCK else CLASSES_BLOCK
            p = &values[0, first]
            if Value is float:
                classes_best_f4(p, channels, apart, step, n, at)
            elif Value is double:
                classes_best_f8(p, channels, apart, step, n, at)
            elif Value is uint8_t:
                classes_best_u1(p, channels, apart, step, n, at)
            else:
                classes_best_u2(p, channels, apart, step, n, at)
            for i in range(n):
                out[first + i] = <Class> at[i]


@cython.boundscheck(False)
@cython.wraparound(False)
def one_hot(const Label[::1] labels not None, float[:, ::1] out not None, int64_t start, int64_t stop) -> None:
    """Write 1 where a voxel's label is the channel, else 0, for voxels ``start:stop``.

    Parameters
    ----------
    labels : array, (voxel,)
        Labels.
    out : array of float32, (channel, voxel)
        Gets the result.
    start, stop : int
        Which voxels.
    """
    cdef int64_t c, first, n
    if out.shape[1] != labels.shape[0] or not 0 <= start <= stop <= labels.shape[0]:
        raise ValueError("there are no such voxels")
    if Label is uint8_t and out.shape[0] > 256 or Label is uint16_t and out.shape[0] > 65536:
        raise ValueError("there are more channels than labels of that type")
    with nogil:
        for first in range(start, stop, 4096):
            n = stop - first if stop - first < 4096 else 4096
            for c in range(out.shape[0]):
                if Label is uint8_t:
                    classes_equal_u1(&labels[first], &out[c, first], <uint8_t> c, n)
                elif Label is uint16_t:
                    classes_equal_u2(&labels[first], &out[c, first], <uint16_t> c, n)
                else:
                    classes_equal_i4(&labels[first], &out[c, first], <int32_t> c, n)


@cython.boundscheck(False)
@cython.wraparound(False)
def boxes(const Class[:, :, ::1] labels not None, int32_t[:, ::1] out not None) -> None:
    """Write the bounding box of each label.

    Parameters
    ----------
    labels : array, (z, y, x)
        Labels.
    out : array of int32, (label, 6)
        As many as there may be labels: (z, y, x) of the first voxels and, behind them, of the first that are no more in
        the box; all 0 for labels that are not there.
    """
    cdef int64_t z, y, x, first, width = labels.shape[2]
    cdef Class label
    cdef const Class* row
    cdef int32_t* box
    if out.shape[0] < <int64_t> 1 << (8 * sizeof(Class)) or out.shape[1] != 6:
        raise ValueError("there is no room for all labels")
    if max(labels.shape[0], labels.shape[1], width) > 0x7FFFFFFF:
        raise ValueError("an axis is too long")
    out[:, :] = 0
    if not width:
        return
    with nogil:
        for z in range(labels.shape[0]):
            for y in range(labels.shape[1]):
                row = &labels[z, y, 0]
                x = 0
                while x < width:
                    label = row[x]
                    first = x
                    x += 1
                    while x < width and row[x] == label:
                        x += 1
                    box = &out[label, 0]
                    if box[3] == 0:
                        box[0], box[1], box[2] = <int32_t> z, <int32_t> y, <int32_t> first
                    box[1] = box[1] if box[1] < y else <int32_t> y
                    box[2] = box[2] if box[2] < first else <int32_t> first
                    box[3] = <int32_t> z + 1
                    box[4] = box[4] if box[4] > y else <int32_t> y + 1
                    box[5] = box[5] if box[5] > x else <int32_t> x
