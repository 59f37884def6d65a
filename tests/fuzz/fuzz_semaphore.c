/* Semaphores whose memory somebody hostile has made: any bytes in any number in place of the file, any set of System V, any bytes
 * in a region; and changed at any moment.
 *
 * SPDX-License-Identifier: MIT */
#include <fcntl.h>
#include <string.h>
#include <sys/ipc.h>
#include <sys/sem.h>
#include <unistd.h>

#include "fuzz.h"

enum { STEPS = 12, MOST_BYTES = 64, WORD = 32, KEY = 0x6d77, MOST_IN_SET = 4 };

static const mw_deadline PAST = 1; /* an instant of long ago */

/* What hostile hands do between our calls. */
typedef struct hand {
  void (*meddle)(fuzz_input *input, void *context);
  void *context;
} hand;

static unsigned any_count(fuzz_input *input, bool endless) {
  unsigned n = (unsigned)fuzz_below(input, 4);
  return n < 3 || endless ? n : MW_SEMAPHORE_MAX + (unsigned)fuzz_below(input, 4); /* as many as that, one by one, takes too long */
}

/* Use it, whatever it is by now. Out-parameters of failed calls stay as they were. */
static void use(fuzz_input *input, mw_semaphore *semaphore, hand hand) {
  for (int i = 0; i < STEPS && input->left > 0; i++) {
    unsigned value = 77;
    switch (fuzz_below(input, 6)) {
      case 0: fuzz_judge(mw_semaphore_acquire(semaphore, MW_DEADLINE_NOW, fuzz_error(input))); break;
      case 1: fuzz_judge(mw_semaphore_acquire(semaphore, PAST, fuzz_error(input))); break;
      case 2: fuzz_judge(mw_semaphore_release(semaphore, 1, fuzz_error(input))); break;
      case 3: fuzz_judge(mw_semaphore_release(semaphore, any_count(input, true), fuzz_error(input))); break;
      case 4:
        if (fuzz_judge(mw_semaphore_value(semaphore, fuzz_error(input), &value)) == 0)
          fuzz_require(value <= MW_SEMAPHORE_MAX);
        else
          fuzz_require(value == 77);
        break;
      default: hand.meddle(input, hand.context);
    }
  }
}

/* While nobody meddles, what is released and acquired adds up. */
static void count(mw_semaphore *semaphore, unsigned most) {
  mw_error error;
  unsigned before, after;
  if (mw_semaphore_value(semaphore, &error, &before) != 0) return;
  int released = mw_semaphore_release(semaphore, 2, &error);
  fuzz_require(before <= most - 2 ? released == 0 : released == MW_EOVERFLOW);
  fuzz_require(mw_semaphore_value(semaphore, &error, &after) == 0 && after == before + (released ? 0 : 2));
  int acquired = mw_semaphore_acquire(semaphore, MW_DEADLINE_NOW, &error);
  fuzz_require(after ? acquired == 0 : acquired == MW_ETIMEDOUT);
  fuzz_require(mw_semaphore_value(semaphore, &error, &before) == 0 && before == after - (acquired ? 0 : 1));
}

static size_t any_bytes(fuzz_input *input, uint8_t bytes[static MOST_BYTES]) {
  size_t size = fuzz_byte(input) % 4 ? WORD : fuzz_below(input, MOST_BYTES);
  memset(bytes, 0, MOST_BYTES);
  bool likely = fuzz_byte(input) % 2; /* libc's own image, with one byte of it changed */
  if (!likely) {
    for (size_t i = 0; i < size && input->left > 0; i++) bytes[i] = fuzz_byte(input);
    return size;
  }
  mw_semaphore *semaphore;
  mw_region *region;
  if (mw_region_anonymous(WORD, NULL, NULL, &region) != 0) return size;
  if (mw_semaphore_at(region, 0, (int64_t)(fuzz_number(input, 4) & MW_SEMAPHORE_MAX), NULL, &semaphore) == 0) {
    memcpy(bytes, mw_region_data(region), WORD);
    mw_semaphore_close(semaphore);
  }
  mw_region_close(region);
  if (fuzz_byte(input) % 2) bytes[fuzz_below(input, WORD)] = fuzz_byte(input);
  return size;
}

