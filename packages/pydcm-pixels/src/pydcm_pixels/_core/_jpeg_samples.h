/* From coefficients to pixels of baseline JPEG: inverse DCT, chroma at full size, colours; with AVX2.

   The arithmetic is that of the widespread accurate integer transformation (Loeffler, Ligtenberg and Moschytz, 13 bits of
   fraction, 2 kept between the passes) and of triangular interpolation of chroma, so that samples are equal to libjpeg's. */
#ifndef PYDCM_JPEG_SAMPLES_H
#define PYDCM_JPEG_SAMPLES_H
#include <stdlib.h>
#include "_color_groups.h"
#include "_jpeg_entropy.h"

#if defined(COLOR_HAS_AVX2)
enum { JPEG_PAIR = JPEG_UNUSED + 16, JPEG_MARGIN = 64 };

typedef struct {
    __m256i low, high;
} jpeg_wide;

COLOR_AVX2 static inline jpeg_wide jpeg_turned(__m256i low, __m256i high, int first, int second) {
    jpeg_wide out;
    out.low = _mm256_madd_epi16(low, COLOR_PAIR(first, second));
    out.high = _mm256_madd_epi16(high, COLOR_PAIR(first, second));
    return out;
}

COLOR_AVX2 static inline jpeg_wide jpeg_plus(jpeg_wide a, jpeg_wide b) {
    a.low = _mm256_add_epi32(a.low, b.low);
    a.high = _mm256_add_epi32(a.high, b.high);
    return a;
}

COLOR_AVX2 static inline jpeg_wide jpeg_minus(jpeg_wide a, jpeg_wide b) {
    a.low = _mm256_sub_epi32(a.low, b.low);
    a.high = _mm256_sub_epi32(a.high, b.high);
    return a;
}

COLOR_AVX2 static inline __m256i jpeg_narrow(jpeg_wide a, int shift) {
    return _mm256_packs_epi32(_mm256_srai_epi32(a.low, shift), _mm256_srai_epi32(a.high, shift));
}

/* Transform along the vectors, which hold a row (or a column) of two blocks each. */
COLOR_AVX2 static inline void jpeg_transform(__m256i v[8], int shift) {
    __m256i low = _mm256_unpacklo_epi16(v[0], v[4]), high = _mm256_unpackhi_epi16(v[0], v[4]);
    jpeg_wide sum = jpeg_turned(low, high, 8192, 8192), difference = jpeg_turned(low, high, 8192, -8192);
    jpeg_wide half, a, b, even[4], odd[4], crossed[2];
    __m256i thirds = _mm256_add_epi16(v[7], v[3]), fourths = _mm256_add_epi16(v[5], v[1]);
    half.low = half.high = _mm256_set1_epi32(1 << (shift - 1));
    low = _mm256_unpacklo_epi16(v[2], v[6]);
    high = _mm256_unpackhi_epi16(v[2], v[6]);
    a = jpeg_turned(low, high, 4433 + 6270, 4433);
    b = jpeg_turned(low, high, 4433, 4433 - 15137);
    sum = jpeg_plus(sum, half);
    difference = jpeg_plus(difference, half);
    even[0] = jpeg_plus(sum, a);
    even[3] = jpeg_minus(sum, a);
    even[1] = jpeg_plus(difference, b);
    even[2] = jpeg_minus(difference, b);

    low = _mm256_unpacklo_epi16(thirds, fourths);
    high = _mm256_unpackhi_epi16(thirds, fourths);
    crossed[0] = jpeg_turned(low, high, 9633 - 16069, 9633);
    crossed[1] = jpeg_turned(low, high, 9633, 9633 - 3196);
    low = _mm256_unpacklo_epi16(v[7], v[1]);
    high = _mm256_unpackhi_epi16(v[7], v[1]);
    odd[3] = jpeg_plus(jpeg_turned(low, high, 2446 - 7373, -7373), crossed[0]);
    odd[0] = jpeg_plus(jpeg_turned(low, high, -7373, 12299 - 7373), crossed[1]);
    low = _mm256_unpacklo_epi16(v[5], v[3]);
    high = _mm256_unpackhi_epi16(v[5], v[3]);
    odd[2] = jpeg_plus(jpeg_turned(low, high, 16819 - 20995, -20995), crossed[1]);
    odd[1] = jpeg_plus(jpeg_turned(low, high, -20995, 25172 - 20995), crossed[0]);
    for (int i = 0; i < 4; i++) {
        v[i] = jpeg_narrow(jpeg_plus(even[i], odd[i]), shift);
        v[7 - i] = jpeg_narrow(jpeg_minus(even[i], odd[i]), shift);
    }
}

