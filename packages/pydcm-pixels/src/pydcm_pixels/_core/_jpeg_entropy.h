/* Headers and entropy-coded data of baseline JPEG (ITU-T T.81, Annexes B and F): three components, one scan, 8 bits.

   Whatever is unusual or damaged is refused, not mended: another decoder takes such streams. */
#ifndef PYDCM_JPEG_ENTROPY_H
#define PYDCM_JPEG_ENTROPY_H
#include <stddef.h>
#include <stdint.h>
#include <string.h>

enum {
    JPEG_LOOK = 9,          /* bits that are looked up at once */
    JPEG_END = 63,          /* the run of an end of block, which leads beyond the block from anywhere in it */
    JPEG_MOST = 2048,       /* coefficients of 8-bit images are below it, and decoders differ far above */
    JPEG_UNUSED = 128       /* where in a pair of blocks the values of such runs go */
};

/* What a code means: the bits that it takes, the bits of its value still to be read, the zeros before it, the value. */
#define JPEG_MEANING(taken, more, run, value) \
    ((int32_t)((uint32_t)(value) << 16 | (uint32_t)(run) << 10 | (uint32_t)(more) << 5 | (uint32_t)(taken)))
#define JPEG_TAKEN(meaning) ((meaning) & 31)
#define JPEG_MORE(meaning) ((meaning) >> 5 & 31)
#define JPEG_RUN(meaning) ((meaning) >> 10 & 63)
#define JPEG_VALUE(meaning) ((meaning) >> 16)

typedef struct {
    int32_t meanings[1 << JPEG_LOOK];   /* of the codes that begin with these bits; 0 for longer ones, and for none */
    uint32_t limits[17];                /* what 16 bits are less than that begin with a code of so many bits or fewer */
    int32_t firsts[17];                 /* where in `symbols` a code of so many bits with the value 0 would be */
    uint8_t symbols[256];
    int is_ac, known;
} jpeg_table;

typedef struct {
    int width, height, across, down;    /* `across` by `down` blocks of luma for one of each chroma */
    int restart;                        /* units between restart markers, 0 without */
    const uint8_t *scan;
    uint8_t quant_of[3], dc_of[3], ac_of[3];
    uint8_t quant_known[4];
    int16_t quants[4][2 * JPEG_UNUSED]; /* in the order of the stream */
    jpeg_table dc[4], ac[4];
} jpeg_image;

typedef struct {
    const uint8_t *at, *end;
    uint64_t bits;                      /* the next bits, the first one on top */
    int count, missing;                 /* how many there are, and how many of them were made up */
} jpeg_bits;

static const uint8_t jpeg_order[64] = {
    0, 1, 8, 16, 9, 2, 3, 10, 17, 24, 32, 25, 18, 11, 4, 5, 12, 19, 26, 33, 40, 48,
    41, 34, 27, 20, 13, 6, 7, 14, 21, 28, 35, 42, 49, 56, 57, 50, 43, 36, 29, 22, 15, 23,
    30, 37, 44, 51, 58, 59, 52, 45, 38, 31, 39, 46, 53, 60, 61, 54, 47, 55, 62, 63,
};

static inline int jpeg_number(const uint8_t *at) {
    return at[0] << 8 | at[1];
}

/* A value of so many bits as F.2.2.1 extends it. */
static inline int jpeg_extended(uint32_t bits, int size) {
    return (int)bits - (((1 << size) - 1) & -(int)(bits >> (size - 1) == 0));
}

/* The meaning of a symbol whose code has so many bits, 0 if baseline streams do not have it. */
static int32_t jpeg_meaning(const jpeg_table *table, int length, int symbol) {
    int run = table->is_ac ? symbol >> 4 : 0, size = table->is_ac ? symbol & 15 : symbol;
    if (size > (table->is_ac ? 10 : 11)) return 0;
    if (size) return JPEG_MEANING(length, size, run, 0);
    if (!table->is_ac || run == 15) return JPEG_MEANING(length, 0, run, 0);
    return run ? 0 : JPEG_MEANING(length, 0, JPEG_END, 0);
}

