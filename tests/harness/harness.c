/* The test harness: one process per test, a time limit, results of memwell calls, children.
 *
 * harness_main runs one test by run_alone: a child does the work, this process keeps the time and sweeps up afterwards. What the
 * child must not leave behind is in leaks.c.
 *
 * SPDX-License-Identifier: MIT */
#include "harness.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "leaks.h"

enum { PASSED = 0, FAILED = 1, SKIPPED = 77, TIME_LIMIT = 30 };

mw_error why;

static pid_t test_process; /* the process that runs the test; its children are forked from it */
static bool skipped;

/* ---- running tests */

static int seconds_allowed(void) {
  const char *factor = getenv("HARNESS_TIME_FACTOR"); /* valgrind and the sanitizers make everything slower */
  int times = factor != NULL ? atoi(factor) : 1;
  const char *limit = getenv("HARNESS_TIME_LIMIT");
  return (limit != NULL ? atoi(limit) : TIME_LIMIT) * (times > 0 ? times : 1);
}

/* In the test's own process: run it between two looks at what is open and mapped. */
static int run_here(const struct CMUnitTest *test) {
  static harness_leaks before; /* static: thousands of bytes are not for the stack of a test that may recurse */
  test_process = getpid();
  harness_leaks_look(&before);
  int failures = _cmocka_run_group_tests(test->name, test, 1, NULL, NULL);
  fflush(NULL);
  if (getpid() != test_process) _exit(failures != 0 ? FAILED : PASSED); /* a forked child whose assertion failed ended up here */
  harness_shared_fini();
  if (failures != 0) return FAILED;
  int leaks = harness_leaks_compare(&before);
  if (leaks != 0) return FAILED;
  return skipped ? SKIPPED : PASSED;
}

static struct timespec time_left(const struct timespec *end) {
  struct timespec now, left = {0, 0};
  clock_gettime(CLOCK_MONOTONIC, &now);
  if (now.tv_sec > end->tv_sec || (now.tv_sec == end->tv_sec && now.tv_nsec >= end->tv_nsec)) return left;
  left.tv_sec = end->tv_sec - now.tv_sec;
  left.tv_nsec = end->tv_nsec - now.tv_nsec;
  if (left.tv_nsec < 0) {
    left.tv_sec -= 1;
    left.tv_nsec += 1000000000;
  }
  return left;
}

/* Wait for the test within its time. SIGCHLD is blocked, so that none gets lost between the look and the sleep. Returns the test's
 * exit code, or -1 when the time is over. */
static int wait_within(pid_t child, int seconds) {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGCHLD);
  struct timespec end;
  clock_gettime(CLOCK_MONOTONIC, &end);
  end.tv_sec += seconds;
  for (;;) {
    int status;
    if (waitpid(child, &status, WNOHANG) == child) return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    struct timespec left = time_left(&end);
    if (left.tv_sec == 0 && left.tv_nsec == 0) return -1;
    sigtimedwait(&set, NULL, &left);
  }
}

/* Descendants of the test come to this process when their parents end: count those that nobody waited for, and end them. */
static int sweep_processes(pid_t group) {
  int left = 0;
  kill(-group, SIGKILL);
  while (waitpid(-1, NULL, 0) > 0) left++;
  return left;
}

static int run_alone(const struct CMUnitTest *test) {
  prctl(PR_SET_CHILD_SUBREAPER, 1);
  sigset_t set, before;
  sigemptyset(&set);
  sigaddset(&set, SIGCHLD);
  sigprocmask(SIG_BLOCK, &set, &before);
  fflush(NULL);
  pid_t child = fork();
  if (child < 0) {
    perror("harness: fork");
    return FAILED;
  }
  if (child == 0) {
    setpgid(0, 0); /* so that a test that hangs is ended with all its children */
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    sigprocmask(SIG_SETMASK, &before, NULL);
    exit(run_here(test));
  }
  setpgid(child, child); /* whoever comes first */
  int seconds = seconds_allowed(), result = wait_within(child, seconds);
  bool hung = result < 0, passed = result == PASSED || result == SKIPPED;
  if (hung) printf("harness: %s did not end within %d s\n", test->name, seconds);
  if (result > 128) printf("harness: %s was ended by signal %d (%s)\n", test->name, result - 128, strsignal(result - 128));
  int processes = sweep_processes(child);
  if (hung) processes--; /* the test's own */
  if (passed && processes != 0) printf("harness: %s left %d child process(es) behind\n", test->name, processes);
  int names = harness_leaks_names(child, passed) + harness_leaks_keys(child, passed);
  harness_leaks_directory(child);
  sigprocmask(SIG_SETMASK, &before, NULL);
  if (!passed) return result == 99 ? 99 : FAILED; /* 99: valgrind has found something and has said what */
  return processes != 0 || names != 0 ? FAILED : result;
}

