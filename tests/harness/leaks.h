/* What a test could leave behind, and how the harness notices. Used by harness.c, and by tests that look more often.
 *
 * SPDX-License-Identifier: MIT */
#ifndef HARNESS_LEAKS_H
#define HARNESS_LEAKS_H

#include <stdbool.h>
#include <sys/types.h>

enum { LEAKS_MAX = 256, LEAKS_TEXT = 200 };

/* One line for each open descriptor and each mapped object of this process. */
typedef struct harness_leaks {
  int count;
  char lines[LEAKS_MAX][LEAKS_TEXT];
} harness_leaks;

void harness_leaks_look(harness_leaks *leaks);

/* Report every line that is there now and was not before. Returns how many. */
int harness_leaks_compare(const harness_leaks *before);

/* Remove the shared-memory names of a test's process, report them if asked, and return how many there were. */
int harness_leaks_names(pid_t process, bool report);

/* The same for System V segments and sets under keys of the test, and for segments that its process made without one. */
int harness_leaks_keys(pid_t process, bool report);

/* How many names this test has there now. */
int harness_leaks_count_names(void);

/* Remove the test's own directory. */
void harness_leaks_directory(pid_t process);

/* Unmap what harness_shared gave. */
void harness_shared_fini(void);

/* The process whose number is in the test's names, also when one of its children asks. */
pid_t harness_test_process(void);

#endif
