/* Regions over Unix sockets: the message byte for byte, every wrong one, deadlines, and no descriptor left whatever comes.
 *
 * SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "harness.h"
#include "kinds.h"

/* As docs/formats.md has it. */
typedef struct message {
  char magic[8];
  uint32_t version;
  uint32_t readonly;
  uint64_t offset;
  uint64_t size;
} message;

static message message_of(uint64_t size) {
  return (message){.magic = {'M', 'W', 'R', 'E', 'G', 'I', 'O', 'N'}, .version = 1, .size = size};
}

static const int types[] = {SOCK_STREAM, SOCK_SEQPACKET, SOCK_DGRAM, SOCK_STREAM | SOCK_NONBLOCK, SOCK_SEQPACKET | SOCK_NONBLOCK};
enum { TYPES = sizeof types / sizeof types[0] };

static void connect_pair(int type, int ends[2]) { assert_int_equal(socketpair(AF_UNIX, type | SOCK_CLOEXEC, 0, ends), 0); }

static void close_pair(const int ends[2]) {
  close(ends[0]);
  close(ends[1]);
}

static int new_memory(uint64_t size) {
  int fd = memfd_create("sent", MFD_CLOEXEC | MFD_ALLOW_SEALING);
  assert_int_equal(ftruncate(fd, (off_t)size), 0);
  return fd;
}

/* Send these bytes with these descriptors, as any program could. */
static void send_plainly(int socket, const void *bytes, size_t size, const int *fds, unsigned count) {
  union {
    struct cmsghdr header;
    char room[CMSG_SPACE(8 * sizeof(int))];
  } control;
  memset(&control, 0, sizeof control);
  struct iovec part = {.iov_base = (void *)(uintptr_t)bytes, .iov_len = size};
  struct msghdr sent = {.msg_iov = &part, .msg_iovlen = 1};
  if (count > 0) {
    sent.msg_control = &control;
    sent.msg_controllen = CMSG_SPACE(count * sizeof(int));
    struct cmsghdr *header = CMSG_FIRSTHDR(&sent);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(count * sizeof(int));
    memcpy(CMSG_DATA(header), fds, count * sizeof(int));
  }
  assert_int_equal(sendmsg(socket, &sent, MSG_NOSIGNAL), size);
}

/* Receive as any program could; *out_fd is -1 where none came. */
static size_t receive_plainly(int socket, void *bytes, size_t size, int *out_fd) {
  union {
    struct cmsghdr header;
    char room[CMSG_SPACE(8 * sizeof(int))];
  } control;
  struct iovec part = {.iov_base = bytes, .iov_len = size};
  struct msghdr received = {.msg_iov = &part, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof control};
  ssize_t count = recvmsg(socket, &received, MSG_CMSG_CLOEXEC);
  struct cmsghdr *header = CMSG_FIRSTHDR(&received);
  *out_fd = -1;
  if (header != NULL) memcpy(out_fd, CMSG_DATA(header), sizeof *out_fd);
  return (size_t)count;
}

static void assert_not_received(int status, int socket, mw_deadline deadline) {
  mw_region *region = (mw_region *)1;
  assert_fails(status, mw_region_receive(socket, deadline, NULL, &why, &region));
  assert_string_equal(why.call, "Region.receive");
  assert_ptr_equal(region, (mw_region *)1);
}

/* ---- what arrives */

static void what_is_sent_arrives(void **state) {
  (void)state;
  for (int i = 0; i < TYPES; i++) {
    int ends[2];
    mw_region *sent, *received;
    connect_pair(types[i], ends);
    assert_ok(mw_region_memfd("sent", 10000, NULL, &why, &sent));
    assert_ok(mw_region_fill(sent, 5, 0, 10000, &why));
    assert_ok(mw_region_send(sent, ends[0], MW_DEADLINE_NEVER, &why));
    assert_ok(mw_region_receive(ends[1], MW_DEADLINE_NEVER, NULL, &why, &received));
    close_pair(ends);
    assert_int_equal(mw_region_size(received), 10000);
    assert_int_equal(mw_region_access(received), MW_READ_WRITE);
    assert_int_equal(((uint8_t *)mw_region_data(received))[9999], 5);
    assert_ok(mw_region_write(received, 0, "back", 5, &why));
    assert_string_equal(mw_region_data(sent), "back");
    mw_region_close(sent);
    assert_string_equal(mw_region_data(received), "back");
    mw_region_close(received);
  }
}