COLOR_AVX2 static inline void jpeg_transpose(__m256i v[8]) {
    __m256i a[8], b[8];
    for (int i = 0; i < 4; i++) {
        a[2 * i] = _mm256_unpacklo_epi16(v[2 * i], v[2 * i + 1]);
        a[2 * i + 1] = _mm256_unpackhi_epi16(v[2 * i], v[2 * i + 1]);
    }
    for (int i = 0; i < 2; i++) {
        b[4 * i] = _mm256_unpacklo_epi32(a[4 * i], a[4 * i + 2]);
        b[4 * i + 1] = _mm256_unpackhi_epi32(a[4 * i], a[4 * i + 2]);
        b[4 * i + 2] = _mm256_unpacklo_epi32(a[4 * i + 1], a[4 * i + 3]);
        b[4 * i + 3] = _mm256_unpackhi_epi32(a[4 * i + 1], a[4 * i + 3]);
    }
    for (int i = 0; i < 4; i++) {
        v[2 * i] = _mm256_unpacklo_epi64(b[i], b[4 + i]);
        v[2 * i + 1] = _mm256_unpackhi_epi64(b[i], b[4 + i]);
    }
}

/* Two rows of both blocks. */
COLOR_AVX2 static inline void jpeg_store_rows(uint8_t *const out[2], ptrdiff_t stride, __m256i rows) {
    __m128i first = _mm256_castsi256_si128(rows), second = _mm256_extracti128_si256(rows, 1);
    _mm_storel_epi64((__m128i *)out[0], first);
    _mm_storel_epi64((__m128i *)(out[0] + stride), _mm_unpackhi_epi64(first, first));
    _mm_storel_epi64((__m128i *)out[1], second);
    _mm_storel_epi64((__m128i *)(out[1] + stride), _mm_unpackhi_epi64(second, second));
}

/* Samples of two blocks; `last` is the number of the last coefficient that is not nought in either. */
COLOR_AVX2 static inline void jpeg_pair(const int16_t *blocks, int last, uint8_t *const out[2], ptrdiff_t stride) {
    const __m256i middle = _mm256_set1_epi8((char)128);
    __m256i v[8], a, b, c, d, e, f;
    if (last == 0) {
        for (int i = 0; i < 2; i++) {
            int value = ((blocks[8 * i] + 4) >> 3) + 128;
            uint64_t eight = color_clip(value) * 0x0101010101010101ull;
            for (int row = 0; row < 8; row++) memcpy(out[i] + row * stride, &eight, 8);
        }
        return;
    }
    for (int i = 0; i < 8; i++) v[i] = _mm256_load_si256((const __m256i *)(blocks + 16 * i));
    jpeg_transform(v, 11);
    jpeg_transpose(v);
    jpeg_transform(v, 18);
    a = _mm256_packs_epi16(v[0], v[1]);
    b = _mm256_packs_epi16(v[2], v[3]);
    c = _mm256_packs_epi16(v[4], v[5]);
    d = _mm256_packs_epi16(v[6], v[7]);
    e = _mm256_unpacklo_epi8(a, b);
    f = _mm256_unpackhi_epi8(a, b);
    a = _mm256_xor_si256(_mm256_unpacklo_epi8(e, f), middle);
    b = _mm256_xor_si256(_mm256_unpackhi_epi8(e, f), middle);
    e = _mm256_unpacklo_epi8(c, d);
    f = _mm256_unpackhi_epi8(c, d);
    c = _mm256_xor_si256(_mm256_unpacklo_epi8(e, f), middle);
    d = _mm256_xor_si256(_mm256_unpackhi_epi8(e, f), middle);
    for (int half = 0; half < 2; half++) {
        uint8_t *rows[2] = {out[0] + 4 * half * stride, out[1] + 4 * half * stride};
        jpeg_store_rows(rows, stride, _mm256_unpacklo_epi32(a, c));
        rows[0] += 2 * stride;
        rows[1] += 2 * stride;
        jpeg_store_rows(rows, stride, _mm256_unpackhi_epi32(a, c));
        a = b;
        c = d;
    }
}

