/* Wells on file systems that cannot tell who lives. There is none of these here, so this program answers for them: its definitions
 * come before those of the C library.
 *
 * SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "harness.h"
#include "locks.h"

enum { AS_IT_IS, NO_LOCKS, LOCKS_THAT_DO_NOT_EXCLUDE };

static uint32_t magic; /* 0: what it is */
static int locks;
static int errno_of_locks;

int fstatfs(int fd, struct statfs *info) {
  long result = syscall(SYS_fstatfs, fd, info);
  if (result == 0 && magic) memcpy(&info->f_type, &(long){(long)magic}, sizeof info->f_type);
  return (int)result;
}

int fcntl(int fd, int command, ...) {
  va_list arguments;
  va_start(arguments, command);
  void *argument = va_arg(arguments, void *);
  va_end(arguments);
  bool is_lock = command == F_OFD_SETLK || command == F_OFD_GETLK;
  if (is_lock && locks == NO_LOCKS) {
    errno = errno_of_locks;
    return -1;
  }
  if (is_lock && locks == LOCKS_THAT_DO_NOT_EXCLUDE) {
    if (command == F_OFD_GETLK) ((struct flock *)argument)->l_type = F_UNLCK;
    return 0;
  }
  return (int)syscall(SYS_fcntl, fd, command, argument);
}

static void assert_refused(const char *reason) {
  mw_well *well = NULL;
  const char *path = harness_path("well");
  assert_fails(MW_ENOTSUP, mw_well_create(well_name(), WELL_SIZE, NULL, &why, &well));
  assert_non_null(strstr(why.reason, reason));
  assert_false(harness_exists(harness_shm_path("", well_name())));
  assert_fails(MW_ENOTSUP, mw_well_file(path, WELL_SIZE, NULL, &why, &well));
  assert_non_null(strstr(why.reason, reason));
  assert_false(harness_exists(path));
  assert_null(well);
}

static void network_and_fuse_file_systems_are_refused(void **state) {
  (void)state;
  const uint32_t elsewhere[] = {0x6969,     0x517b,     0xff534d42, 0xfe534d42, 0x65735546, 0x01021997, 0x00c36400,
                                0x5346414f, 0x6b414653, 0x73757245, 0x01161970, 0x7461636f, 0x0bd00bd0, 0x47504653};
  for (size_t i = 0; i < sizeof elsewhere / sizeof elsewhere[0]; i++) {
    magic = elsewhere[i];
    assert_refused("network or FUSE");
  }
}

static void local_file_systems_are_not(void **state) {
  (void)state;
  const uint32_t local[] = {0xef53 /* ext4 */, 0x58465342 /* XFS */, 0x9123683e /* Btrfs */, 0x01021994 /* tmpfs */, 0x794c7630};
  for (size_t i = 0; i < sizeof local / sizeof local[0]; i++) {
    magic = local[i];
    well_close_and_unlink(well_created());
  }
}

static void a_file_system_without_locks_is_refused(void **state) {
  (void)state;
  const int errnos[] = {EINVAL, ENOLCK, EOPNOTSUPP, ENOSYS};
  locks = NO_LOCKS;
  for (size_t i = 0; i < sizeof errnos / sizeof errnos[0]; i++) {
    errno_of_locks = errnos[i];
    assert_refused("no locks of open file descriptions");
  }
}

static void locks_that_do_not_exclude_are_found_out(void **state) {
  (void)state;
  locks = LOCKS_THAT_DO_NOT_EXCLUDE;
  assert_refused("do not exclude");
}

/* An observer takes no lock, and looks all the same. */
static void an_observer_needs_no_locks(void **state) {
  (void)state;
  mw_well *well = well_created(), *other = NULL;
  well_close(well);
  locks = NO_LOCKS;
  errno_of_locks = EINVAL;
  magic = 0x6969;
  assert_fails(MW_ENOTSUP, mw_well_attach(well_name(), NULL, &why, &other));
  well_close_and_unlink(well_observed());
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(network_and_fuse_file_systems_are_refused),
    cmocka_unit_test(local_file_systems_are_not),
    cmocka_unit_test(a_file_system_without_locks_is_refused),
    cmocka_unit_test(locks_that_do_not_exclude_are_found_out),
    cmocka_unit_test(an_observer_needs_no_locks),
};

HARNESS_MAIN(tests)
