/* Single steps by ptrace(2). The process stops itself before and behind what is stepped.
 *
 * SPDX-License-Identifier: MIT */
#include "step.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

#include "harness.h"

/* Wait for its next stop. Returns the signal that stopped it. */
static int await_stop(const step_process *process) {
  int status;
  while (waitpid(process->pid, &status, __WALL) < 0)
    if (errno != EINTR) harness_fail("waitpid: %s", strerror(errno));
  if (WIFSTOPPED(status)) return WSTOPSIG(status);
  harness_fail("the process that is stepped ended by itself, %s %d", WIFEXITED(status) ? "with exit code" : "by signal",
               WIFEXITED(status) ? WEXITSTATUS(status) : WTERMSIG(status));
}

/* What PTRACE_... are is not the same type in every libc. */
static void go_on(const step_process *process, unsigned request, int signal) {
  if (ptrace(request, process->pid, NULL, (void *)(intptr_t)signal) != 0) harness_fail("ptrace: %s", strerror(errno));
}

void step_start(step_process *process, void (*before)(void *context), void (*act)(void *context), void *context) {
  process->pid = harness_fork();
  process->acting = true;
  process->instructions = 0;
  if (process->pid == 0) {
    if (before != NULL) before(context);
    if (ptrace(PTRACE_TRACEME, 0, NULL, NULL) != 0) harness_fail("ptrace: %s", strerror(errno));
    raise(SIGSTOP);
    if (act != NULL) act(context);
    raise(SIGSTOP);
    fflush(NULL);
    _exit(0);
  }
  int signal = await_stop(process);
  if (signal != SIGSTOP) harness_fail("the process that is to be stepped got signal %d before that", signal);
  ptrace(PTRACE_SETOPTIONS, process->pid, NULL, (void *)(intptr_t)(PTRACE_O_EXITKILL | PTRACE_O_TRACESYSGOOD));
}

bool step_once(step_process *process) {
  for (int pass = 0; process->acting;) { /* a signal that is not ours is the process's: it gets it, and has not stepped */
    go_on(process, PTRACE_SINGLESTEP, pass);
    int signal = await_stop(process);
    process->instructions++;
    if (signal == SIGTRAP) return true;
    if (signal == SIGSTOP) process->acting = false;
    pass = signal;
  }
  return false;
}

static struct __ptrace_syscall_info look_at(const step_process *process) {
  struct __ptrace_syscall_info info;
  if (ptrace(PTRACE_GET_SYSCALL_INFO, process->pid, (void *)sizeof info, &info) <= 0) harness_fail("ptrace: %s", strerror(errno));
  return info;
}

bool step_is_at_call(const step_process *process) {
  void *place = (void *)(uintptr_t)look_at(process).instruction_pointer;
  errno = 0;
  long code = ptrace(PTRACE_PEEKTEXT, process->pid, place, NULL);
  if (errno != 0) harness_fail("ptrace: %s", strerror(errno));
#ifdef __aarch64__
  return (code & 0xffffffff) == 0xd4000001; /* svc #0 */
#else
  return (code & 0xffff) == 0x050f; /* syscall */
#endif
}

bool step_past_call(step_process *process) {
  for (int stops = 0; process->acting && stops < 2;) { /* before it and behind it */
    go_on(process, PTRACE_SYSCALL, 0);
    int signal = await_stop(process);
    if (signal == (SIGTRAP | 0x80))
      stops++;
    else if (signal == SIGSTOP)
      process->acting = false;
    else if (signal != SIGTRAP)
      harness_fail("the process that is stepped got signal %d", signal);
  }
  return process->acting;
}

static bool has_changed(step_memory *memory) {
  if (memcmp(memory->now, memory->last, memory->size) == 0) return false;
  memcpy(memory->last, memory->now, memory->size);
  return true;
}

bool step_until_change(step_process *process, step_memory *memory) {
  while (step_once(process))
    if (has_changed(memory)) return true;
  return false;
}

bool step_to(step_process *process, const step_place *place) {
  bool acts = true;
  for (long i = 0; i < place->calls && acts; i++) acts = step_past_call(process);
  for (long i = 0; i < place->instructions && acts; i++) acts = step_once(process);
  return acts;
}

bool step_along(step_process *process, step_memory *memory, step_place *place) {
  for ((void)has_changed(memory);;) {
    bool calls = step_is_at_call(process);
    if (!step_once(process)) return false;
    *place = calls ? (step_place){place->calls + 1, 0} : (step_place){place->calls, place->instructions + 1};
    if (has_changed(memory) || calls) return true;
  }
}

void step_kill(step_process *process) {
  kill(process->pid, SIGKILL);
  harness_wait(process->pid);
}

/* Of the stop at a system call: whether this is it, and failed so. */
static bool has_failed(const step_process *process, long *call, long wanted, int failure) {
  struct __ptrace_syscall_info info = look_at(process);
  if (info.op == PTRACE_SYSCALL_INFO_ENTRY) *call = (long)info.entry.nr;
  return info.op == PTRACE_SYSCALL_INFO_EXIT && *call == wanted && info.exit.rval == -failure;
}

int step_count_failures(step_process *process, long call, int failure) {
  int count = 0;
  long current = -1;
  while (process->acting) {
    go_on(process, PTRACE_SYSCALL, 0);
    int signal = await_stop(process);
    if (signal == (SIGTRAP | 0x80))
      count += has_failed(process, &current, call, failure);
    else if (signal == SIGSTOP)
      process->acting = false;
    else if (signal != SIGTRAP)
      harness_fail("the process that is stepped got signal %d", signal);
  }
  return count;
}

int step_finish(step_process *process) {
  while (process->acting) {
    go_on(process, PTRACE_CONT, 0);
    int signal = await_stop(process);
    if (signal == SIGSTOP)
      process->acting = false;
    else if (signal != SIGTRAP)
      harness_fail("the process that is stepped got signal %d", signal);
  }
  go_on(process, PTRACE_DETACH, 0);
  return harness_wait(process->pid);
}
