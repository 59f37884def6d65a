/* A message there and back between two processes, written whole by who sends it and read whole by who gets it: in memory that both
 * have mapped, and through the message queues of POSIX and of System V. By the clock on the wall.
 *
 * SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#define SERVE_CLOCK CLOCK_MONOTONIC
#include <errno.h>
#include <fcntl.h>
#include <mqueue.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/msg.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core_worker.h"

#define MOST ((size_t)8192) /* what the kernel lets a message have where nobody has changed that */

typedef struct message {
  long type; /* System V has it first */
  uint64_t words[MOST / sizeof(uint64_t)];
} message;

static mw_error error;
static mw_region *region;
static mw_semaphore *turn[2];
static message *in_common; /* in the region: one for each direction */
static message own;
static mqd_t posix[2];
static int sysv[2];
static const char *no_posix, *no_sysv;

#define good(call) must_be_good((call), &error)

/* ---- what a message says: every word is the number of the round, so that a stale one is seen */

static void put(message *letter, size_t size, long round) {
  for (size_t i = 0; i < size / sizeof *letter->words; i++) letter->words[i] = (uint64_t)round;
}

static void check(const message *letter, size_t size, long round) {
  uint64_t wrong = 0;
  for (size_t i = 0; i < size / sizeof *letter->words; i++) wrong |= letter->words[i] ^ (uint64_t)round;
  must(wrong == 0, "a message that arrived as it was sent");
}

/* ---- the ways: send from a side, get at a side */

static void send_map(int side, size_t size, long round) {
  put(&in_common[side], size, round);
  good(mw_semaphore_release(turn[!side], 1, &error));
}

static void get_map(int side, size_t size, long round) {
  good(mw_semaphore_acquire(turn[side], MW_DEADLINE_NEVER, &error));
  check(&in_common[!side], size, round);
}

static void send_posix(int side, size_t size, long round) {
  put(&own, size, round);
  must(mq_send(posix[side], (char *)own.words, size, 0) == 0, "mq_send");
}

static void get_posix(int side, size_t size, long round) {
  must(mq_receive(posix[!side], (char *)own.words, MOST, NULL) == (ssize_t)size, "mq_receive");
  check(&own, size, round);
}

static void send_sysv(int side, size_t size, long round) {
  own.type = 1;
  put(&own, size, round);
  must(msgsnd(sysv[side], &own, size, 0) == 0, "msgsnd");
}

static void get_sysv(int side, size_t size, long round) {
  must(msgrcv(sysv[!side], &own, MOST, 0, 0) == (ssize_t)size, "msgrcv");
  check(&own, size, round);
}

/* ---- there and back */

typedef void step(int side, size_t size, long round);

static void answer_all(step *send, step *get, size_t size, long n) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  for (long i = 0; i < n; i++) {
    get(1, size, i);
    send(1, size, i);
  }
  _exit(0);
}

static void rally(step *send, step *get, size_t size, long n) {
  int status;
  pid_t child = fork();
  must(child >= 0, "fork");
  if (child == 0) answer_all(send, get, size, n);
  for (long i = 0; i < n; i++) {
    send(0, size, i);
    get(0, size, i);
  }
  must(waitpid(child, &status, 0) == child && status == 0, "a child that ends well");
}

#define RALLY(way, size) \
  static void way##_##size(long n) { rally(send_##way, get_##way, size, n); }
#define RALLIES(way) RALLY(way, 64) RALLY(way, 1024) RALLY(way, 8192)
RALLIES(map)
RALLIES(posix)
RALLIES(sysv)

/* ---- what is there. Queues have no place in the file system while anybody looks: they go with the last who has them */

static void begin_posix(void) {
  struct mq_attr attributes = {.mq_maxmsg = 2, .mq_msgsize = MOST};
  for (int i = 0; i < 2; i++) {
    char name[64];
    snprintf(name, sizeof name, "/memwell-bench-%ld-%d", (long)getpid(), i);
    posix[i] = mq_open(name, O_RDWR | O_CREAT | O_EXCL, 0600, &attributes);
    if (posix[i] == (mqd_t)-1) no_posix = strerror(errno);
    mq_unlink(name);
  }
}

static void begin_sysv(void) {
  for (int i = 0; i < 2; i++) {
    sysv[i] = msgget(IPC_PRIVATE, 0600);
    if (sysv[i] < 0) no_sysv = strerror(errno);
  }
}

static void end_sysv(void) {
  for (int i = 0; i < 2; i++) msgctl(sysv[i], IPC_RMID, NULL);
}

static void begin(void) {
  good(mw_region_anonymous(2 * sizeof *in_common + 128, NULL, &error, &region));
  in_common = mw_region_data(region);
  for (uint64_t i = 0; i < 2; i++) good(mw_semaphore_at(region, 2 * sizeof *in_common + 64 * i, 0, &error, &turn[i]));
  begin_posix();
  begin_sysv();
}

#define ROWS(way) \
  {#way "_64", way##_64}, {#way "_1024", way##_1024}, { #way "_8192", way##_8192 }

static const work all[] = {ROWS(map), ROWS(posix), ROWS(sysv)};

static const char *lacking(const char *name) {
  return strncmp(name, "posix", 5) == 0 ? no_posix : strncmp(name, "sysv", 4) == 0 ? no_sysv : NULL;
}

int main(void) {
  work works[sizeof all / sizeof *all];
  size_t count = 0;
  begin();
  for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
    if (lacking(all[i].name))
      printf("lacks %s %s\n", all[i].name, lacking(all[i].name));
    else
      works[count++] = all[i];
  }
  serve(works, count);
  end_sysv();
  return 0;
}
