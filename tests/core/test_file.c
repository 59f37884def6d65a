/* Files: how they are opened, which part is mapped, and what is refused.
 *
 * SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "harness.h"

static const char text[] = "0123456789";

static mw_region *mapped(const char *path, uint64_t size, mw_region_options options) {
  mw_region *region = NULL;
  options.size_of_struct = sizeof options;
  assert_ok(mw_region_file(path, size, &options, &why, &region));
  return region;
}

static void assert_refused(int status, const char *path, uint64_t size, mw_region_options options) {
  mw_region *region = (mw_region *)1;
  options.size_of_struct = sizeof options;
  assert_fails(status, mw_region_file(path, size, &options, &why, &region));
  assert_string_equal(why.call, "Region.file");
  assert_string_equal(why.object, path);
  assert_ptr_equal(region, (mw_region *)1);
}

static const char *ten_bytes(void) {
  harness_write_file(harness_path("ten"), text, 10, 0644);
  return harness_path("ten");
}

/* ---- which part */

static void a_file_is_mapped_whole(void **state) {
  (void)state;
  mw_region *region = mapped(ten_bytes(), 0, (mw_region_options){.access = MW_READ});
  assert_int_equal(mw_region_size(region), 10);
  assert_memory_equal(mw_region_data(region), text, 10);
  assert_string_equal(mw_region_name(region), harness_path("ten"));
  mw_region_close(region);
}

static void any_byte_may_be_the_first(void **state) {
  (void)state;
  uint8_t bytes[9000];
  for (size_t i = 0; i < sizeof bytes; i++) bytes[i] = (uint8_t)(i * 13 + i / 256);
  harness_write_file(harness_path("large"), bytes, sizeof bytes, 0600);
  static const uint64_t offsets[] = {0, 1, 7, 4095, 4096, 4097, 8191, 8192, 8999};
  for (size_t i = 0; i < sizeof offsets / sizeof offsets[0]; i++) {
    mw_region *region = mapped(harness_path("large"), 0, (mw_region_options){.offset = offsets[i]});
    assert_int_equal(mw_region_size(region), sizeof bytes - offsets[i]);
    assert_int_equal(mw_region_offset(region), offsets[i]);
    assert_memory_equal(mw_region_data(region), bytes + offsets[i], sizeof bytes - offsets[i]);
    assert_ok(mw_region_check(region, &why));
    assert_ok(mw_region_flush(region, 0, mw_region_size(region), true, &why));
    mw_region_close(region);
    region = mapped(harness_path("large"), 1, (mw_region_options){.offset = offsets[i], .access = MW_READ});
    assert_int_equal(mw_region_size(region), 1);
    assert_memory_equal(mw_region_data(region), bytes + offsets[i], 1);
    mw_region_close(region);
  }
  assert_int_equal(harness_file_size(harness_path("large")), sizeof bytes);
}

static void an_empty_file_is_an_empty_region(void **state) {
  (void)state;
  static const mw_access accesses[] = {MW_READ, MW_READ_WRITE, MW_COPY_ON_WRITE};
  harness_write_file(harness_path("empty"), "", 0, 0600);
  for (int i = 0; i < 3; i++) {
    mw_region *region = mapped(harness_path("empty"), 0, (mw_region_options){.access = accesses[i]});
    uint8_t byte;
    size_t size = 1;
    assert_int_equal(mw_region_size(region), 0);
    assert_null(mw_region_data(region));
    assert_ok(mw_region_read(region, 0, &byte, 1, &why, &size));
    assert_int_equal(size, 0);
    assert_ok(mw_region_flush(region, 0, 0, true, &why));
    assert_ok(mw_region_check(region, &why));
    mw_region_close(region);
  }
}