/* Read the codes of a table (B.2.4.2): how many bytes they took, 0 if they are no codes. */
static int jpeg_read_table(jpeg_table *table, const uint8_t *src, ptrdiff_t size, int is_ac) {
    int total = 0, code = 0;
    if (size < 16) return 0;
    for (int length = 1; length <= 16; length++) total += src[length - 1];
    if (total > 256 || size < 16 + total) return 0;
    memset(table, 0, sizeof *table);
    table->is_ac = is_ac;
    memcpy(table->symbols, src + 16, (size_t)total);
    for (int length = 1, at = 0; length <= 16; length++, code <<= 1) {
        int n = src[length - 1];
        table->firsts[length] = at - code;
        if (code + n > 1 << length) return 0;
        for (int i = 0; i < n; i++, code++, at++) {
            int32_t meaning = jpeg_meaning(table, length, table->symbols[at]);
            int rest = JPEG_LOOK - length, more = JPEG_MORE(meaning);
            if (meaning == 0) return 0;
            if (rest < 0) continue;
            for (int k = 0; k < 1 << rest; k++) {
                int32_t whole = meaning;
                if (more && more <= rest) {
                    int value = jpeg_extended((uint32_t)k >> (rest - more), more);
                    whole = JPEG_MEANING(length + more, 0, JPEG_RUN(meaning), value);
                }
                table->meanings[code << rest | k] = whole;
            }
        }
        table->limits[length] = (uint32_t)code << (16 - length);
    }
    table->known = 1;
    return 16 + total;
}

static int32_t jpeg_long_meaning(const jpeg_table *table, uint64_t bits) {
    uint32_t code = (uint32_t)(bits >> 48);
    for (int length = JPEG_LOOK + 1; length <= 16; length++) {
        if (code < table->limits[length]) {
            int at = table->firsts[length] + (int)(code >> (16 - length));
            return at < 0 || at > 255 ? 0 : jpeg_meaning(table, length, table->symbols[at]);
        }
    }
    return 0;
}

