/* Make an image, a binary PPM, by writing its pixels straight into the mapped file.
 *
 *   image_make PATH [WIDTH HEIGHT]      then, in any of the three languages: image_filter PATH invert
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
  fprintf(stderr, "image_make: %s\n", text);
  exit(1);
}

static void draw(uint8_t *pixels, uint64_t width, uint64_t height) {
  for (uint64_t y = 0; y < height; y++)
    for (uint64_t x = 0; x < width; x++) {
      *pixels++ = (uint8_t)(x * 255 / width);  /* red grows to the right */
      *pixels++ = (uint8_t)(y * 255 / height); /* green grows downwards */
      *pixels++ = (uint8_t)((x ^ y) % 256);    /* blue makes a pattern */
    }
}

int main(int argc, char **argv) {
  unsigned width = argc > 3 ? (unsigned)atoi(argv[2]) : 320, height = argc > 3 ? (unsigned)atoi(argv[3]) : 200;
  if (argc < 2 || width < 1 || height < 1 || width > 20000 || height > 20000) {
    fprintf(stderr, "usage: image_make PATH [WIDTH HEIGHT], from 1 to 20000 each\n");
    return 2;
  }
  char header[32];
  size_t start = (size_t)snprintf(header, sizeof header, "P6\n%u %u\n255\n", width, height);
  uint64_t size = start + (uint64_t)width * height * 3;

  mw_region_options options = {.size_of_struct = sizeof options, .flags = MW_TRUNCATE, .permissions = 0644};
  mw_error error;
  mw_region *file;
  must(mw_region_file(argv[1], size, &options, &error, &file), &error); /* the disk space is reserved here */
  must(mw_region_write(file, 0, header, start, &error), &error);
  draw((uint8_t *)mw_region_data(file) + start, width, height);
  printf("%s: %u x %u pixels\n", argv[1], width, height);
  mw_region_close(file);
  return 0;
}
