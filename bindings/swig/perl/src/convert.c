/* Scalars to C and back. Main entries: mws_perl_value, mws_perl_new_value.
 *
 * SPDX-License-Identifier: MIT */
#include "convert.h"

#include <math.h>

#include "memwell/pages.h"

#define TWO_TO_63 9223372036854775808.0
#define TWO_TO_64 18446744073709551616.0

static void fail(pTHX_ int status, const char *call, const char *parameter, const char *reason, SV *got) {
  mw_error error;
  mws_fail(&error, status, call, NULL, "%s %.40s %s", parameter, SvPV_nolen(sv_mortalcopy(got)), reason);
  mws_perl_dot(error.call);
  mws_perl_raise(aTHX_ & error);
}

/* ---- numbers: an integer stays one, to its last bit; a string is the number that Perl reads in it */

static mw_value of_unsigned(UV number) { return (mw_value){.kind = MW_VALUE_UINT, .as = {.u = number}}; }
static mw_value of_signed(IV number) { return (mw_value){.kind = MW_VALUE_INT, .as = {.i = number}}; }
static mw_value of_float(NV number) { return (mw_value){.kind = MW_VALUE_FLOAT, .as = {.f = number}}; }

/* What is an integer but for its size is no float: that would be another number. */
static bool parse(pTHX_ SV *sv, mw_value *out_value, bool *out_too_large) {
  UV number;
  STRLEN size;
  const char *text = SvPV_nomg(sv, size);
  int kind = grok_number(text, size, &number);
  bool negative = kind & IS_NUMBER_NEG, is_integer = (kind & ~IS_NUMBER_NEG) == IS_NUMBER_IN_UV;
  *out_too_large = (kind & IS_NUMBER_GREATER_THAN_UV_MAX && !(kind & IS_NUMBER_NOT_INT)) ||
                   (is_integer && negative && number > (UV)INT64_MAX + 1);
  if (!kind) return false;
  if (is_integer)
    *out_value = negative ? of_signed((IV)-number) : of_unsigned(number);
  else /* of a copy, which ends in NUL; a buffer may not */
    *out_value = of_float(SvNV(newSVpvn_flags(text, size, SVs_TEMP)));
  return true;
}

/* Without its magic; an object that has a text stands for that. */
static SV *plain(pTHX_ SV *sv) {
  if (SvGMAGICAL(sv)) sv = sv_mortalcopy(sv);
  if (!SvROK(sv) || !SvAMAGIC(sv)) return sv;
  STRLEN size;
  const char *text = SvPV_nomg(sv, size);
  return newSVpvn_flags(text, size, SVs_TEMP);
}

#ifdef SvIsBOOL
#define is_bool(sv) SvIsBOOL(sv)
#else
#define is_bool(sv) ((sv) == &PL_sv_yes || (sv) == &PL_sv_no)
#endif

static bool to_value(pTHX_ SV *sv, mw_value *out_value, bool *out_too_large) {
  if (SvROK(sv) || !SvOK(sv)) return false;
  if (is_bool(sv))
    *out_value = (mw_value){.kind = MW_VALUE_BOOL, .as = {.u = SvTRUE_nomg(sv)}};
  else if (SvIOK(sv))
    *out_value = SvIsUV(sv) ? of_unsigned(SvUVX(sv)) : of_signed(SvIVX(sv));
  else if (SvNOK(sv) && !SvPOK(sv)) /* a text that Perl has made a float of is better read anew */
    *out_value = of_float(SvNVX(sv));
  else
    return parse(aTHX_ sv, out_value, out_too_large);
  return true;
}

static mw_value read_value(pTHX_ SV *sv, const char *call, const char *parameter, const char *wanted, int beyond) {
  mw_value value;
  bool too_large = false;
  SV *read = plain(aTHX_ sv);
  if (!to_value(aTHX_ read, &value, &too_large)) mws_perl_refuse(aTHX_ call, parameter, wanted, sv);
  if (too_large) fail(aTHX_ beyond, call, parameter, "has more than 64 bits", sv);
  return value;
}

mw_value mws_perl_value(pTHX_ SV *sv, const char *call, const char *parameter) {
  return read_value(aTHX_ sv, call, parameter, "a number", MW_EOVERFLOW);
}