static void a_file_that_ends_at_the_offset_is_empty_too(void **state) {
  (void)state;
  mw_region *region = mapped(ten_bytes(), 0, (mw_region_options){.offset = 10});
  assert_int_equal(mw_region_size(region), 0);
  assert_ok(mw_region_resize(region, 5, &why));
  assert_ok(mw_region_write(region, 0, "abcde", 5, &why));
  mw_region_close(region);
  assert_int_equal(harness_file_size(harness_path("ten")), 15);
}

static void an_offset_past_the_end_is_refused(void **state) {
  (void)state;
  ten_bytes();
  assert_refused(MW_EINVAL, harness_path("ten"), 0, (mw_region_options){.offset = 11});
  assert_refused(MW_EINVAL, harness_path("ten"), 0, (mw_region_options){.offset = 11, .access = MW_READ});
  assert_refused(MW_EINVAL, harness_path("ten"), 1, (mw_region_options){.offset = 10, .access = MW_READ});
  assert_refused(MW_EINVAL, harness_path("ten"), 0, (mw_region_options){.offset = INT64_MAX});
  assert_int_equal(harness_file_size(harness_path("ten")), 10);
}

static void an_offset_that_overflows_is_refused(void **state) {
  (void)state;
  static const struct {
    uint64_t offset, size;
  } rows[] = {{UINT64_MAX, 0},          {UINT64_MAX, 1}, {UINT64_MAX - 4095, 4096}, {INT64_MAX, 1}, {(uint64_t)INT64_MAX + 1, 0},
              {1, (uint64_t)INT64_MAX}, {0, UINT64_MAX}, {4096, UINT64_MAX - 100}};
  ten_bytes();
  for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
    for (int access = MW_READ_WRITE; access <= MW_COPY_ON_WRITE; access++)
      assert_refused(MW_EINVAL, harness_path("ten"), rows[i].size,
                     (mw_region_options){.offset = rows[i].offset, .access = (mw_access)access});
  assert_refused(MW_EINVAL, harness_path("new"), UINT64_MAX, (mw_region_options){.flags = MW_EXCLUSIVE});
  assert_refused(MW_EINVAL, harness_path("ten"), UINT64_MAX, (mw_region_options){.flags = MW_TRUNCATE});
  assert_false(harness_exists(harness_path("new")));
  assert_int_equal(harness_file_size(harness_path("ten")), 10);
}

static void only_the_very_file_is_opened(void **state) {
  (void)state;
  mw_region_options options = {.size_of_struct = sizeof options};
  mw_region *region = mapped(ten_bytes(), 0, options);
  mw_region_identity(region, &options.device, &options.inode);
  mw_region *again = mapped(harness_path("ten"), 0, options);
  mw_region_close(again);
  mw_region_options elsewhere = options;
  elsewhere.device ^= 1;
  assert_refused(MW_ENOENT, harness_path("ten"), 0, elsewhere); /* each file system has a file of this number */
  harness_write_file(harness_path("other"), text, 5, 0600);
  assert_int_equal(rename(harness_path("other"), harness_path("ten")), 0);
  assert_refused(MW_ENOENT, harness_path("ten"), 0, options);
  assert_refused(MW_ENOENT, harness_path("ten"), 100, options);
  assert_int_equal(harness_file_size(harness_path("ten")), 5); /* another file is never grown */
  mw_region_close(region);
}

/* ---- r, r+, c: a file that is there */

static void writing_reaches_the_file(void **state) {
  (void)state;
  char bytes[10];
  mw_region *region = mapped(ten_bytes(), 0, (mw_region_options){.access = MW_READ_WRITE});
  assert_ok(mw_region_write(region, 3, "xyz", 3, &why));
  mw_region_close(region);
  FILE *file = fopen(harness_path("ten"), "re");
  assert_int_equal(fread(bytes, 1, 10, file), 10);
  fclose(file);
  assert_memory_equal(bytes, "012xyz6789", 10);
}

