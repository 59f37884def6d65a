/* What the kernel does with a region's pages: advice, giving back, bringing in, locking, protecting, sealing.
 *
 * SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "harness.h"
#include "kinds.h"

static uint64_t page(void) { return mw_page_size(); }

static mw_region *memory_of(uint64_t size) {
  mw_region *region;
  assert_ok(mw_region_memfd("pages", size, NULL, &why, &region));
  return region;
}

static int descriptor_of(mw_region *region) {
  int fd = -1;
  assert_ok(mw_region_descriptor(region, &why, &fd));
  return fd;
}

static void fill_with_pattern(uint8_t *bytes, size_t size) {
  for (size_t i = 0; i < size; i++) bytes[i] = (uint8_t)(i * 7 % 251 + 1); /* never 0 */
}

/* ---- advice */

static const struct {
  const char *name;
  mw_advice advice;
} advices[] = {
#define ROW(constant, name) {name, MW_ADVICE_##constant},
    MW_ADVICE_MAP(ROW)
#undef ROW
};
enum { ADVICES = sizeof advices / sizeof advices[0] };

static void every_advice_has_a_name(void **state) {
  (void)state;
  for (int i = 0; i < ADVICES; i++) {
    mw_advice advice = (mw_advice)77;
    assert_ok(mw_advice_parse(advices[i].name, &why, &advice));
    assert_int_equal(advice, advices[i].advice);
  }
}

static void what_is_no_advice_is_refused(void **state) {
  (void)state;
  static const char *const wrong[] = {"", "Normal", "normal ", "will need", "dontneed", "free", NULL};
  for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
    mw_advice advice = (mw_advice)77;
    assert_fails(MW_EINVAL, mw_advice_parse(wrong[i], &why, &advice));
    assert_int_equal(advice, 77);
    for (int k = 0; k < ADVICES; k++) assert_non_null(strstr(why.reason, advices[k].name));
  }
  mw_region *region = memory_of(100);
  assert_fails(MW_EINVAL, mw_region_advise(region, (mw_advice)ADVICES, 0, 100, &why));
  assert_fails(MW_EINVAL, mw_region_advise(region, (mw_advice)-1, 0, 100, &why));
  mw_region_close(region);
}

/* Whatever the kernel thinks of the advice, the bytes stay. */
static void check_advice(const region_kind *kind, mw_region *region) {
  (void)kind;
  uint64_t size = mw_region_size(region);
  for (int i = 0; i < ADVICES; i++) {
    int result = mw_region_advise(region, advices[i].advice, 1, size - 2, &why);
    if (result != 0) assert_fails(MW_ENOTSUP, result);
    assert_ok(mw_region_advise(region, advices[i].advice, size, 0, &why));
    assert_fails(MW_EINVAL, mw_region_advise(region, advices[i].advice, 1, size, &why));
  }
  assert_true(region_has_pattern(region, 0, size));
}

static void advice_changes_nothing(void **state) {
  (void)state;
  on_each_region(5 * page() + 77, check_advice);
}

static void the_usual_advice_is_taken(void **state) {
  (void)state;
  static const mw_advice usual[] = {MW_ADVICE_NORMAL,    MW_ADVICE_SEQUENTIAL, MW_ADVICE_RANDOM,
                                    MW_ADVICE_WILL_NEED, MW_ADVICE_NO_DUMP,    MW_ADVICE_DUMP};
  mw_region *region = memory_of(10000);
  for (size_t i = 0; i < sizeof usual / sizeof usual[0]; i++) assert_ok(mw_region_advise(region, usual[i], 0, 10000, &why));
  mw_region_close(region);
}

/* ---- discard */

static const struct {
  uint64_t pages, bytes, size_pages, size_bytes; /* from pages * page + bytes on */
} ranges[] = {{0, 0, 1, 0},   {1, 0, 2, 0},    {1, 1, 2, 0},    {0, 1, 3, 4},
              {2, 100, 0, 5}, {0, 4095, 0, 2}, {1, 4095, 1, 2}, {0, 0, 5, 77}};
enum { RANGES = sizeof ranges / sizeof ranges[0] };

static uint64_t begin_of(int i) { return ranges[i].pages * page() + ranges[i].bytes; }
static uint64_t size_of(int i) { return ranges[i].size_pages * page() + ranges[i].size_bytes; }

