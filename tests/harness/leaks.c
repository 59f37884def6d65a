/* What a test could leave behind: descriptors, mapped objects, names, directories. And the names and the memory that the harness
 * hands out, because it has to know them to look for them.
 *
 * SPDX-License-Identifier: MIT */
#include "leaks.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/sem.h>
#include <sys/shm.h>
#include <sys/stat.h>
#include <unistd.h>

#include "harness.h"

enum { NAMES_MAX = 8, SHARED_MAX = 8 };

__attribute__((weak)) const bool harness_makes_drafts = false; /* no_tmpfile.c has the other one */

/* ---- descriptors and mappings */

/* "descriptor 5 -> /dev/shm/name", "mapping /dev/shm/name" */
static void add_line(harness_leaks *leaks, const char *kind, const char *text) {
  if (leaks->count < LEAKS_MAX) snprintf(leaks->lines[leaks->count++], LEAKS_TEXT, "%s %.*s", kind, LEAKS_TEXT - 20, text);
}

static void look_at_descriptors(harness_leaks *leaks) {
  DIR *directory = opendir("/proc/self/fd");
  if (directory == NULL) harness_fail("/proc/self/fd: %s", strerror(errno));
  for (struct dirent *entry; (entry = readdir(directory)) != NULL;) {
    if (entry->d_name[0] == '.' || atoi(entry->d_name) == dirfd(directory)) continue;
    char target[128] = "", text[400];
    if (readlinkat(dirfd(directory), entry->d_name, target, sizeof target - 1) < 0) continue;
    snprintf(text, sizeof text, "%s -> %s", entry->d_name, target);
    add_line(leaks, "descriptor", text);
  }
  closedir(directory);
}

/* A line of /proc/self/maps: "address perms offset device inode path". Anonymous memory is the allocator's and shows in the leak
 * checkers; libraries that something loads late are no leak. */
static void look_at_mappings(harness_leaks *leaks) {
  FILE *maps = fopen("/proc/self/maps", "re");
  if (maps == NULL) harness_fail("/proc/self/maps: %s", strerror(errno));
  char line[512];
  while (fgets(line, sizeof line, maps) != NULL) {
    unsigned long inode = 0;
    int path = 0;
    if (sscanf(line, "%*s %*s %*s %*s %lu %n", &inode, &path) < 1 || inode == 0 || path == 0) continue;
    line[strcspn(line, "\n")] = '\0';
    if (strstr(line + path, ".so") == NULL) add_line(leaks, "mapping", line + path);
  }
  fclose(maps);
}

void harness_leaks_look(harness_leaks *leaks) {
  leaks->count = 0;
  look_at_descriptors(leaks);
  look_at_mappings(leaks);
}

static int count_of(const harness_leaks *leaks, const char *line) {
  int count = 0;
  for (int i = 0; i < leaks->count; i++) count += strcmp(leaks->lines[i], line) == 0;
  return count;
}

int harness_leaks_compare(const harness_leaks *before) {
  static harness_leaks after;
  harness_leaks_look(&after);
  int leaked = 0;
  for (int i = 0; i < after.count; i++) {
    if (count_of(&after, after.lines[i]) <= count_of(before, after.lines[i])) continue;
    printf("harness: leaked %s\n", after.lines[i]);
    leaked++;
  }
  return leaked;
}

/* ---- names */

const char *harness_name(const char *label) {
  static _Thread_local char names[NAMES_MAX][96];
  static _Thread_local unsigned next;
  char *name = names[next++ % NAMES_MAX];
  snprintf(name, sizeof names[0], "mw-test-%d-%s", (int)harness_test_process(), label);
  return name;
}

const char *harness_shm_path(const char *prefix, const char *name) {
  static char paths[NAMES_MAX][320];
  static unsigned next;
  char *path = paths[next++ % NAMES_MAX];
#ifndef __GLIBC__
  prefix = ""; /* musl's semaphores have none */
#endif
  snprintf(path, sizeof paths[0], HARNESS_SHM "%s%s", prefix, name);
  return path;
}

/* A creator without O_TMPFILE works under temporary names that say nothing of the test. They are looked for in the programs that
 * have harness_makes_drafts, and those run one at a time. */
static bool is_left_by(const char *entry, const char *mark) {
  return strstr(entry, mark) != NULL || (harness_makes_drafts && strncmp(entry, ".memwell-", 9) == 0);
}

