/* Memory of the system's huge pages, where there are none and where there are some. The number of them is the machine's: these
 * tests run one at a time and put it back.
 *
 * SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "harness.h"

#define SETTING "/proc/sys/vm/nr_hugepages"

static unsigned long number_in(const char *path, const char *format) {
  FILE *file = fopen(path, "re");
  char line[128];
  unsigned long number = 0;
  if (file == NULL) return 0;
  while (fgets(line, sizeof line, file) != NULL)
    if (strncmp(line, format, strlen(format)) == 0) number = strtoul(line + strlen(format), NULL, 10);
  fclose(file);
  return number;
}

static uint64_t huge_page(void) {
  static uint64_t size;
  if (size == 0) size = number_in("/proc/meminfo", "Hugepagesize:") * 1024;
  return size;
}

static unsigned long free_pages(void) { return number_in("/proc/meminfo", "HugePages_Free:"); }

static bool set_number(unsigned long number) {
  int fd = open(SETTING, O_WRONLY | O_CLOEXEC);
  if (fd < 0) return false;
  bool is_written = dprintf(fd, "%lu", number) > 0;
  close(fd);
  return is_written;
}

/* Have so many, or skip the test; main puts back what there was. */
static void have_pages(unsigned long number) {
  if (huge_page() == 0) harness_skip("this kernel has no huge pages");
  if (!set_number(number)) harness_skip("needs the right to change vm.nr_hugepages");
  if (free_pages() != number) harness_skip("the system cannot spare so many huge pages now");
}

static mw_region_options huge(void) { return (mw_region_options){sizeof(mw_region_options), .flags = MW_HUGE_PAGES}; }

typedef int maker(uint64_t size, const mw_region_options *options, mw_region **out_region);

static int make_anonymous(uint64_t size, const mw_region_options *options, mw_region **out_region) {
  return mw_region_anonymous(size, options, &why, out_region);
}

static int make_memfd(uint64_t size, const mw_region_options *options, mw_region **out_region) {
  return mw_region_memfd("huge", size, options, &why, out_region);
}

static int make_segment(uint64_t size, const mw_region_options *options, mw_region **out_region) {
  int made = mw_region_sysv(harness_key(0), size, MW_CREATE, options, &why, out_region);
  if (made < 0) return made;
  assert_ok(mw_region_sysv_remove(harness_key(0), &why));
  return 0;
}

static maker *const makers[] = {make_anonymous, make_memfd, make_segment};
enum { MAKERS = 3 };

/* ---- none */

static void without_any_the_setting_is_named(void **state) {
  (void)state;
  have_pages(0);
  mw_region_options options = huge();
  for (int i = 0; i < MAKERS; i++) {
    mw_region *region = (mw_region *)1;
    int result = makers[i](3 * huge_page() + 1, &options, &region);
    if (result != MW_ENOSPC) assert_fails(MW_ENOMEM, result);
    assert_non_null(strstr(why.reason, "4 huge pages are needed, and 0 are free"));
    assert_non_null(strstr(why.reason, "vm.nr_hugepages"));
    assert_ptr_equal(region, (mw_region *)1);
  }
}

static void one_too_few_is_none(void **state) {
  (void)state;
  have_pages(2);
  mw_region_options options = huge();
  for (int i = 0; i < MAKERS; i++) {
    mw_region *region = (mw_region *)1;
    int result = makers[i](3 * huge_page(), &options, &region);
    if (result != MW_ENOSPC) assert_fails(MW_ENOMEM, result);
    assert_non_null(strstr(why.reason, "3 huge pages are needed, and 2 are free"));
    assert_int_equal(free_pages(), 2); /* nothing is kept of what there was */
  }
}

/* ---- some */

/* The last byte that there is, and what is around it. */
static void use(mw_region *region, uint64_t size) {
  assert_int_equal(mw_region_size(region), size);
  assert_int_equal((uintptr_t)mw_region_data(region) % huge_page(), 0);
  assert_ok(mw_region_check(region, &why));
  assert_ok(mw_region_fill(region, 7, 0, size, &why));
  assert_int_equal(((uint8_t *)mw_region_data(region))[size - 1], 7);
  assert_fails(MW_EINVAL, mw_region_write(region, size, "x", 1, &why));
}

