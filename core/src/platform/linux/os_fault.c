/* The one handler for SIGBUS: faults on lost pages to the guard, everything else to where it would have gone.
 *
 * The handler is installed once and stays: somebody may have put his own on top of it, which hands on to it. So the code must stay
 * too, whatever is unloaded: the copy of the core that has installed it keeps itself loaded. It never puts itself on top again, for
 * two handlers of which each is the other's predecessor would go round in circles.
 *
 * In the handler there are system calls and atomics only: no thread-local storage, whose first touch may allocate.
 *
 * SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <signal.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "platform/os.h"

/* A static program has no dlopen, and nothing to unload. */
extern void *dlopen(const char *, int) __attribute__((weak));     /* NOLINT(*-redundant-declaration) */
extern int dladdr(const void *, Dl_info *) __attribute__((weak)); /* NOLINT(*-redundant-declaration) */

enum { NOT_INSTALLED, INSTALLING, INSTALLED };

static _Atomic int state;
static struct sigaction previous;
static bool (*mend_fault)(void *address);
static bool (*expects_fault)(void);

/* ---- where a signal would have gone without us */

/* The thread that was let off last, see let_off. */
static _Atomic int tolerated;

static int thread(void) { return (int)syscall(SYS_gettid); }

/* As if nobody had handled it. A fault comes again by itself; what was sent is sent once more. */
static void die(bool was_sent) {
  struct sigaction ordinary;
  memset(&ordinary, 0, sizeof ordinary);
  ordinary.sa_handler = SIG_DFL;
  sigaction(SIGBUS, &ordinary, NULL);
  if (was_sent) syscall(SYS_tgkill, (int)syscall(SYS_getpid), thread(), SIGBUS);
}

/* faulthandler, where it was enabled after us, answers a fault by showing the stack, putting us back and raising the signal again.
 * Its fault is still to come to us: so the first signal that a thread sends itself while a page is lost is let off, the next is
 * not. */
static bool let_off(const siginfo_t *info) {
  if (info->si_code != SI_TKILL || info->si_pid != (pid_t)syscall(SYS_getpid) || !expects_fault()) return false;
  return atomic_exchange(&tolerated, thread()) != thread();
}

/* Call the handler that was there before as the kernel would have: with its mask, and once where it asked for that. */
static void call_previous(int number, siginfo_t *info, void *context) {
  struct sigaction action = previous;
  if ((unsigned)action.sa_flags & SA_RESETHAND) previous.sa_handler = SIG_DFL;
  if (!(action.sa_flags & SA_NODEFER)) sigaddset(&action.sa_mask, SIGBUS);
  sigset_t mask;
  sigprocmask(SIG_BLOCK, &action.sa_mask, &mask);
  if (action.sa_flags & SA_SIGINFO)
    action.sa_sigaction(number, info, context);
  else
    action.sa_handler(number);
  sigprocmask(SIG_SETMASK, &mask, NULL);
}

static void pass_on(int number, siginfo_t *info, void *context) {
  bool was_sent = info->si_code <= 0;
  bool is_handled = previous.sa_flags & SA_SIGINFO || (previous.sa_handler != SIG_DFL && previous.sa_handler != SIG_IGN);
  if (is_handled)
    call_previous(number, info, context);
  else if (was_sent && (previous.sa_handler == SIG_IGN || let_off(info)))
    return;
  else
    die(was_sent);
}

static void on_signal(int number, siginfo_t *info, void *context) {
  int saved = errno;
  if (info->si_code == BUS_ADRERR && mend_fault(info->si_addr))
    atomic_store(&tolerated, 0);
  else
    pass_on(number, info, context);
  errno = saved;
}

/* ---- coming into place */

/* Keep the file that this code lies in loaded until the process ends. */
static void stay_loaded(void) {
  Dl_info here;
  if (!dlopen || !dladdr || !dladdr((void *)&state, &here) || !here.dli_fname) return;
  (void)dlopen(here.dli_fname, RTLD_LAZY | RTLD_NOLOAD | RTLD_NODELETE);
}

static int install(void) {
  struct sigaction action;
  memset(&action, 0, sizeof action);
  action.sa_sigaction = on_signal;
  action.sa_flags = SA_SIGINFO | SA_ONSTACK | SA_NODEFER;
  if (sigaction(SIGBUS, NULL, &previous) != 0 || sigaction(SIGBUS, &action, NULL) != 0) return errno;
  stay_loaded();
  return 0;
}

int mw__os_fault_watch(bool (*mend)(void *address), bool (*is_expected)(void)) {
  if (atomic_load_explicit(&state, memory_order_acquire) == INSTALLED) return 0;
  int expected = NOT_INSTALLED;
  if (!atomic_compare_exchange_strong(&state, &expected, INSTALLING)) return 0; /* another thread is at it, and done in a moment */
  mend_fault = mend;
  expects_fault = is_expected;
  int failure = install();
  atomic_store_explicit(&state, failure ? NOT_INSTALLED : INSTALLED, memory_order_release);
  return failure;
}

void mw__os_fault_unblock(void) {
  sigset_t fault;
  sigemptyset(&fault);
  sigaddset(&fault, SIGBUS);
  pthread_sigmask(SIG_UNBLOCK, &fault, NULL);
}

void mw__os_complain(const char *line) {
  if (write(STDERR_FILENO, line, strlen(line)) < 0) return; /* there is nobody else to tell */
}
