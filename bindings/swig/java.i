/* Java: how what memwell takes and gives becomes Java's own.
 *
 * What can be wrong with an argument is found in Java (Text, Values, Options, Seals), so that C, where nothing is freed when an
 * exception is thrown, never throws before the call. The classes' own Java code is in java_code.i, the C side in java/native/.
 *
 * SPDX-License-Identifier: MIT */

%{
#include "convert.h"
#include "primitives.h"
%}

%pragma(java) jniclassclassmodifiers="final class"
%pragma(java) moduleclassmodifiers="public final class"
%pragma(java) jniclasscode=%{
  static {
    NativeLibrary.load();
  }
%}

/* ---- names */

%rename("%(lowercamelcase)s", %$isfunction) "";
%rename(pageSize) mw_page_size;
%rename(isReadOnly) readonly;
%rename(isClosed) closed;
%rename(isFaulted) faulted;
%rename(isDense) dense;
%rename(isHeld) mws_mutex::held;
%rename(isInconsistent) inconsistent;
%rename(itemSize) itemsize;
%rename(toBytes) tobytes;
%rename(elements) mws_view::tolist;
%rename(elementsEqual) mws_view::equals;
%rename(await) mws_view::wait;
%rename(await) mws_event::wait;

/* ---- errors and waits */

%typemap(in, numinputs=0) mw_error * (mw_error error) {
  error.status = MW_OK;
  $1 = &error;
}
%typemap(argout) mw_error * { if ($1->status) mwj_throw(jenv, $1); }

/* The call again and again, a slice of the wait each, until the thread is interrupted. */
%define MWS_WAITS(call)
%javaexception("InterruptedException") call {
  do {
    arg2->status = MW_OK;
    $action
  } while (arg2->status == MW_EINTR && !mwj_throw_if_interrupted(jenv));
}
%enddef

%typemap(jni) mw_deadline "jdouble"
%typemap(jtype) mw_deadline "double"
%typemap(jstype) mw_deadline "java.time.Duration"
%typemap(javain) mw_deadline "Values.seconds($javainput)"
%typemap(in) mw_deadline %{ $1 = mw_deadline_after($input); %}

/* ---- numbers */

%apply long long { int64_t };
%apply int { int32_t };

%typemap(jni) uint64_t, mws_offset, unsigned "jlong"
%typemap(jtype) uint64_t, mws_offset, unsigned "long"
%typemap(jstype) uint64_t, mws_offset, unsigned "long"
%typemap(javain) uint64_t %{Values.natural($javainput, "$javainput")%}
%typemap(javain) mws_offset %{Values.naturalOrNothing($javainput, "$javainput")%}
%typemap(javain) uint64_t i, uint64_t index "Values.index($javainput)"
%typemap(javain) unsigned %{Values.small($javainput, "$javainput")%}
%typemap(in) uint64_t, unsigned %{ $1 = ($1_ltype)$input; %}
%typemap(in) mws_offset %{ $1 = $input < 0 ? MWS_NOTHING : (mws_offset)$input; %}
%typemap(out) uint64_t, mws_offset, unsigned %{ $result = (jlong)$1; %}
%typemap(javaout) uint64_t, mws_offset, unsigned { return $jnicall; }

%typemap(jni) mw_value "jlongArray"
%typemap(jtype) mw_value "long[]"
%typemap(jstype) mw_value "Object"
%typemap(javain) mw_value "Values.encode($javainput)"
%typemap(in) mw_value %{ $1 = mwj_value_in(jenv, $input); %}
%typemap(out) mw_value %{ $result = mwj_value_out(jenv, $1); %}
%typemap(javaout) mw_value { return Values.decode($jnicall); }

%typemap(jni) mws_extents, const mws_extents * "jlongArray"
%typemap(jtype) mws_extents, const mws_extents * "long[]"
%typemap(jstype) mws_extents, const mws_extents * "long[]"
%typemap(jstype) const mws_extents *indices, const mws_extents *shape "long..."
%typemap(javain) const mws_extents * "Values.extents($javainput)"
%typemap(in) const mws_extents * (mws_extents room) %{ $1 = (mws_extents *)mwj_extents_in(jenv, $input, &room); %}
%typemap(out) mws_extents %{ $result = mwj_extents_out(jenv, &$1); %}
%typemap(javaout) mws_extents { return $jnicall; }

%typemap(jni) mws_numbers "jobjectArray"
%typemap(jtype) mws_numbers "Object[]"
%typemap(jstype) mws_numbers "Object"
%typemap(javain) mws_numbers "Values.flatten($javainput)"
%typemap(in) mws_numbers %{ $1 = mwj_numbers_in(jenv, $input); %}
%typemap(freearg) mws_numbers %{ free($1.values); %}

%typemap(jni) mws_elements, mwj_flat "jobjectArray"
%typemap(jtype) mws_elements, mwj_flat "Object[]"
%typemap(jstype) mws_elements "java.util.List<Object>"
%typemap(jstype) mwj_flat "Object[]"
%typemap(out) mws_elements, mwj_flat %{ $result = mwj_elements_out(jenv, &$1, arg2); %}
%typemap(javaout) mws_elements { return Values.nested($jnicall); }
%typemap(javaout) mwj_flat { return $jnicall; }

/* ---- text and bytes */

%typemap(jni) const char *, const char *OPTIONAL_TEXT "jbyteArray"
%typemap(jtype) const char *, const char *OPTIONAL_TEXT "byte[]"
%typemap(jstype) const char *, const char *OPTIONAL_TEXT "String"
%typemap(javain) const char * %{Text.encode($javainput, "$javainput")%}
%typemap(javain) const char *OPTIONAL_TEXT %{Text.encodeOptional($javainput, "$javainput")%}
%typemap(in) const char *, const char *OPTIONAL_TEXT %{
  $1 = mwj_text_in(jenv, $input);
  if ((*jenv)->ExceptionCheck(jenv)) return $null;
%}
%typemap(freearg) const char *, const char *OPTIONAL_TEXT %{ free((char *)$1); %}
%typemap(out) const char * %{ $result = mwj_text_out(jenv, $1); %}
%typemap(javaout) const char * { return Text.decode($jnicall); }