/* The range is zeros and the rest is as it was; then the pattern again for the next one. */
static void check_discard_of(mw_region *region, int range) {
  uint64_t begin = begin_of(range), end = begin + size_of(range), size = mw_region_size(region);
  assert_ok(mw_region_discard(region, begin, end - begin, &why));
  const uint8_t *data = mw_region_data(region);
  for (uint64_t i = begin; i < end; i++) assert_int_equal(data[i], 0);
  assert_true(region_has_pattern(region, 0, begin));
  assert_true(region_has_pattern(region, end, size));
  region_put_pattern(region);
}

/* Whole pages of a private mapping show again what is underneath, and the others keep what was written. */
static void check_private_discard_of(mw_region *region, int range, const uint8_t *under) {
  uint64_t begin = begin_of(range), end = begin + size_of(range), size = mw_region_size(region);
  uintptr_t base = (uintptr_t)mw_region_data(region);
  uint64_t first = (base + begin + page() - 1) / page() * page() - base, last = (base + end) / page() * page() - base;
  assert_ok(mw_region_fill(region, 255, 0, size, &why));
  assert_ok(mw_region_discard(region, begin, end - begin, &why));
  const uint8_t *data = mw_region_data(region);
  for (uint64_t i = 0; i < size; i++) assert_int_equal(data[i], i >= first && i < last ? under[i] : 255);
}

static void check_discard(const region_kind *kind, mw_region *region) {
  uint64_t size = mw_region_size(region);
  static uint8_t under[6 * 65536];
  if (!kind->writable) {
    assert_fails(MW_EREADONLY, mw_region_discard(region, 0, size, &why));
  } else if (kind->shared) {
    for (int i = 0; i < RANGES; i++) check_discard_of(region, i);
  } else {
    memset(under, 0, sizeof under);
    if (strcmp(kind->kind, "file-private") == 0) fill_with_pattern(under, size);
    for (int i = 0; i < RANGES; i++) check_private_discard_of(region, i, under);
    return;
  }
  assert_true(region_has_pattern(region, 0, size));
  assert_fails(MW_EINVAL, mw_region_discard(region, 1, size, &why));
  assert_fails(MW_EINVAL, mw_region_discard(region, UINT64_MAX, 2, &why));
}

static void discard_makes_zeros_of_these_bytes_alone(void **state) {
  (void)state;
  on_each_region(5 * page() + 77, check_discard);
}

static uint64_t blocks_of(int fd) {
  struct stat stat;
  assert_int_equal(fstat(fd, &stat), 0);
  return (uint64_t)stat.st_blocks;
}

static void discarded_pages_go_back_to_the_system(void **state) {
  (void)state;
  mw_region *regions[2];
  regions[0] = memory_of(64 * page());
  assert_ok(mw_region_file(harness_path("file"), 64 * page(), &(mw_region_options){sizeof(mw_region_options), .flags = MW_TRUNCATE},
                           &why, &regions[1]));
  for (int i = 0; i < 2; i++) {
    assert_ok(mw_region_fill(regions[i], 1, 0, 64 * page(), &why));
    assert_ok(mw_region_flush(regions[i], 0, 64 * page(), true, &why));
    uint64_t before = blocks_of(descriptor_of(regions[i]));
    assert_ok(mw_region_discard(regions[i], 10, 40 * page(), &why));
    assert_ok(mw_region_flush(regions[i], 0, 64 * page(), true, &why));
    assert_true(blocks_of(descriptor_of(regions[i])) * 512 <= before * 512 - 38 * page());
    mw_region_close(regions[i]);
  }
}

static void others_see_what_was_discarded(void **state) {
  (void)state;
  mw_region *region = memory_of(4 * page());
  assert_ok(mw_region_fill(region, 1, 0, 4 * page(), &why));
  const uint8_t *other = mmap(NULL, 4 * page(), PROT_READ, MAP_SHARED, descriptor_of(region), 0);
  assert_ok(mw_region_discard(region, 1, 4 * page() - 2, &why));
  for (uint64_t i = 1; i < 4 * page() - 1; i++) assert_int_equal(other[i], 0);
  assert_int_equal(other[0], 1);
  assert_int_equal(other[4 * page() - 1], 1);
  munmap((void *)(uintptr_t)other, 4 * page());
  mw_region_close(region);
}

