// Linux calls that Glibc's Swift module does not offer: variadic and macro-only interfaces. No logic.
#ifndef RUNNER_CPLATFORM_H
#define RUNNER_CPLATFORM_H

// Not compiled with _GNU_SOURCE: types such as fd_set would then differ from those of the Glibc module.
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <spawn.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

static inline int runner_open(const char *path, int flags, mode_t mode) { return open(path, flags, mode); }

static inline int runner_openat(int directory, const char *path, int flags, mode_t mode) {
    return openat(directory, path, flags, mode);
}

static inline int runner_set_subreaper(void) { return prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0); }

static inline int runner_set_parent_death_signal(int signal) { return prctl(PR_SET_PDEATHSIG, signal, 0, 0, 0); }

static inline int runner_pidfd_open(pid_t pid) { return (int)syscall(SYS_pidfd_open, pid, 0); }

static inline int runner_renameat2_noreplace(const char *from, const char *to) {
    return (int)syscall(SYS_renameat2, AT_FDCWD, from, AT_FDCWD, to, 1 /* RENAME_NOREPLACE */);
}

static inline int runner_memfd_create(const char *name) {
    return (int)syscall(SYS_memfd_create, name, 3U /* MFD_CLOEXEC | MFD_ALLOW_SEALING */);
}

static inline int runner_seal_memfd(int descriptor) {
    return fcntl(descriptor, 1033 /* F_ADD_SEALS */, 15 /* seal, shrink, grow, write */);
}

static inline int runner_terminal_width(int descriptor) {
    struct winsize size;
    return ioctl(descriptor, TIOCGWINSZ, &size) == 0 ? size.ws_col : 0;
}

// Swift marks fork unavailable; the shim is single-threaded, where it is sound.
static inline pid_t runner_fork(void) { return fork(); }

// The same with the child in the cgroup whose open folder is given; clone3(2), Linux 5.7. To move it there later waits for
// every processor, 10 ms and more.
pid_t runner_fork_into(int cgroup);

static inline int runner_close_range_from(unsigned int first) {
    return (int)syscall(SYS_close_range, first, ~0U, 0U);
}

static inline int runner_pidfd_send_signal(int pidfd, int signal) {
    return (int)syscall(SYS_pidfd_send_signal, pidfd, signal, 0, 0);
}

static inline int runner_signalfd(const sigset_t *signals) {
    return signalfd(-1, signals, SFD_NONBLOCK | SFD_CLOEXEC);
}

// For all signals: glibc refuses the two that it uses itself, but a parent may have left them ignored.
static inline int runner_reset_signal(int signal) {
    unsigned long zero[8] = {0}; // the kernel's sigaction with SIG_DFL, no flags, no mask
    return (int)syscall(SYS_rt_sigaction, signal, zero, 0, 8);
}

static inline int runner_set_nonblocking(int descriptor, int on) {
    int flags = fcntl(descriptor, F_GETFL);
    return flags < 0 ? -1 : fcntl(descriptor, F_SETFL, on ? flags | O_NONBLOCK : flags & ~O_NONBLOCK);
}

// Bytes in a pipe that nobody has read yet, asked at either end; -1 when it is no pipe.
static inline int runner_bytes_waiting(int descriptor) {
    int count = 0;
    return ioctl(descriptor, FIONREAD, &count) == 0 ? count : -1;
}

// GNU extensions, wrapped in platform.c.
int runner_pipe(int ends[2]); // both close on exec, without a gap in which another thread could fork
short runner_spawn_setsid_flag(void);
int runner_spawn_add_close_from(posix_spawn_file_actions_t *actions, int first);
// Moves up to `length` bytes from a pipe to where `file` stands; -1 with EAGAIN when the pipe is empty.
ssize_t runner_splice(int pipe, int file, size_t length);
// Gives the disk space of a stretch back and leaves the file's length as it is; -1 with EOPNOTSUPP where it cannot.
int runner_punch(int file, off_t offset, off_t length);
// Waits for less than a second until `descriptor` can be read; 0 when that did not happen.
int runner_wait_readable(int descriptor, long microseconds);
int runner_set_pipe_size(int pipe, int bytes);
const void *runner_memmem(const void *haystack, size_t length, const void *needle, size_t needle_length);

// Calls on files that Swift's Glibc module does not declare, in files.c.
// The id of the mount that holds `name` beneath `directory` (with an empty name: `directory` itself), no link followed.
int runner_mount_id(int directory, const char *name, uint64_t *id);
// When the open file was made, in seconds since the epoch.
int runner_birth_time(int descriptor, int64_t *seconds);
// Opens a place without access to its content (O_PATH), closed on exec.
int runner_open_path(int directory, const char *name, int flags);
int runner_syncfs(int descriptor);
// Converts text between encodings (iconv); the number of bytes written, or -1 where it cannot be said whole.
long runner_convert(const char *to, const char *from, const char *text, size_t length, char *result, size_t capacity);
// Opens a directory beneath `root`; a link anywhere in the path is refused where the kernel can say so (Linux 5.6).
int runner_open_beneath(int root, const char *path);
// Gives the calling thread a lower processor priority (19 is the lowest) and, where asked, the disk only when it is idle.
void runner_yield_to_others(int nice, int idle_disk);
// Makes `to` share the blocks of `from` (FICLONE); -1 where the file system cannot.
int runner_clone_file(int to, int from);
// 1 when the file may not be changed or may only grow (chattr +i, +a), 0 when not or unknown, -1 with errno.
int runner_is_immutable(int directory, const char *name);
// Lets the kernel begin to write a part of a file to the disk; only a hint.
int runner_start_writeback(int descriptor, int64_t offset, int64_t length);
// Extended attributes; the names end in zero bytes.
int runner_set_attribute(const char *path, const char *name, const void *value, size_t size);
ssize_t runner_list_attributes(int descriptor, char *names, size_t size);
// O_TMPFILE: a file without a name.
int runner_tmpfile_flag(void);
// Writes a file's dirty pages back and waits, which makes the next store through a mapping show in its times.
int runner_finish_writeback(int descriptor);
// Unix sockets (unix(7)): hands an open descriptor to the other side with one byte; -1 with errno.
int runner_send_descriptor(int socket, int descriptor);
// Takes it, closed on exec; -1 when what came was none.
int runner_receive_descriptor(int socket);
// accept4 and dup3 with what is made closed on exec.
int runner_accept(int listener);
int runner_replace_descriptor(int from, int to);
// The user on the other side when it connected (SO_PEERCRED); -1 with errno.
int runner_peer_user(int socket, uid_t *user);
// The magic number of the file system, as in statfs(2).
int runner_file_system_type(int descriptor, int64_t *type);

#endif
