/* What the fuzz targets have in common: reading a test case from bytes, judging what a call of memwell said, and a place of their
 * own to work in.
 *
 * SPDX-License-Identifier: MIT */
#ifndef FUZZ_H
#define FUZZ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "memwell.h"

/* ---- the bytes of a test case, read from the front; when there are no more, everything is 0 */

typedef struct fuzz_input {
  const uint8_t *next;
  size_t left;
} fuzz_input;

/* Begin a test case; end it: no descriptor is left of it, and, looked at now and then, no mapping. */
fuzz_input fuzz_begin(const uint8_t *data, size_t size);
void fuzz_end(void);

uint64_t fuzz_number(fuzz_input *input, unsigned bytes);
uint8_t fuzz_byte(fuzz_input *input);

/* A number below the limit, which is at least 1. */
uint64_t fuzz_below(fuzz_input *input, uint64_t limit);

/* A number that is mostly below the limit, and sometimes anything. */
uint64_t fuzz_about(fuzz_input *input, uint64_t limit);

/* Up to `most` bytes as a text, in memory of exactly its size. Ownership: the caller's, to be freed. */
char *fuzz_text(fuzz_input *input, size_t most);

/* ---- judging */

/* Stop here: this is a finding. */
_Noreturn void fuzz_fail(const char *file, int line, const char *what);
#define fuzz_require(condition) ((condition) ? (void)0 : fuzz_fail(__FILE__, __LINE__, #condition))

/* Where every call writes its error, made unreadable before. For one call in eight, as the input says, there is none. */
mw_error *fuzz_error(fuzz_input *input);

/* Judge what a call returned: 0, 1, or a status of the table and an error that is complete. Returns it. */
int fuzz_judge(int result);

/* ---- a place to work in */

/* Whether this process has a shared-memory file system and System V objects of its own, which go when it ends. */
bool fuzz_is_alone(void);

/* A name of this process, and the path of what has that name. */
const char *fuzz_name(const char *label);
const char *fuzz_path(const char *prefix, const char *label);

/* Make a file of these bytes in place of what is there. */
void fuzz_write_file(const char *path, const void *data, size_t size);

#endif
