/* Sliding windows: copies of them, and sums of what they say times what it counts. Used by _windows.pyx. */
#ifndef PYDCM_WINDOWS_ROWS_H
#define PYDCM_WINDOWS_ROWS_H

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

#if defined(__x86_64__) || defined(_M_X64)
#include <emmintrin.h>
#define WINDOWS_STREAMS 1
/* Whole lines of the cache, past it. */
static inline void windows_stream(const char *from, char *to, int64_t length) {
    for (int64_t i = 0; i < length; i += 16)
        _mm_stream_si128((__m128i *)(to + i), _mm_loadu_si128((const __m128i *)(from + i)));
}
#define WINDOWS_STREAMED() _mm_sfence()
#else
#define WINDOWS_STREAMS 0
#define windows_stream memcpy
#define WINDOWS_STREAMED() ((void)0)
#endif

/* Boxes of one shape, `n` of them, one after the other in `to`; `row` and `plane` are the bytes from row to row and from
   plane to plane of where they come from. The same row of all is next to each other there as often as not, so it is
   copied of all before the next one. What is more than the cache holds goes past it: else each line is first read. */
static void windows_copy(const char *const *from, int64_t n, int64_t row, int64_t plane, char *to, int64_t box,
                         int64_t n_planes, int64_t n_rows, int64_t length) {
    const int past = WINDOWS_STREAMS && n * box >= 1 << 22 && length % 64 == 0 && (intptr_t)to % 64 == 0;
    for (int64_t z = 0; z < n_planes; z++) {
        for (int64_t y = 0; y < n_rows; y++, to += length) {
            const int64_t at = z * plane + y * row;
            for (int64_t k = 0; k < n; k++) {
                if (past) windows_stream(from[k] + at, to + k * box, length);
                else memcpy(to + k * box, from[k] + at, (size_t)length);
            }
        }
    }
    WINDOWS_STREAMED();
}

/* A window over a block of rows: what it says there and what that counts, the product of `plane`, `rows` and `line`. */
typedef struct {
    const void *said;
    int64_t said_row;
    const float *rows;
    const float *line;
    int64_t line_row;
    float plane;
    float scale[4];
} windows_over;

/* The weight of a voxel: a product, no less than the least. */
#define WINDOWS_WEIGHT(i) (scale * line[i] < least ? least : scale * line[i])
/* One plane of a window. Voxels of `covered` rows, and the first `added` ones of the others, have a sum already, the
   rest has none. The first `last` voxels of the first `final` rows get no more and are divided by `total`, unless no
   other window is over them and all count 1, `alike`. Rows are too short for the processor to see what comes next. */
#define WINDOWS_PLANE(T, name) \
    static WINDOWS_CLONES void name(const T *restrict p, int64_t p_row, float *restrict out, int64_t out_row, \
                                    const float *restrict rows, const float *restrict line, int64_t line_row, \
                                    float plane, float least, int64_t height, int64_t n, int64_t covered, \
                                    int64_t added, int64_t final, int64_t last, const float *restrict total, \
                                    int64_t t_row, int alike) { \
        for (int64_t y = 0; y < height; y++, line += line_row) { \
            const T *restrict q = p + y * p_row; \
            float *restrict o = out + y * out_row; \
            const float *restrict t = total + y * t_row; \
            float scale = plane * rows[y]; \
            int64_t i = 0, old = y < covered ? n : added, done = y < final ? last : 0; \
            int64_t both = old < done ? old : done; \
            for (int64_t j = 0; j < n && y + 4 < height; j += 16) { \
                WINDOWS_FETCH(o + 4 * out_row + j, 1); \
                WINDOWS_FETCH(q + 4 * p_row + j, 0); \
            } \
            for (; i < both; i++) o[i] = (o[i] + (float)q[i] * WINDOWS_WEIGHT(i)) / t[i]; \
            for (; i < old; i++) o[i] += (float)q[i] * WINDOWS_WEIGHT(i); \
            for (; i < done && !alike; i++) o[i] = (float)q[i] * WINDOWS_WEIGHT(i) / t[i]; \
            for (; i < done; i++) o[i] = (float)q[i]; \
            for (; i < n; i++) o[i] = (float)q[i] * WINDOWS_WEIGHT(i); \
        } \
    }
WINDOWS_PLANE(float, windows_plane_f4)
WINDOWS_PLANE(double, windows_plane_f8)

/* A stretch of row `y` of a block from all windows over it at once, so that sums stay in registers: what they say and
   count, or only what they count. The order of the sums is that of windows that come one by one. */
