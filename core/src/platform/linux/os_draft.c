/* Atomic creation: a file that is whole before it has its name.
 *
 * O_TMPFILE makes it nameless and linkat names it, so that whoever dies in between leaves nothing at all. Where the file system or
 * a missing /proc does not allow that, it is made under a temporary name and renamed without replacing; a creator that is killed
 * then leaves the temporary name behind, never the real one.
 *
 * SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "platform/os.h"

#ifndef RENAME_NOREPLACE
#define RENAME_NOREPLACE (1 << 0)
#endif

/* The folder of a path, cut behind its last slash; "." for a bare name. */
static int folder_of(const char *path, char *folder, size_t room) {
  const char *slash = strrchr(path, '/');
  size_t length = slash ? (size_t)(slash - path) + 1 : 1;
  if (length >= room) return ENAMETOOLONG;
  memcpy(folder, slash ? path : ".", length);
  folder[length] = '\0';
  return 0;
}

static int begin_named(mw__os_draft *draft, const char *folder) {
  for (int attempt = 0; attempt < 16; attempt++) {
    uint64_t number;
    if (getrandom(&number, sizeof number, 0) != sizeof number) return errno;
    int length =
        snprintf(draft->temporary_path, sizeof draft->temporary_path, "%s/.memwell-%016llx", folder, (unsigned long long)number);
    if ((size_t)length >= sizeof draft->temporary_path) return ENAMETOOLONG;
    draft->fd = open(draft->temporary_path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (draft->fd >= 0) return 0;
    if (errno != EEXIST) return errno;
  }
  return EEXIST;
}

/* What open says to O_TMPFILE where the file system (EOPNOTSUPP) or the kernel (EISDIR, ENOENT for the folder itself) lacks it. */
static bool lacks_nameless_files(int os_errno) { return os_errno == EOPNOTSUPP || os_errno == EISDIR || os_errno == EINVAL; }

int mw__os_draft_begin(mw__os_draft *draft, const char *path, bool nameless) {
  char folder[sizeof draft->temporary_path];
  int failure = folder_of(path, folder, sizeof folder);
  if (failure) return failure;
  draft->temporary_path[0] = '\0';
  if (!nameless) return begin_named(draft, folder);
  draft->fd = open(folder, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
  if (draft->fd >= 0) return 0;
  return lacks_nameless_files(errno) ? begin_named(draft, folder) : errno;
}

/* linkat by descriptor needs a privilege on older kernels, and by /proc needs /proc. */
static int name_nameless(int fd, const char *path) {
  if (linkat(fd, "", AT_FDCWD, path, AT_EMPTY_PATH) == 0) return 0;
  if (errno == EEXIST) return EEXIST;
  char link[32];
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  return linkat(AT_FDCWD, link, AT_FDCWD, path, AT_SYMLINK_FOLLOW) == 0 ? 0 : errno;
}

/* By number: musl has no renameat2 of its own. */
static int rename_named(mw__os_draft *draft, const char *path) {
  if (syscall(SYS_renameat2, AT_FDCWD, draft->temporary_path, AT_FDCWD, path, RENAME_NOREPLACE) != 0) return errno;
  draft->temporary_path[0] = '\0';
  return 0;
}

int mw__os_draft_publish(mw__os_draft *draft, const char *path) {
  return draft->temporary_path[0] ? rename_named(draft, path) : name_nameless(draft->fd, path);
}

void mw__os_draft_discard(mw__os_draft *draft) {
  if (draft->temporary_path[0]) unlink(draft->temporary_path);
  mw__os_close(draft->fd);
}
