/* Objects: a reference to a scalar with magic, blessed. What is in the scalar says nothing, so that no program can forge one, and
 * the magic frees the C object when the scalar goes, at the end of the program too. Threads get none: their copy of the magic is
 * empty (and the classes have CLONE_SKIP).
 *
 * SPDX-License-Identifier: MIT */
#include "convert.h"

static int free_object(pTHX_ SV *sv, MAGIC *magic) {
  const mws_perl_class *class = (const mws_perl_class *)magic->mg_virtual;
  PERL_UNUSED_VAR(sv);
  if (magic->mg_ptr) class->free(magic->mg_ptr);
  magic->mg_ptr = NULL;
  return 0;
}

static int forget_object(pTHX_ MAGIC *magic, CLONE_PARAMS *parameters) {
  PERL_UNUSED_VAR(parameters);
  magic->mg_ptr = NULL;
  return 0;
}

#define MWS_PERL_CLASS(noun, name)                                     \
  static void free_##noun(void *object) { mws_##noun##_free(object); } \
  const mws_perl_class mws_perl_##noun = {                             \
      .table = {.svt_free = free_object, .svt_dup = forget_object},    \
      .package = "Memwell::" name,                                     \
      .free = free_##noun,                                             \
  }

MWS_PERL_CLASS(region, "Region");
MWS_PERL_CLASS(view, "View");
MWS_PERL_CLASS(semaphore, "Semaphore");
MWS_PERL_CLASS(well, "Well");
MWS_PERL_CLASS(mutex, "Mutex");
MWS_PERL_CLASS(robust_semaphore, "RobustSemaphore");
MWS_PERL_CLASS(event, "Event");

SV *mws_perl_wrap(pTHX_ void *object, const mws_perl_class *class, SV *owner) {
  if (!object) return &PL_sv_undef;
  SV *sv = newSV_type(SVt_PVMG);
  MAGIC *magic = sv_magicext(sv, owner && SvROK(owner) ? SvRV(owner) : NULL, PERL_MAGIC_ext, &class->table, object, 0);
  magic->mg_flags |= MGf_DUP;
  SV *reference = sv_2mortal(newRV_noinc(sv));
  sv_bless(reference, gv_stashpv(class->package, GV_ADD));
  return reference;
}

static MAGIC *find(SV *sv, const mws_perl_class *class) {
  return SvROK(sv) && SvTYPE(SvRV(sv)) == SVt_PVMG ? mg_findext(SvRV(sv), PERL_MAGIC_ext, &class->table) : NULL;
}

void *mws_perl_object(pTHX_ SV *sv, const mws_perl_class *class, const char *call, const char *parameter) {
  SvGETMAGIC(sv);
  const MAGIC *magic = find(sv, class);
  if (!magic || !magic->mg_ptr) mws_perl_refuse(aTHX_ call, parameter, class->package, sv);
  return magic->mg_ptr;
}

void *mws_perl_disown(pTHX_ SV *sv, const mws_perl_class *class, const char *call) {
  MAGIC *magic = find(sv, class);
  if (!magic) mws_perl_refuse(aTHX_ call, "self", class->package, sv);
  void *object = magic->mg_ptr;
  magic->mg_ptr = NULL;
  return object;
}