/* Have at least 33 bits, zeros where the data ends (at a marker). */
static inline void jpeg_fill(jpeg_bits *from) {
    if (from->end - from->at >= 4) {
        const uint8_t *at = from->at;
        uint32_t four = (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
        if (!((~four - 0x01010101u) & four & 0x80808080u)) {     /* none of them is FF */
            from->bits |= (uint64_t)four << (32 - from->count);
            from->count += 32;
            from->at += 4;
            return;
        }
    }
    while (from->count <= 56) {
        uint64_t byte = 0;
        if (from->at < from->end && *from->at != 0xFF) {
            byte = *from->at++;
        } else if (from->end - from->at >= 2 && from->at[1] == 0) {
            byte = 0xFF;
            from->at += 2;
        } else {
            from->missing += 8;
        }
        from->bits |= byte << (56 - from->count);
        from->count += 8;
    }
}

static inline void jpeg_take(jpeg_bits *from, int n) {
    from->bits <<= n;
    from->count -= n;
}

/* The value that a meaning has, or that is in the bits behind its code. */
static inline int jpeg_value(jpeg_bits *from, int32_t meaning) {
    int size = JPEG_MORE(meaning), value;
    jpeg_take(from, JPEG_TAKEN(meaning));
    if (size == 0) return JPEG_VALUE(meaning);
    value = jpeg_extended((uint32_t)(from->bits >> (64 - size)), size);
    jpeg_take(from, size);
    return value;
}

/* Read one block into every other row of a pair of zeroed blocks: its last coefficient's number, -1 if it is broken. */
static inline int jpeg_read_block(
    jpeg_bits *source, const jpeg_table *dc, const jpeg_table *ac, const int16_t *quant, const uint8_t *places,
    int *last_dc, int16_t *block
) {
    jpeg_bits from = *source;
    int32_t meaning;
    int k = 1, value, wild;
    if (from.count <= 32) jpeg_fill(&from);
    meaning = dc->meanings[from.bits >> (64 - JPEG_LOOK)];
    if (meaning == 0 && (meaning = jpeg_long_meaning(dc, from.bits)) == 0) return -1;
    value = *last_dc + jpeg_value(&from, meaning);
    if (value < -2048 || value > 2047) return -1;
    *last_dc = value;
    value *= quant[0];
    wild = value + JPEG_MOST;
    block[0] = (int16_t)value;
    do {
        if (from.count <= 32) jpeg_fill(&from);
        meaning = ac->meanings[from.bits >> (64 - JPEG_LOOK)];
        if (meaning == 0 && (meaning = jpeg_long_meaning(ac, from.bits)) == 0) return -1;
        k += JPEG_RUN(meaning);
        value = jpeg_value(&from, meaning) * quant[k];
        wild |= value + JPEG_MOST;
        block[places[k]] = (int16_t)value;
        k++;
    } while (k < 64);
    *source = from;
    if (wild & ~(2 * JPEG_MOST - 1)) return -1;
    if (k == 64) return 63;
    return JPEG_RUN(meaning) == JPEG_END ? k - 2 - JPEG_END : -1;
}

/* Pass the marker at the end of entropy-coded data, which all has to be used: whether it is there. */
static int jpeg_pass_marker(jpeg_bits *from, int marker) {
    if (from->count - from->missing < 0 || from->count - from->missing > 7) return 0;
    if (from->end - from->at < 2 || from->at[0] != 0xFF) return 0;
    while (from->end - from->at > 2 && from->at[1] == 0xFF) from->at++;
    if (from->at[1] != marker) return 0;
    from->at += 2;
    from->bits = 0;
    from->count = from->missing = 0;
    return 1;
}

static int jpeg_read_quants(jpeg_image *image, const uint8_t *at, const uint8_t *end) {
    for (; at < end; at += 65) {
        if (end - at < 65 || at[0] > 3) return 0;
        for (int k = 0; k < 64; k++) image->quants[at[0]][k] = at[1 + k];
        image->quant_known[at[0]] = 1;
    }
    return 1;
}

static int jpeg_read_codes(jpeg_image *image, const uint8_t *at, const uint8_t *end) {
    while (at < end) {
        int used, kind = *at++;
        if ((kind & 0xEF) > 3) return 0;
        used = jpeg_read_table((kind & 16 ? image->ac : image->dc) + (kind & 3), at, end - at, kind >> 4);
        if (used == 0) return 0;
        at += used;
    }
    return 1;
}

static int jpeg_read_scan(jpeg_image *image, const uint8_t *at, const uint8_t *ids) {
    if (at[0] != 3 || at[7] != 0 || at[8] != 63 || at[9] != 0) return 0;
    for (int i = 0; i < 3; i++) {
        int dc = at[2 + 2 * i] >> 4, ac = at[2 + 2 * i] & 15;
        if (at[1 + 2 * i] != ids[i] || dc > 3 || ac > 3 || !image->dc[dc].known || !image->ac[ac].known) return 0;
        if (!image->quant_known[image->quant_of[i]]) return 0;
        image->dc_of[i] = (uint8_t)dc;
        image->ac_of[i] = (uint8_t)ac;
    }
    return 1;
}

static int jpeg_read_frame(jpeg_image *image, const uint8_t *at, uint8_t *ids) {
    if (at[0] != 8 || at[5] != 3) return 0;
    image->height = jpeg_number(at + 1);
    image->width = jpeg_number(at + 3);
    image->across = at[7] >> 4;
    image->down = at[7] & 15;
    for (int i = 0; i < 3; i++) {
        ids[i] = at[6 + 3 * i];
        image->quant_of[i] = at[8 + 3 * i];
        if (image->quant_of[i] > 3 || (i && at[7 + 3 * i] != 0x11)) return 0;
    }
    if (ids[0] == ids[1] || ids[0] == ids[2] || ids[1] == ids[2] || image->height == 0 || image->width < 8) return 0;
    return (image->across == 1 && image->down == 1) || (image->across == 2 && (image->down == 1 || image->down == 2));
}

/* Read everything up to the entropy-coded data: whether it is all as expected. `image` has been zeroed. */
static int jpeg_read_header(jpeg_image *image, const uint8_t *src, ptrdiff_t size) {
    const uint8_t *at = src + 2, *end = src + size;
    uint8_t ids[3] = {0, 0, 0};
    int ok = size > 4 && src[0] == 0xFF && src[1] == 0xD8;
    while (ok && end - at >= 4) {
        int marker = at[1], length = jpeg_number(at + 2);
        const uint8_t *inside = at + 4;
        if (at[0] != 0xFF || length < 2 || length > end - at - 2) return 0;
        at += 2 + length;
        if (marker == 0xDB) {
            ok = jpeg_read_quants(image, inside, at);
        } else if (marker == 0xC4) {
            ok = jpeg_read_codes(image, inside, at);
        } else if (marker == 0xC0 || marker == 0xC1) {
            ok = image->width == 0 && length == 17 && jpeg_read_frame(image, inside, ids);
        } else if (marker == 0xDD) {
            ok = length == 4;
            image->restart = ok ? jpeg_number(inside) : 0;
        } else if (marker == 0xDA) {
            image->scan = at;
            return image->width != 0 && length == 12 && jpeg_read_scan(image, inside, ids);
        } else {
            ok = (marker >= 0xE0 && marker <= 0xEF) || marker == 0xFE;
        }
    }
    return 0;
}
#endif
