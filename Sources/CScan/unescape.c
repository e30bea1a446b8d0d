#include "marks.h"

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

// Unescapes blocks from `at` until `end` is behind it. There must be two blocks behind `end` in both: whole blocks are
// copied, of which what comes too early is written over; `to` is never ahead of `at`.
INLINE void unescape(
    const uint8_t *bytes, int64_t end, int64_t count, uint8_t *text, int64_t *at, int64_t *to
) {
    while (*at < end) {
        const uint8_t *from = bytes + *at;
        uint8_t *place = text + *to;
        block some;
        memcpy(&some, from, BLOCK);
        memcpy(place, &some, BLOCK);
        uint64_t backslashes = MASK(some == '\\'), escapes = codes(backslashes) & backslashes;
        // Up to the first escape that is not simple, or that is not whole.
        uint64_t others = (MASK(some == 'u') >> 1 | 1ULL << 63) & escapes;
        int64_t length = others ? __builtin_ctzll(others) : BLOCK, dropped = 0;
        if (others) escapes &= (others & -others) - 1;
        for (; escapes; escapes &= escapes - 1, dropped++) {
            int64_t stop = __builtin_ctzll(escapes);
            place[stop - dropped] = plain[from[stop + 1]];
            memcpy(place + stop - dropped + 1, from + stop + 2, BLOCK);
        }
        *at += length;
        *to += length - dropped;
        if (others) take(bytes, count, text, at, to);
    }
}

FAST int64_t runner_unescape(const uint8_t *bytes, int64_t count, uint8_t *text) {
    int64_t at = 0, to = 0;
    unescape(bytes, count - 2 * BLOCK + 1, count, text, &at, &to);
    if (at >= count) return to;
    // The rest, with room for blocks behind it.
    uint8_t rest[4 * BLOCK], made[4 * BLOCK];
    int64_t left = count - at, done = 0, length = 0;
    memset(rest, ' ', sizeof rest);
    memcpy(rest, bytes + at, left);
    unescape(rest, left, left, made, &done, &length);
    length -= done - left;
    memcpy(text + to, made, length);
    return to + length;
}