/* "Locked: 16 kB" of /proc/self/smaps, all mappings together. */
static uint64_t locked_bytes(void) {
  FILE *facts = fopen("/proc/self/smaps", "re");
  char line[512];
  uint64_t sum = 0;
  unsigned long kibibytes;
  while (fgets(line, sizeof line, facts) != NULL)
    if (sscanf(line, "Locked: %lu kB", &kibibytes) == 1) sum += kibibytes * 1024;
  fclose(facts);
  return sum;
}

/* Sanitizers make nothing of mlock. */
static void need_locks(void) {
  char *probe = mmap(NULL, page(), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  uint64_t before = locked_bytes();
  bool is_locked = mlock(probe, page()) == 0 && locked_bytes() > before;
  munmap(probe, page());
  if (!is_locked) harness_skip("mlock does nothing in this program");
}

static void what_is_locked_is_not_discarded(void **state) {
  (void)state;
  need_locks();
  mw_region *region = memory_of(2 * page());
  assert_ok(mw_region_fill(region, 1, 0, 2 * page(), &why));
  assert_ok(mw_region_mlock(region, 0, 1, &why));
  assert_fails(MW_ENOTSUP, mw_region_discard(region, 0, 2 * page(), &why));
  assert_non_null(strstr(why.reason, "munlock"));
  assert_ok(mw_region_munlock(region, 0, 1, &why));
  assert_ok(mw_region_discard(region, 0, 2 * page(), &why));
  mw_region_close(region);
}

/* ---- in memory: populate, resident, mlock */

static void check_populate(const region_kind *kind, mw_region *region) {
  uint64_t size = mw_region_size(region), resident = 0;
  assert_ok(mw_region_populate(region, 1, size - 2, &why));
  assert_ok(mw_region_populate(region, size, 0, &why));
  assert_ok(mw_region_resident(region, &why, &resident));
  assert_int_equal(resident, size);
  assert_true(region_has_pattern(region, 0, size));
  assert_fails(MW_EINVAL, mw_region_populate(region, 1, size, &why));
  (void)kind;
}

static void populate_brings_every_page_in(void **state) {
  (void)state;
  on_each_region(5 * page() + 77, check_populate);
}

static void what_was_cut_cannot_be_populated(void **state) {
  (void)state;
  mw_region *region = memory_of(4 * page());
  assert_int_equal(ftruncate(descriptor_of(region), (off_t)page()), 0);
  assert_ok(mw_region_populate(region, 0, page(), &why));
  assert_fails(MW_EFAULT, mw_region_populate(region, 0, 2 * page(), &why));
  mw_region_close(region);
}

static void resident_counts_whole_pages(void **state) {
  (void)state;
  mw_region *region = memory_of(16 * page());
  uint64_t bytes = 77;
  assert_ok(mw_region_discard(region, 0, 16 * page(), &why));
  assert_ok(mw_region_resident(region, &why, &bytes));
  assert_int_equal(bytes, 0);
  ((volatile char *)mw_region_data(region))[3 * page()] = 1;
  assert_ok(mw_region_populate(region, 8 * page() - 1, 2, &why));
  assert_ok(mw_region_resident(region, &why, &bytes));
  assert_int_equal(bytes, 3 * page());
  mw_region_close(region);
}

static void locked_pages_are_kept(void **state) {
  (void)state;
  need_locks();
  mw_region *region = memory_of(8 * page());
  uint64_t before = locked_bytes();
  assert_ok(mw_region_mlock(region, page() - 1, 2, &why));
  assert_int_equal(locked_bytes() - before, 2 * page());
  assert_ok(mw_region_mlock(region, 0, 8 * page(), &why));
  assert_ok(mw_region_munlock(region, 4 * page() + 1, 1, &why)); /* locks do not add up */
  assert_int_equal(locked_bytes() - before, 7 * page());
  assert_ok(mw_region_munlock(region, 0, 8 * page(), &why));
  assert_ok(mw_region_munlock(region, 0, 8 * page(), &why));
  assert_int_equal(locked_bytes(), before);
  mw_region_close(region);
}

static void lock_too_much(void *region) {
  struct rlimit limit = {4 * page(), 4 * page()};
  assert_int_equal(setrlimit(RLIMIT_MEMLOCK, &limit), 0);
  harness_become(HARNESS_STRANGER);
  int result = mw_region_mlock(region, 0, 8 * page(), &why);
  char number[32];
  snprintf(number, sizeof number, "%llu", (unsigned long long)limit.rlim_cur);
  if (result != MW_EAGAIN) assert_fails(MW_ENOMEM, result);
  assert_non_null(strstr(why.reason, "RLIMIT_MEMLOCK"));
  assert_non_null(strstr(why.reason, number));
}

static void lock_without_the_right(void *region) {
  struct rlimit none = {0, 0};
  assert_int_equal(setrlimit(RLIMIT_MEMLOCK, &none), 0);
  harness_become(HARNESS_STRANGER);
  assert_fails(MW_EPERM, mw_region_mlock(region, 0, 1, &why));
  assert_why("Region.mlock", "pages", EPERM);
  assert_non_null(strstr(why.reason, "RLIMIT_MEMLOCK"));
}

static void the_limit_of_locked_memory_is_named(void **state) {
  (void)state;
  harness_needs_root();
  need_locks();
  mw_region *region = memory_of(8 * page());
  assert_int_equal(harness_in_child(lock_too_much, region), 0);
  assert_int_equal(harness_in_child(lock_without_the_right, region), 0);
  mw_region_close(region);
}

/* ---- flush */

static void flushed_bytes_are_in_the_file(void **state) {
  (void)state;
  mw_region *region;
  mw_region_options options = {sizeof options, .flags = MW_TRUNCATE};
  char byte = 0;
  assert_ok(mw_region_file(harness_path("file"), 3 * page(), &options, &why, &region));
  assert_ok(mw_region_write(region, page() + 5, "x", 1, &why));
  assert_ok(mw_region_flush(region, page() + 5, 1, false, &why));
  assert_ok(mw_region_flush(region, page() + 5, 1, true, &why));
  assert_int_equal(pread(descriptor_of(region), &byte, 1, (off_t)page() + 5), 1);
  assert_int_equal(byte, 'x');
  mw_region_close(region);
}

/* ---- protect */

static void store(void *address) { *(volatile char *)address = 1; }

static void check_protect(const region_kind *kind, mw_region *region) {
  uint8_t *last = (uint8_t *)mw_region_data(region) + mw_region_size(region) - 1;
  mw_view view;
  assert_ok(mw_view_init(&view, region, MW_UINT8, 1, NULL, 0, &why));
  assert_ok(mw_region_protect(region, true, &why));
  assert_ok(mw_region_protect(region, true, &why));
  assert_true(mw_region_is_readonly(region));
  assert_false(mw_view_is_writable(&view));
  assert_fails(MW_EREADONLY, mw_region_write(region, 0, "x", 1, &why));
  assert_fails(MW_EREADONLY, mw_view_fill(&view, (mw_value){.kind = MW_VALUE_INT, .as.i = 1}, &why));
  assert_int_equal(harness_in_child(store, last), 128 + SIGSEGV);
  assert_int_equal(harness_in_child(store, mw_region_data(region)), 128 + SIGSEGV);
  assert_true(region_has_pattern(region, 0, mw_region_size(region)));
  if (!kind->writable) {
    assert_fails(MW_EACCES, mw_region_protect(region, false, &why));
    assert_true(mw_region_is_readonly(region));
    assert_int_equal(harness_in_child(store, last), 128 + SIGSEGV);
    return;
  }
  assert_ok(mw_region_protect(region, false, &why));
  assert_false(mw_region_is_readonly(region));
  assert_true(mw_view_is_writable(&view));
  assert_ok(mw_region_fill(region, 9, 0, mw_region_size(region), &why));
  assert_int_equal(harness_in_child(store, last), 0);
}

static void a_protected_region_cannot_be_written_to(void **state) {
  (void)state;
  on_each_region(2 * page() + 77, check_protect);
}

static void check_protect_while_held(const region_kind *kind, mw_region *region) {
  mw_region_hold(region);
  assert_ok(mw_region_protect(region, !kind->writable, &why)); /* as it is already */
  assert_fails(MW_EBUSY, mw_region_protect(region, kind->writable, &why));
  assert_int_equal(mw_region_is_readonly(region), !kind->writable);
  mw_region_drop(region);
}

static void what_others_hold_is_not_protected(void **state) {
  (void)state;
  on_each_region(page(), check_protect_while_held);
}

/* The descriptor allows more than was asked for: the region still does not. */
static void what_was_mapped_for_reading_stays_so(void **state) {
  (void)state;
  int fd = memfd_create("pages", MFD_CLOEXEC);
  assert_int_equal(ftruncate(fd, 100), 0);
  mw_region *region;
  assert_ok(mw_region_from_fd(fd, 0, &(mw_region_options){sizeof(mw_region_options), .access = MW_READ}, &why, &region));
  assert_fails(MW_EACCES, mw_region_protect(region, false, &why));
  assert_true(mw_region_is_readonly(region));
  assert_int_equal(harness_in_child(store, mw_region_data(region)), 128 + SIGSEGV);
  mw_region_close(region);
  close(fd);
}

static void other_mappings_are_not_protected(void **state) {
  (void)state;
  mw_region *region = memory_of(page());
  uint8_t *other = mmap(NULL, page(), PROT_READ | PROT_WRITE, MAP_SHARED, descriptor_of(region), 0);
  assert_ok(mw_region_protect(region, true, &why));
  other[5] = 6;
  assert_int_equal(((uint8_t *)mw_region_data(region))[5], 6);
  munmap(other, page());
  mw_region_close(region);
}

/* ---- seals */

static const struct {
  const char *name;
  unsigned seal;
} seals[] = {
#define ROW(constant, bit, name) {name, MW_SEAL_##constant},
    MW_SEAL_MAP(ROW)
#undef ROW
};
enum { SEALS = sizeof seals / sizeof seals[0] };

static void every_seal_has_a_name(void **state) {
  (void)state;
  static const char *const wrong[] = {"", "Seal", "future-write", "exec", NULL};
  unsigned seal = 77;
  for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
    assert_fails(MW_EINVAL, mw_seal_parse(wrong[i], &why, &seal));
    assert_int_equal(seal, 77);
    for (int k = 0; k < SEALS; k++) assert_non_null(strstr(why.reason, seals[k].name));
  }
  for (int i = 0; i < SEALS; i++) {
    assert_ok(mw_seal_parse(seals[i].name, &why, &seal));
    assert_int_equal(seal, seals[i].seal);
  }
}

