#include "marks.h"

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "the count is the lower half");

// Whether both have the same `count` bytes, most often fewer than a call of memcmp would take to begin.
INLINE int same(const uint8_t *a, const uint8_t *b, int64_t count) {
    uint64_t x, y;
    uint32_t v, w;
    if (count >= 8) {
        for (int64_t i = 0; i < count - 8; i += 8) {
            memcpy(&x, a + i, 8);
            memcpy(&y, b + i, 8);
            if (x != y) return 0;
        }
        memcpy(&x, a + count - 8, 8);
        memcpy(&y, b + count - 8, 8);
        return x == y;
    }
    if (count >= 4) {
        memcpy(&v, a, 4);
        memcpy(&w, b, 4);
        if (v != w) return 0;
        memcpy(&v, a + count - 4, 4);
        memcpy(&w, b + count - 4, 4);
        return v == w;
    }
    for (int64_t i = 0; i < count; i++)
        if (a[i] != b[i]) return 0;
    return 1;
}

// Whether `node`, a string with escapes, stands for the `count` bytes of `word`.
static int means(const uint8_t *bytes, const struct runner_node *node, const uint8_t *word, int64_t count) {
    uint8_t text[512];
    if (node->count - node->link != count || node->count > (int32_t)sizeof text) return 0;
    return runner_unescape(bytes + node->start, node->count, text) == count && memcmp(text, word, count) == 0;
}

// Whether `node`, a string, stands for the `count` bytes of `word`.
INLINE int is(const uint8_t *bytes, const struct runner_node *node, const uint8_t *word, int64_t count) {
    // The count and the link, which is 0 unless there are escapes, at once.
    uint64_t size;
    memcpy(&size, &node->count, sizeof size);
    if (size == (uint64_t)count) return same(bytes + node->start, word, count);
    return __builtin_expect(size >> 32 != 0, 0) && means(bytes, node, word, count);
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
