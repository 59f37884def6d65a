/* Numbers, text, bytes and lists, from Java and to Java.
 *
 * SPDX-License-Identifier: MIT */
#include "convert.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "classes.h"

static void throw_no_memory(JNIEnv *env) {
  jclass type = (*env)->FindClass(env, "java/lang/OutOfMemoryError");
  if (type) (*env)->ThrowNew(env, type, "memwell: no memory for a copy");
}

/* ---- text */

char *mwj_text_in(JNIEnv *env, jbyteArray text) {
  if (!text) return NULL;
  jsize size = (*env)->GetArrayLength(env, text);
  char *copy = malloc((size_t)size + 1);
  if (!copy) {
    throw_no_memory(env);
    return NULL;
  }
  (*env)->GetByteArrayRegion(env, text, 0, size, (jbyte *)copy);
  copy[size] = '\0';
  return copy;
}

static jbyteArray bytes_out(JNIEnv *env, const void *data, size_t size) {
  jbyteArray array = (*env)->NewByteArray(env, (jsize)size);
  if (array && size) (*env)->SetByteArrayRegion(env, array, 0, (jsize)size, data);
  return array;
}

jbyteArray mwj_text_out(JNIEnv *env, const char *text) { return text ? bytes_out(env, text, strlen(text)) : NULL; }

/* ---- numbers */

static jlongArray longs_out(JNIEnv *env, const jlong *numbers, jsize count) {
  jlongArray array = (*env)->NewLongArray(env, count);
  if (array) (*env)->SetLongArrayRegion(env, array, 0, count, numbers);
  return array;
}

mw_value mwj_value_in(JNIEnv *env, jlongArray pair) {
  jlong parts[2];
  (*env)->GetLongArrayRegion(env, pair, 0, 2, parts);
  return (mw_value){.kind = (mw_value_kind)parts[0], .as = {.i = parts[1]}};
}

jlongArray mwj_value_out(JNIEnv *env, mw_value value) { return longs_out(env, (jlong[]){value.kind, value.as.i}, 2); }

const mws_extents *mwj_extents_in(JNIEnv *env, jlongArray array, mws_extents *room) {
  if (!array) return NULL;
  jsize count = (*env)->GetArrayLength(env, array);
  room->count = count < MW_MAX_DIMENSIONS ? count : MW_MAX_DIMENSIONS;
  (*env)->GetLongArrayRegion(env, array, 0, room->count, (jlong *)room->values);
  return room;
}

jlongArray mwj_extents_out(JNIEnv *env, const mws_extents *extents) {
  return longs_out(env, (const jlong *)extents->values, extents->count);
}

jlongArray mwj_span_out(JNIEnv *env, mws_span span) {
  return longs_out(env, (jlong[]){(jlong)span.start, (jlong)span.stop, (jlong)span.resume}, 3);
}

mws_numbers mwj_numbers_in(JNIEnv *env, jobjectArray pair) {
  jbyteArray kinds = (*env)->GetObjectArrayElement(env, pair, 0);
  jlongArray numbers = (*env)->GetObjectArrayElement(env, pair, 1);
  jsize count = (*env)->GetArrayLength(env, numbers);
  bool mixed = (*env)->GetArrayLength(env, kinds) != 1;
  mw_value *values = malloc(((size_t)count + 1) * sizeof *values);
  jbyte *kind = (*env)->GetByteArrayElements(env, kinds, NULL);
  jlong *bits = (*env)->GetLongArrayElements(env, numbers, NULL);
  if (values && kind && bits)
    for (jsize i = 0; i < count; i++) values[i] = (mw_value){.kind = (mw_value_kind)kind[mixed ? i : 0], .as = {.i = bits[i]}};
  else
    count = 0;
  if (!values) throw_no_memory(env);
  if (bits) (*env)->ReleaseLongArrayElements(env, numbers, bits, JNI_ABORT);
  if (kind) (*env)->ReleaseByteArrayElements(env, kinds, kind, JNI_ABORT);
  return (mws_numbers){(uint64_t)count, values};
}

/* ---- elements */

static uint64_t count_of(const mws_elements *elements) {
  uint64_t count = 1;
  for (int i = 0; i < elements->ndim; i++) count *= elements->shape[i];
  return count;
}

static jlongArray form_out(JNIEnv *env, const mws_elements *elements) {
  jlong form[MW_MAX_DIMENSIONS + 1] = {mw_dtype_kind(elements->dtype)};
  for (int i = 0; i < elements->ndim; i++) form[i + 1] = (jlong)elements->shape[i];
  return longs_out(env, form, elements->ndim + 1);
}

static jarray integers_out(JNIEnv *env, const mws_elements *elements, jsize count) {
  jlongArray array = (*env)->NewLongArray(env, count);
  jlong *numbers = array ? (*env)->GetLongArrayElements(env, array, NULL) : NULL;
  const char *element = elements->data;
  if (!numbers) return NULL;
  for (jsize i = 0; i < count; i++, element += mw_dtype_size(elements->dtype))
    numbers[i] = mw_dtype_load(elements->dtype, element).as.i;
  (*env)->ReleaseLongArrayElements(env, array, numbers, 0);
  return array;
}

static jarray floats_out(JNIEnv *env, const mws_elements *elements, jsize count) {
  jdoubleArray array = (*env)->NewDoubleArray(env, count);
  jdouble *numbers = array ? (*env)->GetDoubleArrayElements(env, array, NULL) : NULL;
  const char *element = elements->data;
  if (!numbers) return NULL;
  for (jsize i = 0; i < count; i++, element += mw_dtype_size(elements->dtype))
    numbers[i] = mw_dtype_load(elements->dtype, element).as.f;
  (*env)->ReleaseDoubleArrayElements(env, array, numbers, 0);
  return array;
}