COLOR_AVX2 static inline void jpeg_store_doubled(uint8_t *out, __m256i low, __m256i high) {
    _mm256_storeu_si256((__m256i *)out, _mm256_permute2x128_si256(low, high, 0x20));
    _mm256_storeu_si256((__m256i *)(out + 32), _mm256_permute2x128_si256(low, high, 0x31));
}

/* Twice as many samples as the `n` of a row, which has a margin of writeable bytes on either side. */
COLOR_AVX2 static void jpeg_double(uint8_t *row, uint8_t *out, int n) {
    const __m256i weights = _mm256_set1_epi16(0x0103), one = _mm256_set1_epi16(1), two = _mm256_set1_epi16(2);
    row[-1] = row[0];
    row[n] = row[n - 1];
    for (int i = 0; i < n; i += 32) {
        __m256i here = _mm256_loadu_si256((const __m256i *)(row + i));
        __m256i left = _mm256_loadu_si256((const __m256i *)(row + i - 1));
        __m256i right = _mm256_loadu_si256((const __m256i *)(row + i + 1));
        __m256i even[2] = {_mm256_unpacklo_epi8(here, left), _mm256_unpackhi_epi8(here, left)};
        __m256i odd[2] = {_mm256_unpacklo_epi8(here, right), _mm256_unpackhi_epi8(here, right)};
        for (int k = 0; k < 2; k++) {
            even[k] = _mm256_srli_epi16(_mm256_add_epi16(_mm256_maddubs_epi16(even[k], weights), one), 2);
            odd[k] = _mm256_srli_epi16(_mm256_add_epi16(_mm256_maddubs_epi16(odd[k], weights), two), 2);
            even[k] = _mm256_or_si256(even[k], _mm256_slli_epi16(odd[k], 8));
        }
        jpeg_store_doubled(out + 2 * i, even[0], even[1]);
    }
}

/* The same between two rows, three parts of one and one of the other; `sums` has a margin, too. */
COLOR_AVX2 static void jpeg_double_between(
    const uint8_t *closer, const uint8_t *other, int16_t *sums, uint8_t *out, int n
) {
    const __m256i weights = _mm256_set1_epi16(0x0103), three = _mm256_set1_epi16(3);
    const __m256i seven = _mm256_set1_epi16(7), eight = _mm256_set1_epi16(8);
    for (int i = 0; i < n; i += 32) {
        __m256i here = _mm256_loadu_si256((const __m256i *)(closer + i));
        __m256i there = _mm256_loadu_si256((const __m256i *)(other + i));
        __m256i low = _mm256_maddubs_epi16(_mm256_unpacklo_epi8(here, there), weights);
        __m256i high = _mm256_maddubs_epi16(_mm256_unpackhi_epi8(here, there), weights);
        jpeg_store_doubled((uint8_t *)(sums + i), low, high);
    }
    sums[-1] = sums[0];
    sums[n] = sums[n - 1];
    for (int i = 0; i < n; i += 16) {
        __m256i here = _mm256_mullo_epi16(_mm256_loadu_si256((const __m256i *)(sums + i)), three);
        __m256i even = _mm256_add_epi16(here, _mm256_loadu_si256((const __m256i *)(sums + i - 1)));
        __m256i odd = _mm256_add_epi16(here, _mm256_loadu_si256((const __m256i *)(sums + i + 1)));
        even = _mm256_srli_epi16(_mm256_add_epi16(even, eight), 4);
        odd = _mm256_srli_epi16(_mm256_add_epi16(odd, seven), 4);
        _mm256_storeu_si256((__m256i *)(out + 2 * i), _mm256_or_si256(even, _mm256_slli_epi16(odd, 8)));
    }
}

