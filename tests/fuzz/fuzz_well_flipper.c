/* A well with a hostile peer: while calls are made on it, something in its memory changes, at moments and in places that the input
 * chooses. It may cost anything but the process: no call reads or writes outside, none goes on for ever.
 *
 * Moments are the calls from one file of the core to another, of which the linker tells us (--wrap; CMakeLists.txt reads the names
 * from this file): between a sum and what it sums up, a lock and what it locks, a look and the next one. So every finding can be
 * run again, which one of a second thread could not.
 *
 * SPDX-License-Identifier: MIT */
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "wells.h"

enum { STEPS = 16, SLEEPS = 3 };

/* ---- the hand */

/* input     where its deeds are read from
 * fd        of the well's file
 * moments   how many it lets pass before it strikes
 * pause     how many between two strikes
 * strikes   how often it strikes yet */
static struct hand {
  fuzz_input *input;
  int fd;
  unsigned moments;
  unsigned pause;
  unsigned strikes;
} hand;

static void spoil_file(fuzz_input *input) {
  static uint8_t bytes[MOST_IMAGE];
  ssize_t size = pread(hand.fd, bytes, sizeof bytes, 0);
  if (size <= 0) return;
  image_spoil(input, bytes, (size_t)size);
  if (fuzz_byte(input) % 2) image_repair(bytes, (size_t)size);
  fuzz_require(pwrite(hand.fd, bytes, (size_t)size, 0) == size);
}

static void strike(fuzz_input *input) {
  switch (fuzz_byte(input)) {
    case 0: (void)!ftruncate(hand.fd, (off_t)fuzz_below(input, MOST_IMAGE)); break;
    case 1: (void)!fallocate(hand.fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 4096 * (off_t)fuzz_below(input, 2), 4096); break;
    default: spoil_file(input);
  }
}

static void moment(void) {
  if (hand.strikes == 0 || hand.moments-- > 0) return;
  hand.moments = hand.pause;
  hand.strikes--;
  strike(hand.input);
}

static void raise_hand(fuzz_input *input) {
  uint8_t plan = fuzz_byte(input);
  hand.strikes = plan % 8 < 3 ? plan % 8 : 0;
  hand.moments = hand.strikes ? fuzz_byte(input) : 0;
  hand.pause = plan / 8;
}

/* ---- moments: AT(type of the result, function, parameters, arguments) */

#define AT(type, name, parameters, arguments) \
  type __real_##name parameters;              \
  type __wrap_##name parameters;              \
  type __wrap_##name parameters {             \
    moment();                                 \
    type result = __real_##name arguments;    \
    moment();                                 \
    return result;                            \
  }

AT(uint64_t, mw__hash, (uint64_t before, const void *bytes, size_t size), (before, bytes, size))
AT(size_t, mw_dtype_size, (mw_dtype dtype), (dtype))
AT(uint64_t, mw__layout_locks_floor, (const void *layout), (layout))
AT(uint64_t, mw__layout_end, (const void *layout), (layout))
AT(int, mw__directory_read, (const void *call, const void *layout, uint32_t index, void *record), (call, layout, index, record))
AT(uint64_t, mw__participant_oldest, (const void *slots, uint32_t count), (slots, count))
AT(bool, mw__slot_is_valid, (uint64_t life), (life))
AT(bool, mw__slot_is_in_use, (uint64_t life), (life))
AT(uint64_t, mw__slot_generation, (uint64_t life), (life))
AT(unsigned, mw__permits_count, (const void *permits, unsigned capacity, uint64_t word), (permits, capacity, word))
AT(unsigned, mw__permits_sweep, (void *permits, unsigned capacity, uint64_t owner), (permits, capacity, owner))
AT(unsigned, mw__mutex_sweep, (void *line, uint64_t owner), (line, owner))
AT(int, mw__object_check_usable, (const void *call, void *object), (call, object))
AT(int, mw__object_check_word, (const void *call, const void *object, uint64_t word), (call, object, word))
AT(int, mw__region_check_usable, (const void *call, const void *region), (call, region))
AT(int, mw__well_check_open, (const void *call, const void *well), (call, well))
AT(int, mw__os_lock_byte, (int fd, uint64_t offset), (fd, offset))
AT(int, mw__os_is_byte_locked, (int fd, uint64_t offset, bool *locked), (fd, offset, locked))
AT(int, mw__os_word_wake, (void *word, unsigned count, unsigned *woken), (word, count, woken))

/* ---- the target */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  static image image;
  fuzz_input input = fuzz_begin(data, size);
  image_begin(&input, &image);
  fuzz_write_file(fuzz_path("", "w"), image.bytes, image.size);
  hand = (struct hand){.input = &input, .fd = open(fuzz_path("", "w"), O_RDWR | O_CLOEXEC)};
  before_sleep = moment;
  always = STATUS(EFORMAT) | STATUS(EFAULT) | STATUS(ENOTOWNER); /* the last one where its locks look broken */
  for (int i = 0; i < STEPS && input.left > 0; i++) {
    allow_sleeps(SLEEPS);
    raise_hand(&input);
    if (entered)
      act(&input);
    else
      enter(&input, fuzz_name("w"), fuzz_path("", "w"));
  }
  hand.strikes = 0;
  leave();
  close(hand.fd);
  unlink(fuzz_path("", "w"));
  fuzz_end();
  return 0;
}
