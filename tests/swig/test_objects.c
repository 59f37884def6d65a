/* The shape that SWIG wraps, before any language has it: errors that are there or not, closes beside users, waits that a language
 * is asked about.
 *
 * SPDX-License-Identifier: MIT */
#include <limits.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "harness.h"
#include "objects.h"

static mw_error error;

/* As a language does: a try, and then slices, with a look at what else there is in between. */
static atomic_int slices;

int mws_language_wait(mws_wait *wait, void *object, mw_deadline deadline, mw_error *why_not) {
  int status = wait(object, MW_DEADLINE_NOW, why_not);
  if (!mws_is_pending(status) || deadline == MW_DEADLINE_NOW) return status;
  do {
    status = mws_wait_slice(wait, object, deadline, why_not);
    atomic_fetch_add(&slices, 1);
  } while (status == MW_EINTR);
  return status;
}

static void assert_status(int status, const char *call) {
  assert_int_equal(error.status, status);
  if (status) assert_string_equal(error.call, call);
  error = (mw_error){0};
}

static mws_region *anonymous(uint64_t size) {
  mws_region *region = mws_region_anonymous(size, &error, NULL);
  assert_status(MW_OK, NULL);
  return region;
}

static mws_view *view_of(mws_region *region, const char *dtype) {
  mws_view *view = mws_region_view(region, &error, dtype, NULL, 0);
  assert_status(MW_OK, NULL);
  return view;
}

static mw_value integer(int64_t i) { return (mw_value){MW_VALUE_INT, {.i = i}}; }

static mws_extents at(int64_t i) { return (mws_extents){1, {i}}; }

/* ---- closing */

static void after_close_every_call_says_so(void **state) {
  (void)state;
  mws_region *region = anonymous(64);
  mws_view *view = view_of(region, "int32");
  mws_extents first = at(0);
  mws_region_close(region);
  mws_region_close(region);
  assert_true(mws_region_closed(region));
  mws_region_write(region, &error, "x", 1, 0);
  assert_status(MW_ECLOSED, "Region.write");
  mws_region_resize(region, &error, 128);
  assert_status(MW_ECLOSED, "Region.resize");
  mws_view_get(view, &error, &first);
  assert_status(MW_ECLOSED, "View.get");
  assert_true(mws_view_readonly(view));
  assert_string_equal(mws_region_kind(region), "anonymous");
  mws_bytes bytes = mws_region_read(region, &error, 0, MWS_NOTHING);
  assert_int_equal(bytes.size, 0);
  mws_bytes_end(&bytes, &error);
  assert_status(MW_ECLOSED, "Region.read");
  mws_region_free(region);
  mws_view_free(view);
}

static void a_view_keeps_its_region_open(void **state) {
  (void)state;
  mws_region *region = anonymous(64);
  mws_view *view = view_of(region, "int32");
  mws_extents last = at(15);
  mws_region_free(region);
  mws_view_set(view, &error, &last, integer(7));
  assert_status(MW_OK, NULL);
  assert_int_equal(mws_view_get(view, &error, &last).as.i, 7);
  mws_view_free(view);
}

static void a_buffer_outlives_its_region(void **state) {
  (void)state;
  mws_region *region = anonymous(64);
  mws_buffer buffer = mws_region_buffer(region, &error);
  assert_status(MW_OK, NULL);
  mws_region_close(region);
  mws_region_free(region);
  memset(buffer.data, 1, buffer.size);
  assert_int_equal(((char *)buffer.data)[63], 1);
  mw_region_drop(buffer.held);
}

/* What is in the middle of a copy keeps the memory, and nobody may move it meanwhile. */
static void whoever_uses_it_keeps_it(void **state) {
  (void)state;
  mws_region *region = anonymous(64);
  mws_bytes bytes = mws_region_read(region, &error, 60, 100);
  assert_int_equal(bytes.size, 4);
  mws_region_resize(region, &error, 128);
  assert_status(MW_EBUSY, "Region.resize");
  mws_region_close(region);
  assert_int_equal(((const char *)bytes.data)[3], 0);
  mws_bytes_end(&bytes, &error);
  mws_region_free(region);
}