/* What is needed for some rows of an image: planes for two rows of units, and rows of chroma at full size. */
typedef struct {
    const jpeg_image *image;
    uint8_t *planes[3], *full[2];
    int16_t *sums;
    ptrdiff_t strides[3];
    int units;                      /* in a row */
    void *memory;
} jpeg_rows;

static int jpeg_make_rows(jpeg_rows *rows, const jpeg_image *image) {
    ptrdiff_t size = 0, chroma, luma;
    uint8_t *at;
    rows->image = image;
    rows->units = (image->width + 8 * image->across - 1) / (8 * image->across);
    chroma = 8 * (ptrdiff_t)(rows->units + 1) + 2 * JPEG_MARGIN;       /* a unit more: they are decoded two by two */
    luma = 8 * (ptrdiff_t)(rows->units + 1) * image->across + 2 * JPEG_MARGIN;
    chroma += -chroma & 31;
    luma += -luma & 31;
    rows->strides[0] = luma;
    rows->strides[1] = rows->strides[2] = chroma;
    size = 16 * (luma * image->down + 2 * chroma) + 2 * luma + 2 * chroma;
    rows->memory = at = (uint8_t *)malloc((size_t)size + JPEG_MARGIN);
    if (at == NULL) return 0;
    /* Bytes beyond the image's edges are computed with, and thrown away. */
    memset(at, 0, (size_t)size + JPEG_MARGIN);
    at += JPEG_MARGIN;
    rows->planes[0] = at;
    rows->planes[1] = at += 16 * luma * image->down;
    rows->planes[2] = at += 16 * chroma;
    rows->full[0] = at += 16 * chroma;
    rows->full[1] = at += luma;
    rows->sums = (int16_t *)(at + luma);
    return 1;
}

/* Decode one row of units into the half of the planes that is its turn: whether that was possible. */
COLOR_AVX2 static int jpeg_decode_units(
    jpeg_rows *rows, jpeg_bits *from, const uint8_t *places, int *last_dc, int *unit, int turn
) {
    const jpeg_image *image = rows->image;
    const int lumas = image->across * image->down;
    const int together = lumas == 1 ? 2 : 1, pairs = lumas == 1 ? 3 : lumas / 2 + 1;
    int16_t blocks[3][JPEG_PAIR] __attribute__((aligned(32)));
    uint8_t *out[3][2];
    for (int column = 0; column < rows->units; column += together) {
        int last[3] = {0, 0, 0};
        memset(blocks, 0, sizeof blocks);
        for (int n = 0; n < together; n++) {
            int is_there = column + n < rows->units;
            if (is_there && image->restart && *unit && *unit % image->restart == 0) {
                if (!jpeg_pass_marker(from, 0xD0 + (*unit / image->restart - 1) % 8)) return 0;
                last_dc[0] = last_dc[1] = last_dc[2] = 0;
            }
            *unit += is_there;
            for (int i = 0; i < lumas + 2; i++) {
                int component = i < lumas ? 0 : i - lumas + 1, pair, lane, done;
                ptrdiff_t stride = rows->strides[component];
                uint8_t *place = rows->planes[component] + 8 * (column + n);
                if (lumas == 1) {
                    pair = i;
                    lane = n;
                } else {
                    pair = i / 2;
                    lane = i & 1;
                }
                place += turn * 8 * stride * (component ? 1 : image->down);
                if (component == 0 && lumas > 1) place += 8 * (column + lane) + (i / 2) * 8 * stride;
                out[pair][lane] = place;
                if (!is_there) continue;
                done = jpeg_read_block(
                    from, &image->dc[image->dc_of[component]], &image->ac[image->ac_of[component]],
                    image->quants[image->quant_of[component]], places, &last_dc[component], blocks[pair] + 8 * lane
                );
                if (done < 0) return 0;
                if (done > last[pair]) last[pair] = done;
            }
        }
        for (int pair = 0; pair < pairs; pair++) {
            ptrdiff_t stride = rows->strides[lumas == 1 ? pair : pair < lumas / 2 ? 0 : 1];
            jpeg_pair(blocks[pair], last[pair], out[pair], stride);
        }
    }
    return from->count >= from->missing;
}

