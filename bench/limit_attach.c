/* The limit for attaching to and creating named memory: the system calls that are needed, in bare C, and nothing else.
 *
 * attach makes the calls that map an object whole; create makes those that let nobody ever see it half-made. The name goes where
 * shm_open puts it.
 *
 * SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "serve.h"

#define FOLDER "/dev/shm"
#define SIZE 4096

static char attached[64], created[64];

static void *map(int fd, size_t size) {
  void *address = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  must(address != MAP_FAILED, "mmap");
  return address;
}

static void attach(long n) {
  for (long i = 0; i < n; i++) {
    int fd = open(attached, O_RDWR | O_CLOEXEC | O_NOFOLLOW);
    must(fd >= 0, "open");
    struct stat facts;
    must(fstat(fd, &facts) == 0, "fstat");
    void *address = map(fd, (size_t)facts.st_size);
    munmap(address, (size_t)facts.st_size);
    close(fd);
  }
}

static void name_it(int fd, const char *path) {
  if (linkat(fd, "", AT_FDCWD, path, AT_EMPTY_PATH) == 0) return;
  char link[32];
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  must(linkat(AT_FDCWD, link, AT_FDCWD, path, AT_SYMLINK_FOLLOW) == 0, "linkat");
}

static int make_atomic(void) {
  int fd = open(FOLDER, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
  must(fd >= 0, "open O_TMPFILE");
  must(fallocate(fd, 0, 0, SIZE) == 0, "fallocate");
  must(fchmod(fd, 0600) == 0, "fchmod");
  name_it(fd, created);
  return fd;
}

/* As shm_open and ftruncate do it: the name is there before the size is, and no memory is reserved. */
static int make_racy(void) {
  int fd = open(created, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
  must(fd >= 0, "open O_EXCL");
  must(ftruncate(fd, SIZE) == 0, "ftruncate");
  return fd;
}

static void use_up(int fd, int touches) {
  volatile char *address = map(fd, SIZE);
  if (touches) address[0] = 1;
  munmap((void *)address, SIZE);
  close(fd);
  must(unlink(created) == 0, "unlink");
}

static void create(long n) {
  for (long i = 0; i < n; i++) use_up(make_atomic(), 0);
}

static void create_touched(long n) {
  for (long i = 0; i < n; i++) use_up(make_atomic(), 1);
}

static void create_racy(long n) {
  for (long i = 0; i < n; i++) use_up(make_racy(), 0);
}

static void create_racy_touched(long n) {
  for (long i = 0; i < n; i++) use_up(make_racy(), 1);
}

int main(void) {
  static const work works[] = {{"attach", attach},
                               {"create", create},
                               {"create_touched", create_touched},
                               {"create_racy", create_racy},
                               {"create_racy_touched", create_racy_touched}};
  snprintf(attached, sizeof attached, FOLDER "/memwell-bench-%ld-limit", (long)getpid());
  snprintf(created, sizeof created, FOLDER "/memwell-bench-%ld-limit-new", (long)getpid());
  int fd = open(attached, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  must(fd >= 0 && ftruncate(fd, SIZE) == 0 && close(fd) == 0, "making the object");
  serve(works, sizeof works / sizeof *works);
  unlink(attached);
  return 0;
}
