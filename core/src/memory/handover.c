/* Regions over a Unix socket.
 *
 * SPDX-License-Identifier: MIT */
#include "memwell/handover.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>

#include "memory/region.h"
#include "memory/source_fd.h"
#include "memwell/pages.h"
#include "platform/os.h"

/* The message, in the byte order of this machine, where both ends are; docs/formats.md has it. */
typedef struct message {
  char magic[8];
  uint32_t version;
  uint32_t readonly;
  uint64_t offset;
  uint64_t size;
} message;

_Static_assert(sizeof(message) == 32, "the message is 32 bytes");
_Static_assert(offsetof(message, version) == 8 && offsetof(message, readonly) == 12 && offsetof(message, offset) == 16 &&
                   offsetof(message, size) == 24,
               "and laid out as documented");

static const message empty_message = {.magic = {'M', 'W', 'R', 'E', 'G', 'I', 'O', 'N'}, .version = 1};

static int fail_socket(const mw__call *call, int failure) {
  switch (failure) {
    case ETIMEDOUT: return mw__fail_errno(call, failure, "the other side was not ready in time");
    case EPIPE: return mw__fail_errno(call, failure, "the other side has closed the socket");
    case ENOTSOCK: return mw__fail_errno(call, failure, "the descriptor is no socket; a connected Unix socket is needed");
    case ENOTCONN: return mw__fail_errno(call, failure, "the socket is not connected");
    case EMSGSIZE: return mw__fail_errno(call, failure, "the socket took only part of the message; close it");
    default: return mw__os_fail(call, failure);
  }
}

int mw_region_send(mw_region *region, int socket, mw_deadline deadline, mw_error *error) {
  mw__call call = {"Region.send", region->name, error};
  int status = mw__region_check_usable(&call, region);
  if (!status && region->source.access == MW_COPY_ON_WRITE)
    status = mw__fail(&call, MW_ENOTSUP, "a private mapping cannot be sent: what was written to it is in no object");
  if (!status) status = mw__region_check_descriptor(&call, region);
  if (!status && region->size == 0) status = mw__fail(&call, MW_ENOTSUP, "it is empty: there is nothing to send");
  if (status) return status;
  message sent = empty_message;
  sent.readonly = region->readonly;
  sent.offset = region->source.offset;
  sent.size = region->size;
  int failure = mw__os_socket_send(socket, &sent, sizeof sent, region->source.fd, deadline);
  return failure ? fail_socket(&call, failure) : 0;
}

/* In seconds: how long a message that has begun to come may take, whatever the deadline. It cannot be put back, and a caller may
 * have cut a long wait into many short ones, to look for signals in between. */
#define TIME_FOR_THE_REST 2

static mw_deadline deadline_for_the_rest(mw_deadline deadline) {
  mw_deadline least = mw_deadline_after(TIME_FOR_THE_REST);
  return deadline != MW_DEADLINE_NOW && deadline < least ? least : deadline;
}

/* A stream may deliver a message in parts; its descriptors come with the first. A socket that keeps messages apart delivers all of
 * one or, where that is longer than ours, its beginning. */
static int receive(const mw__call *call, int socket, mw_deadline deadline, message *received, int *fds, unsigned *count) {
  size_t done = 0;
  *count = 0;
  while (done < sizeof *received) {
    size_t size = 0;
    unsigned more = 0;
    int failure = mw__os_socket_receive(socket, (char *)received + done, sizeof *received - done, fds + *count, 2 - *count,
                                        deadline, &size, &more);
    if (failure == EINTR && done > 0) continue; /* what has come would be lost */
    *count += more;
    if (failure == ETIMEDOUT && done > 0) return mw__fail(call, MW_EFORMAT, "only a part of a message came in time");
    if (failure == EMSGSIZE) return mw__fail(call, MW_EFORMAT, "the message is longer than one of memwell's");
    if (failure) return fail_socket(call, failure);
    if (done == 0) deadline = deadline_for_the_rest(deadline);
    done += size;
    if (size == 0 && done == 0)
      return mw__fail_errno(call, ECONNRESET, "the other side closed the socket without sending anything");
    if (size == 0) return mw__fail(call, MW_EFORMAT, "the other side closed the socket in the middle of a message");
    if (done < sizeof *received && mw__os_socket_keeps_messages(socket))
      return mw__fail(call, MW_EFORMAT, "the message is shorter than one of memwell's");
  }
  return 0;
}

static int check_message(const mw__call *call, const message *received, unsigned descriptors) {
  if (memcmp(received->magic, empty_message.magic, sizeof received->magic) != 0)
    return mw__fail(call, MW_EFORMAT, "what came is no region that memwell sent; a bare descriptor is for from_fd");
  if (received->version != empty_message.version)
    return mw__fail(call, MW_EFORMAT, "the message is of version %u, and %u is known here", received->version,
                    empty_message.version);
  if (descriptors != 1) return mw__fail(call, MW_EFORMAT, "the message has %s descriptor", descriptors ? "more than one" : "no");
  if (received->readonly > 1) return mw__fail(call, MW_EFORMAT, "its field \"readonly\" is %u, not 0 or 1", received->readonly);
  if (received->size == 0) return mw__fail(call, MW_EFORMAT, "its field \"size\" is 0");
  return 0;
}

/* Whether the descriptor lets nobody write, whatever the message says. */
static bool is_sealed_against_writing(int fd) {
  unsigned seals;
  return mw__os_seals_of(fd, &seals) == 0 && seals & (MW_SEAL_WRITE | MW_SEAL_FUTURE_WRITE);
}

static int make(const mw__call *call, int fd, const message *received, const mw_region_options *options, mw_region **out_region) {
  bool readonly = received->readonly || is_sealed_against_writing(fd) || !mw__os_is_writable(fd);
  mw_region_options chosen = *options;
  chosen.access = readonly ? MW_READ : MW_READ_WRITE;
  chosen.offset = received->offset;
  mw__source source;
  uint64_t object_size;
  int status = mw__source_fd_open(call, fd, received->size, &chosen, &source, &object_size);
  if (status) return status;
  source.to_end = object_size == source.offset + source.size; /* so remap follows it */
  return mw__region_make(call, "received", &source, chosen.flags, out_region);
}

int mw_region_receive(int socket, mw_deadline deadline, const mw_region_options *options, mw_error *error, mw_region **out_region) {
  mw__call call = {"Region.receive", NULL, error};
  mw_region_options chosen;
  int status = mw__region_read_options(&call, options, 0, &chosen);
  if (status) return status;
  message received;
  int fds[2];
  unsigned count;
  status = receive(&call, socket, deadline, &received, fds, &count);
  if (!status) status = check_message(&call, &received, count);
  if (!status) status = make(&call, fds[0], &received, &chosen, out_region);
  for (unsigned i = 0; i < count; i++) mw__os_close(fds[i]);
  return status;
}
