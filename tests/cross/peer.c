/* The C side of the cross tests. `main` picks the part; README.md says what each does, peer.py and peer.lua are the same program.
 *
 * SPDX-License-Identifier: MIT */
#include "peer.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

void give_up(const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  fputs("peer.c: ", stderr);
  vfprintf(stderr, format, arguments);
  fputc('\n', stderr);
  va_end(arguments);
  exit(1);
}

void must(int status, const mw_error *error) {
  char message[600];
  if (status >= 0) return;
  mw_error_message(error, message, sizeof message);
  give_up("%s", message);
}

FILE *open_table(const char *path) {
  FILE *table = fopen(path, "r");
  if (!table) give_up("%s: cannot be read", path);
  return table;
}

int next_line(FILE *table, char *fields[MAX_FIELDS]) {
  static char line[8192];
  do {
    if (!fgets(line, sizeof line, table)) return 0;
  } while (line[0] == '#');
  line[strcspn(line, "\n")] = '\0';
  int count = 0;
  for (char *rest = line; rest && count < MAX_FIELDS; count++) {
    fields[count] = rest;
    rest = strchr(rest, '\t');
    if (rest) *rest++ = '\0';
  }
  return count;
}

int main(int argc, char **argv) {
  const char *verb = argc > 1 ? argv[1] : "";
  if (argc == 5 && strcmp(verb, "first") == 0) {
    pattern_load(argv[2]);
    rounds_first(argv[3], strtoull(argv[4], NULL, 10));
  } else if (argc == 5 && strcmp(verb, "second") == 0) {
    pattern_load(argv[2]);
    rounds_second(argv[3], strtoull(argv[4], NULL, 10));
  } else if (argc == 5 && strcmp(verb, "survey") == 0) {
    survey(argv[2], argv[3], strtoull(argv[4], NULL, 10));
  } else if (argc == 5 && strcmp(verb, "step-first") == 0) {
    pattern_load(argv[2]);
    steps_first(argv[3], strtoull(argv[4], NULL, 10));
  } else if (argc == 5 && strcmp(verb, "step-second") == 0) {
    pattern_load(argv[2]);
    steps_second(argv[3], strtoull(argv[4], NULL, 10));
  } else if (argc == 4 && strcmp(verb, "count") == 0) {
    steps_count(argv[2], strtoull(argv[3], NULL, 10));
  } else if (argc == 4 && strcmp(verb, "well-first") == 0) {
    wells_first(argv[2], strtoull(argv[3], NULL, 10));
  } else if (argc == 4 && strcmp(verb, "well-second") == 0) {
    wells_second(argv[2], strtoull(argv[3], NULL, 10));
  } else if (argc == 3 && strcmp(verb, "well-holder") == 0) {
    wells_holder(argv[2]);
  } else if (argc == 3 && strcmp(verb, "well-heir") == 0) {
    wells_heir(argv[2]);
  } else if (argc == 3 && strcmp(verb, "cases") == 0) {
    cases(argv[2]);
  } else {
    give_up("usage: first|second EDGES NAME ROUNDS, survey QUESTIONS NAME OFFSET, step-first|step-second EDGES PLACE STEPS, "
            "count NAME TIMES, well-first|well-second NAME TURNS, well-holder|well-heir NAME, cases CASES");
  }
  return 0;
}