static int run_all(const struct CMUnitTest *tests, size_t count) {
  size_t failed = 0;
  for (size_t i = 0; i < count; i++) {
    int result = run_alone(&tests[i]);
    if (result == SKIPPED || result == PASSED) continue;
    printf("harness: %s failed\n", tests[i].name);
    failed++;
  }
  printf("harness: %zu tests, %zu failed\n", count, failed);
  return failed == 0 ? PASSED : FAILED;
}

int harness_main(int argc, char **argv, const struct CMUnitTest *tests, size_t count) {
  if (argc < 2) return run_all(tests, count);
  bool list = strcmp(argv[1], "--list") == 0;
  for (size_t i = 0; i < count; i++) {
    if (list)
      puts(tests[i].name);
    else if (strcmp(argv[1], tests[i].name) == 0)
      return run_alone(&tests[i]);
  }
  if (list) return PASSED;
  fprintf(stderr, "harness: %s has no test %s; --list shows what it has\n", argv[0], argv[1]);
  return 2;
}

void harness_fail(const char *format, ...) {
  char message[512];
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(message, sizeof message, format, arguments);
  va_end(arguments);
  print_error("harness: %s\n", message);
  _fail(__FILE__, __LINE__);
  abort(); /* _fail does not return, but does not say so */
}

void harness_skip(const char *reason) {
  printf("harness: skipped: %s\n", reason);
  skipped = true;
  skip();
}

pid_t harness_test_process(void) { return test_process; }

/* ---- results of memwell calls */

void harness_assert_ok(int result, const char *text, const char *file, int line) {
  if (result == 0) return;
  char message[600];
  mw_error_message(&why, message, sizeof message);
  print_error("%s:%d: %s\n  returned %d (%s), %s\n", file, line, text, result, mw_status_name(result), message);
  _fail(file, line);
}

/* "Noun.verb": what scripts and people know the call by. Element types are no noun of theirs: "dtype", "dtype.store"; nor are keys:
 * "ftok". */
static bool is_call(const char *call) {
  if (strncmp(call, "dtype", 5) == 0 || strcmp(call, "ftok") == 0) return true;
  const char *dot = strchr(call, '.');
  return dot != NULL && call[0] >= 'A' && call[0] <= 'Z' && dot[1] >= 'a' && dot[1] <= 'z';
}

void harness_assert_fails(int status, int result, const char *text, const char *file, int line) {
  const char *fault = NULL;
  char message[600] = "";
  if (result != status)
    fault = "another result";
  else if (why.status != status)
    fault = "another status in the error";
  else if (!is_call(why.call))
    fault = "no Noun.verb as the error's call";
  else if (why.reason[0] == '\0')
    fault = "no reason in the error";
  else if (mw_error_message(&why, message, sizeof message) != strlen(message))
    fault = "a message of another length";
  else if (strstr(message, why.call) == NULL || strstr(message, why.reason) == NULL)
    fault = "a message without call or reason";
  if (fault == NULL) return;
  print_error("%s:%d: %s\n  %s: wanted %s, got %d (%s); call \"%s\", object \"%s\", reason \"%s\"\n", file, line, text, fault,
              mw_status_name(status), result, mw_status_name(result), why.call, why.object, why.reason);
  _fail(file, line);
}

void harness_assert_why(const char *call, const char *object, int number, const char *file, int line) {
  if (strcmp(why.call, call) == 0 && strcmp(why.object, object) == 0 && why.os_errno == number) return;
  print_error("%s:%d: wanted %s(\"%s\") with errno %d, got %s(\"%s\") with errno %d: %s\n", file, line, call, object, number,
              why.call, why.object, why.os_errno, why.reason);
  _fail(file, line);
}

/* ---- processes */

/* cmocka has one handler for all of them. */
void harness_let_faults_kill(void) {
  static const int handled[] = {SIGSEGV, SIGBUS, SIGILL, SIGSYS, SIGFPE};
  struct sigaction cmockas, now;
  sigaction(SIGFPE, NULL, &cmockas);
  for (size_t i = 0; i < sizeof handled / sizeof handled[0]; i++)
    if (sigaction(handled[i], NULL, &now) == 0 && now.sa_handler == cmockas.sa_handler) signal(handled[i], SIG_DFL);
}

pid_t harness_fork(void) {
  fflush(NULL);
  pid_t parent = getpid(), child = fork();
  if (child < 0) harness_fail("fork: %s", strerror(errno));
  if (child > 0) return child;
  harness_let_faults_kill();
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != parent) _exit(FAILED); /* it died before the line above */
  return 0;
}

