/* The Java classes and methods that C uses, looked up once when the library is loaded.
 *
 * SPDX-License-Identifier: MIT */
#ifndef MEMWELL_JAVA_CLASSES_H
#define MEMWELL_JAVA_CLASSES_H

#include <jni.h>

extern jclass mwj_object_class;

#endif
