/* What C calls in Java: making an exception, and asking whether the thread was interrupted. And the waits, which do both.
 *
 * SPDX-License-Identifier: MIT */
#include "classes.h"

#include <stdlib.h>
#include <string.h>

#include "convert.h"

jclass mwj_object_class;

static JavaVM *machine;
static jclass upcalls;
static jmethodID make_exception;
static jmethodID is_interrupted;
static jmethodID make_interruption;

static jclass find_class(JNIEnv *env, const char *name) {
  jclass found = (*env)->FindClass(env, name);
  return found ? (*env)->NewGlobalRef(env, found) : NULL;
}

static jmethodID find_method(JNIEnv *env, const char *name, const char *signature) {
  return upcalls && !(*env)->ExceptionCheck(env) ? (*env)->GetStaticMethodID(env, upcalls, name, signature) : NULL;
}

JNIEXPORT jint JNICALL JNI_OnLoad(JavaVM *vm, void *reserved) {
  JNIEnv *env;
  (void)reserved;
  machine = vm;
  if ((*vm)->GetEnv(vm, (void **)&env, JNI_VERSION_10) != JNI_OK) return JNI_ERR;
  mwj_object_class = find_class(env, "java/lang/Object");
  upcalls = mwj_object_class ? find_class(env, "org/memwell/Upcalls") : NULL;
  make_exception = find_method(env, "exception", "([B[BI[B)Ljava/lang/Throwable;");
  is_interrupted = find_method(env, "isInterrupted", "()Z");
  make_interruption = find_method(env, "interruption", "()Ljava/lang/Throwable;");
  return make_interruption ? JNI_VERSION_10 : JNI_ERR;
}

/* ---- exceptions */

static jbyteArray message_out(JNIEnv *env, const mw_error *error) {
  size_t size = mw_error_message(error, NULL, 0) + 1;
  char *text = malloc(size);
  if (!text) return mwj_text_out(env, "out of memory");
  mw_error_message(error, text, size);
  jbyteArray message = mwj_text_out(env, text);
  free(text);
  return message;
}

static void throw_made(JNIEnv *env, jthrowable made) {
  if (made && !(*env)->ExceptionCheck(env)) (*env)->Throw(env, made);
}

void mwj_throw(JNIEnv *env, const mw_error *error) {
  if ((*env)->ExceptionCheck(env)) return;
  jbyteArray kind = mwj_text_out(env, mws_error_kind(error->status));
  jbyteArray code = kind ? mwj_text_out(env, mw_status_name(error->status)) : NULL;
  jbyteArray message = code ? message_out(env, error) : NULL;
  if (!message) return;
  jint number = mws_error_errno(error);
  throw_made(env, (*env)->CallStaticObjectMethod(env, upcalls, make_exception, kind, code, number, message));
}

/* ---- waits. Nothing has to be let go: Java's threads run beside native calls */

static bool is_this_thread_interrupted(JNIEnv *env) {
  jboolean answer = (*env)->CallStaticBooleanMethod(env, upcalls, is_interrupted);
  return (*env)->ExceptionCheck(env) || answer;
}

bool mwj_throw_if_interrupted(JNIEnv *env) {
  if ((*env)->ExceptionCheck(env)) return true;
  if (!is_this_thread_interrupted(env)) return false;
  throw_made(env, (*env)->CallStaticObjectMethod(env, upcalls, make_interruption));
  return true;
}

int mws_language_wait(mws_wait *wait, void *object, mw_deadline deadline, mw_error *error) {
  JNIEnv *env;
  int status = wait(object, MW_DEADLINE_NOW, error);
  if (!mws_is_pending(status) || deadline <= MW_DEADLINE_NOW) return status;
  if ((*machine)->GetEnv(machine, (void **)&env, JNI_VERSION_10) == JNI_OK && is_this_thread_interrupted(env))
    return error->status = MW_EINTR;
  return mws_wait_slice(wait, object, deadline, error);
}
