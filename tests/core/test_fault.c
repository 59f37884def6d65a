/* What becomes of a SIGBUS that the guard is asked about: pages that are there after all, pages that cannot be mended, and every
 * signal that is none of its faults, which goes where it would have gone.
 *
 * A test that would end by the signal asks the guard's handler itself, as a handler on top of it would, and looks what it did.
 *
 * SPDX-License-Identifier: MIT */
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "harness.h"

#define PAGES 200

static size_t page_size(void) { return (size_t)sysconf(_SC_PAGESIZE); }

static mw_region *file_of(size_t pages, unsigned flags) {
  mw_region *region;
  mw_region_options options = {sizeof options, .flags = MW_TRUNCATE | flags};
  assert_ok(mw_region_file(harness_path("file"), pages * page_size(), &options, &why, &region));
  assert_ok(mw_region_fill(region, 7, 0, pages * page_size(), &why));
  return region;
}

static void cut(size_t pages) { assert_int_equal(truncate(harness_path("file"), (off_t)(pages * page_size())), 0); }

static volatile unsigned char *page_of(mw_region *region, size_t page) {
  return (unsigned char *)mw_region_data(region) + page * page_size();
}

static struct sigaction current(void) {
  struct sigaction action;
  assert_int_equal(sigaction(SIGBUS, NULL, &action), 0);
  return action;
}

/* The guard comes into place with the first region that it guards, on top of what is there then. */
static void ask_guard(siginfo_t *info) {
  static struct sigaction guards;
  if (!guards.sa_sigaction) guards = current();
  assert_true(guards.sa_flags & SA_SIGINFO);
  guards.sa_sigaction(SIGBUS, info, NULL);
}

static siginfo_t fault_at(volatile void *address) {
  siginfo_t info = {.si_signo = SIGBUS, .si_code = BUS_ADRERR};
  info.si_addr = (void *)(uintptr_t)address;
  return info;
}

static siginfo_t sent_by(pid_t process, int code) {
  siginfo_t info = {.si_signo = SIGBUS, .si_code = code};
  info.si_pid = process;
  return info;
}

/* ---- where nobody else handles it */

static sigset_t only_this(void) {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGBUS);
  return set;
}

/* Whether the signal has been sent once more, with its ordinary end in place: it would have killed. Blocked, it waits. */
static bool would_have_killed(void) {
  sigset_t this = only_this();
  struct timespec none = {0, 0};
  bool is_ordinary = current().sa_handler == SIG_DFL;
  return sigtimedwait(&this, NULL, &none) == SIGBUS && is_ordinary;
}

static void what_was_sent_kills_as_ever(void **state) {
  (void)state;
  harness_let_faults_kill();
  mw_region *regions[100]; /* more than one piece of the table holds */
  regions[0] = file_of(1, 0);
  for (int i = 1; i < 100; i++) assert_ok(mw_region_file(harness_path("file"), 0, NULL, &why, &regions[i]));
  siginfo_t sent[] = {sent_by(getpid(), SI_TKILL), sent_by(getpid(), SI_USER), sent_by(getppid(), SI_TKILL),
                      sent_by(getpid(), SI_QUEUE)};
  sigset_t this = only_this();
  ask_guard(&(siginfo_t){.si_code = BUS_ADRERR, .si_addr = mw_region_data(regions[0])}); /* while it is in place */
  sigprocmask(SIG_BLOCK, &this, NULL);
  for (int i = 0; i < 4; i++) {
    ask_guard(&sent[i]);
    assert_true(would_have_killed());
  }
  for (int i = 0; i < 100; i++) mw_region_close(regions[i]);
}