static void what_is_used_alone_is_closed_at_its_end(void **state) {
  (void)state;
  mws_region *region = anonymous(64);
  assert_non_null(mws_region_enter_alone(region, &error, "test"));
  assert_null(mws_region_enter(region, &error, "Region.write"));
  assert_status(MW_EBUSY, "Region.write");
  mws_region_close(region);
  assert_int_equal(mws_region_leave_alone(region, &error, MW_OK), MW_OK);
  assert_null(mws_region_enter(region, &error, "Region.write"));
  assert_status(MW_ECLOSED, "Region.write");
  mws_region_free(region);
}

typedef struct crowd {
  mws_region *region;
  harness_gate gate;
} crowd;

/* Each reads until it is closed; nothing else may come of it. */
static void *read_on(void *context) {
  crowd *crowd = context;
  mw_error own = {0};
  mws_view *view = mws_region_view(crowd->region, &own, "uint8", NULL, 0);
  mws_extents first = at(0);
  harness_gate_wait(&crowd->gate);
  while (view && !own.status) mws_view_get(view, &own, &first);
  mws_view_free(view);
  return own.status == MW_ECLOSED ? context : NULL;
}

static void a_close_beside_users_is_safe(void **state) {
  (void)state;
  for (int round = 0; round < harness_rounds(50, 2000); round++) {
    crowd crowd = {.region = anonymous(4096)};
    pthread_t threads[4];
    void *closed = NULL;
    harness_gate_init(&crowd.gate);
    for (int i = 0; i < 4; i++) assert_int_equal(pthread_create(&threads[i], NULL, read_on, &crowd), 0);
    for (int i = 0; i < 4; i++) harness_gate_open(&crowd.gate);
    mws_region_close(crowd.region);
    for (int i = 0; i < 4; i++) {
      assert_int_equal(pthread_join(threads[i], &closed), 0);
      assert_ptr_equal(closed, &crowd);
    }
    harness_gate_fini(&crowd.gate);
    mws_region_free(crowd.region);
  }
}

/* ---- elements */

static void indices_are_looked_at(void **state) {
  (void)state;
  mws_region *region = anonymous(64);
  mws_view *view = view_of(region, "int16");
  mws_extents negative = at(-1), behind = at(32), two = {2, {0, 0}};
  mws_view_get(view, &error, &negative);
  assert_status(MW_ERANGE, "View.get");
  mws_view_set(view, &error, &behind, integer(0));
  assert_status(MW_ERANGE, "View.set");
  mws_view_get(view, &error, &two);
  assert_status(MW_EINVAL, "View.get");
  mws_extents last = at(31);
  mws_view_set(view, &error, &last, integer(32768));
  assert_status(MW_EOVERFLOW, "View.set");
  mws_view_free(view);
  mws_region_free(region);
}

static void all_values_or_none_are_assigned(void **state) {
  (void)state;
  mws_region *region = anonymous(3);
  mws_view *view = view_of(region, "uint8");
  mw_value values[] = {integer(1), integer(2), integer(256)};
  mws_view_assign(view, &error, (mws_numbers){3, values});
  assert_status(MW_EOVERFLOW, "View.assign");
  assert_string_equal(error.object, "");
  assert_int_equal(mws_view_sum(view, &error).as.u, 0);
  values[2] = integer(3);
  mws_view_assign(view, &error, (mws_numbers){2, values});
  assert_status(MW_EINVAL, "View.assign");
  mws_view_assign(view, &error, (mws_numbers){3, values});
  assert_status(MW_OK, NULL);
  mws_elements taken = mws_view_take(view, &error, (mws_numbers){2, values});
  assert_status(MW_OK, NULL);
  assert_memory_equal(taken.data, "\2\3", 2);
  mws_elements_end(&taken);
  mws_view_free(view);
  mws_region_free(region);
}

