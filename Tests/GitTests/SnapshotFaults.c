// A preload library that lets one call of a kind fail: FAULT_CALLS is a list of names, FAULT_AT the number of the call
// (from 1; 0 lets none fail), FAULT_ERRNO the error, FAULT_STICKY=1 lets all later ones fail too. FAULT_LOG names a file
// that gets the number of calls seen.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

static atomic_long seen;
static long at;
static int error, sticky;
static const char *calls = "";

__attribute__((constructor)) static void start(void) {
    const char *text = getenv("FAULT_AT");
    at = text ? atol(text) : 0;
    text = getenv("FAULT_ERRNO");
    error = text ? atoi(text) : EIO;
    sticky = getenv("FAULT_STICKY") != NULL;
    if (getenv("FAULT_CALLS")) calls = getenv("FAULT_CALLS");
}

__attribute__((destructor)) static void end(void) {
    const char *path = getenv("FAULT_LOG");
    if (!path) return;
    char line[32];
    int length = snprintf(line, sizeof line, "%ld\n", (long)seen);
    int file = (int)syscall(SYS_openat, AT_FDCWD, path, O_WRONLY | O_CREAT | O_TRUNC, 0644);
    if (file >= 0) {
        syscall(SYS_write, file, line, length);
        syscall(SYS_close, file);
    }
}

static int fails(const char *name) {
    const char *found = strstr(calls, name);
    size_t length = strlen(name);
    while (found && !((found == calls || found[-1] == ',') && (found[length] == ',' || !found[length])))
        found = strstr(found + 1, name);
    if (!found) return 0;
    long number = atomic_fetch_add(&seen, 1) + 1;
    if (!at || (sticky ? number < at : number != at)) return 0;
    errno = error;
    return 1;
}

// What is printed for the test is not what is tested.
static int is_standard(int file) { return file <= 2; }

#define REAL(name) ((__typeof__(name) *)dlsym(RTLD_NEXT, #name))

static int writes(int flags) { return (flags & O_ACCMODE) != O_RDONLY; }

#define OPEN_BODY(call)                                                                                        \
    mode_t mode = 0;                                                                                           \
    if (flags & (O_CREAT | O_TMPFILE)) {                                                                       \
        va_list list;                                                                                          \
        va_start(list, flags);                                                                                 \
        mode = va_arg(list, mode_t);                                                                           \
        va_end(list);                                                                                          \
    }                                                                                                          \
    if (fails("open")) return -1;                                                                              \
    if (writes(flags) && fails("create")) return -1;                                                           \
    return call;

int open(const char *path, int flags, ...) { OPEN_BODY((int)syscall(SYS_openat, AT_FDCWD, path, flags, mode)) }
int open64(const char *path, int flags, ...) { OPEN_BODY((int)syscall(SYS_openat, AT_FDCWD, path, flags, mode)) }
int openat(int at, const char *path, int flags, ...) { OPEN_BODY((int)syscall(SYS_openat, at, path, flags, mode)) }
int openat64(int at, const char *path, int flags, ...) { OPEN_BODY((int)syscall(SYS_openat, at, path, flags, mode)) }

ssize_t write(int file, const void *bytes, size_t count) {
    if (!is_standard(file) && fails("write")) return -1;
    return syscall(SYS_write, file, bytes, count);
}
ssize_t writev(int file, const struct iovec *parts, int count) {
    if (!is_standard(file) && fails("write")) return -1;
    return syscall(SYS_writev, file, parts, count);
}
ssize_t pwrite(int file, const void *bytes, size_t count, off_t offset) {
    if (fails("write")) return -1;
    return syscall(SYS_pwrite64, file, bytes, count, offset);
}
ssize_t pwrite64(int file, const void *bytes, size_t count, off_t offset) { return pwrite(file, bytes, count, offset); }
ssize_t read(int file, void *bytes, size_t count) {
    if (!is_standard(file) && fails("read")) return -1;
    return syscall(SYS_read, file, bytes, count);
}
ssize_t pread(int file, void *bytes, size_t count, off_t offset) {
    if (fails("read")) return -1;
    return syscall(SYS_pread64, file, bytes, count, offset);
}
ssize_t pread64(int file, void *bytes, size_t count, off_t offset) { return pread(file, bytes, count, offset); }
int fsync(int file) { return fails("fsync") ? -1 : (int)syscall(SYS_fsync, file); }
int fdatasync(int file) { return fails("fsync") ? -1 : (int)syscall(SYS_fdatasync, file); }
int syncfs(int file) { return fails("fsync") ? -1 : (int)syscall(SYS_syncfs, file); }
int ftruncate(int file, off_t size) { return fails("write") ? -1 : (int)syscall(SYS_ftruncate, file, size); }
int ftruncate64(int file, off_t size) { return ftruncate(file, size); }
int rename(const char *from, const char *to) {
    return fails("rename") ? -1 : (int)syscall(SYS_renameat2, AT_FDCWD, from, AT_FDCWD, to, 0);
}
int renameat(int a, const char *from, int b, const char *to) {
    return fails("rename") ? -1 : (int)syscall(SYS_renameat2, a, from, b, to, 0);
}
int link(const char *from, const char *to) {
    return fails("rename") ? -1 : (int)syscall(SYS_linkat, AT_FDCWD, from, AT_FDCWD, to, 0);
}
int linkat(int a, const char *from, int b, const char *to, int flags) {
    return fails("rename") ? -1 : (int)syscall(SYS_linkat, a, from, b, to, flags);
}
int mkdir(const char *path, mode_t mode) {
    return fails("create") ? -1 : (int)syscall(SYS_mkdirat, AT_FDCWD, path, mode);
}
int mkdirat(int at, const char *path, mode_t mode) { return fails("create") ? -1 : (int)syscall(SYS_mkdirat, at, path, mode); }
int unlinkat(int at, const char *path, int flags) { return fails("unlink") ? -1 : (int)syscall(SYS_unlinkat, at, path, flags); }
int unlink(const char *path) { return fails("unlink") ? -1 : (int)syscall(SYS_unlinkat, AT_FDCWD, path, 0); }
int rmdir(const char *path) { return fails("unlink") ? -1 : (int)syscall(SYS_unlinkat, AT_FDCWD, path, AT_REMOVEDIR); }

// renameat2 is called by number; its name is that of the system call.
long syscall(long number, ...) {
    va_list list;
    va_start(list, number);
    long a[6];
    for (int i = 0; i < 6; i++) a[i] = va_arg(list, long);
    va_end(list);
    static __typeof__(syscall) *real;
    if (!real) real = REAL(syscall);
    if (number == SYS_renameat2 && a[4] != 0 && fails("rename")) return -1;
    return real(number, a[0], a[1], a[2], a[3], a[4], a[5]);
}
