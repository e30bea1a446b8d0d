// zlib, which libgit2 brings along: what packs are made of.
#ifndef RUNNER_CZLIB_SHIM_H
#define RUNNER_CZLIB_SHIM_H

#include <zlib.h>

// Macros with a size of their own that Swift cannot import.
static inline int runner_deflate_init(z_stream *stream, int level) { return deflateInit(stream, level); }

static inline int runner_inflate_init(z_stream *stream) { return inflateInit(stream); }

#endif