/* One that a thread sends itself while a page is lost may be another handler's way of handing on a fault: once. */
static void one_that_is_sent_while_a_page_is_lost_is_let_off(void **state) {
  (void)state;
  harness_let_faults_kill();
  mw_region *whole = file_of(1, 0), *region = file_of(PAGES, 0);
  siginfo_t own = sent_by(getpid(), SI_TKILL), others = sent_by(getppid(), SI_TKILL), to_all = sent_by(getpid(), SI_USER);
  struct sigaction guards = current();
  sigset_t this = only_this();
  cut(1);
  guards.sa_sigaction(SIGBUS, &own, NULL);
  assert_true(current().sa_sigaction == guards.sa_sigaction);
  assert_int_equal(*page_of(region, 3), 0); /* the fault itself, which is mended */
  assert_int_equal(*page_of(whole, 0), 7);
  assert_ok(mw_region_remap(region, &why));
  cut(0);
  sigprocmask(SIG_BLOCK, &this, NULL);
  guards.sa_sigaction(SIGBUS, &others, NULL);
  assert_true(would_have_killed());
  guards.sa_sigaction(SIGBUS, &to_all, NULL);
  assert_true(would_have_killed());
  assert_int_equal(sigaction(SIGBUS, &guards, NULL), 0);
  guards.sa_sigaction(SIGBUS, &own, NULL); /* another fault, another one */
  assert_true(current().sa_sigaction == guards.sa_sigaction);
  assert_false(would_have_killed());
  guards.sa_sigaction(SIGBUS, &own, NULL); /* and the fault did not come */
  assert_true(would_have_killed());
  mw_region_close(region);
  mw_region_close(whole);
}

/* It comes again by itself. */
static void another_fault_is_not_sent(void **state) {
  (void)state;
  harness_let_faults_kill();
  mw_region *region = file_of(1, 0);
  char here;
  siginfo_t foreign = fault_at(&here), before = fault_at(page_of(region, 0) - 1), behind = fault_at(page_of(region, 1));
  siginfo_t of_memory = {.si_signo = SIGBUS, .si_code = BUS_OBJERR, .si_addr = mw_region_data(region)};
  siginfo_t *const infos[] = {&foreign, &before, &behind, &of_memory};
  struct sigaction guards = current(), ordinary = {.sa_handler = SIG_DFL};
  sigset_t this = only_this();
  sigprocmask(SIG_BLOCK, &this, NULL);
  for (int i = 0; i < 4; i++) {
    assert_int_equal(sigaction(SIGBUS, &guards, NULL), 0);
    guards.sa_sigaction(SIGBUS, infos[i], NULL);
    assert_true(current().sa_handler == ordinary.sa_handler);
    assert_false(would_have_killed());
  }
  mw_region_close(region);
}

/* ---- a handler that was there before */

static _Atomic int calls;
static struct {
  siginfo_t *info;
  void *context;
  bool bus_blocked;
  bool hup_blocked;
} seen;

static void note_mask(void) {
  sigset_t mask;
  sigprocmask(SIG_BLOCK, NULL, &mask);
  seen.bus_blocked = sigismember(&mask, SIGBUS);
  seen.hup_blocked = sigismember(&mask, SIGHUP);
  atomic_fetch_add(&calls, 1);
}

static void note(int number) {
  assert_int_equal(number, SIGBUS);
  note_mask();
}

static void note_all(int number, siginfo_t *info, void *context) {
  seen.info = info;
  seen.context = context;
  note(number);
}

static void assert_mask_is_as_before(void) {
  sigset_t mask;
  sigprocmask(SIG_BLOCK, NULL, &mask);
  assert_false(sigismember(&mask, SIGBUS) || sigismember(&mask, SIGHUP));
}

/* In a process where the guard is not in place yet. */
typedef struct previous {
  unsigned flags;
  bool blocks_hup;
} previous;

static mw_region *guarded_over(const previous *wanted) {
  struct sigaction action = {.sa_flags = (int)wanted->flags};
  if (wanted->flags & SA_SIGINFO)
    action.sa_sigaction = note_all;
  else
    action.sa_handler = note;
  if (wanted->blocks_hup) sigaddset(&action.sa_mask, SIGHUP);
  assert_int_equal(sigaction(SIGBUS, &action, NULL), 0);
  return file_of(1, 0);
}

