/* The limit for new shared memory: so many bytes as the argument says, made in three ways, with every page there in the end.
 *
 * SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "serve.h"

#define PAGE 4096

#ifndef MADV_POPULATE_WRITE
#define MADV_POPULATE_WRITE 23
#endif

static size_t size;

static void touch(char *memory) {
  for (size_t i = 0; i < size; i += PAGE) ((volatile char *)memory)[i] = 1;
}

static void populate(char *memory) { must(madvise(memory, size, MADV_POPULATE_WRITE) == 0, "madvise"); }

static void make(long n, int reserves, void (*bring_in)(char *memory)) {
  for (long i = 0; i < n; i++) {
    int fd = open("/dev/shm", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    must(fd >= 0, "open O_TMPFILE");
    must((reserves ? fallocate(fd, 0, 0, (off_t)size) : ftruncate(fd, (off_t)size)) == 0, "its size");
    char *memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    must(memory != MAP_FAILED, "mmap");
    bring_in(memory);
    munmap(memory, size);
    close(fd);
  }
}

static void touched(long n) { make(n, 1, touch); }
static void populated(long n) { make(n, 1, populate); }
static void sparse(long n) { make(n, 0, touch); }

int main(int count, char **arguments) {
  must(count == 2, "the size");
  size = strtoul(arguments[1], NULL, 10);
  static const work works[] = {{"touched", touched}, {"populated", populated}, {"sparse", sparse}};
  serve(works, sizeof works / sizeof *works);
  return 0;
}
