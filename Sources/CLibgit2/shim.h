// What Swift cannot import from libgit2: variadic functions and initialiser macros.
#ifndef RUNNER_CLIBGIT2_SHIM_H
#define RUNNER_CLIBGIT2_SHIM_H

#include <git2.h>
#include <git2/deprecated.h>
#include <git2/sys/filter.h>
#include <git2/sys/index.h>
#include <git2/sys/mempack.h>
#include <git2/sys/odb_backend.h>
#include <git2/sys/repository.h>

static inline int runner_git_opts_set_search_path(int level, const char *path) {
    return git_libgit2_opts(GIT_OPT_SET_SEARCH_PATH, level, path);
}

static inline int runner_git_opts_set_owner_validation(int enabled) {
    return git_libgit2_opts(GIT_OPT_SET_OWNER_VALIDATION, enabled);
}

static inline int runner_git_opts_allow_extensions(const char *one, const char *other) {
    const char *names[] = {one, other};
    return git_libgit2_opts(GIT_OPT_SET_EXTENSIONS, names, (size_t)2);
}

#endif