static unsigned seals_of(mw_region *region) {
  unsigned there = 77;
  assert_ok(mw_region_seals(region, &why, &there));
  return there;
}

static void shrink_and_grow_keep_the_size(void **state) {
  (void)state;
  mw_region *region = memory_of(2 * page());
  int fd = descriptor_of(region);
  assert_int_equal(seals_of(region), 0);
  assert_ok(mw_region_seal(region, MW_SEAL_SHRINK, &why));
  assert_int_equal(seals_of(region), MW_SEAL_SHRINK);
  assert_int_equal(ftruncate(fd, 1), -1);
  assert_fails(MW_EPERM, mw_region_resize(region, page(), &why));
  assert_int_equal(mw_region_size(region), 2 * page());
  assert_ok(mw_region_resize(region, 3 * page(), &why));
  assert_ok(mw_region_seal(region, MW_SEAL_GROW, &why));
  assert_int_equal(seals_of(region), MW_SEAL_SHRINK | MW_SEAL_GROW);
  assert_int_equal(ftruncate(fd, 1 << 20), -1);
  assert_fails(MW_EPERM, mw_region_resize(region, 4 * page(), &why));
  assert_int_equal(mw_region_size(region), 3 * page());
  assert_int_equal(harness_in_child(store, mw_region_data(region)), 0);
  mw_region_close(region);
}

