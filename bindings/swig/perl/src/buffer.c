/* Buffers: a scalar whose string is the memory itself, so that substr, vec, pack, unpack and patterns work in place.
 *
 * The scalar does not own its string (SvLEN is 0), and its magic holds the region. Perl puts another string into a scalar where a
 * statement assigns to it as a whole, or changes its length. The magic then copies what was assigned into the memory and points the
 * scalar at it again, or, where that has another length, leaves the memory as it is and dies: no assignment detaches a buffer.
 *
 * SPDX-License-Identifier: MIT */
#include "convert.h"

static char *data_of(const mws_buffer *memory) { return memory->size ? memory->data : (char *)""; }

static void point(SV *sv, const mws_buffer *memory) {
  SvPV_set(sv, data_of(memory));
  SvCUR_set(sv, memory->size);
  SvLEN_set(sv, 0);
  SvPOK_only(sv);
}

static bool is_pointed(SV *sv, const mws_buffer *memory) {
  return SvPOK(sv) && !SvUTF8(sv) && SvPVX_const(sv) == data_of(memory) && SvCUR(sv) == memory->size;
}

/* Whatever the scalar has instead of the memory goes. */
static void point_again(pTHX_ SV *sv, const mws_buffer *memory) {
  if (SvIsCOW(sv)) sv_force_normal_flags(sv, SV_COW_DROP_PV);
  if (SvROK(sv)) sv_unref_flags(sv, SV_IMMEDIATE_UNREF);
  SvPV_free(sv);
  point(sv, memory);
}

static void refuse(pTHX_ const char *reason) {
  mw_error error;
  mws_fail(&error, MW_EINVAL, "Region.buffer", NULL, "%s", reason);
  mws_perl_raise(aTHX_ & error);
}

static void copy_in(pTHX_ const mws_buffer *memory, SV *given) {
  if (!SvOK(given) || SvROK(given)) refuse(aTHX_ "a string is wanted; the memory is as it was");
  if (SvUTF8(given) && !sv_utf8_downgrade(given, true))
    refuse(aTHX_ "bytes are wanted, not wide characters; the memory is as it was");
  STRLEN size;
  const char *bytes = SvPV(given, size);
  mw_error error;
  if (size == memory->size) {
    memcpy(memory->data, bytes, size);
  } else {
    mws_fail(&error, MW_EINVAL, "Region.buffer", NULL, "%zu bytes for a buffer of %" UVuf "; substr writes a part of it", size,
             (UV)memory->size);
    mws_perl_raise(aTHX_ & error);
  }
}

/* svt_set: after an assignment, and after whatever worked in place. */
static int settle(pTHX_ SV *sv, MAGIC *magic) {
  const mws_buffer *memory = (const mws_buffer *)magic->mg_ptr;
  if (is_pointed(sv, memory)) return 0;
  SV *given = sv_newmortal();
  if (SvOK(sv)) sv_setsv_flags(given, sv, 0);
  point_again(aTHX_ sv, memory);
  copy_in(aTHX_ memory, given);
  return 0;
}

/* svt_get: a number that Perl has made of older bytes is forgotten. */
static int look(pTHX_ SV *sv, MAGIC *magic) {
  const mws_buffer *memory = (const mws_buffer *)magic->mg_ptr;
  if (!is_pointed(sv, memory)) return settle(aTHX_ sv, magic);
  if (SvNIOKp(sv)) SvPOK_only(sv);
  return 0;
}

static int release(pTHX_ SV *sv, MAGIC *magic) {
  mws_buffer *memory = (mws_buffer *)magic->mg_ptr;
  if (SvPVX_const(sv) == data_of(memory)) {
    SvPV_set(sv, NULL);
    SvOK_off(sv);
  }
  mw_region_drop(memory->held);
  Safefree(memory);
  return 0;
}

/* A new thread's copy of the scalar is the same memory. */
static int hold(pTHX_ MAGIC *magic, CLONE_PARAMS *parameters) {
  mws_buffer *memory;
  PERL_UNUSED_VAR(parameters);
  Newx(memory, 1, mws_buffer);
  *memory = *(const mws_buffer *)magic->mg_ptr;
  mw_region_hold(memory->held);
  magic->mg_ptr = (char *)memory;
  return 0;
}

/* `local` makes another scalar, which is none of ours. */
static int let_go(pTHX_ SV *sv, MAGIC *magic) {
  PERL_UNUSED_CONTEXT;
  PERL_UNUSED_VAR(sv);
  PERL_UNUSED_VAR(magic);
  return 0;
}

static const MGVTBL table = {.svt_get = look, .svt_set = settle, .svt_free = release, .svt_dup = hold, .svt_local = let_go};

SV *mws_perl_buffer(pTHX_ const mws_buffer *buffer) {
  mws_buffer *memory;
  if (!buffer->held) return &PL_sv_undef;
  Newx(memory, 1, mws_buffer);
  *memory = *buffer;
  SV *sv = newSV_type(SVt_PVMG);
  MAGIC *magic = sv_magicext(sv, NULL, PERL_MAGIC_ext, &table, (const char *)memory, 0);
  magic->mg_flags |= MGf_DUP | MGf_LOCAL;
  point(sv, memory);
  if (memory->readonly) SvREADONLY_on(sv);
  return sv_2mortal(newRV_noinc(sv));
}
