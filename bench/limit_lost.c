/* Two limits for lost pages: memory that was zeros from the start, and a handler that mends one page at each fault.
 *
 * SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <unistd.h>

#include "serve.h"

#define PAGES ((size_t)20000)
#define PAGE ((size_t)4096)
#define SIZE (PAGES * PAGE)

static void touch(const volatile char *memory) {
  for (size_t page = 0; page < PAGES; page++) (void)memory[page * PAGE];
}

/* What the other two make and give back as well: a file in memory with its pages, mapped and cut. */
static char *cut_mapping(int *out_fd) {
  *out_fd = memfd_create("lost", MFD_CLOEXEC);
  must(*out_fd >= 0 && fallocate(*out_fd, 0, 0, (off_t)SIZE) == 0, "a file in memory");
  char *memory = mmap(NULL, SIZE, PROT_READ, MAP_SHARED, *out_fd, 0);
  must(memory != MAP_FAILED && ftruncate(*out_fd, 0) == 0, "cutting it");
  return memory;
}

static void give_back(char *memory, int fd) {
  munmap(memory, SIZE);
  close(fd);
}

static void zeros(long n) {
  for (long i = 0; i < n; i++) {
    int fd;
    char *memory = cut_mapping(&fd);
    void *there = mmap(memory, SIZE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
    must(there == memory, "mmap");
    touch(memory);
    give_back(memory, fd);
  }
}

static void mend(int number, siginfo_t *info, void *context) {
  (void)number, (void)context;
  char *page = (char *)info->si_addr - (size_t)info->si_addr % PAGE;
  if (mmap(page, PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) != page) _exit(1);
}

static void page_by_page(long n) {
  struct sigaction action = {.sa_sigaction = mend, .sa_flags = SA_SIGINFO};
  must(sigaction(SIGBUS, &action, NULL) == 0, "sigaction");
  for (long i = 0; i < n; i++) {
    int fd;
    char *memory = cut_mapping(&fd);
    touch(memory);
    give_back(memory, fd);
  }
}

int main(void) {
  static const work works[] = {{"zeros", zeros}, {"page_by_page", page_by_page}};
  serve(works, sizeof works / sizeof *works);
  return 0;
}
