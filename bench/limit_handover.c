/* The limits of handing over, in bare C: writing and reading alone, in one process; the same in two with a word to spin on. And
 * the peer that copies: a Unix socket.
 *
 * SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include "rally.h"

#include <sys/socket.h>

#include "payload.h"

static _Atomic uint32_t *ball; /* whose turn it is; a line of its own */
static uint64_t *words;        /* in common */
static uint64_t *copy;         /* each process its own */
static int sockets[2];

/* ---- in place */

static void passes(long n) {
  for (long i = 0; i < n; i++) {
    payload_write(words);
    payload_trip--; /* as the other process counts */
    payload_read(words);
  }
}

static void await_token(int side) {
  while (atomic_load_explicit(ball, memory_order_acquire) != (uint32_t)side) continue;
}
static void pass_token(int side) { atomic_store_explicit(ball, (uint32_t)side, memory_order_release); }

static void await_spinning(int side) {
  await_token(side);
  if (side == 1) payload_read(words);
}
static void pass_spinning(int side) {
  if (side == 1) payload_write(words);
  pass_token(side);
}

/* ---- copied */

static void send_all(int fd, const char *bytes, size_t size) {
  for (size_t done = 0; done < size;) {
    ssize_t sent = write(fd, bytes + done, size - done);
    must(sent > 0, "write");
    done += (size_t)sent;
  }
}

static void receive_all(int fd, char *bytes, size_t size) {
  for (size_t done = 0; done < size;) {
    ssize_t got = read(fd, bytes + done, size - done);
    must(got > 0, "read");
    done += (size_t)got;
  }
}

static void await_copy(int fd, int side) {
  char byte;
  receive_all(fd, side == 1 ? (char *)copy : &byte, side == 1 ? payload_size() : 1);
  if (side == 1) payload_read(copy);
}

static void pass_copy(int fd, int side) {
  if (side == 1) payload_write(copy);
  send_all(fd, side == 1 ? (char *)copy : "x", side == 1 ? payload_size() : 1);
}

static void await_socket(int side) { await_copy(sockets[side], side); }
static void pass_socket(int side) { pass_copy(sockets[!side], side); }

RALLY(token)
RALLY(spinning)
RALLY(socket)

static void *memory(size_t size, int sharing) {
  void *made = mmap(NULL, size, PROT_READ | PROT_WRITE, sharing | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
  must(made != MAP_FAILED, "memory for what is handed over");
  return made;
}

int main(int count, char **arguments) {
  static const work works[] = {{"passes", passes}, {"token", rally_token}, {"spinning", rally_spinning}, {"socket", rally_socket}};
  must(count == 3, "a place and a size");
  rally_begin(count, arguments);
  payload_begin(arguments[2]);
  ball = memory(sizeof *ball, MAP_SHARED);
  words = memory(payload_size(), MAP_SHARED);
  copy = memory(payload_size(), MAP_PRIVATE);
  must(socketpair(AF_UNIX, SOCK_STREAM, 0, sockets) == 0, "socketpair");
  rally_serve(works, sizeof works / sizeof *works);
  return 0;
}