/* A socket may be set to say with each message who has sent it. */
static void who_has_sent_it_is_no_descriptor(void **state) {
  (void)state;
  for (int i = 0; i < TYPES; i++) {
    int ends[2], on = 1;
    mw_region *sent, *received;
    connect_pair(types[i], ends);
    assert_int_equal(setsockopt(ends[1], SOL_SOCKET, SO_PASSCRED, &on, sizeof on), 0);
    assert_ok(mw_region_memfd("sent", 10000, NULL, &why, &sent));
    assert_ok(mw_region_send(sent, ends[0], MW_DEADLINE_NEVER, &why));
    assert_ok(mw_region_receive(ends[1], MW_DEADLINE_NEVER, NULL, &why, &received));
    assert_int_equal(mw_region_size(received), 10000);
    mw_region_close(sent);
    mw_region_close(received);
    close_pair(ends);
  }
}

static void check_every_kind(const region_kind *kind, mw_region *region) {
  int ends[2];
  mw_region *received;
  connect_pair(SOCK_STREAM, ends);
  if (!kind->send) {
    assert_fails(MW_ENOTSUP, mw_region_send(region, ends[0], MW_DEADLINE_NOW, &why));
    assert_not_received(MW_ETIMEDOUT, ends[1], MW_DEADLINE_NOW);
  } else {
    uint64_t devices[2], inodes[2];
    assert_ok(mw_region_send(region, ends[0], MW_DEADLINE_NOW, &why));
    assert_ok(mw_region_receive(ends[1], MW_DEADLINE_NOW, NULL, &why, &received));
    assert_int_equal(mw_region_size(received), mw_region_size(region));
    assert_int_equal(mw_region_offset(received), mw_region_offset(region));
    assert_int_equal(mw_region_is_readonly(received), !kind->writable);
    mw_region_identity(region, &devices[0], &inodes[0]);
    mw_region_identity(received, &devices[1], &inodes[1]);
    assert_int_equal(devices[0], devices[1]);
    assert_int_equal(inodes[0], inodes[1]);
    if (strcmp(kind->kind, "device") != 0) assert_true(region_has_pattern(received, 0, 10000));
    mw_region_close(received);
  }
  close_pair(ends);
}

static void every_kind_is_sent_or_says_why_not(void **state) {
  (void)state;
  on_each_region(10000, check_every_kind);
}

static void receive_in_child(void *ends) {
  mw_region *region;
  assert_ok(mw_region_receive(((int *)ends)[1], MW_DEADLINE_NEVER, NULL, &why, &region));
  assert_ok(mw_region_write(region, 0, "child", 6, &why));
  mw_region_close(region);
}

static void another_process_receives_it(void **state) {
  (void)state;
  int ends[2];
  mw_region *region;
  connect_pair(SOCK_STREAM, ends);
  pid_t child = harness_fork();
  if (child == 0) {
    receive_in_child(ends);
    _exit(0);
  }
  assert_ok(mw_region_anonymous(100, NULL, &why, &region));
  assert_ok(mw_region_send(region, ends[0], MW_DEADLINE_NEVER, &why));
  assert_int_equal(harness_wait(child), 0);
  assert_string_equal(mw_region_data(region), "child");
  mw_region_close(region);
  close_pair(ends);
}