static void only_writing_grows_the_file(void **state) {
  (void)state;
  ten_bytes();
  assert_refused(MW_EINVAL, harness_path("ten"), 11, (mw_region_options){.access = MW_READ});
  assert_refused(MW_EINVAL, harness_path("ten"), 11, (mw_region_options){.access = MW_COPY_ON_WRITE});
  assert_int_equal(harness_file_size(harness_path("ten")), 10);
  mw_region *region = mapped(harness_path("ten"), 5000, (mw_region_options){.offset = 5});
  assert_int_equal(mw_region_size(region), 5000);
  assert_memory_equal(mw_region_data(region), "56789\0\0\0", 8);
  mw_region_close(region);
  assert_int_equal(harness_file_size(harness_path("ten")), 5005);
}

static void a_part_may_be_shorter_than_the_file(void **state) {
  (void)state;
  mw_region *region = mapped(ten_bytes(), 3, (mw_region_options){.offset = 2});
  assert_int_equal(mw_region_size(region), 3);
  assert_memory_equal(mw_region_data(region), "234", 3);
  mw_region_close(region);
  assert_int_equal(harness_file_size(harness_path("ten")), 10);
}

static void a_part_is_as_much_of_what_it_was_as_there_is(void **state) {
  (void)state;
  const uint64_t page = mw_page_size(), sizes[] = {2 * page + 7, 2 * page, page, 0, 3 * page};
  const uint64_t left[] = {7, 0, 0, 0, 100};
  harness_write_file(harness_path("ten"), text, 10, 0600);
  mw_region *region = mapped(harness_path("ten"), 100, (mw_region_options){.offset = 2 * page});
  for (int i = 0; i < 5; i++) {
    assert_int_equal(truncate(harness_path("ten"), (off_t)sizes[i]), 0);
    assert_ok(mw_region_remap(region, &why));
    assert_int_equal(mw_region_size(region), left[i]);
    assert_ok(mw_region_check(region, &why));
    assert_ok(mw_region_fill(region, 9, 0, left[i], &why));
  }
  assert_int_equal(harness_file_size(harness_path("ten")), 3 * page);
  mw_region_close(region);
}

static void a_part_that_is_not_the_end_does_not_cut_the_file(void **state) {
  (void)state;
  mw_region *region = mapped(ten_bytes(), 6, (mw_region_options){.offset = 2});
  assert_ok(mw_region_resize(region, 3, &why));
  assert_int_equal(mw_region_size(region), 3);
  assert_memory_equal(mw_region_data(region), "234", 3);
  assert_int_equal(harness_file_size(harness_path("ten")), 10);
  assert_ok(mw_region_resize(region, 8, &why));
  assert_memory_equal(mw_region_data(region), "23456789", 8);
  assert_ok(mw_region_resize(region, 1, &why)); /* now it reaches the end */
  assert_int_equal(harness_file_size(harness_path("ten")), 3);
  mw_region_close(region);
}

/* ---- x+, w+: a file that is made */

static void exclusive_makes_a_new_file(void **state) {
  (void)state;
  mw_region *region = mapped(harness_path("new"), 5000, (mw_region_options){.flags = MW_EXCLUSIVE});
  assert_int_equal(mw_region_size(region), 5000);
  assert_int_equal(harness_file_size(harness_path("new")), 5000);
  assert_int_equal(harness_permissions(harness_path("new")), 0600);
  mw_region_close(region);
  assert_refused(MW_EEXIST, harness_path("new"), 5000, (mw_region_options){.flags = MW_EXCLUSIVE});
  assert_int_equal(why.os_errno, EEXIST);
}

static void exclusive_takes_no_link_for_a_new_file(void **state) {
  (void)state;
  assert_int_equal(symlink(harness_path("nowhere"), harness_path("link")), 0);
  assert_refused(MW_EEXIST, harness_path("link"), 10, (mw_region_options){.flags = MW_EXCLUSIVE});
  assert_false(harness_exists(harness_path("nowhere")));
}