static void is_called_as_the_kernel_would(void *context) {
  const previous *wanted = context;
  mw_region *region = guarded_over(wanted);
  siginfo_t sent = sent_by(getpid(), SI_USER);
  int nothing;
  struct sigaction guards = current();
  guards.sa_sigaction(SIGBUS, &sent, &nothing);
  assert_int_equal(atomic_load(&calls), 1);
  assert_int_equal(seen.bus_blocked, !(wanted->flags & SA_NODEFER));
  assert_int_equal(seen.hup_blocked, wanted->blocks_hup);
  assert_mask_is_as_before();
  if (wanted->flags & SA_SIGINFO) assert_ptr_equal(seen.info, &sent);
  if (wanted->flags & SA_SIGINFO) assert_ptr_equal(seen.context, &nothing);
  sigset_t this = only_this();
  if (wanted->flags & SA_RESETHAND) sigprocmask(SIG_BLOCK, &this, NULL);
  guards.sa_sigaction(SIGBUS, &sent, &nothing);
  bool again = atomic_load(&calls) == 2;
  assert_int_equal(again, !(wanted->flags & SA_RESETHAND)); /* which it asked for, and no signal again */
  assert_int_equal(would_have_killed(), !again);
  mw_region_close(region);
}

static void a_handler_that_was_there_is_called_as_by_the_kernel(void **state) {
  (void)state;
  static previous rows[] = {
      {0, false}, {0, true}, {SA_NODEFER, true}, {SA_SIGINFO, false}, {SA_SIGINFO | SA_NODEFER, false}, {SA_RESETHAND, false}};
  (void)harness_path("file");
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
    assert_int_equal(harness_in_child(is_called_as_the_kernel_would, &rows[i]), 0);
}

/* ---- pages that the guard does not mend */

static sigjmp_buf back;
static void jump_back(int number) { siglongjmp(back, number); }

/* Touch the page where a handler that was there before the guard ends it; false: it was mended. */
static bool jumps_at(const volatile unsigned char *page) {
  if (sigsetjmp(back, 1) != 0) return true;
  (void)*page;
  return false;
}

static void let_faults_jump(void (*handler)(int number)) {
  struct sigaction jumping = {.sa_handler = handler};
  assert_int_equal(sigaction(SIGBUS, &jumping, NULL), 0);
}

/* Standard error, to a pipe or to nowhere. */
static int redirect_stderr(bool to_pipe) {
  int fds[2] = {-1, -1};
  if (!to_pipe) return close(STDERR_FILENO);
  assert_int_equal(pipe2(fds, O_CLOEXEC), 0);
  assert_int_equal(dup2(fds[1], STDERR_FILENO), STDERR_FILENO);
  close(fds[1]);
  return fds[0];
}

static void assert_said(int fd, const char *word) {
  char line[200] = "";
  assert_true(read(fd, line, sizeof line - 1) > 0);
  assert_non_null(strstr(line, "memwell: "));
  assert_non_null(strstr(line, word));
  assert_int_equal(line[strlen(line) - 1], '\n');
}

static void abort_in_child(void *told) {
  let_faults_jump(jump_back);
  mw_region *region = file_of(PAGES, MW_FAULT_ABORTS);
  int fd = redirect_stderr(told);
  cut(1);
  assert_true(jumps_at(page_of(region, 10)));
  if (told) assert_said(fd, "on_fault is \"abort\"");
  assert_true(jumps_at(page_of(region, 10))); /* nothing was put there */
  assert_false(mw_region_is_faulted(region));
  assert_int_equal(*page_of(region, 0), 7);
  mw_region_close(region);
}

static void to_abort_is_to_say_so_and_hand_the_fault_on(void **state) {
  (void)state;
  char told;
  (void)harness_path("file");
  assert_int_equal(harness_in_child(abort_in_child, &told), 0);
  assert_int_equal(harness_in_child(abort_in_child, NULL), 0); /* whether somebody hears it or not */
}

static void set_data_limit(rlim_t bytes) {
  struct rlimit limit;
  assert_int_equal(getrlimit(RLIMIT_DATA, &limit), 0);
  limit.rlim_cur = bytes;
  assert_int_equal(setrlimit(RLIMIT_DATA, &limit), 0);
}

/* Before anything else may need some. */
static void have_memory_and_jump_back(int number) {
  set_data_limit(RLIM_INFINITY);
  jump_back(number);
}

static void want_memory_in_child(void *unused) {
  (void)unused;
  let_faults_jump(have_memory_and_jump_back);
  mw_region *region = file_of(PAGES, 0);
  int fd = redirect_stderr(true);
  cut(1);
  set_data_limit(page_size());
  assert_true(jumps_at(page_of(region, 10)));
  assert_said(fd, "no memory for zeros");
  assert_true(mw_region_is_faulted(region)); /* what was read is not to be trusted */
  assert_false(jumps_at(page_of(region, 10)));
  assert_int_equal(*page_of(region, 10), 0);
  mw_region_close(region);
}