static void the_message_is_as_documented(void **state) {
  (void)state;
  for (int readonly = 0; readonly < 2; readonly++) {
    int ends[2], fd;
    char bytes[64];
    mw_region *region;
    mw_region_options options = {sizeof options, .offset = 4099, .access = readonly ? MW_READ : MW_READ_WRITE};
    connect_pair(SOCK_STREAM, ends);
    harness_write_file(harness_path("file"), "", 0, 0600);
    assert_int_equal(truncate(harness_path("file"), 9000), 0);
    assert_ok(mw_region_file(harness_path("file"), 77, &options, &why, &region));
    assert_ok(mw_region_send(region, ends[0], MW_DEADLINE_NOW, &why));
    assert_int_equal(receive_plainly(ends[1], bytes, sizeof bytes, &fd), 32);
    message expected = message_of(77);
    expected.readonly = (uint32_t)readonly;
    expected.offset = 4099;
    assert_memory_equal(bytes, &expected, 32);
    assert_memory_equal(bytes, "MWREGION\1\0\0", 11);
    uint64_t device, inode, size = 77;
    mw_region *same;
    options.device = options.inode = 0;
    mw_region_identity(region, &device, &inode);
    options = (mw_region_options){sizeof options, .access = MW_READ, .device = device, .inode = inode};
    assert_ok(mw_region_from_fd(fd, size, &options, &why, &same));
    mw_region_close(same);
    close(fd);
    mw_region_close(region);
    close_pair(ends);
  }
}

static void a_plain_program_can_send_one(void **state) {
  (void)state;
  int ends[2], fd = new_memory(5000);
  message sent = message_of(100);
  sent.offset = 4097;
  connect_pair(SOCK_STREAM, ends);
  assert_int_equal(pwrite(fd, "plain", 6, 4097), 6);
  send_plainly(ends[0], &sent, sizeof sent, &fd, 1);
  mw_region *region;
  assert_ok(mw_region_receive(ends[1], MW_DEADLINE_NOW, NULL, &why, &region));
  assert_string_equal(mw_region_data(region), "plain");
  assert_int_equal(mw_region_size(region), 100);
  assert_int_equal(mw_region_offset(region), 4097);
  mw_region_close(region);
  close(fd);
  close_pair(ends);
}

/* The read-only sender, the descriptor and the seals each decide that it is read-only. */
static void what_may_not_be_written_arrives_read_only(void **state) {
  (void)state;
  harness_write_file(harness_path("file"), "data", 4, 0600);
  int fds[] = {new_memory(4), open(harness_path("file"), O_RDONLY | O_CLOEXEC), new_memory(4), new_memory(4)};
  assert_int_equal(fcntl(fds[2], F_ADD_SEALS, F_SEAL_WRITE), 0);
  assert_int_equal(fcntl(fds[3], F_ADD_SEALS, F_SEAL_FUTURE_WRITE), 0);
  for (int i = 0; i < 4; i++) {
    int ends[2];
    message sent = message_of(4);
    sent.readonly = i == 0;
    connect_pair(SOCK_STREAM, ends);
    send_plainly(ends[0], &sent, sizeof sent, &fds[i], 1);
    mw_region *region;
    assert_ok(mw_region_receive(ends[1], MW_DEADLINE_NOW, NULL, &why, &region));
    assert_int_equal(mw_region_access(region), MW_READ);
    assert_fails(MW_EREADONLY, mw_region_fill(region, 1, 0, 1, &why));
    assert_fails(MW_EACCES, mw_region_protect(region, false, &why));
    mw_region_close(region);
    close(fds[i]);
    close_pair(ends);
  }
}

static void a_sealed_region_arrives_read_only(void **state) {
  (void)state;
  int ends[2];
  mw_region *region, *received;
  unsigned all = MW_SEAL_SHRINK | MW_SEAL_GROW | MW_SEAL_WRITE, there = 0;
  mw_region_options options = {sizeof options, .require_seals = all};
  connect_pair(SOCK_STREAM, ends);
  assert_ok(mw_region_memfd("sealed", 100, NULL, &why, &region));
  assert_ok(mw_region_write(region, 0, "truth", 6, &why));
  assert_ok(mw_region_seal(region, all, &why));
  assert_ok(mw_region_send(region, ends[0], MW_DEADLINE_NOW, &why));
  assert_ok(mw_region_receive(ends[1], MW_DEADLINE_NOW, &options, &why, &received));
  assert_string_equal(mw_region_data(received), "truth");
  assert_true(mw_region_is_readonly(received));
  assert_ok(mw_region_seals(received, &why, &there));
  assert_int_equal(there, all);
  mw_region_close(received);
  mw_region_close(region);
  close_pair(ends);
}

