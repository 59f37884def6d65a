/* Files by descriptor and by path.
 *
 * SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "platform/os.h"

int mw__os_open(const char *path, unsigned flags, unsigned permissions, int *out_fd) {
  int how = O_CLOEXEC | O_NOCTTY | O_NONBLOCK;
  how |= flags & MW__OS_WRITE ? O_RDWR : O_RDONLY;
  how |= flags & MW__OS_CREATE ? O_CREAT : 0;
  how |= flags & MW__OS_NO_LINK ? O_NOFOLLOW : 0;
  int fd = open(path, how, (mode_t)permissions);
  if (fd < 0) return errno;
  *out_fd = fd;
  return 0;
}

void mw__os_close(int fd) {
  int saved = errno;
  close(fd);
  errno = saved;
}

int mw__os_duplicate(int fd, int *out_fd) {
  int duplicate = fcntl(fd, F_DUPFD_CLOEXEC, 0);
  if (duplicate < 0) return errno;
  *out_fd = duplicate;
  return 0;
}

bool mw__os_is_writable(int fd) { return (fcntl(fd, F_GETFL) & O_ACCMODE) == O_RDWR; }

static mw__os_kind kind_of(mode_t mode) {
  if (S_ISREG(mode)) return MW__OS_REGULAR;
  if (S_ISDIR(mode)) return MW__OS_FOLDER;
  if (S_ISCHR(mode)) return MW__OS_DEVICE;
  return S_ISLNK(mode) ? MW__OS_LINK : MW__OS_OTHER;
}

static void describe(const struct stat *stat, mw__os_file_info *out_info) {
  *out_info = (mw__os_file_info){.kind = kind_of(stat->st_mode),
                                 .owner = stat->st_uid,
                                 .size = (uint64_t)stat->st_size,
                                 .device = stat->st_dev,
                                 .inode = stat->st_ino,
                                 .page_size = mw__os_page_size()};
}

/* Files of huge pages say so by their block; others may have large blocks too, so that is asked only of those. */
static void describe_pages(int fd, const struct stat *stat, mw__os_file_info *info) {
  if ((size_t)stat->st_blksize > info->page_size && mw__os_is_huge(fd)) info->page_size = (size_t)stat->st_blksize;
}

int mw__os_file_info_of(int fd, mw__os_file_info *out_info) {
  struct stat stat;
  if (fstat(fd, &stat) != 0) return errno;
  describe(&stat, out_info);
  describe_pages(fd, &stat, out_info);
  return 0;
}

int mw__os_path_info(const char *path, mw__os_file_info *out_info) {
  struct stat stat;
  if (lstat(path, &stat) != 0) return errno;
  describe(&stat, out_info);
  return 0;
}

int mw__os_write(int fd, const void *data, size_t size) {
  for (size_t done = 0; done < size;) {
    ssize_t count = pwrite(fd, (const char *)data + done, size - done, (off_t)done);
    if (count >= 0)
      done += (size_t)count;
    else if (errno != EINTR)
      return errno;
  }
  return 0;
}

int mw__os_set_size(int fd, uint64_t size) { return ftruncate(fd, (off_t)size) == 0 ? 0 : errno; }

int mw__os_set_permissions(int fd, unsigned permissions) { return fchmod(fd, (mode_t)permissions) == 0 ? 0 : errno; }

int mw__os_unlink(const char *path) { return unlink(path) == 0 ? 0 : errno; }
