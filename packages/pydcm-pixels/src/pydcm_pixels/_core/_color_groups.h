/* YBR_FULL to RGB (PS3.3 C.7.6.3.1.2), rounded half up; what is exact and what is not is said in _color.pyx. */
#ifndef PYDCM_COLOR_GROUPS_H
#define PYDCM_COLOR_GROUPS_H
#include <stddef.h>
#include <stdint.h>

enum { COLOR_GROUP = 32 };

static inline uint8_t color_clip(int value) {
    return (uint8_t)(value < 0 ? 0 : value > 255 ? 255 : value);
}

/* Green of the two pairs of chroma values for which the equation gives an exact half: single precision, fused. */
static uint8_t color_green_half(int y, int cb, int cr) {
    const float blue = (float)(-0.114 * 1.772 / 0.587), red = (float)(-0.299 * 1.402 / 0.587);
    float total = (float)((double)(float)cb * (double)blue + (double)(float)y);
    float value;
    total = (float)((double)(float)cr * (double)red + (double)total);
    value = total + 0.5f;
    return value < 0 ? 0 : value >= 256 ? 255 : (uint8_t)value;
}

/* What chroma adds to red, green (twenty bits more of it) and blue, and values from -384 on cut to bytes. */
static int16_t color_red[256], color_blue[256];
static int32_t color_green_cb[256], color_green_cr[256];
static uint8_t color_cut[1024];

/* Fill the tables, once for each module. The factors round as the equation does for all but two pairs of chroma. */
static void color_prepare(void) {
    for (int i = 0; i < 256; i++) {
        color_red[i] = (int16_t)(((i - 128) * 1470104 + 524288) >> 20);
        color_blue[i] = (int16_t)(((i - 128) * 1858077 + 524352) >> 20);
        color_green_cb[i] = 524280 - (i - 128) * 360853;
        color_green_cr[i] = -(i - 128) * 748826;
    }
    for (int i = 0; i < 1024; i++) color_cut[i] = color_clip(i - 384);
}

static inline void color_pixel(int y, int cb, int cr, uint8_t *out) {
    const uint8_t *cut = color_cut + 384 + y;
    out[0] = cut[color_red[cr]];
    out[2] = cut[color_blue[cb]];
    if (cb + cr == 256 && (cb == 78 || cb == 178)) out[1] = color_green_half(y, cb - 128, cr - 128);
    else out[1] = cut[(color_green_cb[cb] + color_green_cr[cr]) >> 20];
}

static inline void color_pixels(const uint8_t *src, uint8_t *out, ptrdiff_t n) {
    for (ptrdiff_t i = 0; i < 3 * n; i += 3) color_pixel(src[i], src[i + 1], src[i + 2], out + i);
}

#if defined(__GNUC__) && defined(__x86_64__)
#define COLOR_HAS_AVX2 1
#include <immintrin.h>
#define COLOR_AVX2 __attribute__((target("avx2")))
#define COLOR_BYTES(...) _mm256_broadcastsi128_si256(_mm_setr_epi8(__VA_ARGS__))
#define COLOR_PAIR(low, high) _mm256_set1_epi32((int)((uint32_t)(uint16_t)(low) | (uint32_t)(high) << 16))
/* Which bytes of the second and of the third of three vectors are blended into one, and their order in it and back. */
#define COLOR_AT1 COLOR_BYTES(0, -1, 0, 0, -1, 0, 0, -1, 0, 0, -1, 0, 0, -1, 0, 0)
#define COLOR_AT2 COLOR_BYTES(0, 0, -1, 0, 0, -1, 0, 0, -1, 0, 0, -1, 0, 0, -1, 0)
#define COLOR_FROM0 COLOR_BYTES(0, 3, 6, 9, 12, 15, 2, 5, 8, 11, 14, 1, 4, 7, 10, 13)
#define COLOR_FROM1 COLOR_BYTES(1, 4, 7, 10, 13, 0, 3, 6, 9, 12, 15, 2, 5, 8, 11, 14)
#define COLOR_FROM2 COLOR_BYTES(2, 5, 8, 11, 14, 1, 4, 7, 10, 13, 0, 3, 6, 9, 12, 15)
#define COLOR_TO0 COLOR_BYTES(0, 11, 6, 1, 12, 7, 2, 13, 8, 3, 14, 9, 4, 15, 10, 5)
#define COLOR_TO1 COLOR_BYTES(5, 0, 11, 6, 1, 12, 7, 2, 13, 8, 3, 14, 9, 4, 15, 10)
#define COLOR_TO2 COLOR_BYTES(10, 5, 0, 11, 6, 1, 12, 7, 2, 13, 8, 3, 14, 9, 4, 15)

typedef struct {
    __m256i first, second, third;
} color_trio;

