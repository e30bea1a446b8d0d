// What all of the functions need: 64 bytes at a time, and escapes. A part of each file that includes it.
#ifndef RUNNER_MARKS_H
#define RUNNER_MARKS_H

#include "CScan.h"

#include <string.h>

typedef uint8_t block __attribute__((ext_vector_type(64)));
typedef _Bool flags __attribute__((ext_vector_type(64)));

enum { BLOCK = 64 };

// One source for every processor: the fastest that the machine at hand knows is chosen when the program is loaded.
#if defined(__x86_64__) && defined(__linux__)
#define FAST __attribute__((target_clones("arch=x86-64-v3", "default")))
// For long rows of blocks, which alone are worth waking the widest vectors.
#define WIDE __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define FAST
#define WIDE
#endif
#define INLINE static inline __attribute__((always_inline))

#define MASK(condition) __builtin_bit_cast(uint64_t, __builtin_convertvector(condition, flags))

// What a letter behind a backslash stands for; 0 for `u` and for letters without a meaning.
static const uint8_t plain[256] = {
    ['"'] = '"', ['\\'] = '\\', ['/'] = '/', ['b'] = '\b', ['f'] = '\f', ['n'] = '\n', ['r'] = '\r', ['t'] = '\t',
};

// Four hexadecimal digits; -1 where there are none.
static inline int32_t unit(const uint8_t *bytes, int64_t room) {
    int32_t unit = 0;
    if (room < 4) return -1;
    for (int i = 0; i < 4; i++) {
        uint8_t byte = bytes[i], letter = byte | 0x20;
        if (byte >= '0' && byte <= '9') unit = unit << 4 | (byte - '0');
        else if (letter >= 'a' && letter <= 'f') unit = unit << 4 | (letter - 'a' + 10);
        else return -1;
    }
    return unit;
}

// The character of the escape `\uXXXX` at the beginning of `room` bytes, with its second half where it has one, and how
// long the escape is; -1 where there is none.
static inline int32_t scalar(const uint8_t *bytes, int64_t room, int64_t *length) {
    if (room < 2 || bytes[1] != 'u') return -1;
    int32_t first = unit(bytes + 2, room - 2);
    if (first < 0) return -1;
    *length = 6;
    if (first == 0 || (first >= 0xDC00 && first < 0xE000)) return 0xFFFD;
    if (first < 0xD800 || first >= 0xE000) return first;
    if (room < 8 || bytes[6] != '\\' || bytes[7] != 'u') return 0xFFFD;
    int32_t second = unit(bytes + 8, room - 8);
    if (second < 0) return -1;
    if (second < 0xDC00 || second >= 0xE000) return 0xFFFD;
    *length = 12;
    return 0x10000 + ((first - 0xD800) << 10) + (second - 0xDC00);
}

static inline int64_t width(int32_t scalar) { return scalar < 0x80 ? 1 : scalar < 0x800 ? 2 : scalar < 0x10000 ? 3 : 4; }

static inline int64_t encode(int32_t scalar, uint8_t *text) {
    int64_t count = width(scalar);
    if (count == 1) {
        text[0] = (uint8_t)scalar;
        return 1;
    }
    for (int64_t i = count - 1; i > 0; i--, scalar >>= 6) text[i] = 0x80 | (scalar & 0x3F);
    text[0] = (uint8_t)(0xF00 >> count | scalar);
    return count;
}

// The length of the escape at the beginning of `room` bytes; 0 where there is none.
INLINE int64_t escape(const uint8_t *bytes, int64_t room, int64_t *saved) {
    if (room > 1 && plain[bytes[1]]) {
        *saved += 1;
        return 2;
    }
    int64_t length = 0;
    int32_t found = scalar(bytes, room, &length);
    if (found < 0) return 0;
    *saved += length - width(found);
    return length;
}

// Which backslashes escape what is behind them, when each that is escaped itself does not: those at which a bit is set.
// The other bits differ from `backslashes` where something is escaped. A subtraction carries through a row of them.
// From simdjson (Langdale and Lemire, Parsing gigabytes of JSON per second, 2019).
INLINE uint64_t codes(uint64_t backslashes) {
    const uint64_t odd = 0xAAAAAAAAAAAAAAAA;
    return ((backslashes << 1 | odd) - backslashes) ^ odd;
}

// What is remarkable among 64 bytes (fewer at the end of all), as bits in their order.
struct marks {
    // Where a string ends or is none, and escapes that are not simple: quotes that no backslash is before, control
    // characters, backslashes.
    uint64_t stops;
    // The backslashes of escapes with a single letter, which need no look at them.
    uint64_t simple;
};

// The marks of a block without its first `before` bytes; no backslash among those must escape what is behind them.
INLINE struct marks marks(const uint8_t *bytes, int64_t before) {
    block some;
    memcpy(&some, bytes, BLOCK);
    uint64_t ends = MASK((some == '"') | (some < ' ')) >> before, backslashes = MASK(some == '\\') >> before;
    if (!backslashes) return (struct marks){ends, 0};
    uint64_t found = codes(backslashes), escapes = found & backslashes, escaped = found ^ backslashes;
    // b and r, as f and n, differ in one bit.
    uint64_t letters = MASK((some == '"') | (some == '\\') | (some == '/') | (some == 't') |
                            ((some & 0xEF) == 'b') | ((some & 0xF7) == 'f')) >> before;
    uint64_t simple = escapes & letters >> 1;
    return (struct marks){(ends & ~escaped) | (escapes & ~simple), simple};
}

// The marks of the bytes from `at` on, which are some, but less than a block.
INLINE struct marks last(const uint8_t *bytes, int64_t at, int64_t count) {
    if (count >= BLOCK) return marks(bytes + count - BLOCK, at - (count - BLOCK));
    uint8_t padded[BLOCK];
    memset(padded, ' ', BLOCK);
    memcpy(padded, bytes + at, count - at);
    return marks(padded, 0);
}

#endif