static void seal_ends_sealing(void **state) {
  (void)state;
  mw_region *region = memory_of(page());
  assert_ok(mw_region_seal(region, MW_SEAL_SEAL | MW_SEAL_SHRINK, &why));
  assert_int_equal(seals_of(region), MW_SEAL_SEAL | MW_SEAL_SHRINK);
  static const unsigned more[] = {MW_SEAL_GROW, MW_SEAL_WRITE, MW_SEAL_FUTURE_WRITE, MW_SEAL_SEAL};
  for (int i = 0; i < 4; i++) {
    assert_fails(MW_EPERM, mw_region_seal(region, more[i], &why));
    assert_false(mw_region_is_readonly(region));
  }
  assert_int_equal(seals_of(region), MW_SEAL_SEAL | MW_SEAL_SHRINK);
  assert_int_equal(harness_in_child(store, mw_region_data(region)), 0);
  mw_region_close(region);
}

static void write_makes_it_what_it_is_for_ever(void **state) {
  (void)state;
  mw_region *region = memory_of(2 * page());
  mw_view view;
  int fd = descriptor_of(region);
  assert_ok(mw_region_fill(region, 5, 0, 2 * page(), &why));
  assert_ok(mw_view_init(&view, region, MW_UINT8, 1, NULL, 0, &why));
  void *data = mw_region_data(region);
  assert_ok(mw_region_seal(region, MW_SEAL_WRITE, &why));
  assert_ptr_equal(mw_region_data(region), data);
  assert_true(mw_region_is_readonly(region));
  assert_int_equal(mw_region_access(region), MW_READ);
  assert_false(mw_view_is_writable(&view));
  assert_fails(MW_EREADONLY, mw_view_fill(&view, (mw_value){.kind = MW_VALUE_INT, .as.i = 1}, &why));
  assert_fails(MW_EREADONLY, mw_region_fill(region, 1, 0, 1, &why));
  assert_fails(MW_EACCES, mw_region_protect(region, false, &why));
  assert_int_equal(harness_in_child(store, data), 128 + SIGSEGV);
  assert_int_equal(pwrite(fd, "x", 1, 0), -1);
  assert_int_equal(fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 0, (off_t)page()), -1);
  assert_ptr_equal(mmap(NULL, page(), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0), MAP_FAILED);
  mw_value sum;
  assert_ok(mw_view_sum(&view, &why, &sum));
  assert_int_equal(sum.as.u, 2 * page() * 5);
  assert_ok(mw_region_seal(region, MW_SEAL_SHRINK | MW_SEAL_GROW, &why));
  mw_region_close(region);
}

