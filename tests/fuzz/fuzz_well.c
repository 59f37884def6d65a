/* Wells that are none, or not quite: any bytes in place of the file, and images of wells of which something was spoiled, mostly
 * with sums that are right all the same. Then every call, on what could be attached to.
 *
 * SPDX-License-Identifier: MIT */
#include <string.h>
#include <unistd.h>

#include "wells.h"

enum { STEPS = 24, MOST_SPOILED = 4, SLEEPS = 2 };

static void any_bytes(fuzz_input *input, image *image) {
  image->size = input->left < MOST_IMAGE ? input->left : MOST_IMAGE;
  if (image->size) memcpy(image->bytes, input->next, image->size);
}

static void spoiled(fuzz_input *input, image *image) {
  image_begin(input, image);
  for (uint64_t i = fuzz_below(input, MOST_SPOILED + 1); i > 0; i--) image_spoil(input, image->bytes, image->size);
  if (fuzz_byte(input) % 8) image_repair(image->bytes, image->size);
  if (fuzz_byte(input) % 16 == 0) image->size = fuzz_below(input, MOST_IMAGE + 1);
}

/* Something in it was spoiled, and whoever meets that may say so; but not where a check has found nothing. */
static void look(void) {
  mw_error error;
  int status = mw_well_check(entered, &error);
  fuzz_require(status == 0 || status == MW_EFORMAT);
  always = status ? STATUS(EFORMAT) : 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  static image image;
  fuzz_input input = fuzz_begin(data, size);
  if (fuzz_byte(&input) % 16 == 0)
    any_bytes(&input, &image);
  else
    spoiled(&input, &image);
  fuzz_write_file(fuzz_path("", "w"), image.bytes, image.size);
  enter(&input, fuzz_name("w"), fuzz_path("", "w"));
  if (entered) look();
  for (int i = 0; entered && i < STEPS && input.left > 0; i++) {
    allow_sleeps(SLEEPS);
    act(&input);
  }
  leave();
  unlink(fuzz_path("", "w"));
  fuzz_end();
  return 0;
}
