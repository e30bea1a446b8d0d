#include "marks.h"

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