static void a_missing_seal_is_refused(void **state) {
  (void)state;
  int ends[2];
  mw_region *region, *received = (mw_region *)1;
  mw_region_options options = {sizeof options, .require_seals = MW_SEAL_SHRINK | MW_SEAL_WRITE};
  connect_pair(SOCK_STREAM, ends);
  assert_ok(mw_region_memfd("sealed", 100, NULL, &why, &region));
  assert_ok(mw_region_seal(region, MW_SEAL_SHRINK, &why));
  assert_ok(mw_region_send(region, ends[0], MW_DEADLINE_NOW, &why));
  assert_fails(MW_EPERM, mw_region_receive(ends[1], MW_DEADLINE_NOW, &options, &why, &received));
  assert_non_null(strstr(why.reason, "\"write\""));
  assert_ptr_equal(received, (mw_region *)1);
  mw_region_close(region);
  close_pair(ends);
}

static void options_are_taken_or_refused(void **state) {
  (void)state;
  int ends[2], fd = 77;
  mw_region *region, *received;
  mw_region_options options = {sizeof options, .flags = MW_NO_FD}, wrong = {sizeof wrong, .flags = MW_ANY_OWNER};
  connect_pair(SOCK_STREAM, ends);
  assert_ok(mw_region_anonymous(100, NULL, &why, &region));
  assert_ok(mw_region_send(region, ends[0], MW_DEADLINE_NOW, &why));
  assert_fails(MW_EINVAL, mw_region_receive(ends[1], MW_DEADLINE_NOW, &wrong, &why, &received));
  assert_ok(mw_region_receive(ends[1], MW_DEADLINE_NOW, &options, &why, &received)); /* which had stayed in the socket */
  assert_fails(MW_ENOTSUP, mw_region_descriptor(received, &why, &fd));
  mw_region_close(received);
  mw_region_close(region);
  close_pair(ends);
}

/* ---- what is no such message; the harness looks whether every descriptor of it was closed */

static void a_wrong_message_is_refused(void **state) {
  (void)state;
  message wrong[8];
  const char *words[] = {"from_fd", "from_fd", "version", "version", "readonly", "readonly", "size", "version"};
  for (int i = 0; i < 8; i++) wrong[i] = message_of(100);
  wrong[0].magic[7] = 'M';
  memset(&wrong[1], 0, sizeof wrong[1]);
  wrong[2].version = 2;
  wrong[3].version = 0;
  wrong[4].readonly = 2;
  wrong[5].readonly = UINT32_MAX;
  wrong[6].size = 0;
  wrong[7].version = 0x01000000; /* of the other byte order */
  for (int i = 0; i < 8; i++) {
    int ends[2], fd = new_memory(100);
    connect_pair(types[i % 3], ends);
    send_plainly(ends[0], &wrong[i], sizeof wrong[i], &fd, 1);
    close(fd);
    assert_not_received(MW_EFORMAT, ends[1], MW_DEADLINE_NOW);
    assert_non_null(strstr(why.reason, words[i]));
    close_pair(ends);
  }
}

static void another_count_of_descriptors_is_refused(void **state) {
  (void)state;
  static const unsigned counts[] = {0, 2, 3, 8};
  int fds[8];
  message sent = message_of(100);
  for (int i = 0; i < 8; i++) fds[i] = new_memory(100);
  for (int i = 0; i < 4; i++) {
    int ends[2];
    connect_pair(SOCK_STREAM, ends);
    send_plainly(ends[0], &sent, sizeof sent, fds, counts[i]);
    assert_not_received(MW_EFORMAT, ends[1], MW_DEADLINE_NOW);
    assert_non_null(strstr(why.reason, "descriptor"));
    close_pair(ends);
  }
  for (int i = 0; i < 8; i++) close(fds[i]);
}

