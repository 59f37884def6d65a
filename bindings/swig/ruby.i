/* Ruby: how what memwell takes and gives becomes Ruby's own. lib/memwell.rb is the layer above, with keyword arguments, blocks
 * and operators; docs/swig/ruby.md is the guide.
 *
 * Ruby raises by longjmp, over whatever C stands between. So everything here that may raise does it either before the call, where
 * nothing is held yet, or under rb_protect, and what a call needs in memory lies in Ruby's own objects.
 *
 * SPDX-License-Identifier: MIT */

%feature("compactdefaultargs");

/* ---- names */

%predicate mws_region::readonly;
%predicate mws_region::closed;
%predicate mws_region::faulted;
%predicate mws_region::same;
%rename("private?") mws_region::is_private;
%predicate mws_view::readonly;
%predicate mws_view::dense;
%predicate mws_semaphore::closed;
%predicate mws_well::readonly;
%predicate mws_well::closed;
%predicate mws_mutex::inconsistent;
%predicate mws_mutex::held;
%rename("set?") mws_event::is_set;

/* ---- waiting. Handlers of signals, Thread#raise and Thread#kill run between two tries, when no C is in the middle of anything */

%define MWS_WAITS(call)
%exception call { BETWEEN_INTERRUPTS(arg2, $action); }
%enddef