/* Look through the names that are left by a process's test; report and remove each where that is wanted. */
static int look_at_names(pid_t process, bool report, bool remove) {
  char mark[32];
  snprintf(mark, sizeof mark, "mw-test-%d-", (int)process);
  DIR *directory = opendir(HARNESS_SHM);
  if (directory == NULL) return 0;
  int leaked = 0;
  for (struct dirent *entry; (entry = readdir(directory)) != NULL;) {
    if (!is_left_by(entry->d_name, mark)) continue;
    if (report) printf("harness: left the name " HARNESS_SHM "%s behind\n", entry->d_name);
    if (remove && unlinkat(dirfd(directory), entry->d_name, 0) != 0) unlinkat(dirfd(directory), entry->d_name, AT_REMOVEDIR);
    leaked++;
  }
  closedir(directory);
  return leaked;
}

int harness_leaks_names(pid_t process, bool report) { return look_at_names(process, report, true); }

int harness_leaks_count_names(void) { return look_at_names(harness_test_process(), false, false); }

/* ---- System V keys */

/* No other program of this machine is likely to begin its keys so; below that byte is the process, as far as it fits. */
static int32_t first_key_of(pid_t process) { return 0x6d000000 | (process & 0xfffff) << 4; }

int32_t harness_key(unsigned label) { return first_key_of(harness_test_process()) | (int32_t)(label & 15); }

static void remove_segment(int id) { shmctl(id, IPC_RMID, NULL); }
static void remove_set(int id) { semctl(id, 0, IPC_RMID); }

/* What the kernel lists, a line each: key, identifier, permissions, size, and of segments the process that made it. */
static int sweep_keys(const char *path, bool has_maker, void (*remove)(int id), pid_t process, bool report) {
  FILE *list = fopen(path, "re");
  if (list == NULL) return 0; /* a kernel without System V */
  char line[512];
  int leaked = 0;
  while (fgets(line, sizeof line, list) != NULL) {
    int key, id, maker;
    if (sscanf(line, "%d %d %*o %*u %d", &key, &id, &maker) != 3) continue;
    if ((key & ~15) != first_key_of(process) && !(has_maker && maker == process)) continue;
    if (report) printf("harness: left System V key 0x%x, identifier %d, behind\n", (unsigned)key, id);
    remove(id);
    leaked++;
  }
  fclose(list);
  return leaked;
}

int harness_leaks_keys(pid_t process, bool report) {
  return sweep_keys("/proc/sysvipc/shm", true, remove_segment, process, report) +
         sweep_keys("/proc/sysvipc/sem", false, remove_set, process, report);
}

/* ---- the test's own directory */

static void directory_of(pid_t process, char path[static 128]) {
  const char *parent = getenv("TMPDIR");
  snprintf(path, 128, "%.80s/mw-test-%d", parent != NULL ? parent : "/tmp", (int)process);
}

const char *harness_path(const char *label) {
  static char paths[NAMES_MAX][192];
  static unsigned next;
  char directory[128];
  directory_of(harness_test_process(), directory);
  if (mkdir(directory, 0755) != 0 && errno != EEXIST) harness_fail("%s: %s", directory, strerror(errno));
  char *path = paths[next++ % NAMES_MAX];
  snprintf(path, sizeof paths[0], "%s/%s", directory, label);
  return path;
}

static int remove_entry(const char *path, const struct stat *stat, int kind, struct FTW *walk) {
  (void)stat, (void)kind, (void)walk;
  return remove(path);
}

void harness_leaks_directory(pid_t process) {
  char path[128];
  directory_of(process, path);
  nftw(path, remove_entry, 8, FTW_DEPTH | FTW_PHYS);
}

/* ---- memory for a test and its children */

static struct {
  void *data;
  size_t size;
} shared[SHARED_MAX];
static int shared_count;

void *harness_shared(size_t size) {
  void *data = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (data == MAP_FAILED || shared_count == SHARED_MAX) harness_fail("no shared memory for the test: %s", strerror(errno));
  shared[shared_count].data = data;
  shared[shared_count++].size = size;
  return data;
}

void harness_shared_fini(void) {
  while (shared_count > 0) {
    shared_count--;
    munmap(shared[shared_count].data, shared[shared_count].size);
  }
}
