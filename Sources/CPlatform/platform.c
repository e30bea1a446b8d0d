#define _GNU_SOURCE
#include "CPlatform.h"

#include <iconv.h>
#include <linux/sched.h>
#include <poll.h>
#include <string.h>

pid_t runner_fork_into(int cgroup) {
    struct clone_args arguments = {
        .flags = CLONE_INTO_CGROUP, .exit_signal = SIGCHLD, .cgroup = (unsigned long long)cgroup};
    return (pid_t)syscall(SYS_clone3, &arguments, sizeof arguments);
}

int runner_pipe(int ends[2]) { return pipe2(ends, O_CLOEXEC); }

short runner_spawn_setsid_flag(void) { return POSIX_SPAWN_SETSID; }

int runner_spawn_add_close_from(posix_spawn_file_actions_t *actions, int first) {
    return posix_spawn_file_actions_addclosefrom_np(actions, first);
}

ssize_t runner_splice(int pipe, int file, size_t length) {
    return splice(pipe, NULL, file, NULL, length, SPLICE_F_MOVE | SPLICE_F_NONBLOCK);
}

int runner_punch(int file, off_t offset, off_t length) {
    return fallocate(file, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, offset, length);
}

int runner_wait_readable(int descriptor, long microseconds) {
    struct pollfd one = {.fd = descriptor, .events = POLLIN};
    struct timespec limit = {.tv_sec = 0, .tv_nsec = microseconds * 1000};
    return ppoll(&one, 1, &limit, NULL);
}

int runner_set_pipe_size(int pipe, int bytes) { return fcntl(pipe, F_SETPIPE_SZ, bytes); }

const void *runner_memmem(const void *haystack, size_t length, const void *needle, size_t needle_length) {
    return memmem(haystack, length, needle, needle_length);
}

long runner_convert(const char *to, const char *from, const char *text, size_t length, char *result, size_t capacity) {
    iconv_t converter = iconv_open(to, from);
    if (converter == (iconv_t)-1) return -1;
    char *input = (char *)text;
    size_t left = capacity;
    size_t irreversible = iconv(converter, &input, &length, &result, &left);
    iconv_close(converter);
    return irreversible == (size_t)-1 || length > 0 ? -1 : (long)(capacity - left);
}