static void future_write_leaves_us_what_we_have(void **state) {
  (void)state;
  mw_region *region = memory_of(2 * page());
  int fd = descriptor_of(region);
  assert_ok(mw_region_seal(region, MW_SEAL_FUTURE_WRITE, &why));
  assert_int_equal(seals_of(region), MW_SEAL_FUTURE_WRITE);
  assert_false(mw_region_is_readonly(region));
  assert_ok(mw_region_fill(region, 5, 0, 2 * page(), &why));
  assert_ptr_equal(mmap(NULL, page(), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0), MAP_FAILED);
  assert_int_equal(pwrite(fd, "x", 1, 0), -1);
  assert_fails(MW_EPERM, mw_region_discard(region, 0, 2 * page(), &why));
  assert_fails(MW_EPERM, mw_region_resize(region, 4 * page(), &why)); /* that would be a new mapping */
  assert_int_equal(mw_region_size(region), 2 * page());
  assert_int_equal(harness_in_child(store, mw_region_data(region)), 0);
  mw_region *reader;
  assert_fails(MW_EPERM, mw_region_from_fd(fd, 0, NULL, &why, &reader));
  assert_ok(mw_region_from_fd(fd, 0, &(mw_region_options){sizeof(mw_region_options), .access = MW_READ}, &why, &reader));
  assert_memory_equal(mw_region_data(reader), mw_region_data(region), 2 * page());
  mw_region_close(reader);
  mw_region_close(region);
}

static void who_has_it_mapped_for_writing_stops_write(void **state) {
  (void)state;
  mw_region *region = memory_of(2 * page());
  assert_ok(mw_region_fill(region, 5, 0, 2 * page(), &why));
  void *data = mw_region_data(region);
  uint8_t *other = mmap(NULL, page(), PROT_READ | PROT_WRITE, MAP_SHARED, descriptor_of(region), 0);
  assert_fails(MW_EBUSY, mw_region_seal(region, MW_SEAL_WRITE | MW_SEAL_SHRINK, &why));
  assert_why("Region.seal", "pages", EBUSY);
  assert_int_equal(seals_of(region), 0);
  assert_false(mw_region_is_readonly(region));
  assert_ptr_equal(mw_region_data(region), data);
  assert_ok(mw_region_check(region, &why));
  other[7] = 9;
  assert_int_equal(((uint8_t *)data)[7], 9);
  assert_int_equal(((uint8_t *)data)[2 * page() - 1], 5);
  assert_ok(mw_region_fill(region, 6, 0, 2 * page(), &why));
  munmap(other, page());
  assert_ok(mw_region_seal(region, MW_SEAL_WRITE, &why));
  assert_int_equal(*(uint8_t *)data, 6);
  mw_region_close(region);
}

