/* What a hostile sender may put into a socket before mw_region_receive: any bytes, in any parts, with none to three descriptors of
 * any sort.
 *
 * SPDX-License-Identifier: MIT */
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include "fuzz.h"

enum { MOST_BYTES = 80, MOST_DESCRIPTORS = 3, READ_AT_MOST = 1 << 16 };

/* ---- descriptors of any sort */

static int make_memfd(fuzz_input *input) {
  static const int seals[] = {0, F_SEAL_SHRINK, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE, F_SEAL_FUTURE_WRITE, F_SEAL_SEAL};
  int fd = memfd_create("fuzz", MFD_CLOEXEC | MFD_ALLOW_SEALING);
  if (ftruncate(fd, (off_t)fuzz_below(input, 20000)) == 0) fcntl(fd, F_ADD_SEALS, seals[fuzz_below(input, 5)]);
  return fd;
}

static int make_file(int flags) { return open(fuzz_path("", "file"), flags | O_CREAT | O_CLOEXEC, 0600); }

static int make_pipe(void) {
  int fds[2];
  if (pipe2(fds, O_CLOEXEC) != 0) return -1;
  close(fds[0]);
  return fds[1];
}

static int make_descriptor(fuzz_input *input) {
  switch (fuzz_below(input, 12)) {
    case 0: return make_file(O_RDWR);
    case 1: return make_file(O_RDONLY);
    case 2: return make_file(O_WRONLY);
    case 3: return open("/dev/shm", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    case 4: return open("/dev/zero", O_RDWR | O_CLOEXEC);
    case 5: return open("/dev/null", O_RDWR | O_CLOEXEC);
    case 6: return open("/dev/shm", O_PATH | O_CLOEXEC);
    case 7: return make_pipe();
    case 8: return socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    default: return make_memfd(input);
  }
}

/* ---- sending them */

typedef struct parcel {
  char bytes[MOST_BYTES];
  size_t size;
  int fds[MOST_DESCRIPTORS];
  unsigned count;
} parcel;

static void put(parcel *sent, const void *bytes, size_t size) {
  memcpy(sent->bytes + sent->size, bytes, size);
  sent->size += size;
}

/* A message as memwell sends it, but for its numbers. */
static void put_likely_message(parcel *sent, fuzz_input *input) {
  uint32_t words[2] = {1, (uint32_t)fuzz_below(input, 2)};
  uint64_t places[2] = {fuzz_about(input, 20000), fuzz_about(input, 20000)};
  if (fuzz_byte(input) == 255) words[fuzz_below(input, 2)] = (uint32_t)fuzz_number(input, 4);
  put(sent, "MWREGION", 8);
  put(sent, words, sizeof words);
  put(sent, places, sizeof places);
}

static void put_anything(parcel *sent, fuzz_input *input, size_t most) {
  size_t size = fuzz_below(input, most + 1);
  if (size > input->left) size = input->left;
  put(sent, input->next, size);
  input->next += size;
  input->left -= size;
}

static void send_part(int socket, const parcel *sent, size_t from, size_t to, bool with_descriptors) {
  union {
    struct cmsghdr header;
    char room[CMSG_SPACE(MOST_DESCRIPTORS * sizeof(int))];
  } control = {.room = {0}};
  size_t bytes = sent->count * sizeof(int);
  struct iovec part = {.iov_base = (void *)(uintptr_t)(sent->bytes + from), .iov_len = to - from};
  struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1};
  if (with_descriptors && sent->count > 0) {
    message.msg_control = &control;
    message.msg_controllen = CMSG_SPACE(bytes);
    control.header = (struct cmsghdr){.cmsg_len = CMSG_LEN(bytes), .cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS};
    memcpy(CMSG_DATA(&control.header), sent->fds, bytes);
  }
  (void)sendmsg(socket, &message, MSG_DONTWAIT | MSG_NOSIGNAL);
}

static void send_all(int socket, fuzz_input *input, const parcel *sent) {
  size_t cut = fuzz_below(input, sent->size + 1);
  uint8_t with = fuzz_byte(input);
  if (cut > 0) send_part(socket, sent, 0, cut, !(with & 1));
  if (cut < sent->size) send_part(socket, sent, cut, sent->size, with & 3);
}

/* ---- and what comes of it */

/* /dev/zero with an offset has no page at all; who wants no guard is not to touch it. */
static void touch(mw_region *region) {
  static char buffer[READ_AT_MOST];
  mw_error error;
  size_t count = 0;
  uint64_t size = mw_region_size(region);
  int status = mw_region_read(region, 0, buffer, sizeof buffer, &error, &count);
  fuzz_require(status == 0 || status == MW_EFAULT);
  if (status == 0) fuzz_require(count == (size < sizeof buffer ? size : sizeof buffer));
  status = mw_region_fill(region, 1, size - 1, 1, &error);
  fuzz_require(status == (mw_region_is_readonly(region) ? MW_EREADONLY : 0) || status == MW_EFAULT);
}

static void use(mw_region *region, int socket, const mw_region_options *options) {
  mw_error error;
  unsigned seals;
  fuzz_require(mw_region_size(region) > 0 && mw_region_data(region));
  if (options->require_seals && mw_region_seals(region, &error, &seals) == 0)
    fuzz_require((seals & options->require_seals) == options->require_seals);
  if (!(options->flags & (MW_NO_GUARD | MW_FAULT_ABORTS))) touch(region);
  int status = mw_region_send(region, socket, MW_DEADLINE_NOW, &error); /* back, to one who may have gone */
  fuzz_require(status == 0 || error.status == status);
}

static void receive(fuzz_input *input, int socket) {
  mw_region_options options = {.size_of_struct = sizeof options};
  if (fuzz_byte(input) % 4 == 3) options.require_seals = (unsigned)fuzz_below(input, 64);
  if (fuzz_byte(input) % 8 == 7) options.flags = (unsigned)fuzz_below(input, 256);
  mw_region *region = NULL;
  mw_deadline deadline = fuzz_byte(input) % 2 ? MW_DEADLINE_NOW : 1;
  int status = fuzz_judge(mw_region_receive(socket, deadline, &options, fuzz_error(input), &region));
  fuzz_require((status == 0) == (region != NULL));
  if (region) use(region, socket, &options);
  mw_region_close(region);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  static const int types[] = {SOCK_STREAM, SOCK_STREAM, SOCK_SEQPACKET, SOCK_DGRAM};
  fuzz_input input = fuzz_begin(data, size);
  parcel sent = {.size = 0};
  int ends[2];
  if (socketpair(AF_UNIX, types[fuzz_below(&input, 4)] | SOCK_CLOEXEC, 0, ends) != 0) return 0;
  static const char content[5000];
  fuzz_write_file(fuzz_path("", "file"), content, fuzz_below(&input, sizeof content));
  sent.count = (unsigned)fuzz_below(&input, MOST_DESCRIPTORS + 1);
  for (unsigned i = 0; i < sent.count; i++) sent.fds[i] = make_descriptor(&input);
  if (fuzz_byte(&input) % 4 != 3) put_likely_message(&sent, &input);
  put_anything(&sent, &input, sent.size ? 8 : 40);
  send_all(ends[0], &input, &sent);
  for (unsigned i = 0; i < sent.count; i++) close(sent.fds[i]);
  if (fuzz_byte(&input) % 8 != 7) close(ends[0]), ends[0] = -1;
  receive(&input, ends[1]);
  if (ends[0] >= 0) close(ends[0]);
  close(ends[1]);
  unlink(fuzz_path("", "file"));
  fuzz_end();
  return 0;
}
