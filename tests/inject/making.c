/* The ways to get a region, and to get rid of its name.
 *
 * SPDX-License-Identifier: MIT */
#include <fcntl.h>
#include <string.h>
#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <unistd.h>

#include "sweep.h"

#define SIZE 10000
#define LARGER 30000
#define LARGE (17 << 20) /* whether the machine has so much is asked first */
#define KEY harness_key(0)

static mw_region *made; /* by the call under test */
static int fd;
static int sockets[2];
static int32_t key;

/* ---- shared by many */

static void nothing_made(void) { assert_null(made); }

/* Use it, and close it. */
static void close_made(void) {
  char byte;
  size_t size;
  assert_non_null(made);
  assert_ok(mw_region_read(made, 0, &byte, 1, &why, &size));
  mw_region_close(made);
  made = NULL;
}

static const char *name(void) { return harness_name("inject"); }
static const char *path(void) { return harness_path("file"); }

/* ---- files */

static void set_up_file(void) {
  static const char content[SIZE] = "content";
  harness_write_file(path(), content, sizeof content, 0600);
}

static void remove_file(void) { assert_int_equal(unlink(path()), 0); }

static void file_is_whole(void) {
  nothing_made();
  assert_int_equal(harness_file_size(path()), SIZE);
}

static void no_file(void) {
  nothing_made();
  assert_false(harness_exists(path()));
}

static void undo_file(void) {
  close_made();
  remove_file();
}

static int file_with(mw_access access, unsigned flags, uint64_t size) {
  mw_region_options options = {sizeof options, .access = access, .flags = flags, .permissions = 0640};
  return mw_region_file(path(), size, &options, &why, &made);
}

static int open_file(void) { return file_with(MW_READ_WRITE, 0, 0); }
static int open_file_to_read(void) { return file_with(MW_READ, 0, 0); }
static int open_file_to_copy(void) { return file_with(MW_COPY_ON_WRITE, 0, 0); }
static int open_file_without_descriptor(void) { return file_with(MW_READ_WRITE, MW_NO_FD, 0); }
static int open_file_unguarded(void) { return file_with(MW_READ_WRITE, MW_NO_GUARD, 0); }
static int grow_file(void) { return file_with(MW_READ_WRITE, 0, LARGER); }
static int make_file(void) { return file_with(MW_READ_WRITE, MW_EXCLUSIVE, SIZE); }
static int truncate_file(void) { return file_with(MW_READ_WRITE, MW_TRUNCATE, SIZE); }
static int map_device(void) { return mw_region_file("/dev/zero", SIZE, NULL, &why, &made); }

/* ---- one more than the table of guards has room for */

enum { GUARDS = 64 };
static mw_region *guarded[GUARDS];

static void set_up_guards(void) {
  for (int i = 0; i < GUARDS; i++) assert_ok(mw_region_anonymous(1, NULL, &why, &guarded[i]));
}

static int guard_one_more(void) { return mw_region_anonymous(SIZE, NULL, &why, &made); }

static void close_guards(void) {
  for (int i = 0; i < GUARDS; i++) mw_region_close(guarded[i]);
}

/* ---- names */

static void no_name(void) {
  nothing_made();
  assert_false(harness_exists(harness_shm_path("", name())));
}

static void undo_name(void) {
  close_made();
  assert_ok(mw_region_unlink(name(), &why));
}

static void set_up_name(void) {
  mw_region *region;
  assert_ok(mw_region_create(name(), SIZE, NULL, &why, &region));
  mw_region_close(region);
}

static void name_is_whole(void) {
  nothing_made();
  assert_int_equal(harness_file_size(harness_shm_path("", name())), SIZE);
}

static void remove_name(void) { assert_ok(mw_region_unlink(name(), &why)); }

static int create_with(unsigned flags) {
  mw_region_options options = {sizeof options, .flags = flags};
  return mw_region_create(name(), SIZE, &options, &why, &made);
}

static int create(void) { return create_with(0); }
static int create_temporary(void) { return create_with(MW_TEMPORARY); }
static int create_without_descriptor(void) { return create_with(MW_NO_FD); }

static int attach_with(mw_access access, double seconds) {
  mw_region_options options = {sizeof options, .access = access, .wait_for_name = mw_deadline_after(seconds)};
  return mw_region_attach(name(), &options, &why, &made);
}

static int attach(void) { return attach_with(MW_READ_WRITE, 0); }
static int attach_to_read(void) { return attach_with(MW_READ, 0); }
static int attach_in_vain(void) { return attach_with(MW_READ, 0.001); }
static int open_name(void) { return mw_region_open(name(), SIZE, NULL, &why, &made); }
static int unlink_name(void) { return mw_region_unlink(name(), &why); }