/* A float that is integral is an integer too: Perl has made it of one. True where it has 64 bits. */
static bool to_integer(mw_value *value) {
  double number = value->as.f;
  if (value->kind != MW_VALUE_FLOAT) return true;
  if (number >= 0 && number < TWO_TO_64)
    *value = of_unsigned((UV)number);
  else if (number < 0 && number >= -TWO_TO_63)
    *value = of_signed((IV)number);
  else
    return false;
  return true;
}

/* Fails with `beyond` where it is no number from `least` to `most`, or, of the negative ones, with `below`. */
static mw_value read_integer(pTHX_ SV *sv, const char *call, const char *parameter, int64_t least, uint64_t most, int below,
                             int beyond) {
  mw_value value = read_value(aTHX_ sv, call, parameter, "an integer", beyond);
  if (value.kind == MW_VALUE_FLOAT && floor(value.as.f) != value.as.f) mws_perl_refuse(aTHX_ call, parameter, "an integer", sv);
  if (!to_integer(&value)) fail(aTHX_ beyond, call, parameter, "has more than 64 bits", sv);
  bool negative = value.kind == MW_VALUE_INT && value.as.i < 0;
  if (negative && value.as.i < least) fail(aTHX_ below, call, parameter, least ? "is out of range" : "is negative", sv);
  if (!negative && value.as.u > most) fail(aTHX_ beyond, call, parameter, "is out of range", sv);
  return value;
}

uint64_t mws_perl_unsigned(pTHX_ SV *sv, const char *call, const char *parameter) {
  return read_integer(aTHX_ sv, call, parameter, 0, UINT64_MAX, MW_EINVAL, MW_EOVERFLOW).as.u;
}

uint64_t mws_perl_index(pTHX_ SV *sv, const char *call, const char *parameter) {
  return read_integer(aTHX_ sv, call, parameter, 0, UINT64_MAX, MW_ERANGE, MW_ERANGE).as.u;
}

int64_t mws_perl_integer(pTHX_ SV *sv, const char *call, const char *parameter, int64_t least, int64_t most) {
  int below = least ? MW_EOVERFLOW : MW_EINVAL;
  return read_integer(aTHX_ sv, call, parameter, least, (uint64_t)most, below, MW_EOVERFLOW).as.i;
}

mw_deadline mws_perl_deadline(pTHX_ SV *sv, const char *call, const char *parameter) {
  SvGETMAGIC(sv);
  if (!SvOK(sv)) return MW_DEADLINE_NEVER;
  mw_value value = read_value(aTHX_ sv, call, parameter, "a number of seconds, or undef", MW_EINVAL);
  double seconds = value.kind == MW_VALUE_FLOAT ? value.as.f : value.kind == MW_VALUE_INT ? (double)value.as.i : (double)value.as.u;
  if (isnan(seconds) || seconds < 0) fail(aTHX_ MW_EINVAL, call, parameter, "is no span of time", sv);
  return mw_deadline_after(seconds);
}

/* A number, or any of Perl's handles. */
int mws_perl_descriptor(pTHX_ SV *sv, const char *call, const char *parameter) {
  SvGETMAGIC(sv);
  bool is_handle = isGV_with_GP(sv) || (SvROK(sv) && (isGV_with_GP(SvRV(sv)) || SvTYPE(SvRV(sv)) == SVt_PVIO));
  if (!is_handle) return (int)mws_perl_integer(aTHX_ sv, call, parameter, INT_MIN, INT_MAX);
  PerlIO *file = IoIFP(sv_2io(sv));
  int fd = file ? PerlIO_fileno(file) : -1;
  if (fd < 0) mws_perl_refuse(aTHX_ call, parameter, "an open handle with a descriptor", sv);
  return fd;
}

/* ---- text and bytes */

/* As Perl's own open reads a name: the bytes of the string as it is kept, which are UTF-8 where there are wide characters. */
const char *mws_perl_text(pTHX_ SV *sv, const char *call, const char *parameter) {
  SvGETMAGIC(sv);
  if (!SvOK(sv) || (SvROK(sv) && !SvAMAGIC(sv))) mws_perl_refuse(aTHX_ call, parameter, "a string", sv);
  STRLEN size;
  const char *text = SvPV_nomg(sv, size);
  if (memchr(text, 0, size)) mws_perl_refuse(aTHX_ call, parameter, "a string without NUL", sv);
  return SvPVX_const(newSVpvn_flags(text, size, SVs_TEMP));
}