#define WINDOWS_EACH(T, V, step) \
    for (int64_t k = 0; k < n_over; k++) { \
        const V *said = (const V *)((const T *)((const char *)over[k].said + y * over[k].said_row) + i); \
        const windows_lanes *line = (const windows_lanes *)(over[k].line + y * over[k].line_row + i); \
        float product = over[k].plane * over[k].rows[y]; \
        windows_lanes weight, scale = WINDOWS_ALL(product); \
        (void)said; \
        step \
    }
#define WINDOWS_BLENDED(j, single) \
    weight = scale * line[j]; \
    weight = WINDOWS_RAISED(weight, low); \
    sum##j += single(said[j]) * weight; \
    all##j += weight;
#define WINDOWS_ALIKE(j, single) (void)line, (void)scale, (void)weight, sum##j += single(said[j]);
#define WINDOWS_COUNTED(j, single) (void)all##j; weight = scale * line[j]; sum##j += WINDOWS_RAISED(weight, low);
#define WINDOWS_SAID(T) (float)((const T *)((const char *)over[k].said + y * over[k].said_row))[i]
#define WINDOWS_ONE(T) 1.0f
#define WINDOWS_ROW(name, T, V, single, step, voxel, nothing, over_all) \
    static WINDOWS_CLONES void name(const windows_over *restrict over, int64_t n_over, float least, \
                                    float *restrict out, int64_t y, int64_t n) { \
        const windows_lanes low = WINDOWS_ALL(least), none = WINDOWS_ALL(0.0f), begin = WINDOWS_ALL((float)nothing); \
        int64_t i = 0; \
        for (; i + 4 * WINDOWS_LANES <= n; i += 4 * WINDOWS_LANES) { \
            windows_lanes sum0 = none, sum1 = none, sum2 = none, sum3 = none; \
            windows_lanes all0 = begin, all1 = begin, all2 = begin, all3 = begin; \
            windows_lanes *o = (windows_lanes *)(out + i); \
            WINDOWS_EACH(T, V, step(0, single) step(1, single) step(2, single) step(3, single)) \
            o[0] = sum0 over_all(all0); \
            o[1] = sum1 over_all(all1); \
            o[2] = sum2 over_all(all2); \
            o[3] = sum3 over_all(all3); \
        } \
        while (i < n && n >= WINDOWS_LANES) { \
            windows_lanes sum0 = none, all0 = begin; \
            if (i > n - WINDOWS_LANES) i = n - WINDOWS_LANES; \
            WINDOWS_EACH(T, V, step(0, single)) \
            *(windows_lanes *)(out + i) = sum0 over_all(all0); \
            i += WINDOWS_LANES; \
        } \
        (void)low; \
        for (; i < n; i++) { \
            float sum = 0, all = 0; \
            for (int64_t k = 0; k < n_over; k++) { \
                const float *line = over[k].line + y * over[k].line_row; \
                float scale = over[k].plane * over[k].rows[y]; \
                sum += voxel(T) * WINDOWS_WEIGHT(i); \
                all += WINDOWS_WEIGHT(i); \
            } \
            (void)all; \
            out[i] = sum over_all(all); \
        } \
    }
#define WINDOWS_RATIO(all) / all
#define WINDOWS_SUM(all)
WINDOWS_ROW(windows_row_f4, float, windows_lanes, WINDOWS_SAME, WINDOWS_BLENDED, WINDOWS_SAID, 0, WINDOWS_RATIO)
WINDOWS_ROW(windows_row_f8, double, windows_doubles, WINDOWS_SINGLE, WINDOWS_BLENDED, WINDOWS_SAID, 0, WINDOWS_RATIO)
WINDOWS_ROW(windows_alike_f4, float, windows_lanes, WINDOWS_SAME, WINDOWS_ALIKE, WINDOWS_SAID, n_over, WINDOWS_RATIO)
WINDOWS_ROW(windows_alike_f8, double, windows_doubles, WINDOWS_SINGLE, WINDOWS_ALIKE, WINDOWS_SAID, n_over,
            WINDOWS_RATIO)
WINDOWS_ROW(windows_total, float, windows_lanes, WINDOWS_SAME, WINDOWS_COUNTED, WINDOWS_ONE, 0, WINDOWS_SUM)

/* The same for the four rows from `y` on, of at least as many voxels as a vector has, if weights along x are those of
   all rows: whatever the length of a stretch, sums of four vectors stay in registers. Division by a power of two is
   multiplication, to the same bits. */
