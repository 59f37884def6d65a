/* Any sequence of calls on a few regions and views, in any state, with somebody else who cuts their files: what the calls say must
 * be what a plain model of the memory says, as far as it can know.
 *
 * SPDX-License-Identifier: MIT */
#include <string.h>
#include <unistd.h>

#include "calls.h"

enum { STEPS = 40 };

slot slots[SLOTS];
window windows[VIEWS];

slot *any_slot(fuzz_input *input) {
  slot *slot = &slots[fuzz_below(input, SLOTS)];
  return slot->region ? slot : NULL;
}

int judge(const slot *slot, int result) {
  fuzz_judge(result);
  if (result == 0) fuzz_require(!slot->closed);
  if (result == MW_ECLOSED) fuzz_require(slot->closed);
  if (result == MW_EFAULT) fuzz_require(!slot->object->known || slot->apart);
  return result;
}

static void step(fuzz_input *input) {
  unsigned what = (unsigned)fuzz_below(input, lives_count + bytes_count + views_count);
  if (what < lives_count)
    acts_on_lives[what](input);
  else if (what < lives_count + bytes_count)
    acts_on_bytes[what - lives_count](input);
  else
    acts_on_views[what - lives_count - bytes_count](input);
}

/* Whatever has happened, a region whose object nobody else has changed has what the model has. */
static void check(const slot *slot) {
  if (slot->closed || !is_known(slot)) return;
  uint64_t size = mw_region_size(slot->region);
  fuzz_require(!mw_region_is_faulted(slot->region));
  if (size) fuzz_require(memcmp(mw_region_data(slot->region), model_at(slot, 0), size) == 0);
}

static void end(slot *slot) {
  mw_region *region = slot->region;
  if (!slot->closed) mw_region_close(region);
  while (slot->holds-- > 0) mw_region_drop(region);
  slot->object->users--;
  slot->region = NULL;
}

static void remove_names(void) {
  unlink(fuzz_path("", "file"));
  mw_region_unlink(fuzz_name("a"), NULL);
  mw_region_unlink(fuzz_name("b"), NULL);
  if (fuzz_is_alone()) mw_region_sysv_remove(0x6d77, NULL);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  fuzz_input input = fuzz_begin(data, size);
  memset(windows, 0, sizeof windows);
  for (int i = 0; i < STEPS && input.left > 0; i++) step(&input);
  for (int i = 0; i < SLOTS; i++)
    if (slots[i].region) check(&slots[i]);
  for (int i = 0; i < SLOTS; i++)
    if (slots[i].region) end(&slots[i]);
  remove_names();
  fuzz_end();
  return 0;
}