SV *mws_perl_check_bytes(pTHX_ SV *sv, const char *call, const char *parameter) {
  SvGETMAGIC(sv);
  if (SvROK(sv) && !SvOBJECT(SvRV(sv)) && SvTYPE(SvRV(sv)) < SVt_PVAV) {
    sv = SvRV(sv);
    SvGETMAGIC(sv);
  }
  if (!SvOK(sv) || (SvROK(sv) && !SvAMAGIC(sv))) mws_perl_refuse(aTHX_ call, parameter, "a string of bytes", sv);
  return SvROK(sv) ? plain(aTHX_ sv) : sv_2mortal(SvREFCNT_inc_simple_NN(sv));
}

const void *mws_perl_bytes(pTHX_ SV *sv, const char *call, const char *parameter, size_t *out_size) {
  STRLEN size = 0;
  const char *bytes;
  if (!SvOK(sv)) mws_perl_refuse(aTHX_ call, parameter, "a string of bytes", sv);
  if (SvUTF8(sv)) {
    sv = newSVsv_nomg(sv);
    sv_2mortal(sv);
    if (!sv_utf8_downgrade(sv, true)) mws_perl_refuse(aTHX_ call, parameter, "bytes, not wide characters", sv);
  }
  bytes = SvPV_nomg_const(sv, size);
  *out_size = size;
  return bytes;
}

/* ---- lists */

static AV *list_of(SV *sv) { return SvROK(sv) && SvTYPE(SvRV(sv)) == SVt_PVAV ? (AV *)SvRV(sv) : NULL; }

static SV *item(pTHX_ AV *list, SSize_t i) {
  SV **found = av_fetch(list, i, 0);
  return found ? *found : &PL_sv_undef;
}

static int64_t extent(pTHX_ SV *sv, const char *call, const char *parameter) {
  return read_integer(aTHX_ sv, call, parameter, INT64_MIN, INT64_MAX, MW_ERANGE, MW_ERANGE).as.i;
}

mws_extents mws_perl_extents(pTHX_ SV *sv, const char *call, const char *parameter) {
  mws_extents extents = {.count = 1};
  SvGETMAGIC(sv);
  AV *list = list_of(sv);
  if (!list) {
    extents.values[0] = extent(aTHX_ sv, call, parameter);
    return extents;
  }
  SSize_t count = av_len(list) + 1;
  if (count > MW_MAX_DIMENSIONS) fail(aTHX_ MW_EINVAL, call, parameter, "extents are more than 8", sv_2mortal(newSViv(count)));
  for (SSize_t i = 0; i < count; i++) extents.values[i] = extent(aTHX_ item(aTHX_ list, i), call, parameter);
  extents.count = (int)count;
  return extents;
}

#define DEEPEST (2 * MW_MAX_DIMENSIONS) /* a list that contains itself ends here */

typedef struct flattening {
  const char *call;
  const char *parameter;
  SV *memory; /* its string is the values, so that nobody has to free them */
  uint64_t count;
} flattening;

static void append(pTHX_ flattening *numbers, SV *sv) {
  mw_value value = mws_perl_value(aTHX_ sv, numbers->call, numbers->parameter);
  sv_catpvn(numbers->memory, (const char *)&value, sizeof value);
  numbers->count++;
}

static void flatten(pTHX_ flattening *numbers, AV *list, int depth) {
  if (depth > DEEPEST)
    mws_perl_refuse(aTHX_ numbers->call, numbers->parameter, "nested less deeply", sv_2mortal(newRV((SV *)list)));
  for (SSize_t i = 0; i <= av_len(list); i++) {
    SV *sv = item(aTHX_ list, i);
    SvGETMAGIC(sv);
    AV *inner = list_of(sv);
    if (inner)
      flatten(aTHX_ numbers, inner, depth + 1);
    else
      append(aTHX_ numbers, sv);
  }
}

mws_numbers mws_perl_numbers(pTHX_ SV *sv, const char *call, const char *parameter) {
  flattening numbers = {call, parameter, newSVpvn_flags("", 0, SVs_TEMP), 0};
  SvGETMAGIC(sv);
  AV *list = list_of(sv);
  if (!list) mws_perl_refuse(aTHX_ call, parameter, "a reference to an array of numbers", sv);
  SvGROW(numbers.memory, (size_t)(av_len(list) + 2) * sizeof(mw_value));
  flatten(aTHX_ & numbers, list, 1);
  return (mws_numbers){numbers.count, (mw_value *)SvPVX(numbers.memory)};
}