static void descriptors_in_every_part_are_closed(void **state) {
  (void)state;
  int ends[2], fds[2] = {new_memory(100), new_memory(100)};
  message sent = message_of(100);
  connect_pair(SOCK_STREAM, ends);
  send_plainly(ends[0], &sent, 10, fds, 2);
  send_plainly(ends[0], (char *)&sent + 10, 10, fds, 1);
  send_plainly(ends[0], (char *)&sent + 20, 12, fds, 2);
  assert_not_received(MW_EFORMAT, ends[1], MW_DEADLINE_NOW);
  close(fds[0]);
  close(fds[1]);
  close_pair(ends);
}

static void what_is_past_the_end_is_refused(void **state) {
  (void)state;
  const struct {
    uint64_t offset, size;
  } rows[] = {{0, 101}, {1, 100}, {101, 1}, {UINT64_MAX, 1}, {0, UINT64_MAX}, {UINT64_MAX, UINT64_MAX}, {INT64_MAX, 1}};
  for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
    int ends[2], fd = new_memory(100);
    message sent = message_of(rows[i].size);
    sent.offset = rows[i].offset;
    connect_pair(SOCK_STREAM, ends);
    send_plainly(ends[0], &sent, sizeof sent, &fd, 1);
    close(fd);
    assert_not_received(MW_EINVAL, ends[1], MW_DEADLINE_NOW);
    close_pair(ends);
  }
}

static void what_cannot_be_mapped_is_refused(void **state) {
  (void)state;
  int pipes[2], ends[2];
  message sent = message_of(100);
  assert_int_equal(pipe2(pipes, O_CLOEXEC), 0);
  connect_pair(SOCK_STREAM, ends);
  send_plainly(ends[0], &sent, sizeof sent, pipes, 1);
  assert_not_received(MW_ENOTSUP, ends[1], MW_DEADLINE_NOW);
  close_pair(pipes);
  close_pair(ends);
}

/* ---- in parts, and not at all */

static void a_stream_may_deliver_it_in_parts(void **state) {
  (void)state;
  int ends[2], fd = new_memory(100);
  message sent = message_of(100);
  connect_pair(SOCK_STREAM, ends);
  send_plainly(ends[0], &sent, 1, &fd, 1);
  for (size_t i = 1; i < sizeof sent; i++) send_plainly(ends[0], (char *)&sent + i, 1, NULL, 0);
  mw_region *region;
  assert_ok(mw_region_receive(ends[1], MW_DEADLINE_NOW, NULL, &why, &region));
  assert_int_equal(mw_region_size(region), 100);
  mw_region_close(region);
  close(fd);
  close_pair(ends);
}

static void several_in_a_row_are_kept_apart(void **state) {
  (void)state;
  for (int i = 0; i < TYPES; i++) {
    int ends[2];
    connect_pair(types[i], ends);
    for (uint64_t size = 100; size < 105; size++) {
      mw_region *region;
      assert_ok(mw_region_anonymous(size, NULL, &why, &region));
      assert_ok(mw_region_send(region, ends[0], MW_DEADLINE_NOW, &why));
      mw_region_close(region);
    }
    for (uint64_t size = 100; size < 105; size++) {
      mw_region *region;
      assert_ok(mw_region_receive(ends[1], MW_DEADLINE_NOW, NULL, &why, &region));
      assert_int_equal(mw_region_size(region), size);
      mw_region_close(region);
    }
    close_pair(ends);
  }
}

static void half_a_message_is_refused(void **state) {
  (void)state;
  message sent = message_of(100);
  for (int i = 0; i < 2; i++) { /* the other side closes, or it says no more */
    int ends[2], fd = new_memory(100);
    connect_pair(SOCK_STREAM, ends);
    send_plainly(ends[0], &sent, 31, &fd, 1);
    if (i == 0) shutdown(ends[0], SHUT_WR);
    assert_not_received(MW_EFORMAT, ends[1], MW_DEADLINE_NOW);
    close(fd);
    close_pair(ends);
  }
}

