/* As much of cmocka as the tests of memwell use, for C libraries and processors that it is not built for.
 *
 * A test that fails or skips jumps back to the runner, which says so in cmocka's words.
 *
 * SPDX-License-Identifier: MIT */
#ifndef LIBC_CMOCKA_H
#define LIBC_CMOCKA_H

#include <setjmp.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

struct CMUnitTest {
  const char *name;
  void (*test_func)(void **state);
  int (*setup_func)(void **state);
  int (*teardown_func)(void **state);
  void *initial_state;
};

#define cmocka_unit_test(test) \
  { #test, test, NULL, NULL, NULL }
#define cmocka_unit_test_prestate(test, state) \
  { #test, test, NULL, NULL, state }

#define print_error(...) fprintf(stderr, __VA_ARGS__)
#define print_message(...) printf(__VA_ARGS__)

enum { CMOCKA_FAILED = 1, CMOCKA_SKIPPED };
extern jmp_buf cmocka_back;

#define _fail(file, line) (fprintf(stderr, "%s:%d: error: Failure!\n", (file), (line)), longjmp(cmocka_back, CMOCKA_FAILED))
#define fail() _fail(__FILE__, __LINE__)
#define fail_msg(...) (fprintf(stderr, __VA_ARGS__), fail())
#define skip() longjmp(cmocka_back, CMOCKA_SKIPPED)

#define CMOCKA_MUST(condition, text) ((condition) ? (void)0 : (fprintf(stderr, "%s\n", (text)), (void)fail()))
#define assert_true(condition) CMOCKA_MUST(condition, #condition)
#define assert_false(condition) CMOCKA_MUST(!(condition), "!(" #condition ")")
#define assert_null(pointer) CMOCKA_MUST((pointer) == NULL, #pointer " == NULL")
#define assert_non_null(pointer) CMOCKA_MUST((pointer) != NULL, #pointer " != NULL")
#define assert_ptr_equal(a, b) CMOCKA_MUST((const void *)(a) == (const void *)(b), #a " == " #b)
#define assert_ptr_not_equal(a, b) CMOCKA_MUST((const void *)(a) != (const void *)(b), #a " != " #b)
#define assert_int_equal(a, b) CMOCKA_MUST((uintmax_t)(a) == (uintmax_t)(b), #a " == " #b)
#define assert_int_not_equal(a, b) CMOCKA_MUST((uintmax_t)(a) != (uintmax_t)(b), #a " != " #b)
#define assert_in_range(a, low, high) \
  CMOCKA_MUST((uintmax_t)(a) >= (uintmax_t)(low) && (uintmax_t)(a) <= (uintmax_t)(high), #a " in " #low " to " #high)
#define assert_string_equal(a, b) CMOCKA_MUST(strcmp((a), (b)) == 0, #a " == " #b)
#define assert_string_not_equal(a, b) CMOCKA_MUST(strcmp((a), (b)) != 0, #a " != " #b)
#define assert_memory_equal(a, b, size) CMOCKA_MUST(memcmp((a), (b), (size)) == 0, #a " == " #b)
#define assert_memory_not_equal(a, b, size) CMOCKA_MUST(memcmp((a), (b), (size)) != 0, #a " != " #b)

int _cmocka_run_group_tests(const char *name, const struct CMUnitTest *tests, size_t count, int (*setup)(void **),
                            int (*teardown)(void **));

#endif