/* What chroma adds to green, for 8 pairs of 16 bits: factors of 20 bits, split in halves of 10 bits. */
COLOR_AVX2 static inline __m256i color_green8(__m256i pairs) {
    __m256i high = _mm256_madd_epi16(pairs, COLOR_PAIR(-352, -731));
    __m256i low = _mm256_madd_epi16(pairs, COLOR_PAIR(-405, -282));
    low = _mm256_add_epi32(low, _mm256_set1_epi32(524280));
    return _mm256_srai_epi32(_mm256_add_epi32(_mm256_slli_epi32(high, 10), low), 20);
}

COLOR_AVX2 static inline __m256i color_green16(__m256i cb, __m256i cr) {
    return _mm256_packs_epi32(color_green8(_mm256_unpacklo_epi16(cb, cr)), color_green8(_mm256_unpackhi_epi16(cb, cr)));
}

COLOR_AVX2 static inline __m256i color_red16(__m256i cr) {
    return _mm256_add_epi16(cr, _mm256_mulhrs_epi16(cr, _mm256_set1_epi16(13173)));
}

/* 1.772 is 2 - 0.228, and 221.5 is rounded up on either side of nought. */
COLOR_AVX2 static inline __m256i color_blue16(__m256i cb) {
    __m256i less = _mm256_mulhrs_epi16(cb, _mm256_set1_epi16(-7471));
    less = _mm256_sub_epi16(less, _mm256_cmpeq_epi16(cb, _mm256_set1_epi16(-125)));
    return _mm256_add_epi16(_mm256_add_epi16(cb, cb), less);
}

/* Bytes of 48, or of both halves of 96, that are together in one vector. */
COLOR_AVX2 static inline __m256i color_load(const uint8_t *src) {
    __m256i low = _mm256_castsi128_si256(_mm_loadu_si128((const __m128i *)src));
    return _mm256_inserti128_si256(low, _mm_loadu_si128((const __m128i *)(src + 48)), 1);
}

COLOR_AVX2 static inline void color_store(uint8_t *out, __m256i bytes) {
    _mm_storeu_si128((__m128i *)out, _mm256_castsi256_si128(bytes));
    _mm_storeu_si128((__m128i *)(out + 48), _mm256_extracti128_si256(bytes, 1));
}

/* The components of 32 pixels. */
COLOR_AVX2 static inline color_trio color_apart(const uint8_t *src) {
    const __m256i at1 = COLOR_AT1, at2 = COLOR_AT2;
    __m256i a = color_load(src), b = color_load(src + 16), c = color_load(src + 32);
    color_trio parts;
    parts.first = _mm256_shuffle_epi8(_mm256_blendv_epi8(_mm256_blendv_epi8(a, b, at2), c, at1), COLOR_FROM0);
    parts.second = _mm256_shuffle_epi8(_mm256_blendv_epi8(_mm256_blendv_epi8(b, a, at1), c, at2), COLOR_FROM1);
    parts.third = _mm256_shuffle_epi8(_mm256_blendv_epi8(_mm256_blendv_epi8(c, a, at2), b, at1), COLOR_FROM2);
    return parts;
}

/* 32 pixels of their components. */
COLOR_AVX2 static inline void color_together(uint8_t *out, color_trio parts) {
    const __m256i at1 = COLOR_AT1, at2 = COLOR_AT2;
    __m256i a = _mm256_shuffle_epi8(parts.first, COLOR_TO0);
    __m256i b = _mm256_shuffle_epi8(parts.second, COLOR_TO1);
    __m256i c = _mm256_shuffle_epi8(parts.third, COLOR_TO2);
    color_store(out, _mm256_blendv_epi8(_mm256_blendv_epi8(a, b, at1), c, at2));
    color_store(out + 16, _mm256_blendv_epi8(_mm256_blendv_epi8(b, a, at2), c, at1));
    color_store(out + 32, _mm256_blendv_epi8(_mm256_blendv_epi8(c, a, at1), b, at2));
}

/* Whether the green of any of 32 pixels is an exact half before luma is added. */
COLOR_AVX2 static inline int color_any_half(color_trio ycc) {
    const __m256i low = _mm256_set1_epi8(78), high = _mm256_set1_epi8((char)178);
    __m256i one = _mm256_and_si256(_mm256_cmpeq_epi8(ycc.second, low), _mm256_cmpeq_epi8(ycc.third, high));
    __m256i other = _mm256_and_si256(_mm256_cmpeq_epi8(ycc.second, high), _mm256_cmpeq_epi8(ycc.third, low));
    return _mm256_movemask_epi8(_mm256_or_si256(one, other)) != 0;
}

