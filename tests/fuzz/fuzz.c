/* The fuzz targets' common part. A target is a process that libFuzzer starts; LLVMFuzzerInitialize gives it a place of its own.
 *
 * SPDX-License-Identifier: MIT */
#include "fuzz.h"

#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <unistd.h>

#define SHM "/dev/shm/"
#define SHM_SIZE "size=16m,mode=1777"
#define LOOK_AT_MAPPINGS 512 /* test cases between two looks */

/* ---- input */

uint8_t fuzz_byte(fuzz_input *input) {
  if (input->left == 0) return 0;
  input->left--;
  return *input->next++;
}

uint64_t fuzz_number(fuzz_input *input, unsigned bytes) {
  uint64_t number = 0;
  while (bytes-- > 0) number = number << 8 | fuzz_byte(input);
  return number;
}

uint64_t fuzz_below(fuzz_input *input, uint64_t limit) {
  return fuzz_number(input, limit <= 0x100 ? 1 : limit <= 0x10000 ? 2 : 8) % limit;
}

uint64_t fuzz_about(fuzz_input *input, uint64_t limit) {
  uint8_t choice = fuzz_byte(input);
  if (choice == 255) return UINT64_MAX - fuzz_byte(input);
  if (choice == 254) return fuzz_number(input, 8) | UINT64_C(1) << 60; /* far more than there is */
  if (choice == 253) return limit;
  return fuzz_below(input, limit + 1);
}

char *fuzz_text(fuzz_input *input, size_t most) {
  size_t size = input->left < most ? input->left : most;
  char *text = malloc(size + 1);
  if (!text) abort();
  if (size > 0) memcpy(text, input->next, size);
  text[size] = '\0';
  input->next += size;
  input->left -= size;
  return text;
}

/* ---- judging */

static mw_error error;
static bool has_error;

void fuzz_fail(const char *file, int line, const char *what) {
  fprintf(stderr, "fuzz: %s:%d: not so: %s\n", file, line, what);
  if (has_error && error.status < 0 && error.status > -MW__STATUS_COUNT)
    fprintf(stderr, "fuzz: the last error: %d %s(%.255s): %.239s\n", error.status, error.call, error.object, error.reason);
  abort();
}

mw_error *fuzz_error(fuzz_input *input) {
  memset(&error, 0xa5, sizeof error);
  has_error = fuzz_byte(input) % 8 != 7;
  return has_error ? &error : NULL;
}

static bool is_ended(const char *text, size_t room) { return memchr(text, '\0', room) != NULL; }

int fuzz_judge(int result) {
  if (result == 0 || result == 1) return result;
  fuzz_require(result < 0 && result > -MW__STATUS_COUNT);
  if (!has_error) return result;
  fuzz_require(error.status == result);
  fuzz_require(is_ended(error.call, sizeof error.call) && is_ended(error.object, sizeof error.object) &&
               is_ended(error.reason, sizeof error.reason));
  fuzz_require(error.call[0] && error.reason[0]);
  fuzz_require(error.os_errno >= 0 && (result != MW_EOS || error.os_errno > 0));
  char message[sizeof error + 8];
  fuzz_require(mw_error_message(&error, message, sizeof message) == strlen(message));
  return result;
}

/* ---- a place to work in */

static bool is_alone;
static int free_descriptor;

bool fuzz_is_alone(void) { return is_alone; }

static bool go_apart(void) {
  return unshare(CLONE_NEWNS | CLONE_NEWIPC) == 0 && mount("none", "/", "none", MS_REC | MS_PRIVATE, NULL) == 0 &&
         mount("tmpfs", SHM, "tmpfs", 0, SHM_SIZE) == 0;
}

static int lowest_free_descriptor(void) {
  int fd = open("/", O_PATH | O_CLOEXEC);
  close(fd);
  return fd;
}

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerInitialize(int *argc, char ***argv) { /* NOLINT(readability-non-const-parameter) */
  (void)argc, (void)argv;
  is_alone = go_apart();
  if (!is_alone) fprintf(stderr, "fuzz: no right to a place of its own; what needs one is left out\n");
  return 0;
}

const char *fuzz_name(const char *label) {
  static char names[4][96];
  static unsigned next;
  char *name = names[next++ % 4];
  snprintf(name, sizeof names[0], "mw-fuzz-%d-%s", (int)getpid(), label);
  return name;
}

const char *fuzz_path(const char *prefix, const char *label) {
  static char paths[4][128];
  static unsigned next;
  char *path = paths[next++ % 4];
  snprintf(path, sizeof paths[0], SHM "%s%s", prefix, fuzz_name(label));
  return path;
}

void fuzz_write_file(const char *path, const void *data, size_t size) {
  unlink(path);
  int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (fd < 0 || write(fd, data, size) != (ssize_t)size) abort();
  close(fd);
}

static bool is_shared_memory(const char *line) { return strstr(line, SHM) || strstr(line, "/memfd:") || strstr(line, "/SYSV"); }

static void look_for_mappings(void) {
  FILE *maps = fopen("/proc/self/maps", "re");
  if (!maps) return;
  char line[512];
  while (fgets(line, sizeof line, maps)) {
    if (!is_shared_memory(line)) continue;
    fputs(line, stderr);
    fuzz_fail(__FILE__, __LINE__, "no mapping is left");
  }
  fclose(maps);
}

fuzz_input fuzz_begin(const uint8_t *data, size_t size) {
  free_descriptor = lowest_free_descriptor();
  return (fuzz_input){data, size};
}

void fuzz_end(void) {
  static unsigned long cases;
  fuzz_require(lowest_free_descriptor() == free_descriptor);
  if (++cases % LOOK_AT_MAPPINGS == 0) look_for_mappings();
}
