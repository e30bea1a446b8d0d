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
    // What ends that.
    uint8_t closer;
};

// The next byte that is not space, without taking it; 0, which begins and ends nothing, where there is none.
INLINE uint8_t next(struct reader *r) {
    for (; r->at < r->count; r->at++) {
        uint8_t byte = r->bytes[r->at];
        if (__builtin_expect(byte > ' ', 1)) return byte;
        if (byte != ' ' && byte != '\t' && byte != '\n' && byte != '\r') return byte;
    }
    return 0;
}

// The functions from here on give 0 for success, RUNNER_NOT_JSON or RUNNER_NO_ROOM.

INLINE int64_t note(struct reader *r, enum runner_kind kind, int64_t start, int64_t end, int64_t link) {
    if (r->used >= r->room) return RUNNER_NO_ROOM;
    r->nodes[r->used++] = (struct runner_node){kind, (int32_t)start, (int32_t)end, (int32_t)link};
    return 0;
}

INLINE int64_t string(struct reader *r) {
    int64_t start = ++r->at, at = start, saved = 0;
    for (;;) {
        if (at - r->base >= BLOCK) {
            // Most bytes are in long strings.
            for (r->base = at; r->base + BLOCK <= r->count; r->base += BLOCK) {
                r->marks = marks(r->bytes + r->base, 0);
                if (r->marks.stops) break;
                saved += __builtin_popcountll(r->marks.simple);
            }
            if (r->base >= r->count) return RUNNER_NOT_JSON;
            if (r->base + BLOCK > r->count) r->marks = last(r->bytes, r->base, r->count);
            at = r->base;
        }
        uint64_t stops = r->marks.stops >> (at - r->base), simple = r->marks.simple >> (at - r->base);
        if (!stops) {
            saved += __builtin_popcountll(simple);
            at = r->base + BLOCK;
            continue;
        }
        if (simple) saved += __builtin_popcountll(simple & (stops - 1) & ~stops);
        at += __builtin_ctzll(stops);
        if (r->bytes[at] != '\\') break;
        int64_t length = escape(r->bytes + at, r->count - at, &saved);
        if (!length) return RUNNER_NOT_JSON;
        at += length;
    }
    if (r->bytes[at] != '"') return RUNNER_NOT_JSON;
    r->at = at + 1;
    return note(r, RUNNER_STRING, start, at, saved);
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
    r->open = r->used - 1;
    r->closer = kind == RUNNER_OBJECT ? '}' : ']';
    r->depth++;
    r->at++;
    return failure;
}

INLINE void end(struct reader *r) {
    struct runner_node *node = r->nodes + r->open;
    r->open = node->link;
    r->closer = r->open < 0 ? 0 : r->nodes[r->open].kind == RUNNER_OBJECT ? '}' : ']';
    r->depth--;
    node->end = (int32_t)r->at;
    node->link = (int32_t)r->used;
}

FAST int64_t runner_read_json(const uint8_t *bytes, int64_t count, struct runner_node *nodes, int64_t room) {
    struct reader reader = {
        .bytes = bytes, .count = count, .nodes = nodes, .room = room, .base = -BLOCK, .open = -1,
    }, *r = &reader;
    if (count >= 3 && memcmp(bytes, "\xEF\xBB\xBF", 3) == 0) r->at = 3;
    int64_t failure = 0;
    uint8_t byte;
value:
    byte = next(r);
    if (byte == '"') {
        failure = string(r);
    } else if (byte == '{' || byte == '[') {
        failure = begin(r, byte == '{' ? RUNNER_OBJECT : RUNNER_ARRAY);
        if (!failure && next(r) != r->closer) {
            if (r->depth >= RUNNER_MAXIMUM_DEPTH) return RUNNER_NOT_JSON;
            if (byte == '[') goto value;
            goto key;
        }
    } else if (byte == 't') {
        failure = word(r, RUNNER_TRUE, "true", 4);
    } else if (byte == 'f') {
        failure = word(r, RUNNER_FALSE, "false", 5);
    } else if (byte == 'n') {
        failure = word(r, RUNNER_NULL, "null", 4);
    } else {
        failure = number(r);
    }
    if (failure) return failure;
    while (r->open >= 0) {
        byte = next(r);
        r->at++;
        if (byte == ',') {
            if (r->closer == ']') goto value;
            goto key;
        }
        if (byte != r->closer) return RUNNER_NOT_JSON;
        end(r);
    }
    next(r);
    return r->at == count ? r->used : RUNNER_NOT_JSON;
key:
    if (next(r) != '"') return RUNNER_NOT_JSON;
    failure = string(r);
    if (failure) return failure;
    if (next(r) != ':') return RUNNER_NOT_JSON;
    r->at++;
    goto value;
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

// Whether `node`, a string, stands for the `count` bytes of `word`.
INLINE int is(const uint8_t *bytes, const struct runner_node *node, const uint8_t *word, int64_t count) {
    int64_t raw = node->end - node->start;
    if (raw - node->link != count) return 0;
    if (!node->link) return memcmp(bytes + node->start, word, count) == 0;
    uint8_t text[512];
    if (raw > (int64_t)sizeof text) return 0;
    return runner_unescape(bytes + node->start, raw, text) == count && memcmp(text, word, count) == 0;
}

int runner_is(const uint8_t *bytes, const struct runner_node *node, const uint8_t *word, int64_t count) {
    return is(bytes, node, word, count);
}

int64_t runner_member(
    const uint8_t *bytes, const struct runner_node *nodes, int64_t object, const uint8_t *key, int64_t count
) {
    int64_t found = -1;
    const struct runner_node *end = nodes + nodes[object].link;
    for (const struct runner_node *name = nodes + object + 1; name < end;) {
        if (is(bytes, name, key, count)) found = name + 1 - nodes;
        name = name[1].kind >= RUNNER_ARRAY ? nodes + name[1].link : name + 2;
    }
    return found;
}
