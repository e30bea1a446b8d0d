#include "marks.h"

// What is read: `end` is that without the space there.
struct reader {
    const uint8_t *bytes, *end;
    // The block that was looked at last, and in it the quotes that nothing escapes, control characters and backslashes
    // that escape something.
    const uint8_t *base;
    uint64_t stops;
};

// Where the next node goes, apart from the reader so that it is kept in a register.
struct place {
    const uint8_t *bytes;
    struct runner_node *node;
};

INLINE int isSpace(uint8_t byte) { return byte == ' ' || byte == '\t' || byte == '\n' || byte == '\r'; }

// The next byte that is not space; there must be one.
INLINE const uint8_t *next(const uint8_t *at) {
    if (__builtin_expect(*at > ' ', 1)) return at;
    while (isSpace(*at)) at++;
    return at;
}

// Notes a value or a key; there must be room.
INLINE void note(struct place *p, enum runner_kind kind, const uint8_t *start, const uint8_t *end, int64_t link) {
    struct runner_node *node = p->node++;
    node->kind = kind;
    node->start = (int32_t)(start - p->bytes);
    node->count = (int32_t)(end - start);
    node->link = (int32_t)link;
}

// Looks at the block at `at`, where something must be left.
FAST void runner_look(struct reader *r, const uint8_t *at) {
    struct marks found = r->end - at >= BLOCK ? marks(at, 0) : last(r->bytes, at - r->bytes, r->end - r->bytes);
    r->base = at;
    r->stops = found.stops | found.simple;
}

// The quote behind the string whose inside begins at `at`, null where there is none; `saved` becomes how many bytes its
// escapes are longer than what they stand for. Most bytes are in long strings.
WIDE const uint8_t *runner_string_end(struct reader *r, const uint8_t *at, int64_t *saved) {
    for (;;) {
        struct marks found = {0, 0};
        for (; r->end - at >= BLOCK; at += BLOCK) {
            found = marks(at, 0);
            if (found.stops) break;
            *saved += __builtin_popcountll(found.simple);
        }
        if (at >= r->end) return 0;
        if (r->end - at < BLOCK) found = last(r->bytes, at - r->bytes, r->end - r->bytes);
        r->base = at;
        r->stops = found.stops | found.simple;
        while (at - r->base < BLOCK) {
            int64_t offset = at - r->base;
            uint64_t stops = found.stops >> offset;
            *saved += __builtin_popcountll(found.simple >> offset & (stops - 1) & ~stops);
            at = stops ? at + __builtin_ctzll(stops) : r->base + BLOCK;
            if (!stops) break;
            if (*at == '"') return at;
            int64_t length = *at == '\\' ? escape(at, r->end - at, saved) : 0;
            if (!length) return 0;
            at += length;
        }
    }
}

// The functions from here on take a value that begins at `at`, and say where it ended; null where it is none.

// Of a string, `start` is behind the quote. Most are short and have no escapes.
INLINE const uint8_t *string(struct reader *r, struct place *p, const uint8_t *start) {
    const uint8_t *at = start;
    uint64_t offset = start - r->base, stops = 0;
    if (__builtin_expect(offset < BLOCK, 1)) {
        stops = r->stops >> offset;
        if (!stops) at = r->base + BLOCK;
    }
    if (!stops) {
        if (at >= r->end) return 0;
        runner_look(r, at);
        stops = r->stops;
    }
    if (__builtin_expect(stops != 0, 1)) at += __builtin_ctzll(stops);
    if (__builtin_expect(stops && *at == '"', 1)) {
        note(p, RUNNER_STRING, start, at, 0);
        return at + 1;
    }
    int64_t saved = 0;
    at = runner_string_end(r, start, &saved);
    if (!at) return 0;
    note(p, RUNNER_STRING, start, at, saved);
    return at + 1;
}

INLINE const uint8_t *word(const struct reader *r, struct place *p, const uint8_t *at, enum runner_kind kind, const char *word, int64_t count) {
    if (r->end - at < count || memcmp(at, word, count) != 0) return 0;
    note(p, kind, at, at + count, 0);
    return at + count;
}

// Behind the digits at `at`; null where there are none.
INLINE const uint8_t *digits(const struct reader *r, const uint8_t *at) {
    const uint8_t *start = at;
    while (at < r->end && (uint8_t)(*at - '0') < 10) at++;
    return at > start ? at : 0;
}

