/* What the kernel does with a region's pages, and its size.
 *
 * SPDX-License-Identifier: MIT */
#include "memwell/pages.h"

#include "objects.h"

/* ---- alone */

void mws_region_resize(mws_region *self, mw_error *error, uint64_t size) {
  mw_region *region = mws_region_enter_alone(self, error, "Region.resize");
  if (region) mws_region_leave_alone(self, error, mw_region_resize(region, size, error));
}

void mws_region_remap(mws_region *self, mw_error *error) {
  mw_region *region = mws_region_enter_alone(self, error, "Region.remap");
  if (region) mws_region_leave_alone(self, error, mw_region_remap(region, error));
}

void mws_region_protect(mws_region *self, mw_error *error, bool readonly) {
  mw_region *region = mws_region_enter_alone(self, error, "Region.protect");
  if (region) mws_region_leave_alone(self, error, mw_region_protect(region, readonly, error));
}

void mws_region_seal(mws_region *self, mw_error *error, mws_seals seals) {
  mw_region *region = mws_region_enter_alone(self, error, "Region.seal");
  if (region) mws_region_leave_alone(self, error, mw_region_seal(region, seals, error));
}

/* ---- beside others */

mws_seals mws_region_seals(mws_region *self, mw_error *error) {
  unsigned seals = 0;
  mw_region *region = mws_region_enter(self, error, "Region.seals");
  if (region) mws_region_leave(self, error, mw_region_seals(region, error, &seals));
  return seals;
}

void mws_region_check(mws_region *self, mw_error *error) {
  mw_region *region = mws_region_enter(self, error, "Region.check");
  if (region) mws_region_leave(self, error, mw_region_check(region, error));
}

void mws_region_flush(mws_region *self, mw_error *error, uint64_t offset, mws_offset size, bool wait) {
  mw_region *region = mws_region_enter(self, error, "Region.flush");
  if (region) mws_region_leave(self, error, mw_region_flush(region, offset, mws_size_from(region, offset, size), wait, error));
}

void mws_region_advise(mws_region *self, mw_error *error, const char *advice, uint64_t offset, mws_offset size) {
  mw_advice chosen = MW_ADVICE_NORMAL;
  if (mws_settle(error, mw_advice_parse(advice, error, &chosen)) < 0) return;
  mw_region *region = mws_region_enter(self, error, "Region.advise");
  if (region) mws_region_leave(self, error, mw_region_advise(region, chosen, offset, mws_size_from(region, offset, size), error));
}

typedef int on_pages(mw_region *region, uint64_t offset, uint64_t size, mw_error *error);

static void do_on_pages(mws_region *self, mw_error *error, const char *call, on_pages *what, uint64_t offset, mws_offset size) {
  mw_region *region = mws_region_enter(self, error, call);
  if (region) mws_region_leave(self, error, what(region, offset, mws_size_from(region, offset, size), error));
}

void mws_region_discard(mws_region *self, mw_error *error, uint64_t offset, mws_offset size) {
  do_on_pages(self, error, "Region.discard", mw_region_discard, offset, size);
}

void mws_region_populate(mws_region *self, mw_error *error, uint64_t offset, mws_offset size) {
  do_on_pages(self, error, "Region.populate", mw_region_populate, offset, size);
}

void mws_region_mlock(mws_region *self, mw_error *error, uint64_t offset, mws_offset size) {
  do_on_pages(self, error, "Region.mlock", mw_region_mlock, offset, size);
}

void mws_region_munlock(mws_region *self, mw_error *error, uint64_t offset, mws_offset size) {
  do_on_pages(self, error, "Region.munlock", mw_region_munlock, offset, size);
}

uint64_t mws_region_resident(mws_region *self, mw_error *error) {
  uint64_t bytes = 0;
  mw_region *region = mws_region_enter(self, error, "Region.resident");
  if (region) mws_region_leave(self, error, mw_region_resident(region, error, &bytes));
  return bytes;
}