mws_seals mws_perl_seals(pTHX_ SV *sv, const char *call, const char *parameter) {
  mws_seals seals = 0;
  SvGETMAGIC(sv);
  AV *list = list_of(sv);
  if (!list) mws_perl_refuse(aTHX_ call, parameter, "a reference to an array of names", sv);
  for (SSize_t i = 0; i <= av_len(list); i++) {
    unsigned seal = 0;
    mw_error error = {0};
    if (mw_seal_parse(mws_perl_text(aTHX_ item(aTHX_ list, i), call, parameter), &error, &seal) < 0) mws_perl_raise(aTHX_ & error);
    seals |= seal;
  }
  return seals;
}

/* ---- options */

/* undef is "as if it were not there", but for a time-out, which is for ever then. */
static void set_option(pTHX_ mws_options *options, const char *name, SV *sv, const char *call) {
  mws_option option;
  mws_option_kind kind;
  mw_error error = {0};
  SvGETMAGIC(sv);
  int status = mws_option_parse(name, &error, &option, &kind);
  if (!status && (SvOK(sv) || kind == MWS_SECONDS)) switch (kind) {
      case MWS_FLAG: mws_options_set_flag(options, option, SvTRUE_nomg(sv)); break;
      case MWS_NUMBER:
        status = mws_options_set_number(options, &error, option, mws_perl_integer(aTHX_ sv, call, name, INT64_MIN, INT64_MAX));
        break;
      case MWS_SECONDS: mws_options_set_deadline(options, mws_perl_deadline(aTHX_ sv, call, name)); break;
      case MWS_TEXT: status = mws_options_set_text(options, &error, option, mws_perl_text(aTHX_ sv, call, name)); break;
      case MWS_SEALS: mws_options_set_seals(options, mws_perl_seals(aTHX_ sv, call, name)); break;
    }
  if (status) mws_perl_raise(aTHX_ & error);
}

mws_options mws_perl_options(pTHX_ SV *sv, const char *call, const char *parameter) {
  mws_options options = {0};
  SvGETMAGIC(sv);
  if (!SvROK(sv) || SvTYPE(SvRV(sv)) != SVt_PVHV) mws_perl_refuse(aTHX_ call, parameter, "a reference to a hash", sv);
  HV *hash = (HV *)SvRV(sv);
  hv_iterinit(hash);
  for (HE *entry = hv_iternext(hash); entry; entry = hv_iternext(hash))
    set_option(aTHX_ & options, SvPV_nolen(hv_iterkeysv(entry)), hv_iterval(hash, entry), call);
  return options;
}

/* ---- to Perl */

static SV *new_value(pTHX_ mw_value value) {
  switch (value.kind) {
    case MW_VALUE_INT: return newSViv(value.as.i);
    case MW_VALUE_UINT: return newSVuv(value.as.u);
    case MW_VALUE_FLOAT: return newSVnv(value.as.f);
    case MW_VALUE_BOOL: break;
  }
  return newSVsv(boolSV(value.as.u));
}

SV *mws_perl_new_value(pTHX_ mw_value value) { return sv_2mortal(new_value(aTHX_ value)); }

static SV *new_text(pTHX_ const char *text) {
  SV *sv = newSVpv(text, 0);
  sv_utf8_decode(sv);
  return sv;
}

SV *mws_perl_new_text(pTHX_ const char *text) { return text ? sv_2mortal(new_text(aTHX_ text)) : &PL_sv_undef; }

static SV *new_list(pTHX_ AV *list) { return sv_2mortal(newRV_noinc((SV *)list)); }

SV *mws_perl_new_extents(pTHX_ const mws_extents *extents) {
  AV *list = newAV();
  for (int i = 0; i < extents->count; i++) av_push(list, newSViv(extents->values[i]));
  return new_list(aTHX_ list);
}

/* The elements of one dimension, from `element` on, which moves past them. */
static AV *new_row(pTHX_ const mws_elements *elements, int dimension, const char **element) {
  AV *row = newAV();
  uint64_t count = elements->shape[dimension];
  if (count) av_extend(row, (SSize_t)count - 1);
  for (uint64_t i = 0; i < count; i++) {
    if (dimension + 1 < elements->ndim) {
      av_push(row, newRV_noinc((SV *)new_row(aTHX_ elements, dimension + 1, element)));
    } else {
      av_push(row, new_value(aTHX_ mw_dtype_load(elements->dtype, *element)));
      *element += mw_dtype_size(elements->dtype);
    }
  }
  return row;
}

