/* Follow a growing file, as tail -f does, in its mapping: remap picks up what was added.
 *
 *   log_tail PATH LINES [SECONDS]      prints the first LINES lines, waiting for those that are not written yet
 *
 * A log that is cut and begun again (logrotate's copytruncate) is read from its start again.
 *
 * SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "memwell.h"

static mw_error error;

static void must(int status) {
  if (status >= 0) return;
  char text[640];
  mw_error_message(&error, text, sizeof text);
  fprintf(stderr, "log_tail: %s\n", text);
  exit(1);
}

/* Print up to *lines whole lines from `start` on; returns where the next one begins. */
static uint64_t print_lines(mw_region *log, uint64_t start, long *lines) {
  uint64_t last, end;
  if (*lines == 0 || mw_region_rfind(log, "\n", 1, start, UINT64_MAX, &error, &last) < 0) return start;
  while (*lines > 0 && start <= last) {
    uint64_t begin = start;
    must(mw_region_line(log, begin, last + 1, &error, &end, &start));
    printf("%.*s\n", (int)(end - begin), (const char *)mw_region_data(log) + begin);
    (*lines)--;
  }
  fflush(stdout);
  return start;
}

int main(int argc, char **argv) {
  if (argc < 3) {
    fprintf(stderr, "usage: log_tail PATH LINES [SECONDS]\n");
    return 2;
  }
  long lines = atol(argv[2]);
  double seconds = argc > 3 ? atof(argv[3]) : 10;
  const struct timespec pause = {.tv_nsec = 20000000};
  mw_region_options options = {.size_of_struct = sizeof options, .access = MW_READ};
  mw_region *log;
  must(mw_region_file(argv[1], 0, &options, &error, &log));
  uint64_t start = print_lines(log, 0, &lines);
  for (long pauses = 0; lines > 0; pauses++) {
    if ((double)pauses * 0.02 > seconds) {
      fprintf(stderr, "log_tail: %ld more lines did not come within %g seconds\n", lines, seconds);
      return 1;
    }
    nanosleep(&pause, NULL);
    must(mw_region_remap(log, &error));
    if (mw_region_size(log) < start) start = 0; /* it was cut: a new log */
    start = print_lines(log, start, &lines);
  }
  mw_region_close(log);
  return 0;
}
