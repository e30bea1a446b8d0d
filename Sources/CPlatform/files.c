#define _GNU_SOURCE
#include "CPlatform.h"

#include <linux/fs.h>
#include <linux/openat2.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <sys/vfs.h>
#include <sys/xattr.h>

// Here and not in the header: Swift's Glibc module is built without the declarations of these calls.

int runner_mount_id(int directory, const char *name, uint64_t *id) {
    struct statx facts;
    if (statx(directory, name, AT_EMPTY_PATH | AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT, STATX_MNT_ID, &facts) != 0) return -1;
    if (!(facts.stx_mask & STATX_MNT_ID)) {
        errno = ENOTSUP;
        return -1;
    }
    *id = facts.stx_mnt_id;
    return 0;
}

int runner_is_immutable(int directory, const char *name) {
    struct statx facts;
    if (statx(directory, name, AT_EMPTY_PATH | AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT, STATX_TYPE, &facts) != 0) return -1;
    return (facts.stx_attributes & (STATX_ATTR_IMMUTABLE | STATX_ATTR_APPEND)) != 0;
}

int runner_birth_time(int descriptor, int64_t *seconds) {
    struct statx facts;
    if (statx(descriptor, "", AT_EMPTY_PATH, STATX_BTIME, &facts) != 0) return -1;
    if (!(facts.stx_mask & STATX_BTIME)) {
        errno = ENOTSUP;
        return -1;
    }
    *seconds = facts.stx_btime.tv_sec;
    return 0;
}

int runner_open_path(int directory, const char *name, int flags) {
    return openat(directory, name, O_PATH | O_CLOEXEC | flags);
}

int runner_syncfs(int descriptor) { return syncfs(descriptor); }

int runner_open_beneath(int root, const char *path) {
    struct open_how how = {
        .flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC, .resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS};
    int descriptor = (int)syscall(SYS_openat2, root, path, &how, sizeof how);
    if (descriptor >= 0 || (errno != ENOSYS && errno != EPERM)) return descriptor;
    return openat(root, path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
}

int runner_clone_file(int to, int from) { return ioctl(to, FICLONE, from); }

void runner_yield_to_others(int nice, int idle_disk) {
    long thread = syscall(SYS_gettid);
    setpriority(PRIO_PROCESS, (id_t)thread, nice);
    if (idle_disk) syscall(SYS_ioprio_set, 1 /* IOPRIO_WHO_PROCESS */, thread, 3 << 13 /* IOPRIO_CLASS_IDLE */);
}

int runner_start_writeback(int descriptor, int64_t offset, int64_t length) {
    return sync_file_range(descriptor, offset, length, SYNC_FILE_RANGE_WRITE);
}

int runner_finish_writeback(int descriptor) {
    return sync_file_range(descriptor, 0, 0, SYNC_FILE_RANGE_WAIT_BEFORE | SYNC_FILE_RANGE_WRITE | SYNC_FILE_RANGE_WAIT_AFTER);
}

int runner_file_system_type(int descriptor, int64_t *type) {
    struct statfs facts;
    if (fstatfs(descriptor, &facts) != 0) return -1;
    *type = (int64_t)facts.f_type;
    return 0;
}

int runner_tmpfile_flag(void) { return O_TMPFILE; }

int runner_set_attribute(const char *path, const char *name, const void *value, size_t size) {
    return lsetxattr(path, name, value, size, 0);
}

ssize_t runner_list_attributes(int descriptor, char *names, size_t size) { return flistxattr(descriptor, names, size); }