static void large_integers_are_the_same_bits(void **state) {
  (void)state;
  mws_region *region = anonymous(64);
  mws_view *view = view_of(region, "uint64"), *small = view_of(region, "int32");
  mw_value most = {MW_VALUE_UINT, {.u = UINT64_MAX}};
  mws_view_atomic_store(view, &error, 0, most);
  assert_status(MW_OK, NULL);
  mw_value old = mws_view_atomic_add(view, &error, 0, integer(1));
  assert_int_equal(old.kind, MW_VALUE_UINT);
  assert_true(old.as.u == UINT64_MAX);
  assert_int_equal(mws_view_atomic_load(view, &error, 0).as.u, 0);
  mws_view_atomic_store(view, &error, 0, integer(-1));
  assert_status(MW_EOVERFLOW, "View.atomic_store");
  mws_view_atomic_exchange(small, &error, 0, most);
  assert_status(MW_EOVERFLOW, "View.atomic_exchange");
  mws_view_atomic_add(small, &error, 0, (mw_value){MW_VALUE_FLOAT, {.f = 1}});
  assert_status(MW_EINVAL, "View.atomic_add");
  mws_view_free(small);
  mws_view_free(view);
  mws_region_free(region);
}

static void nothing_in_the_place_of_an_object_is_an_error(void **state) {
  (void)state;
  mws_region *region = anonymous(64);
  mws_view *view = view_of(region, "int16");
  mws_view_copy_from(view, &error, NULL);
  assert_status(MW_EINVAL, "View.copy_from");
  mws_view_get(view, &error, NULL);
  assert_status(MW_EINVAL, "View.get");
  assert_null(mws_view_reshape(view, &error, NULL));
  assert_status(MW_EINVAL, "View.reshape");
  assert_null(mws_semaphore_at(NULL, &error, 0, 1));
  assert_status(MW_EINVAL, "Semaphore.at");
  assert_false(mws_region_same(region, &error, NULL));
  assert_status(MW_EINVAL, "Region.same");
  mws_view_fill(view, &error, integer(1)); /* what was entered was left: nobody is in it any more */
  mws_region_resize(region, &error, 128);
  assert_status(MW_OK, NULL);
  mws_view_free(view);
  mws_region_free(region);
}

/* ---- waiting */

static void a_wait_that_is_over_is_no_error(void **state) {
  (void)state;
  mws_semaphore *semaphore = mws_semaphore_create(harness_name("turn"), &error, 1, NULL);
  assert_status(MW_OK, NULL);
  assert_true(mws_semaphore_acquire(semaphore, &error, MW_DEADLINE_NOW));
  assert_false(mws_semaphore_acquire(semaphore, &error, MW_DEADLINE_NOW));
  assert_status(MW_OK, NULL);
  atomic_store(&slices, 0);
  assert_false(mws_semaphore_acquire(semaphore, &error, mw_deadline_after(0.25)));
  assert_status(MW_OK, NULL);
  assert_in_range(atomic_load(&slices), 2, 3);
  mws_semaphore_close(semaphore);
  mws_semaphore_acquire(semaphore, &error, MW_DEADLINE_NEVER);
  assert_status(MW_ECLOSED, "Semaphore.acquire");
  mws_semaphore_free(semaphore);
  mws_semaphore_unlink(harness_name("turn"), &error);
  assert_status(MW_OK, NULL);
}

/* ---- options */

static mws_options with_text(const char *name, const char *text) {
  mws_options options = {0};
  mws_option option;
  mws_option_kind kind;
  assert_int_equal(mws_option_parse(name, &error, &option, &kind), 0);
  assert_int_equal(kind, MWS_TEXT);
  assert_int_equal(mws_options_set_text(&options, &error, option, text), 0);
  return options;
}

