#include "CScan.h"

#include <string.h>

typedef uint8_t block __attribute__((ext_vector_type(64)));
typedef _Bool flags __attribute__((ext_vector_type(64)));

enum { BLOCK = 64 };

// One source for every processor: the fastest that the machine at hand knows is chosen when the program is loaded.
#if defined(__x86_64__) && defined(__linux__)
#define FAST __attribute__((target_clones("arch=x86-64-v3", "default")))
#else
#define FAST
#endif
#define INLINE static inline __attribute__((always_inline))

#define MASK(condition) __builtin_bit_cast(uint64_t, __builtin_convertvector(condition, flags))

// What a letter behind a backslash stands for; 0 for `u` and for letters without a meaning.
static const uint8_t plain[256] = {
    ['"'] = '"', ['\\'] = '\\', ['/'] = '/', ['b'] = '\b', ['f'] = '\f', ['n'] = '\n', ['r'] = '\r', ['t'] = '\t',
};

// Four hexadecimal digits; -1 where there are none.
static int32_t unit(const uint8_t *bytes, int64_t room) {
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
static int32_t scalar(const uint8_t *bytes, int64_t room, int64_t *length) {
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

static int64_t width(int32_t scalar) { return scalar < 0x80 ? 1 : scalar < 0x800 ? 2 : scalar < 0x10000 ? 3 : 4; }

static int64_t encode(int32_t scalar, uint8_t *text) {
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

// What is remarkable among 64 bytes (fewer at the end of all), as bits in their order.
struct marks {
    // Where a string ends or is none, and escapes that are not simple: quotes that no backslash is before, control
    // characters, backslashes.
    uint64_t stops;
    // The backslashes of escapes with a single letter, which need no look at them.
    uint64_t simple;
};

// `at` must not be behind a backslash that escapes it.
INLINE struct marks marks(const uint8_t *bytes, int64_t at, int64_t count) {
    block some;
    int64_t before = 0;
    if (at + BLOCK <= count) {
        memcpy(&some, bytes + at, BLOCK);
    } else if (count >= BLOCK) {
        memcpy(&some, bytes + count - BLOCK, BLOCK);
        before = at - (count - BLOCK);
    } else {
        uint8_t padded[BLOCK];
        memset(padded, ' ', BLOCK);
        memcpy(padded, bytes + at, count - at);
        memcpy(&some, padded, BLOCK);
    }
    uint64_t ends = MASK((some == '"') | (some < ' ')) >> before, backslashes = MASK(some == '\\') >> before;
    if (!backslashes) return (struct marks){ends, 0};
    // Which backslashes escape what is behind them, when each that is escaped itself does not: a subtraction carries
    // through a row of them. From simdjson (Langdale and Lemire, Parsing gigabytes of JSON per second, 2019).
    const uint64_t odd = 0xAAAAAAAAAAAAAAAA;
    uint64_t codes = ((backslashes << 1 | odd) - backslashes) ^ odd;
    uint64_t escapes = codes & backslashes, escaped = codes ^ backslashes;
    uint64_t letters = MASK((some == '"') | (some == '\\') | (some == '/') | (some == 'b') | (some == 'f') |
                            (some == 'n') | (some == 'r') | (some == 't')) >> before;
    uint64_t simple = escapes & letters >> 1;
    return (struct marks){(ends & ~escaped) | (escapes & ~simple), simple};
}

// What is left of a mask of the bytes from `base` on behind those before `at`.
INLINE uint64_t from(int64_t at, int64_t base, uint64_t mask) {
    return at - base < BLOCK ? mask & (~0ULL << (at - base)) : 0;
}

// One reading. The functions on it are all made part of `runner_read_json`, where it is kept in registers.
struct reader {
    const uint8_t *bytes;
    int64_t count, at;
    struct runner_node *nodes;
    int64_t room, used;
    // The block that was looked at last.
    struct marks marks;
    int64_t base;
    // The innermost list or object that is open, -1 for none; while it is, its link is the one around it.
    int64_t open, depth;
};

INLINE void skip_space(struct reader *r) {
    while (r->at < r->count && r->bytes[r->at] <= ' ') {
        uint8_t byte = r->bytes[r->at];
        if (byte != ' ' && byte != '\t' && byte != '\n' && byte != '\r') return;
        r->at++;
    }
}

// The next byte that is not space, without taking it; 0, which begins and ends nothing, where there is none.
INLINE uint8_t next(struct reader *r) {
    skip_space(r);
    return r->at < r->count ? r->bytes[r->at] : 0;
}

// The functions from here on give 0 for success, RUNNER_NOT_JSON or RUNNER_NO_ROOM.

INLINE int64_t note(struct reader *r, enum runner_kind kind, int64_t start, int64_t end, int64_t link) {
    if (r->used >= r->room) return RUNNER_NO_ROOM;
    r->nodes[r->used++] = (struct runner_node){(uint8_t)kind, (int32_t)start, (int32_t)end, (int32_t)link};
    return 0;
}

INLINE int64_t string(struct reader *r) {
    int64_t start = ++r->at, at = start, saved = 0;
    for (;;) {
        if (at - r->base >= BLOCK) {
            if (at >= r->count) return RUNNER_NOT_JSON;
            r->marks = marks(r->bytes, at, r->count);
            r->base = at;
        }
        uint64_t stops = from(at, r->base, r->marks.stops), simple = from(at, r->base, r->marks.simple);
        if (!stops) {
            saved += __builtin_popcountll(simple);
            at = r->base + BLOCK;
            continue;
        }
        saved += __builtin_popcountll(simple & (stops - 1) & ~stops);
        at = r->base + __builtin_ctzll(stops);
        if (r->bytes[at] != '\\') break;
        int64_t length = escape(r->bytes + at, r->count - at, &saved);
        if (!length) return RUNNER_NOT_JSON;
        at += length;
    }
    if (r->bytes[at] != '"') return RUNNER_NOT_JSON;
    r->at = at + 1;
    return note(r, RUNNER_STRING, start, at, saved);
}

INLINE int64_t key(struct reader *r) {
    if (next(r) != '"') return RUNNER_NOT_JSON;
    int64_t failure = string(r);
    if (failure) return failure;
    if (next(r) != ':') return RUNNER_NOT_JSON;
    r->at++;
    return 0;
}

INLINE int64_t word(struct reader *r, enum runner_kind kind, const char *word, int64_t length) {
    if (r->count - r->at < length || memcmp(r->bytes + r->at, word, length) != 0) return RUNNER_NOT_JSON;
    r->at += length;
    return note(r, kind, r->at - length, r->at, 0);
}

// How many digits were taken.
INLINE int64_t digits(struct reader *r) {
    int64_t start = r->at;
    while (r->at < r->count && (uint8_t)(r->bytes[r->at] - '0') < 10) r->at++;
    return r->at - start;
}

// Whether `byte` was taken.
INLINE int taken(struct reader *r, uint8_t byte) {
    if (r->at >= r->count || r->bytes[r->at] != byte) return 0;
    r->at++;
    return 1;
}

INLINE int64_t number(struct reader *r) {
    enum runner_kind kind = RUNNER_INTEGER;
    int64_t start = r->at;
    taken(r, '-');
    int64_t first = r->at, count = digits(r);
    if (count == 0 || (count > 1 && r->bytes[first] == '0')) return RUNNER_NOT_JSON;
    if (taken(r, '.')) {
        kind = RUNNER_NUMBER;
        if (!digits(r)) return RUNNER_NOT_JSON;
    }
    if (taken(r, 'e') || taken(r, 'E')) {
        kind = RUNNER_NUMBER;
        if (!taken(r, '+')) taken(r, '-');
        if (!digits(r)) return RUNNER_NOT_JSON;
    }
    return note(r, kind, start, r->at, 0);
}

INLINE int64_t begin(struct reader *r, enum runner_kind kind) {
    int64_t failure = note(r, kind, r->at, r->at, r->open);
    if (failure) return failure;
    r->open = r->used - 1;
    r->depth++;
    r->at++;
    return 0;
}

// Takes the bytes that end lists and objects, and the comma behind a value, with the key behind that in an object.
INLINE int64_t end(struct reader *r) {
    while (r->open >= 0) {
        struct runner_node *node = r->nodes + r->open;
        uint8_t byte = next(r);
        r->at++;
        if (byte == ',') return node->kind == RUNNER_OBJECT ? key(r) : 0;
        if (byte != (node->kind == RUNNER_OBJECT ? '}' : ']')) return RUNNER_NOT_JSON;
        r->open = node->link;
        r->depth--;
        node->end = (int32_t)r->at;
        node->link = (int32_t)r->used;
    }
    return 0;
}

FAST int64_t runner_read_json(const uint8_t *bytes, int64_t count, struct runner_node *nodes, int64_t room) {
    struct reader reader = {
        .bytes = bytes, .count = count, .nodes = nodes, .room = room, .base = -BLOCK, .open = -1,
    }, *r = &reader;
    int64_t failure = 0;
    if (count >= 3 && memcmp(bytes, "\xEF\xBB\xBF", 3) == 0) r->at = 3;
    do {
        if (r->depth >= RUNNER_MAXIMUM_DEPTH) return RUNNER_NOT_JSON;
        switch (next(r)) {
        case '"': failure = string(r); break;
        case '{':
            failure = begin(r, RUNNER_OBJECT);
            if (!failure && next(r) != '}') {
                failure = key(r);
                continue;
            }
            break;
        case '[':
            failure = begin(r, RUNNER_ARRAY);
            if (!failure && next(r) != ']') continue;
            break;
        case 't': failure = word(r, RUNNER_TRUE, "true", 4); break;
        case 'f': failure = word(r, RUNNER_FALSE, "false", 5); break;
        case 'n': failure = word(r, RUNNER_NULL, "null", 4); break;
        default: failure = number(r);
        }
        if (!failure) failure = end(r);
    } while (!failure && r->open >= 0);
    if (failure) return failure;
    skip_space(r);
    return r->at == count ? r->used : RUNNER_NOT_JSON;
}

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

FAST int64_t runner_unescape(const uint8_t *bytes, int64_t count, uint8_t *text) {
    int64_t at = 0, to = 0;
    // Whole blocks are copied, of which what comes too early is written over: `to` is never ahead of `at`, and `at` two
    // blocks before the end of both.
    while (at + 2 * BLOCK <= count) {
        int64_t base = at;
        block some;
        memcpy(&some, bytes + at, BLOCK);
        memcpy(text + to, &some, BLOCK);
        for (uint64_t left = MASK(some == '\\'); left; left = from(at, base, left)) {
            int64_t stop = base + __builtin_ctzll(left);
            to += stop - at;
            at = stop;
            take(bytes, count, text, &at, &to);
            if (at < base + BLOCK) memcpy(text + to, bytes + at, BLOCK);
        }
        if (at < base + BLOCK) {
            to += base + BLOCK - at;
            at = base + BLOCK;
        }
    }
    while (at < count) {
        if (bytes[at] == '\\') take(bytes, count, text, &at, &to);
        else text[to++] = bytes[at++];
    }
    return to;
}