/* What has FUTURE_WRITE cannot be mapped for writing again, once it was unmapped for the sake of WRITE. */
static void a_refused_seal_leaves_the_memory_there(void **state) {
  (void)state;
  mw_region *region = memory_of(page());
  assert_ok(mw_region_fill(region, 5, 0, page(), &why));
  uint8_t *other = mmap(NULL, page(), PROT_READ | PROT_WRITE, MAP_SHARED, descriptor_of(region), 0);
  assert_ok(mw_region_seal(region, MW_SEAL_FUTURE_WRITE, &why));
  assert_fails(MW_EBUSY, mw_region_seal(region, MW_SEAL_WRITE, &why));
  munmap(other, page());
  assert_ok(mw_region_check(region, &why));
  assert_int_equal(*(uint8_t *)mw_region_data(region), 5);
  assert_fails(MW_EREADONLY, mw_region_fill(region, 6, 0, 1, &why));
  mw_region_close(region);

  region = memory_of(page());
  assert_ok(mw_region_seal(region, MW_SEAL_FUTURE_WRITE | MW_SEAL_SEAL, &why));
  assert_fails(MW_EPERM, mw_region_seal(region, MW_SEAL_WRITE, &why));
  assert_ok(mw_region_fill(region, 6, 0, page(), &why));
  mw_region_close(region);
}

static void who_holds_the_region_stops_write(void **state) {
  (void)state;
  mw_region *region = memory_of(page());
  mw_region_hold(region);
  assert_fails(MW_EBUSY, mw_region_seal(region, MW_SEAL_WRITE, &why));
  assert_int_equal(seals_of(region), 0);
  assert_ok(mw_region_seal(region, MW_SEAL_GROW, &why)); /* which is no matter to who holds it */
  mw_region_drop(region);
  assert_ok(mw_region_seal(region, MW_SEAL_WRITE, &why));
  mw_region_close(region);
}

/* Its own mapping could be made writable, so the kernel counts it as one that is. */
static void a_reader_can_seal_against_writing(void **state) {
  (void)state;
  int fd = memfd_create("pages", MFD_CLOEXEC | MFD_ALLOW_SEALING);
  assert_int_equal(pwrite(fd, "data", 4, 0), 4);
  mw_region *region;
  assert_ok(mw_region_from_fd(fd, 0, &(mw_region_options){sizeof(mw_region_options), .access = MW_READ}, &why, &region));
  assert_ok(mw_region_seal(region, MW_SEAL_WRITE, &why));
  assert_int_equal(seals_of(region), MW_SEAL_WRITE);
  assert_memory_equal(mw_region_data(region), "data", 4);
  mw_region_close(region);
  close(fd);
}

static void a_private_mapping_may_be_sealed_and_written(void **state) {
  (void)state;
  mw_region *region;
  mw_region_options options = {sizeof options, .access = MW_COPY_ON_WRITE};
  assert_ok(mw_region_memfd("pages", page(), &options, &why, &region));
  assert_ok(mw_region_seal(region, MW_SEAL_WRITE, &why));
  assert_false(mw_region_is_readonly(region));
  assert_ok(mw_region_fill(region, 1, 0, page(), &why));
  mw_region_close(region);
}

static void check_sealable(const region_kind *kind, mw_region *region) {
  unsigned there = 77;
  if (kind->seal) {
    assert_ok(mw_region_seal(region, MW_SEAL_SHRINK, &why));
    assert_int_equal(seals_of(region) & MW_SEAL_SHRINK, MW_SEAL_SHRINK);
  } else if (strcmp(kind->kind, "memfd-sealed") == 0) {
    assert_fails(MW_EPERM, mw_region_seal(region, MW_SEAL_SHRINK, &why));
  } else {
    assert_fails(MW_ENOTSUP, mw_region_seal(region, MW_SEAL_SHRINK, &why));
    assert_fails(MW_ENOTSUP, mw_region_seals(region, &why, &there));
    assert_int_equal(there, 77);
  }
  assert_fails(MW_EINVAL, mw_region_seal(region, 0, &why));
  assert_fails(MW_EINVAL, mw_region_seal(region, 1u << 5, &why));
}

static void only_a_memfd_can_be_sealed(void **state) {
  (void)state;
  on_each_region(page(), check_sealable);
}

/* ---- closed */

