/* Ping-pong of two processes in bare C: the limits, which are spinning on a word and sleeping on one, and the peers, which are what
 * the kernel and libc have.
 *
 * SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include "rally.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <mqueue.h>
#include <semaphore.h>
#include <sys/eventfd.h>
#include <sys/msg.h>
#include <sys/socket.h>
#include <sys/syscall.h>

typedef struct side {
  _Alignas(64) _Atomic uint32_t ball;
  _Alignas(64) sem_t semaphore;
} side;

typedef struct message {
  long type; /* the side that it is for, from 1 on */
  char text[1];
} message;

static side *sides;
static int pipes[2][2], sockets[2], counters[2], messages;
static mqd_t queues[2];

/* ---- a word */

/* One word says who has the ball, so that only one cache line moves. */
static void await_spinning(int side) {
  while (atomic_load_explicit(&sides->ball, memory_order_acquire) != (uint32_t)side) continue;
}
static void pass_spinning(int side) { atomic_store_explicit(&sides->ball, (uint32_t)side, memory_order_release); }

static void futex(int side, int operation, uint32_t value) {
  (void)syscall(SYS_futex, &sides[side].ball, operation, value, NULL, NULL, 0);
}

static void await_waking(int side) { await_spinning(side); }
static void pass_waking(int side) {
  pass_spinning(side);
  futex(side, FUTEX_WAKE, 1);
}

static void await_futex(int side) {
  while (!atomic_exchange(&sides[side].ball, 0)) futex(side, FUTEX_WAIT, 0);
}
static void pass_futex(int side) {
  atomic_store(&sides[side].ball, 1);
  futex(side, FUTEX_WAKE, 1);
}

/* ---- what libc and the kernel have */

static void await_posix(int side) { must(sem_wait(&sides[side].semaphore) == 0, "sem_wait"); }
static void pass_posix(int side) { must(sem_post(&sides[side].semaphore) == 0, "sem_post"); }

static void take_byte(int fd) {
  char byte;
  must(read(fd, &byte, 1) == 1, "read");
}
static void give_byte(int fd) { must(write(fd, "x", 1) == 1, "write"); }

static void await_pipe(int side) { take_byte(pipes[side][0]); }
static void pass_pipe(int side) { give_byte(pipes[side][1]); }

/* What is written into one end comes out of the other. */
static void await_socket(int side) { take_byte(sockets[side]); }
static void pass_socket(int side) { give_byte(sockets[!side]); }

static void await_eventfd(int side) {
  uint64_t count;
  must(read(counters[side], &count, sizeof count) == sizeof count, "read");
}
static void pass_eventfd(int side) {
  uint64_t one = 1;
  must(write(counters[side], &one, sizeof one) == sizeof one, "write");
}

static void await_mq(int side) {
  char byte;
  must(mq_receive(queues[side], &byte, 1, NULL) == 1, "mq_receive");
}
static void pass_mq(int side) { must(mq_send(queues[side], "x", 1, 0) == 0, "mq_send"); }

static void await_msg(int side) {
  message got;
  must(msgrcv(messages, &got, 1, side + 1, 0) == 1, "msgrcv");
}
static void pass_msg(int side) {
  message given = {side + 1, "x"};
  must(msgsnd(messages, &given, 1, 0) == 0, "msgsnd");
}

RALLY(spinning)
RALLY(waking)
RALLY(futex)
RALLY(posix)
RALLY(pipe)
RALLY(socket)
RALLY(eventfd)
RALLY(mq)
RALLY(msg)

/* ---- what is there */

static void must_have(int good, const char *work) {
  if (!good) printf("lacks %s %s\n", work, strerror(errno));
}

/* The names are gone again at once; the queue stays while somebody has it. */
static mqd_t queue(int side) {
  char name[64];
  struct mq_attr attributes = {.mq_maxmsg = 1, .mq_msgsize = 1};
  snprintf(name, sizeof name, "/memwell-bench-%ld-%d", (long)getpid(), side);
  mqd_t opened = mq_open(name, O_CREAT | O_EXCL | O_RDWR, 0600, &attributes);
  if (opened != (mqd_t)-1) mq_unlink(name);
  return opened;
}

static void begin(void) {
  sides = mmap(NULL, 2 * sizeof *sides, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  must(sides != MAP_FAILED, "mmap");
  must(socketpair(AF_UNIX, SOCK_STREAM, 0, sockets) == 0, "socketpair");
  for (int i = 0; i < 2; i++) {
    must(sem_init(&sides[i].semaphore, 1, 0) == 0, "sem_init");
    must(pipe(pipes[i]) == 0, "pipe");
    must((counters[i] = eventfd(0, 0)) >= 0, "eventfd");
    must_have((queues[i] = queue(i)) != (mqd_t)-1, "mq");
  }
  must_have((messages = msgget(IPC_PRIVATE, 0600)) >= 0, "msg");
}

int main(int count, char **arguments) {
  static const work works[] = {{"spinning", rally_spinning}, {"waking", rally_waking}, {"futex", rally_futex},
                               {"posix", rally_posix},       {"pipe", rally_pipe},     {"socket", rally_socket},
                               {"eventfd", rally_eventfd},   {"mq", rally_mq},         {"msg", rally_msg}};
  rally_begin(count, arguments);
  begin();
  rally_serve(works, sizeof works / sizeof *works);
  msgctl(messages, IPC_RMID, NULL);
  return 0;
}