static void any_size_can_be_had(void **state) {
  (void)state;
  have_pages(4);
  mw_region_options options = huge();
  const uint64_t sizes[] = {1, 4096, huge_page(), huge_page() + 1, 2 * huge_page() - 5, 3 * huge_page() + 12345};
  for (int i = 0; i < MAKERS; i++)
    for (int k = 0; k < 6; k++) {
      mw_region *region;
      uint64_t bytes = 0;
      assert_ok(makers[i](sizes[k], &options, &region));
      use(region, sizes[k]);
      assert_int_equal(free_pages(), 4 - (sizes[k] + huge_page() - 1) / huge_page());
      assert_ok(mw_region_flush(region, 1, sizes[k] - 1, true, &why));
      assert_ok(mw_region_populate(region, 0, sizes[k], &why));
      assert_ok(mw_region_resident(region, &why, &bytes));
      assert_int_equal(bytes, sizes[k]);
      assert_ok(mw_region_advise(region, MW_ADVICE_NO_DUMP, 0, sizes[k], &why));
      mw_region_close(region);
      assert_int_equal(free_pages(), 4);
    }
}

static void a_size_stays_what_it_is(void **state) {
  (void)state;
  have_pages(4);
  mw_region_options options = huge();
  for (int i = 0; i < MAKERS; i++) {
    mw_region *region;
    assert_ok(makers[i](huge_page() + 5, &options, &region));
    assert_ok(mw_region_remap(region, &why));
    use(region, huge_page() + 5);
    mw_region_close(region);
  }
}

static void it_can_be_resized(void **state) {
  (void)state;
  have_pages(6);
  mw_region_options options = huge();
  const uint64_t sizes[] = {huge_page() + 5, huge_page() + 6, 3 * huge_page(), 2 * huge_page() + 1, 10, 3 * huge_page() - 1};
  for (int i = 0; i < 2; i++) {
    mw_region *region;
    assert_ok(makers[i](100, &options, &region));
    use(region, 100);
    for (int k = 0; k < 6; k++) {
      uint64_t before = mw_region_size(region);
      assert_ok(mw_region_resize(region, sizes[k], &why));
      assert_int_equal(((uint8_t *)mw_region_data(region))[(before < sizes[k] ? before : sizes[k]) - 1], 7);
      use(region, sizes[k]);
    }
    assert_int_equal(free_pages(), 3);
    assert_fails(MW_ENOSPC, mw_region_resize(region, 9 * huge_page(), &why));
    assert_non_null(strstr(why.reason, "vm.nr_hugepages"));
    use(region, 3 * huge_page() - 1);
    mw_region_close(region);
  }
}

static void store(void *address) { *(volatile char *)address = 1; }

static void it_can_be_protected(void **state) {
  (void)state;
  have_pages(2);
  mw_region_options options = huge();
  for (int i = 0; i < MAKERS; i++) {
    mw_region *region;
    assert_ok(makers[i](huge_page() + 5, &options, &region));
    assert_ok(mw_region_protect(region, true, &why));
    assert_int_equal(harness_in_child(store, mw_region_data(region)), 128 + SIGSEGV);
    assert_ok(mw_region_protect(region, false, &why));
    use(region, huge_page() + 5);
    mw_region_close(region);
  }
}

static void whole_huge_pages_are_discarded(void **state) {
  (void)state;
  have_pages(3);
  mw_region_options options = huge();
  for (int i = 0; i < MAKERS; i++) {
    mw_region *region;
    uint64_t size = 3 * huge_page(), end = 2 * huge_page() + 100;
    assert_ok(makers[i](size, &options, &region));
    use(region, size);
    assert_ok(mw_region_discard(region, 5, end - 5, &why));
    const uint8_t *data = mw_region_data(region);
    for (uint64_t k = 0; k<size; k += k> 200 && k < huge_page() - 200 ? 101 : 1)
      if (data[k] != (k < 5 || k >= end ? 7 : 0)) harness_fail("byte %llu is %d", (unsigned long long)k, data[k]);
    mw_region_close(region);
  }
}

static void it_can_be_sealed_and_received(void **state) {
  (void)state;
  have_pages(2);
  mw_region_options options = huge();
  mw_region *region, *reader;
  int fd;
  assert_ok(make_memfd(huge_page() + 5, &options, &region));
  use(region, huge_page() + 5);
  assert_ok(mw_region_seal(region, MW_SEAL_SHRINK | MW_SEAL_GROW | MW_SEAL_WRITE, &why));
  assert_fails(MW_EREADONLY, mw_region_fill(region, 1, 0, 1, &why));
  assert_ok(mw_region_descriptor(region, &why, &fd));
  mw_region_options reading = {sizeof reading, .access = MW_READ, .require_seals = MW_SEAL_WRITE, .offset = huge_page() + 1};
  assert_ok(mw_region_from_fd(fd, 4, &reading, &why, &reader));
  assert_memory_equal(mw_region_data(reader), "\7\7\7\7", 4);
  mw_region_close(reader);
  mw_region_close(region);
}

