/* The test harness: what every C test of memwell is written with.
 *
 * A test program is a list of cmocka tests and HARNESS_MAIN. Run without arguments it runs them all; run with a test's name it runs
 * that one, in a process of its own with a time limit, and looks afterwards for what the test left behind: descriptors, mapped
 * objects, names in the shared-memory file system, System V keys, child processes. Anything left fails the test.
 *
 * SPDX-License-Identifier: MIT */
#ifndef HARNESS_H
#define HARNESS_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include <cmocka.h>

#include "memwell.h"

#define HARNESS_MAIN(tests) \
  int main(int argc, char **argv) { return harness_main(argc, argv, (tests), sizeof(tests) / sizeof((tests)[0])); }
int harness_main(int argc, char **argv, const struct CMUnitTest *tests, size_t count);

/* Where the shared-memory objects of this system are. */
#define HARNESS_SHM "/dev/shm/"

/* ---- results of memwell calls: every call in a test passes &why */

extern mw_error why;

/* The call returned 0. */
#define assert_ok(call) harness_assert_ok((call), #call, __FILE__, __LINE__)
void harness_assert_ok(int result, const char *text, const char *file, int line);

/* The call returned this status, and `why` is complete: status, the call that failed, a reason, a message made of them. */
#define assert_fails(status, call) harness_assert_fails((status), (call), #call, __FILE__, __LINE__)
void harness_assert_fails(int status, int result, const char *text, const char *file, int line);

/* What the last failure said: the call, the object it was about, and the operating system's errno. */
#define assert_why(call, object, number) harness_assert_why((call), (object), (number), __FILE__, __LINE__)
void harness_assert_why(const char *call, const char *object, int number, const char *file, int line);

/* Whether this program is linked with no_tmpfile.c and so takes the fallbacks. */
extern const bool harness_makes_drafts;

/* ---- names and directories that nobody else has; the harness looks for what is left of them */

/* "mw-test-PID-label": the same label gives the same name, in the test and in its children. At most 8 names at a time. */
const char *harness_name(const char *label);

/* A System V key that nobody else has: the same label, 0 to 15, gives the same key, in the test and in its children. */
int32_t harness_key(unsigned label);

/* The path of a shared-memory object, "/dev/shm/" with prefix and name ("sem." for semaphores). */
const char *harness_shm_path(const char *prefix, const char *name);

/* A path in a new directory of this test, which the harness removes with all that is in it. */
const char *harness_path(const char *label);

/* ---- processes and threads */

/* cmocka catches faults in a test; from here on they kill, but for what the test itself, or memwell, has put in place. */
void harness_let_faults_kill(void);

/* Fork; the child dies with its parent, and of its faults. An assertion that fails in a child fails the child. */
pid_t harness_fork(void);

/* Wait for a child: its exit code, or 128 + the signal that ended it. */
int harness_wait(pid_t child);

/* Run `body` in a child and wait for it. Returning from body is exit code 0. */
int harness_in_child(void (*body)(void *context), void *context);

/* Become another user for good. The test is skipped where this process may not. */
#define HARNESS_STRANGER 65534u
void harness_needs_root(void);
void harness_become(uid_t user);

/* Give this test a shared-memory file system of its own that is soon full. Names in it need not be unlinked. The test is skipped
 * where this process may not. */
void harness_small_shm(size_t size);

/* Let a signal handler that does nothing run every few milliseconds, so that no system call that sleeps gets to its end. 0 stops
 * it. */
void harness_interrupt_every(int milliseconds);

/* Memory that children share, zeroed; the harness takes it back. */
void *harness_shared(size_t size);

/* How often to do what is done again and again: a second or two of it, or, with STRESS=full in the environment, all of it. */
int harness_rounds(int quick, int full);

/* A number below the limit. The numbers of a process are the same in each run, for the same seed. */
void harness_seed(uint64_t seed);
uint64_t harness_below(uint64_t limit);

/* A gate between processes or threads: wait blocks until as many have passed it as there were waits. */
typedef struct harness_gate {
  int fds[2];
} harness_gate;
void harness_gate_init(harness_gate *gate);
void harness_gate_open(harness_gate *gate);
void harness_gate_wait(harness_gate *gate);
void harness_gate_fini(harness_gate *gate);

/* Return once the thread (0: the process's first one) is asleep in the kernel in this system call (SYS_...). There is no event to
 * be had for this, so it asks the kernel again and again. */
void harness_await_call(pid_t process, pid_t thread, long call);
void harness_await_futex(pid_t process, pid_t thread);

/* Fail this test here. */
_Noreturn void harness_fail(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Stop this test here; it counts as skipped. */
void harness_skip(const char *reason);

/* Make a file of these bytes. */
void harness_write_file(const char *path, const void *data, size_t size, unsigned permissions);

/* The permission bits and the size of what is at a path; a test that asks for something missing fails. */
unsigned harness_permissions(const char *path);
uint64_t harness_file_size(const char *path);
bool harness_exists(const char *path);

#endif
