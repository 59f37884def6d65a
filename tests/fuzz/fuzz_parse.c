/* Texts and numbers from outside: dtypes, advice, seals, names, values, times.
 *
 * SPDX-License-Identifier: MIT */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fuzz.h"

/* ---- texts of a closed list: what is taken is on it, and what is on it is taken again */

static void parse_dtype(fuzz_input *input) {
  mw_dtype dtype = (mw_dtype)-1, again;
  mw_error *error = fuzz_error(input);
  char *text = fuzz_text(input, 64);
  if (fuzz_judge(mw_dtype_parse(text, error, &dtype)) == 0) {
    fuzz_require((unsigned)dtype < MW_DTYPE_COUNT && mw_dtype_size(dtype) >= 1 && mw_dtype_size(dtype) <= 8);
    fuzz_require(mw_dtype_parse(mw_dtype_name(dtype), error, &again) == 0 && again == dtype);
    fuzz_require(mw_dtype_parse(mw_dtype_format(dtype), error, &again) == 0 && again == dtype);
  } else {
    fuzz_require(dtype == (mw_dtype)-1);
  }
  free(text);
}

static void parse_advice(fuzz_input *input) {
  mw_advice advice = (mw_advice)-1;
  mw_error *error = fuzz_error(input);
  char *text = fuzz_text(input, 600);
  bool taken = fuzz_judge(mw_advice_parse(text, error, &advice)) == 0;
  fuzz_require(taken == ((unsigned)advice <= MW_ADVICE_DUMP));
  free(text);
}

static void parse_seal(fuzz_input *input) {
  unsigned seal = 0;
  mw_error *error = fuzz_error(input);
  char *text = fuzz_text(input, 600);
  bool taken = fuzz_judge(mw_seal_parse(text, error, &seal)) == 0;
  fuzz_require(taken ? seal != 0 && (seal & (seal - 1)) == 0 : seal == 0);
  free(text);
}

/* ---- names */

static bool is_at(const char *prefix, const char *name) {
  char path[600];
  struct stat stat;
  snprintf(path, sizeof path, "/dev/shm/%s%s", prefix, name[0] == '/' ? name + 1 : name);
  return lstat(path, &stat) == 0 && S_ISREG(stat.st_mode);
}

static void name_region(fuzz_input *input) {
  mw_region *region = NULL;
  mw_error *error = fuzz_error(input);
  char *name = fuzz_text(input, 300);
  bool created = fuzz_judge(mw_region_create(name, 1, NULL, error, &region)) == 0;
  fuzz_require(created == (region != NULL));
  if (created) {
    fuzz_require(is_at("", name) && strcmp(mw_region_name(region), name[0] == '/' ? name + 1 : name) == 0);
    fuzz_require(mw_region_create(name, 1, NULL, error, &region) == MW_EEXIST);
    fuzz_require(fuzz_judge(mw_region_unlink(name, error)) == 0 && !is_at("", name));
  } else {
    fuzz_require(mw_region_attach(name, NULL, error, &region) == MW_EINVAL && !region);
    fuzz_require(mw_region_unlink(name, error) == MW_EINVAL);
  }
  mw_region_close(region);
  free(name);
}

static void name_semaphore(fuzz_input *input) {
  mw_semaphore *semaphore = NULL;
  mw_error *error = fuzz_error(input);
  char *name = fuzz_text(input, 300);
  bool created = fuzz_judge(mw_semaphore_create(name, 1, 0, 0, error, &semaphore)) == 0;
  fuzz_require(created == (semaphore != NULL));
  if (created) {
    fuzz_require(is_at("sem.", name));
    fuzz_require(fuzz_judge(mw_semaphore_unlink(name, error)) == 0 && !is_at("sem.", name));
  } else {
    fuzz_require(mw_semaphore_attach(name, MW_DEADLINE_NOW, 0, error, &semaphore) == MW_EINVAL && !semaphore);
    fuzz_require(mw_semaphore_unlink(name, error) == MW_EINVAL);
  }
  mw_semaphore_close(semaphore);
  free(name);
}

/* Reading only, for who knows what the path leads to. */
static void look_for(fuzz_input *input) {
  mw_region *region = NULL;
  mw_error *error = fuzz_error(input);
  uint64_t offset = fuzz_about(input, 100);
  mw_region_options options = {sizeof options, .access = MW_READ, .offset = offset};
  char path[24], *text = fuzz_text(input, 14);
  snprintf(path, sizeof path, "/dev/shm/%s", text);
  bool opened = fuzz_judge(mw_region_file(path, 0, &options, error, &region)) == 0;
  fuzz_require(opened == (region != NULL));
  mw_region_close(region);
  int32_t key = 77;
  fuzz_require(fuzz_judge(mw_region_sysv_key(text, (int)offset, error, &key)) == 0 || key == 77);
  free(text);
}

