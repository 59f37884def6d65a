/* The signs of life of a process: byte locks of open file descriptions, pinned by memory that a fork does not inherit.
 *
 * SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "platform/os.h"

int mw__os_reopen(int fd, int *out_fd) {
  char link[32];
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  return mw__os_open(link, MW__OS_WRITE, 0, out_fd);
}

/* ---- locks */

static struct flock byte_at(uint64_t offset, short type) {
  return (struct flock){.l_type = type, .l_whence = SEEK_SET, .l_start = (off_t)offset, .l_len = 1};
}

static int failure_of_lock(int os_errno) {
  if (os_errno == EACCES) return EAGAIN;
  return os_errno == EINVAL || os_errno == ENOLCK || os_errno == EOPNOTSUPP || os_errno == ENOSYS ? ENOTSUP : os_errno;
}

int mw__os_lock_byte(int fd, uint64_t offset) {
  struct flock lock = byte_at(offset, F_WRLCK);
  return fcntl(fd, F_OFD_SETLK, &lock) == 0 ? 0 : failure_of_lock(errno);
}

int mw__os_unlock_byte(int fd, uint64_t offset) {
  struct flock lock = byte_at(offset, F_UNLCK);
  return fcntl(fd, F_OFD_SETLK, &lock) == 0 ? 0 : failure_of_lock(errno);
}

int mw__os_is_byte_locked(int fd, uint64_t offset, bool *out_locked) {
  struct flock lock = byte_at(offset, F_WRLCK);
  if (fcntl(fd, F_OFD_GETLK, &lock) != 0) return failure_of_lock(errno);
  *out_locked = lock.l_type != F_UNLCK;
  return 0;
}

/* The magic numbers of statfs(2), not all of which every libc's headers have. */
int mw__os_check_local(int fd) {
  static const uint32_t elsewhere[] = {
      0x6969,     /* NFS */
      0x517b,     /* SMB */
      0xff534d42, /* CIFS */
      0xfe534d42, /* SMB2 */
      0x65735546, /* FUSE */
      0x01021997, /* 9P */
      0x00c36400, /* CEPH */
      0x5346414f, /* AFS */
      0x6b414653, /* kAFS */
      0x73757245, /* CODA */
      0x01161970, /* GFS2 */
      0x7461636f, /* OCFS2 */
      0x0bd00bd0, /* LUSTRE */
      0x47504653, /* GPFS */
  };
  struct statfs info;
  if (fstatfs(fd, &info) != 0) return errno;
  for (size_t i = 0; i < sizeof elsewhere / sizeof *elsewhere; i++)
    if ((uint32_t)info.f_type == elsewhere[i]) return ENOTSUP;
  return 0;
}

/* ---- pages that a fork does not inherit */

int mw__os_pin(int fd, void **out_pin) {
  size_t size = mw__os_page_size();
  void *pin = mmap(NULL, size, PROT_NONE, MAP_SHARED, fd, 0);
  if (pin == MAP_FAILED) return errno;
  if (madvise(pin, size, MADV_DONTFORK) != 0) {
    int failure = errno;
    munmap(pin, size);
    return failure;
  }
  *out_pin = pin;
  return 0;
}

void mw__os_unpin(void *pin) { munmap(pin, mw__os_page_size()); }

int mw__os_page_of_this_process(void **out_page) {
  size_t size = mw__os_page_size();
  void *page = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (page == MAP_FAILED) return errno;
  if (madvise(page, size, MADV_WIPEONFORK) != 0) {
    int failure = errno;
    munmap(page, size);
    return failure;
  }
  *out_page = page;
  return 0;
}

void mw__os_page_end(void *page) { munmap(page, mw__os_page_size()); }

/* ---- what /proc and the kernel know */

/* Read a small file of /proc as text. */
static bool read_text(const char *path, char *text, size_t room) {
  int fd = open(path, O_RDONLY | O_CLOEXEC);
  if (fd < 0) return false;
  ssize_t size = read(fd, text, room - 1);
  close(fd);
  text[size > 0 ? size : 0] = '\0';
  return size > 0;
}

/* Its state and start, the 3rd and the 22nd field of /proc/PID/stat, counted behind the name, which may have anything in it. */
static bool read_process(int64_t process, char *out_state, unsigned long long *out_started) {
  char path[40], text[1024];
  snprintf(path, sizeof path, "/proc/%lld/stat", (long long)process);
  if (!read_text(path, text, sizeof text)) return false;
  const char *rest = strrchr(text, ')');
  return rest && sscanf(rest, ") %c %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %llu", out_state,
                        out_started) == 2;
}

uint64_t mw__os_process_started(int64_t process) {
  char state;
  unsigned long long started;
  return read_process(process, &state, &started) ? started : 0;
}

bool mw__os_process_is_stopped(int64_t process, uint64_t started) {
  char state;
  unsigned long long began;
  return started && read_process(process, &state, &began) && began == started && (state == 'T' || state == 't');
}

int mw__os_boot(uint64_t out_boot[2]) {
  char text[64];
  unsigned long long a, b, c, d, e;
  if (!read_text("/proc/sys/kernel/random/boot_id", text, sizeof text)) return ENOENT;
  if (sscanf(text, "%8llx-%4llx-%4llx-%4llx-%12llx", &a, &b, &c, &d, &e) != 5) return EIO;
  out_boot[0] = a << 32 | b << 16 | c;
  out_boot[1] = d << 48 | e;
  return 0;
}

int mw__os_random(uint64_t *out_number) { return getrandom(out_number, sizeof *out_number, 0) == sizeof *out_number ? 0 : errno; }
