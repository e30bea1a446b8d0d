#include "marks.h"

// Of processors that close the gaps in a whole block with one instruction (Intel's since 2019, AMD's since 2022).
#if defined(__x86_64__) && defined(__linux__)
#include <immintrin.h>
#define GAPS __attribute__((target("avx512bw,avx512vbmi,avx512vbmi2,bmi,popcnt")))
#endif

// Takes the escape at `at`.
INLINE void take(const uint8_t *bytes, int64_t count, uint8_t *text, int64_t *at, int64_t *to) {
    uint8_t letter = *at + 1 < count ? plain[bytes[*at + 1]] : 0;
    int64_t length = count - *at;
    if (letter) {
        text[*to] = letter;
        *to += 1;
        *at += 2;
        return;
    }
    int32_t found = scalar(bytes + *at, count - *at, &length);
    if (found >= 0) *to += encode(found, text + *to);
    *at += length;
}

// Of a block's escapes those that are not simple, or that are not whole.
#define OTHERS(us, escapes) (((us) >> 1 | 1ULL << 63) & (escapes))

// Goes on behind a block of which all was taken up to the first of `others`. A branch, as the processor can go on with the
// next block before it knows how many bytes this one gave.
#define NEXT(others, bytes, count, text, at, to)               \
    if (__builtin_expect(!(others), 1)) {                      \
        at += BLOCK;                                           \
        to += BLOCK;                                           \
    } else {                                                   \
        at += __builtin_ctzll(others);                         \
        to += __builtin_ctzll(others);                         \
        take(bytes, count, text, &at, &to);                    \
    }

// Unescapes blocks from `at` until `end` is behind it. There must be two blocks behind `end` in both: whole blocks are
// copied, of which what comes too early is written over; `to` is never ahead of `at`.
INLINE void unescape(
    const uint8_t *bytes, int64_t end, int64_t count, uint8_t *text, int64_t *at, int64_t *to
) {
    int64_t position = *at, place = *to;
    while (position < end) {
        const uint8_t *from = bytes + position;
        uint8_t *made = text + place;
        block some;
        memcpy(&some, from, BLOCK);
        memcpy(made, &some, BLOCK);
        uint64_t backslashes = MASK(some == '\\'), escapes = codes(backslashes) & backslashes;
        uint64_t others = OTHERS(MASK(some == 'u'), escapes);
        if (others) escapes &= (others & -others) - 1;
        int64_t dropped = 0;
        for (; escapes; escapes &= escapes - 1, dropped++) {
            int64_t stop = __builtin_ctzll(escapes);
            made[stop - dropped] = plain[from[stop + 1]];
            memcpy(made + stop - dropped + 1, from + stop + 2, BLOCK);
        }
        place -= dropped;
        NEXT(others, bytes, count, text, position, place);
    }
    *at = position;
    *to = place;
}

FAST static void anywhere(
    const uint8_t *bytes, int64_t end, int64_t count, uint8_t *text, int64_t *at, int64_t *to
) {
    unescape(bytes, end, count, text, at, to);
}

#ifdef GAPS
// As `unescape`, whatever the number of escapes.
GAPS static void closing(
    const uint8_t *bytes, int64_t end, int64_t count, uint8_t *text, int64_t *at, int64_t *to
) {
    const __m512i lower = _mm512_loadu_si512(plain), upper = _mm512_loadu_si512(plain + BLOCK);
    int64_t position = *at, place = *to;
    while (position < end) {
        __m512i some = _mm512_loadu_si512(bytes + position);
        uint64_t backslashes = _mm512_cmpeq_epi8_mask(some, _mm512_set1_epi8('\\'));
        uint64_t escapes = codes(backslashes) & backslashes;
        uint64_t others = OTHERS(_mm512_cmpeq_epi8_mask(some, _mm512_set1_epi8('u')), escapes);
        if (others) escapes &= (others & -others) - 1;
        some = _mm512_mask2_permutex2var_epi8(lower, some, escapes << 1, upper);
        _mm512_storeu_si512(text + place, _mm512_maskz_compress_epi8(~escapes, some));
        place -= __builtin_popcountll(escapes);
        NEXT(others, bytes, count, text, position, place);
    }
    *at = position;
    *to = place;
}
#endif

// Whole blocks where they stand, and the rest with room behind it; `isPlain` keeps it to what every processor can.
static int64_t whole(const uint8_t *bytes, int64_t count, uint8_t *text, int isPlain) {
    int64_t at = 0, to = 0, end = count - 2 * BLOCK + 1;
#ifdef GAPS
    if (!isPlain && __builtin_cpu_supports("avx512vbmi2")) closing(bytes, end, count, text, &at, &to);
#endif
    anywhere(bytes, end, count, text, &at, &to);
    if (at >= count) return to;
    // The rest, with room for blocks behind it.
    uint8_t rest[4 * BLOCK], made[4 * BLOCK];
    int64_t left = count - at, done = 0, length = 0;
    memset(rest, ' ', sizeof rest);
    memcpy(rest, bytes + at, left);
    anywhere(rest, left, left, made, &done, &length);
    length -= done - left;
    memcpy(text + to, made, length);
    return to + length;
}

int64_t runner_unescape(const uint8_t *bytes, int64_t count, uint8_t *text) { return whole(bytes, count, text, 0); }

int64_t runner_unescape_plainly(const uint8_t *bytes, int64_t count, uint8_t *text) {
    return whole(bytes, count, text, 1);
}