static void a_lost_huge_page_is_survived(void **state) {
  (void)state;
  have_pages(3);
  harness_let_faults_kill();
  mw_region_options options = huge();
  for (int i = 0; i < 2; i++) {
    mw_region *region;
    int fd;
    assert_ok(makers[i](3 * huge_page(), &options, &region));
    use(region, 3 * huge_page());
    assert_ok(mw_region_descriptor(region, &why, &fd));
    assert_int_equal(ftruncate(fd, (off_t)huge_page()), 0);
    const volatile uint8_t *data = mw_region_data(region);
    assert_int_equal(data[2 * huge_page() + 5], 0);
    assert_int_equal(data[huge_page() - 1], 7);
    assert_true(mw_region_is_faulted(region));
    assert_ok(mw_region_remap(region, &why));
    use(region, huge_page());
    mw_region_close(region);
  }
}

/* Whoever attaches to a segment is not told what its pages are. */
static void a_segment_of_huge_pages_is_attached_to(void **state) {
  (void)state;
  have_pages(3);
  mw_region_options options = huge();
  mw_region *made, *region;
  uint64_t size = 2 * huge_page() + 5;
  assert_int_equal(mw_region_sysv(harness_key(0), size, MW_CREATE, &options, &why, &made), 1);
  assert_ok(mw_region_sysv(harness_key(0), 0, MW_ATTACH, NULL, &why, &region));
  assert_ok(mw_region_sysv_remove(harness_key(0), &why));
  use(region, size);
  assert_ok(mw_region_protect(region, true, &why));
  assert_int_equal(harness_in_child(store, mw_region_data(region)), 128 + SIGSEGV);
  assert_ok(mw_region_protect(region, false, &why));
  assert_ok(mw_region_discard(region, 1, huge_page(), &why));
  assert_int_equal(((uint8_t *)mw_region_data(region))[huge_page()], 0);
  assert_int_equal(((uint8_t *)mw_region_data(region))[huge_page() + 1], 7);
  mw_region_close(region);
  mw_region_close(made);
}

static void as_stranger(void *unused) {
  (void)unused;
  harness_become(HARNESS_STRANGER);
  mw_region_options options = huge();
  mw_region *region;
  int result = mw_region_sysv(harness_key(0), 100, MW_CREATE, &options, &why, &region);
  assert_fails(MW_EPERM, result);
  assert_non_null(strstr(why.reason, "vm.hugetlb_shm_group"));
}

static void the_right_to_them_is_named(void **state) {
  (void)state;
  harness_needs_root();
  have_pages(1);
  assert_int_equal(harness_in_child(as_stranger, NULL), 0);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(without_any_the_setting_is_named),
    cmocka_unit_test(one_too_few_is_none),
    cmocka_unit_test(any_size_can_be_had),
    cmocka_unit_test(a_size_stays_what_it_is),
    cmocka_unit_test(it_can_be_resized),
    cmocka_unit_test(it_can_be_protected),
    cmocka_unit_test(whole_huge_pages_are_discarded),
    cmocka_unit_test(it_can_be_sealed_and_received),
    cmocka_unit_test(a_lost_huge_page_is_survived),
    cmocka_unit_test(a_segment_of_huge_pages_is_attached_to),
    cmocka_unit_test(the_right_to_them_is_named),
};

/* Around the tests' own processes, which may be killed. Other runs of this program wait for this one. */
int main(int argc, char **argv) {
  int setting = open(SETTING, O_RDONLY | O_CLOEXEC);
  bool lists = argc > 1 && strcmp(argv[1], "--list") == 0;
  if (setting < 0 || lists) return harness_main(argc, argv, tests, sizeof tests / sizeof tests[0]);
  flock(setting, LOCK_EX);
  unsigned long before = number_in(SETTING, "");
  int result = harness_main(argc, argv, tests, sizeof tests / sizeof tests[0]);
  if (number_in(SETTING, "") != before) set_number(before);
  close(setting);
  return result;
}