static void truncate_makes_or_empties(void **state) {
  (void)state;
  mw_region *region = mapped(harness_path("new"), 100, (mw_region_options){.flags = MW_TRUNCATE, .permissions = 0640});
  assert_int_equal(harness_permissions(harness_path("new")), 0640);
  mw_region_close(region);
  struct stat before, after;
  assert_int_equal(stat(ten_bytes(), &before), 0);
  region = mapped(harness_path("ten"), 20, (mw_region_options){.flags = MW_TRUNCATE, .permissions = 0600});
  assert_int_equal(stat(harness_path("ten"), &after), 0);
  assert_int_equal(before.st_ino, after.st_ino); /* in place: who has it open keeps it */
  assert_int_equal(after.st_mode & 07777, 0644);
  assert_int_equal(after.st_size, 20);
  for (int i = 0; i < 20; i++) assert_int_equal(((char *)mw_region_data(region))[i], 0);
  mw_region_close(region);
}

static void a_new_file_of_no_size_is_empty(void **state) {
  (void)state;
  static const unsigned flags[] = {MW_EXCLUSIVE, MW_TRUNCATE, MW_TRUNCATE};
  static const char *const labels[] = {"new-x", "new-w", "ten"};
  ten_bytes();
  for (int i = 0; i < 3; i++) {
    mw_region *region = mapped(harness_path(labels[i]), 0, (mw_region_options){.flags = flags[i]});
    assert_int_equal(mw_region_size(region), 0);
    assert_int_equal(harness_file_size(harness_path(labels[i])), 0);
    assert_ok(mw_region_resize(region, 100, &why));
    assert_ok(mw_region_fill(region, 1, 0, 100, &why));
    mw_region_close(region);
    assert_int_equal(harness_file_size(harness_path(labels[i])), 100);
  }
}

/* In the folder that the process is in, where a name has no slash. */
static void make_bare(void *name) {
  mw_region *region;
  mw_region_options options = {sizeof options, .flags = MW_EXCLUSIVE};
  assert_int_equal(chdir(HARNESS_SHM), 0);
  assert_ok(mw_region_file(name, 100, &options, &why, &region));
  assert_fails(MW_EEXIST, mw_region_file(name, 100, &options, &why, &region));
  mw_region_close(region);
}

static void a_bare_name_is_a_file_of_this_folder(void **state) {
  (void)state;
  const char *name = harness_name("bare");
  assert_int_equal(harness_in_child(make_bare, (void *)(uintptr_t)name), 0);
  assert_int_equal(harness_file_size(harness_shm_path("", name)), 100);
  assert_ok(mw_region_unlink(name, &why));
}