#define WINDOWS_FOUR(name, T, step, over_all) \
    static WINDOWS_CLONES void name(windows_over *restrict over, int64_t n_over, float least, float *restrict out, \
                                    int64_t out_row, int64_t y, int64_t n) { \
        const windows_lanes low = WINDOWS_ALL(least), none = WINDOWS_ALL(0.0f); \
        const float many = (float)n_over, part = n_over & (n_over - 1) ? 0.0f : 1.0f / many; \
        for (int64_t k = 0; k < n_over; k++) \
            for (int r = 0; r < 4; r++) over[k].scale[r] = over[k].plane * over[k].rows[y + r]; \
        for (int64_t i = 0; i < n; i += WINDOWS_LANES) { \
            windows_lanes sum0 = none, sum1 = none, sum2 = none, sum3 = none; \
            windows_lanes all0 = none, all1 = none, all2 = none, all3 = none; \
            if (i > n - WINDOWS_LANES) i = n - WINDOWS_LANES; \
            float *o = out + i; \
            if (i % 16 == 0) { \
                const char *next = (const char *)over->said + (y + 4) * over->said_row + i * (int64_t)sizeof(T); \
                for (int r = 0; r < 4; r++) { \
                    WINDOWS_FETCH(next + r * over->said_row, 0); \
                    WINDOWS_FETCH(o + (r + 4) * out_row, 1); \
                } \
            } \
            for (int64_t k = 0; k < n_over; k++) { \
                const int64_t row = over[k].said_row; \
                const char *said = (const char *)over[k].said + y * row + i * (int64_t)sizeof(T); \
                const windows_lanes line = *(const windows_lanes *)(over[k].line + i); \
                const float *scale = over[k].scale; \
                (void)line, (void)scale; \
                step(0) step(1) step(2) step(3) \
            } \
            (void)low, (void)many, (void)part, (void)all0, (void)all1, (void)all2, (void)all3; \
            *(windows_lanes *)o = over_all(0); \
            *(windows_lanes *)(o + out_row) = over_all(1); \
            *(windows_lanes *)(o + 2 * out_row) = over_all(2); \
            *(windows_lanes *)(o + 3 * out_row) = over_all(3); \
        } \
    }
#define WINDOWS_F4(r) (*(const windows_lanes *)(said + r * row))
#define WINDOWS_F8(r) WINDOWS_SINGLE(*(const windows_doubles *)(said + r * row))
#define WINDOWS_WEIGHED(r, value) { \
    windows_lanes weight = WINDOWS_ALL(scale[r]) * line; \
    weight = WINDOWS_RAISED(weight, low); \
    sum##r += value * weight; \
    all##r += weight; \
}
#define WINDOWS_WEIGHED_F4(r) WINDOWS_WEIGHED(r, WINDOWS_F4(r))
#define WINDOWS_WEIGHED_F8(r) WINDOWS_WEIGHED(r, WINDOWS_F8(r))
#define WINDOWS_ADDED_F4(r) sum##r += WINDOWS_F4(r);
#define WINDOWS_ADDED_F8(r) sum##r += WINDOWS_F8(r);
#define WINDOWS_OF_ALL(r) sum##r / all##r
#define WINDOWS_OF_MANY(r) (part ? sum##r * part : sum##r / many)
WINDOWS_FOUR(windows_four_f4, float, WINDOWS_WEIGHED_F4, WINDOWS_OF_ALL)
WINDOWS_FOUR(windows_four_f8, double, WINDOWS_WEIGHED_F8, WINDOWS_OF_ALL)
WINDOWS_FOUR(windows_four_alike_f4, float, WINDOWS_ADDED_F4, WINDOWS_OF_MANY)
WINDOWS_FOUR(windows_four_alike_f8, double, WINDOWS_ADDED_F8, WINDOWS_OF_MANY)

/* Rows over which there is one window, if all voxels count 1. */
#define WINDOWS_ALONE(name, T) \
    static WINDOWS_CLONES void name(const windows_over *over, float *restrict out, int64_t out_row, int64_t y, \
                                    int64_t n_rows, int64_t n) { \
        for (int64_t r = 0; r < n_rows; r++, out += out_row) { \
            const T *restrict said = (const T *)((const char *)over->said + (y + r) * over->said_row); \
            for (int64_t i = 0; i < n; i++) out[i] = (float)said[i]; \
        } \
    }
WINDOWS_ALONE(windows_alone_f4, float)
WINDOWS_ALONE(windows_alone_f8, double)

#endif