/* Of a socket that keeps messages apart, what is missing of one does not come with the next. */
static void a_message_of_another_length_is_refused(void **state) {
  (void)state;
  static const int apart[] = {SOCK_SEQPACKET, SOCK_DGRAM};
  static const size_t lengths[] = {1, 31, 33, 40};
  for (int i = 0; i < 2; i++)
    for (int k = 0; k < 4; k++) {
      int ends[2], fd = new_memory(100);
      char bytes[40] = {0};
      message sent = message_of(100);
      memcpy(bytes, &sent, sizeof sent);
      connect_pair(apart[i], ends);
      send_plainly(ends[0], bytes, lengths[k], &fd, 1);
      send_plainly(ends[0], bytes, sizeof sent, &fd, 1);
      close(fd);
      assert_not_received(MW_EFORMAT, ends[1], MW_DEADLINE_NEVER);
      mw_region *region;
      assert_ok(mw_region_receive(ends[1], MW_DEADLINE_NOW, NULL, &why, &region)); /* the next one is untouched */
      mw_region_close(region);
      close_pair(ends);
    }
}

static void a_peer_that_closes_is_noticed(void **state) {
  (void)state;
  mw_region *region;
  assert_ok(mw_region_anonymous(100, NULL, &why, &region));
  for (int i = 0; i < 2; i++) {
    int ends[2];
    connect_pair(types[i], ends);
    close(ends[0]);
    assert_not_received(MW_EOS, ends[1], MW_DEADLINE_NEVER);
    assert_int_equal(why.os_errno, ECONNRESET);
    assert_fails(MW_EOS, mw_region_send(region, ends[1], MW_DEADLINE_NEVER, &why)); /* and no SIGPIPE */
    assert_int_equal(why.os_errno, EPIPE);
    close(ends[1]);
  }
  mw_region_close(region);
}

static void what_is_no_socket_is_refused(void **state) {
  (void)state;
  mw_region *region;
  int pipes[2], unconnected = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  assert_ok(mw_region_anonymous(100, NULL, &why, &region));
  assert_int_equal(pipe2(pipes, O_CLOEXEC), 0);
  assert_fails(MW_EOS, mw_region_send(region, pipes[1], MW_DEADLINE_NEVER, &why));
  assert_int_equal(why.os_errno, ENOTSOCK);
  assert_not_received(MW_EOS, pipes[0], MW_DEADLINE_NEVER);
  assert_int_equal(why.os_errno, ENOTSOCK);
  assert_fails(MW_EOS, mw_region_send(region, unconnected, MW_DEADLINE_NEVER, &why));
  assert_int_equal(why.os_errno, ENOTCONN);
  close_pair(pipes);
  close(unconnected);
  assert_fails(MW_EOS, mw_region_send(region, unconnected, MW_DEADLINE_NEVER, &why));
  assert_int_equal(why.os_errno, EBADF);
  assert_not_received(MW_EOS, unconnected, MW_DEADLINE_NEVER);
  assert_int_equal(why.os_errno, EBADF);
  mw_region_close(region);
}

/* ---- waiting */

static int64_t now(void) {
  struct timespec moment;
  clock_gettime(CLOCK_MONOTONIC, &moment);
  return (int64_t)moment.tv_sec * 1000000000 + moment.tv_nsec;
}

static void a_deadline_ends_the_wait_and_not_before(void **state) {
  (void)state;
  for (int i = 0; i < TYPES; i++) {
    int ends[2];
    connect_pair(types[i], ends);
    mw_deadline deadline = mw_deadline_after(0.02);
    assert_not_received(MW_ETIMEDOUT, ends[1], deadline);
    assert_true(now() >= deadline);
    assert_not_received(MW_ETIMEDOUT, ends[1], MW_DEADLINE_NOW);
    close_pair(ends);
  }
}

/* Send until the socket has no more room; returns how many went into it. */
static int fill_socket(mw_region *region, int socket) {
  int count = 0, result;
  while ((result = mw_region_send(region, socket, MW_DEADLINE_NOW, &why)) == 0) count++;
  assert_fails(MW_ETIMEDOUT, result);
  return count;
}