/* Whether a file can be made before it has its name, here and in this program. */
static bool can_name_the_nameless(void) {
  char folder[100], link[32];
  snprintf(folder, sizeof folder, "%s", harness_path("named"));
  *strrchr(folder, '/') = '\0';
  int fd = open(folder, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  bool can = linkat(AT_FDCWD, link, AT_FDCWD, harness_path("named"), AT_SYMLINK_FOLLOW) == 0;
  if (fd >= 0) close(fd);
  return can;
}

/* The longest that the system takes. Where a file must be made under another name first, that has no room. */
static void the_longest_path_is_a_path(void **state) {
  (void)state;
  char path[PATH_MAX];
  mw_region *region = NULL;
  mw_region_options options = {sizeof options, .flags = MW_EXCLUSIVE};
  const char *end = harness_path("file");
  size_t length = strlen(end), filled = PATH_MAX - 1 - length;
  memset(path, '/', filled);
  memcpy(path + filled, end, length + 1);
  int result = mw_region_file(path, 100, &options, &why, &region);
  if (can_name_the_nameless()) {
    assert_ok(result);
    assert_int_equal(harness_file_size(end), 100);
    mw_region_close(region);
  } else {
    assert_fails(MW_EOS, result);
    assert_why("Region.file", why.object, ENAMETOOLONG);
    assert_false(harness_exists(end));
  }
}

static void permissions_are_exact(void **state) {
  (void)state;
  static const unsigned masks[] = {0, 0022, 0077, 0777}, permissions[] = {0600, 0644, 0666, 0400, 0777};
  for (int m = 0; m < 4; m++)
    for (int p = 0; p < 5; p++) {
      mode_t before = umask((mode_t)masks[m]);
      mw_region *region =
          mapped(harness_path("exact"), 10, (mw_region_options){.flags = MW_EXCLUSIVE, .permissions = permissions[p]});
      umask(before);
      assert_int_equal(harness_permissions(harness_path("exact")), permissions[p]);
      mw_region_close(region);
      unlink(harness_path("exact"));
    }
}

static void a_new_file_leaves_nothing_beside_it(void **state) {
  (void)state;
  mkdir(harness_path("folder"), 0700);
  mw_region *region = mapped(harness_path("folder/new"), 100, (mw_region_options){.flags = MW_EXCLUSIVE});
  mw_region_close(region);
  assert_refused(MW_EEXIST, harness_path("folder/new"), 100, (mw_region_options){.flags = MW_EXCLUSIVE});
  unlink(harness_path("folder/new"));
  assert_int_equal(rmdir(harness_path("folder")), 0);
}

static void a_file_is_made_for_reading_and_writing(void **state) {
  (void)state;
  assert_refused(MW_EINVAL, harness_path("new"), 10, (mw_region_options){.flags = MW_EXCLUSIVE, .access = MW_READ});
  assert_refused(MW_EINVAL, harness_path("new"), 10, (mw_region_options){.flags = MW_TRUNCATE, .access = MW_COPY_ON_WRITE});
  assert_false(harness_exists(harness_path("new")));
}

/* ---- paths */

static void links_are_followed(void **state) {
  (void)state;
  assert_int_equal(symlink(ten_bytes(), harness_path("link")), 0);
  mw_region *region = mapped(harness_path("link"), 0, (mw_region_options){.access = MW_READ});
  assert_memory_equal(mw_region_data(region), text, 10);
  mw_region_close(region);
  region = mapped(harness_path("link"), 4, (mw_region_options){.flags = MW_TRUNCATE});
  mw_region_close(region);
  assert_int_equal(harness_file_size(harness_path("ten")), 4);
}

static void truncate_makes_what_a_link_points_to(void **state) {
  (void)state;
  assert_int_equal(symlink(harness_path("target"), harness_path("link")), 0);
  mw_region *region = mapped(harness_path("link"), 4, (mw_region_options){.flags = MW_TRUNCATE});
  mw_region_close(region);
  assert_int_equal(harness_file_size(harness_path("target")), 4);
}

static void a_ring_of_links_is_refused(void **state) {
  (void)state;
  assert_int_equal(symlink(harness_path("b"), harness_path("a")), 0);
  assert_int_equal(symlink(harness_path("a"), harness_path("b")), 0);
  assert_refused(MW_EOS, harness_path("a"), 0, (mw_region_options){.access = MW_READ});
  assert_int_equal(why.os_errno, ELOOP);
}

static void what_is_missing_is_not_made(void **state) {
  (void)state;
  for (int access = MW_READ_WRITE; access <= MW_COPY_ON_WRITE; access++) {
    assert_refused(MW_ENOENT, harness_path("none"), 0, (mw_region_options){.access = (mw_access)access});
    assert_int_equal(why.os_errno, ENOENT);
    assert_refused(MW_ENOENT, harness_path("none"), 100, (mw_region_options){.access = (mw_access)access});
  }
  assert_refused(MW_ENOENT, harness_path("no/folder"), 100, (mw_region_options){.flags = MW_EXCLUSIVE});
  assert_refused(MW_ENOENT, harness_path("no/folder"), 100, (mw_region_options){.flags = MW_TRUNCATE});
  assert_false(harness_exists(harness_path("none")));
}

static void an_empty_path_is_refused(void **state) {
  (void)state;
  assert_refused(MW_EINVAL, "", 0, (mw_region_options){.access = MW_READ});
  assert_refused(MW_EINVAL, "", 10, (mw_region_options){.flags = MW_EXCLUSIVE});
}

static void a_folder_is_refused(void **state) {
  (void)state;
  assert_int_equal(mkdir(harness_path("folder"), 0700), 0);
  for (int access = MW_READ_WRITE; access <= MW_COPY_ON_WRITE; access++) {
    assert_refused(MW_EOS, harness_path("folder"), 0, (mw_region_options){.access = (mw_access)access});
    assert_int_equal(why.os_errno, EISDIR);
  }
  assert_refused(MW_EOS, harness_path("folder"), 10, (mw_region_options){.flags = MW_TRUNCATE});
  assert_refused(MW_EEXIST, harness_path("folder"), 10, (mw_region_options){.flags = MW_EXCLUSIVE});
}

static void assert_not_a_file(const char *path) {
  for (int access = MW_READ_WRITE; access <= MW_COPY_ON_WRITE; access++) {
    assert_refused(MW_ENOTSUP, path, 0, (mw_region_options){.access = (mw_access)access});
    assert_refused(MW_ENOTSUP, path, 100, (mw_region_options){.access = (mw_access)access});
  }
  assert_refused(MW_ENOTSUP, path, 100, (mw_region_options){.flags = MW_TRUNCATE});
}

static void a_fifo_is_refused_and_not_waited_for(void **state) {
  (void)state;
  assert_int_equal(mkfifo(harness_path("fifo"), 0600), 0);
  assert_not_a_file(harness_path("fifo"));
}

static void a_device_that_cannot_be_mapped_is_refused(void **state) {
  (void)state;
  mw_region *region;
  assert_fails(MW_ENOTSUP, mw_region_file("/dev/null", 4096, NULL, &why, &region));
}

static void a_device_needs_a_size(void **state) {
  (void)state;
  mw_region *region;
  assert_fails(MW_EINVAL, mw_region_file("/dev/zero", 0, NULL, &why, &region));
  assert_ok(mw_region_file("/dev/zero", 5000, NULL, &why, &region));
  assert_int_equal(mw_region_size(region), 5000);
  assert_ok(mw_region_fill(region, 7, 0, 5000, &why));
  assert_ok(mw_region_remap(region, &why)); /* nothing to pick up, and nothing lost */
  assert_int_equal(*(char *)mw_region_data(region), 7);
  assert_fails(MW_ENOTSUP, mw_region_resize(region, 9000, &why));
  assert_ok(mw_region_check(region, &why));
  mw_region_close(region);
}

static void a_socket_is_refused(void **state) {
  (void)state;
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  snprintf(address.sun_path, sizeof address.sun_path, "%s", harness_path("socket"));
  int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof address), 0);
  mw_region *region;
  mw_region_options options = {sizeof options, .access = MW_READ};
  assert_fails(MW_ENOTSUP, mw_region_file(harness_path("socket"), 0, &options, &why, &region));
  close(fd);
}