int harness_wait(pid_t child) {
  int status;
  while (waitpid(child, &status, 0) < 0)
    if (errno != EINTR) harness_fail("waitpid: %s", strerror(errno));
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

int harness_in_child(void (*body)(void *context), void *context) {
  pid_t child = harness_fork();
  if (child == 0) {
    body(context);
    fflush(NULL);
    _exit(PASSED);
  }
  return harness_wait(child);
}

int harness_rounds(int quick, int full) {
  const char *stress = getenv("STRESS");
  return stress != NULL && strcmp(stress, "full") == 0 ? full : quick;
}

static _Thread_local uint64_t random_state = 88172645463325252ULL;

void harness_seed(uint64_t seed) { random_state = 88172645463325252ULL ^ (seed * 0x9e3779b97f4a7c15ULL); }

/* G. Marsaglia, "Xorshift RNGs", 2003. */
uint64_t harness_below(uint64_t limit) {
  random_state ^= random_state << 13;
  random_state ^= random_state >> 7;
  random_state ^= random_state << 17;
  return random_state % limit;
}

void harness_needs_root(void) {
  if (geteuid() != 0) harness_skip("needs root, to act as two users");
}

void harness_become(uid_t user) {
  if (setgroups(0, NULL) != 0 || setresgid(user, user, user) != 0 || setresuid(user, user, user) != 0)
    harness_fail("become user %u: %s", user, strerror(errno));
  prctl(PR_SET_DUMPABLE, 1); /* as in a process that this user started; otherwise its own /proc/self belongs to root */
}

void harness_small_shm(size_t size) {
  char options[48];
  snprintf(options, sizeof options, "size=%zu,mode=1777", size);
  if (unshare(CLONE_NEWNS) != 0 || mount("none", "/", "none", MS_REC | MS_PRIVATE, NULL) != 0 ||
      mount("tmpfs", HARNESS_SHM, "tmpfs", 0, options) != 0)
    harness_skip("needs the right to mount");
}

static void do_nothing(int signal) { (void)signal; }

void harness_interrupt_every(int milliseconds) {
  struct sigaction action = {.sa_handler = do_nothing}; /* without SA_RESTART */
  struct timeval interval = {0, milliseconds * 1000L};
  sigaction(SIGALRM, &action, NULL);
  setitimer(ITIMER_REAL, &(struct itimerval){interval, interval}, NULL);
}

/* An emulated program makes the calls of the machine beneath it, whose numbers /proc has. */
static long number_beneath(long call) {
#ifdef HARNESS_ON_X86_64
  return call == SYS_futex ? 202 : call == SYS_semtimedop ? 220 : call;
#else
  return call;
#endif
}

static bool is_in_call(pid_t process, pid_t thread, long call) {
  char path[64], text[64];
  snprintf(path, sizeof path, "/proc/%d/task/%d/syscall", process, thread);
  int fd = open(path, O_RDONLY | O_CLOEXEC);
  if (fd < 0) harness_fail("%s: %s", path, strerror(errno));
  ssize_t size = read(fd, text, sizeof text - 1);
  close(fd);
  if (size <= 0) return false;
  text[size] = '\0';
  return text[0] != 'r' && strtol(text, NULL, 10) == number_beneath(call); /* "running" has no number */
}

void harness_await_call(pid_t process, pid_t thread, long call) {
  struct timespec moment = {0, 200000};
  while (!is_in_call(process, thread != 0 ? thread : process, call)) nanosleep(&moment, NULL);
}

void harness_await_futex(pid_t process, pid_t thread) { harness_await_call(process, thread, SYS_futex); }

void harness_gate_init(harness_gate *gate) {
  if (pipe2(gate->fds, O_CLOEXEC) != 0) harness_fail("pipe: %s", strerror(errno));
}

void harness_gate_open(harness_gate *gate) {
  while (write(gate->fds[1], "", 1) < 0 && errno == EINTR) {}
}

void harness_gate_wait(harness_gate *gate) {
  char token;
  while (read(gate->fds[0], &token, 1) < 0 && errno == EINTR) {}
}

void harness_gate_fini(harness_gate *gate) {
  close(gate->fds[0]);
  close(gate->fds[1]);
}

/* ---- files */

void harness_write_file(const char *path, const void *data, size_t size, unsigned permissions) {
  int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (fd < 0) harness_fail("%s: %s", path, strerror(errno));
  if (write(fd, data, size) != (ssize_t)size || fchmod(fd, permissions) != 0) harness_fail("%s: %s", path, strerror(errno));
  close(fd);
}

static struct stat look_at(const char *path) {
  struct stat stat;
  if (lstat(path, &stat) != 0) harness_fail("%s: %s", path, strerror(errno));
  return stat;
}

unsigned harness_permissions(const char *path) { return look_at(path).st_mode & 07777; }

uint64_t harness_file_size(const char *path) { return (uint64_t)look_at(path).st_size; }

bool harness_exists(const char *path) {
  struct stat stat;
  return lstat(path, &stat) == 0;
}