/* ---- without a name */

static int anonymous(void) { return mw_region_anonymous(SIZE, NULL, &why, &made); }
static int anonymous_large(void) { return mw_region_anonymous(LARGE, NULL, &why, &made); }
static int memfd(void) { return mw_region_memfd("inject", SIZE, NULL, &why, &made); }

static int anonymous_of_one(void) {
  mw_region_options options = {sizeof options, .access = MW_COPY_ON_WRITE};
  return mw_region_anonymous(SIZE, &options, &why, &made);
}

/* ---- descriptors */

static void set_up_descriptor(void) {
  fd = memfd_create("inject", MFD_CLOEXEC | MFD_ALLOW_SEALING);
  assert_int_equal(ftruncate(fd, SIZE), 0);
  assert_int_equal(fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK), 0);
}

static void close_descriptor(void) { close(fd); }

static int from_fd_with(unsigned seals) {
  mw_region_options options = {sizeof options, .require_seals = seals};
  return mw_region_from_fd(fd, 0, &options, &why, &made);
}

static int from_fd(void) { return from_fd_with(0); }
static int from_fd_sealed(void) { return from_fd_with(MW_SEAL_SHRINK); }

/* ---- over a socket. A message that has come is gone, so each call is sent its own. */

static mw_region *sent;

static void set_up_sockets(void) {
  assert_ok(mw_region_memfd("inject", SIZE, NULL, &why, &sent));
  assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, sockets), 0);
}

static void set_up_message(void) {
  set_up_sockets();
  assert_ok(mw_region_send(sent, sockets[0], MW_DEADLINE_NOW, &why));
}

/* What was not received yet goes with them. */
static void close_sockets(void) {
  close(sockets[0]);
  close(sockets[1]);
  mw_region_close(sent);
}

/* Where the first try has taken the message, another one. */
static void send_again(void) {
  char byte;
  nothing_made();
  if (recv(sockets[1], &byte, 1, MSG_PEEK | MSG_DONTWAIT) < 0) assert_ok(mw_region_send(sent, sockets[0], MW_DEADLINE_NOW, &why));
}

static int receive(void) { return mw_region_receive(sockets[1], MW_DEADLINE_NOW, NULL, &why, &made); }
static int receive_in_vain(void) { return mw_region_receive(sockets[1], mw_deadline_after(0.001), NULL, &why, &made); }
static int send_region(void) { return mw_region_send(sent, sockets[0], MW_DEADLINE_NOW, &why); }
static int send_in_vain(void) { return mw_region_send(sent, sockets[0], mw_deadline_after(0.001), &why); }

static void fill_socket(void) {
  set_up_sockets();
  while (mw_region_send(sent, sockets[0], MW_DEADLINE_NOW, &why) == 0) continue;
}

/* ---- System V */

static int sysv_with(int32_t wanted, mw_how how) { return mw_region_sysv(wanted, SIZE, how, NULL, &why, &made); }
static int sysv_create(void) { return sysv_with(KEY, MW_CREATE); }
static int sysv_private(void) { return sysv_with(MW_KEY_PRIVATE, MW_CREATE); }
static int sysv_attach(void) { return sysv_with(KEY, MW_ATTACH); }
static int sysv_open(void) { return sysv_with(KEY, MW_OPEN); }
static int sysv_remove(void) { return mw_region_sysv_remove(KEY, &why); }
static int sysv_unlink(void) { return mw_region_sysv_unlink(sent, &why); }
static int sysv_key(void) { return mw_region_sysv_key("/", 7, &why, &key); }

static void set_up_segment(void) { assert_true(shmget(KEY, SIZE, IPC_CREAT | IPC_EXCL | 0600) >= 0); }
static void remove_segment(void) { assert_int_equal(shmctl(shmget(KEY, 0, 0), IPC_RMID, NULL), 0); }
static void segment_is_there(void) { assert_true(shmget(KEY, SIZE, 0) >= 0); }

static void no_segment(void) {
  nothing_made();
  assert_int_equal(shmget(KEY, 0, 0), -1);
}

static void undo_segment(void) {
  close_made();
  remove_segment();
}

static void undo_private(void) {
  assert_ok(mw_region_sysv_unlink(made, &why));
  close_made();
}

static void set_up_open_segment(void) { assert_int_equal(mw_region_sysv(KEY, SIZE, MW_CREATE, NULL, &why, &sent), 1); }
static void close_sent(void) { mw_region_close(sent); }

/* ---- the table */

