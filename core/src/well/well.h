/* The well's own record, for the files that make it and those that use it.
 *
 * SPDX-License-Identifier: MIT */
#ifndef MW_WELL_WELL_H
#define MW_WELL_WELL_H

#include <stdatomic.h>
#include <stdbool.h>

#include "memwell/well.h"
#include "sync/mutex.h"
#include "well/layout.h"

/* What all handles of a process have in common, beside the participant.
 * layout    for the participant to sweep by; of a mapping that stays as long as it does
 * handled   a bit for each entry of the directory: this process had a handle of a lock there. It holds nothing else */
typedef struct mw__ground {
  mw__layout layout;
  _Atomic uint64_t handled[];
} mw__ground;

static inline uint32_t mw__ground_words(const mw__layout *layout) { return (layout->geometry.entries + 63) / 64; }

/* references    the handle's own, while it is open, and one for each holder
 * layout        of this handle's mapping
 * participant   shared by all handles of this process; NULL of an observer
 * admin         the right to change the directory */
struct mw_well {
  _Atomic uint32_t references;
  _Atomic bool closed;
  bool is_file;
  mw_region *region;
  mw__layout layout;
  mw__participant *participant;
  mw_mutex admin;
};

/* Turn a region into a well, attached unless it is to be an observer. The region is the well's from here on, or closed. */
int mw__well_make(const mw__call *call, mw_region *region, const char *path, bool is_file, bool observes, mw_well **out_well);

/* The gates: open and all there; and attached besides, or MW_EPERM for an observer. */
int mw__well_check_open(const mw__call *call, const mw_well *well);
int mw__well_check_attached(const mw__call *call, mw_well *well);

/* Take the right to change the directory, finishing first what a dead has begun; and give it back. `status` is what came of it: a
 * lost page becomes MW_EFAULT. */
int mw__well_begin_change(const mw__call *call, mw_well *well);
int mw__well_end_change(const mw__call *call, mw_well *well, int status);

/* Whether this process holds any of its objects: one of them, to be named. */
bool mw__well_holds(mw_well *well, mw_object_info *out_info);

#endif
