/* A program that has never heard of memwell: shm_open, sem_open and what libc gives with them. Reads a request a line, answers
 * with a line; README.md has the words.
 *
 * SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <semaphore.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

static int descriptor = -1;
static unsigned char *memory;
static size_t memory_size;
static sem_t *semaphore = SEM_FAILED;

/* ---- answers */

static void say_ok(void) { puts("ok"); }

static void say_number(unsigned long long number) { printf("ok %llu\n", number); }

static void say(int result) {
  if (result == 0)
    say_ok();
  else
    printf("error %d %s\n", errno, strerror(errno));
}

/* ---- memory */

static int map(size_t size) {
  void *place = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0);
  if (place == MAP_FAILED) return -1;
  memory = place;
  memory_size = size;
  return 0;
}

static int begin(const char *name, const char *mode) {
  descriptor = shm_open(name, O_RDWR | O_CREAT | O_EXCL, (mode_t)strtoul(mode, NULL, 8));
  return descriptor < 0 ? -1 : 0;
}

static int give_size(const char *size) {
  size_t bytes = strtoull(size, NULL, 10);
  return ftruncate(descriptor, (off_t)bytes) == 0 ? map(bytes) : -1;
}

static void memory_open(const char *name) {
  struct stat status;
  descriptor = shm_open(name, O_RDWR, 0);
  if (descriptor < 0 || fstat(descriptor, &status) != 0 || map((size_t)status.st_size) != 0)
    say(-1);
  else
    say_number((unsigned long long)status.st_size);
}

static void read_bytes(const char *offset, const char *count) {
  size_t begin_at = strtoull(offset, NULL, 10);
  size_t end = begin_at + strtoull(count, NULL, 10);
  fputs("ok ", stdout);
  for (size_t i = begin_at; i < end && i < memory_size; i++) printf("%02x", memory[i]);
  putchar('\n');
}

static void write_bytes(const char *offset, const char *digits) {
  size_t at = strtoull(offset, NULL, 10);
  for (; digits[0] && digits[1] && at < memory_size; digits += 2, at++) {
    const char pair[] = {digits[0], digits[1], '\0'};
    memory[at] = (unsigned char)strtoul(pair, NULL, 16);
  }
  say_ok();
}

/* ---- semaphores */

static int keep(sem_t *opened) {
  semaphore = opened;
  return opened == SEM_FAILED ? -1 : 0;
}

static int create_semaphore(const char *name, const char *value, const char *mode) {
  return keep(sem_open(name, O_CREAT | O_EXCL, (mode_t)strtoul(mode, NULL, 8), (unsigned)strtoul(value, NULL, 10)));
}

static int post(const char *count) {
  for (unsigned long left = strtoul(count, NULL, 10); left > 0; left--)
    if (sem_post(semaphore) != 0) return -1;
  return 0;
}

static void wait_for(const char *timeout) {
  int result;
  do result = timeout[0] == '0' ? sem_trywait(semaphore) : sem_wait(semaphore);
  while (result != 0 && errno == EINTR);
  if (result != 0 && errno == EAGAIN)
    say_number(0);
  else if (result != 0)
    say(result);
  else
    say_number(1);
}

static void say_value(void) {
  int value = -1;
  if (sem_getvalue(semaphore, &value) != 0)
    say(-1);
  else
    say_number((unsigned long long)value);
}

/* ---- requests */

static void serve(const char *verb, const char *first, const char *second, const char *third) {
  if (strcmp(verb, "memory-create") == 0)
    say(begin(first, third) == 0 ? give_size(second) : -1);
  else if (strcmp(verb, "memory-begin") == 0)
    say(begin(first, second));
  else if (strcmp(verb, "memory-size") == 0)
    say(give_size(first));
  else if (strcmp(verb, "memory-open") == 0)
    memory_open(first);
  else if (strcmp(verb, "memory-unlink") == 0)
    say(shm_unlink(first));
  else if (strcmp(verb, "read") == 0)
    read_bytes(first, second);
  else if (strcmp(verb, "write") == 0)
    write_bytes(first, second);
  else if (strcmp(verb, "semaphore-create") == 0)
    say(create_semaphore(first, second, third));
  else if (strcmp(verb, "semaphore-open") == 0)
    say(keep(sem_open(first, 0)));
  else if (strcmp(verb, "semaphore-unlink") == 0)
    say(sem_unlink(first));
  else if (strcmp(verb, "post") == 0)
    say(post(first));
  else if (strcmp(verb, "wait") == 0)
    wait_for(first);
  else if (strcmp(verb, "value") == 0)
    say_value();
  else
    puts("error 0 no such request");
}

int main(void) {
  static char line[1 << 16];
  char verb[32];
  char name[300];
  char second[40000];
  char third[32];
  while (fgets(line, sizeof line, stdin)) {
    verb[0] = name[0] = second[0] = third[0] = '\0';
    sscanf(line, "%31s %299s %39999s %31s", verb, name, second, third);
    serve(verb, name, second, third);
    fflush(stdout);
  }
  if (memory) munmap(memory, memory_size);
  if (descriptor >= 0) close(descriptor);
  if (semaphore != SEM_FAILED) sem_close(semaphore);
  return 0;
}
