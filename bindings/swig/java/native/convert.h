/* What the wrapper that swig writes calls to pass things between C and Java. Java has checked them before, so that nothing here
 * fails but for want of memory: an exception between two arguments would lose what the first has allocated.
 *
 * SPDX-License-Identifier: MIT */
#ifndef MEMWELL_JAVA_CONVERT_H
#define MEMWELL_JAVA_CONVERT_H

#include <jni.h>
#include <stdbool.h>

#include "objects.h"

/* Throws the exception of the error's kind, unless one is on its way already. */
void mwj_throw(JNIEnv *env, const mw_error *error);

/* True where the thread was interrupted; InterruptedException is on its way then. */
bool mwj_throw_if_interrupted(JNIEnv *env);

/* UTF-8 with a NUL behind it, to be freed; NULL where `text` is null, or where there is no memory, with an exception on its way. */
char *mwj_text_in(JNIEnv *env, jbyteArray text);
jbyteArray mwj_text_out(JNIEnv *env, const char *text);

/* Two longs: the kind and the bits. */
mw_value mwj_value_in(JNIEnv *env, jlongArray pair);
jlongArray mwj_value_out(JNIEnv *env, mw_value value);

/* NULL where the array is. */
const mws_extents *mwj_extents_in(JNIEnv *env, jlongArray array, mws_extents *room);
jlongArray mwj_extents_out(JNIEnv *env, const mws_extents *extents);

/* {byte[] kinds, long[] bits}; kinds has one where all are of one kind. `values` is to be freed. */
mws_numbers mwj_numbers_in(JNIEnv *env, jobjectArray pair);

/* {long[] {kind, extents...}, long[] or double[]}; ends the elements. */
jobjectArray mwj_elements_out(JNIEnv *env, mws_elements *elements, mw_error *error);

/* Ends the bytes. */
jbyteArray mwj_bytes_out(JNIEnv *env, mws_bytes *bytes, mw_error *error);

/* {address, size, whether it is read-only, the region that is held}, or null where nothing is. */
jlongArray mwj_buffer_out(JNIEnv *env, const mws_buffer *buffer);

/* {start, stop, resume}, -1 for nothing. */
jlongArray mwj_span_out(JNIEnv *env, mws_span span);

/* Frees the list. An object is {name, kind, {offset, size, owner, inconsistent, waiters, capacity, held}, dtype, shape}, a
 * participant {condition, {slot, pid, own}}. */
jobjectArray mwj_objects_out(JNIEnv *env, mws_objects *list);
jobjectArray mwj_participants_out(JNIEnv *env, mws_participants *list);

/* The image that Options.java keeps, or NULL. */
typedef struct mwj_options {
  mws_options options;
  double seconds;
} mwj_options;
const mws_options *mwj_options_in(JNIEnv *env, jbyteArray image, mwj_options *room);

#endif
