/* Perl: what memwell takes and gives, as Perl's own. The conversions are C functions of perl/src; what is here says which type is
 * converted by which. perl/lib has what SWIG cannot say: named options, guards, overloads.
 *
 * SPDX-License-Identifier: MIT */

%{
#include "convert.h"

/* What SWIG says of a call itself is raised as the rest is. */
#undef SWIG_croak
#define SWIG_croak(words) mws_perl_usage(aTHX_ words)
%}

/* Lists of a well come as Perl's own, see mws_perl_new_objects. */
%ignore mws_objects;
%ignore mws_participants;
%ignore mws_object_info;
%ignore mws_participant_info;
%ignore mws_span;

/* ---- errors and signals */

%typemap(in, numinputs=0) mw_error *error (mw_error failure) {
  failure.status = MW_OK;
  $1 = &failure;
}
%typemap(argout) mw_error *error {
  if ($1->status != MW_OK) mws_perl_raise(aTHX_ $1);
}

%define MWS_WAITS(CALL)
%exception CALL {
  bool kept = false;
  do {
    $action
  } while (mws_perl_interrupted(aTHX_ arg2, ST(0), &kept));
}
%enddef

/* ---- objects */

/* Found last, when no other argument runs Perl any more, which could throw the object away. */
%define MWS_PERL_OBJECT(NOUN)
%typemap(in) mws_##NOUN * (SV *given, bool disowned) {
  given = $input;
  disowned = $disown;
}
%typemap(check) mws_##NOUN * {
  $1 = disowned$argnum ? mws_perl_disown(aTHX_ given$argnum, &mws_perl_##NOUN, "$symname")
                       : mws_perl_object(aTHX_ given$argnum, &mws_perl_##NOUN, "$symname", "$1_name");
  if (!$1) XSRETURN_EMPTY;
}
%typemap(out) mws_##NOUN * {
  $result = mws_perl_wrap(aTHX_ $1, &mws_perl_##NOUN, NULL);
  argvi++;
}
%enddef

/* What is in a well, or in a region, keeps that open: it is the first argument of the call that gives it. Other first arguments of
 * these calls are no references. */
%define MWS_PERL_MEMBER(NOUN, CALL)
%typemap(out) mws_##NOUN *CALL {
  $result = mws_perl_wrap(aTHX_ $1, &mws_perl_##NOUN, ST(0));
  argvi++;
}
%enddef

MWS_PERL_OBJECT(region)
MWS_PERL_OBJECT(view)
MWS_PERL_OBJECT(semaphore)
MWS_PERL_OBJECT(well)
MWS_PERL_OBJECT(mutex)
MWS_PERL_OBJECT(robust_semaphore)
MWS_PERL_OBJECT(event)

MWS_PERL_MEMBER(semaphore, )
MWS_PERL_MEMBER(mutex, mws_well::mutex)
MWS_PERL_MEMBER(robust_semaphore, mws_well::semaphore)
MWS_PERL_MEMBER(event, mws_well::event)
MWS_PERL_MEMBER(view, mws_well::array)
MWS_PERL_MEMBER(region, mws_well::region)

/* ---- in */

%typemap(in) uint64_t { $1 = mws_perl_unsigned(aTHX_ $input, "$symname", "$1_name"); }
%typemap(in) uint64_t i, uint64_t index { $1 = mws_perl_index(aTHX_ $input, "$symname", "index"); }
%typemap(in) mws_offset {
  SvGETMAGIC($input);
  $1 = SvOK($input) ? mws_perl_unsigned(aTHX_ $input, "$symname", "$1_name") : MWS_NOTHING;
}
%define MWS_PERL_INTEGER(TYPE, LEAST, MOST)
%typemap(in) TYPE { $1 = (TYPE)mws_perl_integer(aTHX_ $input, "$symname", "$1_name", LEAST, MOST); }
%enddef
MWS_PERL_INTEGER(int, INT_MIN, INT_MAX)
MWS_PERL_INTEGER(unsigned, 0, UINT_MAX)
MWS_PERL_INTEGER(int64_t, INT64_MIN, INT64_MAX)
/* A key of System V is 32 bits, with or without a sign. */
MWS_PERL_INTEGER(int32_t, INT32_MIN, UINT32_MAX)
%typemap(in) int fd, int socket { $1 = mws_perl_descriptor(aTHX_ $input, "$symname", "$1_name"); }
%typemap(in) bool { $1 = SvTRUE($input); }
%typemap(in) mw_deadline { $1 = mws_perl_deadline(aTHX_ $input, "$symname", "$1_name"); }
%typemap(in) mw_value { $1 = mws_perl_value(aTHX_ $input, "$symname", "$1_name"); }
%typemap(in) mws_numbers { $1 = mws_perl_numbers(aTHX_ $input, "$symname", "$1_name"); }
%typemap(in) mws_seals { $1 = mws_perl_seals(aTHX_ $input, "$symname", "$1_name"); }

%typemap(in) const char * { $1 = (char *)mws_perl_text(aTHX_ $input, "$symname", "$1_name"); }
%typemap(in) const char *OPTIONAL_TEXT {
  SvGETMAGIC($input);
  $1 = SvOK($input) ? (char *)mws_perl_text(aTHX_ $input, "$symname", "dtype") : NULL;
}
%typemap(freearg) const char *, const char *OPTIONAL_TEXT ""

/* Where the bytes are is asked last: what converts another argument may run Perl, which may move them. */
%typemap(in) (const void *data, size_t size) (SV *given) {
  given = mws_perl_check_bytes(aTHX_ $input, "$symname", "$1_name");
}
%typemap(check) (const void *data, size_t size) {
  $1 = (void *)mws_perl_bytes(aTHX_ given$argnum, "$symname", "$1_name", &$2);
}

%typemap(in) const mws_extents * (mws_extents given) {
  SvGETMAGIC($input);
  if (SvOK($input)) {
    given = mws_perl_extents(aTHX_ $input, "$symname", "$1_name");
    $1 = &given;
  }
}
%typemap(in) const mws_extents *indices (mws_extents given), const mws_extents *at (mws_extents given) {
  given = mws_perl_extents(aTHX_ $input, "$symname", "index");
  $1 = &given;
}
%typemap(in) const mws_options * (mws_options chosen) {
  chosen = mws_perl_options(aTHX_ $input, "$symname", "$1_name");
  $1 = &chosen;
}

/* ---- out */

%typemap(out) uint64_t { $result = sv_2mortal(newSVuv($1)); argvi++; }
%typemap(out) mws_offset { $result = $1 == MWS_NOTHING ? &PL_sv_undef : sv_2mortal(newSVuv($1)); argvi++; }
%typemap(out) int, int32_t, int64_t { $result = sv_2mortal(newSViv($1)); argvi++; }
%typemap(out) bool { $result = boolSV($1); argvi++; }
%typemap(out) const char * { $result = mws_perl_new_text(aTHX_ $1); argvi++; }
%typemap(out) mw_value { $result = mws_perl_new_value(aTHX_ $1); argvi++; }
%typemap(out) mws_extents { $result = mws_perl_new_extents(aTHX_ &$1); argvi++; }
%typemap(out) mws_seals { $result = mws_perl_new_seals(aTHX_ $1); argvi++; }
%typemap(out) mws_span { $result = mws_perl_new_span(aTHX_ &$1); argvi++; }
%typemap(out) mws_buffer { $result = mws_perl_buffer(aTHX_ &$1); argvi++; }
%typemap(out) mws_objects * { $result = mws_perl_new_objects(aTHX_ $1); argvi++; }
%typemap(out) mws_participants * { $result = mws_perl_new_participants(aTHX_ $1); argvi++; }
%typemap(out) mws_bytes {
  $result = newSVpvn_flags($1.data ? $1.data : "", $1.size, SVs_TEMP);
  mws_bytes_end(&$1, arg2);
  argvi++;
}
%typemap(out) mws_elements {
  $result = mws_perl_new_elements(aTHX_ &$1);
  mws_elements_end(&$1);
  argvi++;
}