/* ---- permission and space */

static void open_as_stranger(void *path) {
  mw_region *region;
  mw_region_options reading = {sizeof reading, .access = MW_READ};
  harness_become(HARNESS_STRANGER);
  assert_fails(MW_EACCES, mw_region_file(path, 0, NULL, &why, &region));
  assert_int_equal(why.os_errno, EACCES);
  assert_ok(mw_region_file(path, 0, &reading, &why, &region)); /* whoever owns it */
  mw_region_close(region);
}

static void permissions_hold(void **state) {
  (void)state;
  harness_needs_root();
  ten_bytes();
  assert_int_equal(harness_in_child(open_as_stranger, (void *)harness_path("ten")), 0);
}

static void make_where_one_may_not(void *path) {
  mw_region *region;
  mw_region_options exclusive = {sizeof exclusive, .flags = MW_EXCLUSIVE};
  harness_become(HARNESS_STRANGER);
  assert_fails(MW_EACCES, mw_region_file(path, 10, &exclusive, &why, &region));
}

static void a_folder_that_is_not_ours_takes_no_file(void **state) {
  (void)state;
  harness_needs_root();
  assert_int_equal(harness_in_child(make_where_one_may_not, (void *)harness_path("new")), 0);
  assert_false(harness_exists(harness_path("new")));
}

