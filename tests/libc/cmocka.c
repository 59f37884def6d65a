/* The runner of cmocka.h. Main entry: _cmocka_run_group_tests.
 *
 * SPDX-License-Identifier: MIT */
#include "cmocka.h"

jmp_buf cmocka_back;

static bool run(const struct CMUnitTest *test) {
  void *state = test->initial_state;
  int result = setjmp(cmocka_back);
  if (result == 0) test->test_func(&state);
  printf("[ %s ] %s\n", result == 0 ? "     OK" : result == CMOCKA_SKIPPED ? "SKIPPED" : " FAILED", test->name);
  return result != CMOCKA_FAILED;
}

int _cmocka_run_group_tests(const char *name, const struct CMUnitTest *tests, size_t count, int (*setup)(void **),
                            int (*teardown)(void **)) {
  (void)name, (void)setup, (void)teardown;
  int failed = 0;
  for (size_t i = 0; i < count; i++) failed += !run(&tests[i]);
  return failed;
}