static jobjectArray pair_out(JNIEnv *env, jobject first, jobject second) {
  jobjectArray pair = first && second ? (*env)->NewObjectArray(env, 2, mwj_object_class, NULL) : NULL;
  if (!pair) return NULL;
  (*env)->SetObjectArrayElement(env, pair, 0, first);
  (*env)->SetObjectArrayElement(env, pair, 1, second);
  return pair;
}

jobjectArray mwj_elements_out(JNIEnv *env, mws_elements *elements, mw_error *error) {
  uint64_t count = count_of(elements);
  jobjectArray pair = NULL;
  if (!error->status && count > INT32_MAX)
    mws_fail(error, MW_ENOTSUP, "View.toList", NULL, "%" PRIu64 " elements: a Java array has no more than %d", count, INT32_MAX);
  if (!error->status) {
    jarray form = form_out(env, elements);
    bool floating = mw_dtype_kind(elements->dtype) == MW_VALUE_FLOAT;
    jarray numbers = form ? (floating ? floats_out : integers_out)(env, elements, (jsize)count) : NULL;
    pair = pair_out(env, form, numbers);
  }
  mws_elements_end(elements);
  return pair;
}

/* ---- bytes */

jbyteArray mwj_bytes_out(JNIEnv *env, mws_bytes *bytes, mw_error *error) {
  jbyteArray array = NULL;
  if (!error->status && bytes->size > INT32_MAX)
    mws_fail(error, MW_ENOTSUP, "read", NULL, "%" PRIu64 " bytes: a Java array has no more than %d", bytes->size, INT32_MAX);
  else if (!error->status)
    array = bytes_out(env, bytes->data, bytes->size);
  mws_bytes_end(bytes, error);
  return array;
}

jlongArray mwj_buffer_out(JNIEnv *env, const mws_buffer *buffer) {
  jlong parts[] = {(jlong)(intptr_t)buffer->data, (jlong)buffer->size, buffer->readonly, (jlong)(intptr_t)buffer->held};
  if (!buffer->held) return NULL;
  jlongArray array = longs_out(env, parts, 4);
  if (!array) mw_region_drop(buffer->held);
  return array;
}

/* ---- lists */

/* Fills the places of an array; an exception is on its way where one is NULL that must not be. */
static jobjectArray row_out(JNIEnv *env, jsize count, const jobject *parts) {
  jobjectArray row = (*env)->ExceptionCheck(env) ? NULL : (*env)->NewObjectArray(env, count, mwj_object_class, NULL);
  for (jsize i = 0; row && i < count; i++) (*env)->SetObjectArrayElement(env, row, i, parts[i]);
  for (jsize i = 0; i < count; i++) (*env)->DeleteLocalRef(env, parts[i]);
  return row;
}

static jobjectArray object_out(JNIEnv *env, const mws_object_info *info) {
  jlong numbers[] = {(jlong)info->offset, (jlong)info->size, info->owner, info->inconsistent,
                     info->waiters,       info->capacity,    info->held};
  mws_extents shape = mws_object_info_shape(info);
  jobject parts[5] = {NULL};
  parts[0] = mwj_text_out(env, info->name);
  if (parts[0]) parts[1] = mwj_text_out(env, info->kind);
  if (parts[1]) parts[2] = longs_out(env, numbers, sizeof numbers / sizeof *numbers);
  if (parts[2]) parts[3] = mwj_text_out(env, mws_object_info_dtype(info));
  if (parts[2] && !(*env)->ExceptionCheck(env)) parts[4] = mwj_extents_out(env, &shape);
  return row_out(env, 5, parts);
}

static jobjectArray participant_out(JNIEnv *env, const mws_participant_info *info) {
  jobject parts[2] = {mwj_text_out(env, info->condition), NULL};
  if (parts[0]) parts[1] = longs_out(env, (jlong[]){info->slot, info->pid, info->own}, 3);
  return row_out(env, 2, parts);
}

static bool put(JNIEnv *env, jobjectArray rows, uint64_t i, jobjectArray row) {
  if (!row) return false;
  (*env)->SetObjectArrayElement(env, rows, (jsize)i, row);
  (*env)->DeleteLocalRef(env, row);
  return true;
}

jobjectArray mwj_objects_out(JNIEnv *env, mws_objects *list) {
  mw_error error;
  if (!list) return NULL;
  uint64_t count = mws_objects_length(list);
  jobjectArray rows = (*env)->NewObjectArray(env, (jsize)count, mwj_object_class, NULL);
  for (uint64_t i = 0; rows && i < count; i++) {
    mws_object_info info = mws_objects_at(list, &error, i);
    if (!put(env, rows, i, object_out(env, &info))) rows = NULL;
  }
  mws_objects_free(list);
  return rows;
}

jobjectArray mwj_participants_out(JNIEnv *env, mws_participants *list) {
  mw_error error;
  if (!list) return NULL;
  uint64_t count = mws_participants_length(list);
  jobjectArray rows = (*env)->NewObjectArray(env, (jsize)count, mwj_object_class, NULL);
  for (uint64_t i = 0; rows && i < count; i++) {
    mws_participant_info info = mws_participants_at(list, &error, i);
    if (!put(env, rows, i, participant_out(env, &info))) rows = NULL;
  }
  mws_participants_free(list);
  return rows;
}