static void without_memory_for_zeros_the_fault_is_handed_on(void **state) {
  (void)state;
  (void)harness_path("file");
  assert_int_equal(harness_in_child(want_memory_in_child, NULL), 0);
}

/* ---- faults that come often */

/* A page may be there by the time that anybody looks. But a page that is there and faults for ever would be a loop. */
static void a_page_that_is_there_is_tried_again_and_not_for_ever(void **state) {
  (void)state;
  enum { MOST = 64 };
  harness_let_faults_kill();
  mw_region *region = file_of(3, 0);
  siginfo_t fault = fault_at(page_of(region, 1) + 5);
  for (int i = 0; i < MOST; i++) {
    ask_guard(&fault);
    assert_int_equal(*page_of(region, 1), 7);
  }
  assert_false(mw_region_is_faulted(region));
  assert_ok(mw_region_check(region, &why));
  ask_guard(&fault);
  assert_true(mw_region_is_faulted(region));
  assert_fails(MW_EFAULT, mw_region_check(region, &why));
  assert_int_equal(*page_of(region, 1), 0);
  assert_int_equal(*page_of(region, 0), 7);
  assert_int_equal(*page_of(region, 2), 7);
  mw_region_close(region);
}

static _Atomic int faults;
static struct sigaction guards_own;

static void count_and_hand_on(int number, siginfo_t *info, void *context) {
  atomic_fetch_add(&faults, 1);
  guards_own.sa_sigaction(number, info, context);
}

/* Use up all the space of this file system. */
static int fill_up(void) {
  static const char zeros[4096];
  int fd = open(HARNESS_SHM "rest", O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  while (write(fd, zeros, sizeof zeros) > 0) continue;
  return fd;
}

/* Holes of a full file system, with a page behind them that is there: each costs a fault, up to so many, and then all at once. */
static void pages_that_are_lost_among_others_are_mended_one_by_one(void **state) {
  (void)state;
  enum { MOST = 64 };
  harness_let_faults_kill();
  harness_small_shm(1 << 20);
  int fd = open(HARNESS_SHM "sparse", O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  assert_int_equal(ftruncate(fd, (off_t)(PAGES * page_size())), 0);
  mw_region *region;
  assert_ok(mw_region_from_fd(fd, 0, NULL, &why, &region));
  *page_of(region, 0) = *page_of(region, MOST) = *page_of(region, PAGES - 1) = 7;
  int rest = fill_up();
  struct sigaction counting = {.sa_sigaction = count_and_hand_on, .sa_flags = SA_SIGINFO | SA_NODEFER};
  assert_int_equal(sigaction(SIGBUS, &counting, &guards_own), 0);
  for (size_t i = 1; i < MOST; i++) *page_of(region, i) = 1;
  assert_int_equal(atomic_load(&faults), MOST - 1);
  assert_int_equal(*page_of(region, 0), 7);
  assert_int_equal(*page_of(region, MOST), 7);
  *page_of(region, MOST + 1) = 1;
  assert_int_equal(*page_of(region, PAGES - 1), 7);
  for (size_t i = MOST + 2; i < PAGES - 1; i++) *page_of(region, i) = 1;
  assert_int_equal(atomic_load(&faults), MOST + 1);
  assert_int_equal(*page_of(region, PAGES - 1), 0); /* with what lay behind it: the region is not to be trusted anyway */
  assert_fails(MW_EFAULT, mw_region_check(region, &why));
  mw_region_close(region);
  close(rest);
  close(fd);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(what_was_sent_kills_as_ever),
    cmocka_unit_test(one_that_is_sent_while_a_page_is_lost_is_let_off),
    cmocka_unit_test(another_fault_is_not_sent),
    cmocka_unit_test(a_handler_that_was_there_is_called_as_by_the_kernel),
    cmocka_unit_test(to_abort_is_to_say_so_and_hand_the_fault_on),
    cmocka_unit_test(without_memory_for_zeros_the_fault_is_handed_on),
    cmocka_unit_test(a_page_that_is_there_is_tried_again_and_not_for_ever),
    cmocka_unit_test(pages_that_are_lost_among_others_are_mended_one_by_one),
};

HARNESS_MAIN(tests)