/* ---- named */

static void meddle_with_file(fuzz_input *input, void *context) {
  int fd = *(int *)context;
  uint8_t bytes[8];
  switch (fuzz_below(input, 8)) {
    case 0: (void)!ftruncate(fd, (off_t)fuzz_below(input, MOST_BYTES)); break;
    case 1: (void)!fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 0, 4096); break;
    default:
      for (int i = 0; i < 8; i++) bytes[i] = fuzz_byte(input);
      (void)!pwrite(fd, bytes, 1 + fuzz_below(input, 8), (off_t)fuzz_below(input, WORD));
  }
}

static void named(fuzz_input *input) {
  uint8_t bytes[MOST_BYTES];
  const char *path = fuzz_path("sem.", "s");
  size_t size = any_bytes(input, bytes);
  fuzz_write_file(path, bytes, size);
  int fd = open(path, O_RDWR | O_CLOEXEC);
  mw_semaphore *semaphore = NULL;
  mw_error *error = fuzz_error(input);
  int status = fuzz_byte(input) % 2 ? mw_semaphore_attach(fuzz_name("s"), MW_DEADLINE_NOW, 0, error, &semaphore)
                                    : mw_semaphore_open(fuzz_name("s"), 1, 0, error, &semaphore);
  fuzz_judge(status);
  fuzz_require((status == 0) == (semaphore != NULL));
  fuzz_require(status == 0 || status == (size == 0 ? MW_EAGAIN : MW_EFORMAT));
  if (semaphore) {
    count(semaphore, MW_SEMAPHORE_MAX);
    use(input, semaphore, (hand){meddle_with_file, &fd});
  }
  mw_semaphore_close(semaphore);
  close(fd);
  fuzz_require(mw_semaphore_unlink(fuzz_name("s"), NULL) == 0);
}

/* ---- at a place in a region */

static void meddle_with_region(fuzz_input *input, void *context) {
  mw_region *region = context;
  uint64_t place = fuzz_below(input, MOST_BYTES);
  uint8_t byte = fuzz_byte(input);
  if (place < MOST_BYTES - 1)
    mw_region_write(region, place, &byte, 1, NULL);
  else if (!mw_region_is_closed(region))
    mw_region_close(region); /* which ends every use */
}

static void at(fuzz_input *input) {
  mw_region *region;
  mw_semaphore *semaphore = NULL;
  uint8_t bytes[MOST_BYTES];
  any_bytes(input, bytes);
  mw_region_options options = {sizeof options, .access = fuzz_byte(input) % 8 ? MW_READ_WRITE : MW_COPY_ON_WRITE};
  if (mw_region_anonymous(MOST_BYTES, &options, NULL, &region) != 0) return;
  mw_region_hold(region);
  fuzz_require(mw_region_write(region, 0, bytes, MOST_BYTES, NULL) == 0);
  uint64_t offset = fuzz_byte(input) % 4 ? 0 : fuzz_about(input, MOST_BYTES);
  int64_t value = fuzz_byte(input) % 2 ? -1 : (int64_t)fuzz_number(input, 8);
  int status = fuzz_judge(mw_semaphore_at(region, offset, value, fuzz_error(input), &semaphore));
  fuzz_require((status == 0) == (semaphore != NULL));
  if (status) {
    fuzz_require(memcmp(mw_region_data(region), bytes, MOST_BYTES) == 0);
  } else {
    fuzz_require(offset % 8 == 0 && offset <= MOST_BYTES - WORD && options.access == MW_READ_WRITE);
    count(semaphore, MW_SEMAPHORE_MAX);
    use(input, semaphore, (hand){meddle_with_region, region});
  }
  mw_semaphore_close(semaphore);
  if (!mw_region_is_closed(region)) mw_region_close(region);
  mw_region_drop(region);
}