INLINE const uint8_t *number(const struct reader *r, struct place *p, const uint8_t *at) {
    enum runner_kind kind = RUNNER_INTEGER;
    const uint8_t *start = at, *first = at + (*at == '-');
    at = digits(r, first);
    if (!at || (at - first > 1 && *first == '0')) return 0;
    if (at < r->end && *at == '.') {
        kind = RUNNER_NUMBER;
        at = digits(r, at + 1);
        if (!at) return 0;
    }
    if (at < r->end && (*at == 'e' || *at == 'E')) {
        kind = RUNNER_NUMBER;
        at++;
        at = digits(r, at + (at < r->end && (*at == '+' || *at == '-')));
        if (!at) return 0;
    }
    note(p, kind, start, at, 0);
    return at;
}

INLINE const uint8_t *other(const struct reader *r, struct place *p, const uint8_t *at) {
    if (*at == 't') return word(r, p, at, RUNNER_TRUE, "true", 4);
    if (*at == 'f') return word(r, p, at, RUNNER_FALSE, "false", 5);
    if (*at == 'n') return word(r, p, at, RUNNER_NULL, "null", 4);
    return number(r, p, at);
}

int64_t runner_read_json(const uint8_t *bytes, int64_t count, struct runner_node *nodes, int64_t room) {
    struct reader reader = {.bytes = bytes, .end = bytes + count}, *r = &reader;
    struct place place = {bytes, nodes}, *p = &place;
    const struct runner_node *limit = nodes + room;
    // The innermost list or object that is open; while it is, its link is the one around it. And what ends that.
    int32_t open = -1;
    uint8_t closer = 0;
    int depth = 0;
    const uint8_t *at = bytes;
    if (count >= 3 && at[0] == 0xEF && at[1] == 0xBB && at[2] == 0xBF) at += 3;
    while (r->end > at && isSpace(r->end[-1])) r->end--;
    while (at < r->end && isSpace(*at)) at++;
    if (at >= r->end) return RUNNER_NOT_JSON;
    runner_look(r, at);
    if (*at != '{' && *at != '[') {
        if (!room) return RUNNER_NO_ROOM;
        at = *at == '"' ? string(r, p, at + 1) : other(r, p, at);
        return at == r->end ? 1 : RUNNER_NOT_JSON;
    }
    // At the end of all there is the end of the outermost list or object: nothing in it has to look out for that but what
    // is behind another end.
    if (r->end[-1] != *at + 2) return RUNNER_NOT_JSON;
value:
    if (__builtin_expect(p->node >= limit, 0)) return RUNNER_NO_ROOM;
    at = next(at);
    if (__builtin_expect(*at == '"', 1)) {
        at = string(r, p, at + 1);
    } else if (*at == '{' || *at == '[') {
        closer = *at + 2;
        note(p, closer == '}' ? RUNNER_OBJECT : RUNNER_ARRAY, at, at, open);
        open = (int32_t)(p->node - 1 - nodes);
        depth++;
        at = next(at + 1);
        if (*at == closer) goto end;
        if (depth >= RUNNER_MAXIMUM_DEPTH) return RUNNER_NOT_JSON;
        if (closer == '}') goto key;
        goto value;
    } else {
        at = other(r, p, at);
    }
    if (!at) return RUNNER_NOT_JSON;
behind:
    at = next(at);
    if (*at == ',') {
        at++;
        if (closer == ']') goto value;
    key:
        at = next(at);
        if (*at != '"') return RUNNER_NOT_JSON;
        if (__builtin_expect(p->node >= limit, 0)) return RUNNER_NO_ROOM;
        at = string(r, p, at + 1);
        if (!at) return RUNNER_NOT_JSON;
        at = next(at);
        if (*at != ':') return RUNNER_NOT_JSON;
        at++;
        goto value;
    }
    if (*at != closer) return RUNNER_NOT_JSON;
end:
    at++;
    depth--;
    struct runner_node *ended = nodes + open;
    open = ended->link;
    ended->count = (int32_t)(at - bytes) - ended->start;
    ended->link = (int32_t)(p->node - nodes);
    if (open < 0) return at == r->end ? p->node - nodes : RUNNER_NOT_JSON;
    if (at >= r->end) return RUNNER_NOT_JSON;
    closer = nodes[open].kind == RUNNER_OBJECT ? '}' : ']';
    goto behind;
}
