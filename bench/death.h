/* The experiments of death.py in C and C++: a child is killed where it says so, and another one goes on, or hangs. Each ends by
 * printing its verdict and what it saw.
 *
 * SPDX-License-Identifier: MIT */
#ifndef BENCH_DEATH_H
#define BENCH_DEATH_H

#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define PATIENCE 3000 /* ms until somebody hangs */

typedef struct verdict {
  const char *word;
  const char *seen;
} verdict;

/* Two numbers that are the same, while nobody has the lock. */
typedef struct pair {
  volatile long first, second;
} pair;

static int death_line; /* to who watches */

static inline void need(int good, const char *what) {
  if (good) return;
  perror(what);
  exit(1);
}

static inline void say(const char *text) {
  size_t size = strlen(text);
  need(write(death_line, text, size) == (ssize_t)size, "write");
}

static inline void be_killed_here(void) {
  say("x");
  for (;;) pause();
}

static inline pid_t start_child(void (*act)(void), int *out_line) {
  int line[2];
  need(pipe(line) == 0, "pipe");
  pid_t child = fork();
  need(child >= 0, "fork");
  if (child == 0) {
    death_line = line[1];
    act();
    _exit(0);
  }
  close(line[1]);
  *out_line = line[0];
  return child;
}

static inline void end_child(pid_t child, int line) {
  close(line);
  kill(child, SIGKILL);
  (void)waitpid(child, NULL, 0);
}

static inline void kill_one_that(void (*act)(void)) {
  int line;
  char byte;
  pid_t child = start_child(act, &line);
  need(read(line, &byte, 1) == 1, "who was to be killed ended before");
  end_child(child, line);
}

/* `act` says what it sees: VERDICT, a blank, and the rest. */
static inline void attempt(void (*act)(void)) {
  int line;
  char text[256] = "hangs who comes next waits for ever (given up after 3 s)";
  pid_t child = start_child(act, &line);
  struct pollfd answer = {line, POLLIN, 0};
  if (poll(&answer, 1, PATIENCE) > 0) {
    ssize_t size = read(line, text, sizeof text - 1);
    text[size > 0 ? size : 0] = 0;
  }
  end_child(child, line);
  char *blank = strchr(text, ' ');
  need(blank != NULL, "who came next says nothing");
  *blank = 0;
  printf("{\"verdict\": \"%s\", \"seen\": \"%s\"}\n", text, blank + 1);
}

/* What a lock that was given back without a word leads to. */
static inline void say_what_is_there(const pair *numbers) {
  if (numbers->first == numbers->second)
    say("recovers the lock comes back");
  else
    say("loses the lock comes back, and nobody is told that what it guards is half written");
}

#endif
