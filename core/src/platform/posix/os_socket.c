/* A descriptor and a few bytes over a Unix socket, whether it blocks or not.
 *
 * SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include "platform/os.h"

#define MOST_DESCRIPTORS 253 /* SCM_MAX_FD: as many as the kernel lets one message carry */
#define MILLISECOND 1000000
#define LONGEST_POLL 1000000 /* milliseconds */

/* Wait until the socket is ready. */
static int await(int socket, short events, mw_deadline deadline) {
  int64_t left = deadline - mw__os_now();
  if (left <= 0 && deadline != MW_DEADLINE_NEVER) return ETIMEDOUT;
  int64_t milliseconds = (left + MILLISECOND - 1) / MILLISECOND;
  struct pollfd waited = {.fd = socket, .events = events};
  int result = poll(&waited, 1, milliseconds < LONGEST_POLL ? (int)milliseconds : LONGEST_POLL);
  return result < 0 ? errno : 0;
}

static bool would_block(int os_errno) { return os_errno == EAGAIN || os_errno == EWOULDBLOCK; }

int mw__os_socket_send(int socket, const void *bytes, size_t size, int fd, mw_deadline deadline) {
  union {
    struct cmsghdr header;
    char room[CMSG_SPACE(sizeof(int))];
  } control;
  memset(&control, 0, sizeof control);
  struct iovec part = {.iov_base = (void *)(uintptr_t)bytes, .iov_len = size};
  struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof control};
  struct cmsghdr *header = CMSG_FIRSTHDR(&message);
  header->cmsg_level = SOL_SOCKET;
  header->cmsg_type = SCM_RIGHTS;
  header->cmsg_len = CMSG_LEN(sizeof fd);
  memcpy(CMSG_DATA(header), &fd, sizeof fd);
  for (;;) {
    ssize_t sent = sendmsg(socket, &message, MSG_DONTWAIT | MSG_NOSIGNAL);
    if (sent >= 0) return (size_t)sent == size ? 0 : EMSGSIZE;
    if (!would_block(errno)) return errno;
    int failure = await(socket, POLLOUT, deadline);
    if (failure) return failure;
  }
}

/* musl's macro is not written for -Wsign-conversion. */
static struct cmsghdr *next_header(struct msghdr *message, struct cmsghdr *header) {
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wsign-conversion"
  return CMSG_NXTHDR(message, header);
#pragma GCC diagnostic pop
}

/* Keep as many descriptors as there is room for. */
static unsigned keep_descriptors(struct msghdr *message, int *fds, unsigned room) {
  unsigned count = 0;
  for (struct cmsghdr *header = CMSG_FIRSTHDR(message); header; header = next_header(message, header)) {
    if (header->cmsg_level != SOL_SOCKET || header->cmsg_type != SCM_RIGHTS) continue;
    size_t there = (header->cmsg_len - CMSG_LEN(0)) / sizeof(int);
    for (size_t i = 0; i < there; i++) {
      int fd;
      memcpy(&fd, CMSG_DATA(header) + i * sizeof fd, sizeof fd);
      if (count < room)
        fds[count++] = fd;
      else
        mw__os_close(fd);
    }
  }
  return count;
}

int mw__os_socket_receive(int socket, void *bytes, size_t size, int *fds, unsigned room, mw_deadline deadline, size_t *out_size,
                          unsigned *out_count) {
  union {
    struct cmsghdr header;
    char room[CMSG_SPACE(MOST_DESCRIPTORS * sizeof(int))];
  } control;
  struct iovec part = {.iov_base = bytes, .iov_len = size};
  for (;;) {
    struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof control};
    ssize_t received = recvmsg(socket, &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
    if (received >= 0) {
      *out_count = keep_descriptors(&message, fds, room);
      *out_size = (size_t)received;
      if (message.msg_flags & MSG_TRUNC) return EMSGSIZE;
      return message.msg_flags & MSG_CTRUNC ? EMFILE : 0; /* the kernel had no numbers left for some */
    }
    if (!would_block(errno)) return errno;
    int failure = await(socket, POLLIN, deadline);
    if (failure) return failure;
  }
}

bool mw__os_socket_keeps_messages(int socket) {
  int type;
  socklen_t size = sizeof type;
  return getsockopt(socket, SOL_SOCKET, SO_TYPE, &type, &size) == 0 && type != SOCK_STREAM;
}
