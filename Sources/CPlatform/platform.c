#define _GNU_SOURCE
#include "CPlatform.h"

#include <string.h>

int runner_pipe(int ends[2]) { return pipe2(ends, O_CLOEXEC); }

short runner_spawn_setsid_flag(void) { return POSIX_SPAWN_SETSID; }

int runner_spawn_add_close_from(posix_spawn_file_actions_t *actions, int first) {
    return posix_spawn_file_actions_addclosefrom_np(actions, first);
}

const void *runner_memmem(const void *haystack, size_t length, const void *needle, size_t needle_length) {
    return memmem(haystack, length, needle, needle_length);
}