static void a_closed_region_refuses_every_call(void **state) {
  (void)state;
  mw_region *region = memory_of(page());
  uint64_t bytes = 77;
  unsigned there = 78;
  mw_region_hold(region);
  mw_region_close(region);
  assert_fails(MW_ECLOSED, mw_region_flush(region, 0, 1, true, &why));
  assert_fails(MW_ECLOSED, mw_region_advise(region, MW_ADVICE_NORMAL, 0, 1, &why));
  assert_fails(MW_ECLOSED, mw_region_discard(region, 0, 1, &why));
  assert_fails(MW_ECLOSED, mw_region_populate(region, 0, 1, &why));
  assert_fails(MW_ECLOSED, mw_region_mlock(region, 0, 1, &why));
  assert_fails(MW_ECLOSED, mw_region_munlock(region, 0, 1, &why));
  assert_fails(MW_ECLOSED, mw_region_resident(region, &why, &bytes));
  assert_fails(MW_ECLOSED, mw_region_protect(region, true, &why));
  assert_fails(MW_ECLOSED, mw_region_seal(region, MW_SEAL_GROW, &why));
  assert_fails(MW_ECLOSED, mw_region_seals(region, &why, &there));
  assert_int_equal(bytes, 77);
  assert_int_equal(there, 78);
  mw_region_drop(region);
}

static void an_empty_region_has_no_pages(void **state) {
  (void)state;
  harness_write_file(harness_path("empty"), "", 0, 0600);
  mw_region *region;
  uint64_t bytes = 77;
  assert_ok(mw_region_file(harness_path("empty"), 0, NULL, &why, &region));
  assert_ok(mw_region_flush(region, 0, 0, true, &why));
  assert_ok(mw_region_advise(region, MW_ADVICE_RANDOM, 0, 0, &why));
  assert_ok(mw_region_discard(region, 0, 0, &why));
  assert_ok(mw_region_populate(region, 0, 0, &why));
  assert_ok(mw_region_mlock(region, 0, 0, &why));
  assert_ok(mw_region_munlock(region, 0, 0, &why));
  assert_ok(mw_region_resident(region, &why, &bytes));
  assert_int_equal(bytes, 0);
  assert_ok(mw_region_protect(region, true, &why));
  assert_ok(mw_region_protect(region, false, &why));
  mw_region_close(region);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(every_advice_has_a_name),
    cmocka_unit_test(what_is_no_advice_is_refused),
    cmocka_unit_test(advice_changes_nothing),
    cmocka_unit_test(the_usual_advice_is_taken),
    cmocka_unit_test(discard_makes_zeros_of_these_bytes_alone),
    cmocka_unit_test(discarded_pages_go_back_to_the_system),
    cmocka_unit_test(others_see_what_was_discarded),
    cmocka_unit_test(what_is_locked_is_not_discarded),
    cmocka_unit_test(populate_brings_every_page_in),
    cmocka_unit_test(what_was_cut_cannot_be_populated),
    cmocka_unit_test(resident_counts_whole_pages),
    cmocka_unit_test(locked_pages_are_kept),
    cmocka_unit_test(the_limit_of_locked_memory_is_named),
    cmocka_unit_test(flushed_bytes_are_in_the_file),
    cmocka_unit_test(a_protected_region_cannot_be_written_to),
    cmocka_unit_test(what_others_hold_is_not_protected),
    cmocka_unit_test(what_was_mapped_for_reading_stays_so),
    cmocka_unit_test(other_mappings_are_not_protected),
    cmocka_unit_test(every_seal_has_a_name),
    cmocka_unit_test(shrink_and_grow_keep_the_size),
    cmocka_unit_test(seal_ends_sealing),
    cmocka_unit_test(write_makes_it_what_it_is_for_ever),
    cmocka_unit_test(future_write_leaves_us_what_we_have),
    cmocka_unit_test(who_has_it_mapped_for_writing_stops_write),
    cmocka_unit_test(a_refused_seal_leaves_the_memory_there),
    cmocka_unit_test(who_holds_the_region_stops_write),
    cmocka_unit_test(a_reader_can_seal_against_writing),
    cmocka_unit_test(a_private_mapping_may_be_sealed_and_written),
    cmocka_unit_test(only_a_memfd_can_be_sealed),
    cmocka_unit_test(a_closed_region_refuses_every_call),
    cmocka_unit_test(an_empty_region_has_no_pages),
};

HARNESS_MAIN(tests)