static void a_full_disk_is_an_error_of_the_call(void **state) {
  (void)state;
  static const unsigned flags[] = {MW_EXCLUSIVE, MW_TRUNCATE};
  harness_small_shm(1 << 20);
  const char *path = harness_shm_path("", "file");
  for (int i = 0; i < 2; i++) {
    assert_refused(MW_ENOSPC, path, 2 << 20, (mw_region_options){.flags = flags[i]});
    assert_int_equal(why.os_errno, ENOSPC);
    assert_false(harness_exists(path));
  }
  harness_write_file(path, text, 10, 0600);
  assert_refused(MW_ENOSPC, path, 2 << 20, (mw_region_options){.access = MW_READ_WRITE});
  assert_int_equal(harness_file_size(path), 10);
  mw_region *region = mapped(path, 0, (mw_region_options){.access = MW_READ_WRITE});
  assert_fails(MW_ENOSPC, mw_region_resize(region, 2 << 20, &why));
  assert_int_equal(mw_region_size(region), 10);
  assert_memory_equal(mw_region_data(region), text, 10);
  assert_int_equal(harness_file_size(path), 10);
  mw_region_close(region);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(a_file_is_mapped_whole),
    cmocka_unit_test(any_byte_may_be_the_first),
    cmocka_unit_test(an_empty_file_is_an_empty_region),
    cmocka_unit_test(a_file_that_ends_at_the_offset_is_empty_too),
    cmocka_unit_test(an_offset_past_the_end_is_refused),
    cmocka_unit_test(an_offset_that_overflows_is_refused),
    cmocka_unit_test(only_the_very_file_is_opened),
    cmocka_unit_test(writing_reaches_the_file),
    cmocka_unit_test(only_writing_grows_the_file),
    cmocka_unit_test(a_part_may_be_shorter_than_the_file),
    cmocka_unit_test(a_part_is_as_much_of_what_it_was_as_there_is),
    cmocka_unit_test(a_part_that_is_not_the_end_does_not_cut_the_file),
    cmocka_unit_test(exclusive_makes_a_new_file),
    cmocka_unit_test(exclusive_takes_no_link_for_a_new_file),
    cmocka_unit_test(truncate_makes_or_empties),
    cmocka_unit_test(a_new_file_of_no_size_is_empty),
    cmocka_unit_test(a_bare_name_is_a_file_of_this_folder),
    cmocka_unit_test(the_longest_path_is_a_path),
    cmocka_unit_test(permissions_are_exact),
    cmocka_unit_test(a_new_file_leaves_nothing_beside_it),
    cmocka_unit_test(a_file_is_made_for_reading_and_writing),
    cmocka_unit_test(links_are_followed),
    cmocka_unit_test(truncate_makes_what_a_link_points_to),
    cmocka_unit_test(a_ring_of_links_is_refused),
    cmocka_unit_test(what_is_missing_is_not_made),
    cmocka_unit_test(an_empty_path_is_refused),
    cmocka_unit_test(a_folder_is_refused),
    cmocka_unit_test(a_fifo_is_refused_and_not_waited_for),
    cmocka_unit_test(a_device_that_cannot_be_mapped_is_refused),
    cmocka_unit_test(a_device_needs_a_size),
    cmocka_unit_test(a_socket_is_refused),
    cmocka_unit_test(permissions_hold),
    cmocka_unit_test(a_folder_that_is_not_ours_takes_no_file),
    cmocka_unit_test(a_full_disk_is_an_error_of_the_call),
};

HARNESS_MAIN(tests)