/* Write row `y` of the image. */
COLOR_AVX2 static void jpeg_write_row(jpeg_rows *rows, int y, uint8_t *out, int rgb) {
    const jpeg_image *image = rows->image;
    const int n = (image->width + image->across - 1) / image->across;
    const int height = (image->height + image->down - 1) / image->down;
    const uint8_t *chroma[2];
    for (int i = 0; i < 2; i++) {
        uint8_t *plane = rows->planes[1 + i];
        ptrdiff_t stride = rows->strides[1 + i];
        if (image->across == 1) {
            chroma[i] = plane + (y & 15) * stride;
            continue;
        }
        if (image->down == 1) {
            jpeg_double(plane + (y & 15) * stride, rows->full[i], n);
        } else {
            int closer = y / 2, other = y & 1 ? closer + 1 : closer - 1;
            if (other < 0) other = 0;
            if (other >= height) other = height - 1;
            jpeg_double_between(
                plane + (closer & 15) * stride, plane + (other & 15) * stride, rows->sums, rows->full[i], n
            );
        }
        chroma[i] = rows->full[i];
    }
    color_planes(rows->planes[0] + (y & (16 * image->down - 1)) * rows->strides[0], chroma[0], chroma[1], out,
                 image->width, rgb);
}

/* Decode a stream whose header has been read: whether it was as it should be. `out` may be changed even if not. */
COLOR_AVX2 static int jpeg_decode_scan(const jpeg_image *image, const uint8_t *end, uint8_t *out, int rgb) {
    jpeg_rows rows;
    jpeg_bits from = {image->scan, end, 0, 0, 0};
    uint8_t places[2 * JPEG_UNUSED];
    const int height = 8 * image->down;
    int last_dc[3] = {0, 0, 0}, unit = 0, ok = 1, y = 0;
    if (!jpeg_make_rows(&rows, image)) return 0;
    for (int k = 0; k < 2 * JPEG_UNUSED; k++) {
        int place = k < 64 ? jpeg_order[k] : 0;
        places[k] = (uint8_t)(k < 64 ? place / 8 * 16 + place % 8 : JPEG_UNUSED);
    }
    for (int row = 0; ok && y < image->height; row++) {
        int ready = (row + 1) * height;
        ok = jpeg_decode_units(&rows, &from, places, last_dc, &unit, row & 1);
        if (ready >= image->height) ready = image->height;
        else if (image->down == 2) ready--;      /* its chroma needs the row below */
        for (; ok && y < ready; y++) jpeg_write_row(&rows, y, out + 3 * (ptrdiff_t)image->width * y, rgb);
    }
    free(rows.memory);
    return ok && jpeg_pass_marker(&from, 0xD9);
}

static inline int jpeg_can_decode(void) {
    return __builtin_cpu_supports("avx2") != 0;
}
#else
#define jpeg_can_decode() 0
#define jpeg_decode_scan(image, end, out, rgb) 0
#endif
#endif