SV *mws_perl_new_elements(pTHX_ const mws_elements *elements) {
  const char *element = elements->data;
  return element ? new_list(aTHX_ new_row(aTHX_ elements, 0, &element)) : &PL_sv_undef;
}

SV *mws_perl_new_seals(pTHX_ mws_seals seals) {
  AV *list = newAV();
#define PUSH_SEAL(constant, bit, name) \
  if (seals & MW_SEAL_##constant) av_push(list, newSVpvs(name));
  MW_SEAL_MAP(PUSH_SEAL)
#undef PUSH_SEAL
  return new_list(aTHX_ list);
}

SV *mws_perl_new_span(pTHX_ const mws_span *span) {
  if (span->start == MWS_NOTHING) return &PL_sv_undef;
  AV *list = newAV();
  av_push(list, newSVuv(span->start));
  av_push(list, newSVuv(span->stop));
  av_push(list, newSVuv(span->resume));
  return new_list(aTHX_ list);
}

/* ---- what a well says */

static void put(pTHX_ HV *hash, const char *key, SV *value) { (void)hv_store(hash, key, (I32)strlen(key), value, 0); }

static SV *new_slot(pTHX_ int slot) { return slot < 0 ? newSV(0) : newSViv(slot); }

static SV *new_info(pTHX_ HV *hash, const char *package) { return sv_bless(newRV_noinc((SV *)hash), gv_stashpv(package, GV_ADD)); }

static SV *new_object(pTHX_ const mws_object_info *info) {
  HV *hash = newHV();
  mws_extents shape = mws_object_info_shape(info);
  const char *dtype = mws_object_info_dtype(info);
  put(aTHX_ hash, "name", new_text(aTHX_ info->name));
  put(aTHX_ hash, "kind", newSVpv(info->kind, 0));
  put(aTHX_ hash, "offset", newSVuv(info->offset));
  put(aTHX_ hash, "size", newSVuv(info->size));
  put(aTHX_ hash, "owner", new_slot(aTHX_ info->owner));
  put(aTHX_ hash, "inconsistent", newSVsv(boolSV(info->inconsistent)));
  put(aTHX_ hash, "waiters", newSVuv(info->waiters));
  put(aTHX_ hash, "capacity", info->capacity ? newSVuv(info->capacity) : newSV(0));
  put(aTHX_ hash, "held", info->capacity ? newSVuv(info->held) : newSV(0));
  put(aTHX_ hash, "dtype", dtype ? newSVpv(dtype, 0) : newSV(0));
  put(aTHX_ hash, "shape", shape.count ? SvREFCNT_inc(mws_perl_new_extents(aTHX_ & shape)) : newSV(0));
  return new_info(aTHX_ hash, "Memwell::ObjectInfo");
}

static SV *new_participant(pTHX_ const mws_participant_info *info) {
  HV *hash = newHV();
  put(aTHX_ hash, "slot", newSViv(info->slot));
  put(aTHX_ hash, "pid", newSViv(info->pid));
  put(aTHX_ hash, "own", newSVsv(boolSV(info->own)));
  put(aTHX_ hash, "condition", newSVpv(info->condition, 0));
  return new_info(aTHX_ hash, "Memwell::ParticipantInfo");
}

SV *mws_perl_new_objects(pTHX_ mws_objects *objects) {
  mw_error error = {0};
  AV *list = newAV();
  for (uint64_t i = 0; objects && i < mws_objects_length(objects); i++) {
    mws_object_info info = mws_objects_at(objects, &error, i);
    av_push(list, new_object(aTHX_ & info));
  }
  mws_objects_free(objects);
  return new_list(aTHX_ list);
}

SV *mws_perl_new_participants(pTHX_ mws_participants *participants) {
  mw_error error = {0};
  AV *list = newAV();
  for (uint64_t i = 0; participants && i < mws_participants_length(participants); i++) {
    mws_participant_info info = mws_participants_at(participants, &error, i);
    av_push(list, new_participant(aTHX_ & info));
  }
  mws_participants_free(participants);
  return new_list(aTHX_ list);
}