COLOR_AVX2 static inline color_trio color_group(color_trio ycc) {
    const __m256i zero = _mm256_setzero_si256(), middle = _mm256_set1_epi16(128);
    __m256i y0 = _mm256_unpacklo_epi8(ycc.first, zero), y1 = _mm256_unpackhi_epi8(ycc.first, zero);
    __m256i cb0 = _mm256_sub_epi16(_mm256_unpacklo_epi8(ycc.second, zero), middle);
    __m256i cb1 = _mm256_sub_epi16(_mm256_unpackhi_epi8(ycc.second, zero), middle);
    __m256i cr0 = _mm256_sub_epi16(_mm256_unpacklo_epi8(ycc.third, zero), middle);
    __m256i cr1 = _mm256_sub_epi16(_mm256_unpackhi_epi8(ycc.third, zero), middle);
    color_trio rgb;
    rgb.first = _mm256_packus_epi16(_mm256_add_epi16(y0, color_red16(cr0)), _mm256_add_epi16(y1, color_red16(cr1)));
    rgb.second = _mm256_packus_epi16(_mm256_add_epi16(y0, color_green16(cb0, cr0)),
                                     _mm256_add_epi16(y1, color_green16(cb1, cr1)));
    rgb.third = _mm256_packus_epi16(_mm256_add_epi16(y0, color_blue16(cb0)), _mm256_add_epi16(y1, color_blue16(cb1)));
    return rgb;
}

COLOR_AVX2 static ptrdiff_t color_avx2(const uint8_t *src, uint8_t *out, ptrdiff_t n) {
    ptrdiff_t i = 0;
    for (; i + COLOR_GROUP <= n; i += COLOR_GROUP) {
        color_trio ycc = color_apart(src + 3 * i);
        if (color_any_half(ycc)) color_pixels(src + 3 * i, out + 3 * i, COLOR_GROUP);
        else color_together(out + 3 * i, color_group(ycc));
    }
    return i;
}

/* Pixels of planes, `rgb` or as they are. */
COLOR_AVX2 static inline void color_planes(
    const uint8_t *y, const uint8_t *cb, const uint8_t *cr, uint8_t *out, ptrdiff_t n, int rgb
) {
    ptrdiff_t i = 0;
    for (; i + COLOR_GROUP <= n; i += COLOR_GROUP) {
        color_trio ycc;
        ycc.first = _mm256_loadu_si256((const __m256i *)(y + i));
        ycc.second = _mm256_loadu_si256((const __m256i *)(cb + i));
        ycc.third = _mm256_loadu_si256((const __m256i *)(cr + i));
        if (!rgb) color_together(out + 3 * i, ycc);
        else if (!color_any_half(ycc)) color_together(out + 3 * i, color_group(ycc));
        else for (ptrdiff_t k = i; k < i + COLOR_GROUP; k++) color_pixel(y[k], cb[k], cr[k], out + 3 * k);
    }
    for (; i < n; i++) {
        if (rgb) {
            color_pixel(y[i], cb[i], cr[i], out + 3 * i);
        } else {
            out[3 * i] = y[i];
            out[3 * i + 1] = cb[i];
            out[3 * i + 2] = cr[i];
        }
    }
}
#endif

#if defined(__aarch64__)
/* The same as compilers make it with this processor's instructions for every third byte. */
static ptrdiff_t color_neon(const uint8_t *src, uint8_t *out, ptrdiff_t n) {
    ptrdiff_t i = 0;
    for (; i + COLOR_GROUP <= n; i += COLOR_GROUP) {
        const uint8_t *from = src + 3 * i;
        uint8_t red[COLOR_GROUP], green[COLOR_GROUP], blue[COLOR_GROUP], halves = 0;
        for (int k = 0; k < COLOR_GROUP; k++) {
            int y = from[3 * k], cb = from[3 * k + 1] - 128, cr = from[3 * k + 2] - 128;
            red[k] = color_clip(y + ((cr * 1470104 + 524288) >> 20));
            green[k] = color_clip(y + ((524280 - cb * 360853 - cr * 748826) >> 20));
            blue[k] = color_clip(y + ((cb * 1858077 + 524352) >> 20));
            halves |= ((cb == -50) & (cr == 50)) | ((cb == 50) & (cr == -50));
        }
        if (halves) {
            color_pixels(from, out + 3 * i, COLOR_GROUP);
            continue;
        }
        for (int k = 0; k < COLOR_GROUP; k++) {
            out[3 * (i + k)] = red[k];
            out[3 * (i + k) + 1] = green[k];
            out[3 * (i + k) + 2] = blue[k];
        }
    }
    return i;
}
#endif

/* Convert interleaved pixels; `out` may be `src`. */
static inline void color_interleaved(const uint8_t *src, uint8_t *out, ptrdiff_t n) {
    ptrdiff_t done = 0;
#if defined(COLOR_HAS_AVX2)
    if (__builtin_cpu_supports("avx2")) done = color_avx2(src, out, n);
#elif defined(__aarch64__)
    done = color_neon(src, out, n);
#endif
    color_pixels(src + 3 * done, out + 3 * done, n - done);
}
#endif