static const scenario table[] = {
    {"file", .set_up = set_up_file, .call = open_file, .check = file_is_whole, .undo = close_made, .tear_down = remove_file},
    {"file_to_read", .set_up = set_up_file, .call = open_file_to_read, .check = file_is_whole, .undo = close_made,
     .tear_down = remove_file},
    {"file_to_copy", .set_up = set_up_file, .call = open_file_to_copy, .check = file_is_whole, .undo = close_made,
     .tear_down = remove_file},
    {"file_without_descriptor", .set_up = set_up_file, .call = open_file_without_descriptor, .check = file_is_whole,
     .undo = close_made, .tear_down = remove_file},
    {"file_unguarded", .set_up = set_up_file, .call = open_file_unguarded, .check = file_is_whole, .undo = close_made,
     .tear_down = remove_file},
    {"file_grown", .set_up = set_up_file, .call = grow_file, .check = file_is_whole, .undo = close_made, .tear_down = remove_file},
    {"file_exclusive", .call = make_file, .check = no_file, .undo = undo_file},
    {"file_truncated", .set_up = set_up_file, .call = truncate_file, .check = nothing_made, .undo = close_made,
     .tear_down = remove_file},
    {"file_truncated_missing", .call = truncate_file, .check = no_file, .undo = undo_file},
    {"file_device", .call = map_device, .check = nothing_made, .undo = close_made},
    {"create", .call = create, .check = no_name, .undo = undo_name},
    {"create_temporary", .call = create_temporary, .check = no_name, .undo = close_made, .keeps = 1},
    {"create_without_descriptor", .call = create_without_descriptor, .check = no_name, .undo = undo_name},
    {"attach", .set_up = set_up_name, .call = attach, .check = name_is_whole, .undo = close_made, .tear_down = remove_name},
    {"attach_to_read", .set_up = set_up_name, .call = attach_to_read, .check = name_is_whole, .undo = close_made,
     .tear_down = remove_name},
    {"attach_in_vain", .call = attach_in_vain, .result = MW_ENOENT, .check = nothing_made},
    {"open_new", .call = open_name, .result = 1, .check = no_name, .undo = undo_name},
    {"open_existing", .set_up = set_up_name, .call = open_name, .check = name_is_whole, .undo = close_made,
     .tear_down = remove_name},
    {"unlink", .set_up = set_up_name, .call = unlink_name, .check = name_is_whole},
    {"anonymous", .call = anonymous, .check = nothing_made, .undo = close_made},
    {"anonymous_large", .call = anonymous_large, .check = nothing_made, .undo = close_made, .is_large = true},
    {"anonymous_of_one", .call = anonymous_of_one, .check = nothing_made, .undo = close_made},
    {"anonymous_beyond_the_guards", .set_up = set_up_guards, .call = guard_one_more, .check = nothing_made, .undo = close_made,
     .tear_down = close_guards, .keeps = 1},
    {"memfd", .call = memfd, .check = nothing_made, .undo = close_made},
    {"from_fd", .set_up = set_up_descriptor, .call = from_fd, .check = nothing_made, .undo = close_made,
     .tear_down = close_descriptor},
    {"from_fd_sealed", .set_up = set_up_descriptor, .call = from_fd_sealed, .check = nothing_made, .undo = close_made,
     .tear_down = close_descriptor},
    {"send", .set_up = set_up_sockets, .call = send_region, .tear_down = close_sockets},
    {"send_in_vain", .set_up = fill_socket, .call = send_in_vain, .result = MW_ETIMEDOUT, .tear_down = close_sockets},
    {"receive", .set_up = set_up_message, .call = receive, .check = send_again, .undo = close_made, .tear_down = close_sockets},
    {"receive_in_vain", .set_up = set_up_sockets, .call = receive_in_vain, .result = MW_ETIMEDOUT, .check = nothing_made,
     .tear_down = close_sockets},
    {"sysv_create", .call = sysv_create, .result = 1, .check = no_segment, .undo = undo_segment},
    {"sysv_private", .call = sysv_private, .result = 1, .check = nothing_made, .undo = undo_private},
    {"sysv_attach", .set_up = set_up_segment, .call = sysv_attach, .check = nothing_made, .undo = close_made,
     .tear_down = remove_segment},
    {"sysv_open_new", .call = sysv_open, .result = 1, .check = no_segment, .undo = undo_segment},
    {"sysv_open_existing", .set_up = set_up_segment, .call = sysv_open, .check = segment_is_there, .undo = close_made,
     .tear_down = remove_segment},
    {"sysv_remove", .set_up = set_up_segment, .call = sysv_remove, .check = segment_is_there},
    {"sysv_unlink", .set_up = set_up_open_segment, .call = sysv_unlink, .check = segment_is_there, .tear_down = close_sent},
    {"sysv_key", .call = sysv_key},
};

const scenarios making_scenarios = {table, sizeof table / sizeof *table};