/* ---- System V */

union semun {
  int val;
  struct semid_ds *buf;
  unsigned short *array;
};

static void meddle_with_set(fuzz_input *input, void *context) {
  int id = *(int *)context;
  unsigned short values[MOST_IN_SET];
  struct sembuf change = {
      .sem_num = (unsigned short)fuzz_below(input, MOST_IN_SET), .sem_op = (short)fuzz_number(input, 2), .sem_flg = IPC_NOWAIT};
  for (int i = 0; i < MOST_IN_SET; i++) values[i] = (unsigned short)fuzz_number(input, 2);
  switch (fuzz_below(input, 4)) {
    case 0: semop(id, &change, 1); break;
    case 1: semctl(id, 0, SETALL, (union semun){.array = values}); break;
    case 2: semctl(id, change.sem_num, SETVAL, (union semun){.val = values[0]}); break;
    default: semctl(id, 0, IPC_RMID);
  }
}

static int make_foreign_set(fuzz_input *input) {
  int id = semget(KEY, 1 + (int)fuzz_below(input, MOST_IN_SET), IPC_CREAT | (int)fuzz_below(input, 01000));
  if (fuzz_byte(input) % 4 == 0) return id; /* not even begun */
  meddle_with_set(input, &id);
  struct sembuf touch = {.sem_op = 1};
  if (fuzz_byte(input) % 2) semop(id, &touch, 1);
  return id;
}

static void of_system_v(fuzz_input *input) {
  int id = fuzz_byte(input) % 8 ? make_foreign_set(input) : -1;
  mw_semaphore_sysv_options options = {.size_of_struct = sizeof options,
                                       .wait_for_use = fuzz_byte(input) % 2 ? PAST : MW_DEADLINE_NOW};
  options.how = (mw_how)fuzz_below(input, 4);
  options.count = (unsigned)fuzz_about(input, MOST_IN_SET);
  options.value = (unsigned)fuzz_about(input, 70000);
  options.permissions = (unsigned)fuzz_about(input, 0777);
  options.inode = fuzz_byte(input) % 8 ? 0 : fuzz_about(input, 64);
  if (fuzz_byte(input) % 2)
    options.flags = fuzz_byte(input) % 8 ? MW_UNDO * (unsigned)fuzz_below(input, 4) : (unsigned)fuzz_number(input, 2);
  int32_t key = fuzz_byte(input) % 8 ? KEY : MW_KEY_PRIVATE;
  mw_semaphore *semaphore = NULL;
  int status =
      fuzz_judge(mw_semaphore_sysv(key, (unsigned)fuzz_about(input, MOST_IN_SET), &options, fuzz_error(input), &semaphore));
  fuzz_require((status >= 0) == (semaphore != NULL));
  if (semaphore) {
    int32_t its_key, its_id;
    unsigned index;
    fuzz_require(mw_semaphore_sysv_id(semaphore, NULL, &its_key, &its_id, &index) == 0 && its_key == key);
    count(semaphore, MW_SEMAPHORE_SYSV_MAX);
    use(input, semaphore, (hand){meddle_with_set, &its_id});
    mw_semaphore_sysv_unlink(semaphore, NULL);
  }
  mw_semaphore_close(semaphore);
  if (id >= 0) semctl(id, 0, IPC_RMID);
  status = mw_semaphore_sysv_remove(KEY, NULL);
  fuzz_require(status == 0 || status == MW_ENOENT);
}

static void (*const subjects[])(fuzz_input *) = {named, at, of_system_v};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  fuzz_input input = fuzz_begin(data, size);
  subjects[fuzz_below(&input, fuzz_is_alone() ? 3 : 2)](&input);
  fuzz_end();
  return 0;
}