%header %{
#include <limits.h>
#include <math.h>
#include <stdarg.h>
#include <ruby/encoding.h>
#include <ruby/io/buffer.h>
#include <ruby/thread.h>
#include <stdlib.h>
#include <string.h>

#include "memwell/pages.h"

#define BETWEEN_INTERRUPTS(error, action)                  \
  do {                                                     \
    (error)->status = MW_OK;                               \
    action;                                                \
    if ((error)->status == MW_EINTR) rb_thread_check_ints(); \
  } while ((error)->status == MW_EINTR)

typedef struct waiting {
  mws_wait *wait;
  void *object;
  mw_deadline deadline;
  mw_error *error;
  int status;
} waiting;

static void *wait_without_lock(void *argument) {
  waiting *self = argument;
  self->status = mws_wait_slice(self->wait, self->object, self->deadline, self->error);
  return NULL;
}

/* The first try keeps Ruby's lock, because giving it away costs more than what is to be had at once. The second is not even begun
 * where an interrupt is pending, and counts as interrupted then. */
int mws_language_wait(mws_wait *wait, void *object, mw_deadline deadline, mw_error *error) {
  int status = wait(object, MW_DEADLINE_NOW, error);
  if (!mws_is_pending(status) || deadline == MW_DEADLINE_NOW) return status;
  waiting waiting = {.wait = wait, .object = object, .deadline = deadline, .error = error, .status = MW_EINTR};
  error->status = MW_EINTR;
  rb_thread_call_without_gvl2(wait_without_lock, &waiting, RUBY_UBF_IO, NULL);
  return waiting.status;
}

/* ---- errors: Memwell::Error, and a class below it for each stem of mws_error_kind */

static VALUE base_error(void) { return rb_define_class_under(mMemwell, "Error", rb_eStandardError); }

static VALUE error_class(int status) {
  char name[64];
  snprintf(name, sizeof name, "%sError", mws_error_kind(status));
  return rb_define_class_under(mMemwell, name, base_error());
}

static void define_errors(void) {
  for (int status = MW_EINVAL; status > -MW__STATUS_COUNT; status--) error_class(status);
}

NORETURN(static void raise_error(const mw_error *error));
static void raise_error(const mw_error *error) {
  char text[1024];
  mw_error_message(error, text, sizeof text);
  VALUE exception = rb_exc_new_str(error_class(error->status), rb_utf8_str_new_cstr(text));
  rb_ivar_set(exception, rb_intern("@code"), rb_utf8_str_new_cstr(mw_status_name(error->status) + strlen("MW_")));
  rb_ivar_set(exception, rb_intern("@errno"), INT2FIX(mws_error_errno(error)));
  rb_exc_raise(exception);
}

/* Of an argument, before the call: "Region.create" is whose object or class `caller` is, and the method that is running. */
NORETURN(static void refuse(int status, VALUE caller, const char *format, ...));
static void refuse(int status, VALUE caller, const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  VALUE reason = rb_vsprintf(format, arguments);
  va_end(arguments);
  VALUE noun = rb_mod_name(RB_TYPE_P(caller, T_CLASS) ? caller : rb_obj_class(caller));
  VALUE call = rb_sprintf("%" PRIsVALUE ".%s", noun, rb_id2name(rb_frame_this_func()));
  mw_error error;
  mws_fail(&error, status, StringValueCStr(call) + strlen("Memwell::"), NULL, "%s", StringValueCStr(reason));
  raise_error(&error);
}

NORETURN(static void refuse_type(VALUE given, const char *wanted));
static void refuse_type(VALUE given, const char *wanted) {
  rb_raise(rb_eTypeError, "%s expected, not %" PRIsVALUE, wanted, NIL_P(given) ? rb_str_new_cstr("nil") : rb_obj_class(given));
}

/* By its destructor an object of ours is known at once, where SWIG compares the names of types. NULL if it is none of the class. */
static void *known(VALUE object, const swig_class *noun) {
  return RB_TYPE_P(object, T_DATA) && RDATA(object)->dfree == noun->destroy ? DATA_PTR(object) : NULL;
}

/* ---- numbers */

static bool is_negative(VALUE integer) {
  return FIXNUM_P(integer) ? FIX2LONG(integer) < 0 : rb_big_cmp(integer, INT2FIX(0)) == INT2FIX(-1);
}

/* The low 64 bits, and whether there is more than these. */
static bool fits(VALUE integer, bool with_sign, uint64_t *out_bits) {
  int flags = INTEGER_PACK_NATIVE_BYTE_ORDER | (with_sign ? INTEGER_PACK_2COMP : 0);
  int sign = rb_integer_pack(integer, out_bits, 1, sizeof *out_bits, 0, flags);
  return with_sign ? sign != 2 && sign != -2 && (sign < 0) == ((int64_t)*out_bits < 0) : sign == 0 || sign == 1;
}

static uint64_t to_unsigned(VALUE given, VALUE caller, int status, const char *name) {
  uint64_t number;
  if (!RB_INTEGER_TYPE_P(given)) refuse_type(given, "an Integer");
  if (is_negative(given)) refuse(status, caller, "%s must not be negative, but is %" PRIsVALUE, name, given);
  if (!fits(given, false, &number)) refuse(status, caller, "%s must have 64 bits at most, but is %" PRIsVALUE, name, given);
  return number;
}

static uint64_t to_size(VALUE given, VALUE caller, const char *name) { return to_unsigned(given, caller, MW_EINVAL, name); }
static uint64_t to_index(VALUE given, VALUE caller, const char *name) { return to_unsigned(given, caller, MW_ERANGE, name); }

/* What cannot be meant for the sentinel is meant for a number behind every end, too. */
static mws_offset to_offset(VALUE given, VALUE caller, const char *name) {
  uint64_t offset = NIL_P(given) ? MWS_NOTHING : to_size(given, caller, name);
  return !NIL_P(given) && offset == MWS_NOTHING ? MWS_NOTHING - 1 : offset;
}

static VALUE from_offset(mws_offset offset) { return offset == MWS_NOTHING ? Qnil : ULL2NUM(offset); }

static int64_t to_signed(VALUE given, VALUE caller, int status) {
  uint64_t bits;
  if (!RB_INTEGER_TYPE_P(given)) refuse_type(given, "an Integer");
  if (!fits(given, true, &bits)) refuse(status, caller, "an Integer of more than 64 bits");
  return (int64_t)bits;
}

static int to_int(VALUE given, VALUE caller) {
  int64_t number = to_signed(given, caller, MW_EOVERFLOW);
  if (number < INT_MIN || number > INT_MAX) refuse(MW_EOVERFLOW, caller, "an Integer of more than 32 bits");
  return (int)number;
}

static mw_value to_value(VALUE given, VALUE caller) {
  mw_value value = {.kind = MW_VALUE_INT};
  if (FIXNUM_P(given)) {
    value.as.i = FIX2LONG(given);
  } else if (RB_FLOAT_TYPE_P(given)) {
    value.kind = MW_VALUE_FLOAT;
    value.as.f = RFLOAT_VALUE(given);
  } else if (given == Qtrue || given == Qfalse) {
    value.kind = MW_VALUE_BOOL;
    value.as.u = given == Qtrue;
  } else if (!RB_INTEGER_TYPE_P(given)) {
    refuse_type(given, "a number, true or false");
  } else if (is_negative(given)) {
    value.as.i = to_signed(given, caller, MW_EOVERFLOW);
  } else {
    value.kind = MW_VALUE_UINT;
    if (!fits(given, false, &value.as.u)) refuse(MW_EOVERFLOW, caller, "an Integer of more than 64 bits");
  }
  return value;
}

static VALUE from_value(mw_value value) {
  switch (value.kind) {
    case MW_VALUE_INT: return LL2NUM(value.as.i);
    case MW_VALUE_UINT: return ULL2NUM(value.as.u);
    case MW_VALUE_FLOAT: return DBL2NUM(value.as.f);
    default: return value.as.u ? Qtrue : Qfalse;
  }
}

/* Seconds, alone or as timeout: seconds; nil is for ever. */
static mw_deadline to_deadline(VALUE given, VALUE caller) {
  if (RB_TYPE_P(given, T_HASH)) {
    VALUE timeout = ID2SYM(rb_intern("timeout"));
    VALUE seconds = rb_hash_lookup2(given, timeout, Qundef);
    if (RHASH_SIZE(given) != 1 || seconds == Qundef) rb_raise(rb_eArgError, "the one keyword here is timeout:");
    given = seconds;
  }
  if (NIL_P(given)) return MW_DEADLINE_NEVER;
  if (!rb_obj_is_kind_of(given, rb_cNumeric)) refuse_type(given, "seconds, a number or nil,");
  double seconds = NUM2DBL(given);
  if (isnan(seconds)) refuse(MW_EINVAL, caller, "the timeout is not a number");
  return mw_deadline_after(seconds);
}

/* ---- text and bytes */

/* A copy that nobody else changes, in UTF-8 where it says what it is in. *out_kept must live for as long as the text. */
static const char *to_text(VALUE given, VALUE caller, volatile VALUE *out_kept) {
  if (SYMBOL_P(given)) given = rb_sym2str(given);
  if (!RB_TYPE_P(given, T_STRING)) refuse_type(given, "a String");
  if (rb_enc_get(given) != rb_ascii8bit_encoding()) given = rb_str_export_to_enc(given, rb_utf8_encoding());
  VALUE kept = rb_str_new_frozen(given);
  if (memchr(RSTRING_PTR(kept), 0, (size_t)RSTRING_LEN(kept))) refuse(MW_EINVAL, caller, "a NUL in the text");
  *out_kept = kept;
  return StringValueCStr(kept);
}

static VALUE from_text(const char *text) { return text ? rb_utf8_str_new_cstr(text) : Qnil; }

static const void *to_data(VALUE given, size_t *out_size) {
  const void *data;
  if (rb_obj_is_kind_of(given, rb_cIOBuffer)) {
    rb_io_buffer_get_bytes_for_reading(given, &data, out_size);
    return data;
  }
  if (!RB_TYPE_P(given, T_STRING)) refuse_type(given, "a String or IO::Buffer");
  *out_size = (size_t)RSTRING_LEN(given);
  return RSTRING_PTR(given);
}

static VALUE copy_bytes(VALUE argument) {
  const mws_bytes *bytes = (const mws_bytes *)argument;
  if (bytes->size > LONG_MAX) rb_raise(rb_eNoMemError, "no String has so many bytes");
  return rb_str_new(bytes->data, (long)bytes->size);
}

static VALUE from_bytes(mws_bytes *bytes, mw_error *error) {
  int raised = 0;
  VALUE string = rb_protect(copy_bytes, (VALUE)bytes, &raised);
  mws_bytes_end(bytes, error);
  if (raised) rb_jump_tag(raised);
  return string;
}

/* ---- a buffer keeps the region's memory; it has no other owner */

static void drop_region(void *region) { mw_region_drop(region); }

static const rb_data_type_t kept_region = {
    .wrap_struct_name = "memwell region",
    .function = {.dfree = drop_region},
    .flags = RUBY_TYPED_FREE_IMMEDIATELY,
};

static VALUE from_buffer(const mws_buffer *buffer) {
  VALUE kept = TypedData_Wrap_Struct(rb_cObject, &kept_region, buffer->held);
  enum rb_io_buffer_flags flags = RB_IO_BUFFER_EXTERNAL | (buffer->readonly ? RB_IO_BUFFER_READONLY : 0);
  VALUE shown = rb_io_buffer_new(buffer->data, buffer->size, flags);
  rb_ivar_set(shown, rb_intern("memwell_region"), kept);
  return shown;
}

/* ---- lists */

/* `status` is for what is wider than any extent. */
static const mws_extents *to_extents(VALUE given, VALUE caller, int status, mws_extents *place) {
  if (!RB_TYPE_P(given, T_ARRAY)) {
    place->count = 1;
    place->values[0] = to_signed(given, caller, status);
    return place;
  }
  if (RARRAY_LEN(given) > MW_MAX_DIMENSIONS) refuse(MW_EINVAL, caller, "too many dimensions");
  place->count = (int)RARRAY_LEN(given);
  for (int i = 0; i < place->count; i++) place->values[i] = to_signed(rb_ary_entry(given, i), caller, status);
  return place;
}

static VALUE from_extents(const mws_extents *extents) {
  VALUE list = rb_ary_new_capa(extents->count);
  for (int i = 0; i < extents->count; i++) rb_ary_push(list, LL2NUM(extents->values[i]));
  return list;
}

/* An Array, which Ruby makes faster than an object: start, stop, resume. nil where there is none. */
static VALUE from_span(mws_span span) {
  if (span.start == MWS_NOTHING) return Qnil;
  return rb_ary_new_from_args(3, ULL2NUM(span.start), ULL2NUM(span.stop), ULL2NUM(span.resume));
}

/* Depth first. A String is the growing store, so that whatever raises leaves nothing behind. */
static void flatten(VALUE list, VALUE store, VALUE caller, int depth) {
  if (depth > MW_MAX_DIMENSIONS) refuse(MW_EINVAL, caller, "a list that is nested too deeply");
  for (long i = 0; i < RARRAY_LEN(list); i++) {
    VALUE each = RARRAY_AREF(list, i);
    if (RB_TYPE_P(each, T_ARRAY)) {
      flatten(each, store, caller, depth + 1);
    } else {
      mw_value value = to_value(each, caller);
      rb_str_cat(store, (const char *)&value, sizeof value);
    }
  }
}

static mws_numbers to_numbers(VALUE given, VALUE caller, volatile VALUE *out_kept) {
  if (!RB_TYPE_P(given, T_ARRAY)) refuse_type(given, "an Array of numbers");
  VALUE store = rb_str_buf_new(RARRAY_LEN(given) * (long)sizeof(mw_value));
  flatten(given, store, caller, 1);
  *out_kept = store;
  return (mws_numbers){(uint64_t)RSTRING_LEN(store) / sizeof(mw_value), (mw_value *)RSTRING_PTR(store)};
}

typedef struct reader {
  const mws_elements *elements;
  const char *next;
} reader;

static VALUE read_dimension(reader *self, int dimension) {
  uint64_t count = self->elements->shape[dimension];
  VALUE list = rb_ary_new_capa((long)count);
  for (uint64_t i = 0; i < count; i++) {
    if (dimension + 1 < self->elements->ndim) {
      rb_ary_push(list, read_dimension(self, dimension + 1));
    } else {
      rb_ary_push(list, from_value(mw_dtype_load(self->elements->dtype, self->next)));
      self->next += mw_dtype_size(self->elements->dtype);
    }
  }
  return list;
}

static VALUE read_all(VALUE argument) { return read_dimension((reader *)argument, 0); }

static VALUE from_elements(mws_elements *elements, const mw_error *error) {
  int raised = 0;
  reader reader = {elements, elements->data};
  VALUE list = error->status ? Qnil : rb_protect(read_all, (VALUE)&reader, &raised);
  mws_elements_end(elements);
  if (raised) rb_jump_tag(raised);
  return list;
}

/* ---- seals, and named options */

static mws_seals to_seals(VALUE given, VALUE caller) {
  mws_seals seals = 0;
  VALUE names = RB_TYPE_P(given, T_ARRAY) ? given : rb_ary_new_from_args(1, given);
  for (long i = 0; i < RARRAY_LEN(names); i++) {
    volatile VALUE kept;
    mw_error error;
    unsigned seal;
    if (mw_seal_parse(to_text(RARRAY_AREF(names, i), caller, &kept), &error, &seal) < 0) raise_error(&error);
    seals |= seal;
    RB_GC_GUARD(kept);
  }
  return seals;
}

static VALUE from_seals(mws_seals seals) {
  VALUE names = rb_ary_new();
#define PUSH_NAME(constant, bit, name) \
  if (seals & MW_SEAL_##constant) rb_ary_push(names, rb_utf8_str_new_cstr(name));
  MW_SEAL_MAP(PUSH_NAME)
#undef PUSH_NAME
  return names;
}

typedef struct options_reader {
  mws_options *options;
  VALUE caller;
} options_reader;

static int set_option(mws_options *options, mws_option option, mws_option_kind kind, VALUE given, VALUE caller, mw_error *error) {
  volatile VALUE kept = Qnil;
  int status = 0;
  switch (kind) {
    case MWS_FLAG: mws_options_set_flag(options, option, RTEST(given)); break;
    case MWS_NUMBER: status = mws_options_set_number(options, error, option, to_signed(given, caller, MW_EINVAL)); break;
    case MWS_SECONDS: mws_options_set_deadline(options, to_deadline(given, caller)); break;
    case MWS_TEXT: status = mws_options_set_text(options, error, option, to_text(given, caller, &kept)); break;
    case MWS_SEALS: mws_options_set_seals(options, to_seals(given, caller)); break;
  }
  RB_GC_GUARD(kept);
  return status;
}

static int read_option(VALUE key, VALUE given, VALUE argument) {
  const options_reader *self = (const options_reader *)argument;
  volatile VALUE kept;
  mw_error error;
  mws_option option;
  mws_option_kind kind;
  int status = mws_option_parse(to_text(key, self->caller, &kept), &error, &option, &kind);
  if (!status) status = set_option(self->options, option, kind, given, self->caller, &error);
  if (status) raise_error(&error);
  RB_GC_GUARD(kept);
  return ST_CONTINUE;
}

static const mws_options *to_options(VALUE given, VALUE caller, mws_options *place) {
  if (NIL_P(given)) return NULL;
  if (!RB_TYPE_P(given, T_HASH)) refuse_type(given, "a Hash of options");
  options_reader reader = {place, caller};
  memset(place, 0, sizeof *place);
  rb_hash_foreach(given, read_option, (VALUE)&reader);
  return place;
}

/* ---- holding a lock while a block runs. Ruby looks for interrupts at every branch, and whenever a method returns, of C or not. So
 * what acquires and what gives back must be called from here, and not as methods: then nothing can come between acquiring and the
 * block, nor between the block and giving back, neither Ctrl-C nor Timeout nor Thread#kill. */

typedef struct holding {
  void *lock;
  void (*give_back)(void *lock, mw_error *error);
} holding;

static VALUE give_back(VALUE argument) {
  const holding *self = (const holding *)argument;
  mw_error error = {.status = MW_OK};
  self->give_back(self->lock, &error);
  if (error.status) raise_error(&error);
  return Qnil;
}

/* Yields `acquired`; where that is false there is nothing to give back. */
static VALUE hold(VALUE acquired, void *lock, void (*release)(void *lock, mw_error *error)) {
  holding holding = {lock, release};
  return RTEST(acquired) ? rb_ensure(rb_yield, acquired, give_back, (VALUE)&holding) : rb_yield(Qfalse);
}

static void give_back_semaphore(void *lock, mw_error *error) { mws_semaphore_release(lock, error, 1); }
static void give_back_permit(void *lock, mw_error *error) { mws_robust_semaphore_release(lock, error, 1); }

/* In whichever state the block has left it. */
static void give_back_mutex(void *lock, mw_error *error) {
  mws_mutex_release(lock, error);
  if (error->status == MW_EBUSY) mws_mutex_recover_end(lock, error, false);
}

/* ---- view[i] and view[i] = x, quickly: one index from the front, of a view of one dimension. The rest is Ruby's, View#[]. */

static swig_class SwigClassView;

/* The view, if this is such a case. */
static mws_view *quick_view(VALUE self, VALUE place, mws_extents *out_at) {
  mws_view *view = known(self, &SwigClassView);
  if (!view || !FIXNUM_P(place) || FIX2LONG(place) < 0 || mws_view_ndim(view) != 1) return NULL;
  out_at->count = 1;
  out_at->values[0] = FIX2LONG(place);
  return view;
}

static VALUE element_get(int argc, VALUE *argv, VALUE self) {
  mw_error error;
  mws_extents at;
  mws_view *view = argc == 1 ? quick_view(self, argv[0], &at) : NULL;
  if (!view) return rb_call_super(argc, argv);
  error.status = MW_OK;
  mw_value value = mws_view_get(view, &error, &at);
  if (error.status) raise_error(&error);
  return from_value(value);
}

static VALUE element_set(int argc, VALUE *argv, VALUE self) {
  mw_error error;
  mws_extents at;
  mws_view *view = argc == 2 ? quick_view(self, argv[0], &at) : NULL;
  if (!view) return rb_call_super(argc, argv);
  error.status = MW_OK;
  mws_view_set(view, &error, &at, to_value(argv[1], self));
  if (error.status) raise_error(&error);
  return argv[1];
}

static void define_elements(void) {
  VALUE elements = rb_define_module_under(mMemwell, "Elements");
  rb_define_method(elements, "[]", element_get, -1);
  rb_define_method(elements, "[]=", element_set, -1);
}

/* Whether it was acquired, and how. */
static VALUE from_recovery(int state) { return state < 0 ? Qfalse : state ? ID2SYM(rb_intern("inconsistent")) : Qtrue; }

static VALUE acquire_mutex_once(mws_mutex *self, mw_error *error, mw_deadline deadline, bool recovering) {
  if (recovering) return from_recovery(mws_mutex_recover_begin(self, error, deadline));
  return mws_mutex_acquire(self, error, deadline) ? Qtrue : Qfalse;
}
%}

%init %{
  define_errors();
  define_elements();
%}

%extend mws_semaphore {
  VALUE hold(mw_error *error, mw_deadline timeout) {
    bool acquired;
    BETWEEN_INTERRUPTS(error, acquired = mws_semaphore_acquire($self, error, timeout));
    return error->status ? Qnil : hold(acquired ? Qtrue : Qfalse, $self, give_back_semaphore);
  }
}

%extend mws_robust_semaphore {
  VALUE hold(mw_error *error, mw_deadline timeout) {
    bool acquired;
    BETWEEN_INTERRUPTS(error, acquired = mws_robust_semaphore_acquire($self, error, timeout));
    return error->status ? Qnil : hold(acquired ? Qtrue : Qfalse, $self, give_back_permit);
  }
}

%extend mws_mutex {
  VALUE hold(mw_error *error, mw_deadline timeout, bool recovering) {
    VALUE acquired;
    BETWEEN_INTERRUPTS(error, acquired = acquire_mutex_once($self, error, timeout, recovering));
    return error->status ? Qnil : hold(acquired, $self, give_back_mutex);
  }
}

/* ---- typemaps */

%typemap(in, numinputs=0) mw_error *error (mw_error problem) {
  memset(&problem, 0, sizeof problem);
  $1 = &problem;
}
%typemap(argout) mw_error *error { if ($1->status) raise_error($1); }

%typemap(out) int mws_mutex::recover_begin { $result = from_recovery($1); }

%define KNOWN_AT_ONCE(type, noun)
%typemap(in) type * {
  $1 = known($input, &SwigClass##noun);
  if (!$1) refuse_type($input, "a Memwell::" #noun);
}
%enddef
KNOWN_AT_ONCE(mws_region, Region)
KNOWN_AT_ONCE(mws_view, View)
KNOWN_AT_ONCE(mws_semaphore, Semaphore)
KNOWN_AT_ONCE(mws_well, Well)
KNOWN_AT_ONCE(mws_mutex, Mutex)
KNOWN_AT_ONCE(mws_robust_semaphore, RobustSemaphore)
KNOWN_AT_ONCE(mws_event, Event)

%typemap(in) uint64_t { $1 = to_size($input, self, "$1_name"); }
%typemap(out) uint64_t { $result = ULL2NUM($1); }
%typemap(in) mws_offset { $1 = to_offset($input, self, "$1_name"); }
%typemap(out) mws_offset { $result = from_offset($1); }
%typemap(in) uint64_t i, uint64_t index { $1 = to_index($input, self, "$1_name"); }
%typemap(in) int64_t { $1 = to_signed($input, self, MW_EOVERFLOW); }
%typemap(out) int64_t { $result = LL2NUM($1); }
%typemap(in) int, int32_t { $1 = to_int($input, self); }
%typemap(out) int, int32_t { $result = INT2NUM($1); }
%typemap(in) unsigned { $1 = mws_unsigned(to_size($input, self, "$1_name")); }
%typemap(out) unsigned { $result = UINT2NUM($1); }
%typemap(in) bool { $1 = RTEST($input); }
%typemap(out) bool { $result = $1 ? Qtrue : Qfalse; }
%typemap(in) mw_deadline { $1 = to_deadline($input, self); }
%typemap(in) mw_value { $1 = to_value($input, self); }
%typemap(out) mw_value { $result = from_value($1); }

%typemap(in) const char * (volatile VALUE kept = Qnil) { $1 = (char *)to_text($input, self, &kept); }
%typemap(in) const char *OPTIONAL_TEXT (volatile VALUE kept = Qnil) {
  $1 = NIL_P($input) ? NULL : (char *)to_text($input, self, &kept);
}
%typemap(freearg) const char * { RB_GC_GUARD(kept$argnum); }
%typemap(out) const char *, char [ANY] { $result = from_text($1); }

%typemap(in) (const void *data, size_t size) { $1 = (void *)to_data($input, &$2); }
%typemap(out) mws_bytes { $result = from_bytes(&$1, arg2); }
%typemap(out) mws_buffer { $result = arg2->status ? Qnil : from_buffer(&$1); }

%typemap(in) const mws_extents * (mws_extents extents) {
  $1 = NIL_P($input) ? NULL : (mws_extents *)to_extents($input, self, MW_EINVAL, &extents);
}
%typemap(in) const mws_extents *indices (mws_extents extents), const mws_extents *at (mws_extents extents) {
  $1 = (mws_extents *)to_extents($input, self, MW_ERANGE, &extents);
}
%typemap(out) mws_extents { $result = from_extents(&$1); }
%typemap(out) mws_span { $result = from_span($1); }
%typemap(in) mws_numbers (volatile VALUE kept = Qnil) { $1 = to_numbers($input, self, &kept); }
%typemap(freearg) mws_numbers { RB_GC_GUARD(kept$argnum); }
%typemap(out) mws_elements { $result = from_elements(&$1, arg2); }
%typemap(in) mws_seals { $1 = to_seals($input, self); }
%typemap(out) mws_seals { $result = from_seals($1); }
%typemap(in) const mws_options * (mws_options options) { $1 = (mws_options *)to_options($input, self, &options); }