static void a_full_socket_is_waited_for(void **state) {
  (void)state;
  struct rlimit limit = {4096, 4096}; /* descriptors in flight count */
  if (setrlimit(RLIMIT_NOFILE, &limit) != 0) harness_skip("needs the right to 4,096 descriptors");
  for (int i = 0; i < 2; i++) {
    int ends[2], few = 4096;
    mw_region *region;
    connect_pair(types[i], ends);
    assert_int_equal(setsockopt(ends[0], SOL_SOCKET, SO_SNDBUF, &few, sizeof few), 0);
    assert_ok(mw_region_anonymous(100, NULL, &why, &region));
    int count = fill_socket(region, ends[0]);
    assert_true(count > 0);
    mw_deadline deadline = mw_deadline_after(0.02);
    assert_fails(MW_ETIMEDOUT, mw_region_send(region, ends[0], deadline, &why));
    assert_true(now() >= deadline);
    pid_t child = harness_fork();
    if (child == 0) {
      assert_ok(mw_region_send(region, ends[0], MW_DEADLINE_NEVER, &why));
      _exit(0);
    }
    harness_await_call(child, 0, SYS_poll);
    for (int k = 0; k <= count; k++) {
      mw_region *received;
      assert_ok(mw_region_receive(ends[1], MW_DEADLINE_NEVER, NULL, &why, &received));
      mw_region_close(received);
    }
    assert_int_equal(harness_wait(child), 0);
    assert_not_received(MW_ETIMEDOUT, ends[1], MW_DEADLINE_NOW);
    mw_region_close(region);
    close_pair(ends);
  }
}

static void a_signal_ends_the_wait(void **state) {
  (void)state;
  int ends[2];
  connect_pair(SOCK_STREAM, ends);
  harness_interrupt_every(5);
  assert_not_received(MW_EINTR, ends[1], MW_DEADLINE_NEVER);
  harness_interrupt_every(0);
  close_pair(ends);
}

typedef struct slow_sender {
  int socket, fd;
  mw_deadline rest_after;
} slow_sender;

/* Each part once the receiver sleeps for it. */
static void *send_slowly(void *context) {
  const slow_sender *sender = context;
  message sent = message_of(100);
  for (size_t i = 0; i < sizeof sent; i += 8) {
    harness_await_call(getpid(), 0, SYS_poll);
    send_plainly(sender->socket, (char *)&sent + i, 8, &sender->fd, i == 0);
  }
  return NULL;
}

static void signals_lose_no_part(void **state) {
  (void)state;
  int ends[2];
  slow_sender sender = {.fd = new_memory(100)};
  pthread_t thread;
  mw_region *region;
  connect_pair(SOCK_STREAM, ends);
  sender.socket = ends[0];
  sigset_t alarm;
  sigemptyset(&alarm);
  sigaddset(&alarm, SIGALRM);
  pthread_sigmask(SIG_BLOCK, &alarm, NULL); /* in the thread */
  assert_int_equal(pthread_create(&thread, NULL, send_slowly, &sender), 0);
  pthread_sigmask(SIG_UNBLOCK, &alarm, NULL);
  harness_interrupt_every(3);
  int result;
  while ((result = mw_region_receive(ends[1], MW_DEADLINE_NEVER, NULL, &why, &region)) == MW_EINTR) {}
  harness_interrupt_every(0);
  assert_ok(result);
  pthread_join(thread, NULL);
  mw_region_close(region);
  close(sender.fd);
  close_pair(ends);
}

static void *send_the_rest_late(void *context) {
  const slow_sender *sender = context;
  message sent = message_of(100);
  while (now() <= sender->rest_after) sched_yield();
  send_plainly(sender->socket, (char *)&sent + 20, 12, NULL, 0);
  return NULL;
}