static void name_memfd(fuzz_input *input) {
  mw_region *region = NULL;
  mw_error *error = fuzz_error(input);
  char *name = fuzz_text(input, 300);
  bool created = fuzz_judge(mw_region_memfd(name, 1, NULL, error, &region)) == 0;
  fuzz_require(created == (strlen(name) <= 249) && created == (region != NULL));
  mw_region_close(region);
  free(name);
}

/* ---- values and numbers */

static mw_value any_value(fuzz_input *input) {
  mw_value value = {.kind = (mw_value_kind)fuzz_below(input, 4)};
  value.as.u = fuzz_byte(input) % 4 ? fuzz_number(input, 8) : fuzz_below(input, 3);
  return value;
}

static bool equals(mw_value one, mw_value other) {
  if (one.kind == MW_VALUE_FLOAT) return one.as.f == other.as.f;
  return one.as.u == other.as.u;
}

/* What was stored is loaded, and stored again it is the same; what was refused has changed nothing. */
static void convert(fuzz_input *input) {
  mw_dtype dtype = (mw_dtype)fuzz_below(input, MW_DTYPE_COUNT);
  uint8_t element[8], before[8], again[8];
  memset(element, 0x77, sizeof element);
  memcpy(before, element, sizeof before);
  memcpy(again, element, sizeof again);
  mw_error *error = fuzz_error(input);
  mw_value value = any_value(input);
  if (fuzz_judge(mw_dtype_store(dtype, element, value, error)) == 0) {
    mw_value loaded = mw_dtype_load(dtype, element);
    fuzz_require(loaded.kind == mw_dtype_kind(dtype));
    fuzz_require(mw_dtype_store(dtype, again, loaded, error) == 0);
    fuzz_require(memcmp(again, element, sizeof element) == 0 || (loaded.kind == MW_VALUE_FLOAT && isnan(loaded.as.f)));
    if (loaded.kind == value.kind && loaded.kind != MW_VALUE_FLOAT) fuzz_require(equals(loaded, value));
    memset(element, 0x77, mw_dtype_size(dtype));
  }
  fuzz_require(memcmp(element, before, sizeof element) == 0);
}

static void look_up(fuzz_input *input) {
  int status = (int)(int32_t)fuzz_number(input, 4);
  fuzz_require(mw_status_name(status)[0] && mw_status_text(status)[0] && mw_status_errno(status) >= 0);
  mw_dtype dtype = (mw_dtype)fuzz_number(input, 4);
  bool known = (unsigned)dtype < MW_DTYPE_COUNT;
  fuzz_require(known == (mw_dtype_name(dtype) != NULL) && known == (mw_dtype_format(dtype) != NULL) &&
               known == (mw_dtype_size(dtype) != 0));
  double seconds;
  uint64_t bits = fuzz_number(input, 8);
  memcpy(&seconds, &bits, sizeof seconds);
  mw_deadline deadline = mw_deadline_after(seconds);
  fuzz_require(seconds > 0 ? deadline > MW_DEADLINE_NOW : deadline == MW_DEADLINE_NOW);
}

/* A message is cut where it does not fit, and its whole length is told. */
static void cut_message(fuzz_input *input) {
  mw_error error;
  mw_region *region;
  size_t room = fuzz_below(input, 700);
  char *text = fuzz_text(input, 400), *message = malloc(room + 1);
  if (!message) abort();
  memset(message, 1, room + 1);
  fuzz_require(mw_region_file(text, UINT64_MAX, NULL, &error, &region) == MW_EINVAL);
  size_t length = mw_error_message(&error, message, room);
  fuzz_require(message[room] == 1 && length > 0);
  if (room > 0) fuzz_require(strlen(message) == (length < room ? length : room - 1));
  free(message);
  free(text);
}

static void (*const subjects[])(fuzz_input *) = {parse_dtype, parse_advice, parse_seal, convert,     look_up,
                                                 cut_message, name_memfd,   look_for,   name_region, name_semaphore};
enum { SUBJECTS = sizeof subjects / sizeof subjects[0], NEED_NO_PLACE = SUBJECTS - 3 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  fuzz_input input = fuzz_begin(data, size);
  subjects[fuzz_below(&input, fuzz_is_alone() ? SUBJECTS : NEED_NO_PLACE)](&input);
  fuzz_end();
  return 0;
}
