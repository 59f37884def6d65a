/* What the two targets of wells have in common: images of wells, hands that spoil them, and every call on a well.
 *
 * SPDX-License-Identifier: MIT */
#ifndef WELLS_H
#define WELLS_H

#include "fuzz.h"

/* ---- images: well_image.c */

enum { MOST_IMAGE = 8192 };

typedef struct image {
  uint8_t bytes[MOST_IMAGE];
  size_t size;
} image;

/* A well that came about by honest means: new, furnished, with somebody who died in it, or with something half done. */
void image_begin(fuzz_input *input, image *image);

/* Spoil one place of it, mostly one where it matters. */
void image_spoil(fuzz_input *input, uint8_t *bytes, size_t size);

/* Make the sums of its header and of its entries right, so that what they sum up is what has to be doubted. */
void image_repair(uint8_t *bytes, size_t size);

/* ---- calls: well_acts.c */

/* What may come out of a call beside 0 and 1: a set of statuses. */
typedef uint64_t statuses;
#define STATUS(name) (UINT64_C(1) << -MW_##name)

/* The well that is attached to, or NULL, and the statuses that any call may return now besides its own. */
extern mw_well *entered;
extern statuses always;

/* Judge a result: 0, 1, one of those, or one of `always`. Returns it. */
int judge(int result, statuses own);

/* One call of those that there are, as the input says. */
void act(fuzz_input *input);

/* Attach, as the input says, to what has the name, or the path. */
void enter(fuzz_input *input, const char *name, const char *path);

/* Give everything up, whatever is held. */
void leave(void);

/* ---- between the calls and the system: well_walls.c
 *
 * What a well maps lies between pages that nobody may touch. Who sleeps is woken at once, as if the time had passed, and told of a
 * signal when he goes on sleeping: nobody else is there who could wake him. */

/* Called before each sleep. */
extern void (*before_sleep)(void);

/* How often somebody may sleep until he is told of a signal. */
void allow_sleeps(unsigned count);

#endif
