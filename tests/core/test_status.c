/* Status codes: one table, and messages made of an error.
 *
 * SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "harness.h"

static const struct {
  int code;
  const char *name;
  const char *text;
  int number;
} table[] = {
#define ROW(code, number, text) {MW_##code, "MW_" #code, text, number},
    MW_STATUS_MAP(ROW)
#undef ROW
};
enum { CODES = sizeof table / sizeof table[0] };

static void codes_are_fixed_numbers(void **state) {
  (void)state;
  assert_int_equal(MW_OK, 0);
  assert_int_equal(MW_EINVAL, -1);
  assert_int_equal(MW_ENOENT, -2);
  assert_int_equal(MW_EEXIST, -3);
  assert_int_equal(MW_EFORMAT, -19);
  assert_int_equal(MW_EBROKEN, -27);
  for (int i = 0; i < CODES; i++) assert_int_equal(table[i].code, -1 - i);
}

static void every_code_has_name_text_and_errno(void **state) {
  (void)state;
  for (int i = 0; i < CODES; i++) {
    assert_string_equal(mw_status_name(table[i].code), table[i].name);
    assert_string_equal(mw_status_text(table[i].code), table[i].text);
    assert_int_equal(mw_status_errno(table[i].code), table[i].number);
    assert_true(table[i].number != 0 || table[i].code == MW_EOS);
  }
}

static void zero_is_no_failure(void **state) {
  (void)state;
  assert_string_equal(mw_status_name(MW_OK), "MW_OK");
  assert_true(mw_status_text(MW_OK)[0] != '\0');
  assert_int_equal(mw_status_errno(MW_OK), 0);
}

static void other_numbers_are_no_codes(void **state) {
  (void)state;
  static const int others[] = {1, 2, 1000, -1 - CODES, -1000, INT32_MAX, INT32_MIN, INT32_MIN + 1};
  for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
    assert_string_equal(mw_status_name(others[i]), "MW_E?");
    assert_string_equal(mw_status_text(others[i]), "unknown status");
    assert_int_equal(mw_status_errno(others[i]), 0);
  }
}

static void a_message_has_call_object_and_reason(void **state) {
  (void)state;
  mw_error error = {.status = MW_ENOENT, .call = "Region.attach", .object = "frames", .reason = "no such name"};
  char text[100];
  assert_int_equal(mw_error_message(&error, text, sizeof text), strlen("Region.attach(\"frames\"): no such name"));
  assert_string_equal(text, "Region.attach(\"frames\"): no such name");
}

static void a_message_without_an_object_has_no_brackets(void **state) {
  (void)state;
  mw_error error = {.status = MW_EINVAL, .call = "Region.resize", .reason = "size is 0"};
  char text[100];
  mw_error_message(&error, text, sizeof text);
  assert_string_equal(text, "Region.resize: size is 0");
}

static void a_message_is_cut_to_its_room(void **state) {
  (void)state;
  mw_error error = {.status = MW_EINVAL, .call = "Region.resize", .reason = "size is 0"};
  size_t whole = strlen("Region.resize: size is 0");
  char text[32];
  for (size_t room = 0; room <= sizeof text; room++) {
    memset(text, '#', sizeof text);
    assert_int_equal(mw_error_message(&error, text, room), whole);
    size_t length = room == 0 ? 0 : room - 1 < whole ? room - 1 : whole;
    if (room > 0) assert_int_equal(text[length], '\0');
    assert_memory_equal(text, "Region.resize: size is 0", length);
    for (size_t i = room; i < sizeof text; i++) assert_int_equal(text[i], '#');
  }
  assert_int_equal(mw_error_message(&error, NULL, 0), whole);
}

static void the_longest_error_ends_in_nul(void **state) {
  (void)state;
  char name[400];
  memset(name, 'n', sizeof name - 1);
  name[sizeof name - 1] = '\0';
  mw_region *region;
  memset(&why, 0xff, sizeof why);
  assert_fails(MW_EINVAL, mw_region_attach(name, NULL, &why, &region));
  assert_int_equal(strlen(why.object), sizeof why.object - 1);
  assert_memory_equal(why.object, name, sizeof why.object - 1);
}

static void an_error_is_optional(void **state) {
  (void)state;
  mw_region *region;
  mw_dtype dtype;
  assert_int_equal(mw_region_attach("a/b", NULL, NULL, &region), MW_EINVAL);
  assert_int_equal(mw_region_unlink(harness_name("none"), NULL), MW_ENOENT);
  assert_int_equal(mw_dtype_parse("complex", NULL, &dtype), MW_EINVAL);
}

static void success_leaves_the_error_alone(void **state) {
  (void)state;
  mw_error before = {.status = 7, .os_errno = 8, .call = "Noun.verb", .object = "object", .reason = "reason"};
  mw_dtype dtype;
  why = before;
  assert_int_equal(mw_dtype_parse("int8", &why, &dtype), 0);
  assert_memory_equal(&why, &before, sizeof why);
}

static void the_longest_call_has_room(void **state) {
  (void)state;
  mw_region *region;
  mw_view view;
  int64_t old;
  assert_ok(mw_region_anonymous(8, NULL, &why, &region));
  assert_ok(mw_view_init(&view, region, MW_INT64, 1, NULL, 0, &why));
  assert_int_equal(mw_view_atomic_compare_exchange(&view, 1, 0, 0, &why, &old), MW_ERANGE);
  assert_string_equal(why.call, "View.atomic_compare_exchange");
  mw_region_close(region);
}

static void the_library_has_the_version_of_its_headers(void **state) {
  (void)state;
  assert_string_equal(mw_version(), MW_VERSION);
  int major, minor, patch;
  char rest;
  assert_int_equal(sscanf(MW_VERSION, "%d.%d.%d%c", &major, &minor, &patch, &rest), 3);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(codes_are_fixed_numbers),
    cmocka_unit_test(every_code_has_name_text_and_errno),
    cmocka_unit_test(zero_is_no_failure),
    cmocka_unit_test(other_numbers_are_no_codes),
    cmocka_unit_test(a_message_has_call_object_and_reason),
    cmocka_unit_test(a_message_without_an_object_has_no_brackets),
    cmocka_unit_test(a_message_is_cut_to_its_room),
    cmocka_unit_test(the_longest_error_ends_in_nul),
    cmocka_unit_test(an_error_is_optional),
    cmocka_unit_test(success_leaves_the_error_alone),
    cmocka_unit_test(the_longest_call_has_room),
    cmocka_unit_test(the_library_has_the_version_of_its_headers),
};

HARNESS_MAIN(tests)
