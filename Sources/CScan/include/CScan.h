// JSON, 64 bytes at a time: for what Swift has no instructions, vectors made into bit masks. No state, no memory of its
// own; nothing outside of what a caller names is read or written.
#ifndef RUNNER_CSCAN_H
#define RUNNER_CSCAN_H

#include <stdint.h>

enum runner_kind {
    RUNNER_NULL, RUNNER_TRUE, RUNNER_FALSE, RUNNER_INTEGER, RUNNER_NUMBER, RUNNER_STRING, RUNNER_ARRAY, RUNNER_OBJECT
};

struct runner_node {
    uint32_t kind; // enum runner_kind
    // Where the value's bytes are, and how many; of a string without its quotes.
    int32_t start, count;
    // Of a list or an object the index after all that it holds; of a string how many bytes its escapes are longer than
    // what they stand for.
    int32_t link;
};

// Deeper documents are refused: whoever walks through a value may do so by recursion.
#define RUNNER_MAXIMUM_DEPTH 128
#define RUNNER_NOT_JSON (-1)
#define RUNNER_NO_ROOM (-2)

// Checks that `count` bytes (INT32_MAX at most) are one JSON value by RFC 8259 with space around it at most, a byte order
// mark before it allowed, and notes its values and keys, in their order: how many there are, RUNNER_NOT_JSON, or
// RUNNER_NO_ROOM when there are more than `room`. Half a surrogate pair and bytes that are not UTF-8 are let through.
int64_t runner_read_json(const uint8_t *bytes, int64_t count, struct runner_node *nodes, int64_t room);

// Whether `node`, a string, stands for the `count` bytes of `word`: ASCII, 80 at most.
int runner_is(const uint8_t *bytes, const struct runner_node *node, const uint8_t *word, int64_t count);

// The index of what the member `key`, a word as above, of the object at the index `object` is; -1 where it has none. Of
// repeated keys the last one counts.
int64_t runner_member(
    const uint8_t *bytes, const struct runner_node *nodes, int64_t object, const uint8_t *key, int64_t count);

// Writes what the inside of a string that was read stands for to `text`, which has room for `count` bytes; how many were
// written. U+0000 and half a surrogate pair become U+FFFD.
int64_t runner_unescape(const uint8_t *bytes, int64_t count, uint8_t *text);

// The same, as it is done on processors that cannot do it faster; for tests.
int64_t runner_unescape_plainly(const uint8_t *bytes, int64_t count, uint8_t *text);

#endif
