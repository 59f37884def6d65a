/* The native methods of the classes that swig does not write: Options, Seals and Buffers.
 *
 * SPDX-License-Identifier: MIT */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "convert.h"
#include "memwell/pages.h"

/* ---- options. Java keeps the struct as bytes: what is wrong with one is said when it is set */

const mws_options *mwj_options_in(JNIEnv *env, jbyteArray image, mwj_options *room) {
  if (!image) return NULL;
  (*env)->GetByteArrayRegion(env, image, 0, sizeof *room, (jbyte *)room);
  if (room->options.given & 1u << MWS_TIMEOUT) room->options.deadline = mw_deadline_after(room->seconds);
  return &room->options;
}

JNIEXPORT jbyteArray JNICALL Java_org_memwell_Options_begin(JNIEnv *env, jclass type) {
  (void)type;
  return (*env)->NewByteArray(env, sizeof(mwj_options));
}

/* What is set, and how, is passed on to the setter of its kind. */
typedef struct setting {
  JNIEnv *env;
  jbyteArray image;
  mw_error error;
  mws_option option;
  mwj_options changed;
} setting;

static bool begin(setting *setting, jbyteArray name, mws_option_kind wanted) {
  static const char *const kinds[] = {"true or false", "a number", "a time", "a text", "a list of seals"};
  mws_option_kind kind;
  JNIEnv *env = setting->env;
  char *text = mwj_text_in(env, name);
  if (!text) return false;
  int status = mws_option_parse(text, &setting->error, &setting->option, &kind);
  if (!status && kind != wanted)
    status = mws_fail(&setting->error, MW_EINVAL, "options", NULL, "%s is %s, not %s", text, kinds[kind], kinds[wanted]);
  free(text);
  if (status)
    mwj_throw(env, &setting->error);
  else
    (*env)->GetByteArrayRegion(env, setting->image, 0, sizeof setting->changed, (jbyte *)&setting->changed);
  return !status;
}

static void end(setting *setting, int status) {
  JNIEnv *env = setting->env;
  if (status)
    mwj_throw(env, &setting->error);
  else
    (*env)->SetByteArrayRegion(env, setting->image, 0, sizeof setting->changed, (const jbyte *)&setting->changed);
}

JNIEXPORT void JNICALL Java_org_memwell_Options_setFlag(JNIEnv *env, jclass type, jbyteArray image, jbyteArray name,
                                                        jboolean value) {
  setting setting = {.env = env, .image = image};
  (void)type;
  if (!begin(&setting, name, MWS_FLAG)) return;
  mws_options_set_flag(&setting.changed.options, setting.option, value);
  end(&setting, 0);
}

JNIEXPORT void JNICALL Java_org_memwell_Options_setNumber(JNIEnv *env, jclass type, jbyteArray image, jbyteArray name,
                                                          jlong value) {
  setting setting = {.env = env, .image = image};
  (void)type;
  if (!begin(&setting, name, MWS_NUMBER)) return;
  end(&setting, mws_options_set_number(&setting.changed.options, &setting.error, setting.option, value));
}

JNIEXPORT void JNICALL Java_org_memwell_Options_setSeconds(JNIEnv *env, jclass type, jbyteArray image, jbyteArray name,
                                                           jdouble value) {
  setting setting = {.env = env, .image = image};
  (void)type;
  if (!begin(&setting, name, MWS_SECONDS)) return;
  mws_options_set_deadline(&setting.changed.options, MW_DEADLINE_NEVER);
  setting.changed.seconds = value;
  end(&setting, 0);
}

JNIEXPORT void JNICALL Java_org_memwell_Options_setText(JNIEnv *env, jclass type, jbyteArray image, jbyteArray name,
                                                        jbyteArray value) {
  setting setting = {.env = env, .image = image};
  (void)type;
  char *text = mwj_text_in(env, value);
  if (!text) return;
  if (begin(&setting, name, MWS_TEXT))
    end(&setting, mws_options_set_text(&setting.changed.options, &setting.error, setting.option, text));
  free(text);
}

JNIEXPORT void JNICALL Java_org_memwell_Options_setSeals(JNIEnv *env, jclass type, jbyteArray image, jbyteArray name, jlong value) {
  setting setting = {.env = env, .image = image};
  (void)type;
  if (!begin(&setting, name, MWS_SEALS)) return;
  mws_options_set_seals(&setting.changed.options, (unsigned)value);
  end(&setting, 0);
}

/* ---- seals */

JNIEXPORT jlong JNICALL Java_org_memwell_Seals_parse(JNIEnv *env, jclass type, jbyteArray name) {
  mw_error error;
  unsigned seal = 0;
  (void)type;
  char *text = mwj_text_in(env, name);
  if (!text) return 0;
  if (mw_seal_parse(text, &error, &seal)) mwj_throw(env, &error);
  free(text);
  return seal;
}

/* The name of a bit, or null where there is none. */
JNIEXPORT jbyteArray JNICALL Java_org_memwell_Seals_name(JNIEnv *env, jclass type, jint bit) {
  static const char *const names[] = {
#define NAME(constant, bit, name) [bit] = name,
      MW_SEAL_MAP(NAME)
#undef NAME
  };
  static const jint count = sizeof names / sizeof *names;
  (void)type;
  return bit < count ? mwj_text_out(env, names[bit]) : NULL;
}

/* ---- buffers */

JNIEXPORT jobject JNICALL Java_org_memwell_Buffers_show(JNIEnv *env, jclass type, jlong address, jlong size) {
  (void)type;
  return (*env)->NewDirectByteBuffer(env, (void *)(intptr_t)address, size); /* NOLINT(performance-no-int-to-ptr) */
}

JNIEXPORT void JNICALL Java_org_memwell_Buffers_drop(JNIEnv *env, jclass type, jlong held) {
  (void)env, (void)type;
  mw_region_drop((mw_region *)(intptr_t)held); /* NOLINT(performance-no-int-to-ptr) */
}
