/* Change an image in place: the pixels are changed in the mapped file itself, and nothing is copied.
 *
 *   image_filter PATH invert|grey|blur      PATH is a binary PPM, as image_make writes it in any of the three languages
 *
 * SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "memwell.h"

static void must(int status, const mw_error *error) {
  if (status >= 0) return;
  char text[640];
  mw_error_message(error, text, sizeof text);
  fprintf(stderr, "image_filter: %s\n", text);
  exit(1);
}

static void invert(uint8_t *row, uint64_t width) {
  for (uint64_t i = 0; i < width * 3; i++) row[i] = (uint8_t)(255 - row[i]);
}

static void grey(uint8_t *row, uint64_t width) {
  for (uint8_t *p = row; p < row + width * 3; p += 3) p[0] = p[1] = p[2] = (uint8_t)((p[0] * 299 + p[1] * 587 + p[2] * 114) / 1000);
}

/* The mean of each pixel and its two neighbours in the row; outside, the border pixel stands again. */
static void blur(uint8_t *row, uint64_t width) {
  for (uint64_t channel = 0; channel < 3; channel++) {
    unsigned left = row[channel];
    for (uint64_t x = 0; x < width; x++) {
      unsigned here = row[x * 3 + channel], right = row[(x + 1 < width ? x + 1 : x) * 3 + channel];
      row[x * 3 + channel] = (uint8_t)((left + here + right) / 3);
      left = here;
    }
  }
}

int main(int argc, char **argv) {
  const char *name = argc == 3 ? argv[2] : "";
  void (*filter)(uint8_t * row, uint64_t width) = NULL;
  if (strcmp(name, "invert") == 0) filter = invert;
  if (strcmp(name, "grey") == 0) filter = grey;
  if (strcmp(name, "blur") == 0) filter = blur;
  if (!filter) {
    fprintf(stderr, "usage: image_filter PATH invert|grey|blur\n");
    return 2;
  }
  mw_error error;
  mw_region *file;
  must(mw_region_file(argv[1], 0, NULL, &error, &file), &error);

  char header[64] = "";
  size_t count;
  unsigned width, height;
  int start = 0;
  must(mw_region_read(file, 0, header, sizeof header - 1, &error, &count), &error);
  if (sscanf(header, "P6 %u %u 255%*1[ \n]%n", &width, &height, &start) != 2 || start == 0) {
    fprintf(stderr, "image_filter: %s is not a binary PPM with 255 levels\n", argv[1]);
    return 1;
  }
  mw_view pixels; /* checks that width x height pixels do lie in the file, whatever its header says */
  must(mw_view_init(&pixels, file, MW_UINT8, 3, (uint64_t[]){height, width, 3}, (uint64_t)start, &error), &error);
  uint8_t *first = mw_view_data(&pixels);
  for (uint64_t y = 0; y < height; y++) filter(first + y * (uint64_t)pixels.strides[0], width);
  printf("%s: %s\n", argv[1], name);
  mw_region_close(file);
  return 0;
}