%typemap(jni) (const void *data, size_t size) "jbyteArray"
%typemap(jtype) (const void *data, size_t size) "byte[]"
%typemap(jstype) (const void *data, size_t size) "byte[]"
%typemap(javain) (const void *data, size_t size) %{java.util.Objects.requireNonNull($javainput, "$javainput")%}
%typemap(in) (const void *data, size_t size) %{
  $1 = (*jenv)->GetByteArrayElements(jenv, $input, NULL);
  if (!$1) return $null;
  $2 = (size_t)(*jenv)->GetArrayLength(jenv, $input);
%}
%typemap(freearg) (const void *data, size_t size) %{ (*jenv)->ReleaseByteArrayElements(jenv, $input, (jbyte *)$1, JNI_ABORT); %}

%typemap(jni) mws_bytes "jbyteArray"
%typemap(jtype) mws_bytes "byte[]"
%typemap(jstype) mws_bytes "byte[]"
%typemap(out) mws_bytes %{ $result = mwj_bytes_out(jenv, &$1, arg2); %}
%typemap(javaout) mws_bytes { return $jnicall; }

%typemap(jni) mws_buffer "jlongArray"
%typemap(jtype) mws_buffer "long[]"
%typemap(jstype) mws_buffer "java.nio.ByteBuffer"
%typemap(out) mws_buffer %{ $result = mwj_buffer_out(jenv, &$1); %}
%typemap(javaout) mws_buffer { return Buffers.make($jnicall, this); }

/* A direct buffer from its position to its limit: Buffers has looked whether it is one. */
%typemap(jni) mwj_direct "jobject"
%typemap(jtype) mwj_direct "java.nio.ByteBuffer"
%typemap(jstype) mwj_direct "java.nio.ByteBuffer"
%typemap(javain) mwj_direct "Buffers.direct($javainput)"
%typemap(in) mwj_direct %{
  $1.data = (*jenv)->GetDirectBufferAddress(jenv, $input);
  $1.size = (size_t)(*jenv)->GetDirectBufferCapacity(jenv, $input);
%}

/* ---- options and seals */

%typemap(jni) const mws_options * "jbyteArray"
%typemap(jtype) const mws_options * "byte[]"
%typemap(jstype) const mws_options * "Options"
%typemap(javain) const mws_options * "Options.image($javainput)"
%typemap(in) const mws_options * (mwj_options room) %{ $1 = (mws_options *)mwj_options_in(jenv, $input, &room); %}

%typemap(jni) mws_seals "jlong"
%typemap(jtype) mws_seals "long"
%typemap(jstype) mws_seals "java.util.Set<String>"
%typemap(jstype) mws_seals added "String..."
%typemap(javain) mws_seals "Seals.encode($javainput)"
%typemap(in) mws_seals %{ $1 = (mws_seals)$input; %}
%typemap(out) mws_seals %{ $result = (jlong)$1; %}
%typemap(javaout) mws_seals { return Seals.decode($jnicall); }

/* ---- plain values: records and lists of them, made by Java */

#define MWS_PLAIN_VALUES

%typemap(jni) mws_span "jlongArray"
%typemap(jtype) mws_span "long[]"
%typemap(jstype) mws_span "Span"
%typemap(out) mws_span %{ $result = mwj_span_out(jenv, $1); %}
%typemap(javaout) mws_span { return Span.of($jnicall); }

%typemap(jni) mws_objects *, mws_participants * "jobjectArray"
%typemap(jtype) mws_objects *, mws_participants * "Object[]"
%typemap(jstype) mws_objects * "java.util.List<ObjectInfo>"
%typemap(jstype) mws_participants * "java.util.List<ParticipantInfo>"
%typemap(out) mws_objects * %{ $result = mwj_objects_out(jenv, $1); %}
%typemap(out) mws_participants * %{ $result = mwj_participants_out(jenv, $1); %}
%typemap(javaout) mws_objects * { return ObjectInfo.list($jnicall); }
%typemap(javaout) mws_participants * { return ParticipantInfo.list($jnicall); }

/* ---- objects. Handle frees them when Java has forgotten them; close() is a call like others, which any thread may make */

%typemap(javabase) SWIGTYPE "Handle"
%typemap(javabody) SWIGTYPE %{
  $javaclassname(long pointer, Object keeps) {
    super(pointer, keeps, $javaclassname::free);
  }

  static long getCPtr($javaclassname object) {
    return object.swigCPtr;
  }
%}
%typemap(javadestruct, methodname="free", methodmodifiers="private static", parameters="long swigCPtr") SWIGTYPE {
    $jnicall;
  }
%typemap(javafinalize) SWIGTYPE ""
%typemap(javaclassmodifiers) SWIGTYPE "public final class"

%typemap(javaout) mws_region *, mws_semaphore *, mws_well * {
    long pointer = $jnicall;
    return pointer == 0 ? null : new $javaclassname(pointer, null);
  }
%typemap(javaout) mws_view *, mws_mutex *, mws_robust_semaphore *, mws_event * {
    long pointer = $jnicall;
    return pointer == 0 ? null : new $javaclassname(pointer, keeps());
  }

%typemap(javainterfaces) mws_region, mws_semaphore, mws_well "AutoCloseable"
%typemap(javainterfaces) mws_view "Iterable<Object>"

%include "java_code.i"