static void an_option_that_a_call_does_not_take_is_refused(void **state) {
  (void)state;
  mws_options options = {0};
  mws_options_set_flag(&options, MWS_UNDO, true);
  assert_null(mws_region_anonymous(64, &error, &options));
  assert_non_null(strstr(error.reason, "\"undo\""));
  assert_status(MW_EINVAL, "Region.anonymous");
  mws_options fault = with_text("on_fault", "panic");
  assert_null(mws_region_anonymous(64, &error, &fault));
  assert_status(MW_EINVAL, "Region.anonymous");
  mws_options how = with_text("how", "maybe");
  assert_null(mws_region_sysv(1, &error, &how));
  assert_status(MW_EINVAL, "Region.sysv");
  mws_option option;
  mws_option_kind kind;
  assert_int_equal(mws_option_parse("colour", &error, &option, &kind), MW_EINVAL);
  assert_int_equal(mws_options_set_number(&options, &error, MWS_SIZE, -1), MW_EINVAL);
  assert_null(mws_region_file("/dev/null", &error, "rw", NULL));
  assert_status(MW_EINVAL, "Region.file");
}

/* ---- wells */

static void a_well_lists_what_it_has(void **state) {
  (void)state;
  mws_well *well = mws_well_create(harness_name("well"), &error, 1 << 20, NULL);
  assert_status(MW_OK, NULL);
  mws_extents shape = {2, {3, 4}};
  mws_view *view = mws_well_array(well, &error, "numbers", "float64", &shape);
  mws_mutex *mutex = mws_well_mutex(well, &error, "door", NULL);
  assert_true(mws_mutex_acquire(mutex, &error, MW_DEADLINE_NEVER));
  mws_objects *objects = mws_well_objects(well, &error), *held = mws_well_held(well, &error, mws_well_slot(well, &error));
  mws_participants *participants = mws_well_participants(well, &error);
  assert_status(MW_OK, NULL);
  assert_int_equal(mws_objects_length(objects), 2);
  assert_int_equal(mws_objects_length(held), 1);
  assert_string_equal(mws_objects_at(held, &error, 0).name, "door");
  assert_int_equal(mws_participants_length(participants), 1);
  assert_string_equal(mws_participants_at(participants, &error, 0).condition, "running");
  mws_objects_at(objects, &error, 2);
  assert_status(MW_ERANGE, "Well");
  mws_well_close(well, &error);
  assert_status(MW_EBUSY, "Well.close");
  mws_mutex_release(mutex, &error);
  mws_well_close(well, &error);
  assert_status(MW_OK, NULL);
  mws_extents first = {2, {0, 0}};
  mws_view_get(view, &error, &first);
  assert_status(MW_ECLOSED, error.call);
  mws_participants_free(participants);
  mws_objects_free(held);
  mws_objects_free(objects);
  mws_mutex_free(mutex);
  mws_view_free(view);
  mws_well_free(well);
  mws_well_unlink(harness_name("well"), &error);
  assert_status(MW_OK, NULL);
}

static void every_code_has_an_exception(void **state) {
  (void)state;
  for (int status = -1; status > -MW__STATUS_COUNT; status--) {
    assert_non_null(mws_error_kind(status));
    assert_true(strlen(mws_error_kind(status)) > 2);
  }
  assert_string_equal(mws_error_kind(MW_ENOENT), "NotFound");
  assert_string_equal(mws_error_kind(-10000), "System");
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(after_close_every_call_says_so),
    cmocka_unit_test(a_view_keeps_its_region_open),
    cmocka_unit_test(a_buffer_outlives_its_region),
    cmocka_unit_test(whoever_uses_it_keeps_it),
    cmocka_unit_test(what_is_used_alone_is_closed_at_its_end),
    cmocka_unit_test(a_close_beside_users_is_safe),
    cmocka_unit_test(indices_are_looked_at),
    cmocka_unit_test(all_values_or_none_are_assigned),
    cmocka_unit_test(large_integers_are_the_same_bits),
    cmocka_unit_test(nothing_in_the_place_of_an_object_is_an_error),
    cmocka_unit_test(a_wait_that_is_over_is_no_error),
    cmocka_unit_test(an_option_that_a_call_does_not_take_is_refused),
    cmocka_unit_test(a_well_lists_what_it_has),
    cmocka_unit_test(every_code_has_an_exception),
};

HARNESS_MAIN(tests)