static void what_has_begun_may_end_after_the_deadline(void **state) {
  (void)state;
  int ends[2];
  pthread_t thread;
  mw_region *region;
  connect_pair(SOCK_STREAM, ends);
  slow_sender sender = {ends[0], new_memory(100), mw_deadline_after(0.05)};
  message sent = message_of(100);
  send_plainly(ends[0], &sent, 20, &sender.fd, 1); /* it has begun */
  assert_int_equal(pthread_create(&thread, NULL, send_the_rest_late, &sender), 0);
  assert_ok(mw_region_receive(ends[1], sender.rest_after, NULL, &why, &region));
  assert_true(now() > sender.rest_after);
  pthread_join(thread, NULL);
  mw_region_close(region);
  close(sender.fd);
  close_pair(ends);
}

/* ---- what cannot be sent; no descriptors left */

static void what_has_no_object_is_not_sent(void **state) {
  (void)state;
  int ends[2];
  mw_region *region;
  connect_pair(SOCK_STREAM, ends);
  assert_ok(mw_region_anonymous(100, NULL, &why, &region));
  mw_region_hold(region);
  mw_region_close(region);
  assert_fails(MW_ECLOSED, mw_region_send(region, ends[0], MW_DEADLINE_NOW, &why));
  mw_region_drop(region);
  harness_write_file(harness_path("empty"), "", 0, 0600);
  assert_ok(mw_region_file(harness_path("empty"), 0, NULL, &why, &region));
  assert_fails(MW_ENOTSUP, mw_region_send(region, ends[0], MW_DEADLINE_NOW, &why)); /* nobody would take it */
  mw_region_close(region);
  close_pair(ends);
}

static void without_descriptors_it_says_so(void **state) {
  (void)state;
  int ends[2], fd = new_memory(100);
  message sent = message_of(100);
  struct rlimit before, few;
  connect_pair(SOCK_STREAM, ends);
  assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
  few = before;
  few.rlim_cur = 0;
  mw_region *region = (mw_region *)1;
  send_plainly(ends[0], &sent, sizeof sent, &fd, 1);
  assert_int_equal(setrlimit(RLIMIT_NOFILE, &few), 0);
  int result = mw_region_receive(ends[1], MW_DEADLINE_NOW, NULL, &why, &region);
  assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
  assert_fails(MW_EMFILE, result);
  assert_ptr_equal(region, (mw_region *)1);
  close(fd);
  close_pair(ends);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(what_is_sent_arrives),
    cmocka_unit_test(who_has_sent_it_is_no_descriptor),
    cmocka_unit_test(every_kind_is_sent_or_says_why_not),
    cmocka_unit_test(another_process_receives_it),
    cmocka_unit_test(the_message_is_as_documented),
    cmocka_unit_test(a_plain_program_can_send_one),
    cmocka_unit_test(what_may_not_be_written_arrives_read_only),
    cmocka_unit_test(a_sealed_region_arrives_read_only),
    cmocka_unit_test(a_missing_seal_is_refused),
    cmocka_unit_test(options_are_taken_or_refused),
    cmocka_unit_test(a_wrong_message_is_refused),
    cmocka_unit_test(another_count_of_descriptors_is_refused),
    cmocka_unit_test(descriptors_in_every_part_are_closed),
    cmocka_unit_test(what_is_past_the_end_is_refused),
    cmocka_unit_test(what_cannot_be_mapped_is_refused),
    cmocka_unit_test(a_stream_may_deliver_it_in_parts),
    cmocka_unit_test(several_in_a_row_are_kept_apart),
    cmocka_unit_test(half_a_message_is_refused),
    cmocka_unit_test(a_message_of_another_length_is_refused),
    cmocka_unit_test(a_peer_that_closes_is_noticed),
    cmocka_unit_test(what_is_no_socket_is_refused),
    cmocka_unit_test(a_deadline_ends_the_wait_and_not_before),
    cmocka_unit_test(a_full_socket_is_waited_for),
    cmocka_unit_test(a_signal_ends_the_wait),
    cmocka_unit_test(signals_lose_no_part),
    cmocka_unit_test(what_has_begun_may_end_after_the_deadline),
    cmocka_unit_test(what_has_no_object_is_not_sent),
    cmocka_unit_test(without_descriptors_it_says_so),
};

HARNESS_MAIN(tests)
